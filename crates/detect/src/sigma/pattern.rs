//! Texts with wildcards: `*`, `?` and the backslash before them.

use super::{Pattern, Piece, Shape, fold};

/// A text of a rule, cut into literals and wildcards. Literals are not folded yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Glob(pub Vec<Piece>);

impl Glob {
    /// Reads a value as the specification escapes it: `\*` and `\?` are plain characters, `\\` is one backslash, and a
    /// backslash before anything else is itself.
    pub fn read(text: &str) -> Glob {
        let mut glob = Glob(Vec::new());
        let mut literal = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.peek() {
                    Some(&next @ ('*' | '?' | '\\')) => {
                        literal.push(next);
                        chars.next();
                    }
                    _ => literal.push('\\'),
                },
                '*' | '?' => {
                    glob.literal(&mut literal);
                    glob.push(if c == '*' { Piece::Many } else { Piece::One });
                }
                _ => literal.push(c),
            }
        }
        glob.literal(&mut literal);
        glob
    }

    /// A literal without wildcards.
    pub fn plain(text: &str) -> Glob {
        if text.is_empty() { Glob(Vec::new()) } else { Glob(vec![Piece::Literal(text.into())]) }
    }

    fn literal(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.0.push(Piece::Literal(std::mem::take(literal).into_boxed_str()));
        }
    }

    fn push(&mut self, piece: Piece) {
        if !(piece == Piece::Many && self.0.last() == Some(&Piece::Many)) {
            self.0.push(piece);
        }
    }

    /// Puts `*` in front.
    pub fn open_start(&mut self) {
        if self.0.first() != Some(&Piece::Many) {
            self.0.insert(0, Piece::Many);
        }
    }

    /// Puts `*` behind.
    pub fn open_end(&mut self) {
        self.push(Piece::Many);
    }

    /// The text, when there is no wildcard in it.
    pub fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The pattern to match with.
    pub fn pattern(self, cased: bool) -> Pattern {
        let ready = |text: &str| -> Box<str> { if cased { text.into() } else { fold(text).into() } };
        let shape = match self.0.as_slice() {
            [] => Shape::Eq("".into()),
            [Piece::Many] => Shape::Contains("".into()),
            [Piece::Literal(text)] => Shape::Eq(ready(text)),
            [Piece::Many, Piece::Literal(text)] => Shape::EndsWith(ready(text)),
            [Piece::Literal(text), Piece::Many] => Shape::StartsWith(ready(text)),
            [Piece::Many, Piece::Literal(text), Piece::Many] => Shape::Contains(ready(text)),
            pieces => Shape::Wild(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => Piece::Literal(ready(text)),
                        other => other.clone(),
                    })
                    .collect(),
            ),
        };
        Pattern { shape, cased }
    }
}

impl Pattern {
    /// Whether a value fits. `value` must be folded with [`fold`] unless the pattern is cased. Plain and slow; the
    /// engine has quicker ways.
    pub fn fits(&self, value: &str) -> bool {
        match &self.shape {
            Shape::Eq(text) => value == &**text,
            Shape::StartsWith(text) => value.starts_with(&**text),
            Shape::EndsWith(text) => value.ends_with(&**text),
            Shape::Contains(text) => value.contains(&**text),
            Shape::Wild(pieces) => wild(pieces, value),
        }
    }
}

/// Greedy with one place to come back to: time is at most the product of both lengths.
fn wild(pieces: &[Piece], value: &str) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        let fits = match pieces.get(piece) {
            Some(Piece::Many) => {
                back = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) => value[at..].chars().next().map(char::len_utf8),
            Some(Piece::Literal(text)) => value[at..].starts_with(&**text).then_some(text.len()),
            None if at == value.len() => return true,
            None => None,
        };
        match (fits, back) {
            (Some(length), _) => {
                piece += 1;
                at += length;
            }
            (None, Some((after, from))) => {
                let Some(next) = value[from..].chars().next() else { return false };
                back = Some((after, from + next.len_utf8()));
                (piece, at) = (after, from + next.len_utf8());
            }
            (None, None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Glob::read(text).pattern(false)
    }

    #[test]
    fn wildcards_and_backslashes_are_read_as_the_specification_says() {
        assert_eq!(pattern(r"C:\Windows\a").shape, Shape::Eq(r"c:\windows\a".into()));
        assert_eq!(pattern(r"a\\b").shape, Shape::Eq(r"a\b".into()));
        assert_eq!(pattern(r"\\\\host").shape, Shape::Eq(r"\\host".into()));
        assert_eq!(pattern(r"a\*").shape, Shape::Eq("a*".into()));
        assert_eq!(pattern(r"a\\*").shape, Shape::StartsWith(r"a\".into()));
        assert_eq!(pattern(r"a\\\*").shape, Shape::Eq(r"a\*".into()));
        assert_eq!(pattern(r"\?x").shape, Shape::Eq("?x".into()));
        assert_eq!(pattern("*x").shape, Shape::EndsWith("x".into()));
        assert_eq!(pattern("**x**").shape, Shape::Contains("x".into()));
        assert_eq!(pattern("*").shape, Shape::Contains("".into()));
        assert_eq!(pattern("").shape, Shape::Eq("".into()));
    }

    #[test]
    fn wild_patterns_fit_the_whole_value() {
        let fits = |p: &str, v: &str| pattern(p).fits(&fold(v));
        assert!(fits("a*b?c", "AxxBbyC") && fits("a*b?c", "abxc") && !fits("a*b?c", "abc"));
        assert!(fits("*a*b*", "xxaxxbxx") && !fits("*a*b*", "ba"));
        assert!(fits("?", "ậ") && !fits("?", "") && !fits("?", "ab"));
        assert!(fits("a*a", "aa") && !fits("a*a", "a"));
        assert!(fits("*ab*ab", "abab") && !fits("*ab*abc", "abab"));
        assert!(fits("ĐƠN*", "đơn vị"));
    }
}
