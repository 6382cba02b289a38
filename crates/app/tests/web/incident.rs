//! Incidents as people use them: opened by hand, worked through step by step, classified, corrected, closed, reopened.

use serde_json::json;
use ungcuu_app::actor::Actor;
use ungcuu_kit::time::HOUR;
use ungcuu_kit::{args, sql};

use crate::support::{Answer, Person, TestApp};

const PACK: &str = "cao-lanh-2021-2025";

/// The plan without anything asked for at the end of a step, so that the way through the steps is tested by itself.
async fn without_gates() -> TestApp {
    TestApp::with_changed_pack(PACK, |pack| pack.procedure.steps.iter_mut().for_each(|step| step.gates.clear())).await
}

pub async fn operator(app: &TestApp) -> Person {
    app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await
}

/// Opens an incident of the operator's commune and gives back its id.
pub async fn opened(app: &TestApp, who: &Person) -> String {
    let answer = app.post(Some(who), "/incidents/new", &form(who)).await;
    answer.place().strip_prefix("/incidents/").expect("an incident's page").to_owned()
}

pub fn form(who: &Person) -> Vec<(&str, &str)> {
    vec![
        ("title", "Mã hoá dữ liệu tại một cửa"),
        ("unit", who.unit_id.as_str()),
        ("scenario", "a06_ransom"),
        ("severity", "3"),
        ("tlp", "amber"),
        ("detected_at", "2023-03-15T09:00"),
        ("happened_at", "2023-03-15T07:30"),
        ("summary", "Năm máy không mở được tệp."),
    ]
}

pub async fn finish(app: &TestApp, who: &Person, id: &str, step: &str) -> Answer {
    app.post(Some(who), &format!("/incidents/{id}/steps/{step}/finish"), &[("note", "")]).await
}

/// The version that forms about the facts carry now.
pub async fn version(app: &TestApp, who: &Person, id: &str) -> String {
    app.get(Some(who), &format!("/api/v1/incidents/{id}")).await.json()["incident"]["version"].to_string()
}

#[tokio::test]
async fn opening_gives_a_number_the_steps_and_tells_the_units() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.get(Some(&operator), "/incidents").await.is(200).shows("Không có sự cố nào");
    app.get(Some(&operator), "/incidents/new").await.is(200).shows("Uỷ ban nhân dân xã Ba Sao");
    let id = opened(&app, &operator).await;
    let page = app.get(Some(&operator), &format!("/incidents/{id}")).await;
    page.is(200).shows("SC-2023-0001").shows("Năm máy không mở được tệp.").shows("Tới bước 1");
    app.get(Some(&operator), "/incidents").await.is(200).shows("SC-2023-0001").shows("Xong 0/11 bước");
    let steps = app.get(Some(&officer), &format!("/incidents/{id}/steps")).await;
    steps.is(200).shows("Bước 11").shows("Đã xác minh có sự cố").shows("Uỷ ban nhân dân xã Ba Sao");
    let mut tx = app.app.db.read().await.expect("look");
    let told: Option<(String,)> = tx
        .one(
            sql!(
                "SELECT n.text_vi FROM notices n JOIN accounts a ON a.id = n.account_id WHERE a.person_id = $1 LIMIT 1"
            ),
            args![&officer.person_id],
        )
        .await
        .expect("asked");
    assert!(told.expect("a notice").0.contains("SC-2023-0001"));
    drop(tx);
    let second = app.post(Some(&operator), "/incidents/new", &form(&operator)).await.place();
    app.get(Some(&operator), &second).await.shows("SC-2023-0002");
    app.assert_sound().await;
}

#[test]
fn every_section_and_gate_that_a_pack_may_name_is_held_by_a_feature() {
    let known = ungcuu_app::pack::Known::default();
    let features = ungcuu_app::features();
    for section in known.sections {
        let kind = section.split(':').next().expect("a part before the colon");
        let held = features.iter().flat_map(|feature| &feature.sections).any(|held| held.kind == kind);
        assert!(held, "no feature shows the section {section}");
    }
    for gate in known.gates {
        let held = features.iter().flat_map(|feature| &feature.gates).any(|held| held.kind == *gate);
        assert!(held, "no feature counts the gate {gate}");
    }
}

