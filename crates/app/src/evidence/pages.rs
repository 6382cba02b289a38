//! The register of an incident's evidence, and what is sent from it and from the page of an item.

use askama::Template;
use axum::body::Body;
use axum::http::header;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::blobs::Stored;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::{self, Arrived};
use super::detail::may_add;
use super::form::{FactsForm, VoidForm};
use super::model::{Evidence, EvidenceId, StoredFile};
use super::recheck::{self, gone};
use super::store::{self, Filter};
use super::uploads::{self, UploadId};
use super::view::{Line, MOST_FILES, Offer, kinds};
use crate::actor::not_allowed;
use crate::incident::actions::see;
use crate::incident::{Frame, Incident, IncidentId};
use crate::page::Page;
use crate::permission::Permission::EvidenceRead;
use crate::web::{Call, Done, Most, Upload};
use crate::work::Look;

/// How many items a page of the register shows.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RegisterQuery {
    /// A kind of evidence of the plan.
    kind: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Option<i64>,
}

/// The register of an incident's evidence.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/register.html")]
pub struct Register {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    items: Vec<Line>,
    /// The cursor of the next page.
    next: Option<i64>,
    /// Whether the reader may add here now.
    may_add: bool,
    /// Some file of the incident is not what it was when it came in.
    altered: bool,
    #[serde(skip)]
    offer: Offer,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
}

impl Register {
    fn cursor(&self) -> Option<String> {
        self.next.map(|number| number.to_string())
    }
}

pub async fn register(call: Call) -> Result<Register> {
    let mut look = call.look().await?;
    let incident = readable(&mut look, &call).await?;
    let query: RegisterQuery = call.query()?;
    let p = Page::new(&call, &mut look, Text::new("Chứng cứ", "Evidence")).await?;
    let filter = Filter { kind: query.kind, before: query.after };
    let mut items = store::list(&mut look.tx, &incident.id, &filter, PAGE + 1).await?;
    let next = match items.len() > PAGE as usize {
        true => items.get(PAGE as usize - 1).map(|item| item.number),
        false => None,
    };
    items.truncate(PAGE as usize);
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let pack = look.app.clone();
    let mut items = Line::list(items, &pack.pack, p.lang);
    Line::mark(&mut look.tx, &mut items).await?;
    Ok(Register {
        items,
        next,
        may_add: may_add(&mut look, &frame).await?,
        altered: store::any_altered(&mut look.tx, &incident.id).await?,
        offer: Offer::new(&mut look, &p, &incident).await?,
        kinds: kinds(&pack.pack, p.lang),
        p,
        frame,
    })
}

/// Takes files in as they come. They are stored before anything is written, see [`actions`].
pub async fn upload(call: Call, body: Body) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    // Asked first, so that nobody sends a disk image only to hear that they may not. Nothing is changed by asking.
    let mut work = call.work().await?;
    actions::may_add(&mut work, &id).await?;
    drop(work);
    // Ten disk images of one machine are one form; only each of them is bounded.
    let most = Most { files: MOST_FILES, each: call.app.settings.upload_limit, total: i64::MAX };
    let upload = Upload::receive(&call, body, most).await?;
    let form: FactsForm = upload.words()?;
    // Files that came in pieces before; their identifiers stand in one field, with spaces between.
    let named = form.uploads.as_str().split_whitespace().map(str::parse::<UploadId>);
    let named: Vec<UploadId> = named.collect::<Result<_>>()?;
    let mut files = uploads::finish(&call, &id, &named).await?;
    for incoming in upload.files {
        files.push(Arrived {
            name: incoming.name,
            folder: incoming.folder,
            file: stored_file(incoming.stored, &incoming.media_type),
        });
    }
    save(call, &id, &form, Some(files), &named).await
}

/// A file that lies in the store, with its kind as far as the sender can be believed.
pub(super) fn stored_file(stored: Stored, media_type: &str) -> StoredFile {
    StoredFile {
        sha256: stored.sha256,
        md5: Some(stored.md5),
        size: stored.size,
        media_type: plain_media_type(media_type),
    }
}

/// Registers a thing without a file: a sealed disk, a notebook.
pub async fn add(call: Call, form: FactsForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    save(call, &id, &form, None, &[]).await
}

