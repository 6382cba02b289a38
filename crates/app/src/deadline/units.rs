//! Whose people a reader is, and who plays a function where: what turns the pack's functions into units.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::store;
use crate::actor::Actor;
use crate::incident::IncidentId;
use crate::org::UnitId;
use crate::pack::Pack;

/// The units whose people the actor is: their own, those their functions reach, those the pack names for a function that
/// they act for everywhere.
pub async fn own_units(tx: &mut Tx, pack: &Pack, actor: &Actor) -> Result<Vec<UnitId>> {
    let mut units = vec![actor.unit_id.clone()];
    let mut codes = Vec::new();
    for function in &pack.functions {
        let scope = actor.function_scope(&function.id);
        units.extend(scope.units);
        if scope.everywhere {
            codes.extend(pack.units_of_function(&function.id).into_iter().map(|unit| unit.id.clone()));
        }
    }
    if !codes.is_empty() {
        units.extend(store::list_units_by_code(tx, &codes).await?.into_iter().map(|(id, ..)| id));
    }
    units.sort();
    units.dedup();
    Ok(units)
}

/// The units that play these functions: in the incident where it says so, else those the pack names. In the order of the
/// functions, each unit once.
pub async fn units_of(
    tx: &mut Tx,
    pack: &Pack,
    incident: Option<&IncidentId>,
    functions: &[String],
) -> Result<Vec<UnitId>> {
    if functions.is_empty() {
        return Ok(Vec::new());
    }
    let playing = match incident {
        Some(incident) => store::list_playing(tx, incident, functions).await?,
        None => Vec::new(),
    };
    let codes: Vec<String> =
        functions.iter().flat_map(|id| pack.units_of_function(id)).map(|unit| unit.id.clone()).collect();
    let named = if codes.is_empty() { Vec::new() } else { store::list_units_by_code(tx, &codes).await? };
    let mut units = Vec::new();
    for function in functions {
        let here: Vec<UnitId> =
            playing.iter().filter(|(played, _)| played == function).map(|(_, unit)| unit.clone()).collect();
        let of_pack = pack.units_of_function(function);
        let fixed = named.iter().filter(|(_, code, _)| of_pack.iter().any(|unit| unit.id == *code));
        let found = if here.is_empty() { fixed.map(|(id, ..)| id.clone()).collect() } else { here };
        for unit in found {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
    }
    Ok(units)
}
