//! What the installation remembers about itself in a word: the pack it runs, that its index was built.

mod store;

pub use store::{read, save};
