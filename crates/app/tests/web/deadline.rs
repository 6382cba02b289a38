//! What is due: clocks that start, move and stop with the facts of an incident; the list, the calendar, reminders.

use serde_json::{Value, json};
use ungcuu_app::deadline::watch;
use ungcuu_kit::args;
use ungcuu_kit::sql;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};

use crate::incident::opened;
use crate::support::{Person, TestApp};

async fn operator(app: &TestApp) -> Person {
    app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await
}

/// Moves the clock to a moment; whoever signs in must do so afterwards.
pub fn move_to(app: &TestApp, moment: &str) {
    let to = Time::parse(moment).expect(moment);
    app.app.clock.advance(to.0 - app.app.now().0);
}

/// An incident of a commune, detected at a moment.
pub async fn detected(app: &TestApp, who: &Person, moment: &str) -> String {
    let body = json!({ "title": "Mã hoá dữ liệu tại một cửa", "unit": who.unit_id, "scenario": "a06_ransom",
        "severity": "3", "tlp": "amber", "detected_at": moment, "summary": "Năm máy không mở được tệp." });
    let made = app.api(Some(who), "/incidents/new", body).await;
    made.is(200).json()["result"]["id"].as_str().expect("an id").to_owned()
}

/// The time limits of an incident as they stand: rule or source, recipient, due, state, late; in the order of due.
pub async fn limits(app: &TestApp, incident: &str) -> Vec<(String, String, String, String, bool)> {
    let mut tx = app.app.db.read().await.expect("look");
    let rows: Vec<(String, String, String, Option<Time>, String, bool)> = tx
        .all(
            sql!(
                "SELECT source, rule, recipient, due_at, state, late FROM deadlines WHERE incident_id = $1
                  ORDER BY due_at, rule, recipient, id LIMIT 500"
            ),
            args![incident],
        )
        .await
        .expect("asked");
    let line = |(source, rule, to, due, state, late): (String, String, String, Option<Time>, String, bool)| {
        let what = if rule.is_empty() { source } else { rule };
        (what, to, due.map(Time::to_minute).unwrap_or_default(), state, late)
    };
    rows.into_iter().map(line).collect()
}

/// The rules whose clock runs, each once, with when they are due.
async fn running(app: &TestApp, incident: &str) -> Vec<(String, String)> {
    let open = limits(app, incident).await.into_iter().filter(|(.., state, _)| state == "open");
    let mut rules: Vec<(String, String)> = open.map(|(rule, _, due, ..)| (rule, due)).collect();
    rules.dedup();
    rules
}

async fn journal(app: &TestApp, incident: &str) -> String {
    let mut tx = app.app.db.read().await.expect("look");
    let stream = ungcuu_app::journal::incident_stream(incident);
    let entries = ungcuu_app::journal::list(&mut tx, &stream, i64::MAX, 200).await.expect("read");
    entries.into_iter().map(|entry| entry.what_vi).collect::<Vec<_>>().join("\n")
}

pub async fn version(app: &TestApp, who: &Person, id: &str) -> String {
    app.get(Some(who), &format!("/api/v1/incidents/{id}")).await.json()["incident"]["version"].to_string()
}

/// Says in the incident what the law asks for.
pub async fn law(app: &TestApp, who: &Person, id: &str, flags: &[&str], breach_at: &str) {
    let version = version(app, who, id).await;
    let body = json!({ "flags": flags, "breach_at": breach_at, "version": version });
    app.api(Some(who), &format!("/incidents/{id}/law"), body).await.is(200);
}

async fn redate(app: &TestApp, who: &Person, id: &str, moment: &str) {
    let version = version(app, who, id).await;
    let body = json!({ "detected_at": moment, "reason": "Xem lại nhật ký máy chủ", "version": version });
    app.api(Some(who), &format!("/incidents/{id}/detected"), body).await.is(200);
}

/// Opens a step without doing the ones before it, through the records.
pub async fn reach(app: &TestApp, incident: &str, step: &str) {
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let found: Option<(String,)> = work
        .tx
        .run_returning(
            sql!("UPDATE incident_steps SET state = 'open' WHERE incident_id = $1 AND step = $2 RETURNING id"),
            args![incident, step],
        )
        .await
        .expect("opened");
    let row = found.expect("a step").0;
    let stream = ungcuu_app::journal::incident_stream(incident);
    work.record(&stream, "test", ungcuu_kit::text::Text::same("mở bước"), &[("incident_steps", row.as_str())]);
    work.commit().await.expect("committed");
}

