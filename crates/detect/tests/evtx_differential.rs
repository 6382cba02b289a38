//! Our reader of EVTX against the public `evtx` crate: the same fields with the same values in every record of the shared
//! logs.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use evtx::{EvtxParser, ParserSettings};
use serde_json::Value;
use ungcuu_detect::event::{Event, Names};
use ungcuu_detect::evtx::{CHUNK, Chunks, FILE_HEADER, Notes, chunk_starts};

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("UNGCUU_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = if folder.is_dir() {
        folder
    } else {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data")
    };
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the shared data is not here (UNGCUU_SHARED_DATA says where it is)");
    None
}

type Fields = BTreeMap<String, Vec<String>>;

/// The leaves of the crate's JSON under the names that our fields have.
fn flatten(name: &str, value: &Value, out: &mut Fields) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match key.strip_suffix("_attributes") {
                    Some(element) => {
                        for (attribute, value) in value.as_object().unwrap() {
                            if !attribute.starts_with("xmlns") {
                                flatten(&format!("{element}_{attribute}"), value, out);
                            }
                        }
                    }
                    None if key == "#text" => flatten(name, value, out),
                    // The crate numbers elements of one name: Data, Data_1, Data_2.
                    None => flatten(key, value, out),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| flatten(name, value, out)),
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => out.entry(base(name)).or_default().push(text.clone()),
        other => out.entry(base(name)).or_default().push(other.to_string()),
    }
}

/// `Binary_2` as `Binary`: the number is the crate's own.
fn base(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((front, back)) if !back.is_empty() && back.bytes().all(|byte| byte.is_ascii_digit()) => front.to_owned(),
        _ => name.to_owned(),
    }
}

fn ours(data: &[u8]) -> (BTreeMap<u64, Fields>, Notes) {
    let names = Names::default();
    let mut chunks = Chunks::new(&names);
    let mut notes = Notes::default();
    let mut event = Event::new();
    let mut found = BTreeMap::new();
    for start in chunk_starts(data, FILE_HEADER, data.len()) {
        let mut records = chunks.read(&data[start..data.len().min(start + CHUNK)], &mut notes);
        while records.next(&mut notes) {
            records.fill_whole(&mut event).unwrap();
            let mut fields = Fields::new();
            for field in event.fields() {
                let value = event.value(field);
                if !value.is_empty() && !event.name(field).contains("_xmlns") {
                    fields.entry(base(event.name(field))).or_default().push(value.to_owned());
                }
            }
            found.insert(records.header_id(), fields);
        }
    }
    (found, notes)
}

#[test]
fn every_record_reads_like_the_public_crate_reads_it() {
    let Some(shared) = shared() else { return };
    let mut records = 0;
    let mut different = Vec::new();
    for folder in ["evtx/files", "evtx/regression"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(shared.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let data = std::fs::read(&path).unwrap();
            let (mut ours, notes) = ours(&data);
            let settings = ParserSettings::new().separate_json_attributes(true);
            let mut parser = EvtxParser::from_buffer(data).unwrap().with_configuration(settings);
            for record in parser.records_json_value() {
                let Ok(record) = record else { continue };
                records += 1;
                let mut theirs = Fields::new();
                flatten("", &record.data["Event"], &mut theirs);
                let Some(mut mine) = ours.remove(&record.event_record_id) else {
                    different.push(format!("{} {}: missing", path.display(), record.event_record_id));
                    continue;
                };
                theirs.remove("Event_attributes");
                theirs.values_mut().chain(mine.values_mut()).for_each(|values| values.sort());
                if mine != theirs {
                    let only = |a: &Fields, b: &Fields| {
                        a.iter()
                            .filter(|(name, values)| b.get(*name) != Some(values))
                            .map(|(n, v)| format!("{n}={v:?}"))
                            .collect::<Vec<_>>()
                    };
                    different.push(format!(
                        "{} {}: ours {:?}, theirs {:?}",
                        path.display(),
                        record.event_record_id,
                        only(&mine, &theirs),
                        only(&theirs, &mine)
                    ));
                }
            }
            if !ours.is_empty() || notes.skipped > 0 {
                eprintln!("{}: {} records that the crate does not have, {notes:?}", path.display(), ours.len());
            }
        }
    }
    let mut kinds = BTreeMap::<String, usize>::new();
    for line in &different {
        *kinds
            .entry(line.split_once(' ').unwrap().1.chars().skip_while(|c| *c != ':').take(300).collect())
            .or_default() += 1;
    }
    eprintln!("{records} records compared, {} differ", different.len());
    for (kind, count) in kinds.iter().take(20) {
        eprintln!("{count} {kind}");
    }
    assert!(different.is_empty());
    assert!(records > 3_000);
}
