//! Evidence: files and things that show what happened, numbered within their incident (`CC-01`).
//!
//! A file is hashed by the server while it streams in and lies under its SHA-256; its bytes are never changed and an item
//! is never deleted. What is known about it (where from, by whom, what it shows) can be corrected, and every correction
//! stands in the journal. A better copy is a new item that names the one it replaces; a wrong one is declared void.
//!
//! Every item has a chain of acts of custody ([`custody`]): who holds it is known at every moment. Its file is read again
//! on a rhythm ([`recheck`]); a sample leaves only inside an archive with a password, a mail is shown without anything to
//! click, a picture as a small copy made by a bounded process ([`sight`]). What was kept long enough is destroyed by the
//! words of two people ([`retention`]); large files come in pieces ([`uploads`]).
//!
//! Other features use [`add_stored`] for files that are in the store already, and [`may`] to ask who may read or add.

mod actions;
mod custody;
mod detail;
mod download;
mod form;
pub mod listing;
mod model;
mod pages;
mod recheck;
mod retention;
mod routes;
mod section;
mod sight;
mod store;
mod uploads;
mod view;

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

pub use actions::{Added, add_stored, no_open_step, note_examined, step_for};
pub use custody::CustodyState;
pub use custody::record::{CustodyRecord, custody_record};
pub use download::only_as_archive;
pub use model::{Evidence, EvidenceId, Facts, NewItem, StoredFile, step_to_add};
pub use pages::readable_item;
pub use recheck::{check_due, keep_checking};
pub use store::{find, is_marked, may};
pub use uploads::{forget_idle, store::names as waits_to_be_described};

use crate::feature::{Feature, Group, NavEntry};
use crate::incident::Incident;
use crate::incident::section::{GateKind, Gated, IncidentTab, Section};
use crate::permission::Permission::EvidenceRead;
use crate::search::Source;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: routes::routes(),
        tables: &["files", "evidence", "custody_acts", "custody_photos", "evidence_checks"],
        sections: vec![Section { kind: "evidence", show: section::show }],
        gates: vec![GateKind { kind: "evidence", count: count_for_gate }],
        tabs: vec![IncidentTab {
            path: "evidence",
            label: Text::new("Chứng cứ", "Evidence"),
            permission: Some(EvidenceRead),
            count: Some(count),
        }],
        nav: vec![NavEntry {
            group: Group::Registers,
            href: "/evidence/disposal",
            label: Text::new("Chứng cứ hết hạn giữ", "Evidence kept long enough"),
            permission: Some(EvidenceRead),
            count: None,
        }],
        waiting: vec![custody::waiting::offered, retention::waiting::proposed],
        sources: vec![Source { table: "evidence", load: store::load_for_search }],
        ..Feature::default()
    }
}

/// Notes files that lie in the store, for rows of other features that name them.
pub async fn note_files(work: &mut crate::work::Work, files: &[StoredFile]) -> Result<()> {
    store::insert_files(&mut work.tx, files, work.now).await
}

fn count<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count(tx, &incident.id))
}

/// Evidence of an earlier round stays evidence.
fn count_for_gate<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    count(tx, gated.incident)
}
