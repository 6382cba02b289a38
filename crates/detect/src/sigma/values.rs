//! A field with its modifiers and values becomes a [`Test`]: modifiers are applied in the order written, as the
//! specification says, and what one value turns into is written out.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::pattern::Glob;
use super::regexes::{self, Flags};
use super::yaml::{Fault, Key, Node, Value};
use super::{Anchor, Cidr, Link, Matcher, Number, Op, Piece, Subject, Test, TimePart};

/// How many values a rule may have once they are written out (`windash` makes five of each dash).
pub(crate) const MOST_VALUES: usize = 100_000;
/// How many bytes all written-out values of a rule may have together.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The characters that `windash` takes for one another.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Values for `%placeholders%`, by name.
pub(crate) type Placeholders = std::collections::HashMap<String, Vec<String>>;

/// Reads tests and keeps count of what they cost.
pub(crate) struct Reader<'a> {
    placeholders: &'a Placeholders,
    values: usize,
    bytes: usize,
}

/// A value on its way through the modifiers.
#[derive(Clone, Debug)]
enum Item {
    Text(Glob),
    /// Bytes that are not (or need not be) text, waiting for base64.
    Bytes(Vec<u8>),
    Number(Number, String),
    Bool(bool),
    Null,
    Regex {
        text: String,
        flags: Flags,
    },
    Cidr(Cidr),
    FieldRef {
        field: String,
        how: Anchor,
    },
    Exists(bool),
    Compare(Op, Number),
    Part(TimePart, Op, i64),
}

impl<'a> Reader<'a> {
    pub fn new(placeholders: &'a Placeholders) -> Reader<'a> {
        Reader { placeholders, values: 0, bytes: 0 }
    }

    /// Reads one line of a selection. `key` is the field's name with its modifiers; an empty name means keywords.
    pub fn test(&mut self, key: &Key, node: &Node) -> Result<Test, Fault> {
        let mut words = key.text.split('|');
        let field = words.next().unwrap_or_default();
        let modifiers: Vec<&str> = words.collect();
        if modifiers.len() > 16 {
            return Err(Fault::new(key.line, "more than 16 modifiers on one field"));
        }
        let keyword = field.is_empty();
        let mut made = Made { link: Link::Any, cased: false, negated: false };
        let mut values = Vec::new();
        let items = node.items();
        if items.is_empty() {
            return Err(Fault::new(node.line, format!("'{}' has an empty list of values", key.text)));
        }
        for item in items {
            let at = |reason: String| Fault::new(item.line, format!("{}: {reason}", key.text));
            let mut matchers = Vec::new();
            for written in self.expanded(item, &modifiers).map_err(at)? {
                let mut forms = vec![written];
                for modifier in &modifiers {
                    forms = self.apply(modifier, forms, &mut made).map_err(at)?;
                }
                for form in forms {
                    let matcher = finished(form, made.cased, keyword).map_err(at)?;
                    self.pay(size(&matcher)).map_err(at)?;
                    if !matchers.contains(&matcher) || matchers.len() > 64 {
                        matchers.push(matcher);
                    }
                }
            }
            values.push(matchers);
        }
        let subject = if keyword { Subject::Keyword } else { Subject::Field(field.into()) };
        Ok(Test { subject, link: made.link, values, negated: made.negated, line: key.line })
    }

    fn pay(&mut self, bytes: usize) -> Result<(), String> {
        self.values += 1;
        self.bytes += bytes;
        if self.values > MOST_VALUES {
            return Err(format!("the rule has more than {MOST_VALUES} values once they are written out"));
        }
        if self.bytes > MOST_BYTES {
            return Err(format!("the rule's values have more than {MOST_BYTES} bytes once they are written out"));
        }
        Ok(())
    }

    /// A value as written, once for each value of the placeholders in it.
    fn expanded(&self, node: &Node, modifiers: &[&str]) -> Result<Vec<Item>, String> {
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Null => return Ok(vec![Item::Null]),
            Value::Bool(is) => return Ok(vec![Item::Bool(*is)]),
            Value::Int(number) => return Ok(vec![Item::Number(Number::Int(*number), number.to_string())]),
            Value::Float(number, text) => return Ok(vec![Item::Number(Number::Float(*number), text.clone())]),
            Value::List(_) | Value::Map(_) => return Err("a list or map stands where a value belongs".into()),
        };
        let texts = if modifiers.contains(&"expand") { self.filled(text)? } else { vec![text.clone()] };
        // These take the text as it stands: a backslash before a star belongs to them.
        let raw = modifiers.iter().find(|m| matches!(**m, "re" | "cidr"));
        texts
            .into_iter()
            .map(|text| match raw {
                Some(&"re") => Ok(Item::Regex { text, flags: Flags::default() }),
                Some(_) => cidr(&text).map(Item::Cidr),
                None => Ok(Item::Text(Glob::read(&text))),
            })
            .collect()
    }

