//! What the overview reads beside the incident itself: its measures and open tasks.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::super::model::IncidentId;

/// A measure that was taken.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Taken {
    pub title: String,
    pub result: String,
    pub done_at: Option<Time>,
    pub done_by: String,
}

/// The latest fifty measures taken, in the order they were taken.
pub async fn measures_taken(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Taken>> {
    let mut taken: Vec<Taken> = tx
        .all(
            sql!(
                "SELECT title, result, done_at, done_by
                   FROM measures
                  WHERE incident_id = $1 AND state IN ('done', 'removed') AND done_at IS NOT NULL
                  ORDER BY done_at DESC, id DESC
                  LIMIT 50"
            ),
            args![incident],
        )
        .await?;
    taken.reverse();
    Ok(taken)
}

/// How many open tasks each step has.
pub async fn open_tasks(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT step, COUNT(*)
               FROM incident_tasks
              WHERE incident_id = $1 AND state = 'open'
              GROUP BY step
              ORDER BY step
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}
