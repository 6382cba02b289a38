//! All SQL about alerts: `list` reads, `write` changes, `aside` holds files, events and saved views, `find` what the
//! search index says of them.

mod aside;
mod find;
mod list;
mod write;

pub use aside::*;
pub use find::load_for_search;
pub use list::*;
pub use write::*;
