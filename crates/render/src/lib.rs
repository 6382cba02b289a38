//! Lays out an administrative document by Decree 30/2020, as PDF and as Word, from one and the same value.
//!
//! This crate knows no database, no web and no incident: others fill a [`Document`] and get bytes. The same value gives
//! the same bytes; neither the clock nor the network is asked. Disk is read once, to look for fonts.

mod clean;
mod document;
mod docx;
#[cfg(feature = "pdf")]
mod fonts;
#[cfg(feature = "pdf")]
mod pdf;
mod prepare;
mod words;
pub mod worker;

pub use document::{
    Align, Annex, Block, Choice, Column, Date, Document, FieldRow, Head, Language, Marker, Paragraph, Signature, Table,
};

pub use prepare::{Prepared, prepare};
pub use words::Words;

use serde::{Deserialize, Serialize};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Pdf,
    Docx,
}

impl Format {
    /// How the name of such a file ends.
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

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The value could not be handed to the template.
    #[error("the document is not a plain value: {0}")]
    Value(#[from] serde_json::Error),
    /// The layout was refused; the text names the line of the template.
    #[error("the PDF could not be laid out: {0}")]
    Pdf(String),
    /// This program was built without the feature `pdf`.
    #[error("this program was built without PDF")]
    WithoutPdf,
    #[error("the Word file could not be written: {0}")]
    Docx(String),
}

/// The document as a file of this kind; see [`to_pdf`] and [`to_docx`].
pub fn render(document: &Document, format: Format) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Pdf => to_pdf(document),
        Format::Docx => to_docx(document),
    }
}

/// The document as PDF/A-2b, or as plain PDF when it holds something that the archive format refuses.
///
/// Takes 0.1 s for a page, seconds and hundreds of megabytes for thousands of table rows: call it where it may block,
/// and large ones one at a time.
#[cfg(feature = "pdf")]
pub fn to_pdf(document: &Document) -> Result<Vec<u8>, RenderError> {
    pdf::to_pdf(prepare::prepare(document)?)
}

/// Built without PDF, this is always [`RenderError::WithoutPdf`].
#[cfg(not(feature = "pdf"))]
pub fn to_pdf(_document: &Document) -> Result<Vec<u8>, RenderError> {
    Err(RenderError::WithoutPdf)
}

/// The document as a Word file (.docx) for people who have to go on writing in it.
pub fn to_docx(document: &Document) -> Result<Vec<u8>, RenderError> {
    docx::to_docx(&prepare::prepare(document)?)
}

/// The font family that [`to_pdf`] writes with on this machine, for the page that shows what the system runs on.
#[cfg(feature = "pdf")]
pub fn pdf_font() -> &'static str {
    fonts::fonts().family
}

/// Built without PDF there is no such family: the name is empty.
#[cfg(not(feature = "pdf"))]
pub fn pdf_font() -> &'static str {
    ""
}
