//! Files that come in pieces: going on after a broken line and a restart, and everything a hostile sender tries.

use axum::body::Body;
use axum::http::{Request, header};
use bytes::Bytes;
use serde_json::{Value, json};
use ungcuu_app::app::Settings;
use ungcuu_kit::time::DAY;

use crate::evidence::{form, items, operator, send, sha256, stored_files};
use crate::evidence_store::on_small_disk;
use crate::incident::opened;
use crate::support::{Answer, Person, TestApp};

async fn begin(app: &TestApp, who: &Person, id: &str, fields: Value) -> Answer {
    app.api(Some(who), &format!("/incidents/{id}/uploads/begin"), fields).await
}

async fn begun(app: &TestApp, who: &Person, id: &str, name: &str, size: usize) -> String {
    let answer = begin(app, who, id, json!({ "name": name, "size": size })).await;
    answer.is(200).json()["result"]["id"].as_str().expect("an id").to_owned()
}

async fn append(app: &TestApp, who: &Person, id: &str, upload: &str, offset: i64, body: impl Into<Body>) -> Answer {
    let request = Request::post(format!("/api/v1/incidents/{id}/uploads/{upload}/append?offset={offset}"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("x-csrf", &who.csrf);
    app.send(request, Some(who), body.into()).await
}

async fn mine(app: &TestApp, who: &Person, id: &str) -> Vec<Value> {
    let list = app.get(Some(who), &format!("/api/v1/incidents/{id}/uploads")).await;
    list.is(200).json()["files"].as_array().expect("a list").clone()
}

/// The form that takes files over.
async fn take(app: &TestApp, who: &Person, id: &str, uploads: &str) -> Answer {
    let values = [("kind", "log"), ("source", "máy chủ"), ("uploads", uploads)];
    send(app, who, &format!("/incidents/{id}/evidence/upload"), form(who, &values, &[])).await
}

#[tokio::test]
async fn a_file_in_pieces_goes_on_after_a_broken_line_and_becomes_an_item() {
    let mut app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let whole = b"mot hai ba bon nam sau bay tam chin muoi".to_vec();
    let answer = begin(
        &app,
        &operator,
        &id,
        json!({ "name": "o-dia.img", "size": whole.len(), "path": "may-02/o/o-dia.img", "sha256": sha256(&whole) }),
    )
    .await;
    let upload = answer.is(200).json()["result"]["id"].as_str().expect("an id").to_owned();
    append(&app, &operator, &id, &upload, 0, whole[..10].to_vec()).await.is(200);
    let broken = futures::stream::iter([
        Ok(Bytes::from(whole[10..15].to_vec())),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    append(&app, &operator, &id, &upload, 10, Body::from_stream(broken)).await.is(400).shows("phần đã nhận vẫn giữ");
    assert_eq!(mine(&app, &operator, &id).await[0]["received"], 15);
    app.get(Some(&operator), &format!("/incidents/{id}/uploads")).await.is(200).shows("o-dia.img").shows("37 %");
    append(&app, &operator, &id, &upload, 10, whole[10..].to_vec()).await.is(409).shows("15 byte");
    take(&app, &operator, &id, &upload).await.is(409).shows("chưa gửi xong");
    // Another program on the same records: what had come lies in the folder.
    app.router = ungcuu_app::web::router(&app.app, &ungcuu_app::routes());
    append(&app, &operator, &id, &upload, 15, whole[15..].to_vec()).await.is(200).shows("\"whole\":true");
    append(&app, &operator, &id, &upload, 40, b"mehr".to_vec()).await.is(413);
    take(&app, &operator, &id, &upload).await.place();
    let item = items(&app, &operator, &id).await[0].clone();
    assert_eq!((&item["sha256"], &item["size"]), (&sha256(&whole).into(), &whole.len().into()));
    assert_eq!((&item["name"], &item["folder"]), (&"o-dia.img".into(), &"may-02/o".into()));
    assert!(item["md5"].as_str().is_some_and(|md5| md5.len() == 32));
    assert!(mine(&app, &operator, &id).await.is_empty());
    assert_eq!(stored_files(&app.app).len(), 1, "nothing is left on its way");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_refused_form_keeps_what_has_come_and_several_files_are_taken_at_once() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let mut ids = Vec::new();
    for (name, bytes) in [("../../etc/passwd", "aaa"), ("C:\\x\\b.txt", "bb"), ("rong.txt", "")] {
        let upload = begun(&app, &operator, &id, name, bytes.len()).await;
        if !bytes.is_empty() {
            append(&app, &operator, &id, &upload, 0, bytes).await.is(200);
        }
        ids.push(upload);
    }
    let uploads = ids.join(" ");
    let page = format!("/incidents/{id}/evidence");
    let wrong = [("kind", "khong-co"), ("source", "x"), ("uploads", uploads.as_str()), ("_page", page.as_str())];
    let path = format!("{page}/upload");
    send(&app, &operator, &path, form(&operator, &wrong, &[])).await.is(422).shows("Không có mục này");
    assert_eq!(mine(&app, &operator, &id).await.len(), 3, "they are not sent again");
    take(&app, &operator, &id, &uploads).await.place();
    let listed = items(&app, &operator, &id).await;
    let names: Vec<_> = listed.iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names, ["rong.txt", "b.txt", "passwd"]);
    take(&app, &operator, &id, &uploads).await.is(422).shows("không còn");
    app.assert_sound().await;
}

#[tokio::test]
async fn hostile_senders_get_a_sentence_and_leave_nothing() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let other = app.person("Lê Văn Kề", "xa-ba-sao", &["van_hanh"]).await;
    let id = opened(&app, &operator).await;
    for (fields, status) in [
        (json!({}), 422),
        (json!({ "name": "a", "size": -1 }), 422),
        (json!({ "name": "a", "size": "nhieu" }), 422),
        (json!({ "name": "a", "size": 9_000_000_000_000_000_000_i64 }), 422),
        (json!({ "name": "a", "size": 1, "sha256": "khong-phai" }), 422),
        (json!({ "name": "x".repeat(500), "size": 1 }), 422),
        (json!({ "name": "..", "size": 1, "path": "../../..", "stamp": "x".repeat(900) }), 200),
    ] {
        begin(&app, &operator, &id, fields).await.is(status);
    }
    // Ten gigabytes announced, a thousand bytes sent.
    let large = begun(&app, &operator, &id, "a.img", 10 << 30).await;
    append(&app, &operator, &id, &large, 0, vec![7; 1000]).await.is(200);
    take(&app, &operator, &id, &large).await.is(409).shows("mới nhận 1000 B trong 10,0 GB");
    for (offset, status) in [(0, 409), (-1, 400), (1001, 409), (i64::MAX, 409)] {
        append(&app, &operator, &id, &large, offset, "x").await.is(status);
    }
    // What belongs to somebody else does not exist.
    append(&app, &other, &id, &large, 1000, "x").await.is(404);
    take(&app, &other, &id, &large).await.is(422);
    app.api(Some(&other), &format!("/incidents/{id}/uploads/{large}/drop"), json!({})).await.is(404);
    assert!(mine(&app, &other, &id).await.is_empty());
    let second = opened(&app, &operator).await;
    append(&app, &operator, &second, &large, 1000, "x").await.is(404);
    append(&app, &operator, &id, "upl_01ARZ3NDEKTSV4RRFFQ69G5FAV", 0, "x").await.is(404);
    append(&app, &operator, &id, "..%2F..%2Fungcuu", 0, "x").await.is(404);
    take(&app, &operator, &id, "../../ungcuu").await.is(404);
    let forged = Request::post(format!("/incidents/{id}/uploads/{large}/append?offset=1000"))
        .header("sec-fetch-site", "cross-site");
    app.send(forged, Some(&operator), Body::from("x")).await.is(403);
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    begin(&app, &stranger, &id, json!({ "name": "a", "size": 1 })).await.is(404);
    // What the sender hashed is not what came.
    let answer = begin(&app, &operator, &id, json!({ "name": "b", "size": 1, "sha256": sha256(b"khac") })).await;
    let swapped = answer.json()["result"]["id"].as_str().expect("an id").to_owned();
    append(&app, &operator, &id, &swapped, 0, "b").await.is(200);
    take(&app, &operator, &id, &swapped).await.is(422).shows("khác với mã băm");
    assert!(items(&app, &operator, &id).await.is_empty());
    app.api(Some(&operator), &format!("/incidents/{id}/uploads/{large}/drop"), json!({})).await.is(200);
    append(&app, &operator, &id, &large, 1000, "x").await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn one_account_may_not_fill_the_machine_with_promises() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let limit = Settings::default().upload_limit;
    for n in 0..4 {
        begun(&app, &operator, &id, &format!("{n}.img"), usize::try_from(limit).expect("fits")).await;
    }
    let refused = begin(&app, &operator, &id, json!({ "name": "5.img", "size": 1 })).await;
    refused.is(429).shows("quá nhiều tệp gửi dở");
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_forgotten_after_three_days() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let upload = begun(&app, &operator, &id, "a.img", 10).await;
    append(&app, &operator, &id, &upload, 0, "abc").await.is(200);
    app.app.clock.advance(2 * DAY);
    ungcuu_app::leftover::tidy(&app.app).await.expect("tidied");
    assert_eq!(stored_files(&app.app).len(), 1);
    app.app.clock.advance(2 * DAY);
    ungcuu_app::leftover::tidy(&app.app).await.expect("tidied");
    assert!(stored_files(&app.app).is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_full_disk_is_said_and_the_file_goes_on_when_there_is_room_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((app, _disk)) = on_small_disk(folder.path()).await else { return };
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let upload = begun(&app, &operator, &id, "o.img", 900 << 10).await;
    append(&app, &operator, &id, &upload, 0, vec![1; 100 << 10]).await.is(200);
    let large = begun(&app, &operator, &id, "lon.img", 3 << 20).await;
    let refused = append(&app, &operator, &id, &large, 0, vec![2; 3 << 20]).await;
    refused.is(507).shows("Ổ đĩa của máy chủ đã đầy");
    let waiting = mine(&app, &operator, &id).await;
    assert_eq!((&waiting[0]["received"], &waiting[1]["received"]), (&0.into(), &(100 << 10).into()));
    app.api(Some(&operator), &format!("/incidents/{id}/uploads/{large}/drop"), json!({})).await.is(200);
    append(&app, &operator, &id, &upload, 100 << 10, vec![1; 800 << 10]).await.is(200).shows("\"whole\":true");
    take(&app, &operator, &id, &upload).await.place();
    assert_eq!(items(&app, &operator, &id).await[0]["sha256"], sha256(&vec![1; 900 << 10]));
    app.assert_sound().await;
}

#[tokio::test]
async fn two_windows_cannot_send_the_same_file_at_once() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let upload = self::begun(&app, &operator, &id, "o.img", 8).await;
    // The first piece is in the middle of coming when the second is sent, and ends after that was refused.
    let (begins, begun) = tokio::sync::oneshot::channel::<()>();
    let (ends, ended) = tokio::sync::oneshot::channel::<()>();
    let rest = futures::stream::once(async move {
        begins.send(()).expect("the other waits");
        ended.await.expect("the other was refused");
        Ok::<_, std::io::Error>(Bytes::from_static(b"efgh"))
    });
    let body = futures::StreamExt::chain(futures::stream::iter([Ok(Bytes::from_static(b"abcd"))]), rest);
    let one = append(&app, &operator, &id, &upload, 0, Body::from_stream(body));
    let other = async {
        begun.await.expect("the first has begun");
        let refused = append(&app, &operator, &id, &upload, 0, "abcd").await;
        ends.send(()).expect("the first still waits");
        refused
    };
    let (one, other) = futures::join!(one, other);
    one.is(200).shows("\"whole\":true");
    other.is(409).shows("từ một cửa sổ khác");
}
