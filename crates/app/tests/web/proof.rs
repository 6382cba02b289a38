//! The dossier for checking: who may take it along, what is in it, and that no byte of it can be altered unnoticed.

use std::collections::BTreeMap;
use std::io::Cursor;

use ungcuu_app::checkpoint;
use ungcuu_app::proof::{Asked, Checked, check};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::DAY;
use ungcuu_kit::{args, sql};

use crate::support::{Person, TestApp};

/// The demonstration, an officer who may take everything along, and the incident that is over.
async fn stage() -> (TestApp, Person, String) {
    let app = TestApp::new().await;
    ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * DAY)).await.expect("filled");
    let officer = app.as_login("lan").await;
    let mut tx = app.app.db.read().await.expect("look");
    let closed: Option<(String,)> = tx
        .one(sql!("SELECT id FROM incidents WHERE state = 'closed' ORDER BY id LIMIT 1"), args![])
        .await
        .expect("asked");
    drop(tx);
    (app, officer, closed.expect("an incident").0)
}

async fn key(app: &TestApp) -> Option<String> {
    let mut tx = app.app.db.read().await.expect("look");
    checkpoint::list_keys(&mut tx).await.expect("read").pop().map(|key| key.public_key)
}

fn checked(bytes: &[u8], key: Option<&str>) -> Result<Checked, Text> {
    check(Cursor::new(bytes), &Asked { key: key.map(str::to_owned), trusted: Vec::new() })
}

/// Where each file's content lies in the container: read as any ZIP program does.
fn contents(bytes: &[u8]) -> BTreeMap<String, (usize, usize)> {
    let short = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
    let end = bytes.len() - 22;
    let (count, mut at) = (short(end + 10), long(end + 16));
    let mut found = BTreeMap::new();
    for _ in 0..count {
        let (size, name, extra, offset) = (long(at + 24), short(at + 28), short(at + 30), long(at + 42));
        let start = offset + 30 + short(offset + 26) + short(offset + 28);
        let word = String::from_utf8_lossy(&bytes[at + 46..at + 46 + name]).into_owned();
        found.insert(word, (start, size));
        at += 46 + name + extra;
    }
    found
}

fn text<'a>(bytes: &'a [u8], contents: &BTreeMap<String, (usize, usize)>, name: &str) -> std::borrow::Cow<'a, str> {
    let (start, size) = contents[name];
    String::from_utf8_lossy(&bytes[start..start + size])
}

