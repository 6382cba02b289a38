//! What is done to units, people and offices.

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::model::{Appointment, AppointmentKind, Person, Unit, day_of, end_of_day};
use super::{AppointmentId, PersonId, UnitId, get_person, get_unit, store};
use crate::journal;
use crate::notify::{self, Urgency};
use crate::pack::{Cadence, Pack};
use crate::permission::Permission;
use crate::work::Work;

/// The stream of the journal that holds everything about units, people and offices.
pub const STREAM: &str = "org";
/// The plan's duty to name an officer in charge and tell every change, as packs call it.
const OFFICER_DUTY: &str = "officer_in_charge";

/// What is said about a unit.
#[derive(Clone, Debug, Default)]
pub struct UnitFacts {
    pub name: String,
    pub short_name: String,
    pub kind: String,
    pub parent_id: Option<UnitId>,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub outside: bool,
    pub note: String,
}

/// Enters a unit that the plan's pack does not list.
pub async fn create_unit(work: &mut Work, facts: UnitFacts) -> Result<UnitId> {
    if !work.actor.scope(Permission::OrgWrite).everywhere {
        return Err(crate::actor::not_allowed());
    }
    let id = UnitId::new(&work.app.chance, work.now);
    check_parent(work, &id, facts.parent_id.as_ref()).await?;
    let code = id.to_string();
    let unit = with_facts(Unit::empty(id.clone(), code), facts);
    store::insert_unit(&mut work.tx, &unit).await?;
    let name = &unit.name;
    let what = text!("Thêm đơn vị {name}", "Added the unit {name}");
    work.record(STREAM, "unit.created", what, &[("units", id.as_str())]);
    Ok(id)
}

/// Corrects a unit, unless someone else did since it was read.
pub async fn save_unit(work: &mut Work, id: &UnitId, version: i64, facts: UnitFacts) -> Result<()> {
    let before = get_unit(&mut work.tx, id).await?;
    work.actor.must_in(Permission::OrgWrite, id)?;
    check_parent(work, id, facts.parent_id.as_ref()).await?;
    let unit = Unit { version, ..with_facts(before.clone(), facts) };
    if store::save_unit(&mut work.tx, &unit).await? == 0 {
        let theirs = vec![
            ("name".to_owned(), before.name),
            ("short_name".to_owned(), before.short_name),
            ("phone".to_owned(), before.phone),
            ("email".to_owned(), before.email),
            ("address".to_owned(), before.address),
            ("note".to_owned(), before.note),
        ];
        return Err(conflict(work, id.as_str(), theirs).await?);
    }
    let name = &unit.name;
    work.record(
        STREAM,
        "unit.changed",
        text!("Sửa đơn vị {name}", "Changed the unit {name}"),
        &[("units", id.as_str())],
    );
    Ok(())
}

fn with_facts(unit: Unit, facts: UnitFacts) -> Unit {
    let short_name = if facts.short_name.is_empty() { facts.name.clone() } else { facts.short_name };
    Unit {
        short_name,
        name: facts.name,
        kind: facts.kind,
        parent_id: facts.parent_id,
        email: facts.email,
        phone: facts.phone,
        address: facts.address,
        outside: facts.outside,
        note: facts.note,
        ..unit
    }
}

/// A unit stands below units that exist, and never below itself.
async fn check_parent(work: &mut Work, id: &UnitId, parent: Option<&UnitId>) -> Result<()> {
    let mut above = parent.cloned();
    // Five levels of government and a few offices below each: ten is plenty.
    for _ in 0..10 {
        let Some(unit) = above else { return Ok(()) };
        if unit == *id {
            break;
        }
        let found = store::find_unit(&mut work.tx, &unit).await?;
        above = found.ok_or_else(|| Error::field("parent", ungcuu_kit::form::unknown()))?.parent_id;
    }
    Err(Error::field("parent", Text::new("Đơn vị không thể trực thuộc chính nó.", "A unit cannot stand below itself.")))
}

/// What is said about a person.
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
    work.actor.must_in(Permission::OrgWrite, &new.unit_id)?;
    let unit = get_unit(&mut work.tx, &new.unit_id).await.map_err(|_| unknown_unit())?;
    let id = PersonId::new(&work.app.chance, work.now);
    let person = person_of(id.clone(), 1, true, new.clone());
    store::insert_person(&mut work.tx, &person).await?;
    let (name, unit) = (&person.name, &unit.name);
    let what = text!("Thêm cán bộ {name}, {unit}", "Added {name}, {unit}", unit = work.app.pack.named(unit, Lang::En));
    work.record(STREAM, "person.created", what, &[("people", id.as_str())]);
    Ok(id)
}

