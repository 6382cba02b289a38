//! Hostile input on every act and upload: whatever is sent, the answer is a sentence, never our failure, and nothing is
//! half-written.

mod forms;
mod stage;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};
use ungcuu_app::web::{Access, Kind, Route};
use ungcuu_kit::time::{DAY, HOUR};

use crate::hostile::stage::{Case, Door, Stage, fields, part};
use crate::roles::ask;
use crate::routes::{api, is_post};
use crate::support::{Person, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const FILES: &str = "multipart/form-data; boundary=b";

/// Texts that no clerk types, and what stands where a moment, a version or an identifier belongs.
const ODD: &[&str] = &[
    "\0",
    "a\0b",
    "9999-12-31T23:59",
    "-009999-01-01T00:00:00Z",
    "+999999-12-31T23:59:59Z",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999999999",
    "inc_00000000000000000000000000",
    "../../../../etc/passwd",
    "'; DROP TABLE alerts; --",
    "<script>alert(1)</script>",
    "\u{202e}gpj.exe\u{feff}\u{1f4a3}",
];

#[tokio::test]
async fn hostile_json_about_an_incident_is_answered_with_a_sentence() {
    hostile_json(about_incidents).await;
}

#[tokio::test]
async fn hostile_json_about_anything_else_is_answered_with_a_sentence() {
    hostile_json(|route| !about_incidents(route)).await;
}

#[tokio::test]
async fn hostile_forms_about_an_incident_are_answered_with_a_sentence() {
    hostile_forms(about_incidents).await;
}

#[tokio::test]
async fn hostile_forms_about_anything_else_are_answered_with_a_sentence() {
    hostile_forms(|route| !about_incidents(route)).await;
}

/// Two halves of the routes, so that neither test is long.
fn about_incidents(route: &Route) -> bool {
    route.path.starts_with("/incidents/{id}/steps")
}

async fn hostile_json(which: impl Fn(&Route) -> bool) {
    let stage = Stage::new().await;
    let document = ungcuu_app::web::openapi_document(&ungcuu_app::routes());
    let huge = Bytes::from(format!("{{\"title\":\"{}\"}}", "x".repeat(10_000_000)));
    let cases = |route: &Route| {
        let fields = fields(&document, route);
        let all = |value: Value| {
            let object: serde_json::Map<String, Value> =
                fields.iter().map(|field| (field.clone(), value.clone())).collect();
            Value::Object(object).to_string()
        };
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let deep = all(json!("?")).replace("\"?\"", &deep);
        let mut cases = vec![
            Case::new("empty", JSON, ""),
            Case::new("text instead", "text/plain", all(json!("x"))),
            Case::new("files instead", FILES, "--b--"),
            Case::new("no kind at all", "", "\u{1}\u{2}"),
            Case::broken("not JSON", JSON, "{\"a\":"),
            Case::broken("invalid UTF-8", JSON, &b"{\"a\":\"\xff\xfe\"}"[..]),
            // What asks for nothing reads nothing.
            Case { broken: !fields.is_empty(), ..Case::new("deep", JSON, deep) },
            Case::broken("a number", JSON, "7"),
            Case::new("nothing", JSON, "null"),
            Case::new("a list", JSON, "[[[]]]"),
            Case::new("lists", JSON, all(json!([[], {}]))),
            Case::new("objects", JSON, all(json!({ "a": { "b": null } }))),
            Case::new("numbers", JSON, all(json!(-1.5e300))),
            Case::new("large whole numbers", JSON, all(json!(i64::MAX))),
            Case::new("yes", JSON, all(json!(true))),
            Case::new("ten thousand letters", JSON, all(json!("ă".repeat(10_000)))),
            Case::broken("ten million letters", JSON, huge.clone()),
            Case::cut(JSON, &b"{\"title\":\"a\","[..]),
        ];
        cases.extend(ODD.iter().map(|odd| Case::new(format!("{odd:?}"), JSON, all(json!(odd)))));
        cases
    };
    stage.play(|route| route.kind == Kind::Act && which(route), Door::Api, cases).await;
}

async fn hostile_forms(which: impl Fn(&Route) -> bool) {
    let stage = Stage::new().await;
    let document = ungcuu_app::web::openapi_document(&ungcuu_app::routes());
    let huge = Bytes::from(format!("title={}", "x".repeat(10_000_000)));
    let many = Bytes::from("title=x&".repeat(20_000));
    let cases = |route: &Route| {
        let fields = fields(&document, route);
        let all = |value: &str, page: &str| {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields.iter().map(|field| (field, value)));
            form.append_pair("_page", page);
            form.finish()
        };
        let mut cases = vec![
            Case::new("empty", FORM, ""),
            Case::new("no kind at all", "", "\u{1}\u{2}"),
            Case::new("marks", FORM, "&&&===&%&%%%=%"),
            Case::new("one field many times", FORM, many.clone()),
            Case::broken("invalid UTF-8", FORM, &b"title=\xff\xfe"[..]),
            Case::new("invalid UTF-8, escaped", FORM, all("x", "").replace("=x", "=%FF%FE")),
            Case::new("ten thousand letters", FORM, all(&"ă".repeat(10_000), "/")),
            Case::new("from a page that is none", FORM, all("x", "/\0\r\n//evil.example?%00")),
            Case::broken("ten million letters", FORM, huge.clone()),
            Case::cut(FORM, &b"title=a&"[..]),
        ];
        cases.extend(ODD.iter().take(4).map(|odd| Case::new(format!("{odd:?}"), FORM, all(odd, ""))));
        cases
    };
    stage.play(|route| route.kind == Kind::Act && which(route), Door::Page, cases).await;
}

