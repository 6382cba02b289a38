//! Correlations over the matches of rules, as a stream: matches come in order of time, hits come out. State is bounded
//! and leaves with time; what had to leave early is counted.
//!
//! `gt` and `gte` over counts fire as soon as they hold, once for as long as they go on holding. Everything else (`lt`,
//! `eq`, ranges, means, percentiles) can only be said when a window has closed: windows then begin with a group's first
//! match and last for the timespan.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::{Correlation, CorrelationKind, Op, RuleRef};

/// How many groups are kept at once, over all correlations.
pub const MOST_GROUPS: usize = 100_000;
/// How many matches are kept at once.
pub const MOST_MATCHES: usize = 1_000_000;
/// How many matches of one group are kept where all of them are looked at for each new one (order, sums).
pub const MOST_IN_GROUP: usize = 10_000;
/// How many of its matches a hit names: the newest.
pub const MOST_NAMED: usize = 100;
/// The longest value that keeps groups apart or is counted, in bytes; the rest does not count.
const LONGEST_VALUE: usize = 512;

/// A correlation that holds. `M` is whatever the caller names matches by.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<M> {
    /// Index into the set's correlations.
    pub correlation: usize,
    /// The first and the last match, microseconds since 1970.
    pub first: i64,
    pub last: i64,
    /// What was counted or computed.
    pub value: f64,
    /// The group: names of `group-by` and their values.
    pub group: Vec<(Box<str>, String)>,
    /// The matches, oldest first, at most [`MOST_NAMED`].
    pub matches: Vec<M>,
    /// Whether it is to be reported, or only feeds others.
    pub reported: bool,
}

/// What left early or could not be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Matches that left because there was no room.
    pub evicted: u64,
    /// Matches without a value for a field that keeps groups apart.
    pub ungrouped: u64,
    /// Matches that came too late for their window.
    pub late: u64,
}

/// The stage. Lives as long as one stream of matches.
pub struct Correlator<'s, M> {
    correlations: &'s [Correlation],
    /// Which correlations listen to a rule, and at which place of their list.
    by_rule: HashMap<usize, Vec<(usize, usize)>>,
    by_correlation: HashMap<usize, Vec<(usize, usize)>>,
    groups: HashMap<(usize, Arc<str>), Group<M>>,
    /// When a group's window has passed.
    deadlines: BTreeSet<(i64, usize, Arc<str>)>,
    kept: usize,
    lost: Lost,
}

struct Group<M> {
    values: Vec<(Box<str>, String)>,
    matches: VecDeque<Match<M>>,
    /// How often each value (or place) is there, where the different ones are counted.
    counts: HashMap<Arc<str>, u32>,
    deadline: i64,
    firing: bool,
}

impl<M> Group<M> {
    fn gone(&mut self, value: &Arc<str>) {
        if let Some(count) = self.counts.get_mut(value) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(value);
            }
        }
    }
}

struct Match<M> {
    time: i64,
    place: usize,
    value: Arc<str>,
    name: M,
}

impl<'s, M: Clone> Correlator<'s, M> {
    /// A stage without any state.
    pub fn new(correlations: &'s [Correlation]) -> Correlator<'s, M> {
        let (mut by_rule, mut by_correlation) = (HashMap::new(), HashMap::new());
        for (index, correlation) in correlations.iter().enumerate() {
            for (place, rule) in correlation.rules.iter().enumerate() {
                let (map, from): (&mut HashMap<usize, Vec<_>>, usize) = match rule {
                    RuleRef::Rule(rule) => (&mut by_rule, *rule),
                    RuleRef::Correlation(other) => (&mut by_correlation, *other),
                };
                map.entry(from).or_default().push((index, place));
            }
        }
        Correlator {
            correlations,
            by_rule,
            by_correlation,
            groups: HashMap::new(),
            deadlines: BTreeSet::new(),
            kept: 0,
            lost: Lost::default(),
        }
    }

    /// Whether any correlation listens to a rule.
    pub fn listens(&self, rule: usize) -> bool {
        self.by_rule.contains_key(&rule)
    }

    /// The names of all fields that correlations ask for.
    pub fn fields(correlations: &[Correlation]) -> Vec<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for correlation in correlations {
            found.extend(correlation.asked());
            found.extend(correlation.aliases.iter().flat_map(|a| &a.fields).map(|(_, field)| &**field));
        }
        found.into_iter().collect()
    }

