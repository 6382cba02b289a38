//! What stands around the body in Word: form box, head, title, addressees; recipients and signature.

use docx_rs::{
    AlignmentType, Paragraph, Table, TableAlignmentType, TableCell, TableCellMargins, TableLayoutType, TableRow,
    VAlignType, WidthType,
};

use super::Piece;
use super::text::{Look, framed, line, rule, signing_frame, text_width, with_text};
use crate::document::{Document, Head};
use crate::prepare::Prepared;

/// Everything above the first block of the body.
pub fn above_body(prepared: &Prepared, width: usize) -> Vec<Piece> {
    let document = &prepared.document;
    let mut pieces = Vec::new();
    if let Some(lines) = document.form_box.as_deref().filter(|lines| !lines.is_empty()) {
        pieces.push(Piece::Table(form_box(lines)));
        pieces.push(Piece::Paragraph(line("", &Look { size: 8, ..Look::default() })));
    }
    if let Some(head) = &document.head {
        pieces.extend(head_pieces(head, prepared, width));
    }
    if !document.title.is_empty() {
        let look = Look { size: 28, bold: true, before: 280, after: 40, keep_next: true, ..Look::centered() };
        pieces.push(Piece::Paragraph(line(&document.title, &look).outline_lvl(0)));
        if !document.subject.is_empty() {
            let look = Look { bold: true, keep_next: true, ..Look::centered() };
            pieces.push(Piece::Paragraph(line(&document.subject, &look)));
            pieces.push(Piece::Paragraph(rule(text_width(&document.subject, &look).min(width) * 2 / 5, width)));
        }
        pieces.push(Piece::Paragraph(line("", &Look { size: 12, ..Look::default() })));
    }
    pieces.extend(addressees(document, prepared.words.to));
    pieces
}

fn form_box(lines: &[String]) -> Table {
    let look = |index: usize| Look { size: 20, bold: index == 0, ..Look::centered() };
    let paragraphs = lines.iter().enumerate().map(|(index, text)| line(text, &look(index))).collect();
    Table::new(vec![TableRow::new(vec![cell(paragraphs, 4082)])])
        .set_grid(vec![4082])
        .width(4082, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Right)
        .margins(TableCellMargins::new().margin(60, 100, 60, 100))
}

fn head_pieces(head: &Head, prepared: &Prepared, width: usize) -> Vec<Piece> {
    let has_issuer = !head.body.is_empty() || head.parent.is_some();
    if !has_issuer && prepared.number_line.is_none() && prepared.date_line.is_none() {
        return motto(head, width).into_iter().map(Piece::Paragraph).collect();
    }
    let right = 5_500;
    let left = width - right;
    let rows = vec![
        TableRow::new(vec![cell(issuer(head, left), left), cell(motto(head, right), right)]),
        TableRow::new(vec![cell(under_issuer(prepared, left), left), cell(date(prepared), right)]),
    ];
    vec![Piece::Table(columns(rows, [left, right]))]
}

fn issuer(head: &Head, column: usize) -> Vec<Paragraph> {
    let look = Look { size: 24, bold: true, ..Look::centered() };
    let parent = head.parent.iter().map(|parent| line(parent, &Look { bold: false, ..look.clone() }));
    let mut paragraphs: Vec<Paragraph> = parent.collect();
    paragraphs.push(line(&head.body, &look));
    paragraphs.push(rule(text_width(&head.body, &look).min(column) * 2 / 5, column));
    paragraphs
}

fn motto(head: &Head, column: usize) -> Vec<Paragraph> {
    let Some((last, lines)) = head.motto.split_last() else { return Vec::new() };
    let name = Look { size: 24, bold: true, ..Look::centered() };
    let mut paragraphs: Vec<Paragraph> = lines.iter().map(|text| line(text, &name)).collect();
    let look = Look { bold: true, ..Look::centered() };
    paragraphs.push(line(last, &look));
    paragraphs.push(rule(text_width(last, &look).min(column), column));
    paragraphs
}

/// Number, subject of a letter, secrecy, urgency.
fn under_issuer(prepared: &Prepared, column: usize) -> Vec<Paragraph> {
    let document = &prepared.document;
    let mut paragraphs: Vec<Paragraph> =
        prepared.number_line.iter().map(|number| line(number, &Look { before: 80, ..Look::centered() })).collect();
    if document.title.is_empty() && !document.subject.is_empty() {
        paragraphs.push(line(&document.subject, &Look { size: 24, before: 60, ..Look::centered() }));
    }
    let marks = [&document.secrecy, &document.urgency];
    paragraphs.extend(marks.into_iter().flatten().map(|mark| framed(mark, column)));
    paragraphs
}

