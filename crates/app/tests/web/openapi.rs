//! The API's description: that it is whole, that it follows OpenAPI's basic rules, and that people can read it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;
use ungcuu_app::web::{Access, Kind, openapi_document};

use crate::routes::{api, is_post};
use crate::support::TestApp;

fn document() -> Value {
    openapi_document(&ungcuu_app::routes())
}

/// Path, method and description of everything the document names.
fn operations(document: &Value) -> Vec<(&String, &String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").iter().map(move |(method, described)| (path, method, described))
        })
        .collect()
}

#[test]
fn the_description_of_the_api_names_every_route() {
    let document = document();
    for route in ungcuu_app::routes().entries() {
        let method = if is_post(route) { "post" } else { "get" };
        let operation = &document["paths"][&api(route.path)][method];
        assert!(operation.is_object(), "{method} {}", route.path);
        let secured = operation["security"].is_null();
        assert_eq!(secured, route.access != Access::Public, "{method} {}: who may call it", route.path);
    }
}

#[test]
fn every_operation_has_its_own_name_and_says_what_it_takes_and_gives() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, described) in operations(&document) {
        let here = format!("{method} {path}");
        assert!(ids.insert(described["operationId"].as_str().expect("an id")), "{here}: its id is taken");
        for said in ["summary", "description"] {
            assert!(described[said].as_str().is_some_and(|words| !words.is_empty()), "{here}: no {said}");
        }
        let parameters = described["parameters"].as_array().expect("parameters");
        let in_path: BTreeSet<&str> =
            parameters.iter().filter(|one| one["in"] == "path").filter_map(|one| one["name"].as_str()).collect();
        let named: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(in_path, named, "{here}: the parameters of its path");
        let mut names = BTreeSet::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            assert!(names.insert((parameter["in"].as_str(), name)), "{here}: {name} twice");
            assert!(parameter["schema"].is_object(), "{here}: {name} has no schema");
            let about = parameter["description"].as_str().unwrap_or_default();
            assert!(!about.is_empty(), "{here}: nothing is said about {name}");
            assert_eq!(parameter["required"], parameter["in"] == "path", "{here}: {name}");
        }
        for (status, answer) in described["responses"].as_object().expect("responses") {
            let answer = resolve(&document, answer);
            assert!(answer["description"].is_string(), "{here}: {status}");
            for (kind, content) in answer["content"].as_object().expect("every answer has a body") {
                assert!(content["schema"].is_object(), "{here}: {status} as {kind} has no schema");
            }
        }
        assert_eq!(described["requestBody"].is_object(), method == "post", "{here}: what is sent");
        for (kind, content) in described["requestBody"]["content"].as_object().into_iter().flatten() {
            let schema = resolve(&document, &content["schema"]);
            // A form of files names them and the words beside them; a check is asked for without a word.
            let told = kind != "multipart/form-data" || schema["properties"].is_object() || path.ends_with("/check");
            assert!(told, "{here}: what stands in its {kind}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    let mut waiting = vec![&document];
    let mut references = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                if let Some(Value::String(place)) = fields.get("$ref") {
                    references += 1;
                    assert!(resolve(&document, value).is_object(), "{place} leads nowhere");
                }
                waiting.extend(fields.values());
            }
            _ => {}
        }
    }
    assert!(references > 100, "only {references}");
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.strip_prefix('#').expect("within")).unwrap_or(&Value::Null),
        None => value,
    }
}

/// A handler that reads a query its route does not declare stops the program in tests; here every page is asked with one.
#[tokio::test]
async fn what_a_page_reads_from_its_query_is_what_the_description_says() {
    let app = TestApp::new().await;
    let admin = app.person("Quản trị", "phong-vhtt", &["quan_tri"]).await;
    for route in ungcuu_app::routes().entries() {
        if route.kind == Kind::Page && !route.path.contains('{') {
            let answer = app.get(Some(&admin), &format!("{}?q=x&sort=none&after=?&state=odd", route.path)).await;
            assert!(answer.status.as_u16() < 500, "{}: {}", route.path, answer.status);
        }
    }
    let document = document();
    let names = |path: &str| -> Vec<&str> {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().expect("parameters");
        parameters.iter().filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str()).collect()
    };
    for path in ["/api/v1/alerts", "/api/v1/incidents", "/api/v1/units", "/api/v1/people", "/api/v1/systems"] {
        assert!(names(path).contains(&"after"), "{path}");
    }
    for path in ["/api/v1/alerts", "/api/v1/incidents"] {
        assert!(names(path).contains(&"sort") && names(path).contains(&"severity"), "{path}");
    }
    let sort = document["paths"]["/api/v1/incidents"]["get"]["parameters"].as_array().expect("parameters");
    let sort = sort.iter().find(|one| one["name"] == "sort").expect("sort");
    assert!(sort["schema"].to_string().contains("-severity"), "{sort}");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_asked_wrongly_is_a_problem_for_programs() {
    let app = TestApp::new().await;
    let person = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    for (method, path, status) in [
        (Method::GET, "/api/v1/nothing", 404),
        (Method::POST, "/api/v1/incidents", 405),
        (Method::DELETE, "/api/v1/incidents/inc_1", 405),
        (Method::GET, "/api/v1/alerts/bulk", 405),
    ] {
        let answer = app.send(Request::builder().method(method.clone()).uri(path), Some(&person), Body::empty()).await;
        // A path that another route's parameter matches is that route's: there it does not exist.
        assert!(
            answer.status.as_u16() == status || answer.status.as_u16() == 404,
            "{method} {path}: {}",
            answer.status
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {path}");
        assert_eq!(answer.json()["status"], answer.status.as_u16());
    }
    let wrong = app.send(Request::post("/api/v1/incidents"), Some(&person), Body::empty()).await;
    wrong.is(405);
    assert!(wrong.headers.contains_key("allow"), "{:?}", wrong.headers);
}

#[tokio::test]
async fn anyone_may_read_the_description_and_whoever_signs_in_finds_examples_in_it() {
    let app = TestApp::new().await;
    app.get(None, "/openapi.json").await.is(200);
    assert_eq!(app.get(None, "/api/v1/openapi.json").await.is(200).json()["openapi"], "3.1.0");
    let person = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.get(Some(&person), "/account").await.is(200).shows("href=\"/api\"");
    app.get(Some(&person), "/api").await.is(200).shows("/api/v1/incidents").shows("/api/v1/alerts/{id}/take");
    let found = app.get(Some(&person), "/api?q=TH%E1%BB%94I").await;
    found.is(200).shows("Không tìm thấy gì.");
    app.get(Some(&person), "/api?q=indicators.csv").await.shows("indicators.csv").hides("/api/v1/units");
    let one = app.get(Some(&person), "/api?operation=do_incidents_new").await;
    one.is(200).shows("curl").shows("scenario").shows("https://HOST/api/v1/incidents/new").shows("message");
    app.get(Some(&person), "/api?operation=get_incidents").await.shows("-severity").shows("incidents");
    app.get(Some(&person), "/api?operation=get_nothing").await.is(404);
}
