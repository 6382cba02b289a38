//! Situation reports, as data: live facts of an incident, and the same frozen when a report is published.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::ui::Tone;

id_type!(
    /// A situation report.
    SituationId, "sit"
);
id_type!(
    /// How often a situation report is due in an incident.
    RhythmId, "rhy"
);

text_enum! {
    /// Whether a report can still be changed.
    pub enum SituationState {
        Draft = "draft": ("Bản thảo", "Draft"),
        Published = "published": ("Đã phát hành", "Published"),
    }
}

impl SituationState {
    pub fn tone(self) -> Tone {
        match self {
            SituationState::Draft => Tone::Watch,
            SituationState::Published => Tone::Good,
        }
    }
}

/// A situation report.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Situation {
    pub id: SituationId,
    /// Counted from 1 within the incident.
    pub number: i64,
    pub state: SituationState,
    /// How far it may go, unless it was marked anew afterwards.
    pub tlp: String,
    /// How things stand, in people's words.
    pub assessment: String,
    /// What comes next.
    pub outlook: String,
    /// What is asked for.
    pub needs: String,
    /// The facts of its moment as JSON; empty while it is a draft.
    #[serde(skip)]
    pub facts: String,
    /// Over the frozen facts and words; empty while it is a draft.
    pub sha256: String,
    pub written_at: Time,
    pub written_by: String,
    pub published_at: Option<Time>,
    pub published_by: String,
    pub version: i64,
}

impl Situation {
    /// What was frozen; nothing for a draft.
    pub fn frozen(&self) -> Option<Facts> {
        serde_json::from_str(&self.facts).ok()
    }

    pub fn is_draft(&self) -> bool {
        self.state == SituationState::Draft
    }
}

/// How often a report is due.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Rhythm {
    pub id: RhythmId,
    pub every_minutes: i64,
    /// Empty while no report is due.
    pub due_at: Option<Time>,
    pub set_at: Time,
    pub set_by: String,
    pub version: i64,
}

/// How an incident stands at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    pub code: String,
    pub title: String,
    pub state: Text,
    pub severity: Text,
    pub class: Text,
    /// Counted from 1; more than 1 once the check after recovery failed.
    pub round: i64,
    /// Empty while nobody commands.
    pub commander: String,
    pub at: Time,
    /// When the report before was published; the changes are those since then.
    pub since: Option<Time>,
    pub steps: Vec<StepFact>,
    pub numbers: Numbers,
    pub changes: Vec<Change>,
    /// Changes left out because they may not go as far as the report.
    pub withheld: i64,
    /// Changes left out because there are too many.
    pub cut: i64,
}

/// A step at that moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepFact {
    pub number: String,
    pub name: Text,
    pub state: Text,
    /// `waiting`, `open`, `done` or `skipped`, for the mark before it.
    pub word: String,
    pub since: Option<Time>,
}

/// What is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::FromRow)]
pub struct Numbers {
    pub evidence: i64,
    pub indicators: i64,
    pub tasks_open: i64,
    pub tasks_late: i64,
    pub tasks_done: i64,
    pub measures: i64,
    pub requests_waiting: i64,
    pub directions_open: i64,
    pub called: i64,
    pub here: i64,
    pub told: i64,
    pub decisions: i64,
}

/// Something that happened since the report before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub at: Time,
    pub words: Text,
}

impl Numbers {
    /// Each with its words, in the order in which they are shown.
    pub fn lines(&self) -> [(Text, i64); 12] {
        [
            (Text::new("Việc đang mở", "Open tasks"), self.tasks_open),
            (Text::new("Việc trễ hạn", "Late tasks"), self.tasks_late),
            (Text::new("Việc đã xong", "Tasks done"), self.tasks_done),
            (Text::new("Biện pháp đã thực hiện", "Measures carried out"), self.measures),
            (Text::new("Chứng cứ", "Evidence"), self.evidence),
            (Text::new("Dấu hiệu", "Indicators"), self.indicators),
            (Text::new("Yêu cầu chờ trả lời", "Requests waiting"), self.requests_waiting),
            (Text::new("Chỉ đạo chưa xong", "Directions open"), self.directions_open),
            (Text::new("Người được triệu tập", "People called"), self.called),
            (Text::new("Người đã có mặt", "People here"), self.here),
            (Text::new("Lần báo cáo, thông báo", "Reports and notices"), self.told),
            (Text::new("Quyết định", "Decisions"), self.decisions),
        ]
    }
}
