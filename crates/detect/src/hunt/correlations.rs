//! Correlations over what the rules of a hunt match. Logs come file by file, a correlation wants them in order of time:
//! matches wait in a bounded queue, the oldest leaves first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::event::{Event, Kind, Names};
use crate::sigma::Correlation;
use crate::sigma::correlate::{Correlator, Hit, Lost};

/// How many matches wait to be brought into order. Logs of a few machines over some days fit in; of more, matches that are
/// farther out of order than this are late, and counted.
const MOST_WAITING: usize = 200_000;

/// A match that a correlation listens to, with what it asks for.
struct Match {
    event: Event,
    file: Arc<str>,
}

struct Waiting {
    time: i64,
    number: u64,
    rule: usize,
    name: Arc<Match>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        (self.time, self.number).cmp(&(other.time, other.number))
    }
}

/// A correlation that held.
pub struct Held {
    /// Its number in the set.
    pub correlation: usize,
    /// The last of its events, with the fields that the correlation asks for; `correlation_value` says what was counted,
    /// `correlation_first` when it began, `correlation_match` where its events stand.
    pub event: Event,
    /// The file of the last.
    pub file: Arc<str>,
}

/// The correlations of one hunt.
pub struct Stage<'h> {
    correlator: Correlator<'h, Arc<Match>>,
    names: &'h Names,
    asked: Vec<u16>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    number: u64,
    /// Matches without a time, which no correlation can place.
    pub untimed: u64,
}

impl<'h> Stage<'h> {
    pub fn new(correlations: &'h [Correlation], names: &'h Names) -> Stage<'h> {
        let fields = Correlator::<Arc<Match>>::fields(correlations);
        Stage {
            correlator: Correlator::new(correlations),
            names,
            asked: fields.into_iter().map(|name| names.number(name)).collect(),
            waiting: BinaryHeap::new(),
            number: 0,
            untimed: 0,
        }
    }

    /// Takes a match of a rule; what holds by now is appended.
    pub fn take(&mut self, rule: usize, event: &Event, file: &Arc<str>, held: &mut Vec<Held>) {
        if !self.correlator.listens(rule) {
            return;
        }
        let Some(time) = event.time else {
            self.untimed += 1;
            return;
        };
        let event = event.with_only(|field| self.asked.contains(&field.number));
        let name = Arc::new(Match { event, file: Arc::clone(file) });
        self.waiting.push(Reverse(Waiting { time, number: self.number, rule, name }));
        self.number += 1;
        if self.waiting.len() > MOST_WAITING {
            self.feed(held);
        }
    }

    /// The hunt has ended.
    pub fn finish(&mut self, held: &mut Vec<Held>) {
        while !self.waiting.is_empty() {
            self.feed(held);
        }
        let mut hits = Vec::new();
        self.correlator.finish(&mut hits);
        self.hold(hits, held);
    }

    /// What was lost, as [`Lost`] says.
    pub fn lost(&self) -> Lost {
        self.correlator.lost()
    }

    fn feed(&mut self, held: &mut Vec<Held>) {
        let Some(Reverse(oldest)) = self.waiting.pop() else { return };
        let (names, event) = (self.names, &oldest.name.event);
        let field = |name: &str| event.find(names.number(name)).map(str::to_owned);
        let mut hits = Vec::new();
        self.correlator.take(oldest.rule, oldest.time, &oldest.name, &field, &mut hits);
        self.hold(hits, held);
    }

    fn hold(&self, hits: Vec<Hit<Arc<Match>>>, held: &mut Vec<Held>) {
        for hit in hits.into_iter().filter(|hit| hit.reported) {
            let Some(last) = hit.matches.last() else { continue };
            let mut event = last.event.clone();
            event.time = Some(hit.last);
            event.push(self.names, "correlation_value", &hit.value.to_string(), Kind::Number);
            let mut first = Vec::new();
            super::output::moment(&mut first, hit.first);
            event.push(self.names, "correlation_first", std::str::from_utf8(&first).unwrap_or_default(), Kind::Text);
            for one in &hit.matches {
                let place = format!("{} #{}", one.file, one.event.record);
                event.push(self.names, "correlation_match", &place, Kind::Text);
            }
            held.push(Held { correlation: hit.correlation, event, file: Arc::clone(&last.file) });
        }
    }
}
