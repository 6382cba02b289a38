//! The step that both outputs share: a cleaned document with every sign that the layout owes it.
//!
//! After this step PDF and Word only place text. Bases and lists have become paragraphs, labels end in "(*)" and a colon,
//! lists of addressees in ";" and ".", table rows have as many cells as the table has columns.

use serde::Serialize;

use crate::RenderError;
use crate::clean::clean_all;
use crate::document::{Block, Document, FieldRow, Head, Paragraph, Table};
use crate::words::{Words, date_line, list_marker, number_line, words};

/// A document ready to be placed on pages.
#[derive(Serialize)]
pub struct Prepared {
    pub document: Document,
    pub words: Words,
    /// Left out (None) or ready to print.
    pub number_line: Option<String>,
    pub date_line: Option<String>,
    /// For the properties of the file.
    pub file_title: String,
    pub file_author: String,
    /// Year, month and day for the properties of the file; never the clock.
    pub file_date: Option<(u16, u8, u8)>,
}

/// Cleans and completes a document.
pub fn prepare(document: &Document) -> Result<Prepared, RenderError> {
    let mut value = serde_json::to_value(document)?;
    clean_all(&mut value);
    let mut document: Document = serde_json::from_value(value)?;

    let language = document.language;
    let bases = std::mem::take(&mut document.bases);
    let mut body: Vec<Block> = end_lines(bases).into_iter().map(basis).collect();
    body.append(&mut document.body);
    document.body = prepare_blocks(body, language);
    for annex in &mut document.annexes {
        annex.body = prepare_blocks(std::mem::take(&mut annex.body), language);
    }
    document.to = match document.to.len() {
        1 => document.to,
        _ => end_lines(document.to),
    };
    document.recipients = end_lines(document.recipients);

    let head = document.head.as_ref();
    Ok(Prepared {
        words: words(language),
        number_line: head.filter(|head| !head.without_number).map(|head| number_line(head, language)),
        date_line: head.filter(|head| !head.without_date).map(|head| date_line(head, language)),
        file_title: file_title(&document),
        file_author: head.map(|head: &Head| head.body.replace('\n', " ")).unwrap_or_default(),
        file_date: head.and_then(|head| head.date).filter(|date| date.is_valid()).map(|d| (d.year, d.month, d.day)),
        document,
    })
}

fn file_title(document: &Document) -> String {
    let parts = [document.title.as_str(), document.subject.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ").replace('\n', " ")
}

fn basis(text: String) -> Block {
    Block::Paragraph(Paragraph { text, italic: true, ..Paragraph::default() })
}

/// Ends every line with ";" and the last with ".", unless the line ends in a mark already.
fn end_lines(lines: Vec<String>) -> Vec<String> {
    let last = lines.len().saturating_sub(1);
    let end = |(index, line): (usize, String)| match line.chars().last() {
        None | Some('.' | ';' | ',' | ':' | '…') => line,
        Some(_) if index == last => line + ".",
        Some(_) => line + ";",
    };
    lines.into_iter().enumerate().map(end).collect()
}

fn prepare_blocks(blocks: Vec<Block>, language: crate::Language) -> Vec<Block> {
    let mut prepared = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Block::Field { label, obligatory, value } => {
                let label = with_colon(marked(label, obligatory));
                prepared.push(Block::Field { label, obligatory, value: value.filter(|value| !value.is_empty()) });
            }
            Block::Choices { label, obligatory, options, columns } => {
                let label = marked(label, obligatory);
                prepared.push(Block::Choices { label, obligatory, options, columns: columns.clamp(1, 6) });
            }
            Block::FieldTable { rows } => {
                let mark = |row: FieldRow| FieldRow { label: marked(row.label, row.obligatory), ..row };
                prepared.push(Block::FieldTable { rows: rows.into_iter().map(mark).collect() });
            }
            Block::List { marker, items } => {
                for (index, item) in items.into_iter().enumerate() {
                    prepared.push(Block::paragraph(format!("{} {item}", list_marker(marker, index, language))));
                }
            }
            Block::Table(table) if table.columns.is_empty() => {}
            Block::Table(table) => prepared.push(Block::Table(squared(table))),
            block @ (Block::Heading { .. } | Block::Paragraph(_) | Block::PageBreak) => prepared.push(block),
        }
    }
    prepared
}

/// Puts "(*)" behind the label of an obligatory field, before its colon.
fn marked(label: String, obligatory: bool) -> String {
    let bare = label.trim_end_matches([':', ' ']);
    if !obligatory || bare.contains("(*)") {
        return label;
    }
    let colon = if bare.len() < label.trim_end().len() { ":" } else { "" };
    format!("{bare} (*){colon}")
}

fn with_colon(label: String) -> String {
    if label.is_empty() || label.ends_with([':', '?']) { label } else { label + ":" }
}

/// As many cells in each row as there are columns, and widths that a page can be divided by.
fn squared(mut table: Table) -> Table {
    for row in &mut table.rows {
        row.resize(table.columns.len(), String::new());
    }
    for column in &mut table.columns {
        column.width = column.width.max(1);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Column;

    #[test]
    fn an_obligatory_label_has_its_star_before_the_colon_and_only_once() {
        assert_eq!(with_colon(marked("Địa chỉ:".to_owned(), true)), "Địa chỉ (*):");
        assert_eq!(with_colon(marked("Địa chỉ (*)".to_owned(), true)), "Địa chỉ (*):");
        assert_eq!(with_colon(marked("Chức vụ".to_owned(), false)), "Chức vụ:");
    }

    #[test]
    fn lines_end_in_semicolons_and_the_last_in_a_full_stop() {
        let lines = ["Như trên", "Công an thành phố;", "Lưu: VT"].map(str::to_owned).to_vec();
        assert_eq!(end_lines(lines), ["Như trên;", "Công an thành phố;", "Lưu: VT."]);
    }

    #[test]
    fn rows_get_the_width_of_the_table() {
        let columns = vec![Column::new("A", 0), Column::new("B", 2)];
        let rows = vec![vec!["1".to_owned()], vec!["1".to_owned(); 3]];
        let table = squared(Table { columns, rows, ..Table::default() });
        assert!(table.rows.iter().all(|row| row.len() == 2));
        assert_eq!(table.columns[0].width, 1);
    }

    #[test]
    fn an_impossible_date_is_kept_out_of_the_file_properties() {
        let date = Some(crate::Date { year: 2026, month: 2, day: 30 });
        let document = Document { head: Some(Head { date, ..Head::default() }), ..Document::default() };
        assert_eq!(prepare(&document).expect("a plain value").file_date, None);
    }
}
