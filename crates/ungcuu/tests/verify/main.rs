//! `ungcuu verify` as an auditor's script meets it: 0 sound, 1 altered, 2 cannot tell.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/incident.rs"]
mod incident;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ungcuu_app::app::{Place, Settings};
use ungcuu_kit::{args, sql};

use common::serve;
use incident::{ask, open_incident};

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
    let (status, bytes) =
        ask(&address, &token, &format!("/api/v1/incidents/{incident}/proof/zip"), None).expect("an answer");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
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
    let settings = Settings { seal: Some(folder.join("seal")), ..Settings::default() };
    let (app, token, incident) =
        open_incident(Place::Folder(folder.to_owned()), settings, "can_bo_vhtt", "phong-vhtt").await;
    ungcuu_app::checkpoint::keep_up(&app).await.expect("sealed");
    app.db.close().await;
    (token, incident)
}
