//! Finds the files of rules in folders.

use std::convert::Infallible;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::yara::{Refusal, Source};
use crate::folders::{self, Met, Visit};

/// Endings that files of rules have; a file that is named itself may have any.
const ENDINGS: [&str; 3] = ["yar", "yara", "rule"];

/// How deep folders of rules may nest.
const DEEPEST: usize = 32;

/// The most files of rules.
const MOST_FILES: usize = 50_000;

/// The most bytes of all files of rules together.
const MOST_BYTES: u64 = 512 << 20;

/// Reads all files of rules at these paths, each folder in the order of names. What cannot be read is told.
#[must_use]
pub fn sources(paths: &[PathBuf]) -> (Vec<Source>, Vec<Refusal>) {
    let mut gathering = Gathering { sources: Vec::new(), refused: Vec::new(), room: MOST_BYTES };
    for path in paths {
        let Ok(()) = folders::walk(path, DEEPEST, &mut gathering);
    }
    (gathering.sources, gathering.refused)
}

struct Gathering {
    sources: Vec<Source>,
    refused: Vec<Refusal>,
    room: u64,
}

impl Visit for Gathering {
    type Ended = Infallible;

    fn meet(&mut self, met: Met) -> Result<bool, Infallible> {
        if met.kind.is_file() && (met.named || has_ending(met.path)) {
            self.file(met.path);
        }
        Ok(true)
    }

    fn fault(&mut self, path: &Path, reason: String) {
        self.refuse(path, reason);
    }
}

impl Gathering {
    fn refuse(&mut self, path: &Path, reason: impl ToString) {
        let path = path.to_string_lossy().into_owned();
        self.refused.push(Refusal { path, line: 1, reason: reason.to_string() });
    }

    fn file(&mut self, path: &Path) {
        if self.sources.len() >= MOST_FILES {
            return self.refuse(path, format!("more than {MOST_FILES} files of rules"));
        }
        let mut text = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(self.room + 1).read_to_end(&mut text));
        match read {
            Err(error) => self.refuse(path, error),
            Ok(read) if read as u64 > self.room => {
                self.refuse(path, format!("all files of rules together have more than {MOST_BYTES} bytes"));
            }
            Ok(read) => {
                self.room -= read as u64;
                self.sources.push(Source { path: path.to_string_lossy().into_owned(), text });
            }
        }
    }
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
