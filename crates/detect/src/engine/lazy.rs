//! Comparisons that no search for literals answers: looked at only when a rule asks, and only behind a literal that must
//! be there for them to hold.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::literals::Predicate;
use crate::sigma::{Anchor, Matcher, Number, Op, Pattern, Piece, Shape, TimePart, fold};

/// The most memory that one expression may take once compiled, in bytes.
const MAX_REGEX: usize = 4 << 20;

/// A comparison with the place of its values.
pub struct Lazy {
    /// The slot whose values are compared.
    pub slot: u32,
    /// The comparison.
    pub question: Question,
    /// One of these predicates is told whenever it holds.
    pub behind: Box<[Predicate]>,
}

impl Lazy {
    pub fn new(slot: u32, question: Question, behind: Vec<Predicate>) -> Lazy {
        Lazy { slot, question, behind: behind.into() }
    }
}

/// A comparison.
pub struct Question {
    matcher: Matcher,
    /// The slot of the field that it compares with.
    pub other: Option<u32>,
    regex: OnceLock<Option<regex::Regex>>,
}

impl Question {
    /// None for what is no comparison of values.
    pub fn new(matcher: Matcher, other: Option<u32>) -> Option<Question> {
        match matcher {
            Matcher::Exists(_) | Matcher::Null => None,
            _ => Some(Question { matcher, other, regex: OnceLock::new() }),
        }
    }

    /// Whether it holds of a value.
    pub fn holds(&self, value: &str) -> bool {
        match &self.matcher {
            Matcher::Text(pattern) => fits(pattern, value),
            Matcher::Regex(regex) => {
                let compiled = self.regex.get_or_init(|| {
                    // Compiled when first needed: most expressions never are.
                    regex::RegexBuilder::new(&regex.text).size_limit(MAX_REGEX).build().ok()
                });
                compiled.as_ref().is_some_and(|regex| regex.is_match(value))
            }
            Matcher::Cidr(network) => value.trim().parse().is_ok_and(|address| network.holds(address)),
            Matcher::Compare(op, number) => compare(value, *number).is_some_and(|ordering| op.holds(ordering)),
            Matcher::TimePart(part, op, number) => {
                time_part(value, *part).is_some_and(|found| op.holds(found.cmp(number)))
            }
            Matcher::FieldRef { .. } | Matcher::Exists(_) | Matcher::Null => false,
        }
    }

    /// Whether it holds of a value beside a value of the other field.
    pub fn holds_of_both(&self, value: &str, other: &str) -> bool {
        let Matcher::FieldRef { how, cased, .. } = &self.matcher else { return false };
        let at = |value: &str, other: &str| match how {
            Anchor::Whole => value == other,
            Anchor::Start => value.starts_with(other),
            Anchor::End => value.ends_with(other),
            Anchor::Anywhere => value.contains(other),
        };
        if *cased { at(value, other) } else { at(&fold(value), &fold(other)) }
    }
}

fn fits(pattern: &Pattern, value: &str) -> bool {
    let folded;
    let value = if pattern.cased {
        value
    } else {
        folded = fold(value);
        &folded
    };
    match &pattern.shape {
        Shape::Eq(text) => value == &**text,
        Shape::StartsWith(text) => value.starts_with(&**text),
        Shape::EndsWith(text) => value.ends_with(&**text),
        Shape::Contains(text) => value.contains(&**text),
        Shape::Wild(pieces) => wild(pieces, value),
    }
}

/// Linear in the value's length times the number of pieces: only the last `*` is ever gone back to.
fn wild(pieces: &[Piece], value: &str) -> bool {
    let (mut piece, mut rest) = (0, value);
    let mut again: Option<(usize, &str)> = None;
    loop {
        let fitted = match pieces.get(piece) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Piece::Many) => {
                // To the next literal at once, if one follows.
                piece += 1;
                if piece == pieces.len() {
                    return true;
                }
                if let Some(Piece::Literal(text)) = pieces.get(piece) {
                    match rest.find(&**text) {
                        Some(at) => rest = &rest[at..],
                        None => return false,
                    }
                }
                again = Some((piece, rest));
                continue;
            }
            Some(Piece::One) => rest.chars().next().map(|letter| &rest[letter.len_utf8()..]),
            Some(Piece::Literal(text)) => rest.strip_prefix(&**text),
        };
        match (fitted, again) {
            (Some(after), _) => {
                rest = after;
                piece += 1;
            }
            (None, None) => return false,
            (None, Some((from, begun))) => {
                let Some(letter) = begun.chars().next() else { return false };
                let mut next = &begun[letter.len_utf8()..];
                if let Some(Piece::Literal(text)) = pieces.get(from) {
                    match next.find(&**text) {
                        Some(at) => next = &next[at..],
                        None => return false,
                    }
                }
                again = Some((from, next));
                (piece, rest) = (from, next);
            }
        }
    }
}

