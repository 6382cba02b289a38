//! Sigma rules as data: read from YAML, every modifier worked out, ready to be matched.
//!
//! [`load`] reads files and folders; whatever cannot be used is in [`RuleSet::refused`] with file, line and reason.
//! [`taxonomy`] says which events a rule's logsource means.

mod condition;
pub mod correlate;
mod detection;
mod document;
mod kept;
mod load;
mod measure;
mod model;
#[doc(hidden)]
pub mod oracle;
pub mod own;
mod pattern;
mod pipeline;
mod processing;
mod regexes;
pub mod taxonomy;
mod values;
mod yaml;

pub use load::{LARGEST_FILE, Loading, MOST_FILES, load, load_texts};
pub use measure::address;
pub use model::*;
pub use pipeline::Pipeline;
pub use regexes::LARGEST_REGEX;
