//! Whole hunts: files in, findings out.

mod correlations;
mod evtx;
mod made;
mod story;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use made::{Made, file};
use ungcuu_detect::hunt::output::Writer;
use ungcuu_detect::hunt::summary::Summary;
use ungcuu_detect::hunt::{Choice, Finding, Hunt, Outcome, Report};
use ungcuu_detect::sigma::{self, Level, Pipeline};

const RULES: &str = r"
title: Hidden files
id: 11111111-1111-4111-8111-111111111111
level: high
tags: [attack.defense-evasion, attack.t1564.001]
author: A. Writer
logsource: {product: windows, service: security}
detection:
  selection:
    EventID: 4688
    CommandLine|contains: 'attrib  +h'
  condition: selection
---
title: Anything of this number
id: 22222222-2222-4222-8222-222222222222
level: low
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4688}
  words: [thứ-hai]
  condition: selection and words
";

const BURST: &str = r"
title: Many of them
id: 33333333-3333-4333-8333-333333333333
level: critical
correlation:
  type: event_count
  rules: [11111111-1111-4111-8111-111111111111]
  group-by: [Computer]
  timespan: 10m
  condition: {gte: 3}
";

/// Everything as JSON lines, and the summary.
#[derive(Default)]
struct Kept(Vec<u8>, Writer, Summary);

impl Report for Kept {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.2.add(finding);
        self.1.json(finding, &mut self.0)
    }
}

impl Kept {
    fn lines(&self) -> Vec<serde_json::Value> {
        self.0
            .split(|byte| *byte == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).expect("every line is JSON"))
            .collect()
    }
}

fn hunt(rules: &[&str], choice: Choice, paths: &[PathBuf], threads: usize) -> (Kept, Outcome) {
    let texts = rules.iter().map(|text| ("rules.yml", *text));
    let set = sigma::load_texts(texts, &Pipeline::default());
    assert!(set.refused.is_empty(), "{:?}", set.refused);
    let mut kept = Kept::default();
    let outcome = Hunt::new(set, choice).run(paths, threads, &mut kept).expect("nothing here fails to be written");
    (kept, outcome)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a folder of the test's own");
    path
}

/// A log with `chunks` chunks of ten events, of which one each matches both rules.
fn log(chunks: u64) -> Vec<u8> {
    let made = |chunk| {
        let mut made = Made::new();
        for record in 0..10 {
            let command = if record == 7 { "attrib  +h  \"C:\\tệp mới\"" } else { "whoami" };
            let data: &[&str] = if record == 7 { &["một", "thứ-hai"] } else { &[] };
            made.event("Security", 4688, chunk * 10 + record, chunk, command, data);
        }
        made.chunk()
    };
    file(&(0..chunks).map(made).collect::<Vec<_>>())
}

#[test]
fn a_finding_says_everything_as_it_stands_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.evtx", &log(1));
    let (kept, outcome) = hunt(&[RULES], Choice::default(), std::slice::from_ref(&path), 1);
    let lines = kept.lines();
    assert_eq!(lines.len(), 2);
    let first = &lines[0];
    assert_eq!(first["rule_id"], "11111111-1111-4111-8111-111111111111");
    assert_eq!(
        (&first["title"], &first["level"], &first["author"]),
        (&"Hidden files".into(), &"high".into(), &"A. Writer".into())
    );
    assert_eq!(first["tags"], serde_json::json!(["attack.defense-evasion", "attack.t1564.001"]));
    assert_eq!((&first["time"], &first["host"]), (&"2026-01-01T00:00:00.000000Z".into(), &"MÁY-01".into()));
    assert_eq!((&first["file"], &first["record"]), (&path.to_str().unwrap().into(), &7.into()));
    assert_eq!(first["fields"]["CommandLine"], "attrib  +h  \"C:\\tệp mới\"");
    assert_eq!(first["fields"]["Data"], serde_json::json!(["một", "thứ-hai"]));
    assert_eq!(first["fields"]["EventID"], 4688);
    assert_eq!((outcome.progress.events, outcome.progress.findings, outcome.files), (10, 2, 1));
    assert_eq!(kept.2.levels, [0, 1, 0, 1, 0]);
    assert_eq!(kept.2.timeline().len(), 2);
}

