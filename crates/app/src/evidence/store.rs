//! All SQL about evidence.

use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::model::{Evidence, EvidenceId, Facts, StoredFile, code};
use crate::actor::Actor;
use crate::incident::IncidentId;
use crate::journal::Entry;
use crate::permission::Permission;
use crate::search::{Indexed, Kind};
use crate::system::SystemId;

/// Every column of an item, and how it stands to its older and newer versions.
pub(super) const SELECT: &str =
    "SELECT e.id, e.incident_id, e.number, e.name, e.kind, e.sha256, e.size, e.media_type, e.description,
       e.source, e.system_id, s.name AS system_name, e.collected_at, e.collected_by, e.added_at, e.added_by, e.step,
       e.round, e.malicious, e.replaces,
       (SELECT o.number FROM evidence o WHERE o.id = e.replaces) AS replaces_number,
       (SELECT n.id FROM evidence n WHERE n.replaces = e.id ORDER BY n.number DESC LIMIT 1) AS replaced_by,
       (SELECT MAX(n.number) FROM evidence n WHERE n.replaces = e.id) AS replaced_by_number,
       e.void_reason, e.voided_at, e.voided_by, e.checked_at, e.check_ok, e.version, e.folder, e.taken_from,
       (SELECT o.number FROM evidence o WHERE o.id = e.taken_from) AS taken_from_number, f.md5, f.removed_at,
       (e.malicious OR EXISTS (SELECT 1 FROM evidence m WHERE m.sha256 = e.sha256 AND m.malicious = TRUE)) AS marked,
       e.custody, e.holder, e.holder_unit, e.seal, e.acts, e.offered_unit_id, e.offered_person_id, e.offered_at,
       e.hold_reason, e.hold_by, e.hold_at, e.disposal_reason, e.disposal_by, e.disposal_account, e.disposal_at
  FROM evidence e LEFT JOIN systems s ON s.id = e.system_id LEFT JOIN files f ON f.id = e.sha256";

/// Whether a permission holds within an incident that the actor was found to see: everywhere, in a unit that plays a
/// part, or for someone drawn in by name.
pub async fn may(tx: &mut Tx, actor: &Actor, permission: Permission, incident: &IncidentId) -> Result<bool> {
    let scope = actor.scope(permission);
    if scope.everywhere || scope.is_empty() {
        return Ok(scope.everywhere);
    }
    let playing = Select::new("SELECT id FROM incident_units", [])
        .and("incident_id = ?", args![incident])
        .and_in("unit_id", scope.units.iter().map(Arg::from))
        .tail("ORDER BY id LIMIT 1", []);
    let playing: Vec<(String,)> = tx.select(playing).await?;
    if !playing.is_empty() {
        return Ok(true);
    }
    let named: Option<(String,)> = tx
        .one(
            sql!("SELECT id FROM incident_people WHERE incident_id = $1 AND person_id = $2"),
            args![incident, &actor.person_id],
        )
        .await?;
    Ok(named.is_some())
}

/// Which items to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kind: String,
    /// Only items with a smaller number.
    pub before: Option<i64>,
}

/// The latest items first.
pub async fn list(tx: &mut Tx, incident: &IncidentId, filter: &Filter, limit: i64) -> Result<Vec<Evidence>> {
    let mut select = Select::new(SELECT, []).and("e.incident_id = ?", args![incident]);
    if !filter.kind.is_empty() {
        select = select.and("e.kind = ?", args![&filter.kind]);
    }
    if let Some(before) = filter.before {
        select = select.and("e.number < ?", args![before]);
    }
    tx.select(select.tail("ORDER BY e.number DESC, e.id LIMIT ?", args![limit])).await
}

/// Items of this step first, the latest on top.
pub async fn list_for_step(tx: &mut Tx, incident: &IncidentId, step: &str, limit: i64) -> Result<Vec<Evidence>> {
    let select = Select::new(SELECT, [])
        .and("e.incident_id = ?", args![incident])
        .tail("ORDER BY CASE WHEN e.step = ? THEN 0 ELSE 1 END, e.number DESC, e.id LIMIT ?", args![step, limit]);
    tx.select(select).await
}