fn compare(value: &str, number: Number) -> Option<Ordering> {
    let value = value.trim();
    if let Number::Int(number) = number {
        let hex = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
        let whole = match hex {
            Some(digits) => i128::from(u64::from_str_radix(digits, 16).ok()?),
            None => match value.parse::<i128>() {
                Ok(whole) => whole,
                Err(_) => return value.parse::<f64>().ok()?.partial_cmp(&(number as f64)),
            },
        };
        return Some(whole.cmp(&i128::from(number)));
    }
    let Number::Float(number) = number else { return None };
    value.parse::<f64>().ok()?.partial_cmp(&number)
}

/// A part of a moment written as `2019-03-17T19:04:26.1Z` or with a blank in the middle. No change of time zone.
fn time_part(value: &str, part: TimePart) -> Option<i64> {
    let value = value.trim();
    let bytes = value.as_bytes();
    let digits = |from: usize, to: usize| -> Option<i64> {
        let text = value.get(from..to)?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
    };
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    match part {
        TimePart::Year => Some(year),
        TimePart::Month => Some(month),
        TimePart::Day => Some(day),
        TimePart::Hour => digits(11, 13),
        TimePart::Minute => digits(14, 16),
        TimePart::Week => Some(week(year, month, day)),
    }
}

/// The ISO week of a date.
fn week(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let of_year = before[(month - 1) as usize] + day + if month > 2 { leap(year) } else { 0 };
    // Monday is 1. The weekday of 31 December says how many weeks its year has.
    let last = |year: i64| (year + year / 4 - year / 100 + year / 400).rem_euclid(7);
    let weeks = |year: i64| 52 + i64::from(last(year) == 4 || last(year - 1) == 3);
    let weekday = (last(year - 1) + of_year - 1).rem_euclid(7) + 1;
    match (of_year - weekday + 10) / 7 {
        0 => weeks(year - 1),
        53 if weeks(year) == 52 => 1,
        week => week,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wild_fits(pieces: &[Piece], value: &str) -> bool {
        wild(pieces, value)
    }

    #[test]
    fn wildcards_stand_for_one_letter_or_for_many() {
        let literal = |text: &str| Piece::Literal(text.into());
        let pieces = [literal("a"), Piece::Many, literal("bc"), Piece::One, Piece::Many, literal("d")];
        for (value, fits) in [("abcxd", true), ("a bcbcxxd", true), ("abcd", false), ("abcđd", true), ("xabcxd", false)] {
            assert_eq!(wild_fits(&pieces, value), fits, "{value}");
        }
        assert!(wild_fits(&[Piece::Many], ""));
        assert!(!wild_fits(&[Piece::One], ""));
        assert!(wild_fits(&[Piece::Many, Piece::One, literal("b")], "aab"));
        assert!(wild_fits(&[Piece::Many, literal("ab"), Piece::One], "ababx"));
        assert!(!wild_fits(&[Piece::Many, literal("ab"), Piece::One], "abxab"));
    }

    #[test]
    fn numbers_compare_as_numbers() {
        let holds = |value, op: Op, number| compare(value, number).is_some_and(|ordering| op.holds(ordering));
        assert!(holds("10", Op::Gt, Number::Int(9)));
        assert!(holds("0x10", Op::Eq, Number::Int(16)));
        assert!(holds("1.5", Op::Lt, Number::Int(2)));
        assert!(!holds("ten", Op::Lt, Number::Int(2)));
        assert!(holds(" 7 ", Op::Ge, Number::Float(6.5)));
    }

    #[test]
    fn parts_of_a_moment_are_taken_as_they_stand() {
        let value = "2021-01-03 23:05:06";
        assert_eq!(time_part(value, TimePart::Hour), Some(23));
        assert_eq!(time_part(value, TimePart::Minute), Some(5));
        assert_eq!(time_part(value, TimePart::Week), Some(53));
        assert_eq!(time_part("2024-12-30T00:00:00Z", TimePart::Week), Some(1));
        assert_eq!(time_part("2026-11-28T00:00:00Z", TimePart::Week), Some(48));
        assert_eq!(time_part("yesterday", TimePart::Week), None);
    }
}
