//! The one mechanism for everything that is due: what asks for it, from when, until when, why, who must do it, whether it
//! was done in time.
//!
//! Features say what is due in a stream of the journal ([`ClockSource`]); every unit of work that touches the stream brings
//! the stored rows in step ([`settle`]), so that a clock starts, moves and stops with the facts it depends on, and the
//! journal says why. [`watch`] reminds before and tells the line above after. [`clock`], [`calendar`] and [`rules`] are pure:
//! law in, moments out.

pub mod actions;
pub mod acts;
pub mod calendar;
pub mod clock;
pub mod feed;
mod ics;
pub mod model;
mod pages;
pub mod plan;
pub mod rules;
pub mod settings;
pub mod settle;
pub mod store;
mod tell;
pub mod units;
pub mod waiting;
pub mod watch;

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

pub use model::{Claim, Deadline, DeadlineId, DeadlineState, Done};

use crate::app::App;
use crate::feature::{Feature, Group, NavEntry};
use crate::permission::Permission;

/// What a source is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub app: &'a App,
    /// The stream of the journal: `incident:inc_…`, `plan`.
    pub stream: &'a str,
    pub now: Time,
}

/// A feature's word on what is due.
#[derive(Clone, Copy)]
pub struct ClockSource {
    /// How the streams begin that it knows of: `incident:`.
    pub stream: &'static str,
    /// The kinds of things it claims (`task`), and what people call them.
    pub kinds: &'static [(&'static str, Text)],
    /// Everything that is due in a stream as things stand, in a number of statements that does not grow with it.
    pub claims: for<'a> fn(&'a mut Tx, &'a Asked<'a>) -> BoxFuture<'a, Result<Vec<Claim>>>,
}

/// What people call a kind of deadline.
pub fn kind_label(kind: &str) -> Text {
    let mut kinds = kinds();
    kinds.find(|(known, _)| *known == kind).map_or_else(|| Text::same(kind), |(_, label)| label.clone())
}

/// Every kind that a feature claims.
pub fn kinds() -> impl Iterator<Item = &'static (&'static str, Text)> {
    crate::features().iter().flat_map(|feature| &feature.clocks).flat_map(|source| source.kinds)
}

/// What this feature brings.
pub fn feature() -> Feature {
    let entry = |group: Group, href: &'static str, label: Text, permission: Permission| NavEntry {
        group,
        href,
        label,
        permission: Some(permission),
        count: None,
    };
    let list = entry(Group::Work, "/deadlines", Text::new("Hạn việc", "Time limits"), Permission::DeadlineRead);
    Feature {
        routes: pages::routes(),
        nav: vec![
            NavEntry { count: Some(waiting::count_late), ..list },
            entry(
                Group::Administration,
                "/deadlines/calendar",
                Text::new("Lịch nghỉ, ngày nộp", "Holidays, due days"),
                Permission::PackWrite,
            ),
        ],
        tables: &["deadlines", "holiday_years", "report_days", "calendar_feeds"],
        waiting: vec![waiting::mine],
        clocks: vec![plan::source()],
        ..Feature::default()
    }
}
