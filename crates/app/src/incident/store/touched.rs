//! What an incident touches: systems, units by function, people drawn in by name.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::super::joining::part_words;
use super::super::model::{IncidentId, PartId};
use crate::org::{PersonId, UnitId};
use crate::system::SystemId;

/// A system touched by the incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct TouchedSystem {
    pub id: PartId,
    pub system_id: SystemId,
    pub code: String,
    pub name: String,
    /// Security level 1 to 5, when assessed.
    pub level: Option<i64>,
    /// What happened to it, in a line.
    pub effect: String,
    pub added_at: Time,
}

/// A unit in a function of this incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct PlayingUnit {
    pub id: PartId,
    pub function: String,
    pub unit_id: UnitId,
    pub unit_name: String,
}

/// Someone drawn into the incident by name.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct DrawnPerson {
    pub id: PartId,
    pub person_id: PersonId,
    pub name: String,
    pub unit_name: String,
    /// What they do in it, in a line.
    pub part: String,
    pub added_at: Time,
}

impl DrawnPerson {
    /// The part in words.
    pub fn part_words(&self) -> Text {
        part_words(&self.part)
    }
}

pub async fn list_systems(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<TouchedSystem>> {
    tx.all(
        sql!(
            "SELECT t.id, t.system_id, s.code, s.name, s.level, t.effect, t.added_at
               FROM incident_systems t JOIN systems s ON s.id = t.system_id
              WHERE t.incident_id = $1
              ORDER BY t.added_at, t.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

/// Adds a system, or writes its effect anew; gives back the row's id.
pub async fn put_system(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    system: &SystemId,
    effect: &str,
    now: Time,
) -> Result<Option<(PartId,)>> {
    tx.run_returning(
        sql!(
            "INSERT INTO incident_systems (id, incident_id, system_id, effect, added_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (incident_id, system_id) DO UPDATE SET effect = excluded.effect
             RETURNING id"
        ),
        args![id, incident, system, effect, now],
    )
    .await
}

pub async fn delete_system(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<u64> {
    tx.run(sql!("DELETE FROM incident_systems WHERE incident_id = $1 AND id = $2"), args![incident, id]).await
}

pub async fn list_playing(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<PlayingUnit>> {
    tx.all(
        sql!(
            "SELECT iu.id, iu.function, iu.unit_id, u.name AS unit_name
               FROM incident_units iu JOIN units u ON u.id = iu.unit_id
              WHERE iu.incident_id = $1
              ORDER BY iu.function, u.folded, iu.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn delete_unit(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<u64> {
    tx.run(sql!("DELETE FROM incident_units WHERE incident_id = $1 AND id = $2"), args![incident, id]).await
}

pub async fn list_people(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<DrawnPerson>> {
    tx.all(
        sql!(
            "SELECT d.id, d.person_id, p.name, u.short_name AS unit_name, d.part, d.added_at
               FROM incident_people d JOIN people p ON p.id = d.person_id JOIN units u ON u.id = p.unit_id
              WHERE d.incident_id = $1
              ORDER BY d.added_at, d.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

/// Draws a person in, or writes their part anew; gives back the row's id.
pub async fn put_person(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    person: &PersonId,
    part: &str,
    now: Time,
) -> Result<Option<(PartId,)>> {
    tx.run_returning(
        sql!(
            "INSERT INTO incident_people (id, incident_id, person_id, part, added_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (incident_id, person_id) DO UPDATE SET part = excluded.part
             RETURNING id"
        ),
        args![id, incident, person, part, now],
    )
    .await
}

pub async fn delete_person(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<u64> {
    tx.run(sql!("DELETE FROM incident_people WHERE incident_id = $1 AND id = $2"), args![incident, id]).await
}
