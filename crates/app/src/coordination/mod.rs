//! How people decide and work together during an incident: options weighed and approved by the owner, the board's
//! directions, the response team called together, one voice to the press, who was told what, requests to other units, and
//! information shared only as far as it may go.
//!
//! The steps of a pack show all this as sections (`options`, `direction`, `summons`, `statement`, `disclosures`,
//! `requests`, `sharing`); the tab of the incident shows every section the pack uses on one page, for the crisis room.

pub mod actions;
pub mod duties;
pub mod model;
mod notices;
mod pages;
mod rights;
mod sections;
mod store;
mod tab;
pub mod waiting;

use crate::feature::Feature;
use crate::incident::section::{GateKind, IncidentTab, Section};
use ungcuu_kit::text::Text;

use model::DisclosureSort;

/// Every section, in the order in which the tab shows them.
pub const SECTIONS: [Section; 7] = [
    Section { kind: "options", show: sections::options::show },
    Section { kind: "direction", show: sections::directions::show },
    Section { kind: "summons", show: sections::summons::show },
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
        ],
        sections: SECTIONS.to_vec(),
        gates: gates(),
        tabs: vec![IncidentTab {
            path: "coordination",
            label: Text::new("Phối hợp", "Coordination"),
            permission: None,
            count: Some(|tx, incident| Box::pin(store::requests::count_waiting(tx, &incident.id))),
        }],
        waiting: vec![
            waiting::proposals,
            waiting::calls,
            waiting::directions,
            waiting::requests,
            waiting::statements,
            waiting::duties,
            waiting::sent,
        ],
        ..Feature::default()
    }
}

fn gates() -> Vec<GateKind> {
    vec![
        GateKind {
            kind: "option_approved",
            count: |tx, incident, _| Box::pin(store::options::count_approved(tx, &incident.id)),
        },
        GateKind { kind: "direction", count: |tx, incident, _| Box::pin(store::directions::count(tx, &incident.id)) },
        GateKind { kind: "team_summoned", count: |tx, incident, _| Box::pin(store::summons::count(tx, &incident.id)) },
        GateKind {
            kind: "spokesperson_named",
            count: |tx, incident, _| Box::pin(store::statements::count_spokespersons(tx, &incident.id)),
        },
        GateKind {
            kind: "disclosure",
            count: |tx, incident, _| Box::pin(store::disclosures::count(tx, &incident.id, DisclosureSort::Told)),
        },
        GateKind { kind: "request", count: |tx, incident, _| Box::pin(store::requests::count(tx, &incident.id)) },
    ]
}
