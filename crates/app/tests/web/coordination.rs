//! Working together on an incident: the team, the press, who was told, and other units; and the stage for it.

use serde_json::{Value, json};
use ungcuu_app::actor::Actor;
use ungcuu_app::incident::IncidentId;
use ungcuu_app::incident::actions::{NewIncident, open};
use ungcuu_app::incident::model::Incident;
use ungcuu_app::incident::section::Gated;
use ungcuu_app::journal::incident_stream;
use ungcuu_app::org::{PersonId, UnitId, unit_by_code};
use ungcuu_kit::chance::Chance;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR};
use ungcuu_kit::{args, sql};

use crate::support::{Answer, Person, TestApp};

/// An incident at a commune whose system the district owns, with its people.
pub struct Room {
    pub app: TestApp,
    pub incident: Incident,
    pub operator: Person,
    pub owner: Person,
    pub board: Person,
}

impl Room {
    pub async fn new(steps: &[&str]) -> Room {
        Room::of(TestApp::new().await, steps).await
    }

    /// The same on a product with another pack.
    pub async fn of(app: TestApp, steps: &[&str]) -> Room {
        let operator = app.person("Trần Văn Minh", "xa-my-hiep", &["van_hanh"]).await;
        let owner = app.person("Nguyễn Thị Hoa", "ubnd-huyen", &["chu_quan"]).await;
        let board = app.person("Lê Quang Vinh", "bcd-cds", &["ban_chi_dao"]).await;
        let incident = incident(&app, "xa-my-hiep", "ubnd-huyen").await;
        for step in steps {
            reach(&app, &incident.id, step).await;
        }
        Room { app, incident, operator, owner, board }
    }

    fn path(&self, step: &str, rest: &str) -> String {
        format!("/incidents/{}/steps/{step}/{rest}", self.incident.id)
    }

    pub fn tab(&self) -> String {
        format!("/incidents/{}/coordination", self.incident.id)
    }

    pub async fn page(&self, who: &Person) -> Answer {
        self.app.get(Some(who), &self.tab()).await
    }

    /// Acts through the API and gives back the id of what came of it.
    pub async fn make(&self, who: &Person, step: &str, rest: &str, body: Value) -> String {
        let answer = self.app.api(Some(who), &self.path(step, rest), body).await;
        answer.is(200).json()["result"]["id"].as_str().expect("an id").to_owned()
    }

    pub async fn api(&self, who: &Person, step: &str, rest: &str, body: Value) -> Answer {
        self.app.api(Some(who), &self.path(step, rest), body).await
    }

    /// Sends a form as it stands on the tab.
    pub async fn post(&self, who: &Person, step: &str, rest: &str, fields: &[(&str, &str)]) -> Answer {
        let tab = self.tab();
        let fields: Vec<_> = fields.iter().copied().chain([("_page", tab.as_str())]).collect();
        self.app.post(Some(who), &self.path(step, rest), &fields).await
    }

    pub async fn option(&self, title: &str) -> String {
        let body = json!({ "title": title, "what": "Ngắt máy khỏi mạng", "impact": "Một cửa ngừng 1 ngày" });
        self.make(&self.operator, "b3", "options", body).await
    }

    pub async fn proposed(&self, option: &str) -> String {
        let body = json!({ "words": "Chặn lây lan nhanh nhất", "version": 1 });
        self.make(&self.operator, "b3", &format!("options/{option}/propose"), body).await
    }

    pub async fn gate(&self, kind: &str) -> i64 {
        let gates = ungcuu_app::features().iter().flat_map(|feature| &feature.gates);
        let gate = gates.into_iter().find(|gate| gate.kind == kind).expect("a gate");
        let mut tx = self.app.app.db.read().await.expect("look");
        let gated = Gated { pack: &self.app.app.pack, incident: &self.incident, key: None, since: None };
        (gate.count)(&mut tx, &gated).await.expect("counted")
    }

    /// Whom the rules want told in any case, and who was not.
    async fn owed(&self) -> Vec<Value> {
        let path = format!("/api/v1/incidents/{}/steps/b5", self.incident.id);
        let step = self.app.get(Some(&self.operator), &path).await.is(200).json();
        let sections = step["sections"].as_array().expect("sections");
        let section = sections.iter().find(|section| section["section"] == "disclosures").expect("who was told");
        let owed = section["content"]["still_to_tell"].as_array().expect("a list");
        owed.iter().filter(|duty| duty["only_if"].as_array().is_some_and(Vec::is_empty)).cloned().collect()
    }

