//! What an alert is, as data.

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use ungcuu_kit::id_type;
use ungcuu_kit::text::{Lang, Text, fold};
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{DAY, Time};

pub use super::act::{Act, AlertStatus};
use crate::actor::{Actor, Scope};
use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};
use crate::pack::Pack;
use crate::permission::Permission;
use crate::system::SystemId;

id_type!(
    /// An alert.
    AlertId, "alr"
);
id_type!(
    /// A file that came with an alert.
    AlertFileId, "alf"
);
id_type!(
    /// A saved view.
    ViewId, "sav"
);

/// The sources that the product itself writes; every other one is a word of the pack.
pub const FROM_PUBLIC: &str = "public_form";
pub const FROM_MAIL: &str = "email";
pub const FROM_PROGRAM: &str = "sensor";

/// How long an equal alert is folded into one that is still open, counted from when that one was last seen.
pub const FOLD_WINDOW: i64 = 7 * DAY;

/// An alert.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Alert {
    pub id: AlertId,
    /// `CB-2026-000123`.
    pub code: String,
    pub title: String,
    pub description: String,
    /// 1 (low) to 4 (critical).
    pub severity: i64,
    pub status: AlertStatus,
    /// A dismissal outcome of the pack; empty while undecided.
    pub outcome: String,
    pub outcome_note: String,
    /// An alert source of the pack.
    pub source: String,
    pub external_id: String,
    /// How often it was reported.
    pub count: i64,
    pub unit_id: Option<UnitId>,
    pub unit_name: Option<String>,
    pub system_id: Option<SystemId>,
    pub system_name: Option<String>,
    pub place: String,
    /// A tile of the public form.
    pub tile: String,
    /// A scenario of the pack.
    pub scenario: Option<String>,
    /// Addresses, names, hashes as they came, one a line.
    pub indicators: String,
    pub reporter_name: String,
    pub reporter_phone: String,
    pub reporter_email: String,
    pub tracking_code: Option<String>,
    pub has_news: bool,
    pub owner_id: Option<PersonId>,
    pub owner_name: Option<String>,
    pub received_by: String,
    pub happened_at: Option<Time>,
    pub noticed_at: Option<Time>,
    pub received_at: Time,
    pub last_seen_at: Time,
    pub taken_at: Option<Time>,
    pub verified_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub merged_into: Option<AlertId>,
    pub incident_id: Option<IncidentId>,
    pub version: i64,
}

impl Alert {
    /// Whether the actor holds this permission where the alert belongs. An alert that belongs to no unit yet is for
    /// those whose permission holds everywhere: in the shipped packs the lead unit, the response team, the board.
    pub fn lets(&self, actor: &Actor, permission: Permission) -> bool {
        lets(actor, permission, self.unit_id.as_ref())
    }

    pub fn has_reporter(&self) -> bool {
        !(self.reporter_name.is_empty() && self.reporter_phone.is_empty() && self.reporter_email.is_empty())
    }
}

/// Whether a permission holds in a unit, or, for no unit, everywhere.
pub fn lets(actor: &Actor, permission: Permission, unit: Option<&UnitId>) -> bool {
    match unit {
        Some(unit) => actor.can_in(permission, unit),
        None => actor.scope(permission).everywhere,
    }
}

/// One line of the queue.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct AlertRow {
    pub id: AlertId,
    pub code: String,
    pub title: String,
    pub severity: i64,
    pub status: AlertStatus,
    pub source: String,
    pub count: i64,
    pub unit_id: Option<UnitId>,
    pub unit_name: Option<String>,
    pub owner_id: Option<PersonId>,
    pub owner_name: Option<String>,
    pub has_news: bool,
    pub received_at: Time,
    pub last_seen_at: Time,
}

/// A file that came with an alert.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct AlertFile {
    pub id: AlertFileId,
    /// SHA-256 of its bytes.
    pub file_id: String,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub added_at: Time,
    pub added_by: String,
    pub carried: bool,
}

impl AlertFile {
    /// Whether a browser may be shown it as a picture; the download looks at the bytes once more.
    pub fn is_picture(&self) -> bool {
        matches!(self.media_type.as_str(), "image/png" | "image/jpeg" | "image/webp")
    }
}

text_enum! {
    /// What an event of an alert is.
    pub enum EventKind {
        Reporter = "reporter": ("Người báo nhắn", "From the reporter"),
        Answer = "answer": ("Trả lời người báo", "Answer to the reporter"),
        Act = "act": ("Xử lý", "Act"),
        Repeat = "repeat": ("Báo lại", "Reported again"),
    }
}

/// Something said or done about an alert.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct AlertEvent {
    pub id: String,
    pub kind: EventKind,
    pub text: String,
    pub text_en: String,
    pub by_name: String,
    pub at: Time,
}

impl AlertEvent {
    pub fn words(&self, lang: Lang) -> &str {
        lang.pick(&self.text, &self.text_en)
    }
}

/// A list's filters under a name, for one account.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct SavedView {
    pub id: ViewId,
    pub name: String,
    pub query: String,
}

