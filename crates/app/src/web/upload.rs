//! Files sent with a form. Fields that stand before the first file are read at once, the files as they come, so that a
//! disk image never lies in memory.

use std::any::TypeId;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::multipart::Field as Part;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use ungcuu_kit::blobs::{Blobs, Stored};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::call::{Call, Taken, read_fields};
use super::typed::{Fields, PATIENT, cut_off};

/// How many fields and how long each may be, in bytes.
const FIELDS: usize = 64;
/// The longest place within a folder, in characters.
const FOLDER: usize = 400;
const FIELD_LIMIT: usize = 256 << 10;

/// A file that came with a form and now lies in the store.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The field it was chosen in.
    pub field: String,
    /// Its name without any folders.
    pub name: String,
    /// The folders that the browser named before it, when a whole folder was chosen; words, never a path.
    pub folder: String,
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
    fields: Vec<(String, String)>,
    pub files: Vec<Incoming>,
    takes: Option<TypeId>,
}

impl Upload {
    /// Reads the whole form. Its origin is checked before the first file is taken, so `_csrf` must stand before the
    /// files. Whatever is wrong with one part, the others are read to the end: what was typed in them is shown again.
    pub async fn receive(call: &Call, body: Body, most: Most) -> Result<Upload> {
        Reception::new(call, most).read(body).await
    }

    /// Remembers what was typed and takes no file: the form will be refused.
    pub(super) async fn keep_words(call: &Call, body: Body) {
        let mut reception = Reception::new(call, Most { files: 0, each: 0, total: 0 });
        reception.fail(None, Error::SignedOut);
        // Refused as it will be.
        let _ = reception.read(body).await;
    }

    /// What was typed beside the files: as the type that the route names with `takes`, so that the API's description
    /// tells of it.
    pub fn words<W: DeserializeOwned + 'static>(&self) -> Result<W> {
        debug_assert_eq!(self.takes, Some(TypeId::of::<W>()), "the route says .takes::<…>() of what it reads");
        read_fields(&self.fields)
    }
}

/// A form with files while it comes in.
struct Reception<'a> {
    call: &'a Call,
    most: Most,
    /// Bytes left for files.
    left: i64,
    fields: Fields,
    files: Vec<Incoming>,
    admitted: bool,
    /// Why the form will be refused; from then on files are read past.
    fault: Option<Error>,
    /// Bytes that are still read.
    patience: Arc<AtomicUsize>,
}

impl Reception<'_> {
    fn new(call: &Call, most: Most) -> Reception<'_> {
        Reception {
            call,
            most,
            left: most.total,
            fields: Fields::new(FIELD_LIMIT, FIELDS),
            files: Vec::new(),
            admitted: false,
            fault: None,
            patience: Arc::new(AtomicUsize::new(usize::MAX)),
        }
    }

    async fn read(mut self, body: Body) -> Result<Upload> {
        let mut request = Request::new(Body::from_stream(bounded(body, self.patience.clone())));
        if let Some(kind) = self.call.headers.get(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        }
        // The limit of each file is ours; the extractor's own would cut off everything beyond two megabytes.
        DefaultBodyLimit::disable().apply(&mut request);
        let multipart = Multipart::from_request(request, &()).await.map_err(|_| not_a_file_form())?;
        let arrived = self.parts(multipart).await;
        let admitted = self.call.admit(&self.fields.values);
        match self.fault {
            Some(fault) => return Err(fault),
            // What was cut off may have lost its token on the way.
            None if arrived.is_err() && matches!(admitted, Err(Error::NotNow(_))) => {}
            None => admitted?,
        }
        // Before the other: reading ends early once a field is too long.
        self.fields.verdict()?;
        arrived?;
        self.call.merge_if_asked()?;
        Ok(Upload { fields: self.fields.values, files: self.files, takes: self.call.takes })
    }

    async fn parts(&mut self, mut multipart: Multipart) -> Result<()> {
        while let Some(part) = multipart.next_field().await.map_err(|_| cut_off())? {
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(name) => self.file(field, &name, part).await?,
                None => self.words(field, part).await?,
            }
        }
        Ok(())
    }

    async fn words(&mut self, field: String, mut part: Part<'_>) -> Result<()> {
        let limit = self.fields.next_limit();
        let (mut value, mut whole) = (Vec::new(), true);
        while let Some(chunk) = part.chunk().await.map_err(|_| cut_off())? {
            let fitting = chunk.len().min(limit - value.len());
            if fitting < chunk.len() {
                whole = false;
                self.hurry();
            }
            value.extend_from_slice(&chunk[..fitting]);
        }
        self.fields.add(field, value, whole);
        if !self.fields.are_sound() {
            self.hurry();
        }
        Ok(())
    }

    async fn file(&mut self, field: String, name: &str, part: Part<'_>) -> Result<()> {
        if !self.admitted {
            self.admitted = true;
            match self.call.admit(&self.fields.values) {
                Ok(()) => {}
                // A page of ours that is too old: no file is taken, but what was typed behind them is not lost either.
                Err(refusal @ Error::NotNow(_)) => self.fail(None, refusal),
                Err(refusal) => {
                    self.fault = Some(refusal);
                    return Err(cut_off());
                }
            }
        }
        if !name.is_empty() && self.call.sent().files.len() < FIELDS {
            self.call.sent().files.push((field.clone(), plain_name(name)));
        }
        if self.fault.is_some() || !self.fields.are_sound() {
            // What is left of the part is read past on the way to the next.
            return Ok(());
        }
        let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let mut chunks = part.map(|chunk| chunk.map_err(|cause| cause.to_string()));
        if name.is_empty() {
            while let Some(chunk) = chunks.next().await {
                if !chunk.map_err(|_| cut_off())?.is_empty() {
                    self.fail(Some(field), not_a_file_form());
                    break;
                }
            }
            return Ok(());
        }
        let count = self.most.files;
        if self.files.len() >= count {
            let words = ungcuu_kit::text!("Mỗi lần gửi nhiều nhất {count} tệp.", "At most {count} files at a time.");
            self.fail(Some(field), Error::Limit(StatusCode::PAYLOAD_TOO_LARGE, words));
            return Ok(());
        }
        match self.call.app.blobs.put(Box::pin(chunks), self.most.each.min(self.left)).await {
            Ok(stored) => {
                self.left -= stored.size;
                self.call.note_file(&stored.sha256);
                let folder = folder_words(name);
                self.files.push(Incoming { field, name: plain_name(name), folder, media_type, stored });
            }
            Err(error) if self.left < self.most.each => self.fail(Some(field), too_much(error, self.most.total)),
            Err(error) => self.fail(Some(field), error),
        }
        Ok(())
    }

    /// The form will be refused, for the first reason that was found.
    fn fail(&mut self, field: Option<String>, fault: Error) {
        self.hurry();
        if self.fault.is_none() {
            self.call.sent().at_fault = field;
            self.fault = Some(fault);
        }
    }

    /// From now on no more than [`PATIENT`] bytes are read.
    fn hurry(&self) {
        self.patience.fetch_min(PATIENT, Ordering::Relaxed);
    }
}

