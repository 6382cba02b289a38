//! What a report can know of an incident, read from the tables of other features. One statement for each kind of thing,
//! each bounded: a form has room for dozens of lines, not for thousands.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};
use crate::system::SystemId;

/// A unit as it stands in the register.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct UnitRow {
    pub id: UnitId,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub address: String,
    pub phone: String,
    pub email: String,
    pub parent_name: Option<String>,
}

/// The units with these ids.
pub async fn list_units(tx: &mut Tx, ids: &[&UnitId]) -> Result<Vec<UnitRow>> {
    let select = Select::new(
        "SELECT u.id, u.code, u.name, u.kind, u.address, u.phone, u.email, p.name AS parent_name
           FROM units u LEFT JOIN units p ON p.id = u.parent_id",
        [],
    )
    .and_in("u.id", ids.iter().map(|id| (*id).into()))
    .tail("ORDER BY u.id", []);
    tx.select(select).await
}

/// The units that carry these codes of the pack.
pub async fn list_units_by_code(tx: &mut Tx, codes: &[&str]) -> Result<Vec<(String, String)>> {
    let select = Select::new("SELECT code, name FROM units", [])
        .and_in("code", codes.iter().map(|code| (*code).into()))
        .tail("ORDER BY id LIMIT 100", []);
    tx.select(select).await
}

/// The first unit that plays a function in an incident.
pub async fn find_playing(tx: &mut Tx, incident: &IncidentId, function: &str) -> Result<Option<UnitId>> {
    let found: Option<(UnitId,)> = tx
        .one(
            sql!("SELECT unit_id FROM incident_units WHERE incident_id = $1 AND function = $2 ORDER BY id LIMIT 1"),
            args![incident, function],
        )
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The unit that carries a code of the pack.
pub async fn find_unit_by_code(tx: &mut Tx, code: &str) -> Result<Option<UnitId>> {
    let found: Option<(UnitId,)> = tx.one(sql!("SELECT id FROM units WHERE code = $1"), args![code]).await?;
    Ok(found.map(|(id,)| id))
}

/// A system as it stands in the register.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct SystemRow {
    pub name: String,
    pub purpose: String,
    pub level: Option<i64>,
    pub provider: String,
    pub link_provider: String,
    pub addresses: String,
    pub domains: String,
    pub os_name: String,
    pub os_version: String,
    pub services: String,
    pub safeguards: String,
}

pub async fn find_system(tx: &mut Tx, id: &SystemId) -> Result<Option<SystemRow>> {
    tx.one(
        sql!(
            "SELECT name, purpose, level, provider, link_provider, addresses, domains, os_name, os_version, services,
                    safeguards
               FROM systems WHERE id = $1"
        ),
        args![id],
    )
    .await
}

/// Somebody to ask.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct ContactRow {
    pub name: String,
    pub title: String,
    pub phone: String,
    pub email: String,
}

/// Who is in charge of information security at a unit today.
pub async fn find_officer(tx: &mut Tx, unit: &UnitId, now: Time) -> Result<Option<ContactRow>> {
    tx.one(
        sql!(
            "SELECT p.name, p.title, p.phone, p.email
               FROM appointments a JOIN people p ON p.id = a.person_id
              WHERE a.unit_id = $1 AND a.kind = 'officer' AND p.active = TRUE
                AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)
              ORDER BY a.valid_from DESC, a.id
              LIMIT 1"
        ),
        args![unit, now],
    )
    .await
}

pub async fn find_person(tx: &mut Tx, id: &PersonId) -> Result<Option<ContactRow>> {
    tx.one(sql!("SELECT name, title, phone, email FROM people WHERE id = $1"), args![id]).await
}

/// The longer texts by key.
pub async fn list_narratives(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String, String)>> {
    tx.all(
        sql!("SELECT key, text FROM incident_narratives WHERE incident_id = $1 ORDER BY id LIMIT 50"),
        args![incident],
    )
    .await
}

/// What is or was to be done to a system.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MeasureRow {
    pub kind: String,
    pub title: String,
    pub state: String,
    pub done_at: Option<Time>,
}

pub async fn list_measures(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<MeasureRow>> {
    tx.all(
        sql!(
            "SELECT kind, title, state, done_at
               FROM measures
              WHERE incident_id = $1 AND state IN ('planned', 'done', 'removed')
              ORDER BY created_at, id
              LIMIT 100"
        ),
        args![incident],
    )
    .await
}

/// When the system was found stable for the last time.
pub async fn find_stable_at(tx: &mut Tx, incident: &IncidentId) -> Result<Option<Time>> {
    let found: Option<(Time,)> = tx
        .one(
            sql!(
                "SELECT given_at FROM verdicts WHERE incident_id = $1 AND stable = TRUE
                  ORDER BY given_at DESC, id DESC LIMIT 1"
            ),
            args![incident],
        )
        .await?;
    Ok(found.map(|(at,)| at))
}

pub async fn list_lessons(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String,)>> {
    tx.all(sql!("SELECT text FROM lessons WHERE incident_id = $1 ORDER BY created_at, id LIMIT 50"), args![incident])
        .await
}

/// Number and day of the latest report of a form that stands issued.
pub async fn find_earlier(tx: &mut Tx, incident: &IncidentId, form: &str) -> Result<Option<(String, Time)>> {
    tx.one(
        sql!(
            "SELECT number, issued_at FROM reports
              WHERE incident_id = $1 AND form = $2 AND state = 'issued' AND issued_at IS NOT NULL
              ORDER BY issued_at DESC, id DESC
              LIMIT 1"
        ),
        args![incident, form],
    )
    .await
}

/// Where the reports behind an incident came from, each source once.
pub async fn list_alert_sources(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String,)>> {
    tx.all(
        sql!("SELECT source FROM alerts WHERE incident_id = $1 GROUP BY source ORDER BY MIN(id) LIMIT 20"),
        args![incident],
    )
    .await
}
