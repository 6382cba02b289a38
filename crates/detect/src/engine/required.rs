//! Which literals a regular expression cannot do without. It only runs on values in which one of them stands.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The most literals an expression is kept behind. With more, one of them is nearly always there.
const MOST: usize = 32;

/// The shortest literal worth looking for, in bytes.
const SHORTEST: usize = 3;

/// Literals in folded spelling of which at least one stands in every folded text that the expression matches; none if
/// there are no such literals.
pub fn literals(expression: &str) -> Option<Vec<Box<str>>> {
    let hir = regex_syntax::ParserBuilder::new().nest_limit(100).build().parse(expression).ok()?;
    let found = any_of(&hir, 0)?;
    found.iter().all(|literal| literal.len() >= SHORTEST).then(|| {
        let mut found: Vec<Box<str>> = found.into_iter().map(String::into_boxed_str).collect();
        found.sort();
        found.dedup();
        found
    })
}

/// Longer is better; fewer is better among equals.
fn worth(found: &[String]) -> (usize, usize) {
    (found.iter().map(String::len).min().unwrap_or(0), usize::MAX - found.len())
}

fn any_of(hir: &Hir, depth: u32) -> Option<Vec<String>> {
    if depth > 100 {
        return None;
    }
    if let Some(text) = exact(hir) {
        return (!text.is_empty()).then(|| vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => any_of(&capture.sub, depth + 1),
        HirKind::Repetition(repetition) if repetition.min > 0 => any_of(&repetition.sub, depth + 1),
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut consider = |found: Vec<String>| {
                if best.as_ref().is_none_or(|best| worth(&found) > worth(best)) {
                    best = Some(found);
                }
            };
            let mut run = String::new();
            for part in parts {
                if let Some(text) = exact(part) {
                    run.push_str(&text);
                    continue;
                }
                if !run.is_empty() {
                    consider(vec![std::mem::take(&mut run)]);
                }
                if let Some(found) = any_of(part, depth + 1) {
                    consider(found);
                }
            }
            if !run.is_empty() {
                consider(vec![run]);
            }
            best
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(any_of(part, depth + 1)?);
                if all.len() > MOST {
                    return None;
                }
            }
            Some(all)
        }
        _ => None,
    }
}

/// The one folded text that this part stands for, if there is only one.
fn exact(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(crate::sigma::fold),
        HirKind::Class(Class::Unicode(class)) => {
            // A letter in either case. `s` has a third form that folds to itself: then there is more than one text.
            let mut letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let first: String = letters.next()?.to_lowercase().collect();
            letters.take(5).all(|letter| letter.to_lowercase().eq(first.chars())).then_some(first)
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(exact).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::literals;

    fn of(expression: &str) -> Option<Vec<String>> {
        literals(expression).map(|found| found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_an_expression_needs_is_found() {
        assert_eq!(of("(?i)C:\\\\Temp\\d+"), Some(vec!["c:\\temp".to_owned()]));
        assert_eq!(of("foo.*barbar"), Some(vec!["barbar".to_owned()]));
        assert_eq!(of("(cmd|power)\\.exe"), Some(vec![".exe".to_owned()]));
        assert_eq!(of("(?:wget|curl)\\s"), Some(vec!["curl".to_owned(), "wget".to_owned()]));
        assert_eq!(of("(foo)?[a-z]+"), None);
        assert_eq!(of("ab"), None);
        assert_eq!(of("("), None);
    }
}
