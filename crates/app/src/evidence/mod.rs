//! Evidence: files and things that show what happened, numbered within their incident (`CC-01`).
//!
//! A file is hashed by the server while it streams in and lies under its SHA-256; its bytes are never changed and an item
//! is never deleted. What is known about it (where from, by whom, what it shows) can be corrected, and every correction
//! stands in the journal. A better copy is a new item that names the one it replaces; a wrong one is declared void.
//!
//! Other features use [`add_stored`] for files that are in the store already, and [`may`] to ask who may read or add.

mod actions;
mod download;
mod form;
mod model;
mod pages;
mod section;
mod store;
mod view;

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

pub use actions::{Added, add_stored, no_open_step};
pub use model::{Evidence, EvidenceId, Facts, NewItem, StoredFile, step_to_add};
pub use store::may;

use crate::feature::Feature;
use crate::incident::Incident;
use crate::incident::section::{GateKind, Gated, IncidentTab, Section};
use crate::permission::Permission::{EvidenceAdd, EvidenceRead};
use crate::search::Source;
use crate::web::{Access, Routes};

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/incidents/{id}/evidence",
                Access::Need(EvidenceRead),
                Text::new("Sổ chứng cứ của một sự cố", "The evidence of an incident"),
                pages::register,
            )
            .asks::<pages::RegisterQuery>()
            .upload(
                "/incidents/{id}/evidence/upload",
                Access::Need(EvidenceAdd),
                Text::new("Thêm tệp chứng cứ", "Add files as evidence"),
                pages::upload,
            )
            .takes::<form::FactsForm>("files")
            .act(
                "/incidents/{id}/evidence/add",
                Access::Need(EvidenceAdd),
                Text::new("Ghi sổ một vật chứng không có tệp", "Register an object without a file"),
                pages::add,
            )
            .page(
                "/incidents/{id}/evidence/{item}",
                Access::Need(EvidenceRead),
                Text::new("Một chứng cứ và lịch sử của nó", "An item of evidence and its history"),
                pages::detail,
            )
            .file(
                "/incidents/{id}/evidence/{item}/file",
                Access::Need(EvidenceRead),
                Text::new("Tải tệp chứng cứ", "Download the file"),
                download::file,
            )
            .act(
                "/incidents/{id}/evidence/{item}/correct",
                Access::Need(EvidenceAdd),
                Text::new("Sửa thông tin về chứng cứ", "Correct what is known about an item"),
                pages::correct,
            )
            .act(
                "/incidents/{id}/evidence/{item}/void",
                Access::Need(EvidenceAdd),
                Text::new("Loại chứng cứ khỏi hồ sơ, nêu lý do", "Declare an item void, with a reason"),
                pages::void,
            )
            .upload(
                "/incidents/{id}/evidence/{item}/check",
                Access::Need(EvidenceRead),
                Text::new("Tính lại mã băm của tệp", "Hash the file again"),
                pages::check,
            )
            .takes::<pages::CheckForm>(""),
        tables: &["files", "evidence"],
        sections: vec![Section { kind: "evidence", show: section::show }],
        gates: vec![GateKind { kind: "evidence", count: count_for_gate }],
        tabs: vec![IncidentTab {
            path: "evidence",
            label: Text::new("Chứng cứ", "Evidence"),
            permission: Some(EvidenceRead),
            count: Some(count),
        }],
        sources: vec![Source { table: "evidence", load: store::load_for_search }],
        ..Feature::default()
    }
}

fn count<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count(tx, &incident.id))
}

/// Evidence of an earlier round stays evidence.
fn count_for_gate<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    count(tx, gated.incident)
}
