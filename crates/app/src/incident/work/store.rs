//! SQL shared by the sections: the people and systems that an incident involves.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::model::IncidentId;
use crate::org::PersonId;
use crate::system::SystemId;

/// Someone who can be given work in an incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Involved {
    pub id: PersonId,
    pub name: String,
    pub unit_name: String,
}

/// The people of the units that play a part, the members of their teams, whoever was drawn in by name, and `actor`.
pub async fn list_people(tx: &mut Tx, incident: &IncidentId, actor: &PersonId, now: Time) -> Result<Vec<Involved>> {
    tx.all(
        sql!(
            "SELECT p.id, p.name, u.short_name AS unit_name
               FROM people p JOIN units u ON u.id = p.unit_id
              WHERE p.active = TRUE
                AND (p.id = $2
                     OR p.unit_id IN (SELECT iu.unit_id FROM incident_units iu WHERE iu.incident_id = $1)
                     OR p.id IN (SELECT ip.person_id FROM incident_people ip WHERE ip.incident_id = $1)
                     OR p.id IN (SELECT a.person_id
                                   FROM appointments a JOIN incident_units iu ON iu.unit_id = a.unit_id
                                  WHERE iu.incident_id = $1
                                    AND a.valid_from <= $3
                                    AND (a.valid_to IS NULL OR a.valid_to > $3)))
              ORDER BY u.short_name, p.name, p.id
              LIMIT 500"
        ),
        args![incident, actor, now],
    )
    .await
}

/// People as the choices of a select field.
pub fn people_options(people: &[Involved]) -> Vec<(String, String)> {
    people.iter().map(|person| (person.id.to_string(), format!("{} – {}", person.name, person.unit_name))).collect()
}

/// The systems touched by an incident: id and name.
pub async fn list_systems(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(SystemId, String)>> {
    tx.all(
        sql!(
            "SELECT s.id, s.name
               FROM incident_systems x JOIN systems s ON s.id = x.system_id
              WHERE x.incident_id = $1
              ORDER BY s.name, s.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}
