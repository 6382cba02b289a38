//! How files were the last time: signed, so that it cannot be made to fit what was altered, and compared with how they are now.
//!
//! A later pass passes over what is unchanged: same file, size, times of writing and of any change, rules and lists. The comparison is the
//! report on integrity.

mod keep;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use keep::{Fault, Keeper, Opened, open};

use super::stat::{Stat, bytes_path, path_bytes};

/// How a file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What the system said of it.
    pub stat: Stat,
    /// SHA-256 of its bytes, or of where a link points.
    pub sha256: [u8; 32],
    /// It is looked at again even if it seems unchanged: there were findings, or it changed while it was read.
    pub again: bool,
}

/// How all files were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Which rules and lists they were searched with.
    mark: [u8; 32],
    /// When, microseconds since 1970.
    made: i64,
    files: BTreeMap<Vec<u8>, Seen>,
    /// There was none before.
    first: bool,
}

/// In what a file is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It was a file and is a link, or the other way round.
    Nature,
    /// Its bytes, or where the link points.
    Content,
    /// Its permissions, before and now.
    Mode(u32, u32),
    /// Its owner and group, before and now.
    Owner((u32, u32), (u32, u32)),
}

impl Difference {
    /// The word for it in what scripts read.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Difference::Added => "added",
            Difference::Removed => "removed",
            Difference::Nature => "nature",
            Difference::Content => "changed",
            Difference::Mode(..) => "mode",
            Difference::Owner(..) => "owner",
        }
    }
}

/// A file that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// In what; at least one.
    pub differences: Vec<Difference>,
    /// How it was.
    pub before: Option<Seen>,
    /// How it is.
    pub now: Option<Seen>,
}

impl Baseline {
    /// The one before the first: with it every file is looked at, and none is told as added.
    #[must_use]
    pub fn none() -> Baseline {
        Baseline { first: true, ..Baseline::default() }
    }

    /// How many files it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether there was none before.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// When it was made, microseconds since 1970.
    #[must_use]
    pub fn made(&self) -> i64 {
        self.made
    }

    /// How a file was.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<&Seen> {
        self.files.get(&path_bytes(path))
    }

    /// How a file was, if nothing speaks for looking at it again.
    pub(super) fn unchanged(&self, path: &Path, stat: &Stat, mark: &[u8; 32]) -> Option<&Seen> {
        if self.mark != *mark {
            return None;
        }
        self.find(path).filter(|seen| !seen.again && seen.stat.is_unchanged(stat))
    }

    /// One to be filled with how files are now.
    pub(super) fn begin(&self, mark: [u8; 32], now: i64) -> Baseline {
        Baseline { mark, made: now, files: BTreeMap::new(), first: false }
    }

    pub(super) fn put(&mut self, path: &Path, seen: Seen) {
        self.files.insert(path_bytes(path), seen);
    }

    /// Tells what differs. What lies outside of `roots`, or could not be read, is taken over as it was.
    pub(super) fn compare(
        &self,
        now: &mut Baseline,
        roots: &[PathBuf],
        unread: &[(PathBuf, String)],
        tell: &mut dyn FnMut(&Change) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut changes: Vec<Change> = Vec::new();
        let mut carried = Vec::new();
        for (bytes, before) in &self.files {
            if let Some(seen) = now.files.get(bytes) {
                let differences = differences(before, seen);
                if !differences.is_empty() {
                    let path = bytes_path(bytes);
                    changes.push(Change { path, differences, before: Some(*before), now: Some(*seen) });
                }
                continue;
            }
            let path = bytes_path(bytes);
            let inside = roots.iter().any(|root| path.starts_with(root));
            // An empty path stands for all: a thread broke off.
            let unknown = unread.iter().any(|(unread, _)| path.starts_with(unread));
            if inside && !unknown {
                let differences = vec![Difference::Removed];
                changes.push(Change { path, differences, before: Some(*before), now: None });
            } else {
                let again = before.again || self.mark != now.mark;
                carried.push((bytes.clone(), Seen { again, ..*before }));
            }
        }
        if !self.first {
            for (bytes, seen) in now.files.iter().filter(|(bytes, _)| !self.files.contains_key(*bytes)) {
                let differences = vec![Difference::Added];
                changes.push(Change { path: bytes_path(bytes), differences, before: None, now: Some(*seen) });
            }
            changes.sort_by(|one, two| one.path.cmp(&two.path));
        }
        now.files.extend(carried);
        changes.iter().try_for_each(tell)
    }
}