async fn tell(app: &TestApp, who: &Person, id: &str, unit: &str, rule: &str) -> String {
    let unit = app.unit(unit).await;
    let body =
        json!({ "unit": unit, "kind": "ban_dau", "channel": "phone", "rule": rule, "text": "Báo cáo", "tlp": "amber" });
    let told = app.api(Some(who), &format!("/incidents/{id}/steps/b5/disclosures"), body).await;
    told.is(200).json()["result"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_incident_brings_its_clocks_and_shows_them_where_people_look() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    assert_eq!(running(&app, &id).await, [("tt20_notice".to_owned(), "20/03/2023 09:00".to_owned())]);
    assert_eq!(limits(&app, &id).await.len(), 3, "one for each unit that must be told");
    let head = app.get(Some(&operator), &format!("/incidents/{id}")).await;
    head.is(200).shows("Thông báo, báo cáo ban đầu sự cố").shows("còn 4 ngày 21 giờ");
    let list = app.get(Some(&operator), "/deadlines").await;
    list.is(200).shows("Thông báo, báo cáo ban đầu sự cố").shows("SC-2023-0001").shows("Báo cáo theo luật");
    // On paper it says by which rule.
    list.shows("on-paper").shows("Điều 9 Thông tư số 20/2017/TT-BTTTT");
    assert!(journal(&app, &id).await.contains("hạn 20/03/2023 09:00 (phát hiện lúc 15/03/2023 09:00)"));
    app.post(Some(&operator), "/account/lang", &[("lang", "en")]).await;
    let english = app.get(Some(&operator), "/deadlines").await;
    english.is(200).shows("Notice and initial report of the incident").shows("Time limits").hides("Hạn việc");
    app.assert_sound().await;
}

#[tokio::test]
async fn whoever_is_told_in_time_is_done_and_what_is_struck_is_owed_again() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    reach(&app, &id, "b5").await;
    let told = tell(&app, &operator, &id, "vncert", "tt20_notice").await;
    let rows = limits(&app, &id).await;
    assert_eq!(rows.iter().filter(|(.., state, late)| state == "done" && !late).count(), 1);
    assert!(journal(&app, &id).await.contains("xong trong hạn 20/03/2023 09:00"));
    let strike = json!({ "struck_reason": "Gửi nhầm địa chỉ", "version": 1 });
    app.api(Some(&operator), &format!("/incidents/{id}/steps/b5/disclosures/{told}/strike"), strike).await.is(200);
    assert!(limits(&app, &id).await.iter().all(|(.., state, _)| state == "open"));
    assert!(journal(&app, &id).await.contains("tính hạn lại, 20/03/2023 09:00"));
    app.assert_sound().await;
}

#[tokio::test]
async fn correcting_the_detection_moves_the_clock_and_a_sent_report_may_turn_out_late_and_stays_so() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    reach(&app, &id, "b5").await;
    tell(&app, &operator, &id, "vncert", "tt20_notice").await;
    let early = json!({ "version": version(&app, &operator, &id).await, "title": "Mã hoá dữ liệu tại một cửa",
        "scenario": "a06_ransom", "severity": "3", "tlp": "amber", "happened_at": "2023-03-01T00:00" });
    app.api(Some(&operator), &format!("/incidents/{id}/edit"), early).await.is(200);
    redate(&app, &operator, &id, "2023-03-10T08:00").await;
    let done: Vec<_> = limits(&app, &id).await.into_iter().filter(|(.., state, _)| state == "done").collect();
    assert_eq!((done[0].2.as_str(), done[0].4), ("15/03/2023 08:00", true), "told at noon on the 15th");
    let said = journal(&app, &id).await;
    assert!(said.contains("tính lại thì đã gửi trễ, hạn 15/03/2023 08:00"), "{said}");
    assert!(said.contains("dời hạn từ 20/03/2023 09:00 sang 15/03/2023 08:00"), "{said}");
    redate(&app, &operator, &id, "2023-03-15T09:00").await;
    let done: Vec<_> = limits(&app, &id).await.into_iter().filter(|(.., state, _)| state == "done").collect();
    assert!(done[0].4, "what was late once stays late");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_incident_at_the_border_of_two_laws_follows_its_detection_also_when_that_is_corrected() {
    let app = TestApp::new().await;
    move_to(&app, "02/07/2026 08:00");
    let operator = operator(&app).await;
    let id = detected(&app, &operator, "2026-06-30T23:30").await;
    assert_eq!(running(&app, &id).await, [("tt20_notice".to_owned(), "05/07/2026 23:30".to_owned())]);
    redate(&app, &operator, &id, "2026-07-01T00:10").await;
    assert_eq!(running(&app, &id).await, [("nd331_72h".to_owned(), "04/07/2026 00:10".to_owned())]);
    let said = journal(&app, &id).await;
    assert!(said.contains("thôi tính hạn 05/07/2026 23:30") && said.contains("hạn 04/07/2026 00:10"), "{said}");
    redate(&app, &operator, &id, "2026-06-30T23:30").await;
    assert_eq!(running(&app, &id).await, [("tt20_notice".to_owned(), "05/07/2026 23:30".to_owned())]);
    app.assert_sound().await;
}

