//! All SQL about the journal, and nothing else.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Entry, GENESIS};
use crate::live::Change;

/// Where a stream stands.
#[derive(sqlx::FromRow)]
pub(super) struct Head {
    pub seq: i64,
    pub hash: String,
}

/// A stream with its head.
#[derive(sqlx::FromRow)]
pub(super) struct Stream {
    pub id: String,
    pub seq: i64,
    pub hash: String,
    pub changed_at: Time,
}

/// Takes the head of a stream for this transaction, beginning the stream when it is new.
pub(super) async fn take_head(tx: &mut Tx, stream: &str, now: Time) -> Result<Head> {
    tx.run_returning(
        sql!(
            "INSERT INTO journal_streams (id, seq, hash, changed_at) VALUES ($1, 0, $2, $3)
             ON CONFLICT (id) DO UPDATE SET seq = journal_streams.seq
             RETURNING seq, hash"
        ),
        args![stream, GENESIS, now],
    )
    .await?
    .ok_or_else(|| anyhow::anyhow!("a stream's head is always returned").into())
}

pub(super) async fn save_head(tx: &mut Tx, stream: &str, last: &Entry) -> Result<()> {
    tx.run(
        sql!("UPDATE journal_streams SET seq = $2, hash = $3, changed_at = $4 WHERE id = $1"),
        args![stream, last.seq, &last.hash, last.at],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, entries: Vec<Entry>) -> Result<()> {
    let rows = entries.into_iter().map(|entry| {
        args![
            entry.id,
            entry.stream,
            entry.seq,
            entry.at,
            entry.actor_id,
            entry.actor_name,
            entry.act,
            entry.what_vi,
            entry.what_en,
            entry.rows_json,
            entry.previous,
            entry.hash,
        ]
    });
    let insert = Select::new(
        "INSERT INTO journal_entries
             (id, stream, seq, at, actor_id, actor_name, act, what_vi, what_en, rows_json, previous, hash) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("journal_entries", insert).await?;
    Ok(())
}

/// The latest entries of a stream, newest first, before the given sequence number.
pub async fn list(tx: &mut Tx, stream: &str, before: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.all(
        sql!(
            "SELECT id, stream, seq, at, actor_id, actor_name, act, what_vi, what_en, rows_json, previous, hash
               FROM journal_entries
              WHERE stream = $1 AND seq < $2
              ORDER BY seq DESC
              LIMIT $3"
        ),
        args![stream, before, limit],
    )
    .await
}

/// The entries of a stream behind the given sequence number, oldest first: sequence number and who wrote it.
pub async fn list_after(tx: &mut Tx, stream: &str, seen: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    tx.all(
        sql!("SELECT seq, actor_id FROM journal_entries WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3"),
        args![stream, seen, limit],
    )
    .await
}

/// The last entry of every stream that changed since a moment, the latest first; for telling open pages.
pub async fn changed_since(tx: &mut Tx, since: Time, limit: i64) -> Result<Vec<Change>> {
    tx.all(
        sql!(
            "SELECT s.id AS stream, s.seq, e.actor_id, e.at
               FROM journal_streams s JOIN journal_entries e ON e.stream = s.id AND e.seq = s.seq
              WHERE s.changed_at >= $1
              ORDER BY s.changed_at DESC, s.id
              LIMIT $2"
        ),
        args![since, limit],
    )
    .await
}

/// Who wrote last in a stream about this row, to tell the second of two editors.
pub async fn last_writer(tx: &mut Tx, stream: &str, row_id: &str) -> Result<Option<(String, Time)>> {
    // Two editors meet within minutes of each other: the last hundred entries are enough, and bounded.
    let entries = list(tx, stream, i64::MAX, 100).await?;
    let naming = entries.into_iter().find(|entry| entry.rows_json.contains(row_id));
    Ok(naming.map(|entry| (entry.actor_name, entry.at)))
}

/// Sequence number and hash of a stream's last entry; printed at the foot of documents.
pub async fn head(tx: &mut Tx, stream: &str) -> Result<Option<(i64, String)>> {
    let head: Option<Head> = tx.one(sql!("SELECT seq, hash FROM journal_streams WHERE id = $1"), args![stream]).await?;
    Ok(head.map(|head| (head.seq, head.hash)))
}

pub(super) async fn list_streams(tx: &mut Tx, after: &str) -> Result<Vec<Stream>> {
    tx.all(
        sql!("SELECT id, seq, hash, changed_at FROM journal_streams WHERE id > $1 ORDER BY id LIMIT 500"),
        args![after],
    )
    .await
}

/// Streams that have entries but no head.
pub(super) async fn list_headless(tx: &mut Tx) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT DISTINCT stream FROM journal_entries
              WHERE stream NOT IN (SELECT id FROM journal_streams)
              ORDER BY stream LIMIT 100"
        ),
        args![],
    )
    .await
}

/// The entries of a stream in their order, from this sequence number on.
pub(crate) async fn list_from(tx: &mut Tx, stream: &str, from: i64) -> Result<Vec<Entry>> {
    tx.all(
        sql!(
            "SELECT id, stream, seq, at, actor_id, actor_name, act, what_vi, what_en, rows_json, previous, hash
               FROM journal_entries
              WHERE stream = $1 AND seq >= $2
              ORDER BY seq
              LIMIT 1000"
        ),
        args![stream, from],
    )
    .await
}

/// Files by their SHA-256, and when their bytes were removed by an act.
pub(super) async fn list_files(tx: &mut Tx, after: &str) -> Result<Vec<(String, Option<i64>)>> {
    tx.all(sql!("SELECT id, removed_at FROM files WHERE id > $1 ORDER BY id LIMIT 1000"), args![after]).await
}

/// Entries of other streams that name any of these rows, oldest first. Looks through the whole journal: only for rows that
/// are not as their own stream left them, which is rare; at most 50 of them.
pub(crate) async fn list_naming(tx: &mut Tx, not_in: &str, rows: &[String]) -> Result<Vec<Entry>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = Select::new(
        "SELECT id, stream, seq, at, actor_id, actor_name, act, what_vi, what_en, rows_json, previous, hash
           FROM journal_entries",
        [],
    )
    .and("stream <> ?", args![not_in]);
    for (place, row) in rows.iter().take(50).enumerate() {
        let named =
            if place == 0 { "AND (rows_json LIKE '%' || ? || '%'" } else { "OR rows_json LIKE '%' || ? || '%'" };
        select = select.tail(named, args![row]);
    }
    tx.select(select.tail(") ORDER BY at, id LIMIT 2000", [])).await
}