    pub async fn unit(&self, code: &str) -> String {
        unit(&self.app, code).await.to_string()
    }
}

async fn unit(app: &TestApp, code: &str) -> UnitId {
    let mut tx = app.app.db.read().await.expect("look");
    unit_by_code(&mut tx, code).await.expect("asked").expect("a unit of the pack")
}

pub async fn incident(app: &TestApp, operator: &str, owner: &str) -> Incident {
    let (unit_id, owner_unit_id) = (unit(app, operator).await, unit(app, owner).await);
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let now = work.now;
    let new = NewIncident {
        title: "Mã hoá dữ liệu tại bộ phận một cửa".to_owned(),
        scenario: app.app.pack.scenarios[0].id.clone(),
        severity: 3,
        tlp: "amber".to_owned(),
        system_id: None,
        unit_id,
        owner_unit_id,
        summary: "Tệp bị mã hoá".to_owned(),
        happened_at: None,
        detected_at: now,
    };
    let incident = open(&mut work, new).await.expect("opened");
    work.commit().await.expect("committed");
    incident
}

/// Opens a step without doing the ones before it.
pub async fn reach(app: &TestApp, incident: &IncidentId, step: &str) {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let row: Option<(String,)> = work
        .tx
        .one(sql!("SELECT id FROM incident_steps WHERE incident_id = $1 AND step = $2"), args![incident, step])
        .await
        .expect("asked");
    let (row,) = row.expect("a step");
    work.tx.run(sql!("UPDATE incident_steps SET state = 'open' WHERE id = $1"), args![&row]).await.expect("opened");
    let stream = incident_stream(incident.as_str());
    work.record(&stream, "test.reached", Text::same(step), &[("incident_steps", row.as_str())]);
    work.commit().await.expect("committed");
}

/// Puts a person into the team.
pub async fn appoint(app: &TestApp, person: &PersonId, team: &str, kind: &str) {
    let team = unit(app, team).await;
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let id = work.app.chance.id("app", work.now);
    work.tx
        .run(
            sql!(
                "INSERT INTO appointments
                     (id, unit_id, person_id, kind, decision_no, duties, valid_from, valid_to, version)
                 VALUES ($1, $2, $3, $4, '12/QĐ-UBND', '', $5, NULL, 1)"
            ),
            args![&id, &team, person, kind, work.now.plus(-DAY)],
        )
        .await
        .expect("appointed");
    work.record("org", "appointment.created", Text::same(kind), &[("appointments", id.as_str())]);
    work.commit().await.expect("committed");
}

pub async fn notices(app: &TestApp, person: &Person) -> Vec<String> {
    let mut tx = app.app.db.read().await.expect("look");
    let rows: Vec<(String,)> = tx
        .all(
            sql!(
                "SELECT n.text_vi FROM notices n JOIN accounts a ON a.id = n.account_id WHERE a.person_id = $1
                  ORDER BY n.id LIMIT 100"
            ),
            args![&person.person_id],
        )
        .await
        .expect("asked");
    rows.into_iter().map(|(text,)| text).collect()
}

