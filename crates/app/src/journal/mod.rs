//! The journal: what was done, by whom, when, and how the rows looked afterwards.
//!
//! Entries of a stream form a chain: each carries the hash of the one before. `rows_json` lists every row the act
//! changed as `[table, id, number of columns, fingerprint]`, so that [`verify`] can name a row that was altered behind
//! the product's back. The fingerprint is absent when the row was deleted.

mod store;
mod verify;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ungcuu_kit::db::{Fingerprint, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::app::App;
use crate::live::Change;

pub use store::{changed_since, head, last_writer, list, list_after};
pub(crate) use store::{list_from, list_naming};
pub use verify::{Finding, Verdict, verify, verify_against, verify_records};

/// The hash before the first entry of a stream.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Tables that hold no records: sessions, work still to do, and what can be made again from the records.
///
/// Checkpoints are signed and chained themselves; an entry about each would only be a reason for the next one.
const NOT_JOURNALLED: &[&str] = &[
    "checkpoint_heads",
    "checkpoint_timestamps",
    "checkpoints",
    "counters",
    "digests",
    "examination_findings",
    "examination_rules",
    "examination_runs",
    "jobs",
    "journal_entries",
    "journal_streams",
    "notices",
    "postings",
    "search_entries",
    "search_queue",
    "sessions",
    "set_refusals",
    "set_rules",
    "settings",
    "uploads",
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
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
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
        self.hash_with(Some(&self.id))
    }

    /// Whether the hash is of this entry. The first entries ever written hashed everything but their identifier; what holds
    /// for them can be made to hold for no other.
    pub fn hash_fits(&self) -> bool {
        self.hash == self.computed_hash() || self.hash == self.hash_with(None)
    }

    fn hash_with(&self, id: Option<&str>) -> String {
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
        for part in parts.into_iter().chain(id) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex::encode(digest.finalize())
    }
}

/// A row named by an entry: table, id, how many columns it had, and its fingerprint (absent once deleted).
pub type NamedRow = (String, String, usize, Option<String>);

/// Holds a stream for this transaction, beginning it when it is new: entries of others come before or after.
pub async fn hold(tx: &mut Tx, stream: &str, now: Time) -> Result<()> {
    store::take_head(tx, stream, now).await?;
    Ok(())
}

/// Writes the entries of one unit of work and says which streams grew.
pub async fn append(tx: &mut Tx, app: &App, actor: &Actor, now: Time, entries: Vec<NewEntry>) -> Result<Vec<Change>> {
    refuse_silent_changes(tx, &entries)?;
    let known = fingerprinted_rows(tx, &entries).await?;
    let mut streams: BTreeMap<String, Vec<NewEntry>> = BTreeMap::new();
    for entry in entries {
        streams.entry(entry.stream.clone()).or_default().push(entry);
    }
    let mut changes = Vec::new();
    // In the order of their names, so that two units of work that share streams cannot wait for each other.
    for (stream, entries) in streams {
        let head = store::take_head(tx, &stream, now).await?;
        let written = chain(head, &stream, entries, &known, app, actor, now)?;
        let Some(last) = written.last() else { continue };
        store::save_head(tx, &stream, last).await?;
        changes.push(Change { stream, seq: last.seq, actor_id: actor.account_id.to_string(), at: now });
        store::insert(tx, written).await?;
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
) -> Result<HashMap<&'static str, HashMap<String, Fingerprint>>> {
    let mut ids: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (table, id) in entries.iter().flat_map(|entry| &entry.rows) {
        ids.entry(table).or_default().insert(id.clone());
    }
    let mut known = HashMap::new();
    for (table, ids) in ids {
        let ids: Vec<String> = ids.into_iter().collect();
        known.insert(table, tx.fingerprints(table, &ids).await?);
    }
    Ok(known)
}

fn chain(
    head: store::Head,
    stream: &str,
    entries: Vec<NewEntry>,
    known: &HashMap<&'static str, HashMap<String, Fingerprint>>,
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
                Some(print) => ((*table).to_owned(), id.clone(), print.columns, Some(print.hash.clone())),
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
