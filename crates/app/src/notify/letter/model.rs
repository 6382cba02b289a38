//! A letter: to whom, about what, where it stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::app::App;
use crate::org::{PersonId, UnitId};
use crate::ui::Tone;

id_type!(
    /// A letter by mail.
    LetterId, "let"
);

text_enum! {
    /// Where a letter stands.
    pub enum LetterState {
        Queued = "queued": ("Chờ gửi", "Waiting"),
        Sending = "sending": ("Đang gửi", "Being sent"),
        Retrying = "retrying": ("Sẽ gửi lại", "To be tried again"),
        Sent = "sent": ("Đã gửi", "Sent"),
        Refused = "refused": ("Không gửi được", "Not sent"),
        Bounced = "bounced": ("Bị trả lại", "Returned"),
        NoAddress = "no_address": ("Không có địa chỉ", "No address"),
    }
}

impl LetterState {
    /// Whether it is still on its way out.
    pub fn is_open(self) -> bool {
        matches!(self, LetterState::Queued | LetterState::Sending | LetterState::Retrying)
    }

    /// Whether it will not arrive unless somebody does something.
    pub fn is_lost(self) -> bool {
        matches!(self, LetterState::Refused | LetterState::Bounced | LetterState::NoAddress)
    }

    /// The state as it is shown: what waits for a mail server that nobody has set up says so.
    pub fn shown(self, app: &App) -> (Tone, Text) {
        let tone = match self {
            LetterState::Queued | LetterState::Retrying if app.settings.mail.is_none() => {
                return (Tone::Quiet, Text::new("Chưa cấu hình thư", "No mail server set up"));
            }
            LetterState::Queued => Tone::Quiet,
            LetterState::Sending => Tone::Active,
            LetterState::Sent => Tone::Good,
            LetterState::Retrying => Tone::Watch,
            LetterState::Refused | LetterState::Bounced | LetterState::NoAddress => Tone::Bad,
        };
        (tone, self.label())
    }
}

text_enum! {
    /// What a letter is.
    pub enum LetterKind {
        Letter = "letter": ("Thư", "Letter"),
        Notice = "notice": ("Báo tin", "Notice"),
        Digest = "digest": ("Bản tổng hợp", "Digest"),
    }
}

/// Who a letter goes to.
#[derive(Clone, Debug)]
pub enum To {
    /// A person of the register, in the language of their account.
    Person(PersonId),
    /// A unit of the register, in Vietnamese.
    Unit(UnitId),
    /// Somebody else, in Vietnamese.
    Address { name: String, address: String },
}

/// What a letter is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The journal's stream that tells of it; empty when it is about none.
    pub stream: String,
    /// The page it is about; people inside get a link to it.
    pub url: String,
}

/// A stored file that goes with a letter; its row in `files` is there already.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LetterFile {
    pub sha256: String,
    pub name: String,
    pub media_type: String,
}

/// A letter to be written.
#[derive(Clone, Debug)]
pub struct NewLetter {
    pub to: To,
    pub subject: Text,
    /// Plain text.
    pub body: Text,
    pub attachments: Vec<LetterFile>,
    pub about: About,
}

/// Where a letter stands.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Standing {
    pub id: LetterId,
    pub to_address: String,
    pub state: LetterState,
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_try_at: Time,
    /// When it came to stand like this.
    pub changed_at: Time,
    /// It may have gone out more than once.
    pub perhaps: bool,
    pub why_vi: String,
    pub why_en: String,
    /// The account that caused it.
    #[serde(skip)]
    pub sender_id: String,
}

impl Standing {
    /// When the mail server took it; none while it has not, or once it came back.
    pub fn gone_at(&self) -> Option<Time> {
        (self.state == LetterState::Sent).then_some(self.changed_at)
    }

    /// What the mail server said, or why it waits; empty while there is nothing to say.
    pub fn why(&self) -> Text {
        Text::owned(self.why_vi.clone(), self.why_en.clone())
    }
}

/// Who a letter goes to, as the register knows them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recipient {
    pub name: String,
    pub address: String,
    pub lang: String,
    pub person_id: Option<PersonId>,
    pub unit_id: Option<UnitId>,
    /// Of this locality: can open the pages.
    pub inside: bool,
}

impl Recipient {
    pub fn outside(name: &str, address: &str) -> Recipient {
        Recipient {
            name: name.to_owned(),
            address: address.trim().to_owned(),
            lang: String::new(),
            person_id: None,
            unit_id: None,
            inside: false,
        }
    }
}

/// A letter about to be stored.
#[derive(Clone, Debug)]
pub struct Draft {
    pub id: LetterId,
    pub kind: LetterKind,
    /// The smallest goes first.
    pub turn: i64,
    /// Not before this moment.
    pub due_at: Time,
    pub to_address: String,
    pub to_name: String,
    pub person_id: Option<PersonId>,
    pub unit_id: Option<UnitId>,
    pub reply_to: String,
    pub subject: String,
    pub body: String,
    /// A JSON list of [`LetterFile`].
    pub files: String,
    pub stream: String,
    pub url: String,
}

/// A letter as a line of the list.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct LetterRow {
    pub id: LetterId,
    pub at: Time,
    pub kind: LetterKind,
    pub to_address: String,
    pub to_name: String,
    pub subject: String,
    pub state: LetterState,
    pub attempts: i64,
    pub next_try_at: Time,
    pub changed_at: Time,
    pub perhaps: bool,
    pub why_vi: String,
    pub why_en: String,
}

impl LetterRow {
    /// The subject as a list shows it, without the mark that tells our letters apart in a mailbox.
    pub fn title(&self) -> &str {
        self.subject.strip_prefix("[ungcuu] ").unwrap_or(&self.subject)
    }

    pub fn why(&self) -> Text {
        Text::owned(self.why_vi.clone(), self.why_en.clone())
    }
}

/// What a letter says.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Written {
    pub reply_to: String,
    pub body: String,
    #[serde(skip)]
    pub files: String,
    pub message_id: String,
    pub stream: String,
    pub url: String,
    #[serde(skip)]
    pub sender_id: String,
}

impl Written {
    pub fn attachments(&self) -> Vec<LetterFile> {
        serde_json::from_str(&self.files).unwrap_or_default()
    }
}
