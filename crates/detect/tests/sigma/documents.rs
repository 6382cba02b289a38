//! Files, documents, refusals, filters, pipelines.

use ungcuu_detect::sigma::{CorrelationKind, Level, Op, Pipeline, RuleRef, RuleSet, load, load_texts};

use super::fires;

fn set(text: &str) -> RuleSet {
    load_texts([("dir/a.yml", text)], &Pipeline::default())
}

const FIRST: &str = "title: First\nid: one\nname: first\nlevel: high\nauthor: An\ntags: [attack.t1059]\n\
                     logsource: {product: windows, service: security}\ndetection: {s: {A: 1}, condition: s}\n";
const SECOND: &str = "title: Second\nid: two\nlogsource: {product: windows, service: security}\n\
                      detection: {s: {B: 1}, condition: s}\n";

#[test]
fn several_documents_and_their_lines() {
    let set = set(&format!("{FIRST}---\nbroken: [\n---\n{SECOND}"));
    assert_eq!(
        set.rules.iter().map(|r| (&*r.title, r.source.line)).collect::<Vec<_>>(),
        [("First", 1), ("Second", 12)]
    );
    assert_eq!((set.rules[0].level, &*set.rules[0].author, set.rules[1].level), (Level::High, "An", Level::Medium));
    assert_eq!((set.counts.documents, set.counts.refused), (3, 1));
    assert!((10..=11).contains(&set.refused[0].line), "{:?}", set.refused);
}

#[test]
fn refusals_name_file_line_and_title() {
    let set = set(&SECOND.replace("B: 1", "B|nope: 1").replace("detection: {", "detection: {\n  "));
    let refusal = &set.refused[0];
    assert_eq!((&*refusal.path, refusal.line, &*refusal.title), ("dir/a.yml", 5, "Second"));
}

#[test]
fn the_same_id_twice_is_refused() {
    let set = set(&format!("{FIRST}---\n{}", SECOND.replace("id: two", "id: one")));
    assert_eq!(set.rules.len(), 1);
    assert!(set.refused[0].reason.contains("dir/a.yml:1"));
}

#[test]
fn filters_narrow_the_rules_they_name() {
    let filter = "title: f\nlogsource: {product: windows}\nfilter:\n  rules: [one]\n  adm: {U|startswith: adm_}\n  condition: not adm\n";
    let set = set(&format!("{FIRST}---\n{SECOND}---\n{filter}"));
    assert_eq!((set.counts.filters, set.counts.refused), (1, 0));
    assert!(fires(&set, &[("A", Some("1"))]) && !fires(&set, &[("A", Some("1")), ("U", Some("adm_x"))]));
    assert!(fires(&set, &[("B", Some("1")), ("U", Some("adm_x"))]));
    let unused = format!("{SECOND}---\n{filter}");
    assert!(self::set(&unused).refused[0].reason.contains("no rule"));
    let any = filter.replace("[one]", "any");
    let set = self::set(&format!("{SECOND}---\n{any}"));
    assert!(!fires(&set, &[("B", Some("1")), ("U", Some("adm_x"))]));
}

