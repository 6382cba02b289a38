//! What a report is, as data: its way from draft to issued, and the answers to the fields of its form.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::form::clean;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::{ReportId, SendId};
use crate::incident::IncidentId;
use crate::notify::letter::LetterId;
use crate::org::UnitId;
use crate::page::Page;
use crate::ui::Tone;

text_enum! {
    /// How far a report has come.
    pub enum ReportState {
        Draft = "draft": ("Bản nháp", "Draft"),
        Issuing = "issuing": ("Đang phát hành", "Being issued"),
        Issued = "issued": ("Đã phát hành", "Issued"),
        Superseded = "superseded": ("Đã có bản thay thế", "Superseded"),
    }
}

text_enum! {
    /// Where a draft stands before it is issued: only forms that somebody must approve leave the first state.
    pub enum Review {
        Writing = "writing": ("Đang soạn", "Being written"),
        Submitted = "submitted": ("Chờ duyệt", "Waiting for approval"),
        Returned = "returned": ("Trả lại để sửa", "Returned"),
        Approved = "approved": ("Đã duyệt", "Approved"),
        Dropped = "dropped": ("Đã huỷ", "Dropped"),
    }
}

text_enum! {
    /// How a report went to somebody.
    pub enum Way {
        Email = "email": ("Thư điện tử", "E-mail"),
        Paper = "paper": ("Bản giấy", "On paper"),
        System = "system": ("Hệ thống văn bản, báo cáo", "Document or reporting system"),
    }
}

text_enum! {
    /// What the check of a signed copy found.
    pub enum SignedCheck {
        Appended = "appended": ("Bản đã phát hành còn nguyên, chữ ký thêm ở sau", "The issued file is whole, the signature follows it"),
        SamePages = "same_pages": ("Nội dung các trang đúng như bản đã phát hành", "The pages are those that were issued"),
        Scan = "scan": ("Bản quét từ giấy, chưa đối chiếu bằng máy", "A scan of paper, not compared by machine"),
    }
}

impl ReportState {
    /// Whether its words can still change. A report that was being issued when the machine stopped is a draft that has
    /// its number already.
    pub fn is_draft(self) -> bool {
        matches!(self, ReportState::Draft | ReportState::Issuing)
    }

    pub fn tone(self) -> Tone {
        match self {
            ReportState::Draft | ReportState::Superseded => Tone::Quiet,
            ReportState::Issuing => Tone::Watch,
            ReportState::Issued => Tone::Good,
        }
    }
}

/// A report.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Report {
    pub id: ReportId,
    pub incident_id: IncidentId,
    /// A form of the pack.
    pub form: String,
    /// The first, second, … of its form in this incident.
    pub ordinal: i64,
    pub state: ReportState,
    pub replaces_id: Option<ReportId>,
    #[serde(skip)]
    pub answers: String,
    /// One line each.
    pub recipients: String,
    pub signer: String,
    pub created_at: Time,
    pub created_by: String,
    /// Empty until issuing begins.
    pub number: String,
    pub number_year: Option<i64>,
    pub issued_at: Option<Time>,
    pub issued_by: String,
    #[serde(skip)]
    pub document: String,
    /// SHA-256 of the files.
    pub pdf: Option<String>,
    pub docx: Option<String>,
    pub journal_seq: Option<i64>,
    pub journal_hash: String,
    pub version: i64,
    /// How far the approval has come; only for forms that need one.
    pub review: Review,
    /// Why it was returned, or dropped.
    pub review_words: String,
    pub submitted_at: Option<Time>,
    pub submitted_by: String,
    pub reviewed_at: Option<Time>,
    pub reviewed_by: String,
    /// In what capacity it is signed, lines parted by line ends; empty: the form's own words.
    pub capacity: String,
    /// SHA-256 of the copy that came back signed.
    pub signed: Option<String>,
    pub signed_name: String,
    pub signed_at: Option<Time>,
    pub signed_by: String,
    /// A [`SignedCheck`]; empty without a signed copy.
    pub signed_check: String,
}

