//! Packs the parts of a Word file so that the same document gives the same bytes, and adds what docx-rs cannot say.

use std::io::{Cursor, Read, Write};

use docx_rs::{HeightRule, TableRow, XMLDocx};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::RenderError;
use crate::document::Language;
use crate::prepare::Prepared;

/// Writes the archive, compressed, with the same fixed time at every entry.
pub fn write(mut parts: XMLDocx, prepared: &Prepared) -> Result<Vec<u8>, RenderError> {
    parts.document = with_repeating_heads(&without_paragraph_ids(&parts.document)?).into_bytes();
    for header in &mut parts.headers {
        *header = without_paragraph_ids(header)?.into_bytes();
    }
    parts.styles = with_language(&text(&parts.styles)?, prepared.document.language).into_bytes();
    parts.doc_props.core = properties(prepared).into_bytes();

    let mut loose = Cursor::new(Vec::new());
    parts.pack(&mut loose).map_err(failed)?;
    let mut loose = ZipArchive::new(loose).map_err(failed)?;
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    for index in 0..loose.len() {
        let mut entry = loose.by_index(index).map_err(failed)?;
        if entry.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(failed)?;
        packed.start_file(entry.name(), options).map_err(failed)?;
        packed.write_all(&content).map_err(failed)?;
    }
    Ok(packed.finish().map_err(failed)?.into_inner())
}

/// Paragraphs are numbered by a counter that goes on from document to document; nothing refers to the numbers.
fn without_paragraph_ids(part: &[u8]) -> Result<String, RenderError> {
    let part = text(part)?;
    let mut pieces = part.split(" w14:paraId=\"");
    let mut stripped = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        stripped.push_str(piece.split_once('"').map_or("", |(_, rest)| rest));
    }
    Ok(stripped)
}

/// Marks a head row. docx-rs has no word for "repeat on every page", so the row gets a height that no other row has,
/// which [`write`] turns into that word.
pub fn repeating(row: TableRow) -> TableRow {
    row.cant_split().row_height(1.0).height_rule(HeightRule::Auto)
}

/// Texts cannot be hit by this: a "<" in them is escaped.
fn with_repeating_heads(document: &str) -> String {
    document.replace("<w:trHeight w:val=\"1\" w:hRule=\"auto\" />", "<w:tblHeader />")
}

/// Tells the spelling checker which language this is.
fn with_language(styles: &str, language: Language) -> String {
    let tag = match language {
        Language::Vi => "vi-VN",
        Language::En => "en-GB",
    };
    styles.replacen("</w:rPr></w:rPrDefault>", &format!("<w:lang w:val=\"{tag}\" /></w:rPr></w:rPrDefault>"), 1)
}

fn properties(prepared: &Prepared) -> String {
    let moment = match prepared.file_date {
        Some((year, month, day)) => {
            let moment = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
            ["created", "modified"]
                .map(|name| format!("<dcterms:{name} xsi:type=\"dcterms:W3CDTF\">{moment}</dcterms:{name}>"))
                .concat()
        }
        None => String::new(),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
         <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:title>{}</dc:title><dc:creator>{}</dc:creator>{moment}</cp:coreProperties>",
        escaped(&prepared.file_title),
        escaped(&prepared.file_author),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn text(part: &[u8]) -> Result<String, RenderError> {
    String::from_utf8(part.to_vec()).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> RenderError {
    RenderError::Docx(error.to_string())
}
