//! The end of the work: the check after recovery, the loop back, the review with its lessons, and a whole incident.

use serde_json::json;
use ungcuu_kit::sql;
use ungcuu_kit::time::{DAY, HOUR};

use crate::incident_work::{Scene, open};
use crate::support::{Answer, Person, TestApp};

pub async fn checks(scene: &Scene) -> Vec<String> {
    let sql = sql!(
        "SELECT c.id FROM verification_checks c JOIN incidents i ON i.id = c.incident_id AND i.round = c.round
          WHERE c.incident_id = $1 ORDER BY c.position, c.id"
    );
    scene.ids(sql).await
}

pub async fn answer(scene: &Scene, check: &str, result: &str, note: &str, version: i64) -> Answer {
    let body = json!({ "result": result, "note": note, "version": version });
    scene.act(&scene.operator, "b10", &format!("verification/{check}/answer"), body).await
}

#[tokio::test]
async fn a_system_is_found_stable_only_when_everything_was_checked_and_nothing_failed() {
    let scene = Scene::at("b10").await;
    let officer = scene.app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let stable = || json!({ "verdict": "stable" });
    let own = scene.make(&officer, "b10", "verification", json!({ "text": "Máy in một cửa" })).await;
    let all = checks(&scene).await;
    assert_eq!(all.last(), Some(&own));
    scene.act(&scene.operator, "b10", "verdict", stable()).await.is(409).shows("chưa kiểm tra");
    answer(&scene, &all[0], "fail", "", 1).await.is(422).shows("note");
    answer(&scene, &all[0], "fail", "Cổng dịch vụ chậm", 1).await.is(200);
    for check in &all[1..] {
        answer(&scene, check, "pass", "", 1).await.is(200);
    }
    scene.act(&scene.operator, "b10", "verdict", stable()).await.is(409).shows("1 mục không đạt");
    answer(&scene, &all[0], "open", "", 2).await.is(200);
    answer(&scene, &all[0], "not_applicable", "Dịch vụ đã ngừng từ trước", 3).await.is(200);
    assert_eq!(scene.gate("verification_stable", None).await, 0);
    scene.act(&officer, "b10", "verdict", stable()).await.is(403);
    scene.act(&scene.operator, "b10", "verdict", json!({})).await.is(422).shows("verdict");
    scene.act(&scene.operator, "b10", "verdict", stable()).await.is(200);
    assert_eq!(scene.gate("verification_stable", None).await, 1);
    scene.show("b10", "verification").await.shows("Hệ thống đã ổn định").hides("Kiểm tra lại");
    answer(&scene, &all[1], "open", "", 2).await.is(409).shows("Đã kết luận ổn định");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn an_unstable_system_sends_the_work_round_again() {
    let scene = Scene::at("b10").await;
    let team = scene.app.person("Trần Văn Minh", "to-ung-cuu", &["to_truong"]).await;
    let first = checks(&scene).await;
    for check in &first {
        answer(&scene, check, "pass", "", 1).await.is(200);
    }
    scene.act(&scene.operator, "b10", "verdict", json!({ "verdict": "stable" })).await.is(200);
    // A doubt afterwards is a verdict of its own.
    scene.act(&scene.operator, "b10", "verdict", json!({ "verdict": "unstable" })).await.is(422).shows("note");
    let unstable = json!({ "verdict": "unstable", "note": "Mã độc xuất hiện lại" });
    scene.act(&scene.operator, "b10", "verdict", unstable).await.is(200);
    assert_eq!(scene.incident().await.round, 2);
    assert_eq!(scene.gate("verification_stable", None).await, 0);
    assert!(scene.told(&team).await.iter().any(|text| text.contains("mở vòng 2")));
    scene.show("b10", "verification").await.shows("Các vòng khác").shows("Mã độc xuất hiện lại");
    let again = checks(&scene).await;
    assert!(!again.is_empty() && again.iter().all(|check| !first.contains(check)));

    // Steps 7 and 8 count afresh, and an answer of the first round stands.
    let measure = json!({ "title": "Cô lập lại", "done": true, "result": "Xong" });
    scene.make(&team, "b7", "measures/containment", measure).await;
    assert_eq!(scene.gate("measure", Some("containment")).await, 1);
    scene.act(&scene.operator, "b8", "measures/fix", json!({ "title": "x" })).await.is(409);
    scene.go_to("b10").await;
    answer(&scene, &first[0], "open", "", 2).await.is(409).shows("vòng trước");
    for check in &again {
        answer(&scene, check, "pass", "", 1).await.is(200);
    }
    scene.act(&scene.operator, "b10", "verdict", json!({ "verdict": "stable" })).await.is(200);
    assert_eq!(scene.gate("verification_stable", None).await, 1);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_lesson_is_followed_up_after_the_incident_is_closed() {
    let scene = Scene::at("b11").await;
    let binh = scene.app.person("Lê Thị Bình", "xa-ba-sao", &["dau_moi"]).await;
    assert_eq!(scene.gate("lesson", None).await, 0);
    let wrong = json!({ "kind": "khac", "text": "", "action": "khong-co" });
    scene.act(&scene.operator, "b11", "lessons", wrong).await.is(422).shows("kind").shows("text").shows("action");
    let lesson = json!({
        "kind": "measure", "text": "Sao lưu ra ngoài mạng hằng ngày", "action": "estimate", "owner": binh.person_id,
        "due_at": scene.app.app.now().plus(30 * DAY).to_field(),
    });
    let id = scene.make(&scene.operator, "b11", "lessons", lesson).await;
    assert_eq!(scene.gate("lesson", None).await, 1);
    assert!(scene.told(&binh).await[0].contains("Sao lưu ra ngoài mạng"));
    let cause = json!({ "text": "Máy chủ chưa cài bản vá.", "version": 0 });
    scene.act(&scene.operator, "b11", "findings/cause", cause).await.is(200);
    let result = json!({ "text": "Hệ thống chạy lại bình thường.", "version": 0 });
    scene.act(&scene.operator, "b11", "findings/result", result).await.is(200);
    scene.show("b11", "review").await.shows("Máy chủ chưa cài bản vá.").shows("Đưa vào dự toán năm sau");

    scene.close().await;
    // The words of a closed incident stand; who sees to it by when may still change.
    let edit = json!({ "text": "Chữ khác", "owner": scene.operator.person_id, "version": 1 });
    scene.act(&scene.operator, "b11", &format!("lessons/{id}/edit"), edit.clone()).await.is(200);
    scene.act(&scene.operator, "b11", &format!("lessons/{id}/edit"), edit).await.is(409).shows("Nguyễn Văn An");
    scene.show("b11", "review").await.shows("Sao lưu ra ngoài mạng").hides("Chữ khác").shows("Nguyễn Văn An");
    let finish = json!({ "result": "Đã mua ổ, chạy hằng đêm", "version": 2 });
    scene.act(&scene.operator, "b11", &format!("lessons/{id}/finish"), finish.clone()).await.is(200);
    scene.act(&scene.operator, "b11", &format!("lessons/{id}/drop"), finish).await.is(409);
    let auditor = scene.app.person("Phạm Thị Soát", "phong-vhtt", &["kiem_tra"]).await;
    scene.act(&auditor, "b11", &format!("lessons/{id}/finish"), json!({ "result": "x", "version": 3 })).await.is(403);
    scene.act(&scene.operator, "b11", "lessons", json!({ "kind": "lesson", "text": "Thêm" })).await.is(409);
    scene.show("b11", "review").await.shows("Đã mua ổ, chạy hằng đêm").shows("Đã xong");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn the_review_says_how_long_everything_took() {
    let scene = Scene::at("b7").await;
    let measure = json!({ "title": "Cô lập", "done": true, "result": "Xong" });
    scene.make(&scene.operator, "b7", "measures/containment", measure).await;
    scene.app.app.clock.advance(3 * HOUR);
    scene.close().await;
    let shown = scene.show("b11", "review").await;
    shown.shows("15/03/2023 12:00 (sau 2 giờ)").shows("15/03/2023 15:00 (sau 5 giờ)").shows("Số vòng xử lý");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_given_up_lesson_does_not_count() {
    let scene = Scene::at("b11").await;
    let lesson = json!({ "kind": "lesson", "text": "Tập huấn lại" });
    let id = scene.make(&scene.operator, "b11", "lessons", lesson).await;
    let drop = json!({ "result": "Đã có lớp khác", "version": 1 });
    scene.act(&scene.operator, "b11", &format!("lessons/{id}/drop"), drop).await.is(200);
    assert_eq!(scene.gate("lesson", None).await, 0);
    scene.app.assert_sound().await;
}

/// The plan with only those gates that are met by the work within a step.
async fn with_gates_of_the_work() -> TestApp {
    let kept = ["narrative", "measure", "checklist_done", "verification_stable", "lesson"];
    TestApp::with_changed_pack("cao-lanh-2021-2025", |pack| {
        for step in &mut pack.procedure.steps {
            step.gates.retain(|gate| kept.contains(&gate.kind.as_str()));
        }
    })
    .await
}

#[tokio::test]
async fn an_incident_is_worked_through_with_one_loop_to_its_lesson_and_closed() {
    let app = with_gates_of_the_work().await;
    let operator = app.person("Nguyễn Văn An", "xa-ba-sao", &["van_hanh"]).await;
    let board = app.person("Huỳnh Văn Chủ", "bcd-cds", &["ban_chi_dao"]).await;
    let incident = open(&app, "xa-ba-sao").await;
    let scene = Scene { app, incident, operator };
    let finish = async |step: &str, who: &Person| scene.act(who, step, "finish", json!({})).await;
    let text = |words: &str| json!({ "text": words, "version": 0 });
    let done = |title: &str| json!({ "title": title, "done": true, "result": "Xong" });

    finish("b1", &scene.operator).await.is(409).shows("mô tả sơ bộ");
    scene.act(&scene.operator, "b1", "findings/summary", text("Ba máy hiện thư đòi tiền.")).await.is(200);
    finish("b1", &scene.operator).await.is(200);
    finish("b2", &scene.operator).await.is(409);
    for item in scene.ids(sql!("SELECT id FROM checklist_items WHERE incident_id = $1 ORDER BY position, id")).await {
        let mark = format!("checklist/{item}/mark");
        scene.act(&scene.operator, "b2", &mark, json!({ "state": "done", "version": 1 })).await.is(200);
    }
    for step in ["b2", "b3", "b5"] {
        finish(step, &scene.operator).await.is(200);
    }
    for step in ["b4", "b6"] {
        finish(step, &board).await.is(200);
    }

    scene.act(&scene.operator, "b7", "findings/scope", text("Ba máy, không có máy chủ.")).await.is(200);
    scene.act(&scene.operator, "b7", "findings/origin", text("Thư đính kèm.")).await.is(200);
    for round in 1..=2 {
        finish("b7", &scene.operator).await.is(409).shows("biện pháp ngăn chặn");
        if round == 2 {
            // What was found in the first round is looked at again, changed or not.
            finish("b7", &scene.operator).await.is(409).shows("phạm vi").shows("nguồn gốc");
            scene.show("b7", "findings").await.shows("Ghi từ vòng trước").shows("Đã xem lại, lưu");
            let again = |words: &str| json!({ "text": words, "version": 1 });
            scene.act(&scene.operator, "b7", "findings/scope", again("Bốn máy.")).await.is(200);
            scene.act(&scene.operator, "b7", "findings/origin", again("Thư đính kèm.")).await.is(200);
            scene.show("b7", "findings").await.hides("Ghi từ vòng trước");
        }
        scene.make(&scene.operator, "b7", "measures/containment", done("Rút mạng ba máy")).await;
        finish("b7", &scene.operator).await.is(200);
        scene.make(&scene.operator, "b8", "measures/fix", done("Cài bản vá")).await;
        finish("b8", &scene.operator).await.is(200);
        scene.make(&scene.operator, "b9", "measures/recovery", done("Khôi phục dữ liệu")).await;
        finish("b9", &scene.operator).await.is(200);
        finish("b10", &scene.operator).await.is(409);
        let checks = checks(&scene).await;
        for check in &checks {
            answer(&scene, check, "pass", "", 1).await.is(200);
        }
        scene.app.app.clock.advance(HOUR);
        let verdict = match round {
            1 => json!({ "verdict": "unstable", "note": "Một máy nhiễm lại" }),
            _ => json!({ "verdict": "stable" }),
        };
        scene.act(&scene.operator, "b10", "verdict", verdict).await.is(200);
    }
    finish("b10", &scene.operator).await.is(200);
    finish("b11", &scene.operator).await.is(409);
    scene.act(&scene.operator, "b11", "findings/cause", text("Chưa cài bản vá.")).await.is(200);
    let lesson = json!({ "kind": "lesson", "text": "Cài bản vá hằng tháng" });
    scene.make(&scene.operator, "b11", "lessons", lesson).await;
    let close = format!("/incidents/{}/close", scene.incident);
    let words = json!({ "words": "Xong", "version": scene.incident().await.version });
    scene.app.api(Some(&board), &close, words.clone()).await.is(409).shows("Bước 11");
    finish("b11", &scene.operator).await.is(200);
    scene.app.api(Some(&board), &close, words).await.is(200);

    // The page of a past round shows what was done in it.
    let past = format!("/incidents/{}/steps/b10?round=1", scene.incident);
    scene.app.get(Some(&scene.operator), &past).await.is(200).shows("Một máy nhiễm lại").hides("Đã kết luận ổn định");
    scene.app.assert_sound().await;
}
