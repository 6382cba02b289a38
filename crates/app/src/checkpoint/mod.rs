//! Checkpoints: where every stream of the journal stood at a moment, signed, each linked to the one before, and on request
//! time-stamped by an authority outside.
//!
//! The journal's chains tell that nothing was altered as long as nobody rewrites a whole chain. A checkpoint ties each
//! chain down: whoever rewrote one would have to sign again, and the key is not in the database. A checkpoint holds the
//! streams that have grown since the one before, as a tree of hashes ([`merkle`]), so that an incident's dossier can show
//! its own stream in it without showing the others ([`crate::proof`]).

mod actions;
pub mod merkle;
mod model;
mod pages;
mod seal;
pub mod signing;
mod store;
pub mod timestamp;
mod verify;

use ungcuu_kit::text::Text;

use crate::feature::{Feature, Group, NavEntry};
use crate::permission::Permission::{Admin, JournalRead};
use crate::web::{Access, Routes};

pub use model::{Checkpoint, FIRST, Head, Key, Vouched, vouched};
pub(crate) use seal::present_signer;
pub use seal::{keep_sealing, keep_up, seal};
pub use store::{Stamp, find_last, find_sealed, list_heads_in, list_keys, list_numbered, list_sealed, list_stamps};
pub use verify::Outside;
pub(crate) use verify::{check, check_folder, check_sealed, sealed_heads};

/// The stream in which the coming and going of keys is written.
pub const STREAM: &str = "checkpoints";

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/journal/checkpoints",
                Access::Need(JournalRead),
                Text::new("Điểm kiểm chứng của nhật ký", "The journal's checkpoints"),
                pages::list,
            )
            .asks::<pages::ListQuery>()
            .act(
                "/journal/checkpoints",
                Access::Need(JournalRead),
                Text::new("Lập điểm kiểm chứng ngay", "Make a checkpoint now"),
                pages::make,
            )
            .page(
                "/journal/key",
                Access::Need(JournalRead),
                Text::new("Khoá công khai để in", "The public key, to print"),
                pages::key,
            )
            .file(
                "/journal/key/pem",
                Access::Need(JournalRead),
                Text::new("Khoá công khai dạng PEM", "The public key as PEM"),
                pages::pem,
            )
            .act(
                "/journal/key",
                Access::Need(Admin),
                Text::new("Thay khoá ký", "Change the signing key"),
                pages::change_key,
            ),
        nav: vec![NavEntry {
            group: Group::Administration,
            href: "/journal/checkpoints",
            label: Text::new("Điểm kiểm chứng", "Checkpoints"),
            permission: Some(JournalRead),
            count: None,
        }],
        tables: &["checkpoint_keys"],
        ..Feature::default()
    }
}
