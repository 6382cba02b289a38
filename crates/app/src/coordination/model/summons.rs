//! Who was called together, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::org::PersonId;
use crate::ui::Tone;

id_type!(
    /// A call to the response team.
    SummonsId, "smn"
);
id_type!(
    /// One person who was called.
    SummonedId, "smp"
);
text_enum! {
    /// Where someone who was called is.
    pub enum SummonedState {
        Called = "called": ("Chưa trả lời", "No answer yet"),
        Acknowledged = "acknowledged": ("Sẽ đến", "Coming"),
        Arrived = "arrived": ("Đã có mặt", "Here"),
        Declined = "declined": ("Không đến được", "Cannot come"),
    }
}

impl SummonedState {
    pub fn tone(self) -> Tone {
        match self {
            SummonedState::Called => Tone::Watch,
            SummonedState::Acknowledged => Tone::Active,
            SummonedState::Arrived => Tone::Good,
            SummonedState::Declined => Tone::Bad,
        }
    }
}

/// A call to the team.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Summons {
    pub id: SummonsId,
    pub number: i64,
    pub place: String,
    pub meet_at: Time,
    pub words: String,
    pub sent_at: Time,
    pub sent_by: String,
}

/// One person who was called.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Summoned {
    pub id: SummonedId,
    pub summons_id: SummonsId,
    pub person_id: PersonId,
    pub name: String,
    pub unit_name: String,
    pub phone: String,
    pub phone_off_hours: String,
    /// What they are in the team: lead, deputy, member.
    pub part: String,
    pub state: SummonedState,
    pub called_at: Time,
    pub acknowledged_at: Option<Time>,
    pub arrived_at: Option<Time>,
    pub declined_at: Option<Time>,
    pub reason: String,
    /// Set when somebody else noted it: a channel of the pack.
    pub channel: String,
    pub recorded_by: String,
    pub version: i64,
    pub email: String,
    /// When somebody has to try to reach them again; empty once they answered or every way was tried.
    pub due_at: Option<Time>,
}

impl Summoned {
    /// When the present state came to be.
    pub fn since(&self) -> Time {
        let moment = match self.state {
            SummonedState::Called => None,
            SummonedState::Acknowledged => self.acknowledged_at,
            SummonedState::Arrived => self.arrived_at,
            SummonedState::Declined => self.declined_at,
        };
        moment.unwrap_or(self.called_at)
    }
}

/// Someone who can be called: a present member of a team.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct TeamMember {
    pub person_id: PersonId,
    pub name: String,
    pub unit_name: String,
    pub part: String,
    pub phone: String,
    pub phone_off_hours: String,
    pub email: String,
}