#[tokio::test]
async fn personal_data_starts_a_clock_of_its_own_and_taking_it_back_stops_it() {
    let app = TestApp::new().await;
    move_to(&app, "20/08/2026 12:00");
    let operator = operator(&app).await;
    let id = detected(&app, &operator, "2026-08-20T08:00").await;
    let page = app.get(Some(&operator), &format!("/incidents/{id}/class")).await;
    page.is(200).shows("lộ, mất dữ liệu cá nhân").shows("Vi phạm dữ liệu cá nhân phát hiện lúc");
    let version = version(&app, &operator, &id).await;
    let alone = json!({ "flags": [], "breach_at": "2026-08-20T10:00", "version": version });
    app.api(Some(&operator), &format!("/incidents/{id}/law"), alone).await.is(422);
    let unknown = json!({ "flags": ["meteor"], "version": version });
    app.api(Some(&operator), &format!("/incidents/{id}/law"), unknown).await.is(422);
    law(&app, &operator, &id, &["personal_data"], "2026-08-20T11:30").await;
    let both = [("nd331_72h", "23/08/2026 08:00"), ("l91_72h", "23/08/2026 11:30")];
    assert_eq!(running(&app, &id).await, both.map(|(rule, due)| (rule.to_owned(), due.to_owned())));
    law(&app, &operator, &id, &["serious_interruption"], "").await;
    let now = [("nd331_now", "20/08/2026 12:00"), ("nd331_72h", "23/08/2026 08:00")];
    assert_eq!(running(&app, &id).await, now.map(|(rule, due)| (rule.to_owned(), due.to_owned())));
    let said = journal(&app, &id).await;
    assert!(said.contains("phát hiện vi phạm dữ liệu lúc 20/08/2026 11:30; lộ, mất dữ liệu cá nhân"), "{said}");
    assert!(said.contains("thôi tính hạn 23/08/2026 11:30"), "{said}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_condition_of_the_class_that_means_we_cannot_cope_starts_the_emergency_reports() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let version = version(&app, &operator, &id).await;
    let body = json!({ "conditions": ["gian_doan_dich_vu", "vuot_kha_nang"], "version": version });
    app.api(Some(&operator), &format!("/incidents/{id}/class"), body).await.is(200);
    let rules = running(&app, &id).await;
    assert!(rules.contains(&("qd05_emergency".to_owned(), "15/03/2023 12:00".to_owned())), "{rules:?}");
    assert!(rules.contains(&("qd05_dien_bien".to_owned(), "16/03/2023 12:00".to_owned())), "{rules:?}");
    // Nobody reports: the day after, the next report is due while the first is late.
    app.app.clock.advance(25 * HOUR);
    watch::step(&app.app).await.expect("told");
    let rules = running(&app, &id).await;
    assert!(rules.contains(&("qd05_dien_bien".to_owned(), "17/03/2023 12:00".to_owned())), "{rules:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_duty_is_set_aside_with_who_and_why_and_the_gate_counts_it() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let id = opened(&app, &operator).await;
    let list = app.get(Some(&officer), "/api/v1/deadlines?view=all&kind=rule").await.json();
    let rows = list["deadlines"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 3);
    let path = |row: &Value| format!("/deadlines/{}", row["id"].as_str().expect("an id"));
    app.get(Some(&officer), &path(&rows[0])).await.is(200).shows("Miễn việc này").shows("Điều 9 Thông tư số 20/2017");
    app.get(Some(&operator), &path(&rows[0])).await.is(200).hides("Miễn việc này");
    let waive = |reason: &str, version: &str| json!({ "reason": reason, "version": version });
    let act = |row: &Value, what: &str| format!("{}/{what}", path(row));
    app.api(Some(&operator), &act(&rows[0], "waive"), waive("Không thuộc phạm vi", "1")).await.is(403);
    app.api(Some(&officer), &act(&rows[0], "waive"), waive("ngắn", "1")).await.is(422);
    app.api(Some(&officer), &act(&rows[0], "waive"), waive("Không thuộc phạm vi", "7")).await.is(409);
    for row in &rows {
        app.api(Some(&officer), &act(row, "waive"), waive("Không thuộc phạm vi", "1")).await.is(200);
    }
    app.get(Some(&officer), &path(&rows[0])).await.shows("được miễn").shows("Không thuộc phạm vi").shows("Lê Thị Lan");
    reach(&app, &id, "b5").await;
    let step = app.get(Some(&operator), &format!("/incidents/{id}/steps/b5")).await;
    step.is(200).shows("Lê Thị Lan: Không thuộc phạm vi").hides("Theo quy định còn phải báo");
    assert!(journal(&app, &id).await.contains("Lý do: Không thuộc phạm vi"));
    // What was set aside stays so while other things change, and can be taken back.
    redate(&app, &operator, &id, "2023-03-15T08:30").await;
    assert!(limits(&app, &id).await.iter().all(|(.., state, _)| state == "waived"));
    let again = app.get(Some(&officer), &format!("/api/v1{}", path(&rows[0]))).await.json();
    let version = again["deadline"]["version"].to_string();
    app.api(Some(&officer), &act(&rows[0], "undo"), waive("Thuộc phạm vi, miễn nhầm", &version)).await.is(200);
    assert_eq!(running(&app, &id).await.len(), 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_one_may_not_see_is_not_in_the_list_and_does_not_exist() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let stranger = app.person("Trần Thị Khác", "xa-my-hiep", &["van_hanh"]).await;
    opened(&app, &operator).await;
    let list = app.get(Some(&operator), "/api/v1/deadlines").await.json();
    let id = list["deadlines"][0]["id"].as_str().expect("an id").to_owned();
    app.get(Some(&stranger), "/deadlines").await.is(200).hides("SC-2023-0001").shows("Không có việc nào đang tính hạn");
    app.get(Some(&stranger), "/deadlines?view=all").await.is(200).hides("SC-2023-0001");
    app.get(Some(&stranger), &format!("/deadlines/{id}")).await.is(404);
    app.get(None, "/deadlines").await.is(303);
    app.get(Some(&stranger), "/deadlines/calendar").await.is(403);
}

#[tokio::test]
async fn the_list_is_narrowed_down_sorted_and_paged_by_its_address() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let days = |days: i64| app.app.now().plus(days * DAY).to_field();
    for day in 1..=60 {
        let body = json!({ "title": format!("Việc số {day}"), "assignee": operator.person_id, "due_at": days(day) });
        app.api(Some(&operator), &format!("/incidents/{id}/steps/b1/tasks"), body).await.is(200);
    }
    let titles = |page: &Value| -> Vec<String> {
        let rows = page["deadlines"].as_array().expect("rows").iter();
        rows.map(|row| row["title_vi"].as_str().expect("words").to_owned()).collect()
    };
    let first = app.get(Some(&operator), "/api/v1/deadlines?kind=task").await.json();
    assert_eq!((titles(&first).len(), titles(&first)[0].as_str()), (50, "Việc số 1"));
    let next = first["next"].as_str().expect("more");
    let second = app.get(Some(&operator), &format!("/api/v1/deadlines?kind=task&after={next}")).await.json();
    assert_eq!((titles(&second).len(), titles(&second)[0].as_str()), (10, "Việc số 51"));
    let last = app.get(Some(&operator), "/api/v1/deadlines?kind=task&sort=-due").await.json();
    assert_eq!(titles(&last)[0], "Việc số 60");
    let week = app.get(Some(&operator), "/api/v1/deadlines?kind=task&when=week").await.json();
    assert_eq!(titles(&week).len(), 6);
    app.app.clock.advance(2 * DAY + HOUR);
    let operator = app.as_signed_in(&operator, &app.sign_in("nguyen.van.van", crate::support::PASSWORD).await).await;
    let late = app.get(Some(&operator), "/api/v1/deadlines?when=late&kind=task").await.json();
    assert_eq!(titles(&late), ["Việc số 1", "Việc số 2"]);
    app.get(Some(&operator), "/deadlines?when=late").await.is(200).shows("trễ 1 giờ").shows("Đã trễ");
    app.get(Some(&operator), "/deadlines?when=never&kind=%00&after=x.y&unit=z").await.is(200);
}

#[tokio::test]
async fn a_task_done_is_done_here_and_one_cancelled_stops() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let mut tasks = Vec::new();
    for title in ["Thu nhật ký", "Gọi nhà cung cấp"] {
        let body = json!({ "title": title, "assignee": operator.person_id, "due_at": "2023-03-16T12:00" });
        let made = app.api(Some(&operator), &format!("/incidents/{id}/steps/b1/tasks"), body).await;
        tasks.push(made.is(200).json()["result"]["id"].as_str().expect("an id").to_owned());
    }
    app.get(Some(&operator), "/").await.is(200).shows("Thu nhật ký");
    let end = json!({ "result": "Xong", "version": 1 });
    app.api(Some(&operator), &format!("/incidents/{id}/steps/b1/tasks/{}/finish", tasks[0]), end.clone()).await.is(200);
    app.api(Some(&operator), &format!("/incidents/{id}/steps/b1/tasks/{}/cancel", tasks[1]), end).await.is(200);
    let of_tasks: Vec<_> = limits(&app, &id).await.into_iter().filter(|(what, ..)| what == "task").collect();
    let mut states: Vec<&str> = of_tasks.iter().map(|(.., state, _)| state.as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["done", "stopped"]);
    app.get(Some(&operator), "/deadlines?view=ended").await.is(200).shows("Thu nhật ký").shows("Thôi tính hạn");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_calendar_program_reads_what_is_due_by_a_secret_address_until_it_is_revoked() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let other = app.person("Trần Thị Khác", "xa-my-hiep", &["van_hanh"]).await;
    opened(&app, &operator).await;
    app.get(Some(&operator), "/deadlines/feeds").await.is(200).shows("Chưa có địa chỉ nào");
    let made = app.api(Some(&operator), "/deadlines/feeds", json!({})).await.is(200).json();
    let path = made["result"]["path"].as_str().expect("a path").to_owned();
    let feed = app.get(None, &path).await;
    feed.is(200).shows("BEGIN:VCALENDAR").shows("BEGIN:VEVENT").shows("DTSTART:20230320T020000Z");
    assert_eq!(feed.body.matches("BEGIN:VEVENT").count(), 3);
    assert!(feed.headers["content-type"].to_str().expect("words").starts_with("text/calendar"));
    app.get(None, "/calendar/0000000000000000000000000000000000000000000000000000000000000000").await.is(404);
    app.get(None, "/calendar/x.ics").await.is(404);
    // Another unit's feed is not for the asking; one's own is.
    app.api(Some(&operator), "/deadlines/feeds", json!({ "unit": other.unit_id })).await.is(422);
    let of_unit =
        app.api(Some(&operator), "/deadlines/feeds", json!({ "unit": operator.unit_id })).await.is(200).json();
    app.get(None, of_unit["result"]["path"].as_str().expect("a path")).await.is(200).shows("BEGIN:VEVENT");
    let theirs = app.api(Some(&other), "/deadlines/feeds", json!({})).await.is(200).json();
    app.get(None, theirs["result"]["path"].as_str().expect("a path")).await.is(200).hides("BEGIN:VEVENT");
    let feeds = app.get(Some(&operator), "/api/v1/deadlines/feeds").await.json();
    let id = feeds["feeds"][1]["id"].as_str().expect("an id").to_owned();
    app.api(Some(&other), &format!("/deadlines/feeds/{id}/revoke"), json!({})).await.is(404);
    let renewed = app.api(Some(&operator), &format!("/deadlines/feeds/{id}/renew"), json!({})).await.is(200).json();
    app.get(None, &path).await.is(404);
    app.get(None, renewed["result"]["path"].as_str().expect("a path")).await.is(200).shows("BEGIN:VEVENT");
    app.assert_sound().await;
}

#[tokio::test]
async fn reports_of_the_calendar_are_listed_ahead_and_said_to_be_sent_with_number_and_date() {
    let app = TestApp::new().await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let admin = app.person("Phạm Quản Trị", "vp-huyen", &["quan_tri"]).await;
    watch::list_reports(&app.app).await.expect("listed");
    watch::list_reports(&app.app).await.expect("a second time changes nothing");
    let page = app.get(Some(&officer), "/api/v1/deadlines?kind=calendar").await.json();
    let rows = page["deadlines"].as_array().expect("rows");
    let due: Vec<(&str, String)> = rows
        .iter()
        .map(|row| (row["rule"].as_str().expect("a rule"), Time(row["due_at"].as_i64().expect("a moment")).to_minute()))
        .collect();
    let expected = [("tt20_half", "19/06/2023 23:59".to_owned()), ("tt20_year", "14/12/2023 23:59".to_owned())];
    assert_eq!(due, expected);
    // The plan leaves its own reports' days open; the administrator sets them.
    let day = |day: &str| json!({ "rule": "kh02_half", "day": day, "version": "0" });
    app.api(Some(&officer), "/deadlines/days", day("15/06")).await.is(403);
    app.api(Some(&admin), "/deadlines/days", day("31/02")).await.is(422);
    app.api(Some(&admin), "/deadlines/days", json!({ "rule": "tt20_half", "day": "1/6", "version": "0" }))
        .await
        .is(422);
    app.api(Some(&admin), "/deadlines/days", day("15/06")).await.is(200);
    app.api(Some(&admin), "/deadlines/days", day("16/06")).await.is(409);
    let page = app.get(Some(&officer), "/api/v1/deadlines?kind=calendar").await.json();
    assert_eq!(page["deadlines"][0]["rule"], "kh02_half");
    let id = page["deadlines"][0]["id"].as_str().expect("an id").to_owned();
    app.get(Some(&officer), &format!("/deadlines/{id}"))
        .await
        .is(200)
        .shows("trước ngày 15/6/2023")
        .shows("14/06/2023");
    let done = json!({ "number": "45/BC-VHTT", "done_at": "2023-03-15T10:00", "version": 1 });
    app.api(Some(&officer), &format!("/deadlines/{id}/done"), json!({ "version": 1 })).await.is(422);
    app.api(Some(&officer), &format!("/deadlines/{id}/done"), done).await.is(200);
    app.get(Some(&officer), &format!("/deadlines/{id}")).await.is(200).shows("45/BC-VHTT").shows("Đã xong");
    // A day later the watch looks again: what is done stays done, the next year's half is not listed before its time.
    app.app.clock.advance(DAY);
    watch::look_round(&app.app).await.expect("looked");
    let officer = app.as_signed_in(&officer, &app.sign_in("le.thi.lan", crate::support::PASSWORD).await).await;
    let open = app.get(Some(&officer), "/api/v1/deadlines?kind=calendar").await.json();
    assert_eq!(open["deadlines"].as_array().expect("rows").len(), 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_corrects_the_holidays_of_a_year() {
    let app = TestApp::new().await;
    let admin = app.person("Phạm Quản Trị", "vp-huyen", &["quan_tri"]).await;
    let page = app.get(Some(&admin), "/deadlines/calendar?year=2026").await;
    page.is(200).shows("17/02/2026 Tết Bính Ngọ").shows("22/08/2026");
    app.get(Some(&admin), "/deadlines/calendar?year=2031").await.is(200).shows("Chưa có lịch nghỉ của năm này");
    let year = |off: &str, version: &str| json!({ "days_off": off, "note": "Thông báo 1/TB", "version": version });
    let wrong = app.api(Some(&admin), "/deadlines/calendar/2031", year("30/02 Không có", "0")).await;
    wrong.is(422).shows("30/02 Không có");
    app.api(Some(&admin), "/deadlines/calendar/2031", year("01/01 Tết Dương lịch", "0")).await.is(200);
    app.api(Some(&admin), "/deadlines/calendar/2031", year("02/01 Tết Dương lịch", "0")).await.is(409);
    app.api(Some(&admin), "/deadlines/calendar/9999", year("01/01 Tết Dương lịch", "0")).await.is(404);
    let page = app.get(Some(&admin), "/deadlines/calendar?year=2031").await;
    page.is(200).shows("01/01 Tết Dương lịch").hides("Chưa có lịch nghỉ của năm này");
    app.assert_sound().await;
}

/// Who was told what, and when, beginning with the moment of the first.
async fn told(app: &TestApp, person: &Person) -> Vec<String> {
    let mut tx = app.app.db.read().await.expect("look");
    let rows: Vec<(Time, String)> = tx
        .all(
            sql!(
                "SELECT n.at, n.text_vi FROM notices n JOIN accounts a ON a.id = n.account_id
                  WHERE a.person_id = $1 ORDER BY n.at, n.id LIMIT 500"
            ),
            args![&person.person_id],
        )
        .await
        .expect("asked");
    rows.into_iter().map(|(at, text)| format!("{} {text}", at.to_minute())).collect()
}

#[tokio::test]
async fn the_clock_of_an_incident_runs_minute_by_minute_and_tells_each_thing_once() {
    // A serious incident under the new law, whose first notice is sent late and whose report is sent in time.
    let app = TestApp::new().await;
    move_to(&app, "20/08/2026 08:00");
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let board = app.person("Lê Quang Vinh", "bcd-cds", &["ban_chi_dao"]).await;
    let id = detected(&app, &operator, "2026-08-20T08:00").await;
    reach(&app, &id, "b5").await;
    let serious =
        json!({ "class": "serious", "reason": "Ngừng một cửa", "version": version(&app, &operator, &id).await });
    app.api(Some(&operator), &format!("/incidents/{id}/class"), serious).await.is(200);
    let before = (told(&app, &operator).await.len(), told(&app, &officer).await.len(), told(&app, &board).await.len());
    let begun = app.app.now();
    let mut looked = 0;
    while app.app.now() < begun.plus(60 * HOUR) {
        app.app.clock.advance(MINUTE);
        // The watch looks every minute; what it looks for is one indexed question.
        if watch::next(&app.app).await.expect("asked").is_some_and(|at| at <= app.app.now()) {
            watch::step(&app.app).await.expect("told");
            watch::step(&app.app).await.expect("a second time tells nothing");
            looked += 1;
        }
        if app.app.now() == begun.plus(26 * HOUR) || app.app.now() == begun.plus(50 * HOUR) {
            let rule = if app.app.now() == begun.plus(26 * HOUR) { "nd331_24h" } else { "nd331_72h" };
            let signed =
                app.as_signed_in(&operator, &app.sign_in("nguyen.van.van", crate::support::PASSWORD).await).await;
            tell(&app, &signed, &id, "cong-an-tinh", rule).await;
        }
    }
    let notice = "Báo Công an tỉnh Đồng Tháp: Thông báo ban đầu sự cố nghiêm trọng";
    let report = "Báo Công an tỉnh Đồng Tháp: Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục";
    let incident = "SC-2026-0001 Mã hoá dữ liệu tại một cửa";
    let mine: Vec<String> = told(&app, &operator).await.split_off(before.0);
    assert_eq!(
        mine,
        [
            format!("21/08/2026 02:00 Còn 6 giờ: {notice} – {incident}"),
            format!("21/08/2026 07:00 Còn 1 giờ: {notice} – {incident}"),
            format!("21/08/2026 08:01 Trễ 1 phút: {notice} – {incident}"),
            format!("22/08/2026 08:00 Còn 1 ngày: {report} – {incident}"),
        ]
    );
    let theirs: Vec<String> = told(&app, &officer).await.split_off(before.1);
    assert_eq!(theirs, [format!("21/08/2026 08:01 Trễ 1 phút (Xã Ba Sao): {notice} – {incident}")]);
    assert!(told(&app, &board).await.split_off(before.2).is_empty(), "it was not late for a day");
    assert_eq!(looked, 4);
    let states: Vec<_> =
        limits(&app, &id).await.into_iter().map(|(rule, _, _, state, late)| (rule, state, late)).collect();
    assert_eq!(
        states,
        [("nd331_24h".to_owned(), "done".to_owned(), true), ("nd331_72h".to_owned(), "done".to_owned(), false)]
    );
    app.assert_sound().await;
}
