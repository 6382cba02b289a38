//! The engine on real logs with the public rules: every finding that the shared table expects, none that it forbids, and
//! the numbers of the oracle.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ungcuu_detect::engine::{Engine, Matcher};
use ungcuu_detect::event::{Event, Source};
use ungcuu_detect::evtx::{CHUNK, Chunks, FILE_HEADER, Notes, chunk_starts};
use ungcuu_detect::sigma;

fn shared() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [here.join("../../../shared/data"), here.join("../../../../shared/data")];
    let given = std::env::var_os("UNGCUU_SHARED_DATA").map(PathBuf::from);
    let found = given.into_iter().chain(places).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: the shared data is not here (UNGCUU_SHARED_DATA says where it is)");
    }
    found
}

/// Record number and rule of every finding.
fn hunt(engine: &Engine, data: &[u8]) -> BTreeSet<(u64, String)> {
    let mut chunks = Chunks::new(engine.names());
    let (mut notes, mut event, mut matcher) = (Notes::default(), Event::new(), Matcher::new());
    let (mut fired, mut channel, mut found) = (Vec::new(), Vec::new(), BTreeSet::new());
    for start in chunk_starts(data, FILE_HEADER, data.len()) {
        let mut records = chunks.read(&data[start..data.len().min(start + CHUNK)], &mut notes);
        while records.next(&mut notes) {
            channel.clear();
            channel.extend(records.channel().to_ascii_lowercase());
            let Some(class) = engine.class(Source::Windows, &channel, records.event_id()) else { continue };
            records.fill(&mut event, &class.wanted).unwrap();
            fired.clear();
            matcher.run(class, &event, &mut fired);
            if fired.is_empty() {
                continue;
            }
            records.fill_whole(&mut event).unwrap();
            found.extend(fired.iter().map(|rule| (event.record, engine.rules()[*rule as usize].id.to_string())));
        }
    }
    found
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn every_expected_finding_is_made_and_no_forbidden_one() {
    let Some(shared) = shared() else { return };
    let set = sigma::load(&[shared.join("sigma/rules/windows")]);
    eprintln!("{:?}", set.counts);
    for refusal in &set.refused {
        eprintln!("refused: {}:{}: {}", refusal.path, refusal.line, refusal.reason);
    }
    let engine = Engine::build(set.rules.clone(), &vec![true; set.rules.len()], &[]);
    let mut found: BTreeMap<String, BTreeSet<(u64, String)>> = BTreeMap::new();
    for row in table(&shared.join("evtx/files.tsv")) {
        let path = shared.join("evtx/files").join(&row[1]);
        found.insert(row[0].clone(), hunt(&engine, &std::fs::read(path).unwrap()));
    }
    let mut wrong = Vec::new();
    for row in table(&shared.join("evtx/events.tsv")) {
        let key = (row[1].parse().unwrap(), row[2].clone());
        if found[&row[0]].contains(&key) != (row[3] == "1") {
            wrong.push(format!("{} {} {} expected {} ({})", &row[0][..16], row[1], row[2], row[3], row[7]));
        }
    }
    let mut expected = BTreeMap::new();
    for row in table(&shared.join("evtx/pairs.tsv")) {
        expected.insert((row[0].clone(), row[1].clone()), row[2].parse::<usize>().unwrap());
    }
    let mut counted = BTreeMap::new();
    for (file, found) in &found {
        for (_, rule) in found {
            *counted.entry((file.clone(), rule.clone())).or_insert(0usize) += 1;
        }
    }
    for key in expected.keys().chain(counted.keys()).collect::<BTreeSet<_>>() {
        let (want, got) = (expected.get(key).copied().unwrap_or(0), counted.get(key).copied().unwrap_or(0));
        if want != got {
            wrong.push(format!("{} {}: {want} expected, {got} found", &key.0[..16], key.1));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_public_rules_own_examples_are_found() {
    let Some(shared) = shared() else { return };
    let set = sigma::load(&[shared.join("sigma")]);
    let engine = Engine::build(set.rules.clone(), &vec![true; set.rules.len()], &[]);
    let mut wrong = Vec::new();
    for row in table(&shared.join("evtx/regression.tsv")) {
        let found = hunt(&engine, &std::fs::read(shared.join("evtx/regression").join(&row[1])).unwrap());
        let got = found.iter().filter(|(_, rule)| *rule == row[2]).count();
        let want = row.get(5).and_then(|count| count.parse::<usize>().ok());
        if want.is_some_and(|want| want != got) {
            wrong.push(format!("{}: {got} found", row.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
