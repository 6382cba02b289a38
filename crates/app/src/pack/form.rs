//! Forms as data: sections, fields, options, notes and the signature, as the issuing body prints them.

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
    pub sections: Vec<FormSection>,
    /// Printed at the foot.
    #[serde(default)]
    pub notes: Vec<String>,
    pub signature: FormSignature,
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
}

impl Form {
    /// The field with this id, in whatever section.
    pub fn field(&self, id: &str) -> Option<&FormField> {
        self.fields().find(|field| field.id == id)
    }

    /// Every field in the order of the paper.
    pub fn fields(&self) -> impl Iterator<Item = &FormField> {
        self.sections.iter().flat_map(|section| &section.fields)
    }
}
