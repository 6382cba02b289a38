//! Looking at evidence without being hurt by it: samples, mails, pictures.

use std::io::{Cursor, Read};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use tower::ServiceExt;

use crate::evidence::{items, latest, operator, sha256, upload};
use crate::incident::opened;
use crate::support::{Person, TestApp};

/// The bytes of an answer, not as text.
async fn bytes(app: &TestApp, who: &Person, path: &str) -> (u16, String, Vec<u8>) {
    let request = Request::get(path).header(header::COOKIE, format!("ungcuu_session={}", who.token));
    let response =
        app.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let kind = response.headers()[header::CONTENT_TYPE].to_str().expect("plain letters").to_owned();
    let status = response.status().as_u16();
    (status, kind, axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec())
}

#[tokio::test]
async fn a_sample_leaves_only_in_an_archive_with_a_password_wherever_its_bytes_lie() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let sample = b"MZ khong chay duoc o day".repeat(1000);
    upload(&app, &operator, &id, &[("malicious", "1")], &[("mẫu.exe", &sample)]).await.place();
    let page = latest(&app, &operator, &id).await;
    let (status, kind, zip) = bytes(&app, &operator, &format!("{page}/archive")).await;
    assert_eq!((status, kind.as_str()), (200, "application/zip"));
    assert!(!zip.windows(8).any(|window| window == b"MZ khong"), "nothing of it lies open");
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("an archive");
    assert!(archive.by_index(0).is_err(), "not without the password");
    let mut opened_file = archive.by_index_decrypt(0, b"infected").expect("the password on the page");
    let mut inside = Vec::new();
    opened_file.read_to_end(&mut inside).expect("read");
    assert_eq!(inside, sample);
    for door in ["", "/api/v1"] {
        let refused = app.get(Some(&operator), &format!("{door}{page}/file")).await;
        refused.is(409).hides("MZ khong").shows("mã độc");
    }
    // The same bytes, entered once more without the mark.
    let other = opened(&app, &operator).await;
    upload(&app, &operator, &other, &[], &[("anh.png", &sample)]).await.place();
    let twin = latest(&app, &operator, &other).await;
    app.get(Some(&operator), &format!("{twin}/file")).await.is(409).hides("MZ khong");
    app.get(Some(&operator), &format!("{twin}/thumbnail")).await.is(404);
    app.get(Some(&operator), &twin).await.is(200).shows("/archive").hides("/file\"");
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    app.get(Some(&operator), "/search?q=khong+chay+duoc").await.is(200).hides("CC-01");
    app.assert_sound().await;
}

const MAIL: &str = "From: =?utf-8?B?Q+G7pWMgVGh14bq/?= <lua@thue.example>\r\nTo: a@demo.example\r\n\
    Subject: =?utf-8?B?TcOhecKgbOG6oQ==?=\r\nReceived: from mx1.thue.example (198.51.100.23) by b.example\r\n\
    Date: Wed, 15 Mar 2023 09:00:00 +0700\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Mở <a href=\"http://tai-ve.example/a.exe\">đây</a> \
    http://tai-ve.example/a.exe</p><script>alert(1)</script><img src=\"http://theo-doi.example/x.gif\">\r\n\
    --b\r\nContent-Type: application/octet-stream; name=\"../../hoa-don.exe\"\r\n\
    Content-Disposition: attachment; filename=\"../../hoa-don.exe\"\r\n\r\nMZ dinh kem\r\n--b--\r\n";

