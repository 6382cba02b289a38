//! kill -9 after a document got its number and before it is issued: the number is neither lost nor given twice.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ungcuu_app::app::Settings;
use ungcuu_kit::db::Db;
use ungcuu_kit::{args, sql};

use crate::incident::{ask, open_incident};
use crate::{PATIENCE, place, stage, start};

/// How often the server is killed in between.
const TIMES: usize = 3;
/// How often it is looked whether the number was taken.
const GLANCE: Duration = Duration::from_millis(1);

#[test]
fn a_number_taken_before_a_kill_is_the_number_under_which_the_document_is_issued() {
    let (folder, runtime, database) = stage();
    let database = database.as_deref();
    let (token, incident) = runtime.block_on(async {
        let settings = Settings::default();
        let (app, token, incident) =
            open_incident(place(folder.path(), database), settings, "van_hanh", "xa-ba-sao").await;
        app.db.close().await;
        (token, incident)
    });
    let reports = format!("/api/v1/incidents/{incident}/reports");
    let mut reports_begun = Vec::new();
    for _ in 0..2 {
        let (mut server, address) = start(folder.path(), database);
        let (status, answer) = ask(&address, &token, &reports, Some(r#"{"form":"mau-03"}"#)).expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        reports_begun.push(format!("/api/v1{}", answer["url"].as_str().expect("where it is")));
        server.kill().expect("killed");
        server.wait().expect("gone");
    }

    let first = &reports_begun[0];
    for time in 1..=TIMES {
        let (mut server, address) = start(folder.path(), database);
        std::thread::scope(|scope| {
            let issuing = scope.spawn(|| issue(&address, &token, first, time));
            runtime.block_on(wait_until_numbered(folder.path(), database, time, || issuing.is_finished()));
            server.kill().expect("killed");
            server.wait().expect("gone");
            let answer =
                issuing.join().expect("asked").map(|(_, answer)| String::from_utf8_lossy(&answer).into_owned());
            assert_eq!(answer, None, "it was killed before it answered");
        });
        assert_eq!(runtime.block_on(states(folder.path(), database)), ["01/BC-UBND issuing", " draft"]);
    }
    let (mut server, address) = start(folder.path(), database);
    for (report, version) in reports_begun.iter().zip([TIMES + 1, 1]) {
        let (status, answer) = issue(&address, &token, report, version).expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    }
    server.kill().expect("killed");
    server.wait().expect("gone");
    let issued = ["01/BC-UBND issued", "02/BC-UBND issued"];
    assert_eq!(runtime.block_on(states(folder.path(), database)), issued);
    runtime.block_on(async {
        let (db, blobs) = place(folder.path(), database).open().await.expect("opens again");
        let verdict =
            ungcuu_app::journal::verify(&db, &blobs, &ungcuu_app::journalled_tables()).await.expect("verified");
        assert!(verdict.sound(), "{:#?}", verdict.findings);
        db.close().await;
    });
}

/// Issues a report with everything that is obligatory in it.
fn issue(address: &str, token: &str, report: &str, version: usize) -> Option<(u16, Vec<u8>)> {
    let body = json!({
        "version": version.to_string(), "act": "issue", "signer": "Lê Văn Tám", "recipients": "Phòng VHTT\nLưu: VT",
        "f.reporter_address": "Ấp 3, xã Ba Sao", "f.reporter_phone": "0277 000 111", "f.reporter_email": "ubnd@example.vn",
        "f.contact_name": "Trần Văn Bé", "f.contact_phone": "0909 000 111", "f.contact_email": "be@example.vn",
        "f.detection_methods": "logs", "f.detection_methods.told": "Ông Sáu ở ấp 4", "f.notified_parties": "owner",
    });
    ask(address, token, report, Some(&body.to_string()))
}

/// Looks again and again until the number was taken so many times; by then the document is being laid out.
async fn wait_until_numbered(folder: &Path, database: Option<&str>, times: usize, answered: impl Fn() -> bool) {
    let (db, _) = place(folder, database).open().await.expect("opens beside the server");
    let begun = Instant::now();
    while !answered() && count_numbered(&db).await < times {
        assert!(begun.elapsed() < PATIENCE, "the server takes a number");
        tokio::time::sleep(GLANCE).await;
    }
    db.close().await;
}

async fn count_numbered(db: &Db) -> usize {
    let mut tx = db.read().await.expect("look");
    let found: Option<(i64,)> = tx
        .one(sql!("SELECT COUNT(*) FROM journal_entries WHERE act = 'report.numbered'"), args![])
        .await
        .expect("asked");
    usize::try_from(found.expect("a count").0).expect("a count")
}

/// Number and state of every report, the oldest first.
async fn states(folder: &Path, database: Option<&str>) -> Vec<String> {
    let (db, _) = place(folder, database).open().await.expect("opens");
    let mut tx = db.read().await.expect("look");
    let found: Vec<(String, String)> =
        tx.all(sql!("SELECT number, state FROM reports ORDER BY id LIMIT 10"), args![]).await.expect("asked");
    drop(tx);
    db.close().await;
    found.into_iter().map(|(number, state)| format!("{number} {state}")).collect()
}
