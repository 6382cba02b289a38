//! What is done with lessons: draw, hand over, put into practice, give up.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::pages::{EndForm, LessonForm};
use super::{Lesson, LessonKind, LessonState, store};
use crate::actor::not_allowed;
use crate::incident::actions::{Taken, record};
use crate::incident::flow::StepState;
use crate::incident::model::{PartId, Standing};
use crate::incident::timeline;
use crate::incident::work::place::{At, and_note, check_version, take_late, take_section};
use crate::incident::work::store::list_people;
use crate::notify::{self, Urgency};
use crate::org::PersonId;
use crate::work::Work;

/// Who sees to a lesson, by when, and what becomes of it.
struct Followed {
    action: String,
    owner_id: Option<PersonId>,
    due_at: Option<Time>,
}

/// Draws a lesson or proposes a measure.
pub async fn add(work: &mut Work, at: &At, form: &LessonForm) -> Result<PartId> {
    let (taken, _) = take_section(work, at, "review", Standing::Supports).await?;
    let mut checks = Checks::new();
    let kind = checks.choice::<LessonKind>("kind", &form.kind);
    let words = checks.area("text", &form.text);
    let followed = check(work, at, form, None, checks).await?;
    let lesson = Lesson {
        id: PartId::new(&work.app.chance, work.now),
        kind: kind.unwrap_or(LessonKind::Lesson),
        text: words,
        action: followed.action,
        owner_id: followed.owner_id,
        owner: None,
        due_at: followed.due_at,
        state: LessonState::Open,
        result: String::new(),
        created_at: work.now,
        created_by: work.actor.name.clone(),
        ended_at: None,
        ended_by: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &at.incident, &lesson).await?;
    let (label, words) = (lesson.kind.label(), &lesson.text);
    let (vi, en) = (&label.vi, &label.en);
    note(work, at, "incident.lesson_drawn", text!("{vi}: {words}", "{en}: {words}"), &lesson.id);
    tell_owner(work, at, &taken, &lesson).await?;
    Ok(lesson.id)
}

/// Changes a lesson. Once the step has ended its words stand; who sees to it and by when may still change.
pub async fn edit(work: &mut Work, at: &At, id: &PartId, form: &LessonForm) -> Result<()> {
    let (taken, standing) = take_late(work, at, "review").await?;
    if standing < Standing::Supports {
        return Err(not_allowed());
    }
    let before = store::get(&mut work.tx, &at.incident, id).await?;
    must_be_open(&before)?;
    let theirs = vec![
        ("text".to_owned(), before.text.clone()),
        ("action".to_owned(), before.action.clone()),
        ("owner".to_owned(), before.owner_id.as_ref().map(PersonId::to_string).unwrap_or_default()),
        ("due_at".to_owned(), before.due_at.map(Time::to_field).unwrap_or_default()),
    ];
    check_version(work, &taken, id, &form.version, before.version, theirs).await?;
    let mut checks = Checks::new();
    let under_way = taken.incident.is_open() && taken.flow().state(&at.step) == StepState::Open;
    let words = if under_way { checks.area("text", &form.text) } else { before.text.clone() };
    let followed = check(work, at, form, Some(&before), checks).await?;
    let lesson = Lesson {
        text: words,
        action: followed.action,
        owner_id: followed.owner_id,
        due_at: followed.due_at,
        ..before.clone()
    };
    store::save(&mut work.tx, &lesson).await?;
    let words = &lesson.text;
    note(work, at, "incident.lesson_changed", text!("Sửa bài học: {words}", "Lesson changed: {words}"), id);
    if lesson.owner_id != before.owner_id {
        tell_owner(work, at, &taken, &lesson).await?;
    }
    Ok(())
}

/// Says how a lesson was put into practice. Its owner may, and whoever may work on the step; also after closing.
pub async fn finish(work: &mut Work, at: &At, id: &PartId, form: &EndForm) -> Result<()> {
    end(work, at, id, form, LessonState::Done).await
}

