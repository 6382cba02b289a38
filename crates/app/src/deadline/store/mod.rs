//! All SQL about deadlines: the rows themselves; lists in `list`, calendars and feeds in `settings`.

pub mod list;
pub mod settings;

use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::sql;
use ungcuu_kit::time::Time;

use super::model::{Deadline, DeadlineId};
use crate::incident::IncidentId;
use crate::org::UnitId;

/// Every column.
pub(super) const SELECT: &str =
    "SELECT d.id, d.stream, d.source, d.key, d.title_vi, d.title_en, d.subject, d.url, d.incident_id, d.unit_id,
       d.person_id, d.recipient_id, d.recipient, d.rule, d.form, d.basis_vi, d.basis_en, d.bound_vi, d.bound_en,
       d.why_vi, d.why_en, d.starts_at, d.due_at, d.first_due_at, d.state, d.done_at, d.late, d.note, d.ended_by,
       d.next_act_at, d.acted_until, d.version
  FROM deadlines d";

/// Rows of one statement; each has some thirty values.
const BATCH: usize = 200;
/// The most rows of one stream that are looked at; an incident has some dozens.
const STREAM: i64 = 5000;

/// Everything that is or was due in a stream.
pub async fn list_of_stream(tx: &mut Tx, stream: &str) -> Result<Vec<Deadline>> {
    let select = Select::new(SELECT, []).and("d.stream = ?", args![stream]);
    tx.select(select.tail("ORDER BY d.id LIMIT ?", args![STREAM])).await
}

