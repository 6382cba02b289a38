//! Evidence as people use it: sent in, numbered, read, corrected, checked; and what happens when something goes wrong.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Request, header};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use ungcuu_app::app::App;
use ungcuu_kit::{args, sql};

use crate::incident::opened;
use crate::support::{Answer, Person, TestApp};

pub const BOUNDARY: &str = "----ranh-gioi";

/// What every form about evidence needs at least.
pub const FACTS: [(&str, &str); 2] = [("kind", "log"), ("source", "máy chủ một cửa")];

pub async fn operator(app: &TestApp) -> Person {
    app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await
}

pub async fn officer(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

/// The part of a form with files up to the bytes of a file.
pub fn file_head(name: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    )
}

pub fn fields(who: &Person, fields: &[(&str, &str)]) -> String {
    let token = [("_csrf", who.csrf.as_str())];
    let part = |(name, value): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    token.iter().chain(fields).map(part).collect()
}

pub fn form(who: &Person, values: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = fields(who, values).into_bytes();
    for (name, bytes) in files {
        body.extend(file_head(name).into_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

pub async fn send(app: &TestApp, who: &Person, path: &str, body: impl Into<Body>) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = Request::post(path).header(header::CONTENT_TYPE, kind).header("sec-fetch-site", "same-origin");
    app.send(request, Some(who), body.into()).await
}

pub async fn upload(app: &TestApp, who: &Person, id: &str, more: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
    let usual = FACTS.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let values: Vec<_> = usual.chain(more).copied().collect();
    send(app, who, &format!("/incidents/{id}/evidence/upload"), form(who, &values, files)).await
}

pub async fn items(app: &TestApp, who: &Person, id: &str) -> Vec<serde_json::Value> {
    let list = app.get(Some(who), &format!("/api/v1/incidents/{id}/evidence")).await;
    list.is(200);
    list.json()["items"].as_array().expect("a list").clone()
}

/// The page of the item that was added last.
pub async fn latest(app: &TestApp, who: &Person, id: &str) -> String {
    let item = items(app, who, id).await[0]["id"].as_str().expect("an id").to_owned();
    format!("/incidents/{id}/evidence/{item}")
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Every file in the store, finished or on its way in.
pub fn stored_files(app: &App) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(app.blobs.path(&"0".repeat(64)).ancestors().nth(2).expect("the store"), &mut found);
    found
}

#[tokio::test]
async fn a_file_sent_in_is_numbered_hashed_by_the_server_and_given_back_byte_for_byte() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    app.get(Some(&operator), &format!("/incidents/{id}/evidence")).await.is(200).shows("Chưa có chứng cứ");
    let bytes: &[u8] = b"12:00 dang nhap la tu 10.0.0.9\n\x00\xff";
    let done = upload(&app, &operator, &id, &[("description", "Nhật ký\nđăng nhập")], &[("nhật ký.log", bytes)]).await;
    assert_eq!(done.place(), format!("/incidents/{id}/evidence"));
    assert_eq!(done.said(), "Đã thêm chứng cứ CC-01: nhật ký.log.");
    let hash = sha256(bytes);
    let list = app.get(Some(&operator), &format!("/incidents/{id}/evidence")).await;
    list.is(200).shows("CC-01").shows("nhật ký.log").shows("Nhật ký hệ thống").shows(&hash).shows("Nguyễn Văn Vận");
    let page = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &page).await.is(200).shows(&hash).shows("máy chủ một cửa").shows("Thêm chứng cứ CC-01");
    let request = Request::get(format!("{page}/file")).header(header::ACCEPT_ENCODING, "gzip");
    let file = app.send(request, Some(&operator), Body::empty()).await;
    file.is(200);
    assert_eq!(file.headers[header::CONTENT_LENGTH], bytes.len().to_string());
    assert_eq!(file.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/octet-stream");
    let saved = file.headers[header::CONTENT_DISPOSITION].to_str().expect("plain letters");
    assert!(saved.starts_with("attachment;") && saved.contains("nh%E1%BA%ADt%20k%C3%BD.log"), "{saved}");
    assert_eq!(file.body.as_bytes(), String::from_utf8_lossy(bytes).as_bytes());
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("Thêm chứng cứ CC-01: nhật ký.log");
    app.assert_sound().await;
}

#[tokio::test]
async fn several_files_come_at_once_and_their_folders_are_dropped() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let files: [(&str, &[u8]); 3] = [("../../etc/passwd", b"a"), ("C:\\Users\\lan\\anh.png", b"b"), ("b.txt", b"a")];
    upload(&app, &operator, &id, &[], &files).await.place();
    let listed = items(&app, &operator, &id).await;
    let names: Vec<_> = listed.iter().map(|item| (item["code"].as_str(), item["name"].as_str())).collect();
    assert_eq!(
        names,
        [(Some("CC-03"), Some("b.txt")), (Some("CC-02"), Some("anh.png")), (Some("CC-01"), Some("passwd"))]
    );
    assert_eq!(listed[0]["sha256"], listed[2]["sha256"], "the same bytes lie in the store once");
    assert_eq!(stored_files(&app.app).len(), 2);
    let other = opened(&app, &operator).await;
    upload(&app, &operator, &other, &[], &[("a.log", b"a")]).await.place();
    assert_eq!(items(&app, &operator, &other).await[0]["code"], "CC-01", "each incident counts for itself");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_wrong_field_has_its_sentence_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/evidence/upload");
    let page = format!("/incidents/{id}/evidence");
    let wrong = [
        ("_page", page.as_str()),
        ("kind", "khong-co"),
        ("description", "Ảnh chụp lúc phát hiện"),
        ("collected_at", "2099-01-01T00:00"),
        ("system", "sys_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ];
    let refused = send(&app, &operator, &path, form(&operator, &wrong, &[])).await;
    refused.is(422).shows("Không có mục này trong danh sách.").shows("Thời điểm này còn ở tương lai.");
    refused.shows("Hệ thống này chưa có trong sự cố.").shows("Hãy chọn ít nhất một tệp.");
    refused.shows("Ảnh chụp lúc phát hiện");
    let bare = send(&app, &operator, &path, form(&operator, &[("_page", &page)], &[("a.txt", b"a")])).await;
    bare.is(422).shows("Hãy chọn loại chứng cứ.").shows("Hãy ghi thu từ máy nào");
    assert!(items(&app, &operator, &id).await.is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_added_on_a_steps_page_belongs_to_the_step_and_meets_its_gate() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let step = format!("/incidents/{id}/steps/b1");
    let before = app.get(Some(&operator), &step).await;
    before.is(200).shows("data-met=\"false\"><span class=\"unseen\">Còn thiếu: </span>Đã thu thập chứng cứ ban đầu");
    before.shows("Chưa có chứng cứ.").shows("data-upload");
    let done = upload(&app, &operator, &id, &[("step", "b1")], &[("a.log", b"a")]).await;
    assert_eq!(done.place(), step);
    let after = app.get(Some(&operator), &step).await;
    after.shows("data-met=\"true\"><span class=\"unseen\">Đã có: </span>Đã thu thập chứng cứ ban đầu").shows("a.log");
    assert_eq!(items(&app, &operator, &id).await[0]["step"], "b1");
    let closed = upload(&app, &operator, &id, &[("step", "b7")], &[("a.log", b"a")]).await;
    closed.is(409).shows("Bước này không mở");
    let page = latest(&app, &operator, &id).await;
    app.post(Some(&operator), &format!("{page}/void"), &[("reason", "gửi nhầm"), ("version", "1")]).await.place();
    app.get(Some(&operator), &step).await.shows("Còn thiếu: </span>Đã thu thập chứng cứ ban đầu");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_thing_without_a_file_is_registered_too() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let add = format!("/incidents/{id}/evidence/add");
    let page = format!("/incidents/{id}/evidence");
    let nameless = app.post(Some(&operator), &add, &[("kind", "device"), ("source", "phòng"), ("_page", &page)]).await;
    nameless.is(422).shows("Hãy điền mục này.");
    let form = [("name", "Đĩa cứng niêm phong số 07"), ("kind", "device"), ("source", "máy kế toán")];
    app.post(Some(&operator), &add, &form).await.place();
    let item = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &item).await.is(200).shows("Đĩa cứng niêm phong số 07").hides("SHA-256");
    app.get(Some(&operator), &format!("{item}/file")).await.is(404);
    let check = send(&app, &operator, &format!("{item}/check"), self::form(&operator, &[], &[])).await;
    check.is(409).shows("không có tệp để kiểm tra");
    app.assert_sound().await;
}

#[tokio::test]
async fn only_those_who_may_read_and_add_do() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let list = format!("/incidents/{id}/evidence");

    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    app.get(Some(&stranger), &list).await.is(404);
    app.get(Some(&stranger), &page).await.is(404);
    app.get(Some(&stranger), &format!("{page}/file")).await.is(404);
    upload(&app, &stranger, &id, &[], &[("x.log", b"x")]).await.is(404);
    send(&app, &stranger, &format!("{page}/check"), form(&stranger, &[], &[])).await.is(404);

    let auditor = app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    app.get(Some(&auditor), &page).await.is(200).hides("Sửa thông tin");
    app.get(Some(&auditor), &list).await.is(200).hides("Thêm tệp chứng cứ");
    upload(&app, &auditor, &id, &[], &[("x.log", b"x")]).await.is(403);

    let clerk = app.person("Võ Thị Thư", "vp-huyen", &["van_thu"]).await;
    app.get(Some(&clerk), &list).await.is(403);
    app.get(Some(&clerk), &format!("{page}/file")).await.is(403);

    // A unit drawn in may add, and sees that there is something, but not what.
    let contact = app.person("Hồ Văn Mối", "xa-my-tho", &["dau_moi"]).await;
    let unit = contact.unit_id.to_string();
    app.post(Some(&operator), &format!("/incidents/{id}/units"), &[("unit", &unit)]).await.place();
    let step = format!("/incidents/{id}/steps/b1");
    app.get(Some(&contact), &step).await.is(200).shows("không xem được chứng cứ đã có").hides("a.log</a>");
    app.get(Some(&contact), &list).await.is(403);
    let added = upload(&app, &contact, &id, &[("step", "b1")], &[("tu-xa.log", b"b")]).await;
    assert_eq!(added.place(), step);
    assert_eq!(items(&app, &operator, &id).await.len(), 2);
    assert_eq!(stored_files(&app.app).len(), 2, "whoever may not add stores nothing");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_item_of_another_incident_does_not_exist_here() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let (one, other) = (opened(&app, &operator).await, opened(&app, &operator).await);
    upload(&app, &operator, &one, &[], &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &one).await;
    let foreign = page.replace(&one, &other);
    for path in [foreign.clone(), format!("{foreign}/file")] {
        app.get(Some(&operator), &path).await.is(404);
    }
    let correction = [("kind", "log"), ("source", "x"), ("version", "1")];
    app.post(Some(&operator), &format!("{foreign}/correct"), &correction).await.is(404);
    app.post(Some(&operator), &format!("{foreign}/void"), &[("reason", "x"), ("version", "1")]).await.is(404);
    let item = page.rsplit('/').next().expect("an id").to_owned();
    upload(&app, &operator, &other, &[("replaces", &item)], &[("b.log", b"b")]).await.is(404);
    for path in ["/incidents/inc_khong/evidence", "/incidents/inc_01ARZ3NDEKTSV4RRFFQ69G5FAV/evidence"] {
        app.get(Some(&operator), path).await.is(404);
    }
    app.get(Some(&operator), &format!("/incidents/{one}/evidence/evi_01ARZ3NDEKTSV4RRFFQ69G5FAV")).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/evidence/upload");
    let whole = form(&operator, &FACTS, &[("a.log", &[7; 200_000])]);
    send(&app, &operator, &path, whole[..150_000].to_vec()).await.is(400).shows("bị đứt giữa chừng");
    let broken = futures::stream::iter([
        Ok(Bytes::from(whole[..150_000].to_vec())),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    send(&app, &operator, &path, Body::from_stream(broken)).await.is(400);
    assert!(items(&app, &operator, &id).await.is_empty());
    assert!(stored_files(&app.app).is_empty(), "nothing lies in the store or on its way in");
    send(&app, &operator, &path, whole).await.place();
    assert_eq!(items(&app, &operator, &id).await.len(), 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn too_many_files_or_a_foreign_form_are_refused() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let many: Vec<(String, Vec<u8>)> = (0..21).map(|n| (format!("{n}.txt"), vec![n])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let page = format!("/incidents/{id}/evidence");
    let more = [("_page", page.as_str()), ("description", "hai mươi mốt tệp")];
    let refused = upload(&app, &operator, &id, &more, &many).await;
    refused.is(413).shows("Mỗi lần gửi nhiều nhất 20 tệp.").shows("hai mươi mốt tệp");
    assert!(items(&app, &operator, &id).await.is_empty());
    let forged = Person { csrf: "x".to_owned(), ..operator };
    upload(&app, &forged, &id, &[], &[("a.log", b"a")]).await.is(409).shows("Trang để lâu nên chưa gửi");
    assert!(items(&app, &forged, &id).await.is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_malicious_file_is_kept_but_not_handed_out() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[("malicious", "1")], &[("virus.exe", b"MZ")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let shown = app.get(Some(&operator), &page).await;
    shown.is(200).shows("Được đánh dấu là mã độc").hides("/file\"").shows("/archive").shows("infected");
    let refused = app.get(Some(&operator), &format!("{page}/file")).await;
    refused.is(409).shows("không tải trực tiếp được").hides("MZ");
    let form = [("kind", "malware_sample"), ("source", "máy chủ một cửa"), ("version", "1")];
    app.post(Some(&operator), &format!("{page}/correct"), &form).await.place();
    app.get(Some(&operator), &format!("{page}/file")).await.is(200);
    app.get(Some(&operator), &page).await.shows("mã độc (trước: “có”)").shows("loại (trước: “Nhật ký hệ thống”)");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_known_can_be_corrected_but_the_second_of_two_is_shown_the_first() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let correct = format!("{page}/correct");
    let form = [("kind", "log"), ("source", "tường lửa"), ("collected_at", "15/03/2023 08:30"), ("version", "1")];
    app.post(Some(&officer), &correct, &form).await.place();
    let shown = app.get(Some(&operator), &page).await;
    shown.shows("tường lửa").shows("15/03/2023 08:30").shows("nơi thu (trước: “máy chủ một cửa”)");
    let late = [("kind", "log"), ("source", "máy của tôi"), ("version", "1"), ("_page", &page)];
    let refused = app.post(Some(&operator), &correct, &late).await;
    refused.is(409).shows("Lê Thị Lan").shows("tường lửa").shows("máy của tôi");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_better_copy_is_a_new_item_and_a_wrong_one_is_declared_void() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"nua")]).await.place();
    let first = latest(&app, &operator, &id).await;
    let item = first.rsplit('/').next().expect("an id").to_owned();
    let two: [(&str, &[u8]); 2] = [("a.log", b"du"), ("b.log", b"b")];
    let more = [("replaces", item.as_str()), ("_page", first.as_str()), ("_form", item.as_str())];
    upload(&app, &operator, &id, &more, &two).await.is(422).shows("Bản mới chỉ gồm một tệp.");
    upload(&app, &operator, &id, &[("replaces", &item)], &[("a.log", b"du")]).await.place();
    let second = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &first).await.is(200).shows("Đã có bản mới hơn").shows("CC-02");
    app.get(Some(&operator), &second).await.is(200).shows("Thay cho").shows("CC-01");
    assert_eq!(app.get(Some(&operator), &format!("{first}/file")).await.body, "nua", "the old bytes stay");

    let void = format!("{first}/void");
    app.post(Some(&operator), &void, &[("version", "1"), ("_page", &first)]).await.is(422).shows("Hãy điền mục này.");
    app.post(Some(&operator), &void, &[("reason", "chép thiếu"), ("version", "1")]).await.place();
    let shown = app.get(Some(&operator), &first).await;
    shown.is(200).shows("Chứng cứ này đã bị loại: chép thiếu").hides("Sửa thông tin");
    let again = app.post(Some(&operator), &void, &[("reason", "nữa"), ("version", "2")]).await;
    again.is(409).shows("đã bị loại");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_swapped_file_is_noticed_by_whoever_checks_and_named_by_the_journal() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let auditor = app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"that")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let check = format!("{page}/check");
    let done = send(&app, &operator, &check, form(&operator, &[], &[])).await;
    assert_eq!(done.said(), "Tệp còn nguyên như khi nhận.");
    app.get(Some(&operator), &page).await.shows("còn nguyên").shows("đúng như khi nhận");
    app.assert_sound().await;

    let hash = sha256(b"that");
    std::fs::write(app.app.blobs.path(&hash), b"gia!").expect("swapped");
    send(&app, &auditor, &check, form(&auditor, &[], &[])).await.place();
    app.get(Some(&operator), &page).await.shows("KHÔNG còn như khi nhận").shows("đã thay đổi");
    app.get(Some(&operator), "/notices").await.shows("KHÔNG còn đúng như khi nhận");
    let tables = ungcuu_app::journalled_tables();
    let verdict = ungcuu_app::journal::verify(&app.app.db, &app.app.blobs, &tables).await.expect("verified");
    let places: Vec<_> = verdict.findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(places, [format!("files {hash}")]);

    std::fs::write(app.app.blobs.path(&hash), b"ngan").expect("swapped");
    std::fs::remove_file(app.app.blobs.path(&hash)).expect("removed");
    app.get(Some(&operator), &format!("{page}/file")).await.is(409).shows("không còn như khi nhận");
}

#[tokio::test]
async fn a_closed_incident_takes_no_evidence_but_can_still_be_checked() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("UPDATE incidents SET state = 'closed' WHERE id = $1"), args![&id]).await.expect("closed");
    tx.commit().await.expect("committed");
    upload(&app, &operator, &id, &[], &[("b.log", b"b")]).await.is(409).shows("Sự cố đã kết thúc");
    app.post(Some(&operator), &format!("{page}/void"), &[("reason", "x"), ("version", "1")]).await.is(409);
    app.get(Some(&operator), &page).await.is(200).hides("Sửa thông tin");
    send(&app, &operator, &format!("{page}/check"), form(&operator, &[], &[])).await.place();
    app.get(Some(&operator), &page).await.shows("còn nguyên");
}

#[tokio::test]
async fn an_item_is_found_by_its_words_by_those_who_may_see_it() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[("description", "Nhật ký tường lửa")], &[("fw.log", b"a")]).await.place();
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    app.get(Some(&operator), "/search?q=tuong+lua").await.is(200).shows("CC-01 fw.log");
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    app.get(Some(&stranger), "/search?q=tuong+lua").await.is(200).hides("fw.log");
}

#[tokio::test]
async fn a_long_register_is_read_page_by_page() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let files: Vec<(String, Vec<u8>)> = (0..18).map(|n| (format!("{n}.txt"), vec![n])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    for _ in 0..3 {
        upload(&app, &operator, &id, &[], &files).await.place();
    }
    let list = format!("/incidents/{id}/evidence");
    app.get(Some(&operator), &list).await.is(200).shows("CC-54").shows("CC-05").hides("CC-04").shows("after=5");
    app.get(Some(&operator), &format!("{list}?after=5")).await.shows("CC-04").shows("CC-01").hides("CC-05");
    app.get(Some(&operator), &format!("{list}?kind=photo")).await.is(200).hides("CC-54");
}
