//! The sockets that other features plug into: sections of a step's page, gates, and tabs of the incident.
//!
//! The pack says which sections a step shows and which gates it needs; a feature says what a section looks like and how
//! a gate is counted. The incident knows neither.

use std::fmt;

use askama::filters::HtmlSafe;
use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::model::{Incident, Standing, StepRow};
use crate::pack::{Pack, Step};
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

/// A section of a step's page.
#[derive(Clone, Copy)]
pub struct Section {
    /// As the pack calls it, up to a colon: `measures` for `measures:containment`.
    pub kind: &'static str,
    pub show: for<'a> fn(&'a mut Look, &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>>,
}

/// What a section is told.
pub struct SectionContext<'a> {
    pub page: &'a Page,
    pub incident: &'a Incident,
    pub step: &'a Step,
    /// The round of the step that is shown.
    pub row: &'a StepRow,
    /// What stands behind the colon: `containment`.
    pub key: &'a str,
    pub standing: Standing,
    /// Whether the reader may change things here now: the incident and the step are open and they lead or support it.
    pub may_work: bool,
}

/// A section as a page part and as a value of the API.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Shown {
    pub title: Text,
    #[serde(skip)]
    pub html: String,
    pub content: serde_json::Value,
}

/// Markup that a feature's own template made, put into the step's page as it is. Only [`Shown::markup`] makes one, so that
/// nothing a person typed can get here unescaped.
#[derive(Clone, Debug)]
pub struct Markup(String);

impl HtmlSafe for Markup {}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Shown {
    /// The section as its template rendered it.
    pub fn markup(&self) -> Markup {
        Markup(self.html.clone())
    }
}

/// What a gate is counted for.
#[derive(Clone, Copy)]
pub struct Gated<'a> {
    pub pack: &'a Pack,
    pub incident: &'a Incident,
    /// What follows the kind in the pack: which text, which measure, which form.
    pub key: Option<&'a str>,
    /// When the step opened again; what was judged before then must be judged anew. Empty in a step's first round.
    pub since: Option<Time>,
}

/// How many of what a gate asks for there are, in the present round where rounds matter.
pub type GateCount = for<'a> fn(&'a mut Tx, &'a Gated<'a>) -> BoxFuture<'a, Result<i64>>;

/// How a gate is counted.
#[derive(Clone, Copy)]
pub struct GateKind {
    pub kind: &'static str,
    pub count: GateCount,
}

/// How many items a tab holds.
pub type TabCount = for<'a> fn(&'a mut Tx, &'a Incident) -> BoxFuture<'a, Result<i64>>;

/// A tab of the incident's page.
#[derive(Clone)]
pub struct IncidentTab {
    /// The last part of its path: `/incidents/{id}/evidence`.
    pub path: &'static str,
    pub label: Text,
    pub permission: Option<Permission>,
    pub count: Option<TabCount>,
}
