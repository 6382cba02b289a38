//! Intake: reporting without an account, batches, the queue, and from alert to incident.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use ungcuu_kit::time::{DAY, HOUR};
use ungcuu_kit::{args, sql};

use crate::support::{Answer, Person, TestApp};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000IHDR fake but long enough to be a file";

/// Sends a form with files as a browser does.
async fn upload(
    app: &TestApp,
    who: Option<&Person>,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) -> Answer {
    let line = "----thu-nghiem";
    let mut body = Vec::new();
    let csrf = who.map(|who| ("_csrf", who.csrf.as_str()));
    for (name, value) in csrf.iter().chain(fields) {
        body.extend_from_slice(
            format!("--{line}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    for (field, name, bytes) in files {
        let head = format!(
            "--{line}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{line}--\r\n").as_bytes());
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={line}"))
        .header("sec-fetch-site", "same-origin");
    app.send(request, who, Body::from(body)).await
}

/// An officer of the lead unit, who sees and does everything in intake.
pub async fn officer(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

/// An operator of the finance office, who sees that office's alerts only.
pub async fn operator(app: &TestApp) -> Person {
    app.person("Trần Văn Minh", "phong-tckh", &["van_hanh"]).await
}

/// Takes one alert in as a program does and gives back its id.
pub async fn alert(app: &TestApp, who: &Person, body: Value) -> String {
    let answer = app.api(Some(who), "/alerts", body).await;
    answer.is(200);
    answer.json()["result"]["id"].as_str().expect("an id").to_owned()
}

pub async fn get(app: &TestApp, who: &Person, id: &str) -> Value {
    let answer = app.get(Some(who), &format!("/api/v1/alerts/{id}")).await;
    answer.is(200);
    answer.json()["selected"]["alert"].clone()
}

/// What the field of a form holds.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let at = page.find(&start).unwrap_or_else(|| panic!("no {name}")) + start.len();
    page[at..].split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_citizen_reports_with_a_photo_and_follows_by_code() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let minh = operator(&app).await;
    app.get(None, "/report").await.is(200).shows("Máy bị khoá").shows("Chuyện gì xảy ra?");
    let page = app.get(None, "/report?tile=locked").await;
    page.is(200).shows("Rút dây mạng").shows("Không ghi nội dung bí mật nhà nước").shows("Phòng Tài chính");
    let once = hidden(&page.body, "once");
    let fields = [
        ("_page", "/report?tile=locked"),
        ("tile", "locked"),
        ("once", once.as_str()),
        ("description", "Sáng nay mở máy thấy nền đen.\nTệp nào cũng thêm đuôi .lock <script>"),
        ("unit", minh.unit_id.as_str()),
        ("place", "Tầng 2"),
        ("when", "now"),
        ("name", "Nguyễn Văn Dân"),
        ("phone", "0912 345 678"),
    ];
    let files: [(&str, &str, &[u8]); 2] =
        [("files", "../../ảnh màn hình.png", PNG), ("files", "ghi-chu.html", b"<script>alert(1)</script>")];
    let sent = upload(&app, None, "/report", &fields, &files).await;
    let place = sent.place();
    assert!(place.starts_with("/report/") && place.len() == "/report/ABCDE-FGHJK".len(), "{place}");
    let code = place.trim_start_matches("/report/").to_owned();

    let follow = app.get(None, &place).await;
    follow.is(200).shows(&code).shows("đang chờ cán bộ xem").shows("Rút dây mạng");
    follow.hides("Nguyễn Văn Dân").hides("0912").hides("CB-2023");
    // Whoever holds the code reads back what was sent, and how far it has come.
    follow.shows("nền đen").shows("ảnh màn hình.png").shows("✓ Đã nhận tin").shows("○ Cán bộ xem xét");

    // The same form sent twice is one report with one code.
    assert_eq!(upload(&app, None, "/report", &fields, &files).await.place(), place);

    let list = app.get(Some(&lan), "/alerts").await;
    list.is(200).shows("Máy bị khoá: Sáng nay mở máy thấy nền đen.").shows("Trang báo sự cố");
    let id = app.get(Some(&lan), "/api/v1/alerts").await.json()["alerts"][0]["id"].as_str().expect("one").to_owned();
    let detail = app.get(Some(&lan), &format!("/alerts/{id}")).await;
    detail.is(200).shows("&#60;script&#62;").hides("<script>alert").shows("Nguyễn Văn Dân").shows(&code);
    detail.shows("ảnh màn hình.png").hides("../..");

    let value = app.get(Some(&lan), &format!("/api/v1/alerts/{id}")).await.json();
    let files = value["selected"]["files"].as_array().expect("files").clone();
    assert_eq!(files.len(), 2, "the second sending added nothing");
    let by_name = |name: &str| {
        let file = files.iter().find(|file| file["name"] == name).expect(name);
        format!("/alerts/{id}/files/{}", file["id"].as_str().expect("an id"))
    };
    let picture = app.get(Some(&minh), &format!("{}?inline=1", by_name("ảnh màn hình.png"))).await;
    picture.is(200);
    assert_eq!(picture.headers[header::CONTENT_TYPE], "image/png");
    assert!(picture.headers[header::CONTENT_DISPOSITION].to_str().expect("plain").starts_with("inline"));
    let page = app.get(Some(&minh), &format!("{}?inline=1", by_name("ghi-chu.html"))).await;
    assert_eq!(page.headers[header::CONTENT_TYPE], "application/octet-stream", "a page is never shown");
    assert!(page.headers[header::CONTENT_DISPOSITION].to_str().expect("plain").starts_with("attachment"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");

    // The reporter writes again; the officer sees it and answers; the answer is read by code, the officer's name is not.
    upload(&app, None, &format!("{place}/messages"), &[("text", "Máy bên cạnh cũng bị")], &[]).await.place();
    app.get(Some(&lan), "/alerts").await.shows("người báo nhắn thêm");
    app.get(Some(&lan), &format!("/alerts/{id}")).await.shows("Máy bên cạnh cũng bị");
    app.post(Some(&lan), &format!("/alerts/{id}/answer"), &[("text", "Cán bộ sẽ tới lúc 14 giờ.")]).await.place();
    let follow = app.get(None, &place).await;
    follow.shows("Cán bộ sẽ tới lúc 14 giờ.").shows("Máy bên cạnh cũng bị").hides("Lê Thị Lan");
    app.post(None, "/report/find", &[("code", &code.to_lowercase())]).await.place();
    app.post(None, "/report/find", &[("code", "AAAAA-AAAAA"), ("_page", "/report")])
        .await
        .is(422)
        .shows("Không có tin nào");
    app.get(None, "/report/AAAAA-AAAAA").await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_public_report_needs_a_tile_and_readable_words() {
    let app = TestApp::new().await;
    let wrong = upload(
        &app,
        None,
        "/report",
        &[("_page", "/report?tile=mail"), ("tile", "khong-co"), ("email", "không phải thư"), ("place", "Tầng 9")],
        &[],
    )
    .await;
    wrong.is(422).shows("Hãy chọn chuyện gì xảy ra").shows("ten@donvi.gov.vn").shows("Tầng 9");
    let future = [("tile", "mail"), ("when", "other"), ("happened_at", "2024-01-01T00:00")];
    upload(&app, None, "/report", &future, &[]).await.is(422);
    let many: Vec<(&str, &str, &[u8])> = vec![("files", "a.txt", b"x".as_slice()); 11];
    upload(&app, None, "/report", &[("tile", "mail")], &many).await.is(413).shows("10");
    // A form from another site is turned away before its files are taken in.
    let request = Request::post("/report")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header("sec-fetch-site", "cross-site");
    let body = "--x\r\nContent-Disposition: form-data; name=\"tile\"\r\n\r\nmail\r\n--x--\r\n";
    app.send(request, None, Body::from(body)).await.is(403);
    let request = Request::post("/report").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let body = b"--x\r\nContent-Disposition: form-data; name=\"tile\"\r\n\r\n\xff\xfe\r\n--x--\r\n".to_vec();
    app.send(request, None, Body::from(body)).await.is(422).shows("Hãy gõ lại chỗ đó");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_batch_is_numbered_and_its_duplicates_are_folded() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let mut batch: Vec<Value> = (0..998)
        .map(|n| json!({ "title": format!("Cảnh báo {n}"), "severity": 1 + n % 4, "source": "sensor", "unit": "phong-tckh" }))
        .collect();
    batch.push(json!({ "title": "CẢNH BÁO  0", "source": "sensor", "unit": "phong-tckh", "severity": "critical" }));
    batch.push(json!({ "title": "Khác hẳn", "external_id": "E-7", "indicators": ["1.2.3.4", "evil.vn"] }));
    let first = app.api(Some(&lan), "/alerts", json!({ "alerts": batch.clone() })).await;
    first.is(200);
    let result = first.json()["result"]["alerts"].as_array().expect("a list").clone();
    assert_eq!(result.len(), 1000);
    assert_eq!(result[0]["code"], "CB-2023-000001");
    assert_eq!((&result[998]["folded"], &result[998]["count"]), (&json!(true), &json!(2)));
    assert_eq!(result[998]["id"], result[0]["id"]);
    assert_eq!(result[999]["code"], "CB-2023-000999", "numbers follow each other without gaps");

    app.app.clock.advance(HOUR);
    let again = app.api(Some(&lan), "/alerts", json!(batch)).await;
    again.is(200);
    let again = again.json()["result"]["alerts"].as_array().expect("a list").clone();
    assert!(again.iter().all(|one| one["folded"] == json!(true)));
    assert_eq!(again[0]["count"], 3);
    assert_eq!(again[998]["count"], 4);

    // Seen again within a week of the last time it is the same alert, across the weeks of the calendar; later it is not.
    app.app.clock.advance(6 * DAY);
    let lan = app.person("Bùi Thị Năm", "phong-vhtt", &["can_bo_vhtt"]).await;
    let one = json!({ "title": "Khác hẳn", "external_id": "E-7" });
    let third = app.api(Some(&lan), "/alerts", one.clone()).await.json()["result"].clone();
    assert_eq!((&third["folded"], &third["count"]), (&json!(true), &json!(3)));
    app.app.clock.advance(6 * DAY);
    let lan = app.person("Bùi Thị Sáu", "phong-vhtt", &["can_bo_vhtt"]).await;
    let fourth = app.api(Some(&lan), "/alerts", one.clone()).await.json()["result"].clone();
    assert_eq!(fourth["count"], 4);
    app.app.clock.advance(8 * DAY);
    let lan = officer_again(&app).await;
    let late = app.api(Some(&lan), "/alerts", one).await.json()["result"].clone();
    assert_eq!((&late["folded"], &late["code"]), (&json!(false), &json!("CB-2023-001000")));
    app.assert_sound().await;
}

/// Another officer, signed in after the clock was moved past the first one's session.
pub async fn officer_again(app: &TestApp) -> Person {
    app.person("Phạm Thị Hoa", "phong-vhtt", &["can_bo_vhtt"]).await
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_whole_and_every_wrong_field_named() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let many = vec![json!({ "title": "x" }); 1001];
    app.api(Some(&lan), "/alerts", json!(many)).await.is(413).shows("1001");
    app.api(Some(&lan), "/alerts", json!([])).await.is(422);
    let wrong = json!({ "alerts": [
        { "title": "đúng" },
        { "title": "", "severity": 9, "source": "khong-co", "unit": "khong-co", "happened_at": "hôm qua" },
    ] });
    let refused = app.api(Some(&lan), "/alerts", wrong).await;
    let errors = refused.is(422).json()["errors"].as_array().expect("errors").clone();
    let fields: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    for field in ["title", "severity", "source", "unit", "happened_at"] {
        assert!(fields.contains(&format!("alerts[1].{field}").as_str()), "{fields:?}");
    }
    let send = async |kind: &str, body: &'static [u8]| {
        let request = Request::post("/api/v1/alerts").header(header::CONTENT_TYPE, kind).header("x-csrf", &lan.csrf);
        app.send(request, Some(&lan), Body::from(body)).await
    };
    send("application/json", b"{\"title\": ").await.is(400).shows("JSON");
    send("application/json", b"{\"title\": \"\xff\xfe\"}").await.is(400);
    send("application/json", b"7").await.is(400);
    send("application/x-www-form-urlencoded", b"title=\xff").await.is(422).shows("\"field\":\"title\"");
    let huge = format!("[{{\"title\":\"{}\"}}]", "x".repeat(9 << 20));
    let request =
        Request::post("/api/v1/alerts").header(header::CONTENT_TYPE, "application/json").header("x-csrf", &lan.csrf);
    app.send(request, Some(&lan), Body::from(huge)).await.is(413);
    assert_eq!(app.get(Some(&lan), "/api/v1/alerts?state=all").await.json()["alerts"], json!([]));
    app.api(None, "/alerts", json!({ "title": "x" })).await.is(401);
    let auditor = app.person("Võ Văn Tra", "thanh-tra", &["kiem_tra"]).await;
    app.api(Some(&auditor), "/alerts", json!({ "title": "x" })).await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn staff_record_an_alert_with_files_and_a_repeat_keeps_its_words() {
    let app = TestApp::new().await;
    let minh = operator(&app).await;
    app.get(Some(&minh), "/alerts/new").await.is(200).shows("Ghi nhận tin").shows("Từ một bức thư");
    let fields = [
        ("title", "Máy kế toán bị khoá"),
        ("description", "Chị Hoa gọi"),
        ("source", "phone"),
        ("severity", "3"),
        ("unit", minh.unit_id.as_str()),
        ("reporter_phone", "0900"),
    ];
    let place = upload(&app, Some(&minh), "/alerts/new", &fields, &[("files", "a.txt", b"abc")]).await.place();
    let mut fields = fields;
    fields[1] = ("description", "Anh Tư cũng gọi");
    assert_eq!(upload(&app, Some(&minh), "/alerts/new", &fields, &[]).await.place(), place, "folded");
    let page = app.get(Some(&minh), &place).await;
    page.shows("Chị Hoa gọi").shows("Anh Tư cũng gọi").shows("2 lần báo").shows("a.txt").shows("Mã theo dõi");
    // The plain form without files goes to the same place.
    let sent = app.post(Some(&minh), "/alerts", &[("title", "Trang web chậm"), ("source", "unit")]).await;
    let id = sent.place().trim_start_matches("/alerts/").to_owned();
    assert_eq!(get(&app, &minh, &id).await["unit_id"], json!(minh.unit_id.as_str()), "one's own unit");
    let foreign = [("title", "x"), ("unit", "phong-vhtt"), ("_page", "/alerts/new")];
    app.post(Some(&minh), "/alerts", &foreign).await.is(422).shows("đơn vị của mình");
    let wrong =
        upload(&app, Some(&minh), "/alerts/new", &[("_page", "/alerts/new"), ("description", "Chữ còn đây")], &[]);
    wrong.await.is(422).shows("Hãy điền mục này").shows("Chữ còn đây");
    app.assert_sound().await;
}

#[tokio::test]
async fn another_units_alert_does_not_exist() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let minh = operator(&app).await;
    let theirs = alert(&app, &lan, json!({ "title": "Việc của nơi khác", "unit": "phong-vhtt" })).await;
    let nobodys = alert(&app, &lan, json!({ "title": "Chưa rõ của ai" })).await;
    for id in [&theirs, &nobodys] {
        app.get(Some(&minh), &format!("/alerts/{id}")).await.is(404);
        app.get(Some(&minh), &format!("/alerts/{id}/open")).await.is(404);
        for act in ["take", "release", "verify", "restore"] {
            app.post(Some(&minh), &format!("/alerts/{id}/{act}"), &[]).await.is(404);
        }
        app.post(Some(&minh), &format!("/alerts/{id}/dismiss"), &[("outcome", "false_alarm")]).await.is(404);
        app.post(Some(&minh), "/alerts/bulk", &[("act", "take"), ("pick", id)]).await.is(404);
    }
    app.get(Some(&minh), "/alerts?state=all").await.is(200).hides("Việc của nơi khác").hides("Chưa rõ của ai");
    app.get(Some(&minh), "/alerts/live").await.is(404);
    for unknown in
        ["/alerts/alr_00000000000000000000000000", "/alerts/nope", "/alerts/alr_0000000000000000000000000%27"]
    {
        app.get(Some(&lan), unknown).await.is(404);
    }
    // A contact person may read the unit's alerts and decide nothing.
    let contact = app.person("Đỗ Thị Đầu Mối", "phong-tckh", &["dau_moi"]).await;
    let ours = alert(&app, &contact, json!({ "title": "Máy lạ" })).await;
    app.get(Some(&contact), &format!("/alerts/{ours}")).await.is(200).hides("Trả lại");
    app.post(Some(&contact), &format!("/alerts/{ours}/take"), &[]).await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_similar_alert_or_incident_is_picked_and_any_other_named() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let unit = app.unit("xa-ba-sao").await;
    let body = |title: &str| json!({ "title": title, "unit": unit.as_str() });
    let one = alert(&app, &lan, body("Máy chủ bị khoá")).await;
    let two = alert(&app, &lan, body("Tệp không mở được")).await;
    let page = app.get(Some(&lan), &format!("/alerts/{two}")).await;
    page.is(200).shows("name=\"similar\" value=\"CB-2023-000001\"").hides("name=\"similar\" value=\"CB-2023-000002\"");
    let merged = app.post(Some(&lan), &format!("/alerts/{two}/merge"), &[("similar", "CB-2023-000001")]).await;
    assert_eq!(merged.place(), format!("/alerts/{one}"));

    // Of two open incidents the one of the same unit comes first, though the other is newer.
    let here = app.person("Vũ Thị Sao", "xa-ba-sao", &["van_hanh"]).await;
    let there = app.person("Hồ Văn Hiệp", "xa-my-hiep", &["van_hanh"]).await;
    crate::incident::opened(&app, &here).await;
    app.app.clock.advance(HOUR);
    crate::incident::opened(&app, &there).await;
    let page = app.get(Some(&lan), &format!("/alerts/{one}")).await;
    let place = |code: &str| page.body.find(&format!("name=\"incident\" value=\"{code}\"")).expect("offered");
    assert!(place("SC-2023-0001") < place("SC-2023-0002"));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_reporter_says_that_it_is_over_with_one_press() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let tile = app.app.pack.tiles[0].id.clone();
    let place = upload(&app, None, "/report", &[("tile", tile.as_str())], &[]).await.place();
    app.get(None, &place).await.shows("Báo là đã hết");
    upload(&app, None, &format!("{place}/messages"), &[("over", "1")], &[]).await.place();
    app.get(None, &place).await.shows("Người báo cho biết đã hết.");
    app.get(None, &format!("{place}?lang=en")).await.shows("it is over");
    app.get(Some(&lan), "/alerts").await.shows("người báo nhắn thêm");
    app.assert_sound().await;
}

#[tokio::test]
async fn opening_an_incident_carries_over_what_was_chosen() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let minh = operator(&app).await;
    let fields = [
        ("tile", "locked"),
        ("description", "Tệp nào cũng thêm đuôi .lock, máy gọi tới 185.220.101.7"),
        ("unit", minh.unit_id.as_str()),
        ("name", "Nguyễn Văn Dân"),
    ];
    upload(&app, None, "/report", &fields, &[("files", "anh.png", PNG)]).await.place();
    let id = app.get(Some(&minh), "/api/v1/alerts").await.json()["alerts"][0]["id"].as_str().expect("one").to_owned();
    let page = app.get(Some(&minh), &format!("/alerts/{id}/open")).await;
    page.is(200).shows("Mang theo từ tin báo").shows("1 tệp đính kèm");
    let wrong = [("title", ""), ("severity", "3"), ("_page", &format!("/alerts/{id}/open")), ("summary", "Còn nguyên")];
    let refused = app.post(Some(&minh), &format!("/alerts/{id}/open"), &wrong).await;
    refused.is(422).shows("Hãy chọn loại sự cố").shows("Còn nguyên");
    let form = [
        ("version", "1"),
        ("title", "Mã hoá dữ liệu tại Phòng Tài chính"),
        ("scenario", "a06_ransom"),
        ("severity", "3"),
        ("tlp", "amber"),
        ("detected_at", "2023-03-15T11:00"),
        ("summary", "Một máy bị mã hoá."),
        ("carry_description", "1"),
        ("carry_files", "1"),
        ("carry_signs", "1"),
        ("carry_contact", "1"),
    ];
    let opened = app.post(Some(&minh), &format!("/alerts/{id}/open"), &form).await;
    let incident = opened.place().trim_start_matches("/incidents/").to_owned();
    let it = get(&app, &minh, &id).await;
    assert_eq!((&it["status"], &it["incident_id"]), (&json!("opened"), &json!(incident)));
    app.get(Some(&minh), &format!("/alerts/{id}")).await.shows("SC-2023-0001");
    app.post(Some(&minh), &format!("/alerts/{id}/open"), &form).await.is(409);

    let mut tx = app.app.db.read().await.expect("look");
    let (summary,): (String,) = tx
        .one(sql!("SELECT summary FROM incidents WHERE id = $1"), args![&incident])
        .await
        .expect("asked")
        .expect("an incident");
    assert_eq!(summary, "Một máy bị mã hoá.\n\nTệp nào cũng thêm đuôi .lock, máy gọi tới 185.220.101.7");
    let titles: Vec<(String,)> = tx
        .all(sql!("SELECT title_vi FROM timeline_events WHERE incident_id = $1 ORDER BY id"), args![&incident])
        .await
        .expect("asked");
    assert!(titles.iter().any(|(title,)| title == "Người báo: Nguyễn Văn Dân"), "{titles:?}");
    let evidence: Vec<(String, String)> = tx
        .all(sql!("SELECT name, source FROM evidence WHERE incident_id = $1 ORDER BY number"), args![&incident])
        .await
        .expect("asked");
    assert_eq!(evidence, [("anh.png".to_owned(), "CB-2023-000001".to_owned())]);
    let signs: Vec<(String,)> = tx
        .all(sql!("SELECT value FROM indicators WHERE incident_id = $1 ORDER BY value"), args![&incident])
        .await
        .expect("asked");
    assert_eq!(signs, [("185.220.101.7".to_owned(),)]);
    drop(tx);

    // The same sign in a later alert is recognised, for those who may see the incident.
    let later = alert(&app, &minh, json!({ "title": "Tường lửa chặn", "indicators": ["185[.]220[.]101[.]7"] })).await;
    let page = app.get(Some(&minh), &format!("/alerts/{later}")).await;
    page.shows("185[.]220[.]101[.]7").shows("đã gặp trong").shows("SC-2023-0001");
    let ours = json!({ "title": "Tường lửa chặn", "indicators": "185.220.101.7", "unit": "phong-noi-vu" });
    let stranger = app.person("Mai Văn Khác", "phong-noi-vu", &["van_hanh"]).await;
    let foreign = alert(&app, &stranger, ours).await;
    app.get(Some(&stranger), &format!("/alerts/{foreign}")).await.is(200).shows("185[.]220").hides("SC-2023-0001");

    // Another alert joins the same incident, and only an incident one may see.
    let second = alert(&app, &minh, json!({ "title": "Máy bên cạnh cũng bị" })).await;
    let page = format!("/alerts/{second}");
    app.get(Some(&minh), &page).await.shows("Nhập vào sự cố đang mở").shows("SC-2023-0001");
    let unknown = [("incident", "SC-2023-0099"), ("_page", page.as_str())];
    app.post(Some(&minh), &format!("{page}/join"), &unknown).await.is(422).shows("SC-2023-0099");
    app.post(Some(&minh), &format!("{page}/join"), &[("incident", "SC-2023-0001")]).await.place();
    assert_eq!(get(&app, &minh, &second).await["incident_id"], json!(incident));
    let third = alert(&app, &stranger, json!({ "title": "Không liên quan" })).await;
    app.post(Some(&stranger), &format!("/alerts/{third}/join"), &[("incident", "SC-2023-0001")]).await.is(422);
    app.get(Some(&lan), "/alerts?state=opened").await.shows("Máy bên cạnh cũng bị");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_mail_becomes_an_alert_with_its_attachments() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let mail = "From: =?utf-8?B?TmfDom4gaMOgbmcgZ2nhuqM=?= <lua@example.com>\r\nTo: a@b.vn\r\n\
        Subject: =?utf-8?B?VMOgaSBraG/huqNuIGLhu4sga2hvw6E=?=\r\nDate: Wed, 15 Mar 2023 09:00:00 +0700\r\n\
        Message-ID: <7@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n\
        --xx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Bấm <a href=\"http://lua.example\">vào đây</a></p>\
        <script>alert(1)</script>\r\n\
        --xx\r\nContent-Type: application/zip; name=\"../../hoa-don.zip\"\r\nContent-Disposition: attachment; \
        filename=\"../../hoa-don.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBAo=\r\n--xx--\r\n";
    let files: [(&str, &str, &[u8]); 1] = [("mail", "thu la.eml", mail.as_bytes())];
    let place = upload(&app, Some(&lan), "/alerts/mail", &[], &files).await.place();
    let page = app.get(Some(&lan), &place).await;
    page.shows("Tài khoản bị khoá").shows("lua@example.com").shows("vào đây").shows("hoa-don.zip").shows("thu la.eml");
    page.hides("../..").hides("alert(1)").shows("Thư điện tử").shows("15/03/2023 09:00");
    assert_eq!(upload(&app, Some(&lan), "/alerts/mail", &[], &files).await.place(), place, "the same mail is folded");
    let broken: [(&str, &str, &[u8]); 1] = [("mail", "anh.eml", b"\xff\xd8\xff\xe0 khong phai thu")];
    let refused = upload(&app, Some(&lan), "/alerts/mail", &[("_page", "/alerts/new")], &broken).await;
    refused.is(422).shows("không phải thư, hoặc thư đã hỏng");
    upload(&app, Some(&lan), "/alerts/mail", &[("_page", "/alerts/new")], &[]).await.is(422).shows("Hãy chọn tệp thư");
    app.assert_sound().await;
}
