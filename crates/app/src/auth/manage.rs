//! Pages of the administrator: the accounts, one account, a new one.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;

use super::actions::{self, NewAccount};
use super::model::{AccountFilter, AccountRow, Role};
use super::pages::{Nothing, roles_of};
use super::{AccountId, store};
use crate::org::{self, PersonId, UnitId};
use crate::pack::{Pack, RoleScope};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Ask, Call, Done};

/// Rows of one page of the list.
const ROWS: usize = 50;

type Options = Vec<(String, String)>;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// Words of a name, a login or a unit.
    q: String,
    /// A role of the plan.
    role: String,
    state: Ask<AccountState>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

text_enum! {
    /// Which accounts to list.
    pub enum AccountState {
        Used = "used": ("Đang dùng", "In use"),
        Disabled = "disabled": ("Đã khoá", "Disabled"),
    }
}

/// An account and its roles in one line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    account: AccountRow,
    roles: String,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    accounts: Vec<Line>,
    /// The cursor of the next page.
    next: Option<String>,
    #[serde(skip)]
    roles: Options,
    #[serde(skip)]
    states: Options,
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let filter = AccountFilter {
        q: query.q,
        role: (!query.role.is_empty()).then_some(query.role),
        disabled: query.state.0.map(|state| state == AccountState::Disabled),
        after: (!query.after.is_empty()).then_some(query.after),
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Tài khoản", "Accounts")).await?;
    let scope = look.actor.scope(Permission::AccountManage);
    let mut rows = store::list(&mut look.tx, &filter, &scope, ROWS as i64 + 1).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id.clone()).collect();
    let grants = store::list_grants(&mut look.tx, &ids).await?;
    let pack = &call.app.pack;
    let roles = |id: &AccountId| {
        let held = grants.iter().filter(|grant| grant.account_id == *id);
        let names: Vec<String> =
            held.map(|grant| actions::role_name(pack, &grant.role).get(p.lang).to_owned()).collect();
        names.join(", ")
    };
    Ok(ListView {
        next: rows.last().filter(|_| more).map(|row| row.login.clone()),
        accounts: rows.into_iter().map(|account| Line { roles: roles(&account.id), account }).collect(),
        roles: role_options(pack, p.lang),
        states: AccountState::options(p.lang),
        p,
    })
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct NewQuery {
    /// The person who is to have the account.
    person: String,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/new.html")]
pub struct NewView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    people: Options,
    #[serde(skip)]
    roles: Options,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    person: String,
    #[serde(skip)]
    login: String,
}

pub async fn new(call: Call) -> Result<NewView> {
    let query: NewQuery = call.query()?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Thêm tài khoản", "New account")).await?;
    let mut login = String::new();
    if let Ok(id) = query.person.parse::<PersonId>() {
        login = suggested_login(&org::get_person(&mut look.tx, &id).await?.name);
    }
    Ok(NewView {
        people: org::list_people_options(&mut look.tx, None).await?,
        roles: role_options(&call.app.pack, p.lang),
        units: org::list_unit_options(&mut look.tx).await?,
        person: query.person,
        login,
        p,
    })
}

