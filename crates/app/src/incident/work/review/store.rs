//! SQL about lessons.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use super::Lesson;
use crate::incident::model::{IncidentId, PartId};

const SELECT: &str = "SELECT l.id, l.kind, l.text, l.action, l.owner_id, p.name AS owner, l.due_at, l.state, l.result,
       l.created_at, l.created_by, l.ended_at, l.ended_by, l.version
  FROM lessons l LEFT JOIN people p ON p.id = l.owner_id";

pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Lesson>> {
    let select = Select::new(SELECT, [])
        .and("l.incident_id = ?", args![incident])
        .tail("ORDER BY l.created_at, l.id LIMIT 500", []);
    tx.select(select).await
}

pub async fn get(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<Lesson> {
    let select = Select::new(SELECT, []).and("l.id = ?", args![id]).and("l.incident_id = ?", args![incident]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

/// How many lessons there are that nobody gave up.
pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let found: Option<(i64,)> = tx
        .one(sql!("SELECT COUNT(*) FROM lessons WHERE incident_id = $1 AND state <> 'dropped'"), args![incident])
        .await?;
    Ok(found.map_or(0, |(found,)| found))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, lesson: &Lesson) -> Result<()> {
    let it = lesson;
    tx.run(
        sql!(
            "INSERT INTO lessons
                 (id, incident_id, kind, text, action, owner_id, due_at, state, result, created_at, created_by, ended_at,
                  ended_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.kind,
            &it.text,
            &it.action,
            &it.owner_id,
            it.due_at,
            it.state,
            it.created_at,
            &it.created_by,
        ],
    )
    .await?;
    Ok(())
}

/// Writes a lesson back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, lesson: &Lesson) -> Result<()> {
    let it = lesson;
    let changed = tx
        .run(
            sql!(
                "UPDATE lessons
                    SET text = $3, action = $4, owner_id = $5, due_at = $6, state = $7, result = $8, ended_at = $9,
                        ended_by = $10, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                &it.text,
                &it.action,
                &it.owner_id,
                it.due_at,
                it.state,
                &it.result,
                it.ended_at,
                &it.ended_by,
            ],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}
