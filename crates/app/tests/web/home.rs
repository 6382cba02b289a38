//! The reader's own page: what waits for them, and nothing that does not.

use ungcuu_app::actor::Actor;
use ungcuu_app::incident::PartId;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR};
use ungcuu_kit::{args, sql};

use crate::incident::opened;
use crate::support::{Person, TestApp};

/// A task of an incident, due so many microseconds from now.
async fn task(app: &TestApp, incident: &str, title: &str, assignee: Option<&Person>, due_in: i64) {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let id = PartId::new(&app.app.chance, work.now);
    work.tx
        .run(
            sql!(
                "INSERT INTO incident_tasks
                     (id, incident_id, step, title, detail, assignee_id, due_at, state, result, created_at,
                      created_by, ended_by, version)
                 VALUES ($1, $2, 'b1', $3, '', $4, $5, 'open', '', $6, '', '', 1)"
            ),
            args![
                &id,
                incident,
                title,
                assignee.map(|person| person.person_id.as_str()),
                work.now.plus(due_in),
                work.now
            ],
        )
        .await
        .expect("a task");
    let stream = ungcuu_app::journal::incident_stream(incident);
    work.record(&stream, "incident.task_added", Text::same(title), &[("incident_tasks", id.as_str())]);
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn my_page_shows_what_waits_for_me_the_most_urgent_first() {
    let app = TestApp::new().await;
    let operator = app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.get(Some(&operator), "/").await.is(200).shows("Không có việc nào chờ bạn");
    let id = opened(&app, &operator).await;
    task(&app, &id, "Thu nhật ký máy chủ", Some(&operator), 2 * HOUR).await;
    task(&app, &id, "Gọi nhà cung cấp", None, DAY).await;
    task(&app, &id, "Việc của Lan", Some(&officer), HOUR).await;
    app.app.clock.advance(3 * HOUR);
    let home = app.get(Some(&operator), "/api/v1/home").await.json();
    let titles: Vec<_> =
        home["waiting"].as_array().expect("a list").iter().map(|it| it["title"]["vi"].as_str()).collect();
    let expected =
        [Some("Thu nhật ký máy chủ"), Some("Chưa ai nhận: Gọi nhà cung cấp"), Some("Bước 1: Tiếp nhận, phân tích")];
    assert_eq!(titles, expected);
    assert_eq!((home["mine"].as_i64(), home["late"].as_i64(), home["open"].as_i64()), (Some(3), Some(1), Some(1)));
    let page = app.get(Some(&operator), "/").await;
    page.is(200).shows("trễ 1 giờ").shows("SC-2023-0001").hides("Việc của Lan").shows("Bước 1: Tiếp nhận, phân tích");
}

#[tokio::test]
async fn another_units_work_is_not_on_my_page() {
    let app = TestApp::new().await;
    let operator = app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await;
    let stranger = app.person("Trần Thị Khác", "xa-my-hiep", &["van_hanh"]).await;
    let id = opened(&app, &operator).await;
    task(&app, &id, "Gọi nhà cung cấp", None, DAY).await;
    app.get(Some(&stranger), "/").await.is(200).hides("SC-2023-0001").hides("Gọi nhà cung cấp");
    app.get(None, "/").await.is(303);
}

#[tokio::test]
async fn a_task_that_is_nobodys_is_taken_with_one_press() {
    let app = TestApp::new().await;
    let operator = app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await;
    let id = opened(&app, &operator).await;
    task(&app, &id, "Gọi nhà cung cấp", None, DAY).await;
    app.get(Some(&operator), "/").await.is(200).shows("Nhận việc").shows("chưa ai");
    let home = app.get(Some(&operator), "/api/v1/home").await.json();
    let take = &home["waiting"][0]["take"];
    let fields = take["fields"].as_array().expect("fields").iter();
    let fields: Vec<(&str, &str)> = fields.map(|it| (text(&it[0]), text(&it[1]))).collect();
    app.post(Some(&operator), text(&take["url"]), &fields).await.place();
    let home = app.get(Some(&operator), "/api/v1/home").await.json();
    assert_eq!(text(&home["waiting"][0]["title"]["vi"]), "Gọi nhà cung cấp");
    assert_eq!(text(&home["waiting"][0]["who"]), "Nguyễn Văn Vận");
    assert!(home["waiting"][0]["take"].is_null());
    app.assert_sound().await;
}

#[tokio::test]
async fn leadership_sees_every_open_incident_and_approves_only_what_its_own_unit_owns() {
    let app = TestApp::new().await;
    let operator = app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await;
    let chairman = app.person("Nguyễn Văn Thành", "ubnd-huyen", &["lanh_dao_huyen"]).await;
    app.get(Some(&chairman), "/").await.is(200).shows("sự cố đang mở").hides("Đang trễ");
    let id = opened(&app, &operator).await;
    task(&app, &id, "Thu nhật ký máy chủ", Some(&operator), HOUR).await;
    app.app.clock.advance(2 * HOUR);
    let home = app.get(Some(&chairman), "/").await;
    home.is(200).shows("SC-2023-0001").shows("Thu nhật ký máy chủ").shows("trễ 1 giờ").shows("1 Tiếp nhận");
    home.shows("Chưa ai ghi thiệt hại.").hides("Chưa có, chọn người chỉ huy");
    let json = app.get(Some(&chairman), "/api/v1/home").await.json();
    assert_eq!((json["late"].as_i64(), json["open"].as_i64(), json["mine"].as_i64()), (Some(1), Some(1), Some(0)));
    app.get(Some(&chairman), &format!("/incidents/{id}")).await.is(200).shows("Đề nghị quyết định");
    app.get(Some(&operator), &format!("/incidents/{id}")).await.shows("Chưa có, chọn người chỉ huy");
    app.post(Some(&chairman), &format!("/incidents/{id}/steps/b1/finish"), &[]).await.is(403);
    // The same card, after the list, for whoever works on it.
    app.get(Some(&operator), "/").await.shows("Chưa có, chọn người chỉ huy");
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("words")
}
