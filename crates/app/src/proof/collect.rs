//! Gathers what a dossier holds, as it stood at one moment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use ungcuu_kit::db::{Tx, WholeRow};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, fold};

use super::model::{JOURNAL, KEYS, LONGEST, LeftOut, ROWS, RowLine, SEALS, Seal, Why};
use crate::checkpoint::signing::to_pem;
use crate::checkpoint::{Head, list_heads_in, list_keys, list_numbered, list_sealed, list_stamps, merkle};
use crate::incident::Incident;
use crate::journal::{self, Entry, NamedRow, incident_stream};

/// Checkpoints shown at most: the latest, an hour apart when the incident was busy.
const MOST_SEALS: usize = 500;
/// Rows beside those of the incident's own tables that are shown: what names a file.
const SHARED: &[&str] = &["incidents", "files"];
/// Rows that belong to the incident and hold what is not for an auditor: the reporter's own code.
const SECRET: &[&str] = &["alerts"];

/// Something that lies in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub path: String,
    pub sha256: String,
    pub about: Text,
}

/// What a dossier holds, before the files are read.
#[derive(Debug, Default)]
pub struct Collected {
    /// How many entries the stream has, and the hash of the last.
    pub entries: i64,
    pub head: String,
    /// Path, content, what it is.
    pub made: Vec<(String, Bytes, Text)>,
    pub stored: Vec<Stored>,
    pub left_out: Vec<LeftOut>,
}

/// The last that is said of each row: columns, fingerprint.
type Last = BTreeMap<(String, String), (usize, String)>;

/// Reads everything but the stored files.
pub async fn collect(tx: &mut Tx, incident: &Incident) -> Result<Collected> {
    let stream = incident_stream(incident.id.as_str());
    let entries = entries(tx, &stream).await?;
    let mut collected = Collected {
        entries: entries.last().map_or(0, |entry| entry.seq),
        head: entries.last().map_or_else(|| journal::GENESIS.to_owned(), |entry| entry.hash.clone()),
        ..Collected::default()
    };
    let rows = rows(tx, incident, &stream, last_named(&entries), &mut collected.left_out).await?;
    name_files(&rows, &mut collected);
    let seals = seals(tx, &stream).await?;
    let keys = list_keys(tx).await?;
    collected.made = vec![
        (
            JOURNAL.to_owned(),
            lines(&entries)?,
            Text::new("Các mục nhật ký của sự cố, mỗi dòng một mục", "The incident's journal, an entry on each line"),
        ),
        (
            ROWS.to_owned(),
            lines(&rows)?,
            Text::new("Các dòng dữ liệu mà nhật ký nêu tên", "The rows of data that the journal names"),
        ),
        (
            SEALS.to_owned(),
            lines(&seals)?,
            Text::new("Điểm kiểm chứng có chuỗi của sự cố", "The checkpoints that hold the incident's stream"),
        ),
        (KEYS.to_owned(), serde_json::to_vec(&keys)?.into(), Text::new("Các khoá công khai", "The public keys")),
    ];
    for key in &keys {
        let number = key.number;
        let about = text!("Khoá công khai số {number}, dạng PEM", "Public key {number} as PEM");
        collected.made.push((format!("keys/{number}.pem"), to_pem(&key.public_key).into(), about));
    }
    if let Some(seal) = seals.last() {
        // For whoever would rather use another program: the words, the signature, the time-stamp as bare files.
        let (last, number) = (&seal.checkpoint, seal.checkpoint.number);
        let words = text!("Lời văn được ký của điểm kiểm chứng số {number}", "The signed words of checkpoint {number}");
        collected.made.push(("checkpoint/words.txt".to_owned(), last.words().into(), words));
        let signature = hex::decode(&last.signature).unwrap_or_default();
        let about = text!("Chữ ký của điểm kiểm chứng số {number}", "The signature of checkpoint {number}");
        collected.made.push(("checkpoint/words.sig".to_owned(), signature.into(), about));
        if let Some(token) = seal.timestamp.as_ref().and_then(|token| STANDARD.decode(token).ok()) {
            let about = text!("Dấu thời gian của điểm kiểm chứng số {number}", "The time-stamp of checkpoint {number}");
            collected.made.push(("checkpoint/timestamp.tst".to_owned(), token.into(), about));
            let hashed = format!("{}signature: {}\n", last.words(), last.signature);
            let about = text!(
                "Lời văn và chữ ký mà dấu thời gian đóng lên",
                "The words and their signature that the time-stamp is of"
            );
            collected.made.push(("checkpoint/stamped.txt".to_owned(), hashed.into(), about));
        }
    }
    Ok(collected)
}

