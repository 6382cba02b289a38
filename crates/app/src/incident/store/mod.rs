//! All SQL about incidents themselves and their steps; lists, what is touched, the timeline and the overview beside it.

pub mod clocks;
pub mod events;
mod find;
pub mod joining;
pub mod lists;
pub mod lookup;
pub mod overview;
pub mod parts;
pub mod todo;
pub mod touched;

pub use find::load_for_search;

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::flow::StepState;
use super::model::{Incident, IncidentId, IncidentUnit, PartId, StepRow};
use crate::actor::{Actor, Scope};
use crate::org::UnitId;
use crate::permission::Permission;

/// An incident the actor may see. What they may not see does not exist.
pub async fn find(tx: &mut Tx, actor: &Actor, id: &IncidentId) -> Result<Option<Incident>> {
    let select = visible_one(Select::new(SELECT, []), &actor.scope(Permission::IncidentRead), actor)
        .and("i.id = ?", args![id])
        .tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// The same by its number ("SC-2026-0002").
pub async fn find_by_code(tx: &mut Tx, actor: &Actor, code: &str) -> Result<Option<Incident>> {
    let select = visible_one(Select::new(SELECT, []), &actor.scope(Permission::IncidentRead), actor)
        .and("i.code = ?", args![code])
        .tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// Every column of an incident.
pub const SELECT: &str =
    "SELECT i.id, i.code, i.title, i.scenario, i.severity, i.class, i.class_override, i.class_reason, i.class_by,
       i.class_decided, i.classified_at, i.conditions, i.tlp, i.state, i.system_id, i.unit_id, i.owner_unit_id,
       i.commander_id, i.summary, i.happened_at, i.detected_at, i.opened_at, i.opened_by, i.closed_at, i.round, i.changed_at, i.version,
       i.flags, i.breach_at
  FROM incidents i";

/// Of how many incidents a list may be made before it is quicker to look at each incident instead.
const MANY: i64 = 300;

/// Whether units take part in very many incidents, as those do that have a function in every one.
pub async fn take_part_in_many(tx: &mut Tx, scope: &Scope) -> Result<bool> {
    if scope.everywhere || scope.units.is_empty() {
        return Ok(false);
    }
    let select = Select::new("SELECT COUNT(*) FROM (SELECT u.incident_id FROM incident_units u", [])
        .and_in("u.unit_id", scope.units.iter().map(Into::into))
        .tail("LIMIT ?) AS counted", args![MANY]);
    let counted: Vec<(i64,)> = tx.select(select).await?;
    Ok(counted.first().is_some_and(|(count,)| *count >= MANY))
}

/// The same as [`visible`] where a single incident is asked for.
pub fn visible_one(select: Select, scope: &Scope, actor: &Actor) -> Select {
    if scope.everywhere {
        return select;
    }
    select.and_in_group(
        "(EXISTS (SELECT 1 FROM incident_people p WHERE p.incident_id = i.id AND p.person_id = ?)
          OR EXISTS (SELECT 1 FROM incident_units u WHERE u.incident_id = i.id AND u.unit_id",
        args![&actor.person_id],
        scope.units.iter().map(Into::into),
        "))",
    )
}

/// Keeps the incidents in which one of the actor's units plays a part, or that the actor was drawn into by name: out of a
/// list of theirs, or where that would be long, by looking at each.
pub fn visible(select: Select, scope: &Scope, actor: &Actor) -> Select {
    if scope.everywhere {
        return select;
    }
    if actor.in_many_incidents {
        return visible_one(select, scope, actor);
    }
    select.and_in_group(
        "(i.id IN (SELECT p.incident_id FROM incident_people p WHERE p.person_id = ?)
          OR i.id IN (SELECT u.incident_id FROM incident_units u WHERE u.unit_id",
        args![&actor.person_id],
        scope.units.iter().map(Into::into),
        "))",
    )
}

/// The same by id for a reader known to see it; used when the incident was found already.
pub async fn get(tx: &mut Tx, id: &IncidentId) -> Result<Incident> {
    let select = Select::new(SELECT, []).and("i.id = ?", args![id]);
    tx.select(select).await?.pop().ok_or(Error::NotFound)
}

/// Takes the incident's row for this unit of work, so that two units of work on one incident come one after the other.
pub async fn claim(tx: &mut Tx, id: &IncidentId, now: Time) -> Result<()> {
    tx.run(sql!("UPDATE incidents SET changed_at = $2 WHERE id = $1"), args![id, now]).await?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let it = incident;
    tx.run(
        sql!(
            "INSERT INTO incidents
                 (id, code, title, scenario, severity, class, class_override, class_reason, class_by, class_decided,
                  classified_at, conditions, tlp, state, system_id, unit_id, owner_unit_id, commander_id, summary,
                  happened_at, detected_at, opened_at, opened_by, closed_at, round, changed_at, version,
                  flags, breach_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                     $22, $23, $24, $25, $26, $27, $28, $29)"
        ),
        args![
            &it.id,
            &it.code,
            &it.title,
            &it.scenario,
            it.severity,
            &it.class,
            it.class_override,
            &it.class_reason,
            &it.class_by,
            it.class_decided,
            it.classified_at,
            &it.conditions,
            &it.tlp,
            it.state,
            &it.system_id,
            &it.unit_id,
            &it.owner_unit_id,
            &it.commander_id,
            &it.summary,
            it.happened_at,
            it.detected_at,
            it.opened_at,
            &it.opened_by,
            it.closed_at,
            it.round,
            it.changed_at,
            it.version,
            &it.flags,
            it.breach_at,
        ],
    )
    .await?;
    Ok(())
}

/// Writes an incident back, unless someone changed its facts since `version` was read.
pub async fn save(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let it = &*incident;
    let changed = tx
        .run(
            sql!(
                "UPDATE incidents
                    SET title = $3, scenario = $4, severity = $5, class = $6, class_override = $7, class_reason = $8,
                        conditions = $9, tlp = $10, state = $11, system_id = $12, unit_id = $13, owner_unit_id = $14,
                        commander_id = $15, summary = $16, happened_at = $17, detected_at = $18, closed_at = $19,
                        round = $20, changed_at = $21, class_by = $22, class_decided = $23, classified_at = $24,
                        flags = $25, breach_at = $26, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                &it.title,
                &it.scenario,
                it.severity,
                &it.class,
                it.class_override,
                &it.class_reason,
                &it.conditions,
                &it.tlp,
                it.state,
                &it.system_id,
                &it.unit_id,
                &it.owner_unit_id,
                &it.commander_id,
                &it.summary,
                it.happened_at,
                it.detected_at,
                it.closed_at,
                it.round,
                it.changed_at,
                &it.class_by,
                it.class_decided,
                it.classified_at,
                &it.flags,
                it.breach_at,
            ],
        )
        .await?;
    if changed == 0 {
        return Err(Error::Conflict(Box::<Conflict>::default()));
    }
    incident.version += 1;
    Ok(())
}

pub async fn insert_unit(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    function: &str,
    unit: &UnitId,
) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO incident_units (id, incident_id, function, unit_id) VALUES ($1, $2, $3, $4)
             ON CONFLICT (incident_id, function, unit_id) DO NOTHING"
        ),
        args![id, incident, function, unit],
    )
    .await
}

pub async fn list_units(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<IncidentUnit>> {
    tx.all(
        sql!(
            "SELECT iu.function, iu.unit_id, u.name AS unit_name
               FROM incident_units iu JOIN units u ON u.id = iu.unit_id
              WHERE iu.incident_id = $1
              ORDER BY iu.function, u.folded, iu.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

/// Every round of every step. Bounded: some dozen steps, and rounds are work of days.
pub async fn list_steps(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<StepRow>> {
    tx.all(
        sql!(
            "SELECT id, step, round, state, opened_at, ended_at, ended_by, note, version
               FROM incident_steps
              WHERE incident_id = $1
              ORDER BY round, id
              LIMIT 2000"
        ),
        args![incident],
    )
    .await
}

pub async fn insert_step(tx: &mut Tx, incident: &IncidentId, row: &StepRow) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO incident_steps
                 (id, incident_id, step, round, state, opened_at, ended_at, ended_by, note, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        args![
            &row.id,
            incident,
            &row.step,
            row.round,
            row.state,
            row.opened_at,
            row.ended_at,
            &row.ended_by,
            &row.note
        ],
    )
    .await?;
    Ok(())
}

/// A step's new state; what it was before must still be so.
pub async fn save_step(tx: &mut Tx, row: &StepRow, state: StepState) -> Result<()> {
    let changed = tx
        .run(
            sql!(
                "UPDATE incident_steps
                    SET state = $3, opened_at = $4, ended_at = $5, ended_by = $6, note = $7, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![&row.id, row.version, state, row.opened_at, row.ended_at, &row.ended_by, &row.note],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}
