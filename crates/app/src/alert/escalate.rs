//! From alert to incident: open one, choosing what to carry over, or join one that is open.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::model::{Act, Alert, AlertFile, AlertId};
use super::triage::{claim, decide};
use super::{signs, store};
use crate::evidence::{Facts, NewItem, StoredFile, add_stored, step_to_add};
use crate::incident::actions::{self, NewIncident};
use crate::incident::{Incident, IncidentId, lookup, timeline};
use crate::indicator;
use crate::permission::Permission;
use crate::work::Work;

/// What goes along with an alert into the incident.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carry {
    /// Its files are shown with the incident, and become its evidence when the actor works on an open step.
    pub files: bool,
    /// The signs found in it become indicators of the incident.
    pub signs: bool,
    /// Who reported stands in the incident's timeline.
    pub contact: bool,
}

/// Opens an incident from an alert.
pub async fn open(work: &mut Work, id: &AlertId, version: &Raw, new: NewIncident, carry: Carry) -> Result<Incident> {
    let alert = claim(work, id, version).await?;
    // Asked before anything is written, so that the sentence is about the alert.
    alert.status.after(Act::Open).map_err(Error::NotNow)?;
    let incident = actions::open(work, new).await?;
    let code = incident.code.clone();
    attach(work, alert, &incident, carry, text!("Mở sự cố {code}", "Opened incident {code}")).await?;
    Ok(incident)
}

/// Puts an alert behind an open incident.
pub async fn join(work: &mut Work, id: &AlertId, version: &Raw, code: &str, carry: Carry) -> Result<Incident> {
    let alert = claim(work, id, version).await?;
    alert.status.after(Act::Open).map_err(Error::NotNow)?;
    let code = code.trim().to_uppercase();
    let actor = work.actor.clone();
    let found = lookup::find_by_code(&mut work.tx, &actor, &code).await?.ok_or_else(|| {
        let words = text!("Không có sự cố nào mang số {code}.", "No incident has the number {code}.");
        Error::field("incident", words)
    })?;
    let taken = actions::take(work, &found.id).await?;
    attach(work, alert, &taken.incident, carry, text!("Nhập vào sự cố {code}", "Joined incident {code}")).await?;
    Ok(taken.incident)
}

async fn attach(work: &mut Work, mut alert: Alert, incident: &Incident, carry: Carry, what: Text) -> Result<()> {
    let mut rows = Vec::new();
    let mut theirs = Vec::new();
    if carry.files {
        let files = store::list_files(&mut work.tx, &alert.id).await?;
        if !files.is_empty() {
            store::carry_files(&mut work.tx, &alert.id).await?;
            rows.extend(files.iter().map(|file| ("alert_files", file.id.to_string())));
            theirs.extend(add_evidence(work, &alert, incident, files).await?);
        }
    }
    if carry.signs {
        let code = alert.code.clone();
        theirs.extend(indicator::add_all(work, &incident.id, &code, &signs::of(&alert)).await?);
    }
    // What was merged into the alert belongs to the same incident.
    let merged: Vec<AlertId> =
        store::list_merged_ids(&mut work.tx, &alert.id).await?.into_iter().map(|(id,)| id).collect();
    if !merged.is_empty() {
        store::put_behind(&mut work.tx, &merged, &incident.id).await?;
        rows.extend(merged.iter().map(|id| ("alerts", id.to_string())));
    }
    remember(work, &alert, &incident.id, carry, theirs).await?;
    alert.incident_id = Some(incident.id.clone());
    alert.verified_at = alert.verified_at.or(Some(work.now));
    if alert.owner_id.is_none() {
        alert.owner_id = Some(work.actor.person_id.clone());
    }
    decide(work, alert, Act::Open, "alert.opened", what, rows).await?;
    Ok(())
}

/// Makes the alert's files evidence of the incident, in an open step that the actor works on; who works on none leaves
/// that to those who do, and the files stay where they are, named by the incident's page.
async fn add_evidence(
    work: &mut Work,
    alert: &Alert,
    incident: &Incident,
    files: Vec<AlertFile>,
) -> Result<Vec<(&'static str, String)>> {
    if !work.actor.can(Permission::EvidenceAdd) {
        return Ok(Vec::new());
    }
    let taken = actions::take(work, &incident.id).await?;
    let procedure = &work.app.clone().pack.procedure;
    let Some(step) = step_to_add(&work.actor, procedure, &taken.units, &taken.flow(), "evidence") else {
        return Ok(Vec::new());
    };
    let (code, title) = (&alert.code, &alert.title);
    let item = |file: AlertFile| NewItem {
        name: file.name,
        file: Some(StoredFile { sha256: file.file_id, md5: None, size: file.size, media_type: file.media_type }),
        facts: Facts {
            description: title.clone(),
            source: code.clone(),
            collected_at: Some(file.added_at),
            collected_by: file.added_by,
            ..Facts::default()
        },
        ..NewItem::default()
    };
    let added = add_stored(work, &incident.id, &step.id, files.into_iter().map(item).collect()).await?;
    Ok(added.rows)
}

/// Notes in the incident's timeline where it came from.
async fn remember(
    work: &mut Work,
    alert: &Alert,
    incident: &IncidentId,
    carry: Carry,
    mut rows: Vec<(&'static str, String)>,
) -> Result<()> {
    let (code, title, at) = (&alert.code, &alert.title, alert.received_at.to_minute());
    let place = alert.place.trim();
    let came = if place.is_empty() {
        text!("Tin báo {code} nhận lúc {at}: {title}", "Alert {code} received at {at}: {title}")
    } else {
        text!(
            "Tin báo {code} nhận lúc {at}: {title} (nơi: {place})",
            "Alert {code} received at {at}: {title} (place: {place})"
        )
    };
    rows.push(timeline::note(work, incident, "alert", came).await?);
    if carry.contact && alert.has_reporter() {
        let parts = [&alert.reporter_name, &alert.reporter_phone, &alert.reporter_email];
        let contact: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        let contact = contact.join(", ");
        let who = text!("Người báo: {contact}", "Reported by: {contact}");
        rows.push(timeline::note(work, incident, "message", who).await?);
    }
    let what = text!("Nhập tin báo {code}", "Took in alert {code}");
    actions::record(work, incident, "alert.joined", what, &rows);
    Ok(())
}
