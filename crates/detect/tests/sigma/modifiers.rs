//! What each modifier means.

use super::{fires, hits, read, refused};

#[test]
fn a_plain_value_is_the_whole_value_whatever_its_case() {
    assert_eq!(hits("F: Abc", &["abc", "ABC", "abcd", "xabc", ""]), ["abc", "ABC"]);
    assert_eq!(hits("F: 'ĐƠN vị'", &["đơn VỊ", "don vi"]), ["đơn VỊ"]);
    assert_eq!(hits("F: 4624", &["4624", "46240"]), ["4624"]);
    assert_eq!(hits("F: true", &["true", "True", "1"]), ["true", "True"]);
    assert_eq!(hits("F: [a, b]", &["a", "b", "c"]), ["a", "b"]);
}

#[test]
fn wildcards_stand_for_characters_unless_escaped() {
    assert_eq!(hits("F: 'a*c?'", &["abcd", "acx", "ac", "xacd"]), ["abcd", "acx"]);
    assert_eq!(hits(r"F: 'a\*'", &["a*", "ab"]), ["a*"]);
    assert_eq!(hits(r"F: 'C:\\*'", &[r"C:\x", "C:x"]), [r"C:\x"]);
    assert_eq!(hits(r"F|contains: '\\?\'", &[r"a\x\b", r"a\?\b", r"a\b"]), [r"a\x\b", r"a\?\b"]);
}

#[test]
fn contains_startswith_and_endswith_leave_the_value_open() {
    assert_eq!(hits("F|contains: b", &["abc", "B", "ac"]), ["abc", "B"]);
    assert_eq!(hits("F|startswith: a", &["abc", "ba"]), ["abc"]);
    assert_eq!(hits("F|endswith: c", &["abc", "ca"]), ["abc"]);
    assert_eq!(hits("F|contains: ''", &["abc", ""]), ["abc", ""]);
    assert_eq!(hits("F|endswith: 80", &["8080", "801"]), ["8080"]);
    assert_eq!(hits("F|contains: 'a*d'", &["xabcdx", "ad", "da"]), ["xabcdx", "ad"]);
}

#[test]
fn all_wants_every_value() {
    assert_eq!(hits("F|contains|all: [a, b]", &["ab", "b-a", "a", "b"]), ["ab", "b-a"]);
    // Each value with its dashes is one value.
    assert_eq!(
        hits("F|contains|all|windash: [' -a', ' -b']", &["x /a -b", "x -a", "x \u{2013}b \u{2015}a"]),
        ["x /a -b", "x \u{2013}b \u{2015}a"]
    );
}

#[test]
fn expressions_are_searched_and_heed_case_unless_told() {
    assert_eq!(hits("F|re: 'a.c$'", &["xabc", "ABC", "abcd", "a\nc"]), ["xabc"]);
    assert_eq!(hits("F|re|i: '^a'", &["Abc", "bA"]), ["Abc"]);
    assert_eq!(hits("F|re|m: '^b$'", &["a\nb\nc", "abc"]), ["a\nb\nc"]);
    assert_eq!(hits("F|re|s: 'a.c'", &["a\nc"]), ["a\nc"]);
    assert_eq!(hits("F|re|i|m|s: '^B.C$'", &["a\nb\nc"]), ["a\nb\nc"]);
    assert!(refused("s: {F|re: 'a(?=b)'}\ncondition: s").contains("ahead"));
    assert!(refused("s: {F|i: a}\ncondition: s").contains("goes with re"));
}

#[test]
fn cased_heeds_case() {
    assert_eq!(hits("F|cased: Abc", &["Abc", "abc"]), ["Abc"]);
    assert_eq!(hits("F|contains|cased: B", &["aBc", "abc"]), ["aBc"]);
}

#[test]
fn networks_hold_addresses_of_both_kinds() {
    assert_eq!(
        hits("F|cidr: 10.0.0.0/8", &["10.1.2.3", "11.0.0.1", "x", "::ffff:10.1.1.1"]),
        ["10.1.2.3", "::ffff:10.1.1.1"]
    );
    assert_eq!(hits("F|cidr: 'fe80::/10'", &["fe80::1%eth0", "[febf::1]", "fec0::1"]), ["fe80::1%eth0", "[febf::1]"]);
    assert_eq!(hits("F|cidr: ['192.168.1.1', '0.0.0.0/0']", &["8.8.8.8", "::1"]), ["8.8.8.8"]);
    assert!(refused("s: {F|cidr: 10.0.0.0/33}\ncondition: s").contains("length"));
}