impl Report {
    /// A report of which nothing is written, for a page that shows its form.
    pub fn blank(now: Time) -> Report {
        Report {
            id: ReportId::default(),
            incident_id: IncidentId::default(),
            form: String::new(),
            ordinal: 1,
            state: ReportState::Draft,
            replaces_id: None,
            answers: "{}".to_owned(),
            recipients: String::new(),
            signer: String::new(),
            created_at: now,
            created_by: String::new(),
            number: String::new(),
            number_year: None,
            issued_at: None,
            issued_by: String::new(),
            document: String::new(),
            pdf: None,
            docx: None,
            journal_seq: None,
            journal_hash: String::new(),
            version: 1,
            review: Review::Writing,
            review_words: String::new(),
            submitted_at: None,
            submitted_by: String::new(),
            reviewed_at: None,
            reviewed_by: String::new(),
            capacity: String::new(),
            signed: None,
            signed_name: String::new(),
            signed_at: None,
            signed_by: String::new(),
            signed_check: String::new(),
        }
    }

    /// The state in the reader's words.
    pub fn state_word(&self, page: &Page) -> String {
        if self.state == ReportState::Draft && self.review != Review::Writing {
            return page.say(&self.review.label());
        }
        page.say(&self.state.label())
    }

    /// The tone of that word.
    pub fn tone(&self) -> Tone {
        match (self.state, self.review) {
            (ReportState::Draft, Review::Submitted | Review::Returned) => Tone::Watch,
            (ReportState::Draft, Review::Approved) => Tone::Active,
            (state, _) => state.tone(),
        }
    }

    /// Its words may still change: a draft that lies with nobody for approval.
    pub fn is_written(&self) -> bool {
        self.state.is_draft() && matches!(self.review, Review::Writing | Review::Returned)
    }

    /// Its words stand as they were handed in, until it is issued or taken back.
    pub fn is_fixed(&self) -> bool {
        self.state.is_draft() && matches!(self.review, Review::Submitted | Review::Approved)
    }

    /// It may be issued, given up or approved.
    pub fn is_under_way(&self) -> bool {
        self.state.is_draft() && self.review != Review::Dropped
    }

    /// The stored answers; none when they cannot be read, which the journal's check would name.
    pub fn answers(&self) -> Answers {
        serde_json::from_str(&self.answers).unwrap_or_default()
    }
}

/// One time a report went to somebody.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Send {
    pub id: SendId,
    pub report_id: ReportId,
    pub unit_id: Option<UnitId>,
    /// The recipient's name as it was then.
    pub party: String,
    pub way: Way,
    /// The mail address it went to; empty for other ways.
    pub address: String,
    pub sent_at: Time,
    pub sent_by: String,
    /// The number or name that whoever took it in gave.
    pub receipt: String,
    /// The deadline rule it was sent under.
    pub rule: String,
    pub disclosure_id: Option<String>,
    pub letter_id: Option<LetterId>,
    /// The incident's marking for which it was let out beyond it, with a reason; empty when the wall was not in the way.
    pub let_out: String,
    pub acknowledged_at: Option<Time>,
    pub acknowledged_by: String,
    /// The recipient's own number for it.
    pub their_number: String,
    pub version: i64,
}

/// Answers by field id.
pub type Answers = BTreeMap<String, Answer>;

/// What stands in one field. Values are in one spelling for each type of field: days `2026-11-22`, times `14:05`, moments
/// `2026-11-22T14:05`, `yes`/`no`, ids of options, plain digits, otherwise words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub values: Vec<String>,
    /// Words beside a ticked option ("Khác, đó là: …"), by option id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// Written or changed by a person, so that the incident's facts no longer fill it.
    #[serde(default)]
    pub by_hand: bool,
}

impl Answer {
    /// Without empty values, with plain line ends.
    pub fn new(values: impl IntoIterator<Item = String>) -> Answer {
        let values = values.into_iter().map(|value| clean(value.trim()).trim().to_owned());
        Answer { values: values.filter(|value| !value.is_empty()).collect(), ..Answer::default() }
    }

    /// One value, or none when it is empty.
    pub fn one(value: impl Into<String>) -> Answer {
        Answer::new([value.into()])
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn has(&self, value: &str) -> bool {
        self.values.iter().any(|held| held == value)
    }

    /// The first value; empty when there is none.
    pub fn first(&self) -> &str {
        self.values.first().map(String::as_str).unwrap_or_default()
    }

    /// Says the same, whoever wrote it.
    pub fn same(&self, other: &Answer) -> bool {
        self.values == other.values && self.words == other.words
    }

    /// A short print of what it says, so that a form can tell what it was shown from what was typed.
    pub fn print(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        for part in self.values.iter().chain(self.words.iter().flat_map(|(id, words)| [id, words])) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex::encode(&digest.finalize()[..8])
    }
}
