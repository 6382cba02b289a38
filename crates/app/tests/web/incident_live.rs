//! What happened in an incident, for those who look on: its timeline, its journal, and the stream of news to open pages.

use futures::StreamExt;
use tower::ServiceExt;
use ungcuu_app::actor::Actor;
use ungcuu_app::incident::timeline;
use ungcuu_kit::time::DAY;

use crate::incident::{opened, operator};
use crate::support::{Person, TestApp};

#[tokio::test]
async fn the_timeline_keeps_three_times_and_only_the_writer_corrects() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let auditor = app.person("Ngô Kiểm Tra", "thanh-tra", &["kiem_tra"]).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/timeline");
    let entry = |title: &'static str, noticed: &'static str| {
        vec![("kind", "attack"), ("title", title), ("happened_at", "2023-03-14T22:10"), ("noticed_at", noticed)]
    };
    app.post(Some(&operator), &path, &entry("Đăng nhập lạ", "2023-03-14T20:00")).await.is(422);
    app.post(Some(&auditor), &path, &entry("Đăng nhập lạ", "2023-03-15T08:00")).await.is(403);
    app.post(Some(&operator), &path, &entry("Đăng nhập lạ <b>", "2023-03-15T08:00")).await.is(303);
    let page = app.get(Some(&officer), &path).await;
    page.shows("Đăng nhập lạ &#60;b&#62;").shows("phát hiện").shows("ghi").shows("Mở sự cố");
    app.get(Some(&officer), &format!("{path}?kind=attack")).await.shows("Đăng nhập lạ").hides("Mở sự cố: Mã");
    let events = app.get(Some(&officer), &format!("/api/v1{path}?kind=attack")).await.json();
    let event = format!("{path}/{}", events["events"][0]["id"].as_str().expect("an entry"));
    let mut corrected = entry("Đăng nhập từ nước ngoài", "2023-03-15T08:00");
    corrected.push(("version", "1"));
    app.post(Some(&officer), &event, &corrected).await.is(403);
    app.post(Some(&operator), &event, &corrected).await.is(303);
    corrected.push(("_page", &event));
    app.post(Some(&operator), &event, &corrected).await.is(409).shows("Nguyễn Văn Vận");
    app.post(Some(&officer), &format!("{event}/star"), &[]).await.is(303);
    app.get(Some(&officer), &format!("/incidents/{id}")).await.shows("Đăng nhập từ nước ngoài");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_timeline_of_five_hundred_entries_is_paged_without_gaps() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let incident = id.parse().expect("an id");
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let mut rows = Vec::new();
    for number in 0..500 {
        let title = ungcuu_kit::text::Text::same(format!("Mục số {number}"));
        rows.push(timeline::note(&mut work, &incident, "other", title).await.expect("noted"));
    }
    let rows: Vec<(&str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    let what = ungcuu_kit::text::Text::same("Nhiều mục");
    work.record(&ungcuu_app::journal::incident_stream(&id), "incident.event_added", what, &rows);
    work.commit().await.expect("committed");
    let mut seen = std::collections::BTreeSet::new();
    let mut path = format!("/api/v1/incidents/{id}/timeline?sort=happened");
    loop {
        let page = app.get(Some(&operator), &path).await.json();
        for event in page["events"].as_array().expect("a list") {
            assert!(seen.insert(event["id"].to_string()), "shown twice");
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/incidents/{id}/timeline?sort=happened&after={next}");
    }
    assert_eq!(seen.len(), 501);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_journal_is_for_those_who_lead_and_those_who_check() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let contact = app.person("Phạm Đầu Mối", "xa-ba-sao", &["dau_moi"]).await;
    let auditor = app.person("Ngô Kiểm Tra", "thanh-tra", &["kiem_tra"]).await;
    let id = opened(&app, &operator).await;
    let path = format!("/incidents/{id}/journal");
    app.get(Some(&operator), &path).await.is(200).shows("Mở sự cố SC-2023-0001").shows("Nguyễn Văn Vận");
    app.get(Some(&auditor), &path).await.is(200);
    app.get(Some(&contact), &path).await.is(403);
    app.get(Some(&contact), &format!("/incidents/{id}")).await.is(200).hides(&path);
}

/// Opens the stream of changes and gives back its body.
async fn listen(app: &TestApp, who: &Person, path: &str) -> axum::body::BodyDataStream {
    let request = axum::http::Request::get(path).header("cookie", format!("ungcuu_session={}", who.token));
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("never fails");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

/// What the stream sends until these words come; none when it ends before.
async fn hear(stream: &mut axum::body::BodyDataStream, words: &str) -> Option<String> {
    let mut heard = String::new();
    let waited = tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while let Some(chunk) = stream.next().await {
            heard.push_str(&String::from_utf8_lossy(&chunk.expect("a piece")));
            if heard.contains(words) {
                return Some(heard);
            }
        }
        None
    });
    waited.await.expect("something within five seconds")
}

