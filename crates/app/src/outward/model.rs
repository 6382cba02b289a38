//! What a copy for outside is, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::CopyId;
use crate::coordination::wall::Level;
use crate::org::UnitId;

text_enum! {
    /// What a copy holds, and as which kind of file.
    pub enum Content {
        DossierPdf = "dossier_pdf": ("Hồ sơ sự cố (PDF)", "The dossier (PDF)"),
        DossierDocx = "dossier_docx": ("Hồ sơ sự cố (Word)", "The dossier (Word)"),
        IndicatorsCsv = "indicators_csv": ("Dấu hiệu tấn công (CSV)", "The indicators (CSV)"),
        IndicatorsJson = "indicators_json": ("Dấu hiệu tấn công (JSON)", "The indicators (JSON)"),
        EvidenceCsv = "evidence_csv": ("Sổ chứng cứ (CSV)", "The register of evidence (CSV)"),
    }
}

impl Content {
    /// How the name of its file begins and ends.
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Content::DossierPdf => ("ho-so", "pdf"),
            Content::DossierDocx => ("ho-so", "docx"),
            Content::IndicatorsCsv => ("dau-hieu", "csv"),
            Content::IndicatorsJson => ("dau-hieu", "json"),
            Content::EvidenceCsv => ("so-chung-cu", "csv"),
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Content::DossierPdf => "application/pdf",
            Content::DossierDocx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Content::IndicatorsCsv | Content::EvidenceCsv => "text/csv; charset=utf-8",
            Content::IndicatorsJson => "application/json",
        }
    }
}

/// A copy that was made for somebody outside. It never changes.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct OutwardCopy {
    pub id: CopyId,
    pub content: Content,
    /// Absent when it was made for a name, or for nobody in particular.
    pub unit_id: Option<UnitId>,
    /// Whom it was made for; empty when only the marking was chosen.
    pub party: String,
    /// The strictest marking that may be in it, and the strictest that is.
    pub ceiling: Level,
    pub tlp: Level,
    /// How many entries stayed behind.
    pub left_out: i64,
    pub purpose: String,
    /// SHA-256 of the file.
    pub file_id: String,
    /// In bytes.
    pub size: i64,
    pub made_at: Time,
    pub made_by: String,
    /// The incident's own marking when it was made.
    pub incident_tlp: Level,
}

impl OutwardCopy {
    /// Whether something that may be in it goes less far now than the copy does: the incident itself, or a thing marked
    /// since. `marked`: every marking of single things there is, and when one was set last.
    pub fn is_outdated(&self, incident: Level, marked: &[(Level, Time)]) -> bool {
        let newer = |(level, at): &(Level, Time)| *level > self.ceiling && *at > self.made_at;
        (incident > self.ceiling && self.incident_tlp <= self.ceiling) || marked.iter().any(newer)
    }

    /// The beginning of the hash, as a list shows it.
    pub fn print(&self) -> String {
        self.file_id.chars().take(12).collect()
    }

    /// The name under which it is saved: `SC-2026-0042-ho-so-green.pdf`.
    pub fn file_name(&self, code: &str) -> String {
        let (begins, ends) = self.content.name();
        format!("{code}-{begins}-{}.{ends}", self.tlp.word().replace('_', "-"))
    }
}
