//! Files of alerts on their way out. Whatever a reporter sent is handed over as a download that no browser runs; only
//! pictures, told by their first bytes, may be shown in the page.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use ungcuu_kit::error::{Error, Result};

use super::model::{AlertFileId, AlertId, reading};
use super::store;
use crate::web::Call;

/// The longest a media type may be that a sender claims.
const CLAIM: usize = 100;

/// What kind of file it is: a picture by its first bytes, otherwise what the sender says if it is no picture.
pub fn kind_of(head: &[u8], claimed: &str) -> String {
    if let Some(picture) = picture(head) {
        return picture.to_owned();
    }
    let plain = claimed.len() <= CLAIM
        && claimed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-+.".contains(&byte))
        && !claimed.starts_with("image/");
    if plain { claimed.to_owned() } else { "application/octet-stream".to_owned() }
}

fn picture(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// `1` shows a picture in the page instead of downloading it.
    inline: Option<String>,
}

/// `GET /alerts/{id}/files/{file}`, with `?inline=1` for a picture.
pub async fn download(call: Call) -> Result<Response> {
    let (id, file): (AlertId, AlertFileId) = (call.param("id")?, call.param("file")?);
    let mut look = call.look().await?;
    let scope = reading(&look.actor);
    let alert = store::find(&mut look.tx, &scope, &id).await?.ok_or(Error::NotFound)?;
    let file = store::find_file(&mut look.tx, &alert.id, &file).await?.ok_or(Error::NotFound)?;
    // The same bytes may since have been marked as a sample in an incident; from then on they leave as no sample may.
    if crate::evidence::is_marked(&mut look.tx, &file.file_id).await? {
        return Err(crate::evidence::only_as_archive());
    }
    drop(look);

    let mut stored = call.app.blobs.open_file(&file.file_id).await?;
    let mut head = [0; 16];
    let mut filled = 0;
    while filled < head.len() {
        match stored.read(&mut head[filled..]).await? {
            0 => break,
            read => filled += read,
        }
    }
    let asked: Asked = call.query()?;
    let picture = picture(&head[..filled]).filter(|_| asked.inline.as_deref() == Some("1"));
    let kind = picture.unwrap_or("application/octet-stream");
    let manner = if picture.is_some() { "inline" } else { "attachment" };
    let body = Body::from_stream(ReaderStream::new(std::io::Cursor::new(head[..filled].to_vec()).chain(stored)));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // Says that it is sent as it is; the layer that compresses leaves it alone, and the length holds.
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition(manner, &file.name));
    // The files of a report are hostile until proven otherwise: nothing in them may run, even opened by itself.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// `attachment; filename*=UTF-8''…`: every byte that is not plain is escaped (RFC 6266, RFC 8187).
fn disposition(manner: &str, name: &str) -> HeaderValue {
    let mut escaped = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("{manner}; filename*=UTF-8''{escaped}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_bytes_make_a_picture() {
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n....", "text/html"), "image/png");
        assert_eq!(kind_of(b"<svg onload=alert(1)>", "image/svg+xml"), "application/octet-stream");
        assert_eq!(kind_of(b"<html>", "image/png"), "application/octet-stream");
        assert_eq!(kind_of(b"%PDF-1.7", "application/pdf"), "application/pdf");
        assert_eq!(kind_of(b"x", "text/html\r\nx: y"), "application/octet-stream");
    }

    #[test]
    fn a_name_in_vietnamese_survives_the_header_and_nothing_escapes_from_it() {
        let header = disposition("attachment", "ảnh \"1\"\r\n.png");
        assert_eq!(header.to_str().expect("plain"), "attachment; filename*=UTF-8''%E1%BA%A3nh%20%221%22%0D%0A.png");
    }
}
