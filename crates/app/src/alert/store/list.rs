//! Finding alerts: one, the queue, the similar ones.

use ungcuu_kit::chance::id_floor;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{DAY, Time};
use ungcuu_kit::{args, sql};

use crate::actor::Scope;
use crate::alert::model::{Alert, AlertId, AlertRow, AlertStatus, week};
use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};
use crate::system::SystemId;

const SELECT: &str =
    "SELECT a.id, a.code, a.title, a.description, a.severity, a.status, a.outcome, a.outcome_note, a.source,
       a.external_id, a.count, a.unit_id, u.name AS unit_name, a.system_id, s.name AS system_name, a.place, a.tile,
       a.scenario, a.indicators, a.reporter_name, a.reporter_phone, a.reporter_email, a.tracking_code, a.has_news,
       a.owner_id, o.name AS owner_name, a.received_by, a.happened_at, a.noticed_at, a.received_at, a.last_seen_at,
       a.taken_at, a.verified_at, a.ended_at, a.merged_into, a.incident_id, a.version
  FROM alerts a
  LEFT JOIN units u ON u.id = a.unit_id
  LEFT JOIN systems s ON s.id = a.system_id
  LEFT JOIN people o ON o.id = a.owner_id";

const SELECT_ROW: &str = "SELECT a.id, a.code, a.title, a.severity, a.status, a.source, a.count, a.unit_id,
       u.short_name AS unit_name, a.owner_id, o.name AS owner_name, a.has_news, a.received_at, a.last_seen_at
  FROM alerts a
  LEFT JOIN units u ON u.id = a.unit_id
  LEFT JOIN people o ON o.id = a.owner_id";

/// A search looks through this many of the newest alerts that pass the other filters.
pub const SEARCH_DEPTH: i64 = 20_000;

/// Keeps the alerts of the units in scope.
fn visible(select: Select, scope: &Scope) -> Select {
    if scope.everywhere { select } else { select.and_in("a.unit_id", scope.units.iter().map(Arg::from)) }
}

/// An alert in scope.
pub async fn find(tx: &mut Tx, scope: &Scope, id: &AlertId) -> Result<Option<Alert>> {
    let select = visible(Select::new(SELECT, []).and("a.id = ?", args![id]), scope).tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// The alert with this number, in scope.
pub async fn find_by_code(tx: &mut Tx, scope: &Scope, code: &str) -> Result<Option<Alert>> {
    let select = visible(Select::new(SELECT, []).and("a.code = ?", args![code]), scope).tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// The alert that a reporter follows.
pub async fn find_by_tracking(tx: &mut Tx, hash: &str) -> Result<Option<Alert>> {
    // The column is said to be there twice over, so that either engine uses the index that holds only such rows.
    let select = Select::new(SELECT, [])
        .and("a.tracking_hash = ?", args![hash])
        .and("a.tracking_hash IS NOT NULL", [])
        .tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// Several alerts in scope, in the order they were received.
pub async fn list_by_ids(tx: &mut Tx, scope: &Scope, ids: &[AlertId]) -> Result<Vec<Alert>> {
    let select = visible(Select::new(SELECT, []).and_in("a.id", ids.iter().map(Arg::from)), scope)
        .tail("ORDER BY a.id LIMIT 1000", []);
    tx.select(select).await
}

/// What the queue shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: State,
    pub severity: Option<i64>,
    pub source: Option<String>,
    pub unit: Option<UnitId>,
    pub system: Option<SystemId>,
    pub owner: Option<Owner>,
    /// Folded words to be found in the title.
    pub words: Option<String>,
    pub code: Option<String>,
    pub most_severe_first: bool,
    /// Severity and id of the last row of the page before.
    pub after: Option<(i64, AlertId)>,
}

/// Which states are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Open,
    All,
    One(AlertStatus),
}

/// Whose alerts are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Person(PersonId),
}

impl Filter {
    /// Whether only undecided alerts can pass.
    pub fn only_open(&self) -> bool {
        match self.state {
            State::Open => true,
            State::All => false,
            State::One(status) => status.is_open(),
        }
    }

