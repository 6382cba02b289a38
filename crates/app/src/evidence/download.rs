//! Sends a file of evidence out, byte for byte. Never shown by the browser, only saved; never compressed on the way, so
//! that its length is known; and not at all when it may harm whoever opens it.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;
use ungcuu_kit::error::{Error, Result};

use super::pages::readable_item;
use crate::web::Call;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

pub async fn file(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    // A download may take an hour; the transaction must not.
    drop(look);
    let (Some(sha256), Some(size)) = (&item.sha256, item.size) else { return Err(Error::NotFound) };
    if item.malicious {
        return Err(Error::not_now(
            "Tệp này được đánh dấu là mã độc nên không tải trực tiếp được. Hãy nhờ Tổ ứng cứu lấy trong môi trường cách ly.",
            "This file is marked as malicious and cannot be downloaded as it is. Ask the response team, who handle it in isolation.",
        ));
    }
    let file = match call.app.blobs.open_file(sha256).await {
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
        (header::CONTENT_DISPOSITION, attachment(&item.name)?),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Says that it is sent as it is; the layer that compresses leaves it alone.
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
    ];
    Ok((fixed, body).into_response())
}

fn altered() -> Error {
    Error::not_now(
        "Tệp trong kho không còn như khi nhận (đã mất hoặc khác kích thước). Hãy bấm “Kiểm tra lại” và báo quản trị viên.",
        "The stored file is not as it came in (missing, or of another size). Press “Check again” and tell the administrator.",
    )
}

/// Saves under the item's own name: plain letters for old programs, every letter for the others.
fn attachment(name: &str) -> Result<HeaderValue> {
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
