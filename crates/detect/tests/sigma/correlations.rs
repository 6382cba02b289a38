//! Correlations as a stream.

use ungcuu_detect::sigma::correlate::{Correlator, Hit, Lost};
use ungcuu_detect::sigma::{Pipeline, RuleSet, load_texts};

const RULES: &str = "
title: A
id: a
name: a
logsource: {product: windows, service: security}
detection: {s: {EventID: 1}, condition: s}
---
title: B
id: b
name: b
logsource: {product: windows, service: security}
detection: {s: {EventID: 2}, condition: s}
---
";

fn set(correlations: &str) -> RuleSet {
    let set = load_texts([("r", format!("{RULES}{correlations}").as_str())], &Pipeline::default());
    assert_eq!(set.refused, []);
    set
}

fn correlation(body: &str) -> RuleSet {
    set(&format!("title: C\nid: c\nname: c\ncorrelation: {{{body}}}\n"))
}

/// A rule, a second, fields.
type Fired<'a> = (&'a str, i64, &'a [(&'a str, &'a str)]);

/// Matches as (rule, second, fields), named by their place in the list.
fn run(set: &RuleSet, matches: &[Fired<'_>]) -> (Vec<Hit<usize>>, Lost) {
    let mut stage = Correlator::new(&set.correlations);
    let mut hits = Vec::new();
    for (at, (rule, second, fields)) in matches.iter().enumerate() {
        let rule = set.rules.iter().position(|r| &*r.id == *rule).unwrap();
        let field = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string());
        stage.take(rule, second * 1_000_000, &at, &field, &mut hits);
    }
    stage.finish(&mut hits);
    (hits, stage.lost())
}

fn named(hits: &[Hit<usize>]) -> Vec<Vec<usize>> {
    hits.iter().map(|hit| hit.matches.clone()).collect()
}

const AN: &[(&str, &str)] = &[("U", "an")];
const BINH: &[(&str, &str)] = &[("U", "binh")];

#[test]
fn events_are_counted_in_their_group_and_window() {
    let set = correlation("type: event_count, rules: [a], group-by: [U], timespan: 10s, condition: {gte: 3}");
    let (hits, _) = run(&set, &[("a", 0, AN), ("a", 1, BINH), ("a", 5, AN), ("a", 9, &[("U", "AN")]), ("a", 9, BINH)]);
    assert_eq!(named(&hits), [[0, 2, 3]]);
    assert_eq!((hits[0].group[0].1.as_str(), hits[0].value, hits[0].first, hits[0].last), ("an", 3.0, 0, 9_000_000));
    // Too far apart; and the other rule does not count.
    let (hits, _) = run(&set, &[("a", 0, AN), ("a", 5, AN), ("b", 6, AN), ("a", 11, AN)]);
    assert!(hits.is_empty());
}

#[test]
fn what_goes_on_holding_fires_once_and_again_after_a_pause() {
    let set = correlation("type: event_count, rules: [a], group-by: [U], timespan: 10s, condition: {gt: 1}");
    let times = [0, 1, 2, 3, 50, 51];
    let matches: Vec<_> = times.iter().map(|t| ("a", *t, AN)).collect();
    assert_eq!(named(&run(&set, &matches).0), [vec![0, 1], vec![4, 5]]);
}

#[test]
fn values_are_counted_once_each() {
    let set = correlation("type: value_count, rules: [a], timespan: 1m, condition: {field: U, gte: 2}");
    assert!(run(&set, &[("a", 0, AN), ("a", 1, AN), ("a", 2, &[])]).0.is_empty());
    assert_eq!(run(&set, &[("a", 0, AN), ("a", 1, AN), ("a", 2, BINH)]).0.len(), 1);
}

