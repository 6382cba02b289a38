//! The journal: what was done, by whom, when, and how the rows looked afterwards.
//!
//! Entries of a stream form a chain: each carries the hash of the one before. `rows_json` lists every row the act
//! changed as `[table, id, number of columns, fingerprint]`, so that [`verify`] can name a row that was altered behind
//! the product's back. The fingerprint is absent when the row was deleted.

mod verify;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use sha2::{Digest, Sha256};
use ungcuu_kit::db::{Select, Tx, WholeRow};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::actor::Actor;
use crate::app::App;
use crate::live::Change;

pub use verify::{Finding, Verdict, verify};

/// The hash before the first entry of a stream.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Tables that hold no records: sessions, work still to do, and what can be made again from the records.
const NOT_JOURNALLED: &[&str] = &[
    "counters",
    "jobs",
    "journal_entries",
    "journal_streams",
    "notices",
    "search_entries",
    "sessions",
    "settings",
];

/// The stream that holds everything about one incident.
pub fn incident_stream(id: &str) -> String {
    format!("incident:{id}")
}

/// Something done, not yet written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub stream: String,
    /// Feature and past tense: `incident.closed`.
    pub act: &'static str,
    pub what: Text,
    pub rows: Vec<(&'static str, String)>,
}

/// An entry as it stands in the journal.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema, sqlx::FromRow)]
pub struct Entry {
    pub id: String,
    pub stream: String,
    pub seq: i64,
    pub at: Time,
    pub actor_id: String,
    pub actor_name: String,
    pub act: String,
    pub what_vi: String,
    pub what_en: String,
    pub rows_json: String,
    pub previous: String,
    pub hash: String,
}

impl Entry {
    /// The sentence in both languages.
    pub fn what(&self) -> Text {
        Text::owned(self.what_vi.clone(), self.what_en.clone())
    }

    /// SHA-256 over everything the entry says, each part with its length so that none can flow into the next.
    pub fn computed_hash(&self) -> String {
        let seq = self.seq.to_string();
        let at = self.at.0.to_string();
        let parts = [
            self.previous.as_str(),
            &self.stream,
            &seq,
            &at,
            &self.actor_id,
            &self.actor_name,
            &self.act,
            &self.what_vi,
            &self.what_en,
            &self.rows_json,
        ];
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex::encode(digest.finalize())
    }
}

/// A row named by an entry: table, id, how many columns it had, and its fingerprint (absent once deleted).
pub type NamedRow = (String, String, usize, Option<String>);

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: String,
}

/// Writes the entries of one unit of work and says which streams grew.
pub async fn append(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    now: Time,
    entries: Vec<NewEntry>,
) -> Result<Vec<Change>> {
    refuse_silent_changes(tx, &entries)?;
    let known = fingerprinted_rows(tx, &entries).await?;
    let mut streams: BTreeMap<String, Vec<NewEntry>> = BTreeMap::new();
    for entry in entries {
        streams.entry(entry.stream.clone()).or_default().push(entry);
    }
    let mut changes = Vec::new();
    // In the order of their names, so that two units of work that share streams cannot wait for each other.
    for (stream, entries) in streams {
        let head: Head = tx
            .run_returning(
                sql!(
                    "INSERT INTO journal_streams (id, seq, hash, changed_at) VALUES ($1, 0, $2, $3)
                     ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at
                     RETURNING seq, hash"
                ),
                args![&stream, GENESIS, now],
            )
            .await?
            .ok_or_else(|| anyhow::anyhow!("a stream's head is always returned"))?;
        let written = chain(head, &stream, entries, &known, app, actor, now)?;
        let Some(last) = written.last() else { continue };
        tx.run(
            sql!("UPDATE journal_streams SET seq = $2, hash = $3 WHERE id = $1"),
            args![&stream, last.seq, &last.hash],
        )
        .await?;
        changes.push(Change { stream, seq: last.seq, actor_id: actor.account_id.to_string(), at: now });
        insert(tx, written).await?;
    }
    Ok(changes)
}

/// A change that no entry names would be a quiet one; there are none.
fn refuse_silent_changes(tx: &Tx, entries: &[NewEntry]) -> Result<()> {
    let named: BTreeSet<&str> = entries.iter().flat_map(|entry| entry.rows.iter().map(|(table, _)| *table)).collect();
    let silent: Vec<&str> = tx
        .written()
        .iter()
        .copied()
        .filter(|table| !NOT_JOURNALLED.contains(table) && !named.contains(table))
        .collect();
    if silent.is_empty() {
        return Ok(());
    }
    Err(anyhow::anyhow!("changed without an entry in the journal: {}", silent.join(", ")).into())
}

async fn fingerprinted_rows(
    tx: &mut Tx,
    entries: &[NewEntry],
) -> Result<HashMap<&'static str, HashMap<String, WholeRow>>> {
    let mut ids: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (table, id) in entries.iter().flat_map(|entry| &entry.rows) {
        ids.entry(table).or_default().insert(id.clone());
    }
    let mut known = HashMap::new();
    for (table, ids) in ids {
        let ids: Vec<String> = ids.into_iter().collect();
        known.insert(table, tx.whole_rows(table, &ids).await?);
    }
    Ok(known)
}

fn chain(
    head: Head,
    stream: &str,
    entries: Vec<NewEntry>,
    known: &HashMap<&'static str, HashMap<String, WholeRow>>,
    app: &App,
    actor: &Actor,
    now: Time,
) -> Result<Vec<Entry>> {
    let (mut seq, mut previous) = (head.seq, head.hash);
    let mut written = Vec::with_capacity(entries.len());
    for new in entries {
        let rows: Vec<NamedRow> = new
            .rows
            .iter()
            .map(|(table, id)| match known.get(table).and_then(|rows| rows.get(id)) {
                Some(row) => {
                    let columns = row.columns.len();
                    ((*table).to_owned(), id.clone(), columns, Some(row.fingerprint(columns)))
                }
                None => ((*table).to_owned(), id.clone(), 0, None),
            })
            .collect();
        seq += 1;
        let mut entry = Entry {
            id: app.chance.id("jou", now),
            stream: stream.to_owned(),
            seq,
            at: now,
            actor_id: actor.account_id.to_string(),
            actor_name: actor.name.clone(),
            act: new.act.to_owned(),
            what_vi: new.what.vi.into_owned(),
            what_en: new.what.en.into_owned(),
            rows_json: serde_json::to_string(&rows)?,
            previous,
            hash: String::new(),
        };
        entry.hash = entry.computed_hash();
        previous = entry.hash.clone();
        written.push(entry);
    }
    Ok(written)
}

async fn insert(tx: &mut Tx, entries: Vec<Entry>) -> Result<()> {
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

/// Who wrote last in a stream about this row, to tell the second of two editors.
pub async fn last_writer(tx: &mut Tx, stream: &str, row_id: &str) -> Result<Option<(String, Time)>> {
    // Two editors meet within minutes of each other: the last hundred entries are enough, and bounded.
    let entries = list(tx, stream, i64::MAX, 100).await?;
    let naming = entries.into_iter().find(|entry| entry.rows_json.contains(row_id));
    Ok(naming.map(|entry| (entry.actor_name, entry.at)))
}

/// Sequence number and hash of a stream's last entry; printed at the foot of documents.
pub async fn head(tx: &mut Tx, stream: &str) -> Result<Option<(i64, String)>> {
    let head: Option<Head> =
        tx.one(sql!("SELECT seq, hash FROM journal_streams WHERE id = $1"), args![stream]).await?;
    Ok(head.map(|head| (head.seq, head.hash)))
}
