//! Checkpoints of the journal: when they are made, what they hold, who signs them, and the pages about them.

use ungcuu_app::checkpoint::signing::read_public;
use ungcuu_app::checkpoint::{self, Vouched};
use ungcuu_kit::time::{HOUR, MINUTE};
use ungcuu_kit::{args, sql};

use crate::support::TestApp;

async fn count(app: &TestApp) -> i64 {
    let mut tx = app.app.db.read().await.expect("look");
    checkpoint::find_last(&mut tx).await.expect("asked").map_or(0, |last| last.number)
}

#[tokio::test]
async fn a_checkpoint_is_made_every_hour_when_something_has_changed() {
    let app = TestApp::new().await;
    checkpoint::keep_up(&app.app).await.expect("made");
    assert_eq!(count(&app).await, 1);
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.app.clock.advance(59 * MINUTE);
    checkpoint::keep_up(&app.app).await.expect("not yet");
    assert_eq!(count(&app).await, 1);
    app.app.clock.advance(MINUTE);
    checkpoint::keep_up(&app.app).await.expect("made");
    assert_eq!(count(&app).await, 2);
    app.app.clock.advance(5 * HOUR);
    checkpoint::keep_up(&app.app).await.expect("nothing to do");
    assert_eq!(count(&app).await, 2, "nothing has changed");
    let mut tx = app.app.db.read().await.expect("look");
    let all = checkpoint::list_numbered(&mut tx, &[1, 2]).await.expect("read");
    assert_eq!(all[1].previous, all[0].hash);
    let heads = checkpoint::list_heads_in(&mut tx, &[2]).await.expect("read");
    let streams: Vec<&str> = heads[&2].iter().map(|head| head.stream.as_str()).collect();
    assert_eq!(streams, ["accounts", "org"], "only what has grown since");
    drop(tx);
    app.assert_sound().await;
}

#[tokio::test]
async fn of_two_processes_that_are_due_together_one_makes_the_checkpoint() {
    let app = TestApp::new().await;
    checkpoint::keep_up(&app.app).await.expect("made");
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let made = futures::future::join_all((0..4).map(|_| checkpoint::seal(&app.app))).await;
    let made: Vec<i64> = made.into_iter().filter_map(|made| made.expect("no failure")).collect();
    assert_eq!(made, [2]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_journal_that_was_put_back_behind_a_checkpoint_is_named() {
    let app = TestApp::new().await;
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    checkpoint::keep_up(&app.app).await.expect("made");
    // Somebody takes the last entry away, makes the stream's head fit, and removes the row it speaks of.
    let mut tx = app.app.db.write().await.expect("write");
    let last: Option<(i64, String, i64)> = tx
        .one(
            sql!("SELECT seq, hash, at FROM journal_entries WHERE stream = 'org' ORDER BY seq DESC LIMIT 1 OFFSET 1"),
            args![],
        )
        .await
        .expect("asked");
    let (seq, hash, at) = last.expect("an entry");
    tx.run(sql!("DELETE FROM journal_entries WHERE stream = 'org' AND seq > $1"), args![seq]).await.expect("removed");
    tx.run(
        sql!("UPDATE journal_streams SET seq = $1, hash = $2, changed_at = $3 WHERE id = 'org'"),
        args![seq, hash, at],
    )
    .await
    .expect("changed");
    tx.commit().await.expect("committed");
    let findings = app.verdict().await.findings;
    let named = findings.iter().any(|it| it.place.starts_with("org #") && it.what.vi.contains("trạng thái cũ"));
    assert!(named, "{findings:#?}");
}

#[tokio::test]
async fn a_stream_that_was_written_anew_does_not_pass_for_the_one_in_the_checkpoint() {
    let app = TestApp::new().await;
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    checkpoint::keep_up(&app.app).await.expect("made");
    let mut tx = app.app.db.write().await.expect("write");
    let entries = ungcuu_app::journal::list(&mut tx, "org", i64::MAX, 1).await.expect("read");
    let mut last = entries.into_iter().next().expect("an entry");
    last.actor_name = "Người khác".to_owned();
    last.hash = last.computed_hash();
    tx.run(
        sql!("UPDATE journal_entries SET actor_name = $2, hash = $3 WHERE id = $1"),
        args![&last.id, &last.actor_name, &last.hash],
    )
    .await
    .expect("changed");
    tx.run(sql!("UPDATE journal_streams SET hash = $1 WHERE id = 'org'"), args![&last.hash]).await.expect("changed");
    tx.commit().await.expect("committed");
    let findings = app.verdict().await.findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].what.vi.contains("bị viết lại"), "{findings:#?}");
}

