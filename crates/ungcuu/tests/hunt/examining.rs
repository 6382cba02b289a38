//! The child process in which evidence is examined, as the server meets it: a task on its input, lines on its output.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn work(task: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.arg("examine-worker").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    child.stdin.take().expect("an input").write_all(task).expect("taken");
    child.wait_with_output().expect("it ends")
}

fn examined(kind: &str, file: &Path) -> (Vec<Value>, Value) {
    let task = json!({ "Examine": {
        "kind": kind, "file": file, "name": "mau.bin", "rules": "BuiltIn", "silenced": [],
    }});
    let output = work(task.to_string().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "what stands in evidence is repeated to nobody");
    let text = String::from_utf8(output.stdout).expect("text");
    let told = |mark: &str| -> Vec<Value> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let said = told("S ").pop().expect("the last word");
    (told("F "), said["Examined"].clone())
}

#[test]
fn a_file_and_a_log_are_each_held_against_their_own_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let shell = folder.path().join("a");
    std::fs::write(&shell, "<?php @eval($_POST['x']); ?>").expect("written");
    let (findings, told) = examined("yara", &shell);
    assert_eq!((findings.len(), &told["findings"], &told["files"]), (1, &json!(1), &json!(1)));
    assert_eq!((&findings[0]["rule"], &findings[0]["file"]), (&json!("web_shell_php"), &json!("mau.bin")));

    let log = folder.path().join("b");
    let line = "203.0.113.9 - - [28/Nov/2026:07:43:16 +0700] \"POST /uploads/a.php HTTP/1.1\" 200 5 \"-\" \"x\"\n";
    std::fs::write(&log, line).expect("written");
    let (findings, told) = examined("sigma", &log);
    assert_eq!((findings.len(), &told["events"]), (1, &json!(1)));
    assert_eq!(findings[0]["file"], "mau.bin");
}

#[test]
fn what_is_no_task_ends_with_a_code_and_not_a_word() {
    for task in [&b""[..], b"{}", b"\xff\xfe", br#"{"Examine":{"kind":"x"}}"#, br#"{"Read":{"archive":"/nowhere"}}"#] {
        let output = work(task);
        assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(2), 0, 0), "{task:?}");
    }
}
