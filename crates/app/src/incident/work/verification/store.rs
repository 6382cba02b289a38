//! SQL about checks and verdicts.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use super::{Check, Verdict};
use crate::incident::model::{IncidentId, PartId};

const SELECT: &str = "SELECT id, round, position, text, text_en, result, note, checked_at, checked_by, version
  FROM verification_checks";

/// The checks of every round; rounds are work of days, so there are few.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Check>> {
    let select = Select::new(SELECT, [])
        .and("incident_id = ?", args![incident])
        .tail("ORDER BY round, position, id LIMIT 2000", []);
    tx.select(select).await
}

pub async fn get(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<Check> {
    let select = Select::new(SELECT, []).and("id = ?", args![id]).and("incident_id = ?", args![incident]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, check: &Check) -> Result<()> {
    let it = check;
    tx.run(
        sql!(
            "INSERT INTO verification_checks
                 (id, incident_id, round, position, text, text_en, result, note, checked_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', 1)"
        ),
        args![&it.id, incident, it.round, it.position, &it.text, &it.text_en, it.result],
    )
    .await?;
    Ok(())
}

/// Writes a check back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, check: &Check) -> Result<()> {
    let it = check;
    let changed = tx
        .run(
            sql!(
                "UPDATE verification_checks
                    SET result = $3, note = $4, checked_at = $5, checked_by = $6, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![&it.id, it.version, it.result, &it.note, it.checked_at, &it.checked_by],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}

pub async fn list_verdicts(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Verdict>> {
    tx.all(
        sql!(
            "SELECT id, round, stable, note, given_at, given_by
               FROM verdicts
              WHERE incident_id = $1
              ORDER BY round, id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

/// A verdict on a round takes the place of an earlier one on the same round. Gives back its id.
pub async fn put_verdict(tx: &mut Tx, incident: &IncidentId, verdict: &Verdict) -> Result<PartId> {
    let it = verdict;
    let stored: Option<(PartId,)> = tx
        .run_returning(
            sql!(
                "INSERT INTO verdicts (id, incident_id, round, stable, note, given_at, given_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (incident_id, round)
                 DO UPDATE SET stable = excluded.stable, note = excluded.note, given_at = excluded.given_at,
                               given_by = excluded.given_by
                 RETURNING id"
            ),
            args![&it.id, incident, it.round, it.stable, &it.note, it.given_at, &it.given_by],
        )
        .await?;
    stored.map(|(id,)| id).ok_or_else(|| anyhow::anyhow!("a verdict is always returned").into())
}

pub async fn count_stable(tx: &mut Tx, incident: &IncidentId, round: i64) -> Result<i64> {
    let found: Option<(i64,)> = tx
        .one(
            sql!("SELECT COUNT(*) FROM verdicts WHERE incident_id = $1 AND round = $2 AND stable = TRUE"),
            args![incident, round],
        )
        .await?;
    Ok(found.map_or(0, |(found,)| found))
}
