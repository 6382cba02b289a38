//! The incident's journal: every change, who, when, chained.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::super::actions;
use super::super::frame::{Frame, may_read_journal};
use super::super::model::IncidentId;
use crate::actor::not_allowed;
use crate::journal::{self, Entry, incident_stream};
use crate::page::Page;
use crate::web::Call;

/// Entries on one page.
const SHOWN: usize = 50;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/journal.html")]
pub struct JournalView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    entries: Vec<Entry>,
    /// Where the next entries begin: `?after=`.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

pub async fn journal(call: Call) -> Result<JournalView> {
    let id: IncidentId = call.param("id")?;
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Nhật ký sự cố", "The incident's journal")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "journal").await?;
    if !may_read_journal(&look, &frame.units, &look.app.pack.procedure) {
        return Err(not_allowed());
    }
    let before = asked.after.parse().unwrap_or(i64::MAX);
    let stream = incident_stream(id.as_str());
    let mut entries = journal::list(&mut look.tx, &stream, before, SHOWN as i64 + 1).await?;
    let next = (entries.len() > SHOWN).then(|| entries[SHOWN - 1].seq.to_string());
    entries.truncate(SHOWN);
    Ok(JournalView { entries, next, frame, p })
}
