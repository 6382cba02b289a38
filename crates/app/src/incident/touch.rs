//! Who and what an incident touches: systems with what happened to them, units that take part so that they can see it,
//! people drawn in by name.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Lang;

use super::actions::record;
use super::change::manage;
use super::model::{IncidentId, PartId};
use super::store::lists::{self, PersonChoice};
use super::store::{self, touched};
use super::timeline;
use crate::org::{PersonId, UnitId};
use crate::pack::{FunctionSource, Pack};
use crate::system::SystemId;
use crate::work::Work;

/// A system and what happened to it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SystemForm {
    pub system: Raw,
    pub effect: Raw,
}

/// Adds a system, or writes its effect anew.
pub async fn put_system(work: &mut Work, id: &IncidentId, form: &SystemForm) -> Result<()> {
    manage(work, id).await?;
    let mut checks = Checks::new();
    let system: Option<SystemId> = checks.id("system", &form.system);
    let effect = checks.line_or_empty("effect", &form.effect);
    let system = match &system {
        Some(system) => {
            let found = lists::system(&mut work.tx, system).await?;
            if found.is_none() {
                checks.refuse("system", unknown());
            }
            found
        }
        None => None,
    };
    checks.done()?;
    let system = system.ok_or(Error::NotFound)?;
    let new = PartId::new(&work.app.chance, work.now);
    let put = touched::put_system(&mut work.tx, &new, id, &system.id, &effect, work.now).await?;
    let (row,) = put.ok_or_else(|| anyhow::anyhow!("a row put is given back"))?;
    let name = &system.name;
    let what = text!("Hệ thống bị ảnh hưởng: {name}. {effect}", "System affected: {name}. {effect}");
    let event = timeline::note(work, id, "other", what.clone()).await?;
    record(work, id, "incident.system_added", what, &[("incident_systems", row.to_string()), event]);
    Ok(())
}

/// Takes a system out; the one the incident was opened for stays.
pub async fn remove_system(work: &mut Work, id: &IncidentId, row: &PartId) -> Result<()> {
    let taken = manage(work, id).await?;
    let systems = touched::list_systems(&mut work.tx, id).await?;
    let system = systems.into_iter().find(|system| system.id == *row).ok_or(Error::NotFound)?;
    if taken.incident.system_id.as_ref() == Some(&system.system_id) {
        return Err(Error::not_now(
            "Đây là hệ thống chính của sự cố, không bỏ ra được.",
            "The incident was opened for this system; it cannot be taken out.",
        ));
    }
    touched::delete_system(&mut work.tx, id, row).await?;
    let name = &system.name;
    let what = text!("Bỏ hệ thống khỏi sự cố: {name}", "System taken out of the incident: {name}");
    record(work, id, "incident.system_removed", what, &[("incident_systems", row.to_string())]);
    Ok(())
}

/// A unit to take part.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UnitForm {
    pub unit: Raw,
}

/// The function of units that are drawn into an incident.
pub fn related(pack: &Pack) -> Option<&str> {
    let related = pack.functions.iter().find(|function| function.from == Some(FunctionSource::Related));
    related.map(|function| function.id.as_str())
}

/// Draws a unit in, so that it sees the incident and can support its steps.
pub async fn add_unit(work: &mut Work, id: &IncidentId, form: &UnitForm) -> Result<()> {
    let taken = manage(work, id).await?;
    let mut checks = Checks::new();
    let unit: Option<UnitId> = checks.id("unit", &form.unit);
    checks.done()?;
    let unit = unit.ok_or(Error::NotFound)?;
    let Some(name) = lists::unit_name(&mut work.tx, &unit).await? else {
        return Err(Error::field("unit", unknown()));
    };
    let app = work.app.clone();
    let function = related(&app.pack).ok_or(Error::not_now(
        "Kế hoạch không có vai trò cho đơn vị liên quan.",
        "The plan has no function for related units.",
    ))?;
    let row = PartId::new(&app.chance, work.now);
    if store::insert_unit(&mut work.tx, &row, id, function, &unit).await? == 0 {
        return Err(Error::field("unit", text!("Đơn vị này đã tham gia.", "This unit takes part already.")));
    }
    let what = text!(
        "Thêm đơn vị liên quan: {name}",
        "Related unit added: {english}",
        english = app.pack.named(&name, Lang::En)
    );
    let event = timeline::note(work, id, "other", what.clone()).await?;
    record(work, id, "incident.unit_added", what, &[("incident_units", row.to_string()), event]);
    let (code, title) = (&taken.incident.code, &taken.incident.title);
    let words = text!("Đơn vị bạn tham gia sự cố {code}: {title}", "Your unit takes part in incident {code}: {title}");
    crate::notify::tell_unit(work, &unit, &words, &format!("/incidents/{id}")).await
}