    /// What was lost so far.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    /// Takes a match of a rule. `field` gives the first value of a field of the event. Matches that are out of order
    /// are put in their place as long as their window is there.
    pub fn take(
        &mut self,
        rule: usize,
        time: i64,
        name: &M,
        field: &dyn Fn(&str) -> Option<String>,
        hits: &mut Vec<Hit<M>>,
    ) {
        let from = hits.len();
        self.close_before(time, hits);
        let listeners = self.by_rule.get(&rule).cloned().unwrap_or_default();
        for (index, place) in listeners {
            self.add(index, place, time, std::slice::from_ref(name), field, hits);
        }
        self.cascade(from, hits);
    }

    /// The stream has ended: windows that are still open are closed.
    pub fn finish(&mut self, hits: &mut Vec<Hit<M>>) {
        let from = hits.len();
        self.close_before(i64::MAX, hits);
        self.cascade(from, hits);
        self.close_before(i64::MAX, hits);
    }

    /// Hits are matches for the correlations that listen to them.
    fn cascade(&mut self, from: usize, hits: &mut Vec<Hit<M>>) {
        let mut at = from;
        // A correlation only listens to those before it, so this ends.
        while at < hits.len() {
            let listeners = self.by_correlation.get(&hits[at].correlation).cloned().unwrap_or_default();
            for (index, place) in listeners {
                let hit = hits[at].clone();
                let field = |name: &str| hit.group.iter().find(|(n, _)| &**n == name).map(|(_, value)| value.clone());
                self.add(index, place, hit.last, &hit.matches, &field, hits);
            }
            at += 1;
        }
    }

    fn add(
        &mut self,
        index: usize,
        place: usize,
        time: i64,
        names: &[M],
        field: &dyn Fn(&str) -> Option<String>,
        hits: &mut Vec<Hit<M>>,
    ) {
        let correlation = &self.correlations[index];
        let span = span(correlation);
        let mut values = Vec::with_capacity(correlation.group_by.len());
        for by in &correlation.group_by {
            match value_of(correlation, place, by, field).filter(|value| !value.is_empty()) {
                Some(value) => values.push((by.clone(), shortened(value))),
                None => {
                    self.lost.ungrouped += 1;
                    return;
                }
            }
        }
        let mut counted = String::new();
        for name in correlation.kind.fields() {
            match value_of(correlation, place, name, field) {
                Some(value) => {
                    counted.push_str(&shortened(value));
                    counted.push('\u{1f}');
                }
                // Nothing to count or compute.
                None => return,
            }
        }
        let key: Arc<str> =
            values.iter().map(|(_, v)| format!("{}:{}\u{1f}", v.len(), v.to_lowercase())).collect::<String>().into();
        let Some(name) = names.last() else { return };
        let slot = (index, Arc::clone(&key));
        let immediate = immediate(correlation);
        let group = self.groups.entry(slot.clone()).or_insert_with(|| {
            let deadline = time.saturating_add(span);
            Group { values, matches: VecDeque::new(), counts: HashMap::new(), deadline, firing: false }
        });
        if immediate || group.matches.is_empty() {
            self.deadlines.remove(&(group.deadline, index, Arc::clone(&key)));
            group.deadline = group.deadline.max(time.saturating_add(span));
            self.deadlines.insert((group.deadline, index, Arc::clone(&key)));
        }
        let newest = group.matches.back().map_or(time, |m| m.time.max(time));
        if time < newest.saturating_sub(span) {
            self.lost.late += 1;
            return;
        }
        let at = group.matches.partition_point(|m| m.time <= time);
        let value: Arc<str> = match correlation.kind {
            CorrelationKind::ValueCount(_) => counted.to_lowercase().into(),
            CorrelationKind::Temporal => place.to_string().into(),
            _ => counted.into(),
        };
        if matches!(correlation.kind, CorrelationKind::ValueCount(_) | CorrelationKind::Temporal) {
            *group.counts.entry(Arc::clone(&value)).or_default() += 1;
        }
        group.matches.insert(at, Match { time, place, value, name: name.clone() });
        self.kept += 1;
        let each = matches!(correlation.kind, CorrelationKind::TemporalOrdered | CorrelationKind::ValueSum(_));
        if each && group.matches.len() > MOST_IN_GROUP {
            group.matches.pop_front();
            self.kept -= 1;
            self.lost.evicted += 1;
        }
        if immediate {
            while group.matches.front().is_some_and(|m| m.time < newest - span) {
                if let Some(old) = group.matches.pop_front() {
                    group.gone(&old.value);
                    self.kept -= 1;
                }
            }
            let value = computed(correlation, group);
            let holds = correlation.condition.iter().all(|(op, number)| compare(*op, value, *number));
            if holds && !group.firing {
                hits.push(hit(index, correlation, group, value));
            }
            group.firing = holds;
        }
        self.make_room();
    }

