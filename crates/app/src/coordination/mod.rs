//! How people decide and work together during an incident: options weighed and approved by the owner, the board's
//! directions, the register of decisions, the response team called together until everybody was reached, one voice to the
//! press, who was told what, requests to other units, situation reports on a rhythm, and information shared only as far as
//! it may go.
//!
//! The steps of a pack show all this as sections (`options`, `direction`, `decisions`, `summons`, `statement`,
//! `disclosures`, `requests`, `situations`, `sharing`); the tab of the incident shows every section the pack uses on one page, for the crisis room.

pub mod actions;
pub mod callout;
mod clocks;
pub mod duties;
pub mod levels;
mod marking;
pub mod model;
mod notices;
mod pages;
pub mod reach;
mod rights;
mod sections;
pub mod sieve;
mod situation;
mod store;
mod tab;
pub mod waiting;
pub mod wall;

use crate::feature::Feature;
use crate::incident::section::{GateKind, IncidentTab, Section};
use crate::search::Source;
use ungcuu_kit::text::Text;

/// Every section, in the order in which the tab shows them.
pub const SECTIONS: [Section; 9] = [
    Section { kind: "options", show: sections::options::show },
    Section { kind: "direction", show: sections::directions::show },
    Section { kind: "decisions", show: sections::decisions::show },
    Section { kind: "summons", show: sections::summons::show },
    Section { kind: "situations", show: sections::situations::show },
    Section { kind: "requests", show: sections::requests::show },
    Section { kind: "disclosures", show: sections::disclosures::show_told },
    Section { kind: "statement", show: sections::statements::show },
    Section { kind: "sharing", show: sections::disclosures::show_shared },
];

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: pages::routes(),
        tables: &[
            "response_options",
            "option_proposals",
            "directions",
            "summonses",
            "summoned_people",
            "spokespersons",
            "statements",
            "statement_publications",
            "disclosures",
            "unit_requests",
            "request_replies",
            "markings",
            "disclosure_items",
            "summons_tries",
            "request_reminders",
            "situation_rhythms",
            "situation_reports",
            "decisions",
            "decision_words",
        ],
        sections: SECTIONS.to_vec(),
        gates: gates(),
        tabs: vec![IncidentTab {
            path: "coordination",
            label: Text::new("Phối hợp", "Coordination"),
            permission: None,
            count: Some(|tx, incident| Box::pin(store::requests::count_waiting(tx, &incident.id))),
        }],
        waiting: vec![waiting::proposals, waiting::calls, waiting::statements, waiting::sent],
        sources: vec![
            Source { table: "situation_reports", load: store::situations::load_for_search },
            Source { table: "decisions", load: store::decisions::load_for_search },
        ],
        clocks: vec![clocks::source()],
        ..Feature::default()
    }
}

fn gates() -> Vec<GateKind> {
    vec![
        GateKind {
            kind: "option_approved",
            count: |tx, gated| Box::pin(store::options::count_approved(tx, &gated.incident.id)),
        },
        GateKind { kind: "direction", count: |tx, gated| Box::pin(store::directions::count(tx, &gated.incident.id)) },
        GateKind { kind: "team_summoned", count: |tx, gated| Box::pin(store::summons::count(tx, &gated.incident.id)) },
        GateKind {
            kind: "spokesperson_named",
            count: |tx, gated| Box::pin(store::statements::count_spokespersons(tx, &gated.incident.id)),
        },
        GateKind { kind: "disclosure", count: |tx, gated| Box::pin(duties::count_told(tx, gated)) },
        GateKind { kind: "all_told", count: |tx, gated| Box::pin(duties::count_all_told(tx, gated)) },
        GateKind {
            kind: "situation",
            count: |tx, gated| Box::pin(store::situations::count_published(tx, &gated.incident.id)),
        },
        GateKind {
            kind: "decision",
            count: |tx, gated| Box::pin(store::decisions::count_decided(tx, &gated.incident.id)),
        },
        GateKind { kind: "request", count: |tx, gated| Box::pin(store::requests::count(tx, &gated.incident.id)) },
    ]
}
