//! Sends a file of evidence out, byte for byte. Never shown by the browser, only saved; never compressed on the way, so
//! that its length is known; and not at all when it may harm whoever opens it.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use ungcuu_kit::error::{Error, Result};

use super::pages::readable_item;
use super::recheck::gone;
use super::{custody, sight, store};
use crate::app::App;
use crate::web::Call;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

pub async fn file(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    // A download may take an hour; the transaction must not.
    drop(look);
    let (Some(sha256), Some(size)) = (&item.sha256, item.size) else { return Err(Error::NotFound) };
    if item.marked {
        return Err(only_as_archive());
    }
    if item.removed_at.is_some() || item.is_destroyed() {
        return Err(Error::NotNow(gone()));
    }
    send(&call.app, sha256, size, &item.name).await
}

/// `GET …/photos/{photo}`: a picture or signed paper of an act, whole or, with `?small=1`, as a small copy.
pub async fn photo(call: Call) -> Result<Response> {
    let query: PhotoQuery = call.query()?;
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    let photo = custody::store::find_photo(&mut look.tx, &item.id, &call.param("photo")?).await?;
    let photo = photo.ok_or(Error::NotFound)?;
    if store::is_marked(&mut look.tx, &photo.file_id).await? {
        return Err(only_as_archive());
    }
    drop(look);
    if query.small.as_deref() == Some("1") {
        let seen = sight::picture::of_file(&call.app, &photo.file_id, photo.size).await?;
        let small = seen.map(|seen| seen.small).filter(|small| !small.is_empty());
        return sight::picture::shown(small.ok_or(Error::NotFound)?);
    }
    send(&call.app, &photo.file_id, photo.size, &photo.name).await
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PhotoQuery {
    /// `1` for a small copy of a picture.
    small: Option<String>,
}

/// Sends a file of the store, byte for byte.
async fn send(app: &App, sha256: &str, size: i64, name: &str) -> Result<Response> {
    let file = match app.blobs.open_file(sha256).await {
        Ok(file) => file,
        Err(Error::NotFound) => return Err(altered()),
        Err(other) => return Err(other),
    };
    if i64::try_from(file.metadata().await?.len()) != Ok(size) {
        return Err(altered());
    }
    let body = Body::from_stream(ReaderStream::with_capacity(file, CHUNK));
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, attachment(name)?),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Says that it is sent as it is; the layer that compresses leaves it alone.
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
    ];
    Ok((fixed, body).into_response())
}

/// The sentence for a sample: it leaves in an archive with a password, or not at all.
pub fn only_as_archive() -> Error {
    Error::not_now(
        "Tệp này được đánh dấu là mã độc nên không tải trực tiếp được; ở trang chứng cứ có bản nén đặt mật khẩu.",
        "This file is marked as malicious and is not handed out as it is; the page of the item has an archive with a password.",
    )
}

pub(super) fn altered() -> Error {
    Error::not_now(
        "Tệp trong kho không còn như khi nhận (đã mất hoặc khác kích thước). Hãy bấm “Kiểm tra lại” và báo quản trị viên.",
        "The stored file is not as it came in (missing, or of another size). Press “Check again” and tell the administrator.",
    )
}

/// Saves under the item's own name: plain letters for old programs, every letter for the others.
pub(super) fn attachment(name: &str) -> Result<HeaderValue> {
    let plain: String = ungcuu_kit::text::fold(name)
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._- ".contains(letter) { letter } else { '_' })
        .collect();
    let mut every = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => every.push(byte as char),
            _ => every.push_str(&format!("%{byte:02X}")),
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{every}"))
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_file_is_saved_under_its_own_name_and_no_letter_of_it_ends_the_header() {
        let header = attachment("Nhật ký \"máy chủ\";\n.log").expect("a header");
        assert_eq!(
            header.to_str().expect("plain letters"),
            "attachment; filename=\"nhat ky _may chu__ .log\"; \
             filename*=UTF-8''Nh%E1%BA%ADt%20k%C3%BD%20%22m%C3%A1y%20ch%E1%BB%A7%22%3B%0A.log"
        );
    }
}
