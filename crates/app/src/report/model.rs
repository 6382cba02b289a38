//! What a report is, as data: its way from draft to issued, and the answers to the fields of its form.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::form::clean;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::ReportId;
use crate::incident::IncidentId;
use crate::page::Page;
use crate::ui::Tone;

text_enum! {
    /// How far a report has come.
    pub enum ReportState {
        Draft = "draft": ("Bản nháp", "Draft"),
        Issuing = "issuing": ("Đang phát hành", "Being issued"),
        Issued = "issued": ("Đã phát hành", "Issued"),
        Superseded = "superseded": ("Đã có bản thay thế", "Superseded"),
    }
}

impl ReportState {
    /// Whether its words can still change. A report that was being issued when the machine stopped is a draft that has
    /// its number already.
    pub fn is_draft(self) -> bool {
        matches!(self, ReportState::Draft | ReportState::Issuing)
    }

    pub fn tone(self) -> Tone {
        match self {
            ReportState::Draft | ReportState::Superseded => Tone::Quiet,
            ReportState::Issuing => Tone::Watch,
            ReportState::Issued => Tone::Good,
        }
    }
}

/// A report.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Report {
    pub id: ReportId,
    pub incident_id: IncidentId,
    /// A form of the pack.
    pub form: String,
    /// The first, second, … of its form in this incident.
    pub ordinal: i64,
    pub state: ReportState,
    pub replaces_id: Option<ReportId>,
    #[serde(skip)]
    pub answers: String,
    /// One line each.
    pub recipients: String,
    pub signer: String,
    pub created_at: Time,
    pub created_by: String,
    /// Empty until issuing begins.
    pub number: String,
    pub number_year: Option<i64>,
    pub issued_at: Option<Time>,
    pub issued_by: String,
    #[serde(skip)]
    pub document: String,
    /// SHA-256 of the files.
    pub pdf: Option<String>,
    pub docx: Option<String>,
    pub journal_seq: Option<i64>,
    pub journal_hash: String,
    pub version: i64,
}

impl Report {
    /// The state in the reader's words.
    pub fn state_word(&self, page: &Page) -> String {
        page.say(&self.state.label())
    }

    /// The stored answers; none when they cannot be read, which the journal's check would name.
    pub fn answers(&self) -> Answers {
        serde_json::from_str(&self.answers).unwrap_or_default()
    }
}

/// Answers by field id.
pub type Answers = BTreeMap<String, Answer>;

/// What stands in one field. Values are in one spelling for each type of field: days `2026-11-22`, times `14:05`, moments
/// `2026-11-22T14:05`, `yes`/`no`, ids of options, plain digits, otherwise words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub values: Vec<String>,
    /// Words beside a ticked option ("Khác, đó là: …"), by option id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// Written or changed by a person, so that the incident's facts no longer fill it.
    #[serde(default)]
    pub by_hand: bool,
}

impl Answer {
    /// Without empty values, with plain line ends.
    pub fn new(values: impl IntoIterator<Item = String>) -> Answer {
        let values = values.into_iter().map(|value| clean(value.trim()).trim().to_owned());
        Answer { values: values.filter(|value| !value.is_empty()).collect(), ..Answer::default() }
    }

    /// One value, or none when it is empty.
    pub fn one(value: impl Into<String>) -> Answer {
        Answer::new([value.into()])
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn has(&self, value: &str) -> bool {
        self.values.iter().any(|held| held == value)
    }

    /// The first value; empty when there is none.
    pub fn first(&self) -> &str {
        self.values.first().map(String::as_str).unwrap_or_default()
    }

    /// Says the same, whoever wrote it.
    pub fn same(&self, other: &Answer) -> bool {
        self.values == other.values && self.words == other.words
    }

    /// A short print of what it says, so that a form can tell what it was shown from what was typed.
    pub fn print(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        for part in self.values.iter().chain(self.words.iter().flat_map(|(id, words)| [id, words])) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex::encode(&digest.finalize()[..8])
    }
}
