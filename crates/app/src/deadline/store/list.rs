//! SQL of the lists: what a reader may see of what is due, narrowed down and paged by key; and what is theirs.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::deadline::model::{Deadline, DeadlineId};
use crate::org::UnitId;
use crate::permission::Permission;

/// A row of the list, with the names of who must do it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Line {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub it: Deadline,
    pub unit_name: String,
    pub person_name: String,
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// The reader's own and those of their units.
    #[default]
    Mine,
    All,
}

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub whose: Whose,
    /// The units whose people the reader is.
    pub own_units: Vec<UnitId>,
    pub source: Option<String>,
    pub unit: Option<UnitId>,
    /// Due before this moment.
    pub before: Option<Time>,
    /// Due at or after this moment.
    pub from: Option<Time>,
    /// What is over, instead of what is open.
    pub ended: bool,
    /// Of what is over, only what was late.
    pub late: bool,
    pub descending: bool,
    /// Limit and id of the last line shown.
    pub after: Option<(Time, DeadlineId)>,
}

const HEAD: &str =
    "SELECT d.id, d.stream, d.source, d.key, d.title_vi, d.title_en, d.subject, d.url, d.incident_id, d.unit_id,
       d.person_id, d.recipient_id, d.recipient, d.rule, d.form, d.basis_vi, d.basis_en, d.bound_vi, d.bound_en,
       d.why_vi, d.why_en, d.starts_at, d.due_at, d.first_due_at, d.state, d.done_at, d.late, d.note, d.ended_by,
       d.next_act_at, d.acted_until, d.version, COALESCE(u.short_name, '') AS unit_name,
       COALESCE(p.name, '') AS person_name
  FROM deadlines d LEFT JOIN units u ON u.id = d.unit_id LEFT JOIN people p ON p.id = d.person_id";

/// Keeps what the reader may see: their own; of an incident, what whoever sees the incident sees; of the rest, what belongs
/// to their unit, or everything where they may read the time limits of every unit.
pub fn seen(select: Select, actor: &Actor) -> Select {
    let (incidents, limits) = (actor.scope(Permission::IncidentRead), actor.scope(Permission::DeadlineRead));
    let own = if limits.covers(&actor.unit_id) { actor.unit_id.as_str() } else { "" };
    match (incidents.everywhere, limits.everywhere) {
        (true, true) => select,
        (true, false) => {
            select.and("(d.person_id = ? OR d.incident_id IS NOT NULL OR d.unit_id = ?)", args![&actor.person_id, own])
        }
        (false, true) => select.and_in_group(
            "(d.person_id = ? OR d.incident_id IS NULL
              OR d.incident_id IN (SELECT ip.incident_id FROM incident_people ip WHERE ip.person_id = ?)
              OR d.incident_id IN (SELECT iu.incident_id FROM incident_units iu WHERE iu.unit_id",
            args![&actor.person_id, &actor.person_id],
            incidents.units.iter().map(Into::into),
            "))",
        ),
        (false, false) => select.and_in_group(
            "(d.person_id = ? OR (d.incident_id IS NULL AND d.unit_id = ?)
              OR d.incident_id IN (SELECT ip.incident_id FROM incident_people ip WHERE ip.person_id = ?)
              OR d.incident_id IN (SELECT iu.incident_id FROM incident_units iu WHERE iu.unit_id",
            args![&actor.person_id, own, &actor.person_id],
            incidents.units.iter().map(Into::into),
            "))",
        ),
    }
}

/// Keeps what the reader or one of these units must do: a duty is a person's where it names one, else its unit's.
fn mine(select: Select, actor: &Actor, units: &[UnitId]) -> Select {
    let holders = std::iter::once((&actor.person_id).into()).chain(units.iter().map(Into::into));
    select.and_in("COALESCE(d.person_id, d.unit_id)", holders)
}

/// One page of the list, by limit.
pub async fn list(tx: &mut Tx, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Line>> {
    let select = seen(Select::new(HEAD, []), actor).and("d.due_at IS NOT NULL", []);
    let mut select = match filter.ended {
        true => select.and("d.state IN ('done', 'waived', 'stopped')", []),
        false => select.and("d.state = 'open'", []),
    };
    if filter.late {
        select = select.and("d.late = TRUE", []);
    }
    if filter.whose == Whose::Mine {
        select = mine(select, actor, &filter.own_units);
    }
    if let Some(source) = &filter.source {
        select = select.and("d.source = ?", args![source]);
    }
    if let Some(unit) = &filter.unit {
        select = select.and("d.unit_id = ?", args![unit]);
    }
    if let Some(from) = filter.from {
        select = select.and("d.due_at >= ?", args![from]);
    }
    if let Some(before) = filter.before {
        select = select.and("d.due_at < ?", args![before]);
    }
    if let Some((due, id)) = &filter.after {
        select = match filter.descending {
            true => select.and("(d.due_at, d.id) < (?, ?)", args![*due, id]),
            false => select.and("(d.due_at, d.id) > (?, ?)", args![*due, id]),
        };
    }
    let tail = match filter.descending {
        true => "ORDER BY d.due_at DESC, d.id DESC LIMIT ?",
        false => "ORDER BY d.due_at, d.id LIMIT ?",
    };
    tx.select(select.tail(tail, args![limit])).await
}

/// One deadline, if the reader may see it.
pub async fn find(tx: &mut Tx, actor: &Actor, id: &DeadlineId) -> Result<Option<Line>> {
    let select = seen(Select::new(HEAD, []), actor).and("d.id = ?", args![id]);
    Ok(tx.select(select.tail("LIMIT 1", [])).await?.pop())
}

/// What is open for a person and for units whose people they are, with a limit or without one: the most urgent first.
pub async fn list_mine(tx: &mut Tx, actor: &Actor, units: &[UnitId], limit: i64) -> Result<Vec<Line>> {
    let select = mine(Select::new(HEAD, []), actor, units)
        .and("d.state = 'open'", [])
        // What is nobody's yet is offered elsewhere, with the button that takes it.
        .and("(d.person_id IS NOT NULL OR d.source NOT IN ('task', 'lesson'))", []);
    let tail = "ORDER BY CASE WHEN d.due_at IS NULL THEN 1 ELSE 0 END, d.due_at, d.id LIMIT ?";
    tx.select(select.tail(tail, args![limit])).await
}

/// How much of it is late; never counts past 100.
pub async fn count_late(tx: &mut Tx, actor: &Actor, units: &[UnitId], now: Time) -> Result<i64> {
    let head = "SELECT COUNT(*) FROM (SELECT d.id FROM deadlines d";
    let select = mine(Select::new(head, []), actor, units)
        .and("d.state = 'open'", [])
        .and("d.due_at < ?", args![now])
        .tail("LIMIT 100) AS counted", []);
    let counted: Vec<(i64,)> = tx.select(select).await?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}

/// What a calendar program is shown: open, or ended since a moment, with a limit, the earliest first.
pub async fn list_for_feed(
    tx: &mut Tx,
    actor: &Actor,
    units: &[UnitId],
    person: bool,
    since: Time,
    limit: i64,
) -> Result<Vec<Line>> {
    let select = seen(Select::new(HEAD, []), actor);
    let select = match person {
        true => mine(select, actor, units),
        false => select.and_in("d.unit_id", units.iter().map(Into::into)),
    };
    let select = select
        .and("d.due_at IS NOT NULL", [])
        .and("(d.state = 'open' OR (d.state IN ('done', 'waived') AND d.due_at >= ?))", args![since]);
    tx.select(select.tail("ORDER BY d.due_at, d.id LIMIT ?", args![limit])).await
}