async fn save(
    call: Call,
    id: &IncidentId,
    form: &FactsForm,
    files: Option<Vec<Arrived>>,
    named: &[UploadId],
) -> Result<Done> {
    let mut work = call.work().await?;
    let added = actions::add(&mut work, id, form, files).await?;
    uploads::store::delete(&mut work.tx, named).await?;
    let place = match form.step.as_str() {
        "" if call.actor()?.can(EvidenceRead) => format!("/incidents/{id}/evidence"),
        "" => format!("/incidents/{id}"),
        step => format!("/incidents/{id}/steps/{step}"),
    };
    let Text { vi, en } = &added.words;
    let message = text!("Đã thêm {vi}.", "Added {en}.");
    let ids: Vec<&str> = added.ids.iter().map(EvidenceId::as_str).collect();
    let result = serde_json::json!({ "ids": ids });
    Ok(work.done(place).await?.saying(message).with(result))
}

pub async fn correct(call: Call, form: FactsForm) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let mut work = call.work().await?;
    actions::correct(&mut work, &id, &item, &form).await?;
    let done = work.done(format!("/incidents/{id}/evidence/{item}")).await?;
    Ok(done.saying(Text::new("Đã sửa thông tin chứng cứ.", "What is known about the item was corrected.")))
}

pub async fn void(call: Call, form: VoidForm) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let mut work = call.work().await?;
    actions::void(&mut work, &id, &item, &form).await?;
    let done = work.done(format!("/incidents/{id}/evidence/{item}")).await?;
    Ok(done
        .saying(Text::new("Đã loại chứng cứ; số và lý do vẫn còn trong sổ.", "Declared void; number and reason stay.")))
}

/// A check is asked for without a word.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct CheckForm {}

/// Hashes the file again. A route for files, because a disk image takes longer than a page may.
pub async fn check(call: Call, body: Body) -> Result<Done> {
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        Upload::receive(&call, body, Most { files: 0, each: 0, total: 0 }).await?;
    } else {
        call.check_csrf(None)?;
    }
    let mut look = call.look().await?;
    let (incident, item) = readable_item(&mut look, &call).await?;
    drop(look);
    let Some(sha256) = &item.sha256 else {
        return Err(Error::not_now("Vật chứng này không có tệp để kiểm tra.", "This item has no file to check."));
    };
    if item.is_destroyed() {
        return Err(Error::NotNow(gone()));
    }
    let hashes = call.app.blobs.read_again(sha256, false).await?;
    let mut work = call.work().await?;
    let ok = recheck::note(&mut work, &item, hashes.as_ref()).await?;
    let done = work.done(format!("/incidents/{}/evidence/{}", incident.id, item.id)).await?;
    let done = done.with(serde_json::json!({ "ok": ok }));
    // A bad result stands on the page itself, in red; a green line would say the opposite.
    Ok(if ok {
        done.saying(Text::new("Tệp còn nguyên như khi nhận.", "The file is as it came in."))
    } else {
        done
    })
}

/// The incident of this path, for someone who may read its evidence.
pub(super) async fn readable(look: &mut Look, call: &Call) -> Result<Incident> {
    let incident = see(look, &call.param("id")?).await?;
    if !store::may(&mut look.tx, &look.actor, EvidenceRead, &incident.id).await? {
        return Err(not_allowed());
    }
    Ok(incident)
}

/// The same with the item of this path.
pub async fn readable_item(look: &mut Look, call: &Call) -> Result<(Incident, Evidence)> {
    let incident = readable(look, call).await?;
    let item = store::find(&mut look.tx, &incident.id, &call.param("item")?).await?.ok_or(Error::NotFound)?;
    Ok((incident, item))
}

/// The media type as the sender named it, if it can be one.
pub(super) fn plain_media_type(given: &str) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-._".contains(&byte);
    let plain = given.split(';').next().unwrap_or_default().trim();
    let proper = plain.len() <= 100 && plain.matches('/').count() == 1 && plain.bytes().all(fits);
    if proper { plain.to_ascii_lowercase() } else { "application/octet-stream".to_owned() }
}
