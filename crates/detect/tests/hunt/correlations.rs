//! Correlations over whole hunts, a golden answer for each type: which event completes it, in which group, what was counted.

use super::{Kept, write};
use ungcuu_detect::hunt::{Choice, Hunt};
use ungcuu_detect::sigma::{self, Pipeline};

const RULES: &str = r"
title: Logon failed
id: fail
name: fail
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
---
title: Logon
id: logon
name: logon
logsource: {product: windows, service: security}
detection: {s: {EventID: 4624}, condition: s}
---
title: Process
id: process
name: process
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains: run}, condition: s}
---
title: Sent
id: sent
name: sent
logsource: {product: windows, service: security}
detection: {s: {EventID: 5156}, condition: s}
";

/// Failures of two accounts, a logon, bytes sent; the numbers are seconds.
const EVENTS: &[(&str, u32, u32, &str)] = &[
    ("Security", 4625, 0, r#""TargetUserName":"an","IpAddress":"10.0.0.1""#),
    ("Security", 4625, 10, r#""TargetUserName":"binh","IpAddress":"10.0.0.1""#),
    ("Security", 4625, 20, r#""TargetUserName":"AN","IpAddress":"10.0.0.2""#),
    ("Security", 4625, 30, r#""TargetUserName":"an","IpAddress":"10.0.0.3""#),
    ("Security", 4624, 40, r#""TargetUserName":"an","IpAddress":"10.0.0.3","SubjectUserName":"dich-vu""#),
    ("Security", 5156, 50, r#""Application":"a.exe","Bytes":"10""#),
    ("Security", 5156, 51, r#""Application":"a.exe","Bytes":"200""#),
    ("Security", 5156, 52, r#""Application":"a.exe","Bytes":"30""#),
    ("Security", 5156, 53, r#""Application":"b.exe","Bytes":"1""#),
    ("Security", 4688, 60, r#""NewProcessName":"C:\\x.exe","CommandLine":"x run","SubjectUserName":"an""#),
    ("Microsoft-Windows-Sysmon/Operational", 1, 61, r#""Image":"C:\\x.exe","CommandLine":"x run","User":"an""#),
    ("Microsoft-Windows-Sysmon/Operational", 1, 62, r#""Image":"C:\\y.exe","CommandLine":"y run","User":"an""#),
];

/// What the correlation says: second of the last event, what was counted, records of its events.
fn golden(body: &str, pipeline: &str) -> Vec<(u32, String, Vec<u64>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = String::new();
    for (channel, id, second, rest) in EVENTS {
        let time = format!("2026-01-01T00:00:{second:02}Z").replace(":60Z", ":59.1Z").replace(":61Z", ":59.2Z");
        let time = time.replace(":62Z", ":59.3Z");
        lines.push_str(&format!(
            "{{\"Channel\":\"{channel}\",\"EventID\":{id},\"Computer\":\"may\",\"SystemTime\":\"{time}\",{rest}}}\n"
        ));
    }
    let log = write(folder.path(), "events.jsonl", lines.as_bytes());
    let steps = write(folder.path(), "pipeline.yml", pipeline.as_bytes());
    let mut piped = Pipeline::default();
    if !pipeline.is_empty() {
        piped.read(&steps).expect("a pipeline");
    }
    let correlation = format!("{RULES}---\ntitle: Together\nid: together\ncorrelation:\n{body}");
    let set = sigma::load_texts([("rules.yml", correlation.as_str())], &piped);
    assert_eq!(set.refused, []);
    let mut kept = Kept::default();
    let outcome = Hunt::new(set, Choice::default()).run(&[log], 2, &mut kept).expect("written");
    assert!(outcome.unread.is_empty() && outcome.lines.skipped == 0);
    let told = kept.lines().into_iter().filter(|line| line["title"] == "Together").map(|line| {
        let second: f64 = line["time"].as_str().and_then(|time| time[17..26].parse().ok()).expect("a time");
        let matches = match &line["fields"]["correlation_match"] {
            serde_json::Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        let record = |place: &serde_json::Value| {
            let number = place.as_str().and_then(|place| place.rsplit_once('#')?.1.parse().ok());
            number.expect("a record's number")
        };
        let records = matches.iter().map(record).collect();
        (second.floor() as u32, line["fields"]["correlation_value"].to_string(), records)
    });
    told.collect()
}

fn one(second: u32, value: &str, records: &[u64]) -> Vec<(u32, String, Vec<u64>)> {
    vec![(second, value.to_owned(), records.to_vec())]
}

#[test]
fn event_count_counts_the_events_of_a_group() {
    let body = "  {type: event_count, rules: [fail], group-by: [TargetUserName], timespan: 1m, condition: {gte: 3}}\n";
    assert_eq!(golden(body, ""), one(30, "3", &[1, 3, 4]));
}

#[test]
fn value_count_counts_different_values() {
    let body = "  {type: value_count, rules: [fail], group-by: [TargetUserName], timespan: 1m, \
        condition: {field: IpAddress, gte: 3}}\n";
    assert_eq!(golden(body, ""), one(30, "3", &[1, 3, 4]));
    assert_eq!(golden(&body.replace("gte: 3", "gte: 4"), ""), []);
}

#[test]
fn temporal_wants_all_its_rules_in_any_order() {
    let body = "  {type: temporal, rules: [logon, fail], group-by: [TargetUserName, IpAddress], timespan: 30s}\n";
    assert_eq!(golden(body, ""), one(40, "2", &[4, 5]));
}

#[test]
fn temporal_ordered_wants_them_in_the_order_written() {
    let body = "  {type: temporal_ordered, rules: [fail, logon], group-by: [IpAddress], timespan: 30s}\n";
    assert_eq!(golden(body, ""), one(40, "2", &[4, 5]));
    assert_eq!(golden(&body.replace("[fail, logon]", "[logon, fail]"), ""), []);
}

#[test]
fn sums_means_and_percentiles_are_computed_for_each_group() {
    let body = "  {type: value_sum, rules: [sent], group-by: [Application], timespan: 1m, \
        condition: {field: Bytes, gt: 100}}\n";
    assert_eq!(golden(body, ""), one(51, "210", &[6, 7]));
    let mean = body.replace("value_sum", "value_avg").replace("gt: 100", "eq: 80");
    assert_eq!(golden(&mean, ""), one(52, "80", &[6, 7, 8]));
    let percentile = body.replace("value_sum", "value_percentile").replace("gt: 100", "percentile: 50, eq: 30");
    assert_eq!(golden(&percentile, ""), one(52, "30", &[6, 7, 8]));
}

#[test]
fn a_group_goes_by_the_rules_own_field_names_whatever_the_log_calls_them() {
    // The same program in the Security log, where it is called NewProcessName, and in Sysmon's.
    let body = "  {type: event_count, rules: [process], group-by: [Image], timespan: 1m, condition: {gte: 2}}\n";
    assert_eq!(golden(body, ""), one(59, "2", &[10, 11]));
    let values = "  {type: value_count, rules: [process], timespan: 1m, condition: {field: Image, gte: 2}}\n";
    assert_eq!(golden(values, ""), one(59, "2", &[10, 11, 12]));
}

#[test]
fn a_group_goes_by_aliases_and_by_what_a_pipeline_renames() {
    let body = "  type: temporal\n  rules: [logon, process]\n  group-by: [who]\n  timespan: 1m\n  aliases:\n    \
        who: {logon: TargetUserName, process: User}\n";
    assert_eq!(golden(body, ""), one(59, "2", &[5, 11]));
    let renamed = "steps: [{when: {category: process_creation}, rename: {User: SubjectUserName}}]\n";
    assert_eq!(golden(body, renamed), one(59, "2", &[5, 10]));
    let plain = "  {type: event_count, rules: [process], group-by: [Benutzer], timespan: 1m, condition: {gte: 2}}\n";
    let german = "transformations: [{type: field_name_mapping, mapping: {Benutzer: [User, SubjectUserName]}}]\n";
    assert_eq!(golden(plain, german), one(59, "2", &[10, 11]));
}
