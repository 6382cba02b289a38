//! What is being handed to the reader and waits for their word.

use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::brief;

use super::store;
use crate::evidence::model::code;
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::permission::Permission;
use crate::work::Look;

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 80;

/// Things that are being handed to the reader or to their unit.
pub fn offered(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        // Whoever sees no incident answers no hand-over.
        if !look.actor.can(Permission::IncidentRead) {
            return Ok(Vec::new());
        }
        let app = look.app.clone();
        let mut units = vec![look.actor.unit_id.clone()];
        let reached = app.pack.functions.iter().flat_map(|function| look.actor.function_scope(&function.id).units);
        units.extend(reached);
        units.sort();
        units.dedup();
        let person = look.actor.person_id.clone();
        let found = store::list_offered(&mut look.tx, &person, &units).await?;
        let item = |one: store::Offered| {
            let (code, name) = (code(one.number), brief(&one.name, SHORT));
            WaitingItem {
                kind: WaitingKind::Work,
                title: text!("Nhận bàn giao {code}: {name}", "Take over {code}: {name}"),
                detail: format!("{} {}", one.incident_code, one.incident_title),
                who: one.holder,
                url: format!("/incidents/{}/evidence/{}/handover", one.incident_id, one.id),
                due: None,
                since: one.since,
                take: None,
            }
        };
        Ok(found.into_iter().map(item).take(WAITING as usize).collect())
    })
}
