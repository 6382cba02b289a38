//! Rules in groups find what they would find alone, and a broken one takes no other with it.

use std::sync::LazyLock;

use proptest::prelude::*;
use ungcuu_yara::{About, Limits, Rules, Source, Value};

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source { path: (*path).into(), text: text.as_bytes().to_vec() }).collect()
}

fn found(rules: &Rules, bytes: &[u8]) -> Vec<String> {
    let found = rules.searcher(Limits::default()).search(bytes, &About::default());
    assert!(!found.cut);
    found.hits.iter().map(|hit| rules.rule(hit.rule).name.clone()).collect()
}

const SORTED: &str = r#"
import "pe"
private rule is_program { condition: uint16(0) == 0x5A4D }
rule program { strings: $a = "evil" condition: uint16(0) == 0x5A4D and $a }
rule program_too { strings: $a = "evil" condition: is_program and $a }
rule linux { strings: $a = "evil" condition: uint32(0) == 0x464C457F and $a }
rule either { strings: $a = "evil" condition: (uint16be(0) == 0x4D5A or uint32(0) == 0x464C457F) and $a }
rule script { strings: $a = "evil" $s = "<?php" condition: $s at 0 and $a }
rule page { strings: $a = "evil" $s = "<?php" condition: $s in (0..20) and $a }
rule anything { strings: $a = "evil" condition: $a }
rule small { strings: $a = "evil" condition: filesize < 20KB and $a }
rule both { condition: program and linux }
rule many { condition: 2 of (program*, is_*) }
"#;

#[test]
fn a_file_is_searched_for_what_it_can_hold() {
    let rules = Rules::compile(&sources(&[("a.yar", SORTED)]));
    assert_eq!(rules.refused(), []);
    assert_eq!(found(&rules, b"MZ evil"), ["program", "program_too", "either", "anything", "small", "many"]);
    assert_eq!(found(&rules, b"\x7fELF evil"), ["linux", "either", "anything", "small"]);
    assert_eq!(found(&rules, b"<?php evil"), ["script", "page", "anything", "small"]);
    assert_eq!(found(&rules, b" <?php evil"), ["page", "anything", "small"]);
    assert_eq!(found(&rules, b"good"), [""; 0]);
    let mut large = b"MZ evil".to_vec();
    large.resize(2 << 20, 0);
    assert_eq!(found(&rules, &large), ["program", "program_too", "either", "anything", "many"]);
}

#[test]
fn a_global_rule_stands_before_all_of_its_file_and_no_other() {
    let text = r#"
        global private rule large { condition: filesize > 10 }
        rule a { strings: $a = "evil" condition: $a }"#;
    let other = r#"rule b { strings: $a = "evil" condition: $a }"#;
    let rules = Rules::compile(&sources(&[("a.yar", text), ("b.yar", other)]));
    assert_eq!(found(&rules, b"evil"), ["b"]);
    assert_eq!(found(&rules, b"evil, evil, evil"), ["a", "b"]);
}

