//! The board directs; whoever is directed acknowledges, does it, and answers.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Time;

use crate::actor::not_allowed;
use crate::coordination::model::{Direction, DirectionId, DirectionState};
use crate::coordination::notices::{place, tell_person, tell_unit};
use crate::coordination::rights::{belongs, conflict, person_of, step_with, take_for, version_of};
use crate::coordination::store as shared;
use crate::coordination::store::directions as store;
use crate::incident::actions::{Taken, find_step, record, take};
use crate::incident::{IncidentId, Standing, joining, timeline};
use crate::org::{PersonId, UnitId};
use crate::permission::Permission;
use crate::work::Work;

const SECTION: &str = "direction";

/// A direction to give. `to` is the id of a unit that plays a part, or of a person.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct DirectionForm {
    pub text: Raw,
    pub to: Raw,
    pub due_at: Raw,
}

/// What the addressee says; empty for a plain acknowledgement.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct DoneForm {
    pub answer: Raw,
    pub version: Raw,
}

enum Addressee {
    Unit(UnitId, String),
    Person(PersonId, String),
}

/// The board gives a direction.
pub async fn give(work: &mut Work, id: &IncidentId, step: &str, form: &DirectionForm) -> Result<DirectionId> {
    work.actor.must(Permission::IncidentDirect)?;
    let taken = take_for(work, id, step, SECTION, Standing::Leads).await?;
    let mut checks = Checks::new();
    let text = checks.area("text", &form.text);
    let due_at = checks.moment_or_none("due_at", &form.due_at);
    not_past(&mut checks, due_at, work.now);
    let to = addressee(work, &taken, &mut checks, &form.to).await?;
    checks.done()?;
    let (unit_id, person_id, name) = match to {
        Some(Addressee::Unit(unit, name)) => (Some(unit), None, name),
        Some(Addressee::Person(person, name)) => (None, Some(person), name),
        None => return Err(Error::field("to", unknown())),
    };
    let direction = Direction {
        id: DirectionId::new(&work.app.chance, work.now),
        number: store::next_number(&mut work.tx, id).await?,
        text,
        unit_id,
        person_id,
        addressee: name.clone(),
        due_at,
        state: DirectionState::Given,
        given_at: work.now,
        given_by: work.actor.name.clone(),
        given_by_id: person_of(&work.actor),
        acknowledged_at: None,
        acknowledged_by: String::new(),
        done_at: None,
        done_by: String::new(),
        answer: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, id, &direction).await?;
    let mut rows = vec![("directions", direction.id.to_string())];
    if let Some(person) = &direction.person_id {
        rows.extend(joining::draw_in_people(work, id, std::slice::from_ref(person), joining::DrawnAs::Directed).await?);
    }
    let (number, text) = (direction.number, &direction.text);
    let what = text!(
        "Ý kiến chỉ đạo số {number} gửi {name}: {text}",
        "Direction {number} to {to}: {text}",
        to = work.app.pack.named(&name, Lang::En)
    );
    rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    record(work, id, "direction.given", what, &rows);
    let code = &taken.incident.code;
    let notice = text!("{code}: có ý kiến chỉ đạo số {number}", "{code}: direction {number} for you");
    let url = place(id, step, SECTION);
    match &direction.unit_id {
        Some(unit) => tell_unit(work, unit, &notice, &url).await?,
        None => tell_person(work, direction.person_id.as_ref(), &notice, &url).await?,
    }
    Ok(direction.id)
}

/// The addressee has read it and takes it on.
pub async fn acknowledge(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    direction: &DirectionId,
    form: &DoneForm,
) -> Result<()> {
    let mut direction = take_mine(work, id, step, direction, form).await?;
    if direction.state != DirectionState::Given {
        return Err(Error::not_now("Ý kiến này đã có người nhận.", "This direction has been acknowledged."));
    }
    direction.state = DirectionState::Acknowledged;
    direction.acknowledged_at = Some(work.now);
    direction.acknowledged_by = work.actor.name.clone();
    save(work, id, &direction).await?;
    let (number, who) = (direction.number, work.actor.name.clone());
    let what = text!("{who} nhận ý kiến chỉ đạo số {number}", "{who} acknowledged direction {number}");
    record(work, id, "direction.acknowledged", what, &[("directions", direction.id.to_string())]);
    Ok(())
}

