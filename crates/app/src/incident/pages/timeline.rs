//! The timeline's tab, and the page of one entry.

use std::collections::HashMap;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{MINUTE, Time};

use super::super::actions;
use super::super::frame::Frame;
use super::super::model::{IncidentId, PartId};
use super::super::store::events::{self, TimelineEvent};
use super::super::timeline::{self, BY_HAND, EventForm, EventKind, kind_word, may_edit};
use super::step::NoForm;
use crate::coordination::levels::{self, ItemKind};
use crate::coordination::wall::Level;
use crate::page::Page;
use crate::ui::Event;
use crate::web::{Ask, Call, Done};

/// Entries on one page.
const SHOWN: usize = 50;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/timeline.html")]
pub struct TimelineView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    #[serde(skip)]
    by_hand: Vec<(String, String)>,
    events: Vec<TimelineEvent>,
    /// The level of each entry that was marked by itself, by its identifier.
    marked: HashMap<String, String>,
    /// Where the next entries begin: `?after=`.
    next: Option<String>,
    #[serde(skip)]
    oldest_first: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    kind: Ask<EventKind>,
    sort: Ask<TimelineOrder>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

text_enum! {
    /// The order of the timeline; the newest first by default.
    pub enum TimelineOrder {
        Happened = "happened": ("Cũ trước", "Oldest first"),
    }
}

pub async fn timeline(call: Call) -> Result<TimelineView> {
    let id: IncidentId = call.param("id")?;
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let kind = asked.kind.0.map(EventKind::word);
    let oldest_first = asked.sort.0.is_some();
    let after = asked.after.split_once('.').and_then(|(at, id)| Some((Time(at.parse().ok()?), id)));
    let mut found = events::list(&mut look.tx, &id, kind, oldest_first, after, SHOWN as i64 + 1).await?;
    let behind = |event: &TimelineEvent| format!("{}.{}", event.happened_at.0, event.id);
    let next = (found.len() > SHOWN).then(|| behind(&found[SHOWN - 1]));
    found.truncate(SHOWN);
    let p = Page::new(&call, &mut look, Text::new("Diễn biến", "Timeline")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "timeline").await?;
    let ids: Vec<&str> = found.iter().map(|event| event.id.as_str()).collect();
    let marked = levels::of(&mut look.tx, ItemKind::Event, &ids).await?;
    Ok(TimelineView {
        marked,
        kinds: EventKind::options(call.lang),
        by_hand: by_hand(&p),
        events: found,
        next,
        oldest_first,
        frame,
        p,
    })
}

impl TimelineView {
    /// The id of the form that adds an entry; a link to it opens the fold it stands in.
    fn form_id(&self) -> String {
        self.p.form(format!("/incidents/{}/timeline", self.frame.incident.id)).id()
    }

    fn shown(&self) -> Vec<Event> {
        let editable = self.frame.works.then_some(self.frame.incident.id.as_str());
        let one = |event: &TimelineEvent| match self.marked.get(event.id.as_str()) {
            Some(level) => shown(&self.p, event, editable).tag(Level::of(level).label().vi),
            None => shown(&self.p, event, editable),
        };
        self.events.iter().map(one).collect()
    }
}

fn by_hand(p: &Page) -> Vec<(String, String)> {
    BY_HAND.iter().map(|kind| (kind.word().to_owned(), p.say(&kind.label()))).collect()
}

/// An entry as the page draws it; with the incident's id its own page is linked.
pub fn shown(p: &Page, event: &TimelineEvent, editable: Option<&str>) -> Event {
    let title = p.t(&event.title_vi, &event.title_en).to_owned();
    let mut shown = Event::new(event.happened_at, title)
        .kind(&event.kind, p.say(&kind_word(&event.kind)))
        .text(&event.text)
        .by(&event.recorded_by)
        .starred(event.starred);
    if let Some(noticed) = event.noticed_at.filter(|noticed| *noticed != event.happened_at) {
        shown = shown.noticed(noticed);
    }
    // What was written down at once needs no second time.
    if event.recorded_at.0 - event.happened_at.0 > 5 * MINUTE {
        shown = shown.recorded(event.recorded_at);
    }
    match editable {
        Some(incident) => shown.edit(format!("/incidents/{incident}/timeline/{}", event.id)),
        None => shown,
    }
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/event.html")]
pub struct EventView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    event: TimelineEvent,
    #[serde(skip)]
    by_hand: Vec<(String, String)>,
    may_edit: bool,
}

pub async fn event(call: Call) -> Result<EventView> {
    let (id, event): (IncidentId, PartId) = (call.param("id")?, call.param("event")?);
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let event = events::find(&mut look.tx, &id, &event).await?.ok_or(Error::NotFound)?;
    let p = Page::new(&call, &mut look, Text::new("Một diễn biến", "One entry")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "timeline").await?;
    let may_edit = frame.works && may_edit(&event, look.actor.account_id.as_str());
    Ok(EventView { by_hand: by_hand(&p), may_edit, event, frame, p })
}

impl EventView {
    fn shown(&self) -> Vec<Event> {
        vec![shown(&self.p, &self.event, None)]
    }
}

pub async fn add(call: Call, form: EventForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    let event = timeline::add(&mut work, &id, &form).await?;
    let said = Text::new("Đã ghi vào diễn biến.", "Added to the timeline.");
    let result = serde_json::json!({ "id": event });
    Ok(work.done(format!("/incidents/{id}/timeline")).await?.saying(said).with(result))
}

pub async fn save(call: Call, form: EventForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    timeline::edit(&mut work, &id, &call.param("event")?, &form).await?;
    let said = Text::new("Đã sửa diễn biến.", "The entry is corrected.");
    Ok(work.done(format!("/incidents/{id}/timeline")).await?.saying(said))
}

pub async fn star(call: Call, _: NoForm) -> Result<Done> {
    let (id, event): (IncidentId, PartId) = (call.param("id")?, call.param("event")?);
    let mut work = call.work().await?;
    timeline::star(&mut work, &id, &event).await?;
    work.done(format!("/incidents/{id}/timeline/{event}")).await
}
