//! SQL about tasks.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use super::Task;
use crate::incident::model::{IncidentId, PartId};

const SELECT: &str = "SELECT t.id, t.step, t.title, t.detail, t.assignee_id, p.name AS assignee, t.due_at, t.state,
       t.result, t.created_at, t.created_by, t.ended_at, t.ended_by, t.version
  FROM incident_tasks t LEFT JOIN people p ON p.id = t.assignee_id";

/// The tasks of a step, open ones first. Bounded: a step has some dozen.
pub async fn list(tx: &mut Tx, incident: &IncidentId, step: &str) -> Result<Vec<Task>> {
    let select = Select::new(SELECT, [])
        .and("t.incident_id = ?", args![incident])
        .and("t.step = ?", args![step])
        .tail("ORDER BY t.state DESC, t.created_at, t.id LIMIT 500", []);
    tx.select(select).await
}

pub async fn get(tx: &mut Tx, incident: &IncidentId, step: &str, id: &PartId) -> Result<Task> {
    let select = Select::new(SELECT, [])
        .and("t.id = ?", args![id])
        .and("t.incident_id = ?", args![incident])
        .and("t.step = ?", args![step]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, task: &Task) -> Result<()> {
    let it = task;
    tx.run(
        sql!(
            "INSERT INTO incident_tasks
                 (id, incident_id, step, title, detail, assignee_id, due_at, state, result, created_at, created_by,
                  ended_at, ended_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            &it.step,
            &it.title,
            &it.detail,
            &it.assignee_id,
            it.due_at,
            it.state,
            it.created_at,
            &it.created_by,
        ],
    )
    .await?;
    Ok(())
}

/// Writes a task back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, task: &Task) -> Result<()> {
    let it = task;
    let changed = tx
        .run(
            sql!(
                "UPDATE incident_tasks
                    SET title = $3, detail = $4, assignee_id = $5, due_at = $6, state = $7, result = $8, ended_at = $9,
                        ended_by = $10, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                &it.title,
                &it.detail,
                &it.assignee_id,
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
