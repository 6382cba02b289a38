//! All SQL about keeping and destroying evidence.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::actor::Scope;
use crate::evidence::model::EvidenceId;
use crate::incident::IncidentId;

/// Lays a hold on an item, or lifts it with an empty reason. Leaves the version.
pub async fn save_hold(tx: &mut Tx, id: &EvidenceId, reason: &str, by: &str, at: Option<Time>) -> Result<()> {
    tx.run(
        sql!("UPDATE evidence SET hold_reason = $2, hold_by = $3, hold_at = $4 WHERE id = $1"),
        args![id, reason, by, at],
    )
    .await?;
    Ok(())
}

/// Notes the first word for destroying an item, or takes it away. Leaves the version.
pub async fn save_proposal(
    tx: &mut Tx,
    id: &EvidenceId,
    reason: &str,
    by: &str,
    account: &str,
    at: Option<Time>,
) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE evidence
                SET disposal_reason = $2, disposal_by = $3, disposal_account = $4, disposal_at = $5
              WHERE id = $1"
        ),
        args![id, reason, by, account, at],
    )
    .await?;
    Ok(())
}

/// Notes that the bytes of a file are gone by an act.
pub async fn save_removed(tx: &mut Tx, sha256: &str, now: Time) -> Result<()> {
    tx.run(sql!("UPDATE files SET removed_at = $2 WHERE id = $1"), args![sha256, now]).await?;
    Ok(())
}

/// Whether some row still needs these bytes: another item that was not destroyed, a file of an alert, a picture of an act,
/// an issued document, a file that waits to be described, an archive of rules.
pub async fn is_named(tx: &mut Tx, sha256: &str) -> Result<bool> {
    let found: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT (SELECT COUNT(*) FROM evidence WHERE sha256 = $1 AND custody <> 'destroyed')
                      + (SELECT COUNT(*) FROM alert_files WHERE file_id = $1)
                      + (SELECT COUNT(*) FROM custody_photos WHERE file_id = $1)
                      + (SELECT COUNT(*) FROM reports WHERE pdf = $1 OR docx = $1 OR signed = $1)
                      + (SELECT COUNT(*) FROM outward_copies WHERE file_id = $1)
                      + (SELECT COUNT(*) FROM uploads WHERE sha256 = $1)
                      + (SELECT COUNT(*) FROM rule_set_versions WHERE file_id = $1)"
            ),
            args![sha256],
        )
        .await?;
    Ok(found.is_some_and(|(rows,)| rows > 0))
}

/// An item that was kept long enough, or waits for the second word.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema, sqlx::FromRow)]
pub struct Due {
    pub id: EvidenceId,
    pub incident_id: IncidentId,
    pub incident_code: String,
    pub incident_title: String,
    pub closed_at: Option<Time>,
    pub number: i64,
    pub name: String,
    pub kind: String,
    /// In bytes; none for a thing.
    pub size: Option<i64>,
    pub holder: String,
    pub holder_unit: String,
    pub hold_reason: String,
    pub disposal_by: String,
    pub disposal_at: Option<Time>,
}

const DUE: &str =
    "SELECT e.id, e.incident_id, i.code AS incident_code, i.title AS incident_title, i.closed_at, e.number, e.name,
       e.kind, e.size, e.holder, e.holder_unit, e.hold_reason, e.disposal_by, e.disposal_at
  FROM evidence e JOIN incidents i ON i.id = e.incident_id";

/// Items of closed incidents whose time is over: each kind with the moment by which its incident must have been
/// closed. In the order of their identifiers, behind `after`.
pub async fn list_due(
    tx: &mut Tx,
    scope: &Scope,
    kinds: &[(String, Time)],
    after: &str,
    limit: i64,
) -> Result<Vec<Due>> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = within(Select::new(DUE, []), scope)
        .and("i.state = 'closed'", [])
        .and("e.void_reason = ''", [])
        .and("e.custody IN ('none', 'held', 'pending')", [])
        .and("e.id > ?", args![after])
        .tail("AND (1 = 0", []);
    for (kind, before) in kinds {
        select = select.tail("OR (e.kind = ? AND i.closed_at <= ?)", args![kind, *before]);
    }
    tx.select(select.tail(") ORDER BY e.id LIMIT ?", args![limit])).await
}

/// Items that were proposed by somebody else and wait for the second word, the longest waiting first.
pub async fn list_proposed(tx: &mut Tx, scope: &Scope, but: &str, limit: i64) -> Result<Vec<Due>> {
    let select = within(Select::new(DUE, []), scope)
        .and("e.disposal_at IS NOT NULL", [])
        .and("e.custody <> 'destroyed'", [])
        .and("e.disposal_account <> ?", args![but])
        .tail("ORDER BY e.disposal_at, e.id LIMIT ?", args![limit]);
    tx.select(select).await
}

/// Only incidents in which one of these units plays a part.
fn within(select: Select, scope: &Scope) -> Select {
    if scope.everywhere {
        return select;
    }
    select.and_in_group(
        "EXISTS (SELECT 1 FROM incident_units x WHERE x.incident_id = e.incident_id AND x.unit_id",
        [],
        scope.units.iter().map(Arg::from),
        ")",
    )
}
