//! The plan as a document: its head, its words, its annexes, and the duties that can be followed up.

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::{Text, Words};

/// The document itself, as issued: words as printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub number: String,
    pub issued_on: String,
    pub place: String,
    /// The left half of the head, line by line; the last line is the issuing body.
    pub issuer: Vec<String>,
    /// The right half of the head.
    pub motto: Vec<String>,
    /// The document type as printed: "KẾ HOẠCH".
    pub kind: String,
    /// The subject lines under the type.
    pub subject: String,
    /// A short name for lists and for readers of English.
    pub name: Words,
    pub period_from: String,
    pub period_to: String,
    /// The paragraph that gives the reasons for the plan.
    pub bases: Vec<String>,
    /// The plan that this one carries out.
    #[serde(default)]
    pub parent: Option<ParentPlan>,
    pub signature: Signature,
    pub recipients: Vec<String>,
    pub sections: Vec<PlanSection>,
    #[serde(default)]
    pub annexes: Vec<Annex>,
    /// What part IV asks of whom, for code to follow up.
    #[serde(default)]
    pub duties: Vec<Duty>,
}

/// The plan above this one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentPlan {
    pub number: String,
    pub issued_on: String,
    pub issuer: String,
    pub subject: String,
}

/// The signature block.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// "TM. UỶ BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH".
    pub capacity: Vec<String>,
    pub name: String,
}

/// A part of the plan: I, II, III, IV.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSection {
    pub number: String,
    pub title: String,
    /// The first paragraph follows the title on its line, after a colon.
    #[serde(default)]
    pub run_in: bool,
    #[serde(default)]
    pub blocks: Vec<Block>,
}

/// One paragraph of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    pub kind: BlockKind,
    /// "1." or "a)", as printed before the text.
    #[serde(default)]
    pub number: Option<String>,
    pub text: String,
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockKind {
    Heading,
    Paragraph,
    Bullet,
    Note,
}

/// An annex of the plan; its table is the pack's tasks or the steps of its procedure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    pub number: String,
    pub title: String,
    pub table: AnnexTable,
    /// The line under the title, as printed.
    pub caption: String,
    /// The plan number that the annex names; a number other than the plan's own is a warning, never repaired.
    pub stated_parent_number: String,
    pub columns: Vec<String>,
}

/// What an annex tabulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnexTable {
    Tasks,
    Procedure,
}

/// One thing that the plan's organisation part asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    pub id: String,
    pub name: Words,
    /// Word for word.
    pub text: String,
    /// Function ids: who must do it.
    pub by: Vec<String>,
    /// Function ids: who receives it.
    #[serde(default)]
    pub to: Vec<String>,
    pub cadence: Cadence,
}

/// How often something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Once, after the plan is issued.
    Once,
    /// All the time; no date of its own.
    Continuous,
    Quarterly,
    HalfYearly,
    Yearly,
    /// Each time something happens.
    OnEvent,
}

impl Cadence {
    /// The words for people.
    pub fn label(self) -> Text {
        match self {
            Cadence::Once => Text::new("Một lần", "Once"),
            Cadence::Continuous => Text::new("Thường xuyên", "Ongoing"),
            Cadence::Quarterly => Text::new("Hằng quý", "Every quarter"),
            Cadence::HalfYearly => Text::new("06 tháng một lần", "Every six months"),
            Cadence::Yearly => Text::new("Hằng năm", "Every year"),
            Cadence::OnEvent => Text::new("Khi phát sinh", "When it happens"),
        }
    }
}
