//! Documents about an incident: the forms of the pack, filled from what is known, issued with a number and frozen; and
//! the dossier, one document of everything.
//!
//! Nothing of a form stands in here: labels, order, options and where a value comes from are the pack's. The way of a
//! report: draft → issuing (it has its number, the files are being made) → issued → superseded by a newer one.

pub mod actions;
mod detail;
mod document;
pub(crate) mod dossier;
mod editor;
mod facts;
mod files;
mod fill;
mod forms;
mod issue;
mod mailing;
pub mod model;
pub mod numbers;
mod offer;
mod offered;
mod pages;
mod preview;
pub mod rendering;
mod review;
mod screen;
mod section;
mod sends;
mod signed;
mod sources;
mod sources_shared;
mod sources_work;
mod store;
mod waiting;

use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;

pub use fill::Posted;
pub use forms::changed as changed_forms;
pub use issue::{Reserved, reserve};

use crate::feature::{Feature, Group, NavEntry};
use crate::incident::section::{GateKind, IncidentTab, Section};
use crate::permission::Permission::{PackWrite, ReportApprove, ReportRead, ReportWrite};
use crate::web::Access::Need;
use crate::web::Routes;

id_type!(
    /// A report made from a form of the pack.
    ReportId, "rpt"
);

id_type!(
    /// One time a report went to somebody.
    SendId, "snd"
);

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: routes(),
        tables: &["reports", "report_sends", "document_numbers", "form_texts"],
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
        nav: vec![
            NavEntry {
                group: Group::Registers,
                href: "/numbers",
                label: Text::new("Sổ số văn bản", "Document numbers"),
                permission: Some(ReportRead),
                count: None,
            },
            NavEntry {
                group: Group::Administration,
                href: "/packs/forms",
                label: Text::new("Biểu mẫu", "Forms"),
                permission: Some(PackWrite),
                count: None,
            },
        ],
        waiting: vec![waiting::approvals, waiting::returned, waiting::lost],
        letter_gate: Some(mailing::why_it_stays),
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
            detail::detail,
        )
        .asks::<offered::OfferedQuery>()
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
        .act(
            "/incidents/{id}/reports/{report}/ruling",
            Need(ReportApprove),
            Text::new("Duyệt hoặc trả lại báo cáo", "Approve or return a report"),
            pages::ruling,
        )
        .act(
            "/incidents/{id}/reports/{report}/withdraw",
            Need(ReportWrite),
            Text::new("Rút lại báo cáo đã trình", "Take back a report that was handed in"),
            pages::withdraw,
        )
        .act(
            "/incidents/{id}/reports/{report}/drop",
            Need(ReportWrite),
            Text::new("Huỷ bản nháp và số đã cấp", "Drop a draft and the number it has"),
            pages::abandon,
        )
        .act(
            "/incidents/{id}/reports/{report}/sends",
            Need(ReportWrite),
            Text::new("Gửi báo cáo, hoặc ghi nơi đã gửi", "Send a report, or note to whom it went"),
            pages::send,
        )
        .act(
            "/incidents/{id}/reports/{report}/sends/{send}/acknowledge",
            Need(ReportWrite),
            Text::new("Ghi nơi nhận đã xác nhận", "Note that a recipient has it"),
            pages::acknowledge,
        )
        .upload(
            "/incidents/{id}/reports/{report}/signed",
            Need(ReportWrite),
            Text::new("Nhận bản đã ký", "Take in the signed copy"),
            signed::upload,
        )
        .takes::<signed::SignedForm>("file")
        .file(
            "/incidents/{id}/reports/{report}/signed-copy",
            Need(ReportRead),
            Text::new("Bản đã ký", "The signed copy"),
            files::report_signed,
        )
        .page(
            "/numbers",
            Need(ReportRead),
            Text::new("Sổ số văn bản", "Register of document numbers"),
            numbers::pages::list,
        )
        .asks::<numbers::pages::NumbersQuery>()
        .act(
            "/numbers",
            Need(ReportWrite),
            Text::new("Ghi số của văn bản làm ngoài", "Note the number of a document written elsewhere"),
            numbers::pages::note,
        )
        .act(
            "/numbers/{id}/cancel",
            Need(ReportWrite),
            Text::new("Huỷ một số", "Cancel a number"),
            numbers::pages::cancel,
        )
        .page("/packs/forms", Need(PackWrite), Text::new("Biểu mẫu của kế hoạch", "Forms of the plan"), editor::list)
        .page("/packs/forms/{form}", Need(PackWrite), Text::new("Sửa một biểu mẫu", "Change a form"), editor::show)
        .asks::<editor::EditorQuery>()
        .act("/packs/forms/{form}", Need(PackWrite), Text::new("Lưu biểu mẫu", "Save a form"), editor::save)
        .act(
            "/packs/forms/{form}/preview",
            Need(PackWrite),
            Text::new("Xem trang in của lời đang gõ, không lưu", "The page of the words being typed, not saved"),
            editor::look_ahead,
        )
        .act(
            "/packs/forms/{form}/reset",
            Need(PackWrite),
            Text::new("Lấy lại lời của kế hoạch", "Take the plan's words again"),
            editor::reset,
        )
        .file(
            "/packs/forms/{form}/toml",
            Need(PackWrite),
            Text::new("Biểu mẫu dạng TOML để đưa vào gói", "A form as TOML for the pack"),
            editor::toml_file,
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
