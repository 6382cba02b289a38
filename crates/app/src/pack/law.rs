//! Legal regimes with their validity, deadline rules, and how incidents are classified. Law is data: it changes, and
//! part of it is not settled, so each fact carries its confidence.

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Words;

use super::model::Confidence;

/// Classes of incidents and the rule that proposes one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    pub classes: Vec<Class>,
    pub levels: Vec<Level>,
    pub conditions: Vec<Condition>,
    /// When the second class is proposed; a person decides.
    #[serde(default)]
    pub serious_when: Option<ClassRule>,
    #[serde(default)]
    pub basis: Words,
    #[serde(default)]
    pub confidence: Confidence,
}

/// A class: "normal", "serious".
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub id: String,
    pub name: Words,
}

/// A security level of an information system.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// 1 to 5.
    pub level: u8,
    pub name: Words,
    #[serde(default)]
    pub hint: Option<Words>,
    #[serde(default)]
    pub confidence: Confidence,
}

/// A yes-or-no question asked of an incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub id: String,
    pub text: Words,
    /// "A": what happened to the system; "B": what the owner can do.
    pub group: String,
    /// Flags of deadline rules that hold whenever this condition does, from [`super::Known::flags`].
    #[serde(default)]
    pub sets: Vec<String>,
    #[serde(default)]
    pub confidence: Confidence,
}

/// Proposes a class from the conditions that hold and the level of the system.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRule {
    /// The class proposed; any other incident is of the first class.
    pub class: String,
    /// At least one of these holds.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// All of these hold.
    #[serde(default)]
    pub all_of: Vec<String>,
    /// The level from which the rule is meant.
    pub min_level: u8,
    /// Whether a lower level rules the class out; localities often apply the conditions to any system.
    #[serde(default)]
    pub level_required: bool,
    #[serde(default)]
    pub note: Option<Words>,
    #[serde(default)]
    pub confidence: Confidence,
}

impl Classification {
    pub fn class(&self, id: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.id == id)
    }

    /// The class that the rule proposes for these conditions and this level (none when unknown).
    pub fn propose(&self, holds: &[String], level: Option<u8>) -> Option<&Class> {
        let ordinary = self.classes.first();
        let Some(rule) = &self.serious_when else { return ordinary };
        let held = |id: &String| holds.contains(id);
        let enough = (rule.any_of.is_empty() || rule.any_of.iter().any(held)) && rule.all_of.iter().all(held);
        let high = !rule.level_required || level.is_some_and(|level| level >= rule.min_level);
        if enough && high { self.class(&rule.class) } else { ordinary }
    }
}

/// A body of law with the days on which it holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    pub id: String,
    pub name: Words,
    /// First day.
    pub from: String,
    /// Last day; open when missing.
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub bases: Vec<String>,
    #[serde(default)]
    pub note: Option<Words>,
    #[serde(default)]
    pub confidence: Confidence,
    #[serde(default)]
    pub rules: Vec<DeadlineRule>,
}

impl Regime {
    /// Whether the regime holds on an ISO day.
    pub fn holds_on(&self, day: &str) -> bool {
        self.from.as_str() <= day && self.to.as_deref().is_none_or(|to| day <= to)
    }
}

/// A duty with a clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    pub id: String,
    /// What must be done, short.
    pub name: Words,
    /// What starts the clock, from [`super::Known::anchors`].
    pub anchor: String,
    /// How long, for a clock that an incident starts.
    #[serde(default)]
    pub within: Option<Within>,
    /// The day of the year, for the anchor `calendar`. Left out: the locality sets the day on the screen.
    #[serde(default)]
    pub before: Option<YearDay>,
    /// The rule's words exclude the last moment itself: "under 24 hours", not "within 24 hours".
    #[serde(default)]
    pub exclusive: bool,
    /// Owed again and again, each time counted from the last.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// How long before the end to remind, in place of the pack's own ([`Clocks::remind`]); `[]` for never.
    #[serde(default)]
    pub remind: Option<Vec<Within>>,
    /// Whom to tell when it is late, in place of the pack's own ([`Clocks::escalate`]).
    #[serde(default)]
    pub escalate: Option<Vec<Escalation>>,
    /// The data that a yearly or half-yearly report covers.
    #[serde(default)]
    pub covers: Option<Covers>,
    /// The rule applies only to incidents of these classes; to all when empty.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The rule applies only when one of these flags is set, from [`super::Known::flags`].
    #[serde(default)]
    pub flags: Vec<String>,
    /// Function ids: who must do it.
    #[serde(default)]
    pub by: Vec<String>,
    /// Function ids: who receives it.
    #[serde(default)]
    pub to: Vec<String>,
    /// Who receives it when they are no unit: "the people whose data it is".
    #[serde(default)]
    pub party: Option<Words>,
    /// The form to fill in.
    #[serde(default)]
    pub form: Option<String>,
    pub basis: Words,
    /// First and last day of the rule, where they differ from the regime's.
    #[serde(default)]
    pub valid_from: Option<String>,
    #[serde(default)]
    pub valid_to: Option<String>,
    #[serde(default)]
    pub note: Option<Words>,
    #[serde(default)]
    pub confidence: Confidence,
}

/// A length of time on the clock; hours and days run through holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Within {
    /// No delay at all: `within = "at_once"`.
    AtOnce,
    /// `within = { minutes = 30 }`.
    Minutes(u32),
    /// `within = { hours = 24 }`.
    Hours(u32),
    /// Calendar days: `within = { days = 5 }`.
    Days(u32),
    /// Days on which offices work: `within = { working_days = 5 }`.
    WorkingDays(u32),
}

/// A duty that comes again: `repeat = { every = { hours = 24 }, until = "handling_ended" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub every: Within,
    /// The anchor that ends it, from [`super::Known::ends`].
    pub until: String,
}

/// Who is told when something is late, and how late it must be: `{ after = { hours = 2 }, to = ["ban_chi_dao"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// `"at_once"` for the moment it becomes late.
    pub after: Within,
    /// Function ids.
    pub to: Vec<String>,
}

/// How the locality reminds and escalates where a rule does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// How long before the end, the longest first.
    pub remind: Vec<Within>,
    pub escalate: Vec<Escalation>,
}

/// A day of every year; "before 20/6" means that the 19th is the last day in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDay {
    pub month: u8,
    pub day: u8,
}

/// The span of data in a periodic report, first and last day included; a `from` that lies after `to` began last year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    pub from: YearDay,
    pub to: YearDay,
}
