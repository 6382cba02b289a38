//! The list of incidents, and what its forms offer to choose from.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use super::super::flow::{Flow, StepAt, StepState};
use super::super::model::{IncidentId, IncidentState};
use super::visible;
use crate::actor::{Actor, Scope};
use crate::org::{PersonId, UnitId};
use crate::permission::Permission;
use crate::system::SystemId;

/// One line of the list.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct ListRow {
    pub id: IncidentId,
    pub code: String,
    pub title: String,
    pub scenario: String,
    pub severity: i64,
    pub class: String,
    pub tlp: String,
    pub state: IncidentState,
    pub unit_name: String,
    pub commander_name: Option<String>,
    pub detected_at: Time,
    pub opened_at: Time,
    pub closed_at: Option<Time>,
    pub round: i64,
}

/// In which order the list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Newest,
    Oldest,
    Mildest,
    Severest,
}

/// Where a list goes on: severity, opening and id of the last line shown.
#[derive(Clone, Debug)]
pub struct Cursor {
    pub severity: i64,
    pub opened_at: Time,
    pub id: String,
}

impl Cursor {
    /// Reads a cursor out of an address; anything else begins at the top.
    pub fn read(raw: &str) -> Option<Cursor> {
        let mut parts = raw.splitn(3, '.');
        let severity = parts.next()?.parse().ok()?;
        let opened_at = Time(parts.next()?.parse().ok()?);
        Some(Cursor { severity, opened_at, id: parts.next()?.to_owned() })
    }

    pub fn behind(row: &ListRow) -> String {
        format!("{}.{}.{}", row.severity, row.opened_at.0, row.id)
    }
}

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<IncidentState>,
    pub class: Option<String>,
    pub severity: Option<i64>,
    pub scenario: Option<String>,
    pub unit: Option<UnitId>,
    /// Only those the reader commands, was drawn into, or has a task in.
    pub mine: bool,
    pub order: Order,
    pub after: Option<Cursor>,
}

/// The incidents the actor may see, narrowed down.
pub async fn list(tx: &mut Tx, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<ListRow>> {
    let head =
        "SELECT i.id, i.code, i.title, i.scenario, i.severity, i.class, i.tlp, i.state, u.short_name AS unit_name,
                       c.name AS commander_name, i.detected_at, i.opened_at, i.closed_at, i.round
                  FROM incidents i JOIN units u ON u.id = i.unit_id LEFT JOIN people c ON c.id = i.commander_id";
    let mut select = visible(Select::new(head, []), &actor.scope(Permission::IncidentRead), actor);
    if let Some(state) = filter.state {
        select = select.and("i.state = ?", args![state]);
    }
    if let Some(class) = &filter.class {
        select = select.and("i.class = ?", args![class]);
    }
    if let Some(severity) = filter.severity {
        select = select.and("i.severity = ?", args![severity]);
    }
    if let Some(scenario) = &filter.scenario {
        select = select.and("i.scenario = ?", args![scenario]);
    }
    if let Some(unit) = &filter.unit {
        select = select.and("i.unit_id = ?", args![unit]);
    }
    if filter.mine {
        select = select.and(
            "(i.commander_id = ?
              OR i.id IN (SELECT m.incident_id FROM incident_people m WHERE m.person_id = ?)
              OR i.id IN (SELECT t.incident_id FROM incident_tasks t WHERE t.assignee_id = ? AND t.state = 'open'))",
            args![&actor.person_id, &actor.person_id, &actor.person_id],
        );
    }
    if let Some(Cursor { severity, opened_at, id }) = &filter.after {
        select = match filter.order {
            Order::Newest => select.and("(i.opened_at, i.id) < (?, ?)", args![*opened_at, id]),
            Order::Oldest => select.and("(i.opened_at, i.id) > (?, ?)", args![*opened_at, id]),
            Order::Mildest => {
                select.and("(i.severity, i.opened_at, i.id) > (?, ?, ?)", args![*severity, *opened_at, id])
            }
            Order::Severest => {
                select.and("(i.severity, i.opened_at, i.id) < (?, ?, ?)", args![*severity, *opened_at, id])
            }
        };
    }
    let tail = match filter.order {
        Order::Newest => "ORDER BY i.opened_at DESC, i.id DESC LIMIT ?",
        Order::Oldest => "ORDER BY i.opened_at, i.id LIMIT ?",
        Order::Mildest => "ORDER BY i.severity, i.opened_at, i.id LIMIT ?",
        Order::Severest => "ORDER BY i.severity DESC, i.opened_at DESC, i.id DESC LIMIT ?",
    };
    tx.select(select.tail(tail, args![limit])).await
}

/// How many open incidents the actor may see; stops counting at 100.
pub async fn count_open(tx: &mut Tx, actor: &Actor) -> Result<i64> {
    let head = "SELECT COUNT(*) FROM (SELECT i.id FROM incidents i";
    let select = visible(Select::new(head, []), &actor.scope(Permission::IncidentRead), actor)
        .and("i.state = 'open'", [])
        .tail("LIMIT 100) AS counted", []);
    let counted: Vec<(i64,)> = tx.select(select).await?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}

