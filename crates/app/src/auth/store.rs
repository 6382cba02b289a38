//! All SQL about accounts, roles, sessions and tokens.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::AccountId;
use super::model::{Account, AccountFilter, AccountRow, ApiToken, GrantRow, Known, OpenSession};
use crate::actor::{Grant, Scope};
use crate::org::{PersonId, UnitId};

const ACCOUNT: &str =
    "SELECT a.id, a.person_id, p.name, p.unit_id, u.name AS unit_name, a.login, a.password_hash, a.one_time,
       a.totp_secret, a.totp_used, a.disabled
  FROM accounts a
  JOIN people p ON p.id = a.person_id
  JOIN units u ON u.id = p.unit_id";

pub async fn find(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>> {
    let select = Select::new(ACCOUNT, []).and("a.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

/// The login as it is stored: lower case.
pub async fn find_by_login(tx: &mut Tx, login: &str) -> Result<Option<Account>> {
    let select = Select::new(ACCOUNT, []).and("a.login = ?", args![login]);
    Ok(tx.select(select).await?.pop())
}

pub async fn find_by_person(tx: &mut Tx, person: &PersonId) -> Result<Option<Account>> {
    let select = Select::new(ACCOUNT, []).and("a.person_id = ?", args![person]);
    Ok(tx.select(select).await?.pop())
}

/// The account behind a session that still owes its one-time code.
pub async fn find_waiting(tx: &mut Tx, session: &str, since: Time) -> Result<Option<Account>> {
    let select = Select::new(ACCOUNT, [])
        .and(
            "a.id IN (SELECT s.account_id FROM sessions s WHERE s.id = ? AND s.waiting = TRUE AND s.created_at >= ?)",
            args![session, since],
        )
        .and("a.disabled = FALSE", []);
    Ok(tx.select(select).await?.pop())
}

/// One page of accounts by login, of the units in scope.
pub async fn list(tx: &mut Tx, filter: &AccountFilter, scope: &Scope, limit: i64) -> Result<Vec<AccountRow>> {
    let mut select = Select::new(
        "SELECT a.id, a.login, p.name, u.name AS unit_name, a.disabled, a.one_time,
                CASE WHEN a.totp_secret IS NULL THEN FALSE ELSE TRUE END AS totp
           FROM accounts a
           JOIN people p ON p.id = a.person_id
           JOIN units u ON u.id = p.unit_id",
        [],
    );
    if !scope.everywhere {
        select = select.and_in("p.unit_id", scope.units.iter().map(Into::into));
    }
    if !filter.q.is_empty() {
        let pattern = crate::org::pattern(&filter.q);
        select = select.and(
            r"(a.login LIKE ? ESCAPE '\' OR p.folded LIKE ? ESCAPE '\' OR u.folded LIKE ? ESCAPE '\')",
            args![&pattern, &pattern, &pattern],
        );
    }
    if let Some(role) = &filter.role {
        select = select.and("a.id IN (SELECT g.account_id FROM grants g WHERE g.role = ?)", args![role]);
    }
    if let Some(disabled) = filter.disabled {
        select = select.and("a.disabled = ?", args![disabled]);
    }
    if let Some(after) = &filter.after {
        select = select.and("a.login > ?", args![after]);
    }
    tx.select(select.tail("ORDER BY a.login, a.id LIMIT ?", args![limit])).await
}

/// The roles of these accounts, to be shown beside them.
pub async fn list_grants(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<GrantRow>> {
    let select = Select::new(
        "SELECT g.id, g.account_id, g.role, g.unit_id, u.name AS unit_name
           FROM grants g LEFT JOIN units u ON u.id = g.unit_id",
        [],
    )
    .and_in("g.account_id", accounts.iter().map(Into::into))
    .tail("ORDER BY g.id LIMIT 2000", []);
    tx.select(select).await
}

pub async fn insert(
    tx: &mut Tx,
    id: &AccountId,
    person: &PersonId,
    login: &str,
    hash: &str,
    one_time: bool,
) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO accounts
                 (id, person_id, login, password_hash, one_time, totp_used, disabled, lang, theme, version)
             VALUES ($1, $2, $3, $4, $5, 0, FALSE, '', '', 1)
             ON CONFLICT DO NOTHING"
        ),
        args![id, person, login, hash, one_time],
    )
    .await
}

pub async fn insert_grant(tx: &mut Tx, id: &str, account: &AccountId, role: &str, unit: Option<&UnitId>) -> Result<()> {
    tx.run(
        sql!("INSERT INTO grants (id, account_id, role, unit_id) VALUES ($1, $2, $3, $4)"),
        args![id, account, role, unit],
    )
    .await?;
    Ok(())
}

pub async fn delete_grant(tx: &mut Tx, account: &AccountId, grant: &str) -> Result<u64> {
    tx.run(sql!("DELETE FROM grants WHERE id = $2 AND account_id = $1"), args![account, grant]).await
}

pub async fn set_password(tx: &mut Tx, id: &AccountId, hash: &str, one_time: bool) -> Result<()> {
    tx.run(
        sql!("UPDATE accounts SET password_hash = $2, one_time = $3, version = version + 1 WHERE id = $1"),
        args![id, hash, one_time],
    )
    .await?;
    Ok(())
}

pub async fn set_disabled(tx: &mut Tx, id: &AccountId, disabled: bool) -> Result<()> {
    tx.run(sql!("UPDATE accounts SET disabled = $2, version = version + 1 WHERE id = $1"), args![id, disabled]).await?;
    Ok(())
}

/// Turns one-time codes on (with the step of the code just shown) or off.
pub async fn set_totp(tx: &mut Tx, id: &AccountId, secret: Option<&str>, used: i64) -> Result<()> {
    tx.run(
        sql!("UPDATE accounts SET totp_secret = $2, totp_used = $3, version = version + 1 WHERE id = $1"),
        args![id, secret, used],
    )
    .await?;
    Ok(())
}

/// Uses up a one-time code; 0 when it, or a later one, was used before.
pub async fn use_code(tx: &mut Tx, id: &AccountId, step: i64) -> Result<u64> {
    tx.run(sql!("UPDATE accounts SET totp_used = $2 WHERE id = $1 AND totp_used < $2"), args![id, step]).await
}

pub async fn set_lang(tx: &mut Tx, id: &AccountId, lang: &str) -> Result<()> {
    tx.run(sql!("UPDATE accounts SET lang = $2 WHERE id = $1"), args![id, lang]).await?;
    Ok(())
}

pub async fn set_theme(tx: &mut Tx, id: &AccountId, theme: &str) -> Result<()> {
    tx.run(sql!("UPDATE accounts SET theme = $2 WHERE id = $1"), args![id, theme]).await?;
    Ok(())
}

/// How many accounts in use hold one of these roles everywhere.
pub async fn count_holders(tx: &mut Tx, roles: &[&str]) -> Result<i64> {
    let select = Select::new("SELECT COUNT(*) FROM accounts a", []).and("a.disabled = FALSE", []).and_in_group(
        "a.id IN (SELECT g.account_id FROM grants g WHERE g.unit_id IS NULL AND g.role",
        [],
        roles.iter().map(|role| (*role).into()),
        ")",
    );
    let count: Vec<(i64,)> = tx.select(select).await?;
    Ok(count.first().map_or(0, |(count,)| *count))
}

/// Whether some account that is let in holds one of these roles in one of these units, or everywhere.
pub async fn anyone_holds(tx: &mut Tx, roles: &[&str], units: &[UnitId]) -> Result<bool> {
    let select =
        Select::new("SELECT g.id FROM grants g JOIN accounts a ON a.id = g.account_id AND a.disabled = FALSE", [])
            .and_in("g.role", roles.iter().map(|role| (*role).into()))
            .and_in_group("(g.unit_id IS NULL OR g.unit_id", [], units.iter().map(Into::into), ")")
            .tail("LIMIT 1", []);
    let held: Vec<(String,)> = tx.select(select).await?;
    Ok(!held.is_empty())
}

/// Makes units of work that may take an administrator away come one after the other.
pub async fn take_turn(tx: &mut Tx) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO counters (id, value) VALUES ('accounts.turn', 1)
             ON CONFLICT (id) DO UPDATE SET value = counters.value + 1"
        ),
        args![],
    )
    .await?;
    Ok(())
}

