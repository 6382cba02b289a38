//! What is weighed, decided and said during an incident, as data.

mod decision;
mod marking;
mod situation;
mod summons;

pub use decision::*;
pub use marking::*;
pub use situation::*;
pub use summons::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::org::{PersonId, UnitId};
use crate::ui::Tone;

id_type!(
    /// A way of containing and handling the incident, weighed against others.
    OptionId, "opt"
);
id_type!(
    /// One round of asking the owner for approval.
    ProposalId, "prp"
);
id_type!(
    /// A direction of the board.
    DirectionId, "dir"
);
id_type!(
    /// The naming of a spokesperson.
    SpokespersonId, "spk"
);
id_type!(
    /// One version of a statement to the press.
    StatementId, "stm"
);
id_type!(
    /// A place where a statement came out.
    PublicationId, "pbl"
);
id_type!(
    /// Somebody told something.
    DisclosureId, "dsc"
);
id_type!(
    /// A request to another unit.
    RequestId, "req"
);
id_type!(
    /// What was said to a request.
    ReplyId, "rpl"
);
id_type!(
    /// A reminder of a request.
    ReminderId, "rmd"
);

text_enum! {
    /// What has become of an option.
    pub enum OptionState {
        Weighed = "weighed": ("Đang cân nhắc", "Being weighed"),
        Proposed = "proposed": ("Đang trình", "Proposed"),
        Approved = "approved": ("Đã duyệt", "Approved"),
        Replaced = "replaced": ("Đã thay bằng phương án khác", "Replaced by another"),
        Dropped = "dropped": ("Đã bỏ", "Dropped"),
    }
}

text_enum! {
    /// What the owner has said.
    pub enum ProposalState {
        Waiting = "waiting": ("Chờ duyệt", "Waiting"),
        Approved = "approved": ("Đã duyệt", "Approved"),
        Returned = "returned": ("Trả lại", "Returned"),
        Withdrawn = "withdrawn": ("Đã rút", "Withdrawn"),
    }
}

text_enum! {
    /// What has become of a direction.
    pub enum DirectionState {
        Given = "given": ("Chưa nhận", "Not acknowledged"),
        Acknowledged = "acknowledged": ("Đã nhận, đang làm", "Acknowledged"),
        Done = "done": ("Đã thực hiện", "Done"),
    }
}

text_enum! {
    /// Where a version of a statement stands.
    pub enum StatementState {
        Draft = "draft": ("Bản thảo", "Draft"),
        Submitted = "submitted": ("Chờ duyệt", "Waiting for approval"),
        Approved = "approved": ("Đã duyệt", "Approved"),
        Returned = "returned": ("Trả lại", "Returned"),
    }
}

text_enum! {
    /// Why somebody was told.
    pub enum DisclosureSort {
        Told = "told": ("Báo cáo, thông báo", "Report or notice"),
        Shared = "shared": ("Chia sẻ để phối hợp", "Shared for working together"),
    }
}

text_enum! {
    /// What has become of a request.
    pub enum RequestState {
        Sent = "sent": ("Chờ trả lời", "Waiting"),
        Accepted = "accepted": ("Đã nhận, đang làm", "Accepted"),
        Answered = "answered": ("Đã trả lời", "Answered"),
        Declined = "declined": ("Từ chối", "Declined"),
        Closed = "closed": ("Đã khép", "Closed"),
    }
}

text_enum! {
    /// What somebody says to a request.
    pub enum ReplyKind {
        Accept = "accept": ("Nhận làm", "Accept"),
        Reply = "reply": ("Trả lời", "Reply"),
        Decline = "decline": ("Từ chối", "Decline"),
        Close = "close": ("Kết thúc", "Close"),
    }
}

text_enum! {
    /// The word of whoever decides on a proposal or a statement.
    pub enum Ruling {
        Approve = "approve": ("Duyệt", "Approve"),
        Return = "return": ("Trả lại", "Return"),
    }
}

