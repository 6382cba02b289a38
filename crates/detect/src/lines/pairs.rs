//! Names and values of one object or row on their way into an event, in one reused buffer.

use crate::event::Kind;

/// A list of names and values.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    text: String,
    list: Vec<Pair>,
    /// How many values were left out: see [`MOST`].
    pub dropped: u64,
}

/// The most values of one object; further ones are counted and left out.
pub(crate) const MOST: usize = crate::event::MAX_FIELDS;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    name: (usize, usize),
    value: (usize, usize),
    pub kind: Kind,
}

impl Pairs {
    pub fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
        self.dropped = 0;
    }

    pub fn push(&mut self, name: &str, value: &str, kind: Kind) {
        self.push_with(name, kind, |text| text.push_str(value));
    }

    /// Lets `write` append the value.
    pub fn push_with(&mut self, name: &str, kind: Kind, write: impl FnOnce(&mut String)) {
        if self.list.len() >= MOST || self.text.len() > crate::event::MAX_TEXT {
            self.dropped += 1;
            return;
        }
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        write(&mut self.text);
        self.list.push(Pair { name: (start, middle), value: (middle, self.text.len()), kind });
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, Kind)> {
        self.list.iter().map(|pair| (&self.text[pair.name.0..pair.name.1], self.value(pair), pair.kind))
    }

    fn value(&self, pair: &Pair) -> &str {
        &self.text[pair.value.0..pair.value.1]
    }

    /// The first value under one of these names; the names in order of preference.
    pub fn find(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.iter().find(|(n, v, _)| n == name && !v.is_empty()).map(|(_, v, _)| v))
    }
}