pub async fn insert_session(
    tx: &mut Tx,
    id: &str,
    account: &AccountId,
    csrf: &str,
    now: Time,
    agent: &str,
    waiting: bool,
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO sessions (id, account_id, csrf, created_at, seen_at, agent, waiting)
             VALUES ($1, $2, $3, $4, $4, $5, $6)"
        ),
        args![id, account, csrf, now, agent, waiting],
    )
    .await?;
    Ok(())
}

pub async fn list_sessions(tx: &mut Tx, account: &AccountId, seen_since: Time, now: Time) -> Result<Vec<OpenSession>> {
    tx.all(
        sql!(
            "SELECT id, created_at, seen_at, agent FROM sessions
              WHERE account_id = $1 AND waiting = FALSE AND seen_at >= $2 AND seen_at <= $3
              ORDER BY seen_at DESC, id LIMIT 50"
        ),
        args![account, seen_since, now],
    )
    .await
}

pub async fn delete_session(tx: &mut Tx, id: &str) -> Result<()> {
    tx.run(sql!("DELETE FROM sessions WHERE id = $1"), args![id]).await?;
    Ok(())
}

/// Ends every session of an account but the given one.
pub async fn delete_other_sessions(tx: &mut Tx, account: &AccountId, kept: &str) -> Result<u64> {
    tx.run(sql!("DELETE FROM sessions WHERE account_id = $1 AND id <> $2"), args![account, kept]).await
}

