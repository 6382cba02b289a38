//! The grammar of conditions and the forms of selections.

use super::{fires, read, refused};

const SELECTIONS: &str = "sel_a: {A: 1}\nsel_b: {B: 1}\nsel_c: {C: 1}\n_hidden: {D: 1}\n";

/// Which of the sixteen events with or without A, B, C, D fire, as text: `AB` has A and B.
fn table(condition: &str) -> Vec<String> {
    let set = read(&format!("{SELECTIONS}condition: {condition}"));
    (0..16)
        .filter_map(|bits| {
            let has: Vec<&str> = ["A", "B", "C", "D"]
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1)
                .map(|(_, n)| *n)
                .collect();
            let fields: Vec<(&str, Option<&str>)> = has.iter().map(|name| (*name, Some("1"))).collect();
            fires(&set, &fields).then(|| has.concat())
        })
        .collect()
}

#[test]
fn and_or_not_and_parentheses() {
    assert_eq!(table("sel_a and sel_b and not sel_c and not _hidden"), ["AB"]);
    assert_eq!(table("sel_a and (sel_b or sel_c) and not _hidden"), ["AB", "AC", "ABC"]);
    assert_eq!(table("not (sel_a or sel_b or sel_c or _hidden)"), [""]);
    assert_eq!(table("sel_c and not sel_a or sel_b and sel_a and not sel_c").len(), 4 + 2);
}

#[test]
fn quantities() {
    assert_eq!(table("all of sel_* and not _hidden"), ["ABC"]);
    assert_eq!(table("1 of sel_*").len(), 14);
    assert_eq!(table("2 of sel_* and not _hidden"), ["AB", "AC", "BC", "ABC"]);
    assert_eq!(table("all of them"), ["ABC", "ABCD"]);
    assert_eq!(table("1 of _*").len(), 8);
    assert_eq!(table("not 1 of sel_* and not 1 of _*"), [""]);
}

#[test]
fn a_list_of_conditions_is_an_or() {
    assert_eq!(table("[sel_a and not _hidden and not sel_b and not sel_c, all of them]"), ["A", "ABC", "ABCD"]);
}

#[test]
fn maps_lists_and_lists_of_maps() {
    let set = read("s:\n  - A: 1\n    B: 1\n  - C: [1, 2]\ncondition: s");
    assert!(fires(&set, &[("A", Some("1")), ("B", Some("1"))]) && fires(&set, &[("C", Some("2"))]));
    assert!(!fires(&set, &[("A", Some("1"))]));
    // A field may have several values.
    assert!(fires(&set, &[("C", Some("9")), ("C", Some("1"))]));
}

#[test]
fn what_is_broken_is_refused_with_a_reason() {
    assert!(refused("s: {A: 1}").contains("no condition"));
    assert!(refused("s: {A: 1}\ncondition: s | count() > 5").contains("correlation"));
    assert!(refused("s: {A: 1}\ntimeframe: 5m\ncondition: s").contains("timeframe"));
    assert!(refused("s: {A: 1}\ncondition: t").contains("'t'"));
    assert!(refused("s: {}\ncondition: s").contains("empty map"));
    assert!(refused("s: []\ncondition: s").contains("empty list"));
    assert!(refused("s: null\ncondition: s").contains("empty"));
    assert!(refused("s: {A: 1}\ncondition: []").contains("empty"));
    let values: String = (0..100_001).map(|n| format!("{n},")).collect();
    assert!(refused(&format!("s: {{A: [{values}]}}\ncondition: s")).contains("more than 100000 values"));
}
