//! Documents are made by a child process: it is kept for the next one, bounded, and replaced when it dies. The maker that
//! uses it is the server's own; the child is this product's binary, or a stub that misbehaves.

#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use axum::http::StatusCode;
use tempfile::TempDir;
use ungcuu_app::report::rendering::{Format, Limits, Maker, Rendering};
use ungcuu_kit::error::Error;
use ungcuu_render::{Block, Column, Document, Table};

fn document(title: &str) -> Document {
    Document { title: title.to_owned(), body: vec![Block::paragraph("Nội dung báo cáo.")], ..Document::default() }
}

fn table(rows: usize) -> Document {
    let columns = vec![Column::new("Thời điểm", 2), Column::new("Việc đã làm", 6)];
    let rows = (1..=rows).map(|row| vec!["07:42".to_owned(), format!("Việc thứ {row}")]).collect();
    Document { body: vec![Block::Table(Table { columns, rows, ..Table::default() })], ..document("BẢNG") }
}

/// A script that writes down its process number and then becomes what `rest` says.
struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    fn new(rest: &str) -> Program {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("program");
        let started = folder.path().join("started");
        let script = format!("#!/bin/sh\necho $$ >> '{}'\n{rest}\n", started.display());
        std::fs::write(&path, script).expect("a script");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it may run");
        Program { folder, path }
    }

    fn product() -> Program {
        Program::new(&format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_ungcuu")))
    }

    /// The process numbers of all children so far, in the order of their start.
    fn started(&self) -> Vec<String> {
        let started = std::fs::read_to_string(self.folder.path().join("started")).unwrap_or_default();
        started.lines().map(str::to_owned).collect()
    }

    fn rendering(&self, limits: Limits) -> Rendering {
        Rendering::new(Maker::Child { program: self.path.clone(), limits })
    }
}

fn is_running(process: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process).join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

#[track_caller]
fn refusal(made: Result<Vec<bytes::Bytes>, Error>) -> (StatusCode, String) {
    match made {
        Err(Error::Limit(status, sentence)) => (status, sentence.vi.to_string()),
        other => panic!("not refused in words: {other:?}"),
    }
}

#[tokio::test]
async fn one_child_makes_one_document_after_the_other_as_they_would_be_made_here() {
    let program = Program::product();
    let rendering = program.rendering(Limits::default());
    for title in ["MỘT", "HAI"] {
        let made = rendering.render(document(title), &[Format::Pdf, Format::Docx]).await.expect("made");
        assert_eq!(made[0], ungcuu_render::to_pdf(&document(title)).expect("a PDF"));
        assert_eq!(made[1], ungcuu_render::to_docx(&document(title)).expect("a Word file"));
    }
    assert_eq!(program.started().len(), 1, "children started");
}

#[tokio::test]
async fn a_child_that_was_killed_while_it_waited_is_replaced() {
    let program = Program::product();
    let rendering = program.rendering(Limits::default());
    rendering.render(document("MỘT"), &[Format::Docx]).await.expect("made");
    let first = program.started().pop().expect("a child");
    assert!(Command::new("kill").args(["-9", &first]).status().expect("kill").success());
    rendering.render(document("HAI"), &[Format::Docx]).await.expect("made by another");
    assert_eq!(program.started().len(), 2, "children started");
}

#[tokio::test]
async fn a_document_that_takes_all_memory_takes_only_its_child_along() {
    let program = Program::product();
    let rendering = program.rendering(Limits { memory: 160, ..Limits::default() });
    let (status, sentence) = refusal(rendering.render(table(20_000), &[Format::Docx]).await);
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(sentence.contains("quá lớn"), "{sentence}");
    rendering.render(document("SAU ĐÓ"), &[Format::Pdf]).await.expect("the next one is made");
    assert!(!is_running(&program.started()[0]));
}

#[tokio::test]
async fn a_document_that_takes_too_long_is_stopped_and_its_child_is_gone() {
    let program = Program::new("printf 'H\\0\\0\\0\\0'\nexec /bin/sleep 1000");
    let rendering = program.rendering(Limits { time: Duration::from_millis(300), ..Limits::default() });
    let (status, sentence) = refusal(rendering.render(document("LÂU"), &[Format::Pdf]).await);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(sentence.contains("phải dừng"), "{sentence}");
    let child = program.started().pop().expect("a child");
    // The kill is on its way when the answer is given.
    while is_running(&child) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_reader_who_goes_away_takes_the_child_at_work_along() {
    let program = Program::new("printf 'H\\0\\0\\0\\0'\nexec /bin/sleep 1000");
    let rendering = program.rendering(Limits::default());
    let mut making = Box::pin(rendering.render(document("BỎ DỞ"), &[Format::Pdf]));
    while program.started().is_empty() {
        assert!(futures::poll!(&mut making).is_pending());
        tokio::task::yield_now().await;
    }
    drop(making);
    let child = program.started().pop().expect("a child");
    while is_running(&child) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn too_much_text_is_refused_before_a_child_is_asked() {
    let program = Program::product();
    let rendering = program.rendering(Limits { job: 1 << 20, ..Limits::default() });
    let (status, sentence) = refusal(rendering.render(document(&"chữ ".repeat(1 << 19)), &[Format::Pdf]).await);
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(sentence.contains("nhiều nhất 1 MB"), "{sentence}");
    assert!(program.started().is_empty());
}

#[tokio::test]
async fn a_child_that_left_by_itself_is_replaced_without_a_word() {
    // Greets and leaves at once, the first time; afterwards it is the product.
    let script = format!(
        "if [ \"$(/usr/bin/wc -l < \"${{0%/*}}/started\")\" -eq 1 ]; then printf 'H\\0\\0\\0\\0'; exit 0; fi\nexec '{}' \"$@\"",
        env!("CARGO_BIN_EXE_ungcuu")
    );
    let program = Program::new(&script);
    let rendering = program.rendering(Limits::default());
    rendering.family().await.expect("it greets");
    rendering.render(document("MỘT"), &[Format::Docx]).await.expect("made by another");
    assert_eq!(program.started().len(), 2, "children started");
}

#[tokio::test]
async fn a_program_that_is_no_maker_of_documents_is_our_fault_and_not_the_readers() {
    for rest in ["exit 3", "echo 'usage: something else entirely'"] {
        let rendering = Program::new(rest).rendering(Limits::default());
        let made = rendering.render(document("MỘT"), &[Format::Pdf]).await;
        assert!(matches!(made, Err(Error::Internal(_))), "{made:?}");
    }
}

#[test]
fn a_worker_is_bounded_and_ends_when_nobody_asks_any_more() {
    let binary = env!("CARGO_BIN_EXE_ungcuu");
    let output = Command::new(binary).args(["render-worker", "--memory", "256"]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout.first(), Some(&ungcuu_render::worker::GREETING));
    let help = Command::new(binary).arg("--help").output().expect("it runs");
    assert!(!String::from_utf8_lossy(&help.stdout).contains("render-worker"), "it is not for people");
}
