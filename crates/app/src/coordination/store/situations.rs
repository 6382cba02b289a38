//! Situation reports, their rhythm, and the facts they are written from.

use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::brief;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Numbers, Rhythm, Situation, SituationId};
use crate::incident::IncidentId;
use crate::incident::model::StepRow;
use crate::search::{Indexed, Kind};

/// How much of a report's words a hit shows, in characters.
const TITLE: usize = 80;

/// The latest reports, newest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Situation>> {
    tx.all(
        sql!(
            "SELECT id, number, state, tlp, assessment, outlook, needs, facts, sha256, written_at, written_by,
                    published_at, published_by, version
               FROM situation_reports WHERE incident_id = $1 ORDER BY number DESC, id LIMIT 100"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &SituationId) -> Result<Option<Situation>> {
    tx.one(
        sql!(
            "SELECT id, number, state, tlp, assessment, outlook, needs, facts, sha256, written_at, written_by,
                    published_at, published_by, version
               FROM situation_reports WHERE incident_id = $1 AND id = $2"
        ),
        args![incident, id],
    )
    .await
}

/// The report that is being written.
pub async fn find_draft(tx: &mut Tx, incident: &IncidentId) -> Result<Option<Situation>> {
    tx.one(
        sql!(
            "SELECT id, number, state, tlp, assessment, outlook, needs, facts, sha256, written_at, written_by,
                    published_at, published_by, version
               FROM situation_reports WHERE incident_id = $1 AND state = 'draft'"
        ),
        args![incident],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM situation_reports WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

/// When the latest report was published.
pub async fn last_published(tx: &mut Tx, incident: &IncidentId) -> Result<Option<Time>> {
    let last: Option<(Time,)> = tx
        .one(
            sql!(
                "SELECT published_at FROM situation_reports
                  WHERE incident_id = $1 AND state = 'published' ORDER BY number DESC, id LIMIT 1"
            ),
            args![incident],
        )
        .await?;
    Ok(last.map(|(at,)| at))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, situation: &Situation) -> Result<()> {
    let it = situation;
    tx.run(
        sql!(
            "INSERT INTO situation_reports
                 (id, incident_id, number, state, tlp, assessment, outlook, needs, facts, sha256, written_at, written_by,
                  published_at, published_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', $9, $10, NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            it.state,
            &it.tlp,
            &it.assessment,
            &it.outlook,
            &it.needs,
            it.written_at,
            &it.written_by,
        ],
    )
    .await?;
    Ok(())
}

/// Writes a draft back, or publishes it; what is published is never written again.
pub async fn save(tx: &mut Tx, situation: &Situation) -> Result<u64> {
    let it = situation;
    tx.run(
        sql!(
            "UPDATE situation_reports
                SET state = $3, tlp = $4, assessment = $5, outlook = $6, needs = $7, facts = $8, sha256 = $9,
                    written_at = $10, written_by = $11, published_at = $12, published_by = $13, version = version + 1
              WHERE id = $1 AND version = $2 AND state = 'draft'"
        ),
        args![
            &it.id,
            it.version,
            it.state,
            &it.tlp,
            &it.assessment,
            &it.outlook,
            &it.needs,
            &it.facts,
            &it.sha256,
            it.written_at,
            &it.written_by,
            it.published_at,
            &it.published_by,
        ],
    )
    .await
}

/// The limit that a report had which is being published.
pub async fn save_due(tx: &mut Tx, id: &SituationId, due: Option<Time>) -> Result<()> {
    tx.run(sql!("UPDATE situation_reports SET due_at = $2 WHERE id = $1"), args![id, due]).await?;
    Ok(())
}

pub async fn find_rhythm(tx: &mut Tx, incident: &IncidentId) -> Result<Option<Rhythm>> {
    tx.one(
        sql!("SELECT id, every_minutes, due_at, set_at, set_by, version FROM situation_rhythms WHERE incident_id = $1"),
        args![incident],
    )
    .await
}

pub async fn insert_rhythm(tx: &mut Tx, incident: &IncidentId, rhythm: &Rhythm) -> Result<()> {
    let it = rhythm;
    tx.run(
        sql!(
            "INSERT INTO situation_rhythms (id, incident_id, every_minutes, due_at, set_at, set_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, 1)"
        ),
        args![&it.id, incident, it.every_minutes, it.due_at, it.set_at, &it.set_by],
    )
    .await?;
    Ok(())
}

pub async fn save_rhythm(tx: &mut Tx, rhythm: &Rhythm) -> Result<u64> {
    let it = rhythm;
    tx.run(
        sql!(
            "UPDATE situation_rhythms
                SET every_minutes = $3, due_at = $4, set_at = $5, set_by = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.every_minutes, it.due_at, it.set_at, &it.set_by],
    )
    .await
}

/// What is counted in an incident, in one question.
pub async fn count(tx: &mut Tx, incident: &IncidentId, now: Time) -> Result<Numbers> {
    let found: Option<Numbers> = tx
        .one(
            sql!(
                "SELECT (SELECT COUNT(*) FROM evidence WHERE incident_id = $1 AND void_reason = '') AS evidence,
                        (SELECT COUNT(*) FROM indicators WHERE incident_id = $1 AND malicious <> 'benign') AS indicators,
                        (SELECT COUNT(*) FROM incident_tasks WHERE incident_id = $1 AND state = 'open') AS tasks_open,
                        (SELECT COUNT(*) FROM incident_tasks
                          WHERE incident_id = $1 AND state = 'open' AND due_at < $2) AS tasks_late,
                        (SELECT COUNT(*) FROM incident_tasks WHERE incident_id = $1 AND state = 'done') AS tasks_done,
                        (SELECT COUNT(*) FROM measures
                          WHERE incident_id = $1 AND state IN ('done', 'removed')) AS measures,
                        (SELECT COUNT(*) FROM unit_requests
                          WHERE incident_id = $1 AND state IN ('sent', 'accepted')) AS requests_waiting,
                        (SELECT COUNT(*) FROM directions WHERE incident_id = $1 AND state <> 'done') AS directions_open,
                        (SELECT COUNT(DISTINCT person_id) FROM summoned_people WHERE incident_id = $1) AS called,
                        (SELECT COUNT(DISTINCT person_id) FROM summoned_people
                          WHERE incident_id = $1 AND state = 'arrived') AS here,
                        (SELECT COUNT(*) FROM disclosures
                          WHERE incident_id = $1 AND sort = 'told' AND struck = FALSE) AS told,
                        (SELECT COUNT(*) FROM decisions WHERE incident_id = $1 AND state = 'decided') AS decisions"
            ),
            args![incident, now],
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// The steps of an incident in every round.
pub async fn list_steps(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<StepRow>> {
    tx.all(
        sql!(
            "SELECT id, step, round, state, opened_at, ended_at, ended_by, note, version
               FROM incident_steps WHERE incident_id = $1 ORDER BY round, id LIMIT 2000"
        ),
        args![incident],
    )
    .await
}

/// What was written into the timeline after a moment: when it happened, the words, and how far it may go.
pub async fn list_changes(
    tx: &mut Tx,
    incident: &IncidentId,
    since: Time,
    limit: i64,
) -> Result<Vec<(Time, String, String, String)>> {
    tx.all(
        sql!(
            "SELECT e.happened_at, e.title_vi, e.title_en, COALESCE(m.tlp, i.tlp)
               FROM timeline_events e
               JOIN incidents i ON i.id = e.incident_id
               LEFT JOIN markings m ON m.kind = 'event' AND m.item_id = e.id
              WHERE e.incident_id = $1 AND e.recorded_at > $2
              ORDER BY e.happened_at DESC, e.id DESC
              LIMIT $3"
        ),
        args![incident, since, limit],
    )
    .await
}

/// The name of whoever commands.
pub async fn commander(tx: &mut Tx, incident: &IncidentId) -> Result<String> {
    let found: Option<(String,)> = tx
        .one(
            sql!("SELECT p.name FROM incidents i JOIN people p ON p.id = i.commander_id WHERE i.id = $1"),
            args![incident],
        )
        .await?;
    Ok(found.map(|(name,)| name).unwrap_or_default())
}

/// How many reports an incident has that went out.
pub async fn count_published(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(
            sql!("SELECT COUNT(*) FROM situation_reports WHERE incident_id = $1 AND state = 'published'"),
            args![incident],
        )
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}

#[derive(sqlx::FromRow)]
struct Found {
    id: SituationId,
    incident_id: IncidentId,
    incident_code: String,
    number: i64,
    assessment: String,
    outlook: String,
    needs: String,
}

/// Situation reports as the search has them.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let select = Select::new(
            "SELECT s.id, s.incident_id, i.code AS incident_code, s.number, s.assessment, s.outlook, s.needs
               FROM situation_reports s JOIN incidents i ON i.id = s.incident_id",
            [],
        );
        let found: Vec<Found> = tx.select(select.and_in("s.id", ids.iter().map(Arg::from))).await?;
        let indexed = |it: Found| Indexed {
            title: format!("Bản tin tình hình số {} – {}", it.number, brief(&it.assessment, TITLE)),
            detail: it.incident_code.clone(),
            url: format!("/incidents/{}/situations/{}", it.incident_id, it.id),
            scope_id: it.incident_id.to_string(),
            words: [it.assessment, it.outlook, it.needs, it.incident_code].join(" "),
            row_id: it.id.to_string(),
            kind: Kind::Situation,
        };
        Ok(found.into_iter().map(indexed).collect())
    })
}
