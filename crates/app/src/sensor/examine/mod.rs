//! Examinations: an item of evidence, read by rules. Asked for by a person, done by a job that survives a restart, kept as an
//! item of evidence of its own; what a member ticks of it becomes part of the incident.

pub(super) mod actions;
pub(super) mod job;
mod line;
pub(super) mod live;
pub(super) mod pages;
pub(super) mod store;
pub(super) mod take;
pub(super) mod view;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use super::probe::Told;
use super::rules::{Gravity, RuleKind, RuleSetId};
use crate::evidence::EvidenceId;
use crate::incident::IncidentId;
use crate::ui::Tone;

id_type!(
    /// An examination.
    ExaminationId, "exm"
);
id_type!(
    /// Something that an examination found.
    FindingId, "fnd"
);

/// How many findings of one examination are listed; the result has them all.
pub const LISTED: usize = 10_000;

text_enum! {
    /// How an examination stands.
    pub enum ExaminationState {
        Waiting = "waiting": ("Đang khám xét", "Under way"),
        Done = "done": ("Đã xong", "Done"),
        Failed = "failed": ("Không làm được", "Failed"),
        Cancelled = "cancelled": ("Đã dừng", "Stopped"),
    }
}

impl ExaminationState {
    pub fn tone(self) -> Tone {
        match self {
            ExaminationState::Waiting => Tone::Watch,
            ExaminationState::Done => Tone::Good,
            ExaminationState::Failed => Tone::Bad,
            ExaminationState::Cancelled => Tone::Quiet,
        }
    }
}

/// An examination of one item with one set of rules.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Examination {
    pub id: ExaminationId,
    pub incident_id: IncidentId,
    pub evidence_id: EvidenceId,
    pub state: ExaminationState,
    /// The step in which its result is added.
    pub step: String,
    pub set_id: RuleSetId,
    pub set_name: String,
    pub set_kind: RuleKind,
    pub set_version: i64,
    /// SHA-256 of the rules.
    pub set_hash: String,
    /// How many rules were silenced then.
    pub silenced: i64,
    /// The version of this program.
    pub program: String,
    pub asked_by: String,
    #[serde(skip)]
    pub asker_id: String,
    pub asker_unit: String,
    pub asked_at: Time,
    pub ended_at: Option<Time>,
    /// Who stopped it, or why it failed.
    pub ended_why: String,
    /// The same in English.
    pub ended_en: String,
    pub events: i64,
    pub findings: i64,
    /// What could not be read, as it is stored.
    #[serde(skip)]
    pub outcome: String,
    /// The item that holds the result.
    pub result_id: Option<EvidenceId>,
    pub result_number: Option<i64>,
    pub version: i64,
}

impl Examination {
    pub fn href(&self) -> String {
        format!("/incidents/{}/evidence/{}/examinations/{}", self.incident_id, self.evidence_id, self.id)
    }

    pub fn is_under_way(&self) -> bool {
        self.state == ExaminationState::Waiting
    }

    /// The rules, as people call them.
    pub fn set_words(&self, lang: &Lang) -> String {
        let built_in = self.set_kind.built_in_name();
        let words = if self.set_name == built_in.vi { built_in } else { Text::same(self.set_name.clone()) };
        words.get(*lang).to_owned()
    }

    pub fn is_of_logs(&self) -> bool {
        self.set_kind == RuleKind::Sigma
    }

    /// What was read, and what could not be.
    pub fn told(&self) -> Told {
        serde_json::from_str(&self.outcome).unwrap_or_default()
    }
}

/// How far an examination has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Run {
    pub bytes: i64,
    /// It grows while an archive is being unpacked.
    pub total: i64,
    pub events: i64,
    pub findings: i64,
}

/// What one rule found in an examination.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Counted {
    pub rule_id: String,
    pub title: String,
    pub level: i64,
    pub findings: i64,
    pub author: String,
    pub tags: String,
    /// What to do about it, where the rule says so.
    pub response_vi: String,
    pub response_en: String,
}

impl Counted {
    pub fn gravity(&self) -> Gravity {
        Gravity::of(self.level)
    }
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Found {
    pub id: FindingId,
    /// Its place in the result, from 1.
    pub number: i64,
    pub rule_id: String,
    pub title: String,
    pub level: i64,
    /// As the log says; none when it does not.
    pub happened_at: Option<Time>,
    pub host: String,
    pub account: String,
    pub file: String,
    /// The number of the record or of the line; empty for a file that was found by itself.
    pub record: String,
    /// The event's fields, or hashes and what was found in a file, a line each.
    pub fields: String,
    /// When it was taken into the timeline.
    pub taken_at: Option<Time>,
}

impl Found {
    pub fn gravity(&self) -> Gravity {
        Gravity::of(self.level)
    }

    /// The first fields on one line.
    pub fn brief(&self) -> String {
        ungcuu_kit::text::shorten(&self.fields.replace('\n', "; "), 240)
    }
}
