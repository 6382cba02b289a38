//! What every feature stands on: the seam, the journal, the way a request takes.

use ungcuu_app::actor::Actor;
use ungcuu_app::journal::verify;
use ungcuu_kit::{args, sql};

use crate::support::TestApp;

#[tokio::test]
async fn a_fresh_installation_is_sound_and_every_page_asks_to_sign_in() {
    let app = TestApp::new().await;
    app.assert_sound().await;
    app.get(None, "/khong-co").await.is(404).shows("Không tìm thấy");
}

#[tokio::test]
async fn a_row_changed_behind_the_products_back_is_named() {
    let app = TestApp::new().await;
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("UPDATE units SET name = 'Đơn vị khác' WHERE code = 'phong-vhtt'"), args![]).await.expect("changed");
    tx.commit().await.expect("committed");
    let verdict = verify(&app.app.db, &app.app.blobs, &ungcuu_app::journalled_tables()).await.expect("verified");
    assert_eq!(verdict.findings.len(), 1);
    assert!(verdict.findings[0].place.starts_with("units uni_"));
}

#[tokio::test]
async fn a_removed_entry_is_named() {
    let app = TestApp::new().await;
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("DELETE FROM journal_entries WHERE stream = 'org' AND seq = 2"), args![]).await.expect("removed");
    tx.commit().await.expect("committed");
    let verdict = verify(&app.app.db, &app.app.blobs, &ungcuu_app::journalled_tables()).await.expect("verified");
    assert!(verdict.findings.iter().any(|finding| finding.what.vi.contains("Mất mục nhật ký")), "{verdict:#?}");
}

#[tokio::test]
async fn a_change_without_a_journal_entry_does_not_commit() {
    let app = TestApp::new().await;
    let mut work = app.app.work(Actor::system()).await.expect("work");
    work.tx.run(sql!("UPDATE units SET note = 'x' WHERE code = 'phong-vhtt'"), args![]).await.expect("changed");
    let refused = work.commit().await.expect_err("refused");
    assert!(refused.to_string().contains("units"), "{refused}");
    app.assert_sound().await;
}
