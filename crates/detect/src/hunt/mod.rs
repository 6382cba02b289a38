//! A hunt: folders of logs against a set of rules.
//!
//! One thread walks the files and cuts them into units of work (some chunks, some lines), several read and match, and the
//! findings come out in the order of the files, one after another, whatever the number of threads. Memory is bounded by
//! the number of units under way, not by the size of what is read.

mod correlations;
mod inputs;
pub mod output;
pub mod summary;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::engine::Engine;
use crate::event::Event;
use crate::sigma::correlate::{Correlator, Lost};
use crate::sigma::{Advice, Correlation, Head, Level, Rule, RuleRef, RuleSet, fold};
use crate::{evtx, lines, ordered};

pub use crate::folders::resolved;

/// How many units may be under way, for each thread: being read, matched, or waiting for their turn to be written out.
const UNDER_WAY: usize = 16;

/// One file or folder, or `-` for standard input.
pub type Input = PathBuf;

/// What to report of what is found.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Rules below this level are not used.
    pub min_level: Option<Level>,
    /// If there are any: only rules of which one of these is the id, a tag, or a part of the title (whatever the case).
    pub include: Vec<String>,
    /// No rules of which one of these is.
    pub exclude: Vec<String>,
    /// Only events from this moment on, microseconds since 1970. Events without a time are always reported.
    pub since: Option<i64>,
    /// Only events before this moment.
    pub before: Option<i64>,
    /// Files that are not read, as [`resolved`] has them: where the findings go.
    pub skip: Vec<PathBuf>,
}

impl Choice {
    /// Whether a rule's findings are wanted.
    #[must_use]
    pub fn wants(&self, rule: Cause) -> bool {
        let is = |word: &String| rule.is_called(word);
        self.min_level.is_none_or(|level| rule.level() >= level)
            && (self.include.is_empty() || self.include.iter().any(is))
            && !self.exclude.iter().any(is)
    }

    fn holds(&self, time: Option<i64>) -> bool {
        time.is_none_or(|time| {
            self.since.is_none_or(|since| time >= since) && self.before.is_none_or(|before| time < before)
        })
    }
}

/// A set of rules, made ready for hunting.
pub struct Hunt {
    engine: Engine,
    /// By rule: whether its findings are reported.
    reported: Vec<bool>,
    correlations: Vec<Correlation>,
    /// By correlation: whether it is reported.
    wanted: Vec<bool>,
    choice: Choice,
}

/// What fired.
#[derive(Clone, Copy)]
pub enum Cause<'a> {
    /// A rule.
    Rule(&'a Rule),
    /// A correlation of rules.
    Correlation(&'a Correlation),
}

impl<'a> Cause<'a> {
    /// What it says of itself.
    #[must_use]
    pub fn head(self) -> &'a Head {
        match self {
            Cause::Rule(rule) => &rule.head,
            Cause::Correlation(rule) => &rule.head,
        }
    }

    /// Whether a word is its id, one of its tags, or a part of its title, whatever the case.
    #[must_use]
    pub fn is_called(self, word: &str) -> bool {
        let word = fold(word);
        word == fold(self.id())
            || self.tags().iter().any(|tag| fold(tag) == word)
            || (!word.is_empty() && fold(self.title()).contains(&word))
    }

    /// The id of the rule or correlation.
    #[must_use]
    pub fn id(self) -> &'a str {
        &self.head().id
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'a str {
        &self.head().title
    }

    /// How grave it is.
    #[must_use]
    pub fn level(self) -> Level {
        self.head().level
    }

    /// Its tags, as written.
    #[must_use]
    pub fn tags(self) -> &'a [Box<str>] {
        &self.head().tags
    }

    /// What to do about it, if it says so.
    #[must_use]
    pub fn response(self) -> Option<&'a Advice> {
        self.head().response.as_ref()
    }

    /// Who wrote it; to be shown with a finding, as the licence of the public rules asks.
    #[must_use]
    pub fn author(self) -> &'a str {
        &self.head().author
    }
}

