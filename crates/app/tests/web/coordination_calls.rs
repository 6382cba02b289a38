//! The call-out of the team: whoever does not answer is tried by the next way, a silent unit is reminded.

use serde_json::json;
use ungcuu_kit::time::{HOUR, MINUTE};

use crate::coordination::{Room, appoint, notices, summoned};
use crate::coordination_room::section;
use crate::support::Person;

/// The team on call: a lead and a deputy, called at noon on a Wednesday.
pub async fn called(room: &Room) -> (Person, Person, String) {
    let lead = room.app.person("Bùi Thị Nga", "phong-vhtt", &["to_truong"]).await;
    appoint(&room.app, &lead.person_id, "to-ung-cuu", "lead").await;
    let deputy = room.app.person("Trần Văn Ngàn", "phong-tckh", &["thanh_vien_to"]).await;
    appoint(&room.app, &deputy.person_id, "to-ung-cuu", "deputy").await;
    let people = json!([lead.person_id.to_string(), deputy.person_id.to_string()]);
    let call = json!({ "people": people, "place": "Phòng họp", "meet_at": "15/03/2023 14:00" });
    room.make(&room.board, "b4", "summons", call).await;
    let row = summoned(room, &lead).await;
    (lead, deputy, row)
}

async fn next(room: &Room, row: &str) -> Option<(String, String)> {
    let content = section(room, &room.board, "summons").await;
    let all = content["call_next"].as_array().expect("a list");
    let found = all.iter().find(|one| one["summoned"] == row)?;
    let word = |key: &str| found["next"][key].as_str().unwrap_or_default().to_owned();
    Some((word("way"), word("at")))
}

#[tokio::test]
async fn whoever_does_not_answer_is_tried_by_the_next_way_until_there_is_none() {
    let room = Room::new(&["b4"]).await;
    let (lead, _, row) = called(&room).await;
    let path = format!("summoned/{row}/try");
    assert_eq!(next(&room, &row).await, Some(("phone".to_owned(), "0277 3 820 000".to_owned())));
    room.app.get(Some(&room.board), "/").await.hides("Gọi lại người được triệu tập");
    room.app.app.clock.advance(16 * MINUTE);
    room.app.get(Some(&room.board), "/").await.shows("Gọi lại người được triệu tập: Bùi Thị Nga");
    room.page(&room.board).await.shows("Gọi ai tiếp").shows("gọi ngay").shows("tel:02773820000");
    let silent = |way: &str, version: i64| json!({ "way": way, "outcome": "no_answer", "version": version });
    // Who neither directs nor supports the step nor was called notes nothing; the machine's own notice is no call.
    room.api(&room.operator, "b4", &path, silent("phone", 1)).await.is(403);
    room.api(&room.board, "b4", &path, silent("notice", 1)).await.is(422);
    room.api(&room.board, "b4", &path, silent("phone", 1)).await.is(200);
    room.api(&room.board, "b4", &path, silent("phone", 1)).await.is(409);
    // The next try has its own quarter of an hour.
    room.app.get(Some(&room.board), "/").await.hides("Gọi lại người được triệu tập: Bùi Thị Nga");
    for (version, way, at) in
        [(2, "off_hours", "0900 000 000"), (3, "email", "thu@example.vn"), (4, "deputy", "Trần Văn Ngàn, 0900 000 000")]
    {
        assert_eq!(next(&room, &row).await, Some((way.to_owned(), at.to_owned())));
        room.api(&room.board, "b4", &path, silent(way, version)).await.is(200);
    }
    assert_eq!(next(&room, &row).await, None, "every way was tried");
    room.page(&room.board).await.shows("Chưa trả lời").shows("không trả lời");
    // Whoever answers at last is here, with who noted it.
    let here = json!({ "way": "phone", "outcome": "arrived", "version": 5 });
    room.api(&room.board, "b4", &path, here).await.is(200);
    room.api(&room.board, "b4", &path, silent("phone", 6)).await.is(409).shows("đã trả lời");
    let people = section(&room, &room.board, "summons").await["people"].clone();
    let mine = people.as_array().into_iter().flatten().find(|one| one["id"] == row.as_str()).expect("the lead");
    assert_eq!((mine["state"].as_str(), mine["name"].as_str()), (Some("arrived"), Some(lead.name.as_str())));
    assert!(mine["due_at"].is_null());
    room.app.assert_sound().await;
}

#[tokio::test]
async fn off_hours_the_other_number_comes_first_and_whoever_declines_is_replaced() {
    let room = Room::new(&["b4"]).await;
    room.app.app.clock.advance(6 * HOUR);
    let (lead, _, row) = called(&room).await;
    assert_eq!(next(&room, &row).await.map(|(way, _)| way), Some("off_hours".to_owned()));
    let answer = json!({ "state": "declined", "reason": "Đang ở Hà Nội", "version": 1 });
    room.api(&lead, "b4", &format!("summoned/{row}"), answer).await.is(200);
    assert_eq!(next(&room, &row).await.map(|(way, _)| way), Some("deputy".to_owned()));
    let path = format!("summoned/{row}/try");
    room.post(&room.board, "b4", &path, &[("way", "deputy"), ("outcome", "declined"), ("version", "2")]).await.is(422);
    let comes = [("way", "deputy"), ("outcome", "acknowledged"), ("version", "2")];
    room.post(&room.board, "b4", &path, &comes).await.is(303);
    assert_eq!(next(&room, &row).await, None);
    room.page(&room.board).await.shows("Không đến được").shows("người thay").shows("sẽ đến");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_silent_unit_is_reminded_and_not_every_minute() {
    let room = Room::new(&["b6"]).await;
    let contact = room.app.person("Hồ Văn Sơn", "phong-tckh", &["dau_moi"]).await;
    let ask = json!({ "unit": room.unit("phong-tckh").await, "kind": "people", "text": "Cử hai người",
        "due_at": "15/03/2023 13:00" });
    let request = room.make(&room.operator, "b6", "requests", ask).await;
    let path = format!("requests/{request}/remind");
    let words = json!({ "text": "Đang rất cần", "version": 1 });
    room.api(&contact, "b6", &path, words.clone()).await.is(403);
    room.api(&room.operator, "b6", &path, words.clone()).await.is(200);
    let told = notices(&room.app, &contact).await;
    assert!(
        told.iter().any(|text| text.contains("nhắc trả lời yêu cầu số 1, hạn 15/03/2023 13:00. Đang rất cần")),
        "{told:?}"
    );
    room.api(&room.operator, "b6", &path, words.clone()).await.is(409).shows("Vừa nhắc lúc 15/03/2023 12:00");
    room.app.app.clock.advance(11 * MINUTE);
    room.api(&room.board, "b6", &path, json!({ "version": 1 })).await.is(200);
    room.page(&room.operator).await.shows("Đã nhắc 2 lần").shows("Đang rất cần");
    let reply = json!({ "act": "reply", "text": "Đã cử", "version": 1 });
    room.api(&contact, "b6", &format!("requests/{request}/reply"), reply).await.is(200);
    room.app.app.clock.advance(HOUR);
    room.api(&room.operator, "b6", &path, json!({ "version": 2 })).await.is(409).shows("đã có trả lời");
    room.page(&room.operator).await.hides("Nhắc đơn vị");
    room.app.assert_sound().await;
}
