//! All SQL about alerts: `list` reads, `write` changes, `aside` holds files, events and saved views.

mod aside;
mod list;
mod write;

pub use aside::*;
pub use list::*;
pub use write::*;
