//! A sweep: folders of files against YARA rules, lists of hashes, and how they were the last time.
//!
//! One thread walks, several read, hash and search, and what they find comes out in the order of the files, whatever the number
//! of threads. A file is read once. Links are not followed, devices and pipes not opened; what was left out or looked at in part
//! is counted and said.

pub mod archive;
pub mod baseline;
mod gather;
pub mod lists;
mod look;
pub mod output;
pub mod own;
pub mod stat;
pub mod vault;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use ungcuu_yara::{Hit, Rule, Rules};

pub use crate::folders::resolved;
pub use gather::sources;
pub use look::LARGEST;
pub use ungcuu_yara as yara;

use archive::Opened;
use baseline::{Baseline, Change, Seen};
use lists::{Hashes, List};
use stat::{Nature, Stat};

use crate::ordered;
use crate::sigma::Level;

/// How many units may be under way, for each thread.
const UNDER_WAY: usize = 32;

/// What to look for, and what is known already.
pub struct Sweep<'s> {
    /// The rules.
    pub rules: &'s Rules,
    /// Files with these hashes are not looked at any further.
    pub allow: &'s List,
    /// Files with these are findings.
    pub deny: &'s List,
    /// How the files were the last time; `None`: there is no interest in that.
    pub base: Option<&'s Baseline>,
    /// Files and folders that are not looked at, as [`resolved`] has them: the vault, the baseline itself.
    pub skip: Vec<PathBuf>,
    /// How much of a file is held in memory and given to the rules whole, in bytes; [`LARGEST`] is a good choice. Of a larger file the rules are
    /// given so much of its beginning, and by itself a quarter as much of its end; what lies between is hashed, not searched.
    pub largest: usize,
    /// The moment, microseconds since 1970.
    pub now: i64,
    /// Different when rules or lists are: files searched with others are searched again.
    pub mark: [u8; 32],
}

/// Why there is a finding.
#[derive(Clone, Copy)]
pub enum Cause<'f> {
    /// A rule matched.
    Rule(&'f Rule, &'f Hit),
    /// The hash stands on the list of wanted files, with these words.
    Denied(&'f str),
}

/// Something that was found in a file.
#[derive(Clone, Copy)]
pub struct Finding<'f> {
    /// Why.
    pub cause: Cause<'f>,
    /// The file, as it was given, or found in the folder that was given.
    pub path: &'f Path,
    /// Where in it, when it is an archive: names joined by `!`.
    pub inner: Option<&'f str>,
    /// Hashes of the file, or of the content in it.
    pub hashes: Hashes,
    /// Bytes of the same.
    pub size: u64,
    /// The file, as the system has it.
    pub stat: Stat,
}

/// How grave a rule is: what it says under `level` or `severity`, or by its `score` of 100; `high` if it says nothing.
#[must_use]
pub fn level(rule: &Rule) -> Level {
    let word = rule.meta("level").or_else(|| rule.meta("severity"));
    if let Some(level) = word.and_then(|word| Level::of(&word.to_ascii_lowercase())) {
        return level;
    }
    let score = rule.metas.iter().find_map(|meta| match meta.value {
        yara::Value::Number(score) if meta.name.eq_ignore_ascii_case("score") => Some(score),
        _ => None,
    });
    match score {
        Some(..40) => Level::Low,
        Some(40..60) => Level::Medium,
        Some(85..) => Level::Critical,
        _ => Level::High,
    }
}

impl Cause<'_> {
    /// How grave it is: as grave as the rule is; `critical` for what stands on the list of wanted files.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Cause::Rule(rule, _) => level(rule),
            Cause::Denied(_) => Level::Critical,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Cause::Rule(rule, _) => &rule.name,
            Cause::Denied(_) => "deny-list",
        }
    }
}

/// A file with findings, after they were told.
pub struct Marked<'f> {
    /// The file.
    pub path: &'f Path,
    /// As the system had it.
    pub stat: Stat,
    /// SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// The names of all that was found.
    pub causes: &'f [String],
}

/// How far a sweep has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files dealt with.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Findings.
    pub findings: u64,
}

/// Takes what a sweep brings, on the thread that began it.
pub trait Report {
    /// A finding, in the order of the files.
    ///
    /// # Errors
    /// Whatever keeps it from being written; the sweep ends there.
    fn finding(&mut self, finding: &Finding) -> io::Result<()>;

    /// All findings of a file were told.
    ///
    /// # Errors
    /// As above.
    fn marked(&mut self, _file: &Marked) -> io::Result<()> {
        Ok(())
    }

    /// A file is not as it was the last time; all of these come after the findings, in the order of their paths.
    ///
    /// # Errors
    /// As above.
    fn change(&mut self, _change: &Change) -> io::Result<()> {
        Ok(())
    }

    /// Now and then.
    fn progress(&mut self, _progress: &Progress) {}
}

/// What came of a sweep.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How much there was.
    pub progress: Progress,
    /// Folders walked.
    pub folders: u64,
    /// Files passed over because nothing of them had changed.
    pub unchanged: u64,
    /// Files, and contents of archives, on the list of trusted ones.
    pub allowed: u64,
    /// Symbolic links, which are not followed.
    pub links: u64,
    /// Devices, pipes, sockets, and folders whose contents the system makes up.
    pub special: u64,
    /// Contents of archives that were looked at.
    pub contents: u64,
    /// Files larger than [`Sweep::largest`], when they were looked at: their beginning and end were searched.
    pub partly: Vec<PathBuf>,
    /// Contents of archives that were left out or looked at in part, the first hundred of them, and why.
    pub cut: Vec<(String, String)>,
    /// All of those.
    pub cuts: u64,
    /// Files whose search took too long; rules may be missing.
    pub timed_out: Vec<PathBuf>,
    /// Differences to the last time.
    pub changes: u64,
    /// What could not be read, and why. If there is any, the answer is not whole.
    pub unread: Vec<(PathBuf, String)>,
    /// How the files are now, to be kept for the next time; only when there was a baseline to compare with.
    pub next: Option<Baseline>,
}

