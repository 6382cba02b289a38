//! A thing that is due, and what a feature claims to be due.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

id_type!(
    /// Something with a time limit.
    DeadlineId, "ddl"
);

text_enum! {
    /// What has become of it.
    pub enum DeadlineState {
        Open = "open": ("Chưa xong", "Open"),
        Done = "done": ("Đã xong", "Done"),
        Waived = "waived": ("Được miễn", "Waived"),
        Stopped = "stopped": ("Thôi tính hạn", "No longer asked"),
    }
}

/// The source of what rules of law ask for in an incident.
pub const RULE: &str = "rule";
/// The source of reports that the calendar asks for.
pub const CALENDAR: &str = "calendar";

/// Something that is due, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Deadline {
    pub id: DeadlineId,
    /// The stream of the journal it belongs to.
    #[serde(skip)]
    pub stream: String,
    /// Who claims it: a kind of [`super::ClockSource`].
    pub source: String,
    /// Which of the source's.
    #[serde(skip)]
    pub key: String,
    pub title_vi: String,
    pub title_en: String,
    /// Where it belongs: "SC-2026-0042 Mã hoá dữ liệu".
    pub subject: String,
    /// Where it is done.
    pub url: String,
    pub incident_id: Option<IncidentId>,
    pub unit_id: Option<UnitId>,
    pub person_id: Option<PersonId>,
    pub recipient_id: Option<UnitId>,
    pub recipient: String,
    pub rule: String,
    pub form: String,
    pub basis_vi: String,
    pub basis_en: String,
    /// The limit as it is worded.
    pub bound_vi: String,
    pub bound_en: String,
    pub why_vi: String,
    pub why_en: String,
    pub starts_at: Time,
    /// The last moment in time.
    pub due_at: Option<Time>,
    /// The limit it began with, where it was moved since.
    pub first_due_at: Option<Time>,
    pub state: DeadlineState,
    pub done_at: Option<Time>,
    /// Done or found late once; never taken back.
    pub late: bool,
    pub note: String,
    pub ended_by: String,
    #[serde(skip)]
    pub next_act_at: Option<Time>,
    #[serde(skip)]
    pub acted_until: Time,
    pub version: i64,
}

/// What comes again and again, with which time it is.
pub fn in_turn(title: &Text, number: usize) -> Text {
    let Text { vi, en } = title;
    text!("{vi} (lần {number})", "{en} (no. {number})")
}

/// The key of a turn of what comes again and again; the first has the plain key.
pub fn turn_key(key: &str, number: usize) -> String {
    if number == 1 { key.to_owned() } else { format!("{key}#{number}") }
}

impl Deadline {
    /// Which turn of what comes again and again; 1 for everything else.
    pub fn turn(&self) -> usize {
        self.key.rsplit_once('#').and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
    }

    pub fn title(&self) -> Text {
        Text::owned(self.title_vi.clone(), self.title_en.clone())
    }

    pub fn basis(&self) -> Text {
        Text::owned(self.basis_vi.clone(), self.basis_en.clone())
    }

    pub fn bound(&self) -> Text {
        Text::owned(self.bound_vi.clone(), self.bound_en.clone())
    }

    pub fn why(&self) -> Text {
        Text::owned(self.why_vi.clone(), self.why_en.clone())
    }

    pub fn is_open(&self) -> bool {
        self.state == DeadlineState::Open
    }

    /// Open, and its last moment is over.
    pub fn is_overdue(&self, now: Time) -> bool {
        self.is_open() && self.due_at.is_some_and(|due| due < now)
    }

    /// Due at the moment it began.
    pub fn is_at_once(&self) -> bool {
        self.due_at.is_some_and(|due| due <= self.starts_at)
    }
}

/// Whether what is claimed has been done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Done {
    #[default]
    NotYet,
    At(Time),
    /// Nothing in the records tells; a person says so on the page of the deadline.
    BySaying,
}

/// What a feature says is due in a stream of the journal, as things stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    pub source: &'static str,
    /// Unique within stream and source, and the same as long as it is the same duty.
    pub key: String,
    pub title: Option<Text>,
    pub subject: String,
    pub url: String,
    pub incident_id: Option<IncidentId>,
    /// Who must do it: a person, else everyone of a unit.
    pub unit_id: Option<UnitId>,
    pub person_id: Option<PersonId>,
    /// Who receives it.
    pub recipient_id: Option<UnitId>,
    pub recipient: String,
    pub rule: String,
    pub form: String,
    pub basis: Option<Text>,
    pub bound: Option<Text>,
    /// Why it is owed: "Phát hiện lúc …".
    pub why: Option<Text>,
    pub starts_at: Time,
    pub due_at: Option<Time>,
    pub done: Done,
}

impl Claim {
    /// The claim as a row that nobody has seen yet.
    pub(super) fn begun(&self, stream: &str, chance: &Chance, now: Time) -> Deadline {
        let mut row = Deadline {
            id: DeadlineId::new(chance, now),
            stream: stream.to_owned(),
            source: self.source.to_owned(),
            key: self.key.clone(),
            title_vi: String::new(),
            title_en: String::new(),
            subject: String::new(),
            url: String::new(),
            incident_id: self.incident_id.clone(),
            unit_id: None,
            person_id: None,
            recipient_id: None,
            recipient: String::new(),
            rule: self.rule.clone(),
            form: String::new(),
            basis_vi: String::new(),
            basis_en: String::new(),
            bound_vi: String::new(),
            bound_en: String::new(),
            why_vi: String::new(),
            why_en: String::new(),
            starts_at: self.starts_at,
            due_at: self.due_at,
            first_due_at: None,
            state: DeadlineState::Open,
            done_at: None,
            late: false,
            note: String::new(),
            ended_by: String::new(),
            next_act_at: None,
            acted_until: Time(0),
            version: 1,
        };
        self.write_words(&mut row);
        row
    }

    /// Everything about the row that is not its fate.
    pub(super) fn write_words(&self, row: &mut Deadline) {
        let words = |text: &Option<Text>| match text {
            Some(text) => (text.vi.to_string(), text.en.to_string()),
            None => Default::default(),
        };
        (row.title_vi, row.title_en) = words(&self.title);
        (row.basis_vi, row.basis_en) = words(&self.basis);
        (row.bound_vi, row.bound_en) = words(&self.bound);
        (row.why_vi, row.why_en) = words(&self.why);
        row.subject = self.subject.clone();
        row.url = self.url.clone();
        row.unit_id = self.unit_id.clone();
        row.person_id = self.person_id.clone();
        row.recipient_id = self.recipient_id.clone();
        row.recipient = self.recipient.clone();
        row.rule = self.rule.clone();
        row.form = self.form.clone();
        row.starts_at = self.starts_at;
    }
}
