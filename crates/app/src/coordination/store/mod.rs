//! All SQL about weighing, directing, summoning, telling and asking.

pub mod clocks;
pub mod decisions;
pub mod directions;
pub mod disclosures;
pub mod markings;
pub mod options;
pub mod requests;
pub mod situations;
pub mod statements;
pub mod summons;
pub mod waiting;

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::sort_by_name;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::model::{PersonChoice, UnitChoice};
use crate::incident::IncidentId;
use crate::incident::model::IncidentUnit;
use crate::org::{PersonId, UnitId};

/// Who plays which function in an incident.
pub async fn list_playing(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<IncidentUnit>> {
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

/// The units of the register that exist now.
pub async fn list_units(tx: &mut Tx, now: Time) -> Result<Vec<UnitChoice>> {
    let mut units: Vec<UnitChoice> = tx
        .all(
            sql!(
                "SELECT id, code, name, outside FROM units
                  WHERE valid_to IS NULL OR valid_to > $1
                  ORDER BY id
                  LIMIT 2000"
            ),
            args![now],
        )
        .await?;
    sort_by_name(&mut units, |unit| &unit.name);
    units.sort_by_key(|unit| unit.outside);
    Ok(units)
}

pub async fn find_unit(tx: &mut Tx, id: &UnitId) -> Result<Option<UnitChoice>> {
    tx.one(sql!("SELECT id, code, name, outside FROM units WHERE id = $1"), args![id]).await
}

/// The units that carry these codes of the pack.
pub async fn list_units_by_code(tx: &mut Tx, codes: &[String]) -> Result<Vec<UnitChoice>> {
    let select = Select::new("SELECT id, code, name, outside FROM units", [])
        .and_in("code", codes.iter().map(Into::into))
        .tail("ORDER BY name, id LIMIT 500", []);
    tx.select(select).await
}

/// People who can be addressed by name: those of the units that play a part, and those drawn in by name.
pub async fn list_people(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<PersonChoice>> {
    tx.all(
        sql!(
            "SELECT p.id, p.name, u.name AS unit_name
               FROM people p JOIN units u ON u.id = p.unit_id
              WHERE p.active = TRUE
                AND (p.unit_id IN (SELECT iu.unit_id FROM incident_units iu WHERE iu.incident_id = $1)
                     OR p.id IN (SELECT ip.person_id FROM incident_people ip WHERE ip.incident_id = $1)
                     OR p.id IN (SELECT a.person_id
                                   FROM appointments a JOIN incident_units iu ON iu.unit_id = a.unit_id
                                  WHERE iu.incident_id = $1))
              ORDER BY p.name, p.id
              LIMIT 500"
        ),
        args![incident],
    )
    .await
}

pub async fn find_person(tx: &mut Tx, id: &PersonId) -> Result<Option<PersonChoice>> {
    tx.one(
        sql!(
            "SELECT p.id, p.name, u.name AS unit_name
               FROM people p JOIN units u ON u.id = p.unit_id
              WHERE p.id = $1 AND p.active = TRUE"
        ),
        args![id],
    )
    .await
}

/// People appointed to a unit while they belong to another: a team's members.
pub async fn list_appointed(tx: &mut Tx, unit: &UnitId, now: Time) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = tx
        .all(
            sql!(
                "SELECT DISTINCT a.person_id
                   FROM appointments a JOIN people p ON p.id = a.person_id
                  WHERE a.unit_id = $1 AND p.unit_id <> $1 AND p.active = TRUE
                    AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)
                  ORDER BY a.person_id
                  LIMIT 200"
            ),
            args![unit, now],
        )
        .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// Whether a person belongs to a unit.
pub async fn sits_in(tx: &mut Tx, person: &PersonId, unit: &UnitId) -> Result<bool> {
    let found: Option<(PersonId,)> =
        tx.one(sql!("SELECT id FROM people WHERE id = $1 AND unit_id = $2"), args![person, unit]).await?;
    Ok(found.is_some())
}