#[tokio::test]
async fn a_wrong_form_says_what_is_wrong_beside_each_field() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let answer = app
        .api(
            Some(&operator),
            "/incidents/new",
            json!({ "title": "", "unit": operator.unit_id, "scenario": "khong-co", "severity": 9, "tlp": "amber",
                    "detected_at": "16/03/2023 09:00", "happened_at": "17/03/2023 09:00" }),
        )
        .await;
    answer.is(422);
    let errors = answer.json()["errors"].clone();
    let mut fields: Vec<_> = errors.as_array().expect("a list").iter().map(|it| it["field"].as_str()).collect();
    fields.dedup();
    assert_eq!(fields, [Some("title"), Some("scenario"), Some("severity"), Some("detected_at"), Some("happened_at")]);
    let mut typed = form(&operator);
    typed[5] = ("detected_at", "2023-03-15T07:00");
    typed.push(("_page", "/incidents/new"));
    app.post(Some(&operator), "/incidents/new", &typed).await.is(422).shows("Không thể phát hiện trước khi xảy ra");
    let stranger = app.person("Trần Thị Khác", "xa-my-hiep", &["van_hanh"]).await;
    app.post(Some(&stranger), "/incidents/new", &form(&operator)).await.is(422);
    let contact = app.person("Phạm Đầu Mối", "xa-ba-sao", &["dau_moi"]).await;
    app.post(Some(&contact), "/incidents/new", &form(&contact)).await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_system_brings_its_operator_and_owner() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let system = a_system(&app, &operator, "HT-01", "Một cửa điện tử", 3).await;
    let mut typed = form(&operator);
    typed[1] = ("system", &system);
    let place = app.post(Some(&operator), "/incidents/new", &typed).await.place();
    let incident = app.get(Some(&operator), &format!("/api/v1{place}")).await.json()["incident"].clone();
    assert_eq!(incident["unit_id"], operator.unit_id.as_str());
    assert_eq!(incident["system_id"], system);
    app.get(Some(&operator), &place).await.shows("Một cửa điện tử").shows("cấp độ 3");
    app.assert_sound().await;
}

async fn a_system(app: &TestApp, operator: &Person, code: &str, name: &str, level: i64) -> String {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let id = ungcuu_app::system::SystemId::new(&app.app.chance, work.now);
    work.tx
        .run(
            sql!(
                "INSERT INTO systems (id, code, name, purpose, owner_unit_id, operator_unit_id, level, provider,
                                      link_provider, addresses, domains, os_name, os_version, services, safeguards,
                                      active, version)
                 VALUES ($1, $2, $3, '', $4, $4, $5, '', '', '', '', '', '', '', '', TRUE, 1)"
            ),
            args![&id, code, name, &operator.unit_id, level],
        )
        .await
        .expect("a system");
    work.record("systems", "system.created", ungcuu_kit::text::Text::same(name), &[("systems", id.as_str())]);
    work.commit().await.expect("committed");
    id.to_string()
}

