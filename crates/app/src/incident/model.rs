//! What an incident is, as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::flow::{Flow, StepAt, StepState};
use crate::actor::Actor;
use crate::org::{PersonId, UnitId};
use crate::pack::{Procedure, Step};
use crate::system::SystemId;

id_type!(
    /// An incident.
    IncidentId, "inc"
);
id_type!(
    /// A row that belongs to an incident: a step's round, a task, a measure, a check, a lesson, an event.
    PartId, "ipt"
);

text_enum! {
    /// Whether work goes on.
    pub enum IncidentState {
        Open = "open": ("Đang xử lý", "Open"),
        Closed = "closed": ("Đã kết thúc", "Closed"),
    }
}

/// An incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Incident {
    pub id: IncidentId,
    /// `SC-2026-0042`.
    pub code: String,
    pub title: String,
    /// A scenario of the pack.
    pub scenario: String,
    /// 1 (low) to 4 (critical).
    pub severity: i64,
    /// A class of the pack.
    pub class: String,
    /// Set by hand, against or without the computed class.
    pub class_override: bool,
    pub class_reason: String,
    /// Who proposed or decided the class; empty while it was only computed at the opening.
    pub class_by: String,
    /// Decided by someone who directs; otherwise it is a proposal.
    pub class_decided: bool,
    pub classified_at: Option<Time>,
    /// The conditions that hold, as a JSON list of their ids.
    pub conditions: String,
    pub tlp: String,
    pub state: IncidentState,
    pub system_id: Option<SystemId>,
    /// The unit that operates what was hit.
    pub unit_id: UnitId,
    pub owner_unit_id: UnitId,
    pub commander_id: Option<PersonId>,
    pub summary: String,
    pub happened_at: Option<Time>,
    pub detected_at: Time,
    pub opened_at: Time,
    pub opened_by: String,
    pub closed_at: Option<Time>,
    /// How often the work went round: 1, and one more for each failed check.
    pub round: i64,
    pub changed_at: Time,
    pub version: i64,
    /// What rules of law ask for and holds here, as a JSON object: flag, since when that is known, and whether a person
    /// said so themselves ([`Incident::flags`]).
    pub flags: String,
    /// When a breach of personal data was noticed; as detected where nobody said otherwise.
    pub breach_at: Option<Time>,
}

/// A flag that holds in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Since when that is known.
    pub since: Time,
    /// A person said so; otherwise a condition of the class brings it with it.
    pub said: bool,
}

impl Incident {
    /// The flags of deadline rules that hold, by their names.
    pub fn flags(&self) -> BTreeMap<String, Flag> {
        serde_json::from_str(&self.flags).unwrap_or_default()
    }

    /// Notes which flags hold now: those that people said, and those that a condition brings with it. One that held before
    /// keeps its moment.
    pub fn set_flags(&mut self, said: &[String], implied: &[String], now: Time) {
        let before = self.flags();
        let flags = said.iter().chain(implied).map(|name| {
            let since = before.get(name).map_or(now, |flag| flag.since);
            (name.clone(), Flag { since, said: said.contains(name) })
        });
        let flags: BTreeMap<String, Flag> = flags.collect();
        self.flags = serde_json::to_string(&flags).unwrap_or_else(|_| "{}".to_owned());
    }

    /// The ids of the conditions that hold.
    pub fn conditions(&self) -> Vec<String> {
        serde_json::from_str(&self.conditions).unwrap_or_default()
    }

    pub fn is_open(&self) -> bool {
        self.state == IncidentState::Open
    }
}

/// One round of one step, as stored.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct StepRow {
    pub id: PartId,
    pub step: String,
    pub round: i64,
    pub state: StepState,
    pub opened_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub note: String,
    pub version: i64,
}

/// The flow behind stored steps.
pub fn flow_of(rows: &[StepRow]) -> Flow {
    let steps = rows.iter().map(|row| StepAt { step: row.step.clone(), round: row.round, state: row.state });
    Flow { steps: steps.collect() }
}

/// A unit in its function.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct IncidentUnit {
    pub function: String,
    pub unit_id: UnitId,
    pub unit_name: String,
}

/// What someone is to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// May look.
    Watches,
    /// May add to it.
    Supports,
    /// May work on it and finish it.
    Leads,
}

/// What an actor is to a step of an incident: by the functions they act for, in the units that play them here.
pub fn standing(actor: &Actor, units: &[IncidentUnit], step: &Step) -> Standing {
    let plays = |functions: &[String]| {
        functions.iter().any(|function| {
            let scope = actor.function_scope(function);
            let playing = units.iter().any(|unit| unit.function == *function && scope.covers(&unit.unit_id));
            scope.everywhere || playing
        })
    };
    use crate::permission::Permission::{IncidentDirect, IncidentStep, IncidentSupport};
    if plays(&step.lead) && (actor.can(IncidentStep) || actor.can(IncidentDirect)) {
        Standing::Leads
    } else if (plays(&step.support) || plays(&step.lead)) && actor.can(IncidentSupport) {
        Standing::Supports
    } else {
        Standing::Watches
    }
}

/// The most an actor is to any step of an incident.
pub fn best_standing(actor: &Actor, units: &[IncidentUnit], procedure: &Procedure) -> Standing {
    procedure.steps.iter().map(|step| standing(actor, units, step)).max().unwrap_or(Standing::Watches)
}

/// Whether an actor may change what the incident as a whole says: they lead or support some step of it, and work on
/// steps or direct at all.
pub fn may_manage(actor: &Actor, units: &[IncidentUnit], procedure: &Procedure) -> bool {
    use crate::permission::Permission::{IncidentDirect, IncidentStep};
    (actor.can(IncidentStep) || actor.can(IncidentDirect))
        && best_standing(actor, units, procedure) >= Standing::Supports
}

/// Something that stands in the way of finishing a step or closing the incident.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GateState {
    pub kind: String,
    pub key: Option<String>,
    pub label: Text,
    pub met: bool,
    pub obligatory: bool,
    pub have: i64,
    pub need: i64,
}

/// The gates of every step, by step id.
pub type Gates = BTreeMap<String, Vec<GateState>>;

/// What keeps the incident from being closed: steps not behind us, and gates of finished steps that no longer hold.
pub fn obstacles(procedure: &Procedure, flow: &Flow, gates: &Gates) -> Vec<Text> {
    let mut missing = Vec::new();
    for step in &procedure.steps {
        let (number, vi, en) = (&step.number, &step.short.vi, step.short.en.as_deref().unwrap_or(&step.short.vi));
        let state = flow.state(&step.id);
        if !state.ended() {
            missing.push(ungcuu_kit::text!("Bước {number} ({vi}) chưa xong", "Step {number} ({en}) is not done"));
        }
        if state == StepState::Skipped {
            continue;
        }
        let open = gates.get(&step.id).into_iter().flatten().filter(|gate| gate.obligatory && !gate.met);
        for gate in open {
            let (what_vi, what_en) = (&gate.label.vi, &gate.label.en);
            missing
                .push(ungcuu_kit::text!("Bước {number}: thiếu “{what_vi}”", "Step {number}: “{what_en}” is missing"));
        }
    }
    missing
}
