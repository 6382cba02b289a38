//! Documents as files, made one at a time by a process of their own: no document can slow the pages down, and one that
//! takes all memory or never ends takes only its maker along.
//!
//! Where this program is not the product's binary (tests, the project's chores), documents are made right here.

mod child;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use tokio::sync::{Mutex, Semaphore};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_render::{Document, RenderError};

pub use ungcuu_render::Format;
pub use ungcuu_render::worker::work;

use self::child::{Child, Outcome};
use crate::app::App;

/// How many may wait for their document at once; the next one is asked to come back.
const PLACES: usize = 32;
/// How long one waits for one's turn.
const PATIENCE: Duration = Duration::from_secs(60);

/// The family that is always there and does not look like an official document.
const STOPGAP: &str = "Libertinus Serif";

/// How documents are made.
#[derive(Clone, Debug)]
pub enum Maker {
    /// In this process: for tests and chores. Bounded by nothing but the turn.
    Here,
    /// By a program that is started with the single argument `render-worker` and the limits, and kept for the next one.
    Child { program: PathBuf, limits: Limits },
}

/// What a child may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Memory in MiB. Two hundred pages take about 300.
    pub memory: u64,
    /// The longest time for one file. The server stays free meanwhile, only the next document waits.
    pub time: Duration,
    /// The most text of one document, in bytes of its JSON.
    pub job: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory: 1024, time: Duration::from_secs(60), job: 16 << 20 }
    }
}

/// The place where documents are made.
pub struct Rendering {
    maker: Maker,
    places: Semaphore,
    /// Held by whose turn it is; the child waits in it between two documents.
    bench: Arc<Mutex<Option<Child>>>,
}

impl Rendering {
    pub fn new(maker: Maker) -> Rendering {
        Rendering { maker, places: Semaphore::new(PLACES), bench: Arc::default() }
    }

    /// The document in these formats, in their order. Waits for its turn. When the reader goes away, a child at work is
    /// ended; work in this process goes on to its end before the next begins.
    pub async fn render(&self, document: Document, formats: &'static [Format]) -> Result<Vec<Bytes>> {
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.bench).lock_owned());
        let mut bench = turn.await.map_err(|_| busy())?;
        match &self.maker {
            Maker::Here => {
                let rendered = tokio::task::spawn_blocking(move || {
                    // Given back when the work has ended, also when nobody waits for it any more.
                    let _bench = bench;
                    formats.iter().map(|format| here(&document, *format)).collect::<Result<Vec<Bytes>>>()
                });
                rendered.await.map_err(Error::internal)?
            }
            Maker::Child { program, limits } => {
                let mut files = Vec::with_capacity(formats.len());
                for format in formats {
                    let outcome = child::make(&mut bench, program, limits, &document, *format).await?;
                    files.push(in_words(outcome, limits)?);
                }
                Ok(files)
            }
        }
    }

    /// Ends the child that waits for the next document; a later one starts another.
    pub async fn rest(&self) {
        *self.bench.lock().await = None;
    }

    /// The family that PDF documents are set in on this machine. Starts the child, which then waits for the first document.
    pub async fn family(&self) -> Result<String> {
        let mut bench = Arc::clone(&self.bench).lock_owned().await;
        match &self.maker {
            Maker::Here => {
                Ok(tokio::task::spawn_blocking(ungcuu_render::pdf_font).await.map_err(Error::internal)?.to_owned())
            }
            Maker::Child { program, limits } => {
                let child = match bench.take() {
                    Some(child) => child,
                    None => Child::start(program, limits).await?,
                };
                Ok(bench.insert(child).family.clone())
            }
        }
    }
}

/// The document in these formats; see [`Rendering::render`].
pub async fn render(app: &App, document: Document, formats: &'static [Format]) -> Result<Vec<Bytes>> {
    app.rendering.render(document, formats).await
}

/// Tells the operator at the start when documents cannot be made, or would be made in letters no office knows.
pub async fn look_after(app: App) {
    match app.rendering.family().await {
        Ok(family) if family == STOPGAP => tracing::warn!(
            "no Times New Roman, Liberation Serif 2 or Tinos with all Vietnamese letters was found; documents are set in \
             {STOPGAP}. Install a font package (on Debian: fonts-liberation2) and start again"
        ),
        Ok(_) => {}
        Err(cause) => tracing::error!(?cause, "documents cannot be made as files"),
    }
}

fn here(document: &Document, format: Format) -> Result<Bytes> {
    match ungcuu_render::render(document, format) {
        Ok(file) => Ok(Bytes::from(file)),
        Err(RenderError::WithoutPdf) => Err(without_pdf()),
        Err(cause) => Err(Error::internal(cause)),
    }
}

/// What came of it, as a sentence for the reader when it is no file.
fn in_words(outcome: Outcome, limits: &Limits) -> Result<Bytes> {
    match outcome {
        Outcome::File(file) => Ok(file),
        Outcome::WithoutPdf => Err(without_pdf()),
        Outcome::TooMuchText(bytes) => {
            let (has, most) = (bytes.div_ceil(1 << 20), limits.job >> 20);
            let sentence = text!(
                "Tài liệu này có {has} MB chữ, nhiều nhất {most} MB mới tạo được tệp. Hãy xem trên màn hình, hoặc rút gọn rồi thử lại.",
                "This document has {has} MB of text; a file can be made of at most {most} MB. Read it on the screen, or shorten it and try again."
            );
            Err(Error::Limit(StatusCode::PAYLOAD_TOO_LARGE, sentence))
        }
        Outcome::TooLarge => Err(Error::Limit(
            StatusCode::PAYLOAD_TOO_LARGE,
            Text::new(
                "Tài liệu này quá lớn nên không tạo được tệp; phần việc khác không bị ảnh hưởng. Hãy xem trên màn hình, tải bản Word, hoặc rút gọn rồi thử lại.",
                "This document is too large to be made into a file; nothing else is affected. Read it on the screen, take the Word file, or shorten it and try again.",
            ),
        )),
        Outcome::TooLong => {
            let seconds = limits.time.as_secs();
            let sentence = text!(
                "Tạo tệp đã quá {seconds} giây nên phải dừng; phần việc khác không bị ảnh hưởng. Hãy thử lại khi máy rảnh hơn, tải bản Word, hoặc rút gọn tài liệu.",
                "Making the file took more than {seconds} seconds and was stopped; nothing else is affected. Try again when the machine is less busy, take the Word file, or shorten the document."
            );
            Err(Error::Limit(StatusCode::SERVICE_UNAVAILABLE, sentence))
        }
    }
}

fn without_pdf() -> Error {
    Error::not_now(
        "Bản cài đặt này không tạo được PDF. Hãy tải bản Word.",
        "This installation cannot make PDF. Take the Word file.",
    )
}

fn busy() -> Error {
    Error::Limit(
        StatusCode::SERVICE_UNAVAILABLE,
        Text::new(
            "Đang có nhiều tài liệu chờ tạo tệp. Hãy thử lại sau một phút.",
            "Many documents are waiting to be made into files. Try again in a minute.",
        ),
    )
}
