//! Finding anything by a few words, accents or not. Results are only what the account may see.
//!
//! Every change notes its rows in a queue within its own transaction; [`index`] enters them into the index a moment
//! later. A feature says in [`Source`] how a row of its table reads; it never calls the search.

mod index;
mod pages;
mod store;

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Text, fold};
use ungcuu_kit::text_enum;

use crate::feature::Feature;
use crate::permission::Permission;
use crate::web::{Access, Routes};

pub use index::{build, index_pending, keep_indexing, settle};
pub use store::enqueue;

text_enum! {
    /// What a hit is.
    pub enum Kind {
        Incident = "incident": ("Sự cố", "Incident"),
        Alert = "alert": ("Tin báo", "Alert"),
        Situation = "situation": ("Bản tin tình hình", "Situation report"),
        Decision = "decision": ("Quyết định", "Decision"),
        Evidence = "evidence": ("Chứng cứ", "Evidence"),
        Indicator = "indicator": ("Dấu hiệu", "Indicator"),
        System = "system": ("Hệ thống", "System"),
        Unit = "unit": ("Đơn vị", "Unit"),
        Person = "person": ("Cán bộ", "Person"),
    }
}

impl Kind {
    /// The permission that lets one see hits of this kind.
    pub fn permission(self) -> Permission {
        match self {
            Kind::Incident | Kind::Indicator | Kind::Situation | Kind::Decision => Permission::IncidentRead,
            Kind::Alert => Permission::AlertRead,
            Kind::Evidence => Permission::EvidenceRead,
            Kind::System => Permission::SystemRead,
            Kind::Unit | Kind::Person => Permission::OrgRead,
        }
    }

    /// Whether `scope_id` is an incident whose readers may see the hit; otherwise it is a unit or empty.
    pub fn within_incident(self) -> bool {
        matches!(self, Kind::Incident | Kind::Indicator | Kind::Evidence | Kind::Situation | Kind::Decision)
    }
}

/// Reads the rows of these ids as entries of the index.
pub type Load = for<'a> fn(&'a mut Tx, &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>>;

/// How the rows of a table read in the index.
#[derive(Clone, Copy)]
pub struct Source {
    pub table: &'static str,
    /// The entries of these rows; a row that is not answered leaves the index.
    pub load: Load,
}

/// One row in the index.
#[derive(Clone, Debug)]
pub struct Indexed {
    pub row_id: String,
    pub kind: Kind,
    pub title: String,
    pub detail: String,
    pub url: String,
    /// The incident (see [`Kind::within_incident`]) or the unit that decides who may see it; empty for everyone with
    /// the kind's permission.
    pub scope_id: String,
    /// Further words to find it by.
    pub words: String,
}

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/search",
                Access::SignedIn,
                Text::new("Tìm trong mọi sổ sách được xem", "Search everything one may see"),
                pages::search,
            )
            .asks::<pages::Question>(),
        ..Feature::default()
    }
}

/// Words as both databases index them: folded, everything that is not a letter or a digit a blank.
pub fn plain_words(text: &str) -> String {
    let folded = fold(text);
    let spaced: String =
        folded.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::plain_words;

    #[test]
    fn words_are_indexed_alike_on_both_databases() {
        assert_eq!(plain_words("Sự cố SC-2026-0042: Đã mã hoá!"), "su co sc 2026 0042 da ma hoa");
        assert_eq!(plain_words("hxxp://10.0.0.5/a'b\"c"), "hxxp 10 0 0 5 a b c");
    }
}
