//! Every route against every role of the plan, by request: the page and the API answer as the table of routes says.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use tower::ServiceExt;
use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Settings};
use ungcuu_app::auth::AccountId;
use ungcuu_app::auth::actions::begin_session;
use ungcuu_app::org::{PersonId, UnitId};
use ungcuu_app::pack::RoleScope;
use ungcuu_app::permission::Permission;
use ungcuu_app::web::{Access, Route};
use ungcuu_kit::time::DAY;
use ungcuu_kit::{args, sql};

use crate::routes::{Samples, api, is_post};
use crate::support::{Person, TestApp};

/// Pages that ask for a part in this very incident, beyond the permission; which part is told by the tests of the
/// incident.
const STANDING: &[&str] = &[
    "/incidents/{id}/edit",
    "/incidents/{id}/class",
    "/incidents/{id}/parts",
    "/incidents/{id}/journal",
    "/incidents/{id}/proof",
    "/incidents/{id}/proof/zip",
];

#[tokio::test]
async fn every_page_and_file_is_shown_to_exactly_the_roles_that_the_table_names() {
    let app = TestApp::new().await;
    ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * DAY)).await.expect("filled");
    let samples = Samples::read(&app, &report(&app).await).await;
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    let mut wrong = Vec::new();
    let routes = ungcuu_app::routes();
    for (role, person) in cast(&app).await {
        for route in routes.entries().iter().filter(|route| !is_post(route)) {
            let may = may(&app, &role, route);
            for (path, known) in [(samples.unknown(route.path), false), (samples.real(route.path), true)] {
                // One refusal is like the other, and without a parameter both paths are the same.
                if (known && !may) || (!known && may && !route.path.contains('{')) {
                    continue;
                }
                for path in [path.clone(), api(&path)] {
                    // Laying out takes seconds: once is enough to see that it is sent.
                    let laid_out = ["/incidents/{id}/dossier/pdf", "/incidents/{id}/proof/zip"];
                    if known && laid_out.contains(&route.path) && shown.contains(route.path) {
                        continue;
                    }
                    let response = ask(&app, Some(&person), Method::GET, &path, Body::empty(), "").await;
                    let status = response.status().as_u16();
                    let fits = match (may, known) {
                        (false, _) => status == 403,
                        (true, false) => status == 404,
                        (true, true) => match status {
                            200 => true,
                            // What belongs to other units does not exist; what the paper is not ready for says so.
                            404 | 409 => route.path.contains('{') || route.path == "/alerts/live",
                            403 => STANDING.contains(&route.path),
                            _ => false,
                        },
                    };
                    if status == 200 {
                        shown.insert(route.path);
                    }
                    if !fits {
                        wrong.push(format!("{role} {path}: {status}, may {may}, known {known}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = routes.entries().iter().filter(|route| !is_post(route)).map(|route| route.path);
    // A calendar feed has a secret of its own in its address; the tests of deadlines read one.
    let never: Vec<&str> = all.filter(|path| !shown.contains(path) && *path != "/calendar/{token}").collect();
    assert!(never.is_empty(), "no role was shown {never:?}");
}

#[tokio::test]
async fn every_act_is_open_to_exactly_the_roles_that_the_table_names() {
    let app = TestApp::new().await;
    let samples = Samples::read(&app, "").await;
    let mut wrong = Vec::new();
    let routes = ungcuu_app::routes();
    for (role, person) in cast(&app).await {
        let twin = app.person(&format!("{} khác", person.name), "phong-vhtt", &[&role]).await;
        for route in routes.entries().iter().filter(|route| is_post(route)) {
            let may = may(&app, &role, route);
            let path = samples.unknown(route.path);
            let again = ends_sessions(route).then(|| login(&twin));
            for (path, kind) in [(path.clone(), "application/x-www-form-urlencoded"), (api(&path), "application/json")]
            {
                let fresh = match &again {
                    Some(login) => Some(session_of(&app, login).await),
                    None => None,
                };
                let person = fresh.as_ref().unwrap_or(&person);
                let status = ask(&app, Some(person), Method::POST, &path, Body::empty(), kind).await.status().as_u16();
                let fits = match (may, route.path.contains('{')) {
                    (false, _) => status == 403,
                    (true, true) => matches!(status, 400 | 404 | 409 | 422),
                    // The token to revoke is named in the form; without one there is nothing.
                    (true, false) if status == 404 => route.path == "/account/tokens/revoke",
                    (true, false) => matches!(status, 200 | 303 | 400 | 409 | 422 | 429),
                };
                if !fits {
                    wrong.push(format!("{role} {path}: {status}, may {may}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.assert_sound().await;
}

#[tokio::test]
async fn nobody_gets_anywhere_but_to_the_public_pages_without_signing_in() {
    let app = TestApp::new().await;
    let samples = Samples::read(&app, "").await;
    let routes = ungcuu_app::routes();
    for route in routes.entries().iter() {
        let method = if is_post(route) { Method::POST } else { Method::GET };
        let path = samples.unknown(route.path);
        let page = ask(&app, None, method.clone(), &path, Body::empty(), "").await;
        let program = ask(&app, None, method, &api(&path), Body::empty(), "application/json").await;
        if route.access == Access::Public {
            for status in [page.status(), program.status()] {
                assert!(!matches!(status.as_u16(), 401 | 403 | 405 | 500..), "{path}: {status}");
            }
            continue;
        }
        assert_eq!(page.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(place(&page).starts_with("/sign-in"), "{path} leads to {}", place(&page));
        assert_eq!(program.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(program.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn whoever_was_signed_out_while_filling_a_form_comes_back_to_its_page() {
    let app = TestApp::new().await;
    let path = format!("/alerts/alr_{}/take", "0".repeat(26));
    let sent_from = |referer: &'static str| {
        let request = Request::post(&path).header("sec-fetch-site", "same-origin").header(header::REFERER, referer);
        app.send(request, None, Body::empty())
    };
    let answer = sent_from("https://ungcuu.example/alerts?status=new").await;
    assert_eq!(answer.place(), "/sign-in?next=%2Falerts%3Fstatus%3Dnew");
    assert_eq!(app.post(None, &path, &[]).await.place(), "/sign-in", "home, when the browser does not say");
    assert_eq!(sent_from("https://ungcuu.example//evil.example/").await.place(), "/sign-in");
    assert_eq!(app.get(None, "/alerts?status=new").await.place(), "/sign-in?next=%2Falerts%3Fstatus%3Dnew");
    app.get(None, "/sign-in?next=%2Falerts").await.is(200).shows("/alerts");
}

#[tokio::test]
async fn every_cookie_is_kept_from_script_and_behind_https_from_anything_else() {
    let mut app = TestApp::new().await;
    let person = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    for secure in [false, true] {
        let it = &app.app;
        let settings = Settings { secure_cookies: secure, ..Settings::default() };
        let same = (it.db.clone(), it.blobs.clone(), it.pack.clone(), it.clock.clone(), it.chance.clone());
        let behind = App::new(same.0, same.1, same.2, same.3, same.4, settings);
        app.router = ungcuu_app::web::router(&behind, &ungcuu_app::routes());
        let fresh = session_of(&app, &login(&person)).await;
        let answers = [
            app.get(None, "/sign-in?lang=en").await,
            app.sign_in(&login(&person), crate::support::PASSWORD).await,
            app.post(None, "/account/theme", &[("theme", "dark")]).await,
            app.post(Some(&fresh), "/account/sessions/end", &[]).await,
            app.post(Some(&fresh), "/sign-out", &[]).await,
            app.send(Request::get("/sign-in").header(header::COOKIE, "ungcuu_flash=eA"), None, Body::empty()).await,
        ];
        let lines: Vec<&str> = answers
            .iter()
            .flat_map(|answer| answer.headers.get_all(header::SET_COOKIE))
            .filter_map(|line| line.to_str().ok())
            .collect();
        for name in ["lang=", "ungcuu_session=", "theme=", "ungcuu_flash="] {
            assert!(lines.iter().any(|line| line.starts_with(name)), "{name} in {lines:?}");
        }
        for line in lines {
            assert!(line.contains("; HttpOnly; SameSite=Lax") && line.contains("; Secure") == secure, "{line}");
        }
    }
}

#[tokio::test]
async fn an_address_that_only_takes_forms_is_no_page() {
    let app = TestApp::new().await;
    let person = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    app.get(Some(&person), "/alerts/bulk").await.is(404).shows("</html>");
    let answer = app.get(Some(&person), "/api/v1/incidents/new/x/y").await;
    assert_eq!(answer.is(404).json()["status"], 404);
}

/// One person for each role of the plan: those of a unit work where the open incident of the demonstration is.
async fn cast(app: &TestApp) -> Vec<(String, Person)> {
    let mut cast = Vec::new();
    for role in &app.app.pack.roles {
        let unit = if role.scope == RoleScope::All { "phong-vhtt" } else { "xa-ba-sao" };
        let name = format!("Vai {}", role.id.replace('_', " "));
        cast.push((role.id.clone(), app.person(&name, unit, &[&role.id]).await));
    }
    cast
}

fn may(app: &TestApp, role: &str, route: &Route) -> bool {
    let role = app.app.pack.role(role).expect("a role of the plan");
    let permissions: Vec<Permission> = role.permissions.iter().filter_map(|word| word.parse().ok()).collect();
    match route.access {
        Access::Public | Access::SignedIn => true,
        Access::Need(permission) => permissions.contains(&permission),
    }
}

/// Routes after which the session may be over.
pub fn ends_sessions(route: &Route) -> bool {
    route.path.starts_with("/sign-") || route.path == "/account" || route.path.starts_with("/account/")
}

/// The sign-in name of someone made by [`TestApp::person`].
pub fn login(person: &Person) -> String {
    ungcuu_kit::text::fold(&person.name).replace(' ', ".")
}

/// A report by a citizen, with a file; its code.
pub async fn report(app: &TestApp) -> String {
    let tile = &app.app.pack.tiles[0].id;
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"tile\"\r\n\r\n{tile}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n"
    );
    let response = ask(app, None, Method::POST, "/report", Body::from(body), "multipart/form-data; boundary=b").await;
    place(&response).rsplit('/').next().unwrap_or_default().to_owned()
}

/// Where a redirect leads.
pub fn place(response: &Response) -> &str {
    let place = response.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
    place.unwrap_or_else(|| panic!("no redirect: {}", response.status()))
}

/// Asks as a browser of this site would, from an address of its own, and does not read the answer's body: some have no
/// end.
pub async fn ask(app: &TestApp, who: Option<&Person>, method: Method, path: &str, body: Body, kind: &str) -> Response {
    static ADDRESS: AtomicU32 = AtomicU32::new(0x0a00_0000);
    let address = Ipv4Addr::from(ADDRESS.fetch_add(1, Ordering::Relaxed));
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("sec-fetch-site", "same-origin")
        .extension(ConnectInfo(SocketAddr::from((address, 443))));
    if !kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    if let Some(person) = who {
        request = request.header(header::COOKIE, format!("ungcuu_session={}", person.token));
        request = request.header("x-csrf", &person.csrf);
    }
    app.router.clone().oneshot(request.body(body).expect("a request")).await.expect("never fails")
}

/// A fresh session of an account.
pub async fn session_of(app: &TestApp, login: &str) -> Person {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let account: Option<(AccountId, PersonId, UnitId, String)> = work
        .tx
        .one(
            sql!(
                "SELECT a.id, a.person_id, p.unit_id, p.name FROM accounts a JOIN people p ON p.id = a.person_id
                  WHERE a.login = $1"
            ),
            args![login],
        )
        .await
        .expect("asked");
    let (account, person_id, unit_id, name) = account.expect("an account");
    let token = begin_session(&mut work, &account, "test").await.expect("a session");
    let hash = ungcuu_app::auth::token_hash(&token);
    let csrf: Option<(String,)> =
        work.tx.one(sql!("SELECT csrf FROM sessions WHERE id = $1"), args![hash]).await.expect("asked");
    work.commit().await.expect("committed");
    Person { name, token, csrf: csrf.expect("a session").0, person_id, unit_id }
}
