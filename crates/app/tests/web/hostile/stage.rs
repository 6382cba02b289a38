//! Where hostile input is played: the demonstration, someone who may do everything, and what every answer must be.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, header};
use bytes::Bytes;
use serde_json::Value;
use ungcuu_app::web::Route;
use ungcuu_kit::db::Sql;
use ungcuu_kit::time::DAY;

use crate::roles::{ask, ends_sessions, login, report, session_of};
use crate::routes::{Samples, api};
use crate::support::{Person, TestApp};

/// What is sent, and whether an answer other than a refusal would be wrong.
pub struct Case {
    pub name: String,
    pub kind: &'static str,
    pub body: Sent,
    pub broken: bool,
}

pub enum Sent {
    Whole(Bytes),
    /// Breaks off in the middle.
    Cut(Bytes),
}

impl Case {
    pub fn new(name: impl Into<String>, kind: &'static str, body: impl Into<Bytes>) -> Case {
        Case { name: name.into(), kind, body: Sent::Whole(body.into()), broken: false }
    }

    pub fn broken(name: &str, kind: &'static str, body: impl Into<Bytes>) -> Case {
        Case { broken: true, ..Case::new(name, kind, body) }
    }

    pub fn cut(kind: &'static str, body: impl Into<Bytes>) -> Case {
        Case { name: "cut off".to_owned(), kind, body: Sent::Cut(body.into()), broken: true }
    }

    pub fn body(&self) -> Body {
        match &self.body {
            Sent::Whole(bytes) => Body::from(bytes.clone()),
            Sent::Cut(bytes) => {
                let cause = std::io::Error::other("the line went dead");
                Body::from_stream(futures::stream::iter([Ok(bytes.clone()), Err(cause)]))
            }
        }
    }
}

/// The demonstration with someone in it who may do everything.
pub struct Stage {
    pub app: TestApp,
    pub person: Person,
    /// Signs out, changes passwords, ends sessions: with a fresh session each time.
    pub other: Person,
    pub samples: Samples,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Door {
    Page,
    Api,
}

impl Stage {
    pub async fn new() -> Stage {
        let app = TestApp::new().await;
        ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * DAY)).await.expect("filled");
        let samples = Samples::read(&app, &report(&app).await).await;
        let roles: Vec<&str> = app.app.pack.roles.iter().map(|role| role.id.as_str()).collect();
        let person = app.person("Người Thử", "xa-ba-sao", &roles).await;
        let other = app.person("Người Thử Khác", "xa-ba-sao", &roles).await;
        Stage { app, person, other, samples }
    }

    /// Everything that is written: entries of the journal, and rows.
    pub async fn state(&self) -> (i64, i64) {
        let tables = ungcuu_app::journalled_tables();
        let counts: Vec<String> = tables.iter().map(|table| format!("(SELECT COUNT(*) FROM {table})")).collect();
        let sql = format!(
            "SELECT CAST((SELECT COALESCE(SUM(seq), 0) FROM journal_streams) AS BIGINT), {}",
            counts.join(" + ")
        );
        let mut look = self.app.app.db.read().await.expect("look");
        look.one(Sql(sql.leak()), Vec::new()).await.expect("counted").expect("a row")
    }

    /// Sends every case to every route and looks at the answers.
    pub async fn play(&self, which: impl Fn(&Route) -> bool, door: Door, cases: impl Fn(&Route) -> Vec<Case>) {
        let mut wrong = Vec::new();
        for route in ungcuu_app::routes().entries().iter().filter(|route| which(route)) {
            let path = self.samples.real(route.path);
            let path = if door == Door::Api { api(&path) } else { path };
            let before = self.state().await;
            let mut accepted = false;
            for case in cases(route) {
                let fresh = match ends_sessions(route) {
                    true => Some(session_of(&self.app, &login(&self.other)).await),
                    false => None,
                };
                let person = fresh.as_ref().unwrap_or(&self.person);
                let answer = ask(&self.app, Some(person), Method::POST, &path, case.body(), case.kind).await;
                let (status, kind) = (answer.status().as_u16(), answer.headers().get(header::CONTENT_TYPE).cloned());
                let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.expect("a body");
                accepted |= status < 400;
                let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
                let fits = match (status, door) {
                    (303, Door::Page) | (200, Door::Api) => !case.broken,
                    (400..=499, Door::Api) => {
                        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                        let told = problem["detail"].as_str().is_some_and(|words| words.chars().count() > 10);
                        kind == "application/problem+json" && told && problem["status"] == status
                    }
                    (400..=499, Door::Page) => {
                        kind.starts_with("text/html") && bytes.ends_with(b"</html>\n")
                            || String::from_utf8_lossy(&bytes).trim_end().ends_with("</html>")
                    }
                    _ => false,
                };
                if !fits {
                    let words: String = String::from_utf8_lossy(&bytes).chars().take(200).collect();
                    wrong.push(format!("{path}, {}: {status} {kind} {words}", case.name));
                }
            }
            if !accepted && self.state().await != before {
                wrong.push(format!("{path}: everything was refused and yet something was written"));
            }
        }
        assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n"));
        self.app.assert_sound().await;
    }
}

/// One part of a form with files; a field when there is no name of a file.
pub fn part(field: &str, file: &str, content: &str) -> String {
    let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
    format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"{file}\r\n\r\n{content}\r\n")
}

/// The fields a route understands, as the description of the API names them.
pub fn fields(document: &Value, route: &Route) -> BTreeSet<String> {
    let operation = &document["paths"][&api(route.path)]["post"];
    let mut found = BTreeSet::new();
    gather(document, &operation["requestBody"]["content"]["application/json"]["schema"], &mut found, 0);
    found
}

fn gather(document: &Value, schema: &Value, found: &mut BTreeSet<String>, depth: usize) {
    if depth > 8 {
        return;
    }
    if let Some(place) = schema["$ref"].as_str() {
        gather(document, document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null), found, depth + 1);
    }
    for (name, _) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(name.clone());
    }
    for more in schema["anyOf"].as_array().into_iter().flatten() {
        gather(document, more, found, depth + 1);
    }
}
