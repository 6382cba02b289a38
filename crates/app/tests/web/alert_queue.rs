//! The queue of alerts: taken, verified, dismissed, merged, one by one and many at once; filtered, paged, found.

use serde_json::{Value, json};
use ungcuu_app::web::Via;
use ungcuu_kit::time::HOUR;
use ungcuu_kit::{args, sql};

use crate::alert::{alert, get, officer, officer_again, operator};
use crate::support::TestApp;

#[tokio::test]
async fn taking_verifying_and_dismissing_follow_each_other() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let hoa = officer_again(&app).await;
    let id = alert(&app, &lan, json!({ "title": "Có người quét cổng" })).await;
    app.get(Some(&lan), "/alerts").await.shows("Có người quét cổng").shows(">Nhận<");
    let path = |act: &str| format!("/alerts/{id}/{act}");
    app.post(Some(&lan), &path("take"), &[("version", "1"), ("back", "/alerts?state=new")]).await.place();
    assert_eq!(get(&app, &lan, &id).await["owner_name"], "Lê Thị Lan");
    app.get(Some(&lan), "/api/v1/alerts?owner=me").await.shows(&id);
    app.get(Some(&hoa), "/api/v1/alerts?owner=me").await.hides(&id);

    // Whoever read version 1 meets a conflict that says who was quicker, and what they typed is kept.
    let page = format!("/alerts/{id}");
    let late = [("version", "1"), ("outcome", "false_alarm"), ("note", "Chữ của Hoa"), ("_page", page.as_str())];
    app.post(Some(&hoa), &path("dismiss"), &late).await.is(409).shows("Lê Thị Lan").shows("Chữ của Hoa");

    let no_outcome = [("version", "2"), ("note", "vì sao"), ("_page", page.as_str())];
    app.post(Some(&lan), &path("dismiss"), &no_outcome).await.is(422).shows("Hãy chọn kết quả xem xét").shows("vì sao");
    app.post(Some(&lan), &path("dismiss"), &[("outcome", "khong-co")]).await.is(422);
    app.post(Some(&hoa), &path("verify"), &[("version", "2"), ("severity", "4"), ("note", "Đã xem nhật ký")])
        .await
        .place();
    let it = get(&app, &lan, &id).await;
    assert_eq!((&it["status"], &it["severity"]), (&json!("verified"), &json!(4)));
    app.post(Some(&lan), &path("verify"), &[]).await.is(409);
    app.post(Some(&lan), &path("release"), &[]).await.place();
    app.post(Some(&lan), &path("dismiss"), &[("outcome", "expected"), ("note", "Bảo trì")]).await.place();
    let page = app.get(Some(&lan), &format!("/alerts/{id}")).await;
    page.shows("Việc đã được phép").shows("Đã xem nhật ký").shows("Lê Thị Lan nhận xử lý");
    app.get(Some(&lan), "/alerts").await.hides(&id);
    app.get(Some(&lan), "/alerts?state=dismissed").await.shows(&id);
    app.post(Some(&lan), &path("take"), &[]).await.is(409);
    app.post(Some(&lan), &path("restore"), &[]).await.place();
    assert_eq!(get(&app, &lan, &id).await["status"], "taken");
    app.assert_sound().await;
}

