//! Small copies of pictures, and what a picture says about itself. Both are made by a bounded process of its own, once, and
//! kept beside the store; nothing of it is evidence.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::picture::{self, Seen};

use crate::app::App;
use crate::evidence::model::Evidence;
use crate::evidence::pages::readable_item;
use crate::web::Call;

/// What is made from a picture, as a word of the store.
const KIND: &str = "picture";

/// What a file looks like and says about itself, when it is a picture that may be shown. Never called while a transaction is
/// open: the first time takes as long as the process needs.
pub async fn seen(app: &App, item: &Evidence) -> Result<Option<Seen>> {
    let Some(sha256) = item.sha256.as_ref().filter(|_| item.is_picture()) else { return Ok(None) };
    of_file(app, sha256, item.size.unwrap_or(i64::MAX)).await
}

/// The same for any file of the store that the caller knows may be shown.
pub async fn of_file(app: &App, sha256: &str, size: i64) -> Result<Option<Seen>> {
    if size > picture::LARGEST || app.settings.picture_worker.is_empty() {
        return Ok(None);
    }
    if let Some(known) = known(app, sha256).await? {
        return Ok(Some(known));
    }
    let _one_at_a_time = app.drawing.acquire().await.map_err(Error::internal)?;
    // Somebody else may have had it made while this one waited.
    if let Some(known) = known(app, sha256).await? {
        return Ok(Some(known));
    }
    let file = match app.blobs.open_file(sha256).await {
        Ok(file) => file.into_std().await,
        Err(Error::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    let seen = picture::look(&app.settings.picture_worker, file).await?;
    match app.blobs.keep_derived(sha256, KIND, &seen.to_bytes()).await {
        // It can be made again at any time; a full disk takes nothing from the reader.
        Ok(()) | Err(Error::Full) => Ok(Some(seen)),
        Err(other) => Err(other),
    }
}

async fn known(app: &App, sha256: &str) -> Result<Option<Seen>> {
    Ok(app.blobs.derived(sha256, KIND).await?.and_then(|bytes| Seen::from_bytes(&bytes)))
}

/// `GET …/thumbnail`
pub async fn thumbnail(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    drop(look);
    let small = seen(&call.app, &item).await?.map(|seen| seen.small).filter(|small| !small.is_empty());
    shown(small.ok_or(Error::NotFound)?)
}

/// A small copy as an answer.
pub fn shown(small: Vec<u8>) -> Result<Response> {
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
    ];
    Ok((fixed, Body::from(small)).into_response())
}
