//! The procedure: phases, steps, what must be there before a step is done, and the loop back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Words;

/// How an incident is handled, from the first sign to the lesson.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    pub id: String,
    pub name: Words,
    /// The rule or document that the procedure follows.
    pub basis: Words,
    /// Nobody approves a statement that they wrote or submitted themselves.
    #[serde(default)]
    pub approver_not_author: bool,
    /// How long people are waited for when the team is called together, and when they sit at their desks.
    #[serde(default)]
    pub callout: Callout,
    pub phases: Vec<Phase>,
    pub steps: Vec<Step>,
}

/// How people are called together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callout {
    /// Minutes without an answer before the next way is tried: 1 to 1440.
    pub answer_within_minutes: u16,
    /// Local time, `07:00`, Monday to Friday.
    pub office_from: String,
    pub office_to: String,
}

impl Default for Callout {
    fn default() -> Callout {
        Callout { answer_within_minutes: 15, office_from: "07:00".to_owned(), office_to: "17:00".to_owned() }
    }
}

impl Callout {
    /// Whether the minutes and both times can be used as they stand.
    pub fn is_sound(&self) -> bool {
        let time = |written: &str| {
            let (hour, minute) = written.split_once(':').unwrap_or_default();
            let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            two(hour) && two(minute) && hour < "24" && minute < "60"
        };
        let times = time(&self.office_from) && time(&self.office_to) && self.office_from < self.office_to;
        (1..=1440).contains(&self.answer_within_minutes) && times
    }
}

/// A group of steps.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    pub id: String,
    /// As printed: "a".
    pub number: String,
    pub name: Words,
}

/// One step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    /// As printed: "1".
    pub number: String,
    /// A few words for the rail and the lists.
    pub short: Words,
    /// Word for word.
    pub text: Words,
    /// A phase id.
    pub phase: String,
    /// Function ids.
    pub lead: Vec<String>,
    #[serde(default)]
    pub support: Vec<String>,
    /// Word for word of the table; for a merged cell, the words of that cell.
    #[serde(default)]
    pub lead_text: Words,
    #[serde(default)]
    pub support_text: Words,
    /// May be skipped with a reason.
    #[serde(default)]
    pub optional: bool,
    /// Step ids that must be done (or skipped) before this one opens.
    #[serde(default)]
    pub after: Vec<String>,
    /// Stays open and is done more than once (initial, progress, final report).
    #[serde(default)]
    pub repeats: bool,
    /// What the step's page offers, from [`super::Known::sections`].
    #[serde(default)]
    pub sections: Vec<String>,
    #[serde(default)]
    pub gates: Vec<Gate>,
    #[serde(default)]
    pub loop_back: Option<LoopBack>,
}

/// Something that should be there before a step is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// From [`super::Known::gates`].
    pub kind: String,
    pub label: Words,
    /// How many are needed.
    #[serde(default = "one")]
    pub min: u32,
    /// Which one, where the kind has several: a form id, a narrative, a kind of measure.
    #[serde(default)]
    pub key: Option<String>,
    /// Stops the step when missing; otherwise it only warns.
    #[serde(default = "yes")]
    pub obligatory: bool,
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// Where work goes back to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopBack {
    pub when: LoopWhen,
    /// Step ids that open again as a new round.
    pub to: Vec<String>,
}

/// What sends work back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoopWhen {
    /// The verification found the system not stable.
    Unstable,
}

impl Procedure {
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    pub fn phase(&self, id: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == id)
    }

    /// The steps that are open once `done` (done or skipped) are behind us, in the order of the plan.
    pub fn open_after(&self, done: &BTreeSet<&str>) -> Vec<&Step> {
        self.steps
            .iter()
            .filter(|step| !done.contains(step.id.as_str()))
            .filter(|step| step.after.iter().all(|before| done.contains(before.as_str())))
            .collect()
    }

    /// The steps of a new round: the targets of a step's loop and everything between them and the step itself, which
    /// comes last. Empty when the step does not loop.
    pub fn round_of(&self, id: &str) -> Vec<&Step> {
        let Some(loop_back) = self.step(id).and_then(|step| step.loop_back.as_ref()) else { return Vec::new() };
        let between = |step: &Step| {
            let upstream = self.before(&step.id);
            loop_back.to.contains(&step.id) || loop_back.to.iter().any(|target| upstream.contains(target.as_str()))
        };
        let on_the_way = self.before(id);
        self.steps
            .iter()
            .filter(|step| step.id == id || on_the_way.contains(step.id.as_str()))
            .filter(|step| between(step))
            .collect()
    }

    /// Every step that must be behind us before `id` opens, directly or through others.
    pub fn before(&self, id: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&str> = vec![id];
        while let Some(current) = waiting.pop() {
            for before in self.step(current).map(|step| step.after.as_slice()).unwrap_or_default() {
                if found.insert(before.as_str()) {
                    waiting.push(before);
                }
            }
        }
        found
    }
}
