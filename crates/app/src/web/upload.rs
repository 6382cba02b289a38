//! Files sent with a form. Fields that stand before the first file are read at once, the files as they come, so that a
//! disk image never lies in memory.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use ungcuu_kit::blobs::{Blobs, Stored};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text::Text;

use super::call::{Call, Taken};

/// How many fields and how long each may be before the first file.
const FIELDS: usize = 64;
const FIELD_LIMIT: usize = 256 << 10;

/// A file that came with a form and now lies in the store.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The field it was chosen in.
    pub field: String,
    /// Its name without any folders.
    pub name: String,
    pub media_type: String,
    pub stored: Stored,
}

/// How much may come with one form.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub files: usize,
    /// Bytes of one file.
    pub each: i64,
    /// Bytes of all files together.
    pub total: i64,
}

/// Marks the files of a form as doubtful, unless the act was done: it may be refused, fail, or be dropped half-way.
pub(super) struct Doubt {
    blobs: Blobs,
    taken: Taken,
}

impl Doubt {
    pub fn new(call: &Call) -> Doubt {
        Doubt { blobs: call.app.blobs.clone(), taken: call.taken.clone() }
    }

    /// The act was done and its rows name the files.
    pub fn none(self) {
        self.taken.lock().expect("no holder of this lock panics").clear();
    }
}

impl Drop for Doubt {
    fn drop(&mut self) {
        for sha256 in self.taken.lock().expect("no holder of this lock panics").drain(..) {
            self.blobs.doubt(&sha256);
        }
    }
}

/// A form with files.
pub struct Upload {
    pub fields: Vec<(String, String)>,
    pub files: Vec<Incoming>,
}

impl Upload {
    /// Reads the whole form. Its origin is checked before the first file is taken, so `_csrf` must stand before the
    /// files.
    pub async fn receive(call: &Call, body: Body, most: Most) -> Result<Upload> {
        let mut request = Request::new(body);
        if let Some(kind) = call.headers.get(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        }
        // The limit of each file is ours; the extractor's own would cut off everything beyond two megabytes.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| not_a_file_form())?;
        let mut upload = Upload { fields: Vec::new(), files: Vec::new() };
        let (mut checked, mut left) = (false, most.total);
        while let Some(mut part) = multipart.next_field().await.map_err(|_| cut_off())? {
            let field = part.name().unwrap_or_default().to_owned();
            let Some(file_name) = part.file_name().map(str::to_owned) else {
                if upload.fields.len() >= FIELDS {
                    return Err(not_a_file_form());
                }
                let mut value = Vec::new();
                while let Some(chunk) = part.chunk().await.map_err(|_| cut_off())? {
                    value.extend_from_slice(&chunk);
                    if value.len() > FIELD_LIMIT {
                        return Err(Error::Limit(
                            StatusCode::PAYLOAD_TOO_LARGE,
                            Text::new("Một mục trong biểu mẫu quá dài.", "A field of the form is too long."),
                        ));
                    }
                }
                let value = std::str::from_utf8(&value).map_err(|_| not_a_file_form())?;
                upload.fields.push((field, Raw::typed(value).0));
                continue;
            };
            if !checked {
                call.check_csrf(upload.text("_csrf"))?;
                checked = true;
                // Kept before the files come: one that is too large, or a full disk, must not cost what was typed.
                call.keep_typed(upload.fields.clone());
            }
            let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let chunks = part.map(|chunk| chunk.map_err(|cause| cause.to_string()));
            if file_name.is_empty() {
                drain(chunks).await?;
                continue;
            }
            let count = most.files;
            if upload.files.len() >= count {
                return Err(Error::Limit(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    ungcuu_kit::text!(
                        "Mỗi lần gửi nhiều nhất {count} tệp.",
                        "At most {files} at a time.",
                        files = ungcuu_kit::text::counted(count, "file", "files")
                    ),
                ));
            }
            let stored = call.app.blobs.put(Box::pin(chunks), most.each.min(left)).await;
            let stored = stored.map_err(|error| if left < most.each { too_much(error, most.total) } else { error })?;
            left -= stored.size;
            call.note_file(&stored.sha256);
            upload.files.push(Incoming { field, name: plain_name(&file_name), media_type, stored });
        }
        if !checked {
            call.check_csrf(upload.text("_csrf"))?;
        }
        call.keep_typed(upload.fields.clone());
        Ok(upload)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// A field as it was typed; empty when it was not sent.
    pub fn raw(&self, name: &str) -> Raw {
        Raw(self.text(name).unwrap_or_default().to_owned())
    }
}

async fn drain(mut chunks: impl Stream<Item = Result<Bytes, String>> + Unpin) -> Result<()> {
    while let Some(chunk) = chunks.next().await {
        if !chunk.map_err(|_| cut_off())?.is_empty() {
            return Err(not_a_file_form());
        }
    }
    Ok(())
}

/// A file for which there is no room any more beside the others.
fn too_much(error: Error, total: i64) -> Error {
    match error {
        Error::Limit(status, _) => {
            let size = ungcuu_kit::blobs::size_in_words(total);
            Error::Limit(
                status,
                ungcuu_kit::text!(
                    "Các tệp gửi một lần lớn quá {size}. Hãy chia ra gửi nhiều lần.",
                    "The files together are larger than {size}. Send them in several parts."
                ),
            )
        }
        other => other,
    }
}

/// The last part of a path, without what no file system likes, at most 200 characters.
pub fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = ungcuu_kit::form::clean(last)
        .chars()
        .filter(|letter| !matches!(letter, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\n' | '\t'))
        .take(200)
        .collect();
    let cleaned = cleaned.trim().trim_start_matches('.');
    if cleaned.is_empty() { "tep".to_owned() } else { cleaned.to_owned() }
}

fn cut_off() -> Error {
    Error::Unreadable(Text::new(
        "Tệp bị đứt giữa chừng nên chưa lưu. Hãy gửi lại.",
        "The file was cut off on the way and not kept. Please send it again.",
    ))
}

fn not_a_file_form() -> Error {
    Error::Unreadable(Text::new(
        "Biểu mẫu gửi tệp không đọc được. Hãy tải lại trang rồi gửi lại.",
        "The form with files cannot be read. Reload the page and send it again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_path_in_a_file_name_leads_nowhere() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\Users\\lan\\ảnh màn hình.png"), "ảnh màn hình.png");
        assert_eq!(plain_name(".."), "tep");
        assert_eq!(plain_name("a\u{202e}gpj.exe"), "agpj.exe");
    }
}
