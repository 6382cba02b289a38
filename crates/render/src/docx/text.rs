//! One line or paragraph of Word, from a text and how it looks.

use docx_rs::{
    AlignmentType, BorderType, BreakType, LineSpacing, LineSpacingType, Paragraph, ParagraphBorder,
    ParagraphBorderPosition, ParagraphBorders, Run, RunFonts, SpecialIndentType, Tab, TabLeaderType, TabValueType,
};

use crate::document::Align;

/// How a paragraph looks. Sizes in half points, lengths in twips.
#[derive(Clone)]
pub struct Look {
    pub size: usize,
    pub bold: bool,
    pub italic: bool,
    pub justify: bool,
    pub align: Align,
    pub first_line: i32,
    pub left: i32,
    pub right: i32,
    pub before: u32,
    pub after: u32,
    pub keep_next: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            size: 26,
            bold: false,
            italic: false,
            justify: false,
            align: Align::Left,
            first_line: 0,
            left: 0,
            right: 0,
            before: 0,
            after: 0,
            keep_next: false,
        }
    }
}

impl Look {
    pub fn centered() -> Look {
        Look { align: Align::Center, ..Look::default() }
    }
}

/// A paragraph with one text.
pub fn line(text: &str, look: &Look) -> Paragraph {
    with_text(empty(look), text, look)
}

/// Adds a text; its line breaks become Word's.
pub fn with_text(mut paragraph: Paragraph, text: &str, look: &Look) -> Paragraph {
    for (index, part) in text.split('\n').enumerate() {
        let mut run = styled(Run::new(), look);
        if index > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        paragraph = paragraph.add_run(run.add_text(part));
    }
    paragraph
}

/// A paragraph of that look, without text.
pub fn empty(look: &Look) -> Paragraph {
    let first_line = (look.first_line > 0).then_some(SpecialIndentType::FirstLine(look.first_line));
    let spacing = LineSpacing::new().before(look.before).after(look.after).line_rule(LineSpacingType::Auto).line(252);
    let paragraph = Paragraph::new().size(look.size).align(alignment(look)).line_spacing(spacing).widow_control(true);
    let paragraph = paragraph.indent(Some(look.left), first_line, Some(look.right), None);
    if look.keep_next { paragraph.keep_next(true) } else { paragraph }
}

fn alignment(look: &Look) -> AlignmentType {
    match (look.justify, look.align) {
        (true, _) => AlignmentType::Both,
        (false, Align::Left) => AlignmentType::Left,
        (false, Align::Center) => AlignmentType::Center,
        (false, Align::Right) => AlignmentType::Right,
    }
}

fn styled(run: Run, look: &Look) -> Run {
    let run = run.size(look.size);
    let run = if look.bold { run.bold() } else { run };
    if look.italic { run.italic() } else { run }
}

/// Dots from here to `edge` twips from the left margin.
pub fn with_dots(paragraph: Paragraph, edge: usize, look: &Look) -> Paragraph {
    let tab = Tab::new().val(TabValueType::Right).leader(TabLeaderType::Dot).pos(edge);
    paragraph.add_tab(tab).add_run(styled(Run::new().add_tab(), look))
}

/// A box to tick. Word finds these two signs in the symbol font, whatever the document is written in.
pub fn with_tick_box(paragraph: Paragraph, ticked: bool, look: &Look) -> Paragraph {
    let symbols = "Segoe UI Symbol";
    let fonts = RunFonts::new().ascii(symbols).hi_ansi(symbols).east_asia(symbols).cs(symbols);
    let run = Run::new().size(look.size).fonts(fonts);
    paragraph.add_run(run.add_text(if ticked { "☑" } else { "☐" }))
}

/// A short centred rule in a column `column` twips wide: a tiny paragraph with a border above it.
pub fn rule(length: usize, column: usize) -> Paragraph {
    let side = (column.saturating_sub(length) / 2) as i32;
    let mut paragraph = empty(&Look { size: 4, left: side, right: side, before: 40, ..Look::centered() });
    let border = ParagraphBorder::new(ParagraphBorderPosition::Top).val(BorderType::Single).size(6);
    paragraph.property = paragraph.property.set_borders(ParagraphBorders::with_empty().set(border));
    paragraph
}

/// A text in a single frame as wide as itself.
pub fn framed(text: &str, column: usize) -> Paragraph {
    let look = Look { bold: true, before: 120, after: 60, ..Look::centered() };
    let side = (column.saturating_sub(text_width(text, &look) + 240) / 2) as i32;
    bordered(line(text, &Look { left: side, right: side, ..look }), BorderType::Single, 8)
}

/// The place of a digital signature, 70 mm wide and as high as seven lines of this look.
pub fn signing_frame(words: &str, column: usize, look: &Look) -> Paragraph {
    let side = (column.saturating_sub(3_969) / 2) as i32;
    let look = Look { left: side, right: side, before: 120, after: 120, ..look.clone() };
    bordered(line(&format!("\n\n\n{words}\n\n\n"), &look), BorderType::Dashed, 4)
}

fn bordered(mut paragraph: Paragraph, kind: BorderType, size: usize) -> Paragraph {
    let positions = [
        ParagraphBorderPosition::Top,
        ParagraphBorderPosition::Bottom,
        ParagraphBorderPosition::Left,
        ParagraphBorderPosition::Right,
    ];
    let mut borders = ParagraphBorders::with_empty();
    for position in positions {
        borders = borders.set(ParagraphBorder::new(position).val(kind).size(size).space(2));
    }
    paragraph.property = paragraph.property.set_borders(borders);
    paragraph
}

/// About how many twips a text is wide in Times New Roman: good enough for the length of a rule.
pub fn text_width(text: &str, look: &Look) -> usize {
    let thousandths = |sign: char| match sign {
        ' ' | '.' | ',' | '-' | ':' | ';' | 'i' | 'l' | 't' | 'j' | 'I' | 'ị' | 'í' => 290,
        'm' | 'M' | 'W' => 850,
        sign if sign.is_uppercase() => 700,
        _ => 490,
    };
    let widest = text.split('\n').map(|line| line.chars().map(thousandths).sum::<usize>()).max().unwrap_or(0);
    widest * look.size * 10 / 1000
}
