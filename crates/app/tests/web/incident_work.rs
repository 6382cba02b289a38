//! The work within a step: tasks, first actions, findings, measures, the check after recovery, the review.

use serde_json::json;
use ungcuu_app::actor::Actor;
use ungcuu_app::incident::actions::{self, NewIncident, record};
use ungcuu_app::incident::section::{Gated, SectionContext};
use ungcuu_app::incident::{Frame, Incident, IncidentId, Standing};
use ungcuu_app::org::{UnitId, unit_by_code};
use ungcuu_app::page::Page;
use ungcuu_app::web::Call;
use ungcuu_kit::db::Sql;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::{DAY, HOUR};
use ungcuu_kit::{args, sql};

use crate::incident_check::checks;
use crate::support::{Answer, Person, TestApp};

/// An incident at a commune, with one step open, and the commune's operator.
pub struct Scene {
    pub app: TestApp,
    pub incident: IncidentId,
    pub operator: Person,
}

impl Scene {
    /// Everything before `step` is behind us; `step` is open.
    pub async fn at(step: &str) -> Scene {
        let app = TestApp::new().await;
        let operator = app.person("Nguyễn Văn An", "xa-ba-sao", &["van_hanh"]).await;
        let incident = open(&app, "xa-ba-sao").await;
        let scene = Scene { app, incident, operator };
        scene.go_to(step).await;
        scene
    }

    pub async fn go_to(&self, step: &str) {
        let before = self.app.app.pack.procedure.before(step);
        for id in &before {
            self.set("UPDATE incident_steps SET state = 'done' WHERE incident_id = $1 AND step = $2", id).await;
        }
        self.set("UPDATE incident_steps SET state = 'open' WHERE incident_id = $1 AND step = $2", step).await;
    }

    /// Changes a step by hand, with its entry in the journal.
    pub async fn set(&self, sql: &'static str, step: &str) {
        let mut work = self.app.app.work(Actor::system()).await.expect("work");
        work.tx.run(Sql(sql), args![&self.incident, step]).await.expect("changed");
        let rows: Vec<(String,)> = work
            .tx
            .all(
                sql!("SELECT id FROM incident_steps WHERE incident_id = $1 AND step = $2"),
                args![&self.incident, step],
            )
            .await
            .expect("asked");
        let rows: Vec<_> = rows.into_iter().map(|(id,)| ("incident_steps", id)).collect();
        record(&mut work, &self.incident, "incident.step_set", Text::same(step), &rows);
        work.commit().await.expect("committed");
    }

    pub async fn close(&self) {
        let mut work = self.app.app.work(Actor::system()).await.expect("work");
        work.tx
            .run(
                sql!("UPDATE incidents SET state = 'closed', closed_at = $2 WHERE id = $1"),
                args![&self.incident, work.now],
            )
            .await
            .expect("changed");
        record(&mut work, &self.incident, "incident.closed", Text::same("đóng"), &[]);
        work.commit().await.expect("committed");
    }

    /// A program's request on a path under the step's own.
    pub async fn act(&self, who: &Person, step: &str, path: &str, body: serde_json::Value) -> Answer {
        self.app.api(Some(who), &format!("/incidents/{}/steps/{step}/{path}", self.incident), body).await
    }

    /// The same, and the id of what came of it.
    pub async fn make(&self, who: &Person, step: &str, path: &str, body: serde_json::Value) -> String {
        let answer = self.act(who, step, path, body).await;
        answer.is(200);
        answer.json()["result"]["id"].as_str().expect("an id").to_owned()
    }

    pub async fn incident(&self) -> Incident {
        let mut look = self.app.app.look(Actor::system()).await.expect("look");
        actions::see(&mut look, &self.incident).await.expect("seen")
    }

    /// A section of the step's page as someone in charge sees it.
    pub async fn show(&self, step: &str, section: &str) -> Answer {
        self.show_to(step, section, Standing::Leads).await
    }

