//! What a rule is once it is read: plain data, every modifier already worked into the patterns.
//!
//! All text comparison is without regard to case unless `cased` is set. Such literals are stored as [`fold`] writes
//! them, so that whoever matches folds the event's value with the same function and compares bytes.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What rules and correlations say of themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The `id` as written, or the `name`, or file and line when there is neither; never empty.
    pub id: Arc<str>,
    /// The short `name` by which correlations speak of it; empty when it has none.
    pub name: Box<str>,
    pub title: Box<str>,
    pub level: Level,
    pub status: Box<str>,
    /// `attack.t1059.001`, `attack.execution`, … as written.
    pub tags: Vec<Box<str>>,
    /// To be shown with a match: the public rules' licence asks for it.
    pub author: Box<str>,
    pub description: Box<str>,
    pub references: Vec<Box<str>>,
    pub falsepositives: Vec<Box<str>>,
    /// What to do when it fires, from the custom field `response` (`vi` and `en`) of our own rules.
    pub response: Option<Advice>,
    pub source: Source,
    /// Whether matches are reported on their own. False for what only feeds correlations which do not ask for it
    /// (`generate: false`).
    pub reported: bool,
}

/// One usable Sigma rule. Its [`Head`] can be read as if its fields stood here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub head: Head,
    /// Fields the author wants to see beside a match.
    pub fields: Vec<Box<str>>,
    /// `license`, `date` and `modified` as written.
    pub license: Box<str>,
    pub date: Box<str>,
    pub modified: Box<str>,
    pub logsource: Logsource,
    pub detection: Detection,
}

impl Deref for Rule {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

/// What somebody should do, in two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    pub vi: Box<str>,
    pub en: Box<str>,
}

/// How grave a match is. A rule without a level counts as medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    Informational,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Level; 5] = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The word that stands in rules: `informational`, `low`, `medium`, `high`, `critical`.
    pub fn word(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The level a word means, in any case; none for other words.
    pub fn of(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(word))
    }
}

/// Where a rule was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The path as it was given or found.
    pub path: Arc<str>,
    /// The line on which the document begins, from 1.
    pub line: u32,
}

/// Which logs a rule is about. What it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Logsource {
    pub category: Box<str>,
    pub product: Box<str>,
    pub service: Box<str>,
}

/// What a rule looks for: named selections and a condition over them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    pub selections: Vec<Selection>,
    /// Several conditions of one rule stand here as one `Or`.
    pub condition: Condition,
}

/// The condition. `1 of x*`, `all of them` are already written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// Index into [`Detection::selections`].
    Selection(usize),
    /// Never empty.
    And(Vec<Condition>),
    /// Never empty.
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// `2 of x*`: at least so many; between 2 and one less than there are.
    AtLeast(usize, Vec<Condition>),
}

/// A named selection: holds when all tests of one of its alternatives hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    pub name: Box<str>,
    pub line: u32,
    /// Or of ands; neither level is empty.
    pub any: Vec<Vec<Test>>,
}

/// One line of a selection: a field (or the whole event) against one value or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    pub subject: Subject,
    /// How [`Test::values`] are joined.
    pub link: Link,
    /// Never empty. An inner list is what one written value became (`windash` and `base64offset` make several): any of
    /// them counts as that value.
    pub values: Vec<Vec<Matcher>>,
    /// `neq`: the test holds when the joined values do not.
    pub negated: bool,
    pub line: u32,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// The field's name as the rule writes it; names are compared exactly, but a log's `Threat Name` answers to
    /// `ThreatName`, too.
    Field(Box<str>),
    /// Any value of the event; for lines of text the whole line.
    Keyword,
}

/// How several values of one test are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Link {
    Any,
    /// The modifier `all`.
    All,
}

/// One value as it is compared. A field with several values matches when one of them does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Matcher {
    Text(Pattern),
    Regex(Regex),
    Cidr(Cidr),
    /// The field's value, read as a number, against this one. What is no number does not match.
    Compare(Op, Number),
    /// The value equals (or begins with, ends with, contains) another field's value. Both must be there.
    FieldRef {
        field: Box<str>,
        how: Anchor,
        cased: bool,
    },
    /// The field is there (true) or is not (false), whatever its value.
    Exists(bool),
    /// The field is missing, has the value null or an empty one.
    Null,
    /// A part of a moment as it stands in the log (no change of time zone) against a number.
    TimePart(TimePart, Op, i64),
}

/// A literal or a pattern with wildcards. See the module about folding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pattern {
    pub shape: Shape,
    pub cased: bool,
}

/// The shape of a pattern. An empty literal: `Eq` is the empty value, the other three fit every value that is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shape {
    Eq(Box<str>),
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Contains(Box<str>),
    /// Anything else, matched against the whole value. Literals are not empty and do not follow one another; two
    /// `Many` do not, either.
    Wild(Vec<Piece>),
}

/// A piece of a wildcard pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Piece {
    Literal(Box<str>),
    /// `?`: exactly one character.
    One,
    /// `*`: any number of characters, line breaks included.
    Many,
}

/// A regular expression that the `regex` crate accepts (checked while reading), already translated from the PCRE
/// spelling of the rules. Searched anywhere in the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Regex {
    /// The expression with its flags in front: `(?i)…`. What [`Matcher::Regex`] must be compiled from.
    pub text: Box<str>,
    /// As the rule writes it.
    pub written: Box<str>,
}

/// Where a literal must stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Anchor {
    Whole,
    Start,
    End,
    Anywhere,
}

/// Comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    /// Whether `ordering` of the value against the rule's number satisfies the comparison.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Op::Eq => ordering.is_eq(),
            Op::Ne => ordering.is_ne(),
            Op::Lt => ordering.is_lt(),
            Op::Le => ordering.is_le(),
            Op::Gt => ordering.is_gt(),
            Op::Ge => ordering.is_ge(),
        }
    }
}

/// A number of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Number {
    Int(i64),
    Float(f64),
}

/// The parts of a moment that rules can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// ISO week, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    Year,
}

/// A network. `10.0.0.0/8` holds `10.1.2.3` and `::ffff:10.1.2.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cidr {
    pub base: std::net::IpAddr,
    /// At most 32 for IPv4, 128 for IPv6.
    pub prefix: u8,
}

impl Cidr {
    /// Whether the network holds an address.
    pub fn holds(&self, address: std::net::IpAddr) -> bool {
        use std::net::IpAddr::{V4, V6};
        let plain = |address| match address {
            V6(six) => six.to_ipv4_mapped().map_or(V6(six), V4),
            four => four,
        };
        match (plain(self.base), plain(address)) {
            (V4(base), V4(address)) => {
                let prefix = if self.base.is_ipv6() { self.prefix.saturating_sub(96) } else { self.prefix };
                (base.to_bits() ^ address.to_bits()).checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
            }
            (V6(base), V6(address)) => {
                (base.to_bits() ^ address.to_bits()).checked_shr(128 - u32::from(self.prefix.min(128))).unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

/// The spelling in which texts are compared without regard to case: every character in lower case, one by one, as
/// Unicode has it (no rules for word ends or languages).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A rule over the matches of other rules. Its [`Head`] can be read as if its fields stood here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    pub head: Head,
    pub kind: CorrelationKind,
    /// What it listens to, in the order written.
    pub rules: Vec<RuleRef>,
    /// Fields (or aliases) whose values keep groups apart.
    pub group_by: Vec<Box<str>>,
    /// Seconds; at least 1.
    pub timespan: u64,
    /// What the names in [`Correlation::group_by`] and of what is counted are called in the events of each rule: as the
    /// correlation says it, as pipelines rename it, as the rule's kind of log has it.
    pub aliases: Vec<Alias>,
    /// Holds when all comparisons do. Never empty.
    pub condition: Vec<(Op, f64)>,
}

impl Deref for Correlation {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

impl Correlation {
    /// The names of the fields whose values it groups by and counts.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.group_by.iter().map(|name| &**name).chain(self.kind.fields().iter().map(|name| &**name))
    }
}

/// What a correlation counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CorrelationKind {
    /// Matches.
    EventCount,
    /// Distinct values of these fields together.
    ValueCount(Vec<Box<str>>),
    /// Different rules that fired.
    Temporal,
    /// Different rules that fired in the order written.
    TemporalOrdered,
    /// The sum of a numeric field.
    ValueSum(Box<str>),
    /// The mean of a numeric field.
    ValueAvg(Box<str>),
    /// The given percentile (0 to 100) of a numeric field.
    ValuePercentile(Box<str>, f64),
}

impl CorrelationKind {
    /// The names of the fields whose values are counted or computed with.
    pub fn fields(&self) -> &[Box<str>] {
        match self {
            CorrelationKind::ValueCount(fields) => fields,
            CorrelationKind::ValueSum(field)
            | CorrelationKind::ValueAvg(field)
            | CorrelationKind::ValuePercentile(field, _) => std::slice::from_ref(field),
            CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => &[],
        }
    }
}

/// A rule or correlation that a correlation listens to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleRef {
    /// Index into the set's rules.
    Rule(usize),
    /// Index into the set's correlations.
    Correlation(usize),
}

/// A name for fields that are called differently in different rules' events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    pub name: Box<str>,
    /// Position in [`Correlation::rules`], and the field's name there; of several the first with a value counts.
    pub fields: Vec<(usize, Box<str>)>,
}

/// What was read from files of rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Ordered by path and line.
    pub rules: Vec<Rule>,
    pub correlations: Vec<Correlation>,
    /// Every document that cannot be used, with its reason.
    pub refused: Vec<Refusal>,
    pub counts: Counts,
}

/// A document that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub path: Arc<str>,
    /// From 1; the line of the fault where it is known, else of the document.
    pub line: u32,
    /// The rule's title where it could be read, else empty.
    pub title: Box<str>,
    pub reason: String,
}

/// How many of what were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub files: usize,
    pub documents: usize,
    pub rules: usize,
    pub correlations: usize,
    pub filters: usize,
    /// Refused because they are broken.
    pub refused: usize,
    /// Among the refused: sound, but of a kind that is not supported.
    pub unsupported: usize,
    /// Taken, but no log that can be read here leads to them (their logsource has no route).
    pub unrouted: usize,
}

/// One way from a logsource to events: what an event must be for the rule to be tried on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What kind of log the event is from.
    pub family: crate::event::Source,
    /// Windows channels, any of them, without regard to case; empty: whatever channel.
    pub channels: Vec<Box<str>>,
    /// Windows event ids, any of them; empty: whatever id.
    pub event_ids: Vec<u32>,
    /// Names of providers, any of them, without regard to case; empty: whatever provider.
    pub providers: Vec<Box<str>>,
    /// Further tests that must all hold; on the event's own field names.
    pub tests: Vec<Test>,
    /// The rule's field names and what the event calls them; the first of the names that the event has is taken. A
    /// field not listed keeps its name.
    pub renames: Renames,
}

/// Names of fields, each with the names it has elsewhere.
pub type Renames = Vec<(Box<str>, Vec<Box<str>>)>;
