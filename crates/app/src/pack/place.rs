//! Where in which file something stands, so that a problem can name its line. The parsed trees keep their spans; the
//! model does not have to.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file of a pack: its name inside the folder and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub name: String,
    pub text: String,
}

/// A parsed file that still knows its lines.
pub(super) struct Tree<'a> {
    pub file: &'a SourceFile,
    pub root: Spanned<DeTable<'a>>,
}

/// A file name and a line counted from 1 (0: the whole file).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub file: String,
    pub line: usize,
}

/// The line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The trees of a pack, searched by path.
pub(super) struct Places<'a> {
    pub trees: &'a [Tree<'a>],
}

impl Places<'_> {
    /// Every value under a dotted path; arrays on the way are looked through.
    fn under(&self, path: &str) -> Vec<(&SourceFile, &Spanned<DeValue<'_>>)> {
        let mut found = Vec::new();
        for tree in self.trees {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = tree.root.get_ref().get(first) {
                descend(tree.file, value, rest, &mut found);
            }
        }
        found
    }

    /// The `nth` table under `path` whose `id` is `id`.
    fn element(&self, path: &str, id: &str, nth: usize) -> Option<(&SourceFile, &Spanned<DeValue<'_>>)> {
        self.under(path).into_iter().filter(|(_, value)| id_of(value) == Some(id)).nth(nth)
    }

    /// Where the `nth` element of `path` with this id says so.
    pub fn id(&self, path: &str, id: &str, nth: usize) -> Place {
        match self.element(path, id, nth) {
            Some((file, value)) => {
                let at = value.get_ref().as_table().and_then(|table| table.get("id")).unwrap_or(value);
                place(file, at)
            }
            None => self.path(path),
        }
    }

    /// Where the element `id` of `path` says `wanted` under `key`; the key, then the element, when it does not.
    pub fn value(&self, path: &str, id: &str, key: &str, wanted: &str) -> Place {
        let Some((file, element)) = self.element(path, id, 0) else { return self.path(path) };
        let Some(value) = element.get_ref().as_table().and_then(|table| table.get(key)) else {
            return self.id(path, id, 0);
        };
        place(file, find_string(value, wanted).unwrap_or(value))
    }

    /// The same in the item at `position` of the list `key`, for items without an id.
    pub fn value_at(&self, path: &str, id: &str, key: &str, position: usize, wanted: &str) -> Place {
        let item = self.element(path, id, 0).and_then(|(file, element)| {
            let items = element.get_ref().as_table()?.get(key)?.get_ref().as_array()?;
            let item = items.get(position)?;
            Some(place(file, find_string(item, wanted).unwrap_or(item)))
        });
        item.unwrap_or_else(|| self.value(path, id, key, wanted))
    }

    /// Where a table or value stands; the first file when it stands nowhere.
    pub fn path(&self, path: &str) -> Place {
        match self.under(path).first() {
            Some((file, value)) => place(file, value),
            None => Place { file: self.trees.first().map(|tree| tree.file.name.clone()).unwrap_or_default(), line: 0 },
        }
    }

    /// The `nth` value under a path.
    pub fn nth(&self, path: &str, nth: usize) -> Place {
        match self.under(path).get(nth) {
            Some((file, value)) => place(file, value),
            None => self.path(path),
        }
    }

    /// Calls `visit` with every table and its dotted path, ids in the place of positions.
    pub fn each_table<'t>(&'t self, visit: &mut dyn FnMut(&str, &'t SourceFile, usize, &'t DeTable<'t>)) {
        for tree in self.trees {
            for (key, value) in tree.root.get_ref() {
                walk(key.get_ref(), tree.file, value, visit);
            }
        }
    }
}

fn place(file: &SourceFile, value: &Spanned<DeValue<'_>>) -> Place {
    Place { file: file.name.clone(), line: line_of(&file.text, value.span().start) }
}

fn id_of<'v>(value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
    value.get_ref().as_table()?.get("id")?.get_ref().as_str()
}

fn descend<'t>(
    file: &'t SourceFile,
    value: &'t Spanned<DeValue<'t>>,
    path: &str,
    found: &mut Vec<(&'t SourceFile, &'t Spanned<DeValue<'t>>)>,
) {
    if let Some(items) = value.get_ref().as_array() {
        for item in items {
            descend(file, item, path, found);
        }
    } else if path.is_empty() {
        found.push((file, value));
    } else {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if let Some(next) = value.get_ref().as_table().and_then(|table| table.get(first)) {
            descend(file, next, rest, found);
        }
    }
}

fn find_string<'t>(value: &'t Spanned<DeValue<'t>>, wanted: &str) -> Option<&'t Spanned<DeValue<'t>>> {
    match value.get_ref() {
        DeValue::String(text) if text == wanted => Some(value),
        DeValue::Array(items) => items.into_iter().find_map(|item| find_string(item, wanted)),
        DeValue::Table(table) => table.values().find_map(|item| find_string(item, wanted)),
        _ => None,
    }
}

fn walk<'t>(
    path: &str,
    file: &'t SourceFile,
    value: &'t Spanned<DeValue<'t>>,
    visit: &mut dyn FnMut(&str, &'t SourceFile, usize, &'t DeTable<'t>),
) {
    match value.get_ref() {
        DeValue::Array(items) => {
            for item in items {
                match id_of(item) {
                    Some(id) => walk(&format!("{path}.{id}"), file, item, visit),
                    None => walk(path, file, item, visit),
                }
            }
        }
        DeValue::Table(table) => {
            visit(path, file, line_of(&file.text, value.span().start), table);
            for (key, item) in table {
                walk(&format!("{path}.{}", key.get_ref()), file, item, visit);
            }
        }
        _ => {}
    }
}
