//! Rules of our own for what a district sees most. Each says what to do in Vietnamese and English
//! ([`super::Rule::response`]), and each has events in the tests on which it fires and on which it does not.

use super::{Pipeline, RuleSet, load_texts};

/// The files: a name that stands for the path, and the content.
pub const FILES: [(&str, &str); 7] = [
    ("ungcuu/brute_force.yml", include_str!("../../rules/brute_force.yml")),
    ("ungcuu/defacement.yml", include_str!("../../rules/defacement.yml")),
    ("ungcuu/log_cleared.yml", include_str!("../../rules/log_cleared.yml")),
    ("ungcuu/macro_dropper.yml", include_str!("../../rules/macro_dropper.yml")),
    ("ungcuu/new_administrator.yml", include_str!("../../rules/new_administrator.yml")),
    ("ungcuu/ransomware.yml", include_str!("../../rules/ransomware.yml")),
    ("ungcuu/web_shell.yml", include_str!("../../rules/web_shell.yml")),
];

/// The rules, read.
pub fn rules() -> RuleSet {
    load_texts(FILES, &Pipeline::default())
}
