//! All SQL about letters and where they stand.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::model::{Draft, LetterId, LetterRow, LetterState, Recipient, Standing, Written};
use crate::org::{PersonId, UnitId};

pub async fn find_person(tx: &mut Tx, person: &PersonId) -> Result<Option<Recipient>> {
    tx.one(
        sql!(
            "SELECT p.name, p.email AS address, COALESCE(a.lang, '') AS lang, p.id AS person_id,
                    p.unit_id AS unit_id, CASE WHEN u.outside THEN FALSE ELSE TRUE END AS inside
               FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN accounts a ON a.person_id = p.id
              WHERE p.id = $1"
        ),
        args![person],
    )
    .await
}

pub async fn find_unit(tx: &mut Tx, unit: &UnitId) -> Result<Option<Recipient>> {
    tx.one(
        sql!(
            "SELECT u.name, u.email AS address, '' AS lang, CAST(NULL AS TEXT) AS person_id, u.id AS unit_id,
                    CASE WHEN u.outside THEN FALSE ELSE TRUE END AS inside
               FROM units u WHERE u.id = $1"
        ),
        args![unit],
    )
    .await
}

/// Where answers to a unit's letters go.
pub async fn unit_address(tx: &mut Tx, unit: &UnitId) -> Result<Option<String>> {
    let found: Option<(String,)> = tx.one(sql!("SELECT email FROM units WHERE id = $1"), args![unit]).await?;
    Ok(found.map(|(address,)| address))
}

/// The sizes of these files, by SHA-256.
pub async fn list_sizes(tx: &mut Tx, files: &[&str]) -> Result<Vec<(String, i64)>> {
    let select = Select::new("SELECT id, size FROM files", []);
    tx.select(select.and_in("id", files.iter().map(|file| Arg::from(*file))).tail("ORDER BY id LIMIT 100", [])).await
}

/// Stores letters and where they stand, in two statements.
pub async fn insert(tx: &mut Tx, drafts: &[Draft], domain: &str, sender: &str, now: Time) -> Result<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let letters = drafts.iter().map(|it| {
        args![
            &it.id,
            now,
            it.kind,
            &it.to_address,
            &it.to_name,
            &it.person_id,
            &it.unit_id,
            &it.reply_to,
            &it.subject,
            &it.body,
            &it.files,
            format!("<{}@{domain}>", it.id),
            &it.stream,
            &it.url,
            sender
        ]
    });
    let insert = Select::new(
        "INSERT INTO letters (id, at, kind, to_address, to_name, person_id, unit_id, reply_to, subject, body, files,
                              message_id, stream, url, sender_id) VALUES",
        [],
    );
    tx.run_built("letters", insert.rows(letters)).await?;
    let postings = drafts.iter().map(|it| {
        let state = match ungcuu_kit::mail::is_address(&it.to_address) {
            true => LetterState::Queued,
            false => LetterState::NoAddress,
        };
        args![&it.id, state, it.turn, 0_i64, it.due_at, it.due_at, now, false, "", ""]
    });
    let insert = Select::new(
        "INSERT INTO postings (id, state, turn, attempts, due_at, next_try_at, changed_at, perhaps, why_vi, why_en)
         VALUES",
        [],
    );
    tx.run_built("postings", insert.rows(postings)).await?;
    Ok(())
}

pub async fn find_standing(tx: &mut Tx, id: &LetterId) -> Result<Option<Standing>> {
    tx.one(
        sql!(
            "SELECT s.id, l.to_address, s.state, s.attempts, s.next_try_at, s.changed_at, s.perhaps, s.why_vi, s.why_en,
                    l.sender_id
               FROM postings s JOIN letters l ON l.id = s.id WHERE s.id = $1"
        ),
        args![id],
    )
    .await
}

/// Where these letters stand; a page is about 200 at most.
pub async fn list_standing(tx: &mut Tx, ids: &[LetterId]) -> Result<Vec<Standing>> {
    let select = Select::new(
        "SELECT s.id, l.to_address, s.state, s.attempts, s.next_try_at, s.changed_at, s.perhaps, s.why_vi, s.why_en,
                l.sender_id
           FROM postings s JOIN letters l ON l.id = s.id",
        [],
    );
    tx.select(select.and_in("s.id", ids.iter().map(Arg::from)).tail("ORDER BY s.id LIMIT 500", [])).await
}

const ROW: &str =
    "SELECT l.id, l.at, l.kind, l.to_address, l.to_name, l.subject, s.state, s.attempts, s.next_try_at, s.changed_at,
       s.perhaps, s.why_vi, s.why_en
  FROM postings s JOIN letters l ON l.id = s.id";

/// What the list is asked for. The bounds of time are identifiers, which grow with it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<LetterState>,
    pub from: Option<String>,
    pub until: Option<String>,
    pub after: Option<LetterId>,
}

