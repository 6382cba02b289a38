//! SQL of the demonstration: finding what the screens would show to choose from.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use crate::auth::AccountId;
use crate::org::PersonId;

pub async fn account(tx: &mut Tx, login: &str) -> Result<AccountId> {
    let found: Option<(AccountId,)> = tx.one(sql!("SELECT id FROM accounts WHERE login = $1"), args![login]).await?;
    found.map(|(id,)| id).ok_or(Error::NotFound)
}

pub async fn person(tx: &mut Tx, login: &str) -> Result<PersonId> {
    let found: Option<(PersonId,)> =
        tx.one(sql!("SELECT person_id FROM accounts WHERE login = $1"), args![login]).await?;
    found.map(|(id,)| id).ok_or(Error::NotFound)
}

pub async fn csrf(tx: &mut Tx, session: &str) -> Result<String> {
    let found: Option<(String,)> = tx.one(sql!("SELECT csrf FROM sessions WHERE id = $1"), args![session]).await?;
    found.map(|(csrf,)| csrf).ok_or(Error::NotFound)
}

pub async fn delete_sessions(tx: &mut Tx) -> Result<()> {
    tx.run(sql!("DELETE FROM sessions"), args![]).await?;
    Ok(())
}

/// The report that came in last.
pub async fn latest_alert(tx: &mut Tx) -> Result<String> {
    let found: Option<(String,)> =
        tx.one(sql!("SELECT id FROM alerts ORDER BY received_at DESC, id DESC LIMIT 1"), args![]).await?;
    found.map(|(id,)| id).ok_or(Error::NotFound)
}