/// The body until the line goes dead or patience ends. It simply ends then: the parts that had come are read all the same,
/// and the one that was cut off is missed by whoever reads it.
fn bounded(body: Body, patience: Arc<AtomicUsize>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    body.into_data_stream().scan(patience, |patience, chunk| {
        let left = patience.load(Ordering::Relaxed);
        let fits = |chunk: Bytes| match left {
            usize::MAX => Some(chunk),
            left => {
                patience.store(left.checked_sub(chunk.len())?, Ordering::Relaxed);
                Some(chunk)
            }
        };
        ready(chunk.ok().and_then(fits).map(Ok))
    })
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

/// The folders of a path as words: cleaned, without what leads upwards, at most 400 characters. `a/../b\c.txt` lies in
/// `a/b`.
pub fn folder_words(path: &str) -> String {
    let mut parts: Vec<&str> = path.split(['/', '\\']).collect();
    parts.pop();
    let odd = |letter: char| matches!(letter, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\n' | '\t');
    let cleaned = parts.into_iter().map(|part| ungcuu_kit::form::clean(part).replace(odd, "").trim().to_owned());
    let kept: Vec<String> = cleaned.filter(|part| part.chars().any(|letter| letter != '.')).collect();
    ungcuu_kit::text::shorten(&kept.join("/"), FOLDER)
}

fn not_a_file_form() -> Error {
    Error::Unreadable(Text::new(
        "Biểu mẫu gửi tệp không đọc được. Hãy tải lại trang rồi gửi lại.",
        "The form with files cannot be read. Reload the page and send it again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::{folder_words, plain_name};

    #[test]
    fn a_path_in_a_file_name_leads_nowhere() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\Users\\lan\\ảnh màn hình.png"), "ảnh màn hình.png");
        assert_eq!(plain_name(".."), "tep");
        assert_eq!(plain_name("a\u{202e}gpj.exe"), "agpj.exe");
    }

    #[test]
    fn the_folder_of_a_file_is_words_that_lead_nowhere() {
        assert_eq!(folder_words("thu/2023/a.eml"), "thu/2023");
        assert_eq!(folder_words("../../etc/passwd"), "etc");
        assert_eq!(folder_words("C:\\Users\\lan\\a.txt"), "C/Users/lan");
        assert_eq!(folder_words("a.txt"), "");
        assert_eq!(folder_words("a/\u{202e}b\u{0}/./.../c"), "a/b");
        assert!(folder_words(&"thư mục dài/".repeat(300)).chars().count() <= 401);
    }
}
