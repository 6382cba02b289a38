//! All SQL about offices and who holds them.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::org::model::{Appointment, AppointmentKind};
use crate::org::{AppointmentId, PersonId, UnitId};

const APPOINTMENT: &str =
    "SELECT a.id, a.unit_id, u.name AS unit_name, a.person_id, a.kind, a.decision_no, a.duties, a.valid_from,
       a.valid_to, a.version, p.name, p.title, w.name AS person_unit, p.phone, p.phone_off_hours, p.email
  FROM appointments a
  JOIN units u ON u.id = a.unit_id
  JOIN people p ON p.id = a.person_id
  JOIN units w ON w.id = p.unit_id";

fn of_kinds(select: Select, kinds: &[AppointmentKind]) -> Select {
    select.and_in("a.kind", kinds.iter().map(|kind| (*kind).into()))
}

pub async fn find_appointment(tx: &mut Tx, id: &AppointmentId) -> Result<Option<Appointment>> {
    Ok(tx.select(Select::new(APPOINTMENT, []).and("a.id = ?", args![id])).await?.pop())
}

/// Every appointment of these kinds a unit ever had, the latest first.
pub async fn list_appointments(tx: &mut Tx, unit: &UnitId, kinds: &[AppointmentKind]) -> Result<Vec<Appointment>> {
    let select = of_kinds(Select::new(APPOINTMENT, []).and("a.unit_id = ?", args![unit]), kinds);
    tx.select(select.tail("ORDER BY a.valid_from DESC, a.id DESC LIMIT 500", [])).await
}

/// Every office a person ever held, the latest first.
pub async fn list_appointments_of(tx: &mut Tx, person: &PersonId) -> Result<Vec<Appointment>> {
    let select = Select::new(APPOINTMENT, []).and("a.person_id = ?", args![person]);
    tx.select(select.tail("ORDER BY a.valid_from DESC, a.id DESC LIMIT 200", [])).await
}

/// Who holds these offices at a moment, everywhere or in one unit.
pub async fn list_holding(
    tx: &mut Tx,
    unit: Option<&UnitId>,
    kinds: &[AppointmentKind],
    now: Time,
) -> Result<Vec<Appointment>> {
    let mut select = of_kinds(Select::new(APPOINTMENT, []), kinds)
        .and("a.valid_from <= ? AND (a.valid_to IS NULL OR a.valid_to >= ?)", args![now, now]);
    if let Some(unit) = unit {
        select = select.and("a.unit_id = ?", args![unit]);
    }
    tx.select(select.tail(
        "ORDER BY CASE a.kind WHEN 'officer' THEN 0 WHEN 'lead' THEN 1 WHEN 'deputy' THEN 2 ELSE 3 END, u.folded, p.folded, a.id
         LIMIT 1000",
        [],
    ))
    .await
}

/// The units that have, or once had, members of a response team.
pub async fn list_units_with_members(tx: &mut Tx) -> Result<Vec<(UnitId, String)>> {
    tx.all(
        sql!(
            "SELECT u.id, u.name FROM units u
              WHERE EXISTS (SELECT 1 FROM appointments a
                             WHERE a.unit_id = u.id AND a.kind IN ('lead', 'deputy', 'member'))
              ORDER BY u.folded, u.id LIMIT 200"
        ),
        args![],
    )
    .await
}

pub async fn insert_appointment(tx: &mut Tx, new: &Appointment) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO appointments
                 (id, unit_id, person_id, kind, decision_no, duties, valid_from, valid_to, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)"
        ),
        args![
            &new.id,
            &new.unit_id,
            &new.person_id,
            new.kind,
            &new.decision_no,
            &new.duties,
            new.valid_from,
            new.valid_to,
        ],
    )
    .await?;
    Ok(())
}

/// Ends an appointment with this moment; 0 when someone changed it since `version` was read.
pub async fn end_appointment(tx: &mut Tx, id: &AppointmentId, version: i64, end: Time) -> Result<u64> {
    tx.run(
        sql!("UPDATE appointments SET valid_to = $3, version = version + 1 WHERE id = $1 AND version = $2"),
        args![id, version, end],
    )
    .await
}
