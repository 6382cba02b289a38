//! Officers in charge, the response team, and the sheet of whom to call.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;

use super::actions::{self, NewAppointment};
use super::model::{Appointment, AppointmentKind, UnitFilter, UnitRow};
use super::pages::Options;
use super::{AppointmentId, TEAM_KIND, UnitId, store};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Ask, Call, Done};

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct OfficerForm {
    person: Raw,
    decision_no: Raw,
    /// The first day.
    from: Raw,
}

pub async fn officer(call: Call, form: OfficerForm) -> Result<Done> {
    let unit_id: UnitId = call.param("id")?;
    let mut checks = Checks::new();
    let person = checks.id("person", &form.person);
    let decision_no = checks.line_or_empty("decision_no", &form.decision_no);
    let from = checks.moment("from", &form.from);
    checks.done()?;
    let mut work = call.work().await?;
    let new = NewAppointment {
        unit_id: unit_id.clone(),
        person_id: person.ok_or(Error::NotFound)?,
        kind: AppointmentKind::Officer,
        decision_no,
        duties: String::new(),
        from,
    };
    let id = actions::appoint(&mut work, new).await?;
    let done = work.done(format!("/units/{unit_id}")).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new(
        "Đã bố trí cán bộ phụ trách và báo cho đơn vị chủ trì kế hoạch.",
        "The officer is named, and the unit that leads the plan is told.",
    )))
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct TeamQuery {
    /// The team to show, where there are several.
    unit: Ask<UnitId>,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/team.html")]
pub struct TeamView {
    #[serde(skip)]
    p: Page,
    /// The team shown; absent when the locality has none yet.
    unit_id: Option<UnitId>,
    unit_name: String,
    members: Vec<Appointment>,
    /// Those whose time has not come or is over.
    others: Vec<Appointment>,
    /// Every team of the locality, as id and name.
    teams: Vec<(UnitId, String)>,
    #[serde(skip)]
    may_write: bool,
    #[serde(skip)]
    people: Options,
    #[serde(skip)]
    kinds: Options,
    #[serde(skip)]
    units: Options,
}

impl TeamView {
    /// Decision numbers of the present team, each once.
    fn decisions(&self) -> Vec<&str> {
        let mut numbers: Vec<&str> = Vec::new();
        for member in &self.members {
            if !member.decision_no.is_empty() && !numbers.contains(&member.decision_no.as_str()) {
                numbers.push(&member.decision_no);
            }
        }
        numbers
    }

    fn unit(&self) -> String {
        self.unit_id.as_ref().map(UnitId::to_string).unwrap_or_default()
    }
}

pub async fn show(call: Call) -> Result<TeamView> {
    let query: TeamQuery = call.query()?;
    let mut look = call.look().await?;
    let mut teams = store::list_units_of_kind(&mut look.tx, TEAM_KIND).await?;
    for team in store::list_units_with_members(&mut look.tx).await? {
        if !teams.contains(&team) {
            teams.push(team);
        }
    }
    let asked: Option<UnitId> = query.unit.0;
    let shown = match asked {
        Some(id) => Some(super::get_unit(&mut look.tx, &id).await?),
        None => match teams.first() {
            Some((id, _)) => Some(super::get_unit(&mut look.tx, id).await?),
            None => None,
        },
    };
    let team = Text::new("Tổ ứng cứu", "Response team");
    let title = shown.as_ref().map_or(team, |unit| call.app.pack.name_text(&unit.name));
    let p = Page::new(&call, &mut look, title).await?;
    let mut members = Vec::new();
    let mut others = Vec::new();
    let mut may_write = look.actor.can(Permission::OrgWrite);
    let mut people = Vec::new();
    if let Some(unit) = &shown {
        members = super::team_members(&mut look.tx, &unit.id, call.now).await?;
        others = store::list_appointments(&mut look.tx, &unit.id, AppointmentKind::OF_TEAM).await?;
        others.retain(|appointment| !appointment.holds(&call.now));
        may_write = look.actor.can_in(Permission::OrgWrite, &unit.id);
        if may_write {
            people = super::list_people_options(&mut look.tx, None).await?;
        }
    }
    let kinds = AppointmentKind::OF_TEAM.iter();
    Ok(TeamView {
        unit_name: shown.as_ref().map(|unit| unit.name.clone()).unwrap_or_default(),
        unit_id: shown.map(|unit| unit.id),
        members,
        others,
        may_write,
        people,
        kinds: kinds.map(|kind| (kind.word().to_owned(), p.say(&kind.label()))).collect(),
        units: if teams.is_empty() { super::list_unit_options(&mut look.tx).await? } else { Vec::new() },
        teams,
        p,
    })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct MemberForm {
    /// The team's unit.
    unit: Raw,
    person: Raw,
    /// `lead`, `deputy` or `member`.
    kind: Raw,
    decision_no: Raw,
    duties: Raw,
    /// The first day.
    from: Raw,
}

pub async fn add(call: Call, form: MemberForm) -> Result<Done> {
    let mut checks = Checks::new();
    let unit = checks.id::<UnitId>("unit", &form.unit);
    let person = checks.id("person", &form.person);
    let kind = checks.choice::<AppointmentKind>("kind", &form.kind);
    if kind == Some(AppointmentKind::Officer) {
        checks.refuse("kind", ungcuu_kit::form::unknown());
    }
    let decision_no = checks.line_or_empty("decision_no", &form.decision_no);
    let duties = checks.area_or_empty("duties", &form.duties);
    let from = checks.moment("from", &form.from);
    checks.done()?;
    let (Some(unit_id), Some(person_id), Some(kind)) = (unit, person, kind) else { return Err(Error::NotFound) };
    let mut work = call.work().await?;
    let page = format!("/team?unit={unit_id}");
    let new = NewAppointment { unit_id, person_id, kind, decision_no, duties, from };
    let id = actions::appoint(&mut work, new).await?;
    let done = work.done(page).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new("Đã cập nhật Tổ ứng cứu.", "The team is up to date.")))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct EndForm {
    /// The last day.
    to: Raw,
    version: Raw,
}

pub async fn end(call: Call, form: EndForm) -> Result<Done> {
    let id: AppointmentId = call.param("id")?;
    let mut checks = Checks::new();
    let to = checks.moment("to", &form.to);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    let ended = actions::end(&mut work, &id, version, to).await?;
    let page = match ended.kind {
        AppointmentKind::Officer => format!("/units/{}", ended.unit_id),
        _ => format!("/team?unit={}", ended.unit_id),
    };
    Ok(work.done(page).await?.saying(Text::new("Đã ghi ngày kết thúc.", "The last day is noted.")))
}

/// Whom to call in one unit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Contact {
    unit: UnitRow,
    officer: Option<Appointment>,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/contacts.html")]
pub struct ContactsView {
    #[serde(skip)]
    p: Page,
    team: Vec<Appointment>,
    inside: Vec<Contact>,
    outside: Vec<Contact>,
}

/// Everyone to call, on one sheet. A locality has some hundred units.
pub async fn contacts(call: Call) -> Result<ContactsView> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Danh bạ liên lạc", "Contact sheet")).await?;
    let units = store::list_units(&mut look.tx, &UnitFilter::default(), call.now).await?;
    let officers = store::list_holding(&mut look.tx, None, &[AppointmentKind::Officer], call.now).await?;
    let team = store::list_holding(&mut look.tx, None, AppointmentKind::OF_TEAM, call.now).await?;
    let contact = |unit: UnitRow| {
        let officer = officers.iter().find(|officer| officer.unit_id == unit.id).cloned();
        Contact { unit, officer }
    };
    let (outside, inside): (Vec<_>, Vec<_>) = units.into_iter().map(contact).partition(|contact| contact.unit.outside);
    Ok(ContactsView { p, team, inside, outside })
}
