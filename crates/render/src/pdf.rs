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
    let fonts = fonts();
    let mut value = serde_json::to_value(prepared)?;
    spell_out_all(&mut value, fonts);
    value["font"] = fonts.family.into();
    let json = serde_json::to_string(&value)?;

    let pdf = compile(json);
    // Without this, a long document would stay in memory for as long as the program runs, and with it its words.
    comemo::evict(0);
    pdf
}

fn compile(json: String) -> Result<Vec<u8>, RenderError> {
    let ident = json.clone();
    let world = DocumentWorld { shared: shared(), value: Bytes::from_string(json) };
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
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    value_id: FileId,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts().faces)),
        template: Source::new(file_id("decree30.typ"), TEMPLATE.to_owned()),
        value_id: file_id("document.json"),
    })
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
        fonts().faces.get(index).cloned()
    }

    /// No clock: the same value gives the same bytes.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