#[tokio::test]
async fn an_open_page_hears_of_what_others_do_and_not_of_ones_own_doing() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let id = opened(&app, &operator).await;
    let page = app.get(Some(&officer), &format!("/incidents/{id}")).await;
    page.shows(&format!("data-live=\"/incidents/{id}/live?seen=2\""));
    let mut stream = listen(&app, &officer, &format!("/incidents/{id}/live?seen=2")).await;
    hear(&mut stream, "retry:").await.expect("begun");
    let entry = [("kind", "action"), ("title", "Rút dây mạng"), ("happened_at", "2023-03-15T11:00")];
    let path = format!("/incidents/{id}/timeline");
    app.post(Some(&officer), &path, &entry).await.is(303);
    app.post(Some(&operator), &path, &entry).await.is(303);
    let heard = hear(&mut stream, "data:").await.expect("told");
    assert!(heard.contains("data: {\"seq\":4}"), "{heard}");
    assert!(!heard.contains("\"seq\":3"), "{heard}");
    drop(stream);
    // A browser that comes back hears what it missed.
    let mut again = listen(&app, &officer, &format!("/incidents/{id}/live?seen=2")).await;
    assert!(hear(&mut again, "data:").await.expect("told").contains("\"seq\":4"));
}

#[tokio::test]
async fn the_stream_ends_for_whoever_may_no_longer_see_the_incident() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let guest = app.person("Võ Được Mời", "phong-y-te", &["dau_moi"]).await;
    let id = opened(&app, &operator).await;
    let person = [("person", guest.person_id.as_str()), ("part", "Tư vấn")];
    app.post(Some(&operator), &format!("/incidents/{id}/people"), &person).await.is(303);
    let mut stream = listen(&app, &guest, &format!("/incidents/{id}/live")).await;
    hear(&mut stream, ": ok").await.expect("begun");
    let parts = app.get(Some(&operator), &format!("/api/v1/incidents/{id}/parts")).await.json();
    let drawn = parts["people"][0]["id"].as_str().expect("a row").to_owned();
    app.post(Some(&operator), &format!("/incidents/{id}/people/{drawn}/remove"), &[]).await.is(303);
    assert_eq!(hear(&mut stream, "data:").await, None);
    assert!(!app.app.live.listened_to());
}

#[tokio::test]
async fn what_another_process_wrote_is_announced_once() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let mut listener = app.app.live.listen();
    // Another process on the same database: the same records, other ears.
    let other = ungcuu_app::app::App::new(
        app.app.db.clone(),
        app.app.blobs.clone(),
        app.app.pack.clone(),
        app.app.clock.clone(),
        ungcuu_kit::chance::Chance::seeded(8),
        Default::default(),
    );
    let mut work = other.work(Actor::system()).await.expect("work");
    let row =
        timeline::note(&mut work, &id.parse().expect("an id"), "other", ungcuu_kit::text::Text::same("Từ nơi khác"))
            .await
            .expect("noted");
    let stream = ungcuu_app::journal::incident_stream(&id);
    work.record(&stream, "incident.event_added", ungcuu_kit::text::Text::same("x"), &[(row.0, row.1.as_str())]);
    work.commit().await.expect("committed");
    ungcuu_app::live::look_around(&app.app).await.expect("looked");
    ungcuu_app::live::look_around(&app.app).await.expect("looked");
    let told = listener.changes.try_recv().expect("announced");
    assert_eq!((told.stream.as_str(), told.seq), (stream.as_str(), 3));
    assert!(listener.changes.try_recv().is_err(), "once");
    app.app.clock.advance(DAY);
    ungcuu_app::live::look_around(&app.app).await.expect("looked");
    assert!(listener.changes.try_recv().is_err(), "still once");
}

#[tokio::test]
async fn an_address_with_the_number_that_people_say_leads_to_the_incident() {
    let app = TestApp::new().await;
    let operator = app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await;
    let id = crate::incident::opened(&app, &operator).await;
    for name in ["SC-2023-0001", "sc-2023-0001"] {
        let shown = app.get(Some(&operator), &format!("/incidents/{name}")).await;
        shown.is(200).shows("SC-2023-0001").shows(&format!("/incidents/{id}/timeline"));
    }
    // What one may not see, and what there is not, is not there by its number either.
    let stranger = app.person("Mai Thị Xuân", "xa-an-binh", &["van_hanh"]).await;
    app.get(Some(&stranger), "/incidents/SC-2023-0001").await.is(404);
    app.get(Some(&operator), "/incidents/SC-2023-0002").await.is(404);
}
