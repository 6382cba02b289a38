//! What an item of evidence is, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::id_type;
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::incident::flow::{Flow, StepState};
use crate::incident::model::{IncidentUnit, standing};
use crate::incident::{IncidentId, Standing};
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
