//! What an administrator does to accounts: create, give and take roles, reset, disable. Also for the command line.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::{chance, password};

use super::model::{Account, AccountFilter};
use super::{AccountId, store};
use crate::actor::{Actor, not_allowed};
use crate::app::App;
use crate::org::{self, PersonId, UnitId};
use crate::pack::{Pack, RoleScope};
use crate::permission::Permission;
use crate::work::Work;

pub use super::entrance::begin_session;

/// The stream of the journal that holds everything about accounts.
pub const STREAM: &str = "accounts";

/// What is needed to create an account. The password is hashed before the unit of work begins.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub person_id: PersonId,
    pub login: String,
    pub password_hash: String,
    /// Must be changed at the first sign-in.
    pub one_time: bool,
    /// Roles of the pack, each within a unit or (absent) everywhere.
    pub roles: Vec<(String, Option<UnitId>)>,
}

/// A password that is told to a person once, and its hash. Hashing takes time: ask before the unit of work begins.
pub async fn one_time_password() -> Result<(String, String)> {
    let code = chance::spoken_code(12);
    let spoken = format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..]);
    let hash = password::hash(spoken.clone()).await?;
    Ok((spoken, hash))
}

/// Creates an account with its roles.
pub async fn create(work: &mut Work, new: NewAccount) -> Result<AccountId> {
    let person = org::get_person(&mut work.tx, &new.person_id).await?;
    work.actor.must_in(Permission::AccountManage, &person.unit_id)?;
    for (role, unit) in &new.roles {
        may_give(work, role, unit.as_ref())?;
    }
    let id = AccountId::new(&work.app.chance, work.now);
    let login = new.login.trim().to_lowercase();
    if store::insert(&mut work.tx, &id, &new.person_id, &login, &new.password_hash, new.one_time).await? == 0 {
        return Err(Error::field(
            "login",
            Text::new(
                "Tên đăng nhập này, hoặc người này, đã có tài khoản.",
                "This sign-in name or this person has an account already.",
            ),
        ));
    }
    let mut rows = vec![("accounts", id.to_string())];
    for (role, unit) in &new.roles {
        rows.push(grant(work, &id, role, unit.as_ref()).await?);
    }
    let rows: Vec<(&'static str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    work.record(STREAM, "account.created", text!("Tạo tài khoản {login}", "Created the account {login}"), &rows);
    Ok(id)
}

/// Gives an account one more role, within a unit or everywhere as the pack says.
pub async fn give_role(work: &mut Work, id: &AccountId, role: &str, unit: Option<&UnitId>) -> Result<()> {
    let account = manage(work, id).await?;
    may_give(work, role, unit)?;
    let held = store::list_grants(&mut work.tx, std::slice::from_ref(id)).await?;
    if held.iter().any(|grant| grant.role == role && grant.unit_id.as_ref() == unit) {
        return Err(Error::field(
            "role",
            Text::new("Tài khoản đã có vai trò này.", "The account holds this role already."),
        ));
    }
    let (table, row) = grant(work, id, role, unit).await?;
    let (login, name) = (&account.login, role_name(&work.app.pack, role));
    let (vi, en) = (&name.vi, &name.en);
    let what = text!("Giao vai trò “{vi}” cho {login}", "Gave the role “{en}” to {login}");
    work.record(STREAM, "account.role_given", what, &[(table, &row), ("accounts", id.as_str())]);
    Ok(())
}

/// Takes a role away from an account.
pub async fn take_role(work: &mut Work, id: &AccountId, grant: &str) -> Result<()> {
    let account = manage(work, id).await?;
    store::take_turn(&mut work.tx).await?;
    let held = store::list_grants(&mut work.tx, std::slice::from_ref(id)).await?;
    let held = held.into_iter().find(|held| held.id == grant).ok_or(Error::NotFound)?;
    if let Some(unit) = &held.unit_id {
        work.actor.must_in(Permission::AccountManage, unit)?;
    }
    store::delete_grant(&mut work.tx, id, grant).await?;
    keep_an_administrator(work).await?;
    let (login, name) = (&account.login, role_name(&work.app.pack, &held.role));
    let (vi, en) = (&name.vi, &name.en);
    let what = text!("Bỏ vai trò “{vi}” của {login}", "Took the role “{en}” from {login}");
    work.record(STREAM, "account.role_taken", what, &[("grants", grant), ("accounts", id.as_str())]);
    Ok(())
}

/// Puts a one-time password in place, ends every session and every token of the account.
pub async fn reset(work: &mut Work, id: &AccountId, hash: &str) -> Result<()> {
    let account = manage(work, id).await?;
    store::set_password(&mut work.tx, id, hash, true).await?;
    let tokens = shut_out(work, id).await?;
    let login = &account.login;
    let what = text!("Đặt lại mật khẩu của {login}", "Reset the password of {login}");
    record(work, "account.password_reset", what, id, &tokens);
    Ok(())
}

/// Keeps an account out, at once. The last administrator cannot be.
pub async fn disable(work: &mut Work, id: &AccountId) -> Result<()> {
    let account = manage(work, id).await?;
    store::take_turn(&mut work.tx).await?;
    let administrators = store::count_holders(&mut work.tx, &admin_roles(&work.app.pack)).await?;
    store::set_disabled(&mut work.tx, id, true).await?;
    if administrators > 0 {
        keep_an_administrator(work).await?;
    }
    let tokens = shut_out(work, id).await?;
    let login = &account.login;
    record(work, "account.disabled", text!("Khoá tài khoản {login}", "Disabled the account {login}"), id, &tokens);
    Ok(())
}

/// Lets a disabled account in again.
pub async fn enable(work: &mut Work, id: &AccountId) -> Result<()> {
    let account = manage(work, id).await?;
    store::set_disabled(&mut work.tx, id, false).await?;
    let login = &account.login;
    record(work, "account.enabled", text!("Mở lại tài khoản {login}", "Enabled the account {login}"), id, &[]);
    Ok(())
}

/// Takes the one-time codes off an account whose telephone is lost.
pub async fn remove_totp(work: &mut Work, id: &AccountId) -> Result<()> {
    let account = manage(work, id).await?;
    store::set_totp(&mut work.tx, id, None, account.totp_used).await?;
    let login = &account.login;
    let what = text!("Gỡ mã một lần của {login}", "Removed the one-time codes of {login}");
    record(work, "account.totp_removed", what, id, &[]);
    Ok(())
}

/// The account with this sign-in name, for the command line.
pub async fn find_by_login(work: &mut Work, login: &str) -> Result<Option<AccountId>> {
    let found = store::find_by_login(&mut work.tx, &login.trim().to_lowercase()).await?;
    Ok(found.map(|account| account.id))
}

/// Every account by its sign-in name, for the command line: login, name, unit, roles, state.
pub async fn list_lines(app: &App) -> Result<Vec<[String; 5]>> {
    const ROWS: i64 = 500;
    let everywhere = Actor::system().scope(Permission::AccountManage);
    let mut filter = AccountFilter::default();
    let mut lines = Vec::new();
    let mut tx = app.db.read().await?;
    loop {
        let rows = store::list(&mut tx, &filter, &everywhere, ROWS).await?;
        let ids: Vec<AccountId> = rows.iter().map(|row| row.id.clone()).collect();
        let grants = store::list_grants(&mut tx, &ids).await?;
        filter.after = rows.last().map(|row| row.login.clone());
        for row in &rows {
            let held = grants.iter().filter(|grant| grant.account_id == row.id);
            let roles: Vec<&str> = held.map(|grant| grant.role.as_str()).collect();
            let state = match (row.disabled, row.one_time) {
                (true, _) => "khoá (disabled)",
                (_, true) => "chưa đổi mật khẩu (one-time password)",
                _ => "đang dùng (in use)",
            };
            let roles = roles.join(",");
            lines.push([row.login.clone(), row.name.clone(), row.unit_name.clone(), roles, state.to_owned()]);
        }
        if rows.len() < ROWS as usize {
            return Ok(lines);
        }
    }
}

/// The roles of the pack that may do everything an administrator does.
pub fn admin_roles(pack: &Pack) -> Vec<&str> {
    let admin = |id: &str| pack.permits(id, Permission::Admin.word());
    pack.roles.iter().map(|role| role.id.as_str()).filter(|id| admin(id)).collect()
}

/// What people call a role; its identifier when the pack knows it no longer.
pub fn role_name(pack: &Pack, role: &str) -> Text {
    pack.role(role).map_or_else(|| Text::same(role), |role| role.name.text())
}

/// The account, if whoever acts may change it. One outside of their units does not exist for them.
pub async fn manage(work: &mut Work, id: &AccountId) -> Result<Account> {
    let account = store::find(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    if !work.actor.can_in(Permission::AccountManage, &account.unit_id) {
        return Err(Error::NotFound);
    }
    let held = store::grants_of(&mut work.tx, id).await?;
    let pack = &work.app.pack;
    let mighty = held.iter().any(|grant| pack.permits(&grant.role, Permission::Admin.word()));
    if mighty && !work.actor.can(Permission::Admin) {
        return Err(not_allowed());
    }
    Ok(account)
}

/// Nobody gives more than they may: a role everywhere, a role in a foreign unit, or an administrator's.
fn may_give(work: &Work, role: &str, unit: Option<&UnitId>) -> Result<()> {
    let known = work.app.pack.role(role).ok_or_else(|| Error::field("role", ungcuu_kit::form::unknown()))?;
    if (known.scope == RoleScope::Unit) != unit.is_some() {
        return Err(Error::field(
            "unit",
            match known.scope {
                RoleScope::Unit => Text::new("Vai trò này cần một đơn vị.", "This role needs a unit."),
                RoleScope::All => Text::new("Vai trò này có hiệu lực ở mọi đơn vị.", "This role holds in every unit."),
            },
        ));
    }
    let allowed = match unit {
        Some(unit) => work.actor.can_in(Permission::AccountManage, unit),
        None => work.actor.scope(Permission::AccountManage).everywhere,
    };
    let mighty = work.app.pack.permits(role, Permission::Admin.word());
    if !allowed || (mighty && !work.actor.can(Permission::Admin)) {
        return Err(not_allowed());
    }
    Ok(())
}

async fn grant(
    work: &mut Work,
    account: &AccountId,
    role: &str,
    unit: Option<&UnitId>,
) -> Result<(&'static str, String)> {
    let id = work.app.chance.id("gra", work.now);
    store::insert_grant(&mut work.tx, &id, account, role, unit).await?;
    Ok(("grants", id))
}

/// Ends the sessions and tokens of an account; gives back the tokens' rows for the journal.
async fn shut_out(work: &mut Work, id: &AccountId) -> Result<Vec<String>> {
    store::delete_other_sessions(&mut work.tx, id, "").await?;
    let tokens = store::list_tokens(&mut work.tx, id).await?;
    if !tokens.is_empty() {
        store::revoke_all_tokens(&mut work.tx, id).await?;
    }
    Ok(tokens.into_iter().map(|token| token.id).collect())
}

async fn keep_an_administrator(work: &mut Work) -> Result<()> {
    let app = work.app.clone();
    if store::count_holders(&mut work.tx, &admin_roles(&app.pack)).await? > 0 {
        return Ok(());
    }
    Err(Error::not_now(
        "Đây là quản trị viên cuối cùng. Hãy giao vai trò quản trị cho một người khác trước.",
        "This is the last administrator. Make someone else an administrator first.",
    ))
}

fn record(work: &mut Work, act: &'static str, what: Text, id: &AccountId, tokens: &[String]) {
    let mut rows = vec![("accounts", id.as_str())];
    rows.extend(tokens.iter().map(|token| ("api_tokens", token.as_str())));
    work.record(STREAM, act, what, &rows);
}
