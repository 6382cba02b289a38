//! The blocks of a body or an annex in Word.

use docx_rs::{
    BreakType, FieldCharType, InstrPAGEREF, InstrText, Paragraph as WordParagraph, Run, Table as WordTable, TableCell,
    TableCellMargins, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::Piece;
use super::package::repeating;
use super::text::{Look, empty, line, with_dots, with_text, with_tick_box};
use crate::document::{Align, Block, Choice, FieldRow, Paragraph, Table};

/// First-line indent of 1 cm.
const INDENT: i32 = 567;

/// Adds the blocks; `width` is what the page has between its margins, in twips.
pub fn add_blocks(pieces: &mut Vec<Piece>, blocks: &[Block], width: usize) {
    let has_contents = blocks.iter().any(|block| matches!(block, Block::Table(table) if table.contents));
    let mut chapters = 0;
    for block in blocks {
        match block {
            Block::Heading { level: 1, text } if has_contents => {
                chapters += 1;
                pieces.push(Piece::Paragraph(chapter(chapters, text)));
            }
            Block::Heading { level, text } => pieces.push(Piece::Paragraph(heading(*level, text))),
            Block::Paragraph(paragraph) => pieces.push(Piece::Paragraph(running_text(paragraph))),
            Block::Field { label, value, .. } => pieces.push(Piece::Paragraph(field(label, value.as_deref(), width))),
            Block::Choices { label, options, columns, .. } => add_choices(pieces, label, options, *columns, width),
            Block::Table(table) => add_table(pieces, data_table(table, width)),
            Block::FieldTable { rows } => add_table(pieces, field_table(rows, width)),
            // Lists have become paragraphs before they come here.
            Block::List { .. } => {}
            Block::PageBreak => {
                pieces.push(Piece::Paragraph(WordParagraph::new().add_run(Run::new().add_break(BreakType::Page))));
            }
        }
    }
}

/// A heading that a table of contents names the page of.
fn chapter(number: usize, text: &str) -> WordParagraph {
    let (paragraph, look) = blank_heading(1);
    let paragraph = paragraph.add_bookmark_start(number, bookmark(number));
    with_text(paragraph, text, &look).add_bookmark_end(number).outline_lvl(2)
}

/// A name that begins with a line is not offered to people who set marks of their own.
fn bookmark(number: usize) -> String {
    format!("_Chuong{number}")
}

/// The page of a chapter: a field that Word and its likes reckon when the file is opened.
fn page_of(number: usize, look: &Look) -> WordParagraph {
    let field = Run::new()
        .size(look.size)
        .add_field_char(FieldCharType::Begin, true)
        .add_instr_text(InstrText::PAGEREF(InstrPAGEREF::new(bookmark(number)).hyperlink()))
        .add_field_char(FieldCharType::Separate, false)
        .add_text("…")
        .add_field_char(FieldCharType::End, false);
    empty(look).add_run(field)
}

fn heading(level: u8, text: &str) -> WordParagraph {
    let (paragraph, look) = blank_heading(level);
    with_text(paragraph, text, &look).outline_lvl(usize::from(level.min(7)) + 1)
}

/// The paragraph of a heading without its words, and how they look.
fn blank_heading(level: u8) -> (WordParagraph, Look) {
    let look = Look {
        bold: true,
        italic: level >= 3,
        align: if level == 0 { Align::Center } else { Align::Left },
        first_line: if level == 0 { 0 } else { INDENT },
        before: if level <= 1 { 200 } else { 120 },
        after: 80,
        keep_next: true,
        ..Look::default()
    };
    (empty(&look), look)
}

fn running_text(paragraph: &Paragraph) -> WordParagraph {
    let look = Look {
        bold: paragraph.bold,
        italic: paragraph.italic,
        justify: paragraph.align.is_none(),
        align: paragraph.align.unwrap_or_default(),
        first_line: if paragraph.indent && paragraph.align.is_none() { INDENT } else { 0 },
        after: 120,
        ..Look::default()
    };
    line(&paragraph.text, &look)
}

fn field(label: &str, value: Option<&str>, width: usize) -> WordParagraph {
    let look = Look { justify: value.is_some(), after: 100, ..Look::default() };
    let paragraph = line(&format!("{label} "), &look);
    match value {
        Some(value) => with_text(paragraph, value, &look),
        None => with_dots(paragraph, width, &look),
    }
}

fn add_choices(pieces: &mut Vec<Piece>, label: &str, options: &[Choice], columns: u8, width: usize) {
    if !label.is_empty() {
        let look = Look { after: 60, keep_next: true, ..Look::default() };
        pieces.push(Piece::Paragraph(line(label, &look)));
    }
    let columns = usize::from(columns);
    if columns == 1 {
        let look = Look { left: 284, after: 60, ..Look::default() };
        pieces.extend(options.iter().map(|option| Piece::Paragraph(choice(option, &look))));
        return;
    }
    let widths = vec![width / columns; columns];
    let look = Look { left: 284, after: 40, ..Look::default() };
    let rows = options.chunks(columns).map(|chunk| {
        let filled = chunk.iter().map(|option| cell(vec![choice(option, &look)], width / columns));
        let blank = (chunk.len()..columns).map(|_| cell(vec![empty(&look)], width / columns));
        TableRow::new(filled.chain(blank).collect())
    });
    let table = WordTable::without_borders(rows.collect()).margins(TableCellMargins::new().margin(0, 60, 0, 0));
    add_table(pieces, fixed(table, widths));
}

fn choice(option: &Choice, look: &Look) -> WordParagraph {
    with_text(with_tick_box(empty(look), option.ticked, look), &format!(" {}", option.text), look)
}

fn data_table(table: &Table, width: usize) -> WordTable {
    let shares: usize = table.columns.iter().map(|column| usize::from(column.width)).sum();
    let widths: Vec<usize> =
        table.columns.iter().map(|column| width * usize::from(column.width) / shares.max(1)).collect();
    let last = table.rows.len().saturating_sub(1);
    let mut rows = Vec::with_capacity(table.rows.len() + 1);
    if table.columns.iter().any(|column| !column.header.is_empty()) {
        let look = Look { size: 24, bold: true, ..Look::centered() };
        let heads =
            table.columns.iter().zip(&widths).map(|(column, width)| {
                cell(vec![line(&column.header, &look)], *width).vertical_align(VAlignType::Center)
            });
        let row = TableRow::new(heads.collect());
        rows.push(if table.repeat_head { repeating(row) } else { row });
    }
    for (index, row) in table.rows.iter().enumerate() {
        let bold = table.total && index == last;
        let cells = row.iter().zip(&table.columns).zip(&widths).enumerate().map(|(place, ((text, column), width))| {
            let look = Look { size: 24, bold, align: column.align, ..Look::default() };
            let is_page = table.contents && place + 1 == row.len();
            cell(vec![if is_page { page_of(index + 1, &look) } else { line(text, &look) }], *width)
        });
        let cells = TableRow::new(cells.collect());
        rows.push(if is_low(row, &widths) { cells.cant_split() } else { cells });
    }
    ruled(rows, widths)
}

/// A row stays on one page, unless it may be too high for any.
fn is_low(row: &[String], widths: &[usize]) -> bool {
    // A letter of 12 points is some 120 twips wide.
    let lines = |(text, width): (&String, &usize)| text.matches('\n').count() + text.len() / (width / 120).max(1);
    row.iter().zip(widths).map(lines).all(|lines| lines < 20)
}

fn field_table(rows: &[FieldRow], width: usize) -> WordTable {
    let widths = vec![width * 2 / 5, width - width * 2 / 5];
    let look = Look { size: 24, ..Look::default() };
    let rows = rows.iter().map(|row| {
        let value = row.value.iter().map(|value| line(value, &look));
        let mut right: Vec<WordParagraph> = value.collect();
        right.extend(row.options.iter().map(|option| choice(option, &look)));
        if right.is_empty() {
            right.push(empty(&look));
        }
        TableRow::new(vec![cell(vec![line(&row.label, &look)], widths[0]), cell(right, widths[1])])
    });
    ruled(rows.collect(), widths.clone())
}

fn ruled(rows: Vec<TableRow>, widths: Vec<usize>) -> WordTable {
    fixed(WordTable::new(rows).margins(TableCellMargins::new().margin(40, 80, 40, 80)), widths)
}

fn fixed(table: WordTable, widths: Vec<usize>) -> WordTable {
    let sum = widths.iter().sum();
    table.set_grid(widths).width(sum, WidthType::Dxa).layout(TableLayoutType::Fixed)
}

/// Two tables in a row would grow together, so each is followed by a small empty line.
fn add_table(pieces: &mut Vec<Piece>, table: WordTable) {
    pieces.push(Piece::Table(table));
    pieces.push(Piece::Paragraph(empty(&Look { size: 12, ..Look::default() })));
}

fn cell(paragraphs: Vec<WordParagraph>, width: usize) -> TableCell {
    let cell = TableCell::new().width(width, WidthType::Dxa);
    paragraphs.into_iter().fold(cell, TableCell::add_paragraph)
}