#[tokio::test]
async fn finishing_needs_what_the_plan_asks_for() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = app.get(Some(&operator), &format!("/incidents/{id}/steps/b1")).await;
    page.is(200).shows("Theo dõi, tiếp nhận, phân tích các cảnh báo").shows("Cần có trước khi xong");
    finish(&app, &operator, &id, "b2").await.is(409).shows("không mở");
    finish(&app, &operator, &id, "b1").await.is(303);
    finish(&app, &operator, &id, "b2").await.is(409).shows("Đã thực hiện xong các việc ưu tiên");
    let waiting = app.get(Some(&operator), &format!("/incidents/{id}/steps/b5")).await;
    waiting.is(200).shows("chờ xong bước 3");
    finish(&app, &operator, &id, "b5").await.is(409);
    finish(&app, &operator, &id, "b99").await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_steps_go_on_in_order_and_an_optional_one_is_skipped_with_a_reason() {
    let app = without_gates().await;
    let operator = operator(&app).await;
    let board = app.person("Huỳnh Văn Chủ", "bcd-cds", &["ban_chi_dao"]).await;
    let id = opened(&app, &operator).await;
    for step in ["b1", "b2", "b3"] {
        finish(&app, &operator, &id, step).await.is(303);
    }
    let skip = format!("/incidents/{id}/steps/b4/skip");
    app.post(Some(&operator), &skip, &[("reason", "Không cần")]).await.is(403);
    app.post(Some(&board), &skip, &[("reason", "")]).await.is(422);
    app.post(Some(&board), &format!("/incidents/{id}/steps/b6/skip"), &[("reason", "Không cần")]).await.is(409);
    app.post(Some(&board), &skip, &[("reason", "Sự cố nhỏ, không cần")]).await.is(303);
    app.get(Some(&board), &format!("/incidents/{id}/steps/b4")).await.shows("Sự cố nhỏ, không cần").shows("Bỏ qua");
    app.post(Some(&board), &format!("/incidents/{id}/steps/b4/resume"), &[]).await.is(303);
    app.get(Some(&board), &format!("/incidents/{id}/steps/b4")).await.shows("Hoàn thành bước 4");
    // A report is given more than once: its step begins again as another round.
    finish(&app, &operator, &id, "b5").await.is(303);
    app.post(Some(&operator), &format!("/incidents/{id}/steps/b5/resume"), &[]).await.is(303);
    app.get(Some(&operator), &format!("/incidents/{id}/steps/b5")).await.shows("Các vòng khác").shows("vòng 2");
    let past = app.get(Some(&operator), &format!("/incidents/{id}/steps/b5?round=1")).await;
    past.is(200).shows("chỉ xem được").hides("Hoàn thành bước 5</button>");
    app.get(Some(&operator), &format!("/incidents/{id}/steps/b5?round=9")).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_step_finished_by_mistake_is_opened_again_until_a_later_one_has_ended() {
    let app = without_gates().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let reopen = |step: &str| format!("/incidents/{id}/steps/{step}/reopen");
    let why = [("reason", "Bấm nhầm khi chưa khoanh vùng")];
    app.post(Some(&operator), &reopen("b1"), &why).await.is(409);
    finish(&app, &operator, &id, "b1").await.is(303);
    app.get(Some(&operator), &format!("/incidents/{id}/steps/b1")).await.is(200).shows("Mở lại bước");
    app.post(Some(&operator), &reopen("b1"), &[("reason", "ngắn")]).await.is(422).shows("ít nhất");
    app.post(Some(&operator), &reopen("b1"), &why).await.is(303);
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("Bấm nhầm khi chưa khoanh vùng");
    finish(&app, &operator, &id, "b2").await.is(409).shows("không mở");
    finish(&app, &operator, &id, "b1").await.is(303);
    finish(&app, &operator, &id, "b2").await.is(303);
    app.get(Some(&operator), &format!("/incidents/{id}/steps/b1")).await.is(200).hides("Mở lại bước</summary>");
    app.post(Some(&operator), &reopen("b1"), &why).await.is(409).shows("Đã có bước sau hoàn thành");
    app.assert_sound().await;
}

#[tokio::test]
async fn another_units_reader_finds_nothing_until_the_unit_is_drawn_in() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let stranger = app.person("Trần Thị Khác", "xa-my-hiep", &["van_hanh"]).await;
    let guest = app.person("Võ Được Mời", "phong-y-te", &["dau_moi"]).await;
    let id = opened(&app, &operator).await;
    for page in ["", "/steps", "/steps/b1", "/timeline", "/journal", "/parts", "/live"] {
        app.get(Some(&stranger), &format!("/incidents/{id}{page}")).await.is(404);
    }
    finish(&app, &stranger, &id, "b1").await.is(404);
    app.get(Some(&stranger), "/incidents").await.hides("SC-2023-0001");
    let unit = [("unit", stranger.unit_id.as_str())];
    app.post(Some(&operator), &format!("/incidents/{id}/units"), &unit).await.is(303);
    app.post(Some(&operator), &format!("/incidents/{id}/units"), &unit).await.is(422);
    app.get(Some(&stranger), &format!("/incidents/{id}")).await.is(200);
    // Drawn in as a related unit they support, they do not lead.
    finish(&app, &stranger, &id, "b1").await.is(403);
    app.get(Some(&stranger), &format!("/incidents/{id}/steps/b1")).await.hides("Hoàn thành bước 1</button>");
    let person = [("person", guest.person_id.as_str()), ("part", "Tư vấn")];
    app.get(Some(&guest), &format!("/incidents/{id}")).await.is(404);
    app.post(Some(&operator), &format!("/incidents/{id}/people"), &person).await.is(303);
    app.get(Some(&guest), &format!("/incidents/{id}")).await.is(200).shows("Tư vấn");
    let parts = app.get(Some(&operator), &format!("/api/v1/incidents/{id}/parts")).await.json();
    let drawn = parts["people"][0]["id"].as_str().expect("a row").to_owned();
    app.post(Some(&operator), &format!("/incidents/{id}/people/{drawn}/remove"), &[]).await.is(303);
    app.get(Some(&guest), &format!("/incidents/{id}")).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn units_that_the_plan_names_and_the_main_system_stay() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let main = a_system(&app, &operator, "HT-01", "Một cửa điện tử", 3).await;
    let other = a_system(&app, &operator, "HT-02", "Thư điện tử", 2).await;
    let mut typed = form(&operator);
    typed[1] = ("system", &main);
    let place = app.post(Some(&operator), "/incidents/new", &typed).await.place();
    for effect in ["Chạy chậm", "Ngừng hẳn"] {
        let put = [("system", other.as_str()), ("effect", effect)];
        app.post(Some(&operator), &format!("{place}/systems"), &put).await.is(303);
    }
    let page = app.get(Some(&operator), &format!("{place}/parts")).await;
    page.is(200).shows("Ngừng hẳn").hides("Chạy chậm").shows("hệ thống chính");
    let parts = app.get(Some(&operator), &format!("/api/v1{place}/parts")).await.json();
    let row = |list: &str, place: usize| parts[list][place]["id"].as_str().expect("a row").to_owned();
    app.post(Some(&operator), &format!("{place}/systems/{}/remove", row("systems", 0)), &[]).await.is(409);
    app.post(Some(&operator), &format!("{place}/systems/{}/remove", row("systems", 1)), &[]).await.is(303);
    app.post(Some(&operator), &format!("{place}/units/{}/remove", row("units", 0)), &[]).await.is(409);
    app.assert_sound().await;
}

