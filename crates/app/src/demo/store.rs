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

/// First actions still to be ticked, with their versions.
pub async fn open_items(tx: &mut Tx, incident: &str) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT id, version FROM checklist_items WHERE incident_id = $1 AND state = 'open'
              ORDER BY position, id LIMIT 100"
        ),
        args![incident],
    )
    .await
}

/// Checks still to be answered in the latest round, with their versions.
pub async fn open_checks(tx: &mut Tx, incident: &str) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT id, version FROM verification_checks WHERE incident_id = $1 AND result = 'open'
              ORDER BY round DESC, position, id LIMIT 100"
        ),
        args![incident],
    )
    .await
}

/// The proposal that waits for the owner, with its version.
pub async fn waiting_proposal(tx: &mut Tx, incident: &str) -> Result<(String, i64)> {
    let found: Option<(String, i64)> = tx
        .one(
            sql!("SELECT id, version FROM option_proposals WHERE incident_id = $1 AND state = 'waiting'"),
            args![incident],
        )
        .await?;
    found.ok_or(Error::NotFound)
}

/// The members of the team that were called, with their logins where they have one.
pub async fn summoned(tx: &mut Tx, incident: &str) -> Result<Vec<(String, i64, String)>> {
    tx.all(
        sql!(
            "SELECT s.id, s.version, a.login
               FROM summoned_people s JOIN accounts a ON a.person_id = s.person_id
              WHERE s.incident_id = $1
              ORDER BY s.id LIMIT 50"
        ),
        args![incident],
    )
    .await
}