    fn apply(&self, select: Select, scope: &Scope) -> Select {
        let mut select = visible(select, scope);
        if self.only_open() {
            // Literally as in the indexes of the queue: they hold open alerts only.
            select = select.and("a.is_open = TRUE", []);
        }
        if let State::One(status) = self.state {
            select = select.and("a.status = ?", args![status]);
        }
        if let Some(severity) = self.severity {
            select = select.and("a.severity = ?", args![severity]);
        }
        if let Some(source) = &self.source {
            select = select.and("a.source = ?", args![source]);
        }
        if let Some(unit) = &self.unit {
            select = select.and("a.unit_id = ?", args![unit]);
        }
        if let Some(system) = &self.system {
            select = select.and("a.system_id = ?", args![system]);
        }
        match &self.owner {
            Some(Owner::Nobody) => select = select.and("a.owner_id IS NULL", []),
            Some(Owner::Person(person)) => select = select.and("a.owner_id = ?", args![person]),
            None => {}
        }
        if let Some(code) = &self.code {
            select = select.and("a.code = ?", args![code]);
        }
        select
    }
}

/// One page of the queue, at most `limit` rows.
pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<AlertRow>> {
    let mut select = filter.apply(Select::new(SELECT_ROW, []), scope);
    if let Some(words) = &filter.words {
        let deepest = Select::new("SELECT a.id FROM alerts a", []);
        let deepest = filter.apply(deepest, scope).tail("ORDER BY a.id DESC LIMIT 1 OFFSET ?", args![SEARCH_DEPTH]);
        let deepest: Vec<(AlertId,)> = tx.select(deepest).await?;
        if let Some((oldest,)) = deepest.first() {
            select = select.and("a.id > ?", args![oldest]);
        }
        select = select.and("a.title_folded LIKE ? ESCAPE '!'", args![pattern(words)]);
    }
    let select = match (&filter.after, filter.most_severe_first) {
        (Some((severity, id)), true) => select.and("(a.severity, a.id) < (?, ?)", args![*severity, id]),
        (Some((_, id)), false) => select.and("a.id < ?", args![id]),
        (None, _) => select,
    };
    let select = if filter.most_severe_first {
        select.tail("ORDER BY a.severity DESC, a.id DESC LIMIT ?", args![limit])
    } else {
        select.tail("ORDER BY a.id DESC LIMIT ?", args![limit])
    };
    tx.select(select).await
}

/// The words somewhere in a text, every letter taken literally.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// How many alerts nobody has taken, counted up to `limit`.
pub async fn count_new(tx: &mut Tx, scope: &Scope, limit: i64) -> Result<i64> {
    let select = Select::new("SELECT COUNT(*) FROM (SELECT a.id FROM alerts a", []);
    // Whatever is new is open; the index by status alone answers for those who see every unit.
    let select = visible(select, scope).and("a.status = 'new'", []);
    let counted: Vec<(i64,)> = tx.select(select.tail("LIMIT ?) AS waiting", args![limit])).await?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}

/// Alerts of the last thirty days in the same unit, on the same system or of the same scenario, newest first.
pub async fn list_similar(tx: &mut Tx, scope: &Scope, alert: &Alert, now: Time) -> Result<Vec<AlertRow>> {
    let since = id_floor("alr", now.plus(-30 * DAY));
    let select = Select::new(SELECT_ROW, []).and(
        "a.id IN (
             SELECT id FROM (SELECT id FROM alerts WHERE unit_id = ? AND id > ? ORDER BY id DESC LIMIT 6) AS same_unit
             UNION
             SELECT id FROM (SELECT id FROM alerts WHERE system_id = ? AND id > ? ORDER BY id DESC LIMIT 6) AS same_system
             UNION
             SELECT id FROM (SELECT id FROM alerts WHERE scenario = ? AND id > ? ORDER BY id DESC LIMIT 6) AS same_kind
         )",
        args![&alert.unit_id, &since, &alert.system_id, &since, &alert.scenario, &since],
    );
    let select = visible(select.and("a.id <> ?", args![&alert.id]), scope).tail("ORDER BY a.id DESC LIMIT 5", []);
    tx.select(select).await
}

/// Alerts that were merged into this one, at most 50.
pub async fn list_merged(tx: &mut Tx, scope: &Scope, id: &AlertId) -> Result<Vec<AlertRow>> {
    let select = Select::new(SELECT_ROW, []).and("a.merged_into = ?", args![id]);
    tx.select(visible(select, scope).tail("ORDER BY a.id LIMIT 50", [])).await
}