/// "Lê Thị Lan" becomes `lan.le.thi`: the given name first, as people are called.
fn suggested_login(name: &str) -> String {
    let folded = ungcuu_kit::text::fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    words.rotate_right(1);
    words.join(".")
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct NewForm {
    person: Raw,
    login: Raw,
    role: Raw,
    /// Where a role of one unit holds; the person's own unit when left out.
    unit: Raw,
}

pub async fn create(call: Call, form: NewForm) -> Result<Done> {
    let mut checks = Checks::new();
    let person = checks.id::<PersonId>("person", &form.person);
    let login = checks.line("login", &form.login).to_lowercase();
    if !login.is_empty() && !well_formed(&login) {
        checks.refuse(
            "login",
            Text::new(
                "Tên đăng nhập gồm 3 đến 60 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới.",
                "A sign-in name has 3 to 60 plain letters, digits, dots, hyphens or underscores.",
            ),
        );
    }
    let role = checks.line_or_empty("role", &form.role);
    let unit = checks.id_or_none::<UnitId>("unit", &form.unit);
    checks.done()?;
    let person_id = person.ok_or(Error::NotFound)?;
    let (password, password_hash) = actions::one_time_password().await?;
    let mut work = call.work().await?;
    let person = org::get_person(&mut work.tx, &person_id).await?;
    let mut roles = Vec::new();
    if !role.is_empty() {
        roles.push((role.clone(), unit_of_role(&call.app.pack, &role, unit, &person.unit_id)));
    }
    let new = NewAccount { person_id, login: login.clone(), password_hash, one_time: true, roles };
    let id = actions::create(&mut work, new).await?;
    Ok(work.done(format!("/accounts/{id}")).await?.with(told(&password)).saying(tell(&login, &password)))
}

/// A role that holds in one unit holds in the person's own unless another is named.
fn unit_of_role(pack: &Pack, role: &str, unit: Option<UnitId>, own: &UnitId) -> Option<UnitId> {
    let of_a_unit = pack.role(role).is_some_and(|role| role.scope == RoleScope::Unit);
    of_a_unit.then(|| unit.unwrap_or_else(|| own.clone()))
}

fn well_formed(login: &str) -> bool {
    let letters = login.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    letters && (3..=60).contains(&login.len())
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/detail.html")]
pub struct DetailView {
    #[serde(skip)]
    p: Page,
    account: AccountRow,
    roles: Vec<Role>,
    #[serde(skip)]
    person_id: PersonId,
    #[serde(skip)]
    unit_id: UnitId,
    #[serde(skip)]
    role_options: Options,
    #[serde(skip)]
    units: Options,
}

pub async fn detail(call: Call) -> Result<DetailView> {
    let id: AccountId = call.param("id")?;
    let mut look = call.look().await?;
    let account = store::find(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    if !look.actor.can_in(Permission::AccountManage, &account.unit_id) {
        return Err(Error::NotFound);
    }
    let p = Page::new(&call, &mut look, Text::same(account.name.clone())).await?;
    Ok(DetailView {
        roles: roles_of(&mut look, &id, p.lang).await?,
        role_options: role_options(&call.app.pack, p.lang),
        units: org::list_unit_options(&mut look.tx).await?,
        account: AccountRow::from(&account),
        person_id: account.person_id,
        unit_id: account.unit_id,
        p,
    })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct RoleForm {
    role: Raw,
    /// Where a role of one unit holds; the person's own unit when left out.
    unit: Raw,
}

pub async fn give_role(call: Call, form: RoleForm) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let mut checks = Checks::new();
    let role = checks.line("role", &form.role);
    let unit = checks.id_or_none::<UnitId>("unit", &form.unit);
    checks.done()?;
    let mut work = call.work().await?;
    let account = actions::manage(&mut work, &id).await?;
    if let Some(unit) = &unit {
        org::get_unit(&mut work.tx, unit).await?;
    }
    let unit = unit_of_role(&call.app.pack, &role, unit, &account.unit_id);
    actions::give_role(&mut work, &id, &role, unit.as_ref()).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.saying(Text::new("Đã giao vai trò.", "The role is given.")))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TakeForm {
    grant: Raw,
}

pub async fn take_role(call: Call, form: TakeForm) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let mut work = call.work().await?;
    actions::take_role(&mut work, &id, form.grant.as_str()).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.saying(Text::new("Đã bỏ vai trò.", "The role is taken away.")))
}

pub async fn reset(call: Call, _: Nothing) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let (password, hash) = actions::one_time_password().await?;
    let mut work = call.work().await?;
    let account = actions::manage(&mut work, &id).await?;
    actions::reset(&mut work, &id, &hash).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.with(told(&password)).saying(tell(&account.login, &password)))
}

pub async fn disable(call: Call, _: Nothing) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let mut work = call.work().await?;
    actions::disable(&mut work, &id).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.saying(Text::new("Đã khoá tài khoản.", "The account is disabled.")))
}

pub async fn enable(call: Call, _: Nothing) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let mut work = call.work().await?;
    actions::enable(&mut work, &id).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.saying(Text::new("Đã mở lại tài khoản.", "The account is enabled.")))
}

pub async fn remove_totp(call: Call, _: Nothing) -> Result<Done> {
    let id: AccountId = call.param("id")?;
    let mut work = call.work().await?;
    actions::remove_totp(&mut work, &id).await?;
    let done = work.done(format!("/accounts/{id}")).await?;
    Ok(done.saying(Text::new("Đã gỡ mã một lần.", "The one-time codes are removed.")))
}

/// Every role of the pack; those of one unit say so.
fn role_options(pack: &Pack, lang: Lang) -> Options {
    let label = |role: &crate::pack::Role| {
        let name = role.name.get(lang);
        match role.scope {
            RoleScope::Unit => format!("{name} ({})", lang.pick("trong một đơn vị", "within a unit")),
            RoleScope::All => name.to_owned(),
        }
    };
    pack.roles.iter().map(|role| (role.id.clone(), label(role))).collect()
}

/// Shown once, on the page that follows; kept nowhere.
fn tell(login: &str, password: &str) -> Text {
    text!(
        "Mật khẩu một lần của {login}: {password} — hãy báo cho người dùng ngay, mật khẩu chỉ hiện một lần này.",
        "One-time password of {login}: {password} — tell the person now, it is shown only this once."
    )
}

fn told(password: &str) -> serde_json::Value {
    serde_json::json!({ "one_time_password": password })
}
