//! What can happen and what to choose from: scenarios with first actions and response options, the tiles of the public
//! report form, and the lists behind the drop-downs.

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Words;

use super::model::{Confidence, Pack};

/// A family of scenarios with what they have in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioGroup {
    /// "a".
    pub id: String,
    pub name: Words,
    /// First actions for every scenario of the group.
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
    /// Suggested response options for every scenario of the group.
    #[serde(default)]
    pub options: Vec<ResponseOption>,
    #[serde(default)]
    pub confidence: Confidence,
}

/// One kind of incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub id: String,
    pub group: String,
    pub name: Words,
    /// How to recognise it quickly.
    #[serde(default)]
    pub signs: Vec<Words>,
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
    #[serde(default)]
    pub options: Vec<ResponseOption>,
    /// The row of the periodic report that counts it; none for what the form does not count.
    #[serde(default)]
    pub report_row: Option<String>,
    /// Set when the scenario is our addition and not the catalogue's.
    #[serde(default)]
    pub extra: bool,
    #[serde(default)]
    pub confidence: Confidence,
}

/// A first action to tick off.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckItem {
    pub id: String,
    pub text: Words,
    /// Whether the step's checklist gate counts it.
    #[serde(default = "yes")]
    pub obligatory: bool,
}

fn yes() -> bool {
    true
}

/// A way of containing and handling an incident, to be chosen and approved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseOption {
    pub id: String,
    pub name: Words,
    /// What is done.
    pub text: Words,
    /// What it costs in service, time or data.
    #[serde(default)]
    pub impact: Option<Words>,
}

/// A picture-and-words choice of the public report form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportTile {
    pub id: String,
    pub name: Words,
    /// A line under the name.
    #[serde(default)]
    pub hint: Option<Words>,
    /// The name of a drawing that the page knows.
    #[serde(default)]
    pub icon: Option<String>,
    /// The scenario that an officer is offered first.
    pub scenario: String,
    /// 1 (low) to 4 (critical), until an officer has looked.
    #[serde(default = "medium")]
    pub severity: i64,
    /// What to do while waiting, in order.
    pub advice: Vec<Words>,
}

fn medium() -> i64 {
    2
}

/// The choices behind the drop-downs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lists {
    pub unit_kinds: Vec<Item>,
    pub severities: Vec<Item>,
    pub alert_sources: Vec<Item>,
    pub dismissal_outcomes: Vec<Item>,
    pub evidence_kinds: Vec<Item>,
    pub verification_checks: Vec<Item>,
    pub disclosure_channels: Vec<Item>,
    pub disclosure_kinds: Vec<Item>,
    pub request_kinds: Vec<Item>,
    pub tlp: Vec<Item>,
    pub lesson_actions: Vec<Item>,
    pub report_rows: Vec<Item>,
}

/// One choice of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub id: String,
    pub label: Words,
    #[serde(default)]
    pub hint: Option<Words>,
    /// For checks: must be answered before the whole counts as done.
    #[serde(default)]
    pub obligatory: bool,
    /// For disclosures: a written, signed document rather than a word on the phone.
    #[serde(default)]
    pub written: bool,
    /// For kinds of evidence: for how many years it is kept after its incident was closed; for good when absent.
    #[serde(default)]
    pub keep_years: Option<i64>,
    #[serde(default)]
    pub confidence: Confidence,
    /// For channels: how a document goes through it, `email`, `paper` or `system`.
    #[serde(default)]
    pub way: Option<String>,
}

impl Lists {
    /// Every list by name, for lookups and checks.
    pub fn all(&self) -> [(&'static str, &[Item]); 12] {
        [
            ("unit_kinds", &self.unit_kinds),
            ("severities", &self.severities),
            ("alert_sources", &self.alert_sources),
            ("dismissal_outcomes", &self.dismissal_outcomes),
            ("evidence_kinds", &self.evidence_kinds),
            ("verification_checks", &self.verification_checks),
            ("disclosure_channels", &self.disclosure_channels),
            ("disclosure_kinds", &self.disclosure_kinds),
            ("request_kinds", &self.request_kinds),
            ("tlp", &self.tlp),
            ("lesson_actions", &self.lesson_actions),
            ("report_rows", &self.report_rows),
        ]
    }

    /// The choice `id` of the list `list`.
    pub fn item(&self, list: &str, id: &str) -> Option<&Item> {
        let (_, items) = self.all().into_iter().find(|(name, _)| *name == list)?;
        items.iter().find(|item| item.id == id)
    }
}

impl Pack {
    /// First actions for a scenario: the group's, then its own.
    pub fn checklist_of(&self, scenario: &str) -> Vec<&CheckItem> {
        let Some(scenario) = self.scenario(scenario) else { return Vec::new() };
        let group = self.group(&scenario.group).map(|group| group.checklist.as_slice()).unwrap_or_default();
        group.iter().chain(&scenario.checklist).collect()
    }

    /// Suggested response options for a scenario: its own, then the group's.
    pub fn options_of(&self, scenario: &str) -> Vec<&ResponseOption> {
        let Some(scenario) = self.scenario(scenario) else { return Vec::new() };
        let group = self.group(&scenario.group).map(|group| group.options.as_slice()).unwrap_or_default();
        scenario.options.iter().chain(group).collect()
    }
}