#[test]
fn encodings_are_written_out() {
    assert_eq!(hits("F|base64: foobar", &["Zm9vYmFy", "foobar"]), ["Zm9vYmFy"]);
    let three = ["xxaHR0cDovxx", "xxh0dHA6Lxx", "xxodHRwOixx", "http:"];
    assert_eq!(hits("F|base64offset|contains: 'http:'", &three), three[..3]);
    assert_eq!(hits("F|wide|base64|contains: abc", &["YQBiAGMA", "YWJj"]), ["YQBiAGMA"]);
    assert_eq!(hits("F|utf16le|base64: abc", &["YQBiAGMA"]), ["YQBiAGMA"]);
    assert_eq!(hits("F|utf16be|base64: abc", &["AGEAYgBj"]), ["AGEAYgBj"]);
    assert_eq!(hits("F|utf16|base64: abc", &["//5hAGIAYwA="]), ["//5hAGIAYwA="]);
    assert_eq!(hits("F|wide: ab", &["a\0b\0"]), ["a\0b\0"]);
    assert!(refused("s: {F|utf16: ab}\ncondition: s").contains("base64"));
    assert!(refused("s: {F|base64: 'a*'}\ncondition: s").contains("wildcards"));
}

#[test]
fn windash_knows_every_dash_at_the_beginning_of_a_word() {
    let dashes = ["x -enc", "x /enc", "x \u{2013}enc", "x \u{2014}enc", "x \u{2015}enc", "x enc"];
    assert_eq!(hits("F|windash|contains: ' -enc'", &dashes), dashes[..5]);
    assert_eq!(hits("F|windash: 'a-b /c'", &["a-b -c", "a/b /c"]), ["a-b -c"]);
    assert!(refused(&format!("s: {{F|windash: '{}'}}\ncondition: s", " -a".repeat(12))).contains("too many"));
}

#[test]
fn a_field_is_compared_with_another() {
    let check = |modifiers: &str, a: &str, b: &str| {
        let set = read(&format!("s: {{A|fieldref{modifiers}: B}}\ncondition: s"));
        fires(&set, &[("A", Some(a)), ("B", Some(b))])
    };
    assert!(check("", "Xy", "xY") && !check("", "x", "y"));
    assert!(check("|startswith", "abc", "AB") && !check("|startswith", "abc", "bc"));
    assert!(check("|endswith", "abc", "bc") && check("|contains", "abc", "b"));
    assert!(check("|neq", "a", "b") && !check("|neq", "a", "A"));
    let set = read("s: {A|fieldref: B}\ncondition: s");
    assert!(!fires(&set, &[("A", Some("x"))]) && !fires(&set, &[("B", Some("x"))]) && !fires(&set, &[]));
}

#[test]
fn presence_null_and_emptiness_are_three_things() {
    let there = read("s: {F|exists: true}\ncondition: s");
    let absent = read("s: {F|exists: false}\ncondition: s");
    let null = read("s: {F: null}\ncondition: s");
    let empty = read("s: {F: ''}\ncondition: s");
    let events: [&[(&str, Option<&str>)]; 4] = [&[], &[("F", None)], &[("F", Some(""))], &[("F", Some("x"))]];
    let fired = |set| events.map(|event| fires(set, event));
    assert_eq!(fired(&there), [false, true, true, true]);
    assert_eq!(fired(&absent), [true, false, false, false]);
    // An empty value counts as null: logs of Windows write an absent one so.
    assert_eq!(fired(&null), [true, true, true, false]);
    assert_eq!(fired(&empty), [false, false, true, false]);
    assert!(refused("s: {F|exists: maybe}\ncondition: s").contains("true or false"));
}

#[test]
fn neq_turns_a_test_around() {
    assert_eq!(hits("F|neq: a", &["a", "b"]), ["b"]);
    assert_eq!(hits("F|contains|neq: [a, b]", &["xa", "xb", "xc"]), ["xc"]);
}

