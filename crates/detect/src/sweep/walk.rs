//! Walks folders and hands out what is in them, some files at a time, in the order of names.

use std::path::{Path, PathBuf};

use super::stat::{Nature, is_made_up};
use crate::folders::{self, Met, Visit, is_one_of};
use crate::ordered::{Ended, Hand};

/// How many files make a unit of work.
const TOGETHER: usize = 16;

/// How deep folders may nest.
const DEEPEST: usize = 128;

/// The most files of one sweep.
const MOST_FILES: u64 = 20_000_000;

/// A file on its way to be looked at.
pub struct Entry {
    pub path: PathBuf,
    pub nature: Nature,
    /// It was named by whoever asked; a link that was named is meant.
    pub named: bool,
}

/// What came of the walk.
#[derive(Default)]
pub struct Walked {
    pub folders: u64,
    pub files: u64,
    /// Folders whose contents the system makes up.
    pub made_up: u64,
    pub unread: Vec<(PathBuf, String)>,
}

struct Walk<'w, 'g> {
    hand: &'w mut Hand<'g, Vec<Entry>>,
    skip: &'w [PathBuf],
    waiting: Vec<Entry>,
    walked: Walked,
}

/// Goes through the inputs in their order. `skip`: what is not to be looked at.
pub fn walk(inputs: &[PathBuf], skip: &[PathBuf], hand: &mut Hand<Vec<Entry>>) -> Walked {
    let mut walk = Walk { hand, skip, waiting: Vec::new(), walked: Walked::default() };
    let done = inputs.iter().try_for_each(|input| folders::walk(input, DEEPEST, &mut walk));
    // Where there are too many files, those that came first are looked at all the same.
    _ = (done.is_ok(), walk.give().is_ok());
    walk.walked
}

impl Visit for Walk<'_, '_> {
    type Ended = Ended;

    fn meet(&mut self, met: Met) -> Result<bool, Ended> {
        let Met { path, kind, named } = met;
        if !named && is_one_of(self.skip, path) {
            return Ok(false);
        }
        if kind.is_dir() {
            let made_up = is_made_up(path);
            self.walked.made_up += u64::from(made_up);
            self.walked.folders += u64::from(!made_up);
            return Ok(!made_up);
        }
        let nature = if kind.is_file() {
            Nature::File
        } else if kind.is_symlink() {
            Nature::Link
        } else {
            Nature::Special
        };
        if self.walked.files >= MOST_FILES {
            self.fault(path, format!("more than {MOST_FILES} files; the rest is left out"));
            return Err(Ended);
        }
        self.walked.files += 1;
        self.waiting.push(Entry { path: path.to_owned(), nature, named });
        if self.waiting.len() >= TOGETHER {
            self.give()?;
        }
        Ok(true)
    }

    fn fault(&mut self, path: &Path, reason: String) {
        self.walked.unread.push((path.to_owned(), reason));
    }
}

impl Walk<'_, '_> {
    fn give(&mut self) -> Result<(), Ended> {
        if self.waiting.is_empty() { Ok(()) } else { self.hand.give(std::mem::take(&mut self.waiting)) }
    }
}
