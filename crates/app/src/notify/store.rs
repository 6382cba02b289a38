//! All SQL about notices.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::Notice;
use crate::auth::AccountId;
use crate::org::{PersonId, UnitId};

/// The accounts in use of a unit's people, but for one.
pub async fn accounts_of_unit(tx: &mut Tx, unit: &UnitId, but: &AccountId) -> Result<Vec<(AccountId,)>> {
    tx.all(
        sql!(
            "SELECT a.id FROM accounts a JOIN people p ON p.id = a.person_id
              WHERE p.unit_id = $1 AND a.disabled = FALSE AND a.id <> $2
              ORDER BY a.id LIMIT 500"
        ),
        args![unit, but],
    )
    .await
}

pub async fn account_of_person(tx: &mut Tx, person: &PersonId) -> Result<Option<(AccountId,)>> {
    tx.one(sql!("SELECT id FROM accounts WHERE person_id = $1 AND disabled = FALSE"), args![person]).await
}

/// One notice for each account, in one statement.
pub async fn insert(tx: &mut Tx, to: Vec<(String, AccountId)>, text: &Text, url: &str, now: Time) -> Result<()> {
    if to.is_empty() {
        return Ok(());
    }
    let rows =
        to.into_iter().map(|(id, account)| args![id, &account, now, text.vi.as_ref(), text.en.as_ref(), url, false]);
    let insert =
        Select::new("INSERT INTO notices (id, account_id, at, text_vi, text_en, url, read) VALUES", []).rows(rows);
    tx.run_built("notices", insert).await?;
    Ok(())
}

/// One page of an account's notices, the latest first.
pub async fn list(tx: &mut Tx, account: &AccountId, after: Option<&str>, limit: i64) -> Result<Vec<Notice>> {
    let mut select = Select::new("SELECT n.id, n.at, n.text_vi, n.text_en, n.url, n.read FROM notices n", [])
        .and("n.account_id = ?", args![account]);
    if let Some(after) = after {
        select = select.and(
            "(n.at, n.id) < (SELECT c.at, c.id FROM notices c WHERE c.id = ? AND c.account_id = ?)",
            args![after, account],
        );
    }
    tx.select(select.tail("ORDER BY n.at DESC, n.id DESC LIMIT ?", args![limit])).await
}

pub async fn find(tx: &mut Tx, account: &AccountId, id: &str) -> Result<Option<Notice>> {
    tx.one(
        sql!("SELECT id, at, text_vi, text_en, url, read FROM notices WHERE id = $2 AND account_id = $1"),
        args![account, id],
    )
    .await
}

pub async fn mark_read(tx: &mut Tx, account: &AccountId, id: &str) -> Result<u64> {
    tx.run(sql!("UPDATE notices SET read = TRUE WHERE id = $2 AND account_id = $1"), args![account, id]).await
}

pub async fn mark_all_read(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    tx.run(sql!("UPDATE notices SET read = TRUE WHERE account_id = $1 AND read = FALSE"), args![account]).await
}

/// How many notices are unread; never counts past 100.
pub async fn count_unread(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    let unread: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM (
                     SELECT id FROM notices WHERE account_id = $1 AND read = FALSE LIMIT 100
                 ) AS unread"
            ),
            args![account],
        )
        .await?;
    Ok(unread.map_or(0, |(count,)| count))
}