/// Corrects a person, unless someone else did since they were read.
pub async fn save_person(work: &mut Work, id: &PersonId, version: i64, active: bool, facts: NewPerson) -> Result<()> {
    let before = get_person(&mut work.tx, id).await?;
    work.actor.must_in(Permission::OrgWrite, &before.unit_id)?;
    work.actor.must_in(Permission::OrgWrite, &facts.unit_id)?;
    get_unit(&mut work.tx, &facts.unit_id).await.map_err(|_| unknown_unit())?;
    let person = person_of(id.clone(), version, active, facts);
    if store::save_person(&mut work.tx, &person).await? == 0 {
        let theirs = vec![
            ("name".to_owned(), before.name),
            ("title".to_owned(), before.title),
            ("email".to_owned(), before.email),
            ("phone".to_owned(), before.phone),
            ("phone_off_hours".to_owned(), before.phone_off_hours),
        ];
        return Err(conflict(work, id.as_str(), theirs).await?);
    }
    let name = &person.name;
    let what = text!("Sửa thông tin {name}", "Changed {name}");
    work.record(STREAM, "person.changed", what, &[("people", id.as_str())]);
    Ok(())
}

fn person_of(id: PersonId, version: i64, active: bool, facts: NewPerson) -> Person {
    Person {
        id,
        unit_id: facts.unit_id,
        unit_name: String::new(),
        name: facts.name,
        title: facts.title,
        email: facts.email,
        phone: facts.phone,
        phone_off_hours: facts.phone_off_hours,
        active,
        version,
    }
}

/// An office to be given to a person.
#[derive(Clone, Debug)]
pub struct NewAppointment {
    pub unit_id: UnitId,
    pub person_id: PersonId,
    pub kind: AppointmentKind,
    /// The number of the decision, as printed.
    pub decision_no: String,
    pub duties: String,
    /// Any moment of the first day.
    pub from: Time,
}

