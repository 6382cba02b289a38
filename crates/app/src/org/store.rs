//! All SQL about units and people. Offices are in `appointments.rs` of this folder's store.

mod appointments;
mod search;

use std::sync::Arc;

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{fold, sort_by_name};
use ungcuu_kit::{args, sql};

pub use appointments::*;
pub use search::{load_people, load_units};

use super::actions::STREAM;
use super::model::{Person, PersonFilter, Unit, UnitChoice, UnitFilter, UnitRow};
use super::{PersonId, UnitId};
use crate::actor::Scope;

/// The argument of `LIKE … ESCAPE '\'` that finds these words anywhere, without marks.
pub fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in fold(words).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

const UNIT: &str =
    "SELECT u.id, u.code, u.name, u.short_name, u.kind, u.parent_id, u.email, u.phone, u.address, u.outside, u.note,
       u.version
  FROM units u";

/// Whether any unit was entered.
pub async fn any_unit(tx: &mut Tx) -> Result<bool> {
    let found: Option<(UnitId,)> = tx.one(sql!("SELECT id FROM units LIMIT 1"), args![]).await?;
    Ok(found.is_some())
}

pub async fn find_unit(tx: &mut Tx, id: &UnitId) -> Result<Option<Unit>> {
    Ok(tx.select(Select::new(UNIT, []).and("u.id = ?", args![id])).await?.pop())
}

pub async fn find_unit_by_code(tx: &mut Tx, code: &str) -> Result<Option<UnitId>> {
    let found: Option<(UnitId,)> = tx.one(sql!("SELECT id FROM units WHERE code = $1"), args![code]).await?;
    Ok(found.map(|(id,)| id))
}

/// Every unit's code and id.
pub async fn list_unit_codes(tx: &mut Tx) -> Result<Vec<(String, UnitId)>> {
    tx.all(sql!("SELECT code, id FROM units ORDER BY id LIMIT 10000"), args![]).await
}

/// Units in the order of their names, with the officer in charge at this moment. No database knows that order; a locality
/// has some hundred units, so all are read.
pub async fn list_units(tx: &mut Tx, filter: &UnitFilter, now: ungcuu_kit::time::Time) -> Result<Vec<UnitRow>> {
    let mut select = Select::new(
        "SELECT u.id, u.name, u.short_name, u.kind, u.outside, u.phone, u.email,
                (SELECT MIN(p.name) FROM appointments a JOIN people p ON p.id = a.person_id
                  WHERE a.unit_id = u.id AND a.kind = 'officer' AND a.valid_from <= ?
                    AND (a.valid_to IS NULL OR a.valid_to >= ?)) AS officer
           FROM units u",
        args![now, now],
    );
    if !filter.q.is_empty() {
        select = select.and(r"u.folded LIKE ? ESCAPE '\'", args![pattern(&filter.q)]);
    }
    if !filter.kind.is_empty() {
        select = select.and("u.kind = ?", args![&filter.kind]);
    }
    if let Some(outside) = filter.outside {
        select = select.and("u.outside = ?", args![outside]);
    }
    if filter.without_officer {
        select = select.and(
            "NOT EXISTS (SELECT 1 FROM appointments a WHERE a.unit_id = u.id AND a.kind = 'officer'
                            AND a.valid_from <= ? AND (a.valid_to IS NULL OR a.valid_to >= ?))",
            args![now, now],
        );
    }
    let mut units: Vec<UnitRow> = tx.select(select.tail("ORDER BY u.id LIMIT 2000", [])).await?;
    sort_by_name(&mut units, |unit| &unit.name);
    Ok(units)
}

/// The version of the register: it changes with every entry in its journal.
pub async fn register_head(tx: &mut Tx) -> Result<String> {
    Ok(crate::journal::head(tx, STREAM).await?.map_or_else(String::new, |(_, hash)| hash))
}

/// Every unit to choose from, in the order of their names. Pages have several such choices and units change a few times
/// a year, so the list is kept as long as the register's journal stays where it is.
pub async fn list_choices(tx: &mut Tx) -> Result<Arc<Vec<UnitChoice>>> {
    const NAME: &str = "unit choices";
    let head = register_head(tx).await?;
    if let Some(units) = tx.recall(NAME, &head) {
        return Ok(units);
    }
    let mut units: Vec<UnitChoice> =
        tx.all(sql!("SELECT id, name, kind, outside FROM units ORDER BY id LIMIT 2000"), args![]).await?;
    sort_by_name(&mut units, |unit| &unit.name);
    let units = Arc::new(units);
    tx.keep(NAME, &head, &units);
    Ok(units)
}