    fn filled(&self, text: &str) -> Result<Vec<String>, String> {
        let mut texts = vec![String::new()];
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            let name = after.find('%').map(|end| &after[..end]).filter(|name| !name.is_empty() && !name.contains(' '));
            let (literal, parts, left): (&str, &[String], &str) = match (before.strip_suffix('\\'), name) {
                (Some(escaped), _) => (escaped, &[], after),
                (None, Some(name)) => {
                    let parts = self.placeholders.get(name).ok_or_else(|| {
                        format!("the placeholder %{name}% has no values; a pipeline can give them (vars)")
                    })?;
                    (before, parts, &after[name.len() + 1..])
                }
                (None, None) => (before, &[], after),
            };
            texts.iter_mut().for_each(|t| t.push_str(literal));
            if parts.is_empty() {
                texts.iter_mut().for_each(|t| t.push('%'));
            } else {
                if texts.len() * parts.len() > MOST_VALUES {
                    return Err(format!("placeholders stand for more than {MOST_VALUES} values"));
                }
                texts = texts.iter().flat_map(|t| parts.iter().map(move |part| format!("{t}{part}"))).collect();
            }
            rest = left;
        }
        texts.iter_mut().for_each(|t| t.push_str(rest));
        Ok(texts)
    }

    fn apply(&mut self, modifier: &str, items: Vec<Item>, made: &mut Made) -> Result<Vec<Item>, String> {
        match modifier {
            "all" => made.link = Link::All,
            "cased" => made.cased = true,
            "neq" => made.negated = true,
            "expand" => {}
            "windash" => return self.windash(items),
            "base64offset" => return items.into_iter().map(offsets).collect::<Result<Vec<_>, _>>().map(|i| i.concat()),
            // Read from the text itself, in `expanded`.
            "re" | "cidr" => {}
            _ => return items.into_iter().map(|item| apply_one(modifier, item)).collect(),
        }
        Ok(items)
    }

    /// Each dash or slash that begins a word, in every spelling.
    fn windash(&mut self, items: Vec<Item>) -> Result<Vec<Item>, String> {
        let mut found = Vec::new();
        for item in items {
            let Item::Text(glob) = item else { return Err("windash needs a text".into()) };
            let mut forms: Vec<Vec<Piece>> = vec![Vec::new()];
            for piece in glob.0 {
                let spellings = match &piece {
                    Piece::Literal(text) => spellings(text)?,
                    _ => vec![piece],
                };
                if forms.len() * spellings.len() > MOST_VALUES {
                    return Err("windash makes too many spellings of it".into());
                }
                forms = forms
                    .iter()
                    .flat_map(|form| spellings.iter().map(move |s| [form.as_slice(), std::slice::from_ref(s)].concat()))
                    .collect();
            }
            found.extend(forms.into_iter().map(|form| Item::Text(Glob(form))));
        }
        Ok(found)
    }
}

/// What modifiers say about the whole test.
struct Made {
    link: Link,
    cased: bool,
    negated: bool,
}

fn spellings(text: &str) -> Result<Vec<Piece>, String> {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut forms = vec![String::new()];
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '-' | '/') && !word(before) && word(chars.peek().copied()) {
            if forms.len() * DASHES.len() > MOST_VALUES || forms.len() * DASHES.len() * text.len() > MOST_BYTES {
                return Err("windash makes too many spellings of it".into());
            }
            forms = forms.iter().flat_map(|form| DASHES.iter().map(move |dash| format!("{form}{dash}"))).collect();
        } else {
            forms.iter_mut().for_each(|form| form.push(c));
        }
        before = Some(c);
    }
    Ok(forms.into_iter().map(|form| Piece::Literal(form.into())).collect())
}

