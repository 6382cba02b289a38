//! The administrative document as a value: what it says, never how it looks.
//!
//! Whoever fills it gives finished words in the language of the document; the layout adds only the fixed words around them
//! ("Số:", "Kính gửi:", "Nơi nhận:"), the "(*)" of obligatory fields and the marks at the end of list lines.
//! Line breaks inside a text are kept. Everything has a default, so a form names only the parts it has.

use serde::{Deserialize, Serialize};

/// One document, from its head to its annexes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// Language of the fixed words and of the file.
    pub language: Language,
    /// Lines of the small box at the top right, as in "Mẫu số 03 / Ban hành kèm theo …".
    pub form_box: Option<Vec<String>>,
    pub head: Option<Head>,
    /// Urgency mark, framed under the number.
    pub urgency: Option<String>,
    /// Secrecy mark, framed under the number, above the urgency.
    pub secrecy: Option<String>,
    /// The type of the document, in the capitals it is printed with. Empty for an official letter.
    pub title: String,
    /// The subject line (trích yếu). Without a title it stands under the number, as in a letter ("V/v …").
    pub subject: String,
    /// Addressees. One stands on the line of "Kính gửi:", several below it.
    pub to: Vec<String>,
    /// Legal bases, one per line, in italics.
    pub bases: Vec<String>,
    pub body: Vec<Block>,
    pub signature: Option<Signature>,
    /// Lines of "Nơi nhận:".
    pub recipients: Vec<String>,
    /// Remarks in small type after the signature.
    pub notes: Vec<String>,
    pub annexes: Vec<Annex>,
    /// Tiny line at the bottom of the last page, such as the journal head the document was made from.
    pub foot: Option<String>,
}

/// The language of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Vi,
    En,
}

/// The two columns above the title: who issues it on the left, the national name and motto on the right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Head {
    /// The body directly above, not bold.
    pub parent: Option<String>,
    /// The issuing body, bold with a rule under it. With no body, the motto is centred on the page.
    pub body: String,
    /// Number and symbol without "Số:". None prints dots.
    pub number: Option<String>,
    /// Leaves the line of the number out.
    pub without_number: bool,
    pub place: String,
    /// None prints "ngày … tháng … năm …".
    pub date: Option<Date>,
    /// Leaves the line of place and date out; forms carry it above the signature (see [`Signature::dateline`]).
    pub without_date: bool,
    /// National name and motto; the last line is underlined by a rule as long as itself.
    pub motto: Vec<String>,
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Date {
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// The right half of the foot: who signs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signature {
    /// Place and date above the signature, in italics, for forms that have them there.
    pub dateline: Option<String>,
    /// Lines such as "TM. UỶ BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH".
    pub capacity: Vec<String>,
    /// Such as "(Ký tên, đóng dấu)".
    pub note: Option<String>,
    /// Frames the place where a signing program has to put the digital signature, 70 mm × 30 mm between capacity and name.
    /// Without it the same place is left blank for a pen and a seal.
    pub digital: bool,
    pub name: Option<String>,
}

/// An annex on pages of its own, numbered from 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Annex {
    /// Centred title lines, bold; a line in brackets ("(Kèm theo …)") is in italics.
    pub title: Vec<String>,
    pub landscape: bool,
    pub body: Vec<Block>,
}

/// One piece of the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// Level 0 is a centred part or chapter, 1 and 2 are bold, 3 and more bold italic.
    Heading {
        level: u8,
        text: String,
    },
    Paragraph(Paragraph),
    /// A label with its value; no value prints a line of dots.
    Field {
        label: String,
        #[serde(default)]
        obligatory: bool,
        #[serde(default)]
        value: Option<String>,
    },
    /// Boxes to tick, in `columns` columns (0 counts as 1).
    Choices {
        label: String,
        #[serde(default)]
        obligatory: bool,
        options: Vec<Choice>,
        #[serde(default)]
        columns: u8,
    },
    Table(Table),
    /// Labels on the left, values or choices on the right, as in the system table of an incident form.
    FieldTable {
        rows: Vec<FieldRow>,
    },
    List {
        #[serde(default)]
        marker: Marker,
        items: Vec<String>,
    },
    PageBreak,
}

/// Running text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Paragraph {
    pub text: String,
    /// First line indented by 1 cm. On by default.
    pub indent: bool,
    pub bold: bool,
    pub italic: bool,
    /// None is justified.
    pub align: Option<Align>,
}

/// Where a text stands between its edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Left,
    Center,
    Right,
}

/// One box to tick.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choice {
    pub text: String,
    pub ticked: bool,
}

/// A ruled table. Rows shorter than the columns are filled with empty cells, longer ones are cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// Prints the head again on every page. On by default.
    pub repeat_head: bool,
    /// The last row is a sum, printed bold.
    pub total: bool,
    /// A table of contents: the last cell of each row is the page of a chapter, which is the heading of level 1 that comes
    /// as many after the table as the row stands in it. Whatever the cell says is passed over.
    pub contents: bool,
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Column {
    pub header: String,
    /// Share of the page width, in relation to the other columns (0 counts as 1).
    pub width: u16,
    pub align: Align,
}

/// A row of [`Block::FieldTable`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldRow {
    pub label: String,
    pub obligatory: bool,
    pub value: Option<String>,
    /// Boxes to tick, under the value if there is one.
    pub options: Vec<Choice>,
}

/// What stands before the items of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    #[default]
    Dash,
    /// 1. 2. 3.
    Number,
    /// a) b) c) d) đ), in the Vietnamese order or the English one.
    Letter,
}

impl Default for Paragraph {
    fn default() -> Paragraph {
        Paragraph { text: String::new(), indent: true, bold: false, italic: false, align: None }
    }
}

impl Default for Table {
    fn default() -> Table {
        Table { columns: Vec::new(), rows: Vec::new(), repeat_head: true, total: false, contents: false }
    }
}

impl Default for Column {
    fn default() -> Column {
        Column { header: String::new(), width: 1, align: Align::Left }
    }
}

impl Block {
    /// A heading; see [`Block::Heading`] for the levels.
    pub fn heading(level: u8, text: impl Into<String>) -> Block {
        Block::Heading { level, text: text.into() }
    }

    /// A justified paragraph with its first line indented.
    pub fn paragraph(text: impl Into<String>) -> Block {
        Block::Paragraph(Paragraph { text: text.into(), ..Paragraph::default() })
    }

    /// A label with its value, or with dots.
    pub fn field(label: impl Into<String>, obligatory: bool, value: Option<String>) -> Block {
        Block::Field { label: label.into(), obligatory, value }
    }
}

impl Choice {
    pub fn new(text: impl Into<String>, ticked: bool) -> Choice {
        Choice { text: text.into(), ticked }
    }
}

impl Column {
    /// A left-aligned column taking `width` shares of the page.
    pub fn new(header: impl Into<String>, width: u16) -> Column {
        Column { header: header.into(), width, align: Align::Left }
    }

    pub fn aligned(self, align: Align) -> Column {
        Column { align, ..self }
    }
}

impl Date {
    /// Whether the day exists in the calendar.
    pub fn is_valid(self) -> bool {
        let leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        (1..=days).contains(&self.day)
    }
}