pub async fn list_units_of_kind(tx: &mut Tx, kind: &str) -> Result<Vec<(UnitId, String)>> {
    tx.all(sql!("SELECT id, name FROM units WHERE kind = $1 ORDER BY folded, id LIMIT 200"), args![kind]).await
}

pub async fn insert_unit(tx: &mut Tx, unit: &Unit) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO units
                 (id, code, name, short_name, kind, parent_id, email, phone, address, outside, note, version, folded)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12)
             ON CONFLICT DO NOTHING"
        ),
        args![
            &unit.id,
            &unit.code,
            &unit.name,
            &unit.short_name,
            &unit.kind,
            &unit.parent_id,
            &unit.email,
            &unit.phone,
            &unit.address,
            unit.outside,
            &unit.note,
            unit.folded(),
        ],
    )
    .await
}

/// Writes a unit back; 0 when someone changed it since `version` was read.
pub async fn save_unit(tx: &mut Tx, unit: &Unit) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE units
                SET name = $3, short_name = $4, kind = $5, parent_id = $6, email = $7, phone = $8, address = $9,
                    outside = $10, note = $11, folded = $12, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &unit.id,
            unit.version,
            &unit.name,
            &unit.short_name,
            &unit.kind,
            &unit.parent_id,
            &unit.email,
            &unit.phone,
            &unit.address,
            unit.outside,
            &unit.note,
            unit.folded(),
        ],
    )
    .await
}

const PERSON: &str =
    "SELECT p.id, p.unit_id, u.name AS unit_name, p.name, p.title, p.email, p.phone, p.phone_off_hours, p.active,
       p.version
  FROM people p
  JOIN units u ON u.id = p.unit_id";

pub async fn find_person(tx: &mut Tx, id: &PersonId) -> Result<Option<Person>> {
    Ok(tx.select(Select::new(PERSON, []).and("p.id = ?", args![id])).await?.pop())
}

/// One page of people in the order of their names, of the units in scope.
pub async fn list_people(tx: &mut Tx, filter: &PersonFilter, scope: &Scope, limit: i64) -> Result<Vec<Person>> {
    let mut select = Select::new(PERSON, []);
    if !scope.everywhere {
        select = select.and_in("p.unit_id", scope.units.iter().map(Into::into));
    }
    if !filter.q.is_empty() {
        let pattern = pattern(&filter.q);
        select = select.and(
            r"(p.folded LIKE ? ESCAPE '\' OR p.phone LIKE ? ESCAPE '\' OR p.phone_off_hours LIKE ? ESCAPE '\')",
            args![&pattern, &pattern, &pattern],
        );
    }
    if let Some(unit) = &filter.unit {
        select = select.and("p.unit_id = ?", args![unit]);
    }
    if let Some(active) = filter.active {
        select = select.and("p.active = ?", args![active]);
    }
    if let Some(after) = &filter.after {
        select = select.and("(p.folded, p.id) > (SELECT c.folded, c.id FROM people c WHERE c.id = ?)", args![after]);
    }
    tx.select(select.tail("ORDER BY p.folded, p.id LIMIT ?", args![limit])).await
}

/// People still in office, as value and label; of one unit, or all of them with their unit's short name.
pub async fn list_person_names(tx: &mut Tx, unit: Option<&UnitId>) -> Result<Vec<(PersonId, String, String)>> {
    let mut select =
        Select::new("SELECT p.id, p.name, u.short_name FROM people p JOIN units u ON u.id = p.unit_id", [])
            .and("p.active = TRUE", []);
    if let Some(unit) = unit {
        select = select.and("p.unit_id = ?", args![unit]);
    }
    tx.select(select.tail("ORDER BY p.folded, p.id LIMIT 2000", [])).await
}

pub async fn insert_person(tx: &mut Tx, person: &Person) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO people
                 (id, unit_id, name, title, email, phone, phone_off_hours, active, version, folded)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)"
        ),
        args![
            &person.id,
            &person.unit_id,
            &person.name,
            &person.title,
            &person.email,
            &person.phone,
            &person.phone_off_hours,
            person.active,
            fold(&person.name),
        ],
    )
    .await?;
    Ok(())
}

/// Writes a person back; 0 when someone changed them since `version` was read.
pub async fn save_person(tx: &mut Tx, person: &Person) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE people
                SET unit_id = $3, name = $4, title = $5, email = $6, phone = $7, phone_off_hours = $8, active = $9,
                    folded = $10, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &person.id,
            person.version,
            &person.unit_id,
            &person.name,
            &person.title,
            &person.email,
            &person.phone,
            &person.phone_off_hours,
            person.active,
            fold(&person.name),
        ],
    )
    .await
}
