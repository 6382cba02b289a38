//! What the steps show of all this: one section each, drawn the same on the step's page and on the incident's own tab.

pub mod decisions;
pub mod directions;
pub mod disclosures;
pub mod options;
pub mod requests;
pub mod situations;
pub mod statements;
pub mod summons;

use askama::Template;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};

use super::rights::can_add;
use crate::incident::Standing;
use crate::incident::section::{SectionContext, Shown};
use crate::org::UnitId;
use crate::pack::Item;
use crate::page::Page;

/// Where a section stands, and what the reader may do in it now.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path of the step; forms go below it.
    pub base: String,
    /// The reader leads or supports the step, and its turn has come.
    pub may_add: bool,
    /// The reader leads it.
    pub may_lead: bool,
    /// The incident is open at all.
    pub open: bool,
}

impl Place {
    fn of(context: &SectionContext<'_>) -> Place {
        let (incident, state) = (context.incident, context.row.state);
        Place {
            base: format!("/incidents/{}/steps/{}", incident.id, context.step.id),
            may_add: can_add(incident, state, context.standing, Standing::Supports),
            may_lead: can_add(incident, state, context.standing, Standing::Leads),
            open: incident.is_open(),
        }
    }

    /// Whether the form sent to this path came back: its fold then stands open.
    pub fn came_back(&self, page: &Page, path: &str) -> bool {
        page.form.action == format!("{}{path}", self.base)
    }
}

/// A section out of its template and its value.
fn shown(title: Text, template: &impl Template, content: serde_json::Value) -> Result<Shown> {
    Ok(Shown { title, html: template.render().map_err(Error::internal)?, content })
}

/// A list of the pack as choices.
pub fn choices(list: &[Item], lang: Lang) -> Vec<(String, String)> {
    list.iter().map(|item| (item.id.clone(), item.label.get(lang).to_owned())).collect()
}

/// The words for a choice of the pack; the id itself when the pack no longer knows it.
fn label(list: &[Item], id: &str, lang: Lang) -> String {
    list.iter().find(|item| item.id == id).map_or_else(|| id.to_owned(), |item| item.label.get(lang).to_owned())
}

/// Units as choices: the reader's own last, for one rarely writes to oneself.
pub fn unit_choices(units: &[super::model::UnitChoice], own: &UnitId) -> Vec<(String, String)> {
    let (mine, others): (Vec<_>, Vec<_>) = units.iter().partition(|unit| unit.id == *own);
    others.into_iter().chain(mine).map(|unit| (unit.id.to_string(), unit.name.clone())).collect()
}