/// An event that fired a rule, or completed a correlation.
pub struct Finding<'a> {
    /// What fired.
    pub cause: Cause<'a>,
    /// The whole event, as it stands in the log.
    pub event: &'a Event,
    /// The event's number: no two events that hunts of this process found something in have the same.
    pub number: u64,
    /// The file as it was given, or found in the folder that was given.
    pub file: &'a str,
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// How far a hunt has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of files read, as stored. Packed and standard input count what comes out of them.
    pub bytes: u64,
    /// Bytes of all files; it grows while folders are still being walked.
    pub total: u64,
    /// Events read.
    pub events: u64,
    /// Findings made.
    pub findings: u64,
}

/// What came of a hunt.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How much there was.
    pub progress: Progress,
    /// Files that were read, members of archives counted one by one.
    pub files: u64,
    /// What could not be read of Windows event logs.
    pub evtx: evtx::Notes,
    /// What could not be read of logs of lines.
    pub lines: lines::Notes,
    /// Events of which something did not fit into the bounds.
    pub cut: u64,
    /// What correlations had to leave out.
    pub correlations: Lost,
    /// Matches without a time, which no correlation can place.
    pub untimed: u64,
    /// Rules looked at more closely, over all events: how well the search for literals works.
    pub looked_at: u64,
    /// Files that hold no log that can be read here.
    pub not_logs: Vec<String>,
    /// Files that could not be read, or not to their end, and why. If there are any, the output is not whole.
    pub unread: Vec<(String, String)>,
}

/// Takes what a hunt brings, on the thread that began it.
pub trait Report {
    /// A finding, in the order of the files.
    ///
    /// # Errors
    /// Whatever keeps it from being written; the hunt ends there.
    fn finding(&mut self, finding: &Finding) -> io::Result<()>;

    /// Now and then.
    fn progress(&mut self, _progress: &Progress) {}
}

/// A piece of work.
struct Unit {
    file: Arc<str>,
    work: Work,
}

enum Work {
    /// Chunks in a file that can be read anywhere.
    Stored { file: Arc<std::fs::File>, offset: u64, length: u64, carved: bool },
    /// Chunks that came out of a stream.
    Chunks(Vec<u8>),
    /// Lines.
    Lines(Arc<lines::Layout>, lines::Piece),
}

/// What came of a unit.
#[derive(Default)]
struct Done {
    file: Arc<str>,
    findings: Vec<(u32, Arc<Event>)>,
    bytes: u64,
    events: u64,
    cut: u64,
    looked_at: u64,
    evtx: evtx::Notes,
    lines: lines::Notes,
    fault: Option<String>,
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    /// Bytes of all files so far.
    total: AtomicU64,
    /// Buffers that were used and can be used again.
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Shared {
    fn buffer(&self) -> Vec<u8> {
        self.spare.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default()
    }

    fn give_back(&self, buffer: Vec<u8>) {
        if let Ok(mut spare) = self.spare.lock()
            && spare.len() < 64
        {
            spare.push(buffer);
        }
    }
}

impl Hunt {
    /// Takes over the rules of a set. Those that nobody wants, and no wanted correlation listens to, cost nothing.
    #[must_use]
    pub fn new(set: RuleSet, choice: Choice) -> Hunt {
        let RuleSet { rules, correlations, .. } = set;
        let reported: Vec<bool> = rules.iter().map(|rule| rule.reported && choice.wants(Cause::Rule(rule))).collect();
        let mut needed = reported.clone();
        // A correlation stands behind all that it listens to.
        let wanted: Vec<bool> = correlations.iter().map(|one| choice.wants(Cause::Correlation(one))).collect();
        let mut listening = wanted.clone();
        for (at, correlation) in correlations.iter().enumerate().rev() {
            if !listening[at] {
                continue;
            }
            for heard in &correlation.rules {
                match heard {
                    RuleRef::Rule(rule) => needed[*rule] = true,
                    RuleRef::Correlation(other) => listening[*other] = true,
                }
            }
        }
        let also = Correlator::<()>::fields(&correlations);
        let engine = Engine::build(rules, &needed, &also);
        Hunt { engine, reported, correlations, wanted, choice }
    }

