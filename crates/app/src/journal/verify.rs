//! Checks everything again: each stream's chain, each row against its last fingerprint, each file against its name.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use ungcuu_kit::blobs::Blobs;
use ungcuu_kit::db::{Db, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::store::{self, Stream};
use super::{Entry, GENESIS, NamedRow};
use crate::checkpoint::{self, Outside};

/// One thing that is not as it was left.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Finding {
    /// Stream, table and row, or file.
    pub place: String,
    pub what: Text,
}

/// What the check found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    pub streams: u64,
    pub entries: u64,
    pub rows: u64,
    pub files: u64,
    pub checkpoints: u64,
    pub findings: Vec<Finding>,
    /// What is no alteration, and yet whoever checks should know.
    pub notes: Vec<Finding>,
}

impl Verdict {
    pub fn sound(&self) -> bool {
        self.findings.is_empty()
    }

    pub(crate) fn find(&mut self, place: String, what: Text) {
        self.findings.push(Finding { place, what });
    }

    pub(crate) fn note(&mut self, place: String, what: Text) {
        self.notes.push(Finding { place, what });
    }
}

/// The last known fingerprint of a row, by table and id.
type Known = HashMap<(String, String), (usize, Option<String>)>;

/// Checks the whole installation. `tables` are the journalled tables. Reads one consistent state; memory grows with the
/// number of rows, some 150 bytes each.
pub async fn verify(db: &Db, blobs: &Blobs, tables: &[&'static str]) -> Result<Verdict> {
    verify_against(db, blobs, tables, &Outside::default()).await
}

/// The same, and that what lies outside of the database agrees with it.
pub async fn verify_against(db: &Db, blobs: &Blobs, tables: &[&'static str], outside: &Outside) -> Result<Verdict> {
    let mut tx = db.read().await?;
    let mut verdict = verify_records(&mut tx, tables, outside).await?;
    checkpoint::check_folder(&mut tx, outside, &mut verdict).await?;
    check_files(&mut tx, blobs, &mut verdict).await?;
    Ok(verdict)
}

/// Checks what the database holds, as this transaction sees it: chains, rows, checkpoints.
pub async fn verify_records(tx: &mut Tx, tables: &[&'static str], outside: &Outside) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let known = check_chains(tx, &mut verdict).await?;
    check_rows(tx, tables, &known, &mut verdict).await?;
    checkpoint::check(tx, outside, &mut verdict).await?;
    Ok(verdict)
}

async fn check_chains(tx: &mut Tx, verdict: &mut Verdict) -> Result<Known> {
    let mut known = Known::new();
    // Rows may be named in several streams; the latest moment wins, so remember when each was named.
    let mut named_at: HashMap<(String, String), (String, i64)> = HashMap::new();
    let mut after = String::new();
    loop {
        let streams: Vec<Stream> = store::list_streams(tx, &after).await?;
        let Some(last) = streams.last() else { break };
        after = last.id.clone();
        for stream in streams {
            verdict.streams += 1;
            check_chain(tx, &stream, verdict, &mut known, &mut named_at).await?;
        }
    }
    let orphans: Vec<(String,)> = store::list_headless(tx).await?;
    for (stream,) in orphans {
        verdict.find(stream, Text::new("Chuỗi nhật ký mất phần đầu.", "The journal stream has lost its head."));
    }
    Ok(known)
}

async fn check_chain(
    tx: &mut Tx,
    stream: &Stream,
    verdict: &mut Verdict,
    known: &mut Known,
    named_at: &mut HashMap<(String, String), (String, i64)>,
) -> Result<()> {
    let sealed = checkpoint::sealed_heads(tx, &stream.id).await?;
    let (mut previous, mut expected) = (GENESIS.to_owned(), 1);
    let mut last_at = None;
    loop {
        let entries: Vec<Entry> = store::list_from(tx, &stream.id, expected).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let place = format!("{} #{}", stream.id, entry.seq);
            verdict.entries += 1;
            if entry.seq != expected {
                let (from, to) = (expected, entry.seq - 1);
                verdict.find(format!("{} #{from}", stream.id), text_missing(from, to));
            } else if entry.previous != previous {
                verdict.find(
                    place.clone(),
                    Text::new("Mắt xích không nối với mục trước.", "The link does not join the entry before it."),
                );
            }
            if !entry.hash_fits() {
                verdict.find(place, Text::new("Mục nhật ký đã bị sửa.", "The journal entry was altered."));
            }
            checkpoint::check_sealed(&sealed, &entry, verdict);
            remember(&entry, known, named_at);
            last_at = Some(entry.at);
            expected = entry.seq + 1;
            previous = entry.hash;
        }
    }
    if expected - 1 < stream.seq {
        verdict.find(format!("{} #{expected}", stream.id), text_missing(expected, stream.seq));
    } else if previous != stream.hash || expected - 1 != stream.seq {
        verdict.find(
            stream.id.clone(),
            Text::new("Đầu chuỗi không khớp mục cuối.", "The stream's head does not match its last entry."),
        );
    } else if last_at.is_some_and(|at| at != stream.changed_at) {
        verdict.find(
            stream.id.clone(),
            Text::new("Giờ của đầu chuỗi đã bị sửa.", "The moment at the stream's head was altered."),
        );
    }
    if let Some((number, seq, _)) = sealed.iter().rev().find(|(_, seq, _)| *seq >= expected) {
        verdict.find(
            format!("{} #{expected}", stream.id),
            ungcuu_kit::text!(
                "Nhật ký đã bị đưa về trạng thái cũ: điểm kiểm chứng số {number} đã thấy mục {seq}.",
                "The journal was put back to an earlier state: checkpoint {number} saw entry {seq}."
            ),
        );
    }
    Ok(())
}

fn text_missing(from: i64, to: i64) -> Text {
    ungcuu_kit::text!("Mất mục nhật ký từ số {from} đến số {to}.", "Journal entries {from} to {to} are missing.")
}

fn remember(entry: &Entry, known: &mut Known, named_at: &mut HashMap<(String, String), (String, i64)>) {
    let rows: Vec<NamedRow> = serde_json::from_str(&entry.rows_json).unwrap_or_default();
    for (table, id, columns, fingerprint) in rows {
        let key = (table, id);
        // Within a stream its own order counts: of two units of work the one that began first may have committed last.
        let newer = |(stream, at): &(String, i64)| *stream == entry.stream || *at <= entry.at.0;
        if named_at.get(&key).is_none_or(newer) {
            named_at.insert(key.clone(), (entry.stream.clone(), entry.at.0));
            known.insert(key, (columns, fingerprint));
        }
    }
}

async fn check_rows(tx: &mut Tx, tables: &[&'static str], known: &Known, verdict: &mut Verdict) -> Result<()> {
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for table in tables {
        let mut after = String::new();
        loop {
            let rows = tx.whole_rows_after(table, &after, 1000).await?;
            let Some(last) = rows.last() else { break };
            after = last.id.clone();
            for row in rows {
                verdict.rows += 1;
                let key = ((*table).to_owned(), row.id.clone());
                let place = format!("{table} {}", row.id);
                match known.get(&key) {
                    None => verdict
                        .find(place, Text::new("Dòng này không có trong nhật ký.", "This row is in no journal entry.")),
                    Some((_, None)) => verdict.find(
                        place,
                        Text::new(
                            "Dòng đã xoá theo nhật ký nhưng vẫn còn.",
                            "The journal says deleted, yet it is here.",
                        ),
                    ),
                    Some((columns, Some(fingerprint))) if row.fingerprint(*columns) != *fingerprint => verdict.find(
                        place,
                        Text::new(
                            "Dòng này đã bị sửa ngoài phần mềm.",
                            "This row was changed behind the product's back.",
                        ),
                    ),
                    Some(_) => {}
                }
                seen.insert(key);
            }
        }
    }
    for (key, (_, fingerprint)) in known {
        if fingerprint.is_some() && tables.contains(&key.0.as_str()) && !seen.contains(key) {
            verdict.find(
                format!("{} {}", key.0, key.1),
                Text::new("Dòng này đã bị xoá ngoài phần mềm.", "This row was removed behind the product's back."),
            );
        }
    }
    Ok(())
}

async fn check_files(tx: &mut Tx, blobs: &Blobs, verdict: &mut Verdict) -> Result<()> {
    let mut after = String::new();
    loop {
        let files = store::list_files(tx, &after).await?;
        let Some(last) = files.last() else { return Ok(()) };
        after = last.0.clone();
        for (sha256, removed_at) in files {
            verdict.files += 1;
            match blobs.fingerprint(&sha256).await? {
                Some(found) if found == sha256 => {}
                Some(_) => verdict.find(
                    format!("files {sha256}"),
                    Text::new("Tệp đã bị thay đổi nội dung.", "The file's content was swapped."),
                ),
                // Destroyed by an act: its row says when, and the row's own fingerprint that nobody wrote that in by hand.
                None if removed_at.is_some() => {}
                None => {
                    verdict.find(format!("files {sha256}"), Text::new("Tệp đã mất.", "The file is missing."));
                }
            }
        }
    }
}
