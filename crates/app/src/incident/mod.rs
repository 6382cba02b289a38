//! An incident, from the first sign to the lesson: the steps of the plan's procedure, round by round.
//!
//! Other features use [`actions`] and [`model`], and plug into [`section`]; never the store.

pub mod actions;
pub mod change;
mod clocks;
pub mod facts_of_law;
pub mod flow;
pub mod frame;
pub mod gates;
pub mod joining;
pub mod model;
mod pages;
mod parts;
pub mod section;
mod store;
pub mod timeline;
pub mod touch;
pub mod waiting;
pub mod words;
pub mod work;

use ungcuu_kit::text::Text;

pub use frame::Frame;
pub use model::{Incident, IncidentId, PartId, Standing};
pub use pages::{Line, worst_open};
pub use store::lookup;

use crate::feature::{Feature, Group, NavEntry};
use crate::permission::Permission;
use crate::search::Source;
use section::IncidentTab;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: pages::routes().and(work::routes()),
        nav: vec![NavEntry {
            group: Group::Response,
            href: "/incidents",
            label: Text::new("Sự cố", "Incidents"),
            permission: Some(Permission::IncidentRead),
            count: Some(waiting::count_open),
        }],
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
        tabs: vec![
            tab("", Text::new("Tổng quan", "Overview")),
            IncidentTab {
                count: Some(waiting::count_tasks),
                ..tab("steps", Text::new("Bước & việc", "Steps & tasks"))
            },
            IncidentTab {
                count: Some(waiting::count_events), ..tab("timeline", Text::new("Diễn biến", "Timeline"))
            },
            tab("journal", Text::new("Nhật ký", "Journal")),
        ],
        waiting: vec![waiting::steps, waiting::tasks, waiting::lessons],
        sections: work::sections(),
        gates: work::gates(),
        sources: vec![Source { table: "incidents", load: store::load_for_search }],
        clocks: vec![clocks::source()],
        letter_gate: None,
    }
}

fn tab(path: &'static str, label: Text) -> IncidentTab {
    IncidentTab { path, label, permission: None, count: None }
}
