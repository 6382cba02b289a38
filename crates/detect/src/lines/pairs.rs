//! Names and values of one object or row on their way into an event, in reused buffers. Values that stand in the object's
//! text as they are are not copied; names are numbers of [`Paths`].

use crate::event::Kind;

use super::paths::{NOWHERE, PathId, Paths, ROOT};

/// A list of names and values.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// The object itself.
    source: String,
    /// Values that are not spelled in it as they are.
    text: String,
    list: Vec<Pair>,
    pub paths: Paths,
    /// How many values were left out: see [`MOST`].
    pub dropped: u64,
}

/// The most values of one object; further ones are counted and left out.
pub(crate) const MOST: usize = crate::event::MAX_FIELDS;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub path: PathId,
    /// Whether the value lies in the object's own text.
    pub in_source: bool,
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

impl Pairs {
    pub fn clear(&mut self) {
        // Numbers that were given out for another object may go now.
        if self.paths.full {
            self.paths.clear();
        }
        self.source.clear();
        self.text.clear();
        self.list.clear();
        self.dropped = 0;
    }

    pub fn push(&mut self, name: &str, value: &str, kind: Kind) {
        let before = self.list.last().map_or(ROOT, |pair| pair.path);
        let path = self.paths.child(ROOT, name, before);
        self.push_with(path, kind, |text| text.push_str(value));
    }

    /// A value that lies in the object's text, which is given to [`Pairs::keep`] when it is known where it ends.
    pub fn push_part(&mut self, path: PathId, start: usize, end: usize, kind: Kind) {
        self.push_pair(Pair { path, in_source: true, start, end, kind });
    }

    /// Lets `write` append the value.
    pub fn push_with(&mut self, path: PathId, kind: Kind, write: impl FnOnce(&mut String)) {
        if self.text.len() > crate::event::MAX_TEXT {
            self.dropped += 1;
            return;
        }
        let start = self.text.len();
        write(&mut self.text);
        self.push_pair(Pair { path, in_source: false, start, end: self.text.len(), kind });
    }

    fn push_pair(&mut self, pair: Pair) {
        if self.list.len() >= MOST || pair.path == NOWHERE {
            self.dropped += 1;
        } else {
            self.list.push(pair);
        }
    }

    /// Takes the text of the object.
    pub fn keep(&mut self, source: &str) {
        self.source.push_str(source);
    }

    /// What [`Pairs::keep`] took, and what was written beside it.
    pub fn texts(&self) -> (&str, &str) {
        (&self.source, &self.text)
    }

    pub fn list(&self) -> &[Pair] {
        &self.list
    }

    pub fn name(&self, pair: &Pair) -> &str {
        self.paths.path(pair.path)
    }

    pub fn value(&self, pair: &Pair) -> &str {
        let text = if pair.in_source { &self.source } else { &self.text };
        text.get(pair.start..pair.end).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, Kind)> {
        self.list.iter().map(|pair| (self.name(pair), self.value(pair), pair.kind))
    }

    /// The first value under one of these names; the names in order of preference.
    pub fn find(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.iter().find(|(n, v, _)| n == name && !v.is_empty()).map(|(_, v, _)| v))
    }
}
