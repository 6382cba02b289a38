//! What of an incident goes along in a copy for outside: whatever is marked more strictly than the copy's ceiling stays
//! behind, and so does every line that names it.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::fold;

use super::model::ItemKind;
use super::store::markings as store;
use super::wall::Level;
use crate::incident::Incident;

/// Lets through what is marked no more strictly than its ceiling.
pub struct Sieve {
    /// None: everything goes through.
    ceiling: Option<Level>,
    incident: Level,
    /// Things marked by themselves, of every kind, by identifier.
    marks: HashMap<String, Level>,
    /// The names of what stays behind although its incident may go.
    names: Option<AhoCorasick>,
}

/// What came through.
pub struct Sifted<T> {
    pub rows: Vec<T>,
    /// How many stayed behind.
    pub left_out: usize,
    /// The strictest level of what came through.
    pub strictest: Level,
}

impl Sieve {
    /// For those inside: nothing stays behind.
    pub fn open() -> Sieve {
        Sieve { ceiling: None, incident: Level::Clear, marks: HashMap::new(), names: None }
    }

    /// Up to a level, as the incident and its things are marked now. A fixed number of statements.
    pub async fn up_to(tx: &mut Tx, incident: &Incident, ceiling: Level) -> Result<Sieve> {
        let mut marks = HashMap::new();
        for kind in ItemKind::ALL {
            let marked = store::list_levels_of(tx, *kind, &incident.id).await?;
            marks.extend(marked.into_iter().map(|(id, word)| (id, Level::of(&word))));
        }
        let mut closed: Vec<String> = Vec::new();
        for (word, names) in store::list_names(tx, &incident.id).await? {
            if Level::of(&word) > ceiling {
                closed.extend(names.into_iter().map(|name| plain(&name)).filter(|name| !name.is_empty()));
            }
        }
        let names = match closed.is_empty() {
            true => None,
            false => Some(AhoCorasick::new(closed).map_err(Error::internal)?),
        };
        Ok(Sieve { ceiling: Some(ceiling), incident: Level::of(&incident.tlp), marks, names })
    }

    /// The level that a copy goes up to; none inside.
    pub fn ceiling(&self) -> Option<Level> {
        self.ceiling
    }

    /// Whether something at this level goes through.
    pub fn lets(&self, level: Level) -> bool {
        self.ceiling.is_none_or(|ceiling| level <= ceiling)
    }

    /// Whether what is not marked by itself goes through.
    pub fn lets_incident(&self) -> bool {
        self.lets(self.incident)
    }

    /// How far a thing may go: its own marking, or its incident's.
    pub fn level_of(&self, id: &str) -> Level {
        self.marks.get(id).copied().unwrap_or(self.incident)
    }

    /// Whether these words name something that stays behind.
    pub fn names(&self, words: &str) -> bool {
        let Some(names) = &self.names else { return false };
        let words = plain(words);
        let ends = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
        names.find_overlapping_iter(&words).any(|found| {
            let before = words.get(..found.start()).and_then(|rest| rest.chars().next_back());
            let after = words.get(found.end()..).and_then(|rest| rest.chars().next());
            ends(before) && ends(after)
        })
    }

    /// Sifts rows by their level and by the words they show.
    pub fn sift<T>(
        &self,
        rows: Vec<T>,
        level: impl Fn(&Sieve, &T) -> Level,
        words: impl Fn(&T) -> String,
    ) -> Sifted<T> {
        let before = rows.len();
        let mut strictest = Level::Clear;
        let rows: Vec<T> = rows
            .into_iter()
            .filter(|row| {
                let level = level(self, row);
                let through = self.lets(level) && !self.names(&words(row));
                if through {
                    strictest = strictest.max(level);
                }
                through
            })
            .collect();
        Sifted { left_out: before - rows.len(), rows, strictest }
    }

    /// Whether both were made of the same markings: nobody changed one in between.
    pub fn is_as(&self, other: &Sieve) -> bool {
        self.incident == other.incident && self.marks == other.marks
    }
}

/// Words without accents and capitals, with the signs put back that keep a link from being followed.
fn plain(words: &str) -> String {
    let mut plain = fold(words);
    for (guarded, sign) in [("hxxp", "http"), ("[.]", "."), ("(.)", "."), ("[:]", ":"), ("[@]", "@"), ("[at]", "@")] {
        if plain.contains(guarded) {
            plain = plain.replace(guarded, sign);
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aho_corasick::AhoCorasick;

    use super::{Level, Sieve, plain};

    fn sieve(names: &[&str]) -> Sieve {
        let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        Sieve {
            ceiling: Some(Level::Green),
            incident: Level::Green,
            marks: HashMap::from([("evi_a".to_owned(), Level::Red), ("evi_b".to_owned(), Level::Clear)]),
            names: Some(AhoCorasick::new(names).expect("names")),
        }
    }

    #[test]
    fn a_line_that_names_what_stays_behind_stays_behind() {
        let sieve = sieve(&["CC-01", "Ảnh chụp.png", "http://xau.example/a", "203.0.113.7"]);
        for names in [
            "Bàn giao CC-01 (ảnh)",
            "xem ẢNH CHỤP.PNG",
            "chặn hxxp://xau[.]example/a",
            "địa chỉ 203[.]0.113.7, cổng 443",
        ] {
            assert!(sieve.names(names), "{names}");
        }
        for other in ["CC-011", "XCC-01", "ảnh chụp khác", "1203.0.113.7", "203.0.113.70", ""] {
            assert!(!sieve.names(other), "{other}");
        }
    }

    #[test]
    fn a_thing_goes_as_far_as_its_own_marking_and_else_as_its_incident() {
        let sieve = sieve(&["x-y-z"]);
        let sifted = sieve.sift(vec!["evi_a", "evi_b", "evi_c"], |sieve, id| sieve.level_of(id), |id| id.to_string());
        assert_eq!((sifted.rows, sifted.left_out, sifted.strictest), (vec!["evi_b", "evi_c"], 1, Level::Green));
        let all = Sieve::open().sift(vec!["evi_a"], |sieve, id| sieve.level_of(id), |id| id.to_string());
        assert_eq!((all.rows.len(), all.left_out), (1, 0));
    }
}
