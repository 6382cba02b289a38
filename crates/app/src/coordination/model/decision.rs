//! The register of decisions, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::org::PersonId;
use crate::ui::Tone;

id_type!(
    /// A decision of the register.
    DecisionId, "dcs"
);
id_type!(
    /// The word of one person on a decision.
    WordId, "dcw"
);

text_enum! {
    /// Where a decision comes from.
    pub enum DecisionSource {
        Typed = "typed": ("Ghi trực tiếp", "Written by hand"),
        Option = "option": ("Phương án đã duyệt", "Approved option"),
        Direction = "direction": ("Ý kiến chỉ đạo", "Direction"),
    }
}

text_enum! {
    /// What has become of a decision.
    pub enum DecisionState {
        Open = "open": ("Chờ ý kiến", "Waiting for words"),
        Decided = "decided": ("Đã quyết định", "Decided"),
        Refused = "refused": ("Không thông qua", "Refused"),
        Withdrawn = "withdrawn": ("Đã rút", "Withdrawn"),
        Superseded = "superseded": ("Đã được thay thế", "Superseded"),
    }
}

text_enum! {
    /// What somebody says to a decision.
    pub enum Word {
        Asked = "asked": ("Chưa có ý kiến", "No word yet"),
        Approved = "approved": ("Đồng ý", "Agrees"),
        Refused = "refused": ("Không đồng ý", "Does not agree"),
    }
}

impl DecisionState {
    pub fn tone(self) -> Tone {
        match self {
            DecisionState::Open => Tone::Active,
            DecisionState::Decided => Tone::Good,
            DecisionState::Refused => Tone::Bad,
            DecisionState::Withdrawn | DecisionState::Superseded => Tone::Quiet,
        }
    }
}

impl Word {
    pub fn tone(self) -> Tone {
        match self {
            Word::Asked => Tone::Watch,
            Word::Approved => Tone::Good,
            Word::Refused => Tone::Bad,
        }
    }
}

/// A decision.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Decision {
    pub id: DecisionId,
    /// D-1, D-2, … within the incident.
    pub number: i64,
    pub what: String,
    pub why: String,
    /// The other ways that were considered.
    pub considered: String,
    pub source: DecisionSource,
    /// The option or the direction; empty when it was written by hand.
    pub source_id: String,
    pub state: DecisionState,
    /// By when the words are needed.
    pub due_at: Option<Time>,
    pub noted_at: Time,
    pub noted_by: String,
    #[serde(skip)]
    pub noted_by_id: Option<PersonId>,
    /// When it was decided, refused or withdrawn.
    pub settled_at: Option<Time>,
    /// The decision that this one takes the place of.
    pub supersedes_id: Option<DecisionId>,
    pub superseded_at: Option<Time>,
    /// Why it was withdrawn.
    pub reason: String,
    pub version: i64,
}

impl Decision {
    /// How people name it.
    pub fn code(&self) -> String {
        format!("D-{}", self.number)
    }
}

/// Whose word a decision needs, and what they said.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct DecisionWord {
    pub id: WordId,
    pub decision_id: DecisionId,
    pub person_id: Option<PersonId>,
    pub name: String,
    /// The one who decides; the others agree.
    pub decides: bool,
    pub word: Word,
    pub text: String,
    /// Set when it was noted for them: a channel of the pack.
    pub channel: String,
    pub said_at: Option<Time>,
    pub recorded_by: String,
    pub version: i64,
}

/// What a decision is after somebody's word: refused by the first no, decided once nobody is waited for.
pub fn state_after(words: &[Word]) -> DecisionState {
    if words.contains(&Word::Refused) {
        return DecisionState::Refused;
    }
    if words.contains(&Word::Asked) { DecisionState::Open } else { DecisionState::Decided }
}

/// Something already settled elsewhere that may be entered into the register with one press.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Settled {
    pub source: DecisionSource,
    pub source_id: String,
    pub what: String,
    pub why: String,
    pub considered: String,
    pub decided_by: String,
    pub decided_at: Time,
}

#[cfg(test)]
mod tests {
    use super::{DecisionState, Word, state_after};

    #[test]
    fn a_decision_stands_when_everybody_agrees_and_falls_with_the_first_no() {
        use Word::{Approved, Asked, Refused};
        let table: [(&[Word], DecisionState); 6] = [
            (&[Asked], DecisionState::Open),
            (&[Approved, Asked], DecisionState::Open),
            (&[Approved], DecisionState::Decided),
            (&[Approved, Approved], DecisionState::Decided),
            (&[Approved, Refused], DecisionState::Refused),
            (&[Asked, Refused], DecisionState::Refused),
        ];
        for (words, state) in table {
            assert_eq!(state_after(words), state, "{words:?}");
        }
    }
}
