//! All literals that rules of one class look for in one field, searched together: whole values by hash, beginnings and
//! ends by a walk that stops at the first letter nobody wants, the rest by one automaton.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use daachorse::DoubleArrayAhoCorasick;

/// The number of a predicate within its class.
pub type Predicate = u32;

/// With fewer literals than this, each is searched on its own, which vector instructions do faster than an automaton.
const FEW: usize = 3;

/// Up to so many literals, none of them shorter than [`SHORT`], are first searched with vector instructions, which mostly
/// find that none is there.
const SOME: usize = 64;

/// See [`SOME`], in bytes.
const SHORT: usize = 3;

/// After so many searches literal by literal an automaton is built: by then it would have cost about as much as they did.
/// Most classes of a log have fewer events.
const ENOUGH: u32 = 32;

/// Collects the literals of a field.
#[derive(Default)]
pub struct Collected {
    /// The whole value.
    pub whole: Vec<(Box<str>, Predicate)>,
    /// Its beginning.
    pub start: Vec<(Box<str>, Predicate)>,
    /// Its end.
    pub end: Vec<(Box<str>, Predicate)>,
    /// Anywhere in it.
    pub inside: Vec<(Box<str>, Predicate)>,
}

/// The literals of a field, ready to be searched in folded text.
pub struct Literals {
    whole: HashMap<Box<[u8]>, Predicate, foldhash::fast::RandomState>,
    start: Trie,
    end: Trie,
    few: Vec<(memchr::memmem::Finder<'static>, Predicate)>,
    /// Says quickly that none of some literals is there.
    none: Option<aho_corasick::packed::Searcher>,
    many: Many,
}

/// Many literals: searched one by one until the automaton for all of them pays. Whoever finds that it does builds it; no
/// other thread waits for that.
#[derive(Default)]
struct Many {
    words: Box<[(Box<str>, Predicate)]>,
    searched: AtomicU32,
    /// None when it cannot be built: too many literals for it.
    automaton: OnceLock<Option<DoubleArrayAhoCorasick<Predicate>>>,
}

impl Many {
    fn search(&self, folded: &[u8], hit: &mut impl FnMut(Predicate)) {
        if self.words.is_empty() {
            return;
        }
        let built = match self.automaton.get() {
            None if self.searched.fetch_add(1, Ordering::Relaxed) == ENOUGH => Some(self.automaton.get_or_init(|| {
                let words = self.words.iter().map(|(text, predicate)| (text.as_bytes(), *predicate));
                DoubleArrayAhoCorasick::with_values(words).ok()
            })),
            built => built,
        };
        match built {
            Some(Some(automaton)) => automaton.find_overlapping_iter(folded).for_each(|found| hit(found.value())),
            _ => {
                let there =
                    |(text, _): &&(Box<str>, Predicate)| memchr::memmem::find(folded, text.as_bytes()).is_some();
                self.words.iter().filter(there).for_each(|(_, predicate)| hit(*predicate));
            }
        }
    }
}

impl Literals {
    /// Builds the search. No literal may stand there twice.
    pub fn build(collected: Collected) -> Literals {
        let none = match collected.inside.len() <= SOME && collected.inside.iter().all(|(text, _)| text.len() >= SHORT)
        {
            true => aho_corasick::packed::Searcher::new(collected.inside.iter().map(|(text, _)| text.as_bytes())),
            false => None,
        };
        let (few, many) = match collected.inside.len() <= FEW {
            true => (collected.inside, Vec::new()),
            false => (Vec::new(), collected.inside),
        };
        let finder = |text: &str| memchr::memmem::Finder::new(text.as_bytes()).into_owned();
        Literals {
            whole: collected.whole.into_iter().map(|(text, predicate)| (text.into_boxed_bytes(), predicate)).collect(),
            start: Trie::build(collected.start.iter().map(|(text, p)| (text.bytes().collect(), *p))),
            end: Trie::build(collected.end.iter().map(|(text, p)| (text.bytes().rev().collect(), *p))),
            few: few.iter().map(|(text, predicate)| (finder(text), *predicate)).collect(),
            none,
            many: Many { words: many.into(), ..Many::default() },
        }
    }