/// What is needed to record an alert; every reference in it was found to exist.
#[derive(Clone, Debug, Default)]
pub struct NewAlert {
    pub title: String,
    pub description: String,
    /// 1 to 4.
    pub severity: i64,
    pub source: String,
    /// The sender's own number for it; equal ones are folded.
    pub external_id: String,
    pub unit_id: Option<UnitId>,
    pub system_id: Option<SystemId>,
    pub place: String,
    pub tile: String,
    pub scenario: Option<String>,
    pub indicators: String,
    pub reporter_name: String,
    pub reporter_phone: String,
    pub reporter_email: String,
    pub happened_at: Option<Time>,
    pub noticed_at: Option<Time>,
    /// Give the reporter a code to follow it with.
    pub tracked: bool,
    /// How often it was noticed; nought counts as once.
    pub count: i64,
}

impl NewAlert {
    /// What makes two alerts the same: the sender's own number, or else title, unit and system.
    pub fn print(&self) -> String {
        let title = fold(&self.title);
        let unit = self.unit_id.as_ref().map(UnitId::as_str).unwrap_or_default();
        let system = self.system_id.as_ref().map(SystemId::as_str).unwrap_or_default();
        let parts: [&str; 4] = if self.external_id.is_empty() {
            [&self.source, &title, unit, system]
        } else {
            [&self.source, "#", &self.external_id, unit]
        };
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex::encode(&digest.finalize()[..16])
    }
}

/// The week an alert was last seen in, five digits; stands before the hash so that the index grows at one end.
pub fn week(at: Time) -> String {
    format!("{:05}", at.0.div_euclid(7 * DAY).clamp(0, 99_999))
}

/// Where alerts may be seen.
pub fn reading(actor: &Actor) -> Scope {
    actor.scope(Permission::AlertRead)
}

/// The word of the pack for a severity from 1 to 4.
pub fn severity_word(pack: &Pack, level: i64, lang: Lang) -> String {
    let words = &pack.lists.severities;
    let place = usize::try_from(level - 1).unwrap_or(0).min(words.len().saturating_sub(1));
    words.get(place).map(|item| item.label.get(lang).to_owned()).unwrap_or_else(|| level.to_string())
}

/// The word of the pack for a source; what the pack does not know is shown as it was sent.
pub fn source_word(pack: &Pack, source: &str, lang: Lang) -> String {
    if let Some(item) = pack.lists.item("alert_sources", source) {
        return item.label.get(lang).to_owned();
    }
    let known = match source {
        FROM_PUBLIC => Text::new("Trang báo sự cố", "Public report page"),
        FROM_MAIL => Text::new("Thư điện tử", "E-mail"),
        FROM_PROGRAM => Text::new("Công cụ giám sát", "Monitoring tool"),
        other => Text::same(other),
    };
    known.get(lang).to_owned()
}

/// Every source that may be named: the pack's, then the product's own that the pack leaves out.
pub fn sources(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        pack.lists.alert_sources.iter().map(|item| (item.id.clone(), item.label.get(lang).to_owned())).collect();
    for own in [FROM_PUBLIC, FROM_MAIL, FROM_PROGRAM] {
        if !all.iter().any(|(id, _)| id == own) {
            all.push((own.to_owned(), source_word(pack, own, lang)));
        }
    }
    all
}

/// The severities as choices, from 1.
pub fn severities(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    let count = pack.lists.severities.len().clamp(1, 4);
    (1..=count).map(|level| (level.to_string(), severity_word(pack, level as i64, lang))).collect()
}

/// The scenarios as choices.
pub fn scenarios(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    pack.scenarios.iter().map(|scenario| (scenario.id.clone(), scenario.name.get(lang).to_owned())).collect()
}

/// A code as people read it: `ABCDE-FGHJK`.
pub fn spoken(code: &str) -> String {
    let half = code.len() / 2;
    match (code.get(..half), code.get(half..)) {
        (Some(first), Some(second)) => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}

/// What someone typed as a code, without blanks and dashes.
pub fn plain_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).take(40).collect()
}

/// How a code is looked up.
pub fn code_hash(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_the_same_by_the_senders_number_or_by_title_unit_and_system() {
        let one = NewAlert { title: "Máy bị khoá".into(), source: "phone".into(), ..NewAlert::default() };
        let other = NewAlert { title: "MÁY  bị khóa".into(), description: "khác".into(), ..one.clone() };
        assert_eq!(one.print(), other.print(), "case, marks and description do not matter");
        let elsewhere = NewAlert { unit_id: Some(UnitId("uni_x".into())), ..one.clone() };
        assert_ne!(one.print(), elsewhere.print());
        let numbered = NewAlert { external_id: "7".into(), ..one.clone() };
        assert_eq!(numbered.print(), NewAlert { title: "khác".into(), ..numbered.clone() }.print());
        assert_ne!(numbered.print(), one.print());
    }

    #[test]
    fn a_code_is_found_however_it_was_typed() {
        assert_eq!(plain_code(" abcde-fghjk "), "ABCDEFGHJK");
        assert_eq!(spoken("ABCDEFGHJK"), "ABCDE-FGHJK");
    }
}