fn apply_one(modifier: &str, item: Item) -> Result<Item, String> {
    match modifier {
        "contains" | "startswith" | "endswith" => anchored(modifier, item),
        "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => match item {
            Item::Regex { text, mut flags } => {
                match modifier {
                    "i" | "ignorecase" => flags.ignore_case = true,
                    "m" | "multiline" => flags.multi_line = true,
                    _ => flags.dot_all = true,
                }
                Ok(Item::Regex { text, flags })
            }
            _ => Err(format!("{modifier} goes with re only")),
        },
        "base64" => Ok(Item::Text(Glob::plain(&BASE64.encode(bytes(item, modifier)?)))),
        "wide" | "utf16le" | "utf16be" | "utf16" => utf16(modifier, item),
        "fieldref" => match item {
            Item::Text(glob) => {
                let open = (glob.0.first() == Some(&Piece::Many), glob.0.last() == Some(&Piece::Many));
                let how = match open {
                    (true, true) => Anchor::Anywhere,
                    (true, false) => Anchor::End,
                    (false, true) => Anchor::Start,
                    (false, false) => Anchor::Whole,
                };
                let inner = Glob(glob.0.into_iter().filter(|piece| *piece != Piece::Many).collect());
                match inner.as_plain() {
                    Some(field) if !field.is_empty() => Ok(Item::FieldRef { field: field.into(), how }),
                    _ => Err("fieldref needs the name of a field".into()),
                }
            }
            _ => Err("fieldref needs the name of a field".into()),
        },
        "exists" => match item {
            Item::Bool(is) => Ok(Item::Exists(is)),
            _ => Err("exists needs true or false".into()),
        },
        "lt" | "lte" | "gt" | "gte" => compared(modifier, item),
        "minute" | "hour" | "day" | "week" | "month" | "year" => {
            let part = match modifier {
                "minute" => TimePart::Minute,
                "hour" => TimePart::Hour,
                "day" => TimePart::Day,
                "week" => TimePart::Week,
                "month" => TimePart::Month,
                _ => TimePart::Year,
            };
            match number(item, modifier)? {
                Number::Int(value) => Ok(Item::Part(part, Op::Eq, value)),
                Number::Float(_) => Err(format!("{modifier} needs a whole number")),
            }
        }
        "" => Err("a | without a modifier behind it".into()),
        _ => Err(format!("the modifier '{modifier}' is not known")),
    }
}

fn anchored(modifier: &str, item: Item) -> Result<Item, String> {
    let (start, end) = (modifier != "startswith", modifier != "endswith");
    match item {
        Item::Text(mut glob) => {
            if start {
                glob.open_start();
            }
            if end {
                glob.open_end();
            }
            Ok(Item::Text(glob))
        }
        Item::Number(_, text) => anchored(modifier, Item::Text(Glob::plain(&text))),
        Item::Bool(is) => anchored(modifier, Item::Text(Glob::plain(if is { "true" } else { "false" }))),
        Item::FieldRef { field, .. } => {
            let how = match modifier {
                "startswith" => Anchor::Start,
                "endswith" => Anchor::End,
                _ => Anchor::Anywhere,
            };
            Ok(Item::FieldRef { field, how })
        }
        // Expressions are searched anywhere unless they say otherwise.
        Item::Regex { text, flags } => Ok(Item::Regex {
            text: match modifier {
                "startswith" => format!("^(?:{text})"),
                "endswith" => format!("(?:{text})$"),
                _ => text,
            },
            flags,
        }),
        _ => Err(format!("{modifier} needs a text")),
    }
}

fn compared(modifier: &str, item: Item) -> Result<Item, String> {
    let op = match modifier {
        "lt" => Op::Lt,
        "lte" => Op::Le,
        "gt" => Op::Gt,
        _ => Op::Ge,
    };
    match item {
        Item::Part(part, _, value) => Ok(Item::Part(part, op, value)),
        item => number(item, modifier).map(|value| Item::Compare(op, value)),
    }
}

fn number(item: Item, modifier: &str) -> Result<Number, String> {
    match item {
        Item::Number(number, _) => Ok(number),
        // '5' in quotes is as good.
        Item::Text(glob) => {
            let text = glob.as_plain().unwrap_or_default();
            let float = || text.parse().ok().filter(|f: &f64| f.is_finite()).map(Number::Float);
            text.parse().ok().map(Number::Int).or_else(float).ok_or_else(|| format!("{modifier} needs a number"))
        }
        // `gte` before `hour`: the comparison is kept by the caller's order, so this way round is refused.
        _ => Err(format!("{modifier} needs a number")),
    }
}

