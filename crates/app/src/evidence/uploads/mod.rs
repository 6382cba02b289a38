//! Files that come in pieces: begun with name and size, added to piece by piece from any offset the server names, taken
//! into the register by the form that describes them. A weak line, a closed lid or a restart of the server cost nothing
//! but the piece under way. What nobody goes on with is forgotten after three days.

pub(super) mod pages;
pub(super) mod store;

use bytes::Bytes;
use futures::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::blobs::partial::{Appended, not_as_announced};
use ungcuu_kit::blobs::size_in_words;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, clean};
use ungcuu_kit::id_type;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, shorten};
use ungcuu_kit::time::{DAY, Time};

use super::actions::Arrived;
use super::model::StoredFile;
use crate::app::App;
use crate::auth::AccountId;
use crate::incident::IncidentId;
use crate::web::{Call, folder_words, plain_name};
use crate::work::Work;

id_type!(
    /// A file that comes in pieces.
    UploadId, "upl"
);

/// The longest piece, in bytes. A page sends shorter ones.
pub const PIECE: i64 = 64 << 20;
/// How many files of one account, and of everyone, may be on their way.
const EACH: i64 = 300;
const ALL: i64 = 5_000;
/// How many largest files of one account, and of everyone, may be announced in bytes.
const EACH_LARGEST: i64 = 4;
const ALL_LARGEST: i64 = 16;
/// How many finished files one form may take in.
pub const MOST: usize = 300;
/// How long a file waits for its next piece, in microseconds.
const PATIENCE: i64 = 3 * DAY;

/// A file that comes in pieces.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Coming {
    pub id: UploadId,
    #[serde(skip)]
    pub incident_id: IncidentId,
    #[serde(skip)]
    pub account_id: AccountId,
    pub name: String,
    /// Where it lay within a folder that was chosen whole.
    pub folder: String,
    #[serde(skip)]
    pub media_type: String,
    /// In bytes, as announced.
    pub size: i64,
    /// The SHA-256 that the sender announced; empty when they did not.
    pub announced: String,
    /// What the sender knows this very file by: the moment of its last change. Compared before going on with it.
    pub stamp: String,
    pub started_at: Time,
    pub touched_at: Time,
    #[serde(skip)]
    pub sha256: String,
    #[serde(skip)]
    pub md5: String,
    /// Bytes that have come; the next piece begins here.
    #[sqlx(skip)]
    pub received: i64,
}

impl Coming {
    pub fn percent(&self) -> i64 {
        if self.size == 0 { 100 } else { self.received.saturating_mul(100) / self.size }
    }
}

/// What begins a file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BeginForm {
    pub name: Raw,
    /// In bytes.
    pub size: Raw,
    /// Its place within the folder that was chosen: `mail/2023/a.eml`. Kept as words.
    pub path: Raw,
    pub media_type: Raw,
    /// The SHA-256 of the whole, when the sender knows it; compared in the end.
    pub sha256: Raw,
    /// What the sender knows this very file by, to find it again: the moment of its last change.
    pub stamp: Raw,
}

/// Begins a file in pieces, within the bounds for one account and for everyone. The caller asked whether they may add.
pub async fn begin(work: &mut Work, incident: &IncidentId, form: &BeginForm) -> Result<Coming> {
    let limit = work.app.settings.upload_limit;
    let mut checks = Checks::new();
    let name = checks.line("name", &form.name);
    let size = checks.number("size", &form.size, 0, i64::MAX);
    if size > limit {
        let size = size_in_words(limit);
        checks.refuse("size", text!("Tệp lớn quá {size}.", "The file is larger than {size}."));
    }
    let announced = form.sha256.as_str().to_ascii_lowercase();
    if !announced.is_empty() && (announced.len() != 64 || !announced.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        let words = Text::new("Mã SHA-256 gồm 64 chữ số hệ 16.", "A SHA-256 has 64 hexadecimal digits.");
        checks.refuse("sha256", words);
    }
    checks.done()?;
    let account = work.actor.account_id.clone();
    let largest = limit.max(1);
    let mine = store::count(&mut work.tx, Some(&account)).await?;
    let all = store::count(&mut work.tx, None).await?;
    let fits = |have: (i64, i64), count: i64, bytes: i64| have.0 < count && have.1.saturating_add(size) <= bytes;
    if !fits(mine, EACH, largest.saturating_mul(EACH_LARGEST)) || !fits(all, ALL, largest.saturating_mul(ALL_LARGEST)) {
        return Err(Error::Limit(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            Text::new(
                "Đang có quá nhiều tệp gửi dở. Hãy gửi xong hoặc bỏ bớt các tệp đó rồi gửi tệp mới.",
                "Too many files are on their way. Finish or drop some of them before sending another.",
            ),
        ));
    }
    let coming = Coming {
        id: UploadId::new(&work.app.chance, work.now),
        incident_id: incident.clone(),
        account_id: account,
        name: plain_name(&name),
        folder: folder_words(form.path.as_str()),
        media_type: super::pages::plain_media_type(form.media_type.as_str()),
        size,
        announced,
        stamp: shorten(&clean(form.stamp.as_str()), 40),
        started_at: work.now,
        touched_at: work.now,
        sha256: String::new(),
        md5: String::new(),
        received: 0,
    };
    store::insert(&mut work.tx, &coming).await?;
    Ok(coming)
}