/// An item of this incident; one of another does not exist here.
pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &EvidenceId) -> Result<Option<Evidence>> {
    let select = Select::new(SELECT, []).and("e.incident_id = ?", args![incident]).and("e.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

/// Whether these bytes are marked as malicious, wherever they were entered: what is a sample here is one there.
pub async fn is_marked(tx: &mut Tx, sha256: &str) -> Result<bool> {
    let found: Option<(EvidenceId,)> = tx
        .one(sql!("SELECT id FROM evidence WHERE sha256 = $1 AND malicious = TRUE ORDER BY id LIMIT 1"), args![sha256])
        .await?;
    Ok(found.is_some())
}

/// How many items count.
pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(sql!("SELECT COUNT(*) FROM evidence WHERE incident_id = $1 AND void_reason = ''"), args![incident])
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// The number of the last item; 0 when there is none. Taken behind the incident's claim, so that no two get the same.
pub async fn last_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let last: Option<(i64,)> = tx
        .one(
            sql!("SELECT number FROM evidence WHERE incident_id = $1 ORDER BY number DESC, id LIMIT 1"),
            args![incident],
        )
        .await?;
    Ok(last.map_or(0, |(number,)| number))
}

/// The present round of a step.
pub async fn round_of(tx: &mut Tx, incident: &IncidentId, step: &str) -> Result<i64> {
    let round: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT round FROM incident_steps WHERE incident_id = $1 AND step = $2 ORDER BY round DESC, id LIMIT 1"
            ),
            args![incident, step],
        )
        .await?;
    Ok(round.map_or(1, |(round,)| round))
}

/// Systems of the incident: id and name.
pub async fn list_systems(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(SystemId, String)>> {
    tx.all(
        sql!(
            "SELECT s.id, s.name FROM incident_systems x JOIN systems s ON s.id = x.system_id
              WHERE x.incident_id = $1 ORDER BY s.name, s.id LIMIT 200"
        ),
        args![incident],
    )
    .await
}

/// Notes files that lie in the store. In the order of their names, so that two units of work that bring the same files
/// cannot wait for each other. A file that is known already stays as it is, but for one that was destroyed: its bytes are
/// here again.
pub async fn insert_files(tx: &mut Tx, files: &[StoredFile], now: Time) -> Result<()> {
    let mut sorted: Vec<&StoredFile> = files.iter().collect();
    sorted.sort_by(|a, b| a.sha256.cmp(&b.sha256));
    sorted.dedup_by(|a, b| a.sha256 == b.sha256);
    if sorted.is_empty() {
        return Ok(());
    }
    let rows = sorted.iter().map(|file| args![&file.sha256, file.size, &file.media_type, now, &file.md5]);
    let insert = Select::new("INSERT INTO files (id, size, media_type, stored_at, md5) VALUES", [])
        .rows(rows)
        .tail("ON CONFLICT (id) DO UPDATE SET md5 = COALESCE(files.md5, excluded.md5), removed_at = NULL", []);
    tx.run_built("files", insert).await?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, items: &[Evidence]) -> Result<()> {
    let rows = items.iter().map(|it| {
        args![
            &it.id,
            &it.incident_id,
            it.number,
            &it.name,
            &it.kind,
            &it.sha256,
            it.size,
            &it.media_type,
            &it.description,
            &it.source,
            &it.system_id,
            it.collected_at,
            &it.collected_by,
            it.added_at,
            &it.added_by,
            &it.step,
            it.round,
            it.malicious,
            &it.replaces,
            &it.void_reason,
            it.voided_at,
            &it.voided_by,
            it.checked_at,
            it.check_ok,
            it.version,
            &it.folder,
            &it.taken_from,
            it.kept.custody,
            &it.kept.holder,
            &it.kept.holder_unit,
            it.kept.acts,
        ]
    });
    let insert = Select::new(
        "INSERT INTO evidence
             (id, incident_id, number, name, kind, sha256, size, media_type, description, source, system_id, collected_at,
              collected_by, added_at, added_by, step, round, malicious, replaces, void_reason, voided_at, voided_by,
              checked_at, check_ok, version, folder, taken_from, custody, holder, holder_unit, acts) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("evidence", insert).await?;
    Ok(())
}

/// Corrects what is known about an item, unless someone did since `version` was read. Says whether it was changed.
pub async fn save_facts(tx: &mut Tx, id: &EvidenceId, version: i64, facts: &Facts) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE evidence
                    SET kind = $3, description = $4, source = $5, system_id = $6, collected_at = $7, collected_by = $8,
                        malicious = $9, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                id,
                version,
                &facts.kind,
                &facts.description,
                &facts.source,
                &facts.system_id,
                facts.collected_at,
                &facts.collected_by,
                facts.malicious,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Declares an item void, unless someone changed it since `version` was read.
pub async fn save_void(tx: &mut Tx, id: &EvidenceId, version: i64, reason: &str, by: &str, now: Time) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE evidence SET void_reason = $3, voided_at = $4, voided_by = $5, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![id, version, reason, now, by],
        )
        .await?;
    Ok(changed > 0)
}

