//! Forms as data: sections, fields, options, notes and the signature, as the issuing body prints them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Words;

use super::model::Confidence;

/// A form that a document is made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub id: String,
    /// A short name for lists and buttons.
    pub name: Words,
    /// "Mẫu số 03".
    pub code: Words,
    /// The lines of the box at the top right.
    #[serde(default)]
    pub box_text: Vec<String>,
    /// The title as printed.
    pub title: String,
    /// An earlier document that this one must point to, as a form id.
    #[serde(default)]
    pub answers: Option<String>,
    /// What the subject of an e-mail must begin with.
    #[serde(default)]
    pub mail_subject_prefix: Option<String>,
    #[serde(default)]
    pub basis: Words,
    #[serde(default)]
    pub confidence: Confidence,
    /// Regime ids: offered only for incidents that were detected while one of them held; always when empty.
    #[serde(default)]
    pub regimes: Vec<String>,
    /// Sort of document, from [`Numbering::kinds`], which gives its symbol; a letter has none.
    #[serde(default)]
    pub number: Option<String>,
    /// The function whose unit issues it and whose number it takes; the unit that runs the system when none is named.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Subject line under the title. `{title}`, `{code}`, `{system}` and `{unit}` stand for the incident's.
    #[serde(default)]
    pub subject: String,
    /// Begins with "Kính gửi" and its recipients.
    #[serde(default)]
    pub addressed: bool,
    /// Legal bases, one a line, as printed.
    #[serde(default)]
    pub bases: Vec<String>,
    /// Paragraphs before the first field and after the last.
    #[serde(default)]
    pub opening: Vec<String>,
    #[serde(default)]
    pub closing: Vec<String>,
    /// Functions that receive it besides those that deadline rules name.
    #[serde(default)]
    pub to: Vec<String>,
    /// Recipient lines that are no unit: "Lưu: VT".
    #[serde(default)]
    pub kept: Vec<String>,
    /// Functions whose people approve it before it is issued; when none is named, whoever writes it issues it.
    #[serde(default)]
    pub approved_by: Vec<String>,
    /// What is noted when it is sent to somebody: an id of `lists.disclosure_kinds`. Not noted when missing.
    #[serde(default)]
    pub disclosure: Option<String>,
    pub sections: Vec<FormSection>,
    /// Printed at the foot.
    #[serde(default)]
    pub notes: Vec<String>,
    pub signature: FormSignature,
}

/// How documents are numbered: one series for each issuer, sort of document and year.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbering {
    /// `{number}`, `{kind}` and `{unit}`, with the signs between them: `{number}/{kind}-{unit}`.
    pub pattern: String,
    /// The same for documents without a sort of their own (letters).
    pub letter: String,
    pub kinds: Vec<DocumentKind>,
    /// What stands for an issuer, by unit id, or by kind of unit where the unit is not named.
    pub symbols: BTreeMap<String, String>,
}

impl Default for Numbering {
    fn default() -> Numbering {
        Numbering {
            pattern: "{number}/{kind}-{unit}".to_owned(),
            letter: "{number}/{unit}".to_owned(),
            kinds: Vec::new(),
            symbols: BTreeMap::new(),
        }
    }
}

/// A sort of document.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentKind {
    pub id: String,
    pub name: Words,
    /// As printed in its number: "BC".
    pub symbol: String,
    #[serde(default)]
    pub confidence: Confidence,
}

impl Numbering {
    pub fn kind(&self, id: &str) -> Option<&DocumentKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// What stands for a unit; empty when the pack has no symbol for it.
    pub fn symbol(&self, unit: &str, unit_kind: &str) -> &str {
        self.symbols.get(unit).or_else(|| self.symbols.get(unit_kind)).map(String::as_str).unwrap_or_default()
    }

    /// A number as it is printed: below ten with a leading zero. Parts without words leave no sign behind.
    pub fn print(&self, number: i64, kind: &str, unit: &str) -> String {
        let symbol = self.kind(kind).map(|kind| kind.symbol.as_str()).unwrap_or_default();
        let pattern = if symbol.is_empty() { &self.letter } else { &self.pattern };
        let digits = format!("{number:02}");
        let words = pattern.replace("{number}", &digits).replace("{kind}", symbol).replace("{unit}", unit);
        words.trim_end_matches(['/', '-', ' ']).to_owned()
    }
}

/// A headed part of a form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSection {
    pub id: String,
    /// As printed; English for readers of English.
    pub title: Words,
    #[serde(default)]
    pub layout: FormLayout,
    pub fields: Vec<FormField>,
}

/// How a section is set on paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormLayout {
    /// Label, colon, value.
    #[default]
    Lines,
    /// A ruled table of label and value.
    Table,
    /// The title is the label; the value stands under it.
    Bare,
}

/// One field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Unique in the form.
    pub id: String,
    pub label: Words,
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Marked (*) on the form.
    #[serde(default)]
    pub obligatory: bool,
    /// The printed guidance in the cell.
    #[serde(default)]
    pub hint: Option<Words>,
    #[serde(default)]
    pub options: Vec<FormOption>,
    /// Where the first value comes from, from [`super::Known::sources`].
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    pub confidence: Confidence,
    /// Kept in the form and not asked for, with the reason of whoever hid it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hidden_reason: String,
}

/// What can be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Long,
    Date,
    Time,
    Moment,
    YesNo,
    /// One of the options.
    One,
    /// Any number of the options.
    Many,
    Files,
    Integer,
    /// Vietnamese đồng.
    Money,
}

/// A choice of a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormOption {
    pub id: String,
    pub label: Words,
    /// Asks for words: "Khác, đó là: …".
    #[serde(default)]
    pub free_text: bool,
    /// What else in the records ticks it, besides its own id and name: functions, kinds of evidence, sources of alerts.
    #[serde(default)]
    pub from: Vec<String>,
    #[serde(default)]
    pub confidence: Confidence,
}

/// The place where somebody signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSignature {
    pub title: String,
    #[serde(default)]
    pub note: String,
    /// In what capacity people may sign, one of which is chosen and printed in place of the title; lines are parted by
    /// line ends ("TM. …", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH").
    #[serde(default)]
    pub capacities: Vec<String>,
    /// Signed digitally: the page keeps a framed place for the signature, and the signed file is asked for.
    #[serde(default)]
    pub digital: bool,
}

impl Form {
    /// The field with this id, in whatever section.
    pub fn field(&self, id: &str) -> Option<&FormField> {
        self.fields().find(|field| field.id == id)
    }

    /// The form as people fill it in: without the fields that were hidden, and without sections that have no other.
    pub fn shown(mut self) -> Form {
        for section in &mut self.sections {
            section.fields.retain(|field| !field.hidden);
        }
        self.sections.retain(|section| !section.fields.is_empty());
        self
    }

    /// Every field in the order of the paper.
    pub fn fields(&self) -> impl Iterator<Item = &FormField> {
        self.sections.iter().flat_map(|section| &section.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_printed_as_the_pack_has_it() {
        let bc = DocumentKind {
            id: "BC".into(),
            name: Words::default(),
            symbol: "BC".into(),
            confidence: Confidence::Read2,
        };
        let numbering = Numbering { kinds: vec![bc], ..Numbering::default() };
        assert_eq!(numbering.print(3, "BC", "UBND"), "03/BC-UBND");
        assert_eq!(numbering.print(112, "", "UBND"), "112/UBND");
        assert_eq!(numbering.print(3, "BC", ""), "03/BC");
        assert_eq!(numbering.print(3, "", ""), "03");
    }
}
