//! The register of decisions, and words that nobody approves for themselves.

use serde_json::{Value, json};

use crate::coordination::{Room, notices};
use crate::coordination_room::section;
use crate::support::{Person, TestApp};

pub async fn word(room: &Room, decision: &str, who: &Person) -> String {
    let content = section(room, &room.board, "decisions").await;
    let words = content["words"].as_array().expect("words");
    let mine = words.iter().find(|one| one["decision_id"] == decision && one["person_id"] == who.person_id.to_string());
    format!("decisions/{decision}/words/{}", mine.expect("asked")["id"].as_str().expect("an id"))
}

pub fn decision(decider: &Person, approvers: &[&Person], supersedes: Option<&str>) -> Value {
    let approvers: Vec<String> = approvers.iter().map(|person| person.person_id.to_string()).collect();
    json!({ "what": "Không trả tiền chuộc", "why": "Có bản sao lưu", "considered": "Liên hệ xin thêm thời gian",
        "decider": decider.person_id.to_string(), "approvers": approvers, "supersedes": supersedes.unwrap_or_default(),
        "due_at": "15/03/2023 15:00" })
}

#[tokio::test]
async fn a_decision_stands_once_everybody_has_said_yes_in_their_own_words() {
    let room = Room::new(&["b6"]).await;
    let noted = room.make(&room.operator, "b6", "decisions", decision(&room.board, &[&room.owner], None)).await;
    assert!(notices(&room.app, &room.board).await.iter().any(|text| text.contains("quyết định D-1")));
    room.app.get(Some(&room.board), "/").await.shows("Cho ý kiến về quyết định: Không trả tiền chuộc");
    room.page(&room.operator).await.shows("D-1").shows("Chờ ý kiến").shows("Liên hệ xin thêm thời gian");
    let (board, owner) = (word(&room, &noted, &room.board).await, word(&room, &noted, &room.owner).await);
    let yes = json!({ "act": "approve", "version": 1 });
    // Nobody speaks for another without saying how it came, and only whoever leads may.
    room.api(&room.operator, "b6", &board, yes.clone()).await.is(403);
    room.api(&room.board, "b6", &owner, yes.clone()).await.is(422);
    room.api(&room.board, "b6", &board, json!({ "act": "return", "version": 1 })).await.is(422);
    room.api(&room.board, "b6", &board, yes.clone()).await.is(200);
    room.api(&room.board, "b6", &board, yes.clone()).await.is(409);
    assert_eq!(section(&room, &room.board, "decisions").await["decisions"][0]["state"], "open");
    let noted_for = json!({ "act": "approve", "channel": "phone", "text": "Đồng ý qua điện thoại", "version": 1 });
    room.api(&room.board, "b6", &owner, noted_for).await.is(200);
    room.page(&room.owner).await.shows("Đã quyết định").shows("Đồng ý qua điện thoại").shows("Điện thoại");
    room.api(&room.operator, "b6", &format!("decisions/{noted}/withdraw"), json!({ "reason": "x", "version": 2 }))
        .await
        .is(409);
    // The next one takes its place when it stands, and not before.
    let newer = room.make(&room.operator, "b6", "decisions", decision(&room.board, &[], Some(&noted))).await;
    let states = async || {
        let all = section(&room, &room.board, "decisions").await["decisions"].clone();
        all.as_array()
            .expect("a list")
            .iter()
            .map(|one| one["state"].as_str().expect("a word").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["open", "decided"]);
    let board = word(&room, &newer, &room.board).await;
    room.api(&room.board, "b6", &board, yes).await.is(200);
    assert_eq!(states().await, ["decided", "superseded"]);
    room.page(&room.operator).await.shows("Được thay bằng").shows("Thay thế");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn one_no_refuses_a_decision_and_who_entered_it_may_take_it_back_before() {
    let room = Room::new(&["b6"]).await;
    let noted = room.make(&room.board, "b6", "decisions", decision(&room.board, &[&room.owner], None)).await;
    // The board entered it and so has spoken; the owner has not.
    let path = word(&room, &noted, &room.owner).await;
    let no = json!({ "act": "return", "text": "Chưa đủ thông tin", "version": 1 });
    room.api(&room.owner, "b6", &path, no).await.is(200);
    room.page(&room.operator).await.shows("Không thông qua").shows("Chưa đủ thông tin");
    let second = room.make(&room.operator, "b6", "decisions", decision(&room.board, &[], None)).await;
    let withdraw = format!("decisions/{second}/withdraw");
    room.api(&room.owner, "b6", &withdraw, json!({ "reason": "Ghi nhầm", "version": 1 })).await.is(403);
    room.api(&room.operator, "b6", &withdraw, json!({ "version": 1 })).await.is(422);
    room.api(&room.operator, "b6", &withdraw, json!({ "reason": "Ghi nhầm", "version": 1 })).await.is(200);
    room.page(&room.operator).await.shows("Đã rút").shows("Ghi nhầm");
    // People outside the incident, decisions that do not stand, and too many are refused beside their field.
    let stranger = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["van_hanh"]).await;
    room.api(&room.operator, "b6", "decisions", decision(&stranger, &[], None)).await.is(422);
    room.api(&room.operator, "b6", "decisions", decision(&room.board, &[], Some(&noted)))
        .await
        .is(422)
        .shows("hiệu lực");
    let mut many = decision(&room.board, &[], None);
    many["approvers"] = json!(vec![room.owner.person_id.to_string(); 40]);
    room.api(&room.operator, "b6", "decisions", many).await.is(422).shows("Nhiều nhất 12");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn what_the_owner_approved_and_the_board_directed_is_entered_with_one_press() {
    let room = Room::new(&["b3", "b4", "b6"]).await;
    let (option, _) = (room.option("Cô lập máy bị nhiễm").await, room.option("Dừng toàn bộ dịch vụ").await);
    let propose = json!({ "words": "Chặn lây lan nhanh nhất", "version": 1 });
    let proposal = room.make(&room.operator, "b3", &format!("options/{option}/propose"), propose).await;
    room.api(&room.owner, "b3", &format!("proposals/{proposal}/answer"), json!({ "act": "approve", "version": 1 }))
        .await
        .is(200);
    let direct = json!({ "text": "Cảnh báo tất cả các xã", "to": room.unit("phong-vhtt").await });
    let direction = room.make(&room.board, "b4", "directions", direct).await;
    room.page(&room.operator).await.shows("Đã quyết định ở bước khác, chưa vào sổ");
    let source = json!({ "source": format!("option:{option}") });
    room.api(&room.operator, "b6", "decisions/enter", source.clone()).await.is(200);
    room.api(&room.operator, "b6", "decisions/enter", source).await.is(409);
    room.api(&room.operator, "b6", "decisions/enter", json!({ "source": format!("direction:{direction}") }))
        .await
        .is(200);
    for odd in ["", "option", "option:opt_00000000000000000000000000", "typed:x"] {
        room.api(&room.operator, "b6", "decisions/enter", json!({ "source": odd })).await.is(422);
    }
    let content = section(&room, &room.operator, "decisions").await;
    assert_eq!(content["settled"], json!([]));
    let first = &content["decisions"][1];
    assert_eq!(
        (first["what"].as_str(), first["why"].as_str()),
        (Some("Cô lập máy bị nhiễm"), Some("Chặn lây lan nhanh nhất"))
    );
    assert_eq!(
        (first["considered"].as_str(), first["state"].as_str()),
        (Some("Dừng toàn bộ dịch vụ"), Some("decided"))
    );
    room.page(&room.board).await.shows("Nguyễn Thị Hoa").shows("Cảnh báo tất cả các xã");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn nobody_approves_their_own_statement_where_the_plan_says_so() {
    let room = Room::new(&["b4"]).await;
    let other = room.app.person("Phạm Thị Lý", "bcd-cds", &["ban_chi_dao"]).await;
    let words = json!({ "title": "Thông tin ban đầu", "text": "Bộ phận một cửa tạm ngừng." });
    let own = room.make(&room.board, "b4", "statements", words).await;
    room.api(&other, "b4", &format!("statements/{own}/submit"), json!({ "version": 1 })).await.is(200);
    let answer = format!("statements/{own}/answer");
    let yes = json!({ "act": "approve", "version": 2 });
    // One wrote it, the other submitted it.
    for author in [&room.board, &other] {
        room.api(author, "b4", &answer, yes.clone()).await.is(403).shows("không tự duyệt");
    }
    room.page(&room.board).await.shows("nên người khác có quyền chỉ đạo duyệt").hides("Duyệt thông cáo</button>");
    let third = room.app.person("Võ Văn Tám", "bcd-cds", &["ban_chi_dao"]).await;
    room.api(&third, "b4", &answer, yes).await.is(200);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_commune_that_says_nothing_of_it_approves_what_its_chairperson_wrote() {
    let pack = TestApp::with_pack("xa-mau-2026").await;
    assert!(!pack.app.pack.procedure.approver_not_author);
    let room = Room::of(
        TestApp::with_changed_pack("cao-lanh-2021-2025", |pack| {
            pack.procedure.approver_not_author = false;
        })
        .await,
        &["b4"],
    )
    .await;
    let words = json!({ "title": "Thông tin ban đầu", "text": "Bộ phận một cửa tạm ngừng." });
    let own = room.make(&room.board, "b4", "statements", words).await;
    room.api(&room.board, "b4", &format!("statements/{own}/submit"), json!({ "version": 1 })).await.is(200);
    room.api(&room.board, "b4", &format!("statements/{own}/answer"), json!({ "act": "approve", "version": 2 }))
        .await
        .is(200);
}