#[test]
fn numbers_are_compared_as_numbers() {
    let values = ["9", "10", "11", "0x0b", "x", "10.5"];
    assert_eq!(hits("F|gt: 10", &values), ["11", "0x0b", "10.5"]);
    assert_eq!(hits("F|gte: 10", &values), ["10", "11", "0x0b", "10.5"]);
    assert_eq!(hits("F|lt: 10", &values), ["9"]);
    assert_eq!(hits("F|lte: '10'", &values), ["9", "10"]);
    assert_eq!(hits("F|gt: 10.2", &values), ["11", "10.5"]);
    assert!(refused("s: {F|gt: x}\ncondition: s").contains("number"));
}

#[test]
fn parts_of_moments_are_compared() {
    let values = ["2026-11-28T23:15:00Z", "2025-01-05 03:59:59"];
    for (part, first, second) in
        [("minute", 15, 59), ("hour", 23, 3), ("day", 28, 5), ("week", 48, 1), ("month", 11, 1), ("year", 2026, 2025)]
    {
        assert_eq!(hits(&format!("F|{part}: {first}"), &values), values[..1], "{part}");
        assert_eq!(hits(&format!("F|{part}: {second}"), &values), values[1..], "{part}");
    }
    assert_eq!(hits("F|hour|gte: 22", &values), values[..1]);
    assert_eq!(hits("F|hour: [3, 23]", &values), values);
}

#[test]
fn placeholders_are_filled_by_a_pipeline_or_refused() {
    assert!(refused("s: {F|expand: '%admins%'}\ncondition: s").contains("%admins%"));
    assert_eq!(hits("F: '%admins%'", &["%admins%", "an"]), ["%admins%"]);
    let file = std::env::temp_dir().join(format!("ungcuu-vars-{}.yml", std::process::id()));
    std::fs::write(&file, "vars: {admins: [an, 'b*']}\n").unwrap();
    let mut pipeline = ungcuu_detect::sigma::Pipeline::default();
    pipeline.read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let text = super::rule("s: {F|expand: 'x_%admins%_100\\%'}\ncondition: s");
    let set = ungcuu_detect::sigma::load_texts([("r", text.as_str())], &pipeline);
    assert!(fires(&set, &[("F", Some("x_an_100%"))]) && fires(&set, &[("F", Some("x_binh_100%"))]));
    assert!(!fires(&set, &[("F", Some("x_cuc_100%"))]));
}

#[test]
fn keywords_are_looked_for_everywhere() {
    let any = read("k: [alpha, 'b?ta']\ncondition: k");
    assert!(fires(&any, &[("X", Some("an ALPHA male"))]) && fires(&any, &[("Y", Some("xbeta"))]));
    assert!(!fires(&any, &[("X", Some("gamma"))]));
    let all = read("k:\n  '|all': [alpha, beta]\ncondition: k");
    assert!(fires(&all, &[("X", Some("beta alpha"))]) && !fires(&all, &[("X", Some("alpha"))]));
    let re = read("k:\n  '|re': 'b.ta$'\ncondition: k");
    assert!(fires(&re, &[("X", Some("a beta"))]) && !fires(&re, &[("X", Some("beta x"))]));
    let one = read("k: alpha\ncondition: k");
    assert!(fires(&one, &[("X", Some("alpha"))]));
    let mixed = read("k:\n  - alpha\n  - F: x\ncondition: k");
    assert!(fires(&mixed, &[("F", Some("x"))]) && fires(&mixed, &[("G", Some("alpha"))]));
}

#[test]
fn unknown_or_senseless_modifiers_are_refused() {
    assert!(refused("s: {F|nope: a}\ncondition: s").contains("'nope' is not known"));
    assert!(refused("s: {F|: a}\ncondition: s").contains("without a modifier"));
    assert!(refused("s: {F|contains: null}\ncondition: s").contains("needs a text"));
    assert!(refused("s: {F: []}\ncondition: s").contains("empty list"));
    assert!(refused("s: {F: {a: b}}\ncondition: s").contains("list or map"));
    assert!(refused("s: {F|windash: 5}\ncondition: s").contains("needs a text"));
}