    /// Closes every window that has passed.
    fn close_before(&mut self, time: i64, hits: &mut Vec<Hit<M>>) {
        while let Some((deadline, index, key)) = self.deadlines.first().cloned() {
            if deadline >= time && time != i64::MAX {
                return;
            }
            self.deadlines.pop_first();
            let Some(group) = self.groups.remove(&(index, key)) else { continue };
            self.kept -= group.matches.len();
            let correlation = &self.correlations[index];
            if !immediate(correlation) && !group.matches.is_empty() {
                let value = computed(correlation, &group);
                if correlation.condition.iter().all(|(op, number)| compare(*op, value, *number)) {
                    hits.push(hit(index, correlation, &group, value));
                }
            }
        }
    }

    /// The group whose time comes first leaves when there is no room.
    fn make_room(&mut self) {
        while self.groups.len() > MOST_GROUPS || self.kept > MOST_MATCHES {
            let Some((_, index, key)) = self.deadlines.pop_first() else { return };
            if let Some(group) = self.groups.remove(&(index, key)) {
                self.kept -= group.matches.len();
                self.lost.evicted += group.matches.len() as u64;
            }
        }
    }
}

fn span(correlation: &Correlation) -> i64 {
    i64::try_from(correlation.timespan).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000)
}

/// The value of a field that a correlation asks for, under the first of the names it has with the rule at this place.
fn value_of(
    correlation: &Correlation,
    place: usize,
    name: &str,
    field: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let alias = correlation.aliases.iter().filter(|alias| *alias.name == *name).flat_map(|alias| &alias.fields);
    let called = alias.filter(|(at, _)| *at == place).map(|(_, field)| &**field);
    let called: Vec<&str> = if called.clone().next().is_some() { called.collect() } else { vec![name] };
    let filled = called.iter().find_map(|name| field(name).filter(|value| !value.is_empty()));
    filled.or_else(|| called.iter().find_map(|name| field(name)))
}

/// Whether more matches can only make it hold, so that it may be said at once.
fn immediate(correlation: &Correlation) -> bool {
    let growing = correlation.condition.iter().all(|(op, _)| matches!(op, Op::Gt | Op::Ge));
    growing && !matches!(correlation.kind, CorrelationKind::ValueAvg(_) | CorrelationKind::ValuePercentile(..))
}

fn compare(op: Op, value: f64, number: f64) -> bool {
    value.partial_cmp(&number).is_some_and(|ordering| op.holds(ordering))
}

fn computed<M>(correlation: &Correlation, group: &Group<M>) -> f64 {
    let matches = &group.matches;
    let numbers = || {
        matches
            .iter()
            .filter_map(|m| m.value.trim_end_matches('\u{1f}').trim().parse::<f64>().ok())
            .filter(|n| n.is_finite())
    };
    match &correlation.kind {
        CorrelationKind::EventCount => matches.len() as f64,
        CorrelationKind::ValueCount(_) | CorrelationKind::Temporal => group.counts.len() as f64,
        CorrelationKind::TemporalOrdered => {
            let mut step = 0;
            for m in matches {
                let same = correlation.rules.get(step).is_some_and(|rule| correlation.rules.get(m.place) == Some(rule));
                step += usize::from(same);
            }
            step as f64
        }
        CorrelationKind::ValueSum(_) => numbers().sum(),
        CorrelationKind::ValueAvg(_) => {
            let (sum, count) = numbers().fold((0.0, 0u32), |(sum, count), n| (sum + n, count + 1));
            if count == 0 { f64::NAN } else { sum / f64::from(count) }
        }
        CorrelationKind::ValuePercentile(_, percentile) => {
            let mut sorted: Vec<f64> = numbers().collect();
            sorted.sort_by(f64::total_cmp);
            // Nearest rank.
            let rank = (percentile / 100.0 * sorted.len() as f64).ceil().max(1.0) as usize;
            sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
        }
    }
}

fn hit<M: Clone>(index: usize, correlation: &Correlation, group: &Group<M>, value: f64) -> Hit<M> {
    let skip = group.matches.len().saturating_sub(MOST_NAMED);
    Hit {
        correlation: index,
        first: group.matches.front().map_or(0, |m| m.time),
        last: group.matches.back().map_or(0, |m| m.time),
        value,
        group: group.values.clone(),
        matches: group.matches.iter().skip(skip).map(|m| m.name.clone()).collect(),
        reported: correlation.reported,
    }
}

fn shortened(mut value: String) -> String {
    if value.len() > LONGEST_VALUE {
        let end = (0..=LONGEST_VALUE).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
        value.truncate(end);
    }
    value
}