#[tokio::test]
async fn a_member_who_is_summoned_sees_the_incident_acknowledges_and_arrives() {
    let room = Room::new(&["b4"]).await;
    room.page(&room.board).await.shows("Chưa có ai trong Tổ ứng cứu");
    let member = room.app.person("Đỗ Hữu Tài", "phong-noi-vu", &["dau_moi"]).await;
    let lead = room.app.person("Bùi Thị Nga", "phong-vhtt", &["to_truong"]).await;
    appoint(&room.app, &member.person_id, "to-ung-cuu", "member").await;
    appoint(&room.app, &lead.person_id, "to-ung-cuu", "lead").await;
    room.page(&member).await.is(404);
    let people = json!([member.person_id.to_string(), lead.person_id.to_string()]);
    let body = json!({ "people": people, "place": "Phòng họp số 2", "meet_at": "15/03/2023 13:00", "words": "Mang máy xách tay" });
    room.api(&room.operator, "b4", "summons", body.clone()).await.is(403);
    let empty = room.post(&room.board, "b4", "summons", &[("place", "Phòng họp")]).await;
    empty.is(422).shows("Hãy chọn người trong Tổ");
    let foreign =
        json!({ "people": [room.operator.person_id.to_string()], "place": "x", "meet_at": "15/03/2023 13:00" });
    room.api(&room.board, "b4", "summons", foreign).await.is(422);
    room.make(&room.board, "b4", "summons", body).await;
    assert_eq!(room.gate("team_summoned").await, 1);
    assert!(notices(&room.app, &member).await.iter().any(|text| text.contains("Phòng họp số 2")));
    let seen = room.page(&member).await;
    seen.is(200).shows("Phòng họp số 2").shows("Tôi sẽ đến").shows("href=\"tel:02773820000\"");

    let mine = summoned(&room, &member).await;
    let answer = format!("summoned/{mine}");
    room.post(&member, "b4", &answer, &[("state", "acknowledged"), ("version", "1")]).await.is(303);
    room.post(&member, "b4", &answer, &[("state", "acknowledged"), ("version", "1")]).await.is(409);
    room.post(&member, "b4", &answer, &[("state", "arrived"), ("version", "2")]).await.is(303);
    room.api(&member, "b4", &answer, json!({ "state": "declined", "reason": "ốm", "version": 3 })).await.is(409);
    room.page(&room.board).await.shows("Đã có mặt").shows("1/2");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn what_a_member_says_on_the_phone_is_noted_with_who_and_how() {
    let room = Room::new(&["b4"]).await;
    let lead = room.app.person("Bùi Thị Nga", "phong-vhtt", &["to_truong"]).await;
    appoint(&room.app, &lead.person_id, "to-ung-cuu", "lead").await;
    let people = json!([lead.person_id.to_string()]);
    room.make(&room.board, "b4", "summons", json!({ "people": people, "place": "VP", "meet_at": "15/03/2023 13:00" }))
        .await;
    let answer = format!("summoned/{}", summoned(&room, &lead).await);
    // Whoever neither leads nor supports the step nor was called has nothing to note.
    let arrived = json!({ "state": "arrived", "channel": "phone", "version": 1 });
    room.api(&room.operator, "b4", &answer, arrived).await.is(403);
    let silent = room.post(&room.owner, "b4", &answer, &[("state", "declined"), ("version", "1")]).await;
    silent.is(422).shows("Hãy điền mục này.").shows("Hãy chọn một mục trong danh sách.");
    let fields = [("state", "declined"), ("reason", "Đang công tác xa"), ("channel", "phone"), ("version", "1")];
    room.post(&room.owner, "b4", &answer, &fields).await.is(303);
    room.page(&room.board).await.shows("Không đến được").shows("Đang công tác xa").shows("Nguyễn Thị Hoa");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn an_approved_version_of_a_statement_is_never_changed_again() {
    let room = Room::new(&["b4"]).await;
    let speaker = room.app.person("Hồ Văn Sơn", "phong-tckh", &["dau_moi"]).await;
    let name = json!({ "person": speaker.person_id.to_string(), "decision": "Ý kiến của Trưởng ban ngày 15/3/2023" });
    room.page(&speaker).await.is(404);
    room.api(&room.owner, "b4", "spokesperson", name.clone()).await.is(403);
    room.post(&room.board, "b4", "spokesperson", &[("person", "")]).await.is(422);
    room.make(&room.board, "b4", "spokesperson", name).await;
    assert_eq!(room.gate("spokesperson_named").await, 1);
    room.page(&speaker).await.is(200).shows("Hồ Văn Sơn").shows("Soạn thông cáo");

    let words = json!({ "title": "Thông tin ban đầu", "text": "Bộ phận một cửa tạm ngừng.", "version": 1 });
    let draft = room.make(&speaker, "b4", "statements", words.clone()).await;
    room.api(&room.operator, "b4", "statements", words.clone()).await.is(403);
    room.api(&speaker, "b4", &format!("statements/{draft}/revise"), words).await.is(200);
    let publish = json!({ "place": "Cổng thông tin", "published_at": "15/03/2023 11:00" });
    room.api(&speaker, "b4", &format!("statements/{draft}/publish"), publish.clone()).await.is(409);
    room.api(&speaker, "b4", &format!("statements/{draft}/submit"), json!({ "version": 2 })).await.is(200);
    assert!(notices(&room.app, &room.board).await.iter().any(|text| text.contains("chờ duyệt")));
    let answer = format!("statements/{draft}/answer");
    room.api(&speaker, "b4", &answer, json!({ "act": "approve", "version": 3 })).await.is(403);
    room.api(&room.board, "b4", &answer, json!({ "act": "return", "version": 3 })).await.is(422);
    room.api(&room.board, "b4", &answer, json!({ "act": "approve", "version": 3 })).await.is(200);
    let late = json!({ "title": "Khác", "text": "Khác", "version": 4 });
    room.api(&speaker, "b4", &format!("statements/{draft}/revise"), late.clone()).await.is(409).shows("lập bản mới");
    room.api(&speaker, "b4", &format!("statements/{draft}/submit"), late).await.is(409);
    room.api(&speaker, "b4", &format!("statements/{draft}/publish"), publish).await.is(200);
    let next = room.make(&speaker, "b4", &format!("statements/{draft}/version"), json!({})).await;
    let newer = json!({ "title": "Thông tin tiếp theo", "text": "Đã khôi phục.", "version": 1 });
    room.api(&speaker, "b4", &format!("statements/{next}/revise"), newer).await.is(200);
    room.page(&room.board).await.shows("Bộ phận một cửa tạm ngừng.").shows("Cổng thông tin").shows("Các bản trước");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn red_does_not_leave_for_the_outside_without_a_reason_of_the_board() {
    let room = Room::new(&["b5", "b6"]).await;
    let (outside, inside) = (room.unit("vncert").await, room.unit("phong-vhtt").await);
    let told =
        |unit: &str| json!({ "unit": unit, "kind": "ban_dau", "channel": "email", "text": "Mẫu mã độc", "tlp": "red" });
    room.api(&room.operator, "b5", "disclosures", told(&inside)).await.is(200);
    let refused = room.api(&room.operator, "b5", "disclosures", told(&outside)).await;
    refused.is(422).shows("TLP:RED không được chuyển ra ngoài");
    // A name that is not in the register is outside too; and a reason does not help who may not direct.
    let stranger = json!({ "party": "Báo Đồng Tháp", "kind": "thong_bao", "channel": "phone", "text": "x", "tlp": "red",
        "override_reason": "cần" });
    room.api(&room.operator, "b5", "disclosures", stranger).await.is(422);
    let share = json!({ "units": [outside, inside], "text": "Mẫu mã độc", "tlp": "red" });
    room.api(&room.operator, "b6", "shares", share.clone()).await.is(422);
    room.api(&room.board, "b6", "shares", share.clone()).await.is(422).shows("phải có lý do");
    let mut allowed = share;
    allowed["override_reason"] = json!("Cơ quan điều phối cần phân tích ngay");
    room.api(&room.board, "b6", "shares", allowed).await.is(200);
    room.page(&room.owner).await.shows("Cơ quan điều phối cần phân tích ngay").shows("TLP:RED");
    let told = sql!("SELECT COUNT(*) FROM disclosures WHERE incident_id = $1 AND sort = 'told'");
    let told: Option<(i64,)> =
        room.app.app.db.read().await.expect("look").one(told, args![&room.incident.id]).await.expect("counted");
    assert_eq!(told, Some((1,)), "what was shared is not a report");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn who_must_be_told_by_the_rules_is_offered_with_one_click_until_they_are_told() {
    let room = Room::new(&["b5"]).await;
    let rule = room.app.app.pack.regimes[0].rules[0].clone();
    let seen = room.page(&room.operator).await;
    seen.shows("Theo quy định còn phải báo").shows(&rule.name.vi).shows("còn 5 ngày");
    seen.shows("khi vượt khả năng tự xử lý");
    let coordinator = room.unit("vncert").await;
    let filled = format!("{}?tell={}:{coordinator}", room.tab(), rule.id);
    room.app.get(Some(&room.operator), &filled).await.is(200).shows(&format!("value=\"{coordinator}\" selected"));
    let missing = room.post(&room.operator, "b5", "disclosures", &[("text", "x")]).await;
    missing.is(422).shows("Hãy chọn đơn vị, hoặc ghi tên nơi nhận.").shows("Hãy chọn một mục trong danh sách.");
    let body = json!({ "unit": coordinator, "kind": "ban_dau", "channel": "reporting_system", "rule": rule.id,
        "text": "Báo cáo ban đầu", "tlp": "amber", "receipt": "TB-17" });
    let disclosure = room.make(&room.operator, "b5", "disclosures", body).await;
    let address = format!("tell={}%3A{coordinator}", rule.id);
    room.page(&room.operator).await.hides(&address).shows("TB-17");
    // The step is not done before everybody was told whom the rule names.
    assert_eq!(room.gate("disclosure").await, 0);
    for duty in room.owed().await {
        let body = json!({ "unit": duty["unit_id"], "kind": "ban_dau", "channel": "phone", "rule": duty["rule"],
            "text": "Báo cáo ban đầu", "tlp": "amber" });
        room.api(&room.operator, "b5", "disclosures", body).await.is(200);
    }
    assert!(room.gate("disclosure").await > 1);
    // A mistake is struck, stays readable, is counted no more, and the duty is back.
    room.api(&room.operator, "b5", &format!("disclosures/{disclosure}/strike"), json!({ "version": 1 })).await.is(422);
    let strike = json!({ "struck_reason": "Gửi nhầm địa chỉ", "version": 1 });
    room.api(&room.operator, "b5", &format!("disclosures/{disclosure}/strike"), strike).await.is(200);
    assert_eq!(room.gate("disclosure").await, 0);
    room.page(&room.operator).await.shows(&address).shows("Gửi nhầm địa chỉ");
    let late = json!({ "receipt": "TB-18", "version": 2 });
    room.api(&room.operator, "b5", &format!("disclosures/{disclosure}/receipt"), late).await.is(409);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_requested_unit_sees_the_incident_and_answers_and_the_requester_closes() {
    let room = Room::new(&["b6"]).await;
    let contact = room.app.person("Hồ Văn Sơn", "phong-tckh", &["dau_moi"]).await;
    let other = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["dau_moi"]).await;
    room.page(&contact).await.is(404);
    let unit = room.unit("phong-tckh").await;
    let body = json!({ "unit": unit, "kind": "people", "text": "Cử 02 người", "due_at": "15/03/2023 16:00" });
    room.post(&room.operator, "b6", "requests", &[("unit", "")]).await.is(422).shows("Hãy chọn một mục.");
    let request = room.make(&room.operator, "b6", "requests", body).await;
    assert_eq!(room.gate("request").await, 1);
    assert_eq!(notices(&room.app, &contact).await.len(), 1);
    room.page(&contact).await.is(200).shows("Cử 02 người").shows("Nhận làm");
    room.page(&other).await.is(404);

    let before = notices(&room.app, &room.operator).await.len();
    let reply = format!("requests/{request}/reply");
    room.api(&room.owner, "b6", &reply, json!({ "act": "accept", "version": 1 })).await.is(403);
    room.api(&contact, "b6", &reply, json!({ "act": "decline", "version": 1 })).await.is(422);
    room.post(&contact, "b6", &reply, &[("act", "accept"), ("version", "1")]).await.is(303);
    room.app.app.clock.advance(6 * HOUR);
    room.page(&room.operator).await.shows("quá hạn");
    room.api(&contact, "b6", &reply, json!({ "act": "reply", "text": "Đã cử hai người", "version": 2 })).await.is(200);
    room.page(&room.operator).await.hides("quá hạn").shows("Đã cử hai người");
    assert_eq!(notices(&room.app, &room.operator).await.len(), before + 2);
    let close = format!("requests/{request}/close");
    room.api(&contact, "b6", &close, json!({ "version": 3 })).await.is(403);
    room.api(&room.operator, "b6", &close, json!({ "version": 3 })).await.is(200);
    room.api(&contact, "b6", &reply, json!({ "act": "reply", "text": "nữa", "version": 4 }))
        .await
        .is(409)
        .shows("đã khép");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn an_answer_from_outside_the_product_is_noted_with_its_channel() {
    let room = Room::new(&["b6"]).await;
    let body = json!({ "unit": room.unit("nha-mang").await, "kind": "blocking", "text": "Chặn 203.0.113.7" });
    let request = room.make(&room.operator, "b6", "requests", body).await;
    let reply = format!("requests/{request}/reply");
    room.api(&room.operator, "b6", &reply, json!({ "act": "reply", "text": "Đã chặn", "version": 1 })).await.is(422);
    let noted = json!({ "act": "reply", "text": "Đã chặn", "channel": "phone", "version": 1 });
    room.api(&room.operator, "b6", &reply, noted).await.is(200);
    room.page(&room.board).await.shows("ghi thay, Điện thoại");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_yet_cannot_be_acted_on() {
    let room = Room::new(&["b3"]).await;
    let chance = Chance::seeded(99);
    let ghost = chance.id("opt", room.incident.opened_at);
    room.api(&room.operator, "b3", &format!("options/{ghost}/propose"), json!({ "words": "x" })).await.is(404);
    room.api(&room.operator, "b3", "options/khong-phai/propose", json!({ "words": "x" })).await.is(404);
    // A section belongs to the steps that show it, and to no other.
    room.api(&room.operator, "b5", "options", json!({ "title": "A", "what": "B" })).await.is(404);
    room.api(&room.operator, "b9", "requests", json!({})).await.is(404);
    let stranger = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["van_hanh"]).await;
    room.api(&stranger, "b3", "options", json!({ "title": "A", "what": "B" })).await.is(404);
    // The turn of the sixth step has not come.
    let body = json!({ "unit": room.unit("phong-tckh").await, "kind": "people", "text": "Cử người" });
    room.api(&room.operator, "b6", "requests", body).await.is(409).shows("chưa đến lượt");
    room.page(&room.operator).await.hides("Yêu cầu phối hợp");
    room.app.assert_sound().await;
}

/// The row of a person in the latest call, from the API.
pub async fn summoned(room: &Room, who: &Person) -> String {
    let page = room.app.get(Some(&room.board), &format!("/api/v1{}", room.tab())).await;
    let page = page.is(200).json();
    let sections = page["sections"].as_array().expect("sections");
    let section = sections.iter().find(|section| section["section"] == "summons").expect("a section");
    let people = section["content"]["people"].as_array().expect("people").clone();
    let mine = people.into_iter().find(|one| one["person_id"] == who.person_id.to_string()).expect("called");
    mine["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn what_waits_for_someone_stands_on_their_own_page() {
    let room = Room::new(&["b3", "b4", "b6"]).await;
    let home = async |who: &Person| room.app.get(Some(who), "/").await;
    let option = room.option("Cô lập máy bị nhiễm").await;
    room.proposed(&option).await;
    home(&room.owner).await.is(200).shows("Duyệt phương án: Cô lập máy bị nhiễm");
    home(&room.operator).await.hides("Duyệt phương án:");
    let member = room.app.person("Đỗ Hữu Tài", "phong-noi-vu", &["thanh_vien_to"]).await;
    appoint(&room.app, &member.person_id, "to-ung-cuu", "member").await;
    let call = json!({ "people": [member.person_id.to_string()], "place": "Phòng họp", "meet_at": "15/03/2023 13:00" });
    room.make(&room.board, "b4", "summons", call).await;
    let direct = json!({ "text": "Rà toàn bộ máy một cửa", "to": room.unit("to-ung-cuu").await });
    room.make(&room.board, "b4", "directions", direct).await;
    // The member sits elsewhere, but acts for the team.
    home(&member).await.shows("Trả lời triệu tập: Phòng họp").shows("Chỉ đạo ").shows(": Rà toàn bộ");
    let contact = room.app.person("Hồ Văn Sơn", "phong-tckh", &["dau_moi"]).await;
    let ask = json!({ "unit": room.unit("phong-tckh").await, "kind": "people", "text": "Cử hai người" });
    room.make(&room.operator, "b6", "requests", ask).await;
    home(&contact).await.shows("Yêu cầu gửi ").shows(": Cử hai người");
    home(&room.owner).await.hides("Cử hai người");
    let draft = json!({ "title": "Thông tin ban đầu", "text": "Tạm ngừng." });
    let draft = room.make(&room.owner, "b4", "statements", draft).await;
    room.api(&room.owner, "b4", &format!("statements/{draft}/submit"), json!({ "version": 1 })).await.is(200);
    home(&room.board).await.shows("Duyệt thông cáo: Thông tin ban đầu");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_steps_page_shows_its_sections_with_their_forms() {
    let room = Room::new(&["b3", "b4", "b5", "b6"]).await;
    room.option("Cô lập máy bị nhiễm").await;
    for (step, words) in
        [("b3", "Trình chủ quản phương án này"), ("b5", "Theo quy định còn phải báo"), ("b6", "Gửi yêu cầu phối hợp")]
    {
        let path = format!("/incidents/{}/steps/{step}", room.incident.id);
        room.app.get(Some(&room.operator), &path).await.is(200).shows(words);
    }
    let path = format!("/incidents/{}/steps/b4", room.incident.id);
    room.app.get(Some(&room.board), &path).await.is(200).shows("Cho ý kiến chỉ đạo").shows("Phân công người phát ngôn");
    room.app.get(Some(&room.operator), &path).await.is(200).hides("Cho ý kiến chỉ đạo");
}