#[tokio::test]
async fn hostile_files_are_answered_with_a_sentence_by_every_upload() {
    let stage = Stage::new().await;
    // What the forms with files ask for; their description names no fields.
    let fields = [
        "title",
        "description",
        "unit",
        "system",
        "tile",
        "text",
        "when",
        "happened_at",
        "noticed_at",
        "obtained_at",
        "step",
        "kind",
        "source",
        "replaces",
        "name",
        "phone",
        "email",
        "place",
        "once",
        "version",
        "severity",
        "scenario",
        "indicators",
        "back",
        "_page",
        "external_id",
    ];
    let huge = Bytes::from(format!("{}--b--\r\n", part("title", "", &"x".repeat(10_000_000))));
    let large = Bytes::from(format!("{}--b--\r\n", part("files", "a.bin", &"x".repeat(26 << 20))));
    for door in [Door::Page, Door::Api] {
        stage
            .play(
                |route| route.kind == Kind::Raw { post: true },
                door,
                |_| {
                    let all = |value: &str, files: &str| {
                        let fields: String = fields.iter().map(|field| part(field, "", value)).collect();
                        format!("{fields}{files}--b--\r\n")
                    };
                    let file = |name: &str, content: &str| all("x", &part("files", name, content));
                    let mut cases = vec![
                        Case::new("empty", FILES, ""),
                        Case::new("no boundary", "multipart/form-data", "--b--"),
                        Case::new("a form instead", FORM, "title=a"),
                        Case::new("JSON instead", JSON, "{}"),
                        Case::new("no end", FILES, part("title", "", "x")),
                        Case::new("marks", FILES, "--b\r\n\r\n\r\n--b--"),
                        Case::new("a path", FILES, file("../../etc/passwd", "root:x:0:0")),
                        Case::new("a path of Windows", FILES, file("..\\..\\autoexec.bat", "@echo off")),
                        Case::new("only dots", FILES, file("..", "x")),
                        Case::new("a long name", FILES, file(&"ă".repeat(5_000), "x")),
                        Case::new("a NUL in the name", FILES, file("a\0b.png", "x")),
                        Case::new("an empty file", FILES, file("a.txt", "")),
                        Case::new("a program", FILES, file("a.exe", "MZ\0\0\0")),
                        Case::new("not a mail", FILES, all("", &part("mail", "a.eml", "\0\u{1}\u{2}"))),
                        Case::new("a mail of NULs", FILES, all("", &part("mail", "a.eml", MAIL))),
                        Case::new("many files", FILES, all("", &part("files", "a.txt", "x").repeat(30))),
                        Case::broken("many fields", FILES, part("title", "", "x").repeat(500) + "--b--\r\n"),
                        Case::new("ten thousand letters", FILES, all(&"ă".repeat(10_000), "")),
                        Case::broken("ten million letters", FILES, huge.clone()),
                        Case::new("twenty-six megabytes", FILES, large.clone()),
                        Case::cut(FILES, part("title", "", "x")),
                        Case::cut(FILES, file("a.txt", "x").replace("--b--\r\n", "")),
                    ];
                    let bytes = [part("title", "", "?").into_bytes(), b"--b--\r\n".to_vec()].concat();
                    let bytes: Vec<u8> = bytes.into_iter().map(|it| if it == b'?' { 0xff } else { it }).collect();
                    cases.push(Case::new("invalid UTF-8", FILES, bytes));
                    cases.extend(ODD.iter().map(|odd| Case::new(format!("{odd:?}"), FILES, all(odd, ""))));
                    cases
                },
            )
            .await;
    }
    // Names of files are names, wherever they were kept.
    let mut look = stage.app.app.db.read().await.expect("look");
    let mut names = 0;
    for table in ["alert_files", "evidence"] {
        for row in look.whole_rows_after(table, "", 500).await.expect("rows") {
            let name = row.columns.iter().find(|(column, _)| column == "name").and_then(|(_, name)| name.clone());
            let name = name.expect("a name");
            assert!(!name.contains(['/', '\\', '\0']) && name != ".." && name.chars().count() <= 300, "{name:?}");
            names += 1;
        }
    }
    assert!(names > 5, "some of the files were taken in: {names}");
}

