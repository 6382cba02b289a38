//! Rules of our own for what a district sees most. Each says in both languages what to do (`response_vi`, `response_en`), and each has
//! files in the tests on which it matches and on which it does not.

use super::yara::{Rules, Source};

/// The files: a name that stands for the path, and the content.
pub const FILES: [(&str, &str); 4] = [
    ("ungcuu/web_shell.yar", include_str!("../../rules/yara/web_shell.yar")),
    ("ungcuu/ransom_note.yar", include_str!("../../rules/yara/ransom_note.yar")),
    ("ungcuu/office_macro.yar", include_str!("../../rules/yara/office_macro.yar")),
    ("ungcuu/script_dropper.yar", include_str!("../../rules/yara/script_dropper.yar")),
];

/// The files, as they are given to the reader of rules.
#[must_use]
pub fn sources() -> Vec<Source> {
    FILES.iter().map(|(path, text)| Source { path: (*path).into(), text: text.as_bytes().to_vec() }).collect()
}

/// The rules, read.
#[must_use]
pub fn rules() -> Rules {
    Rules::compile(&sources())
}
