//! Writing down what was found out.

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;

use super::pages::TextForm;
use super::{Key, Narrative, keys_of, store};
use crate::incident::actions::{find_step, record, take_step};
use crate::incident::model::{Incident, PartId, Standing};
use crate::incident::work::place::At;
use crate::incident::work::review;
use crate::work::Work;

/// Writes a text, unless someone else wrote it since it was read. The first description also becomes the incident's.
pub async fn write(work: &mut Work, at: &At, key: Key, form: &TextForm) -> Result<()> {
    let mut taken = take_step(work, &at.incident, &at.step, Standing::Supports).await?;
    let step = find_step(work, &at.step)?;
    let asked = step.sections.iter().any(|section| match section.as_str() {
        "findings" => keys_of(&work.app.pack.procedure, &step).contains(&key),
        "review" => review::KEYS.contains(&key),
        _ => false,
    });
    if !asked {
        return Err(Error::NotFound);
    }
    let mut checks = Checks::new();
    let version = checks.number("version", &form.version, 0, i64::MAX);
    // An incident is never without a description; the other texts may be taken back.
    let words = match key {
        Key::Summary => checks.area("text", &form.text),
        _ => checks.area_or_empty("text", &form.text),
    };
    checks.done()?;
    let stored = store::list(&mut work.tx, &at.incident).await?.into_iter().find(|narrative| narrative.key == key);
    let present = stored.as_ref().map_or(0, |narrative| narrative.version);
    if version != present {
        return Err(conflict(stored, &taken.incident, key));
    }
    let narrative = Narrative {
        id: stored.as_ref().map_or_else(|| PartId::new(&work.app.chance, work.now), |stored| stored.id.clone()),
        key,
        text: words.clone(),
        changed_at: work.now,
        changed_by: work.actor.name.clone(),
        version: present,
    };
    match stored {
        Some(_) => store::save(&mut work.tx, &narrative).await?,
        None => store::insert(&mut work.tx, &at.incident, &narrative).await?,
    }
    if key == Key::Summary && taken.incident.summary != words {
        taken.incident.summary = words;
        taken.incident.changed_at = work.now;
        crate::incident::store::save(&mut work.tx, &mut taken.incident).await?;
    }
    let label = key.label();
    let (vi, en) = (&label.vi, &label.en);
    let rows = [("incident_narratives", narrative.id.to_string())];
    // The description is one of the incident's own facts; whoever edits those at the same time is told who wrote it.
    let act = if key == Key::Summary { "incident.described" } else { "incident.finding_written" };
    record(work, &at.incident, act, text!("Ghi “{vi}”", "Wrote “{en}”"), &rows);
    Ok(())
}

fn conflict(stored: Option<Narrative>, incident: &Incident, key: Key) -> Error {
    let Some(stored) = stored else { return Error::Conflict(Box::default()) };
    let theirs = if key == Key::Summary { incident.summary.clone() } else { stored.text };
    Error::Conflict(Box::new(Conflict {
        who: stored.changed_by,
        when: stored.changed_at,
        theirs: vec![("text".to_owned(), theirs)],
    }))
}
