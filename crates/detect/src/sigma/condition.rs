//! The grammar of conditions: `and`, `or`, `not`, parentheses, `1 of x*`, `all of them`, `2 of x*`.

use super::Condition;

/// How deep parentheses and `not` may nest.
const DEEPEST: usize = 64;
/// The longest condition, in bytes.
const LONGEST: usize = 16 * 1024;
/// How many selections all the `of` of one rule may stand for together.
const MOST_LEAVES: usize = 20_000;

/// Reads a condition over selections of these names.
pub(crate) fn read(text: &str, names: &[&str]) -> Result<Condition, String> {
    if text.len() > LONGEST {
        return Err(format!("the condition is longer than {LONGEST} bytes"));
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, names, leaves: 0 };
    let condition = reader.or(0)?;
    match reader.tokens.get(reader.at) {
        None => Ok(condition),
        Some(token) => Err(format!("the condition goes on after its end, at '{token}'")),
    }
}

fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')', '|']) {
            if at > 0 {
                found.push(&rest[..at]);
            }
            match &rest[at..=at] {
                "|" => {
                    return Err("aggregation behind '|' (count, sum, near, …) is no longer part of Sigma; write a \
                                correlation document instead"
                        .into());
                }
                mark => found.push(mark),
            }
            rest = &rest[at + 1..];
        }
        if !rest.is_empty() {
            found.push(rest);
        }
    }
    Ok(found)
}

struct Reader<'a> {
    tokens: &'a [&'a str],
    at: usize,
    names: &'a [&'a str],
    leaves: usize,
}

impl<'a> Reader<'a> {
    /// Whether the next word is this one, in any case, and not the name of a selection; then it is passed.
    fn word(&mut self, word: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|t| t.eq_ignore_ascii_case(word) && !self.names.contains(t));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.and(depth)?];
        while self.word("or") {
            parts.push(self.and(depth)?);
        }
        Ok(joined(parts, Condition::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.not(depth)?];
        while self.word("and") {
            parts.push(self.not(depth)?);
        }
        Ok(joined(parts, Condition::And))
    }

    fn not(&mut self, depth: usize) -> Result<Condition, String> {
        if depth > DEEPEST {
            return Err(format!("the condition nests deeper than {DEEPEST} levels"));
        }
        if self.word("not") {
            return Ok(Condition::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.word("(") {
            let inner = self.or(depth + 1)?;
            return if self.word(")") { Ok(inner) } else { Err("a parenthesis in the condition is not closed".into()) };
        }
        let Some(&token) = self.tokens.get(self.at) else {
            return Err("the condition ends too early".into());
        };
        let of = self.tokens.get(self.at + 1).is_some_and(|next| next.eq_ignore_ascii_case("of"));
        if of {
            self.at += 2;
            return self.of(token);
        }
        let known = self.names.contains(&token);
        if token == ")" || !known && ["and", "or", "of"].iter().any(|word| token.eq_ignore_ascii_case(word)) {
            return Err(format!("a name was expected in the condition where '{token}' stands"));
        }
        self.at += 1;
        match self.names.iter().position(|name| *name == token) {
            Some(index) => {
                self.grow(1)?;
                Ok(Condition::Selection(index))
            }
            None => Err(format!("the condition speaks of '{token}', but no selection is called that")),
        }
    }

    fn of(&mut self, quantity: &str) -> Result<Condition, String> {
        let Some(&pattern) = self.tokens.get(self.at) else {
            return Err("the condition ends after 'of'".into());
        };
        self.at += 1;
        let them = pattern.eq_ignore_ascii_case("them");
        let chosen: Vec<Condition> = self
            .names
            .iter()
            .enumerate()
            .filter(|(_, name)| if them { !name.starts_with('_') } else { glob(pattern, name) })
            .map(|(index, _)| Condition::Selection(index))
            .collect();
        self.grow(chosen.len())?;
        let there = chosen.len();
        if there == 0 {
            return Err(format!("the condition speaks of '{pattern}', but no selection is called that"));
        }
        if quantity.eq_ignore_ascii_case("all") {
            return Ok(joined(chosen, Condition::And));
        }
        let least = if quantity.eq_ignore_ascii_case("any") { Ok(1) } else { quantity.parse::<usize>() };
        match least {
            Ok(1) => Ok(joined(chosen, Condition::Or)),
            Ok(least) if least > 1 && least == there => Ok(joined(chosen, Condition::And)),
            Ok(least) if least > 1 && least < there => Ok(Condition::AtLeast(least, chosen)),
            Ok(least) if least > there => Err(format!("'{quantity} of {pattern}' can never hold: there are {there}")),
            _ => Err(format!("'{quantity} of' is no quantity that can be asked for")),
        }
    }

    fn grow(&mut self, more: usize) -> Result<(), String> {
        self.leaves += more;
        if self.leaves > MOST_LEAVES {
            return Err(format!("the condition stands for more than {MOST_LEAVES} selections"));
        }
        Ok(())
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

/// `*` stands for any number of characters.
fn glob(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use Condition::{And, AtLeast, Not, Or, Selection as S};

    const NAMES: [&str; 5] = ["sel_a", "sel_b", "sel_c", "filter", "_hidden"];

    fn read(text: &str) -> Result<Condition, String> {
        super::read(text, &NAMES)
    }

    #[test]
    fn not_binds_tighter_than_and_and_that_tighter_than_or() {
        let expected = Or(vec![S(0), And(vec![Not(Box::new(S(1))), S(2)])]);
        assert_eq!(read("sel_a or not sel_b and sel_c"), Ok(expected.clone()));
        assert_eq!(read("sel_a OR ((NOT (sel_b)) AND sel_c)"), Ok(expected));
    }

    #[test]
    fn quantities_are_written_out() {
        assert_eq!(read("1 of sel*"), Ok(Or(vec![S(0), S(1), S(2)])));
        assert_eq!(read("any of *_b"), Ok(S(1)));
        assert_eq!(
            read("all of s*l_* and not filter"),
            Ok(And(vec![And(vec![S(0), S(1), S(2)]), Not(Box::new(S(3)))]))
        );
        assert_eq!(read("2 of sel_*"), Ok(AtLeast(2, vec![S(0), S(1), S(2)])));
        assert_eq!(read("3 of sel_*"), Ok(And(vec![S(0), S(1), S(2)])));
        assert_eq!(read("all of them"), Ok(And(vec![S(0), S(1), S(2), S(3)])));
        assert_eq!(read("1 of filter"), Ok(S(3)));
    }

    #[test]
    fn what_cannot_hold_or_be_read_is_refused() {
        for text in [
            "",
            "sel_a and",
            "or sel_a",
            "(sel_a",
            "sel_a)",
            "sel_x",
            "1 of x*",
            "4 of sel_*",
            "0 of sel_*",
            "1 of",
            "sel_a sel_b",
            "not",
            "sel_a | count() > 5",
            "sel_a|count()",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("sel_a | count() by x > 5").unwrap_err().contains("correlation"));
        assert!(read(&"(".repeat(10_000)).unwrap_err().contains("deeper"));
        assert!(read(&"not ".repeat(1_000)).unwrap_err().contains("deeper"));
    }

    #[test]
    fn a_selection_may_be_called_like_a_word_of_the_grammar() {
        assert_eq!(
            super::read("and and not", &["and", "not"]),
            Err("the condition goes on after its end, at 'and'".into())
        );
        assert_eq!(super::read("them or x", &["them", "x"]), Ok(Or(vec![S(0), S(1)])));
    }
}