/// Sweeps out sessions that nobody could use any more.
pub async fn delete_expired_sessions(tx: &mut Tx, seen_before: Time) -> Result<u64> {
    tx.run(sql!("DELETE FROM sessions WHERE seen_at < $1"), args![seen_before]).await
}

pub async fn touch_session(tx: &mut Tx, id: &str, now: Time) -> Result<()> {
    tx.run(sql!("UPDATE sessions SET seen_at = $2 WHERE id = $1"), args![id, now]).await?;
    Ok(())
}

pub async fn insert_token(tx: &mut Tx, id: &str, account: &AccountId, name: &str, hash: &str, now: Time) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO api_tokens (id, account_id, name, hash, created_at, revoked)
             VALUES ($1, $2, $3, $4, $5, FALSE)"
        ),
        args![id, account, name, hash, now],
    )
    .await?;
    Ok(())
}

/// Tokens that are still good, oldest first.
pub async fn list_tokens(tx: &mut Tx, account: &AccountId) -> Result<Vec<ApiToken>> {
    tx.all(
        sql!(
            "SELECT id, name, created_at FROM api_tokens
              WHERE account_id = $1 AND revoked = FALSE ORDER BY id LIMIT 100"
        ),
        args![account],
    )
    .await
}

pub async fn revoke_token(tx: &mut Tx, account: &AccountId, id: &str) -> Result<u64> {
    tx.run(
        sql!("UPDATE api_tokens SET revoked = TRUE WHERE id = $2 AND account_id = $1 AND revoked = FALSE"),
        args![account, id],
    )
    .await
}

pub async fn revoke_all_tokens(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    tx.run(sql!("UPDATE api_tokens SET revoked = TRUE WHERE account_id = $1 AND revoked = FALSE"), args![account]).await
}

/// Who sent this cookie's token.
pub async fn find_by_session(tx: &mut Tx, hash: &str) -> Result<Option<Known>> {
    tx.one(
        sql!(
            "SELECT s.id AS session_id, s.csrf, s.created_at, s.seen_at,
                    a.id AS account_id, a.one_time, a.lang, a.theme,
                    p.id AS person_id, p.name, u.id AS unit_id, u.name AS unit_name
               FROM sessions s
               JOIN accounts a ON a.id = s.account_id
               JOIN people p ON p.id = a.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE s.id = $1 AND s.waiting = FALSE AND a.disabled = FALSE"
        ),
        args![hash],
    )
    .await
}

/// Who sent this API token.
pub async fn find_by_token(tx: &mut Tx, hash: &str) -> Result<Option<Known>> {
    tx.one(
        sql!(
            "SELECT t.id AS session_id, '' AS csrf, t.created_at, t.created_at AS seen_at,
                    a.id AS account_id, a.one_time, a.lang, a.theme,
                    p.id AS person_id, p.name, u.id AS unit_id, u.name AS unit_name
               FROM api_tokens t
               JOIN accounts a ON a.id = t.account_id
               JOIN people p ON p.id = a.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE t.hash = $1 AND t.revoked = FALSE AND a.disabled = FALSE"
        ),
        args![hash],
    )
    .await
}

/// The roles an account acts with.
pub async fn grants_of(tx: &mut Tx, account: &AccountId) -> Result<Vec<Grant>> {
    tx.all(sql!("SELECT role, unit_id FROM grants WHERE account_id = $1 ORDER BY id LIMIT 200"), args![account]).await
}

/// Whether any account exists.
pub async fn anyone(tx: &mut Tx) -> Result<bool> {
    let found: Option<(String,)> = tx.one(sql!("SELECT id FROM accounts LIMIT 1"), args![]).await?;
    Ok(found.is_some())
}
