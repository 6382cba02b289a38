//! How near a unit stands to an incident, for features that hand something of it out.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

pub use super::model::UnitChoice;
use super::store;
use super::wall::Circle;
use crate::deadline::DeadlineState;
use crate::deadline::store::list_by_rules;
use crate::incident::IncidentId;
use crate::incident::model::IncidentUnit;
use crate::org::UnitId;

/// The circle of a unit of the register. An outside body is owed what a duty of this very incident names it for, unless
/// the duty was waived.
pub async fn circle(tx: &mut Tx, incident: &IncidentId, units: &[IncidentUnit], unit: &UnitChoice) -> Result<Circle> {
    let plays = units.iter().any(|playing| playing.unit_id == unit.id);
    let owed = unit.outside
        && list_by_rules(tx, incident).await?.iter().any(|duty| {
            duty.state != DeadlineState::Waived && duty.recipient_id.as_ref().is_some_and(|to| *to == unit.id)
        });
    Ok(Circle::of_unit(unit.outside, plays, owed))
}

/// A unit of the register.
pub async fn find_unit(tx: &mut Tx, id: &UnitId) -> Result<Option<UnitChoice>> {
    store::find_unit(tx, id).await
}

/// The outside bodies of the register, by name.
pub async fn list_outside(tx: &mut Tx, now: Time) -> Result<Vec<UnitChoice>> {
    let mut units = store::list_units(tx, now).await?;
    units.retain(|unit| unit.outside);
    Ok(units)
}
