//! Who may do what here: people of a unit, the owner's people, whoever leads or supports the step.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text::Text;

use super::store;
use crate::actor::{Actor, not_allowed};
use crate::incident::actions::{Taken, find_step, take};
use crate::incident::flow::StepState;
use crate::incident::model::{Incident, IncidentUnit, standing};
use crate::incident::{IncidentId, Standing};
use crate::journal::{incident_stream, last_writer};
use crate::org::{PersonId, UnitId};
use crate::pack::{Pack, Step};
use crate::permission::Permission;
use crate::work::Work;

/// Takes an incident to add to a section of one of its steps.
///
/// Directing, telling and asking go on for as long as the incident is open: unlike the work of a step they may be added to
/// after the step was finished, but not before its turn has come and not when it was skipped.
pub async fn take_for(work: &mut Work, id: &IncidentId, step: &str, section: &str, least: Standing) -> Result<Taken> {
    let taken = take(work, id).await?;
    let step = step_with(&find_step(work, step)?, section)?;
    if standing(&work.actor, &taken.units, &step) < least {
        return Err(not_allowed());
    }
    match taken.flow().state(&step.id) {
        StepState::Open | StepState::Done => Ok(taken),
        StepState::Waiting => Err(Error::not_now(
            "Bước này chưa đến lượt, nên chưa ghi được.",
            "It is not this step's turn yet, so nothing can be noted here.",
        )),
        StepState::Skipped => Err(Error::not_now(
            "Bước này đã được bỏ qua. Hãy làm tiếp bước rồi ghi.",
            "This step was skipped. Take it up again first.",
        )),
    }
}

/// The step when it shows this section; a form sent to any other step leads nowhere.
pub fn step_with(step: &Step, section: &str) -> Result<Step> {
    if step.sections.iter().any(|shown| shown == section) { Ok(step.clone()) } else { Err(Error::NotFound) }
}

/// Whether a section can be added to now: what [`take_for`] will find, for drawing the forms.
pub fn can_add(incident: &Incident, state: StepState, has: Standing, least: Standing) -> bool {
    incident.is_open() && has >= least && matches!(state, StepState::Open | StepState::Done)
}

/// Whether the actor is one of a unit's people in this incident: their own unit, or a unit whose part they play.
pub fn belongs(actor: &Actor, units: &[IncidentUnit], unit: &UnitId) -> bool {
    let plays = |playing: &IncidentUnit| {
        playing.unit_id == *unit && actor.function_scope(&playing.function).covers(&playing.unit_id)
    };
    actor.unit_id == *unit || units.iter().any(plays)
}

/// The actor as a person; the machine and the public are none.
pub fn person_of(actor: &Actor) -> Option<PersonId> {
    (!actor.person_id.as_str().is_empty()).then(|| actor.person_id.clone())
}

/// Whether the actor speaks for the owner of what was hit: may approve there, and acts for a function of that unit.
pub async fn speaks_for_owner(
    tx: &mut Tx,
    pack: &Pack,
    actor: &Actor,
    incident: &Incident,
    units: &[IncidentUnit],
) -> Result<bool> {
    let owner = &incident.owner_unit_id;
    if !actor.can_in(Permission::IncidentApprove, owner) {
        return Ok(false);
    }
    let code = store::find_unit(tx, owner).await?.map(|unit| unit.code).unwrap_or_default();
    let here = units.iter().filter(|unit| unit.unit_id == *owner).map(|unit| unit.function.as_str());
    Ok(speaks_for(pack, actor, owner, &code, &here.collect::<Vec<_>>()))
}

/// The same once the owner's code in the pack and its functions in the incident are known.
pub fn speaks_for(pack: &Pack, actor: &Actor, owner: &UnitId, code: &str, here: &[&str]) -> bool {
    let acts = |function: &crate::pack::Function| {
        let always = pack.units_of_function(&function.id).iter().any(|unit| unit.id == code);
        (always || here.contains(&function.id.as_str())) && actor.function_scope(&function.id).covers(owner)
    };
    actor.can_in(Permission::IncidentApprove, owner) && pack.functions.iter().any(acts)
}

/// The version a form was drawn from; none that exists when it was left out.
pub fn version_of(typed: &Raw) -> i64 {
    typed.as_str().parse().unwrap_or(-1)
}

/// Somebody changed the row first: who, when, and what stands there now.
pub async fn conflict(work: &mut Work, id: &IncidentId, row: &str, theirs: Vec<(&str, &str)>) -> Error {
    let theirs = theirs.into_iter().map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
    match last_writer(&mut work.tx, &incident_stream(id.as_str()), row).await {
        Ok(Some((who, when))) => Error::Conflict(Box::new(Conflict { who, when, theirs })),
        Ok(None) => Error::Conflict(Box::new(Conflict { theirs, ..Conflict::default() })),
        Err(cause) => cause,
    }
}

/// The sentence for a channel, kind or level that the pack does not know.
pub fn not_in_list() -> Text {
    Text::new("Hãy chọn một mục trong danh sách.", "Choose one of the list.")
}