/// Takes a related unit out again; units in the functions that the plan gives them stay.
pub async fn remove_unit(work: &mut Work, id: &IncidentId, row: &PartId) -> Result<()> {
    manage(work, id).await?;
    let playing = touched::list_playing(&mut work.tx, id).await?;
    let unit = playing.into_iter().find(|unit| unit.id == *row).ok_or(Error::NotFound)?;
    if related(&work.app.pack) != Some(unit.function.as_str()) {
        return Err(Error::not_now(
            "Đơn vị này tham gia theo kế hoạch, không bỏ ra được.",
            "The plan itself gives this unit its function; it cannot be taken out.",
        ));
    }
    touched::delete_unit(&mut work.tx, id, row).await?;
    let name = &unit.unit_name;
    let what = text!(
        "Bỏ đơn vị liên quan: {name}",
        "Related unit taken out: {english}",
        english = work.app.pack.named(name, Lang::En)
    );
    record(work, id, "incident.unit_removed", what, &[("incident_units", row.to_string())]);
    Ok(())
}

/// A unit that takes over a part of the plan, and why.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HandOverForm {
    pub unit: Raw,
    pub reason: Raw,
}

/// Whether a function belongs to the incident alone, so that it can be given to another unit: who operates the system,
/// who owns it.
pub fn can_change_hands(pack: &Pack, function: &str) -> bool {
    let of_incident = |from| matches!(from, Some(FunctionSource::Operator | FunctionSource::Owner));
    pack.functions.iter().any(|known| known.id == function && of_incident(known.from))
}

/// Gives the operator's or the owner's part to another unit, with a reason: so that an incident whose unit has nobody
/// to act goes on. The unit that gives it up still sees the incident.
pub async fn hand_over(work: &mut Work, id: &IncidentId, row: &PartId, form: &HandOverForm) -> Result<()> {
    let mut taken = manage(work, id).await?;
    let playing = touched::list_playing(&mut work.tx, id).await?;
    let before = playing.iter().find(|unit| unit.id == *row).ok_or(Error::NotFound)?;
    let function = before.function.clone();
    let app = work.app.clone();
    let Some(known) = app.pack.functions.iter().find(|known| known.id == function) else {
        return Err(Error::NotFound);
    };
    if !can_change_hands(&app.pack, &function) {
        return Err(Error::not_now(
            "Đơn vị này tham gia theo kế hoạch, không đổi được.",
            "The plan itself gives this unit its function; it cannot be given to another.",
        ));
    }
    let mut checks = Checks::new();
    let unit: Option<UnitId> = checks.id("unit", &form.unit);
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let unit = unit.ok_or(Error::NotFound)?;
    let Some(name) = lists::unit_name(&mut work.tx, &unit).await? else {
        return Err(Error::field("unit", unknown()));
    };
    if unit == before.unit_id {
        return Err(Error::field(
            "unit",
            text!("Đơn vị này đang giữ phần việc đó.", "This unit has that part already."),
        ));
    }
    touched::delete_unit(&mut work.tx, id, row).await?;
    let mut rows = vec![("incident_units", row.to_string())];
    let new = PartId::new(&app.chance, work.now);
    store::insert_unit(&mut work.tx, &new, id, &function, &unit).await?;
    rows.push(("incident_units", new.to_string()));
    if let Some(related) = related(&app.pack) {
        let seen = PartId::new(&app.chance, work.now);
        if store::insert_unit(&mut work.tx, &seen, id, related, &before.unit_id).await? > 0 {
            rows.push(("incident_units", seen.to_string()));
        }
    }
    match known.from {
        Some(FunctionSource::Operator) => taken.incident.unit_id = unit.clone(),
        _ => taken.incident.owner_unit_id = unit.clone(),
    }
    taken.incident.changed_at = work.now;
    store::save(&mut work.tx, &mut taken.incident).await?;
    let (part, old) = (known.name.text(), &before.unit_name);
    let (vi, en) = (&part.vi, &part.en);
    let what = text!(
        "{vi}: {name} thay {old}. Lý do: {reason}",
        "{en}: {name} in place of {old}. Reason: {reason}",
        name = app.pack.named(&name, Lang::En),
        old = app.pack.named(old, Lang::En)
    );
    rows.push(timeline::note(work, id, "other", what.clone()).await?);
    record(work, id, "incident.unit_changed", what.clone(), &rows);
    let code = &taken.incident.code;
    let (vi, en) = (&what.vi, &what.en);
    let words = text!("{code}: {vi}", "{code}: {en}");
    crate::notify::tell_unit(work, &unit, &words, &format!("/incidents/{id}")).await
}

