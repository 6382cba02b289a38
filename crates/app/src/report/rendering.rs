//! Documents as files, one at a time, beside the work of the pages.

use std::sync::Arc;

use bytes::Bytes;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;
use ungcuu_render::{Document, RenderError, to_docx, to_pdf};

use crate::app::App;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Pdf,
    Docx,
}

impl Format {
    pub fn ending(self) -> &'static str {
        match self {
            Format::Pdf => "pdf",
            Format::Docx => "docx",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Pdf => "application/pdf",
            Format::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// The document in these formats, in their order. Waits for its turn; a reader who goes away does not let the next one
/// begin before this one has ended, so memory stays bounded.
pub async fn render(app: &App, document: Document, formats: &'static [Format]) -> Result<Vec<Bytes>> {
    let turn = Arc::clone(&app.rendering).acquire_owned().await.map_err(Error::internal)?;
    let rendered = tokio::task::spawn_blocking(move || {
        // Given back when the work has ended, also when nobody waits for it any more.
        let _turn = turn;
        formats.iter().map(|format| one(&document, *format)).collect::<Result<Vec<Bytes>>>()
    });
    rendered.await.map_err(Error::internal)?
}

fn one(document: &Document, format: Format) -> Result<Bytes> {
    let made = match format {
        Format::Pdf => to_pdf(document),
        Format::Docx => to_docx(document),
    };
    made.map(Bytes::from).map_err(|cause| match cause {
        RenderError::WithoutPdf => Error::NotNow(Text::new(
            "Bản cài đặt này không tạo được PDF. Hãy tải bản Word.",
            "This installation cannot make PDF. Take the Word file.",
        )),
        other => Error::internal(other),
    })
}