fn bytes(item: Item, modifier: &str) -> Result<Vec<u8>, String> {
    match item {
        Item::Bytes(bytes) => Ok(bytes),
        Item::Text(glob) => glob
            .as_plain()
            .map(|t| t.as_bytes().to_vec())
            .ok_or_else(|| format!("{modifier} needs a text without wildcards")),
        Item::Number(_, text) => Ok(text.into_bytes()),
        _ => Err(format!("{modifier} needs a text")),
    }
}

fn utf16(modifier: &str, item: Item) -> Result<Item, String> {
    let text = String::from_utf8(bytes(item, modifier)?).map_err(|_| format!("{modifier} needs a text"))?;
    let mut wide = if modifier == "utf16" { vec![0xFF, 0xFE] } else { Vec::new() };
    for unit in text.encode_utf16() {
        wide.extend(if modifier == "utf16be" { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    Ok(Item::Bytes(wide))
}

/// The text as it looks inside base64, at each of the three places where it can begin.
fn offsets(item: Item) -> Result<Vec<Item>, String> {
    let bytes = bytes(item, "base64offset")?;
    let mut found = Vec::new();
    for offset in 0..3 {
        let mut shifted = vec![b' '; offset];
        shifted.extend(&bytes);
        let text = BASE64.encode(&shifted);
        let start = [0, 2, 3][offset];
        let end = text.len() - [0, 3, 2][shifted.len() % 3];
        if let Some(part) = text.get(start..end).filter(|part| !part.is_empty()) {
            found.push(Item::Text(Glob::plain(part)));
        }
    }
    if found.is_empty() { Err("too short for base64offset".into()) } else { Ok(found) }
}

fn cidr(text: &str) -> Result<Cidr, String> {
    let (address, prefix) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
    let Ok(base) = address.parse::<IpAddr>() else {
        return Err(format!("'{}' is no network", text.chars().take(60).collect::<String>()));
    };
    let most = if base.is_ipv4() { 32 } else { 128 };
    let prefix = if prefix.is_empty() { Some(most) } else { prefix.parse().ok().filter(|p| *p <= most) };
    prefix.map(|prefix| Cidr { base, prefix }).ok_or_else(|| format!("'{text}' is no network: its length is wrong"))
}

fn finished(item: Item, cased: bool, keyword: bool) -> Result<Matcher, String> {
    Ok(match item {
        Item::Text(mut glob) => {
            // A keyword is looked for anywhere.
            if keyword {
                glob.open_start();
                glob.open_end();
            }
            Matcher::Text(glob.pattern(cased))
        }
        Item::Number(_, text) => return finished(Item::Text(Glob::plain(&text)), cased, keyword),
        Item::Bool(is) => {
            return finished(Item::Text(Glob::plain(if is { "true" } else { "false" })), cased, keyword);
        }
        Item::Bytes(bytes) => {
            let text = String::from_utf8(bytes).map_err(|_| {
                "the encoded value cannot stand in a text; base64 or base64offset must follow".to_string()
            })?;
            return finished(Item::Text(Glob::plain(&text)), cased, keyword);
        }
        Item::Regex { text, flags } => Matcher::Regex(regexes::read(&text, flags)?),
        Item::Null | Item::Exists(_) | Item::FieldRef { .. } | Item::Part(..) if keyword => {
            return Err("keywords are texts".into());
        }
        Item::Null => Matcher::Null,
        Item::Cidr(cidr) => Matcher::Cidr(cidr),
        Item::FieldRef { field, how } => Matcher::FieldRef { field: field.into(), how, cased },
        Item::Exists(is) => Matcher::Exists(is),
        Item::Compare(op, number) => Matcher::Compare(op, number),
        Item::Part(part, op, value) => Matcher::TimePart(part, op, value),
    })
}

fn size(matcher: &Matcher) -> usize {
    use super::Shape::{Contains, EndsWith, Eq, StartsWith, Wild};
    match matcher {
        Matcher::Text(pattern) => match &pattern.shape {
            Eq(t) | StartsWith(t) | EndsWith(t) | Contains(t) => t.len(),
            Wild(pieces) => pieces.iter().map(|p| if let Piece::Literal(t) = p { t.len() } else { 1 }).sum(),
        },
        // An expression is dearer than a literal of its length.
        Matcher::Regex(regex) => 16 * regex.text.len(),
        _ => 16,
    }
}