/// A person to draw in, and their part.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PersonForm {
    pub person: Raw,
    pub part: Raw,
}

/// Draws a person in by name, or writes their part anew.
pub async fn put_person(work: &mut Work, id: &IncidentId, form: &PersonForm) -> Result<()> {
    let taken = manage(work, id).await?;
    let mut checks = Checks::new();
    let person: Option<PersonId> = checks.id("person", &form.person);
    let part = checks.line("part", &form.part);
    let person = match &person {
        Some(person) => {
            let found = lists::person(&mut work.tx, person).await?;
            if found.is_none() {
                checks.refuse("person", unknown());
            }
            found
        }
        None => None,
    };
    checks.done()?;
    let person = person.ok_or(Error::NotFound)?;
    let row = draw_in(work, id, &person, &part).await?;
    let name = &person.name;
    let what = text!("Mời tham gia: {name} ({part})", "Drawn in: {name} ({part})");
    let event = timeline::note(work, id, "other", what.clone()).await?;
    record(work, id, "incident.person_added", what, &[row, event]);
    let (code, title) = (&taken.incident.code, &taken.incident.title);
    let words = text!("Bạn tham gia sự cố {code}: {title}", "You take part in incident {code}: {title}");
    crate::notify::tell_person(work, &person.id, &words, &format!("/incidents/{id}")).await
}

/// Writes the row of a person drawn in; gives it back for the journal.
pub(super) async fn draw_in(
    work: &mut Work,
    id: &IncidentId,
    person: &PersonChoice,
    part: &str,
) -> Result<(&'static str, String)> {
    let new = PartId::new(&work.app.chance, work.now);
    let put = touched::put_person(&mut work.tx, &new, id, &person.id, part, work.now).await?;
    let (row,) = put.ok_or_else(|| anyhow::anyhow!("a row put is given back"))?;
    Ok(("incident_people", row.to_string()))
}

/// Takes a person out again; whoever commands stays.
pub async fn remove_person(work: &mut Work, id: &IncidentId, row: &PartId) -> Result<()> {
    let taken = manage(work, id).await?;
    let people = touched::list_people(&mut work.tx, id).await?;
    let person = people.into_iter().find(|person| person.id == *row).ok_or(Error::NotFound)?;
    if taken.incident.commander_id.as_ref() == Some(&person.person_id) {
        return Err(Error::not_now(
            "Người này đang chỉ huy sự cố. Hãy giao chỉ huy cho người khác trước.",
            "This person commands the incident. Give the command to someone else first.",
        ));
    }
    touched::delete_person(&mut work.tx, id, row).await?;
    let name = &person.name;
    let what = text!("Thôi tham gia: {name}", "No longer drawn in: {name}");
    record(work, id, "incident.person_removed", what, &[("incident_people", row.to_string())]);
    Ok(())
}
