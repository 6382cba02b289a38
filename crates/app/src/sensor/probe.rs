//! The work on hostile logs and rules, as a process of its own does it: one task comes in as JSON, lines go out. `F ` and a
//! finding as [`ungcuu_detect::hunt::output`] writes it; `S ` and a [`Said`] in JSON. The last line is [`Said::Hunted`] or
//! [`Said::Read`]; whoever does not hear it knows that the process died of its work.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use ungcuu_detect::hunt::output::Writer;
use ungcuu_detect::hunt::{Choice, Finding, Hunt, Outcome, Progress, Report};
use ungcuu_detect::sigma::{self, Advice, Level, Logsource, Pipeline, RuleSet};
use zip::ZipArchive;

/// The largest archive of rules, its entries and all that they unpack to: the public set has 3,400 files of 7 MB together.
pub const ARCHIVE: i64 = 64 << 20;
const ENTRIES: usize = 20_000;
const UNPACKED: u64 = 64 << 20;
/// How many rules of a set and how many refusals are listed one by one; the rest is counted.
const LISTED: usize = 20_000;
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
    /// A file of logs against rules.
    Hunt {
        file: PathBuf,
        /// What people call the file.
        name: String,
        rules: Rules,
        /// Rules whose findings nobody wants, by id.
        silenced: Vec<String>,
    },
    /// Rules are only read, to be listed.
    Read { rules: Rules },
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
    Progress { bytes: u64, total: u64, events: u64, findings: u64 },
    Rule(RuleLine),
    Refused(RefusedLine),
    Read(Counts),
    Hunted(Box<Hunted>),
}

/// A rule of a set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RuleLine {
    pub id: String,
    pub title: String,
    pub level: i64,
    pub path: String,
    pub line: i64,
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

/// How many there are in a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub rules: i64,
    pub correlations: i64,
    pub refused: i64,
    pub unrouted: i64,
}

/// What came of a hunt, apart from its findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Hunted {
    pub files: u64,
    pub events: u64,
    /// Findings that stand in the result.
    pub findings: u64,
    /// Findings of silenced rules, which do not.
    pub silenced: u64,
    /// Records and lines that could not be read.
    pub skipped: u64,
    /// Events that were too long and were cut.
    pub cut: u64,
    /// Files that hold no log; the first are named.
    pub not_logs: u64,
    pub not_logs_named: Vec<String>,
    /// Files that could not be read to their end, and why; the first are named.
    pub unread: u64,
    pub unread_named: Vec<(String, String)>,
    /// The result grew too long and ends before its end.
    pub full: bool,
}

impl Hunted {
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
        Task::Read { rules } => list(&load(&rules)?, &mut out),
        Task::Hunt { file, name, rules, silenced } => {
            let hunt = Hunt::new(load(&rules)?, Choice::default());
            let path = file.to_string_lossy().into_owned();
            let mut telling = Telling {
                out: &mut out,
                writer: Writer::default(),
                path: &path,
                name: &name,
                silenced: &silenced,
                told: Hunted::default(),
                written: 0,
                said: None,
            };
            let ran = hunt.run(std::slice::from_ref(&file), 1, &mut telling);
            let mut told = telling.told;
            match ran {
                Ok(outcome) => sum(&mut told, &outcome, &path, &name),
                Err(_) if told.full => {}
                Err(error) => return Err(error),
            }
            say(&mut out, &Said::Hunted(Box::new(told)))
        }
    }
}

fn load(rules: &Rules) -> io::Result<RuleSet> {
    Ok(match rules {
        Rules::BuiltIn => sigma::own::rules(),
        Rules::Archive(path) => {
            let texts = unpack(path)?;
            sigma::load_texts(texts.iter().map(|(name, text)| (&**name, &**text)), &Pipeline::default())
        }
    })
}

/// The rule files of an archive, in order of their names.
fn unpack(path: &Path) -> io::Result<Vec<(String, String)>> {
    let mut archive = ZipArchive::new(File::open(path)?).map_err(io::Error::other)?;
    let mut texts = Vec::new();
    let mut left = UNPACKED;
    for at in 0..archive.len().min(ENTRIES) {
        let Ok(entry) = archive.by_index(at) else { continue };
        let name = entry.name().to_owned();
        let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        if !entry.is_file() || hidden || !(name.ends_with(".yml") || name.ends_with(".yaml")) {
            continue;
        }
        let most = left.min(sigma::LARGEST_FILE as u64 + 1);
        let mut bytes = Vec::new();
        // An entry that is broken or too large is given on as it is: its refusal says so, with its name.
        let _ = entry.take(most).read_to_end(&mut bytes);
        left = left.saturating_sub(bytes.len() as u64);
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        if left == 0 {
            break;
        }
    }
    texts.sort();
    Ok(texts)
}

fn list(set: &RuleSet, out: &mut impl Write) -> io::Result<()> {
    let (rules, refused, counts) = lines(set);
    for rule in rules {
        say(out, &Said::Rule(rule))?;
    }
    for refusal in refused {
        say(out, &Said::Refused(refusal))?;
    }
    say(out, &Said::Read(counts))
}

