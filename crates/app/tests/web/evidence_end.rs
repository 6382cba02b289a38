//! How evidence is read again, kept, held and destroyed.

use serde_json::json;
use ungcuu_app::actor::Actor;
use ungcuu_app::evidence::check_due;
use ungcuu_app::leftover;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, Time};
use ungcuu_kit::{args, sql};

use crate::evidence::{form, items, latest, officer, operator, send, sha256, upload};
use crate::incident::opened;
use crate::roles::session_of;
use crate::support::{Person, TestApp};

/// Closes an incident at this moment, as if its steps had been gone through.
async fn close(app: &TestApp, id: &str, at: Time) {
    let mut tx = app.app.db.write().await.expect("write");
    let sql = sql!("UPDATE incidents SET state = 'closed', closed_at = $2 WHERE id = $1");
    tx.run(sql, args![id, at]).await.expect("closed");
    tx.commit().await.expect("committed");
}

/// What the check of everything finds, apart from the incident that was closed by hand.
async fn findings(app: &TestApp) -> Vec<String> {
    let tables = ungcuu_app::journalled_tables();
    let verdict = ungcuu_app::journal::verify(&app.app.db, &app.app.blobs, &tables).await.expect("verified");
    verdict.findings.into_iter().map(|finding| finding.place).filter(|place| !place.starts_with("incidents ")).collect()
}

/// An archive of rules is in use, through the records.
async fn keep_rules(app: &TestApp, bytes: &[u8]) {
    let stored = app.app.blobs.put_bytes(bytes.to_vec().into()).await.expect("stored");
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let file =
        sql!("INSERT INTO files (id, md5, size, media_type, stored_at) VALUES ($1, $2, $3, 'application/zip', 0)");
    work.tx.run(file, args![&stored.sha256, &stored.md5, stored.size]).await.expect("a file");
    let set = sql!(
        "INSERT INTO rule_sets (id, name, folded, kind, built_in, active, created_at, version)
         VALUES ('rst_thu', 'Của Tổ', 'cua to', 'sigma', FALSE, 1, 0, 1)"
    );
    work.tx.run(set, args![]).await.expect("a set");
    let version = sql!(
        "INSERT INTO rule_set_versions (id, set_id, number, file_id, file_name, hash, rules, correlations, refused, unrouted,
                                        imported_at, imported_by)
         VALUES ('rsv_thu', 'rst_thu', 1, $1, 'quy-tac.zip', $1, 1, 0, 0, 0, 0, 'Ngô Thanh Tùng')"
    );
    work.tx.run(version, args![&stored.sha256]).await.expect("a version");
    let rows = [("files", stored.sha256.as_str()), ("rule_sets", "rst_thu"), ("rule_set_versions", "rsv_thu")];
    work.record("rules", "test", Text::same("quy tắc"), &rows);
    work.commit().await.expect("committed");
}

/// The same person, years later.
async fn again(app: &TestApp, person: &Person) -> Person {
    session_of(app, &ungcuu_kit::text::fold(&person.name).replace(' ', ".")).await
}