#[tokio::test]
async fn a_dossier_is_sound_by_itself_and_no_byte_of_any_file_can_be_another() {
    let (app, officer, incident) = stage().await;
    app.get(Some(&officer), &format!("/incidents/{incident}/proof")).await.is(200).shows("kiem-chung.zip");
    app.post(Some(&officer), &format!("/incidents/{incident}/proof/checkpoint"), &[]).await.is(303);
    let bytes = app.file(&officer, &format!("/incidents/{incident}/proof/zip")).await;
    let key = key(&app).await;
    let sound = checked(&bytes, key.as_deref()).expect("a dossier");
    assert!(sound.sound(), "{:#?}", sound.findings);
    assert!(sound.entries > 20 && sound.rows > 20 && sound.checkpoints > 0, "{sound:?}");
    assert_eq!(sound.witnessed.as_ref().map(|(seq, ..)| *seq), Some(sound.entries as i64));

    let contents = contents(&bytes);
    let names: Vec<&str> = contents.keys().map(String::as_str).collect();
    for name in
        ["README.txt", "index.json", "journal.jsonl", "rows.jsonl", "dossier.pdf", "keys/1.pem", "checkpoint/words.txt"]
    {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert!(names.iter().any(|name| name.starts_with("evidence/CC-01-")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("reports/")), "{names:?}");
    let readme = text(&bytes, &contents, "README.txt").into_owned();
    assert!(readme.contains("ungcuu verify --dossier") && readme.contains(&sound.fingerprint), "{readme}");
    let rows = text(&bytes, &contents, "rows.jsonl");
    assert!(!rows.contains("password_hash") && !rows.contains("tracking_code"), "secrets were taken along");

    for (name, (start, size)) in &contents {
        for at in [0, size / 2, size - 1] {
            let mut altered = bytes.clone();
            altered[start + at] ^= 1;
            let found = checked(&altered, key.as_deref()).expect("still a dossier").findings;
            let named = found.iter().any(|it| it.place.starts_with(name.as_str()) || name == "index.sig");
            assert!(named && !found.is_empty(), "{name} at {at}: {found:?}");
        }
    }
    // The frame around the files: cut off, longer, or with another byte, nothing can be told, and nothing falls over.
    for at in (0..bytes.len()).step_by(bytes.len() / 50) {
        assert!(checked(&bytes[..at], None).is_err(), "cut off at {at}");
    }
    for longer in [[bytes.as_slice(), b"x"].concat(), [b"x", bytes.as_slice()].concat()] {
        assert!(checked(&longer, None).is_err());
    }
    let directory = contents.values().map(|(start, size)| start + size).max().expect("files");
    for at in directory..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 0x10;
        assert!(checked(&altered, key.as_deref()).is_err(), "byte {at}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_dossier_of_another_key_is_found_out_and_without_a_key_the_fingerprint_is_to_be_compared() {
    let (app, officer, incident) = stage().await;
    let path = format!("/incidents/{incident}/proof/zip");
    let bytes = app.file(&officer, &path).await;
    let other = checked(&bytes, Some(&"ab".repeat(32))).expect("a dossier");
    assert!(other.findings[0].what.vi.contains("khoá khác"), "{:?}", other.findings);
    let without = checked(&bytes, None).expect("a dossier");
    assert!(without.sound() && without.notes[0].what.vi.contains("so dấu vân"), "{:?}", without.notes);
    // A dossier of today can be checked with the key of yesterday that signed for today's, not the other way round.
    let old = key(&app).await;
    let admin = app.as_login("quantri").await;
    app.post(Some(&admin), "/journal/key", &[("reason", "Định kỳ")]).await.is(303);
    let later = app.file(&officer, &path).await;
    assert!(checked(&later, old.as_deref()).expect("a dossier").sound());
    assert!(!checked(&bytes, key(&app).await.as_deref()).expect("a dossier").sound());
}

#[tokio::test]
async fn records_altered_before_the_dossier_was_made_are_found_in_it() {
    let (app, officer, incident) = stage().await;
    let path = format!("/incidents/{incident}/proof/zip");
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("UPDATE timeline_events SET text = text || ' (sửa)' WHERE incident_id = $1"), args![&incident])
        .await
        .expect("altered");
    let evidence: Option<(String, String)> = tx
        .one(
            sql!(
                "SELECT id, sha256 FROM evidence
                  WHERE incident_id = $1 AND sha256 IS NOT NULL AND malicious = FALSE ORDER BY number, id LIMIT 1"
            ),
            args![&incident],
        )
        .await
        .expect("asked");
    tx.commit().await.expect("committed");
    let (item, sha256) = evidence.expect("an item");
    let place = app.folder().join("files").join(&sha256[..2]).join(&sha256[2..]);
    std::fs::write(&place, "khác").expect("written");
    let key = key(&app).await;
    let swapped = checked(&app.file(&officer, &path).await, key.as_deref()).expect("a dossier").findings;
    assert!(swapped.iter().any(|it| it.place.contains("timeline_events")), "{swapped:?}");
    assert!(
        swapped.iter().any(|it| it.place.contains(&item) && it.what.vi.contains("mất hoặc bị thay")),
        "{swapped:?}"
    );
    std::fs::remove_file(&place).expect("removed");
    let missing = checked(&app.file(&officer, &path).await, key.as_deref()).expect("a dossier").findings;
    assert!(missing.iter().any(|it| it.place.contains(&item)), "{missing:?}");
}

#[tokio::test]
async fn malicious_files_stay_behind_and_only_their_hash_goes_along() {
    let (app, officer, _) = stage().await;
    let mut tx = app.app.db.read().await.expect("look");
    let item: Option<(String, String)> = tx
        .one(
            sql!(
                "SELECT incident_id, sha256 FROM evidence
                  WHERE malicious = TRUE AND sha256 IS NOT NULL ORDER BY id LIMIT 1"
            ),
            args![],
        )
        .await
        .expect("asked");
    drop(tx);
    let (incident, sha256) = item.expect("the demonstration has a malicious file");
    let bytes = app.file(&officer, &format!("/incidents/{incident}/proof/zip")).await;
    let found = checked(&bytes, key(&app).await.as_deref()).expect("a dossier");
    assert!(found.sound(), "{:?}", found.findings);
    assert!(found.notes.iter().any(|note| note.what.vi.contains("mã độc")), "{:?}", found.notes);
    let contents = contents(&bytes);
    assert!(text(&bytes, &contents, "index.json").contains(&format!("\"sha256\": \"{sha256}\"")));
    let content = std::fs::read(app.folder().join("files").join(&sha256[..2]).join(&sha256[2..])).expect("a file");
    assert!(!bytes.windows(content.len()).any(|window| window == content));
}

#[tokio::test]
async fn only_who_reads_papers_evidence_and_journal_takes_the_dossier_along() {
    let (app, _, incident) = stage().await;
    let admin = app.as_login("quantri").await;
    for path in [format!("/incidents/{incident}/proof"), format!("/incidents/{incident}/proof/zip")] {
        app.get(Some(&admin), &path).await.is(403);
        app.get(None, &path).await.is(303);
    }
    let path = format!("/incidents/{incident}/proof/checkpoint");
    app.post(Some(&admin), &path, &[]).await.is(403);
}

#[test]
fn what_is_no_dossier_is_said_to_be_none() {
    assert!(checked(b"", None).expect_err("nothing").vi.contains("bị cắt"));
    assert!(checked(&[7; 5000], None).expect_err("rubbish").vi.contains("bị cắt"));
    // A ZIP file without any file in it.
    let mut empty = b"PK\x05\x06".to_vec();
    empty.extend([0; 18]);
    assert!(checked(&empty, None).expect_err("empty").vi.contains("không phải hồ sơ"));
    // One that says it holds 65,534 files, and one whose directory lies beyond its end.
    let mut many = empty.clone();
    many[8..12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    assert!(checked(&many, None).expect_err("many").vi.contains("quá nhiều"));
    let mut far = empty;
    far[12..20].copy_from_slice(&[0xff, 0xff, 0, 0, 0xfe, 0xff, 0xff, 0xff]);
    checked(&far, None).expect_err("far");
}
