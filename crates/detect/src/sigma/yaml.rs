//! YAML as rules use it: documents to a tree that knows its lines, bounded in depth and size.
//!
//! Scalars follow the core schema of YAML 1.2 (`yes` is a text). A file's documents are read one by one, so that a
//! broken one does not take the others with it.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// How deep lists and maps may nest.
const DEEPEST: usize = 32;
/// How many nodes a document may have once its aliases are written out.
const MOST_NODES: usize = 250_000;
/// How many keys one map may have.
const MOST_KEYS: usize = 2_000;

/// A node and the line it stands on, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub line: u32,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// With its spelling.
    Float(f64, String),
    Text(String),
    List(Vec<Node>),
    /// In the order written; keys are unique.
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub line: u32,
    pub text: String,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub line: u32,
    pub reason: String,
}

impl Fault {
    pub fn new(line: u32, reason: impl Into<String>) -> Fault {
        Fault { line, reason: reason.into() }
    }
}

impl Node {
    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    pub fn map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// A scalar's text; none for null, lists and maps.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Text(text) | Value::Float(_, text) => Some(Cow::Borrowed(text)),
            Value::Int(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(true) => Some(Cow::Borrowed("true")),
            Value::Bool(false) => Some(Cow::Borrowed("false")),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The items of a list, or the node itself where a single value stands for a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

/// The documents of a file with the line each begins on: cut at lines that begin with `---`, as YAML does.
pub(crate) fn documents(text: &str) -> Vec<(u32, &str)> {
    let mut found = Vec::new();
    let (mut start, mut first, mut at, mut line) = (0, 1, 0, 1);
    for row in text.split_inclusive('\n') {
        let mark =
            row.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if mark && has_content(&text[start..at]) {
            found.push((first, &text[start..at]));
        }
        if mark {
            (start, first) = (at, line);
        }
        at += row.len();
        line += 1;
    }
    if has_content(&text[start..]) {
        found.push((first, &text[start..]));
    }
    found
}

fn has_content(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        !(line.is_empty() || line.starts_with('#') || line.starts_with('%') || line == "---" || line == "...")
    })
}

/// Reads one document that begins on line `first` of its file.
pub(crate) fn document(text: &str, first: u32) -> Result<Node, Fault> {
    let mut builder = Builder { open: Vec::new(), anchors: HashMap::new(), nodes: 0, done: None };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let line = first + line_of(error.marker().line());
            Fault::new(line, format!("not sound YAML: {}", error.info()))
        })?;
        builder.take(event, first + line_of(span.start.line()))?;
    }
    builder.done.ok_or_else(|| Fault::new(first, "the document is empty"))
}

fn line_of(marker: usize) -> u32 {
    u32::try_from(marker.saturating_sub(1)).unwrap_or(u32::MAX / 2)
}

struct Builder {
    open: Vec<Open>,
    /// What an anchor names, and how many nodes that is.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    done: Option<Node>,
}

struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Key>,
    /// Nodes counted before this one.
    before: usize,
    /// What `<<` brings, added when the map's own keys are known.
    merged: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text_tag = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let value = match style {
                    ScalarStyle::Plain if !text_tag => plain(text),
                    _ => Value::Text(text.into_owned()),
                };
                let before = self.nodes;
                self.count(1, line)?;
                self.put(Node { line, value }, anchor, before)
            }
            Event::SequenceStart(anchor, _) => self.enter(Value::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => self.enter(Value::Map(Vec::new()), anchor, line),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(mut open) => {
                    if let Value::Map(entries) = &mut open.node.value {
                        open.merged.into_iter().for_each(|base| merge(entries, base));
                    }
                    self.put(open.node, open.anchor, open.before)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor) else {
                    return Err(Fault::new(line, "an alias names an anchor that is not closed yet"));
                };
                let size = *size;
                // Before cloning: a bomb is never written out.
                if self.nodes + size > MOST_NODES {
                    return Err(too_many(line));
                }
                let node = node.clone();
                let before = self.nodes;
                self.count(size, line)?;
                self.put(node, 0, before)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn count(&mut self, more: usize, line: u32) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > MOST_NODES { Err(too_many(line)) } else { Ok(()) }
    }

    fn enter(&mut self, value: Value, anchor: usize, line: u32) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::new(line, format!("nested deeper than {DEEPEST} levels")));
        }
        let before = self.nodes;
        self.count(1, line)?;
        self.open.push(Open { node: Node { line, value }, anchor, key: None, before, merged: Vec::new() });
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize, before: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
            // The anchored copy takes memory, too.
            self.count(self.nodes - before, node.line)?;
        }
        let Some(parent) = self.open.last_mut() else {
            if self.done.is_some() {
                return Err(Fault::new(node.line, "more than one document where one was expected"));
            }
            self.done = Some(node);
            return Ok(());
        };
        match (&mut parent.node.value, parent.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(_), None) => {
                let line = node.line;
                let text = node.text().ok_or_else(|| Fault::new(line, "a key must be a text"))?.into_owned();
                parent.key = Some(Key { line, text });
            }
            (Value::Map(entries), Some(key)) if entries.len() >= MOST_KEYS => {
                return Err(Fault::new(key.line, format!("more than {MOST_KEYS} keys in one map")));
            }
            (Value::Map(entries), Some(key)) if key.text == "<<" => parent.merged.push(node),
            (Value::Map(entries), Some(key)) => {
                if entries.iter().any(|(k, _)| k.text == key.text) {
                    return Err(Fault::new(key.line, format!("the key '{}' stands twice in one map", key.text)));
                }
                entries.push((key, node));
            }
            _ => {}
        }
        Ok(())
    }
}

