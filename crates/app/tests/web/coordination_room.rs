//! The room in which an incident is coordinated: the wall, situation reports on their rhythm, clocks, English.

use serde_json::{Value, json};
use ungcuu_app::incident::{IncidentId, timeline};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{HOUR, MINUTE};
use ungcuu_kit::{args, sql};

use crate::coordination::{Room, notices};
use crate::coordination_calls::called;
use crate::coordination_decisions::{decision, word};
use crate::support::{Answer, Person};

/// What a section of the tab holds, from the API.
pub async fn section(room: &Room, who: &Person, name: &str) -> Value {
    let page = room.app.get(Some(who), &format!("/api/v1{}", room.tab())).await;
    let page = page.is(200).json();
    let sections = page["sections"].as_array().expect("sections");
    let found = sections.iter().find(|section| section["section"] == name);
    found.unwrap_or_else(|| panic!("no section {name}: {page}"))["content"].clone()
}

/// An entry of the timeline that the product wrote; gives back how a form names it.
async fn event(room: &Room, words: &'static str) -> String {
    let mut work = room.app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let id: IncidentId = room.incident.id.clone();
    let row = timeline::note(&mut work, &id, "attack", Text::new(words, words)).await.expect("noted");
    let stream = ungcuu_app::journal::incident_stream(id.as_str());
    work.record(&stream, "test.noted", Text::new(words, words), &[(row.0, row.1.as_str())]);
    work.commit().await.expect("committed");
    format!("event:{}", row.1)
}

async fn mark(room: &Room, who: &Person, item: &str, tlp: &str, reason: &str, version: i64) -> Answer {
    let body = json!({ "item": item, "tlp": tlp, "reason": reason, "version": version });
    room.app.api(Some(who), &format!("/incidents/{}/markings", room.incident.id), body).await
}