#[tokio::test]
async fn who_supports_may_not_finish_and_who_leads_may() {
    let app = without_gates().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let auditor = app.person("Ngô Kiểm Tra", "thanh-tra", &["kiem_tra"]).await;
    let id = opened(&app, &operator).await;
    finish(&app, &officer, &id, "b1").await.is(403);
    finish(&app, &auditor, &id, "b1").await.is(403);
    app.get(Some(&auditor), &format!("/incidents/{id}/steps/b1")).await.is(200).shows("chỉ xem được");
    app.get(Some(&auditor), &format!("/incidents/{id}/edit")).await.is(403);
    finish(&app, &operator, &id, "b1").await.is(303);
    finish(&app, &operator, &id, "b1").await.is(409);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_class_is_computed_and_another_needs_a_reason_and_the_board_has_the_last_word() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let board = app.person("Huỳnh Văn Chủ", "bcd-cds", &["ban_chi_dao"]).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/class");
    app.get(Some(&operator), &path).await.is(200).shows("Bị mất quyền điều khiển hệ thống").shows("Đề xuất phân loại");
    let version_now = version(&app, &operator, &id).await;
    let both = [("conditions", "mat_quyen_dieu_khien"), ("conditions", "vuot_kha_nang"), ("version", &version_now)];
    app.post(Some(&operator), &path, &both).await.is(303);
    let overview = app.get(Some(&operator), &format!("/incidents/{id}")).await;
    overview.shows("Nghiêm trọng").shows("đề xuất:").shows("Bị mất quyền điều khiển hệ thống");
    let version_now = version(&app, &operator, &id).await;
    let lower = [
        ("conditions", "mat_quyen_dieu_khien"),
        ("conditions", "vuot_kha_nang"),
        ("class", "normal"),
        ("reason", ""),
        ("version", &version_now),
    ];
    app.post(Some(&board), &path, &lower).await.is(422).shows("Hãy ghi lý do");
    let mut lower = lower.to_vec();
    lower[3] = ("reason", "Đã có nhà cung cấp hỗ trợ");
    app.post(Some(&board), &path, &lower).await.is(303);
    let overview = app.get(Some(&operator), &format!("/incidents/{id}")).await;
    overview
        .shows("quyết định:")
        .shows("Đã có nhà cung cấp hỗ trợ")
        .shows("Theo quy định".replace("Theo", "Tính theo").as_str());
    let version_now = version(&app, &operator, &id).await;
    app.post(Some(&operator), &path, &[("version", version_now.as_str())]).await.is(409).shows("Huỳnh Văn Chủ");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_who_was_first() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/edit");
    let version_now = version(&app, &operator, &id).await;
    let facts = |title: &'static str| {
        vec![
            ("title", title),
            ("scenario", "a06_ransom"),
            ("severity", "4"),
            ("tlp", "red"),
            ("happened_at", "2023-03-15T07:30"),
            ("commander", officer.person_id.as_str()),
            ("version", version_now.as_str()),
        ]
    };
    app.post(Some(&officer), &path, &facts("Bản của Lan")).await.is(303);
    // Work on other things in between is nobody's conflict.
    let entry = [("kind", "action"), ("title", "Rút dây mạng"), ("happened_at", "2023-03-15T11:00")];
    app.post(Some(&operator), &format!("/incidents/{id}/timeline"), &entry).await.is(303);
    let mut mine = facts("Bản của Vận");
    mine.push(("_page", &path));
    let refused = app.post(Some(&operator), &path, &mine).await;
    refused.is(409).shows("Lê Thị Lan").shows("Bản của Lan").shows("Bản của Vận");
    app.get(Some(&operator), &format!("/incidents/{id}")).await.shows("Bản của Lan").shows("Rất cao");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_time_of_detection_is_corrected_only_with_a_reason() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/detected");
    let version_now = version(&app, &operator, &id).await;
    let correction = |at: &'static str, reason: &'static str| {
        [("detected_at", at), ("reason", reason), ("version", version_now.as_str())]
    };
    app.post(Some(&operator), &path, &correction("2023-03-15T08:00", "nhầm")).await.is(422);
    app.post(Some(&operator), &path, &correction("2023-03-15T07:00", "Ghi nhầm giờ trong sổ trực")).await.is(422);
    app.post(Some(&operator), &path, &correction("2023-03-16T07:00", "Ghi nhầm giờ trong sổ trực")).await.is(422);
    app.post(Some(&operator), &path, &correction("2023-03-15T08:00", "Ghi nhầm giờ trong sổ trực")).await.is(303);
    let timeline = app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await;
    timeline.shows("Sửa giờ phát hiện từ 15/03/2023 09:00 thành 15/03/2023 08:00");
    app.assert_sound().await;
}