fn lines<T: Serialize>(values: &[T]) -> Result<Bytes> {
    let mut bytes = Vec::new();
    for value in values {
        serde_json::to_writer(&mut bytes, value)?;
        bytes.push(b'\n');
        if bytes.len() as u64 > LONGEST {
            return Err(too_large());
        }
    }
    Ok(bytes.into())
}

fn too_large() -> Error {
    Error::NotNow(Text::new(
        "Nhật ký của sự cố này quá lớn để đóng vào một hồ sơ. Hãy báo quản trị viên.",
        "The journal of this incident is too large for one dossier. Tell the administrator.",
    ))
}

async fn entries(tx: &mut Tx, stream: &str) -> Result<Vec<Entry>> {
    let (mut all, mut size) = (Vec::new(), 0);
    loop {
        let next = all.last().map_or(1, |entry: &Entry| entry.seq + 1);
        let entries = journal::list_from(tx, stream, next).await?;
        if entries.is_empty() {
            return Ok(all);
        }
        size += entries.iter().map(|entry| (entry.rows_json.len() + entry.what_vi.len()) as u64).sum::<u64>();
        if size > LONGEST {
            return Err(too_large());
        }
        all.extend(entries);
    }
}

/// What the entries say last of each row that is still there.
pub fn last_named(entries: &[Entry]) -> Last {
    let mut last = Last::new();
    for entry in entries {
        let rows: Vec<NamedRow> = serde_json::from_str(&entry.rows_json).unwrap_or_default();
        for (table, id, columns, fingerprint) in rows {
            match fingerprint {
                Some(fingerprint) => last.insert((table, id), (columns, fingerprint)),
                None => last.remove(&(table, id)),
            };
        }
    }
    last
}

async fn rows(
    tx: &mut Tx,
    incident: &Incident,
    stream: &str,
    last: Last,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<RowLine>> {
    let mut ids: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let tables = crate::journalled_tables();
    for (table, id) in last.keys() {
        let known = tables.iter().copied().find(|known| *known == table.as_str() && !SECRET.contains(known));
        if let Some(known) = known {
            ids.entry(known).or_default().push(id.clone());
        }
    }
    let mut rows = Vec::new();
    for (table, ids) in ids {
        let found = tx.whole_rows(table, &ids).await?;
        let mut found: Vec<WholeRow> = found.into_values().collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        rows.extend(found.into_iter().map(|row| RowLine { table: table.to_owned(), id: row.id, columns: row.columns }));
    }
    rows.retain(|row| SHARED.contains(&row.table.as_str()) || row.value("incident_id") == Some(incident.id.as_str()));
    let differing: BTreeSet<String> =
        rows.iter().filter(|row| !is_as_named(row, &last)).map(|row| row.id.clone()).collect();
    if differing.is_empty() {
        return Ok(rows);
    }
    // Changed since under another stream, or behind the product's back: only the first is a reason to leave it out.
    let mut elsewhere = Last::new();
    let ids: Vec<String> = differing.into_iter().collect();
    for entry in journal::list_naming(tx, stream, &ids).await? {
        elsewhere.extend(last_named(std::slice::from_ref(&entry)));
    }
    rows.retain(|row| {
        let moved = !is_as_named(row, &last) && is_as_named(row, &elsewhere);
        if moved {
            let name = format!("{} {}", row.table, row.id);
            left_out.push(LeftOut { name, sha256: None, why: Why::Elsewhere });
        }
        !moved
    });
    Ok(rows)
}

/// Whether a row is as the entries left it.
pub fn is_as_named(row: &RowLine, last: &Last) -> bool {
    let Some((columns, fingerprint)) = last.get(&(row.table.clone(), row.id.clone())) else { return false };
    let whole = WholeRow { id: row.id.clone(), columns: row.columns.clone() };
    *columns <= row.columns.len() && whole.fingerprint(*columns) == *fingerprint
}

/// The files that rows of evidence and of issued papers name.
fn name_files(rows: &[RowLine], collected: &mut Collected) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for row in rows {
        for (sha256, path, about) in files_of(row) {
            if row.value("malicious") == Some("true") {
                let name = row.value("name").unwrap_or_default().to_owned();
                collected.left_out.push(LeftOut { name, sha256: Some(sha256), why: Why::Malicious });
                continue;
            }
            let mut free = path.clone();
            if !taken.insert(free.clone()) {
                free = format!("{}/{}-{}", path.split('/').next().unwrap_or_default(), row.id, plain(&path));
                taken.insert(free.clone());
            }
            collected.stored.push(Stored { path: free, sha256, about });
        }
    }
}

