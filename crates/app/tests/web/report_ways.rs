//! The way of a report: handed in, returned, approved, numbered, issued, sent, confirmed, signed.

use axum::body::Body;
use axum::http::{Request, header};
use ungcuu_app::incident::Incident;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};
use ungcuu_kit::{args, sql};

use crate::report::{begin, download, incident, issue, squeezed, with, words_of};
use crate::support::{Answer, Person, TestApp};

/// What a decision needs that the records do not know.
const DECISION: &[(&str, &str)] = &[
    ("f.members", "Lê Văn Bảo, Tổ trưởng"),
    ("f.meeting", "13 giờ, phòng họp 2"),
    ("f.task", "Cô lập, thu chứng cứ"),
    ("capacity", "TM. BAN CHỈ ĐẠO KT. TRƯỞNG BAN PHÓ TRƯỞNG BAN"),
    ("signer", "Nguyễn Văn A"),
];

struct Cast {
    app: TestApp,
    incident: Incident,
    clerk: Person,
    lan: Person,
    board: Person,
    other_board: Person,
}

async fn cast() -> Cast {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let lan = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let board = app.person("Nguyễn Văn A", "bcd-cds", &["ban_chi_dao"]).await;
    let other_board = app.person("Phạm Văn B", "bcd-cds", &["ban_chi_dao"]).await;
    Cast { app, incident, clerk, lan, board, other_board }
}

async fn act(app: &TestApp, who: &Person, path: &str, act: &str, version: &str, more: &[(&str, &str)]) -> Answer {
    app.post(Some(who), path, &with(more, &[("act", act), ("version", version), ("_page", path)])).await
}

