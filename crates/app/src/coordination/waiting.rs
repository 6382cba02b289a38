//! What waits for someone here: approvals, a summons, directions and requests to them or their unit, statements.

use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::rights::speaks_for;
use super::store;
use super::store::waiting::Waits;
use crate::feature::{WAITING, WaitingItem};
use crate::incident::IncidentId;
use crate::org::UnitId;
use crate::permission::Permission;
use crate::work::Look;

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 80;

/// Options that wait for the reader's word as the owner.
pub fn proposals(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let owners = look.actor.scope(Permission::IncidentApprove);
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        let waiting = store::waiting::proposals(&mut look.tx, &owners).await?;
        let incidents: Vec<IncidentId> = waiting.iter().map(|one| one.waits.incident_id.clone()).collect();
        let played = store::waiting::owner_functions(&mut look.tx, &incidents).await?;
        let app = look.app.clone();
        let mine = waiting.into_iter().filter(|one| {
            let here = played.iter().filter(|(incident, _)| *incident == one.waits.incident_id);
            let here: Vec<&str> = here.map(|(_, function)| function.as_str()).collect();
            speaks_for(&app.pack, &look.actor, &one.owner_unit_id, &one.owner_code, &here)
        });
        let items = mine.map(|one| {
            let title = &one.waits.what;
            item(&one.waits, "options", text!("Duyệt phương án: {title}", "Approve the option: {title}"))
        });
        Ok(items.take(most()).collect())
    })
}

/// Calls that the reader has not answered.
pub fn calls(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let person = look.actor.person_id.clone();
        let calls = store::waiting::calls(&mut look.tx, &person, WAITING).await?;
        Ok(items(&calls, "summons", |place| text!("Trả lời triệu tập: {place}", "Answer the summons: {place}")))
    })
}

/// Requests that the reader's units have not answered.
pub fn requests(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !look.actor.can(Permission::IncidentSupport) {
            return Ok(Vec::new());
        }
        let units = own_units(look).await?;
        let requests = store::waiting::requests(&mut look.tx, &units, WAITING).await?;
        Ok(items(&requests, "requests", |what| text!("Yêu cầu gửi đơn vị: {what}", "Request to your unit: {what}")))
    })
}

/// Directions to the reader or their units that are not carried out.
pub fn directions(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let person = look.actor.person_id.clone();
        let mut directions = store::waiting::directions_to_person(&mut look.tx, &person, WAITING).await?;
        if look.actor.can(Permission::IncidentSupport) {
            let units = own_units(look).await?;
            directions.extend(store::waiting::directions_to_units(&mut look.tx, &units, WAITING).await?);
        }
        Ok(items(&directions, "direction", |what| text!("Ý kiến chỉ đạo: {what}", "Direction: {what}")))
    })
}

/// Statements that wait for the reader's approval.
pub fn statements(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !look.actor.can(Permission::IncidentDirect) {
            return Ok(Vec::new());
        }
        let scope = look.actor.scope(Permission::IncidentRead);
        let statements = store::waiting::statements(&mut look.tx, &scope, WAITING).await?;
        Ok(items(&statements, "statement", |title| text!("Duyệt thông cáo: {title}", "Approve the statement: {title}")))
    })
}

/// The units whose people the reader is: their own, those their functions reach, those the pack names for a function
/// that they act for everywhere.
async fn own_units(look: &mut Look) -> Result<Vec<UnitId>> {
    let app = look.app.clone();
    let mut units = vec![look.actor.unit_id.clone()];
    let mut codes = Vec::new();
    for function in &app.pack.functions {
        let scope = look.actor.function_scope(&function.id);
        units.extend(scope.units);
        if scope.everywhere {
            codes.extend(app.pack.units_of_function(&function.id).into_iter().map(|unit| unit.id.clone()));
        }
    }
    if !codes.is_empty() {
        units.extend(store::list_units_by_code(&mut look.tx, &codes).await?.into_iter().map(|unit| unit.id));
    }
    units.sort();
    units.dedup();
    Ok(units)
}

fn items(all: &[Waits], section: &str, title: impl Fn(&str) -> Text) -> Vec<WaitingItem> {
    all.iter().take(most()).map(|one| item(one, section, title(&short(&one.what)))).collect()
}

fn item(waits: &Waits, section: &str, title: Text) -> WaitingItem {
    let id = &waits.incident_id;
    WaitingItem {
        title,
        detail: format!("{} {}", waits.code, waits.incident_title),
        url: format!("/incidents/{id}/coordination#section-{section}"),
        due: waits.due_at,
        since: waits.since,
    }
}

/// The first line, cut where a list would cut it anyway.
fn short(words: &str) -> String {
    let line = words.lines().next().unwrap_or_default();
    if line.chars().count() <= SHORT {
        return line.to_owned();
    }
    line.chars().take(SHORT).chain(['…']).collect()
}

fn most() -> usize {
    usize::try_from(WAITING).unwrap_or(50)
}
