//! What every part of the dossier is made of: a title, a table or lines, and words in the reader's language.

use ungcuu_kit::text::{Lang, Text, counted};
use ungcuu_kit::time::Time;
use ungcuu_render::{Block, Column, FieldRow, Paragraph, Table};

use crate::coordination::sieve::Sieve;
use crate::coordination::wall::Level;

/// A part of the dossier.
#[derive(Clone, Debug)]
pub struct Part {
    pub title: Text,
    /// How many entries it holds.
    pub rows: usize,
    /// There are more than were printed.
    pub cut: bool,
    pub blocks: Vec<Block>,
    /// For a part whose entries are marked one by one: how many stayed behind, and the strictest level of the others. None
    /// for a part that goes as far as its incident.
    pub sifted: Option<(usize, Level)>,
}

impl Part {
    /// A part that is one table; without rows it says that there is nothing.
    pub fn table(title: Text, columns: Vec<Column>, rows: Vec<Vec<String>>, cut: bool, teller: &Teller) -> Part {
        let count = rows.len();
        let block = match count {
            0 => nothing(teller),
            _ => Block::Table(Table { columns, rows, ..Table::default() }),
        };
        Part { title, rows: count, cut, blocks: vec![block], sifted: None }
    }

    /// The same for entries that were sifted one by one.
    pub fn sifted(self, left_out: usize, strictest: Level) -> Part {
        Part { sifted: Some((left_out, strictest)), ..self }
    }

    /// What of the part goes along in a copy for outside; says how many entries stayed behind and the strictest level of
    /// what is left. Inside nothing stays behind.
    pub fn leave_out(&mut self, sieve: &Sieve, incident: Level, teller: &Teller) -> (usize, Level) {
        if sieve.ceiling().is_none() {
            return (0, Level::Clear);
        }
        let (mut left_out, strictest) = match self.sifted {
            Some(sifted) => sifted,
            None if sieve.lets_incident() => (0, incident),
            None => {
                self.blocks.clear();
                self.cut = false;
                (std::mem::take(&mut self.rows), Level::Clear)
            }
        };
        let named = strike(&mut self.blocks, sieve);
        self.rows = self.rows.saturating_sub(named);
        left_out += named;
        if left_out > 0 {
            self.blocks.push(remark(match teller.lang {
                Lang::Vi => format!("{left_out} mục không có trong bản này vì phạm vi chia sẻ."),
                Lang::En => {
                    format!("{} left out of this copy because of the marking.", counted(left_out, "entry", "entries"))
                }
            }));
        }
        (left_out, strictest)
    }
}

/// Takes every line out that names what stays behind; how many.
fn strike(blocks: &mut Vec<Block>, sieve: &Sieve) -> usize {
    let mut struck = 0;
    let mut stays = |words: &str| {
        let names = sieve.names(words);
        struck += usize::from(names);
        !names
    };
    blocks.retain_mut(|block| match block {
        Block::Table(table) => {
            table.rows.retain(|row| stays(&row.join("\n")));
            true
        }
        Block::FieldTable { rows } => {
            rows.retain(|row| stays(&format!("{}\n{}", row.label, row.value.as_deref().unwrap_or_default())));
            true
        }
        Block::List { items, .. } => {
            items.retain(|item| stays(item));
            true
        }
        Block::Heading { text, .. } => stays(text),
        Block::Paragraph(paragraph) => stays(&paragraph.text),
        Block::Field { label, value, .. } => stays(&format!("{label}\n{}", value.as_deref().unwrap_or_default())),
        Block::Choices { .. } | Block::PageBreak => true,
    });
    // A table without rows would be a head over nothing.
    blocks.retain(|block| !matches!(block, Block::Table(table) if table.rows.is_empty()));
    struck
}

/// The line of an empty part.
pub fn nothing(teller: &Teller) -> Block {
    remark(teller.t("Không có.", "None.").to_owned())
}

/// A line about the dossier itself.
pub fn remark(text: String) -> Block {
    Block::Paragraph(Paragraph { text, italic: true, ..Paragraph::default() })
}

/// Says things in the language of the dossier.
#[derive(Clone, Copy)]
pub struct Teller {
    pub lang: Lang,
}

impl Teller {
    pub fn t<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(vi, en)
    }

    pub fn say(&self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    pub fn title(&self, vi: &'static str, en: &'static str) -> Text {
        Text::new(vi, en)
    }

    pub fn at(&self, time: Option<Time>) -> String {
        time.map(Time::to_minute).unwrap_or_default()
    }

    /// "label: 22/11/2026 14:05", or nothing.
    pub fn labelled_at(&self, label: &str, time: Option<Time>) -> String {
        self.labelled(label, &self.at(time))
    }

    /// "22/11/2026 14:05 – Nguyễn Thị Lan".
    pub fn when_by(&self, time: Option<Time>, by: &str) -> String {
        match (time, by) {
            (None, by) => by.to_owned(),
            (Some(time), "") => time.to_minute(),
            (Some(time), by) => format!("{}\n{by}", time.to_minute()),
        }
    }

    /// The parts that are not empty, each on a line of its own.
    pub fn lines<const N: usize>(&self, parts: [String; N]) -> String {
        parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// "label: words", or nothing when there are no words.
    pub fn labelled(&self, label: &str, words: &str) -> String {
        if words.trim().is_empty() { String::new() } else { format!("{label}: {words}") }
    }

    /// A row of a table of facts.
    pub fn fact(&self, label: &str, value: impl Into<String>) -> FieldRow {
        FieldRow { label: label.to_owned(), value: Some(value.into()), ..FieldRow::default() }
    }
}