fn date(prepared: &Prepared) -> Vec<Paragraph> {
    let look = Look { italic: true, before: 80, ..Look::centered() };
    prepared.date_line.iter().map(|date| line(date, &look)).collect()
}

fn addressees(document: &Document, to: &str) -> Vec<Piece> {
    let look = Look { before: 120, after: 240, left: 567, right: 567, ..Look::centered() };
    match document.to.as_slice() {
        [] => Vec::new(),
        [one] => vec![Piece::Paragraph(line(&format!("{to} {one}"), &look))],
        several => {
            let first = Look { left: 1_418, before: 120, after: 60, keep_next: true, ..Look::default() };
            let mut pieces = vec![Piece::Paragraph(line(to, &first))];
            for (index, addressee) in several.iter().enumerate() {
                let after = if index + 1 == several.len() { 240 } else { 60 };
                let look = Look { left: 2_381, after, ..Look::default() };
                pieces.push(Piece::Paragraph(line(&format!("- {addressee}"), &look)));
            }
            pieces
        }
    }
}

/// Recipients on the left, the signature on the right.
pub fn foot_columns(prepared: &Prepared, width: usize) -> Vec<Piece> {
    let document = &prepared.document;
    if document.recipients.is_empty() && document.signature.is_none() {
        return Vec::new();
    }
    let left = width * 2 / 5;
    let right = width - left;
    let row = TableRow::new(vec![cell(recipients(prepared), left), cell(signature(prepared, right), right)]);
    let row = if document.recipients.len() > 12 { row } else { row.cant_split() };
    vec![
        Piece::Paragraph(line("", &Look { size: 16, keep_next: true, ..Look::default() })),
        Piece::Table(columns(vec![row], [left, right])),
        // Word wants a paragraph after the last table of a page.
        Piece::Paragraph(line("", &Look { size: 4, ..Look::default() })),
    ]
}

fn recipients(prepared: &Prepared) -> Vec<Paragraph> {
    let document = &prepared.document;
    if document.recipients.is_empty() {
        return Vec::new();
    }
    let title = Look { size: 24, bold: true, italic: true, ..Look::default() };
    let look = Look { size: 22, ..Look::default() };
    let mut paragraphs = vec![line(prepared.words.recipients, &title)];
    paragraphs.extend(document.recipients.iter().map(|recipient| with_text(line("- ", &look), recipient, &look)));
    paragraphs
}

fn signature(prepared: &Prepared, column: usize) -> Vec<Paragraph> {
    let Some(signature) = &prepared.document.signature else { return Vec::new() };
    let look = Look { keep_next: true, ..Look::centered() };
    let bold = Look { bold: true, ..look.clone() };
    let italic = Look { italic: true, ..look.clone() };
    let mut paragraphs: Vec<Paragraph> = signature.dateline.iter().map(|text| line(text, &italic)).collect();
    paragraphs.extend(signature.capacity.iter().map(|text| line(text, &bold)));
    paragraphs.extend(signature.note.iter().map(|text| line(text, &italic)));
    if signature.digital {
        let look = Look { size: 18, italic: true, ..look.clone() };
        paragraphs.push(signing_frame(prepared.words.digital, column, &look));
    } else {
        paragraphs.extend((0..5).map(|_| line("", &look)));
    }
    paragraphs.extend(signature.name.iter().map(|text| line(text, &Look { keep_next: false, ..bold.clone() })));
    paragraphs
}

/// A table nobody sees: two columns over the whole width.
fn columns(rows: Vec<TableRow>, widths: [usize; 2]) -> Table {
    Table::without_borders(rows)
        .set_grid(widths.to_vec())
        .width(widths[0] + widths[1], WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(0, 0, 0, 0))
}

fn cell(paragraphs: Vec<Paragraph>, width: usize) -> TableCell {
    let mut cell = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Top);
    // Word refuses a cell without a paragraph.
    let filler = paragraphs.is_empty().then(|| Paragraph::new().align(AlignmentType::Left));
    for paragraph in paragraphs.into_iter().chain(filler) {
        cell = cell.add_paragraph(paragraph);
    }
    cell
}