impl OptionState {
    pub fn tone(self) -> Tone {
        match self {
            OptionState::Weighed => Tone::Quiet,
            OptionState::Proposed => Tone::Active,
            OptionState::Approved => Tone::Good,
            OptionState::Replaced | OptionState::Dropped => Tone::Quiet,
        }
    }
}

impl ProposalState {
    pub fn tone(self) -> Tone {
        match self {
            ProposalState::Waiting => Tone::Active,
            ProposalState::Approved => Tone::Good,
            ProposalState::Returned => Tone::Watch,
            ProposalState::Withdrawn => Tone::Quiet,
        }
    }
}

impl DirectionState {
    pub fn tone(self) -> Tone {
        match self {
            DirectionState::Given => Tone::Watch,
            DirectionState::Acknowledged => Tone::Active,
            DirectionState::Done => Tone::Good,
        }
    }
}

impl StatementState {
    pub fn tone(self) -> Tone {
        match self {
            StatementState::Draft => Tone::Quiet,
            StatementState::Submitted => Tone::Active,
            StatementState::Approved => Tone::Good,
            StatementState::Returned => Tone::Watch,
        }
    }
}

impl RequestState {
    pub fn tone(self) -> Tone {
        match self {
            RequestState::Sent => Tone::Watch,
            RequestState::Accepted => Tone::Active,
            RequestState::Answered => Tone::Good,
            RequestState::Declined => Tone::Bad,
            RequestState::Closed => Tone::Quiet,
        }
    }

    /// Whether the unit still owes something.
    pub fn waits(self) -> bool {
        matches!(self, RequestState::Sent | RequestState::Accepted)
    }
}

/// An option as it is weighed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, sqlx::FromRow)]
pub struct WeighedOption {
    pub id: OptionId,
    /// Counted from 1 within the incident.
    pub number: i64,
    pub title: String,
    /// What is done.
    pub what: String,
    pub advantages: String,
    pub drawbacks: String,
    /// What stands still, for whom, how long.
    pub impact: String,
    /// Work, people, money.
    pub effort: String,
    /// The option of the pack it was taken from; empty when written by hand.
    pub source: String,
    pub state: OptionState,
    pub changed_at: Time,
    pub changed_by: String,
    pub version: i64,
}

/// One round of asking the owner.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Proposal {
    pub id: ProposalId,
    pub option_id: OptionId,
    /// Counted from 1 within the incident.
    pub number: i64,
    pub words: String,
    /// Every option as it stood then, as JSON.
    #[serde(skip)]
    pub weighed: String,
    pub state: ProposalState,
    pub proposed_at: Time,
    pub proposed_by: String,
    #[serde(skip)]
    pub proposed_by_id: Option<PersonId>,
    pub answer: String,
    pub answered_at: Option<Time>,
    pub answered_by: String,
    pub version: i64,
}

impl Proposal {
    /// The options as they stood when the owner was asked.
    pub fn options(&self) -> Vec<WeighedOption> {
        serde_json::from_str(&self.weighed).unwrap_or_default()
    }

    /// What was proposed, in the words of that day.
    pub fn title(&self) -> String {
        let proposed = self.options().into_iter().find(|option| option.id == self.option_id);
        proposed.map(|option| option.title).unwrap_or_default()
    }
}

/// A direction of the board.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Direction {
    pub id: DirectionId,
    pub number: i64,
    pub text: String,
    pub unit_id: Option<UnitId>,
    pub person_id: Option<PersonId>,
    /// The unit or the person, in words.
    pub addressee: String,
    pub due_at: Option<Time>,
    pub state: DirectionState,
    pub given_at: Time,
    pub given_by: String,
    #[serde(skip)]
    pub given_by_id: Option<PersonId>,
    pub acknowledged_at: Option<Time>,
    pub acknowledged_by: String,
    pub done_at: Option<Time>,
    pub done_by: String,
    pub answer: String,
    pub version: i64,
}