#[test]
fn the_old_form_of_collections_is_read() {
    let set = set(
        "action: global\ntitle: g\nlogsource: {product: windows, service: security}\ndetection: {condition: s}\n\
                   ---\nid: a\ndetection: {s: {A: 1}}\n---\nid: b\ndetection: {s: {B: 1}}\n---\naction: repeat\nid: c\nlevel: low\n",
    );
    assert_eq!(set.refused, []);
    assert_eq!(set.rules.iter().map(|r| &*r.id).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(self::set("action: nope\n").refused[0].reason.contains("'nope'"));
}

#[test]
fn correlations_find_their_rules_by_id_or_name() {
    let text = format!(
        "title: C\nid: c\ncorrelation:\n  type: event_count\n  rules: [first, two]\n  group-by: [x]\n  timespan: 90m\n  \
         aliases: {{x: {{first: U, two: V}}}}\n  condition: {{gte: 3, lt: 10}}\n---\n{FIRST}---\n{SECOND}---\n\
         title: D\nid: d\ncorrelation: {{type: temporal, rules: [c, one], timespan: 1d, generate: true}}\n"
    );
    let set = set(&text);
    assert_eq!(set.refused, []);
    let [c, d] = &set.correlations[..] else { panic!("two") };
    assert_eq!((c.rules.as_slice(), c.timespan), (&[RuleRef::Rule(0), RuleRef::Rule(1)][..], 5_400));
    assert_eq!(c.condition, [(Op::Ge, 3.0), (Op::Lt, 10.0)]);
    assert_eq!(c.aliases[0].fields, [(0, "U".into()), (1, "V".into())]);
    assert_eq!(
        (d.rules.as_slice(), &d.kind),
        (&[RuleRef::Correlation(0), RuleRef::Rule(0)][..], &CorrelationKind::Temporal)
    );
    assert_eq!(d.condition, [(Op::Ge, 2.0)]);
    assert!(!set.rules[0].reported && !set.rules[1].reported && c.reported && d.reported);
}

#[test]
fn correlations_that_cannot_work_are_refused() {
    let reason = |body: &str| {
        let set = set(&format!("title: C\nid: c\ncorrelation: {body}\n---\n{FIRST}"));
        assert_eq!(set.correlations.len(), 0, "{body}");
        set.refused[0].reason.clone()
    };
    assert!(reason("{type: event_count, rules: [nobody], timespan: 1m, condition: {gte: 1}}").contains("'nobody'"));
    assert!(reason("{type: event_count, rules: [c], timespan: 1m, condition: {gte: 1}}").contains("circle"));
    assert!(reason("{type: event_count, rules: [one], timespan: 1m}").contains("compares nothing"));
    assert!(reason("{type: event_count, rules: [one], timespan: 1y, condition: {gte: 1}}").contains("timespan"));
    assert!(reason("{type: event_count, rules: [one], timespan: 0s, condition: {gte: 1}}").contains("timespan"));
    assert!(reason("{type: value_count, rules: [one], timespan: 1m, condition: {gte: 1}}").contains("field"));
    assert!(reason("{type: sequence, rules: [one], timespan: 1m}").contains("'sequence'"));
    assert!(
        reason("{type: event_count, rules: [one], timespan: 1m, condition: {gte: 1}, aliases: {x: {zz: U}}}")
            .contains("'zz'")
    );
}

#[test]
fn pipelines_rename_add_and_move() {
    let file = std::env::temp_dir().join(format!("ungcuu-pipeline-{}.yml", std::process::id()));
    std::fs::write(
        &file,
        "name: ours\nsteps:\n  - when: {service: security}\n    rename: {A: [A1, A2]}\n    add: {Z|contains: z}\n\
         \x20 - when: {product: linux}\n    rename: {B: never}\n",
    )
    .unwrap();
    let mut pipeline = Pipeline::default();
    pipeline.read(&file).unwrap();
    std::fs::write(&file, "steps:\n  - what: 1\n").unwrap();
    assert!(Pipeline::default().read(&file).unwrap_err().contains(":2: 'what'"));
    std::fs::remove_file(&file).unwrap();
    let set = load_texts([("a", FIRST), ("b", SECOND)], &pipeline);
    assert!(
        fires(&set, &[("A2", Some("1")), ("Z", Some("xzx"))]) && fires(&set, &[("B", Some("1")), ("Z", Some("z"))])
    );
    assert!(!fires(&set, &[("A", Some("1")), ("Z", Some("z"))]) && !fires(&set, &[("A1", Some("1"))]));
}

#[test]
fn files_that_cannot_be_read_are_refused() {
    let set = load(&["/no/such/place"]);
    assert_eq!((set.rules.len(), set.refused[0].line), (0, 1));
    let reason = |text: &str| self::set(text).refused[0].reason.clone();
    assert!(reason("# nothing\n").contains("no document"));
    assert!(reason("- a\n").contains("not a map"));
    assert!(reason("title: x\n").contains("neither"));
    assert!(reason(&"x".repeat(2 << 20)).contains("larger"));
    assert!(reason(&SECOND.replace("title: Second\n", "")).contains("title"));
    assert!(reason(&SECOND.replace("logsource: {product: windows, service: security}", "")).contains("logsource"));
    assert!(reason(&format!("{SECOND}level: dire\n")).contains("level"));
    assert!(reason(&format!("{SECOND}status: unsupported\n")).contains("not supported"));
}