/// Gives a lesson up, with the reason.
pub async fn drop(work: &mut Work, at: &At, id: &PartId, form: &EndForm) -> Result<()> {
    end(work, at, id, form, LessonState::Dropped).await
}

async fn end(work: &mut Work, at: &At, id: &PartId, form: &EndForm, state: LessonState) -> Result<()> {
    let (taken, standing) = take_late(work, at, "review").await?;
    let mut lesson = store::get(&mut work.tx, &at.incident, id).await?;
    let theirs_to_end = lesson.owner_id.as_ref() == Some(&work.actor.person_id);
    if standing < Standing::Supports && !theirs_to_end {
        return Err(not_allowed());
    }
    must_be_open(&lesson)?;
    check_version(work, &taken, id, &form.version, lesson.version, Vec::new()).await?;
    let mut checks = Checks::new();
    lesson.result = checks.area("result", &form.result);
    checks.done()?;
    lesson.state = state;
    lesson.ended_at = Some(work.now);
    lesson.ended_by = work.actor.name.clone();
    store::save(&mut work.tx, &lesson).await?;
    let words = and_note(&lesson.text, &lesson.result);
    let (act, what) = match state {
        LessonState::Dropped => ("incident.lesson_dropped", text!("Không làm nữa: {words}", "Lesson dropped: {words}")),
        _ => ("incident.lesson_finished", text!("Đã thực hiện bài học: {words}", "Lesson put into practice: {words}")),
    };
    let event = timeline::note(work, &at.incident, "step", what.clone()).await?;
    record(work, &at.incident, act, what, &[("lessons", id.to_string()), event]);
    Ok(())
}

async fn check(
    work: &mut Work,
    at: &At,
    form: &LessonForm,
    before: Option<&Lesson>,
    mut checks: Checks,
) -> Result<Followed> {
    let action = checks.line_or_empty("action", &form.action);
    if !action.is_empty() && work.app.pack.lists.item("lesson_actions", &action).is_none() {
        checks.refuse("action", unknown());
    }
    let owner_id: Option<PersonId> = checks.id_or_none("owner", &form.owner);
    let kept = before.is_some_and(|before| before.owner_id == owner_id);
    if let Some(person) = owner_id.as_ref().filter(|_| !kept) {
        let people = list_people(&mut work.tx, &at.incident, &work.actor.person_id, work.now).await?;
        if people.iter().all(|involved| involved.id != *person) {
            checks.refuse("owner", unknown());
        }
    }
    let due_at = checks.moment_or_none("due_at", &form.due_at);
    let same_due = before.is_some_and(|before| before.due_at == due_at);
    if due_at.is_some_and(|due| due < work.now) && !same_due {
        checks.refuse("due_at", Text::new("Hạn này đã qua.", "This time limit has passed."));
    }
    checks.done()?;
    Ok(Followed { action, owner_id, due_at })
}

fn must_be_open(lesson: &Lesson) -> Result<()> {
    if lesson.is_open() {
        return Ok(());
    }
    Err(Error::not_now("Mục này đã kết thúc.", "This has ended."))
}

async fn tell_owner(work: &mut Work, at: &At, taken: &Taken, lesson: &Lesson) -> Result<()> {
    let Some(person) = lesson.owner_id.as_ref().filter(|person| **person != work.actor.person_id) else {
        return Ok(());
    };
    let (words, code) = (&lesson.text, &taken.incident.code);
    let text = text!("Bạn phụ trách bài học của sự cố {code}: {words}", "You see to a lesson of {code}: {words}");
    let page = at.page(format!("lesson-{}", lesson.id));
    notify::tell_person_as(work, Urgency::CanWait, person, &text, &page).await
}

fn note(work: &mut Work, at: &At, act: &'static str, what: Text, id: &PartId) {
    record(work, &at.incident, act, what, &[("lessons", id.to_string())]);
}
