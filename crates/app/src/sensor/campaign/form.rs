//! What is typed about campaigns and machines.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::{Campaign, Machine, SweepResult};
use crate::org::UnitId;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CampaignForm {
    pub title: Raw,
    /// Which machines, in words.
    pub scope: Raw,
    pub tool: Raw,
    /// The unit that leads it.
    pub unit: Raw,
    pub planned_from: Raw,
    pub planned_to: Raw,
    pub version: Raw,
}

impl CampaignForm {
    pub fn read(&self, checks: &mut Checks) -> Campaign {
        let campaign = Campaign {
            title: checks.line("title", &self.title),
            scope: checks.area("scope", &self.scope),
            tool: checks.line("tool", &self.tool),
            unit_id: checks.id::<UnitId>("unit", &self.unit).unwrap_or_default(),
            planned_from: checks.moment("planned_from", &self.planned_from),
            planned_to: checks.moment("planned_to", &self.planned_to),
            ..Campaign::default()
        };
        if campaign.planned_to < campaign.planned_from {
            checks.refuse("planned_to", Text::new("Phải sau ngày bắt đầu.", "It must come after the first day."));
        }
        campaign
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MachinesForm {
    /// One a line: the code of a registered system (`HT-0001`), or a name.
    pub machines: Raw,
    /// The unit of those that are no registered system.
    pub unit: Raw,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ResultForm {
    pub result: Raw,
    pub note: Raw,
    pub reference: Raw,
    pub checked_at: Raw,
    pub follow_up: Raw,
    pub owner: Raw,
    pub due_at: Raw,
    /// What was to do is done.
    pub done: Raw,
    pub version: Raw,
}

impl ResultForm {
    /// The machine as it stands after this.
    pub fn read(&self, old: &Machine, now: Time, by: &str, checks: &mut Checks) -> Machine {
        let result = checks.choice("result", &self.result).unwrap_or(old.result);
        let checked_at = match result {
            SweepResult::Waiting => None,
            _ => checks.moment_or_none("checked_at", &self.checked_at).or(old.checked_at).or(Some(now)),
        };
        checks.past("checked_at", checked_at, now);
        let follow_up = checks.line_or_empty("follow_up", &self.follow_up);
        let (owner_id, due_at) =
            (checks.id_or_none("owner", &self.owner), checks.moment_or_none("due_at", &self.due_at));
        if !follow_up.is_empty() && owner_id.is_none() {
            checks.refuse("owner", Text::new("Hãy chọn người làm việc này.", "Choose who does it."));
        }
        if !follow_up.is_empty() && due_at.is_none() {
            checks.refuse("due_at", Text::new("Hãy ghi hạn xong.", "Say until when."));
        }
        let still = !follow_up.is_empty();
        Machine {
            result,
            note: checks.area_or_empty("note", &self.note),
            reference: checks.line_or_empty("reference", &self.reference),
            checked_at,
            // Whoever only ticks off what was to do has not swept it.
            checked_by: match result {
                SweepResult::Waiting => String::new(),
                _ if result == old.result && checked_at == old.checked_at => old.checked_by.clone(),
                _ => by.to_owned(),
            },
            owner_id: owner_id.filter(|_| still),
            due_at: due_at.filter(|_| still),
            done_at: (still && self.done.ticked()).then(|| old.done_at.unwrap_or(now)),
            follow_up,
            version: checks.number("version", &self.version, 1, i64::MAX),
            ..old.clone()
        }
    }
}

/// What was to do after a sweep is done.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DoneForm {
    pub version: Raw,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CloseForm {
    /// What came of it.
    pub conclusion: Raw,
    pub version: Raw,
}