#[tokio::test]
async fn anyone_who_works_here_closes_a_thing_and_only_those_who_direct_open_it_with_a_reason() {
    let room = Room::new(&["b6"]).await;
    let item = event(&room, "Kẻ tấn công còn trong mạng").await;
    let page = format!("/incidents/{}/markings?kind=event", room.incident.id);
    room.app.get(Some(&room.operator), &page).await.is(200).shows("Kẻ tấn công còn trong mạng").shows("theo sự cố");
    mark(&room, &room.operator, &item, "red", "", 0).await.is(200);
    // Opening it again is not the operator's, with whatever reason; the board needs one that says something.
    let refused = mark(&room, &room.operator, &item, "amber", "Nhà mạng cần biết để chặn", 1).await;
    refused.is(422).shows("Chỉ người có quyền chỉ đạo sự cố được hạ mức");
    mark(&room, &room.board, &item, "amber", "cần", 1).await.is(422).shows("ít nhất 10 ký tự");
    mark(&room, &room.board, &item, "amber", "Nhà mạng cần biết để chặn", 0).await.is(409);
    mark(&room, &room.board, &item, "amber", "Nhà mạng cần biết để chặn", 1).await.is(200);
    mark(&room, &room.board, &item, "amber", "Nhà mạng cần biết để chặn", 2).await.is(409).shows("đang được áp dụng");
    room.app.get(Some(&room.operator), &page).await.shows("Nhà mạng cần biết để chặn").shows("Lê Quang Vinh");
    let timeline = format!("/incidents/{}/timeline", room.incident.id);
    room.app.get(Some(&room.operator), &timeline).await.shows("từ TLP:RED xuống TLP:AMBER");
    let english = room.app.get(Some(&room.board), &format!("{page}&lang=en")).await;
    english.is(200).shows("How far each thing may go").hides("Đổi mức chia sẻ");
    // What is not the incident's, or nothing at all, is not there.
    for odd in ["event:ipt_00000000000000000000000000", "event:", "x", "", "situation:'; DROP TABLE markings; --"] {
        mark(&room, &room.board, odd, "red", "", 0).await.is(404);
    }
    let stranger = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["van_hanh"]).await;
    mark(&room, &stranger, &item, "red", "", 2).await.is(404);
    room.app.get(Some(&stranger), &page).await.is(404);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn what_is_closed_does_not_go_along_under_a_more_open_label() {
    let room = Room::new(&["b5", "b6"]).await;
    let item = event(&room, "Địa chỉ máy chủ điều khiển").await;
    mark(&room, &room.operator, &item, "red", "", 0).await.is(200);
    let coordinator = room.unit("vncert").await;
    let mut share = json!({ "units": [coordinator], "text": "Kèm dấu hiệu", "tlp": "amber", "items": [item] });
    let refused = room.api(&room.operator, "b6", "shares", share.clone()).await;
    refused.is(422).shows("Nội dung gửi kèm ở mức TLP:RED").shows("Địa chỉ máy chủ điều khiển");
    // Not for the board either, reason or not: it lowers the marking of the thing itself.
    share["override_reason"] = json!("Cơ quan điều phối cần phân tích ngay");
    room.api(&room.board, "b6", "shares", share.clone()).await.is(422);
    mark(&room, &room.board, &item, "amber", "Cơ quan điều phối cần phân tích ngay", 1).await.is(200);
    room.api(&room.operator, "b6", "shares", share).await.is(200);
    room.page(&room.owner).await.shows("Kèm theo").shows("Địa chỉ máy chủ điều khiển");
    // Raised afterwards, the register still says what was sent at which level on that day.
    mark(&room, &room.operator, &item, "red", "", 2).await.is(200);
    let shared = section(&room, &room.owner, "sharing").await;
    assert_eq!(shared["attached"][0]["tlp"], "amber");
    let many: Vec<String> = (0..31).map(|n| format!("event:{n}")).collect();
    let body = json!({ "units": [coordinator], "text": "x", "tlp": "amber", "items": many });
    room.api(&room.operator, "b6", "shares", body).await.is(422).shows("nhiều nhất 30");
    let body = json!({ "units": [coordinator], "text": "x", "tlp": "amber", "items": ["event:khong-co"] });
    room.api(&room.operator, "b6", "shares", body).await.is(422);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn each_level_reaches_its_circle_and_no_farther() {
    let room = Room::new(&["b5", "b6"]).await;
    let (plays, ours, outside) =
        (room.unit("phong-vhtt").await, room.unit("xa-an-binh").await, room.unit("nha-mang").await);
    let told = async |tlp: &str, unit: &str, party: &str| {
        let body =
            json!({ "unit": unit, "party": party, "kind": "thong_bao", "channel": "phone", "text": "x", "tlp": tlp });
        room.api(&room.operator, "b5", "disclosures", body).await.status.as_u16()
    };
    let table = [
        ("red", [200, 422, 422, 422]),
        ("amber_strict", [200, 200, 422, 422]),
        ("amber", [200, 200, 200, 422]),
        ("green", [200, 200, 200, 422]),
        ("clear", [200, 200, 200, 200]),
    ];
    for (tlp, expected) in table {
        let found = [
            told(tlp, &plays, "").await,
            told(tlp, &ours, "").await,
            told(tlp, &outside, "").await,
            told(tlp, "", "Báo").await,
        ];
        assert_eq!(found, expected, "{tlp}");
    }
    // Under a rule that names it, the coordinator may be told what stays in the house.
    let rule = room.app.app.pack.regimes[0].rules[0].clone();
    let coordinator = room.unit("vncert").await;
    let mut body =
        json!({ "unit": coordinator, "kind": "ban_dau", "channel": "email", "text": "x", "tlp": "amber_strict" });
    room.api(&room.operator, "b5", "disclosures", body.clone()).await.is(422).shows("TLP:AMBER+STRICT");
    body["rule"] = json!(rule.id);
    room.api(&room.operator, "b5", "disclosures", body).await.is(200);
    room.app.assert_sound().await;
}

fn report(assessment: &str, tlp: &str) -> Value {
    json!({ "assessment": assessment, "outlook": "Rà quét tiếp", "needs": "Thêm 02 người", "tlp": tlp, "version": 1 })
}

#[tokio::test]
async fn a_situation_report_is_frozen_when_published_and_the_next_one_is_due_after_the_rhythm() {
    let room = Room::new(&["b6"]).await;
    room.api(&room.operator, "b6", "rhythm", json!({ "every_minutes": 5 })).await.is(422).shows("15 phút");
    room.api(&room.operator, "b6", "rhythm", json!({ "every_minutes": 120 })).await.is(200);
    room.page(&room.operator).await.shows("Ra bản tin mỗi 2 giờ").shows("bản tin tiếp theo");
    event(&room, "Máy số 05 dò mạng").await;
    room.api(&room.operator, "b6", "situations", json!({ "tlp": "amber" })).await.is(422).shows("Hãy điền mục này.");
    let draft = room.make(&room.operator, "b6", "situations", report("Đã cô lập hai máy", "amber")).await;
    room.api(&room.operator, "b6", "situations", report("x", "amber")).await.is(409).shows("chưa phát hành");
    let page = format!("/incidents/{}/situations/{draft}", room.incident.id);
    room.app.get(Some(&room.operator), &page).await.is(200).shows("Bản thảo").shows("Máy số 05 dò mạng");
    let path = format!("situations/{draft}");
    room.api(&room.operator, "b6", &format!("{path}/revise"), report("Đã cô lập cả ba máy", "amber")).await.is(200);
    room.api(&room.operator, "b6", &format!("{path}/publish"), json!({ "version": 1 })).await.is(409);
    // A contact who only supports writes along, and does not publish.
    let contact = room.app.person("Hồ Văn Sơn", "xa-my-hiep", &["dau_moi"]).await;
    room.api(&contact, "b6", &format!("{path}/publish"), json!({ "version": 2 })).await.is(403);
    room.app.app.clock.advance(90 * MINUTE);
    room.app.get(Some(&room.board), "/").await.shows("Ra bản tin tình hình");
    room.api(&room.operator, "b6", &format!("{path}/publish"), json!({ "version": 2 })).await.is(200);
    assert!(notices(&room.app, &room.board).await.iter().any(|text| text.contains("bản tin tình hình số 1")));
    room.app.get(Some(&room.board), "/").await.hides("Ra bản tin tình hình<");
    // What happens afterwards is for the next report; this one stays as it went out.
    room.app.app.clock.advance(MINUTE);
    event(&room, "Máy số 07 bị mã hoá").await;
    room.app
        .get(Some(&room.owner), &page)
        .await
        .is(200)
        .shows("Đã cô lập cả ba máy")
        .hides("Máy số 07")
        .shows("SHA-256");
    room.api(&room.operator, "b6", &format!("{path}/revise"), report("Khác", "amber")).await.is(409);
    room.api(&room.operator, "b6", &format!("{path}/publish"), json!({ "version": 3 })).await.is(409);
    let second = room.make(&room.operator, "b6", "situations", report("Thêm một máy", "amber")).await;
    let live =
        room.app.get(Some(&room.operator), &format!("/incidents/{}/situations/{second}", room.incident.id)).await;
    live.is(200).shows("Máy số 07 bị mã hoá").hides("Máy số 05 dò mạng");
    let content = section(&room, &room.operator, "situations").await;
    let due = content["rhythm"]["due_at"].as_i64().expect("due");
    assert_eq!(due, room.app.app.now().plus(2 * HOUR - MINUTE).0);
    room.api(&room.operator, "b6", "rhythm", json!({ "every_minutes": 0 })).await.is(200);
    room.page(&room.operator).await.shows("Chưa định nhịp ra bản tin.");
    let stranger = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["van_hanh"]).await;
    room.app.get(Some(&stranger), &page).await.is(404);
    room.app.assert_sound().await;
}

