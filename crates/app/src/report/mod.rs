//! Documents about an incident: the forms of the pack, filled from what is known, issued with a number and frozen; and
//! the dossier, one document of everything.
//!
//! Nothing of a form stands in here: labels, order, options and where a value comes from are the pack's. The way of a
//! report: draft → issuing (it has its number, the files are being made) → issued → superseded by a newer one.

pub mod actions;
mod document;
pub(crate) mod dossier;
mod facts;
mod files;
mod fill;
mod issue;
pub mod model;
mod offer;
mod pages;
mod preview;
pub(crate) mod rendering;
mod screen;
mod section;
mod sources;
mod sources_shared;
mod store;

use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;

pub use fill::Posted;
pub use issue::{Reserved, reserve};

use crate::feature::Feature;
use crate::incident::section::{GateKind, IncidentTab, Section};
use crate::permission::Permission::{ReportRead, ReportWrite};
use crate::web::Access::Need;
use crate::web::Routes;

id_type!(
    /// A report made from a form of the pack.
    ReportId, "rpt"
);

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: routes(),
        tables: &["reports"],
        sections: vec![Section { kind: "documents", show: section::show }],
        gates: vec![GateKind { kind: "document", count: section::count_issued }],
        tabs: vec![
            IncidentTab {
                path: "reports",
                label: Text::new("Báo cáo", "Reports"),
                permission: Some(ReportRead),
                count: Some(section::count_reports),
            },
            IncidentTab {
                path: "dossier",
                label: Text::new("Hồ sơ", "Dossier"),
                permission: Some(ReportRead),
                count: None,
            },
        ],
        ..Feature::default()
    }
}

fn routes() -> Routes {
    Routes::new()
        .page(
            "/incidents/{id}/reports",
            Need(ReportRead),
            Text::new("Báo cáo của sự cố", "Reports of an incident"),
            pages::list,
        )
        .act(
            "/incidents/{id}/reports",
            Need(ReportWrite),
            Text::new("Lập báo cáo theo mẫu", "Begin a report from a form"),
            pages::begin,
        )
        .page(
            "/incidents/{id}/reports/{report}",
            Need(ReportRead),
            Text::new("Một báo cáo: biểu mẫu và trang in", "One report: form and page"),
            pages::detail,
        )
        .act(
            "/incidents/{id}/reports/{report}",
            Need(ReportWrite),
            Text::new("Lưu nháp hoặc phát hành báo cáo", "Save or issue a report"),
            pages::write,
        )
        .act(
            "/incidents/{id}/reports/{report}/preview",
            Need(ReportWrite),
            Text::new("Xem trang in của chữ đang gõ, không lưu", "The page of what is being typed, not saved"),
            pages::look_ahead,
        )
        .act(
            "/incidents/{id}/reports/{report}/renew",
            Need(ReportWrite),
            Text::new("Làm bản mới thay báo cáo đã phát hành", "Begin a successor of an issued report"),
            pages::renew,
        )
        .file(
            "/incidents/{id}/reports/{report}/pdf",
            Need(ReportRead),
            Text::new("Báo cáo dạng PDF", "A report as PDF"),
            files::report_pdf,
        )
        .file(
            "/incidents/{id}/reports/{report}/docx",
            Need(ReportRead),
            Text::new("Báo cáo dạng Word", "A report as Word"),
            files::report_docx,
        )
        .page(
            "/incidents/{id}/dossier",
            Need(ReportRead),
            Text::new("Hồ sơ sự cố", "The dossier of an incident"),
            dossier::pages::show,
        )
        .file(
            "/incidents/{id}/dossier/pdf",
            Need(ReportRead),
            Text::new("Hồ sơ sự cố dạng PDF", "The dossier as PDF"),
            dossier::pages::pdf,
        )
        .file(
            "/incidents/{id}/dossier/docx",
            Need(ReportRead),
            Text::new("Hồ sơ sự cố dạng Word", "The dossier as Word"),
            dossier::pages::docx,
        )
}
