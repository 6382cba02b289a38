//! Sets of detection rules: those that are built in, one for logs and one for files, and those that were imported. Every version is kept; a rule that only
//! makes noise here is silenced with a reason, in all versions of its set.

pub(super) mod actions;
pub(super) mod pages;
pub(super) mod store;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use crate::ui::Tone;

id_type!(
    /// A set of rules.
    RuleSetId, "rst"
);
id_type!(
    /// A version of a set.
    RuleVersionId, "rsv"
);
id_type!(
    /// A rule as one version of a set has it.
    SetRuleId, "rul"
);
id_type!(
    /// What was decided about a rule.
    RuleStateId, "rss"
);
id_type!(
    /// A document of a set that cannot be used.
    RefusalId, "rsf"
);

text_enum! {
    /// What rules of a set are about.
    pub enum RuleKind {
        Sigma = "sigma": ("Nhật ký (Sigma)", "Logs (Sigma)"),
        Yara = "yara": ("Tệp (YARA)", "Files (YARA)"),
    }
}

impl RuleKind {
    /// What people call the set of this kind that is built in.
    pub fn built_in_name(self) -> Text {
        match self {
            RuleKind::Sigma => Text::new("Bộ quy tắc có sẵn", "Built-in rules"),
            RuleKind::Yara => Text::new("Bộ quy tắc tìm mã độc có sẵn", "Built-in rules for malicious files"),
        }
    }
}

text_enum! {
    /// How grave a rule thinks its findings are.
    pub enum Gravity {
        Informational = "informational": ("Để biết", "Informational"),
        Low = "low": ("Thấp", "Low"),
        Medium = "medium": ("Vừa", "Medium"),
        High = "high": ("Cao", "High"),
        Critical = "critical": ("Nghiêm trọng", "Critical"),
    }
}

impl Gravity {
    /// By its number, 0 to 4, as it is stored.
    pub fn of(level: i64) -> Gravity {
        let place = usize::try_from(level).unwrap_or(0);
        Gravity::ALL.get(place).copied().unwrap_or(Gravity::Medium)
    }

    /// By the word that stands in rules.
    pub fn of_word(word: &str) -> Gravity {
        Gravity::ALL.iter().copied().find(|one| one.word() == word).unwrap_or(Gravity::Medium)
    }

    /// Its number, 0 to 4.
    pub fn level(self) -> i64 {
        self as i64
    }

    pub fn tone(self) -> Tone {
        match self {
            Gravity::Critical | Gravity::High => Tone::Bad,
            Gravity::Medium => Tone::Watch,
            Gravity::Low | Gravity::Informational => Tone::Quiet,
        }
    }
}

/// A set with the version that is used.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct RuleSet {
    pub id: RuleSetId,
    pub name: String,
    pub kind: RuleKind,
    pub built_in: bool,
    pub version_id: RuleVersionId,
    /// The number of the version that is used.
    pub active: i64,
    /// SHA-256 of what it was read from.
    pub hash: String,
    /// Absent for the set that is built in.
    pub file_id: Option<String>,
    pub file_name: String,
    pub rules: i64,
    pub correlations: i64,
    /// Documents that cannot be used.
    pub refused: i64,
    /// Rules for logs that cannot be read here.
    pub unrouted: i64,
    pub imported_at: Time,
    pub imported_by: String,
    /// How many rules are silenced.
    pub silenced: i64,
    pub version: i64,
}

impl RuleSet {
    pub fn href(&self) -> String {
        format!("/rule-sets/{}", self.id)
    }

    pub fn is_of_logs(&self) -> bool {
        self.kind == RuleKind::Sigma
    }

    /// A path below its page.
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.href())
    }

    /// The built-in set has a name in each language.
    pub fn words(&self) -> Text {
        if self.built_in { self.kind.built_in_name() } else { Text::same(self.name.clone()) }
    }

    pub fn said(&self, lang: &Lang) -> String {
        self.words().get(*lang).to_owned()
    }
}

/// One version of a set.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct RuleVersion {
    pub id: RuleVersionId,
    pub number: i64,
    pub file_name: String,
    pub hash: String,
    pub rules: i64,
    pub correlations: i64,
    pub refused: i64,
    pub unrouted: i64,
    pub imported_at: Time,
    pub imported_by: String,
}

/// A rule of a version, with what was decided about it and how often it found something here.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct SetRule {
    pub id: SetRuleId,
    pub rule_id: String,
    pub title: String,
    /// 0 (informational) to 4 (critical).
    pub level: i64,
    pub path: String,
    pub line: i64,
    pub logsource: String,
    pub tags: String,
    pub author: String,
    pub description: String,
    /// What to do when it fires, where the rule says so.
    pub response_vi: String,
    pub response_en: String,
    /// A rule over the findings of other rules.
    pub correlation: bool,
    /// Whether its findings are told; false for one that only feeds correlations.
    pub reported: bool,
    pub silenced: bool,
    pub reason: String,
    pub decided_by: String,
    pub decided_at: Option<Time>,
    /// 0 while nothing was decided.
    pub state_version: i64,
    /// Findings in all examinations of this installation.
    #[sqlx(default)]
    pub findings: i64,
}

impl SetRule {
    pub fn gravity(&self) -> Gravity {
        Gravity::of(self.level)
    }

    /// What it is about, on one line.
    pub fn brief(&self) -> String {
        ungcuu_kit::text::brief(&self.description, 160)
    }
}

/// A document that cannot be used.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Refusal {
    pub number: i64,
    pub path: String,
    pub line: i64,
    pub title: String,
    pub reason: String,
}
