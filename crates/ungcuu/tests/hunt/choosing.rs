//! What one can choose: rules, pipelines, times, levels, the form of the answer, where it comes from and goes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{EVENT, RULE, folder};

fn hunt(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache")).arg("hunt").args(arguments);
    command.output().expect("the command runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

const CLEARED: &str = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,"Channel":"Security","Computer":"may-01","EventRecordID":9,"TimeCreated":{"#attributes":{"SystemTime":"2026-11-28T00:43:16Z"}}}}}
"##;

#[test]
fn whose_rules_are_used_is_chosen_and_said() {
    let folder = folder(EVENT);
    std::fs::write(folder.path().join("logs/cleared.json"), CLEARED).expect("a log");
    let titles = |arguments: &[&str]| {
        let output = hunt(folder.path(), &[&["logs", "--format", "csv"], arguments].concat());
        (out(&output).lines().skip(1).count(), said(&output))
    };
    let (found, words) = titles(&["--rules", "rules"]);
    assert!(found == 1 && words.contains("Chỉ dùng quy tắc ở rules, không dùng bộ có sẵn"), "{words}");
    // Kept from before, told apart from the same with our own.
    let (found, words) = titles(&["--rules", "rules", "--own-rules"]);
    assert!(found == 2 && words.contains("Dùng bộ quy tắc có sẵn và quy tắc ở rules."), "{words}");
    let (found, words) = titles(&["--english"]);
    assert!(found == 1 && words.contains("The built-in rules are used."), "{words}");
}

#[test]
fn a_pipeline_maps_fields_and_a_broken_one_is_named_with_its_line() {
    let folder = folder(&EVENT.replace("\"Image\"", "\"process.executable\""));
    let arguments = ["logs", "--rules", "rules", "--pipeline", "p.yml"];
    let pipeline = |text: &str| std::fs::write(folder.path().join("p.yml"), text).expect("written");
    pipeline("transformations:\n- {type: field_name_mapping, mapping: {Image: process.executable}}\n");
    assert_eq!(hunt(folder.path(), &arguments).status.code(), Some(1));
    pipeline("name: nothing\n");
    assert_eq!(hunt(folder.path(), &arguments).status.code(), Some(0));
    pipeline("transformations:\n- {type: replace_string}\n");
    let broken = hunt(folder.path(), &arguments);
    assert_eq!(broken.status.code(), Some(2));
    assert!(said(&broken).contains("p.yml:2: not supported"), "{}", said(&broken));
}

#[test]
fn rules_levels_and_times_are_chosen_and_a_word_that_means_nothing_is_told() {
    let timed = EVENT.replace("{\"Channel\"", "{\"UtcTime\":\"2026-11-28 00:43:16.000\",\"Channel\"");
    let folder = folder(&timed);
    let code = |more: &[&str]| hunt(folder.path(), &[&["logs", "--rules", "rules"], more].concat()).status.code();
    assert_eq!(code(&["--min-level", "high"]), Some(1));
    assert_eq!(code(&["--min-level", "critical"]), Some(2), "no rule is left");
    assert_eq!(code(&["--include", "certutil"]), Some(1));
    assert_eq!(code(&["--exclude", "CERTUTIL"]), Some(2), "no rule is left");
    // 07:43 in Vietnam, where times without a zone are.
    assert_eq!(code(&["--since", "2026-11-28T07:43", "--until", "2026-11-28T07:44"]), Some(1));
    assert_eq!(code(&["--since", "2026-11-28", "--until", "2026-11-28"]), Some(1), "a day counts whole");
    assert_eq!(code(&["--since", "2026-11-28T00:44Z"]), Some(0));
    assert_eq!(code(&["--since", "2026-11-29", "--until", "2026-11-28"]), Some(2));
    let odd = hunt(folder.path(), &["logs", "--rules", "rules", "--exclude", "mimikatz"]);
    assert!(said(&odd).contains("Không quy tắc nào có mã, thẻ hoặc tên mimikatz"), "{}", said(&odd));
}

#[test]
fn the_answer_comes_as_table_csv_timeline_and_whole_into_a_file() {
    let timed = EVENT.replace("{\"Channel\"", "{\"UtcTime\":\"2026-11-28 00:43:16.000\",\"Channel\"");
    let folder = folder(&timed);
    let form = |form: &str| out(&hunt(folder.path(), &["logs", "--rules", "rules", "--format", form]));
    let table = form("table");
    assert!(
        table.starts_with("2026-11-28 00:43:16Z  high           may-02          Certutil fetches a file  [logs/"),
        "{table}"
    );
    assert!(table.contains("CommandLine=certutil  -urlcache -f http"), "{table}");
    let csv = form("csv");
    assert!(csv.starts_with("time,level,title,rule_id,tags,host,user,file,record,fields\r\n"), "{csv}");
    let timeline = form("timeline");
    assert!(
        timeline.starts_with("== may-02\n2026-11-28 00:43:16Z  ") && timeline.contains("×1  Certutil"),
        "{timeline}"
    );
    // Into a file among the logs, twice: it is not read as a log.
    let arguments = ["logs", "--rules", "rules", "--format", "jsonl", "--out", "logs/found.jsonl"];
    for _ in 0..2 {
        let output = hunt(folder.path(), &arguments);
        assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{}", said(&output));
        let found = std::fs::read_to_string(folder.path().join("logs/found.jsonl")).expect("it is there");
        assert_eq!(found.lines().count(), 1, "{found}");
        assert!(!folder.path().join("logs/found.jsonl.part").exists());
    }
    assert!(!said(&hunt(folder.path(), &arguments)).contains('\x1b'), "no progress where nobody watches");
}

#[test]
fn a_summary_counts_by_host_and_tactic() {
    let folder = folder(EVENT);
    std::fs::write(folder.path().join("rules/certutil.yml"), format!("{RULE}tags: [attack.command-and-control]\n"))
        .expect("a rule");
    let words = said(&hunt(folder.path(), &["logs", "--rules", "rules"]));
    let row = |name: &str| words.lines().find(|line| line.starts_with(name)).map(|l| l.split_whitespace().collect());
    let host: Vec<&str> = row("may-02").expect("the host");
    assert_eq!(host, ["may-02", "0", "1", "0", "0", "0"]);
    assert!(row("Điều khiển từ xa").is_some_and(|line: Vec<&str>| line.contains(&"1")), "{words}");
    assert!(words.contains("Đã đọc 1 tệp, 1 sự kiện: 1 phát hiện."), "{words}");
}

#[test]
fn standard_input_and_packed_logs_are_read_and_a_cut_one_is_two() {
    let folder = folder(EVENT);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.current_dir(folder.path()).args(["hunt", "-", "--rules", "rules", "--format", "jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("runs");
    child.stdin.take().expect("its input").write_all(EVENT.as_bytes()).expect("taken");
    let output = child.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), out(&output).lines().count()), (Some(1), 1));
    assert!(out(&output).contains("\"file\":\"-\""));
    // Half of an archive: nothing is found in it, and the answer is not "nothing".
    std::fs::write(folder.path().join("logs/half.json.gz"), [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B]).expect("a log");
    let cut = hunt(folder.path(), &["logs", "--rules", "rules"]);
    assert_eq!(cut.status.code(), Some(2), "{}", said(&cut));
    assert!(said(&cut).contains("half.json.gz") && said(&cut).contains("KẾT QUẢ CHƯA ĐẦY ĐỦ."), "{}", said(&cut));
}
