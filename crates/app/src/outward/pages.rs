//! The page of the copies for outside, and the files.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_util::io::ReaderStream;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::{self, CopyForm};
use super::model::{Content, OutwardCopy};
use super::{CopyId, store};
use crate::coordination::levels::{latest_of, strictest_of};
use crate::coordination::reach;
use crate::coordination::wall::Level;
use crate::evidence;
use crate::incident::actions::see;
use crate::incident::{Frame, IncidentId};
use crate::page::Page;
use crate::permission::Permission::{EvidenceRead, IncidentDirect, JournalRead, ReportWrite};
use crate::web::{Call, Done};

/// The copies that were made for outside.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "outward/html/list.html")]
pub struct List {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    /// The latest first, a hundred at most.
    copies: Vec<CopyLine>,
    /// How far the incident may go, and the strictest marking of anything in it.
    tlp: Level,
    strictest: Level,
    /// Whether the reader may make one.
    may_make: bool,
    #[serde(skip)]
    contents: Vec<(String, String)>,
    #[serde(skip)]
    units: Vec<(String, String)>,
    #[serde(skip)]
    levels: Vec<(String, String)>,
}

/// A copy as the list shows it.
#[derive(Serialize, JsonSchema)]
struct CopyLine {
    #[serde(flatten)]
    copy: OutwardCopy,
    /// Whether something in it may have been marked more strictly since: then it goes nowhere any more.
    outdated: bool,
}

impl List {
    fn path(&self) -> String {
        format!("/incidents/{}/outward", self.frame.incident.id)
    }

    fn full(&self) -> bool {
        self.copies.len() == store::SHOWN
    }
}

pub async fn list(call: Call) -> Result<List> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let p = Page::new(&call, &mut look, Text::new("Bản lập cho bên ngoài", "Copies for outside")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "dossier").await?;
    let actor = look.actor.clone();
    let reads_evidence = evidence::may(&mut look.tx, &actor, EvidenceRead, &incident.id).await?;
    let contents = Content::ALL.iter().filter(|content| reads_evidence || **content != Content::EvidenceCsv);
    let now = look.now;
    let units = reach::list_outside(&mut look.tx, now).await?;
    let tlp = Level::of(&incident.tlp);
    let marked = latest_of(&mut look.tx, &incident.id).await?;
    let line = |copy: OutwardCopy| CopyLine { outdated: copy.is_outdated(tlp, &marked), copy };
    // RED goes to nobody outside, so it is not offered.
    let levels = Level::ALL.iter().filter(|level| **level < Level::Red);
    Ok(List {
        copies: store::list(&mut look.tx, &incident.id).await?.into_iter().map(line).collect(),
        tlp,
        strictest: strictest_of(&mut look.tx, &incident).await?,
        may_make: actor.can_in(ReportWrite, &incident.unit_id),
        contents: contents.map(|content| (content.word().to_owned(), p.say(&content.label()))).collect(),
        units: units.into_iter().map(|unit| (unit.id.to_string(), p.named(&unit.name).to_owned())).collect(),
        levels: levels.map(|level| (level.word().to_owned(), p.say(&level.label()))).collect(),
        p,
        frame,
    })
}

pub async fn make(call: Call, form: CopyForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let copy = actions::make(&call.app, call.actor()?, &id, &form, call.lang).await?;
    let (level, left_out) = (copy.ceiling.label().vi, copy.left_out);
    let said = text!(
        "Đã lập bản đến mức {level}; {left_out} mục ở mức chặt hơn không có trong bản này.",
        "The copy is made up to {level}; {left_out} left out as marked more strictly."
    );
    let result = serde_json::json!({ "id": copy.id, "left_out": copy.left_out, "tlp": copy.tlp });
    Ok(Done::to(format!("/incidents/{id}/outward")).saying(said).with(result))
}

/// The file, as it was made. Once something in it was marked more strictly it is a record of what was made, for those who
/// direct the incident or check the records, and not for passing on.
pub async fn file(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: CopyId = call.param("copy")?;
    let copy = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let actor = look.actor.clone();
    let of_evidence = copy.content == Content::EvidenceCsv;
    if of_evidence && !evidence::may(&mut look.tx, &actor, EvidenceRead, &incident.id).await? {
        return Err(Error::NotFound);
    }
    let marked = latest_of(&mut look.tx, &incident.id).await?;
    let checks = actor.can(IncidentDirect) || actor.can(JournalRead);
    if copy.is_outdated(Level::of(&incident.tlp), &marked) && !checks {
        return Err(Error::not_now(
            "Có nội dung được nâng mức chia sẻ sau khi lập bản này nên không lấy ra gửi được nữa. Hãy lập bản mới.",
            "Something was marked more strictly after this copy was made, so it is not handed out any more. Make a new one.",
        ));
    }
    drop(look);
    let file = call.app.blobs.open_file(&copy.file_id).await?;
    let name = format!("attachment; filename=\"{}\"", copy.file_name(&incident.code));
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static(copy.content.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((fixed, Body::from_stream(ReaderStream::new(file))).into_response())
}
