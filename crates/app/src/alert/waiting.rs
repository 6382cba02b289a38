//! What of intake waits for whoever looks, for their own page: the alerts they took and have not decided.

use futures::FutureExt;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;

use super::model::{AlertStatus, reading};
use super::store::{self, Filter, Owner};
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::permission::Permission;
use crate::work::Look;

/// The reader's open alerts, those to which the reporter added something first.
pub fn mine(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    async move {
        if !look.actor.can(Permission::AlertTriage) {
            return Ok(Vec::new());
        }
        let scope = reading(&look.actor);
        let filter = Filter { owner: Some(Owner::Person(look.actor.person_id.clone())), ..Filter::default() };
        let mut rows = store::list(&mut look.tx, &scope, &filter, WAITING).await?;
        rows.sort_by_key(|row| !row.has_news);
        let name = look.actor.name.clone();
        let item = |row: &super::model::AlertRow| {
            let code = &row.code;
            let title = match (row.has_news, row.status) {
                (true, _) => text!("Người báo nhắn thêm về tin {code}", "The reporter of {code} wrote again"),
                (false, AlertStatus::Verified) => text!("Mở sự cố từ tin {code}", "Open an incident from {code}"),
                (false, _) => text!("Xác minh tin {code}", "Verify alert {code}"),
            };
            WaitingItem {
                kind: WaitingKind::Work,
                title,
                detail: row.title.clone(),
                who: name.clone(),
                url: format!("/alerts/{}", row.id),
                due: None,
                since: row.received_at,
                take: None,
            }
        };
        Ok(rows.iter().map(item).collect())
    }
    .boxed()
}
