//! What a feature brings: routes, its place in the navigation, its tables, its jobs. `lib.rs` lists the features; adding
//! one is a folder, a line there, and a migration.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::app::App;
use crate::deadline::ClockSource;
use crate::incident::section::{GateKind, IncidentTab, Section};
use crate::notify::letter::LetterId;
use crate::page::{NavGroup, NavItem};
use crate::permission::Permission;
use crate::search::Source;
use crate::web::Routes;
use crate::work::Look;

/// A feature of the product.
#[derive(Default)]
pub struct Feature {
    pub routes: Routes,
    pub nav: Vec<NavEntry>,
    /// Tables whose every change stands in the journal.
    pub tables: &'static [&'static str],
    /// Sections of a step's page.
    pub sections: Vec<Section>,
    /// What a step's gates may ask for.
    pub gates: Vec<GateKind>,
    /// Tabs of the incident's page, in order.
    pub tabs: Vec<IncidentTab>,
    /// How its rows read in the search index.
    pub sources: Vec<Source>,
    /// What waits for whoever looks, and what they wait for, for their own page: approvals, requests, tasks. At most
    /// [`WAITING`] each.
    pub waiting: Vec<Waiting>,
    /// What of its records has a time limit.
    pub clocks: Vec<ClockSource>,
    /// Says why a letter of its own may not leave any more; asked whenever a letter's turn has come.
    pub letter_gate: Option<LetterGate>,
}

/// Why this letter stays here although it was posted; none when it may go, or is no letter of the feature's.
pub type LetterGate = for<'a> fn(&'a App, &'a mut Tx, &'a LetterId) -> BoxFuture<'a, Result<Option<Text>>>;

/// How many entries one source brings to the reader's own page.
pub const WAITING: i64 = 50;

/// Finds what waits for the reader (`look.actor`), the most urgent first.
pub type Waiting = for<'a> fn(&'a mut Look) -> BoxFuture<'a, Result<Vec<WaitingItem>>>;

/// What is asked of the reader, or what the reader asked of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingKind {
    /// Something to do.
    #[default]
    Work,
    /// Others wait for the reader's word.
    Decision,
    /// The reader waits for the word of others.
    Answer,
}

/// Something that waits for the reader, or that the reader waits for.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct WaitingItem {
    pub kind: WaitingKind,
    /// What is to be done: "Duyệt phương án".
    pub title: Text,
    /// Where it belongs: "SC-2026-0042 Mã hoá dữ liệu".
    pub detail: String,
    /// Who has it, a person or units; empty while nobody has.
    pub who: String,
    /// Where it is done.
    pub url: String,
    pub due: Option<Time>,
    /// Since when it has been waiting.
    pub since: Time,
    /// The form that makes it the reader's, where one press is enough.
    pub take: Option<TakeUp>,
}

impl WaitingItem {
    /// Whether its time is up.
    pub fn is_late(&self, now: Time) -> bool {
        self.due.is_some_and(|due| due < now)
    }
}

/// A form that needs no typing.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct TakeUp {
    pub url: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

/// How many things wait behind a navigation entry.
pub type NavCount = for<'a> fn(&'a mut Look) -> BoxFuture<'a, Result<i64>>;

/// Where a feature stands in the navigation.
pub struct NavEntry {
    /// Groups are shown in the order of [`GROUPS`], entries of a group in the order of the features.
    pub group: Group,
    pub href: &'static str,
    pub label: Text,
    pub permission: Option<Permission>,
    /// A count beside the entry; never counts past 100.
    pub count: Option<NavCount>,
}

/// The groups of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Work,
    Response,
    Preparedness,
    Registers,
    Administration,
}

/// The groups in the order they are shown.
pub const GROUPS: &[(Group, Text)] = &[
    (Group::Work, Text::new("Công việc", "Work")),
    (Group::Response, Text::new("Ứng cứu", "Response")),
    (Group::Preparedness, Text::new("Chuẩn bị", "Preparedness")),
    (Group::Registers, Text::new("Danh bạ, sổ", "Registers")),
    (Group::Administration, Text::new("Quản trị", "Administration")),
];

/// The navigation as this actor sees it.
pub async fn navigation(look: &mut Look, actor: &Actor, path: &str) -> Result<Vec<NavGroup>> {
    let mut groups: Vec<NavGroup> = Vec::new();
    let features = crate::features();
    let path = path.split('?').next().unwrap_or_default();
    for (group, title) in GROUPS {
        let mut items = Vec::new();
        for entry in features.iter().flat_map(|feature| &feature.nav).filter(|entry| entry.group == *group) {
            if entry.permission.is_some_and(|permission| !actor.can(permission)) {
                continue;
            }
            let count = match entry.count {
                Some(count) => Some(count(look).await?),
                None => None,
            };
            let current = path == entry.href || (entry.href != "/" && path.starts_with(&format!("{}/", entry.href)));
            items.push(NavItem { href: entry.href.to_owned(), label: entry.label.clone(), count, current });
        }
        if !items.is_empty() {
            groups.push(NavGroup { title: title.clone(), items });
        }
    }
    Ok(groups)
}
