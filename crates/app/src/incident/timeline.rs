//! The timeline of an incident: what happened, when it was noticed, when it was written down. What the product does it
//! writes itself ([`note`]); people add what they know, correct their own entries, and star what belongs in the summary.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::actions::{Taken, record, take};
use super::model::{IncidentId, PartId, Standing, best_standing};
use super::store::events::{self, TimelineEvent};
use crate::actor::not_allowed;
use crate::journal;
use crate::work::Work;

text_enum! {
    /// What an entry is about.
    pub enum EventKind {
        Alert = "alert": ("Dấu hiệu, cảnh báo", "Sign, alert"),
        Attack = "attack": ("Hoạt động tấn công", "Attacker's doing"),
        Action = "action": ("Việc đã làm", "Action taken"),
        Decision = "decision": ("Quyết định, chỉ đạo", "Decision"),
        Message = "message": ("Trao đổi, thông tin", "Message"),
        Report = "report": ("Báo cáo", "Report"),
        Evidence = "evidence": ("Chứng cứ", "Evidence"),
        Step = "step": ("Bước xử lý", "Step"),
        Other = "other": ("Khác", "Other"),
    }
}

/// The kinds that people write by hand; the others are written by the product.
pub const BY_HAND: &[EventKind] = &[
    EventKind::Alert,
    EventKind::Attack,
    EventKind::Action,
    EventKind::Decision,
    EventKind::Message,
    EventKind::Other,
];

/// The word for a kind; entries of features yet unknown are "other".
pub fn kind_word(kind: &str) -> Text {
    kind.parse::<EventKind>().unwrap_or(EventKind::Other).label()
}

/// Writes an event that the product itself knows of, now. Gives back the row for the journal.
pub async fn note(work: &mut Work, incident: &IncidentId, kind: &str, title: Text) -> Result<(&'static str, String)> {
    let event = TimelineEvent {
        id: PartId::new(&work.app.chance, work.now),
        kind: kind.to_owned(),
        title_vi: title.vi.into_owned(),
        title_en: title.en.into_owned(),
        text: String::new(),
        happened_at: work.now,
        noticed_at: None,
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
        recorder_id: work.actor.account_id.to_string(),
        starred: false,
        by_hand: false,
        version: 1,
    };
    events::insert(&mut work.tx, incident, &event).await?;
    Ok(("timeline_events", event.id.to_string()))
}

/// An entry that a person picked out of what a machine found.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: EventKind,
    pub title: String,
    pub text: String,
    pub happened_at: Time,
}

/// Writes entries for whoever acts, who may correct them as if they had been typed. The caller has taken the incident, checked
/// who may, and names the rows in the journal.
pub async fn add_found(
    work: &mut Work,
    incident: &IncidentId,
    found: &[NewEvent],
) -> Result<Vec<(&'static str, String)>> {
    let entries: Vec<TimelineEvent> = found
        .iter()
        .map(|one| TimelineEvent {
            id: PartId::new(&work.app.chance, work.now),
            kind: one.kind.word().to_owned(),
            title_vi: one.title.clone(),
            title_en: one.title.clone(),
            text: one.text.clone(),
            happened_at: one.happened_at,
            noticed_at: Some(work.now),
            recorded_at: work.now,
            recorded_by: work.actor.name.clone(),
            recorder_id: work.actor.account_id.to_string(),
            starred: false,
            by_hand: true,
            version: 1,
        })
        .collect();
    events::insert_many(&mut work.tx, incident, &entries).await?;
    Ok(entries.into_iter().map(|entry| ("timeline_events", entry.id.to_string())).collect())
}

/// An entry as typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventForm {
    pub kind: Raw,
    pub title: Raw,
    pub text: Raw,
    pub happened_at: Raw,
    pub noticed_at: Raw,
    pub starred: Raw,
    pub version: Raw,
}

struct Typed {
    kind: EventKind,
    title: String,
    text: String,
    happened_at: Time,
    noticed_at: Option<Time>,
}

fn read(form: &EventForm, now: Time) -> Result<Typed> {
    let mut checks = Checks::new();
    let kind = checks.choice("kind", &form.kind);
    let title = checks.line("title", &form.title);
    let text = checks.area_or_empty("text", &form.text);
    let happened_at = checks.moment("happened_at", &form.happened_at);
    let noticed_at = checks.moment_or_none("noticed_at", &form.noticed_at);
    checks.past("happened_at", Some(happened_at), now);
    checks.past("noticed_at", noticed_at, now);
    if noticed_at.is_some_and(|noticed| noticed < happened_at) {
        let early = Text::new("Không thể phát hiện trước khi xảy ra.", "It cannot be noticed before it happened.");
        checks.refuse("noticed_at", early);
    }
    checks.done()?;
    Ok(Typed { kind: kind.unwrap_or(EventKind::Other), title, text, happened_at, noticed_at })
}

