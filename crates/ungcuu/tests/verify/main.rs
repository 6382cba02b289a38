//! `ungcuu verify` as an auditor's script meets it: 0 sound, 1 altered, 2 cannot tell.

#[path = "../common/mod.rs"]
mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::incident::actions::{NewIncident, open};
use ungcuu_app::org::unit_by_code;
use ungcuu_app::pack::Pack;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::time::Clock;
use ungcuu_kit::{args, sql};

use common::{add_token, serve};

fn verify(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ungcuu")).arg("verify").args(args).output().expect("the command runs")
}

#[track_caller]
fn assert_answer(output: &Output, code: i32, words: &str) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "“{words}” is not in\n{said}");
}

fn path(path: &Path) -> &str {
    path.to_str().expect("plain letters")
}

#[test]
fn an_installation_is_sound_until_a_row_is_changed_behind_its_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(prepare(folder.path()));
    assert_answer(&verify(&["--data", path(folder.path())]), 0, "Nguyên vẹn.");
    assert_answer(&verify(&["--data", path(folder.path()), "--english"]), 0, "Sound.");

    runtime.block_on(async {
        let (db, _) = Place::Folder(folder.path().to_owned()).open().await.expect("opens");
        let mut tx = db.write().await.expect("a transaction");
        tx.run(sql!("UPDATE incidents SET severity = 1"), args![]).await.expect("changed");
        tx.commit().await.expect("committed");
        db.close().await;
    });
    let altered = verify(&["--data", path(folder.path())]);
    assert_answer(&altered, 1, "ĐÃ BỊ SỬA");
    assert!(String::from_utf8_lossy(&altered.stdout).contains("incidents"), "the place is named on standard output");
}

#[test]
fn a_dossier_is_sound_until_one_of_its_bytes_is_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (token, incident) = runtime.block_on(prepare(folder.path()));
    let (mut server, address) = serve(folder.path(), &[]);
    let bytes = get(&address, &token, &format!("/api/v1/incidents/{incident}/proof/zip"));
    server.kill().expect("stopped");
    server.wait().expect("gone");

    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        file
    };
    let whole = write("whole.zip", &bytes);
    assert_answer(&verify(&["--dossier", path(&whole)]), 0, "Nguyên vẹn.");

    // A word of the journal, which lies in the file as it is.
    let at = bytes.windows(15).position(|words| words == b"incident.opened").expect("the first entry");
    let mut altered = bytes.clone();
    altered[at] ^= 1;
    let altered = write("altered.zip", &altered);
    assert_answer(&verify(&["--dossier", path(&altered)]), 1, "journal.jsonl");

    // Somebody else's key: it is a dossier, and not of this office.
    let other = "ab".repeat(32);
    assert_answer(&verify(&["--dossier", path(&whole), "--key", &other]), 1, "ĐÃ BỊ SỬA");

    // Half of it: nothing can be told.
    let half = write("half.zip", &bytes[..bytes.len() / 2]);
    assert_answer(&verify(&["--dossier", path(&half)]), 2, "Không kiểm được.");
}

#[test]
fn what_is_missing_or_something_else_cannot_be_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.zip");
    assert_answer(&verify(&["--dossier", path(&missing)]), 2, "missing.zip");
    let other = folder.path().join("other.zip");
    std::fs::write(&other, "Biên bản họp").expect("written");
    assert_answer(&verify(&["--dossier", path(&other)]), 2, "Không kiểm được.");
    assert_answer(&verify(&["--dossier", path(&other), "--english"]), 2, "Cannot tell.");
    assert_answer(&verify(&["--dossier", path(&other), "--key", "not-a-key"]), 2, "not-a-key");
    // No installation is begun by asking whether it is sound.
    let nowhere = folder.path().join("nowhere");
    assert_answer(&verify(&["--data", path(&nowhere)]), 2, "nowhere");
    assert!(!nowhere.exists());
}

/// An installation with an incident, a signed checkpoint and somebody who may take everything along: their API token, and
/// the incident.
async fn prepare(folder: &Path) -> (String, String) {
    let (db, blobs) = Place::Folder(folder.to_owned()).open().await.expect("opens");
    let pack = Pack::embedded("cao-lanh-2021-2025").expect("listed").expect("sound");
    let scenario = pack.scenarios[0].id.clone();
    let settings = Settings { seal: Some(folder.join("seal")), ..Settings::default() };
    let app = App::new(db, blobs, pack, Clock::System, Chance::System, settings);
    ungcuu_app::install::begin_units(&app).await.expect("units");
    let role = ["can_bo_vhtt".to_owned()];
    ungcuu_app::install::add_account(&app, "lan", "Lê Thị Lan", "phong-vhtt", &role).await.expect("an account");
    let mut work = app.work(Actor::system()).await.expect("work");
    let token = add_token(&app, &mut work, "lan").await;
    let unit_id = unit_by_code(&mut work.tx, "xa-ba-sao").await.expect("asked").expect("a unit");
    let owner_unit_id = unit_by_code(&mut work.tx, "ubnd-huyen").await.expect("asked").expect("a unit");
    let new = NewIncident {
        title: "Mã hoá dữ liệu tại bộ phận một cửa".to_owned(),
        scenario,
        severity: 3,
        tlp: "amber".to_owned(),
        system_id: None,
        unit_id,
        owner_unit_id,
        summary: "Tệp bị mã hoá".to_owned(),
        happened_at: None,
        detected_at: work.now,
    };
    let incident = open(&mut work, new).await.expect("an incident").id;
    work.commit().await.expect("committed");
    ungcuu_app::checkpoint::keep_up(&app).await.expect("sealed");
    app.db.close().await;
    (token, incident.to_string())
}

/// A file of the server. An answer to HTTP/1.0 comes in one piece and ends with the line.
fn get(address: &str, token: &str, path: &str) -> Vec<u8> {
    let mut line = TcpStream::connect(address).expect("a line");
    write!(line, "GET {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n").expect("asked");
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|words| words == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    assert!(
        head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    answer.split_off(end)
}
