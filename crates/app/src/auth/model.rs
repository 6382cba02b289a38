//! An account and what belongs to it. Nothing here that carries a secret can be printed or sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::time::Time;

use super::AccountId;
use crate::org::{PersonId, UnitId};

/// An account with its secrets; stays inside this feature.
#[derive(Clone, sqlx::FromRow)]
pub struct Account {
    pub id: AccountId,
    pub person_id: PersonId,
    pub name: String,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub login: String,
    pub password_hash: String,
    pub one_time: bool,
    pub totp_secret: Option<String>,
    /// The last one-time code used, as its 30-second step; an earlier or equal one is refused.
    pub totp_used: i64,
    pub disabled: bool,
}

/// An account as it is shown.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct AccountRow {
    pub id: AccountId,
    pub login: String,
    pub name: String,
    pub unit_name: String,
    pub disabled: bool,
    /// The password must be changed at the next sign-in.
    pub one_time: bool,
    /// One-time codes are asked for.
    pub totp: bool,
}

impl From<&Account> for AccountRow {
    fn from(account: &Account) -> AccountRow {
        AccountRow {
            id: account.id.clone(),
            login: account.login.clone(),
            name: account.name.clone(),
            unit_name: account.unit_name.clone(),
            disabled: account.disabled,
            one_time: account.one_time,
            totp: account.totp_secret.is_some(),
        }
    }
}

/// What the list of accounts is asked for.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    pub q: String,
    pub role: Option<String>,
    pub disabled: Option<bool>,
    /// The login after which to go on.
    pub after: Option<String>,
}

/// A role held by an account.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct GrantRow {
    pub id: String,
    pub account_id: AccountId,
    pub role: String,
    /// Absent: everywhere.
    pub unit_id: Option<UnitId>,
    pub unit_name: Option<String>,
}

/// A role as people read it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Role {
    pub grant: String,
    pub name: String,
    /// Empty: everywhere.
    pub unit: String,
}

/// A session that is still good.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct OpenSession {
    #[serde(skip)]
    pub id: String,
    pub created_at: Time,
    pub seen_at: Time,
    /// What the browser calls itself.
    pub agent: String,
}

/// A token for programs; the token itself is not kept.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct ApiToken {
    pub id: String,
    pub name: String,
    pub created_at: Time,
}

/// Whoever a cookie or token belongs to.
#[derive(sqlx::FromRow)]
pub struct Known {
    pub session_id: String,
    pub csrf: String,
    pub created_at: Time,
    pub seen_at: Time,
    pub account_id: AccountId,
    pub one_time: bool,
    pub lang: String,
    pub theme: String,
    pub person_id: PersonId,
    pub name: String,
    pub unit_id: UnitId,
    pub unit_name: String,
}

/// An account of the demonstration, shown on the sign-in page.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DemoAccount {
    pub login: String,
    pub name: String,
    pub role: String,
    pub password: String,
}
