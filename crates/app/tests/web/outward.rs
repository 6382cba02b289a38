//! What leaves the house: hand-overs of evidence and copies for outside stand before the wall, say what stayed behind, and
//! the journal says what went to whom at which marking.

use serde_json::{Value, json};
use ungcuu_app::incident::IncidentId;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::MINUTE;
use ungcuu_kit::{args, sql};

use crate::coordination::Room;
use crate::evidence::{BOUNDARY, file_head, form, latest, send, upload};
use crate::report::{squeezed, words_of};
use crate::support::{Person, TestApp};

async fn mark(room: &Room, who: &Person, item: &str, tlp: &str, version: i64) {
    let body = json!({ "item": item, "tlp": tlp, "reason": "Nơi nhận cần để ngăn chặn", "version": version });
    room.app.api(Some(who), &format!("/incidents/{}/markings", room.incident.id), body).await.is(200);
}

/// A file of the incident; its page, and how a marking names it.
async fn evidence(room: &Room, name: &str) -> (String, String) {
    let id = room.incident.id.to_string();
    upload(&room.app, &room.operator, &id, &[], &[(name, name.as_bytes())]).await.place();
    let page = latest(&room.app, &room.operator, &id).await;
    let item = format!("evidence:{}", page.rsplit('/').next().expect("an id"));
    (page, item)
}

/// Indicators of the incident: how a marking names each of them.
async fn indicators(room: &Room, text: &str) -> Vec<(String, String)> {
    let path = format!("/incidents/{}/indicators", room.incident.id);
    room.app.post(Some(&room.operator), &format!("{path}/add"), &[("text", text)]).await.place();
    let list = room.app.get(Some(&room.operator), &format!("/api/v1{path}")).await.json();
    let words = |item: &Value, key: &str| item[key].as_str().expect("words").to_owned();
    let items = list["items"].as_array().expect("a list").iter();
    items.map(|item| (words(item, "value"), format!("indicator:{}", words(item, "id")))).collect()
}

/// The form of an act with a picture of the signed record in it.
fn signed(form: Vec<u8>) -> String {
    let end = format!("--{BOUNDARY}--");
    let form = String::from_utf8(form).expect("text");
    let paper = file_head("bien-ban.png").replace("\"files\"", "\"photos\"");
    form.replace(&end, &format!("{paper}ky\r\n{end}"))
}

/// The whole incident is marked, through the records.
pub async fn mark_incident(app: &TestApp, id: &IncidentId, tlp: &str) {
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    work.tx.run(sql!("UPDATE incidents SET tlp = $2 WHERE id = $1"), args![id, tlp]).await.expect("changed");
    let rows = [("incidents", id.to_string())];
    ungcuu_app::incident::actions::record(&mut work, id, "test.done", Text::same("TLP"), &rows);
    work.commit().await.expect("committed");
}

/// Makes a copy; what came of it, and its bytes.
async fn copy(room: &Room, body: Value) -> (Value, Vec<u8>) {
    let path = format!("/incidents/{}/outward", room.incident.id);
    let made = room.app.api(Some(&room.operator), &path, body).await.is(200).json()["result"].clone();
    let id = made["id"].as_str().expect("an id").to_owned();
    (made, room.app.file(&room.operator, &format!("{path}/{id}/file")).await)
}

