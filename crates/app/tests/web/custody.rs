//! Evidence from hand to hand: who holds it at every moment, what both sides have to say, and what is refused.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use ungcuu_kit::{args, sql};

use crate::evidence::{latest, operator, send, upload};
use crate::incident::opened;
use crate::support::{Answer, Person, TestApp};

const BOUNDARY: &str = "----ranh-gioi";

/// An object without a file, registered by the operator; the page of it.
async fn object(app: &TestApp, who: &Person, id: &str) -> String {
    let form = [("name", "Ổ cứng máy kế toán"), ("kind", "device"), ("source", "máy kế toán")];
    app.post(Some(who), &format!("/incidents/{id}/evidence/add"), &form).await.place();
    latest(app, who, id).await
}

async fn act(app: &TestApp, who: &Person, page: &str, fields: serde_json::Value) -> Answer {
    app.api(Some(who), &format!("{page}/acts"), fields).await
}

/// The item as its page tells it.
async fn item(app: &TestApp, who: &Person, page: &str) -> serde_json::Value {
    app.get(Some(who), &format!("/api/v1{page}")).await.is(200).json()["line"].clone()
}

/// Draws a unit into the incident.
async fn join(app: &TestApp, who: &Person, id: &str, unit: &Person) {
    let unit = unit.unit_id.to_string();
    app.post(Some(who), &format!("/incidents/{id}/units"), &[("unit", &unit)]).await.place();
}

