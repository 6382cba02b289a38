//! The work on hostile files and rules, as a process of its own does it: one task comes in as JSON, lines go out. `F ` and a
//! finding as [`ungcuu_detect`] writes it; `S ` and a [`Said`] in JSON. The last line is [`Said::Examined`] or
//! [`Said::Read`]; whoever does not hear it knows that the process died of its work.

mod files;
mod logs;
mod rules;

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub use rules::{ARCHIVE, built_in};

use super::rules::RuleKind;

/// The longest result, in bytes. A log in which every event is a finding ends here, and the result says so.
const RESULT: u64 = 1 << 30;
/// How often it says how far it has come.
const EVERY: Duration = Duration::from_millis(300);
/// How many unread files and the like are named.
const NAMED: usize = 20;
/// The longest task, in bytes: paths, and the names of silenced rules.
const TASK: u64 = 8 << 20;

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// A file is held against rules: logs against rules for logs, anything against rules for files.
    Examine {
        kind: RuleKind,
        file: PathBuf,
        /// What people call the file.
        name: String,
        rules: Rules,
        /// Rules whose findings nobody wants, by id.
        silenced: Vec<String>,
    },
    /// An archive of rules is only read, to be listed.
    Read { archive: PathBuf },
}

/// Where rules come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Rules {
    BuiltIn,
    /// A ZIP of files and folders.
    Archive(PathBuf),
}

/// What the process says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Said {
    Progress { bytes: u64, total: u64, events: u64 },
    Rule(Box<RuleLine>),
    Refused(RefusedLine),
    Read(Counts),
    Examined(Box<Told>),
}

/// A rule of a set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RuleLine {
    /// What findings name it by: of a YARA rule its name, so that rules with one name in two files are silenced together.
    pub id: String,
    pub title: String,
    pub level: i64,
    pub path: String,
    pub line: i64,
    /// Empty for rules about files.
    pub logsource: String,
    pub tags: String,
    pub author: String,
    pub description: String,
    pub response_vi: String,
    pub response_en: String,
    pub correlation: bool,
    pub reported: bool,
}

/// A document that cannot be used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RefusedLine {
    pub path: String,
    pub line: i64,
    pub title: String,
    pub reason: String,
}

/// How many there are in a set, and what they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub kind: RuleKind,
    pub rules: i64,
    pub correlations: i64,
    pub refused: i64,
    pub unrouted: i64,
}

/// A set of rules as it is listed.
#[derive(Clone, Debug)]
pub struct ReadSet {
    pub rules: Vec<RuleLine>,
    pub refused: Vec<RefusedLine>,
    pub counts: Counts,
}

/// What came of an examination, apart from its findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Told {
    pub files: u64,
    /// Events of logs.
    pub events: u64,
    /// Contents of archives that were searched, apart from logs.
    pub contents: u64,
    /// Findings that stand in the result.
    pub findings: u64,
    /// Findings of silenced rules, which do not.
    pub silenced: u64,
    /// Records and lines that could not be read.
    pub skipped: u64,
    /// Events that were too long and were cut, large files of which beginning and end were searched.
    pub cut: u64,
    /// Files that hold no log; the first are named.
    pub not_logs: u64,
    pub not_logs_named: Vec<String>,
    /// Files, and contents of archives, that could not be read to their end, and why; the first are named.
    pub unread: u64,
    pub unread_named: Vec<(String, String)>,
    /// The result grew too long and ends before its end.
    pub full: bool,
}

impl Told {
    /// Whether there was nothing to hold against the rules: no log among what was given. That is not the same as finding nothing.
    pub fn read_nothing(&self) -> bool {
        self.files == 0 && self.unread == 0
    }

    /// Whether everything was read and everything found stands in the result.
    pub fn is_whole(&self) -> bool {
        self.unread == 0 && !self.full
    }
}

/// Does one task. Called by the process of its own before anything else is begun in the program, and right here in tests.
///
/// # Errors
/// When the task cannot be read or nobody listens any more.
pub fn work(input: impl Read, mut out: impl Write) -> io::Result<()> {
    let task: Task = serde_json::from_reader(input.take(TASK)).map_err(io::Error::other)?;
    match task {
        Task::Read { archive } => {
            let ReadSet { rules, refused, counts } = rules::of_archive(&archive)?;
            for rule in rules {
                say(&mut out, &Said::Rule(Box::new(rule)))?;
            }
            for refusal in refused {
                say(&mut out, &Said::Refused(refusal))?;
            }
            say(&mut out, &Said::Read(counts))
        }
        Task::Examine { kind, file, name, rules, silenced } => {
            let path = file.to_string_lossy().into_owned();
            let mut telling = Telling {
                out: &mut out,
                path: &path,
                name: &name,
                silenced: &silenced,
                told: Told::default(),
                written: 0,
                said: None,
            };
            let ran = match kind {
                RuleKind::Sigma => logs::hunt(&rules, &file, &mut telling),
                RuleKind::Yara => files::sweep(&rules, &file, &mut telling),
            };
            let told = telling.told;
            match ran {
                Err(error) if !told.full => Err(error),
                _ => say(&mut out, &Said::Examined(Box::new(told))),
            }
        }
    }
}

fn say(out: &mut impl Write, said: &Said) -> io::Result<()> {
    out.write_all(b"S ")?;
    serde_json::to_writer(&mut *out, said)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// What both kinds of work have in common: the line out, and the count of what went over it.
struct Telling<'a, W> {
    out: &'a mut W,
    /// Where the file lies, and what it is called instead.
    path: &'a str,
    name: &'a str,
    silenced: &'a [String],
    told: Told,
    written: u64,
    said: Option<Instant>,
}

impl<W: Write> Telling<'_, W> {
    /// Whether nobody wants this rule's findings; such a one is counted.
    fn silences(&mut self, rule: &str) -> bool {
        let silenced = self.silenced.iter().any(|id| id == rule);
        self.told.silenced += u64::from(silenced);
        silenced
    }

    /// Tells a finding: a JSON object and a line's end.
    fn finding(&mut self, json: &[u8]) -> io::Result<()> {
        self.written += json.len() as u64;
        if self.written > RESULT {
            self.told.full = true;
            return Err(io::Error::other("the result is full"));
        }
        self.told.findings += 1;
        self.out.write_all(b"F ")?;
        self.out.write_all(json)
    }

    fn progress(&mut self, bytes: u64, total: u64, events: u64) {
        if self.said.is_some_and(|said| said.elapsed() < EVERY) {
            return;
        }
        self.said = Some(Instant::now());
        // Whoever went away is noticed at the next finding, or at the end.
        let _ = say(self.out, &Said::Progress { bytes, total, events });
    }

    /// A file within the one that was examined keeps the rest of its name: `nhat-ky.zip!Security.evtx`.
    fn renamed(&self, file: &str) -> String {
        file.strip_prefix(self.path).map_or_else(|| file.to_owned(), |rest| format!("{}{rest}", self.name))
    }

    /// The same for a list: short, and not of too many.
    fn named<'f>(&self, files: impl Iterator<Item = &'f str>) -> Vec<String> {
        files.take(NAMED).map(|file| cut(&self.renamed(file), 300)).collect()
    }
}

/// At most so many characters, without what no line should hold.
fn cut(text: &str, most: usize) -> String {
    ungcuu_kit::text::shorten(ungcuu_kit::form::clean(text).trim(), most)
}
