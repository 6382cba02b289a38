//! The floor: the public `evtx` crate turns logs into JSON and nothing else is done with them. `floor THREADS FOLDER…`

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use evtx::EvtxParser;

fn walk(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(list) => list.flatten().for_each(|entry| walk(&entry.path(), files)),
        Err(_) => files.push(path.to_path_buf()),
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut files = Vec::new();
    arguments.for_each(|path| walk(Path::new(&path), &mut files));
    let (next, events, bytes) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(mut parser) = EvtxParser::from_path(path) else { continue };
                    for record in parser.records_json().flatten() {
                        events.fetch_add(1, Ordering::Relaxed);
                        bytes.fetch_add(record.data.len() as u64, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    eprintln!("{events:?} events, {bytes:?} bytes of JSON in {:?}", begun.elapsed());
}
