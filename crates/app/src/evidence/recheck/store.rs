//! All SQL about reading files of evidence again.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Check, CheckId};
use crate::evidence::model::EvidenceId;

pub async fn insert(tx: &mut Tx, id: &CheckId, item: &EvidenceId, check: &Check) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO evidence_checks (id, evidence_id, checked_at, checked_by, sha256, ok)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        args![id, item, check.checked_at, &check.checked_by, &check.sha256, check.ok],
    )
    .await?;
    Ok(())
}

/// Notes the result beside the item. Leaves the version: nobody's correction is in the way of it.
pub async fn save_result(tx: &mut Tx, id: &EvidenceId, ok: bool, now: Time) -> Result<()> {
    tx.run(sql!("UPDATE evidence SET checked_at = $2, check_ok = $3 WHERE id = $1"), args![id, now, ok]).await?;
    Ok(())
}

/// Gives a file its second hash, unless it has one. Says whether it was changed.
pub async fn save_md5(tx: &mut Tx, sha256: &str, md5: &str) -> Result<bool> {
    let changed = tx.run(sql!("UPDATE files SET md5 = $2 WHERE id = $1 AND md5 IS NULL"), args![sha256, md5]).await?;
    Ok(changed > 0)
}

/// The latest checks of an item, newest first.
pub async fn list(tx: &mut Tx, item: &EvidenceId, limit: i64) -> Result<Vec<Check>> {
    tx.all(
        sql!(
            "SELECT checked_at, checked_by, sha256, ok FROM evidence_checks
              WHERE evidence_id = $1 ORDER BY checked_at DESC, id DESC LIMIT $2"
        ),
        args![item, limit],
    )
    .await
}