#[tokio::test]
async fn a_mail_is_read_without_teeth_and_its_attachment_becomes_an_item_of_its_own() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[("kind", "mail")], &[("thu.eml", MAIL.as_bytes())]).await.place();
    let page = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &page).await.is(200).shows("/mail\"");
    let mail = app.get(Some(&operator), &format!("{page}/mail")).await;
    mail.is(200)
        .shows("Cục Thuế")
        .shows("lua[@]thue[.]example")
        .shows("198[.]51[.]100[.]23")
        .shows("hxxp://tai-ve[.]example");
    mail.shows("hoa-don.exe").shows(&sha256(b"MZ dinh kem"));
    mail.hides("http://tai-ve").hides("alert(1)").hides("<img src=\"http").hides("../..").hides("MZ dinh kem");

    let form = json!({ "sha256": sha256(b"MZ dinh kem"), "kind": "malware_sample", "malicious": true });
    let attachment = format!("{page}/attachment");
    app.api(Some(&operator), &attachment, form.clone()).await.is(200);
    app.api(Some(&operator), &attachment, form).await.is(409).shows("CC-02");
    app.api(Some(&operator), &attachment, json!({ "sha256": "x" })).await.is(422);
    let item = items(&app, &operator, &id).await[0].clone();
    assert_eq!((&item["name"], &item["malicious"]), (&"hoa-don.exe".into(), &true.into()));
    let own = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &own).await.is(200).shows("Lấy từ thư").shows("CC-01");
    app.get(Some(&operator), &format!("{page}/mail")).await.shows("Đã thành chứng cứ").shows("CC-02");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_no_mail_or_a_marked_one_is_not_opened() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("rac.eml", b"\x00\x01\xff khong phai thu")]).await.place();
    let junk = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &format!("{junk}/mail")).await.is(409).shows("không đọc được như một thư");
    upload(&app, &operator, &id, &[("malicious", "1")], &[("doc.eml", MAIL.as_bytes())]).await.place();
    let marked = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &marked).await.is(200).hides("/mail\"");
    app.get(Some(&operator), &format!("{marked}/mail")).await.is(404);
    upload(&app, &operator, &id, &[], &[("a.log", b"a")]).await.place();
    let log = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &format!("{log}/mail")).await.is(404);
    app.get(Some(&operator), &format!("{log}/thumbnail")).await.is(404);
    let mut bomb = MAIL.replace("--b--\r\n", "").into_bytes();
    for _ in 0..3000 {
        bomb.extend_from_slice(b"--b\r\nContent-Type: message/rfc822\r\n\r\n");
    }
    upload(&app, &operator, &id, &[], &[("bom.eml", &bomb)]).await.place();
    let bomb = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &format!("{bomb}/mail")).await.is(409);
    app.assert_sound().await;
}

/// A picture of one colour, and after its head the numbers of another size when `claims` says so.
fn png(width: u32, height: u32, claims: Option<u32>) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        let mut crc = u32::MAX;
        for byte in &body {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        [&u32::try_from(data.len()).expect("short").to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
    };
    let rows: Vec<u8> = (0..height).flat_map(|_| std::iter::repeat_n(0, width as usize + 1)).collect();
    let mut stored = vec![0x78, 0x01];
    let mut parts = rows.chunks(65_535).peekable();
    while let Some(part) = parts.next() {
        let length = u16::try_from(part.len()).expect("short");
        stored.push(u8::from(parts.peek().is_none()));
        stored.extend(length.to_le_bytes());
        stored.extend((!length).to_le_bytes());
        stored.extend(part);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &rows {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stored.extend((b << 16 | a).to_be_bytes());
    let (w, h) = (claims.unwrap_or(width), claims.unwrap_or(height));
    let head = [&w.to_be_bytes()[..], &h.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &stored), chunk(b"IEND", b"")].concat()
}

#[tokio::test]
async fn a_picture_gets_a_small_copy_from_a_bounded_process_and_a_bomb_gets_none() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("anh.png", &png(900, 450, None))]).await.place();
    let page = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &page).await.is(200).shows("/thumbnail").shows("900 × 450, png");
    let (status, kind, small) = bytes(&app, &operator, &format!("{page}/thumbnail")).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    assert!(small.starts_with(&[0xff, 0xd8, 0xff]));
    let again = bytes(&app, &operator, &format!("{page}/thumbnail")).await;
    assert_eq!(again.2, small, "kept beside the store");
    for (name, bomb) in [
        ("bom.png", png(64, 64, Some(60_000))),
        ("cut.png", png(900, 450, None)[..500].to_vec()),
        ("gia.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("rong.jpg", Vec::new()),
    ] {
        upload(&app, &operator, &id, &[], &[(name, &bomb)]).await.place();
        let page = latest(&app, &operator, &id).await;
        app.get(Some(&operator), &page).await.is(200).hides("/thumbnail");
        app.get(Some(&operator), &format!("{page}/thumbnail")).await.is(404);
    }
    app.assert_sound().await;
}
