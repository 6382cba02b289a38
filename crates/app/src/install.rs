//! The beginning of an installation: the pack's units and one administrator with a one-time password.

use ungcuu_kit::chance;
use ungcuu_kit::db::Db;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::password;
use ungcuu_kit::text::Text;

use crate::actor::Actor;
use crate::app::App;
use crate::auth;
use crate::auth::actions::{NewAccount, create};
use crate::org::{NewPerson, any_unit, enter_person, install_units, unit_by_code};
use crate::pack::{Pack, RoleScope};
use crate::permission::Permission;
use crate::setting;
use crate::work::Work;

/// The administrator made at the first start.
#[derive(Clone, Debug)]
pub struct First {
    pub login: String,
    pub password: String,
}

const FIRST_LOGIN: &str = "quantri";

/// The setting that names the pack these records were begun with: a built-in one, or its folder.
const PACK: &str = "pack";

/// The name of the pack these records were begun with, if they were.
pub async fn pack_name(db: &Db) -> Result<Option<String>> {
    setting::read(&mut db.read().await?, PACK).await
}

/// Remembers the pack, so that the next start needs no name.
pub async fn remember_pack(db: &Db, name: &str) -> Result<()> {
    let mut tx = db.write().await?;
    setting::save(&mut tx, PACK, name).await?;
    tx.commit().await
}

/// Whether somebody's records are there already.
pub async fn is_begun(db: &Db) -> Result<bool> {
    any_unit(&mut db.read().await?).await
}

/// Enters the pack's units; when nobody can sign in yet, makes one administrator.
pub async fn begin(app: &App) -> Result<Option<First>> {
    begin_units(app).await?;
    let mut tx = app.db.read().await?;
    if auth::anyone(&mut tx).await? {
        return Ok(None);
    }
    drop(tx);
    let role = app.pack.roles.iter().find(|role| app.pack.permits(&role.id, Permission::Admin.word()));
    let role = role.map(|role| role.id.clone()).ok_or_else(|| anyhow::anyhow!("the pack has no administrator"))?;
    let unit = app.pack.units.iter().find(|unit| unit.parent.is_none()).or(app.pack.units.first());
    let unit = unit.map(|unit| unit.id.clone()).ok_or_else(|| anyhow::anyhow!("the pack has no unit"))?;
    let name = Text::new("Quản trị viên", "Administrator");
    let password = add_account(app, FIRST_LOGIN, &name.vi, &unit, &[role]).await?;
    Ok(Some(First { login: FIRST_LOGIN.to_owned(), password }))
}

/// Enters the pack's units that are not there yet.
pub async fn begin_units(app: &App) -> Result<()> {
    let mut work = app.work(Actor::system()).await?;
    install_units(&mut work, &app.pack).await?;
    work.commit().await
}

/// Makes a person of a unit (by its code) with an account and roles, and gives back the one-time password.
pub async fn add_account(app: &App, login: &str, name: &str, unit: &str, roles: &[String]) -> Result<String> {
    let password = chance::spoken_code(12);
    let password_hash = password::hash(password.clone()).await?;
    let mut work = app.work(Actor::system()).await?;
    let roles = scoped(&mut work, &app.pack, unit, roles).await?;
    let unit = unit_by_code(&mut work.tx, unit).await?.ok_or_else(|| unknown("unit"))?;
    let person = NewPerson { unit_id: unit, name: name.to_owned(), ..NewPerson::default() };
    let person_id = enter_person(&mut work, &person).await?;
    create(&mut work, NewAccount { person_id, login: login.to_owned(), password_hash, one_time: true, roles }).await?;
    work.commit().await?;
    Ok(password)
}

/// Roles with where they hold: within the unit, or everywhere when the pack says so.
pub async fn scoped(
    work: &mut Work,
    pack: &Pack,
    unit: &str,
    roles: &[String],
) -> Result<Vec<(String, Option<crate::org::UnitId>)>> {
    let unit = unit_by_code(&mut work.tx, unit).await?.ok_or_else(|| unknown("unit"))?;
    let scope = |role: &String| {
        let known = pack.role(role).ok_or_else(|| unknown("role"))?;
        Ok((role.clone(), (known.scope != RoleScope::All).then(|| unit.clone())))
    };
    roles.iter().map(scope).collect()
}

fn unknown(field: &str) -> Error {
    Error::field(field, ungcuu_kit::form::unknown())
}
