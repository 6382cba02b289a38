//! YARA rules over bytes, behind one narrow door: nobody else in the project knows which engine does the matching.
//!
//! What this adds to the engine: a file of rules with one broken rule loses that rule and no other; rules are sorted by
//! how the files they can match begin and how large those may be, so that a text is not searched for what only a program can hold;
//! compiled rules are kept for the next time under the hash of all they were made from.
//!
//! ```
//! use ungcuu_yara::{About, Rules, Source, Limits};
//!
//! let text = r#"rule hello { strings: $a = "xin chao" condition: $a }"#;
//! let rules = Rules::compile(&[Source { path: "hello.yar".into(), text: text.into() }]);
//! let mut searcher = rules.searcher(Limits::default());
//! let found = searcher.search(b"... xin chao ...", &About::default());
//! assert_eq!(rules.rule(found.hits[0].rule).name, "hello");
//! ```

mod cut;
mod kept;
mod need;
mod rules;
mod search;

pub use rules::{LARGEST_FILE, Meta, Refusal, Rule, Rules, Source, Value};
pub use search::{About, Found, Hit, Limits, Place, Searcher};
