//! Sigma rules: what each modifier, condition and document means, checked through the oracle.

#![allow(clippy::unwrap_used)]

mod conditions;
mod correlations;
mod documents;
mod labelled;
mod modifiers;
mod public;
mod second_opinion;

use ungcuu_detect::event::{Event, Kind, Source};
use ungcuu_detect::sigma::oracle::Oracle;
use ungcuu_detect::sigma::{Pipeline, RuleSet, load_texts};

/// A rule with this detection, for whatever channel the events below have.
fn rule(detection: &str) -> String {
    let indented: String = detection.lines().map(|line| format!("    {line}\n")).collect();
    format!("title: t\nid: r\nlogsource: {{product: windows, service: security}}\ndetection:\n{indented}")
}

fn read(detection: &str) -> RuleSet {
    load_texts([("r.yml", rule(detection).as_str())], &Pipeline::default())
}

/// Why a detection is refused.
fn refused(detection: &str) -> String {
    let set = read(detection);
    assert!(set.rules.is_empty(), "{detection}");
    set.refused[0].reason.clone()
}

/// Whether the rules of a set fire on an event of the security log with these fields; `None` is null.
fn fires(set: &RuleSet, fields: &[(&str, Option<&str>)]) -> bool {
    assert!(set.refused.is_empty(), "{:?}", set.refused);
    let oracle = Oracle::new(set);
    let names = oracle.names();
    let mut event = Event::new();
    event.clear(Source::Windows);
    let channel = event.keep(b"Security");
    event.set_channel(channel);
    for (name, value) in fields {
        let kind = if value.is_some() { Kind::Text } else { Kind::Null };
        event.push(&names, name, value.unwrap_or_default(), kind);
    }
    !oracle.fired(&event, &names).is_empty()
}

/// A selection against one field `F` with each of the values: which fire?
fn hits<'v>(selection: &str, values: &[&'v str]) -> Vec<&'v str> {
    let set = read(&format!("s:\n  {selection}\ncondition: s"));
    values.iter().copied().filter(|value| fires(&set, &[("F", Some(value))])).collect()
}
