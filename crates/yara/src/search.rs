//! Searching bytes with rules.

use std::time::{Duration, Instant};

use boreal::Scanner;
use boreal::scanner::{ScanError, ScanParams};

use crate::rules::{NAMES, Rules, SMALL};

/// Bounds of one search.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long bytes may be searched before the rest of the rules is left out.
    pub time: Duration,
    /// How often one string of a rule is counted. A rule that asks for more occurrences than this does not match.
    pub matches: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(60), matches: 10_000 }
    }
}

/// What rules may ask about the file beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The last part of its path.
    pub name: &'a str,
    /// The folder it lies in.
    pub folder: &'a str,
    /// The end of its name from the last point on, with it.
    pub extension: &'a str,
}

/// Where a string of a rule was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The string's name, with its `$`.
    pub name: String,
    /// Where in the bytes.
    pub offset: u64,
    /// The beginning of what was found, at most 64 bytes.
    pub bytes: Vec<u8>,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its number, see [`Rules::rule`].
    pub rule: u32,
    /// Strings it found: the first occurrence of each, at most 8; not all that there are, the search ends when the answer is certain.
    pub places: Vec<Place>,
}

/// What came of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The rules that matched, each once, in the order of their numbers.
    pub hits: Vec<Hit>,
    /// It took too long; rules may be missing.
    pub cut: bool,
}

/// How much of what a string found is kept.
const EXCERPT: usize = 64;

/// How many strings of a hit are kept.
const MOST_PLACES: usize = 8;

/// Searches with one thread.
pub struct Searcher<'r> {
    rules: &'r Rules,
    /// By group, once one was asked.
    scanners: Vec<Option<Scanner>>,
    limits: Limits,
}

impl Rules {
    /// Something to search with, one for each thread.
    #[must_use]
    pub fn searcher(&self, limits: Limits) -> Searcher<'_> {
        Searcher { rules: self, scanners: vec![None; self.groups.len()], limits }
    }
}

impl Searcher<'_> {
    /// Searches bytes. Groups of rules that cannot match them are not asked.
    pub fn search(&mut self, bytes: &[u8], about: &About) -> Found {
        let begun = Instant::now();
        let mut found = Found::default();
        let large = bytes.len() as u64 > SMALL;
        for (group, mine) in self.rules.groups.iter().zip(&mut self.scanners) {
            let fits = group.key.head.as_ref().is_none_or(|head| head.holds(bytes));
            if group.key.large != large || !fits {
                continue;
            }
            if begun.elapsed() > self.limits.time {
                found.cut = true;
                break;
            }
            if mine.is_none() {
                *mine = group.scanner().map(|scanner| bounded(scanner, &self.limits));
            }
            let Some(scanner) = mine else {
                found.cut = true;
                continue;
            };
            if self.rules.names_asked {
                for (name, value) in NAMES.into_iter().zip([about.name, about.folder, about.extension, "", ""]) {
                    _ = scanner.define_symbol(name, value);
                }
            }
            let result = match scanner.scan_mem(bytes) {
                Ok(result) => result,
                Err((error, result)) => {
                    found.cut |= matches!(error, ScanError::Timeout);
                    result
                }
            };
            for rule in result.rules {
                let number = rule
                    .namespace
                    .parse()
                    .ok()
                    .and_then(|space: u32| self.rules.places.get(&(space, rule.name.to_owned())).copied());
                let Some(number) = number.filter(|number| !self.rules.rules[*number as usize].private) else {
                    continue;
                };
                if found.hits.iter().all(|hit| hit.rule != number) {
                    found.hits.push(Hit { rule: number, places: places(&rule.matches) });
                }
            }
        }
        found.hits.sort_by_key(|hit| hit.rule);
        found
    }
}

/// A scanner for one thread.
fn bounded(scanner: &Scanner, limits: &Limits) -> Scanner {
    let mut scanner = scanner.clone();
    scanner.set_scan_params(
        ScanParams::default()
            .timeout_duration(Some(limits.time))
            .string_max_nb_matches(limits.matches)
            .match_max_length(EXCERPT),
    );
    scanner
}

fn places(strings: &[boreal::scanner::StringMatches]) -> Vec<Place> {
    let found = strings.iter().filter_map(|string| Some((string.name, string.matches.first()?)));
    let place = |(name, one): (&str, &boreal::scanner::StringMatch)| Place {
        name: format!("${name}"),
        offset: (one.base + one.offset) as u64,
        bytes: one.data.iter().copied().take(EXCERPT).collect(),
    };
    found.map(place).take(MOST_PLACES).collect()
}