#[derive(sqlx::FromRow)]
struct StepOf {
    incident_id: IncidentId,
    step: String,
    round: i64,
    state: StepState,
}

/// Where several incidents stand, in the order asked for. The caller asks for one page of them.
pub async fn flows_of(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<Flow>> {
    let select = Select::new("SELECT s.incident_id, s.step, s.round, s.state FROM incident_steps s", [])
        .and_in("s.incident_id", incidents.iter().map(Into::into))
        .tail("ORDER BY s.incident_id, s.round, s.id LIMIT 20000", []);
    let rows: Vec<StepOf> = tx.select(select).await?;
    let mut flows: std::collections::HashMap<IncidentId, Flow> = std::collections::HashMap::new();
    for row in rows {
        let flow = flows.entry(row.incident_id).or_default();
        flow.steps.push(StepAt { step: row.step, round: row.round, state: row.state });
    }
    Ok(incidents.iter().map(|id| flows.remove(id).unwrap_or_default()).collect())
}

/// Units of the locality within a scope, by name.
pub async fn units(tx: &mut Tx, scope: &Scope) -> Result<Vec<(UnitId, String)>> {
    let units = crate::org::list_choices(tx).await?;
    let within = units.iter().filter(|unit| !unit.outside && scope.covers(&unit.id));
    Ok(within.map(|unit| (unit.id.clone(), unit.name.clone())).collect())
}

/// Every unit, also outside bodies, by name.
pub async fn all_units(tx: &mut Tx) -> Result<Vec<(UnitId, String)>> {
    let units = crate::org::list_choices(tx).await?;
    Ok(units.iter().map(|unit| (unit.id.clone(), unit.name.clone())).collect())
}

/// The unit above this one, if there is one.
pub async fn parent(tx: &mut Tx, unit: &UnitId) -> Result<Option<UnitId>> {
    let found: Option<(Option<UnitId>,)> =
        tx.one(ungcuu_kit::sql!("SELECT parent_id FROM units WHERE id = $1"), args![unit]).await?;
    Ok(found.and_then(|(parent,)| parent))
}

/// A unit's name; none when there is no such unit.
pub async fn unit_name(tx: &mut Tx, unit: &UnitId) -> Result<Option<String>> {
    let found: Option<(String,)> =
        tx.one(ungcuu_kit::sql!("SELECT name FROM units WHERE id = $1"), args![unit]).await?;
    Ok(found.map(|(name,)| name))
}

/// A system as the forms need it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SystemChoice {
    pub id: SystemId,
    pub code: String,
    pub name: String,
    pub owner_unit_id: UnitId,
    pub operator_unit_id: UnitId,
    pub level: Option<i64>,
}

const SYSTEM: &str = "SELECT s.id, s.code, s.name, s.owner_unit_id, s.operator_unit_id, s.level FROM systems s";

/// Systems in use whose operators lie within a scope, by name.
pub async fn systems(tx: &mut Tx, scope: &Scope) -> Result<Vec<SystemChoice>> {
    let mut select = Select::new(SYSTEM, []).and("s.active = TRUE", []);
    if !scope.everywhere {
        select = select.and_in("s.operator_unit_id", scope.units.iter().map(Into::into));
    }
    tx.select(select.tail("ORDER BY s.name, s.id LIMIT 500", [])).await
}

/// One system by id.
pub async fn system(tx: &mut Tx, id: &SystemId) -> Result<Option<SystemChoice>> {
    Ok(tx.select(Select::new(SYSTEM, []).and("s.id = ?", args![id])).await?.pop())
}

/// A person to choose: name and unit.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonChoice {
    pub id: PersonId,
    pub name: String,
    pub unit_name: String,
}

const PERSON: &str = "SELECT p.id, p.name, u.short_name AS unit_name FROM people p JOIN units u ON u.id = p.unit_id";

/// People at work, by name.
pub async fn people(tx: &mut Tx) -> Result<Vec<PersonChoice>> {
    let select = Select::new(PERSON, []).and("p.active = TRUE", []);
    tx.select(select.tail("ORDER BY p.name, p.id LIMIT 1000", [])).await
}

/// One person at work by id.
pub async fn person(tx: &mut Tx, id: &PersonId) -> Result<Option<PersonChoice>> {
    let select = Select::new(PERSON, []).and("p.active = TRUE", []).and("p.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

/// A person's name, also when they have left.
pub async fn person_name(tx: &mut Tx, id: &PersonId) -> Result<Option<String>> {
    let found: Option<(String,)> = tx.one(ungcuu_kit::sql!("SELECT name FROM people WHERE id = $1"), args![id]).await?;
    Ok(found.map(|(name,)| name))
}
