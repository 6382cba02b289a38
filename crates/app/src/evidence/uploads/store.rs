//! All SQL about files that come in pieces.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Coming, UploadId};
use crate::auth::AccountId;
use crate::incident::IncidentId;

const SELECT: &str = "SELECT id, incident_id, account_id, name, folder, media_type, size, announced, stamp, started_at,
       touched_at, sha256, md5
  FROM uploads";

pub async fn insert(tx: &mut Tx, it: &Coming) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO uploads (id, incident_id, account_id, name, folder, media_type, size, announced, stamp,
                                  started_at, touched_at, sha256, md5)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        args![
            &it.id,
            &it.incident_id,
            &it.account_id,
            &it.name,
            &it.folder,
            &it.media_type,
            it.size,
            &it.announced,
            &it.stamp,
            it.started_at,
            it.touched_at,
            &it.sha256,
            &it.md5,
        ],
    )
    .await?;
    Ok(())
}

/// A file of this account and incident; one of somebody else does not exist.
pub async fn find(tx: &mut Tx, account: &AccountId, incident: &IncidentId, id: &UploadId) -> Result<Option<Coming>> {
    Ok(list_by_id(tx, account, incident, std::slice::from_ref(id)).await?.pop())
}

/// Those of these files that are the account's, in this incident.
pub async fn list_by_id(
    tx: &mut Tx,
    account: &AccountId,
    incident: &IncidentId,
    ids: &[UploadId],
) -> Result<Vec<Coming>> {
    let select = Select::new(SELECT, [])
        .and("account_id = ?", args![account])
        .and("incident_id = ?", args![incident])
        .and_in("id", ids.iter().map(Arg::from))
        .tail("ORDER BY id", []);
    tx.select(select).await
}

/// The account's files in this incident, the latest first.
pub async fn list(tx: &mut Tx, account: &AccountId, incident: &IncidentId, limit: i64) -> Result<Vec<Coming>> {
    let select = Select::new(SELECT, [])
        .and("account_id = ?", args![account])
        .and("incident_id = ?", args![incident])
        .tail("ORDER BY id DESC LIMIT ?", args![limit]);
    tx.select(select).await
}

/// How many files are on their way and how many bytes they announce: of one account, or of everyone. Bounded by what may
/// be on its way at all.
pub async fn count(tx: &mut Tx, account: Option<&AccountId>) -> Result<(i64, i64)> {
    let mut select = Select::new("SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM uploads", []);
    if let Some(account) = account {
        select = select.and("account_id = ?", args![account]);
    }
    Ok(tx.select(select).await?.pop().unwrap_or_default())
}

/// Notes that a piece came.
pub async fn touch(tx: &mut Tx, id: &UploadId, now: Time) -> Result<()> {
    tx.run(sql!("UPDATE uploads SET touched_at = $2 WHERE id = $1"), args![id, now]).await?;
    Ok(())
}

/// Notes that it has come whole, and under which hashes it lies in the store.
pub async fn save_hashes(tx: &mut Tx, id: &UploadId, sha256: &str, md5: &str, now: Time) -> Result<()> {
    tx.run(
        sql!("UPDATE uploads SET sha256 = $2, md5 = $3, touched_at = $4 WHERE id = $1"),
        args![id, sha256, md5, now],
    )
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, ids: &[UploadId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let delete = Select::new("DELETE FROM uploads", []).and_in("id", ids.iter().map(Arg::from));
    tx.run_built("uploads", delete).await?;
    Ok(())
}

/// Files that nobody has gone on with since `before`.
pub async fn list_idle(tx: &mut Tx, before: Time) -> Result<Vec<Coming>> {
    let select =
        Select::new(SELECT, []).and("touched_at < ?", args![before]).tail("ORDER BY touched_at, id LIMIT 1000", []);
    tx.select(select).await
}

/// Those of these identifiers that have a row.
pub async fn list_known(tx: &mut Tx, ids: &[String]) -> Result<Vec<String>> {
    let ids = ids.iter().take(1000).map(Arg::from);
    let known: Vec<(String,)> = tx.select(Select::new("SELECT id FROM uploads", []).and_in("id", ids)).await?;
    Ok(known.into_iter().map(|(id,)| id).collect())
}

/// Whether a file that has come whole, but was not described yet, lies under this fingerprint.
pub async fn names(tx: &mut Tx, sha256: &str) -> Result<bool> {
    let found: Option<(UploadId,)> =
        tx.one(sql!("SELECT id FROM uploads WHERE sha256 = $1 ORDER BY id LIMIT 1"), args![sha256]).await?;
    Ok(found.is_some())
}