#[test]
fn a_broken_rule_is_refused_with_file_line_and_reason_and_takes_no_other_with_it() {
    let rules = Rules::compile(&sources(&[
        ("good.yar", r#"rule good { strings: $a = "evil" condition: $a }"#),
        ("grammar.yar", "rule a { condition: true }\n\nrule b { condition }"),
        (
            "meaning.yar",
            "\n// words\nrule a { condition: true }\nrule b\n{\n condition:\n  no_such_thing\n}\nrule c { condition: b }\nrule d { condition: a }",
        ),
        ("module.yar", "import \"no_such\"\nrule a { condition: no_such.thing }"),
        ("include.yar", "include \"/etc/passwd\"\nrule a { condition: true }"),
    ]));
    let refused: Vec<_> = rules.refused().iter().map(|refusal| (refusal.path.as_str(), refusal.line)).collect();
    assert_eq!(
        refused,
        [("grammar.yar", 3), ("meaning.yar", 7), ("meaning.yar", 9), ("module.yar", 1), ("module.yar", 2)],
        "{:?}",
        rules.refused()
    );
    assert!(rules.refused()[1].reason.contains("no_such_thing"), "{:?}", rules.refused()[1]);
    assert_eq!(rules.passed_over().len(), 1);
    let names: Vec<_> = rules.all().iter().map(|rule| format!("{}:{}", rule.path, rule.name)).collect();
    assert_eq!(names, ["good.yar:good", "meaning.yar:a", "meaning.yar:d", "include.yar:a"]);
    assert_eq!(found(&rules, b"evil"), ["good", "a", "d", "a"]);
}

#[test]
fn what_is_no_text_is_refused_with_its_line() {
    let source = Source { path: "x.yar".into(), text: b"rule a {\n strings: $a = \"\xFF\" condition: $a }".to_vec() };
    let rules = Rules::compile(&[source]);
    assert_eq!((rules.refused()[0].line, rules.all().len()), (2, 0));
}

#[test]
fn a_rule_says_who_wrote_it_and_where_it_found_what() {
    let text = "rule a : x { meta: author = \"Ứng cứu\" score = 75 strings: $a = \"evil\" condition: $a }";
    let rules = Rules::compile(&sources(&[("a.yar", text)]));
    let rule = &rules.all()[0];
    assert_eq!((rule.meta("AUTHOR"), &rule.metas[1].value), (Some("Ứng cứu"), &Value::Number(75)));
    let found = rules.searcher(Limits::default()).search(b"an evil word", &About::default());
    let place = &found.hits[0].places[0];
    assert_eq!((place.name.as_str(), place.offset, place.bytes.as_slice()), ("$a", 3, &b"evil"[..]));
}

#[test]
fn rules_may_ask_for_the_name_of_the_file() {
    let text = "rule a { condition: filename == \"x.exe\" and extension == \".exe\" }";
    let rules = Rules::compile(&sources(&[("a.yar", text)]));
    let mut searcher = rules.searcher(Limits::default());
    let mut hits = |name, extension| searcher.search(b"", &About { name, folder: "/", extension }).hits.len();
    assert_eq!((hits("x.exe", ".exe"), hits("y.exe", ".exe")), (1, 0));
}

#[test]
fn kept_rules_are_the_same_rules() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let sources = sources(&[("a.yar", SORTED), ("b.yar", "rule x { condition: y }")]);
    let first = Rules::compile_kept(&sources, &kept);
    let file = std::fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    let second = Rules::compile_kept(&sources, &kept);
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
    assert_eq!((first.all(), first.refused(), first.hash()), (second.all(), second.refused(), second.hash()));
    for bytes in [&b"MZ evil"[..], b"\x7fELF evil", b"<?php evil"] {
        assert_eq!(found(&first, bytes), found(&second, bytes));
    }
    // What is damaged is made again.
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(found(&Rules::compile_kept(&sources, &kept), b"MZ evil"), found(&first, b"MZ evil"));
    assert_ne!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn more_rules_than_the_engine_reads_back_are_kept_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let text = |file: usize| -> String {
        (0..300)
            .map(|rule| format!("rule r{rule} {{ strings: $a = \"evil{file}_{rule}.\" condition: $a }}\n"))
            .collect()
    };
    let mut files: Vec<Source> =
        (0..5).map(|file| Source { path: format!("{file}.yar"), text: text(file).into_bytes() }).collect();
    let places = |rules: &Rules| -> Vec<String> {
        let found = rules.searcher(Limits::default()).search(b"evil0_7. evil3_299. evil4_0.", &About::default());
        assert!(!found.cut);
        found.hits.iter().map(|hit| format!("{}:{}", rules.rule(hit.rule).path, rules.rule(hit.rule).name)).collect()
    };
    let expected = ["0.yar:r7", "3.yar:r299", "4.yar:r0"];
    assert_eq!(places(&Rules::compile_kept(&files, &kept)), expected);
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1);
    assert_eq!(places(&Rules::compile_kept(&files, &kept)), expected);
    // One file with too many is not kept, and found all the same.
    let many = (0..1_100).map(|rule| format!("rule q{rule} {{ strings: $a = \"bad{rule}.\" condition: $a }}\n"));
    files.push(Source { path: "many.yar".into(), text: many.collect::<String>().into_bytes() });
    assert_eq!(places(&Rules::compile_kept(&files, &kept)), expected);
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn kept_rules_that_others_could_have_written_are_not_taken() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let sources = sources(&[("a.yar", SORTED)]);
    drop(Rules::compile_kept(&sources, &kept));
    let file = std::fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o777)).unwrap();
    drop(Rules::compile_kept(&sources, &kept));
    assert!(std::fs::metadata(&file).unwrap().modified().unwrap() >= written);
}

static TOGETHER: LazyLock<Rules> = LazyLock::new(|| Rules::compile(&sources(&[("a.yar", SORTED)])));

/// Behind a condition that tells nothing of the beginning every rule is tried on every file.
static APART: LazyLock<Rules> = LazyLock::new(|| {
    let apart = SORTED.replace("condition: ", "condition: not not ( ").replace(" }\n", " ) }\n");
    let rules = Rules::compile(&sources(&[("a.yar", &apart)]));
    assert_eq!(rules.refused(), []);
    rules
});

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(rule|global|private|[a-z]{1,3}|\\{|\\}|:|strings|condition|\\$a|=|\"[a-z]{0,3}\"|/[a-z.*]{1,4}/|at|0|and|or|not|filesize|<|uint16|\\(|\\)|//|/\\*| |\n){0,40}") {
        drop(Rules::compile(&[Source { path: "p".into(), text: text.into_bytes() }]));
    }

    #[test]
    fn groups_find_what_one_rule_alone_finds(start in 0usize..4, body in proptest::collection::vec(any::<u8>(), 0..64)) {
        let starts: [&[u8]; 4] = [b"MZ", b"\x7fELF", b"<?php", b""];
        let bytes = [starts[start], &body, b"evil"].concat();
        prop_assert_eq!(found(&TOGETHER, &bytes), found(&APART, &bytes));
    }
}