    pub async fn show_to(&self, step: &str, section: &str, standing: Standing) -> Answer {
        let app = &self.app.app;
        let call = Call::internal(app.clone(), Some(Actor::system()), Lang::Vi);
        let mut look = app.look(Actor::system()).await.expect("look");
        let incident = actions::see(&mut look, &self.incident).await.expect("seen");
        let page = Page::bare(&call, Text::same("bước"));
        let frame = Frame::new(&mut look, &page, &incident, "").await.expect("a head");
        let row = frame.steps.iter().filter(|row| row.step == step).max_by_key(|row| row.round).expect("the step");
        let (kind, key) = section.split_once(':').unwrap_or((section, ""));
        let context = SectionContext {
            page: &page,
            incident: &incident,
            step: app.pack.step(step).expect("a step"),
            row,
            key,
            standing,
            may_work: standing >= Standing::Supports && incident.is_open() && row.state.word() == "open",
        };
        let sections = ungcuu_app::features().iter().flat_map(|feature| &feature.sections);
        let section = sections.into_iter().find(|known| known.kind == kind).expect("a section");
        let shown = (section.show)(&mut look, &context).await.expect("shown");
        Answer { status: axum::http::StatusCode::OK, headers: axum::http::HeaderMap::new(), body: shown.html }
    }

    /// How many of what a gate asks for there are.
    pub async fn gate(&self, kind: &str, key: Option<&str>) -> i64 {
        let incident = self.incident().await;
        let mut tx = self.app.app.db.read().await.expect("look");
        let gates = ungcuu_app::features().iter().flat_map(|feature| &feature.gates);
        let gate = gates.into_iter().find(|gate| gate.kind == kind).expect("a gate");
        (gate.count)(&mut tx, &Gated { pack: &self.app.app.pack, incident: &incident, key, since: None })
            .await
            .expect("counted")
    }

    pub async fn ids(&self, sql: Sql) -> Vec<String> {
        let mut tx = self.app.app.db.read().await.expect("look");
        let rows: Vec<(String,)> = tx.all(sql, args![&self.incident]).await.expect("asked");
        rows.into_iter().map(|(id,)| id).collect()
    }

    /// What someone was told.
    pub async fn told(&self, who: &Person) -> Vec<String> {
        let mut tx = self.app.app.db.read().await.expect("look");
        let rows: Vec<(String,)> = tx
            .all(
                sql!(
                    "SELECT n.text_vi FROM notices n JOIN accounts a ON a.id = n.account_id
                      WHERE a.person_id = $1 ORDER BY n.at, n.id LIMIT 50"
                ),
                args![&who.person_id],
            )
            .await
            .expect("asked");
        rows.into_iter().map(|(text,)| text).collect()
    }
}

/// A ransomware incident at a unit, owned by the district.
pub async fn open(app: &TestApp, unit: &str) -> IncidentId {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let find = async |work: &mut ungcuu_app::work::Work, code: &str| -> UnitId {
        unit_by_code(&mut work.tx, code).await.expect("asked").expect("a unit of the pack")
    };
    let (unit_id, owner_unit_id) = (find(&mut work, unit).await, find(&mut work, "ubnd-huyen").await);
    let incident = actions::open(
        &mut work,
        NewIncident {
            title: "Máy một cửa bị mã hoá".to_owned(),
            scenario: app.app.pack.scenarios[0].id.clone(),
            severity: 3,
            tlp: "amber".to_owned(),
            system_id: None,
            unit_id,
            owner_unit_id,
            summary: String::new(),
            happened_at: None,
            detected_at: app.app.now().plus(-2 * HOUR),
        },
    )
    .await
    .expect("opened");
    work.commit().await.expect("committed");
    incident.id
}

