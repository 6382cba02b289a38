//! Detection: what sets of rules there are, what an examination of evidence finds with them, which machines were swept.
//!
//! Files and rules are hostile, so they are read by a process of its own ([`probe`], [`ask`]). An examination is asked for by
//! a person, done by a job ([`keep_examining`]) and kept as evidence. Logs are held against Sigma rules, any file against YARA
//! rules; which of both it is says the set of rules.

pub mod ask;
mod campaign;
mod examine;
pub mod probe;
mod rules;

use ungcuu_kit::text::Text;

pub use examine::ExaminationState;
pub use examine::job::{examine_next, keep_examining};
pub use examine::view::{Examinations, of_item};
pub use rules::actions::settle_built_in;

use crate::feature::{Feature, Group, NavEntry};
use crate::permission::Permission::{EvidenceAdd, EvidenceRead, SensorRead, SensorWrite};
use crate::web::{Access, Routes};

/// The stream of the journal that holds what is decided about rules.
pub const STREAM: &str = "sensors";

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: rule_routes().and(examination_routes()).and(campaign::routes()),
        nav: vec![
            NavEntry {
                group: Group::Preparedness,
                href: "/campaigns",
                label: Text::new("Rà quét mã độc", "Sweep campaigns"),
                permission: Some(SensorRead),
                count: None,
            },
            NavEntry {
                group: Group::Preparedness,
                href: "/rule-sets",
                label: Text::new("Bộ quy tắc", "Detection rules"),
                permission: Some(SensorWrite),
                count: None,
            },
        ],
        clocks: vec![campaign::clocks::source()],
        tables: &["rule_sets", "rule_set_versions", "rule_states", "examinations", "campaigns", "campaign_machines"],
        ..Feature::default()
    }
}

fn rule_routes() -> Routes {
    let (read, write) = (Access::Need(SensorRead), Access::Need(SensorWrite));
    let pages = Routes::new()
        .page(
            "/rule-sets",
            read,
            Text::new("Các bộ quy tắc phát hiện", "The sets of detection rules"),
            rules::pages::list,
        )
        .page("/rule-sets/{id}", read, Text::new("Một bộ quy tắc", "One set of rules"), rules::pages::detail)
        .asks::<rules::pages::RulesQuery>()
        .page(
            "/rule-sets/{id}/refused",
            read,
            Text::new("Quy tắc không dùng được của một bộ", "What of a set cannot be used"),
            rules::pages::refused,
        )
        .asks::<rules::pages::RefusedQuery>()
        .page("/rule-sets/{id}/rules/{rule}", read, Text::new("Một quy tắc", "One rule"), rules::pages::rule);
    pages
        .upload(
            "/rule-sets/import",
            write,
            Text::new("Nhập bộ quy tắc từ tệp .zip", "Import a set of rules from a .zip"),
            rules::pages::import,
        )
        .takes::<rules::pages::ImportForm>("files")
        .act(
            "/rule-sets/{id}/choose",
            write,
            Text::new("Chọn phiên bản được dùng", "Choose the version in use"),
            rules::pages::choose,
        )
        .act(
            "/rule-sets/{id}/rules/{rule}/silence",
            write,
            Text::new("Tắt một quy tắc, nêu lý do", "Silence a rule, with a reason"),
            rules::pages::silence,
        )
        .act(
            "/rule-sets/{id}/rules/{rule}/resume",
            write,
            Text::new("Dùng lại một quy tắc", "Use a rule again"),
            rules::pages::resume,
        )
}

fn examination_routes() -> Routes {
    let (read, add) = (Access::Need(EvidenceRead), Access::Need(EvidenceAdd));
    Routes::new()
        .act(
            "/incidents/{id}/evidence/{item}/examine",
            add,
            Text::new("Khám xét một chứng cứ bằng bộ quy tắc", "Examine an item with a set of rules"),
            examine::pages::ask,
        )
        .page(
            "/incidents/{id}/evidence/{item}/examinations/{exam}",
            read,
            Text::new("Một lần khám xét và phát hiện của nó", "An examination and what it found"),
            examine::pages::show,
        )
        .asks::<examine::pages::FindingsQuery>()
        .file(
            "/incidents/{id}/evidence/{item}/examinations/{exam}/live",
            read,
            Text::new("Báo khám xét đến đâu", "Says how far an examination has come"),
            examine::live::live,
        )
        .act(
            "/incidents/{id}/evidence/{item}/examinations/{exam}/cancel",
            add,
            Text::new("Dừng một lần khám xét", "Stop an examination"),
            examine::pages::cancel,
        )
        .act(
            "/incidents/{id}/evidence/{item}/examinations/{exam}/take",
            add,
            Text::new(
                "Đưa phát hiện vào diễn biến và dấu hiệu của sự cố",
                "Take findings into the incident's timeline and indicators",
            ),
            examine::pages::take,
        )
}
