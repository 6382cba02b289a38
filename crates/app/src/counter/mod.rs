//! Numbers without gaps: 1, 2, 3, …, each given once.

mod store;

pub use store::next;
