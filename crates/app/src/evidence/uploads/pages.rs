//! The files one has on their way into an incident, and what a page or a program sends for them.

use askama::Template;
use axum::body::Body;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::{BeginForm, Coming, PIECE, UploadId, append as add_piece, begin as begin_file, store};
use crate::evidence::actions::may_add;
use crate::incident::actions::see;
use crate::incident::{Frame, IncidentId};
use crate::page::Page;
use crate::web::{Call, Done};

/// How many files the page shows.
const SHOWN: i64 = 300;

/// The files the reader has on their way into an incident.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/uploads.html")]
pub struct Uploads {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    files: Vec<Coming>,
    /// The longest piece that is taken, in bytes.
    piece: i64,
}

/// `GET /incidents/{id}/uploads`: also how a program asks where to go on.
pub async fn list(call: Call) -> Result<Uploads> {
    let account = call.actor()?.account_id.clone();
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let mut files = store::list(&mut look.tx, &account, &incident.id, SHOWN).await?;
    for file in &mut files {
        file.received = match file.sha256.is_empty() {
            true => call.app.blobs.partial_size(file.id.as_str()).await?.unwrap_or(0),
            false => file.size,
        };
    }
    let p = Page::new(&call, &mut look, Text::new("Tệp đang gửi dở", "Files on their way")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    Ok(Uploads { p, frame, files, piece: PIECE })
}

/// Begins a file; the answer names it.
pub async fn begin(call: Call, form: BeginForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    may_add(&mut work, &id).await?;
    // Asking took the incident; nothing of it changes by a file that is not described yet.
    drop(work);
    let mut work = call.work().await?;
    let coming = begin_file(&mut work, &id, &form).await?;
    // First the file, then the row: a row whose file is missing could never go on.
    call.app.blobs.begin_partial(coming.id.as_str()).await?;
    let result = serde_json::json!({ "id": coming.id, "offset": 0, "piece": PIECE });
    Ok(work.done(format!("/incidents/{id}/uploads")).await?.with(result))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AppendQuery {
    /// How many bytes of the file came before this piece.
    offset: Option<i64>,
}

/// Takes a piece: the bytes as they are, `application/octet-stream`.
pub async fn append(call: Call, body: Body) -> Result<Done> {
    call.check_csrf(None)?;
    let (incident, id) = (call.param::<IncidentId>("id")?, call.param::<UploadId>("upload")?);
    let query: AppendQuery = call.query()?;
    let coming = own(&call, &incident, &id).await?;
    let mut work = call.work().await?;
    may_add(&mut work, &incident).await?;
    drop(work);
    let offset = query.offset.filter(|offset| *offset >= 0).ok_or_else(|| {
        Error::Unreadable(Text::new(
            "Hãy nêu vị trí bắt đầu của phần gửi lên (offset).",
            "Say where the piece begins (offset).",
        ))
    })?;
    let appended = add_piece(&call.app, &coming, offset, body.into_data_stream()).await?;
    if appended.cut {
        return Err(Error::Unreadable(Text::new(
            "Đường truyền đứt giữa chừng; phần đã nhận vẫn giữ. Hãy hỏi lại vị trí rồi gửi tiếp.",
            "The line broke; what had come is kept. Ask for the offset and go on.",
        )));
    }
    let whole = appended.size == coming.size;
    let result = serde_json::json!({ "offset": appended.size, "whole": whole });
    Ok(Done::to(format!("/incidents/{incident}/uploads")).with(result))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Nothing {}

/// Gives a file up.
pub async fn give_up(call: Call, _: Nothing) -> Result<Done> {
    let (incident, id) = (call.param::<IncidentId>("id")?, call.param::<UploadId>("upload")?);
    let coming = own(&call, &incident, &id).await?;
    let mut work = call.work().await?;
    store::delete(&mut work.tx, std::slice::from_ref(&id)).await?;
    let done = work.done(format!("/incidents/{incident}/uploads")).await?;
    call.app.blobs.drop_partial(id.as_str()).await?;
    if !coming.sha256.is_empty() {
        call.app.blobs.doubt(&coming.sha256);
    }
    Ok(done.saying(Text::new("Đã bỏ tệp gửi dở.", "The unfinished file was dropped.")))
}

/// A file of the caller; one of somebody else does not exist.
async fn own(call: &Call, incident: &IncidentId, id: &UploadId) -> Result<Coming> {
    let account = call.actor()?.account_id.clone();
    let mut look = call.look().await?;
    store::find(&mut look.tx, &account, incident, id).await?.ok_or(Error::NotFound)
}