#[tokio::test]
async fn a_decision_is_handed_in_returned_approved_and_only_then_issued() {
    let Cast { app, incident, clerk, lan, board, other_board } = cast().await;
    let path = begin(&app, &lan, &incident, "qd-trieu-tap").await;
    app.get(Some(&lan), &path).await.is(200).shows("Trình duyệt").hides("Phát hành</button>");
    act(&app, &lan, &path, "issue", "1", DECISION).await.is(409).shows("phải được duyệt");
    act(&app, &lan, &path, "submit", "1", &[]).await.is(422).shows("Mục bắt buộc còn trống");
    act(&app, &lan, &path, "submit", "1", DECISION).await.is(303);

    // Its words stand; whoever leads is asked, nobody else.
    act(&app, &lan, &path, "save", "2", &[("f.task", "Khác")]).await.is(409).shows("Rút lại");
    app.get(Some(&board), &path).await.shows("Văn bản chờ bạn duyệt");
    app.get(Some(&board), "/").await.shows("Duyệt văn bản: Quyết định triệu tập");
    app.get(Some(&clerk), &path).await.hides("Văn bản chờ bạn duyệt");
    let ruling = format!("{path}/ruling");
    act(&app, &clerk, &ruling, "approve", "2", &[]).await.is(403);
    act(&app, &board, &ruling, "return", "2", &[]).await.is(422);
    act(&app, &board, &ruling, "return", "2", &[("words", "Thêm Tổ phó")]).await.is(303);
    app.get(Some(&lan), &path).await.shows("Thêm Tổ phó").shows("Trình duyệt");
    app.get(Some(&lan), "/").await.shows("Sửa văn bản bị trả lại");

    act(&app, &lan, &path, "submit", "3", &[("f.members", "Bảo; Tùng")]).await.is(303);
    let (one, two) = tokio::join!(
        act(&app, &board, &ruling, "approve", "4", &[]),
        act(&app, &other_board, &ruling, "approve", "4", &[])
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "of two who approve at once one is told");
    let slower = if one.status.as_u16() == 409 { one } else { two };
    slower.shows("đã duyệt");

    // Whatever is sent along now, what was approved is issued.
    act(&app, &lan, &path, "issue", "5", &[("f.members", "Người khác"), ("signer", "Người khác")]).await.is(303);
    app.get(Some(&lan), &path).await.shows("Số 01/QĐ-BCĐ").shows("Bảo; Tùng").hides("Người khác");
    let text = words_of(&download(&app, &lan, &format!("{path}/pdf")).await);
    for words in ["Số: 01/QĐ-BCĐ", "KT. TRƯỞNG BAN", "PHÓ TRƯỞNG BAN", "Nguyễn Văn A", "Bảo; Tùng"] {
        assert!(text.contains(&squeezed(words)), "“{words}” is not in\n{text}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_handed_in_follows_the_records_no_more_until_it_is_taken_back() {
    let Cast { app, incident, lan, .. } = cast().await;
    let path = begin(&app, &lan, &incident, "qd-trieu-tap").await;
    act(&app, &lan, &path, "submit", "1", DECISION).await.is(303);
    rename_system(&app, "Tên mới").await;
    app.get(Some(&lan), &path).await.shows("Một cửa điện tử").hides("Tên mới");
    app.post(Some(&lan), &format!("{path}/withdraw"), &[("version", "2")]).await.is(303);
    app.get(Some(&lan), &path).await.shows("Tên mới").shows("Lê Văn Bảo, Tổ trưởng");
    app.assert_sound().await;
}

async fn rename_system(app: &TestApp, name: &str) {
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let id: Option<(String,)> = work.tx.one(sql!("SELECT id FROM systems LIMIT 1"), args![]).await.expect("asked");
    let id = id.expect("a system").0;
    work.tx.run(sql!("UPDATE systems SET name = $1 WHERE id = $2"), args![name, &id]).await.expect("changed");
    work.record("org", "test.done", Text::same("Sổ"), &[("systems", id.as_str())]);
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn numbers_have_no_gap_that_nobody_explained() {
    let Cast { app, incident, clerk, lan, .. } = cast().await;
    let first = begin(&app, &clerk, &incident, "mau-03").await;
    let skip = app
        .post(
            Some(&clerk),
            &first,
            &with(crate::report::REST, &[("version", "1"), ("act", "issue"), ("number", "4"), ("_page", &first)]),
        )
        .await;
    skip.is(422).shows("Số từ 01 đến 03 bị bỏ trống");
    let why = [("version", "1"), ("act", "issue"), ("number", "4/BC-UBND"), ("gap_reason", "Đã cấp trên giấy")];
    app.post(Some(&clerk), &first, &with(crate::report::REST, &why)).await.is(303);
    app.get(Some(&clerk), &first).await.shows("Số 04/BC-UBND");

    // One that somebody has is refused with who has it; one that is free in a gap is given; then they run on.
    let second = begin(&app, &clerk, &incident, "mau-03").await;
    let taken = app
        .post(
            Some(&clerk),
            &second,
            &with(crate::report::REST, &[("version", "1"), ("act", "issue"), ("number", "4"), ("_page", &second)]),
        )
        .await;
    taken.is(422).shows("Số 04/BC-UBND đã cấp cho").shows("Trần Văn Bé");
    app.post(Some(&clerk), &second, &with(crate::report::REST, &[("version", "1"), ("act", "issue"), ("number", "2")]))
        .await
        .is(303);
    app.get(Some(&clerk), &second).await.shows("Số 02/BC-UBND");
    let third = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &third, "1").await.is(303);
    app.get(Some(&clerk), &third).await.shows("Số 05/BC-UBND");

    // A number of another sort, of another unit, of a document written elsewhere.
    let unit = app.unit("xa-ba-sao").await;
    let elsewhere = [("unit", unit.as_str()), ("kind", "thong-bao"), ("subject", "Thông báo lịch trực")];
    app.post(Some(&clerk), "/numbers", &elsewhere).await.is(303);
    let register = app.get(Some(&clerk), "/numbers").await;
    register
        .is(200)
        .shows("01/TB-UBND")
        .shows("Thông báo lịch trực")
        .shows("Bỏ trống")
        .shows("01–03")
        .shows("Đã cấp trên giấy");
    app.post(
        Some(&clerk),
        "/numbers",
        &[("unit", app.unit("xa-my-long").await.as_str()), ("kind", "thong-bao"), ("subject", "x")],
    )
    .await
    .is(403);
    app.post(Some(&clerk), "/numbers", &[("unit", "x"), ("kind", "XX"), ("_page", "/numbers")]).await.is(422);
    let stranger = app.person("Võ Thị Sáu", "xa-my-long", &["van_hanh"]).await;
    app.get(Some(&stranger), "/numbers").await.is(200).hides("04/BC-UBND");
    let number = app.get(Some(&lan), "/api/v1/numbers?kind=thong-bao").await.json()["numbers"][0].clone();
    let cancel = format!("/numbers/{}/cancel", number["id"].as_str().expect("an id"));
    app.post(Some(&stranger), &cancel, &[("reason", "x")]).await.is(404);
    app.post(Some(&clerk), &cancel, &[("reason", ""), ("_page", "/numbers")]).await.is(422);
    app.post(Some(&clerk), &cancel, &[("reason", "Ghi nhầm")]).await.is(303);
    app.get(Some(&clerk), "/numbers?state=cancelled").await.shows("01/TB-UBND").shows("Ghi nhầm").hides("04/BC-UBND");
    app.assert_sound().await;
}

#[tokio::test]
async fn at_the_last_minute_of_the_year_the_old_number_is_given_up_and_a_new_series_begins() {
    let Cast { app, incident, .. } = cast().await;
    let now = app.app.now();
    app.app.clock.advance(Time::parse("31/12/2023 23:59").expect("a moment").0 - now.0);
    // Nobody stays signed in for months.
    let clerk = app.person("Võ Văn Hai", "xa-ba-sao", &["van_hanh"]).await;
    let cut_off = begin(&app, &clerk, &incident, "mau-03").await;
    let mut posted = ungcuu_app::report::Posted::default();
    for (name, value) in with(crate::report::REST, &[("version", "1")]) {
        posted.0.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    let report = cut_off.rsplit('/').next().expect("an id").parse().expect("an id");
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    ungcuu_app::report::reserve(&mut work, &incident.id, &report, &posted).await.expect("a number");
    work.commit().await.expect("committed");
    app.app.clock.advance(2 * MINUTE);
    let other = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &other, "1").await.is(303);
    app.get(Some(&clerk), &other).await.shows("Số 01/BC-UBND");
    act(&app, &clerk, &cut_off, "issue", "2", &[]).await.is(303);
    app.get(Some(&clerk), &cut_off).await.shows("Số 02/BC-UBND");
    let old = app.get(Some(&clerk), "/numbers?year=2023").await;
    old.shows("Đã huỷ").shows("Hết năm mà văn bản chưa phát hành");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_draft_that_is_given_up_leaves_its_number_in_the_register() {
    let Cast { app, incident, clerk, .. } = cast().await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    let mut posted = ungcuu_app::report::Posted::default();
    for (name, value) in with(crate::report::REST, &[("version", "1")]) {
        posted.0.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    let report = path.rsplit('/').next().expect("an id").parse().expect("an id");
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    ungcuu_app::report::reserve(&mut work, &incident.id, &report, &posted).await.expect("a number");
    work.commit().await.expect("committed");
    let drop = format!("{path}/drop");
    app.post(Some(&clerk), &drop, &[("version", "2"), ("reason", ""), ("_page", &path)]).await.is(422);
    app.post(Some(&clerk), &drop, &[("version", "2"), ("reason", "Lập nhầm sự cố")]).await.is(303);
    app.get(Some(&clerk), "/numbers").await.shows("01/BC-UBND").shows("Đã huỷ").shows("Lập nhầm sự cố");
    app.get(Some(&clerk), &path).await.shows("Lập nhầm sự cố").hides("Lưu nháp");
    act(&app, &clerk, &path, "issue", "3", &[]).await.is(409);
    let next = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &next, "1").await.is(303);
    app.get(Some(&clerk), &next).await.shows("Số 02/BC-UBND");
    app.assert_sound().await;
}

#[tokio::test]
async fn sending_a_report_meets_the_duty_and_a_corrected_detection_can_make_it_late() {
    let Cast { app, incident, clerk, .. } = cast().await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    let sends = format!("{path}/sends");
    let unit = app.unit("so-tttt").await;
    let told = [("unit", unit.as_str()), ("way", "paper"), ("receipt", "Số đến 214"), ("rule", "tt20_notice")];
    app.post(Some(&clerk), &sends, &told).await.is(409).shows("chưa phát hành");
    issue(&app, &clerk, &path, "1").await.is(303);
    app.get(Some(&clerk), &path).await.shows("Chưa ghi nơi nào");

    let wrong =
        [("unit", unit.as_str()), ("party", "Báo chí"), ("way", "bird"), ("rule", "xx"), ("_page", path.as_str())];
    app.post(Some(&clerk), &sends, &wrong).await.is(422);
    app.post(Some(&clerk), &sends, &[("way", "paper"), ("_page", &path)]).await.is(422).shows("Hãy chọn đơn vị");
    app.post(Some(&clerk), &sends, &with(&told, &[("sent_at", "2023-03-15T13:30"), ("_page", &path)])).await.is(422);
    app.post(Some(&clerk), &sends, &told).await.is(303);
    let mut tx = app.app.db.read().await.expect("look");
    let noted: Vec<(String, String, String)> =
        tx.all(sql!("SELECT rule, receipt, channel FROM disclosures ORDER BY id"), args![]).await.expect("asked");
    assert_eq!(noted, [("tt20_notice".to_owned(), "Số đến 214".to_owned(), "letter".to_owned())]);
    drop(tx);
    app.get(Some(&clerk), &path).await.shows("Số đến 214").shows("đúng hạn");

    let view = app.get(Some(&clerk), &format!("/api/v1{path}")).await.json();
    let send = view["sends"][0]["send"]["id"].as_str().expect("an id").to_owned();
    let acknowledge = format!("{sends}/{send}/acknowledge");
    app.app.clock.advance(HOUR);
    app.post(Some(&clerk), &acknowledge, &[("version", "1"), ("their_number", "77/STTTT")]).await.is(303);
    app.get(Some(&clerk), &path).await.shows("77/STTTT");
    app.post(Some(&clerk), &acknowledge, &[("version", "1"), ("their_number", "78")])
        .await
        .is(409)
        .shows("đã ghi nhận");

    // It was detected ten days earlier after all.
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let detected = work.now.plus(-10 * DAY);
    work.tx
        .run(sql!("UPDATE incidents SET detected_at = $1 WHERE id = $2"), args![detected, &incident.id])
        .await
        .expect("changed");
    let rows = [("incidents", incident.id.to_string())];
    ungcuu_app::incident::actions::record(&mut work, &incident.id, "test.done", Text::same("Giờ"), &rows);
    work.commit().await.expect("committed");
    app.get(Some(&clerk), &path).await.shows("trễ").hides("đúng hạn");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_for_its_recipients_only_does_not_leave_by_a_report() {
    let Cast { app, incident, clerk, .. } = cast().await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &path, "1").await.is(303);
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    work.tx.run(sql!("UPDATE incidents SET tlp = 'red' WHERE id = $1"), args![&incident.id]).await.expect("changed");
    let rows = [("incidents", incident.id.to_string())];
    ungcuu_app::incident::actions::record(&mut work, &incident.id, "test.done", Text::same("TLP"), &rows);
    work.commit().await.expect("committed");
    let told = [("party", "Báo Đồng Tháp"), ("way", "paper"), ("_page", path.as_str())];
    app.post(Some(&clerk), &format!("{path}/sends"), &told).await.is(422);
    let view = app.get(Some(&clerk), &format!("/api/v1{path}")).await.json();
    assert_eq!(view["sends"], serde_json::json!([]));
    app.assert_sound().await;
}

/// Sends a file back as the signed copy.
pub async fn send_back(app: &TestApp, who: &Person, path: &str, version: &str, scan: bool, bytes: &[u8]) -> Answer {
    let mut body = Vec::new();
    let scan = if scan { "1" } else { "" };
    for (name, value) in [("_csrf", who.csrf.as_str()), ("version", version), ("scan", scan), ("_page", path)] {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"da ky.pdf\"\r\n\r\n");
    body.extend(bytes);
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post(format!("{path}/signed"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin");
    app.send(request, Some(who), Body::from(body)).await
}

#[tokio::test]
async fn a_signed_copy_is_kept_only_when_it_is_of_this_report() {
    let Cast { app, incident, clerk, .. } = cast().await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    send_back(&app, &clerk, &path, "1", false, b"%PDF-1.7").await.is(409);
    issue(&app, &clerk, &path, "1").await.is(303);
    let ours = download(&app, &clerk, &format!("{path}/pdf")).await;
    send_back(&app, &clerk, &path, "3", false, b"MZ not a pdf").await.is(422).shows("không phải PDF");
    send_back(&app, &clerk, &path, "3", false, &ours).await.is(422).shows("chưa có chữ ký");
    send_back(&app, &clerk, &path, "3", false, b"%PDF-1.7 other pages")
        .await
        .is(422)
        .shows("không phải của bản đã phát hành");
    let mut signed = ours.clone();
    signed.extend_from_slice(b"\n1 0 obj << /Type /Sig >> endobj\n%%EOF\n");
    send_back(&app, &clerk, &path, "3", false, &signed).await.is(303);
    app.get(Some(&clerk), &path).await.shows("da ky.pdf").shows("còn nguyên");
    assert_eq!(download(&app, &clerk, &format!("{path}/signed-copy")).await, signed);
    assert_eq!(download(&app, &clerk, &format!("{path}/pdf")).await, ours);
    send_back(&app, &clerk, &path, "4", true, b"%PDF-1.4 scanned").await.is(303);
    app.get(Some(&clerk), &path).await.shows("Bản quét từ giấy");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_field_takes_neither_a_book_nor_hidden_letters() {
    let Cast { app, incident, clerk, .. } = cast().await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    let book = "x".repeat(50_000);
    let refused = act(&app, &clerk, &path, "save", "1", &[("f.summary", &book)]).await;
    refused.is(422);
    let turned = "Máy chủ \u{202e}gpj.exe\u{202c} bị khoá";
    act(&app, &clerk, &path, "save", "1", &[("f.summary", turned)]).await.is(303);
    let view = app.get(Some(&clerk), &format!("/api/v1{path}")).await.body;
    assert!(view.contains("gpj.exe") && !view.contains('\u{202e}'), "{view}");
    app.assert_sound().await;
}
