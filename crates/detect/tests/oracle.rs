//! The engine against the specification written plainly (`sigma::oracle`): the same rules fire for the same events.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use ungcuu_detect::engine::{Engine, Matcher, fold_into};
use ungcuu_detect::event::Event;
use ungcuu_detect::evtx::{CHUNK, Chunks, FILE_HEADER, Notes, chunk_starts};
use ungcuu_detect::sigma::{self, oracle::Oracle};

/// Every so many events; the oracle is slow.
const EVERY: usize = 23;

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

#[test]
fn the_engine_fires_the_rules_that_the_specification_fires() {
    let Some(shared) = shared() else { return };
    let set = sigma::load(&[shared.join("sigma")]);
    let oracle = Oracle::new(&set);
    let engine = Engine::build(set.rules.clone(), &vec![true; set.rules.len()], &[]);
    let (mut event, mut matcher, mut notes) = (Event::new(), Matcher::new(), Notes::default());
    let (mut fired, mut channel, mut seen, mut compared, mut hits) = (Vec::new(), Vec::new(), 0, 0, 0);
    for folder in ["evtx/files", "evtx/regression"] {
        let mut paths: Vec<_> = std::fs::read_dir(shared.join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let data = std::fs::read(&path).unwrap();
            let mut chunks = Chunks::new(engine.names());
            for start in chunk_starts(&data, FILE_HEADER, data.len()) {
                let mut records = chunks.read(&data[start..data.len().min(start + CHUNK)], &mut notes);
                while records.next(&mut notes) {
                    seen += 1;
                    if seen % EVERY != 0 {
                        continue;
                    }
                    records.fill_whole(&mut event).unwrap();
                    let expected = oracle.fired(&event, engine.names());
                    fired.clear();
                    fold_into(&mut channel, records.channel());
                    if let Some(class) = engine.class(event.source, &channel, event.event_id) {
                        // Matched as in a hunt: on the fields alone that the class asks for.
                        records.fill(&mut event, &class.wanted).unwrap();
                        matcher.run(class, &event, &mut fired);
                    }
                    let found: Vec<usize> = fired.iter().map(|rule| *rule as usize).collect();
                    assert_eq!(found, expected, "{} {}", path.display(), event.record);
                    compared += 1;
                    hits += expected.len();
                }
            }
        }
    }
    eprintln!("{compared} events, {hits} findings, the same");
    assert!(compared > 100 && hits > 20);
}