#[tokio::test]
async fn every_file_is_read_again_on_its_rhythm_and_a_changed_byte_is_told_to_everyone_once() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = officer(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"that"), ("b.log", b"khac")]).await.place();
    let page = latest(&app, &operator, &id).await;
    assert_eq!(check_due(&app.app).await.expect("checked"), 0, "nothing is due yet");
    app.app.clock.advance(31 * DAY);
    assert_eq!(check_due(&app.app).await.expect("checked"), 2);
    assert_eq!(check_due(&app.app).await.expect("checked"), 0, "for the next thirty days");
    let operator = again(&app, &operator).await;
    app.get(Some(&operator), &page).await.shows("còn nguyên").shows("ungcuu").shows("Đọc lại định kỳ 2 tệp");
    app.assert_sound().await;

    app.app.clock.advance(31 * DAY);
    std::fs::write(app.app.blobs.path(&sha256(b"khac")), b"khax").expect("swapped");
    std::fs::remove_file(app.app.blobs.path(&sha256(b"that"))).expect("removed");
    assert_eq!(check_due(&app.app).await.expect("checked"), 2);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    app.get(Some(&operator), &page).await.shows("KHÔNG còn như khi nhận");
    app.get(Some(&operator), &format!("/incidents/{id}/evidence")).await.shows("Có chứng cứ KHÔNG còn như khi nhận");
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("KHÔNG còn đúng như khi nhận");
    for person in [&operator, &officer] {
        let notices = app.get(Some(person), "/api/v1/notices").await.json();
        let told = notices["notices"].as_array().expect("a list").iter();
        let told = told.filter(|one| one["text_vi"].as_str().is_some_and(|words| words.contains("KHÔNG còn đúng")));
        assert_eq!(told.count(), 2, "{}", person.name);
    }
    app.app.clock.advance(31 * DAY);
    assert_eq!(check_due(&app.app).await.expect("checked"), 2);
    let operator = again(&app, &operator).await;
    let notices = app.get(Some(&operator), "/api/v1/notices").await.body;
    assert_eq!(notices.matches("KHÔNG còn đúng").count(), 2, "nobody is told twice");
    assert_eq!(findings(&app).await.len(), 2);
}

#[tokio::test]
async fn a_file_from_before_gets_its_second_hash_when_it_is_read_again() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"that")]).await.place();
    let page = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &page)
        .await
        .shows("MD5")
        .shows("chỉ để đối chiếu")
        .shows("21582c6c30be1217322cdb9aebaf4a59");
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("UPDATE files SET md5 = NULL WHERE id = $1"), args![sha256(b"that")]).await.expect("as before");
    tx.commit().await.expect("committed");
    app.get(Some(&operator), &page).await.shows("có sau lần kiểm tra tới");
    send(&app, &operator, &format!("{page}/check"), form(&operator, &[], &[])).await.place();
    app.get(Some(&operator), &page).await.hides("có sau lần kiểm tra tới");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_kept_long_enough_is_destroyed_by_the_words_of_two_and_its_row_stays() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"nhat ky")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let propose = format!("{page}/propose-destruction");
    let open = app.post(Some(&operator), &propose, &[("reason", "x")]).await;
    open.is(409).shows("Sự cố chưa kết thúc");
    close(&app, &id, app.app.now()).await;
    app.get(Some(&operator), "/evidence/disposal").await.is(200).shows("Chưa có chứng cứ nào hết hạn giữ");
    app.app.clock.advance(4 * 365 * DAY);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    app.post(Some(&operator), &propose, &[("reason", "x")]).await.is(409).shows("phải giữ đến ngày 15/03/2028");

    app.app.clock.advance(366 * DAY + DAY);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    app.get(Some(&operator), "/evidence/disposal").await.is(200).shows("a.log").shows("đến hạn");
    let hold = [("reason", "Công an yêu cầu, văn bản số 12")];
    app.post(Some(&officer), &format!("{page}/hold"), &hold).await.place();
    app.post(Some(&operator), &propose, &[("reason", "x")]).await.is(409).shows("lệnh giữ");
    app.get(Some(&operator), "/evidence/disposal").await.shows("lệnh giữ");
    app.post(Some(&officer), &format!("{page}/release"), &[("reason", "vụ án đã xong")]).await.place();

    app.post(Some(&operator), &propose, &[("reason", "hết hạn giữ")]).await.place();
    app.get(Some(&operator), &page).await.shows("Phải có người thứ hai đồng ý").hides("Đồng ý tiêu huỷ</button>");
    app.post(Some(&operator), &format!("{page}/destroy"), &[]).await.is(403).shows("người thứ hai");
    app.get(Some(&officer), "/").await.is(200).shows("Đồng ý tiêu huỷ CC-01");
    app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.place();

    assert!(!app.app.blobs.path(&sha256(b"nhat ky")).exists(), "the bytes are gone");
    let shown = app.get(Some(&operator), &page).await;
    shown.is(200).shows("Đã tiêu huỷ").shows(&sha256(b"nhat ky")).shows("đề nghị: Nguyễn Văn Vận; đồng ý: Lê Thị Lan");
    app.get(Some(&operator), &format!("{page}/file")).await.is(409).shows("tiêu huỷ");
    app.get(Some(&operator), &format!("{page}/archive")).await.is(409);
    send(&app, &operator, &format!("{page}/check"), form(&operator, &[], &[])).await.is(409);
    app.api(Some(&operator), &format!("{page}/acts"), json!({ "kind": "seal", "seal": "1" })).await.is(409);
    app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.is(409);
    app.get(Some(&officer), "/").await.hides("Đồng ý tiêu huỷ CC-01");
    assert_eq!(findings(&app).await, Vec::<String>::new(), "destroyed by an act, and so it says");
    app.app.clock.advance(31 * DAY);
    assert_eq!(check_due(&app.app).await.expect("checked"), 0);
}