#[tokio::test]
async fn a_report_leaves_out_what_is_marked_more_strictly_and_is_printed_only_for_whom_it_may_reach() {
    let room = Room::new(&["b6"]).await;
    let secret = event(&room, "Tên người mở thư").await;
    event(&room, "Đã chặn địa chỉ").await;
    mark(&room, &room.operator, &secret, "red", "", 0).await.is(200);
    // More open than the incident itself: only for those who direct.
    let open = room.make(&room.operator, "b6", "situations", report("Tạm ổn", "green")).await;
    let publish = format!("situations/{open}/publish");
    room.api(&room.operator, "b6", &publish, json!({ "version": 1 })).await.is(409).shows("mức TLP:GREEN");
    room.api(&room.operator, "b6", &format!("situations/{open}/revise"), report("Tạm ổn", "amber")).await.is(200);
    room.api(&room.operator, "b6", &publish, json!({ "version": 2 })).await.is(200);
    let page = format!("/incidents/{}/situations/{open}", room.incident.id);
    let shown = room.app.get(Some(&room.operator), &page).await;
    shown.is(200).shows("Đã chặn địa chỉ").hides("Tên người mở thư").shows("mức chia sẻ cao hơn");
    let to =
        async |unit: &str| room.app.get(Some(&room.operator), &format!("{page}?to={}", room.unit(unit).await)).await;
    to("nha-mang").await.is(200).shows("Bản gửi");
    // Closed afterwards, it is no longer printed for them.
    mark(&room, &room.operator, &format!("situation:{open}"), "red", "", 0).await.is(200);
    to("nha-mang").await.is(403).shows("TLP:RED không được chuyển ra ngoài").shows("quyền chỉ đạo");
    to("xa-an-binh").await.is(403);
    to("phong-vhtt").await.is(200);
    room.app.get(Some(&room.operator), &format!("{page}?to=khong-phai")).await.is(404);
    let share = json!({ "units": [room.unit("nha-mang").await], "text": "Bản tin", "tlp": "red",
        "items": [format!("situation:{open}")] });
    room.api(&room.operator, "b6", "shares", share).await.is(422).shows("TLP:RED không được chuyển ra ngoài");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn the_room_speaks_english_too() {
    let room = Room::new(&["b4", "b6"]).await;
    called(&room).await;
    room.make(&room.operator, "b6", "decisions", decision(&room.board, &[], None)).await;
    room.make(&room.operator, "b6", "situations", report("Đã cô lập", "amber")).await;
    let page = room.app.get(Some(&room.board), &format!("{}?lang=en", room.tab())).await;
    page.is(200).shows("Whom to call next").shows("Register of decisions").shows("Situation reports");
    page.shows("telephone, office hours").shows("Waiting for words").hides("Gọi ai tiếp").hides("Sổ quyết định");
}

#[tokio::test]
async fn nothing_of_the_room_is_added_to_a_closed_incident() {
    let room = Room::new(&["b4", "b6"]).await;
    let item = event(&room, "x").await;
    let mut work = room.app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let close = sql!("UPDATE incidents SET state = 'closed' WHERE id = $1");
    work.tx.run(close, args![&room.incident.id]).await.expect("closed");
    let stream = ungcuu_app::journal::incident_stream(room.incident.id.as_str());
    work.record(&stream, "test.closed", Text::new("x", "x"), &[("incidents", room.incident.id.as_str())]);
    work.commit().await.expect("committed");
    mark(&room, &room.board, &item, "red", "", 0).await.is(409);
    room.api(&room.board, "b6", "situations", report("x", "amber")).await.is(409);
    room.api(&room.board, "b6", "rhythm", json!({ "every_minutes": 60 })).await.is(409);
    room.api(&room.board, "b6", "decisions", decision(&room.board, &[], None)).await.is(409);
    room.page(&room.board).await.is(200).hides("Cách khác đã cân nhắc").hides("Soạn bản tin mới");
}

/// What runs beside the law: source, limit as hour and minute, state, late.
async fn clocks(room: &Room, source: &str) -> Vec<(String, String, bool)> {
    let mut tx = room.app.app.db.read().await.expect("look");
    let rows: Vec<(ungcuu_kit::time::Time, String, bool)> = tx
        .all(sql!("SELECT due_at, state, late FROM deadlines WHERE source = $1 ORDER BY due_at, id"), args![source])
        .await
        .expect("asked");
    rows.into_iter().map(|(due, state, late)| (due.local().strftime("%H:%M").to_string(), state, late)).collect()
}

fn one(due: &str, state: &str, late: bool) -> (String, String, bool) {
    (due.to_owned(), state.to_owned(), late)
}

#[tokio::test]
async fn reports_decisions_calls_and_answers_from_outside_run_on_the_same_clock_as_everything_else() {
    let room = Room::new(&["b4", "b6"]).await;
    let watch = async || ungcuu_app::deadline::watch::step(&room.app.app).await.expect("looked");
    let told = async |who: &Person, words: &str| {
        notices(&room.app, who).await.iter().filter(|text| text.contains(words)).count()
    };
    // Noon: a rhythm of two hours, a decision by three o'clock, a question to the provider by one, and the team is called.
    room.api(&room.operator, "b6", "rhythm", json!({ "every_minutes": 120 })).await.is(200);
    let noted = room.make(&room.operator, "b6", "decisions", decision(&room.board, &[], None)).await;
    let provider = room.unit("nha-mang").await;
    let ask = json!({ "unit": provider, "kind": "blocking", "text": "Chặn địa chỉ 203.0.113.9", "due_at": "15/03/2023 13:00" });
    let request = room.make(&room.operator, "b6", "requests", ask).await;
    let (_, _, row) = called(&room).await;
    assert_eq!(clocks(&room, "situation").await, [one("14:00", "open", false)]);
    assert_eq!(clocks(&room, "decision").await, [one("15:00", "open", false)]);
    assert_eq!(clocks(&room, "reply").await, [one("13:00", "open", false)]);
    assert_eq!(clocks(&room, "callout").await, vec![one("12:15", "open", false); 2], "one for each who was called");
    let list = room.app.get(Some(&room.board), "/deadlines").await;
    list.is(200)
        .shows("Ra bản tin tình hình số 1")
        .shows("Cho ý kiến về quyết định")
        .shows("Gọi lại người được triệu tập");
    room.app.get(Some(&room.operator), "/deadlines").await.shows("Yêu cầu gửi").shows("203.0.113.9");

    // A quarter past: nobody answered. Tried once, the next try has its own quarter of an hour; who answers ends it.
    room.app.app.clock.advance(15 * MINUTE + 1);
    watch().await;
    watch().await;
    assert_eq!(told(&room.board, "Gọi lại người được triệu tập: Bùi Thị Nga").await, 1, "told once that it is time");
    let silent = json!({ "way": "phone", "outcome": "no_answer", "version": 1 });
    room.api(&room.board, "b4", &format!("summoned/{row}/try"), silent).await.is(200);
    let calls = clocks(&room, "callout").await;
    assert!(calls.contains(&one("12:15", "done", true)) && calls.contains(&one("12:30", "open", false)), "{calls:?}");
    let coming = json!({ "way": "off_hours", "outcome": "acknowledged", "version": 2 });
    room.api(&room.board, "b4", &format!("summoned/{row}/try"), coming).await.is(200);
    assert!(clocks(&room, "callout").await.contains(&one("12:30", "done", false)));

    // Whoever asked an outside body is reminded, and it stands once in what waits for them.
    room.app.app.clock.advance(HOUR);
    watch().await;
    assert!(told(&room.operator, "Yêu cầu gửi").await > 0);
    let home = room.app.get(Some(&room.operator), "/api/v1/home").await.json();
    let home = home["answers"].to_string();
    assert_eq!(home.matches("203.0.113.9").count(), 2, "once, in two languages: {home}");
    let reply = json!({ "act": "reply", "text": "Đã chặn", "channel": "phone", "version": 1 });
    room.api(&room.operator, "b6", &format!("requests/{request}/reply"), reply).await.is(200);
    assert_eq!(clocks(&room, "reply").await, [one("13:00", "done", true)], "late stays late");

    let word = word(&room, &noted, &room.board).await;
    room.api(&room.board, "b6", &word, json!({ "act": "approve", "version": 1 })).await.is(200);
    assert_eq!(clocks(&room, "decision").await, [one("15:00", "done", false)]);
    // Published at a quarter past one: in time, and the next one is due two hours later; without a rhythm none is.
    let draft = room.make(&room.operator, "b6", "situations", report("Đã cô lập hai máy", "amber")).await;
    room.api(&room.operator, "b6", &format!("situations/{draft}/publish"), json!({ "version": 1 })).await.is(200);
    assert_eq!(clocks(&room, "situation").await, [one("14:00", "done", false), one("15:15", "open", false)]);
    room.api(&room.operator, "b6", "rhythm", json!({ "every_minutes": 0 })).await.is(200);
    assert_eq!(clocks(&room, "situation").await, [one("14:00", "done", false), one("15:15", "stopped", false)]);
    room.app.assert_sound().await;
}

/// Tells everybody who is still owed a report under a rule.
async fn tell_all(room: &Room, rule: &str, kind: &str) {
    // A day goes by in between: whoever tells signs in anew.
    let who = room.app.as_login("tran.van.minh").await;
    let owed = section(room, &who, "disclosures").await["still_to_tell"].clone();
    for duty in owed.as_array().expect("a list").iter().filter(|duty| duty["rule"] == rule) {
        let body = json!({ "unit": duty["unit_id"], "rule": rule, "kind": kind, "channel": "letter", "text": "x", "tlp": "amber" });
        room.api(&who, "b5", "disclosures", body).await.is(200);
    }
}

#[tokio::test]
async fn what_repeats_does_not_hold_up_the_step_of_reporting_but_the_last_one() {
    let room = Room::new(&["b5", "b11"]).await;
    let change = async |update: &'static str, at: ungcuu_kit::time::Time| {
        let mut work = room.app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
        let flags = json!({ "exceeds_capability": { "since": at, "said": true } }).to_string();
        match update {
            "flag" => {
                let update = sql!("UPDATE incidents SET flags = $2 WHERE id = $1");
                work.tx.run(update, args![&room.incident.id, flags]).await.expect("changed");
            }
            _ => {
                let update = sql!(
                    "UPDATE incident_steps SET state = 'done', ended_at = $2 WHERE incident_id = $1 AND step = 'b10'"
                );
                work.tx.run(update, args![&room.incident.id, at]).await.expect("changed");
            }
        }
        let rows: Vec<(String,)> = work
            .tx
            .all(sql!("SELECT id FROM incident_steps WHERE incident_id = $1 ORDER BY id"), args![&room.incident.id])
            .await
            .expect("asked");
        let mut named = vec![("incidents", room.incident.id.as_str())];
        named.extend(rows.iter().map(|(id,)| ("incident_steps", id.as_str())));
        let stream = ungcuu_app::journal::incident_stream(room.incident.id.as_str());
        work.record(&stream, "test.done", Text::same("Dữ kiện"), &named);
        work.commit().await.expect("committed");
    };
    change("flag", room.app.app.now()).await;
    assert_eq!((room.gate("disclosure").await, room.gate("all_told").await), (0, 0));
    tell_all(&room, "tt20_notice", "ban_dau").await;
    tell_all(&room, "qd05_emergency", "ban_dau").await;
    assert!(room.gate("disclosure").await > 0, "the first reports are out; the daily one runs on after this step");
    assert_eq!(room.gate("all_told").await, 0, "the incident is not closed with a daily report owed");
    // A day goes by without the daily report; then the handling ends: that day is still owed, and the end report.
    room.app.app.clock.advance(30 * HOUR);
    change("ended", room.app.app.now()).await;
    tell_all(&room, "tt20_final", "ket_thuc").await;
    assert_eq!(room.gate("all_told").await, 0, "the report of that day was never sent");
    tell_all(&room, "qd05_dien_bien", "dien_bien").await;
    assert_eq!(room.gate("all_told").await, 1);
    let step = format!("/incidents/{}/steps/b11", room.incident.id);
    let who = room.app.as_login("tran.van.minh").await;
    room.app.get(Some(&who), &step).await.shows("mọi kỳ báo cáo cho đến khi kết thúc xử lý");
    room.app.assert_sound().await;
}

