//! PDF by typst: one template in this program, one value beside it, nothing else within reach.
//!
//! The template asks for `document.json`; every other path is refused, so no document can read the disk or the network.
//! The words of a document arrive as strings of that file and are never read as markup.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::RenderError;
use crate::clean::spell_out;
use crate::fonts::{Fonts, fonts};
use crate::prepare::Prepared;

const TEMPLATE: &str = include_str!("../templates/decree30.typ");

/// Lays out, exports and lets typst forget what it remembered of this document.
pub fn to_pdf(prepared: Prepared) -> Result<Vec<u8>, RenderError> {
    write(prepared, shared())
}

fn write(prepared: Prepared, shared: &'static Shared) -> Result<Vec<u8>, RenderError> {
    let mut value = serde_json::to_value(prepared)?;
    spell_out_all(&mut value, shared.fonts);
    value["font"] = shared.fonts.family.into();
    let json = serde_json::to_string(&value)?;

    let pdf = compile(json, shared);
    // Without this, a long document would stay in memory for as long as the program runs, and with it its words.
    comemo::evict(0);
    pdf
}

fn compile(json: String, shared: &'static Shared) -> Result<Vec<u8>, RenderError> {
    let ident = json.clone();
    let world = DocumentWorld { shared, value: Bytes::from_string(json) };
    let compiled = typst::compile(&world);
    if let Some(warning) = compiled.warnings.first() {
        // The usual warning is a missing font: better no document than one in the wrong letters.
        return Err(RenderError::Pdf(describe(&world, warning)));
    }
    let pages = compiled.output.map_err(|errors| first_error(&world, &errors))?;
    let archive = options(&ident, &[PdfStandard::A_2b])?;
    match typst_pdf::pdf(&pages, &archive) {
        Ok(pdf) => Ok(pdf),
        Err(_) => typst_pdf::pdf(&pages, &options(&ident, &[])?).map_err(|errors| first_error(&world, &errors)),
    }
}

fn options(ident: &str, standards: &[PdfStandard]) -> Result<PdfOptions, RenderError> {
    let standards = PdfStandards::new(standards).map_err(|error| RenderError::Pdf(error.message().to_string()))?;
    Ok(PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(None),
        standards,
        ..Default::default()
    })
}

fn first_error(world: &DocumentWorld, errors: &[SourceDiagnostic]) -> RenderError {
    RenderError::Pdf(errors.first().map(|error| describe(world, error)).unwrap_or_default())
}

fn describe(world: &DocumentWorld, diagnostic: &SourceDiagnostic) -> String {
    let line = world.range(diagnostic.span).and_then(|range| world.shared.template.lines().byte_to_line(range.start));
    match line {
        Some(line) => format!("{} (template line {})", diagnostic.message, line + 1),
        None => diagnostic.message.to_string(),
    }
}

fn spell_out_all(value: &mut serde_json::Value, fonts: &Fonts) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.is_ascii() => {}
        Value::String(text) => *text = spell_out(text, |sign| fonts.draw(sign)),
        Value::Array(values) => values.iter_mut().for_each(|value| spell_out_all(value, fonts)),
        Value::Object(fields) => fields.values_mut().for_each(|value| spell_out_all(value, fonts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What all documents have in common.
struct Shared {
    fonts: &'static Fonts,
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    value_id: FileId,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| Shared::with(fonts()))
}

impl Shared {
    fn with(fonts: &'static Fonts) -> Shared {
        Shared {
            fonts,
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts.faces)),
            template: Source::new(file_id("decree30.typ"), TEMPLATE.to_owned()),
            value_id: file_id("document.json"),
        }
    }
}

fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("a plain file name is a path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// The little world that typst sees.
struct DocumentWorld {
    shared: &'static Shared,
    value: Bytes,
}

impl World for DocumentWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.shared.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() { Ok(self.shared.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shared.value_id { Ok(self.value.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.faces.get(index).cloned()
    }

    /// No clock: the same value gives the same bytes.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::fonts::fallback;
    use crate::{Block, Date, Document, Head, prepare};

    fn ask(program: &str, pdf: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.pdf");
        std::fs::write(&file, pdf).unwrap();
        let mut command = Command::new(program);
        command.arg(&file);
        if program == "pdftotext" {
            command.arg("-");
        }
        let output = command.output().expect("poppler-utils are installed");
        assert!(output.status.success(), "{program} refuses the file");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_machine_without_fonts_prints_every_vietnamese_word_in_the_carried_family_and_for_the_archive() {
        let words = "Uỷ ban nhân dân xã Mỹ Hiệp: ngừng tiếp nhận hồ sơ; đã cách ly năm máy, giữ nguyên hiện trạng.";
        let body = vec![
            Block::paragraph(words),
            Block::field("Nơi phát hiện", true, Some("Bộ phận một cửa – phường Mỹ Ngãi".to_owned())),
            // Letters that this family has not are printed by their number: nothing is an empty box.
            Block::field("Tên tệp", true, Some("مرحبا.exe và 木".to_owned())),
        ];
        // The archive asks for a date.
        let date = Some(Date { year: 2026, month: 9, day: 1 });
        let head = Some(Head { date, ..Head::default() });
        let document = Document { head, body, ..Document::default() };
        let shared: &'static Shared = Box::leak(Box::new(Shared::with(Box::leak(Box::new(fallback())))));
        let pdf = write(prepare::prepare(&document).unwrap(), shared).unwrap();
        assert!(String::from_utf8_lossy(&pdf).contains("pdfaid:part"), "it is made for the archive all the same");
        let printed = ask("pdftotext", &pdf).replace('\n', " ");
        for there in
            [words, "Bộ phận một cửa – phường Mỹ Ngãi", "[U+0645][U+0631][U+062D][U+0628][U+0627].exe", "[U+6728]"]
        {
            assert!(printed.contains(there), "“{there}” is not in\n{printed}");
        }
        for line in ask("pdffonts", &pdf).lines().skip(2) {
            assert!(line.contains("LibertinusSerif") && line.contains("yes"), "{line}");
        }
    }
}