/// What was found in one content.
struct Hits {
    inner: Option<String>,
    hashes: Hashes,
    size: u64,
    denied: Option<String>,
    found: Vec<Hit>,
}

/// What came of looking at one file.
#[derive(Default)]
struct Looked {
    path: PathBuf,
    stat: Stat,
    bytes: u64,
    hits: Vec<Hits>,
    opened: Opened,
    seen: Option<Seen>,
    skipped: Option<Nature>,
    unread: Option<String>,
    unchanged: bool,
    allowed: bool,
    inner_allowed: u64,
    partly: bool,
    cut: bool,
    gone: bool,
}

impl Sweep<'_> {
    /// Something that is different when rules or lists are.
    #[must_use]
    pub fn mark(rules: &Rules, allow: &List, deny: &List) -> [u8; 32] {
        let parts = [rules.hash(), allow.hash(), deny.hash()];
        parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
    }

    fn lists_ask_md5(&self) -> bool {
        self.allow.asks_md5() || self.deny.asks_md5()
    }

    /// Looks at everything and reports what is found. `threads`: how many look; at least one.
    ///
    /// # Errors
    /// Those of the report. A file that cannot be read is no error but stands in [`Outcome::unread`].
    pub fn run(&self, inputs: &[PathBuf], threads: usize, report: &mut dyn Report) -> io::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut next = self.base.map(|base| base.begin(self.mark, self.now));
        let ran = ordered::run(
            threads,
            UNDER_WAY,
            |hand| walk::walk(inputs, &self.skip, hand),
            || look::worker(self),
            |done: Vec<Looked>| {
                for looked in done {
                    self.tell(looked, report, &mut outcome, &mut next)?;
                }
                report.progress(&outcome.progress);
                io::Result::Ok(())
            },
        )?;
        match ran.handed {
            Some(walked) => {
                outcome.folders = walked.folders;
                outcome.special += walked.made_up;
                outcome.unread.extend(walked.unread);
            }
            None => outcome.unread.push((PathBuf::new(), "the walk through the folders broke off".into())),
        }
        if !ran.whole {
            outcome.unread.push((PathBuf::new(), "a thread broke off; findings are missing".into()));
        }
        if let (Some(base), Some(mut next)) = (self.base, next) {
            base.compare(&mut next, inputs, &outcome.unread, &mut |change| {
                outcome.changes += 1;
                report.change(change)
            })?;
            outcome.next = Some(next);
        }
        Ok(outcome)
    }

    fn tell(
        &self,
        looked: Looked,
        report: &mut dyn Report,
        outcome: &mut Outcome,
        kept: &mut Option<Baseline>,
    ) -> io::Result<()> {
        outcome.progress.files += u64::from(looked.skipped.is_none() && looked.unread.is_none() && !looked.gone);
        outcome.progress.bytes += looked.bytes;
        outcome.unchanged += u64::from(looked.unchanged);
        outcome.allowed += u64::from(looked.allowed) + looked.inner_allowed;
        outcome.links += u64::from(looked.skipped == Some(Nature::Link));
        outcome.special += u64::from(looked.skipped == Some(Nature::Special));
        outcome.contents += looked.opened.entries as u64;
        outcome.cuts += looked.opened.cuts;
        let room = 100usize.saturating_sub(outcome.cut.len());
        outcome.cut.extend(looked.opened.cut.into_iter().take(room));
        let mut causes = Vec::new();
        for hits in &looked.hits {
            let finding = |cause| Finding {
                cause,
                path: &looked.path,
                inner: hits.inner.as_deref(),
                hashes: hits.hashes,
                size: hits.size,
                stat: looked.stat,
            };
            let denied = hits.denied.as_deref().map(Cause::Denied);
            for cause in
                denied.into_iter().chain(hits.found.iter().map(|hit| Cause::Rule(self.rules.rule(hit.rule), hit)))
            {
                outcome.progress.findings += 1;
                report.finding(&finding(cause))?;
                causes.push(cause.name().to_owned());
            }
        }
        if let Some(seen) = looked.seen.filter(|_| !causes.is_empty()) {
            causes.sort();
            causes.dedup();
            let (path, stat, sha256) = (looked.path.as_path(), looked.stat, seen.sha256);
            report.marked(&Marked { path, stat, sha256, causes: &causes })?;
        }
        if looked.partly {
            outcome.partly.push(looked.path.clone());
        }
        if looked.cut {
            outcome.timed_out.push(looked.path.clone());
        }
        if let (Some(kept), Some(seen)) = (kept, looked.seen) {
            kept.put(&looked.path, seen);
        }
        if let Some(reason) = looked.unread {
            outcome.unread.push((looked.path, reason));
        }
        Ok(())
    }
}

/// Hexadecimal digits of bytes.
#[must_use]
pub fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of hexadecimal digits.
fn hex_bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// Makes sure that a name in a folder outlives a loss of power.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
