//! What is done to indicators: add, judge, take out. Always in this order: may they, is it allowed now, store, journal.

use std::collections::HashSet;

use ungcuu_detect::indicator as detect;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::Time;

use super::form::{AddForm, EditForm, Facts, RemoveForm};
use super::model::{Indicator, IndicatorId, IndicatorKind, Malicious, SeenIn};
use super::store;
use crate::actor::Actor;
use crate::evidence::{no_open_step, step_to_add};
use crate::incident::IncidentId;
use crate::incident::actions::{record, take};
use crate::journal::{incident_stream, last_writer};
use crate::work::Work;

/// How many values are looked up at once; a longer list is cut.
const MOST_LOOKED_UP: usize = 100;

/// What became of a paste.
#[derive(Clone, Copy, Debug)]
pub struct Added {
    pub new: usize,
    /// Already there.
    pub known: usize,
}

/// Adds what was understood of a form's text.
pub async fn add(work: &mut Work, incident: &IncidentId, form: &AddForm) -> Result<Added> {
    take_to_write(work, incident).await?;
    let mut checks = Checks::new();
    let (found, facts) = form.read(&mut checks, work.now);
    checks.done()?;
    let rows = insert(work, incident, &facts, &found).await?;
    let added = Added { new: rows.len(), known: found.len() - rows.len() };
    if added.new > 0 {
        let (count, first) = (added.new, found.first().map(detect::Indicator::defang).unwrap_or_default());
        let what = match count {
            1 => text!("Thêm dấu hiệu {first}", "Added the indicator {first}"),
            _ => text!("Thêm {count} dấu hiệu ({first}, …)", "Added {count} indicators ({first}, …)"),
        };
        record(work, incident, "indicator.added", what, &rows);
    }
    Ok(added)
}

/// Carries indicators into an incident as suspected; those it has already stay as they are. Gives back the rows written,
/// which the caller names in the journal; the caller has taken (or just opened) the incident and checked who may.
pub async fn add_all(
    work: &mut Work,
    incident: &IncidentId,
    source: &str,
    found: &[detect::Indicator],
) -> Result<Vec<(&'static str, String)>> {
    let facts =
        Facts { malicious: Malicious::Suspected, note: String::new(), source: source.to_owned(), seen_at: None };
    insert(work, incident, &facts, found).await
}

/// Where these were seen, in incidents the actor may see: at most five for each, the latest first. Of a list longer than
/// a hundred the first hundred are looked up.
pub async fn matches(tx: &mut Tx, actor: &Actor, values: &[detect::Indicator]) -> Result<Vec<SeenIn>> {
    store::list_seen(tx, actor, &values[..values.len().min(MOST_LOOKED_UP)], None).await
}

/// Changes what people say about an indicator.
pub async fn edit(work: &mut Work, incident: &IncidentId, id: &IndicatorId, form: &EditForm) -> Result<()> {
    take_to_write(work, incident).await?;
    let old = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let facts = form.read(&mut checks, work.now);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    if !store::save(&mut work.tx, id, version, &facts).await? {
        return Err(conflict(work, &old).await?);
    }
    let (value, verdict) = (old.defanged(), facts.malicious.label());
    let (vi, en) = (&verdict.vi, &verdict.en);
    let what = match old.malicious == facts.malicious {
        true => text!("Sửa ghi chú dấu hiệu {value}", "Changed the note on the indicator {value}"),
        false => text!("Đánh giá dấu hiệu {value}: {vi}", "Judged the indicator {value}: {en}"),
    };
    record(work, incident, "indicator.edited", what, &[("indicators", id.to_string())]);
    Ok(())
}

/// Takes an indicator out; the journal keeps what it was and why it went.
pub async fn remove(work: &mut Work, incident: &IncidentId, id: &IndicatorId, form: &RemoveForm) -> Result<()> {
    take_to_write(work, incident).await?;
    let old = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    if !store::delete(&mut work.tx, id, version).await? {
        return Err(conflict(work, &old).await?);
    }
    let value = old.defanged();
    let what = text!("Bỏ dấu hiệu {value}: {reason}", "Removed the indicator {value}: {reason}");
    record(work, incident, "indicator.removed", what, &[("indicators", id.to_string())]);
    Ok(())
}

/// Takes the incident for someone who works on one of its open steps.
async fn take_to_write(work: &mut Work, incident: &IncidentId) -> Result<()> {
    let taken = take(work, incident).await?;
    let app = work.app.clone();
    let step = step_to_add(&work.actor, &app.pack.procedure, &taken.units, &taken.flow(), "findings");
    step.map(|_| ()).ok_or_else(no_open_step)
}

/// Writes those that the incident has not; the incident is taken, so nobody else writes between asking and writing.
async fn insert(
    work: &mut Work,
    incident: &IncidentId,
    facts: &Facts,
    found: &[detect::Indicator],
) -> Result<Vec<(&'static str, String)>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let app = work.app.clone();
    let known = store::list_known(&mut work.tx, incident, found).await?;
    let mut known: HashSet<(IndicatorKind, String)> = known.into_iter().collect();
    let mut new = Vec::new();
    for one in found {
        let kind = IndicatorKind::from(one.kind);
        if !known.insert((kind, one.value.clone())) {
            continue;
        }
        new.push(Indicator {
            id: IndicatorId::new(&app.chance, work.now),
            incident_id: incident.clone(),
            kind,
            value: one.value.clone(),
            note: facts.note.clone(),
            malicious: facts.malicious,
            source: facts.source.clone(),
            seen_at: facts.seen_at,
            added_at: work.now,
            added_by: work.actor.name.clone(),
            version: 1,
        });
    }
    if !new.is_empty() {
        store::insert(&mut work.tx, &new).await?;
    }
    Ok(new.into_iter().map(|it| ("indicators", it.id.0)).collect())
}

/// Somebody else judged it first: what is stored now, field by field.
async fn conflict(work: &mut Work, now: &Indicator) -> Result<Error> {
    let stream = incident_stream(now.incident_id.as_str());
    let (who, when) = last_writer(&mut work.tx, &stream, now.id.as_str()).await?.unwrap_or_default();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let theirs = vec![
        field("malicious", now.malicious.word()),
        field("note", &now.note),
        field("source", &now.source),
        field("seen_at", &now.seen_at.map(Time::to_field).unwrap_or_default()),
    ];
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}

/// What became of a paste, in words.
pub fn in_words(added: Added) -> Text {
    let Added { new, known } = added;
    match known {
        0 => text!("Đã thêm {new} dấu hiệu.", "Added {added}.", added = counted(new, "indicator", "indicators")),
        _ => text!(
            "Đã thêm {new} dấu hiệu; {known} dấu hiệu đã có từ trước.",
            "Added {added}; {known} already there.",
            added = counted(new, "indicator", "indicators"),
        ),
    }
}