/// One page of letters, the newest first.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<LetterRow>> {
    let mut select = Select::new(ROW, []);
    if let Some(state) = filter.state {
        select = select.and("s.state = ?", args![state]);
    }
    if let Some(from) = &filter.from {
        select = select.and("s.id >= ?", args![from]);
    }
    if let Some(until) = &filter.until {
        select = select.and("s.id < ?", args![until]);
    }
    if let Some(after) = &filter.after {
        select = select.and("s.id < ?", args![after]);
    }
    tx.select(select.tail("ORDER BY s.id DESC LIMIT ?", args![limit])).await
}

pub async fn find(tx: &mut Tx, id: &LetterId) -> Result<Option<LetterRow>> {
    Ok(tx.select(Select::new(ROW, []).and("s.id = ?", args![id])).await?.pop())
}

pub async fn find_written(tx: &mut Tx, id: &LetterId) -> Result<Option<Written>> {
    tx.one(
        sql!("SELECT reply_to, body, files, message_id, stream, url, sender_id FROM letters WHERE id = $1"),
        args![id],
    )
    .await
}

pub async fn find_by_message_id(tx: &mut Tx, message_id: &str) -> Result<Option<LetterId>> {
    let found: Option<(LetterId,)> =
        tx.one(sql!("SELECT id FROM letters WHERE message_id = $1"), args![message_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// The letter whose turn it is: due, or claimed so long ago that whoever claimed it must be gone.
fn due(now: Time, claimed_before: Time) -> Select {
    Select::new("SELECT id FROM postings", [])
        .and(
            "((state IN ('queued', 'retrying') AND next_try_at <= ?) OR (state = 'sending' AND claimed_at <= ?))",
            args![now, claimed_before],
        )
        .tail("ORDER BY turn, next_try_at, id LIMIT 1", [])
}

pub async fn any_due(tx: &mut Tx, now: Time, claimed_before: Time) -> Result<bool> {
    let found: Vec<(LetterId,)> = tx.select(due(now, claimed_before)).await?;
    Ok(!found.is_empty())
}

/// A letter that this process is to send now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Claimed {
    pub attempts: i64,
    pub due_at: Time,
    pub claimed_at: Time,
    pub perhaps: bool,
}

/// Claims the letter whose turn it is. One whose process died while sending may have gone out.
pub async fn claim(tx: &mut Tx, now: Time, claimed_before: Time) -> Result<Option<(LetterId, Claimed)>> {
    let found: Vec<(LetterId,)> = tx.select(due(now, claimed_before).claiming()).await?;
    let Some((id,)) = found.into_iter().next() else { return Ok(None) };
    let claimed = tx
        .run_returning(
            sql!(
                "UPDATE postings
                    SET perhaps = CASE WHEN state = 'sending' THEN TRUE ELSE perhaps END,
                        state = 'sending', claimed_at = $2, changed_at = $2, attempts = attempts + 1
                  WHERE id = $1
                  RETURNING attempts, due_at, claimed_at, perhaps"
            ),
            args![&id, now],
        )
        .await?;
    Ok(claimed.map(|claimed| (id, claimed)))
}

/// Where a letter stands after a try.
#[derive(Clone, Debug)]
pub struct Settled {
    pub state: LetterState,
    pub next_try_at: Time,
    pub perhaps: bool,
    pub why: Text,
}

/// Notes what came of a try; 0 when somebody else has taken the letter up, or it has come back, in the meantime.
pub async fn settle(tx: &mut Tx, id: &LetterId, claimed_at: Time, to: &Settled, now: Time) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE postings
                SET state = $3, next_try_at = $4, perhaps = $5, why_vi = $6, why_en = $7, changed_at = $8,
                    claimed_at = NULL
              WHERE id = $1 AND state = 'sending' AND claimed_at = $2"
        ),
        args![id, claimed_at, to.state, to.next_try_at, to.perhaps, to.why.vi.as_ref(), to.why.en.as_ref(), now],
    )
    .await
}

/// Puts a letter back at the beginning; 0 when it is on its way, has arrived, or has no address.
pub async fn retry(tx: &mut Tx, id: &LetterId, now: Time) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE postings SET state = 'queued', attempts = 0, due_at = $2, next_try_at = $2, changed_at = $2
              WHERE id = $1 AND state IN ('retrying', 'refused', 'bounced')"
        ),
        args![id, now],
    )
    .await
}

/// Notes that a letter came back; 0 when that is known.
pub async fn bounce(tx: &mut Tx, id: &LetterId, why: &Text, now: Time) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE postings SET state = 'bounced', changed_at = $2, why_vi = $3, why_en = $4, claimed_at = NULL
              WHERE id = $1 AND state <> 'bounced'"
        ),
        args![id, now, why.vi.as_ref(), why.en.as_ref()],
    )
    .await
}