    /// Tells every predicate that holds of the value; some may be told more than once.
    pub fn search(&self, folded: &[u8], mut hit: impl FnMut(Predicate)) {
        if !self.whole.is_empty()
            && let Some(predicate) = self.whole.get(folded)
        {
            hit(*predicate);
        }
        self.start.walk(folded.iter(), &mut hit);
        self.end.walk(folded.iter().rev(), &mut hit);
        if self.none.as_ref().is_some_and(|searcher| searcher.find(folded).is_none()) {
            return;
        }
        for (finder, predicate) in &self.few {
            if finder.find(folded).is_some() {
                hit(*predicate);
            }
        }
        self.many.search(folded, &mut hit);
    }
}

/// Words sharing their beginnings.
#[derive(Default)]
struct Trie {
    nodes: Vec<Node>,
    edges: Vec<(u8, u32)>,
    /// From the root, without a search: most values stop here.
    first: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Node {
    edges: (u32, u32),
    predicate: Predicate,
}

const NONE: u32 = u32::MAX;

impl Trie {
    fn build(words: impl Iterator<Item = (Vec<u8>, Predicate)>) -> Trie {
        let mut words: Vec<_> = words.collect();
        if words.is_empty() {
            return Trie::default();
        }
        words.sort();
        let mut trie = Trie { nodes: vec![Node { edges: (0, 0), predicate: NONE }], ..Trie::default() };
        // Level by level, so that the edges of a node lie together.
        let mut waiting = std::collections::VecDeque::from([(0usize, 0usize, words.len(), 0usize)]);
        while let Some((node, mut from, to, depth)) = waiting.pop_front() {
            while from < to && words[from].0.len() == depth {
                trie.nodes[node].predicate = words[from].1;
                from += 1;
            }
            let begin = trie.edges.len() as u32;
            while from < to {
                let letter = words[from].0[depth];
                let until = from + words[from..to].partition_point(|(word, _)| word[depth] == letter);
                let child = trie.nodes.len();
                trie.nodes.push(Node { edges: (0, 0), predicate: NONE });
                trie.edges.push((letter, child as u32));
                waiting.push_back((child, from, until, depth + 1));
                from = until;
            }
            trie.nodes[node].edges = (begin, trie.edges.len() as u32);
        }
        trie.first = vec![NONE; 256];
        let (begin, end) = trie.nodes[0].edges;
        for (letter, child) in &trie.edges[begin as usize..end as usize] {
            trie.first[usize::from(*letter)] = *child;
        }
        trie
    }

    fn walk<'a>(&self, mut letters: impl Iterator<Item = &'a u8>, hit: &mut impl FnMut(Predicate)) {
        if self.first.is_empty() {
            return;
        }
        let Some(letter) = letters.next() else { return };
        let mut at = self.first[usize::from(*letter)];
        loop {
            let Some(node) = self.nodes.get(at as usize) else { return };
            if node.predicate != NONE {
                hit(node.predicate);
            }
            let edges = &self.edges[node.edges.0 as usize..node.edges.1 as usize];
            let Some(letter) = letters.next() else { return };
            let Some((_, child)) = edges.iter().find(|(edge, _)| edge == letter) else { return };
            at = *child;
        }
    }
}

/// The text in which literals are searched: every character in lower case, as `sigma::fold` writes the rules' literals.
pub fn fold_into(out: &mut Vec<u8>, text: &[u8]) {
    out.clear();
    if text.is_ascii() {
        out.extend_from_slice(text);
        out.make_ascii_lowercase();
        return;
    }
    for letter in std::str::from_utf8(text).unwrap_or_default().chars() {
        if letter.is_ascii() {
            out.push(letter.to_ascii_lowercase() as u8);
        } else {
            for letter in letter.to_lowercase() {
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(literals: &Literals, text: &str) -> Vec<u32> {
        let mut folded = Vec::new();
        fold_into(&mut folded, text.as_bytes());
        let mut hits = Vec::new();
        literals.search(&folded, |predicate| hits.push(predicate));
        hits.sort_unstable();
        hits.dedup();
        hits
    }

    #[test]
    fn each_way_of_standing_in_a_value_is_found() {
        let list = |words: &[(&str, u32)]| words.iter().map(|(word, p)| ((*word).into(), *p)).collect();
        let literals = Literals::build(Collected {
            whole: list(&[("cmd.exe", 1), ("", 2)]),
            start: list(&[("c:\\", 3), ("c:\\windows", 4)]),
            end: list(&[("\\cmd.exe", 5), (".exe", 6), ("exe", 7)]),
            inside: list(&[("win", 8), ("windows", 9), ("ows", 10), ("đề", 11), ("zzz", 12)]),
        });
        assert_eq!(found(&literals, "CMD.EXE"), [1, 6, 7]);
        assert_eq!(found(&literals, ""), [2]);
        for _ in 0..2 * ENOUGH {
            assert_eq!(found(&literals, "win windows"), [8, 9, 10], "one by one and by the automaton");
        }
        assert_eq!(found(&literals, "C:\\Windows\\System32\\cmd.exe"), [3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(found(&literals, "VẤN ĐỀ"), [11]);
        let few = Literals::build(Collected { inside: list(&[("a", 1), ("b", 2)]), ..Collected::default() });
        assert_eq!(found(&few, "xB"), [2]);
    }
}