const MAIL: &str = "From: a\0b <x@example.vn>\r\nSubject: =?utf-8?q?a=00b?=\r\nMessage-ID: <a\0b>\r\n\r\na\0b\r\n";

#[tokio::test]
async fn hostile_addresses_are_no_failure_of_any_page() {
    let stage = Stage::new().await;
    let names = [
        "q", "state", "status", "after", "before", "page", "round", "tell", "tile", "next", "view", "unit", "system",
        "person", "kind", "form", "severity", "source", "sort", "from", "to", "at", "seen", "inline", "lang", "stream",
    ];
    let values = ["%00", "%FF%FE", "99999999999999999999", "-1", "..%2F..%2Fetc%2Fpasswd", "9999-12-31", "%27%3B--"];
    let mut wrong = Vec::new();
    for route in ungcuu_app::routes().entries().iter().filter(|route| !is_post(route)) {
        let real = stage.samples.real(route.path);
        let mut paths: Vec<String> = Vec::new();
        if !route.path.ends_with("/pdf") {
            for value in values {
                let query: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
                paths.push(format!("{real}?{}", query.join("&")));
            }
        }
        for part in real.split('/').filter(|part| !route.path.contains(*part)) {
            let long = "a".repeat(5_000);
            paths.extend(["%00", "%FF", "..%2F..", long.as_str()].map(|odd| real.replace(part, odd)));
        }
        for path in paths.iter().flat_map(|path| [path.clone(), api(path)]) {
            let status = ask(&stage.app, Some(&stage.person), Method::GET, &path, Body::empty(), "").await.status();
            if status.is_server_error() || status == StatusCode::UNAUTHORIZED {
                let path: String = path.chars().take(150).collect();
                wrong.push(format!("{path}: {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_everywhere() {
    let stage = Stage::new().await;
    let app = &stage.app;
    let before = stage.state().await;
    let routes = ungcuu_app::routes();
    for route in routes.entries().iter().filter(|route| is_post(route)) {
        let path = stage.samples.real(route.path);
        let kind = if route.kind == Kind::Act { FORM } else { FILES };
        let form = |token: Option<&str>| match (token, kind) {
            (None, FORM) => "title=a".to_owned(),
            (Some(token), FORM) => format!("title=a&_csrf={token}"),
            (None, _) => format!("{}--b--\r\n", part("title", "", "a")),
            (Some(token), _) => format!("{}{}--b--\r\n", part("title", "", "a"), part("_csrf", "", token)),
        };
        let send = async |site: &str, who: Option<&Person>, token: Option<&str>, path: &str, kind: &str| {
            let request = Request::post(path).header(header::CONTENT_TYPE, kind).header("sec-fetch-site", site);
            let body = if kind == JSON { "{}".to_owned() } else { form(token) };
            app.send(request, who, Body::from(body)).await
        };
        let person = &stage.person;
        let own = person.csrf.as_str();
        let wrong = "0".repeat(own.len());
        // The reader's own browser, led by another site: even with the right token.
        for site in ["cross-site", "same-site"] {
            let answer = send(site, Some(person), Some(own), &path, kind).await;
            refused(&answer, &format!("{path}, {site}"));
            let answer = send(site, Some(person), Some(own), &api(&path), if kind == FORM { JSON } else { kind }).await;
            refused(&answer, &format!("{}, {site}", api(&path)));
        }
        // An old browser that does not say where the form is from: the token decides.
        for token in [None, Some(""), Some(&wrong[1..]), Some(&wrong[..])] {
            let answer = send("none", Some(person), token, &path, kind).await;
            refused(&answer, &format!("{path}, token {token:?}"));
        }
        // Without a session there is no token; where anyone may send, it still must be from this site.
        if route.access == Access::Public {
            refused(&send("cross-site", None, None, &path, kind).await, &format!("{path}, nobody"));
        }
    }
    assert_eq!(stage.state().await, before, "nothing was written");
    app.assert_sound().await;

    fn refused(answer: &crate::support::Answer, what: &str) {
        // So many at once may also be told to wait.
        assert!(matches!(answer.status.as_u16(), 403 | 429), "{what}: {}\n{}", answer.status, answer.body);
        if answer.status == StatusCode::FORBIDDEN {
            assert!(
                answer.body.contains("không do trang này gửi") || answer.body.contains("not sent from this site"),
                "{what} is refused for another reason: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn moments_that_cannot_be_and_stale_versions_are_refused_beside_their_field() {
    let stage = Stage::new().await;
    let (app, person) = (&stage.app, &stage.person);
    let incident = stage.samples.real("/incidents/{id}");
    let now = app.app.now();
    let page = app.get(Some(person), &format!("/api/v1{incident}/edit")).await;
    let read = page.is(200).json();
    let version = read["incident"]["version"].as_i64().expect("a version");
    let detected = |at: ungcuu_kit::time::Time, version: i64| {
        let reason = "Xem lại nhật ký máy chủ, giờ ghi lúc đầu sai.";
        app_json(
            app,
            person,
            format!("{incident}/detected"),
            json!({ "detected_at": at.to_iso(), "reason": reason, "version": version }),
        )
    };
    let fields = |answer: &crate::support::Answer| -> Vec<String> {
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["field"].as_str().map(str::to_owned)).collect()
    };
    let answer = detected(now.plus(DAY), version).await;
    assert_eq!(fields(answer.is(422)), ["detected_at"], "still to come");
    let answer = detected(now.plus(-HOUR), version).await;
    assert_eq!(fields(answer.is(422)), ["detected_at"], "detected after it was reported and opened");
    let stale = detected(now.plus(-400 * DAY), version - 1).await;
    assert!(stale.is(409).json()["detail"].as_str().is_some_and(|words| !words.is_empty()));

    let alert = |happened, noticed| {
        let body = json!({ "title": "Máy lạ", "severity": 2, "happened_at": happened, "noticed_at": noticed });
        app_json(app, person, "/alerts".to_owned(), body)
    };
    let answer = alert(now.plus(DAY).to_iso(), now.plus(2 * DAY).to_iso()).await;
    assert_eq!(fields(answer.is(422)), ["happened_at", "noticed_at"]);
    let answer = alert("99/99/2026 99:99".to_owned(), "hôm qua".to_owned()).await;
    assert_eq!(fields(answer.is(422)), ["happened_at", "noticed_at"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_file_of_a_refused_form_is_gone_after_a_day_and_one_that_counts_stays() {
    let app = TestApp::new().await;
    let person = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let files = |content: &str| part("files", "a.txt", content);
    let send = async |title: &str, files: String| {
        let body = format!("{}{}{files}--b--\r\n", part("_csrf", "", &person.csrf), part("title", "", title));
        ask(&app, Some(&person), Method::POST, "/alerts/new", Body::from(body), FILES).await.status().as_u16()
    };
    assert_eq!(send("", files("refused") + &files("shared")).await, 422, "a title is missing");
    assert_eq!(send("Máy lạ", files("shared") + &files("kept")).await, 303);
    let body = format!("{}{}--b--\r\n", part("title", "", "Máy chậm"), files("by the API"));
    let answer = ask(&app, Some(&person), Method::POST, "/api/v1/alerts/new", Body::from(body), FILES).await;
    assert_eq!(answer.status(), StatusCode::OK, "an upload has its place in the API");
    let many: String = (0..11).map(|number| files(&format!("one of many {number}"))).collect();
    assert_eq!(send("Máy lạ", many).await, 413, "ten files at a time");
    let lies = |content: &str| {
        use sha2::Digest;
        app.app.blobs.path(&hex::encode(sha2::Sha256::digest(content.as_bytes()))).exists()
    };
    ungcuu_app::leftover::tidy(&app.app).await.expect("tidied");
    assert!(
        ["refused", "shared", "kept", "one of many 0"].into_iter().all(lies),
        "someone may be sending them again just now"
    );
    // The files are as old as the machine says, the product's clock stands wherever a test puts it.
    app.app.clock.advance(200 * 365 * DAY);
    ungcuu_app::leftover::tidy(&app.app).await.expect("tidied");
    assert!(!lies("refused") && !lies("one of many 0"));
    assert!(lies("shared") && lies("kept"));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_files_of_one_public_report_are_bounded_together() {
    let app = TestApp::new().await;
    let tile = app.app.pack.tiles[0].id.clone();
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    // Three files, none too large by itself.
    let mut chunks: Vec<Result<Bytes, std::io::Error>> = vec![Ok(part("tile", "", &tile).into())];
    for _ in 0..3 {
        chunks.push(Ok("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.bin\"\r\n\r\n".into()));
        chunks.extend((0..40).map(|_| Ok(piece.clone())));
        chunks.push(Ok("\r\n".into()));
    }
    chunks.push(Ok("--b--\r\n".into()));
    let request = Request::post("/api/v1/report").header(header::CONTENT_TYPE, FILES);
    let answer = app.send(request, None, Body::from_stream(futures::stream::iter(chunks))).await;
    answer.is(413).shows("100 MB");
}

async fn app_json(app: &TestApp, person: &Person, path: String, body: Value) -> crate::support::Answer {
    app.api(Some(person), &path, body).await
}
