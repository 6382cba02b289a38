//! Finding things across the whole demonstration.

use ungcuu_app::actor::{Actor, Grant};
use ungcuu_app::auth::AccountId;
use ungcuu_app::incident::actions::{NewIncident, open};
use ungcuu_app::incident::{Incident, lookup};
use ungcuu_app::org::unit_by_code;
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

#[tokio::test]
async fn which_incidents_one_sees_does_not_depend_on_how_many_there_are() {
    let app = TestApp::new().await;
    let units = ["xa-ba-sao", "phong-noi-vu", "xa-ba-sao"];
    let mut work = app.app.work(Actor::system()).await.expect("work");
    for (place, code) in units.iter().enumerate() {
        let unit = unit_by_code(&mut work.tx, code).await.expect("asked").expect("a unit of the pack");
        let new = NewIncident {
            title: format!("Sự cố thứ {place}"),
            scenario: app.app.pack.scenarios[0].id.clone(),
            severity: 2,
            tlp: "green".to_owned(),
            system_id: None,
            unit_id: unit.clone(),
            owner_unit_id: unit,
            summary: String::new(),
            happened_at: None,
            detected_at: work.now,
        };
        open(&mut work, new).await.expect("an incident");
    }
    work.commit().await.expect("committed");
    index_pending(&app.app).await.expect("indexed");
    for (code, own) in [("xa-ba-sao", 2), ("phong-noi-vu", 1), ("tt-my-tho", 0), ("phong-vhtt", 3)] {
        let person = app.person(&format!("Người của {code}"), code, &["van_hanh"]).await;
        let grant = Grant { role: "van_hanh".to_owned(), unit_id: Some(person.unit_id.clone()) };
        let unit = (person.unit_id.clone(), String::new());
        let few =
            Actor::new(&app.app.pack, AccountId::default(), person.person_id.clone(), String::new(), unit, &[grant]);
        let mut many = few.clone();
        many.in_many_incidents = true;
        let mut tx = app.app.db.read().await.expect("look");
        let listed = lookup::list_open(&mut tx, &few, 100).await.expect("incidents");
        let looked_at = lookup::list_open(&mut tx, &many, 100).await.expect("incidents");
        let ids = |incidents: &[Incident]| incidents.iter().map(|incident| incident.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&listed), ids(&looked_at), "{code}");
        assert_eq!(listed.len(), own, "{code}");
        drop(tx);
        let answer = app.get(Some(&person), "/api/v1/search?q=su+co+thu&kind=incident").await.json();
        assert_eq!(answer["hits"].as_array().map(Vec::len), Some(own), "{code}: {answer:#}");
    }
}