#[tokio::test]
async fn a_task_is_given_to_someone_who_hears_of_it_and_reports_it_done() {
    let scene = Scene::at("b1").await;
    let binh = scene.app.person("Lê Thị Bình", "xa-ba-sao", &["dau_moi"]).await;
    let due = scene.app.app.now().plus(DAY).to_field();
    let task = json!({ "title": "Chụp màn hình máy 3", "assignee": binh.person_id, "due_at": due });
    let id = scene.make(&scene.operator, "b1", "tasks", task).await;
    assert!(scene.told(&binh).await[0].contains("Chụp màn hình máy 3"));
    scene.show("b1", "tasks").await.shows("Chụp màn hình máy 3").shows("Lê Thị Bình").shows("còn 1 ngày");

    // The result may come after the step has ended.
    scene.set("UPDATE incident_steps SET state = 'done' WHERE incident_id = $1 AND step = $2", "b1").await;
    let finish = format!("tasks/{id}/finish");
    scene.act(&binh, "b1", &finish, json!({ "result": "", "version": 1 })).await.is(422).shows("result");
    scene.act(&binh, "b1", &finish, json!({ "result": "Đã chụp 4 ảnh", "version": 1 })).await.is(200);
    scene.act(&binh, "b1", &finish, json!({ "result": "Lần nữa", "version": 2 })).await.is(409);
    scene.show("b1", "tasks").await.shows("Đã xong").shows("Đã chụp 4 ảnh").hides("Báo xong");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_task_given_to_another_is_told_to_them_and_a_cancelled_one_as_well() {
    let scene = Scene::at("b1").await;
    let binh = scene.app.person("Lê Thị Bình", "xa-ba-sao", &["dau_moi"]).await;
    let id = scene.make(&scene.operator, "b1", "tasks", json!({ "title": "Gọi nhà mạng" })).await;
    let change = json!({ "title": "Gọi nhà mạng ngay", "assignee": binh.person_id, "version": 1 });
    scene.act(&scene.operator, "b1", &format!("tasks/{id}/edit"), change.clone()).await.is(200);
    // Someone still has the page of version 1 open.
    scene.act(&scene.operator, "b1", &format!("tasks/{id}/edit"), change).await.is(409).shows("Nguyễn Văn An");
    let cancel = json!({ "result": "Đã có mạng lại", "version": 2 });
    scene.act(&scene.operator, "b1", &format!("tasks/{id}/cancel"), cancel).await.is(200);
    let told = scene.told(&binh).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|text| text.contains("không cần làm nữa")), "{told:?}");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_task_names_every_wrong_field() {
    let scene = Scene::at("b1").await;
    let stranger = scene.app.person("Trần Văn Xa", "xa-my-hoi", &["dau_moi"]).await;
    let task = json!({ "title": " ", "assignee": stranger.person_id, "due_at": "01/01/2023 08:00" });
    let refused = scene.act(&scene.operator, "b1", "tasks", task).await;
    refused.is(422);
    let fields: Vec<String> = refused.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("a field").to_owned())
        .collect();
    assert_eq!(fields, ["title", "assignee", "due_at"]);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn only_who_plays_a_part_may_add_and_only_to_an_open_step() {
    let scene = Scene::at("b1").await;
    let stranger = scene.app.person("Trần Văn Xa", "xa-my-hoi", &["van_hanh"]).await;
    let auditor = scene.app.person("Phạm Thị Soát", "phong-vhtt", &["kiem_tra"]).await;
    let task = || json!({ "title": "Thử" });
    scene.act(&stranger, "b1", "tasks", task()).await.is(404);
    scene.act(&auditor, "b1", "tasks", task()).await.is(403);
    scene.app.api(None, &format!("/incidents/{}/steps/b1/tasks", scene.incident), task()).await.is(401);
    scene.act(&scene.operator, "b7", "tasks", task()).await.is(409).shows("không mở");
    scene.act(&scene.operator, "khong-co", "tasks", task()).await.is(404);
    scene.act(&scene.operator, "b1", "measures/containment", task()).await.is(404);
    scene.act(&scene.operator, "b1", "tasks/ipt_khong/finish", json!({ "result": "x", "version": 1 })).await.is(404);
    scene.close().await;
    scene.act(&scene.operator, "b1", "tasks", task()).await.is(409).shows("kết thúc");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_row_of_another_incident_does_not_exist_here() {
    let scene = Scene::at("b1").await;
    let id = scene.make(&scene.operator, "b1", "tasks", json!({ "title": "Việc của sự cố kia" })).await;
    let other = open(&scene.app, "xa-ba-sao").await;
    let path = format!("/incidents/{other}/steps/b1/tasks/{id}/finish");
    scene.app.api(Some(&scene.operator), &path, json!({ "result": "x", "version": 1 })).await.is(404);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn the_step_waits_for_every_obligatory_first_action() {
    let scene = Scene::at("b2").await;
    let items = scene
        .ids(sql!("SELECT id FROM checklist_items WHERE incident_id = $1 AND obligatory = TRUE ORDER BY position, id"))
        .await;
    assert!(!items.is_empty());
    assert_eq!(scene.gate("checklist_done", None).await, 0);
    let skip = |version: i64, note: &str| json!({ "state": "skipped", "note": note, "version": version });
    let first = format!("checklist/{}/mark", items[0]);
    scene.act(&scene.operator, "b2", &first, skip(1, "")).await.is(422).shows("lý do");
    scene.act(&scene.operator, "b2", &first, skip(1, "Máy đã tắt")).await.is(200);
    scene.act(&scene.operator, "b2", &first, skip(1, "Máy đã tắt")).await.is(409);
    for item in &items[1..] {
        let done = json!({ "state": "done", "version": 1 });
        scene.act(&scene.operator, "b2", &format!("checklist/{item}/mark"), done).await.is(200);
    }
    assert_eq!(scene.gate("checklist_done", None).await, 1);
    scene.show("b2", "checklist").await.shows("Máy đã tắt").shows("Nguyễn Văn An").shows("Làm lại");

    // What is only advisable holds nothing up; what was added as obligatory does; so does a tick taken back.
    scene.make(&scene.operator, "b2", "checklist", json!({ "text": "Nên báo thêm" })).await;
    assert_eq!(scene.gate("checklist_done", None).await, 1);
    let own =
        scene.make(&scene.operator, "b2", "checklist", json!({ "text": "Rút dây mạng", "obligatory": true })).await;
    assert_eq!(scene.gate("checklist_done", None).await, 0);
    let own = format!("checklist/{own}/mark");
    scene.act(&scene.operator, "b2", &own, json!({ "state": "done", "version": 1 })).await.is(200);
    scene.act(&scene.operator, "b2", &own, json!({ "state": "open", "version": 2 })).await.is(200);
    assert_eq!(scene.gate("checklist_done", None).await, 0);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn several_first_actions_and_checks_are_ticked_at_once() {
    let scene = Scene::at("b2").await;
    let items = scene.ids(sql!("SELECT id FROM checklist_items WHERE incident_id = $1 ORDER BY position, id")).await;
    scene.act(&scene.operator, "b2", "checklist/done", json!({ "pick": [] })).await.is(409).shows("ít nhất một");
    scene.act(&scene.operator, "b2", "checklist/done", json!({ "pick": ["par_x"] })).await.is(404);
    let skip = json!({ "state": "skipped", "note": "Không có máy chủ", "version": 1 });
    scene.act(&scene.operator, "b2", &format!("checklist/{}/mark", items[0]), skip).await.is(200);
    scene.show("b2", "checklist").await.shows("Đã làm các việc đã chọn");
    // Two who tick the same: the second leaves the first one's marks alone.
    scene.act(&scene.operator, "b2", "checklist/done", json!({ "pick": items })).await.is(200);
    scene.act(&scene.operator, "b2", "checklist/done", json!({ "pick": items })).await.is(409).shows("đều đã được ghi");
    scene.show("b2", "checklist").await.shows("Không có máy chủ").hides("Đã làm các việc đã chọn");
    assert_eq!(scene.gate("checklist_done", None).await, 1);

    scene.go_to("b10").await;
    let checks = checks(&scene).await;
    scene.act(&scene.operator, "b10", "verification/passed", json!({ "pick": items })).await.is(404);
    scene.act(&scene.operator, "b10", "verification/passed", json!({ "pick": checks })).await.is(200);
    scene.act(&scene.operator, "b10", "verdict", json!({ "verdict": "stable" })).await.is(200);
    scene.act(&scene.operator, "b10", "verification/passed", json!({ "pick": checks })).await.is(409);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_corrected_scenario_brings_its_first_actions_in() {
    let scene = Scene::at("b2").await;
    let pack = &scene.app.app.pack;
    scene.act(&scene.operator, "b2", "checklist/complete", json!({})).await.is(409);
    let present = pack.checklist_of(&pack.scenarios[0].id).len();
    let other = pack.scenarios.iter().find(|it| it.group != pack.scenarios[0].group).expect("another group").clone();
    let mut work = scene.app.app.work(Actor::system()).await.expect("work");
    work.tx
        .run(sql!("UPDATE incidents SET scenario = $2 WHERE id = $1"), args![&scene.incident, &other.id])
        .await
        .expect("changed");
    record(&mut work, &scene.incident, "incident.changed", Text::same("tình huống"), &[]);
    work.commit().await.expect("committed");
    scene.show("b2", "checklist").await.shows("Tình huống đã đổi");
    scene.act(&scene.operator, "b2", "checklist/complete", json!({})).await.is(200);
    let all = scene.ids(sql!("SELECT id FROM checklist_items WHERE incident_id = $1 ORDER BY position, id")).await;
    assert_eq!(all.len(), present + pack.checklist_of(&other.id).len());
    scene.show("b2", "checklist").await.hides("Tình huống đã đổi");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_finding_meets_its_gate_and_the_first_description_becomes_the_incidents() {
    let scene = Scene::at("b1").await;
    assert_eq!(scene.gate("narrative", Some("summary")).await, 0);
    scene.show("b1", "findings").await.shows("Mô tả sơ bộ").shows("Nguồn gốc tấn công").hides("Thiệt hại");
    let text = |words: &str, version: i64| json!({ "text": words, "version": version });
    scene.act(&scene.operator, "b1", "findings/summary", text(" ", 0)).await.is(422);
    scene.act(&scene.operator, "b1", "findings/summary", text("Ba máy hiện thư đòi tiền.", 0)).await.is(200);
    assert_eq!(scene.gate("narrative", Some("summary")).await, 1);
    assert_eq!(scene.incident().await.summary, "Ba máy hiện thư đòi tiền.");
    scene.show("b1", "findings").await.shows("Ba máy hiện thư đòi tiền.").shows("Lưu lần cuối: Nguyễn Văn An");

    // Two people write at once: the second is told, and may then write over it.
    scene.act(&scene.operator, "b1", "findings/summary", text("Bốn máy.", 0)).await.is(409).shows("Nguyễn Văn An");
    scene.act(&scene.operator, "b1", "findings/summary", text("Bốn máy.", 1)).await.is(200);
    assert_eq!(scene.incident().await.summary, "Bốn máy.");
    assert_eq!(scene.incident().await.version, 3, "other forms about the incident notice the change");

    // A step takes only what it asks for; what it does not ask for is not there.
    scene.act(&scene.operator, "b1", "findings/scope", text("Cả xã", 0)).await.is(404);
    scene.act(&scene.operator, "b1", "findings/khac", text("x", 0)).await.is(404);
    // A judgement may be taken back.
    scene.act(&scene.operator, "b1", "findings/origin", text("Thư lạ", 0)).await.is(200);
    assert_eq!(scene.gate("narrative", Some("origin")).await, 1);
    scene.act(&scene.operator, "b1", "findings/origin", text("", 1)).await.is(200);
    assert_eq!(scene.gate("narrative", Some("origin")).await, 0);
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_containment_measure_stays_in_force_until_someone_takes_it_back() {
    let scene = Scene::at("b7").await;
    let by = scene.app.app.now().plus(2 * HOUR).to_field();
    let plan = json!({ "title": "Chặn cổng 445", "remove_by": by });
    let id = scene.make(&scene.operator, "b7", "measures/containment", plan).await;
    assert_eq!(scene.gate("measure", Some("containment")).await, 0, "planned is not done");
    let finish = format!("measures/{id}/finish");
    scene.act(&scene.operator, "b7", &finish, json!({ "version": 1 })).await.is(422).shows("result");
    let early = json!({ "result": "x", "done_at": "01/01/2030 08:00", "version": 1 });
    scene.act(&scene.operator, "b7", &finish, early).await.is(422).shows("done_at");
    scene.act(&scene.operator, "b7", &finish, json!({ "result": "Đã chặn", "version": 1 })).await.is(200);
    assert_eq!(scene.gate("measure", Some("containment")).await, 1);
    scene.show("b7", "measures:containment").await.shows("Còn hiệu lực").hides("Quá hạn gỡ bỏ");

    scene.app.app.clock.advance(3 * HOUR);
    scene.show("b7", "measures:containment").await.shows("Quá hạn gỡ bỏ").shows("trễ 1 giờ");
    // The blockade outlives the incident.
    scene.close().await;
    let gone = json!({ "note": "Mở lại cổng", "version": 2 });
    let remove = format!("measures/{id}/remove");
    scene.act(&scene.operator, "b7", &remove, gone.clone()).await.is(200);
    scene.act(&scene.operator, "b7", &remove, gone).await.is(409);
    scene.show("b7", "measures:containment").await.hides("Còn hiệu lực").shows("Đã gỡ bỏ").shows("Mở lại cổng");
    assert_eq!(scene.gate("measure", Some("containment")).await, 1, "it was done all the same");
    let events = scene.ids(sql!("SELECT title_vi FROM timeline_events WHERE incident_id = $1 ORDER BY id")).await;
    assert!(events.iter().any(|event| event == "Biện pháp ngăn chặn: Chặn cổng 445. Đã chặn"), "{events:?}");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn a_measure_may_be_entered_as_done_changed_and_given_up() {
    let scene = Scene::at("b8").await;
    let done = json!({ "title": "Gỡ ransom.exe", "done": true, "done_at": "15/03/2023 11:30" });
    scene.act(&scene.operator, "b8", "measures/eradication", done.clone()).await.is(422).shows("result");
    let mut done = done;
    done["result"] = json!("Quét lại sạch");
    scene.make(&scene.operator, "b8", "measures/eradication", done).await;
    assert_eq!(scene.gate("measure", Some("eradication")).await, 1);
    assert_eq!(scene.gate("measure", Some("fix")).await, 0);
    scene.show("b8", "measures:eradication").await.shows("15/03/2023 11:30").shows("Quét lại sạch");

    let id = scene.make(&scene.operator, "b8", "measures/fix", json!({ "title": "Vá máy chủ" })).await;
    let change = |title: &str, version: i64| json!({ "title": title, "version": version });
    let edit = format!("measures/{id}/edit");
    scene.act(&scene.operator, "b8", &edit, change("Vá máy chủ tệp", 1)).await.is(200);
    scene.act(&scene.operator, "b8", &edit, change("Khác", 1)).await.is(409).shows("Nguyễn Văn An");
    let cancel = format!("measures/{id}/cancel");
    scene.act(&scene.operator, "b8", &cancel, json!({ "version": 2 })).await.is(422).shows("note");
    scene.act(&scene.operator, "b8", &cancel, json!({ "note": "Thay máy mới", "version": 2 })).await.is(200);
    scene.show("b8", "measures:fix").await.shows("Không thực hiện").shows("Thay máy mới");
    // A system that the incident does not touch cannot be chosen.
    let foreign = json!({ "title": "x", "system": "sys_01HZZZZZZZZZZZZZZZZZZZZZZZ" });
    scene.act(&scene.operator, "b8", "measures/fix", foreign).await.is(422).shows("system");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn recovery_without_evidence_is_warned_of() {
    let scene = Scene::at("b9").await;
    scene.show("b9", "measures:recovery").await.shows("chưa có chứng cứ nào").shows("Khôi phục dữ liệu từ bản sao lưu");
    scene.show_to("b9", "measures:recovery", Standing::Watches).await.hides("Thêm biện pháp");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn every_section_can_be_shown_to_anyone_on_an_empty_incident() {
    let scene = Scene::at("b1").await;
    let sections = [
        ("b1", "tasks"),
        ("b2", "checklist"),
        ("b7", "findings"),
        ("b7", "measures:containment"),
        ("b8", "measures:eradication"),
        ("b8", "measures:fix"),
        ("b9", "measures:recovery"),
        ("b10", "verification"),
        ("b11", "review"),
    ];
    for (step, section) in sections {
        for standing in [Standing::Watches, Standing::Supports, Standing::Leads] {
            scene.show_to(step, section, standing).await.shows("id=\"work-");
        }
    }
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn what_was_typed_comes_back_beside_what_is_wrong() {
    let scene = Scene::at("b1").await;
    let step = format!("/incidents/{}/steps/b1", scene.incident);
    let page = ("_page", step.as_str());
    let typed = [page, ("title", ""), ("detail", "Chụp cả mặt sau máy"), ("due_at", "hôm qua")];
    let refused = scene.app.post(Some(&scene.operator), &format!("{step}/tasks"), &typed).await;
    refused.is(422).shows("Hãy điền mục này.").shows("Chụp cả mặt sau máy").shows("<details class=\"fold\" open>");
    let place = scene.app.post(Some(&scene.operator), &format!("{step}/tasks"), &[("title", "Chụp ảnh")]).await.place();
    assert!(place.starts_with(&format!("{step}#task-ipt_")), "{place}");
    scene.app.get(Some(&scene.operator), &step).await.is(200).shows("Chụp ảnh").shows("Giao việc");
    scene.app.assert_sound().await;
}
