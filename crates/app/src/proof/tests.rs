//! Dossiers as somebody would forge them who knows the form and has a key of their own.

use std::io::Cursor;

use sha2::{Digest, Sha256};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::archive::Frame;
use super::check::{Asked, Checked, check};
use super::model::{FORMAT, INDEX, Index, JOURNAL, KEYS, Listed, ROWS, RowLine, SEALS, SIGNATURE, Seal};
use crate::checkpoint::signing::Signer;
use crate::checkpoint::{Checkpoint, FIRST, Head, Key, merkle};
use crate::journal::{Entry, GENESIS};

const STREAM: &str = "incident:inc_1";

/// A dossier in the making.
struct Forge {
    signer: Signer,
    keys: Vec<Key>,
    entries: Vec<Entry>,
    rows: Vec<RowLine>,
    seals: Vec<Seal>,
    /// Files that are put in and not listed.
    hidden: Vec<(String, Vec<u8>)>,
    /// Files that are listed and not put in.
    missing: Vec<String>,
}

fn key(number: i64, signer: &Signer, from: i64, endorsed: Option<(i64, &Signer)>) -> Key {
    let mut key = Key {
        number,
        public_key: signer.public_key(),
        valid_from: Time(from),
        endorsed_by: endorsed.map(|(number, _)| number),
        ..Key::default()
    };
    key.endorsement = endorsed.map_or(signer, |(_, signer)| signer).sign(key.words().as_bytes());
    key
}

fn entries(texts: &[&str], rows_json: &str) -> Vec<Entry> {
    let mut previous = GENESIS.to_owned();
    let entry = |(seq, words): (i64, &&str)| {
        let mut entry = Entry {
            id: format!("jou_{seq}"),
            stream: STREAM.to_owned(),
            seq,
            at: Time(seq),
            actor_id: String::new(),
            actor_name: "Lê Thị Lan".to_owned(),
            act: "incident.noted".to_owned(),
            what_vi: (*words).to_owned(),
            what_en: String::new(),
            rows_json: rows_json.to_owned(),
            previous: previous.clone(),
            hash: String::new(),
        };
        entry.hash = entry.computed_hash();
        previous.clone_from(&entry.hash);
        entry
    };
    (1..).zip(texts).map(entry).collect()
}

/// A checkpoint of the stream as it stands, among another one.
fn seal(entries: &[Entry], signer: &Signer) -> Seal {
    let last = entries.last().expect("an entry");
    let head = Head { stream: STREAM.to_owned(), seq: last.seq, hash: last.hash.clone() };
    let heads = [head.clone(), Head { stream: "org".to_owned(), seq: 4, hash: "c".repeat(64) }];
    let mut checkpoint = Checkpoint {
        number: 1,
        at: Time(100),
        streams: 2,
        root: merkle::root(&heads),
        previous: FIRST.to_owned(),
        key_number: 1,
        ..Checkpoint::default()
    };
    checkpoint.signature = signer.sign(checkpoint.words().as_bytes());
    checkpoint.hash = checkpoint.computed_hash();
    Seal { checkpoint, path: merkle::path(&heads, STREAM).expect("in the tree"), head, timestamp: None }
}

