//! Pages of the units.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;

use super::actions::{self, UnitFacts};
use super::model::{Appointment, AppointmentKind, Person, PersonFilter, Unit, UnitFilter, UnitRow};
use super::{UnitId, store};
use crate::pack::{Pack, Unit as PackUnit};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Ask, Call, Done};

/// Rows of one page of a list.
pub(super) const ROWS: usize = 50;

pub(super) type Options = Vec<(String, String)>;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// Words of a name or a code.
    q: String,
    /// A kind of unit of the plan.
    kind: String,
    place: Ask<UnitPlace>,
    officer: Ask<UnitOfficer>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<UnitId>,
}

text_enum! {
    /// Which units to list.
    pub enum UnitPlace {
        Inside = "inside": ("Trong địa phương", "Of the locality"),
        Outside = "outside": ("Bên ngoài", "Outside"),
    }
}

text_enum! {
    /// Whether an officer in charge of information security was named.
    pub enum UnitOfficer {
        None = "none": ("Chưa bố trí", "Not named"),
    }
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/units.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    units: Vec<UnitRow>,
    next: Option<String>,
    #[serde(skip)]
    kinds: Options,
    #[serde(skip)]
    places: Options,
    #[serde(skip)]
    officers: Options,
}

impl ListView {
    fn kind_name(&self, kind: &str) -> String {
        name_of_kind(&self.kinds, kind)
    }
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let filter = UnitFilter {
        q: query.q,
        kind: query.kind,
        outside: query.place.0.map(|place| place == UnitPlace::Outside),
        without_officer: query.officer.0.is_some(),
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Đơn vị", "Units")).await?;
    let mut units = store::list_units(&mut look.tx, &filter, call.now).await?;
    let shown = units.iter().position(|unit| query.after.0.as_ref() == Some(&unit.id)).map_or(0, |place| place + 1);
    units.drain(..shown);
    let more = units.len() > ROWS;
    units.truncate(ROWS);
    Ok(ListView {
        next: units.last().filter(|_| more).map(|unit| unit.id.to_string()),
        units,
        kinds: kind_options(&call.app.pack, p.lang),
        places: UnitPlace::options(p.lang),
        officers: UnitOfficer::options(p.lang),
        p,
    })
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/unit.html")]
pub struct DetailView {
    #[serde(skip)]
    p: Page,
    unit: Unit,
    kind_name: String,
    parent: Option<Unit>,
    /// Who is in charge of information security now.
    officer: Option<Appointment>,
    /// Everyone who was, is or will be, the latest first.
    officers: Vec<Appointment>,
    /// The unit's people; only for readers whose permission covers the unit.
    people: Vec<Person>,
    systems: Vec<crate::system::SystemRow>,
    /// The parts the unit plays in the plan.
    functions: Vec<String>,
    /// The pack is not sure of this unit, or leaves it to the administrator.
    unsettled: bool,
    #[serde(skip)]
    may_write: bool,
    #[serde(skip)]
    sees_people: bool,
    #[serde(skip)]
    people_options: Options,
}

pub async fn detail(call: Call) -> Result<DetailView> {
    let id: UnitId = call.param("id")?;
    let mut look = call.look().await?;
    let unit = super::get_unit(&mut look.tx, &id).await?;
    let p = Page::new(&call, &mut look, Text::same(unit.name.clone())).await?;
    let parent = match &unit.parent_id {
        Some(parent) => store::find_unit(&mut look.tx, parent).await?,
        None => None,
    };
    let officers = store::list_appointments(&mut look.tx, &id, &[AppointmentKind::Officer]).await?;
    let sees_people = look.actor.can_in(Permission::OrgRead, &id);
    let mut people = Vec::new();
    if sees_people {
        let filter = PersonFilter { unit: Some(id.clone()), active: Some(true), ..PersonFilter::default() };
        people = store::list_people(&mut look.tx, &filter, &look.actor.scope(Permission::OrgRead), 200).await?;
    }
    let systems = if look.actor.can(Permission::SystemRead) {
        crate::system::of_unit(&mut look.tx, &id, &look.actor.scope(Permission::SystemRead)).await?
    } else {
        Vec::new()
    };
    let pack = &call.app.pack;
    let known = pack.unit(&unit.code);
    Ok(DetailView {
        kind_name: name_of_kind(&kind_options(pack, p.lang), &unit.kind),
        parent,
        officer: officers.iter().find(|officer| officer.holds(&call.now)).cloned(),
        officers,
        people_options: people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect(),
        people,
        systems,
        functions: known.map(|known| functions_of(pack, known, p.lang)).unwrap_or_default(),
        unsettled: known.is_some_and(|known| !known.confidence.settled()),
        may_write: look.actor.can_in(Permission::OrgWrite, &id),
        sees_people,
        unit,
        p,
    })
}

fn functions_of(pack: &Pack, unit: &PackUnit, lang: Lang) -> Vec<String> {
    let plays = pack
        .functions
        .iter()
        .filter(|function| function.unit.as_ref() == Some(&unit.id) || function.unit_kinds.contains(&unit.kind));
    plays.map(|function| function.name.get(lang).to_owned()).collect()
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/unit_edit.html")]
pub struct EditView {
    #[serde(skip)]
    p: Page,
    /// Absent: a new unit.
    unit: Option<Unit>,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    blank: Unit,
    #[serde(skip)]
    kinds: Options,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    unit_groups: Options,
}

impl EditView {
    fn shown(&self) -> &Unit {
        self.unit.as_ref().unwrap_or(&self.blank)
    }

    fn parent(&self) -> String {
        self.shown().parent_id.as_ref().map(UnitId::to_string).unwrap_or_default()
    }
}

pub async fn new(call: Call) -> Result<EditView> {
    edit_view(call, None).await
}

pub async fn edit(call: Call) -> Result<EditView> {
    let id: UnitId = call.param("id")?;
    edit_view(call, Some(id)).await
}

async fn edit_view(call: Call, id: Option<UnitId>) -> Result<EditView> {
    let mut look = call.look().await?;
    let mut unit = None;
    let mut action = "/units/new".to_owned();
    let mut title = Text::new("Thêm đơn vị", "New unit");
    if let Some(id) = &id {
        look.actor.must_in(Permission::OrgWrite, id)?;
        let found = super::get_unit(&mut look.tx, id).await?;
        title = look.app.pack.name_text(&found.name);
        unit = Some(found);
        action = format!("/units/{id}/edit");
    } else if !look.actor.scope(Permission::OrgWrite).everywhere {
        return Err(crate::actor::not_allowed());
    }
    let p = Page::new(&call, &mut look, title).await?;
    let units = super::list_unit_options(&mut look.tx).await?;
    let own = id.map(|id| id.to_string()).unwrap_or_default();
    Ok(EditView {
        unit,
        action,
        blank: Unit::empty(UnitId::default(), String::new()),
        kinds: kind_options(&call.app.pack, p.lang),
        units: units.into_iter().filter(|(id, _)| *id != own).collect(),
        unit_groups: super::list_unit_groups(&mut look.tx, &call.app.pack, p.lang).await?,
        p,
    })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct UnitForm {
    name: Raw,
    short_name: Raw,
    /// A kind of the pack's list.
    kind: Raw,
    parent: Raw,
    email: Raw,
    phone: Raw,
    address: Raw,
    outside: Raw,
    note: Raw,
    version: Raw,
}

impl UnitForm {
    fn read(&self, checks: &mut Checks, pack: &Pack) -> UnitFacts {
        let kind = checks.line("kind", &self.kind);
        if !kind.is_empty() && !pack.lists.unit_kinds.iter().any(|known| known.id == kind) {
            checks.refuse("kind", ungcuu_kit::form::unknown());
        }
        UnitFacts {
            name: checks.line("name", &self.name),
            short_name: checks.line_or_empty("short_name", &self.short_name),
            kind,
            parent_id: checks.id_or_none("parent", &self.parent),
            email: email_or_empty(checks, "email", &self.email),
            phone: checks.phone("phone", &self.phone),
            address: checks.line_or_empty("address", &self.address),
            outside: self.outside.ticked(),
            note: checks.area_or_empty("note", &self.note),
        }
    }
}

pub async fn create(call: Call, form: UnitForm) -> Result<Done> {
    let mut checks = Checks::new();
    let facts = form.read(&mut checks, &call.app.pack);
    checks.done()?;
    let mut work = call.work().await?;
    let id = actions::create_unit(&mut work, facts).await?;
    let done = work.done(format!("/units/{id}")).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new("Đã thêm đơn vị.", "The unit is added.")))
}

pub async fn save(call: Call, form: UnitForm) -> Result<Done> {
    let id: UnitId = call.param("id")?;
    let mut checks = Checks::new();
    let facts = form.read(&mut checks, &call.app.pack);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    actions::save_unit(&mut work, &id, version, facts).await?;
    let done = work.done(format!("/units/{id}")).await?;
    Ok(done.saying(Text::new("Đã lưu đơn vị.", "The unit is saved.")))
}

/// A mail address that may be left out.
pub(super) fn email_or_empty(checks: &mut Checks, field: &str, typed: &Raw) -> String {
    if typed.is_empty() { String::new() } else { checks.email(field, typed) }
}

fn kind_options(pack: &Pack, lang: Lang) -> Options {
    pack.lists.unit_kinds.iter().map(|kind| (kind.id.clone(), kind.label.get(lang).to_owned())).collect()
}

fn name_of_kind(kinds: &Options, kind: &str) -> String {
    let known = kinds.iter().find(|(id, _)| id == kind);
    known.map_or_else(|| kind.to_owned(), |(_, name)| name.clone())
}
