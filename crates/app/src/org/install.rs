//! Brings the units of a pack into the records, once, when an installation begins.

use std::collections::HashMap;

use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use super::{PersonId, UnitId};
use crate::pack::{Pack, UnitLevel};
use crate::work::Work;

/// Enters every unit of the pack that is not there yet. Units already entered are left as people have changed them.
pub async fn install_units(work: &mut Work, pack: &Pack) -> Result<()> {
    let mut known: HashMap<String, UnitId> = HashMap::new();
    let present: Vec<(String, UnitId)> =
        work.tx.all(sql!("SELECT code, id FROM units ORDER BY id LIMIT 10000"), args![]).await?;
    known.extend(present);
    let mut entered = Vec::new();
    // A pack lists a parent before its children, or the checker has complained.
    let mut waiting: Vec<&crate::pack::Unit> = pack.units.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for unit in waiting {
            let parent = match &unit.parent {
                Some(parent) if !known.contains_key(parent) => {
                    later.push(unit);
                    continue;
                }
                Some(parent) => known.get(parent).cloned(),
                None => None,
            };
            if known.contains_key(&unit.id) {
                continue;
            }
            let id = UnitId::new(&work.app.chance, work.now);
            let outside = matches!(unit.level, UnitLevel::Outside | UnitLevel::Province | UnitLevel::National);
            work.tx
                .run(
                    sql!(
                        "INSERT INTO units
                             (id, code, name, short_name, kind, parent_id, email, phone, address, outside, note, version)
                         VALUES ($1, $2, $3, $4, $5, $6, '', '', '', $7, '', 1)"
                    ),
                    args![&id, &unit.id, &unit.name.vi, &unit.short.vi, &unit.kind, &parent, outside],
                )
                .await?;
            entered.push(("units", id.to_string()));
            known.insert(unit.id.clone(), id);
        }
        if later.len() == before {
            return Err(anyhow::anyhow!("units of the pack name parents that do not exist").into());
        }
        waiting = later;
    }
    if !entered.is_empty() {
        let rows: Vec<(&'static str, &str)> = entered.iter().map(|(table, id)| (*table, id.as_str())).collect();
        let count = rows.len();
        let name = &pack.name.vi;
        let what = ungcuu_kit::text!("Nạp {count} đơn vị từ gói {name}", "Entered {count} units from the pack {name}");
        work.record("org", "org.installed", what, &rows);
    }
    Ok(())
}

/// What is known of a person when they are entered.
#[derive(Clone, Debug, Default)]
pub struct NewPerson {
    pub unit_id: UnitId,
    pub name: String,
    pub title: String,
    pub email: String,
    pub phone: String,
    pub phone_off_hours: String,
}

/// Enters a person.
pub async fn enter_person(work: &mut Work, new: &NewPerson) -> Result<PersonId> {
    let id = PersonId::new(&work.app.chance, work.now);
    work.tx
        .run(
            sql!(
                "INSERT INTO people (id, unit_id, name, title, email, phone, phone_off_hours, active, version)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, 1)"
            ),
            args![&id, &new.unit_id, &new.name, &new.title, &new.email, &new.phone, &new.phone_off_hours],
        )
        .await?;
    let name = &new.name;
    let what = ungcuu_kit::text!("Thêm cán bộ {name}", "Entered {name}");
    work.record("org", "person.created", what, &[("people", id.as_str())]);
    Ok(id)
}
