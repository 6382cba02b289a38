//! What is done to accounts: create, give roles, begin a session.

use ungcuu_kit::chance;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::{args, sql};

use super::{AccountId, token_hash};
use crate::org::{PersonId, UnitId};
use crate::work::Work;

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

/// Creates an account with its roles.
pub async fn create(work: &mut Work, new: NewAccount) -> Result<AccountId> {
    let id = AccountId::new(&work.app.chance, work.now);
    let login = new.login.trim().to_lowercase();
    let created = work
        .tx
        .run(
            sql!(
                "INSERT INTO accounts
                     (id, person_id, login, password_hash, one_time, totp_used, disabled, lang, theme, version)
                 VALUES ($1, $2, $3, $4, $5, 0, FALSE, '', '', 1)
                 ON CONFLICT DO NOTHING"
            ),
            args![&id, &new.person_id, &login, new.password_hash, new.one_time],
        )
        .await?;
    if created == 0 {
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

/// Gives an account a role. The caller writes the journal's entry.
pub async fn grant(
    work: &mut Work,
    account: &AccountId,
    role: &str,
    unit: Option<&UnitId>,
) -> Result<(&'static str, String)> {
    let id = work.app.chance.id("gra", work.now);
    work.tx
        .run(
            sql!("INSERT INTO grants (id, account_id, role, unit_id) VALUES ($1, $2, $3, $4)"),
            args![&id, account, role, unit],
        )
        .await?;
    Ok(("grants", id))
}

/// Begins a session and gives back the token for the cookie; only its hash is stored.
pub async fn begin_session(work: &mut Work, account: &AccountId, agent: &str) -> Result<String> {
    let token = chance::secret();
    let agent: String = agent.chars().take(200).collect();
    work.tx
        .run(
            sql!(
                "INSERT INTO sessions (id, account_id, csrf, created_at, seen_at, agent) VALUES ($1, $2, $3, $4, $4, $5)"
            ),
            args![token_hash(&token), account, chance::secret(), work.now, agent],
        )
        .await?;
    Ok(token)
}