/// What the rules of law ask for in an incident, whatever became of it, the earliest due first.
pub async fn list_by_rules(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Deadline>> {
    let select = Select::new(SELECT, []).and("d.incident_id = ?", args![incident]).and("d.source = 'rule'", []);
    tx.select(select.tail("ORDER BY d.due_at, d.id LIMIT ?", args![STREAM])).await
}

/// Open rows with a limit of several incidents, the earliest due first.
pub async fn list_open_of(tx: &mut Tx, incidents: &[IncidentId], limit: i64) -> Result<Vec<Deadline>> {
    let select = Select::new(SELECT, [])
        .and_in("d.incident_id", incidents.iter().map(Into::into))
        .and("d.state = 'open'", [])
        .and("d.due_at IS NOT NULL", [])
        // A dozen calls to be made again would hide what the law asks for.
        .and("d.source <> 'callout'", []);
    tx.select(select.tail("ORDER BY d.due_at, d.id LIMIT ?", args![limit])).await
}

/// Rows about which something is to be told by now, the longest waiting first.
pub async fn list_to_act(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Deadline>> {
    let select = Select::new(SELECT, []).and("d.next_act_at <= ?", args![now]);
    tx.select(select.tail("ORDER BY d.next_act_at, d.id LIMIT ?", args![limit])).await
}

/// These rows.
pub async fn list_by_ids(tx: &mut Tx, ids: &[DeadlineId]) -> Result<Vec<Deadline>> {
    let select = Select::new(SELECT, []).and_in("d.id", ids.iter().map(Into::into));
    tx.select(select.tail("ORDER BY d.id LIMIT 1000", [])).await
}

/// Writes rows, new and changed ones alike. Whoever writes holds the stream's head, so nobody is in between.
pub async fn save(tx: &mut Tx, rows: &[&Deadline]) -> Result<()> {
    for rows in rows.chunks(BATCH) {
        let values = rows.iter().map(|it| {
            args![
                &it.id,
                &it.stream,
                &it.source,
                &it.key,
                &it.title_vi,
                &it.title_en,
                &it.subject,
                &it.url,
                &it.incident_id,
                &it.unit_id,
                &it.person_id,
                &it.recipient_id,
                &it.recipient,
                &it.rule,
                &it.form,
                &it.basis_vi,
                &it.basis_en,
                &it.bound_vi,
                &it.bound_en,
                &it.why_vi,
                &it.why_en,
                it.starts_at,
                it.due_at,
                it.first_due_at,
                it.state,
                it.done_at,
                it.late,
                &it.note,
                &it.ended_by,
                it.next_act_at,
                it.acted_until,
                it.version,
            ]
        });
        let insert = Select::new(
            "INSERT INTO deadlines
                 (id, stream, source, key, title_vi, title_en, subject, url, incident_id, unit_id, person_id, recipient_id,
                  recipient, rule, form, basis_vi, basis_en, bound_vi, bound_en, why_vi, why_en, starts_at, due_at,
                  first_due_at, state, done_at, late, note, ended_by, next_act_at, acted_until, version) VALUES",
            [],
        )
        .rows(values)
        .tail(
            "ON CONFLICT (id) DO UPDATE
                SET title_vi = excluded.title_vi, title_en = excluded.title_en, subject = excluded.subject,
                    url = excluded.url, unit_id = excluded.unit_id, person_id = excluded.person_id,
                    recipient_id = excluded.recipient_id, recipient = excluded.recipient, rule = excluded.rule,
                    form = excluded.form, basis_vi = excluded.basis_vi, basis_en = excluded.basis_en,
                    bound_vi = excluded.bound_vi, bound_en = excluded.bound_en, why_vi = excluded.why_vi,
                    why_en = excluded.why_en, starts_at = excluded.starts_at, due_at = excluded.due_at,
                    first_due_at = excluded.first_due_at, state = excluded.state, done_at = excluded.done_at,
                    late = excluded.late, note = excluded.note, ended_by = excluded.ended_by,
                    next_act_at = excluded.next_act_at, acted_until = excluded.acted_until,
                    version = deadlines.version + 1",
            [],
        );
        tx.run_built("deadlines", insert).await?;
    }
    Ok(())
}

/// The units that play these functions in an incident.
pub async fn list_playing(tx: &mut Tx, incident: &IncidentId, functions: &[String]) -> Result<Vec<(String, UnitId)>> {
    let select = Select::new("SELECT iu.function, iu.unit_id FROM incident_units iu", [])
        .and("iu.incident_id = ?", args![incident])
        .and_in("iu.function", functions.iter().map(Into::into));
    tx.select(select.tail("ORDER BY iu.function, iu.id LIMIT 500", [])).await
}

/// The units that carry these codes of the pack: id, code, name.
pub async fn list_units_by_code(tx: &mut Tx, codes: &[String]) -> Result<Vec<(UnitId, String, String)>> {
    let select =
        Select::new("SELECT u.id, u.code, u.name FROM units u", []).and_in("u.code", codes.iter().map(Into::into));
    tx.select(select.tail("ORDER BY u.name, u.id LIMIT 500", [])).await
}

/// A unit's short name and a person's name; empty where there is none.
pub async fn names(tx: &mut Tx, row: &Deadline) -> Result<(String, String)> {
    let found: Option<(String, String)> = tx
        .one(
            sql!(
                "SELECT COALESCE((SELECT u.short_name FROM units u WHERE u.id = $1), ''),
                        COALESCE((SELECT p.name FROM people p WHERE p.id = $2), '')"
            ),
            args![&row.unit_id, &row.person_id],
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Incidents behind an id in whose stream something is or may be due, by id.
pub async fn list_incidents(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<(IncidentId,)>> {
    tx.all(
        sql!(
            "SELECT i.id FROM incidents i
              WHERE i.id > $1
                AND (i.state = 'open'
                     OR i.id IN (SELECT l.incident_id FROM lessons l WHERE l.state = 'open')
                     OR i.id IN (SELECT d.incident_id FROM deadlines d WHERE d.state = 'open'))
              ORDER BY i.id
              LIMIT $2"
        ),
        args![after, limit],
    )
    .await
}

/// When something is to be told next.
pub async fn next_act(tx: &mut Tx) -> Result<Option<Time>> {
    let next: Option<(Option<Time>,)> = tx.one(sql!("SELECT MIN(next_act_at) FROM deadlines"), args![]).await?;
    Ok(next.and_then(|(next,)| next))
}
