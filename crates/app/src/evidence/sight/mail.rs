//! A mail that is evidence, to be read: its head, its words without anything to click, its attachments by name and hash.
//! HTML is never rendered, nothing is fetched; an attachment becomes an item of its own when somebody says so.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::defang::defang;
use crate::alert::mail::{self, Letter};
use crate::app::App;
use crate::evidence::actions::{add_stored, still_counting, take_to_add};
use crate::evidence::detail::may_add;
use crate::evidence::model::{Evidence, EvidenceId, Facts, NewItem, StoredFile, code};
use crate::evidence::pages::readable_item;
use crate::evidence::store;
use crate::evidence::view::{Line, kinds};
use crate::incident::actions::record;
use crate::incident::{Frame, IncidentId};
use crate::page::Page;
use crate::web::{Call, Done};

/// An attachment, by name and hash; it is not handed out from here.
#[derive(Serialize, JsonSchema)]
pub struct Attached {
    pub name: String,
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    pub sha256: String,
    /// The item that it was made: number and page.
    pub item: Option<(String, String)>,
}

/// A mail, without teeth.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/mail.html")]
pub struct MailView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    line: Line,
    /// Every line of the head: name and value, without anything that can be followed.
    headers: Vec<(String, String)>,
    text: String,
    attachments: Vec<Attached>,
    may_add: bool,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
}

/// `GET …/mail`
pub async fn show(call: Call) -> Result<MailView> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    drop(look);
    let letter = read(&call.app, &item).await?;
    let mut look = call.look().await?;
    let (incident, item) = readable_item(&mut look, &call).await?;
    let hashes: Vec<String> = letter.attachments.iter().map(|one| hash(&one.bytes)).collect();
    let made = store::list_by_file(&mut look.tx, &incident.id, &hashes).await?;
    let attachments = letter.attachments.iter().zip(hashes).map(|(one, sha256)| Attached {
        name: one.name.clone(),
        media_type: one.media_type.clone(),
        size: i64::try_from(one.bytes.len()).unwrap_or(i64::MAX),
        item: made
            .iter()
            .find(|(file, ..)| *file == sha256)
            .map(|(_, number, id)| (code(*number), format!("/incidents/{}/evidence/{id}", incident.id))),
        sha256,
    });
    let attachments = attachments.collect();
    let number = item.code();
    let title = text!("Thư {number}", "Mail {number}");
    let p = Page::new(&call, &mut look, title).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let app = look.app.clone();
    Ok(MailView {
        may_add: may_add(&mut look, &frame).await? && !item.is_void(),
        headers: letter.headers.iter().map(|(name, value)| (name.clone(), defang(value))).collect(),
        text: defang(&letter.text),
        attachments,
        kinds: kinds(&app.pack, p.lang),
        line: Line::new(item, &app.pack, p.lang),
        p,
        frame,
    })
}

/// Which attachment becomes an item.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AttachmentForm {
    pub sha256: Raw,
    /// A kind of evidence of the plan; its "other" when empty.
    pub kind: Raw,
    pub malicious: Raw,
}

/// Makes an attachment an item of its own, collected when and by whom the mail was.
pub async fn keep(call: Call, form: AttachmentForm) -> Result<Done> {
    let (id, item_id) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    drop(look);
    let letter = read(&call.app, &item).await?;
    let wanted = form.sha256.as_str();
    let found = letter.attachments.into_iter().find(|one| hash(&one.bytes) == wanted);
    let found = found.ok_or_else(|| Error::field("sha256", unknown()))?;
    let stored = call.keep_file(found.bytes).await?;
    let mut work = call.work().await?;
    let (_, step) = take_to_add(&mut work, &id, "").await?;
    let item = still_counting(&mut work, &id, &item_id).await?;
    let mut checks = Checks::new();
    if !form.kind.is_empty() && work.app.pack.lists.item("evidence_kinds", form.kind.as_str()).is_none() {
        checks.refuse("kind", unknown());
    }
    checks.done()?;
    let known = store::list_by_file(&mut work.tx, &id, std::slice::from_ref(&stored.sha256)).await?;
    if let Some((_, number, _)) = known.first() {
        let code = code(*number);
        return Err(Error::NotNow(text!("Tệp này đã có trong sổ: {code}.", "This file is in the register: {code}.")));
    }
    let number = item.code();
    let facts = Facts {
        kind: form.kind.as_str().to_owned(),
        description: String::new(),
        source: item.source.clone(),
        system_id: item.system_id.clone(),
        collected_at: item.collected_at,
        collected_by: item.collected_by.clone(),
        malicious: form.malicious.ticked(),
    };
    let file = StoredFile {
        sha256: stored.sha256,
        md5: Some(stored.md5),
        size: stored.size,
        media_type: crate::evidence::pages::plain_media_type(&found.media_type),
    };
    let new =
        NewItem { name: found.name, file: Some(file), facts, taken_from: Some(item_id.clone()), ..NewItem::default() };
    let added = add_stored(&mut work, &id, &step, vec![new]).await?;
    let Text { vi, en } = &added.words;
    let what = text!("Thêm {vi}, lấy từ thư {number}", "Added {en}, taken from mail {number}");
    record(&mut work, &id, "evidence.added", what, &added.rows);
    let said = text!("Đã thêm {vi}.", "Added {en}.");
    let ids: Vec<&str> = added.ids.iter().map(EvidenceId::as_str).collect();
    let result = serde_json::json!({ "ids": ids });
    let done = work.done(format!("/incidents/{id}/evidence/{item_id}/mail")).await?;
    Ok(done.saying(said).with(result))
}

async fn read(app: &App, item: &Evidence) -> Result<Letter> {
    let Some(sha256) = item.sha256.as_ref().filter(|_| item.is_mail()) else { return Err(Error::NotFound) };
    let raw = app.blobs.read(sha256, mail::LIMIT).await?;
    mail::read(raw).await.map_err(|error| match error {
        Error::Form(_) => Error::not_now(
            "Tệp này không đọc được như một thư. Hãy tải về và xem bằng công cụ khác.",
            "This file cannot be read as a mail. Download it and use another tool.",
        ),
        other => other,
    })
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
