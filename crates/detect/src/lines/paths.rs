//! The paths of values (`a.b.c`), each with a number. Logs repeat the same few hundred in every event, mostly in the same
//! order: a path is spelled out once, and the next one is usually the one that came next the last time.

use std::collections::HashMap;

/// The number of a path among those of one [`Paths`].
pub(crate) type PathId = u32;

/// The path of the object itself.
pub(crate) const ROOT: PathId = 0;

/// A path for which there was no room, and all below it.
pub(crate) const NOWHERE: PathId = PathId::MAX;

/// The most paths that are known at once: four times as many as an event may have fields.
const MOST: usize = 4 * crate::event::MAX_FIELDS;

/// The most bytes of all of them together.
const MOST_BYTES: usize = 4 << 20;

/// Paths met so far.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
    bytes: usize,
    /// Grows when numbers come to mean something else.
    pub age: u64,
    /// There was no room for a path.
    pub full: bool,
}

#[derive(Debug, Default)]
struct Node {
    path: Box<str>,
    parent: PathId,
    /// Where the last key begins in the path.
    key: usize,
    children: HashMap<Box<str>, PathId, foldhash::fast::RandomState>,
    /// What came after it the last time.
    next: PathId,
}

impl Default for Paths {
    fn default() -> Paths {
        Paths { nodes: vec![Node::default()], bytes: 0, age: 0, full: false }
    }
}

impl Paths {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Paths { age: self.age + 1, ..Paths::default() };
    }

    /// How it is spelled.
    pub fn path(&self, id: PathId) -> &str {
        self.nodes.get(id as usize).map_or("", |node| &node.path)
    }

    /// The path of a key below another path. `before`: the one that was asked for before this one.
    pub fn child(&mut self, parent: PathId, key: &str, before: PathId) -> PathId {
        let Some(last) = self.nodes.get(before as usize) else { return self.look_up(parent, key) };
        let guess = last.next;
        if let Some(node) = self.nodes.get(guess as usize)
            && guess != ROOT
            && node.parent == parent
            && node.path[node.key..] == *key
        {
            return guess;
        }
        let found = self.look_up(parent, key);
        self.nodes[before as usize].next = found;
        found
    }

    fn look_up(&mut self, parent: PathId, key: &str) -> PathId {
        let Some(above) = self.nodes.get(parent as usize) else { return NOWHERE };
        if let Some(known) = above.children.get(key) {
            return *known;
        }
        let length = above.path.len() + 1 + key.len();
        if self.nodes.len() >= MOST || self.bytes + length > MOST_BYTES {
            self.full = true;
            return NOWHERE;
        }
        let path: Box<str> =
            if above.path.is_empty() { key.into() } else { format!("{}.{key}", above.path).into_boxed_str() };
        let id = self.nodes.len() as PathId;
        self.bytes += length;
        self.nodes[parent as usize].children.insert(key.into(), id);
        self.nodes.push(Node { key: path.len() - key.len(), path, parent, ..Node::default() });
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_number_in_whatever_order_it_is_asked_for() {
        let mut paths = Paths::default();
        let a = paths.child(ROOT, "a", ROOT);
        let b = paths.child(a, "b", a);
        assert_eq!((paths.path(a), paths.path(b)), ("a", "a.b"));
        let other = paths.child(ROOT, "b", ROOT);
        assert_ne!(other, b);
        assert_eq!((paths.child(ROOT, "a", other), paths.child(a, "b", other)), (a, b));
        // An empty path above an empty key.
        let empty = paths.child(ROOT, "", b);
        let below = paths.child(empty, "c", b);
        assert_eq!(paths.path(below), "c");
        let age = paths.age;
        paths.clear();
        assert!(paths.is_empty() && paths.age > age);
    }

    #[test]
    fn there_is_a_bound_and_it_is_told() {
        let mut paths = Paths::default();
        let long = "x".repeat(4_000);
        let above = paths.child(ROOT, &long, ROOT);
        let mut last = above;
        for key in 0..10_000 {
            last = paths.child(above, &key.to_string(), last);
        }
        assert!(paths.full && last == NOWHERE && paths.bytes <= MOST_BYTES);
        assert_eq!(paths.child(NOWHERE, "a", NOWHERE), NOWHERE);
    }
}
