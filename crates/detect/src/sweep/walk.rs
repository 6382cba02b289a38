//! Walks folders and hands out what is in them, some files at a time, in the order of names.

use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use super::Shared;
use super::stat::{Nature, is_made_up};

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

/// Some of them.
pub struct Unit {
    pub number: u64,
    pub entries: Vec<Entry>,
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

/// The sweep has ended early.
struct Ended;

struct Walk<'w> {
    shared: &'w Shared,
    give: &'w SyncSender<Unit>,
    skip: &'w [PathBuf],
    most: u64,
    next: u64,
    waiting: Vec<Entry>,
    walked: Walked,
}

/// Goes through the inputs in their order. `skip`: what is not to be looked at; `most`: how many units may be under way.
pub fn walk(inputs: &[PathBuf], skip: &[PathBuf], shared: &Shared, most: u64, give: &SyncSender<Unit>) -> Walked {
    let mut walk = Walk { shared, give, skip, most, next: 0, waiting: Vec::new(), walked: Walked::default() };
    let done = inputs.iter().try_for_each(|input| walk.input(input)).and_then(|()| walk.give());
    _ = done.is_ok();
    walk.walked
}

impl Walk<'_> {
    fn input(&mut self, path: &Path) -> Result<(), Ended> {
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => self.folder(path, 0),
            Ok(about) if about.is_file() => self.file(path.to_owned(), Nature::File, true),
            Ok(_) => self.file(path.to_owned(), Nature::Special, true),
            Err(error) => {
                self.walked.unread.push((path.to_owned(), error.to_string()));
                Ok(())
            }
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), Ended> {
        if depth > DEEPEST {
            self.walked.unread.push((folder.to_owned(), format!("folders nest deeper than {DEEPEST} levels")));
            return Ok(());
        }
        if is_made_up(folder) {
            self.walked.made_up += 1;
            return Ok(());
        }
        self.walked.folders += 1;
        let list = std::fs::read_dir(folder).and_then(|list| {
            list.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))).collect()
        });
        let mut list: Vec<_> = match list {
            Ok(list) => list,
            Err(error) => {
                self.walked.unread.push((folder.to_owned(), error.to_string()));
                return Ok(());
            }
        };
        list.sort_unstable_by(|one, two| one.0.cmp(&two.0));
        for (name, nature) in list {
            let path = folder.join(&name);
            // The name first: asking the system costs more.
            let maybe = self.skip.iter().any(|skip| skip.file_name() == Some(&name));
            if maybe && self.skip.contains(&super::resolved(&path)) {
                continue;
            }
            if nature.is_dir() {
                self.folder(&path, depth + 1)?;
            } else if nature.is_file() {
                self.file(path, Nature::File, false)?;
            } else if nature.is_symlink() {
                self.file(path, Nature::Link, false)?;
            } else {
                self.file(path, Nature::Special, false)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf, nature: Nature, named: bool) -> Result<(), Ended> {
        if self.walked.files >= MOST_FILES {
            self.walked.unread.push((path, format!("more than {MOST_FILES} files; the rest is left out")));
            return Err(Ended);
        }
        self.walked.files += 1;
        self.waiting.push(Entry { path, nature, named });
        if self.waiting.len() >= TOGETHER { self.give() } else { Ok(()) }
    }

    fn give(&mut self) -> Result<(), Ended> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if !self.shared.wait(self.next, self.most) {
            return Err(Ended);
        }
        let unit = Unit { number: self.next, entries: std::mem::take(&mut self.waiting) };
        self.next += 1;
        self.give.send(unit).map_err(|_| Ended)
    }
}
