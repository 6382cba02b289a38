//! Proposals to destroy evidence that wait for a second person.

use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::brief;

use super::store;
use crate::evidence::model::code;
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::permission::Permission::EvidenceAdd;
use crate::work::Look;

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 80;

/// What others proposed to destroy.
pub fn proposed(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let scope = look.actor.scope(EvidenceAdd);
        if scope.is_empty() {
            return Ok(Vec::new());
        }
        let account = look.actor.account_id.to_string();
        let found = store::list_proposed(&mut look.tx, &scope, &account, WAITING).await?;
        let item = |one: store::Due| {
            let (code, name) = (code(one.number), brief(&one.name, SHORT));
            WaitingItem {
                kind: WaitingKind::Decision,
                title: text!("Đồng ý tiêu huỷ {code}: {name}", "Agree to destroy {code}: {name}"),
                detail: format!("{} {}", one.incident_code, one.incident_title),
                who: one.disposal_by,
                url: format!("/incidents/{}/evidence/{}#ending", one.incident_id, one.id),
                due: None,
                since: one.disposal_at.unwrap_or_default(),
                take: None,
            }
        };
        Ok(found.into_iter().map(item).collect())
    })
}
