//! Finding things across the whole demonstration.

use ungcuu_app::search::{Kind, index_pending};

use ungcuu_kit::{args, sql};

use crate::support::TestApp;

#[tokio::test]
async fn a_thing_of_every_kind_is_found_by_what_people_call_it() {
    let app = TestApp::new().await;
    ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * ungcuu_kit::time::DAY)).await.expect("filled");
    index_pending(&app.app).await.expect("indexed");
    let officer = app.person("Người Xem", "phong-vhtt", &["can_bo_vhtt"]).await;
    index_pending(&app.app).await.expect("indexed");
    let mut tx = app.app.db.read().await.expect("look");
    let indicator: Option<(String,)> =
        tx.one(sql!("SELECT value FROM indicators ORDER BY id LIMIT 1"), args![]).await.expect("asked");
    drop(tx);
    let year = app.app.now().year();
    for (kind, words) in [
        (Kind::Incident, format!("SC-{year}-0001")),
        (Kind::Alert, format!("CB-{year}-000001")),
        (Kind::Evidence, "CC-01".to_owned()),
        (Kind::Indicator, indicator.expect("an indicator").0),
        (Kind::System, "mot cua".to_owned()),
        (Kind::Unit, "ba sao".to_owned()),
        (Kind::Person, "nguoi xem".to_owned()),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &words).finish();
        let answer = app.get(Some(&officer), &format!("/api/v1/search?{query}")).await.json();
        let hits = answer["hits"].as_array().expect("hits");
        let found = hits.iter().any(|hit| hit["kind"] == kind.word() || hit["kind"] == kind.label().vi.as_ref());
        assert!(found, "{words} finds no {}: {answer:#}", kind.word());
    }
}
