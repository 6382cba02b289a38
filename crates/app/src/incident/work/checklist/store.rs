//! SQL about first actions.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use super::Item;
use crate::incident::model::{IncidentId, PartId};

const SELECT: &str = "SELECT id, position, text, text_en, obligatory, state, note, ended_at, ended_by, version
  FROM checklist_items";

pub async fn list(tx: &mut Tx, incident: &IncidentId, step: &str) -> Result<Vec<Item>> {
    let select = Select::new(SELECT, [])
        .and("incident_id = ?", args![incident])
        .and("step = ?", args![step])
        .tail("ORDER BY round, position, id LIMIT 500", []);
    tx.select(select).await
}

pub async fn get(tx: &mut Tx, incident: &IncidentId, step: &str, id: &PartId) -> Result<Item> {
    let select = Select::new(SELECT, [])
        .and("id = ?", args![id])
        .and("incident_id = ?", args![incident])
        .and("step = ?", args![step]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

/// How many obligatory first actions are still to do.
pub async fn count_left(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let left: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM checklist_items
                  WHERE incident_id = $1 AND state = 'open' AND obligatory = TRUE"
            ),
            args![incident],
        )
        .await?;
    Ok(left.map_or(0, |(left,)| left))
}

/// Adds first actions in one go.
pub async fn insert(tx: &mut Tx, incident: &IncidentId, step: &str, items: &[Item]) -> Result<()> {
    let rows = items.iter().map(|item| {
        args![
            &item.id,
            incident,
            step,
            1_i64,
            item.position,
            &item.text,
            &item.text_en,
            item.obligatory,
            item.state,
            "",
            "",
            1_i64,
        ]
    });
    let insert = Select::new(
        "INSERT INTO checklist_items
             (id, incident_id, step, round, position, text, text_en, obligatory, state, note, ended_by, version) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("checklist_items", insert).await?;
    Ok(())
}

/// Writes a first action back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, item: &Item) -> Result<()> {
    let changed = tx
        .run(
            sql!(
                "UPDATE checklist_items
                    SET state = $3, note = $4, ended_at = $5, ended_by = $6, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![&item.id, item.version, item.state, &item.note, item.ended_at, &item.ended_by],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}
