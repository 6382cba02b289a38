//! What people do here. Always in this order: may they, is it allowed now, is it well formed, store, journal, tell.

pub mod decisions;
pub mod directions;
pub mod disclosures;
pub mod markings;
pub mod options;
pub mod requests;
pub mod situations;
pub mod statements;
pub mod summons;

use ungcuu_kit::form::{Checks, Raw};

use super::rights::not_in_list;
use crate::pack::Item;

/// An obligatory choice out of a list of the pack.
fn item(checks: &mut Checks, field: &str, typed: &Raw, list: &[Item]) -> String {
    let known = list.iter().any(|item| item.id == typed.as_str());
    if !known {
        checks.refuse(field, not_in_list());
        return String::new();
    }
    typed.as_str().to_owned()
}