#[tokio::test]
async fn a_database_that_was_put_back_is_named_by_the_list_in_the_data_folder() {
    let app = TestApp::new().await;
    checkpoint::keep_up(&app.app).await.expect("made");
    let list = app.folder().join("seal/checkpoints.txt");
    let before = std::fs::read_to_string(&list).expect("a list");
    let ahead = format!("{before}2 {} 2023-03-15T13:00:00+07:00\n", "a".repeat(64));
    std::fs::write(&list, ahead).expect("written");
    let findings = app.verdict().await.findings;
    assert!(findings[0].what.vi.contains("điểm kiểm chứng số 2 đã lập mà không còn"), "{findings:#?}");
    std::fs::write(&list, before.replace("1 ", "1 0")).expect("written");
    assert!(app.verdict().await.findings[0].what.vi.contains("không khớp"));
    std::fs::remove_file(&list).expect("removed");
    assert!(app.verdict().await.findings[0].what.vi.contains("đã mất"));
    std::fs::write(&list, before).expect("written");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_key_file_that_was_swapped_or_broken_is_named() {
    let app = TestApp::new().await;
    checkpoint::keep_up(&app.app).await.expect("made");
    let key = app.folder().join("seal/key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&key).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let before = std::fs::read_to_string(&key).expect("a key");
    std::fs::write(&key, ungcuu_kit::chance::secret()).expect("written");
    assert!(app.verdict().await.findings[0].what.vi.contains("không phải khoá đang ghi trong sổ"));
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    checkpoint::seal(&app.app).await.expect_err("another key does not sign");
    std::fs::write(&key, "không phải khoá").expect("written");
    assert!(app.verdict().await.findings[0].what.vi.contains("đã hỏng"));
    std::fs::write(&key, before).expect("written");
    checkpoint::seal(&app.app).await.expect("signs again");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_changes_the_key_and_the_old_one_signs_for_the_new() {
    let app = TestApp::new().await;
    let admin = app.person("Quản Trị", "phong-vhtt", &["quan_tri"]).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    checkpoint::keep_up(&app.app).await.expect("made");
    app.post(Some(&officer), "/journal/key", &[("reason", "thử")]).await.is(403);
    app.post(Some(&admin), "/journal/key", &[("reason", "")]).await.is(422);
    app.app.clock.advance(HOUR);
    app.post(Some(&admin), "/journal/key", &[("reason", "Bàn giao máy chủ")]).await.is(303);
    let mut tx = app.app.db.read().await.expect("look");
    let keys = checkpoint::list_keys(&mut tx).await.expect("read");
    assert_eq!(checkpoint::vouched(&keys), [Vouched::Yes, Vouched::Yes]);
    assert_eq!((keys[1].endorsed_by, keys[0].valid_to), (Some(1), Some(app.app.now())));
    drop(tx);
    app.assert_sound().await;
    let page = app.get(Some(&officer), "/journal/key").await;
    page.is(200).shows(&keys[1].fingerprint()).shows("Bàn giao máy chủ").shows("<svg").hides("Lập khoá mới");
    let pem = app.file(&officer, "/journal/key/pem").await;
    assert_eq!(read_public(&String::from_utf8_lossy(&pem)), Some(keys[1].public_key.clone()));
    let list = app.get(Some(&officer), "/journal/checkpoints").await;
    list.is(200).shows(r#"id="checkpoint-2""#).shows("Lập ngay");
}

#[tokio::test]
async fn after_a_lost_key_the_new_one_is_marked_as_vouched_for_by_nobody() {
    let app = TestApp::new().await;
    let admin = app.person("Quản Trị", "phong-vhtt", &["quan_tri"]).await;
    checkpoint::keep_up(&app.app).await.expect("made");
    std::fs::remove_file(app.folder().join("seal/key")).expect("lost");
    app.post(Some(&admin), "/journal/checkpoints", &[]).await.is(409).shows("Không thấy khoá ký");
    app.get(Some(&admin), "/journal/key").await.is(200).shows("Không còn khoá cũ");
    assert_eq!(app.verdict().await.notes.len(), 1);
    app.post(Some(&admin), "/journal/key", &[("reason", "Mất máy chủ cũ")]).await.is(303);
    let verdict = app.verdict().await;
    assert!(verdict.sound(), "{:#?}", verdict.findings);
    assert!(verdict.notes[0].what.vi.contains("đối chiếu dấu vân"), "{:#?}", verdict.notes);
    app.get(Some(&admin), "/journal/key").await.shows("Không ai ký nhận");
}

#[tokio::test]
async fn whoever_reads_journals_makes_a_checkpoint_at_once_and_nobody_else_sees_them() {
    let app = TestApp::new().await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.get(Some(&officer), "/journal/checkpoints").await.is(200).shows("Chưa có điểm kiểm chứng nào");
    app.post(Some(&officer), "/journal/checkpoints", &[]).await.is(409).shows("chưa có khoá ký");
    checkpoint::keep_up(&app.app).await.expect("made");
    assert_eq!(
        app.post(Some(&officer), "/journal/checkpoints", &[]).await.said(),
        "Không có gì mới từ điểm kiểm chứng gần nhất."
    );
    app.person("Trần Văn Nam", "phong-vhtt", &["can_bo_vhtt"]).await;
    assert_eq!(app.post(Some(&officer), "/journal/checkpoints", &[]).await.said(), "Đã lập điểm kiểm chứng số 2.");
    let english = app.get(Some(&officer), "/journal/checkpoints?lang=en").await;
    english.is(200).shows("The journal’s checkpoints".replace('’', "&#39;").as_str());
}
