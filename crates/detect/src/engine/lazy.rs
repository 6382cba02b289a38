//! Comparisons that no search for literals answers: looked at only when a rule asks, and only behind a literal that must
//! be there for them to hold.

use std::sync::OnceLock;

use super::literals::Predicate;
use crate::sigma::{Anchor, LARGEST_REGEX, Matcher, address, fold};

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
            Matcher::Text(pattern) if pattern.cased => pattern.fits(value),
            Matcher::Text(pattern) => pattern.fits(&fold(value)),
            Matcher::Regex(regex) => {
                let compiled = self.regex.get_or_init(|| {
                    // Compiled when first needed: most expressions never are.
                    regex::RegexBuilder::new(&regex.text).size_limit(LARGEST_REGEX).build().ok()
                });
                compiled.as_ref().is_some_and(|regex| regex.is_match(value))
            }
            Matcher::Cidr(network) => address(value).is_some_and(|address| network.holds(address)),
            Matcher::Compare(op, number) => number.compared_to(value).is_some_and(|ordering| op.holds(ordering)),
            Matcher::TimePart(part, op, number) => part.of(value).is_some_and(|found| op.holds(found.cmp(number))),
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
