//! Everything an incident holds, for its dossier, read from the tables of the features that keep it. One statement for
//! each kind of thing, each asking for one row more than is printed, so that the dossier can say when it was cut.

use ungcuu_kit::db::{Row, Sql, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::IncidentId;
use crate::indicator::Indicator;

/// How many rows of one kind are printed.
pub const ROWS: i64 = 500;

/// Rows of one kind, at most [`ROWS`].
#[derive(Clone, Debug)]
pub struct Rows<T> {
    pub rows: Vec<T>,
    /// There are more than these.
    pub cut: bool,
}

impl<T> Rows<T> {
    fn of(mut rows: Vec<T>) -> Rows<T> {
        let limit = usize::try_from(ROWS).expect("a few hundred fit anywhere");
        let cut = rows.len() > limit;
        rows.truncate(limit);
        Rows { rows, cut }
    }
}

/// Reads the rows of one kind: `$1` is the incident, `$2` how many at most.
pub(super) async fn rows<T: Row>(tx: &mut Tx, incident: &IncidentId, sql: Sql) -> Result<Rows<T>> {
    Ok(Rows::of(tx.all(sql, args![incident, ROWS + 1]).await?))
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SystemLine {
    pub name: String,
    pub level: Option<i64>,
    pub effect: String,
}

pub async fn list_systems(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<SystemLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT s.name, s.level, t.effect
                   FROM incident_systems t JOIN systems s ON s.id = t.system_id
                  WHERE t.incident_id = $1
                  ORDER BY t.added_at, t.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonLine {
    pub name: String,
    pub title: String,
    pub unit_name: String,
    pub part: String,
}

pub async fn list_people(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<PersonLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT p.name, p.title, u.name AS unit_name, t.part
                   FROM incident_people t JOIN people p ON p.id = t.person_id JOIN units u ON u.id = p.unit_id
                  WHERE t.incident_id = $1
                  ORDER BY t.added_at, t.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TaskLine {
    pub step: String,
    pub title: String,
    pub state: String,
    pub result: String,
    pub assignee: Option<String>,
    pub due_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub ended_by: String,
}

pub async fn list_tasks(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<TaskLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT t.step, t.title, t.state, t.result, p.name AS assignee, t.due_at, t.ended_at, t.ended_by
                   FROM incident_tasks t LEFT JOIN people p ON p.id = t.assignee_id
                  WHERE t.incident_id = $1
                  ORDER BY t.created_at, t.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FirstActionLine {
    pub text: String,
    pub text_en: String,
    pub state: String,
    pub note: String,
    pub ended_at: Option<Time>,
    pub ended_by: String,
}

/// The first actions of the plan, in their order.
pub async fn list_first_actions(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<FirstActionLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT text, text_en, state, note, ended_at, ended_by
                   FROM checklist_items
                  WHERE incident_id = $1
                  ORDER BY step, round, position, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EventLine {
    pub id: String,
    pub title_vi: String,
    pub title_en: String,
    pub text: String,
    pub happened_at: Time,
    pub noticed_at: Option<Time>,
    pub recorded_at: Time,
    pub recorded_by: String,
}

pub async fn list_events(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<EventLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT id, title_vi, title_en, text, happened_at, noticed_at, recorded_at, recorded_by
                   FROM timeline_events
                  WHERE incident_id = $1
                  ORDER BY happened_at, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MeasureLine {
    pub kind: String,
    pub round: i64,
    pub title: String,
    pub detail: String,
    pub system_name: Option<String>,
    pub state: String,
    pub result: String,
    pub done_at: Option<Time>,
    pub done_by: String,
    pub remove_by: Option<Time>,
    pub removed_at: Option<Time>,
    pub removed_by: String,
}

pub async fn list_measures(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<MeasureLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT m.kind, m.round, m.title, m.detail, s.name AS system_name, m.state, m.result, m.done_at, m.done_by,
                        m.remove_by, m.removed_at, m.removed_by
                   FROM measures m LEFT JOIN systems s ON s.id = m.system_id
                  WHERE m.incident_id = $1
                  ORDER BY m.kind, m.round, m.created_at, m.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CheckLine {
    pub round: i64,
    pub text: String,
    pub text_en: String,
    pub result: String,
    pub note: String,
    pub checked_at: Option<Time>,
    pub checked_by: String,
}

pub async fn list_checks(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<CheckLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT round, text, text_en, result, note, checked_at, checked_by
                   FROM verification_checks
                  WHERE incident_id = $1
                  ORDER BY round, position, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VerdictLine {
    pub round: i64,
    pub stable: bool,
    pub note: String,
    pub given_at: Time,
    pub given_by: String,
}

pub async fn list_verdicts(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<VerdictLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT round, stable, note, given_at, given_by FROM verdicts
                  WHERE incident_id = $1 ORDER BY round, id LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LessonLine {
    pub kind: String,
    pub text: String,
    pub owner: Option<String>,
    pub due_at: Option<Time>,
    pub state: String,
    pub result: String,
}

pub async fn list_lessons(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<LessonLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT l.kind, l.text, p.name AS owner, l.due_at, l.state, l.result
                   FROM lessons l LEFT JOIN people p ON p.id = l.owner_id
                  WHERE l.incident_id = $1
                  ORDER BY l.created_at, l.id
                  LIMIT $2"
        ),
    )
    .await
}

/// Which unit plays which function.
pub async fn list_units(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<(String, String)>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT t.function, u.name
                   FROM incident_units t JOIN units u ON u.id = t.unit_id
                  WHERE t.incident_id = $1
                  ORDER BY t.function, u.folded, t.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StepLine {
    pub step: String,
    pub round: i64,
    pub state: crate::incident::flow::StepState,
    pub opened_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub note: String,
}

pub async fn list_steps(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<StepLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT step, round, state, opened_at, ended_at, ended_by, note
                   FROM incident_steps
                  WHERE incident_id = $1
                  ORDER BY round, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EvidenceLine {
    pub id: String,
    pub number: i64,
    pub name: String,
    pub kind: String,
    pub sha256: Option<String>,
    pub size: Option<i64>,
    pub description: String,
    pub source: String,
    pub system_name: Option<String>,
    pub collected_at: Option<Time>,
    pub collected_by: String,
    pub added_at: Time,
    pub added_by: String,
    pub replaces_number: Option<i64>,
    pub void_reason: String,
}

/// The register of evidence, in the order of its numbers. The caller has asked whether the reader may see it.
pub async fn list_evidence(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<EvidenceLine>> {
    rows(
        tx,
        incident,
        sql!(
                "SELECT e.id, e.number, e.name, e.kind, e.sha256, e.size, e.description, e.source,
                        s.name AS system_name, e.collected_at, e.collected_by, e.added_at, e.added_by, o.number AS replaces_number, e.void_reason
                   FROM evidence e
                   LEFT JOIN systems s ON s.id = e.system_id
                   LEFT JOIN evidence o ON o.id = e.replaces
                  WHERE e.incident_id = $1
                  ORDER BY e.number, e.id
                  LIMIT $2"
        ),
    )
    .await
}

/// The indicators of the attack, by kind.
pub async fn list_indicators(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<Indicator>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT id, incident_id, kind, value, note, malicious, source, seen_at, added_at, added_by, version
                   FROM indicators
                  WHERE incident_id = $1
                  ORDER BY kind, value, id
                  LIMIT $2"
        ),
    )
    .await
}
