//! Campaigns of sweeping: which machines were looked at for malware, with what, what came of each, what is still to do and by
//! whom. A closed campaign with its list is the proof of the plan's task to scan, remove and handle malware.

pub(super) mod actions;
pub(super) mod clocks;
mod form;
pub(super) mod pages;
mod proof;
mod store;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::org::{PersonId, UnitId};
use crate::permission::Permission::{SensorRead, SensorWrite};
use crate::system::SystemId;
use crate::ui::Tone;
use crate::web::{Access, Routes};

id_type!(
    /// A campaign of sweeping.
    CampaignId, "swc"
);
id_type!(
    /// A machine of a campaign.
    MachineId, "swm"
);

text_enum! {
    /// What came of sweeping a machine.
    pub enum SweepResult {
        Waiting = "waiting": ("Chưa rà", "Not yet"),
        Clean = "clean": ("Sạch", "Clean"),
        Found = "found": ("Có mã độc", "Malware found"),
        NotReached = "not_reached": ("Không rà được", "Not reached"),
    }
}

impl SweepResult {
    pub fn tone(self) -> Tone {
        match self {
            SweepResult::Waiting => Tone::Quiet,
            SweepResult::Clean => Tone::Good,
            SweepResult::Found => Tone::Bad,
            SweepResult::NotReached => Tone::Watch,
        }
    }
}

/// A campaign.
#[derive(Clone, Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Campaign {
    pub id: CampaignId,
    /// `RQ-2026-0001`.
    pub code: String,
    pub title: String,
    pub scope: String,
    /// With what it is done.
    pub tool: String,
    /// The unit that leads it.
    pub unit_id: UnitId,
    pub unit_name: String,
    pub planned_from: Time,
    pub planned_to: Time,
    pub opened_at: Time,
    pub opened_by: String,
    /// What came of it, once it is closed.
    pub conclusion: String,
    pub closed_at: Option<Time>,
    pub closed_by: String,
    pub version: i64,
}

impl Campaign {
    pub fn href(&self) -> String {
        format!("/campaigns/{}", self.id)
    }

    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.href())
    }

    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }
}

/// A machine of a campaign.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Machine {
    pub id: MachineId,
    pub campaign_id: CampaignId,
    pub number: i64,
    pub name: String,
    pub system_id: Option<SystemId>,
    pub unit_id: Option<UnitId>,
    pub unit_name: Option<String>,
    pub result: SweepResult,
    pub note: String,
    /// The number of the alert, the incident or the evidence where it is dealt with.
    pub reference: String,
    pub checked_at: Option<Time>,
    pub checked_by: String,
    /// What is still to do.
    pub follow_up: String,
    pub owner_id: Option<PersonId>,
    pub owner_name: Option<String>,
    pub due_at: Option<Time>,
    pub done_at: Option<Time>,
    pub version: i64,
}

impl Machine {
    pub fn href(&self) -> String {
        format!("/campaigns/{}/machines/{}", self.campaign_id, self.id)
    }

    /// A path below its page.
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.href())
    }

    /// Who does what is to do, as a form's field has it.
    pub fn owner(&self) -> String {
        self.owner_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// Where a number is looked up: the search knows them all.
    pub fn reference_href(&self) -> String {
        let words = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &self.reference).finish();
        format!("/search?{words}")
    }

    /// Whether something is still to do.
    pub fn is_pending(&self) -> bool {
        !self.follow_up.is_empty() && self.done_at.is_none()
    }
}

/// How many machines stand where.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Standing {
    pub machines: i64,
    pub clean: i64,
    pub found: i64,
    pub not_reached: i64,
    /// Something is still to do.
    pub pending: i64,
}

impl Standing {
    /// Machines whose result is known.
    pub fn known(&self) -> i64 {
        self.clean + self.found + self.not_reached
    }
}

/// The stream of the journal that holds everything about a campaign.
pub fn stream(id: &CampaignId) -> String {
    format!("campaign:{id}")
}

/// The routes of this part.
pub fn routes() -> Routes {
    let (read, write) = (Access::Need(SensorRead), Access::Need(SensorWrite));
    Routes::new()
        .page("/campaigns", read, Text::new("Các đợt rà quét", "Campaigns of sweeping"), pages::list)
        .asks::<pages::ListQuery>()
        .page("/campaigns/new", write, Text::new("Lập đợt rà quét", "New campaign"), pages::new)
        .act("/campaigns/new", write, Text::new("Lập đợt rà quét", "Begin a campaign"), pages::create)
        .page("/campaigns/{id}", read, Text::new("Một đợt rà quét", "One campaign"), pages::detail)
        .asks::<pages::MachinesQuery>()
        .file("/campaigns/{id}/csv", read, Text::new("Tải danh sách máy (CSV)", "The machines as CSV"), pages::csv)
        .page("/campaigns/{id}/edit", write, Text::new("Sửa đợt rà quét", "Change a campaign"), pages::edit)
        .act("/campaigns/{id}/edit", write, Text::new("Sửa đợt rà quét", "Change a campaign"), pages::save)
        .act("/campaigns/{id}/machines", write, Text::new("Thêm máy cần rà", "Add machines"), pages::add)
        .page(
            "/campaigns/{id}/machines/{machine}",
            read,
            Text::new("Một máy của đợt rà quét", "One machine of a campaign"),
            pages::machine,
        )
        .act(
            "/campaigns/{id}/machines/{machine}",
            write,
            Text::new("Ghi kết quả rà một máy", "Write down what came of a machine"),
            pages::settle,
        )
        .act(
            "/campaigns/{id}/machines/{machine}/done",
            read,
            Text::new("Báo đã xong việc sau rà quét", "Say that what was to do after a sweep is done"),
            pages::done,
        )
        .act("/campaigns/{id}/close", write, Text::new("Kết thúc đợt rà quét", "Close a campaign"), pages::close)
}
