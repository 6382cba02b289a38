//! An incident, from the first sign to the lesson: the steps of the plan's procedure, round by round.
//!
//! Other features use [`actions`] and [`model`], and plug into [`section`]; never the store.

pub mod actions;
pub mod flow;
pub mod frame;
mod gates;
pub mod lookup;
pub mod model;
mod parts;
pub mod section;
mod store;
pub mod timeline;

pub use frame::Frame;
pub use model::{Incident, IncidentId, PartId, Standing};

use crate::feature::Feature;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        tables: &[
            "incidents",
            "incident_units",
            "incident_systems",
            "incident_people",
            "incident_steps",
            "incident_tasks",
            "incident_narratives",
            "timeline_events",
            "checklist_items",
            "measures",
            "verification_checks",
            "verdicts",
            "lessons",
        ],
        ..Feature::default()
    }
}