/// The files a row names: SHA-256, a path, what it is.
pub fn files_of(row: &RowLine) -> Vec<(String, String, Text)> {
    let named = |column: &str| row.value(column).unwrap_or_default().to_owned();
    match row.table.as_str() {
        "evidence" => {
            let Some(sha256) = row.value("sha256") else { return Vec::new() };
            let code = format!("CC-{:0>2}", named("number"));
            let name = named("name");
            let path = format!("evidence/{code}-{}", plain(&name));
            vec![(sha256.to_owned(), path, text!("Chứng cứ {code}: {name}", "Evidence {code}: {name}"))]
        }
        "reports" => ["pdf", "docx"]
            .into_iter()
            .filter_map(|kind| {
                let sha256 = row.value(kind)?.to_owned();
                let (form, ordinal, number) = (named("form"), named("ordinal"), named("number"));
                let path = format!("reports/{}-{ordinal}.{kind}", plain(&form));
                Some((sha256, path, text!("Văn bản số {number} ({kind})", "Paper no. {number} ({kind})")))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A name that every system can unpack: plain letters, at most 100 of them.
fn plain(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or_default();
    let sign = |sign: char| if sign.is_ascii_alphanumeric() || "._-".contains(sign) { sign } else { '-' };
    let letters: Vec<char> = fold(name).chars().map(sign).collect();
    let from = letters.len().saturating_sub(100);
    let tail: String = letters[from..].iter().collect();
    let tail = tail.trim_matches(['.', '-']).to_owned();
    if tail.is_empty() { "tep".to_owned() } else { tail }
}

async fn seals(tx: &mut Tx, stream: &str) -> Result<Vec<Seal>> {
    let mut sealed: Vec<(i64, i64, String)> = Vec::new();
    let mut after = 0;
    loop {
        let more = list_sealed(tx, stream, after, 1000).await?;
        let Some(last) = more.last() else { break };
        after = last.0;
        sealed.extend(more);
        let from = sealed.len().saturating_sub(MOST_SEALS);
        sealed.drain(..from);
    }
    let (Some(first), Some(last)) = (sealed.first(), sealed.last()) else { return Ok(Vec::new()) };
    let stamps = list_stamps(tx, first.0, last.0).await?;
    let mut stamps: HashMap<i64, String> = stamps.into_iter().map(|stamp| (stamp.checkpoint, stamp.token)).collect();
    let mut seals = Vec::with_capacity(sealed.len());
    for some in sealed.chunks(100) {
        let numbers: Vec<i64> = some.iter().map(|(number, ..)| *number).collect();
        let checkpoints = list_numbered(tx, &numbers).await?;
        let heads = list_heads_in(tx, &numbers).await?;
        for (number, seq, hash) in some {
            let checkpoint = checkpoints.iter().find(|checkpoint| checkpoint.number == *number);
            let (Some(checkpoint), Some(heads)) = (checkpoint, heads.get(number)) else { continue };
            let head = Head { stream: stream.to_owned(), seq: *seq, hash: hash.clone() };
            let path = merkle::path(heads, stream).unwrap_or_default();
            seals.push(Seal { timestamp: stamps.remove(number), checkpoint: checkpoint.clone(), head, path });
        }
    }
    Ok(seals)
}