/// Items whose file nobody has read since `before`, the longest unread first.
pub async fn list_unread(tx: &mut Tx, before: Time, limit: i64) -> Result<Vec<Evidence>> {
    let select = Select::new(SELECT, [])
        .and("COALESCE(e.checked_at, e.added_at) < ?", args![before])
        .and("e.sha256 IS NOT NULL", [])
        .and("e.custody <> 'destroyed'", [])
        .tail("ORDER BY COALESCE(e.checked_at, e.added_at), e.id LIMIT ?", args![limit]);
    tx.select(select).await
}

/// Items of the incident with one of these files: file, number, item.
pub async fn list_by_file(
    tx: &mut Tx,
    incident: &IncidentId,
    files: &[String],
) -> Result<Vec<(String, i64, EvidenceId)>> {
    let select = Select::new("SELECT sha256, number, id FROM evidence", [])
        .and("incident_id = ?", args![incident])
        .and_in("sha256", files.iter().map(Arg::from))
        .tail("ORDER BY number, id LIMIT 200", []);
    tx.select(select).await
}

/// Whether some file of the incident is not what it was when it came in.
pub async fn any_altered(tx: &mut Tx, incident: &IncidentId) -> Result<bool> {
    let found: Option<(EvidenceId,)> = tx
        .one(
            sql!(
                "SELECT id FROM evidence
                  WHERE incident_id = $1 AND check_ok = FALSE AND custody <> 'destroyed' ORDER BY id LIMIT 1"
            ),
            args![incident],
        )
        .await?;
    Ok(found.is_some())
}

/// What the journal says about an item, newest first. Looks through the incident's own stream only.
pub async fn list_history(tx: &mut Tx, stream: &str, id: &EvidenceId) -> Result<Vec<Entry>> {
    tx.all(
        sql!(
            "SELECT id, stream, seq, at, actor_id, actor_name, act, what_vi, what_en, rows_json, previous, hash
               FROM journal_entries
              WHERE stream = $1 AND rows_json LIKE '%' || $2 || '%'
              ORDER BY seq DESC
              LIMIT 100"
        ),
        args![stream, id],
    )
    .await
}

#[derive(sqlx::FromRow)]
struct Found {
    id: EvidenceId,
    incident_id: IncidentId,
    incident_code: String,
    number: i64,
    name: String,
    description: String,
    source: String,
    sha256: Option<String>,
}

/// How items read in the search index.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let select = Select::new(
            "SELECT e.id, e.incident_id, i.code AS incident_code, e.number, e.name, e.description, e.source, e.sha256
               FROM evidence e JOIN incidents i ON i.id = e.incident_id",
            [],
        )
        .and_in("e.id", ids.iter().map(Arg::from));
        let found: Vec<Found> = tx.select(select).await?;
        Ok(found.into_iter().map(indexed).collect())
    })
}

fn indexed(it: Found) -> Indexed {
    Indexed {
        title: format!("{} {}", code(it.number), it.name),
        detail: it.incident_code.clone(),
        url: format!("/incidents/{}/evidence/{}", it.incident_id, it.id),
        scope_id: it.incident_id.to_string(),
        words: [it.description, it.source, it.sha256.unwrap_or_default(), it.incident_code].join(" "),
        row_id: it.id.to_string(),
        kind: Kind::Evidence,
    }
}