/// The ids of everything merged into an alert. Bounded; a merge joins what people picked by hand.
pub async fn list_merged_ids(tx: &mut Tx, id: &AlertId) -> Result<Vec<(AlertId,)>> {
    tx.all(sql!("SELECT id FROM alerts WHERE merged_into = $1 ORDER BY id LIMIT 1000"), args![id]).await
}

/// The alerts behind an incident, oldest first, whoever asks: they are part of the incident.
pub async fn list_of_incident(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Alert>> {
    let select = Select::new(SELECT, []).and("a.incident_id = ?", args![incident]);
    tx.select(select.tail("ORDER BY a.id LIMIT 50", [])).await
}

/// How many alerts stand behind an incident, counted up to 100.
pub async fn count_of_incident(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let counted: Option<(i64,)> = tx
        .one(
            sql!("SELECT COUNT(*) FROM (SELECT id FROM alerts WHERE incident_id = $1 LIMIT 100) AS behind"),
            args![incident],
        )
        .await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// How many verified alerts stand behind an incident, counted up to 10.
pub async fn count_verified(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let counted: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM (
                     SELECT id FROM alerts WHERE incident_id = $1 AND status IN ('opened', 'verified') LIMIT 10
                 ) AS verified"
            ),
            args![incident],
        )
        .await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// An open alert into which an equal one is folded.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Twin {
    pub id: AlertId,
    pub code: String,
    pub fingerprint: String,
    pub count: i64,
    pub tracking_code: Option<String>,
}

/// The open alerts with these prints that were last seen within the window.
pub async fn list_twins(tx: &mut Tx, prints: &[String], since: Time, now: Time) -> Result<Vec<Twin>> {
    let mut found = Vec::new();
    for chunk in prints.chunks(400) {
        // The window spans at most two weeks of the fingerprint's calendar.
        let keys = chunk.iter().flat_map(|print| [format!("{}{print}", week(since)), format!("{}{print}", week(now))]);
        let select = Select::new("SELECT a.id, a.code, a.fingerprint, a.count, a.tracking_code FROM alerts a", [])
            .and("a.is_open = TRUE", [])
            .and_in("a.fingerprint", keys.map(Arg::from))
            .and("a.last_seen_at >= ?", args![since])
            .tail("ORDER BY a.id DESC LIMIT 4000", []);
        found.extend(tx.select::<Twin>(select).await?);
    }
    Ok(found)
}

/// A unit or system that a sender may name: its id, its code, and for a system the unit that operates it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Named {
    pub id: String,
    pub code: String,
    pub unit_id: UnitId,
}

/// The units with these ids or codes.
pub async fn list_units_named(tx: &mut Tx, names: &[String]) -> Result<Vec<Named>> {
    named(tx, "SELECT id, code, id AS unit_id FROM units", names).await
}

/// The systems with these ids or codes.
pub async fn list_systems_named(tx: &mut Tx, names: &[String]) -> Result<Vec<Named>> {
    named(tx, "SELECT id, code, operator_unit_id AS unit_id FROM systems", names).await
}

async fn named(tx: &mut Tx, head: &'static str, names: &[String]) -> Result<Vec<Named>> {
    let mut found = Vec::new();
    for chunk in names.chunks(500) {
        for column in ["id", "code"] {
            let select = Select::new(head, []).and_in(column, chunk.iter().map(Arg::from)).tail("LIMIT 1000", []);
            found.extend(tx.select::<Named>(select).await?);
        }
    }
    Ok(found)
}

/// The systems in use that the units in scope operate or own, by name: id and name.
pub async fn list_systems(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, String)>> {
    let select = Select::new("SELECT y.id, y.name FROM systems y", []).and("y.active = TRUE", []);
    let select =
        if scope.everywhere { select } else { select.and_in("y.operator_unit_id", scope.units.iter().map(Arg::from)) };
    tx.select(select.tail("ORDER BY y.name, y.id LIMIT 2000", [])).await
}

/// The unit that operates a system and the one that owns it.
pub async fn find_system_units(tx: &mut Tx, system: &SystemId) -> Result<Option<(UnitId, UnitId)>> {
    tx.one(sql!("SELECT operator_unit_id, owner_unit_id FROM systems WHERE id = $1"), args![system]).await
}