#[test]
fn temporal_wants_every_rule_in_any_order_and_ordered_in_theirs() {
    let any = correlation("type: temporal, rules: [a, b], group-by: [U], timespan: 10s");
    let ordered = correlation("type: temporal_ordered, rules: [a, b], group-by: [U], timespan: 10s");
    let (ab, ba) = ([("a", 0, AN), ("b", 5, AN)], [("b", 0, AN), ("a", 5, AN)]);
    assert_eq!([run(&any, &ab).0.len(), run(&any, &ba).0.len()], [1, 1]);
    assert_eq!([run(&ordered, &ab).0.len(), run(&ordered, &ba).0.len()], [1, 0]);
    for set in [&any, &ordered] {
        assert!(run(set, &[("a", 0, AN), ("b", 5, BINH)]).0.is_empty());
        assert!(run(set, &[("a", 0, AN), ("b", 11, AN)]).0.is_empty());
        assert!(run(set, &[("a", 0, AN), ("a", 1, AN)]).0.is_empty());
    }
}

#[test]
fn aliases_join_fields_of_different_names() {
    let set =
        correlation("type: temporal, rules: [a, b], group-by: [who], timespan: 10s, aliases: {who: {a: U, b: V}}");
    assert_eq!(run(&set, &[("a", 0, AN), ("b", 1, &[("V", "an")])]).0.len(), 1);
    assert!(run(&set, &[("a", 0, AN), ("b", 1, &[("U", "an"), ("V", "binh")])]).0.is_empty());
}

#[test]
fn what_needs_a_closed_window_is_said_when_it_closes() {
    let count =
        |condition: &str| correlation(&format!("type: event_count, rules: [a], timespan: 10s, condition: {condition}"));
    let three = [("a", 0, AN), ("a", 1, AN), ("a", 2, AN), ("a", 30, AN)];
    assert_eq!(named(&run(&count("{lt: 3}"), &three).0), [vec![3]]);
    assert_eq!(named(&run(&count("{lte: 3, gt: 1}"), &three).0), [vec![0, 1, 2]]);
    assert_eq!(named(&run(&count("{eq: 3}"), &three).0), [vec![0, 1, 2]]);
    assert_eq!(named(&run(&count("{neq: 3}"), &three).0), [vec![3]]);
}

#[test]
fn sums_means_and_percentiles_of_a_field() {
    let set = |kind: &str, rest: &str| {
        correlation(&format!("type: {kind}, rules: [a], timespan: 10s, condition: {{field: N, {rest}}}"))
    };
    let matches: [Fired<'_>; 4] =
        [("a", 0, &[("N", "10")]), ("a", 1, &[("N", "20.5")]), ("a", 2, &[("N", "x")]), ("a", 3, &[("N", "2")])];
    assert_eq!(run(&set("value_sum", "gte: 32.5"), &matches).0[0].value, 32.5);
    assert!(run(&set("value_sum", "gt: 33"), &matches).0.is_empty());
    assert!((run(&set("value_avg", "gt: 10"), &matches).0[0].value - 32.5 / 3.0).abs() < 1e-9);
    assert_eq!(run(&set("value_percentile", "percentile: 50, lte: 10"), &matches).0[0].value, 10.0);
}

#[test]
fn correlations_feed_correlations() {
    let set = set(
        "title: Many\nid: m\nname: many\ncorrelation: {type: event_count, rules: [a], group-by: [U], timespan: 1m, condition: {gte: 2}}\n---\n\
         title: Then\nid: t\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [U], timespan: 1m}\n",
    );
    let (hits, _) = run(&set, &[("a", 0, AN), ("b", 1, AN), ("a", 2, AN), ("b", 3, AN)]);
    assert_eq!(hits.iter().map(|h| (h.correlation, h.reported)).collect::<Vec<_>>(), [(0, false), (1, true)]);
    assert_eq!((hits[1].last, hits[1].group[0].1.as_str()), (3_000_000, "an"));
}

#[test]
fn state_is_bounded_and_what_leaves_is_counted() {
    let set = correlation("type: event_count, rules: [a], group-by: [U], timespan: 1h, condition: {gte: 2}");
    let mut stage: Correlator<'_, ()> = Correlator::new(&set.correlations);
    let mut hits = Vec::new();
    for n in 0..120_000i64 {
        stage.take(0, n, &(), &|_| Some(n.to_string()), &mut hits);
    }
    assert_eq!(stage.lost().evicted, 20_000);
    stage.take(0, 0, &(), &|_| None, &mut hits);
    assert_eq!((stage.lost().ungrouped, hits.len()), (1, 0));
}
