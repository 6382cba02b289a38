//! How near a unit stands to an incident, for features that hand something of it out.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

pub use super::model::UnitChoice;
use super::store;
use super::wall::{self, Circle, Level};
use crate::deadline::DeadlineState;
use crate::deadline::store::list_by_rules;
use crate::incident::IncidentId;
use crate::incident::model::IncidentUnit;
use crate::org::UnitId;
use crate::pack::Pack;

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

/// Why something at this level does not go to a unit that is told under a rule (empty: under none); none when it may.
pub fn closed_to_unit(
    pack: &Pack,
    units: &[IncidentUnit],
    level: Level,
    unit: &UnitChoice,
    rule: &str,
) -> Option<Text> {
    let plays = units.iter().any(|playing| playing.unit_id == unit.id);
    let circle = Circle::of_unit(unit.outside, plays, owed(pack, units, rule, unit));
    (!wall::may_reach(level, circle)).then(|| wall::refusal(level, &pack.name_text(&unit.name)))
}

/// The same for a name that is not in the register.
pub fn closed_to_stranger(level: Level, name: &str) -> Option<Text> {
    let may = wall::may_reach(level, Circle::Stranger);
    (!may).then(|| wall::refusal(level, &Text::same(name.to_owned())))
}

/// Whether the rule that somebody is told under names this unit as a recipient.
fn owed(pack: &Pack, units: &[IncidentUnit], rule: &str, unit: &UnitChoice) -> bool {
    let rules = pack.regimes.iter().flat_map(|regime| &regime.rules);
    let mut functions = rules.filter(|known| known.id == rule).flat_map(|known| &known.to);
    functions.any(|function| {
        let mut playing = units.iter().filter(|playing| playing.unit_id == unit.id);
        playing.any(|playing| playing.function == *function)
            || pack.units_of_function(function).iter().any(|named| named.id == unit.code)
    })
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
