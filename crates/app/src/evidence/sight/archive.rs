//! A sample leaves only inside an archive with a password, so that no mail gateway, no preview and no hasty double click
//! runs it. The password is the one everybody in this work uses: it guards against accidents, not against people.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ungcuu_kit::archive::encrypted;
use ungcuu_kit::error::{Error, Result};

use crate::evidence::download::{altered, attachment};
use crate::evidence::pages::readable_item;
use crate::evidence::recheck::gone;
use crate::web::Call;

/// The password of every archive.
pub const PASSWORD: &str = "infected";

/// `GET …/archive`: the file as an encrypted ZIP, made while it is sent.
pub async fn file(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    drop(look);
    let (Some(sha256), Some(size)) = (&item.sha256, item.size) else { return Err(Error::NotFound) };
    if item.removed_at.is_some() || item.is_destroyed() {
        return Err(Error::NotNow(gone()));
    }
    let file = match call.app.blobs.open_file(sha256).await {
        Ok(file) => file,
        Err(Error::NotFound) => return Err(altered()),
        Err(other) => return Err(other),
    };
    if i64::try_from(file.metadata().await?.len()) != Ok(size) {
        return Err(altered());
    }
    let pieces = encrypted(
        file.into_std().await,
        item.name.clone(),
        u64::try_from(size).unwrap_or_default(),
        PASSWORD.to_owned(),
    );
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, attachment(&format!("{}.zip", item.name))?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
    ];
    Ok((fixed, Body::from_stream(pieces)).into_response())
}
