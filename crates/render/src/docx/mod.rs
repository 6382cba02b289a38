//! The document as a Word file, part by part in the order it is read.
//!
//! Word lays the page out itself, so this says the same things as the PDF template in Word's terms: half points, twips
//! (1/20 pt), invisible tables for columns, paragraph borders for short rules.

mod body;
mod head;
mod package;
mod text;

use docx_rs::{
    Docx, Header, PageMargin, PageNum, PageNumType, PageOrientationType, PageSize, Paragraph, RunFonts, Section, Table,
};

use crate::RenderError;
use crate::document::Annex;
use crate::prepare::Prepared;
use text::{Look, line};

/// Every Windows has it, and every office suite knows a family with the same widths.
const FONT: &str = "Times New Roman";

const PAGE_WIDTH: u32 = 11_906;
const PAGE_HEIGHT: u32 = 16_838;
const MARGIN_LEFT: u32 = 1_701;
const MARGIN_RIGHT: u32 = 850;
const MARGIN_TOP: i32 = 1_134;

/// A paragraph or a table: what a section consists of.
#[expect(clippy::large_enum_variant, reason = "a piece is made once and moved once, into its section")]
pub enum Piece {
    Paragraph(Paragraph),
    Table(Table),
}

/// Writes the file. The same document gives the same bytes.
pub fn to_docx(prepared: &Prepared) -> Result<Vec<u8>, RenderError> {
    let document = &prepared.document;
    let mut parts = vec![(false, main_part(prepared))];
    parts.extend(document.annexes.iter().map(|annex| (annex.landscape, annex_part(annex))));
    if let (Some(foot), Some((_, pieces))) = (&document.foot, parts.last_mut()) {
        pieces.push(Piece::Paragraph(line(foot, &Look { size: 15, before: 240, ..Look::default() })));
    }
    package::write(in_sections(parts).build(), prepared)
}

/// Each part is a Word section with its own page numbers; the last one is the document's own section.
fn in_sections(mut parts: Vec<(bool, Vec<Piece>)>) -> Docx {
    let (landscape, last) = parts.pop().unwrap_or_default();
    let fonts = RunFonts::new().ascii(FONT).hi_ansi(FONT).cs(FONT).east_asia(FONT);
    let mut docx = Docx::new().default_fonts(fonts).default_size(26);
    // A header stays in force in the sections that follow; on each first page, "title page" leaves it out.
    let mut number = Some(page_number());
    for (landscape, pieces) in parts {
        let size = page_size(landscape);
        let mut section = Section::new().page_size(PageSize::new().size(size.0, size.1));
        section = section.page_margin(margins()).page_orient(orientation(landscape));
        section = section.title_pg().page_num_type(PageNumType::new().start(1));
        if let Some(number) = number.take() {
            section = section.header(number);
        }
        for piece in pieces {
            section = match piece {
                Piece::Paragraph(paragraph) => section.add_paragraph(paragraph),
                Piece::Table(table) => section.add_table(table),
            };
        }
        docx = docx.add_section(section);
    }
    if let Some(number) = number {
        docx = docx.header(number);
    }
    for piece in last {
        docx = match piece {
            Piece::Paragraph(paragraph) => docx.add_paragraph(paragraph),
            Piece::Table(table) => docx.add_table(table),
        };
    }
    let (width, height) = page_size(landscape);
    // The size has to come first: setting it forgets the orientation.
    let docx = docx.page_size(width, height).page_orient(orientation(landscape)).page_margin(margins());
    docx.title_pg().page_num_type(PageNumType::new().start(1))
}

fn main_part(prepared: &Prepared) -> Vec<Piece> {
    let document = &prepared.document;
    let width = text_width(false);
    let mut pieces = head::above_body(prepared, width);
    body::add_blocks(&mut pieces, &document.body, width);
    pieces.extend(head::foot_columns(prepared, width));
    if !document.notes.is_empty() {
        let title = Look { size: 22, bold: true, italic: true, before: 240, keep_next: true, ..Look::default() };
        pieces.push(Piece::Paragraph(line(prepared.words.notes, &title)));
        let look = Look { size: 22, justify: true, after: 60, ..Look::default() };
        pieces.extend(document.notes.iter().map(|note| Piece::Paragraph(line(note, &look))));
    }
    pieces
}

fn annex_part(annex: &Annex) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, title) in annex.title.iter().enumerate() {
        let in_brackets = title.starts_with('(');
        let after = if index + 1 == annex.title.len() { 240 } else { 60 };
        let look = Look { bold: !in_brackets, italic: in_brackets, after, ..Look::centered() };
        pieces.push(Piece::Paragraph(line(title, &look)));
    }
    body::add_blocks(&mut pieces, &annex.body, text_width(annex.landscape));
    pieces
}

fn page_number() -> Header {
    Header::new().add_paragraph(line("", &Look::centered()).add_page_num(PageNum::new()))
}

fn page_size(landscape: bool) -> (u32, u32) {
    if landscape { (PAGE_HEIGHT, PAGE_WIDTH) } else { (PAGE_WIDTH, PAGE_HEIGHT) }
}

/// Twips between the margins.
fn text_width(landscape: bool) -> usize {
    (page_size(landscape).0 - MARGIN_LEFT - MARGIN_RIGHT) as usize
}

fn orientation(landscape: bool) -> PageOrientationType {
    if landscape { PageOrientationType::Landscape } else { PageOrientationType::Portrait }
}

fn margins() -> PageMargin {
    let page = PageMargin::new().top(MARGIN_TOP).bottom(MARGIN_TOP).header(567).footer(567).gutter(0);
    page.left(MARGIN_LEFT as i32).right(MARGIN_RIGHT as i32)
}