/// Adds a piece to a file of the caller, and says how far it has come.
pub async fn append<S, E>(app: &App, coming: &Coming, offset: i64, chunks: S) -> Result<Appended>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    if !coming.sha256.is_empty() {
        return Err(complete());
    }
    let most = coming.size.saturating_sub(offset).clamp(0, PIECE);
    let appended = app.blobs.append(coming.id.as_str(), offset, chunks, most).await?;
    let mut tx = app.db.write().await?;
    store::touch(&mut tx, &coming.id, app.now()).await?;
    tx.commit().await?;
    Ok(appended)
}

/// Takes finished files of the caller over into the store, hashed, for the form that names them. What is refused in the
/// end is remembered: the next try hashes nothing again.
pub async fn finish(call: &Call, incident: &IncidentId, ids: &[UploadId]) -> Result<Vec<Arrived>> {
    if ids.len() > MOST {
        let most = MOST;
        let words = text!("Mỗi lần gửi nhiều nhất {most} tệp.", "At most {most} files at a time.");
        return Err(Error::Limit(axum::http::StatusCode::PAYLOAD_TOO_LARGE, words));
    }
    let account = call.actor()?.account_id.clone();
    let mut tx = call.app.db.read().await?;
    let known = store::list_by_id(&mut tx, &account, incident, ids).await?;
    // Hashing a disk image takes minutes; the transaction must not.
    drop(tx);
    let mut arrived = Vec::with_capacity(ids.len());
    for id in ids {
        let coming = known.iter().find(|coming| coming.id == *id).cloned().ok_or_else(unknown)?;
        let coming = if coming.sha256.is_empty() { hashed(call, coming).await? } else { coming };
        call.note_file(&coming.sha256);
        let file = StoredFile {
            sha256: coming.sha256,
            md5: Some(coming.md5),
            size: coming.size,
            media_type: coming.media_type,
        };
        arrived.push(Arrived { name: coming.name, folder: coming.folder, file });
    }
    Ok(arrived)
}

async fn hashed(call: &Call, mut coming: Coming) -> Result<Coming> {
    let blobs = &call.app.blobs;
    let stored = blobs.finish_partial(coming.id.as_str(), coming.size).await.map_err(|error| match error {
        Error::NotFound => unknown(),
        other => other,
    })?;
    if !coming.announced.is_empty() && coming.announced != stored.sha256 {
        blobs.doubt(&stored.sha256);
        let mut tx = call.app.db.write().await?;
        store::delete(&mut tx, std::slice::from_ref(&coming.id)).await?;
        tx.commit().await?;
        return Err(Error::field("files", not_as_announced()));
    }
    (coming.sha256, coming.md5) = (stored.sha256, stored.md5);
    let mut tx = call.app.db.write().await?;
    store::save_hashes(&mut tx, &coming.id, &coming.sha256, &coming.md5, call.app.now()).await?;
    tx.commit().await?;
    Ok(coming)
}

/// Forgets files that nobody has gone on with for three days, and what lies in the store without a row.
pub async fn forget_idle(app: &App) -> Result<()> {
    let before = app.now().plus(-PATIENCE);
    let mut tx = app.db.write().await?;
    let idle = store::list_idle(&mut tx, before).await?;
    let ids: Vec<UploadId> = idle.iter().map(|coming| coming.id.clone()).collect();
    store::delete(&mut tx, &ids).await?;
    tx.commit().await?;
    for coming in idle {
        app.blobs.drop_partial(coming.id.as_str()).await?;
        if !coming.sha256.is_empty() {
            // Whole and hashed, but no form took it: whoever tidies up asks whether a row names it.
            app.blobs.doubt(&coming.sha256);
        }
    }
    let partials = app.blobs.idle_partials(before).await?;
    if partials.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.read().await?;
    let known = store::list_known(&mut tx, &partials).await?;
    drop(tx);
    for id in partials.iter().filter(|id| !known.contains(id)) {
        app.blobs.drop_partial(id).await?;
    }
    Ok(())
}

fn unknown() -> Error {
    Error::field(
        "files",
        Text::new(
            "Tệp gửi dở này không còn (đã bỏ hoặc để quá ba ngày). Hãy chọn và gửi lại tệp.",
            "This upload is no longer there (dropped, or left for more than three days). Choose the file and send it again.",
        ),
    )
}

fn complete() -> Error {
    Error::not_now("Tệp này đã gửi đủ.", "This file has come whole already.")
}