fn differences(before: &Seen, now: &Seen) -> Vec<Difference> {
    let mut list = Vec::new();
    if before.stat.nature != now.stat.nature {
        list.push(Difference::Nature);
    } else if before.sha256 != now.sha256 {
        list.push(Difference::Content);
    }
    if before.stat.mode != now.stat.mode {
        list.push(Difference::Mode(before.stat.mode, now.stat.mode));
    }
    let owner = |seen: &Seen| (seen.stat.user, seen.stat.group);
    if owner(before) != owner(now) {
        list.push(Difference::Owner(owner(before), owner(now)));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(byte: u8, mode: u32) -> Seen {
        Seen { stat: Stat { mode, size: 1, ..Stat::default() }, sha256: [byte; 32], again: false }
    }

    fn baseline(files: &[(&str, Seen)]) -> Baseline {
        let mut made = Baseline::none().begin([1; 32], 5);
        files.iter().for_each(|(path, seen)| made.put(Path::new(path), *seen));
        made
    }

    fn told(before: &Baseline, now: &mut Baseline, roots: &[&str], unread: &[&str]) -> Vec<String> {
        let mut told = Vec::new();
        let roots: Vec<_> = roots.iter().map(PathBuf::from).collect();
        let unread: Vec<_> = unread.iter().map(|path| (PathBuf::from(path), String::new())).collect();
        before
            .compare(now, &roots, &unread, &mut |change| {
                let words: Vec<_> = change.differences.iter().map(Difference::word).collect();
                told.push(format!("{} {}", change.path.display(), words.join("+")));
                Ok(())
            })
            .unwrap();
        told
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let before = baseline(&[("/a/1", seen(1, 0o644)), ("/a/2", seen(2, 0o644)), ("/a/3", seen(3, 0o644))]);
        let mut now = baseline(&[("/a/1", seen(9, 0o755)), ("/a/3", seen(3, 0o644)), ("/a/4", seen(4, 0o644))]);
        assert_eq!(told(&before, &mut now, &["/a"], &[]), ["/a/1 changed+mode", "/a/2 removed", "/a/4 added"]);
        assert_eq!(now.len(), 3);
    }

    #[test]
    fn the_first_time_nothing_is_told() {
        let mut now = baseline(&[("/a/1", seen(1, 0o644))]);
        assert!(told(&Baseline::none(), &mut now, &["/a"], &[]).is_empty());
    }

    #[test]
    fn what_was_not_looked_at_is_not_taken_for_removed() {
        let before = baseline(&[("/a/b/1", seen(1, 0o644)), ("/c/1", seen(2, 0o644))]);
        let mut now = baseline(&[]);
        assert!(told(&before, &mut now, &["/a"], &["/a/b"]).is_empty());
        assert_eq!(now.len(), 2);
    }

    #[test]
    fn only_the_same_rules_let_a_file_be_passed_over() {
        let made = baseline(&[("/a", seen(1, 0o644))]);
        let stat = seen(1, 0o644).stat;
        assert!(made.unchanged(Path::new("/a"), &stat, &[1; 32]).is_some());
        assert!(made.unchanged(Path::new("/a"), &stat, &[2; 32]).is_none());
        assert!(made.unchanged(Path::new("/a"), &Stat { changed: 1, ..stat }, &[1; 32]).is_none());
    }
}
