//! SQL about measures.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Measure, MeasureKind};
use crate::incident::model::{IncidentId, PartId};

const SELECT: &str =
    "SELECT m.id, m.kind, m.round, m.title, m.detail, m.system_id, s.name AS system, m.state, m.result,
       m.remove_by, m.created_at, m.created_by, m.done_at, m.done_by, m.removed_at, m.removed_by, m.removed_note,
       m.version
  FROM measures m LEFT JOIN systems s ON s.id = m.system_id";

/// The measures of one kind in every round, in the order they were entered.
pub async fn list(tx: &mut Tx, incident: &IncidentId, kind: MeasureKind) -> Result<Vec<Measure>> {
    let select = Select::new(SELECT, [])
        .and("m.incident_id = ?", args![incident])
        .and("m.kind = ?", args![kind])
        .tail("ORDER BY m.round, m.created_at, m.id LIMIT 500", []);
    tx.select(select).await
}

pub async fn list_all(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Measure>> {
    let select = Select::new(SELECT, [])
        .and("m.incident_id = ?", args![incident])
        .tail("ORDER BY m.round, m.created_at, m.id LIMIT 2000", []);
    tx.select(select).await
}

pub async fn get(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<Measure> {
    let select = Select::new(SELECT, []).and("m.id = ?", args![id]).and("m.incident_id = ?", args![incident]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

pub async fn count_done(tx: &mut Tx, incident: &IncidentId, kind: MeasureKind, round: i64) -> Result<i64> {
    let done: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM measures
                  WHERE incident_id = $1 AND kind = $2 AND round = $3 AND state IN ('done', 'removed')"
            ),
            args![incident, kind, round],
        )
        .await?;
    Ok(done.map_or(0, |(done,)| done))
}

/// Of each kind: how many were done, when the first and when the last.
pub async fn list_spans(
    tx: &mut Tx,
    incident: &IncidentId,
) -> Result<Vec<(MeasureKind, i64, Option<Time>, Option<Time>)>> {
    tx.all(
        sql!(
            "SELECT kind, COUNT(*), MIN(done_at), MAX(done_at)
               FROM measures
              WHERE incident_id = $1 AND state IN ('done', 'removed')
              GROUP BY kind
              ORDER BY kind"
        ),
        args![incident],
    )
    .await
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, measure: &Measure) -> Result<()> {
    let it = measure;
    tx.run(
        sql!(
            "INSERT INTO measures
                 (id, incident_id, kind, round, title, detail, system_id, state, result, remove_by, created_at,
                  created_by, done_at, done_by, removed_at, removed_by, removed_note, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, '', '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.kind,
            it.round,
            &it.title,
            &it.detail,
            &it.system_id,
            it.state,
            &it.result,
            it.remove_by,
            it.created_at,
            &it.created_by,
            it.done_at,
            &it.done_by,
        ],
    )
    .await?;
    Ok(())
}

/// Writes a measure back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, measure: &Measure) -> Result<()> {
    let it = measure;
    let changed = tx
        .run(
            sql!(
                "UPDATE measures
                    SET title = $3, detail = $4, system_id = $5, state = $6, result = $7, remove_by = $8, done_at = $9,
                        done_by = $10, removed_at = $11, removed_by = $12, removed_note = $13, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                &it.title,
                &it.detail,
                &it.system_id,
                it.state,
                &it.result,
                it.remove_by,
                it.done_at,
                &it.done_by,
                it.removed_at,
                &it.removed_by,
                &it.removed_note,
            ],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}
