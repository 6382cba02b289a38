//! Regular expressions: from the PCRE spelling of the rules to what the `regex` crate accepts, which takes time linear
//! in the text. What cannot be had in linear time (looking ahead or behind, back references) is refused.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::Regex;

/// The longest expression, in bytes.
pub(crate) const LONGEST_REGEX: usize = 16 * 1024;
/// The largest compiled expression, in bytes: whoever compiles sets this limit, and what passes here stays below it.
pub const LARGEST_REGEX: usize = 4 * 1024 * 1024;
/// Expressions estimated to have more states than this are compiled once while reading, to see whether they fit.
const SURELY_SMALL: u64 = 4_000;

/// The flags a rule can give.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    pub ignore_case: bool,
    pub multi_line: bool,
    pub dot_all: bool,
}

/// Reads an expression.
pub(crate) fn read(written: &str, flags: Flags) -> Result<Regex, String> {
    if written.len() > LONGEST_REGEX {
        return Err(format!("the regular expression is longer than {LONGEST_REGEX} bytes"));
    }
    let body = translate(written)?;
    let mut set = String::new();
    for (on, letter) in [(flags.ignore_case, 'i'), (flags.multi_line, 'm'), (flags.dot_all, 's')] {
        if on {
            set.push(letter);
        }
    }
    let text = if set.is_empty() { body } else { format!("(?{set}){body}") };
    let hir = regex_syntax::ParserBuilder::new()
        .nest_limit(100)
        .build()
        .parse(&text)
        .map_err(|error| format!("not a regular expression that can be used: {}", short(&error.to_string())))?;
    if states(&hir) > SURELY_SMALL
        && let Err(error) = regex::RegexBuilder::new(&text).size_limit(LARGEST_REGEX).nest_limit(100).build()
    {
        return Err(format!("the regular expression is too large: {}", short(&error.to_string())));
    }
    Ok(Regex { text: text.into(), written: written.into() })
}

/// The last line of the crate's message says what is wrong; the others draw a picture.
fn short(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).chars().take(200).collect()
}

/// Roughly how many states the compiled expression has.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) => 1 + 4 * class.ranges().len() as u64,
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1));
            states(&repetition.sub).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(states).fold(1, u64::saturating_add),
    }
}