/// The addressee has done it and says how.
pub async fn finish(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    direction: &DirectionId,
    form: &DoneForm,
) -> Result<()> {
    let mut direction = take_mine(work, id, step, direction, form).await?;
    if direction.state == DirectionState::Done {
        return Err(Error::not_now("Ý kiến này đã được thực hiện.", "This direction has been carried out."));
    }
    let mut checks = Checks::new();
    direction.answer = checks.area("answer", &form.answer);
    checks.done()?;
    let (now, who) = (work.now, work.actor.name.clone());
    if direction.acknowledged_at.is_none() {
        direction.acknowledged_at = Some(now);
        direction.acknowledged_by = who.clone();
    }
    direction.state = DirectionState::Done;
    direction.done_at = Some(now);
    direction.done_by = who;
    save(work, id, &direction).await?;
    let (number, answer) = (direction.number, &direction.answer);
    let what = text!("Đã thực hiện ý kiến chỉ đạo số {number}: {answer}", "Carried out direction {number}: {answer}");
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    record(work, id, "direction.done", what.clone(), &[("directions", direction.id.to_string()), event]);
    tell_person(work, direction.given_by_id.as_ref(), &what, &place(id, step, SECTION)).await
}

async fn take_mine(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    direction: &DirectionId,
    form: &DoneForm,
) -> Result<Direction> {
    let taken = take(work, id).await?;
    step_with(&find_step(work, step)?, SECTION)?;
    let direction = store::find(&mut work.tx, id, direction).await?.ok_or(Error::NotFound)?;
    let mine = match (&direction.person_id, &direction.unit_id) {
        (Some(person), _) => *person == work.actor.person_id,
        (None, Some(unit)) => work.actor.can(Permission::IncidentSupport) && belongs(&work.actor, &taken.units, unit),
        (None, None) => false,
    };
    if !mine {
        return Err(not_allowed());
    }
    if version_of(&form.version) != direction.version {
        return Err(conflict(work, id, direction.id.as_str(), vec![("answer", &direction.answer)]).await);
    }
    Ok(direction)
}

async fn save(work: &mut Work, id: &IncidentId, direction: &Direction) -> Result<()> {
    if store::save(&mut work.tx, direction).await? == 0 {
        return Err(conflict(work, id, direction.id.as_str(), Vec::new()).await);
    }
    Ok(())
}

async fn addressee(work: &mut Work, taken: &Taken, checks: &mut Checks, typed: &Raw) -> Result<Option<Addressee>> {
    if let Ok(unit) = typed.as_str().parse::<UnitId>()
        && let Some(playing) = taken.units.iter().find(|playing| playing.unit_id == unit)
    {
        return Ok(Some(Addressee::Unit(unit, playing.unit_name.clone())));
    }
    if let Ok(person) = typed.as_str().parse::<PersonId>() {
        let known = shared::list_people(&mut work.tx, &taken.incident.id).await?;
        if let Some(known) = known.into_iter().find(|known| known.id == person) {
            return Ok(Some(Addressee::Person(person, known.name)));
        }
    }
    checks.refuse("to", unknown());
    Ok(None)
}

/// A moment by which something is wanted lies ahead.
pub(super) fn not_past(checks: &mut Checks, due: Option<Time>, now: Time) {
    if due.is_some_and(|due| due < now) {
        checks.refuse(
            "due_at",
            ungcuu_kit::text::Text::new("Thời hạn đã qua. Hãy ghi thời điểm sau lúc này.", "This moment has passed."),
        );
    }
}
