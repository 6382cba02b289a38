//! What nobody has taken yet, and where the steps of several incidents stand.

use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use super::super::flow::StepState;
use super::super::model::{IncidentId, IncidentUnit, PartId};
use super::visible;
use crate::actor::Actor;
use crate::org::UnitId;
use crate::permission::Permission;

/// Something to do in an incident.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Todo {
    pub id: PartId,
    pub incident_id: IncidentId,
    pub code: String,
    pub incident_title: String,
    /// Empty where it belongs to no step.
    pub step: String,
    pub title: String,
    pub detail: String,
    pub due_at: Option<Time>,
    pub since: Time,
    pub version: i64,
}

/// Open tasks with a time limit that are nobody's, in open incidents the actor may see, the earliest due first.
pub async fn free_tasks(tx: &mut Tx, actor: &Actor, limit: i64) -> Result<Vec<Todo>> {
    let head = "SELECT t.id, t.incident_id, i.code, i.title AS incident_title, t.step, t.title, t.detail, t.due_at,
                       t.created_at AS since, t.version
                  FROM incident_tasks t JOIN incidents i ON i.id = t.incident_id";
    let select = Select::new(head, [])
        .and("t.assignee_id IS NULL", [])
        .and("t.state = 'open'", [])
        .and("t.due_at IS NOT NULL", [])
        .and("i.state = 'open'", []);
    let select = visible(select, &actor.scope(Permission::IncidentRead), actor);
    tx.select(select.tail("ORDER BY t.due_at, t.id LIMIT ?", args![limit])).await
}

/// Open lessons with a time limit that are nobody's, in incidents the actor may see, the earliest due first.
pub async fn free_lessons(tx: &mut Tx, actor: &Actor, limit: i64) -> Result<Vec<Todo>> {
    let head =
        "SELECT l.id, l.incident_id, i.code, i.title AS incident_title, '' AS step, l.text AS title, '' AS detail,
                       l.due_at, l.created_at AS since, l.version
                  FROM lessons l JOIN incidents i ON i.id = l.incident_id";
    let select =
        Select::new(head, []).and("l.owner_id IS NULL", []).and("l.state = 'open'", []).and("l.due_at IS NOT NULL", []);
    let select = visible(select, &actor.scope(Permission::IncidentRead), actor);
    tx.select(select.tail("ORDER BY l.due_at, l.id LIMIT ?", args![limit])).await
}

/// Where one round of one step stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StepOf {
    pub incident_id: IncidentId,
    pub step: String,
    pub state: StepState,
    pub opened_at: Option<Time>,
}

/// Every round of every step of several incidents, later rounds behind earlier ones.
pub async fn steps_of(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<StepOf>> {
    let select = Select::new("SELECT s.incident_id, s.step, s.state, s.opened_at FROM incident_steps s", [])
        .and_in("s.incident_id", incidents.iter().map(Into::into))
        .tail("ORDER BY s.round, s.opened_at, s.id LIMIT 20000", []);
    tx.select(select).await
}

#[derive(sqlx::FromRow)]
struct UnitOf {
    incident_id: IncidentId,
    function: String,
    unit_id: UnitId,
    unit_name: String,
}

/// The units in their functions of several incidents, by their short names.
pub async fn units_of(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<(IncidentId, IncidentUnit)>> {
    let head = "SELECT iu.incident_id, iu.function, iu.unit_id, u.short_name AS unit_name
                  FROM incident_units iu JOIN units u ON u.id = iu.unit_id";
    let select = Select::new(head, [])
        .and_in("iu.incident_id", incidents.iter().map(Into::into))
        .tail("ORDER BY iu.incident_id, iu.id LIMIT 10000", []);
    let rows: Vec<UnitOf> = tx.select(select).await?;
    let unit = |row: UnitOf| {
        let unit = IncidentUnit { function: row.function, unit_id: row.unit_id, unit_name: row.unit_name };
        (row.incident_id, unit)
    };
    Ok(rows.into_iter().map(unit).collect())
}
