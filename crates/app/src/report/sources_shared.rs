//! What a report can know from what people found, told and asked: alerts, evidence, disclosures, requests.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::facts::{Fact, Facts, Mark};
use super::sources::of_incident;
use super::store::{dossier, facts as store, said};
use crate::actor::Actor;
use crate::evidence;
use crate::incident::Incident;
use crate::pack::{FunctionSource, Pack};
use crate::permission::Permission;

/// Notes what the features around an incident know. Evidence only for a writer who may read it.
pub async fn note(tx: &mut Tx, facts: &mut Facts, pack: &Pack, actor: &Actor, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let sources = store::list_alert_sources(tx, &incident.id).await?;
    let marks = sources.into_iter().map(|(id,)| Mark::new(id.clone(), label(pack, "alert_sources", &id)));
    facts.note("incident.detection_methods", Fact::Marks(marks.collect()), &from);
    if evidence::may(tx, actor, Permission::EvidenceRead, &incident.id).await? {
        note_evidence(tx, facts, pack, incident).await?;
    }
    note_disclosures(tx, facts, pack, incident).await?;
    let requests = said::list_requests(tx, &incident.id).await?.rows;
    let line = |request: &said::RequestLine| {
        format!("- {} ({}): {}", request.unit_name, label(pack, "request_kinds", &request.kind), request.text)
    };
    facts.note("incident.requests", Fact::Lines(requests.iter().map(line).collect()), &from);
    Ok(())
}

/// The label of a list's choice; the id where the pack no longer has it.
fn label(pack: &Pack, list: &str, id: &str) -> String {
    pack.lists.item(list, id).map_or(id, |item| item.label.vi.as_str()).to_owned()
}

async fn note_evidence(tx: &mut Tx, facts: &mut Facts, pack: &Pack, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let mut items = dossier::list_evidence(tx, &incident.id).await?.rows;
    items.retain(|item| item.void_reason.is_empty());
    let line = |item: &dossier::EvidenceLine| match &item.sha256 {
        Some(sha256) => format!("CC-{:02} – {} (SHA-256 {sha256})", item.number, item.name),
        None => format!("CC-{:02} – {}", item.number, item.name),
    };
    facts.note("incident.evidence", Fact::Lines(items.iter().map(line).collect()), &from);
    let custody = |item: &dossier::EvidenceLine| {
        let mut words = vec![label(pack, "evidence_kinds", &item.kind), line(item)];
        words.extend(item.system_name.iter().map(|system| format!("thu từ {system}")));
        if !item.collected_by.is_empty() {
            let at = item.collected_at.unwrap_or(item.added_at).to_minute();
            words.push(format!("{} thu lúc {at}", item.collected_by));
        }
        words.join("; ")
    };
    facts.note("incident.custody", Fact::Lines(items.iter().map(custody).collect()), &from);
    let kinds = items.iter().map(|item| Mark::new(item.kind.clone(), label(pack, "evidence_kinds", &item.kind)));
    facts.note("incident.attachments", Fact::Marks(kinds.collect()), &from);
    Ok(())
}

async fn note_disclosures(tx: &mut Tx, facts: &mut Facts, pack: &Pack, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let mut told = said::list_disclosures(tx, &incident.id).await?.rows;
    told.retain(|line| line.sort == "told" && !line.struck);
    let marks = told.iter().map(|line| {
        let name = line.unit_name.clone().unwrap_or_else(|| line.party.clone());
        Mark { ids: functions(pack, incident, line), words: name }
    });
    facts.note("incident.notified", Fact::Marks(marks.collect()), &from);
    if let Some(next) = told.iter().filter_map(|line| line.next_due).max() {
        facts.note("report.next_at", Fact::Moment(next), &from);
    }
    Ok(())
}

/// The functions of the plan that a unit that was told plays: by its code in the pack, as owner or as operator.
fn functions(pack: &Pack, incident: &Incident, line: &said::DisclosureLine) -> Vec<String> {
    let plays = |function: &&crate::pack::Function| {
        let is = |unit: &crate::org::UnitId| line.unit_id.as_deref() == Some(unit.as_str());
        let by_code = line.unit_code.is_some() && function.unit == line.unit_code;
        by_code
            || (function.from == Some(FunctionSource::Owner) && is(&incident.owner_unit_id))
            || (function.from == Some(FunctionSource::Operator) && is(&incident.unit_id))
    };
    pack.functions.iter().filter(plays).map(|function| function.id.clone()).collect()
}
