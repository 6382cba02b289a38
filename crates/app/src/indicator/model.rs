//! What an indicator of an incident is, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_detect::indicator as detect;
use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use crate::incident::IncidentId;
use crate::system::SystemId;
use crate::ui::Tone;

id_type!(
    /// An indicator of an incident.
    IndicatorId, "ind"
);

text_enum! {
    /// What kind of thing it is.
    pub enum IndicatorKind {
        Ip = "ip": ("Địa chỉ IP", "IP address"),
        Domain = "domain": ("Tên miền", "Domain"),
        Url = "url": ("Đường dẫn", "Link"),
        Md5 = "md5": ("Mã băm MD5", "MD5 hash"),
        Sha1 = "sha1": ("Mã băm SHA-1", "SHA-1 hash"),
        Sha256 = "sha256": ("Mã băm SHA-256", "SHA-256 hash"),
        Mail = "mail": ("Địa chỉ thư", "Mail address"),
        File = "file": ("Tệp", "File"),
    }
}

text_enum! {
    /// What people think of it.
    pub enum Malicious {
        Suspected = "suspected": ("Nghi ngờ", "Suspected"),
        Confirmed = "confirmed": ("Xác nhận độc hại", "Confirmed malicious"),
        Benign = "benign": ("Vô hại", "Benign"),
    }
}

impl Malicious {
    pub fn tone(self) -> Tone {
        match self {
            Malicious::Suspected => Tone::Watch,
            Malicious::Confirmed => Tone::Bad,
            Malicious::Benign => Tone::Quiet,
        }
    }
}

impl From<detect::Kind> for IndicatorKind {
    fn from(kind: detect::Kind) -> IndicatorKind {
        match kind {
            detect::Kind::Ip => IndicatorKind::Ip,
            detect::Kind::Domain => IndicatorKind::Domain,
            detect::Kind::Url => IndicatorKind::Url,
            detect::Kind::Hash(detect::Digest::Md5) => IndicatorKind::Md5,
            detect::Kind::Hash(detect::Digest::Sha1) => IndicatorKind::Sha1,
            detect::Kind::Hash(detect::Digest::Sha256) => IndicatorKind::Sha256,
            detect::Kind::Mail => IndicatorKind::Mail,
            detect::Kind::File => IndicatorKind::File,
        }
    }
}

impl From<IndicatorKind> for detect::Kind {
    fn from(kind: IndicatorKind) -> detect::Kind {
        match kind {
            IndicatorKind::Ip => detect::Kind::Ip,
            IndicatorKind::Domain => detect::Kind::Domain,
            IndicatorKind::Url => detect::Kind::Url,
            IndicatorKind::Md5 => detect::Kind::Hash(detect::Digest::Md5),
            IndicatorKind::Sha1 => detect::Kind::Hash(detect::Digest::Sha1),
            IndicatorKind::Sha256 => detect::Kind::Hash(detect::Digest::Sha256),
            IndicatorKind::Mail => detect::Kind::Mail,
            IndicatorKind::File => detect::Kind::File,
        }
    }
}

/// An indicator of an incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Indicator {
    pub id: IndicatorId,
    pub incident_id: IncidentId,
    pub kind: IndicatorKind,
    /// In its one spelling; see `ungcuu_detect::indicator`.
    pub value: String,
    pub note: String,
    pub malicious: Malicious,
    /// Where it was noticed: a log, a report, an alert.
    pub source: String,
    pub seen_at: Option<Time>,
    pub added_at: Time,
    pub added_by: String,
    pub version: i64,
}

impl Indicator {
    pub fn detected(&self) -> detect::Indicator {
        detect::Indicator { kind: self.kind.into(), value: self.value.clone() }
    }

    /// Written so that nobody follows it by accident.
    pub fn defanged(&self) -> String {
        self.detected().defang()
    }

    pub fn href(&self) -> String {
        format!("/incidents/{}/indicators/{}", self.incident_id, self.id)
    }

    /// A path below its page: `/edit`.
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.href())
    }
}

/// The same sign in an incident that the reader may see.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct SeenIn {
    pub kind: IndicatorKind,
    pub value: String,
    pub malicious: Malicious,
    pub incident_id: IncidentId,
    /// `SC-2026-0039`.
    pub code: String,
    pub title: String,
}

/// A system of the incident, as the tab shows it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct TouchedSystem {
    pub system_id: SystemId,
    pub code: String,
    pub name: String,
    pub level: Option<i64>,
    /// What happened to it.
    pub effect: String,
    pub operator_name: String,
}

/// Why a text was not understood, for people.
pub fn explain(why: detect::Why) -> Text {
    match why {
        detect::Why::Empty => Text::new("trống", "empty"),
        detect::Why::TooLong => Text::new("dài quá", "too long"),
        detect::Why::NotOne => Text::new("là câu chữ hoặc nhiều thứ cùng lúc", "a sentence, or several things at once"),
        detect::Why::Address => Text::new("không phải địa chỉ IP đúng", "not a proper IP address"),
        detect::Why::Network => {
            Text::new("là cả một dải mạng; hãy ghi từng địa chỉ", "a whole network; write single addresses")
        }
        detect::Why::Domain => Text::new("không phải tên miền đúng", "not a proper domain name"),
        detect::Why::Link => Text::new("không phải đường dẫn đúng", "not a proper link"),
        detect::Why::Digest => {
            Text::new("không đủ độ dài của MD5, SHA-1 hay SHA-256", "not of the length of MD5, SHA-1 or SHA-256")
        }
        detect::Why::Mail => Text::new("không phải địa chỉ thư đúng", "not a proper mail address"),
        detect::Why::Unknown => Text::new("không thấy dấu hiệu nào", "no indicator in it"),
    }
}
