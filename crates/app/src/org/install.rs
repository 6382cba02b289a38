//! Brings the units of a pack into the records, once, when an installation begins.

use std::collections::HashMap;

use ungcuu_kit::error::Result;

use super::model::Unit;
use super::{UnitId, store};
use crate::pack::{Pack, UnitLevel};
use crate::work::Work;

/// Enters every unit of the pack that is not there yet. Units already entered are left as people have changed them.
pub async fn install_units(work: &mut Work, pack: &Pack) -> Result<()> {
    let mut known: HashMap<String, UnitId> = store::list_unit_codes(&mut work.tx).await?.into_iter().collect();
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
            let entry = Unit {
                name: unit.name.vi.clone(),
                short_name: unit.short.vi.clone(),
                kind: unit.kind.clone(),
                parent_id: parent,
                outside: matches!(unit.level, UnitLevel::Outside | UnitLevel::Province | UnitLevel::National),
                ..Unit::empty(id.clone(), unit.id.clone())
            };
            store::insert_unit(&mut work.tx, &entry).await?;
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
        let what = ungcuu_kit::text!(
            "Nạp {count} đơn vị từ gói {name}",
            "Entered {units} from the pack {name}",
            units = ungcuu_kit::text::counted(count, "unit", "units")
        );
        work.record("org", "org.installed", what, &rows);
    }
    Ok(())
}