#[tokio::test]
async fn merged_alerts_count_together_and_can_be_taken_apart() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let one = alert(&app, &lan, json!({ "title": "Máy A bị khoá" })).await;
    app.app.clock.advance(HOUR);
    let two = alert(&app, &lan, json!({ "title": "Máy B bị khoá" })).await;
    app.app.clock.advance(HOUR);
    let three = alert(&app, &lan, json!({ "title": "Máy C bị khoá" })).await;
    let page = format!("/alerts/{two}");
    let unknown = [("into", "CB-2023-999999"), ("_page", page.as_str())];
    app.post(Some(&lan), &format!("/alerts/{two}/merge"), &unknown).await.is(422).shows("CB-2023-999999");
    app.post(Some(&lan), &format!("/alerts/{two}/merge"), &[("into", "CB-2023-000002")]).await.is(422);
    app.post(Some(&lan), &format!("/alerts/{two}/merge"), &[("into", ""), ("similar", "")]).await.is(422);
    let merged = app.post(Some(&lan), &format!("/alerts/{two}/merge"), &[("into", " cb-2023-000001 ")]).await;
    assert_eq!(merged.place(), format!("/alerts/{one}"));
    assert_eq!(get(&app, &lan, &one).await["count"], 2);
    app.get(Some(&lan), &format!("/alerts/{two}")).await.shows("Tin này đã gộp vào").shows("CB-2023-000001");
    app.post(Some(&lan), &format!("/alerts/{two}/restore"), &[]).await.place();
    assert_eq!(get(&app, &lan, &one).await["count"], 1);

    let picks: Vec<(&str, &str)> = vec![("act", "merge"), ("pick", &three), ("pick", &one), ("pick", &two)];
    let bulk = app.post(Some(&lan), "/alerts/bulk", &picks).await;
    assert_eq!(bulk.place(), format!("/alerts/{one}"), "the one received first stays");
    let it = get(&app, &lan, &one).await;
    assert_eq!((&it["count"], &it["status"]), (&json!(3), &json!("new")));
    assert_eq!(get(&app, &lan, &three).await["merged_into"], json!(one));
    app.post(Some(&lan), "/alerts/bulk", &[("act", "merge"), ("pick", &one)]).await.is(409);
    app.assert_sound().await;
}

