//! Tasks of a step: who does what by when, and what came of it.

mod actions;
pub(super) mod pages;
mod store;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::place::{Links, shown};
use super::store::{list_people, people_options};
use crate::incident::model::{PartId, Standing};
use crate::incident::section::{SectionContext, Shown};
use crate::org::PersonId;
use crate::page::Page;
use crate::ui::Tone;
use crate::ui::chips::Toned;
use crate::work::Look;

text_enum! {
    /// What has become of a task.
    pub enum TaskState {
        Open = "open": ("Đang làm", "Open"),
        Done = "done": ("Đã xong", "Done"),
        Cancelled = "cancelled": ("Không làm nữa", "Cancelled"),
    }
}

impl Toned for TaskState {
    fn tone(&self) -> Tone {
        match self {
            TaskState::Open => Tone::Active,
            TaskState::Done => Tone::Good,
            TaskState::Cancelled => Tone::Quiet,
        }
    }
}

/// A piece of work given to someone within a step.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Task {
    pub id: PartId,
    pub step: String,
    pub title: String,
    pub detail: String,
    pub assignee_id: Option<PersonId>,
    /// The name of the person it is given to.
    pub assignee: Option<String>,
    pub due_at: Option<Time>,
    pub state: TaskState,
    /// What came of it, or why it is not done.
    pub result: String,
    pub created_at: Time,
    pub created_by: String,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub version: i64,
}

impl Task {
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }
}

#[derive(Template)]
#[template(path = "incident/work/html/tasks.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    tasks: &'a [Task],
    /// May add and change tasks.
    may_work: bool,
    /// May say what came of any task, also when the step has ended.
    may_end: bool,
    /// Who is reading; they may end what was given to them.
    reader: Option<PersonId>,
    people: Vec<(String, String)>,
    suggestions: Vec<String>,
}

impl View<'_> {
    fn may_end(&self, task: &Task) -> bool {
        task.is_open() && (self.may_end || (task.assignee_id.is_some() && task.assignee_id == self.reader))
    }

    /// Whom a task may be given to; whoever has it now stays in the list even after leaving.
    fn choices(&self, task: &Task) -> Vec<(String, String)> {
        let mut choices = self.people.clone();
        let present = self.chosen(task);
        if !present.is_empty() && choices.iter().all(|(id, _)| *id != present) {
            choices.push((present, task.assignee.clone().unwrap_or_default()));
        }
        choices
    }

    fn chosen(&self, task: &Task) -> String {
        task.assignee_id.as_ref().map(PersonId::to_string).unwrap_or_default()
    }
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let incident = context.incident;
        let tasks = store::list(&mut look.tx, &incident.id, &context.step.id).await?;
        let people = match context.may_work {
            true => list_people(&mut look.tx, &incident.id, &look.actor.person_id, look.now).await?,
            false => Vec::new(),
        };
        let view = View {
            p: context.page,
            at: Links::new(context),
            tasks: &tasks,
            may_work: context.may_work,
            may_end: context.standing >= Standing::Supports,
            reader: Some(look.actor.person_id.clone()).filter(|person| !person.as_str().is_empty()),
            people: people_options(&people),
            suggestions: suggestions(look, context, &tasks),
        };
        shown(Text::new("Việc của bước", "Tasks of this step"), &view, &tasks)
    })
}

/// What the pack's scenario would have people do here: its response options and, where the step has no checklist of its
/// own, the first actions. What is a task already is not offered again.
fn suggestions(look: &Look, context: &SectionContext<'_>, tasks: &[Task]) -> Vec<String> {
    let (pack, lang) = (&look.app.pack, context.page.lang);
    let scenario = &context.incident.scenario;
    let options = pack.options_of(scenario).into_iter().map(|option| option.name.get(lang).to_owned());
    let listed = context.step.sections.iter().any(|section| section == "checklist");
    let first = pack.checklist_of(scenario).into_iter().filter(|_| !listed).map(|item| item.text.get(lang).to_owned());
    options.chain(first).filter(|title| tasks.iter().all(|task| task.title != *title)).collect()
}
