//! What was kept long enough, and the acts by which evidence ends.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::store::{self, Due};
use super::{ReasonForm, agree as destroy, years_before};
use crate::evidence::model::{EvidenceId, code};
use crate::incident::IncidentId;
use crate::page::Page;
use crate::permission::Permission::EvidenceRead;
use crate::web::{Call, Done};

/// How many items a page shows.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DueQuery {
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

/// An item that was kept long enough, with the words of the plan.
#[derive(Serialize, JsonSchema)]
pub struct DueLine {
    #[serde(flatten)]
    due: Due,
    /// `CC-01`.
    code: String,
    #[serde(skip)]
    kind_name: String,
    /// For how many years the plan keeps this kind.
    years: i64,
}

impl DueLine {
    fn href(&self) -> String {
        format!("/incidents/{}/evidence/{}#ending", self.due.incident_id, self.due.id)
    }
}

/// Items whose time of keeping is over.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/disposal.html")]
pub struct Disposal {
    #[serde(skip)]
    p: Page,
    items: Vec<DueLine>,
    /// The cursor of the next page.
    next: Option<String>,
    /// Kinds of evidence and for how many years the plan keeps them.
    #[serde(skip)]
    rules: Vec<(String, Option<i64>)>,
}

pub async fn list(call: Call) -> Result<Disposal> {
    let query: DueQuery = call.query()?;
    let mut look = call.look().await?;
    let app = look.app.clone();
    let kinds = &app.pack.lists.evidence_kinds;
    let over = kinds.iter().filter_map(|kind| Some((kind.id.clone(), years_before(look.now, kind.keep_years?))));
    let over: Vec<_> = over.collect();
    let scope = look.actor.scope(EvidenceRead);
    let mut found = store::list_due(&mut look.tx, &scope, &over, &query.after, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let p = Page::new(&call, &mut look, Text::new("Chứng cứ hết hạn giữ", "Evidence kept long enough")).await?;
    let line = |due: Due| {
        let kind = app.pack.lists.item("evidence_kinds", &due.kind);
        DueLine {
            code: code(due.number),
            kind_name: kind.map(|kind| kind.label.get(p.lang).to_owned()).unwrap_or_default(),
            years: kind.and_then(|kind| kind.keep_years).unwrap_or_default(),
            due,
        }
    };
    Ok(Disposal {
        next: found.last().filter(|_| more).map(|due| due.id.to_string()),
        items: found.into_iter().map(line).collect(),
        rules: kinds.iter().map(|kind| (kind.label.get(p.lang).to_owned(), kind.keep_years)).collect(),
        p,
    })
}

/// A form with nothing in it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Nothing {}

fn place(call: &Call) -> Result<(IncidentId, EvidenceId, String)> {
    let (incident, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let url = format!("/incidents/{incident}/evidence/{item}");
    Ok((incident, item, url))
}

pub async fn hold(call: Call, form: ReasonForm) -> Result<Done> {
    let (incident, item, url) = place(&call)?;
    let mut work = call.work().await?;
    super::hold(&mut work, &incident, &item, &form).await?;
    let said = Text::new("Đã ra lệnh giữ; chứng cứ này không tiêu huỷ được.", "On hold; it cannot be destroyed.");
    Ok(work.done(url).await?.saying(said))
}

pub async fn release(call: Call, form: ReasonForm) -> Result<Done> {
    let (incident, item, url) = place(&call)?;
    let mut work = call.work().await?;
    super::release(&mut work, &incident, &item, &form).await?;
    Ok(work.done(url).await?.saying(Text::new("Đã bỏ lệnh giữ.", "The hold was lifted.")))
}

pub async fn propose(call: Call, form: ReasonForm) -> Result<Done> {
    let (incident, item, url) = place(&call)?;
    let mut work = call.work().await?;
    super::propose(&mut work, &incident, &item, &form).await?;
    let said = Text::new("Đã đề nghị; chờ người thứ hai đồng ý.", "Proposed; a second person has to agree.");
    Ok(work.done(url).await?.saying(said))
}

pub async fn decline(call: Call, form: ReasonForm) -> Result<Done> {
    let (incident, item, url) = place(&call)?;
    let mut work = call.work().await?;
    super::decline(&mut work, &incident, &item, &form).await?;
    Ok(work.done(url).await?.saying(Text::new("Đã bỏ đề nghị tiêu huỷ.", "The proposal was taken away.")))
}

/// The second word. The bytes go only after the act is committed; should the machine stop in between, the mark that is
/// left now lets [`crate::leftover`] finish it.
pub async fn agree(call: Call, _: Nothing) -> Result<Done> {
    let (incident, item, url) = place(&call)?;
    let blobs = &call.app.blobs;
    let mut look = call.look().await?;
    let known = crate::evidence::store::find(&mut look.tx, &incident, &item).await?;
    drop(look);
    let seen = match known.and_then(|item| item.sha256) {
        Some(sha256) => blobs.came_in(&sha256).await?,
        None => None,
    };
    let mut work = call.work().await?;
    let file = destroy(&mut work, &incident, &item).await?;
    if let Some(sha256) = &file {
        blobs.doubt(sha256);
    }
    let done = work.done(url).await?;
    if let Some(sha256) = &file {
        blobs.remove(sha256, seen).await?;
    }
    let said =
        Text::new("Đã tiêu huỷ theo biên bản; số và mã băm vẫn còn trong sổ.", "Destroyed; number and hash stay.");
    Ok(done.saying(said))
}
