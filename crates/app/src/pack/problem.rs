//! What is wrong with a pack: where, what, and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::{Lang, Text};

use super::place::Place;

/// One mistake in a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub file: String,
    /// Counted from 1; 0 when the whole file or folder is meant.
    pub line: usize,
    pub what: Text,
    pub cure: Text,
}

impl Problem {
    pub(super) fn at(place: Place, what: Text, cure: Text) -> Problem {
        Problem { file: place.file, line: place.line, what, cure }
    }

    pub(super) fn in_file(file: &str, line: usize, what: Text, cure: Text) -> Problem {
        Problem { file: file.to_owned(), line, what, cure }
    }

    /// One line for a terminal: `roles.toml:12: … → …`.
    pub fn line_for(&self, lang: Lang) -> String {
        let place = if self.line == 0 { self.file.clone() } else { format!("{}:{}", self.file, self.line) };
        format!("{place}: {} → {}", self.what.get(lang), self.cure.get(lang))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.line_for(Lang::Vi))
    }
}

/// The known word nearest to a wrong one, when it is near enough to be a slip of the finger.
pub(super) fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Two slips in a long word are a typing mistake; in a very short one they make another word.
    let allowed = match wrong.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|word| (distance(wrong, word), word))
        // A word that was broken off is no slip but just as clear.
        .filter(|(far, word)| *far <= allowed || (wrong.len() >= 4 && word.starts_with(wrong)))
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// How many letters must be added, dropped or changed to turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("supprot", ["lead", "support"]), Some("support"));
        assert_eq!(nearest("shrot", ["short", "text"]), Some("short"));
        assert_eq!(nearest("colour", ["lead", "support"]), None);
    }
}
