//! What a pack holds: units, functions, account roles, recurring tasks, and the lookups that others rely on.
//!
//! Everything here is read from TOML and never invented by code. Dates are ISO days (`2022-01-13`) kept as text: they
//! sort as they stand, and the pack needs no clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::{Lang, Text, Words};

use super::catalogue::{Lists, ReportTile, Scenario, ScenarioGroup};
use super::form::{Form, Numbering};
use super::law::{Classification, Clocks, Regime};
use super::plan::{Cadence, Plan};
use super::procedure::Procedure;

/// A locality's plan as data, checked: every reference in it leads somewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pack {
    pub id: String,
    pub name: Words,
    pub version: String,
    /// What the pages call the place: "Huyện Cao Lãnh".
    pub locality: Words,
    /// The unit that citizens may call; its telephone stands on the public pages.
    pub front_desk: Option<String>,
    /// What came after this plan, when the pack knows.
    pub successor: Option<Successor>,
    pub plan: Plan,
    pub units: Vec<Unit>,
    pub functions: Vec<Function>,
    pub roles: Vec<Role>,
    pub tasks: Vec<Task>,
    pub procedure: Procedure,
    pub classes: Classification,
    pub regimes: Vec<Regime>,
    /// When to remind and whom to tell of what is late, unless a rule says otherwise.
    pub clocks: Clocks,
    pub groups: Vec<ScenarioGroup>,
    pub scenarios: Vec<Scenario>,
    pub tiles: Vec<ReportTile>,
    pub forms: Vec<Form>,
    /// How the documents made from them are numbered.
    pub numbering: Numbering,
    pub lists: Lists,
    /// Things a person should know, none of which stops the pack from working.
    pub warnings: Vec<Warning>,
    /// Facts that are not settled: whoever uses them must be able to edit them.
    pub unsettled: Vec<Unsettled>,
    /// The English of everything that stands in the pack in both languages, by its Vietnamese. Records keep names as the
    /// plan has them (units, first actions); this is how a reader of English is told them.
    #[serde(skip)]
    pub english: Arc<BTreeMap<String, String>>,
}

/// How sure the pack is of a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Stands in the plan itself.
    #[default]
    Seed,
    /// Read in the rule's own text.
    Read,
    /// Read in a secondary source.
    Read2,
    /// From memory: verify before printing it.
    Mem,
    /// Not found: stays open until somebody fills it in.
    Open,
}

impl Confidence {
    /// Whether a document may state the fact as it is.
    pub fn settled(self) -> bool {
        self <= Confidence::Read
    }

    /// The words for people.
    pub fn label(self) -> Text {
        match self {
            Confidence::Seed => Text::new("theo Kế hoạch", "from the plan"),
            Confidence::Read => Text::new("đã đọc văn bản gốc", "read in the rule"),
            Confidence::Read2 => Text::new("đọc qua nguồn khác", "read in a secondary source"),
            Confidence::Mem => Text::new("cần kiểm chứng", "to be verified"),
            Confidence::Open => Text::new("chưa xác định", "not settled"),
        }
    }
}

/// Something a person should know about the pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub file: String,
    /// Counted from 1; 0 when the whole file is meant.
    pub line: usize,
    pub what: Text,
}

/// A fact whose confidence is below "read in the rule".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsettled {
    pub file: String,
    pub line: usize,
    /// Where it stands in the file: `regimes.attt_2017.rules.tt20_final`.
    pub path: String,
    pub confidence: Confidence,
}

/// The `[pack]` table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub id: String,
    pub name: Words,
    pub version: String,
    pub locality: Words,
    #[serde(default)]
    pub front_desk: Option<String>,
    #[serde(default)]
    pub successor: Option<Successor>,
}

/// What follows the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The first day on which the plan's units or legal bases no longer hold as written.
    pub from: String,
    pub note: Words,
    #[serde(default)]
    pub units: Vec<UnitSuccessor>,
}

/// Who took over from a unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSuccessor {
    /// A unit id of this pack.
    pub unit: String,
    pub successor: Words,
    #[serde(default)]
    pub confidence: Confidence,
}

/// A unit of the locality, or an outside body it deals with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub id: String,
    pub name: Words,
    pub short: Words,
    /// An id of `lists.unit_kinds`.
    pub kind: String,
    #[serde(default)]
    pub parent: Option<String>,
    pub level: UnitLevel,
    /// Set when the unit is not the plan's own word and an administrator may change it freely.
    #[serde(default)]
    pub editable: bool,
    #[serde(default)]
    pub confidence: Confidence,
}

/// The tier of government a unit belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitLevel {
    National,
    Province,
    District,
    Commune,
    Hamlet,
    Outside,
}

