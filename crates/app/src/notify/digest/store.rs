//! All SQL about the morning's digest.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use crate::auth::AccountId;
use crate::notify::Notice;
use crate::org::PersonId;

/// Somebody who gets the digest.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Subscriber {
    pub account_id: AccountId,
    pub person_id: PersonId,
    pub name: String,
    pub email: String,
    pub lang: String,
}

/// Accounts in use with an address that chose the digest for something (as is usual) and have not had this day's.
pub async fn list_subscribers(tx: &mut Tx, day: &str, after: &str, limit: i64) -> Result<Vec<Subscriber>> {
    tx.all(
        sql!(
            "SELECT a.id AS account_id, p.id AS person_id, p.name, p.email, a.lang
               FROM accounts a
               JOIN people p ON p.id = a.person_id
               LEFT JOIN channels c ON c.id = a.id
               LEFT JOIN digests d ON d.id = a.id
              WHERE a.disabled = FALSE AND a.id > $2 AND p.email <> ''
                AND (c.id IS NULL OR c.soon = 'digest' OR c.can_wait = 'digest')
                AND (d.day IS NULL OR d.day < $1)
              ORDER BY a.id LIMIT $3"
        ),
        args![day, after, limit],
    )
    .await
}

/// What an account has not read, the latest first.
pub async fn list_unread(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<Notice>> {
    tx.all(
        sql!(
            "SELECT id, at, text_vi, text_en, url, read, letter_id FROM notices
              WHERE account_id = $1 AND read = FALSE ORDER BY at DESC, id DESC LIMIT $2"
        ),
        args![account, limit],
    )
    .await
}

/// Notes that an account has had this day's digest; 0 when that is noted already.
pub async fn take_day(tx: &mut Tx, account: &AccountId, day: &str) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO digests (id, day) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET day = excluded.day WHERE digests.day < excluded.day"
        ),
        args![account, day],
    )
    .await
}
