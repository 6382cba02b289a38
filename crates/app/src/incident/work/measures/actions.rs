//! What is done with measures: plan, do, change, take back, give up.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::pages::{FinishForm, MeasureForm, NoteForm};
use super::{Measure, MeasureKind, MeasureState, store};
use crate::actor::not_allowed;
use crate::incident::actions::{Taken, record};
use crate::incident::model::{PartId, Standing};
use crate::incident::timeline;
use crate::incident::work::place::{At, and_note, check_version, take_late, take_section};
use crate::incident::work::store::list_systems;
use crate::system::SystemId;
use crate::work::Work;

/// What a checked form says.
struct Checked {
    title: String,
    detail: String,
    system_id: Option<SystemId>,
    remove_by: Option<Time>,
}

/// Enters a measure: planned, or done already with its result.
pub async fn add(work: &mut Work, at: &At, kind: MeasureKind, form: &MeasureForm) -> Result<PartId> {
    let (taken, _) = take_section(work, at, &section(kind), Standing::Supports).await?;
    let done = form.done.ticked();
    let mut checks = Checks::new();
    let result = match done {
        true => checks.area("result", &form.result),
        false => checks.area_or_empty("result", &form.result),
    };
    let done_at = checks.moment_or_none("done_at", &form.done_at);
    checks.past("done_at", done_at, work.now);
    let checked = check(work, at, kind, form, None, checks).await?;
    let measure = Measure {
        id: PartId::new(&work.app.chance, work.now),
        kind,
        round: taken.incident.round,
        title: checked.title,
        detail: checked.detail,
        system_id: checked.system_id,
        system: None,
        state: if done { MeasureState::Done } else { MeasureState::Planned },
        result,
        remove_by: checked.remove_by,
        created_at: work.now,
        created_by: work.actor.name.clone(),
        done_at: done.then(|| done_at.unwrap_or(work.now)),
        done_by: if done { work.actor.name.clone() } else { String::new() },
        removed_at: None,
        removed_by: String::new(),
        removed_note: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &at.incident, &measure).await?;
    if done {
        say_done(work, at, &measure).await?;
    } else {
        let title = &measure.title;
        let what = text!("Dự kiến biện pháp: {title}", "Measure planned: {title}");
        note(work, at, "incident.measure_planned", what, &measure.id);
    }
    Ok(measure.id)
}

/// Changes a measure that is planned or done.
pub async fn edit(work: &mut Work, at: &At, id: &PartId, form: &MeasureForm) -> Result<()> {
    let (taken, before) = take_measure(work, at, id).await?;
    if !before.may_change() {
        return Err(ended());
    }
    let theirs = vec![
        ("title".to_owned(), before.title.clone()),
        ("detail".to_owned(), before.detail.clone()),
        ("system".to_owned(), before.system_value()),
        ("remove_by".to_owned(), before.remove_by.map(Time::to_field).unwrap_or_default()),
    ];
    check_version(work, &taken, id, &form.version, before.version, theirs).await?;
    let checked = check(work, at, before.kind, form, Some(&before), Checks::new()).await?;
    let measure = Measure {
        title: checked.title,
        detail: checked.detail,
        system_id: checked.system_id,
        remove_by: checked.remove_by,
        ..before
    };
    store::save(&mut work.tx, &measure).await?;
    let title = &measure.title;
    note(work, at, "incident.measure_changed", text!("Sửa biện pháp: {title}", "Measure changed: {title}"), id);
    Ok(())
}

/// Says that a planned measure was done, and what came of it.
pub async fn finish(work: &mut Work, at: &At, id: &PartId, form: &FinishForm) -> Result<()> {
    let (taken, mut measure) = take_measure(work, at, id).await?;
    must_be_planned(&measure)?;
    check_version(work, &taken, id, &form.version, measure.version, Vec::new()).await?;
    let mut checks = Checks::new();
    measure.result = checks.area("result", &form.result);
    let done_at = checks.moment_or_none("done_at", &form.done_at);
    checks.past("done_at", done_at, work.now);
    checks.done()?;
    measure.state = MeasureState::Done;
    measure.done_at = Some(done_at.unwrap_or(work.now));
    measure.done_by = work.actor.name.clone();
    store::save(&mut work.tx, &measure).await?;
    say_done(work, at, &measure).await
}

