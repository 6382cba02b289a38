//! Pages of the people.

use std::sync::Arc;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

use super::actions::{self, NewPerson};
use super::model::{Appointment, Person, PersonFilter};
use super::pages::{Options, ROWS, email_or_empty};
use super::{PersonId, UnitId, store};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::choices::LongChoice;
use crate::web::{Ask, Call, Done};

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// Words of a name or a telephone number.
    q: String,
    unit: Ask<UnitId>,
    state: Ask<PersonState>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<PersonId>,
}

text_enum! {
    /// Which people to list.
    pub enum PersonState {
        Present = "present": ("Đang công tác", "Present"),
        Former = "former": ("Đã thôi việc, chuyển đi", "Left"),
    }
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/people.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    people: Vec<Person>,
    next: Option<String>,
    #[serde(skip)]
    units: Arc<LongChoice>,
    #[serde(skip)]
    states: Options,
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let filter = PersonFilter {
        q: query.q,
        unit: query.unit.0,
        active: query.state.0.map(|state| state == PersonState::Present),
        after: query.after.0,
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Cán bộ", "People")).await?;
    let scope = look.actor.scope(Permission::OrgRead);
    let mut people = store::list_people(&mut look.tx, &filter, &scope, ROWS as i64 + 1).await?;
    let more = people.len() > ROWS;
    people.truncate(ROWS);
    let units = super::list_unit_options(&mut look.tx).await?;
    let within = |id: &str| scope.everywhere || scope.units.iter().any(|unit| unit.as_str() == id);
    let units: Options = units.into_iter().filter(|(id, _)| within(id)).collect();
    let groups = super::list_unit_groups(&mut look.tx, &call.app.pack, call.lang).await?;
    Ok(ListView {
        next: people.last().filter(|_| more).map(|person| person.id.to_string()),
        people,
        units: Arc::new(LongChoice::new(&super::in_words(&call.app.pack, call.lang, units), &groups)),
        states: PersonState::options(p.lang),
        p,
    })
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/person.html")]
pub struct DetailView {
    #[serde(skip)]
    p: Page,
    person: Person,
    /// Every office held, the latest first.
    offices: Vec<Appointment>,
    #[serde(skip)]
    may_write: bool,
    #[serde(skip)]
    account: Option<String>,
}

pub async fn detail(call: Call) -> Result<DetailView> {
    let id: PersonId = call.param("id")?;
    let mut look = call.look().await?;
    let person = super::get_person(&mut look.tx, &id).await?;
    if !look.actor.can_in(Permission::OrgRead, &person.unit_id) {
        return Err(Error::NotFound);
    }
    let p = Page::new(&call, &mut look, Text::same(person.name.clone())).await?;
    let account = crate::auth::account_of(&mut look.tx, &id).await?;
    Ok(DetailView {
        offices: store::list_appointments_of(&mut look.tx, &id).await?,
        may_write: look.actor.can_in(Permission::OrgWrite, &person.unit_id),
        account: account.map(|account| account.to_string()),
        person,
        p,
    })
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "org/html/person_edit.html")]
pub struct EditView {
    #[serde(skip)]
    p: Page,
    /// Absent: a new person.
    person: Option<Person>,
    #[serde(skip)]
    blank: Person,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    unit: String,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    unit_groups: Options,
}

impl EditView {
    fn shown(&self) -> &Person {
        self.person.as_ref().unwrap_or(&self.blank)
    }
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct NewQuery {
    /// The unit the person works in.
    unit: String,
}

pub async fn new(call: Call) -> Result<EditView> {
    let query: NewQuery = call.query()?;
    edit_view(call, None, query.unit).await
}

pub async fn edit(call: Call) -> Result<EditView> {
    let id: PersonId = call.param("id")?;
    edit_view(call, Some(id), String::new()).await
}

async fn edit_view(call: Call, id: Option<PersonId>, mut unit: String) -> Result<EditView> {
    let mut look = call.look().await?;
    let mut person = None;
    let mut action = "/people/new".to_owned();
    let mut title = Text::new("Thêm cán bộ", "New person");
    if let Some(id) = &id {
        let found = super::get_person(&mut look.tx, id).await?;
        if !look.actor.can_in(Permission::OrgRead, &found.unit_id) {
            return Err(Error::NotFound);
        }
        look.actor.must_in(Permission::OrgWrite, &found.unit_id)?;
        title = Text::same(found.name.clone());
        unit = found.unit_id.to_string();
        action = format!("/people/{id}/edit");
        person = Some(found);
    }
    let p = Page::new(&call, &mut look, title).await?;
    let scope = look.actor.scope(Permission::OrgWrite);
    let units = super::list_unit_options(&mut look.tx).await?;
    let within = |id: &str| scope.everywhere || scope.units.iter().any(|unit| unit.as_str() == id);
    let units = units.into_iter().filter(|(id, _)| within(id)).collect();
    let unit_groups = super::list_unit_groups(&mut look.tx, &call.app.pack, call.lang).await?;
    Ok(EditView { person, blank: Person::default(), action, unit, units, unit_groups, p })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct PersonForm {
    unit: Raw,
    name: Raw,
    title: Raw,
    email: Raw,
    phone: Raw,
    phone_off_hours: Raw,
    /// Left the unit: no longer offered in lists.
    former: Raw,
    version: Raw,
}

impl PersonForm {
    fn read(&self, checks: &mut Checks) -> NewPerson {
        NewPerson {
            unit_id: checks.id::<UnitId>("unit", &self.unit).unwrap_or_default(),
            name: checks.line("name", &self.name),
            title: checks.line_or_empty("title", &self.title),
            email: email_or_empty(checks, "email", &self.email),
            phone: checks.phone("phone", &self.phone),
            phone_off_hours: checks.phone("phone_off_hours", &self.phone_off_hours),
        }
    }
}

pub async fn create(call: Call, form: PersonForm) -> Result<Done> {
    let mut checks = Checks::new();
    let new = form.read(&mut checks);
    checks.done()?;
    let mut work = call.work().await?;
    let id = actions::enter_person(&mut work, &new).await?;
    let done = work.done(format!("/people/{id}")).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new("Đã thêm cán bộ.", "The person is added.")))
}

pub async fn save(call: Call, form: PersonForm) -> Result<Done> {
    let id: PersonId = call.param("id")?;
    let mut checks = Checks::new();
    let facts = form.read(&mut checks);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    actions::save_person(&mut work, &id, version, !form.former.ticked(), facts).await?;
    let done = work.done(format!("/people/{id}")).await?;
    Ok(done.saying(Text::new("Đã lưu thông tin cán bộ.", "The person is saved.")))
}
