//! JSON, flattened while it is read: a value is reported under its path (`a.b.c`), the items of a list under the path of
//! the list. No tree is built. Values keep their spelling; only the escapes of strings are undone.

use crate::event::Kind;

use super::pairs::Pairs;
use super::paths::{PathId, ROOT};

/// How deep objects and lists may nest.
pub const DEEPEST: usize = 64;
/// The longest path of a value, in bytes.
const LONGEST_PATH: usize = 4_096;

/// Why a text is not read as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Ends before the value does.
    Short,
    /// Not JSON, or beyond a bound.
    Wrong,
}

/// Reads the object at the start of `text` and says where it ends. What was pushed before a fault is to be thrown away.
pub(crate) fn flatten(text: &str, pairs: &mut Pairs) -> Result<usize, Broken> {
    let fresh = pairs.paths.is_empty();
    let read = object(text, pairs);
    if !pairs.paths.full || fresh {
        return read;
    }
    // The paths of other objects left no room for those of this one.
    pairs.clear();
    object(text, pairs)
}

fn object(text: &str, pairs: &mut Pairs) -> Result<usize, Broken> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        path: ROOT,
        last: ROOT,
        unescaped: String::new(),
        open: Vec::with_capacity(8),
    };
    reader.blank();
    if reader.peek()? != b'{' {
        return Err(Broken::Wrong);
    }
    reader.value(pairs)?;
    while let Some(open) = reader.open.last().copied() {
        reader.next(open, pairs)?;
    }
    pairs.keep(&text[..reader.at]);
    Ok(reader.at)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    path: PathId,
    /// The path that was asked for before the next one.
    last: PathId,
    unescaped: String,
    open: Vec<Open>,
}

#[derive(Clone, Copy)]
struct Open {
    list: bool,
    /// The path outside.
    path: PathId,
    /// Nothing has been read in it yet.
    first: bool,
}

impl Reader<'_> {
    fn blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<u8, Broken> {
        self.bytes.get(self.at).copied().ok_or(Broken::Short)
    }

    /// Reads a scalar, or opens an object or list.
    fn value(&mut self, pairs: &mut Pairs) -> Result<(), Broken> {
        match self.peek()? {
            b'"' => {
                let (start, end, plain) = self.string()?;
                if plain {
                    pairs.push_part(self.path, start, end, Kind::Text);
                } else {
                    let (raw, mut good) = (&self.text[start..end], true);
                    pairs.push_with(self.path, Kind::Text, |out| good = unescape(raw, out));
                    if !good {
                        return Err(Broken::Wrong);
                    }
                }
            }
            open @ (b'{' | b'[') => {
                if self.open.len() >= DEEPEST {
                    return Err(Broken::Wrong);
                }
                self.at += 1;
                self.open.push(Open { list: open == b'[', path: self.path, first: true });
            }
            b't' => self.word("true", Kind::Bool, pairs)?,
            b'f' => self.word("false", Kind::Bool, pairs)?,
            b'n' => self.word("null", Kind::Null, pairs)?,
            b'-' | b'0'..=b'9' => {
                let start = self.at;
                while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.bytes.get(self.at) {
                    self.at += 1;
                }
                if self.at == self.bytes.len() {
                    return Err(Broken::Short);
                }
                if !self.bytes[start..self.at].iter().any(u8::is_ascii_digit) {
                    return Err(Broken::Wrong);
                }
                pairs.push_part(self.path, start, self.at, Kind::Number);
            }
            _ => return Err(Broken::Wrong),
        }
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind, pairs: &mut Pairs) -> Result<(), Broken> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            let start = self.at;
            self.at += word.len();
            pairs.push_part(self.path, start, if kind == Kind::Null { start } else { self.at }, kind);
            return Ok(());
        }
        Err(if word.as_bytes().starts_with(rest) { Broken::Short } else { Broken::Wrong })
    }

    /// The string at this place without its quotes, and whether it has no escapes.
    fn string(&mut self) -> Result<(usize, usize, bool), Broken> {
        let start = self.at + 1;
        let mut at = start;
        let mut plain = true;
        loop {
            let ahead =
                memchr::memchr2(b'"', b'\\', self.bytes.get(at..).ok_or(Broken::Short)?).ok_or(Broken::Short)?;
            at += ahead;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Ok((start, at, plain));
            }
            plain = false;
            at += 2;
        }
    }

    /// The next entry of the innermost object or list, or its end.
    fn next(&mut self, open: Open, pairs: &mut Pairs) -> Result<(), Broken> {
        self.path = open.path;
        self.blank();
        let end = if open.list { b']' } else { b'}' };
        if self.peek()? == end {
            self.at += 1;
            self.open.pop();
            return Ok(());
        }
        if !open.first {
            if self.peek()? != b',' {
                return Err(Broken::Wrong);
            }
            self.at += 1;
            self.blank();
        }
        if let Some(last) = self.open.last_mut() {
            last.first = false;
        }
        if !open.list {
            if self.peek()? != b'"' {
                return Err(Broken::Wrong);
            }
            let (start, end, plain) = self.string()?;
            let mut key = &self.text[start..end];
            if !plain {
                self.unescaped.clear();
                if !unescape(key, &mut self.unescaped) {
                    return Err(Broken::Wrong);
                }
                key = &self.unescaped;
            }
            if pairs.paths.path(self.path).len() + key.len() >= LONGEST_PATH {
                return Err(Broken::Wrong);
            }
            self.path = pairs.paths.child(self.path, key, self.last);
            self.last = self.path;
            self.blank();
            if self.peek()? != b':' {
                return Err(Broken::Wrong);
            }
            self.at += 1;
            self.blank();
        }
        self.value(pairs)
    }
}