#[tokio::test]
async fn bytes_that_another_row_names_stay_and_come_back_when_they_are_sent_again() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let (id, other) = (opened(&app, &operator).await, opened(&app, &operator).await);
    upload(&app, &operator, &id, &[], &[("a.log", b"chung")]).await.place();
    let page = latest(&app, &operator, &id).await;
    upload(&app, &operator, &other, &[], &[("b.log", b"chung")]).await.place();
    let second = latest(&app, &operator, &other).await;
    for id in [&id, &other] {
        close(&app, id, app.app.now()).await;
    }
    app.app.clock.advance(6 * 365 * DAY);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    let path = app.app.blobs.path(&sha256(b"chung"));
    for (page, stays) in [(&page, true), (&second, false)] {
        app.post(Some(&operator), &format!("{page}/propose-destruction"), &[("reason", "hết hạn")]).await.place();
        app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.place();
        assert_eq!(path.exists(), stays);
    }
    assert_eq!(findings(&app).await, Vec::<String>::new());
    let third = opened(&app, &operator).await;
    upload(&app, &operator, &third, &[], &[("c.log", b"chung")]).await.place();
    assert_eq!(items(&app, &operator, &third).await.len(), 1);
    assert!(path.exists());
    leftover::tidy(&app.app).await.expect("tidied");
    assert!(path.exists(), "what came again is no leftover");
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(findings(&app).await, [format!("files {}", sha256(b"chung"))], "and is missed when it is gone");
}