/// Adds what a person knows. Whoever leads or supports a step may.
pub async fn add(work: &mut Work, id: &IncidentId, form: &EventForm) -> Result<PartId> {
    take_to_write(work, id).await?;
    let typed = read(form, work.now)?;
    let event = TimelineEvent {
        id: PartId::new(&work.app.chance, work.now),
        kind: typed.kind.word().to_owned(),
        title_en: typed.title.clone(),
        title_vi: typed.title,
        text: typed.text,
        happened_at: typed.happened_at,
        noticed_at: typed.noticed_at,
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
        recorder_id: work.actor.account_id.to_string(),
        starred: form.starred.ticked(),
        by_hand: true,
        version: 1,
    };
    events::insert(&mut work.tx, id, &event).await?;
    let title = &event.title_vi;
    let what = text!("Ghi diễn biến: {title}", "Added to the timeline: {title}");
    record(work, id, "incident.event_added", what, &[("timeline_events", event.id.to_string())]);
    Ok(event.id)
}

/// Corrects an entry; only its writer may, and only what was written by hand.
pub async fn edit(work: &mut Work, id: &IncidentId, event: &PartId, form: &EventForm) -> Result<()> {
    take_to_write(work, id).await?;
    let mut event = events::find(&mut work.tx, id, event).await?.ok_or(Error::NotFound)?;
    if !may_edit(&event, work.actor.account_id.as_str()) {
        return Err(Error::forbidden(
            "Chỉ người ghi được sửa mục này. Bạn có thể ghi thêm một mục mới.",
            "Only its writer may correct this entry. You may add another one.",
        ));
    }
    refuse_if_older(work, id, &event, &form.version).await?;
    let typed = read(form, work.now)?;
    event.kind = typed.kind.word().to_owned();
    event.title_en = typed.title.clone();
    event.title_vi = typed.title;
    event.text = typed.text;
    event.happened_at = typed.happened_at;
    event.noticed_at = typed.noticed_at;
    event.starred = form.starred.ticked();
    let title = &event.title_vi;
    let what = text!("Sửa diễn biến: {title}", "Corrected in the timeline: {title}");
    save(work, id, &event, "incident.event_edited", what).await
}

/// Puts an entry into the summary, or takes it out.
pub async fn star(work: &mut Work, id: &IncidentId, event: &PartId) -> Result<()> {
    take_to_write(work, id).await?;
    let mut event = events::find(&mut work.tx, id, event).await?.ok_or(Error::NotFound)?;
    event.starred = !event.starred;
    let (vi, en) = (&event.title_vi, &event.title_en);
    let what = match event.starred {
        true => text!("Đưa vào tóm tắt: {vi}", "Put into the summary: {en}"),
        false => text!("Bỏ khỏi tóm tắt: {vi}", "Taken out of the summary: {en}"),
    };
    save(work, id, &event, "incident.event_starred", what).await
}

/// Whether an account may correct an entry.
pub fn may_edit(event: &TimelineEvent, account: &str) -> bool {
    event.by_hand && event.recorder_id == account
}

async fn take_to_write(work: &mut Work, id: &IncidentId) -> Result<Taken> {
    let taken = take(work, id).await?;
    let procedure = &work.app.pack.procedure;
    if best_standing(&work.actor, &taken.units, procedure) < Standing::Supports {
        return Err(not_allowed());
    }
    Ok(taken)
}

async fn refuse_if_older(work: &mut Work, id: &IncidentId, event: &TimelineEvent, version: &Raw) -> Result<()> {
    if version.is_empty() {
        return Err(Error::field("version", ungcuu_kit::form::empty()));
    }
    if version.as_str() == event.version.to_string() {
        return Ok(());
    }
    let stream = journal::incident_stream(id.as_str());
    let (who, when) = journal::last_writer(&mut work.tx, &stream, event.id.as_str()).await?.unwrap_or_default();
    let theirs = vec![
        ("kind".to_owned(), event.kind.clone()),
        ("title".to_owned(), event.title_vi.clone()),
        ("text".to_owned(), event.text.clone()),
        ("happened_at".to_owned(), event.happened_at.to_field()),
        ("noticed_at".to_owned(), event.noticed_at.map(Time::to_field).unwrap_or_default()),
    ];
    Err(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}

async fn save(work: &mut Work, id: &IncidentId, event: &TimelineEvent, act: &'static str, what: Text) -> Result<()> {
    if events::save(&mut work.tx, event).await? == 0 {
        return Err(Error::Conflict(Box::default()));
    }
    record(work, id, act, what, &[("timeline_events", event.id.to_string())]);
    Ok(())
}
