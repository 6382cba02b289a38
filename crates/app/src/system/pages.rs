//! Pages of the register of systems.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

use super::model::{System, SystemFilter, SystemRow};
use super::{SystemId, actions, store};
use crate::actor::Scope;
use crate::org::{self, UnitId};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Ask, Call, Done};

const ROWS: usize = 50;

type Options = Vec<(String, String)>;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// Words of a name, a code, a domain or an address.
    q: String,
    /// The owner or the operator.
    unit: Ask<UnitId>,
    /// A security level, or `none` for systems whose level is not approved.
    #[schemars(regex(pattern = "^([1-5]|none)?$"))]
    level: String,
    state: Ask<SystemState>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<SystemId>,
}

text_enum! {
    /// Which systems to list.
    pub enum SystemState {
        Used = "used": ("Đang dùng", "In use"),
        Former = "former": ("Đã ngừng", "Out of service"),
    }
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "system/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    systems: Vec<SystemRow>,
    next: Option<String>,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    levels: Options,
    #[serde(skip)]
    states: Options,
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let filter = SystemFilter {
        q: query.q,
        unit: query.unit.0,
        level: query.level.parse().ok(),
        without_level: query.level == "none",
        active: query.state.0.map(|state| state == SystemState::Used),
        after: query.after.0,
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Hệ thống thông tin", "Information systems")).await?;
    let scope = look.actor.scope(Permission::SystemRead);
    let mut systems = store::list(&mut look.tx, &filter, &scope, ROWS as i64 + 1).await?;
    let more = systems.len() > ROWS;
    systems.truncate(ROWS);
    let mut levels = level_options(&p);
    levels.push(("none".to_owned(), p.t("Chưa phê duyệt", "Not approved").to_owned()));
    Ok(ListView {
        next: systems.last().filter(|_| more).map(|system| system.id.to_string()),
        systems,
        units: org::list_unit_options(&mut look.tx).await?,
        levels,
        states: vec![
            ("used".to_owned(), p.t("Đang dùng", "In use").to_owned()),
            ("former".to_owned(), p.t("Đã ngừng", "Out of service").to_owned()),
        ],
        p,
    })
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "system/html/detail.html")]
pub struct DetailView {
    #[serde(skip)]
    p: Page,
    system: System,
    #[serde(skip)]
    may_write: bool,
}

pub async fn detail(call: Call) -> Result<DetailView> {
    let id: SystemId = call.param("id")?;
    let mut look = call.look().await?;
    let system = see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::same(system.name.clone())).await?;
    Ok(DetailView { may_write: may_write(&look.actor.scope(Permission::SystemWrite), &system), system, p })
}

/// A system the reader may see; any other does not exist.
async fn see(look: &mut crate::work::Look, id: &SystemId) -> Result<System> {
    let system = store::find(&mut look.tx, id).await?.ok_or(Error::NotFound)?;
    let scope = look.actor.scope(Permission::SystemRead);
    if may_write(&scope, &system) { Ok(system) } else { Err(Error::NotFound) }
}

/// Whether the scope covers one of the system's two units.
fn may_write(scope: &Scope, system: &System) -> bool {
    scope.covers(&system.operator_unit_id) || scope.covers(&system.owner_unit_id)
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "system/html/edit.html")]
pub struct EditView {
    #[serde(skip)]
    p: Page,
    system: System,
    #[serde(skip)]
    new: bool,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    levels: Options,
}

pub async fn new(call: Call) -> Result<EditView> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Thêm hệ thống", "New system")).await?;
    // Most people enter the systems of their own unit.
    let own = look.actor.unit_id.clone();
    let system =
        System { operator_unit_id: own.clone(), owner_unit_id: own, active: true, version: 1, ..System::default() };
    let units = org::list_unit_options(&mut look.tx).await?;
    Ok(EditView { system, new: true, action: "/systems/new".to_owned(), units, levels: level_options(&p), p })
}

pub async fn edit(call: Call) -> Result<EditView> {
    let id: SystemId = call.param("id")?;
    let mut look = call.look().await?;
    let system = see(&mut look, &id).await?;
    if !may_write(&look.actor.scope(Permission::SystemWrite), &system) {
        return Err(crate::actor::not_allowed());
    }
    let p = Page::new(&call, &mut look, Text::same(system.name.clone())).await?;
    let units = org::list_unit_options(&mut look.tx).await?;
    Ok(EditView { system, new: false, action: format!("/systems/{id}/edit"), units, levels: level_options(&p), p })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SystemForm {
    /// Only for a new system; given by the register when left out.
    code: Raw,
    name: Raw,
    purpose: Raw,
    /// The unit that owns it.
    owner: Raw,
    /// The unit that manages and operates it.
    operator: Raw,
    /// 1 to 5, or nothing.
    level: Raw,
    provider: Raw,
    link_provider: Raw,
    addresses: Raw,
    domains: Raw,
    os_name: Raw,
    os_version: Raw,
    services: Raw,
    safeguards: Raw,
    /// Taken out of service.
    former: Raw,
    version: Raw,
}

impl SystemForm {
    fn read(&self, checks: &mut Checks) -> System {
        System {
            code: checks.line_or_empty("code", &self.code),
            name: checks.line("name", &self.name),
            purpose: checks.area_or_empty("purpose", &self.purpose),
            owner_unit_id: checks.id::<UnitId>("owner", &self.owner).unwrap_or_default(),
            operator_unit_id: checks.id::<UnitId>("operator", &self.operator).unwrap_or_default(),
            level: (!self.level.is_empty()).then(|| checks.number("level", &self.level, 1, 5)),
            provider: checks.line_or_empty("provider", &self.provider),
            link_provider: checks.line_or_empty("link_provider", &self.link_provider),
            addresses: checks.area_or_empty("addresses", &self.addresses),
            domains: checks.area_or_empty("domains", &self.domains),
            os_name: checks.line_or_empty("os_name", &self.os_name),
            os_version: checks.line_or_empty("os_version", &self.os_version),
            services: checks.area_or_empty("services", &self.services),
            safeguards: checks.area_or_empty("safeguards", &self.safeguards),
            active: !self.former.ticked(),
            ..System::default()
        }
    }
}

pub async fn create(call: Call, form: SystemForm) -> Result<Done> {
    let mut checks = Checks::new();
    let system = form.read(&mut checks);
    checks.done()?;
    let mut work = call.work().await?;
    let id = actions::create(&mut work, system).await?;
    let done = work.done(format!("/systems/{id}")).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new("Đã thêm hệ thống.", "The system is added.")))
}

pub async fn save(call: Call, form: SystemForm) -> Result<Done> {
    let id: SystemId = call.param("id")?;
    let mut checks = Checks::new();
    let facts = form.read(&mut checks);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    actions::save(&mut work, &id, version, facts).await?;
    let done = work.done(format!("/systems/{id}")).await?;
    Ok(done.saying(Text::new("Đã lưu hệ thống.", "The system is saved.")))
}

fn level_options(p: &Page) -> Options {
    (1..=5).map(|level| (level.to_string(), format!("{} {level}", p.t("Cấp độ", "Level")))).collect()
}
