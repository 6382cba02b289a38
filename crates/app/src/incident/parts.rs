//! What an incident is given when it opens and with each new round: the units that play a part, its systems, its
//! checklists and checks.

use ungcuu_kit::error::Result;

use super::model::{Incident, IncidentId, PartId};
use super::store;
use crate::org::UnitId;
use crate::pack::{FunctionScope, FunctionSource};
use crate::system::SystemId;
use crate::work::Work;

type NamedRow = (&'static str, String);

/// Who plays which function in this incident, as the pack says: the system's operator and owner, the fixed units of the
/// locality that lead or support some step.
pub async fn playing(work: &mut Work, incident: &Incident) -> Result<Vec<(String, UnitId)>> {
    let pack = work.app.clone();
    let pack = &pack.pack;
    let mut playing = Vec::new();
    for function in &pack.functions {
        let taking_part = pack
            .procedure
            .steps
            .iter()
            .any(|step| step.lead.contains(&function.id) || step.support.contains(&function.id));
        match (function.scope, function.from, &function.unit) {
            (FunctionScope::Incident, Some(FunctionSource::Operator), _) => {
                playing.push((function.id.clone(), incident.unit_id.clone()));
            }
            (FunctionScope::Incident, Some(FunctionSource::Owner), _) => {
                playing.push((function.id.clone(), incident.owner_unit_id.clone()));
            }
            (FunctionScope::Locality, _, Some(code)) if taking_part => {
                if let Some(unit) = crate::org::unit_by_code(&mut work.tx, code).await? {
                    playing.push((function.id.clone(), unit));
                }
            }
            _ => {}
        }
    }
    Ok(playing)
}

/// A system touched by the incident.
pub async fn insert_system(
    work: &mut Work,
    incident: &IncidentId,
    system: &SystemId,
    effect: &str,
) -> Result<NamedRow> {
    let id = PartId::new(&work.app.chance, work.now);
    store::parts::insert_system(&mut work.tx, &id, incident, system, effect, work.now).await?;
    Ok(("incident_systems", id.to_string()))
}

/// The first actions of the scenario, for every step that has a checklist, and the checks of the first round.
pub async fn insert_checklists(work: &mut Work, incident: &Incident) -> Result<Vec<NamedRow>> {
    let app = work.app.clone();
    let mut rows = Vec::new();
    let steps = app.pack.procedure.steps.iter();
    for step in steps.filter(|step| step.sections.iter().any(|section| section == "checklist")) {
        for (position, item) in (1_i64..).zip(app.pack.checklist_of(&incident.scenario)) {
            let id = PartId::new(&app.chance, work.now);
            store::parts::insert_checklist_item(&mut work.tx, &id, &incident.id, &step.id, position, item).await?;
            rows.push(("checklist_items", id.to_string()));
        }
    }
    rows.extend(insert_round(work, incident).await?);
    Ok(rows)
}

/// The checks of the present round.
pub async fn insert_round(work: &mut Work, incident: &Incident) -> Result<Vec<NamedRow>> {
    let app = work.app.clone();
    let mut rows = Vec::new();
    for (position, item) in (1_i64..).zip(&app.pack.lists.verification_checks) {
        let id = PartId::new(&app.chance, work.now);
        store::parts::insert_check(&mut work.tx, &id, incident, position, item).await?;
        rows.push(("verification_checks", id.to_string()));
    }
    Ok(rows)
}