#[tokio::test]
async fn many_are_taken_or_dismissed_in_one_go_and_what_others_decided_is_left() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let hoa = officer_again(&app).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(alert(&app, &lan, json!({ "title": format!("Tin {n}") })).await);
    }
    app.post(Some(&hoa), &format!("/alerts/{}/take", ids[0]), &[]).await.place();
    let mut picks: Vec<(&str, &str)> = ids.iter().map(|id| ("pick", id.as_str())).collect();
    picks.push(("act", "take"));
    picks.push(("back", "/alerts?state=new"));
    assert_eq!(app.post(Some(&lan), "/alerts/bulk", &picks).await.place(), "/alerts?state=new");
    assert_eq!(get(&app, &lan, &ids[0]).await["owner_name"], "Phạm Thị Hoa");
    assert_eq!(get(&app, &lan, &ids[3]).await["owner_name"], "Lê Thị Lan");

    let mut picks: Vec<(&str, &str)> = ids.iter().map(|id| ("pick", id.as_str())).collect();
    picks.extend([("act", "dismiss"), ("_page", "/alerts")]);
    let refused = app.post(Some(&lan), "/alerts/bulk", &picks).await;
    refused.is(422).shows("Hãy chọn kết quả xem xét").shows(" checked");
    picks.push(("outcome", "false_alarm"));
    picks.push(("back", "//evil.example"));
    assert_eq!(app.post(Some(&lan), "/alerts/bulk", &picks).await.place(), "/alerts", "only our own pages");
    for id in &ids {
        assert_eq!(get(&app, &lan, id).await["outcome"], "false_alarm");
    }
    app.post(Some(&lan), "/alerts/bulk", &[("act", "take")]).await.is(409);
    app.post(Some(&lan), "/alerts/bulk", &[("act", "take"), ("pick", "x")]).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_queue_filters_pages_and_remembers_views() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let batch: Vec<Value> = (0..120)
        .map(|n| {
            let unit = if n % 2 == 0 { "phong-tckh" } else { "phong-noi-vu" };
            json!({ "title": format!("Tin số {n:03} 50%"), "severity": 1 + n % 4, "unit": unit, "source": "phone" })
        })
        .collect();
    app.api(Some(&lan), "/alerts", json!(batch)).await.is(200);
    let count = async |query: &str| {
        let answer = app.get(Some(&lan), &format!("/api/v1/alerts?{query}")).await;
        answer.is(200);
        answer.json()["alerts"].as_array().expect("a list").len()
    };
    let (mut seen, mut query, mut pages) = (std::collections::BTreeSet::new(), String::new(), 0);
    loop {
        let value = app.get(Some(&lan), &format!("/api/v1/alerts?{query}")).await.json();
        let rows = value["alerts"].as_array().expect("a list");
        seen.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        pages += 1;
        match value["next"].as_str() {
            Some(next) => query = format!("after={next}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (120, 3));
    let severe = app.get(Some(&lan), "/api/v1/alerts?sort=severity").await.json();
    assert_eq!((&severe["alerts"][0]["severity"], &severe["alerts"][49]["severity"]), (&json!(4), &json!(3)));
    let next = severe["next"].as_str().expect("more").to_owned();
    let severe = app.get(Some(&lan), &format!("/api/v1/alerts?sort=severity&after={next}")).await.json();
    assert_eq!((&severe["alerts"][0]["severity"], &severe["alerts"][49]["severity"]), (&json!(3), &json!(1)));
    assert_eq!(count("severity=4").await, 30);
    assert_eq!(count("source=email").await, 0);
    assert_eq!(count("q=TIN+SO+007").await, 1);
    assert_eq!(count("q=100%25").await, 0, "a percent sign is only itself");
    assert_eq!(count("q=cb-2023-000007").await, 1);
    assert_eq!(count("state=new&owner=none&severity=1").await, 30);
    assert_eq!(count("severity=x&unit=x&after=x&state=x").await, 50, "what is no filter is none");
    let unit = operator(&app).await.unit_id;
    assert_eq!(count(&format!("unit={unit}&severity=1")).await, 30);

    app.post(Some(&lan), "/alerts/views", &[("name", "Nặng của tôi"), ("query", "severity=4&after=9&x=y")])
        .await
        .place();
    app.get(Some(&lan), "/alerts").await.shows("/alerts?severity=4").shows("Nặng của tôi");
    let hoa = officer_again(&app).await;
    app.get(Some(&hoa), "/alerts").await.hides("Nặng của tôi");
    let value = app.get(Some(&lan), "/api/v1/alerts").await.json();
    let view = value["views"][0]["id"].as_str().expect("a view").to_owned();
    app.post(Some(&hoa), &format!("/alerts/views/{view}/delete"), &[]).await.is(404);
    app.post(Some(&lan), &format!("/alerts/views/{view}/delete"), &[]).await.place();
    app.get(Some(&lan), "/alerts").await.hides("Nặng của tôi");
    app.get(Some(&lan), "/alerts?state=merged").await.is(200).shows("Không có tin nào ở đây");
    app.assert_sound().await;
}

#[tokio::test]
async fn alerts_are_found_by_words_and_wait_on_the_page_of_whoever_took_them() {
    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let minh = operator(&app).await;
    let ours = alert(&app, &minh, json!({ "title": "Máy in kỳ lạ", "description": "phòng kế toán" })).await;
    alert(&app, &lan, json!({ "title": "Máy in của không ai" })).await;
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    app.get(Some(&minh), "/search?q=may+in").await.is(200).shows("Máy in kỳ lạ").hides("Máy in của không ai");
    app.get(Some(&lan), "/search?q=may+in").await.shows("Máy in kỳ lạ").shows("Máy in của không ai");
    app.get(Some(&minh), "/search?q=ke+toan").await.shows("CB-2023-000001");

    app.get(Some(&minh), "/").await.is(200).hides("Xác minh tin CB-2023-000001");
    app.post(Some(&minh), &format!("/alerts/{ours}/take"), &[]).await.place();
    app.get(Some(&minh), "/").await.shows("Xác minh tin CB-2023-000001");
    app.get(Some(&lan), "/").await.hides("Xác minh tin");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_queue_asks_the_indexes_made_for_it() {
    if std::env::var("UNGCUU_TEST_DB").as_deref() == Ok("postgres") {
        return; // The planner of PostgreSQL looks at the data first; there is none here.
    }
    let app = TestApp::new().await;
    let mut tx = app.app.db.read().await.expect("look");
    for (sql, index) in [
        (
            sql!("EXPLAIN QUERY PLAN SELECT a.title FROM alerts a WHERE a.is_open = TRUE ORDER BY a.id DESC LIMIT 51"),
            "alerts_open",
        ),
        (
            sql!(
                "EXPLAIN QUERY PLAN SELECT a.title FROM alerts a
                  WHERE a.unit_id IN ($1) AND a.is_open = TRUE ORDER BY a.id DESC LIMIT 51"
            ),
            "alerts_open_by_unit",
        ),
        (
            sql!(
                "EXPLAIN QUERY PLAN SELECT a.title FROM alerts a
                  WHERE a.is_open = TRUE ORDER BY a.severity DESC, a.id DESC LIMIT 51"
            ),
            "alerts_open_by_severity",
        ),
        (
            sql!(
                "EXPLAIN QUERY PLAN SELECT a.id FROM alerts a
                  WHERE a.is_open = TRUE AND a.fingerprint IN ($1, $2) AND a.last_seen_at >= $3"
            ),
            "alerts_open_by_fingerprint",
        ),
        (
            sql!(
                "EXPLAIN QUERY PLAN SELECT a.title FROM alerts a
                  WHERE a.status = $1 ORDER BY a.id DESC LIMIT 51"
            ),
            "alerts_by_status",
        ),
    ] {
        #[derive(sqlx::FromRow)]
        struct Plan {
            detail: String,
        }
        let plan: Vec<Plan> = tx.all(sql, args!["x", "y", 0_i64]).await.expect("a plan");
        let plan: String = plan.into_iter().map(|step| step.detail + "\n").collect();
        assert!(
            plan.replace('\n', " ").contains(&format!("INDEX {index} ")) && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}

#[tokio::test]
async fn the_incident_shows_the_reporters_words_and_counts_as_verified() {
    use ungcuu_app::incident::section::SectionContext;
    use ungcuu_app::incident::{Standing, actions, gates};
    use ungcuu_app::page::Page;
    use ungcuu_app::web::Call;
    use ungcuu_kit::text::Lang;

    let app = TestApp::new().await;
    let lan = officer(&app).await;
    let id = alert(&app, &lan, json!({ "title": "Máy lạ", "description": "Lời kể <b>", "unit": "phong-tckh" })).await;
    let form = [
        ("title", "Sự cố"),
        ("scenario", "a06_ransom"),
        ("severity", "2"),
        ("tlp", "amber"),
        ("detected_at", "2023-03-15T11:00"),
    ];
    let place = app.post(Some(&lan), &format!("/alerts/{id}/open"), &form).await.place();
    let incident = place.trim_start_matches("/incidents/").parse().expect("an id");
    let mut look = app.app.look(ungcuu_app::actor::Actor::system()).await.expect("look");
    let incident = actions::see(&mut look, &incident).await.expect("seen");
    let step = app.app.pack.procedure.steps[0].clone();
    let gates = gates::of_step(&mut look.tx, &app.app.pack, &incident, &[], &step).await.expect("counted");
    let verified = gates.iter().find(|gate| gate.kind == "verified").expect("a gate");
    assert!(verified.met && verified.have == 1);
    let call = Call::internal(app.app.clone(), None, Lang::Vi);
    assert_eq!(call.via, Via::Page);
    let page = Page::bare(&call, ungcuu_kit::text::Text::new("", ""));
    let row = ungcuu_app::incident::model::StepRow {
        id: "ipt_00000000000000000000000000".parse().expect("an id"),
        step: step.id.clone(),
        round: 1,
        state: ungcuu_app::incident::flow::StepState::Open,
        opened_at: None,
        ended_at: None,
        ended_by: String::new(),
        note: String::new(),
        version: 1,
    };
    let context = SectionContext {
        page: &page,
        incident: &incident,
        step: &step,
        row: &row,
        key: "",
        standing: Standing::Leads,
        may_work: true,
    };
    let sections = ungcuu_app::features().iter().flat_map(|feature| &feature.sections);
    let intake = sections.into_iter().find(|section| section.kind == "intake").expect("a section");
    let shown = (intake.show)(&mut look, &context).await.expect("shown");
    assert!(shown.html.contains("Lời kể &#60;b&#62;") && shown.html.contains("CB-2023-000001"), "{}", shown.html);
    assert_eq!(shown.content[0]["title"], "Máy lạ");
}
