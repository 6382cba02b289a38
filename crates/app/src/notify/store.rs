//! All SQL about notices and who is told.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::Notice;
use super::channel::{Channel, Channels};
use super::letter::{LetterId, LetterState};
use crate::auth::AccountId;
use crate::org::{PersonId, UnitId};

/// Somebody to be told, and how they want it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Told {
    pub account_id: AccountId,
    pub person_id: PersonId,
    pub name: String,
    pub email: String,
    pub lang: String,
    /// The weightiest office held now: 0 officer in charge or team lead, 1 deputy, 2 member.
    pub duty: Option<i64>,
    urgent: Option<Channel>,
    soon: Option<Channel>,
    can_wait: Option<Channel>,
    quiet_from: Option<i64>,
    quiet_to: Option<i64>,
}

impl Told {
    /// What they chose, or the usual.
    pub fn channels(&self) -> Channels {
        match (self.urgent, self.soon, self.can_wait) {
            (Some(urgent), Some(soon), Some(can_wait)) => Channels {
                urgent,
                soon,
                can_wait,
                quiet_from: self.quiet_from,
                quiet_to: self.quiet_to,
                ..Channels::default()
            },
            _ => Channels::default(),
        }
    }
}

/// Accounts in use with the person behind each and what they chose; the weightiest office is told as it is now.
const TOLD: &str = "SELECT a.id AS account_id, p.id AS person_id, p.name, p.email, a.lang,
            (SELECT CAST(MIN(CASE t.kind WHEN 'officer' THEN 0 WHEN 'lead' THEN 0 WHEN 'deputy' THEN 1 ELSE 2 END)
                         AS BIGINT)
               FROM appointments t
              WHERE t.person_id = p.id AND t.valid_from <= ? AND (t.valid_to IS NULL OR t.valid_to >= ?)) AS duty,
            c.urgent, c.soon, c.can_wait, c.quiet_from, c.quiet_to
       FROM accounts a JOIN people p ON p.id = a.person_id LEFT JOIN channels c ON c.id = a.id";

fn told(now: Time) -> Select {
    Select::new(TOLD, args![now, now]).and("a.disabled = FALSE", [])
}

/// The accounts in use of a unit's people, but for one.
pub async fn list_of_unit(tx: &mut Tx, unit: &UnitId, but: &AccountId, now: Time) -> Result<Vec<Told>> {
    let of_unit = told(now).and("p.unit_id = ?", args![unit]).and("a.id <> ?", args![but]);
    tx.select(of_unit.tail("ORDER BY a.id LIMIT 500", [])).await
}

/// The account in use of a person, if there is one.
pub async fn list_of_person(tx: &mut Tx, person: &PersonId, now: Time) -> Result<Vec<Told>> {
    tx.select(told(now).and("a.person_id = ?", args![person]).tail("ORDER BY a.id LIMIT 1", [])).await
}

/// An account, while it is in use.
pub async fn list_of_account(tx: &mut Tx, account: &AccountId, now: Time) -> Result<Vec<Told>> {
    tx.select(told(now).and("a.id = ?", args![account]).tail("ORDER BY a.id LIMIT 1", [])).await
}

/// A notice to be stored.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub id: String,
    pub account: AccountId,
    pub letter: Option<LetterId>,
}

/// One notice for each account, in one statement.
pub async fn insert(tx: &mut Tx, notices: &[NewNotice], text: &Text, url: &str, now: Time) -> Result<()> {
    if notices.is_empty() {
        return Ok(());
    }
    let rows = notices
        .iter()
        .map(|it| args![&it.id, &it.account, now, text.vi.as_ref(), text.en.as_ref(), url, false, &it.letter]);
    let insert =
        Select::new("INSERT INTO notices (id, account_id, at, text_vi, text_en, url, read, letter_id) VALUES", [])
            .rows(rows);
    tx.run_built("notices", insert).await?;
    Ok(())
}

/// One page of an account's notices, the latest first.
pub async fn list(tx: &mut Tx, account: &AccountId, after: Option<&str>, limit: i64) -> Result<Vec<Notice>> {
    let mut select =
        Select::new("SELECT n.id, n.at, n.text_vi, n.text_en, n.url, n.read, n.letter_id FROM notices n", [])
            .and("n.account_id = ?", args![account]);
    if let Some(after) = after {
        select = select.and(
            "(n.at, n.id) < (SELECT c.at, c.id FROM notices c WHERE c.id = ? AND c.account_id = ?)",
            args![after, account],
        );
    }
    tx.select(select.tail("ORDER BY n.at DESC, n.id DESC LIMIT ?", args![limit])).await
}

/// Where these letters stand.
pub async fn list_states(tx: &mut Tx, letters: Vec<LetterId>) -> Result<Vec<(LetterId, LetterState)>> {
    let select = Select::new("SELECT id, state FROM postings", []).and_in("id", letters.iter().map(Into::into));
    tx.select(select.tail("ORDER BY id LIMIT 100", [])).await
}

pub async fn find(tx: &mut Tx, account: &AccountId, id: &str) -> Result<Option<Notice>> {
    tx.one(
        sql!("SELECT id, at, text_vi, text_en, url, read, letter_id FROM notices WHERE id = $2 AND account_id = $1"),
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
