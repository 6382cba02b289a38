//! The work within a step: tasks, the first actions, findings, measures, the check after recovery, the review.
//!
//! Each folder is one section of a step's page with the gate it answers for. The pack says which step shows what.

pub mod checklist;
#[cfg(test)]
mod closing;
pub mod findings;
pub mod measures;
mod place;
pub mod review;
mod store;
pub mod tasks;
pub mod verification;

use super::section::{GateKind, Section};
use crate::web::Routes;

/// The sections of a step's page.
pub fn sections() -> Vec<Section> {
    vec![
        Section { kind: "tasks", show: tasks::show },
        Section { kind: "checklist", show: checklist::show },
        Section { kind: "findings", show: findings::show },
        Section { kind: "measures", show: measures::show },
        Section { kind: "verification", show: verification::show },
        Section { kind: "review", show: review::show },
    ]
}

/// The gates counted here.
pub fn gates() -> Vec<GateKind> {
    vec![
        GateKind { kind: "checklist_done", count: checklist::count },
        GateKind { kind: "narrative", count: findings::count },
        GateKind { kind: "measure", count: measures::count },
        GateKind { kind: "verification_stable", count: verification::count },
        GateKind { kind: "lesson", count: review::count },
    ]
}

/// What can be done.
pub fn routes() -> Routes {
    tasks::pages::routes()
        .and(checklist::pages::routes())
        .and(findings::pages::routes())
        .and(measures::pages::routes())
        .and(verification::pages::routes())
        .and(review::pages::routes())
}
