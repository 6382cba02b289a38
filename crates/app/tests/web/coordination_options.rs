//! Options weighed and approved by the owner, and the directions of the board.

use serde_json::json;

use crate::coordination::{Room, appoint, incident, notices, reach};

#[tokio::test]
async fn the_owner_is_told_approves_one_option_and_the_gate_counts_it() {
    let room = Room::new(&["b3"]).await;
    let chosen = room.option("Cô lập máy bị nhiễm").await;
    room.option("Dừng toàn bộ dịch vụ").await;
    room.page(&room.operator).await.is(200).shows("Cô lập máy bị nhiễm").shows("Dừng toàn bộ dịch vụ");
    assert_eq!(room.gate("option_approved").await, 0);
    let proposal = room.proposed(&chosen).await;
    assert!(notices(&room.app, &room.owner).await.iter().any(|text| text.contains("chờ duyệt")));
    room.page(&room.owner).await.is(200).shows("Chặn lây lan nhanh nhất").shows("Duyệt phương án");
    room.page(&room.operator).await.hides("Duyệt phương án");
    let answer = format!("proposals/{proposal}/answer");
    let answer = room.post(&room.owner, "b3", &answer, &[("act", "approve"), ("version", "1")]).await;
    assert_eq!(answer.place(), format!("/incidents/{}/steps/b3#section-options", room.incident.id));
    assert_eq!(room.gate("option_approved").await, 1);
    assert!(notices(&room.app, &room.operator).await.iter().any(|text| text.contains("duyệt phương án")));
    room.page(&room.operator).await.shows("Đã duyệt").shows("Các lần trình trước");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn returning_needs_words_and_a_returned_option_is_revised_and_proposed_again() {
    let room = Room::new(&["b3"]).await;
    let option = room.option("Dừng toàn bộ dịch vụ").await;
    let proposal = room.proposed(&option).await;
    let answer = format!("proposals/{proposal}/answer");
    let silent = room.post(&room.owner, "b3", &answer, &[("act", "return"), ("version", "1")]).await;
    silent.is(422).shows("Hãy điền mục này.");
    let words = "Một cửa không được ngừng quá nửa ngày";
    room.api(&room.owner, "b3", &answer, json!({ "act": "return", "answer": words, "version": 1 })).await.is(200);
    assert_eq!(room.gate("option_approved").await, 0);
    assert!(notices(&room.app, &room.operator).await.iter().any(|text| text.contains(words)));
    // Version 1 was written, 2 proposed, 3 returned.
    let revised = json!({ "title": "Dừng từng phần", "what": "Dừng lần lượt", "version": 3 });
    room.api(&room.operator, "b3", &format!("options/{option}/revise"), revised).await.is(200);
    let again = json!({ "words": "Chỉ dừng nửa ngày", "version": 4 });
    room.make(&room.operator, "b3", &format!("options/{option}/propose"), again).await;
    // The earlier round is shown in the words of its day.
    room.page(&room.owner).await.shows("Lần 1: Dừng toàn bộ dịch vụ").shows("Dừng từng phần").shows(words);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn while_an_option_is_before_the_owner_options_can_only_be_read_until_it_is_withdrawn() {
    let room = Room::new(&["b3"]).await;
    let (one, other) = (room.option("Cô lập").await, room.option("Dừng").await);
    let proposal = room.proposed(&one).await;
    let words = json!({ "title": "Khác", "what": "Khác", "version": 1 });
    room.api(&room.operator, "b3", &format!("options/{other}/revise"), words.clone()).await.is(409).shows("chỉ để xem");
    room.api(&room.operator, "b3", "options", words.clone()).await.is(409);
    room.api(&room.operator, "b3", &format!("options/{other}/propose"), json!({ "words": "x", "version": 1 }))
        .await
        .is(409);
    let withdraw = format!("proposals/{proposal}/withdraw");
    room.api(&room.operator, "b3", &withdraw, json!({ "version": 1 })).await.is(422);
    room.api(&room.operator, "b3", &withdraw, json!({ "answer": "Có thông tin mới", "version": 1 })).await.is(200);
    room.api(&room.operator, "b3", &format!("options/{other}/revise"), words).await.is(200);
    room.api(&room.owner, "b3", &format!("proposals/{proposal}/answer"), json!({ "act": "approve", "version": 2 }))
        .await
        .is(409)
        .shows("đã có trả lời");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn only_the_owner_approves() {
    let room = Room::new(&["b3"]).await;
    let option = room.option("Cô lập").await;
    let proposal = room.proposed(&option).await;
    let answer = format!("proposals/{proposal}/answer");
    let approve = json!({ "act": "approve", "version": 1 });
    room.api(&room.operator, "b3", &answer, approve.clone()).await.is(403);
    let other_owner = room.app.person("Phạm Văn Tám", "phong-tckh", &["chu_quan"]).await;
    room.api(&other_owner, "b3", &answer, approve.clone()).await.is(404);
    // The board may approve anywhere, but only where it also speaks for the owner.
    let own = incident(&room.app, "xa-my-hiep", "xa-my-hiep").await;
    reach(&room.app, &own.id, "b3").await;
    let path = format!("/incidents/{}/steps/b3", own.id);
    let made =
        room.app.api(Some(&room.operator), &format!("{path}/options"), json!({ "title": "A", "what": "B" })).await;
    let option = made.is(200).json()["result"]["id"].as_str().expect("an id").to_owned();
    let words = json!({ "words": "x", "version": 1 });
    let made = room.app.api(Some(&room.operator), &format!("{path}/options/{option}/propose"), words).await;
    let proposal = made.is(200).json()["result"]["id"].as_str().expect("an id").to_owned();
    let theirs = format!("{path}/proposals/{proposal}/answer");
    room.app.api(Some(&room.board), &theirs, approve.clone()).await.is(403);
    room.api(&room.board, "b3", &answer, approve).await.is(200);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn the_second_of_two_who_approve_at_once_is_told_who_was_first() {
    let room = Room::new(&["b3"]).await;
    let second = room.app.person("Võ Thị Sáu", "ubnd-huyen", &["chu_quan"]).await;
    let option = room.option("Cô lập").await;
    let proposal = room.proposed(&option).await;
    let answer = format!("proposals/{proposal}/answer");
    room.api(&room.owner, "b3", &answer, json!({ "act": "approve", "version": 1 })).await.is(200);
    let late = room.post(&second, "b3", &answer, &[("act", "return"), ("answer", "Không nên"), ("version", "1")]).await;
    late.is(409).shows("Nguyễn Thị Hoa");
    assert_eq!(room.gate("option_approved").await, 1);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_suggestion_of_the_pack_is_taken_over_once_and_a_later_editor_sees_the_earlier_words() {
    let room = Room::new(&["b3"]).await;
    let suggested = room.app.app.pack.options_of(&room.incident.scenario)[0].clone();
    room.page(&room.operator).await.shows(&suggested.name.vi).shows("Lấy phương án này");
    let take = json!({ "option": suggested.id });
    let option = room.make(&room.operator, "b3", "options/take", take.clone()).await;
    room.api(&room.operator, "b3", "options/take", take).await.is(409);
    room.api(&room.operator, "b3", "options/take", json!({ "option": "khong-co" })).await.is(404);
    let lan = room.app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let revise = format!("options/{option}/revise");
    let first = json!({ "title": "Cô lập ngay", "what": "Rút dây mạng", "version": 1 });
    room.api(&lan, "b3", &revise, first).await.is(200);
    let late = [("title", "Tên khác"), ("what", "Việc khác"), ("version", "1")];
    room.post(&room.operator, "b3", &revise, &late).await.is(409).shows("Lê Thị Lan").shows("Rút dây mạng");
    room.post(&room.operator, "b3", &revise, &[("title", ""), ("what", ""), ("version", "2")]).await.is(422);
    // Whoever supports may weigh, but only the lead proposes; whoever only watches does neither.
    room.api(&lan, "b3", &format!("options/{option}/propose"), json!({ "words": "x", "version": 2 })).await.is(403);
    room.api(&room.owner, "b3", "options", json!({ "title": "A", "what": "B" })).await.is(403);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn the_board_directs_and_the_addressee_acknowledges_and_answers() {
    let room = Room::new(&["b4"]).await;
    let to = room.unit("xa-my-hiep").await;
    let body = json!({ "text": "Báo cáo thiệt hại trước 17 giờ", "to": to, "due_at": "15/03/2023 17:00" });
    room.api(&room.operator, "b4", "directions", body.clone()).await.is(403);
    let wrong = room.post(&room.board, "b4", "directions", &[("due_at", "14/03/2023 08:00")]).await;
    wrong.is(422).shows("Thời hạn đã qua").shows("Không có mục này");
    let before = notices(&room.app, &room.operator).await.len();
    let direction = room.make(&room.board, "b4", "directions", body).await;
    assert_eq!(room.gate("direction").await, 1);
    assert_eq!(notices(&room.app, &room.operator).await.len(), before + 1);
    room.page(&room.operator).await.shows("Đã nhận ý kiến").shows("còn 5 giờ");
    room.page(&room.board).await.hides("Đã nhận ý kiến");
    let acknowledge = format!("directions/{direction}/acknowledge");
    room.api(&room.board, "b4", &acknowledge, json!({ "version": 1 })).await.is(403);
    room.api(&room.operator, "b4", &acknowledge, json!({ "version": 1 })).await.is(200);
    room.api(&room.operator, "b4", &acknowledge, json!({ "version": 1 })).await.is(409);
    let done = format!("directions/{direction}/done");
    room.api(&room.operator, "b4", &done, json!({ "version": 2 })).await.is(422);
    room.api(&room.operator, "b4", &done, json!({ "answer": "12 máy, không mất dữ liệu", "version": 2 })).await.is(200);
    assert!(notices(&room.app, &room.board).await.iter().any(|text| text.contains("12 máy")));
    room.page(&room.board).await.shows("Đã thực hiện").shows("12 máy");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_person_who_is_directed_sees_the_incident_and_nobody_else_answers_for_them() {
    let room = Room::new(&["b4"]).await;
    let member = room.app.person("Đỗ Hữu Tài", "phong-noi-vu", &["dau_moi"]).await;
    appoint(&room.app, &member.person_id, "to-ung-cuu", "member").await;
    room.page(&member).await.is(404);
    let body = json!({ "text": "Trực suốt đêm", "to": member.person_id.to_string() });
    let direction = room.make(&room.board, "b4", "directions", body).await;
    room.page(&member).await.is(200).shows("Trực suốt đêm");
    room.api(&room.operator, "b4", &format!("directions/{direction}/acknowledge"), json!({ "version": 1 }))
        .await
        .is(403);
    room.api(&member, "b4", &format!("directions/{direction}/acknowledge"), json!({ "version": 1 })).await.is(200);
    room.app.assert_sound().await;
}