#[tokio::test]
async fn bytes_that_a_copy_for_outside_or_an_archive_of_rules_names_stay_when_the_evidence_goes() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    // What went outside came back and was taken as evidence; the rules in use lay on a disk that was.
    let outward = format!("/incidents/{id}/outward");
    let made = app.api(Some(&operator), &outward, json!({ "content": "indicators_csv" })).await.is(200).json();
    let copy = format!("{outward}/{}/file", made["result"]["id"].as_str().expect("an id"));
    let sent = app.file(&operator, &copy).await;
    let rules = b"PK quy tac".to_vec();
    keep_rules(&app, &rules).await;
    let mut pages = Vec::new();
    for (name, bytes) in [("ban-gui.csv", &sent), ("quy-tac.zip", &rules), ("rieng.log", &b"rieng".to_vec())] {
        upload(&app, &operator, &id, &[], &[(name, bytes)]).await.place();
        pages.push((latest(&app, &operator, &id).await, app.app.blobs.path(&sha256(bytes))));
    }
    close(&app, &id, app.app.now()).await;
    app.app.clock.advance(6 * 365 * DAY);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    for (page, _) in &pages {
        app.post(Some(&operator), &format!("{page}/propose-destruction"), &[("reason", "hết hạn")]).await.place();
        app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.place();
        app.get(Some(&operator), page).await.is(200).shows("Đã tiêu huỷ");
        app.get(Some(&operator), &format!("{page}/file")).await.is(409);
    }
    let there: Vec<bool> = pages.iter().map(|(_, path)| path.exists()).collect();
    assert_eq!(there, [true, true, false], "the copy and the rules keep theirs; what only the evidence named is gone");
    assert_eq!(app.file(&operator, &copy).await, sent, "the copy can still be read");
    assert_eq!(std::fs::read(&pages[1].1).expect("there"), rules, "and so can the rules");
    leftover::tidy(&app.app).await.expect("tidied");
    assert_eq!(findings(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_proposal_can_be_declined_and_only_those_in_the_incident_have_a_word() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    let auditor = app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &id).await;
    close(&app, &id, app.app.now()).await;
    app.app.clock.advance(6 * 365 * DAY);
    let (operator, officer) = (again(&app, &operator).await, again(&app, &officer).await);
    let (stranger, auditor) = (again(&app, &stranger).await, again(&app, &auditor).await);
    for act in ["hold", "release", "propose-destruction", "decline-destruction", "destroy"] {
        let path = format!("{page}/{act}");
        app.post(Some(&stranger), &path, &[("reason", "x")]).await.is(404);
        app.post(Some(&auditor), &path, &[("reason", "x")]).await.is(403);
    }
    app.get(Some(&stranger), "/evidence/disposal").await.is(200).hides("a.log");
    app.get(Some(&auditor), "/evidence/disposal").await.is(200).shows("a.log");
    app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.is(409).shows("Không có đề nghị");
    app.post(Some(&operator), &format!("{page}/propose-destruction"), &[("reason", "hết hạn")]).await.place();
    app.post(Some(&officer), &format!("{page}/decline-destruction"), &[("reason", "còn dùng tập huấn")]).await.place();
    app.get(Some(&operator), &page).await.hides("Đề nghị tiêu huỷ</h2>").shows("còn dùng tập huấn");
    app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.is(409);
    app.get(Some(&operator), "/evidence/disposal?after=evi_zzz").await.is(200).hides("a.log");
}

#[tokio::test]
async fn what_was_declared_void_need_not_be_kept_and_goes_by_the_words_of_two() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("nham.log", b"cua nguoi khac")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let propose = format!("{page}/propose-destruction");
    app.post(Some(&operator), &propose, &[("reason", "gửi nhầm")]).await.is(409).shows("Sự cố chưa kết thúc");
    app.post(Some(&operator), &format!("{page}/void"), &[("reason", "Tệp của sự cố khác"), ("version", "1")])
        .await
        .is(303);
    app.get(Some(&operator), &page).await.shows("Đề nghị tiêu huỷ (đã bị loại)");
    app.get(Some(&operator), &format!("{page}?lang=en")).await.shows("Propose to destroy it (declared void)");
    // A hold keeps it all the same; nothing else is done with it.
    app.post(Some(&officer), &format!("{page}/hold"), &[("reason", "Đang khiếu nại")]).await.is(303);
    app.post(Some(&operator), &propose, &[("reason", "gửi nhầm")]).await.is(409).shows("lệnh giữ");
    app.post(Some(&officer), &format!("{page}/release"), &[("reason", "Đã xong")]).await.is(303);
    app.api(Some(&operator), &format!("{page}/acts"), json!({ "kind": "seal", "seal": "1" })).await.is(409);
    app.post(Some(&operator), &propose, &[("reason", "gửi nhầm")]).await.is(303);
    app.post(Some(&operator), &format!("{page}/destroy"), &[]).await.is(403).shows("người thứ hai");
    app.post(Some(&officer), &format!("{page}/destroy"), &[]).await.is(303);
    assert!(!app.app.blobs.path(&sha256(b"cua nguoi khac")).exists(), "the bytes are gone");
    app.get(Some(&operator), &page).await.is(200).shows("Đã tiêu huỷ").shows(&sha256(b"cua nguoi khac"));
    app.assert_sound().await;
}