/// Gives a person an office from a day on. Whoever held it (or, in a team, whatever this person was until then) ends with
/// the day before. A change of the officer in charge is told to the units that the plan names.
pub async fn appoint(work: &mut Work, new: NewAppointment) -> Result<AppointmentId> {
    work.actor.must_in(Permission::OrgWrite, &new.unit_id)?;
    let unit = get_unit(&mut work.tx, &new.unit_id).await?;
    let person = store::find_person(&mut work.tx, &new.person_id).await?.filter(|person| person.active);
    let person = person.ok_or_else(|| Error::field("person", ungcuu_kit::form::unknown()))?;
    if new.kind == AppointmentKind::Officer && person.unit_id != new.unit_id {
        return Err(Error::field(
            "person",
            Text::new("Cán bộ phụ trách phải là người của đơn vị.", "The officer in charge must belong to the unit."),
        ));
    }
    let from = day_of(new.from);
    let kinds: &[AppointmentKind] = match new.kind {
        AppointmentKind::Officer => &[AppointmentKind::Officer],
        _ => AppointmentKind::OF_TEAM,
    };
    let known = store::list_appointments(&mut work.tx, &new.unit_id, kinds).await?;
    let gives_way = |held: &&Appointment| {
        let still = held.valid_to.is_none_or(|end| end >= from);
        let same_place = held.kind == new.kind && new.kind.single();
        still && (same_place || held.person_id == new.person_id)
    };
    let mut rows = Vec::new();
    let mut former = String::new();
    for held in known.iter().filter(gives_way) {
        if held.kind == new.kind && held.person_id == new.person_id {
            return Err(Error::field(
                "person",
                Text::new("Người này đang giữ nhiệm vụ đó.", "This person holds that office."),
            ));
        }
        if held.valid_from >= from {
            let (day, name) = (held.valid_from.to_day(), &held.name);
            let message = text!(
                "Ngày bắt đầu phải sau ngày {day}, khi {name} nhận nhiệm vụ.",
                "The first day must come after {day}, when {name} took office."
            );
            return Err(Error::field("from", message));
        }
        if store::end_appointment(&mut work.tx, &held.id, held.version, from.plus(-1)).await? == 0 {
            return Err(Error::Conflict(Box::default()));
        }
        rows.push(held.id.to_string());
        former.clone_from(&held.name);
    }
    let appointment = appointment_of(AppointmentId::new(&work.app.chance, work.now), &new, from);
    store::insert_appointment(&mut work.tx, &appointment).await?;
    rows.push(appointment.id.to_string());
    let what = said(&work.app.pack, &new, &person, &unit, from, &former);
    let named: Vec<(&'static str, &str)> = rows.iter().map(|id| ("appointments", id.as_str())).collect();
    work.record(STREAM, "appointment.made", what.clone(), &named);
    let page = match new.kind {
        AppointmentKind::Officer => format!("/units/{}", unit.id),
        _ => format!("/team?unit={}", unit.id),
    };
    if new.kind == AppointmentKind::Officer {
        tell_of_officer(work, &unit.id, &what, &page).await?;
    }
    if person.id != work.actor.person_id {
        notify::tell_person_as(work, Urgency::CanWait, &person.id, &what, &page).await?;
    }
    Ok(appointment.id)
}

/// Ends an office with the end of a day.
pub async fn end(work: &mut Work, id: &AppointmentId, version: i64, last_day: Time) -> Result<Appointment> {
    let held = store::find_appointment(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    work.actor.must_in(Permission::OrgWrite, &held.unit_id)?;
    if end_of_day(last_day) < held.valid_from {
        let day = held.valid_from.to_day();
        let message =
            text!("Nhiệm vụ bắt đầu từ {day}; không thể kết thúc sớm hơn.", "It began on {day} and cannot end before.");
        return Err(Error::field("to", message));
    }
    if store::end_appointment(&mut work.tx, id, version, end_of_day(last_day)).await? == 0 {
        let theirs = vec![("to".to_owned(), held.valid_to.map(|end| end.to_day()).unwrap_or_default())];
        return Err(conflict(work, id.as_str(), theirs).await?);
    }
    let (name, unit, day) = (&held.name, &held.unit_name, last_day.to_day());
    let Text { vi, en } = held.kind.label();
    let what = text!(
        "{name} thôi làm {vi} của {unit} sau ngày {day}",
        "{name} ceases to be {en} of {unit} after {day}",
        unit = work.app.pack.named(unit, Lang::En)
    );
    work.record(STREAM, "appointment.ended", what.clone(), &[("appointments", id.as_str())]);
    if held.kind == AppointmentKind::Officer {
        tell_of_officer(work, &held.unit_id, &what, &format!("/units/{}", held.unit_id)).await?;
    }
    Ok(held)
}

fn appointment_of(id: AppointmentId, new: &NewAppointment, from: Time) -> Appointment {
    Appointment {
        id,
        unit_id: new.unit_id.clone(),
        unit_name: String::new(),
        person_id: new.person_id.clone(),
        kind: new.kind,
        decision_no: new.decision_no.clone(),
        duties: new.duties.clone(),
        valid_from: from,
        valid_to: None,
        version: 1,
        name: String::new(),
        title: String::new(),
        person_unit: String::new(),
        phone: String::new(),
        phone_off_hours: String::new(),
        email: String::new(),
    }
}

/// The sentence for journal and notices.
fn said(pack: &Pack, new: &NewAppointment, person: &Person, unit: &Unit, from: Time, former: &str) -> Text {
    let Text { vi, en } = new.kind.label();
    let (name, unit, day) = (&person.name, &unit.name, from.to_day());
    let mut said_vi = format!("{unit}: {name} làm {vi} từ {day}");
    let mut said_en = format!("{}: {name} is {en} from {day}", pack.named(unit, Lang::En));
    if !new.decision_no.is_empty() {
        let number = &new.decision_no;
        said_vi.push_str(&format!(" (số {number})"));
        said_en.push_str(&format!(" (no. {number})"));
    }
    if !former.is_empty() && *former != person.name {
        said_vi.push_str(&format!(", thay {former}"));
        said_en.push_str(&format!(", in place of {former}"));
    }
    Text::owned(said_vi, said_en)
}

/// Tells the units that the plan wants told when an officer in charge changes, except the unit itself.
async fn tell_of_officer(work: &mut Work, unit: &UnitId, what: &Text, page: &str) -> Result<()> {
    let app = work.app.clone();
    for code in units_to_tell(&app.pack) {
        // A handful of units that the pack names.
        match super::unit_by_code(&mut work.tx, code).await? {
            Some(told) if told != *unit => {
                notify::tell_unit_as(work, Urgency::CanWait, &told, what, page).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The units that a change of an officer in charge must be told to: those the plan's duty names; in a plan without that
/// duty, those whose people keep the register.
pub fn units_to_tell(pack: &Pack) -> Vec<&str> {
    let on_event = pack.plan.duties.iter().filter(|duty| duty.cadence == Cadence::OnEvent && !duty.to.is_empty());
    let duty = on_event.clone().find(|duty| duty.id == OFFICER_DUTY).or_else(|| on_event.clone().next());
    let functions: Vec<&String> = match duty {
        Some(duty) => duty.to.iter().collect(),
        None => {
            let keepers = pack.roles.iter().filter(|role| pack.permits(&role.id, Permission::OrgWrite.word()));
            keepers.flat_map(|role| &role.functions).collect()
        }
    };
    let mut units: Vec<&str> = functions
        .into_iter()
        .flat_map(|function| pack.units_of_function(function))
        .map(|unit| unit.id.as_str())
        .collect();
    units.sort_unstable();
    units.dedup();
    units
}

fn unknown_unit() -> Error {
    Error::field("unit", ungcuu_kit::form::unknown())
}

async fn conflict(work: &mut Work, row: &str, theirs: Vec<(String, String)>) -> Result<Error> {
    let (who, when) = journal::last_writer(&mut work.tx, STREAM, row).await?.unwrap_or_default();
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}