/// A part played in the work, by function and never by the name of an office.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    pub id: String,
    pub name: Words,
    pub scope: FunctionScope,
    /// The unit that plays it (scope `locality`).
    #[serde(default)]
    pub unit: Option<String>,
    /// Every unit of these kinds plays it (scope `locality`), for "UBND xã, thị trấn".
    #[serde(default)]
    pub unit_kinds: Vec<String>,
    /// Where the incident says who plays it (scope `incident`).
    #[serde(default)]
    pub from: Option<FunctionSource>,
}

/// Whether a function's unit is fixed by the pack or found in each incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionScope {
    Incident,
    Locality,
}

/// Where an incident says who plays a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionSource {
    /// The unit that runs the system.
    Operator,
    /// The unit that owns the system.
    Owner,
    /// Units that were drawn into the incident.
    Related,
    /// The person named to speak.
    Spokesperson,
}

/// What an account may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub id: String,
    pub name: Words,
    /// The functions that a holder acts for.
    #[serde(default)]
    pub functions: Vec<String>,
    /// `feature.verb`, from [`super::Known::permissions`].
    pub permissions: Vec<String>,
    pub scope: RoleScope,
}

/// How far an account role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleScope {
    /// The holder's own unit and what it leads or supports.
    Unit,
    /// The whole installation.
    All,
}

/// A recurring task of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: String,
    /// As printed: "1".
    pub number: String,
    pub short: Words,
    /// Word for word.
    pub text: Words,
    pub lead: Vec<String>,
    #[serde(default)]
    pub support: Vec<String>,
    /// Word for word of the table; for a merged cell, the words of that cell.
    #[serde(default)]
    pub lead_text: Words,
    #[serde(default)]
    pub support_text: Words,
    pub cadence: Cadence,
    /// The least number of times in a year (cadence `yearly`).
    #[serde(default)]
    pub min_per_year: Option<u32>,
    /// Word for word: "Mỗi năm ít nhất 01 lần".
    pub cadence_text: Words,
    /// How sure the reading of lead and support is.
    #[serde(default)]
    pub assignment_confidence: Confidence,
    /// What counts as proof.
    #[serde(default)]
    pub products: Vec<Words>,
    /// Ready-made parts of the task.
    #[serde(default)]
    pub parts: Vec<TaskPart>,
}

/// A part of a task that can be assigned and ticked on its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskPart {
    pub id: String,
    pub name: Words,
    /// Records of the product that count as proof of it: one of [`super::known::PROOFS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl Pack {
    /// Words that a record took from the plan, in the reader's language; as they are when the plan has no other.
    pub fn named<'a>(&'a self, words: &'a str, lang: Lang) -> &'a str {
        match lang {
            Lang::Vi => words,
            Lang::En => self.english.get(words).map_or(words, String::as_str),
        }
    }

    /// The same in both languages, for sentences that are kept.
    pub fn name_text(&self, words: &str) -> Text {
        Text::owned(words.to_owned(), self.named(words, Lang::En).to_owned())
    }

    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    pub fn function(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.id == id)
    }

    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// The parts of tasks that records of this kind prove.
    pub fn proved_by(&self, kind: &str) -> impl Iterator<Item = (&Task, &TaskPart)> {
        let parts = self.tasks.iter().flat_map(|task| task.parts.iter().map(move |part| (task, part)));
        parts.filter(move |(_, part)| part.proof.as_deref() == Some(kind))
    }

    pub fn step(&self, id: &str) -> Option<&super::Step> {
        self.procedure.steps.iter().find(|step| step.id == id)
    }

    pub fn regime(&self, id: &str) -> Option<&Regime> {
        self.regimes.iter().find(|regime| regime.id == id)
    }

    /// The deadline rule with this id, of whichever regime.
    pub fn rule(&self, id: &str) -> Option<&super::DeadlineRule> {
        self.regimes.iter().flat_map(|regime| &regime.rules).find(|rule| rule.id == id)
    }

    pub fn scenario(&self, id: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&ScenarioGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub fn tile(&self, id: &str) -> Option<&ReportTile> {
        self.tiles.iter().find(|tile| tile.id == id)
    }

    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }

    /// The functions that holders of a role act for; none for an unknown role.
    pub fn functions_of_role(&self, id: &str) -> &[String] {
        self.role(id).map(|role| role.functions.as_slice()).unwrap_or_default()
    }

    /// The units that the pack itself names for a function; none when each incident says so.
    pub fn units_of_function(&self, id: &str) -> Vec<&Unit> {
        let Some(function) = self.function(id) else { return Vec::new() };
        self.units
            .iter()
            .filter(|unit| function.unit.as_ref() == Some(&unit.id) || function.unit_kinds.contains(&unit.kind))
            .collect()
    }

    /// Whether a role carries a permission.
    pub fn permits(&self, role: &str, permission: &str) -> bool {
        self.role(role).is_some_and(|role| role.permissions.iter().any(|known| known == permission))
    }
}
