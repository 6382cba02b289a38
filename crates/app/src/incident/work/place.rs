//! Where in an incident something is done: which step, which section; and who may do it there.

use std::fmt::Display;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;

use crate::incident::actions::{self, Taken};
use crate::incident::model::{IncidentId, PartId, Standing, standing};
use crate::incident::section::{SectionContext, Shown};
use crate::journal;
use crate::pack::{Procedure, Step};
use crate::page::Page;
use crate::web::Call;
use crate::work::Work;

/// A step of an incident, as the path of a request names it.
#[derive(Clone, Debug)]
pub struct At {
    pub incident: IncidentId,
    pub step: String,
}

impl At {
    /// Reads `{id}` and `{step}` of the path.
    pub fn of(call: &Call) -> Result<At> {
        Ok(At { incident: call.param("id")?, step: call.param("step")? })
    }

    /// The step's page, scrolled to a part of it.
    pub fn page(&self, anchor: impl Display) -> String {
        format!("/incidents/{}/steps/{}#{anchor}", self.incident, self.step)
    }
}

/// The addresses of the forms of a section.
pub struct Links<'a> {
    page: &'a Page,
    base: String,
}

impl<'a> Links<'a> {
    pub fn new(context: &SectionContext<'a>) -> Links<'a> {
        Links { page: context.page, base: format!("/incidents/{}/steps/{}", context.incident.id, context.step.id) }
    }

    /// Where something is added: `…/tasks`.
    pub fn to(&self, path: impl Display) -> String {
        format!("{}/{path}", self.base)
    }

    /// Where something is done with one row: `…/tasks/{id}/finish`.
    pub fn act(&self, part: &str, id: impl Display, act: &str) -> String {
        format!("{}/{part}/{id}/{act}", self.base)
    }

    /// Whether the form sent there came back; its fold stays open then.
    pub fn failed(&self, path: &str) -> bool {
        self.page.form.action == path
    }
}

/// Rows ticked to be done together; each is left alone when somebody else was first.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PickForm {
    /// Ids.
    pub pick: Vec<Raw>,
}

/// The most rows that are done together.
const PICKS: usize = 200;

impl PickForm {
    /// What was ticked, each once.
    pub fn ids(&self) -> Result<Vec<PartId>> {
        let mut ids = Vec::new();
        for pick in self.pick.iter().take(PICKS) {
            let id: PartId = pick.as_str().parse().map_err(|_| Error::NotFound)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.is_empty() {
            return Err(Error::not_now("Hãy chọn ít nhất một mục.", "Tick at least one."));
        }
        Ok(ids)
    }
}

/// The round of the incident that a step's page is about: the page's own when the step is part of a loop and so counts
/// with it, the present one otherwise.
pub fn round_shown(procedure: &Procedure, context: &SectionContext<'_>) -> i64 {
    let loops = procedure.steps.iter().filter(|step| step.loop_back.is_some());
    let counts = loops.flat_map(|step| procedure.round_of(&step.id)).any(|step| step.id == context.step.id);
    if counts { context.row.round } else { context.incident.round }
}

/// Takes the incident to add to a section of one of its steps. The step must be open and offer the section.
pub async fn take_section(work: &mut Work, at: &At, section: &str, least: Standing) -> Result<(Taken, Step)> {
    let taken = actions::take_step(work, &at.incident, &at.step, least).await?;
    let step = offering(work, at, section)?;
    Ok((taken, step))
}

/// Takes the incident for what may come after the step or the incident has ended: the result of a task, the end of a
/// blockade, a lesson put into practice. Says what the actor is to the step; the caller decides.
pub async fn take_late(work: &mut Work, at: &At, section: &str) -> Result<(Taken, Standing)> {
    let taken = actions::take_any(work, &at.incident).await?;
    let step = offering(work, at, section)?;
    let standing = standing(&work.actor, &taken.units, &step);
    Ok((taken, standing))
}

fn offering(work: &Work, at: &At, section: &str) -> Result<Step> {
    let step = actions::find_step(work, &at.step)?;
    let offers = step.sections.iter().any(|offered| offered == section);
    if offers { Ok(step) } else { Err(Error::NotFound) }
}

/// Refuses what was decided on an older state of a row, with what is stored now as `theirs`.
pub async fn check_version(
    work: &mut Work,
    taken: &Taken,
    row: &PartId,
    typed: &Raw,
    stored: i64,
    theirs: Vec<(String, String)>,
) -> Result<()> {
    let mut checks = Checks::new();
    let read = checks.number("version", typed, 0, i64::MAX);
    checks.done()?;
    if read == stored {
        return Ok(());
    }
    let writer = journal::last_writer(&mut work.tx, &taken.stream(), row.as_str()).await?;
    let (who, when) = writer.unwrap_or_default();
    Err(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}

/// A sentence and, when there is one, a note behind it.
pub fn and_note(sentence: &str, note: &str) -> String {
    if note.is_empty() { sentence.to_owned() } else { format!("{sentence}. {note}") }
}

/// A section for the page and for the API.
pub fn shown(title: Text, view: &impl Template, content: &impl Serialize) -> Result<Shown> {
    Ok(Shown { title, html: view.render().map_err(Error::internal)?, content: serde_json::to_value(content)? })
}