fn too_many(line: u32) -> Fault {
    Fault::new(line, format!("more than {MOST_NODES} values in one document"))
}

/// `<<: *base`: what the base has and the map does not have yet.
fn merge(entries: &mut Vec<(Key, Node)>, base: Node) {
    match base.value {
        Value::Map(more) => {
            for (key, node) in more {
                if entries.len() < MOST_KEYS && !entries.iter().any(|(k, _)| k.text == key.text) {
                    entries.push((key, node));
                }
            }
        }
        Value::List(items) => items.into_iter().for_each(|item| merge(entries, item)),
        _ => {}
    }
}

fn plain(text: Cow<'_, str>) -> Value {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    // Most values are texts, and most texts do not begin like a number.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return Value::Text(text.into_owned());
    }
    let bare = text.trim_start_matches(['-', '+']);
    // 00000429 is an identifier that happens to be digits; as a number it would lose its zeros.
    if bare.len() > 1 && bare.starts_with('0') && bare.bytes().all(|b| b.is_ascii_digit()) {
        return Value::Text(text.into_owned());
    }
    if let Some(number) = int(&text) {
        return Value::Int(number);
    }
    let digits = text.trim_start_matches(['-', '+']);
    let float = text.len() - digits.len() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().any(|b| matches!(b, b'.' | b'e' | b'E'))
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if float && number.is_finite() => Value::Float(number, text.into_owned()),
        _ => Value::Text(text.into_owned()),
    }
}

fn int(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with(['+', '-']));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().filter(|_| !octal.starts_with(['+', '-']));
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        document(text, 1).unwrap()
    }

    #[test]
    fn a_tree_knows_its_lines() {
        let node = read("a: 1\nb:\n  - x\n  - '2'\n");
        assert_eq!(node.get("a").unwrap().value, Value::Int(1));
        let b = node.get("b").unwrap();
        assert_eq!(b.items()[1], Node { line: 4, value: Value::Text("2".into()) });
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let node = read("[yes, true, null, ~, 0x10, -4, 1.5, 1.2.3, .5, 12:30, 2024-01-02, '', +1e3, 00429]");
        let texts: Vec<_> = node.items().iter().map(|n| n.value.clone()).collect();
        let text = |t: &str| Value::Text(t.into());
        assert_eq!(texts[0], text("yes"));
        assert_eq!(texts[1..6], [Value::Bool(true), Value::Null, Value::Null, Value::Int(16), Value::Int(-4)]);
        assert_eq!(texts[6], Value::Float(1.5, "1.5".into()));
        assert_eq!(texts[7], text("1.2.3"));
        assert_eq!(texts[8], Value::Float(0.5, ".5".into()));
        assert_eq!(texts[9..12], [text("12:30"), text("2024-01-02"), text("")]);
        assert_eq!(texts[13], text("00429"));
    }

    #[test]
    fn documents_are_cut_where_yaml_cuts_them() {
        let cut = documents("# head\n---\na: 1\n---\n\n---\nb: |\n  x\n --- y\n---\n");
        assert_eq!(cut, [(2, "---\na: 1\n"), (6, "---\nb: |\n  x\n --- y\n")]);
    }

    #[test]
    fn aliases_are_written_out_and_merged() {
        let node = read("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  p: 3\n");
        assert_eq!(node.get("b").unwrap().get("q").unwrap().value, Value::Int(2));
        assert_eq!(node.get("c").unwrap().get("q").unwrap().value, Value::Int(2));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused_before_it_goes_off() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..30 {
            let before = format!("*a{},", n - 1).repeat(10);
            text.push_str(&format!("a{n}: &a{n} [{before}]\n"));
        }
        assert!(document(&text, 1).unwrap_err().reason.contains("more than"));
    }

    #[test]
    fn too_deep_twice_and_broken_are_refused_with_their_line() {
        assert!(document(&"[".repeat(40), 1).unwrap_err().reason.contains("deeper"));
        assert!(document(&"[".repeat(100_000), 1).is_err());
        assert!(document(&"- ".repeat(100_000), 1).is_err());
        assert_eq!(document("a: 1\na: 2\n", 10).unwrap_err().line, 11);
        assert!(document("a: 'x\n", 5).unwrap_err().reason.starts_with("not sound YAML"));
        assert!(document("a: &x [*x]\n", 1).is_err());
    }
}