/// Gives up a planned measure, with the reason.
pub async fn cancel(work: &mut Work, at: &At, id: &PartId, form: &NoteForm) -> Result<()> {
    let (taken, mut measure) = take_measure(work, at, id).await?;
    must_be_planned(&measure)?;
    check_version(work, &taken, id, &form.version, measure.version, Vec::new()).await?;
    let mut checks = Checks::new();
    measure.result = checks.area("note", &form.note);
    checks.done()?;
    measure.state = MeasureState::Cancelled;
    store::save(&mut work.tx, &measure).await?;
    let (title, reason) = (&measure.title, &measure.result);
    let what = text!("Không thực hiện: {title}. {reason}", "Measure cancelled: {title}. {reason}");
    note(work, at, "incident.measure_cancelled", what, id);
    Ok(())
}

/// Says that a containment measure was taken back. It may outlive its step and the incident.
pub async fn remove(work: &mut Work, at: &At, id: &PartId, form: &NoteForm) -> Result<()> {
    let (taken, standing) = take_late(work, at, &section(MeasureKind::Containment)).await?;
    if standing < Standing::Supports {
        return Err(not_allowed());
    }
    let mut measure = store::get(&mut work.tx, &at.incident, id).await?;
    if !measure.in_force() {
        return Err(Error::not_now("Biện pháp này không còn hiệu lực.", "This measure is not in force."));
    }
    check_version(work, &taken, id, &form.version, measure.version, Vec::new()).await?;
    let mut checks = Checks::new();
    measure.removed_note = checks.area_or_empty("note", &form.note);
    checks.done()?;
    measure.state = MeasureState::Removed;
    measure.removed_at = Some(work.now);
    measure.removed_by = work.actor.name.clone();
    store::save(&mut work.tx, &measure).await?;
    let words = and_note(&measure.title, &measure.removed_note);
    let what = text!("Gỡ bỏ biện pháp ngăn chặn: {words}", "Containment taken back: {words}");
    say(work, at, "incident.measure_removed", what, id).await
}

async fn check(
    work: &mut Work,
    at: &At,
    kind: MeasureKind,
    form: &MeasureForm,
    before: Option<&Measure>,
    mut checks: Checks,
) -> Result<Checked> {
    let title = checks.line("title", &form.title);
    let detail = checks.area_or_empty("detail", &form.detail);
    let system_id: Option<SystemId> = checks.id_or_none("system", &form.system);
    let kept = before.is_some_and(|before| before.system_id == system_id);
    if let Some(system) = system_id.as_ref().filter(|_| !kept) {
        let systems = list_systems(&mut work.tx, &at.incident).await?;
        if systems.iter().all(|(id, _)| id != system) {
            checks.refuse("system", unknown());
        }
    }
    let remove_by = match kind {
        MeasureKind::Containment => checks.moment_or_none("remove_by", &form.remove_by),
        _ => None,
    };
    let same = before.is_some_and(|before| before.remove_by == remove_by);
    if remove_by.is_some_and(|by| by < work.now) && !same {
        checks.refuse("remove_by", Text::new("Thời điểm gỡ bỏ đã qua.", "The moment to take it back has passed."));
    }
    checks.done()?;
    Ok(Checked { title, detail, system_id, remove_by })
}

/// A measure of the incident, when the step offers its kind.
async fn take_measure(work: &mut Work, at: &At, id: &PartId) -> Result<(Taken, Measure)> {
    let taken = crate::incident::actions::take_step(work, &at.incident, &at.step, Standing::Supports).await?;
    let measure = store::get(&mut work.tx, &at.incident, id).await?;
    let step = crate::incident::actions::find_step(work, &at.step)?;
    let section = section(measure.kind);
    let offers = step.sections.contains(&section);
    if offers { Ok((taken, measure)) } else { Err(Error::NotFound) }
}

fn section(kind: MeasureKind) -> String {
    format!("measures:{kind}")
}

fn must_be_planned(measure: &Measure) -> Result<()> {
    if measure.is_planned() { Ok(()) } else { Err(ended()) }
}

fn ended() -> Error {
    Error::not_now("Biện pháp này đã kết thúc.", "This measure has ended.")
}

async fn say_done(work: &mut Work, at: &At, measure: &Measure) -> Result<()> {
    let label = measure.kind.label();
    let (vi, en) = (&label.vi, &label.en);
    let words = and_note(&measure.title, &measure.result);
    say(work, at, "incident.measure_done", text!("{vi}: {words}", "{en}: {words}"), &measure.id).await
}

/// Notes an act in the timeline and in the journal.
async fn say(work: &mut Work, at: &At, act: &'static str, what: Text, id: &PartId) -> Result<()> {
    let event = timeline::note(work, &at.incident, "step", what.clone()).await?;
    record(work, &at.incident, act, what, &[("measures", id.to_string()), event]);
    Ok(())
}

fn note(work: &mut Work, at: &At, act: &'static str, what: Text, id: &PartId) {
    record(work, &at.incident, act, what, &[("measures", id.to_string())]);
}
