//! What waits for someone here: reports to approve, and reports that came back to whoever handed them in.

use futures::future::BoxFuture;
use ungcuu_kit::chance::id_floor;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::DAY;

use super::model::Review;
use super::review;
use super::store::sends::Lost;
use super::store::{self, InReview};
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::permission::Permission;
use crate::work::Look;

/// How long a letter that did not arrive is asked about.
const LOST: i64 = 30 * DAY;

/// Reports that wait for the reader's word.
pub fn approvals(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !look.actor.can(Permission::ReportApprove) {
            return Ok(Vec::new());
        }
        let waiting = store::list_in_review(&mut look.tx, Review::Submitted, None, WAITING).await?;
        let mut items = Vec::new();
        for row in waiting {
            let app = look.app.clone();
            let Some(form) = app.pack.form(&row.form) else { continue };
            if !review::may_approve(&look.actor, form, &row.unit_id, &row.owner_unit_id) {
                continue;
            }
            let Text { vi, en } = form.name.text();
            items.push(item(look, &row, WaitingKind::Decision, text!("Duyệt văn bản: {vi}", "Approve: {en}")));
        }
        Ok(items)
    })
}

/// Reports that the reader handed in and that were returned.
pub fn returned(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !look.actor.can(Permission::ReportWrite) {
            return Ok(Vec::new());
        }
        let writer = look.actor.name.clone();
        let back = store::list_in_review(&mut look.tx, Review::Returned, Some(&writer), WAITING).await?;
        let mut items = Vec::new();
        for row in back {
            let app = look.app.clone();
            let Some(form) = app.pack.form(&row.form) else { continue };
            let Text { vi, en } = form.name.text();
            items.push(item(
                look,
                &row,
                WaitingKind::Work,
                text!("Sửa văn bản bị trả lại: {vi}", "Mend what was returned: {en}"),
            ));
        }
        Ok(items)
    })
}

/// Letters with a report that did not arrive, for whoever sent them, until it went to that recipient once more.
pub fn lost(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !look.actor.can(Permission::ReportWrite) {
            return Ok(Vec::new());
        }
        let since = id_floor("let", look.now.plus(-LOST));
        let account = look.actor.account_id.clone();
        let rows = store::sends::list_lost(&mut look.tx, &account, &since, WAITING).await?;
        let item = |row: Lost| {
            let (party, number) = (&row.party, &row.number);
            let english = look.app.pack.named(party, Lang::En);
            WaitingItem {
                kind: WaitingKind::Work,
                title: text!(
                    "Gửi lại văn bản số {number}: thư đến {party} không tới nơi",
                    "Send number {number} again: the letter to {english} did not arrive"
                ),
                detail: format!("{} {}", row.code, row.title),
                who: look.actor.name.clone(),
                url: format!("/incidents/{}/reports/{}#sends", row.incident_id, row.report_id),
                due: None,
                since: row.changed_at,
                take: None,
            }
        };
        Ok(rows.into_iter().map(item).collect())
    })
}

fn item(look: &Look, row: &InReview, kind: WaitingKind, title: Text) -> WaitingItem {
    WaitingItem {
        kind,
        title,
        detail: format!("{} {}", row.code, row.title),
        who: if kind == WaitingKind::Work { look.actor.name.clone() } else { row.submitted_by.clone() },
        url: format!("/incidents/{}/reports/{}", row.incident_id, row.id),
        due: None,
        since: row.reviewed_at.filter(|_| kind == WaitingKind::Work).or(row.submitted_at).unwrap_or(look.now),
        take: None,
    }
}