#[tokio::test]
async fn evidence_is_handed_to_nobody_whom_its_marking_does_not_reach() {
    let room = Room::new(&["b5", "b6"]).await;
    let (page, item) = evidence(&room, "may-chu.log").await;
    let (carrier, coordinator) = (room.unit("nha-mang").await, room.unit("vncert").await);
    let give = async |unit: &str| {
        let body = json!({ "kind": "hand_over", "to_unit": unit, "reason": "phân tích" });
        room.app.api(Some(&room.operator), &format!("{page}/acts"), body).await
    };
    let back = async || {
        let body = json!({ "kind": "withdraw", "reason": "xong" });
        room.app.api(Some(&room.operator), &format!("{page}/acts"), body).await.is(200);
    };
    mark(&room, &room.operator, &item, "red", 0).await;
    for unit in [&carrier, &coordinator] {
        give(unit).await.is(422).shows("TLP:RED không được chuyển ra ngoài").shows("hạ mức chia sẻ");
    }
    // What stays in the house still goes to those whom the law names for this incident.
    mark(&room, &room.board, &item, "amber_strict", 1).await;
    give(&carrier).await.is(422).shows("TLP:AMBER+STRICT");
    give(&coordinator).await.is(200);
    back().await;
    mark(&room, &room.board, &item, "amber", 2).await;
    give(&carrier).await.is(200);
    let journal = format!("/incidents/{}/timeline", room.incident.id);
    room.app.get(Some(&room.operator), &journal).await.shows("; TLP:AMBER+STRICT").shows("; TLP:AMBER");
    let shown = room.app.get(Some(&room.operator), &page).await;
    shown.is(200).shows("Đang bàn giao");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn what_was_raised_while_on_its_way_is_not_received_any_more() {
    let room = Room::new(&["b5", "b6"]).await;
    let (page, item) = evidence(&room, "may-chu.log").await;
    let carrier = room.unit("nha-mang").await;
    let act = async |body: Value| room.app.api(Some(&room.operator), &format!("{page}/acts"), body).await;
    let receive = async |when: &str| {
        let values = [("kind", "receive"), ("person", "Võ Minh Trí"), ("happened_at", when)];
        let paper = signed(form(&room.operator, &values, &[]));
        send(&room.app, &room.operator, &format!("{page}/acts"), paper).await
    };
    act(json!({ "kind": "hand_over", "to_unit": carrier, "reason": "phân tích" })).await.is(200);
    room.app.get(Some(&room.operator), &format!("{page}/handover")).await.is(200).hides("phải rút lại bàn giao");
    room.app.app.clock.advance(10 * MINUTE);
    mark(&room, &room.operator, &item, "red", 0).await;
    let marked = room.app.app.now();
    room.app.app.clock.advance(10 * MINUTE);

    let shown = room.app.get(Some(&room.operator), &format!("{page}/handover")).await;
    shown.is(200).shows("phải rút lại bàn giao").shows("TLP:RED không được chuyển").shows("Rút lại bàn giao</button>");
    receive("").await.is(409).shows("phải rút lại bàn giao").shows("hạ mức chia sẻ");
    receive(&marked.to_minute()).await.is(409);
    let still = room.app.get(Some(&room.operator), &format!("/api/v1{page}")).await.json();
    assert_eq!(still["line"]["custody"], "pending", "whoever gave it answers for it");
    act(json!({ "kind": "withdraw", "reason": "nâng lên RED" })).await.is(200);
    room.app.get(Some(&room.operator), &page).await.hides("Đang bàn giao");

    // A paper signed before it was marked so tells what is true, and is written down.
    mark(&room, &room.board, &item, "amber", 1).await;
    act(json!({ "kind": "hand_over", "to_unit": carrier, "reason": "phân tích" })).await.is(200);
    let given = room.app.app.now();
    room.app.app.clock.advance(10 * MINUTE);
    mark(&room, &room.operator, &item, "red", 2).await;
    receive(&given.to_minute()).await.is(303);
    let now = room.app.get(Some(&room.operator), &format!("/api/v1{page}")).await.json();
    assert_eq!((&now["line"]["custody"], &now["line"]["holder"]), (&json!("held"), &json!("Võ Minh Trí")));

    // Raised with the whole incident: the same, and lowered by those who direct it is received.
    let (page, item) = evidence(&room, "o-cung.img").await;
    let act = async |body: Value| room.app.api(Some(&room.operator), &format!("{page}/acts"), body).await;
    act(json!({ "kind": "hand_over", "to_unit": carrier, "reason": "phân tích" })).await.is(200);
    mark_incident(&room.app, &room.incident.id, "red").await;
    let paper = || signed(form(&room.operator, &[("kind", "receive"), ("person", "Võ Minh Trí")], &[]));
    send(&room.app, &room.operator, &format!("{page}/acts"), paper()).await.is(409).shows("phải rút lại bàn giao");
    mark(&room, &room.board, &item, "amber", 0).await;
    send(&room.app, &room.operator, &format!("{page}/acts"), paper()).await.is(303);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_copy_for_outside_holds_what_may_go_there_and_says_how_much_it_leaves_out() {
    let room = Room::new(&["b5", "b6"]).await;
    let id = room.incident.id.to_string();
    let page = format!("/incidents/{id}/outward");
    room.app.get(Some(&room.operator), &page).await.is(200).shows("Chưa có bản nào cho bên ngoài");
    let items = indicators(&room, "evil.com\nc2.xau.xyz\n203.0.113.9").await;
    let named = |value: &str| items.iter().find(|(known, _)| known == value).expect("an indicator").1.clone();
    mark(&room, &room.operator, &named("c2.xau.xyz"), "red", 0).await;
    mark(&room, &room.board, &named("203.0.113.9"), "green", 0).await;

    // Nothing chosen: what everybody may read, which is nothing here.
    let (made, bytes) = copy(&room, json!({ "content": "indicators_csv" })).await;
    assert_eq!((&made["left_out"], &made["tlp"]), (&json!(3), &json!("clear")));
    let table = String::from_utf8(bytes).expect("text");
    assert!(table.contains("3 mục không có trong bản này") && !table.contains("evil"), "{table}");
    // Without a recipient up to GREEN, for a body of the register up to AMBER.
    let (made, bytes) = copy(&room, json!({ "content": "indicators_json", "tlp": "green" })).await;
    let list: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!((&list["left_out"], &list["tlp"]), (&json!(2), &json!("green")));
    assert_eq!(list["indicators"][0]["value"], "203.0.113.9");
    assert_eq!(made["left_out"], 2);
    let carrier = room.unit("nha-mang").await;
    let (made, bytes) =
        copy(&room, json!({ "content": "indicators_csv", "unit": carrier, "purpose": "chặn kết nối" })).await;
    assert_eq!((&made["left_out"], &made["tlp"]), (&json!(1), &json!("amber")));
    let table = String::from_utf8(bytes).expect("text");
    assert!(table.contains("evil.com") && table.contains("203.0.113.9") && !table.contains("xau"), "{table}");

    // Farther than the recipient's circle is refused beside its field, RED always.
    for (unit, party, tlp, why) in [
        (carrier.as_str(), "", "red", "TLP:RED không được chuyển"),
        (carrier.as_str(), "", "amber_strict", "TLP:AMBER+STRICT"),
        ("", "Báo Đồng Tháp", "green", "không công khai"),
        ("", "", "amber", "nơi nhận nêu tên"),
        ("", "", "red", "TLP:RED thì không ra ngoài"),
    ] {
        let body = json!({ "content": "indicators_csv", "unit": unit, "party": party, "tlp": tlp });
        room.app.api(Some(&room.operator), &page, body).await.is(422).shows(why).shows("\"tlp\"");
    }
    let ours = room.unit("phong-vhtt").await;
    let wrong = json!({ "content": "indicators_csv", "unit": ours });
    room.app.api(Some(&room.operator), &page, wrong).await.is(422);
    let both = json!({ "content": "indicators_csv", "unit": carrier, "party": "x" });
    room.app.api(Some(&room.operator), &page, both).await.is(422);
    room.app.api(Some(&room.operator), &page, json!({ "content": "all" })).await.is(422);

    // Those inside have everything, as before.
    let inside = room.app.get(Some(&room.operator), &format!("/incidents/{id}/indicators.csv")).await;
    inside.is(200).shows("c2.xau.xyz").shows("TLP:RED").hides("không có trong bản này");
    // The journal and the page say what went to whom at which marking.
    let shown = room.app.get(Some(&room.operator), &page).await;
    shown
        .is(200)
        .shows("Nhà cung cấp dịch vụ mạng")
        .shows("TLP:AMBER")
        .shows("chặn kết nối")
        .shows("không nêu nơi nhận");
    let timeline = room.app.get(Some(&room.operator), &format!("/incidents/{id}/timeline")).await;
    timeline.shows("đến mức TLP:AMBER, để lại 1 mục ở mức chặt hơn; mục đích: chặn kết nối");
    let english = room.app.get(Some(&room.operator), &format!("{page}?lang=en")).await;
    english.is(200).shows("Make a copy for outside").hides("Bản gửi ra ngoài");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_dossier_for_outside_neither_holds_nor_names_what_is_closed() {
    let room = Room::new(&["b5", "b6"]).await;
    let (_, closed) = evidence(&room, "mat-khau.txt").await;
    let (_, open) = evidence(&room, "nhat-ky.log").await;
    mark(&room, &room.operator, &closed, "red", 0).await;
    let carrier = room.unit("nha-mang").await;
    let (made, bytes) = copy(&room, json!({ "content": "dossier_docx", "unit": carrier })).await;
    let words = words_of(&bytes);
    for there in
        ["nhat-ky.log", "Mã hoá dữ liệu tại bộ phận một cửa", "chỉ gồm những gì được chia sẻ đến mức TLP:AMBER"]
    {
        assert!(words.contains(&squeezed(there)), "“{there}” is not in\n{words}");
    }
    // Neither its entry nor the line of the timeline that tells of its coming.
    for gone in ["mat-khau.txt", "CC-01"] {
        assert!(!words.contains(gone), "“{gone}” is in\n{words}");
    }
    assert_eq!(made["tlp"], "amber");
    assert!(made["left_out"].as_i64().expect("a number") >= 2, "{made}");

    // For the press not even the title: only what was opened to everybody.
    mark(&room, &room.board, &open, "clear", 0).await;
    let (made, bytes) = copy(&room, json!({ "content": "dossier_docx", "party": "Báo Đồng Tháp" })).await;
    let words = words_of(&bytes);
    assert!(words.contains("nhat-ky.log") && words.contains(&squeezed("lập cho Báo Đồng Tháp")), "{words}");
    for gone in ["Mã hoá dữ liệu tại", "Tệp bị mã hoá"] {
        assert!(!words.contains(&squeezed(gone)), "“{gone}” is in\n{words}");
    }
    assert_eq!(made["tlp"], "clear");
    let (made, bytes) = copy(&room, json!({ "content": "evidence_csv", "party": "Báo Đồng Tháp" })).await;
    let table = String::from_utf8(bytes).expect("text");
    assert!(table.contains("nhat-ky.log") && !table.contains("mat-khau"), "{table}");
    assert_eq!(made["left_out"], 1);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn copies_are_made_by_those_who_write_reports_and_read_by_those_who_see_the_incident() {
    let room = Room::new(&["b6"]).await;
    let path = format!("/incidents/{}/outward", room.incident.id);
    let (made, _) = copy(&room, json!({ "content": "indicators_csv" })).await;
    let file = format!("{path}/{}/file", made["id"].as_str().expect("an id"));
    let auditor = room.app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    room.app.get(Some(&auditor), &path).await.is(200).hides("Lập bản cho bên ngoài</h2>");
    room.app.get(Some(&auditor), &file).await.is(200);
    room.app.api(Some(&auditor), &path, json!({ "content": "indicators_csv" })).await.is(403);
    let stranger = room.app.person("Mai Thị Xuân", "xa-an-binh", &["van_hanh"]).await;
    for path in [&path, &file] {
        room.app.get(Some(&stranger), path).await.is(404);
    }
    room.app.api(Some(&stranger), &path, json!({ "content": "indicators_csv" })).await.is(404);
    // Bytes are kept as they were made, whatever is marked or added afterwards.
    let before = room.app.file(&room.operator, &file).await;
    indicators(&room, "evil.com").await;
    assert_eq!(room.app.file(&room.operator, &file).await, before);
}

#[tokio::test]
async fn a_copy_that_holds_what_was_marked_more_strictly_since_is_not_handed_out_any_more() {
    let room = Room::new(&["b5", "b6"]).await;
    let id = &room.incident.id;
    let path = format!("/incidents/{id}/outward");
    let items = indicators(&room, "evil.com\n203.0.113.9").await;
    let carrier = room.unit("nha-mang").await;
    let wanted = json!({ "content": "indicators_csv", "unit": carrier });
    let (made, bytes) = copy(&room, wanted.clone()).await;
    let file = format!("{path}/{}/file", made["id"].as_str().expect("an id"));
    let outdated = "Đã nâng mức sau khi lập";
    room.app.get(Some(&room.operator), &path).await.is(200).hides(outdated);

    room.app.app.clock.advance(MINUTE);
    mark(&room, &room.operator, &items[0].1, "red", 0).await;
    room.app.get(Some(&room.operator), &path).await.is(200).shows(outdated);
    room.app.get(Some(&room.operator), &file).await.is(409).shows("Hãy lập bản mới");
    // It stays a record of what was made for those who direct and those who check.
    let auditor = room.app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    for person in [&room.board, &auditor] {
        assert_eq!(room.app.file(person, &file).await, bytes);
    }
    // A new one leaves it out and is handed out; the old one is again once the thing goes as far as before.
    let (fresh, _) = copy(&room, wanted.clone()).await;
    assert_eq!(fresh["left_out"], 1);
    room.app.app.clock.advance(MINUTE);
    mark(&room, &room.board, &items[0].1, "amber", 1).await;
    assert_eq!(room.app.file(&room.operator, &file).await, bytes);

    // The whole incident closes: what was made before goes nowhere, what is made behind it does.
    mark_incident(&room.app, id, "red").await;
    room.app.get(Some(&room.operator), &file).await.is(409);
    let (behind, _) = copy(&room, wanted).await;
    assert_eq!(behind["left_out"], 1, "only what is marked by itself goes on");
    room.app.get(Some(&room.operator), &path).await.shows(outdated).shows("TLP:RED");
    room.app.assert_sound().await;
}
