//! The review: cause and result in words, the facts the records hold anyway, and the lessons with who sees to them by
//! when. Lessons are followed up after the incident has been closed.

mod actions;
mod facts;
pub(super) mod pages;
mod store;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

pub use facts::{Facts, facts};

use super::findings::{self, Finding, Key};
use super::place::{Links, shown};
use super::store::{list_people, people_options};
use crate::incident::model::{Incident, PartId, Standing};
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::org::PersonId;
use crate::page::Page;
use crate::ui::Tone;
use crate::ui::chips::Toned;
use crate::work::Look;

/// The texts written in the review.
pub(super) const KEYS: &[Key] = &[Key::Cause, Key::Result];

text_enum! {
    /// What was learned, or what is proposed so that it does not happen again.
    pub enum LessonKind {
        Lesson = "lesson": ("Bài học kinh nghiệm", "Lesson"),
        Measure = "measure": ("Biện pháp phòng ngừa sự cố tương tự", "Measure against similar incidents"),
    }
}

text_enum! {
    /// What has become of a lesson.
    pub enum LessonState {
        Open = "open": ("Chưa xong", "Open"),
        Done = "done": ("Đã xong", "Done"),
        Dropped = "dropped": ("Không làm nữa", "Dropped"),
    }
}

impl Toned for LessonState {
    fn tone(&self) -> Tone {
        match self {
            LessonState::Open => Tone::Active,
            LessonState::Done => Tone::Good,
            LessonState::Dropped => Tone::Quiet,
        }
    }
}

/// A lesson, and who sees to it by when.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Lesson {
    pub id: PartId,
    pub kind: LessonKind,
    pub text: String,
    /// What becomes of it, from the pack's list; may be empty.
    pub action: String,
    pub owner_id: Option<PersonId>,
    pub owner: Option<String>,
    pub due_at: Option<Time>,
    pub state: LessonState,
    pub result: String,
    pub created_at: Time,
    pub created_by: String,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub version: i64,
}

impl Lesson {
    pub fn is_open(&self) -> bool {
        self.state == LessonState::Open
    }
}

#[derive(Template)]
#[template(path = "incident/work/html/review.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    incident: &'a Incident,
    findings: &'a [Finding],
    /// The other texts, for reading.
    written: Vec<(Text, String)>,
    facts: Vec<(Text, Text)>,
    lessons: &'a [Lesson],
    kinds: Vec<(String, String)>,
    actions: Vec<(String, String)>,
    people: Vec<(String, String)>,
    may_work: bool,
    /// May follow lessons up, also when the step has ended or the incident is closed.
    may_follow: bool,
    reader: Option<PersonId>,
}

impl View<'_> {
    fn may_end(&self, lesson: &Lesson) -> bool {
        lesson.is_open() && (self.may_follow || (lesson.owner_id.is_some() && lesson.owner_id == self.reader))
    }

    fn action(&self, lesson: &Lesson) -> String {
        let found = self.actions.iter().find(|(id, _)| *id == lesson.action);
        found.map(|(_, label)| label.clone()).unwrap_or_default()
    }

    fn owner(&self, lesson: &Lesson) -> String {
        lesson.owner_id.as_ref().map(PersonId::to_string).unwrap_or_default()
    }

    /// Who may see to it; whoever does now stays in the list even after leaving.
    fn owners(&self, lesson: &Lesson) -> Vec<(String, String)> {
        let mut owners = self.people.clone();
        let present = self.owner(lesson);
        if !present.is_empty() && owners.iter().all(|(id, _)| *id != present) {
            owners.push((present, lesson.owner.clone().unwrap_or_default()));
        }
        owners
    }
}

/// What the API shows.
#[derive(Serialize)]
struct Content<'a> {
    findings: &'a [Finding],
    facts: &'a Facts,
    lessons: &'a [Lesson],
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (incident, page) = (context.incident, context.page);
        let findings = findings::list(&mut look.tx, incident, context.step, KEYS).await?;
        let texts = findings::texts(&mut look.tx, incident).await?;
        let lessons = store::list(&mut look.tx, &incident.id).await?;
        let facts = facts(&mut look.tx, incident).await?;
        let may_follow = context.standing >= Standing::Supports;
        let people = match may_follow {
            true => list_people(&mut look.tx, &incident.id, &look.actor.person_id, look.now).await?,
            false => Vec::new(),
        };
        let actions = &look.app.pack.lists.lesson_actions;
        let view = View {
            p: page,
            at: Links::new(context),
            incident,
            findings: &findings,
            written: texts
                .into_iter()
                .filter(|(key, _)| !KEYS.contains(key))
                .map(|(k, text)| (k.label(), text))
                .collect(),
            facts: facts.lines(),
            lessons: &lessons,
            kinds: LessonKind::options(page.lang),
            actions: actions.iter().map(|item| (item.id.clone(), item.label.get(page.lang).to_owned())).collect(),
            people: people_options(&people),
            may_work: context.may_work,
            may_follow,
            reader: Some(look.actor.person_id.clone()).filter(|person| !person.as_str().is_empty()),
        };
        let content = Content { findings: &findings, facts: &facts, lessons: &lessons };
        shown(Text::new("Tổng kết, rút kinh nghiệm", "Review and lessons"), &view, &content)
    })
}

/// How many lessons and proposed measures there are.
pub fn count<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count(tx, &gated.incident.id))
}

/// The lessons of an incident, for reports.
pub async fn lessons(tx: &mut Tx, incident: &Incident) -> Result<Vec<Lesson>> {
    store::list(tx, &incident.id).await
}

/// How many pieces of evidence there are, as whoever keeps evidence counts them; none when nobody does.
pub(super) async fn count_evidence(tx: &mut Tx, incident: &Incident) -> Result<i64> {
    let tab = crate::features().iter().flat_map(|feature| &feature.tabs).find(|tab| tab.path == "evidence");
    match tab.and_then(|tab| tab.count) {
        Some(count) => count(tx, incident).await,
        None => Ok(0),
    }
}