/// Undoes the escapes of a string; false when there is one that JSON does not have. Half of a pair of surrogates becomes
/// the replacement character.
fn unescape(raw: &str, out: &mut String) -> bool {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let Some(&letter) = rest.as_bytes().get(at + 1) else { return false };
        let mut taken = at + 2;
        match letter {
            b'"' | b'\\' | b'/' => out.push(char::from(letter)),
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{C}'),
            b'u' => {
                let Some(unit) = hex(rest, taken) else { return false };
                taken += 4;
                let low = if (0xD800..0xDC00).contains(&unit) && rest[taken..].starts_with("\\u") {
                    hex(rest, taken + 2).filter(|low| (0xDC00..0xE000).contains(low))
                } else {
                    None
                };
                let point = match low {
                    Some(low) => {
                        taken += 6;
                        0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                    }
                    None => unit,
                };
                out.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return false,
        }
        let Some(left) = rest.get(taken..) else { return false };
        rest = left;
    }
    out.push_str(rest);
    true
}

fn hex(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String, Kind)>, Broken> {
        let mut pairs = Pairs::default();
        flatten(text, &mut pairs)?;
        Ok(pairs.iter().map(|(n, v, k)| (n.into(), v.into(), k)).collect())
    }

    #[test]
    fn objects_become_paths_and_lists_repeat_them() {
        let found =
            read(r#" {"a":{"b":1.50,"c":[true,{"d":null}]},"e.f":"x\u00e1\ud83d\ude00\n","g":{}, "h":[]} rest"#)
                .unwrap();
        let expected = [
            ("a.b", "1.50", Kind::Number),
            ("a.c", "true", Kind::Bool),
            ("a.c.d", "", Kind::Null),
            ("e.f", "xá😀\n", Kind::Text),
        ];
        let expected: Vec<_> = expected.iter().map(|(n, v, k)| (n.to_string(), v.to_string(), *k)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_ends_too_early_is_told_from_what_is_wrong() {
        for text in ["", "{", r#"{"a"#, r#"{"a":"#, r#"{"a":1"#, r#"{"a":tr"#, r#"{"a":"\"#, r#"{"a":[1,"#] {
            assert_eq!(read(text), Err(Broken::Short), "{text}");
        }
        for text in
            ["[]", "x", r#"{a:1}"#, r#"{"a" 1}"#, r#"{"a":1 "b":2}"#, r#"{"a":"\x"}"#, r#"{"a":-}"#, r#"{"a":"\u12"}"#]
        {
            assert_eq!(read(text), Err(Broken::Wrong), "{text}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert_eq!(read(&deep), Err(Broken::Wrong));
    }

    #[test]
    fn paths_of_other_objects_leave_room_for_this_one_and_what_is_too_much_is_counted() {
        let mut pairs = Pairs::default();
        let wide = |name: &str, many: usize| {
            let fields: Vec<String> = (0..many).map(|at| format!("\"{name}{at}\":1")).collect();
            format!("{{{}}}", fields.join(","))
        };
        for name in ["a", "b", "c", "d", "e", "f"] {
            pairs.clear();
            flatten(&wide(name, 4_000), &mut pairs).unwrap();
            assert_eq!((pairs.list().len(), pairs.dropped), (4_000, 0));
            assert!(pairs.iter().enumerate().all(|(at, (n, v, _))| n == format!("{name}{at}") && v == "1"));
        }
        pairs.clear();
        flatten(&wide("g", 20_000), &mut pairs).unwrap();
        assert_eq!((pairs.list().len(), pairs.dropped), (4_096, 20_000 - 4_096));
    }

    proptest::proptest! {
        #[test]
        fn it_reads_what_serde_reads(text in "\\{(\"[a-z\\\\\"u0-9]{0,4}\":([0-9]{1,3}|true|null|\"[^\"\\\\]{0,6}\"|\\[\\]|\\{\\}),?){0,4}\\}") {
            let Ok(serde_json::Value::Object(object)) = serde_json::from_str(&text) else { return Ok(()) };
            let found = read(&text).unwrap();
            for (key, value) in object {
                let text = match value {
                    serde_json::Value::String(text) => text,
                    serde_json::Value::Number(number) => number.to_string(),
                    _ => continue,
                };
                proptest::prop_assert!(found.iter().any(|(n, v, _)| *n == key && *v == text));
            }
        }
    }
}