#[tokio::test]
async fn decisions_and_situation_reports_are_found_and_stand_in_the_dossier_under_the_strictest_marking() {
    let room = Room::new(&["b6"]).await;
    let noted = room.make(&room.operator, "b6", "decisions", decision(&room.board, &[], None)).await;
    let word = word(&room, &noted, &room.board).await;
    room.api(&room.board, "b6", &word, json!({ "act": "approve", "version": 1 })).await.is(200);
    let draft = room.make(&room.operator, "b6", "situations", report("Đã cô lập hai máy", "amber")).await;
    room.api(&room.operator, "b6", &format!("situations/{draft}/publish"), json!({ "version": 1 })).await.is(200);
    assert_eq!((room.gate("situation").await, room.gate("decision").await), (1, 1));

    ungcuu_app::search::build(&room.app.app).await.expect("built");
    ungcuu_app::search::index_pending(&room.app.app).await.expect("indexed");
    room.app.get(Some(&room.operator), "/search?q=tien+chuoc").await.is(200).shows("D-1 Không trả tiền chuộc");
    room.app.get(Some(&room.operator), "/search?q=co+lap+hai+may").await.shows("Bản tin tình hình số 1");
    let stranger = room.app.person("Mai Thị Xuân", "phong-noi-vu", &["van_hanh"]).await;
    room.app.get(Some(&stranger), "/search?q=tien+chuoc").await.hides("Không trả tiền chuộc");

    let dossier = format!("/incidents/{}/dossier", room.incident.id);
    let clerk = &room.owner;
    let shown = room.app.get(Some(clerk), &dossier).await;
    shown.is(200).shows("Không trả tiền chuộc").shows("Có bản sao lưu").shows("Đã cô lập hai máy").hides("TLP:RED");
    shown.hides("mức chặt nhất");
    let item = event(&room, "Kẻ tấn công còn trong mạng").await;
    mark(&room, &room.operator, &item, "red", "", 0).await.is(200);
    room.app.get(Some(clerk), &dossier).await.shows("TLP:RED").shows("mức chặt nhất");
    room.app.get(Some(clerk), &format!("{dossier}?lang=en")).await.shows("the strictest of what the dossier holds");
    let timeline = format!("/api/v1/incidents/{}/timeline", room.incident.id);
    let marked = room.app.get(Some(&room.operator), &timeline).await.json()["marked"].clone();
    assert_eq!(marked, json!({ item.trim_start_matches("event:"): "red" }));
    room.app.assert_sound().await;
}