#[test]
fn findings_come_in_the_order_of_the_files_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for name in ["c.evtx", "a.evtx", "sub/b.evtx"] {
        write(folder.path(), name, &log(70));
    }
    let paths = [folder.path().to_path_buf()];
    let (one, _) = hunt(&[RULES], Choice::default(), &paths, 1);
    let (four, outcome) = hunt(&[RULES], Choice::default(), &paths, 4);
    assert_eq!(one.lines().len(), 420);
    assert_eq!(one.0, four.0);
    assert_eq!(outcome.progress.bytes, outcome.progress.total - 3 * 4096);
}

#[test]
fn lines_and_packed_logs_are_read_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"Event":{"System":{"Channel":"Security","EventID":4688,"Computer":"x","EventRecordID":5},"EventData":{"CommandLine":"attrib  +h"}}}"#;
    write(folder.path(), "a.jsonl", format!("{json}\n{json}\n").as_bytes());
    write(folder.path(), "b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.path().join("c.zip")).unwrap());
    zip.start_file("in/log.evtx", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&log(20)).unwrap();
    zip.finish().unwrap();
    let (kept, outcome) = hunt(&[RULES], Choice::default(), &[folder.path().to_path_buf()], 2);
    let lines = kept.lines();
    let hidden = |name: &str| {
        let of = lines.iter().filter(|line| line["file"].as_str().unwrap().ends_with(name));
        of.filter(|line| line["title"] == "Hidden files").count()
    };
    assert_eq!((hidden("a.jsonl"), hidden("c.zip!in/log.evtx")), (2, 20));
    assert_eq!(outcome.not_logs.len(), 1);
    assert!(outcome.unread.is_empty(), "{:?}", outcome.unread);
}

#[test]
fn rules_and_times_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [write(folder.path(), "a.evtx", &log(10))];
    let count = |choice: Choice| hunt(&[RULES], choice, &paths, 1).0.lines().len();
    assert_eq!(count(Choice { min_level: Some(Level::Medium), ..Choice::default() }), 10);
    assert_eq!(count(Choice { include: vec!["attack.t1564.001".into()], ..Choice::default() }), 10);
    assert_eq!(count(Choice { exclude: vec!["HIDDEN".into()], ..Choice::default() }), 10);
    let minute = |minute: i64| Some((1_767_225_600 + minute * 60) * 1_000_000);
    assert_eq!(count(Choice { since: minute(3), before: minute(5), ..Choice::default() }), 4);
}

#[test]
fn a_correlation_sees_matches_in_order_of_time_across_files() {
    let folder = tempfile::tempdir().unwrap();
    let one = |minute| {
        let mut made = Made::new();
        made.event("Security", 4688, minute, minute, "attrib  +h", &[]);
        file(&[made.chunk()])
    };
    // In the order of files 0, 40, 5, 9: three lie within ten minutes.
    for (name, minute) in [("a", 0), ("b", 40), ("c", 5), ("d", 9)] {
        write(folder.path(), name, &one(minute));
    }
    let only = Choice { min_level: Some(Level::Critical), ..Choice::default() };
    let (kept, _) = hunt(&[RULES, BURST], only, &[folder.path().to_path_buf()], 2);
    let lines = kept.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["title"], &lines[0]["time"]),
        (&"Many of them".into(), &"2026-01-01T00:09:00.000000Z".into())
    );
    assert_eq!(lines[0]["fields"]["correlation_match"].as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_read_or_written_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "a.evtx", &log(200));
    let missing = folder.path().join("missing.evtx");
    let (kept, outcome) = hunt(&[RULES], Choice::default(), &[missing, good.clone()], 2);
    assert_eq!((kept.lines().len(), outcome.unread.len()), (400, 1));
    struct Full;
    impl Report for Full {
        fn finding(&mut self, _: &Finding) -> io::Result<()> {
            Err(io::Error::other("the disk is full"))
        }
    }
    let set = sigma::load_texts([("rules.yml", RULES)], &Pipeline::default());
    assert!(Hunt::new(set, Choice::default()).run(&[good], 2, &mut Full).is_err());
}
