//! What waits for someone's word here: approvals, a summons, statements; and what they sent to others and is not answered.
//! What has a time limit (requests, directions, duties of the law, decisions, situation reports, calls to be made again)
//! waits with the other time limits.

use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::rights::speaks_for;
use super::store;
use super::store::waiting::Waits;
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::incident::IncidentId;
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
        let mine: Vec<Waits> = mine.map(|one| one.waits).collect();
        Ok(items(look, &mine, WaitingKind::Decision, "options", |_, title| {
            text!("Duyệt phương án: {title}", "Approve the option: {title}")
        }))
    })
}

/// Calls that the reader has not answered.
pub fn calls(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let person = look.actor.person_id.clone();
        let calls = store::waiting::calls(&mut look.tx, &person, WAITING).await?;
        Ok(items(look, &calls, WaitingKind::Work, "summons", |_, place| {
            text!("Trả lời triệu tập: {place}", "Answer the summons: {place}")
        }))
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
        Ok(items(look, &statements, WaitingKind::Decision, "statement", |_, title| {
            text!("Duyệt thông cáo: {title}", "Approve the statement: {title}")
        }))
    })
}

/// What the reader sent to units of ours and nobody has answered or acknowledged, and directions of theirs that are late.
/// What they asked of an outside body is a time limit of their own.
pub fn sent(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let (person, now) = (look.actor.person_id.clone(), look.now);
        let requests = store::waiting::requests_sent(&mut look.tx, &person, WAITING).await?;
        let directions = store::waiting::directions_given(&mut look.tx, &person, now, WAITING).await?;
        let mut found = items(look, &requests, WaitingKind::Answer, "requests", |who, what| {
            text!("Yêu cầu gửi {who}: {what}", "Request to {who}: {what}")
        });
        found.extend(items(look, &directions, WaitingKind::Answer, "direction", |who, what| {
            text!("Chỉ đạo {who}: {what}", "Direction to {who}: {what}")
        }));
        Ok(found)
    })
}

/// What an incident asks somebody's word about: the section that shows it, in words, and the unit that is asked.
pub async fn asked_in(look: &mut Look, incident: &IncidentId) -> Result<Vec<(String, Text, String)>> {
    let asked = store::waiting::asked_in(&mut look.tx, incident).await?;
    let words = |(section, what, who): (String, String, String)| {
        let words = match section.as_str() {
            "options" => text!("Duyệt phương án: {what}", "Approve the option: {what}"),
            _ => text!("Duyệt thông cáo: {what}", "Approve the statement: {what}"),
        };
        (section, words, who)
    };
    Ok(asked.into_iter().map(words).collect())
}

fn items(
    look: &Look,
    all: &[Waits],
    kind: WaitingKind,
    section: &str,
    title: impl Fn(&str, &str) -> Text,
) -> Vec<WaitingItem> {
    let item = |one: &Waits| WaitingItem {
        kind,
        title: title(&one.who, &text::brief(&one.what, SHORT)),
        detail: format!("{} {}", one.code, one.incident_title),
        who: if one.who.is_empty() { look.actor.name.clone() } else { one.who.clone() },
        url: format!("/incidents/{}/coordination#section-{section}", one.incident_id),
        due: one.due_at,
        since: one.since,
        take: None,
    };
    all.iter().take(WAITING as usize).map(item).collect()
}