#[tokio::test]
async fn whoever_adds_an_item_holds_it_and_the_first_act_says_where_it_was_collected() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let more = [("collected_at", "15/03/2023 08:30"), ("collected_by", "Trần Văn Thu")];
    upload(&app, &operator, &id, &more, &[("a.log", b"a")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let known = item(&app, &operator, &page).await;
    assert_eq!(
        (&known["custody"], &known["holder"], &known["acts"]),
        (&"held".into(), &"Trần Văn Thu".into(), &1.into())
    );
    let shown = app.get(Some(&operator), &page).await;
    shown.shows("Thu thập").shows("Trần Văn Thu").shows("máy chủ một cửa").shows("15/03/2023 08:30");
    app.get(Some(&operator), &format!("/incidents/{id}/evidence")).await.shows("Trần Văn Thu");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_hand_over_needs_both_sides_and_until_then_the_giver_answers_for_it() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let colleague = app.person("Lê Văn Kề", "xa-ba-sao", &["van_hanh"]).await;
    let receiver = app.person("Ngô Thanh Tùng", "phong-ktht", &["van_hanh"]).await;
    let id = opened(&app, &operator).await;
    join(&app, &operator, &id, &receiver).await;
    let page = object(&app, &operator, &id).await;
    let unit = receiver.unit_id.to_string();

    act(&app, &operator, &page, json!({ "kind": "seal", "seal": "0117" })).await.is(200);
    act(&app, &operator, &page, json!({ "kind": "examine", "reason": "xem" }))
        .await
        .is(409)
        .shows("niêm phong số 0117");
    act(&app, &operator, &page, json!({ "kind": "hand_over", "to_unit": unit, "reason": "gửi phân tích" }))
        .await
        .is(200);

    let known = item(&app, &operator, &page).await;
    assert_eq!((&known["custody"], &known["holder"]), (&"pending".into(), &"Nguyễn Văn Vận".into()));
    app.get(Some(&operator), &page).await.shows("Đang bàn giao").shows("/handover");
    app.get(Some(&operator), &format!("/incidents/{id}/evidence")).await.shows("đang bàn giao");
    app.get(Some(&receiver), "/notices").await.shows("Bàn giao");
    app.get(Some(&receiver), "/").await.is(200).shows("Nhận bàn giao CC-01: Ổ cứng máy kế toán");
    app.get(Some(&operator), "/").await.hides("Nhận bàn giao CC-01");

    act(&app, &operator, &page, json!({ "kind": "copy", "reason": "x" })).await.is(409).shows("đang bàn giao cho");
    act(&app, &operator, &page, json!({ "kind": "receive" })).await.is(403).shows("Bạn là bên giao");
    act(&app, &colleague, &page, json!({ "kind": "receive" })).await.is(403);
    let shown = app.get(Some(&receiver), &format!("{page}/handover")).await;
    shown.is(200).shows("gửi phân tích").shows("0117").shows("Nhận bàn giao");
    act(&app, &receiver, &page, json!({ "kind": "receive", "seal": "0117" })).await.is(200);

    let known = item(&app, &operator, &page).await;
    assert_eq!(
        (&known["custody"], &known["holder"], &known["seal"]),
        (&"held".into(), &"Ngô Thanh Tùng".into(), &"0117".into())
    );
    app.get(Some(&operator), "/notices").await.shows("Nhận bàn giao");
    app.get(Some(&receiver), "/").await.hides("Nhận bàn giao CC-01");
    // What others hold is theirs to work with.
    act(&app, &operator, &page, json!({ "kind": "unseal", "reason": "x" }))
        .await
        .is(403)
        .shows("Hãy nhận bàn giao trước");
    act(&app, &receiver, &page, json!({ "kind": "unseal", "reason": "để sao chép" })).await.is(200);
    act(&app, &receiver, &page, json!({ "kind": "copy", "reason": "ra đĩa số 2" })).await.is(200);
    app.get(Some(&operator), &format!("{page}/record")).await.is(200).shows("ra đĩa số 2").shows("gửi phân tích");
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("Bàn giao – Nguyễn Văn Vận");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_refused_or_taken_back_is_with_the_giver_again() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let receiver = app.person("Ngô Thanh Tùng", "phong-ktht", &["dau_moi"]).await;
    let id = opened(&app, &operator).await;
    join(&app, &operator, &id, &receiver).await;
    let page = object(&app, &operator, &id).await;
    let give =
        json!({ "kind": "hand_over", "to_unit": receiver.unit_id, "to_person": "Ngô Thanh Tùng", "reason": "giữ hộ" });
    act(&app, &operator, &page, give.clone()).await.is(200);
    // The receiver sees what is handed to them, though they may read no other evidence.
    app.get(Some(&receiver), &page).await.is(403);
    app.get(Some(&receiver), &format!("{page}/handover"))
        .await
        .is(200)
        .shows("Ổ cứng máy kế toán")
        .shows("Từ chối nhận");
    act(&app, &receiver, &page, json!({ "kind": "refuse" })).await.is(422).shows("Hãy điền mục này.");
    act(&app, &receiver, &page, json!({ "kind": "refuse", "reason": "tem rách" })).await.is(200);
    assert_eq!(item(&app, &operator, &page).await["custody"], "held");
    app.get(Some(&operator), "/notices").await.shows("tem rách");
    app.get(Some(&receiver), &format!("{page}/handover")).await.is(404);
    act(&app, &operator, &page, give).await.is(200);
    act(&app, &operator, &page, json!({ "kind": "withdraw", "reason": "giao nhầm" })).await.is(200);
    act(&app, &receiver, &page, json!({ "kind": "receive" })).await.is(403);
    let known = item(&app, &operator, &page).await;
    assert_eq!(
        (&known["custody"], &known["holder"], &known["acts"]),
        (&"held".into(), &"Nguyễn Văn Vận".into(), &5.into())
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_receiver_outside_is_written_down_by_the_giver_with_the_signed_record() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = object(&app, &operator, &id).await;
    let police = app.unit("cong-an-tinh").await.to_string();
    act(&app, &operator, &page, json!({ "kind": "hand_over", "to_unit": police, "reason": "điều tra" })).await.is(200);
    let bare = act(&app, &operator, &page, json!({ "kind": "receive" })).await;
    bare.is(422).shows("ảnh biên bản đã ký").shows("person");
    let fields = [("_csrf", operator.csrf.as_str()), ("kind", "receive"), ("person", "Đại uý Hồ Văn An")];
    let mut body: String = fields
        .iter()
        .map(|(name, value)| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"bien-ban.pdf\"\r\n\r\n%PDF-1.7\r\n--{BOUNDARY}--\r\n"
    ));
    send(&app, &operator, &format!("{page}/acts"), body).await.place();
    let known = item(&app, &operator, &page).await;
    assert_eq!((&known["custody"], &known["holder"]), (&"held".into(), &"Đại uý Hồ Văn An".into()));
    let shown = app.get(Some(&operator), &page).await;
    shown.shows("bien-ban.pdf").shows("Đại uý Hồ Văn An");
    let photo = app.get(Some(&operator), &format!("/api/v1{page}")).await.json()["acts"][0]["photos"][0]["id"].clone();
    let file = app.get(Some(&operator), &format!("{page}/photos/{}", photo.as_str().expect("an id"))).await;
    assert_eq!(file.is(200).body, "%PDF-1.7");
    app.get(Some(&operator), &format!("{page}/photos/cup_01ARZ3NDEKTSV4RRFFQ69G5FAV")).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn two_windows_at_once_a_clock_in_the_future_and_a_void_item_are_refused() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = object(&app, &operator, &id).await;
    let seal = json!({ "kind": "seal", "seal": "1", "seen": 1 });
    act(&app, &operator, &page, seal.clone()).await.is(200);
    let late = act(&app, &operator, &page, json!({ "kind": "unseal", "reason": "x", "seen": 1 })).await;
    late.is(409).shows("Vừa có người ghi thêm việc");
    let future = json!({ "kind": "unseal", "reason": "x", "happened_at": "2099-01-01T00:00" });
    act(&app, &operator, &page, future).await.is(422).shows("còn ở tương lai");
    let past = json!({ "kind": "unseal", "reason": "x", "happened_at": "2001-01-01T00:00" });
    act(&app, &operator, &page, past).await.is(422).shows("trước việc đã ghi ngay trước đó");
    act(&app, &operator, &page, json!({ "kind": "dance" })).await.is(422);
    act(&app, &operator, &page, json!({ "kind": "destroy" })).await.is(409).shows("người thứ hai");
    act(&app, &operator, &page, json!({ "kind": "unseal", "reason": "x".repeat(301) })).await.is(422);
    let foreign = json!({ "kind": "hand_over", "reason": "x", "to_unit": "uni_01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    act(&app, &operator, &page, foreign).await.is(422).shows("Không có mục này trong danh sách.");
    app.post(Some(&operator), &format!("{page}/void"), &[("reason", "nhầm"), ("version", "1")]).await.place();
    act(&app, &operator, &page, json!({ "kind": "unseal", "reason": "x" })).await.is(409).shows("đã bị loại");
    app.get(Some(&operator), &page).await.is(200).hides("Mở niêm phong</summary>");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_being_handed_over_is_not_declared_void_and_a_closed_incident_still_moves_things() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let receiver = app.person("Ngô Thanh Tùng", "phong-ktht", &["van_hanh"]).await;
    let id = opened(&app, &operator).await;
    join(&app, &operator, &id, &receiver).await;
    let page = object(&app, &operator, &id).await;
    let give = json!({ "kind": "hand_over", "to_unit": receiver.unit_id, "reason": "giữ hộ" });
    act(&app, &operator, &page, give).await.is(200);
    let void = app.post(Some(&operator), &format!("{page}/void"), &[("reason", "nhầm"), ("version", "1")]).await;
    void.is(409).shows("đang bàn giao");
    let mut tx = app.app.db.write().await.expect("write");
    tx.run(sql!("UPDATE incidents SET state = 'closed' WHERE id = $1"), args![&id]).await.expect("closed");
    tx.commit().await.expect("committed");
    act(&app, &receiver, &page, json!({ "kind": "receive" })).await.is(200);
    act(&app, &receiver, &page, json!({ "kind": "return", "to_person": "Chủ máy", "reason": "hết cần" })).await.is(200);
    let known = item(&app, &operator, &page).await;
    assert_eq!((&known["custody"], &known["holder"]), (&"returned".into(), &"Chủ máy".into()));
    act(&app, &receiver, &page, json!({ "kind": "examine", "reason": "x" })).await.is(409).shows("đã trả lại");
}

#[tokio::test]
async fn acts_of_strangers_and_of_unknown_items_do_not_exist() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = object(&app, &operator, &id).await;
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    act(&app, &stranger, &page, json!({ "kind": "seal", "seal": "1" })).await.is(404);
    app.get(Some(&stranger), &format!("{page}/handover")).await.is(404);
    app.get(Some(&stranger), &format!("{page}/record")).await.is(404);
    let auditor = app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    act(&app, &auditor, &page, json!({ "kind": "seal", "seal": "1" })).await.is(403);
    app.get(Some(&auditor), &format!("{page}/record")).await.is(200).shows("Biên bản theo dõi chứng cứ");
    let other = opened(&app, &operator).await;
    act(&app, &operator, &page.replace(&id, &other), json!({ "kind": "seal", "seal": "1" })).await.is(404);
    let foreign = Request::post(format!("{page}/acts"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "cross-site");
    app.send(foreign, Some(&operator), Body::from("{}")).await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_body_that_the_plan_names_takes_things_over_without_being_drawn_into_the_incident() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = object(&app, &operator, &id).await;
    // The district's police are of the locality and play no part in this incident; a school is neither.
    let police = app.unit("cong-an").await.to_string();
    app.get(Some(&operator), &page).await.shows("Công an huyện Cao Lãnh");
    let officer = app.person("Hồ Văn An", "cong-an", &["van_hanh"]).await;
    act(&app, &operator, &page, json!({ "kind": "hand_over", "to_unit": police, "reason": "điều tra" })).await.is(200);
    app.get(Some(&officer), &page).await.is(404);
    app.get(Some(&officer), "/notices").await.hides("CC-01");
    let handover = app.get(Some(&operator), &format!("{page}/handover")).await;
    handover.is(200).shows("biên bản đã ký");
    let bare = act(&app, &operator, &page, json!({ "kind": "receive" })).await;
    bare.is(422).shows("ảnh biên bản đã ký").shows("person");
    let units = app.get(Some(&operator), &format!("/api/v1/incidents/{id}")).await.body;
    assert!(!units.contains("Công an huyện"), "they were not drawn in");
    app.assert_sound().await;
}