    /// How many rules are matched.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.reported.iter().chain(&self.wanted).filter(|wanted| **wanted).count()
    }

    /// All rules, and the correlations behind them.
    pub fn causes(&self) -> impl Iterator<Item = Cause<'_>> {
        self.engine.rules().iter().map(Cause::Rule).chain(self.correlations.iter().map(Cause::Correlation))
    }

    /// The matcher.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Reads everything and reports what is found. `threads`: how many read and match; at least one.
    ///
    /// # Errors
    /// Those of the report. A file that cannot be read is no error but stands in [`Outcome::unread`].
    pub fn run(&self, inputs: &[Input], threads: usize, report: &mut dyn Report) -> io::Result<Outcome> {
        let shared = Shared::default();
        let mut outcome = Outcome::default();
        let mut stage = correlations::Stage::new(&self.correlations, self.engine.names());
        let ran = ordered::run(
            threads,
            UNDER_WAY,
            |hand| inputs::walk(inputs, &self.choice.skip, &shared, hand),
            || worker::worker(self, &shared),
            |done| {
                outcome.progress.total = shared.total.load(Ordering::Relaxed);
                self.take(done, &mut stage, report, &mut outcome)
            },
        )?;
        let mut held = Vec::new();
        stage.finish(&mut held);
        self.report_held(&mut held, report, &mut outcome)?;
        outcome.correlations = stage.lost();
        outcome.untimed = stage.untimed;
        match ran.handed {
            Some(walked) => {
                outcome.files = walked.files;
                outcome.not_logs = walked.not_logs;
                outcome.unread.extend(walked.unread);
                outcome.lines.add(&walked.lines);
            }
            None => outcome.unread.push((String::new(), "the walk through the files broke off".into())),
        }
        if !ran.whole {
            outcome.unread.push((String::new(), "a thread broke off; findings are missing".into()));
        }
        Ok(outcome)
    }

    fn take(
        &self,
        done: Done,
        stage: &mut correlations::Stage,
        report: &mut dyn Report,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        outcome.progress.bytes += done.bytes;
        outcome.progress.events += done.events;
        outcome.cut += done.cut;
        outcome.looked_at += done.looked_at;
        outcome.evtx.add(&done.evtx);
        outcome.lines.add(&done.lines);
        let mut held = Vec::new();
        let (mut before, mut number): (Option<&Arc<Event>>, _) = (None, 0);
        for (rule, event) in &done.findings {
            if !before.replace(event).is_some_and(|before| Arc::ptr_eq(before, event)) {
                number = next_number();
            }
            if self.reported[*rule as usize] {
                let cause = Cause::Rule(&self.engine.rules()[*rule as usize]);
                outcome.progress.findings += 1;
                report.finding(&Finding { cause, event, number, file: &done.file })?;
            }
            stage.take(*rule as usize, event, &done.file, &mut held);
            self.report_held(&mut held, report, outcome)?;
        }
        if let Some(fault) = done.fault {
            outcome.unread.push((done.file.to_string(), fault));
        }
        report.progress(&outcome.progress);
        Ok(())
    }

    fn report_held(
        &self,
        held: &mut Vec<correlations::Held>,
        report: &mut dyn Report,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        for held in held.drain(..).filter(|held| self.wanted[held.correlation]) {
            let cause = Cause::Correlation(&self.correlations[held.correlation]);
            outcome.progress.findings += 1;
            report.finding(&Finding { cause, event: &held.event, number: next_number(), file: &held.file })?;
        }
        Ok(())
    }
}