/// The naming of a spokesperson.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Spokesperson {
    pub id: SpokespersonId,
    pub person_id: PersonId,
    pub name: String,
    pub unit_name: String,
    pub phone: String,
    pub decision: String,
    pub valid_from: Time,
    pub valid_to: Option<Time>,
    pub named_at: Time,
    pub named_by: String,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub version: i64,
}

impl Spokesperson {
    /// Whether they speak for us at this moment.
    pub fn speaks(&self, now: Time) -> bool {
        self.ended_at.is_none() && self.valid_from <= now && self.valid_to.is_none_or(|to| now < to)
    }
}

/// One version of a statement to the press.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Statement {
    pub id: StatementId,
    /// The statement, counted from 1 within the incident.
    pub number: i64,
    /// The version, counted from 1 within the statement.
    pub n: i64,
    pub title: String,
    pub text: String,
    pub state: StatementState,
    pub written_at: Time,
    pub written_by: String,
    pub submitted_at: Option<Time>,
    pub submitted_by: String,
    #[serde(skip)]
    pub submitted_by_id: Option<PersonId>,
    pub answer: String,
    pub answered_at: Option<Time>,
    pub answered_by: String,
    pub version: i64,
    #[serde(skip)]
    pub written_by_id: Option<PersonId>,
}

impl Statement {
    /// Whether these are somebody's own words: they wrote or submitted them.
    pub fn is_by(&self, person: &PersonId) -> bool {
        [&self.written_by_id, &self.submitted_by_id].into_iter().flatten().any(|author| author == person)
    }
}

/// Where and when a statement came out.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Publication {
    pub id: PublicationId,
    pub statement_id: StatementId,
    pub place: String,
    pub published_at: Time,
    pub recorded_at: Time,
    pub recorded_by: String,
}

/// Somebody told something.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Disclosure {
    pub id: DisclosureId,
    pub sort: DisclosureSort,
    pub unit_id: Option<UnitId>,
    /// The name of the unit, or what was typed.
    pub party: String,
    /// A kind of the pack; empty for what was shared.
    pub kind: String,
    /// A channel of the pack; empty for what was shared.
    pub channel: String,
    /// The rule that asks for it; empty when none does.
    pub rule: String,
    pub text: String,
    pub tlp: String,
    pub told_at: Time,
    pub told_by: String,
    pub receipt: String,
    pub next_due: Option<Time>,
    pub override_reason: String,
    pub override_by: String,
    /// Entered by mistake; kept, and no longer counted.
    pub struck: bool,
    pub struck_reason: String,
    pub recorded_at: Time,
    pub recorded_by: String,
    pub version: i64,
}

/// A request to another unit.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct UnitRequest {
    pub id: RequestId,
    pub number: i64,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub outside: bool,
    pub kind: String,
    pub text: String,
    pub due_at: Option<Time>,
    pub state: RequestState,
    pub sent_at: Time,
    pub sent_by: String,
    #[serde(skip)]
    pub sent_by_id: Option<PersonId>,
    #[serde(skip)]
    pub from_unit_id: Option<UnitId>,
    /// When the unit first answered or declined; what the clock is stopped by.
    pub answered_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub closed_by: String,
    pub version: i64,
}

/// What was said to a request.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Reply {
    pub id: ReplyId,
    pub request_id: RequestId,
    pub kind: ReplyKind,
    pub text: String,
    /// Set when it was noted for the unit: a channel of the pack.
    pub channel: String,
    pub said_at: Time,
    pub said_by: String,
}

/// The unit was told once more that it is waited for.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Reminder {
    pub id: ReminderId,
    pub request_id: RequestId,
    pub text: String,
    pub reminded_at: Time,
    pub reminded_by: String,
}

/// A unit of the register, for choosing.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct UnitChoice {
    pub id: UnitId,
    pub code: String,
    pub name: String,
    pub outside: bool,
}

/// A person, for choosing.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct PersonChoice {
    pub id: PersonId,
    pub name: String,
    pub unit_name: String,
}
