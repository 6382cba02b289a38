//! What an item of evidence is, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::id_type;
use ungcuu_kit::time::Time;

use super::custody::CustodyState;
use crate::actor::Actor;
use crate::incident::flow::{Flow, StepState};
use crate::incident::model::{IncidentUnit, standing};
use crate::incident::{IncidentId, Standing};
use crate::org::{PersonId, UnitId};
use crate::pack::{Procedure, Step};
use crate::system::SystemId;

id_type!(
    /// An item of evidence.
    EvidenceId, "evi"
);

/// An item of evidence.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Evidence {
    pub id: EvidenceId,
    pub incident_id: IncidentId,
    /// Counted from 1 within the incident; people say `CC-01`.
    pub number: i64,
    /// The name of the file, without folders, or of the thing.
    pub name: String,
    /// An id of the pack's `lists.evidence_kinds`.
    pub kind: String,
    /// Absent for a thing without a file.
    pub sha256: Option<String>,
    /// In bytes.
    pub size: Option<i64>,
    /// As the sender named it; never believed when the file is sent out again.
    pub media_type: String,
    pub description: String,
    pub source: String,
    pub system_id: Option<SystemId>,
    pub system_name: Option<String>,
    pub collected_at: Option<Time>,
    pub collected_by: String,
    pub added_at: Time,
    pub added_by: String,
    /// The step it was added in, and the step's round.
    pub step: String,
    pub round: i64,
    /// May harm whoever opens it.
    pub malicious: bool,
    pub replaces: Option<EvidenceId>,
    pub replaces_number: Option<i64>,
    pub replaced_by: Option<EvidenceId>,
    pub replaced_by_number: Option<i64>,
    /// Empty while the item counts.
    pub void_reason: String,
    pub voided_at: Option<Time>,
    pub voided_by: String,
    pub checked_at: Option<Time>,
    pub check_ok: Option<bool>,
    pub version: i64,
    /// Where it lay within a folder that was handed in whole; words, never a path of this machine.
    pub folder: String,
    /// The mail it was taken out of.
    pub taken_from: Option<EvidenceId>,
    pub taken_from_number: Option<i64>,
    /// Only to compare with lists of others; absent until a file from before was read again.
    pub md5: Option<String>,
    /// When its bytes were removed by an act of destruction.
    pub removed_at: Option<Time>,
    /// These bytes are marked as malicious, here or where else they were entered.
    pub marked: bool,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub kept: Kept,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub ending: Ending,
}

/// Who has it: what the acts of custody add up to.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Kept {
    pub custody: CustodyState,
    /// Who answers for it, and their unit; empty while that was never written down.
    pub holder: String,
    pub holder_unit: String,
    /// The number of the seal; empty while it is open.
    pub seal: String,
    /// How many acts were written down.
    pub acts: i64,
    /// To whom it is on its way.
    pub offered_unit_id: Option<UnitId>,
    pub offered_person_id: Option<PersonId>,
    pub offered_at: Option<Time>,
}

/// How it ends: the hold that keeps it, the proposal to destroy it.
#[derive(Clone, Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Ending {
    /// While it has a reason nothing is destroyed.
    pub hold_reason: String,
    pub hold_by: String,
    pub hold_at: Option<Time>,
    /// The first of the two words that a destruction needs.
    pub disposal_reason: String,
    pub disposal_by: String,
    #[serde(skip)]
    pub disposal_account: String,
    pub disposal_at: Option<Time>,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept {
            custody: CustodyState::None,
            holder: String::new(),
            holder_unit: String::new(),
            seal: String::new(),
            acts: 0,
            offered_unit_id: None,
            offered_person_id: None,
            offered_at: None,
        }
    }
}

impl Evidence {
    /// `CC-01`.
    pub fn code(&self) -> String {
        code(self.number)
    }

    pub fn is_void(&self) -> bool {
        !self.void_reason.is_empty()
    }

    pub fn is_file(&self) -> bool {
        self.sha256.is_some()
    }

    pub fn is_destroyed(&self) -> bool {
        self.kept.custody == CustodyState::Destroyed
    }

    pub fn is_held(&self) -> bool {
        !self.ending.hold_reason.is_empty()
    }

    /// Whether it may be opened as a mail: never when it may harm.
    pub fn is_mail(&self) -> bool {
        let named = self.name.to_ascii_lowercase().ends_with(".eml") || self.media_type == "message/rfc822";
        named && self.may_be_shown()
    }

    /// Whether it may be a picture, by what the sender says; its bytes decide.
    pub fn is_picture(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let ends = [".png", ".jpg", ".jpeg", ".gif", ".webp"].iter().any(|ending| name.ends_with(ending));
        (ends || self.media_type.starts_with("image/")) && self.may_be_shown()
    }

    /// What may harm is neither rendered nor read for its content.
    fn may_be_shown(&self) -> bool {
        self.is_file() && !self.marked && self.removed_at.is_none() && !self.is_destroyed()
    }
}

/// How people say the number of an item.
pub fn code(number: i64) -> String {
    format!("CC-{number:02}")
}

/// What is known about an item, apart from its bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Empty for the last kind of the pack's list, which is its "other".
    pub kind: String,
    pub description: String,
    pub source: String,
    pub system_id: Option<SystemId>,
    pub collected_at: Option<Time>,
    pub collected_by: String,
    pub malicious: bool,
}

/// A file that lies in the store already.
#[derive(Clone, Debug)]
pub struct StoredFile {
    pub sha256: String,
    /// Absent for a file that was stored without reckoning it.
    pub md5: Option<String>,
    /// In bytes.
    pub size: i64,
    pub media_type: String,
}

/// An item to be added.
#[derive(Clone, Debug, Default)]
pub struct NewItem {
    /// Without folders; see [`crate::web::Upload`].
    pub name: String,
    pub file: Option<StoredFile>,
    pub facts: Facts,
    pub replaces: Option<EvidenceId>,
    /// Where it lay within a folder; empty for a file by itself.
    pub folder: String,
    /// The mail it was taken out of.
    pub taken_from: Option<EvidenceId>,
}

/// The step in which the actor adds something now, when they do not say which: an open one that they lead or support,
/// rather one whose page has this section.
pub fn step_to_add<'a>(
    actor: &Actor,
    procedure: &'a Procedure,
    units: &[IncidentUnit],
    flow: &Flow,
    section: &str,
) -> Option<&'a Step> {
    let open = |step: &&Step| flow.state(&step.id) == StepState::Open;
    let theirs: Vec<&Step> =
        procedure.steps.iter().filter(open).filter(|step| standing(actor, units, step) >= Standing::Supports).collect();
    let fitting = theirs.iter().find(|step| step.sections.iter().any(|kind| kind == section));
    fitting.or(theirs.first()).copied()
}