/// From PCRE's spelling. The two differ in which escapes they know and in what is special inside `[…]`.
fn translate(written: &str) -> Result<String, String> {
    let mut out = String::with_capacity(written.len() + 8);
    let chars: Vec<char> = written.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += escape(&chars, at, false, &mut out)?,
            '[' => at += class(&chars, at, &mut out)?,
            '{' if !is_quantifier(&chars[at..]) => {
                out.push_str("\\{");
                at += 1;
            }
            '(' if chars.get(at + 1) == Some(&'?') => {
                let rest: String = chars[at + 2..chars.len().min(at + 4)].iter().collect();
                if rest.starts_with(['=', '!']) || rest.starts_with("<=") || rest.starts_with("<!") {
                    return Err("the regular expression looks ahead or behind, which Sigma does not have".into());
                }
                if rest.starts_with(['>', '|', '(', '&', 'R', '#']) {
                    return Err("the regular expression uses a kind of group that Sigma does not have".into());
                }
                out.push_str("(?");
                at += 2;
            }
            '*' | '+' | '?' | '}' if chars.get(at + 1) == Some(&'+') => {
                return Err("the regular expression has a possessive quantifier, which Sigma does not have".into());
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(out)
}

/// `{2}`, `{2,}`, `{2,5}`; anything else in braces is text.
fn is_quantifier(chars: &[char]) -> bool {
    let inside: String = chars.iter().skip(1).take(24).take_while(|c| **c != '}').collect();
    let closed = chars.get(1 + inside.chars().count()) == Some(&'}');
    let (low, high) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    closed && !low.is_empty() && digits(low) && digits(high)
}

/// Writes the escape that begins at `at`, and says how many characters it took.
fn escape(chars: &[char], at: usize, in_class: bool, out: &mut String) -> Result<usize, String> {
    let Some(&c) = chars.get(at + 1) else {
        return Err("the regular expression ends in a lonely backslash".into());
    };
    match c {
        '1'..='9' => return Err("the regular expression refers back to a group, which Sigma does not have".into()),
        'K' | 'G' | 'Q' | 'E' | 'X' | 'C' => {
            return Err(format!("the regular expression uses \\{c}, which Sigma does not have"));
        }
        'Z' if !in_class => out.push_str("\\z"),
        'h' => out.push_str(if in_class { " \\t" } else { "[ \\t]" }),
        'e' => out.push_str("\\x1B"),
        '0' => out.push_str("\\x00"),
        'R' if !in_class => out.push_str("(?:\\r\\n|\\n|\\r)"),
        'b' if in_class => out.push_str("\\x08"),
        // A letter keeps its meaning, or is refused by the crate when it has none there.
        _ if c.is_ascii_alphanumeric() => out.extend(['\\', c]),
        _ => literal(c, out),
    }
    Ok(2)
}

fn literal(c: char, out: &mut String) {
    if regex_syntax::is_meta_character(c) {
        out.push('\\');
    }
    out.push(c);
}

/// Writes the class that begins at `at`, and says how many characters it took.
fn class(chars: &[char], at: usize, out: &mut String) -> Result<usize, String> {
    let mut here = at + 1;
    out.push('[');
    if chars.get(here) == Some(&'^') {
        out.push('^');
        here += 1;
    }
    let mut first = true;
    // Whether what came before is a set of its own, after which a hyphen is just a hyphen.
    let mut after_set = false;
    loop {
        let Some(&c) = chars.get(here) else {
            return Err("the regular expression has a [ that is not closed".into());
        };
        let set = |at: usize| {
            chars.get(at) == Some(&'\\') && matches!(chars.get(at + 1), Some('w' | 'W' | 'd' | 'D' | 's' | 'S' | 'h'))
        };
        match c {
            ']' if first => out.push_str("\\]"),
            ']' => {
                out.push(']');
                return Ok(here + 1 - at);
            }
            '[' if chars.get(here + 1) == Some(&':') => {
                let end = (here + 2..chars.len().min(here + 16))
                    .find(|end| chars[*end] == ':' && chars.get(end + 1) == Some(&']'));
                match end {
                    Some(end) => {
                        out.extend(&chars[here..=end + 1]);
                        here = end + 2;
                        (first, after_set) = (false, true);
                        continue;
                    }
                    None => out.push_str("\\["),
                }
            }
            '\\' => {
                let is_set = set(here);
                here += escape(chars, here, true, out)?;
                (first, after_set) = (false, is_set);
                continue;
            }
            '-' if after_set || set(here + 1) || first || chars.get(here + 1) == Some(&']') => out.push_str("\\-"),
            '[' | '&' | '~' => out.extend(['\\', c]),
            _ => out.push(c),
        }
        (first, after_set) = (false, false);
        here += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(written: &str, text: &str) -> bool {
        regex::Regex::new(&read(written, Flags::default()).unwrap().text).unwrap().is_match(text)
    }

    #[test]
    fn pcre_spelling_keeps_its_meaning() {
        assert!(matches(r"\/a\<b\>\ \_", "/a<b> _"));
        assert!(matches(r"[\w-.]x[[]", "-x["));
        assert!(matches(r"[]a]{2}$", "a]"));
        assert!(matches(r"\$\{jndi:{x", "${jndi:{x"));
        assert!(matches(r"a{2,3}b{,2}", "aab{,2}"));
        assert!(matches(r"[a&&b]", "&") && matches(r"[a&&b]", "b"));
        assert!(matches(r"[[:digit:]-x]+\h\Z", "1-x\t"));
        assert!(!matches("A", "a"));
    }

    #[test]
    fn flags_stand_in_front() {
        let flags = Flags { ignore_case: true, multi_line: true, dot_all: true };
        assert_eq!(&*read("^a.b$", flags).unwrap().text, "(?ims)^a.b$");
    }

    #[test]
    fn what_is_not_linear_is_refused_with_a_reason() {
        for written in ["a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?>a)", "a++", "[a", "(a", "\\"] {
            assert!(read(written, Flags::default()).is_err(), "{written}");
        }
    }

    #[test]
    fn too_large_expressions_are_refused() {
        assert!(read(&"a".repeat(1 << 20), Flags::default()).unwrap_err().contains("longer"));
        assert!(read("((a{1000}){1000}){1000}", Flags::default()).unwrap_err().contains("too large"));
        assert!(read(r"(\w{100}){100}", Flags::default()).is_err());
        assert!(read(&"(".repeat(5000), Flags::default()).is_err());
    }
}