#[tokio::test]
async fn closing_lists_what_is_missing_and_reopening_needs_a_reason() {
    let app = without_gates().await;
    let operator = operator(&app).await;
    let board = app.person("Huỳnh Văn Chủ", "bcd-cds", &["ban_chi_dao"]).await;
    let id = opened(&app, &operator).await;
    let close = format!("/incidents/{id}/close");
    app.get(Some(&operator), &close).await.is(403);
    app.get(Some(&board), &close).await.is(200).shows("Bước 1 (Tiếp nhận, phân tích) chưa xong").shows("Bước 11");
    app.post(Some(&board), &close, &[("words", "Xong")]).await.is(409).shows("Bước 7");
    for step in ["b1", "b2", "b3"] {
        finish(&app, &operator, &id, step).await.is(303);
    }
    for step in ["b4", "b6"] {
        finish(&app, &board, &id, step).await.is(303);
    }
    for step in ["b5", "b7", "b8", "b9", "b10", "b11"] {
        finish(&app, &operator, &id, step).await.is(303);
    }
    app.get(Some(&board), &format!("/incidents/{id}")).await.shows("Kết thúc sự cố</a>");
    app.post(Some(&board), &close, &[("words", "")]).await.is(422);
    app.post(Some(&board), &close, &[("words", "Đã khôi phục toàn bộ")]).await.is(303);
    app.get(Some(&board), &format!("/incidents/{id}")).await.shows("Sự cố đã kết thúc");
    app.get(Some(&board), "/incidents").await.hides("SC-2023-0001");
    app.get(Some(&board), "/incidents?state=closed").await.shows("SC-2023-0001");
    let entry = [("kind", "action"), ("title", "Muộn"), ("happened_at", "2023-03-15T11:00")];
    app.post(Some(&operator), &format!("/incidents/{id}/timeline"), &entry).await.is(409).shows("mở lại");
    let reopen = format!("/incidents/{id}/reopen");
    app.post(Some(&operator), &reopen, &[("reason", "Dấu hiệu tái diễn ở hai máy")]).await.is(403);
    app.post(Some(&board), &reopen, &[("reason", "Lặp lại")]).await.is(422);
    app.post(Some(&board), &reopen, &[("reason", "Dấu hiệu tái diễn ở hai máy")]).await.is(303);
    let steps = app.get(Some(&operator), &format!("/api/v1/incidents/{id}/steps")).await.json();
    let seventh = steps["phases"][1]["steps"][0].clone();
    assert_eq!((seventh["state"].as_str(), seventh["round"].as_i64()), (Some("open"), Some(2)));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    for number in 0..52 {
        app.app.clock.advance(HOUR / 60);
        let severity = if number == 7 { "4" } else { "2" };
        let mut typed = form(&operator);
        typed[3] = ("severity", severity);
        app.post(Some(&operator), "/incidents/new", &typed).await.is(303);
    }
    let codes = |page: &serde_json::Value| -> Vec<String> {
        let list = page["incidents"].as_array().expect("a list");
        list.iter().map(|it| it["code"].as_str().expect("a number").to_owned()).collect()
    };
    for sort in ["", "opened", "severity", "-severity"] {
        let first = app.get(Some(&operator), &format!("/api/v1/incidents?sort={sort}")).await.json();
        let after = first["next"].as_str().expect("more").to_owned();
        let second = app.get(Some(&operator), &format!("/api/v1/incidents?sort={sort}&after={after}")).await.json();
        let mut all = codes(&first);
        all.extend(codes(&second));
        let expected = match sort {
            "" => "SC-2023-0052",
            "opened" | "severity" => "SC-2023-0001",
            _ => "SC-2023-0008",
        };
        assert_eq!(all[0], expected, "sorted by {sort}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 52, "sorted by {sort}");
        assert!(second["next"].is_null());
    }
    let grave = app.get(Some(&operator), "/api/v1/incidents?severity=4&scenario=a06_ransom").await.json();
    assert_eq!(codes(&grave), ["SC-2023-0008"]);
    assert!(codes(&app.get(Some(&operator), "/api/v1/incidents?mine=1").await.json()).is_empty());
    app.get(Some(&operator), "/incidents?scenario=a01_dos").await.shows("Không có sự cố nào như vậy");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_operators_part_goes_to_another_unit_when_nobody_there_can_act() {
    let app = without_gates().await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let commune = app.unit("xa-my-hiep").await;
    let mut form = form(&officer);
    form.retain(|(name, _)| *name != "unit");
    form.push(("unit", commune.as_str()));
    let place = app.post(Some(&officer), "/incidents/new", &form).await.place();
    let id = place.strip_prefix("/incidents/").expect("an incident's page");
    let step = format!("/incidents/{id}/steps/b1");
    app.get(Some(&officer), &step).await.is(200).shows("Chưa có ai của đơn vị chủ trì");
    finish(&app, &officer, id, "b1").await.is(403);

    let parts = app.get(Some(&officer), &format!("/api/v1/incidents/{id}/parts")).await.json();
    let units = parts["units"].as_array().expect("units");
    let part = |function: &str| {
        let playing = units.iter().find(|unit| unit["function"] == function).expect("plays");
        playing["id"].as_str().expect("an id").to_owned()
    };
    let to = app.unit("xa-ba-sao").await;
    let hand = async |part: &str, unit: &str, reason: &str| {
        let path = format!("/incidents/{id}/units/{part}/hand-over");
        app.post(Some(&officer), &path, &[("unit", unit), ("reason", reason)]).await
    };
    hand(&part("van_hanh"), to.as_str(), "").await.is(422);
    hand(&part("van_hanh"), commune.as_str(), "vẫn đơn vị cũ").await.is(422).shows("đang giữ phần việc đó");
    hand(&part("chuyen_trach_attt"), to.as_str(), "không được").await.is(409);
    hand(&part("van_hanh"), to.as_str(), "Xã chưa có cán bộ vận hành").await.is(303);

    let operator = operator(&app).await;
    app.get(Some(&officer), &step).await.shows("Chờ hoàn thành:").hides("Chưa có ai của đơn vị chủ trì");
    finish(&app, &operator, id, "b1").await.is(303);
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("Xã chưa có cán bộ vận hành");
    app.assert_sound().await;
}
