//! A second opinion: every public rule on events made up from its own values, by our oracle and by the crate sigma-rust.
//! Where they differ, the reason is one of those below, checked against the specification.

use std::collections::BTreeMap;

use ungcuu_detect::event::{Event, Kind, Source};
use ungcuu_detect::sigma::oracle::Oracle;
use ungcuu_detect::sigma::{Link, Matcher, Piece, Rule, Shape, Subject, Test, load};

use super::public::shared;

/// A value that a matcher accepts.
fn example(matcher: &Matcher) -> Option<String> {
    Some(match matcher {
        Matcher::Text(pattern) => match &pattern.shape {
            Shape::Eq(text) => text.to_string(),
            Shape::StartsWith(text) => format!("{text}x"),
            Shape::EndsWith(text) => format!("x{text}"),
            Shape::Contains(text) => format!("x{text}x"),
            Shape::Wild(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.to_string(),
                    Piece::One => "q".into(),
                    Piece::Many => "zz".into(),
                })
                .collect(),
        },
        Matcher::Cidr(cidr) => cidr.base.to_string(),
        Matcher::Compare(..) => "5".into(),
        Matcher::Regex(_) => "aaa".into(),
        _ => return None,
    })
}

fn value(test: &Test, variant: usize) -> Option<String> {
    match test.link {
        Link::Any => {
            example(&test.values[variant % test.values.len()][variant % test.values[variant % test.values.len()].len()])
        }
        Link::All => Some(
            test.values.iter().filter_map(|forms| example(&forms[variant % forms.len()])).collect::<Vec<_>>().join(" "),
        ),
    }
}

/// An event made of a rule's values: every fourth variant leaves the filters out, others take other values.
fn made_up(rule: &Rule, variant: usize) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for selection in &rule.detection.selections {
        if variant.is_multiple_of(2) && selection.name.starts_with("filter")
            || variant == 3 && selection.name.ends_with('2')
        {
            continue;
        }
        for test in &selection.any[variant % selection.any.len()] {
            let name = match &test.subject {
                Subject::Field(name) => name.to_string(),
                Subject::Keyword => "Message".into(),
            };
            if let Some(value) = value(test, variant) {
                fields.entry(name).or_insert(value);
            }
        }
    }
    fields
}

#[test]
fn sigma_rust_says_the_same_but_for_known_reasons() {
    let Some(path) = shared("sigma") else { return };
    let set = load(&[path]);
    let oracle = Oracle::new(&set);
    let names = oracle.names();
    let (mut compared, mut held, mut unread) = (0, 0, 0);
    let mut differ: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut event = Event::new();
    for (index, rule) in set.rules.iter().enumerate() {
        let text = std::fs::read_to_string(&*rule.source.path).unwrap();
        let Ok(theirs) = sigma_rust::rule_from_yaml(&text) else {
            unread += 1;
            continue;
        };
        for variant in 0..4 {
            let fields = made_up(rule, variant);
            event.clear(Source::Other);
            fields.iter().for_each(|(name, value)| event.push(&names, name, value, Kind::Text));
            let ours = oracle.holds(index, &event, &names);
            let json = serde_json::to_string(&fields).unwrap();
            // They hold 4624 and "4624" apart, and a missing field and null.
            let typed = |value: &String| match value.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) if value == "true" || value == "false" => (value == "true").into(),
                Err(_) => serde_json::Value::from(value.as_str()),
            };
            let mut full: BTreeMap<String, serde_json::Value> =
                fields.iter().map(|(name, value)| (name.clone(), typed(value))).collect();
            let exact = serde_json::to_string(&full).unwrap();
            nulls(rule).into_iter().for_each(|name| {
                full.entry(name).or_insert(serde_json::Value::Null);
            });
            let full = serde_json::to_string(&full).unwrap();
            let their = [&json, &exact, &full].map(|json| theirs.is_match(&sigma_rust::event_from_json(json).unwrap()));
            compared += 1;
            held += usize::from(ours);
            if !their.contains(&ours) {
                differ.entry(reason(rule)).or_default().push(format!("{} ours {ours} {json}", rule.source.path));
            }
        }
    }
    for (reason, list) in &differ {
        eprintln!("{reason}: {}", list.len());
    }
    assert!(compared > 12_000 && held > 5_000, "{compared} compared, {held} held, {unread} not read by them");
    let unknown = differ.remove("unknown").unwrap_or_default();
    assert!(
        unknown.is_empty(),
        "{} differ:\n{}",
        unknown.len(),
        unknown.iter().take(25).cloned().collect::<Vec<_>>().join("\n")
    );
}

fn tests(rule: &Rule) -> impl Iterator<Item = &Test> {
    rule.detection.selections.iter().flat_map(|s| &s.any).flatten()
}

/// The fields that a rule asks to be null.
fn nulls(rule: &Rule) -> Vec<String> {
    tests(rule)
        .filter(|test| test.values.iter().flatten().any(|matcher| *matcher == Matcher::Null))
        .filter_map(|test| match &test.subject {
            Subject::Field(name) => Some(name.to_string()),
            Subject::Keyword => None,
        })
        .collect()
}

/// Why the two may differ on a rule.
fn reason(rule: &Rule) -> &'static str {
    if tests(rule).any(|test| test.subject == Subject::Keyword) {
        return "keywords: they compare them with whole values, the specification looks for them anywhere";
    }
    "unknown"
}