/// A set as it is listed.
pub fn lines(set: &RuleSet) -> (Vec<RuleLine>, Vec<RefusedLine>, Counts) {
    let rules = set.rules.iter().map(|rule| RuleLine {
        logsource: source_words(&rule.logsource),
        ..line(
            (&rule.id, &rule.title, rule.level, &rule.source),
            (&rule.tags, &rule.author, &rule.description, rule.response.as_ref()),
            (false, rule.reported),
        )
    });
    let correlations = set.correlations.iter().map(|one| {
        line(
            (&one.id, &one.title, one.level, &one.source),
            (&one.tags, &one.author, &one.description, one.response.as_ref()),
            (true, one.reported),
        )
    });
    let rules = rules.chain(correlations).take(LISTED).collect();
    let refused = set.refused.iter().take(LISTED).map(|refusal| RefusedLine {
        path: cut(&refusal.path, 400),
        line: refusal.line.into(),
        title: cut(&refusal.title, 300),
        reason: cut(&refusal.reason, 600),
    });
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let counts = Counts {
        rules: count(set.counts.rules),
        correlations: count(set.counts.correlations),
        refused: count(set.counts.refused),
        unrouted: count(set.counts.unrouted),
    };
    (rules, refused.collect(), counts)
}

type Head<'a> = (&'a str, &'a str, Level, &'a sigma::Source);
type Words<'a> = (&'a [Box<str>], &'a str, &'a str, Option<&'a Advice>);

fn line((id, title, level, source): Head, (tags, author, description, response): Words, is: (bool, bool)) -> RuleLine {
    RuleLine {
        id: cut(id, 300),
        title: cut(title, 300),
        level: level as i64,
        path: cut(&source.path, 400),
        line: source.line.into(),
        logsource: String::new(),
        tags: cut(&tags.join(" "), 500),
        author: cut(author, 300),
        description: cut(description, 2000),
        response_vi: response.map(|advice| cut(&advice.vi, 4000)).unwrap_or_default(),
        response_en: response.map(|advice| cut(&advice.en, 4000)).unwrap_or_default(),
        correlation: is.0,
        reported: is.1,
    }
}

fn source_words(source: &Logsource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| cut(part, 60)).collect::<Vec<_>>().join(" / ")
}

/// At most so many characters, without what no line should hold.
fn cut(text: &str, most: usize) -> String {
    ungcuu_kit::text::shorten(ungcuu_kit::form::clean(text).trim(), most)
}

fn say(out: &mut impl Write, said: &Said) -> io::Result<()> {
    out.write_all(b"S ")?;
    serde_json::to_writer(&mut *out, said)?;
    out.write_all(b"\n")?;
    out.flush()
}

struct Telling<'a, W> {
    out: &'a mut W,
    writer: Writer,
    /// Where the file lies, and what it is called instead.
    path: &'a str,
    name: &'a str,
    silenced: &'a [String],
    told: Hunted,
    written: u64,
    said: Option<Instant>,
}

impl<W: Write> Report for Telling<'_, W> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.silenced.iter().any(|id| id == finding.cause.id()) {
            self.told.silenced += 1;
            return Ok(());
        }
        let file = renamed(finding.file, self.path, self.name);
        let mut line = b"F ".to_vec();
        self.writer.json(&Finding { file: &file, ..*finding }, &mut line)?;
        self.written += line.len() as u64;
        if self.written > RESULT {
            self.told.full = true;
            return Err(io::Error::other("the result is full"));
        }
        self.told.findings += 1;
        self.out.write_all(&line)
    }

    fn progress(&mut self, progress: &Progress) {
        if self.said.is_some_and(|said| said.elapsed() < EVERY) {
            return;
        }
        self.said = Some(Instant::now());
        self.told.events = progress.events;
        let findings = self.told.findings;
        let Progress { bytes, total, events, .. } = *progress;
        // Whoever went away is noticed at the next finding, or at the end.
        let _ = say(self.out, &Said::Progress { bytes, total, events, findings });
    }
}

/// A file within the one that was examined keeps the rest of its name: `nhat-ky.zip!Security.evtx`.
fn renamed(file: &str, path: &str, name: &str) -> String {
    file.strip_prefix(path).map_or_else(|| file.to_owned(), |rest| format!("{name}{rest}"))
}

fn sum(told: &mut Hunted, outcome: &Outcome, path: &str, name: &str) {
    told.files = outcome.files;
    told.events = outcome.progress.events;
    told.skipped = outcome.evtx.skipped + outcome.lines.skipped;
    told.cut = outcome.cut;
    told.not_logs = outcome.not_logs.len() as u64;
    told.not_logs_named =
        outcome.not_logs.iter().take(NAMED).map(|file| cut(&renamed(file, path, name), 300)).collect();
    told.unread = outcome.unread.len() as u64;
    let unread = outcome.unread.iter().take(NAMED);
    told.unread_named = unread.map(|(file, why)| (cut(&renamed(file, path, name), 300), cut(why, 300))).collect();
}
