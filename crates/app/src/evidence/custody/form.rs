//! What people type about an act of custody, and what of it is needed for which act.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::ActKind;
use crate::org::UnitId;

/// The fields of every act; each act uses some of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ActForm {
    /// A kind of act.
    pub kind: Raw,
    /// Now, when it is left empty.
    pub happened_at: Raw,
    /// Who did it; whoever writes it down, when it is left empty.
    pub person: Raw,
    pub to_unit: Raw,
    pub to_person: Raw,
    pub reason: Raw,
    pub seal: Raw,
    pub place: Raw,
    /// How many acts the page showed on which this was typed.
    pub seen: Raw,
}

/// An act as it was typed, believed.
#[derive(Debug)]
pub struct Typed {
    pub kind: ActKind,
    pub happened_at: Time,
    pub person: String,
    pub to_unit: Option<UnitId>,
    pub to_person: String,
    pub reason: String,
    pub seal: String,
    pub place: String,
}

impl ActForm {
    /// Reads an act that was written down at `now`, not before the act that came before it (`last`).
    pub fn typed(&self, actor: &str, now: Time, last: Option<Time>, checks: &mut Checks) -> Option<Typed> {
        use ActKind::*;
        let kind: ActKind = checks.choice("kind", &self.kind)?;
        let given = checks.moment_or_none("happened_at", &self.happened_at);
        checks.past("happened_at", given, now);
        let happened_at = given.unwrap_or(now);
        if given.is_some() && last.is_some_and(|last| happened_at < last) {
            let words = Text::new(
                "Thời điểm này trước việc đã ghi ngay trước đó.",
                "This moment lies before the act that was written down before.",
            );
            checks.refuse("happened_at", words);
        }
        let person = checks.line_or_empty("person", &self.person);
        let reasoned = matches!(kind, Unseal | HandOver | Withdraw | Refuse | Copy | Examine | Return);
        let reason =
            if reasoned { checks.line("reason", &self.reason) } else { checks.line_or_empty("reason", &self.reason) };
        let seal =
            if kind == Seal { checks.line("seal", &self.seal) } else { checks.line_or_empty("seal", &self.seal) };
        let to_unit = match kind {
            HandOver => checks.id("to_unit", &self.to_unit),
            _ => None,
        };
        let to_person = match kind {
            Return => checks.line("to_person", &self.to_person),
            HandOver => checks.line_or_empty("to_person", &self.to_person),
            _ => String::new(),
        };
        Some(Typed {
            kind,
            // Never before the act before it, also when two clocks differ by a little.
            happened_at: last.map_or(happened_at, |last| happened_at.max(last)),
            person: if person.is_empty() { actor.to_owned() } else { person },
            to_unit,
            to_person,
            reason,
            seal,
            place: checks.line_or_empty("place", &self.place),
        })
    }
}