impl Forge {
    fn new() -> Forge {
        let (signer, _) = Signer::fresh().expect("a key");
        let row = RowLine {
            table: "incidents".to_owned(),
            id: "inc_1".to_owned(),
            columns: vec![("id".to_owned(), Some("inc_1".to_owned())), ("summary".to_owned(), None)],
        };
        let whole = ungcuu_kit::db::WholeRow { id: row.id.clone(), columns: row.columns.clone() };
        let rows_json = format!(r#"[["incidents","inc_1",2,"{}"]]"#, whole.fingerprint(2));
        let entries = entries(&["Mở sự cố", "Ghi thêm", "Kết thúc"], &rows_json);
        Forge {
            keys: vec![key(1, &signer, 0, None)],
            seals: vec![seal(&entries, &signer)],
            entries,
            rows: vec![row],
            signer,
            hidden: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn pack(&self) -> Vec<u8> {
        fn lines<T: serde::Serialize>(values: &[T]) -> Vec<u8> {
            values.iter().map(|value| serde_json::to_string(value).expect("JSON") + "\n").collect::<String>().into()
        }
        let mut files = vec![
            (JOURNAL.to_owned(), lines(&self.entries)),
            (ROWS.to_owned(), lines(&self.rows)),
            (SEALS.to_owned(), lines(&self.seals)),
            (KEYS.to_owned(), serde_json::to_vec(&self.keys).expect("JSON")),
        ];
        let listed = |(path, content): &(String, Vec<u8>)| Listed {
            path: path.clone(),
            size: content.len() as u64,
            sha256: hex::encode(Sha256::digest(content)),
            about: Text::new("", ""),
        };
        let index = Index {
            format: FORMAT.to_owned(),
            incident: "inc_1".to_owned(),
            code: "SC-2026-0001".to_owned(),
            title: String::new(),
            tlp: "amber".to_owned(),
            made_at: Time(200),
            made_by: String::new(),
            stream: STREAM.to_owned(),
            entries: self.entries.len() as i64,
            head: self.entries.last().map(|entry| entry.hash.clone()).unwrap_or_default(),
            key: self.keys.last().map_or(0, |key| key.number),
            files: files.iter().map(listed).collect(),
            left_out: Vec::new(),
        };
        let words = serde_json::to_vec(&index).expect("JSON");
        files.push((SIGNATURE.to_owned(), (self.signer.sign(&words) + "\n").into()));
        files.push((INDEX.to_owned(), words));
        files.extend(self.hidden.clone());
        files.retain(|(name, _)| !self.missing.contains(name));
        let mut frame = Frame::default();
        let mut bytes = Vec::new();
        for (name, content) in files {
            bytes.extend(frame.begin(&name, content.len() as u64));
            bytes.extend(&content);
            bytes.extend(frame.end(crc32fast::hash(&content)));
        }
        bytes.extend(frame.finish());
        bytes
    }

    fn checked(&self, trusted: &str) -> Checked {
        let asked = Asked { key: Some(trusted.to_owned()), trusted: Vec::new() };
        check(Cursor::new(self.pack()), &asked).expect("a dossier")
    }

    #[track_caller]
    fn is_found(&self, place: &str, words: &str) {
        let findings = self.checked(&self.keys[0].public_key).findings;
        let found = findings.iter().any(|it| it.place.starts_with(place) && it.what.vi.contains(words));
        assert!(found, "no “{words}” about {place} in {findings:#?}");
    }
}

#[test]
fn a_dossier_in_order_is_sound() {
    let forge = Forge::new();
    let checked = forge.checked(&forge.keys[0].public_key);
    assert!(checked.sound() && checked.notes.is_empty(), "{checked:#?}");
    assert_eq!(checked.witnessed, Some((3, Time(100), String::new())));
}

#[test]
fn a_file_that_was_put_in_or_taken_out_is_named() {
    let mut forge = Forge::new();
    forge.hidden.push(("evidence/CC-01-x.txt".to_owned(), b"x".to_vec()));
    forge.is_found("evidence/CC-01-x.txt", "bị chèn vào");
    let mut forge = Forge::new();
    forge.missing.push(JOURNAL.to_owned());
    forge.is_found(JOURNAL, "đã mất");
}

#[test]
fn a_journal_rewritten_by_someone_who_signs_the_index_still_differs_from_the_checkpoint() {
    let mut forge = Forge::new();
    let rows_json = forge.entries[0].rows_json.clone();
    forge.entries = entries(&["Mở sự cố", "Không ghi gì", "Kết thúc"], &rows_json);
    forge.is_found(SEALS, "bị viết lại");
    forge.entries = entries(&["Mở sự cố", "Ghi thêm"], &rows_json);
    forge.is_found(SEALS, "bị viết lại");
    let mut forge = Forge::new();
    forge.entries[1].what_vi = "Khác".to_owned();
    forge.is_found("journal.jsonl:2", "bị sửa");
    let mut forge = Forge::new();
    forge.entries.remove(1);
    forge.is_found("journal.jsonl:2", "không nối");
}

#[test]
fn a_row_a_checkpoint_or_a_way_through_the_tree_that_was_altered_is_named() {
    let mut forge = Forge::new();
    forge.rows[0].columns[1].1 = Some("khác".to_owned());
    forge.is_found("rows.jsonl: incidents inc_1", "bị sửa");
    let mut forge = Forge::new();
    forge.rows[0].columns.truncate(1);
    forge.is_found("rows.jsonl: incidents inc_1", "bị sửa");
    let mut forge = Forge::new();
    forge.seals[0].checkpoint.at = Time(1);
    forge.is_found(SEALS, "Chữ ký");
    let mut forge = Forge::new();
    forge.seals[0].path.clear();
    forge.is_found(SEALS, "bị viết lại");
    let mut forge = Forge::new();
    forge.seals[0].timestamp = Some("AAAA".to_owned());
    forge.is_found(SEALS, "Dấu thời gian đã bị sửa");
}

#[test]
fn a_key_that_nobody_signed_for_does_not_pass_for_the_next_one() {
    let honest = Forge::new();
    let trusted = honest.keys[0].public_key.clone();
    // Somebody adds a key of their own, with or without a false word of the trusted one, and signs the index with it.
    for falsely in [true, false] {
        let mut forge = Forge::new();
        let (own, _) = Signer::fresh().expect("a key");
        forge.keys = vec![honest.keys[0].clone(), key(2, &own, 150, falsely.then_some((1, &own)))];
        forge.keys[0].valid_to = Some(Time(150));
        forge.seals.clear();
        forge.signer = own;
        let checked = forge.checked(&trusted);
        assert!(checked.findings.iter().any(|it| it.what.vi.contains("khoá khác")), "{checked:#?}");
    }
    // The same with the trusted key's word is the next one.
    let mut forge = Forge::new();
    let (own, _) = Signer::fresh().expect("a key");
    let first = std::mem::replace(&mut forge.signer, own);
    forge.keys.push(key(2, &forge.signer, 150, Some((1, &first))));
    forge.keys[0].valid_to = Some(Time(150));
    let trusted = forge.keys[0].public_key.clone();
    let checked = forge.checked(&trusted);
    assert!(checked.sound(), "{checked:#?}");
}

#[test]
fn entries_after_the_last_checkpoint_are_told_of() {
    let mut forge = Forge::new();
    forge.seals = vec![seal(&forge.entries[..2], &forge.signer)];
    let checked = forge.checked(&forge.keys[0].public_key);
    assert!(checked.sound() && checked.notes[0].what.vi.contains("từ 3 đến 3"), "{checked:#?}");
}
