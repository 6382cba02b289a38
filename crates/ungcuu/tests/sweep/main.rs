//! The command `ungcuu sweep` as a script meets it: what stands on standard output and what the exit code says.

use std::path::Path;
use std::process::{Command, Output};

const RULES: &str =
    "rule evil { meta: level = \"high\" strings: $a = \"evil\" condition: $a }\n\nrule broken { condition: nothing }";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    std::fs::create_dir(folder.path().join("www")).expect("a folder");
    std::fs::write(folder.path().join("rules/a.yar"), RULES).expect("rules");
    std::fs::write(folder.path().join("www/a.php"), "an evil page").expect("a page");
    std::fs::write(folder.path().join("www/b.php"), "a good page").expect("a page");
    folder
}

fn sweep(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache")).arg("sweep").args(arguments);
    command.output().expect("the command runs")
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let words = String::from_utf8(output.stdout.clone()).expect("text");
    words.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

const JSON: [&str; 5] = ["www", "--rules", "rules", "--format", "jsonl"];

#[test]
fn a_finding_is_a_line_and_the_answer_is_one() {
    let folder = folder();
    let output = sweep(folder.path(), &JSON);
    assert_eq!(output.status.code(), Some(1));
    let found = lines(&output);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["rule"], &found[0]["file"]), (&"evil".into(), &"www/a.php".into()));
    assert_eq!((&found[0]["strings"][0]["offset"], &found[0]["level"]), (&3.into(), &"high".into()));
    let words = String::from_utf8(output.stderr).expect("text");
    assert!(words.contains("rules/a.yar:3: rule broken"), "{words}");
    // A second time, with the rules that were kept.
    assert_eq!(lines(&sweep(folder.path(), &JSON)), found);
}

#[test]
fn nothing_found_is_zero_and_a_missing_path_is_two() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("www/a.php")).expect("it was there");
    let output = sweep(folder.path(), &JSON);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    assert_eq!(sweep(folder.path(), &["missing", "--rules", "rules"]).status.code(), Some(2));
    assert_eq!(sweep(folder.path(), &["www", "--rules", "missing"]).status.code(), Some(2));
}

#[test]
fn a_file_goes_into_the_vault_and_comes_back() {
    let folder = folder();
    let vault = ["--quarantine", "vault"];
    let output = sweep(folder.path(), &[&JSON[..], &vault].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("www/a.php").exists());
    // The vault is not swept, wherever it lies.
    assert_eq!(
        sweep(folder.path(), &[".", "--rules", "rules/a.yar", "--quarantine", "vault", "--allow", "rules/allow"])
            .status
            .code(),
        Some(2),
        "the list is missing"
    );
    let listed = lines(&sweep(folder.path(), &[&vault[..], &["--list", "--format", "jsonl"]].concat()));
    assert_eq!(listed[0]["rules"][0], "evil");
    let id = listed[0]["id"].as_str().expect("a number");
    assert_eq!(sweep(folder.path(), &[&vault[..], &["--restore", id]].concat()).status.code(), Some(0));
    assert_eq!(std::fs::read(folder.path().join("www/a.php")).expect("it is back"), b"an evil page");
    assert_eq!(
        sweep(folder.path(), &[&vault[..], &["--delete", id]].concat()).status.code(),
        Some(2),
        "it is not there any more"
    );
}

#[test]
fn a_change_is_told_once_and_an_altered_baseline_is_refused() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("www/a.php")).expect("it was there");
    let arguments = [&JSON[..], &["--baseline", "base"]].concat();
    assert_eq!(sweep(folder.path(), &arguments).status.code(), Some(0));
    std::fs::write(folder.path().join("www/b.php"), "another page").expect("a page");
    std::fs::write(folder.path().join("www/c.php"), "a new page").expect("a page");
    let output = sweep(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let told = lines(&output);
    assert_eq!((&told[0]["kind"], &told[0]["changes"][0]), (&"change".into(), &"changed".into()));
    assert_eq!(told[1]["changes"][0], "added");
    assert_eq!(sweep(folder.path(), &arguments).status.code(), Some(0));
    let mut bytes = std::fs::read(folder.path().join("base")).expect("the baseline");
    bytes[30] ^= 1;
    std::fs::write(folder.path().join("base"), bytes).expect("written");
    let output = sweep(folder.path(), &arguments);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}
