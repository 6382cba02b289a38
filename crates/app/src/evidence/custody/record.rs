//! The custody record of an item: everything that a court or an auditor asks, on one sheet.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;

use super::pages::{ActLine, lines};
use super::store;
use crate::evidence::model::Evidence;
use crate::evidence::pages::readable_item;
use crate::evidence::recheck::{self, Check};
use crate::evidence::view::Line;
use crate::incident::{Frame, Incident};
use crate::journal;
use crate::page::Page;
use crate::web::Call;

/// How many checks the record names.
const CHECKS: i64 = 20;

/// What a custody record says. Other features lay it out as a document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustodyRecord {
    pub incident_code: String,
    pub incident_title: String,
    pub item: Evidence,
    /// The acts, the first on top.
    pub acts: Vec<ActLine>,
    /// The latest checks, newest first.
    pub checks: Vec<Check>,
    /// The last entry of the incident's journal, its number and hash.
    pub journal: Option<(i64, String)>,
}

/// The facts of an item's custody record. The caller has asked whether the reader may see the item.
pub async fn custody_record(tx: &mut Tx, incident: &Incident, item: Evidence) -> Result<CustodyRecord> {
    let acts = store::list_acts(tx, &item.id).await?;
    let photos = store::list_photos(tx, &item.id).await?;
    let mut acts = lines(acts, photos);
    acts.reverse();
    Ok(CustodyRecord {
        incident_code: incident.code.clone(),
        incident_title: incident.title.clone(),
        acts,
        checks: recheck::store::list(tx, &item.id, CHECKS).await?,
        journal: journal::head(tx, &journal::incident_stream(incident.id.as_str())).await?,
        item,
    })
}

/// The record as a page that prints.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/record.html")]
pub struct RecordView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    record: CustodyRecord,
    #[serde(skip)]
    line: Line,
}

/// `GET …/record`
pub async fn show(call: Call) -> Result<RecordView> {
    let mut look = call.look().await?;
    let (incident, item) = readable_item(&mut look, &call).await?;
    let code = item.code();
    let p = Page::new(&call, &mut look, text!("Biên bản theo dõi {code}", "Custody record of {code}")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let app = look.app.clone();
    let line = Line::new(item.clone(), &app.pack, p.lang);
    Ok(RecordView { record: custody_record(&mut look.tx, &incident, item).await?, line, p, frame })
}
