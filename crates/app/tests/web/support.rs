//! A product of one's own for each test: empty database, standing clock, the plan's pack, people who can sign in.

use std::path::Path;
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;
use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::auth::AccountId;
use ungcuu_app::auth::actions::{NewAccount, begin_session, create};
use ungcuu_app::checkpoint::Outside;
use ungcuu_app::journal::{Verdict, verify_against};
use ungcuu_app::org::{PersonId, UnitId, install_units, unit_by_code};
use ungcuu_app::pack::Pack;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::db::Db;
use ungcuu_kit::time::{Clock, Time};
use ungcuu_kit::{args, sql};

/// The password of everyone in tests.
pub const PASSWORD: &str = "mật khẩu thử 2026";

/// The product under test.
pub struct TestApp {
    pub app: App,
    pub router: Router,
    folder: tempfile::TempDir,
}

/// Someone signed in.
pub struct Person {
    pub name: String,
    pub token: String,
    pub csrf: String,
    pub person_id: PersonId,
    pub unit_id: UnitId,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl TestApp {
    /// The Cao Lãnh plan on an empty database, at noon on 15 March 2023.
    pub async fn new() -> TestApp {
        TestApp::with_pack("cao-lanh-2021-2025").await
    }

    pub async fn with_pack(id: &str) -> TestApp {
        TestApp::with_changed_pack(id, |_| {}).await
    }

    /// The same with a pack that was changed first: a step without its gates, another rule.
    pub async fn with_changed_pack(id: &str, change: impl FnOnce(&mut Pack)) -> TestApp {
        // Why a request failed stands in what a failed test printed.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_test_writer();
        let _ = log.try_init();
        TestApp::begin(id, Settings::default(), change).await
    }

    /// The same as the operator set it up: with a mail server.
    pub async fn with_settings(settings: Settings) -> TestApp {
        TestApp::begin("cao-lanh-2021-2025", settings, |_| {}).await
    }

    async fn begin(id: &str, settings: Settings, change: impl FnOnce(&mut Pack)) -> TestApp {
        let mut pack = Pack::embedded(id).expect("a shipped pack").expect("a sound pack");
        change(&mut pack);
        let folder = tempfile::tempdir().expect("a folder");
        let place = match std::env::var("UNGCUU_TEST_DB").as_deref() {
            Ok("postgres") => Place::Postgres { url: new_postgres().await, files: folder.path().join("files") },
            _ => Place::Folder(folder.path().to_owned()),
        };
        let (db, blobs) = place.open().await.expect("an open database");
        let clock = Clock::standing(Time::parse("15/03/2023 12:00").expect("a moment"));
        let seal = Some(folder.path().join("seal"));
        let settings = Settings { picture_worker: picture_worker(), seal, ..settings };
        let app = App::new(db, blobs, pack, clock, Chance::seeded(7), settings);
        let mut work = app.work(Actor::system()).await.expect("work");
        install_units(&mut work, &app.pack).await.expect("units");
        work.commit().await.expect("committed");
        let router = ungcuu_app::web::router(&app, &ungcuu_app::routes());
        TestApp { app, router, folder }
    }

    /// A person of a unit (by its code in the pack) with roles of the pack, signed in. Roles hold within the unit unless
    /// the pack says they hold everywhere.
    pub async fn person(&self, name: &str, unit_code: &str, roles: &[&str]) -> Person {
        let hash = password_hash().await;
        let mut work = self.app.work(Actor::system()).await.expect("work");
        let unit = unit_by_code(&mut work.tx, unit_code).await.expect("asked").expect("a unit of the pack");
        let person_id = PersonId::new(&self.app.chance, work.now);
        work.tx
            .run(
                sql!(
                    "INSERT INTO people (id, unit_id, name, title, email, phone, phone_off_hours, active, version)
                     VALUES ($1, $2, $3, 'Chuyên viên', 'thu@example.vn', '0277 3 820 000', '0900 000 000', TRUE, 1)"
                ),
                args![&person_id, &unit, name],
            )
            .await
            .expect("a person");
        work.record("org", "person.created", ungcuu_kit::text::Text::same(name), &[("people", person_id.as_str())]);
        let roles = roles
            .iter()
            .map(|role| {
                let everywhere =
                    self.app.pack.role(role).expect("a role of the pack").scope == ungcuu_app::pack::RoleScope::All;
                ((*role).to_owned(), (!everywhere).then(|| unit.clone()))
            })
            .collect();
        let login = ungcuu_kit::text::fold(name).replace(' ', ".");
        let new = NewAccount { person_id: person_id.clone(), login, password_hash: hash, one_time: false, roles };
        let account = create(&mut work, new).await.expect("an account");
        let token = begin_session(&mut work, &account, "test").await.expect("a session");
        work.commit().await.expect("committed");
        let mut tx = self.app.db.read().await.expect("look");
        let csrf: Option<(String,)> =
            tx.one(sql!("SELECT csrf FROM sessions WHERE account_id = $1"), args![&account]).await.expect("asked");
        Person { name: name.to_owned(), token, csrf: csrf.expect("a session").0, person_id, unit_id: unit }
    }

    /// Shows name and password at the door, as a browser without any cookie.
    pub async fn sign_in(&self, login: &str, password: &str) -> Answer {
        self.post(None, "/sign-in", &[("login", login), ("password", password)]).await
    }

    /// The same person in the browser that was just let in.
    pub async fn as_signed_in(&self, person: &Person, answer: &Answer) -> Person {
        let token = answer.cookie("ungcuu_session").expect("a session");
        let mut tx = self.app.db.read().await.expect("look");
        let id = ungcuu_app::auth::token_hash(&token);
        let csrf: Option<(String,)> =
            tx.one(sql!("SELECT csrf FROM sessions WHERE id = $1"), args![id]).await.expect("asked");
        Person {
            name: person.name.clone(),
            token,
            csrf: csrf.expect("a session").0,
            person_id: person.person_id.clone(),
            unit_id: person.unit_id.clone(),
        }
    }

    /// The unit with this code of the pack.
    pub async fn unit(&self, code: &str) -> UnitId {
        let mut tx = self.app.db.read().await.expect("look");
        unit_by_code(&mut tx, code).await.expect("asked").expect("a unit of the pack")
    }

    pub async fn get(&self, who: Option<&Person>, path: &str) -> Answer {
        self.send(Request::get(path), who, Body::empty()).await
    }

    /// Sends a form as a browser does, from the page `/` unless a `_page` is given.
    pub async fn post(&self, who: Option<&Person>, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        if let Some(person) = who {
            form.append_pair("_csrf", &person.csrf);
        }
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, who, Body::from(form.finish())).await
    }

    /// Sends JSON to the API, as a program that holds the session's CSRF token.
    pub async fn api(&self, who: Option<&Person>, path: &str, body: serde_json::Value) -> Answer {
        let mut request = Request::post(format!("/api/v1{path}")).header(header::CONTENT_TYPE, "application/json");
        if let Some(person) = who {
            request = request.header("x-csrf", &person.csrf);
        }
        self.send(request, who, Body::from(body.to_string())).await
    }

    pub async fn send(&self, request: axum::http::request::Builder, who: Option<&Person>, body: Body) -> Answer {
        let request = match who {
            Some(person) => request.header(header::COOKIE, format!("ungcuu_session={}", person.token)),
            None => request,
        };
        let response = self.router.clone().oneshot(request.body(body).expect("a request")).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Somebody with an account, signed in anew.
    pub async fn as_login(&self, login: &str) -> Person {
        let mut work = self.app.work(Actor::system()).await.expect("work");
        let account: Option<(AccountId, PersonId, UnitId)> = work
            .tx
            .one(
                sql!(
                    "SELECT a.id, a.person_id, p.unit_id FROM accounts a JOIN people p ON p.id = a.person_id
                      WHERE a.login = $1"
                ),
                args![login],
            )
            .await
            .expect("asked");
        let (account, person_id, unit_id) = account.expect("an account");
        let token = begin_session(&mut work, &account, "test").await.expect("a session");
        let id = ungcuu_app::auth::token_hash(&token);
        let csrf: Option<(String,)> =
            work.tx.one(sql!("SELECT csrf FROM sessions WHERE id = $1"), args![id]).await.expect("asked");
        work.commit().await.expect("committed");
        Person { name: login.to_owned(), token, csrf: csrf.expect("a session").0, person_id, unit_id }
    }

    /// A file, byte for byte.
    pub async fn file(&self, who: &Person, path: &str) -> Vec<u8> {
        let request = Request::get(path).header(header::COOKIE, format!("ungcuu_session={}", who.token));
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("never fails");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        axum::body::to_bytes(response.into_body(), 256 << 20).await.expect("a body").to_vec()
    }

    /// What checking the whole installation finds, its data folder included.
    pub async fn verdict(&self) -> Verdict {
        let outside = Outside { seal: Some(self.folder().join("seal")), ..Outside::default() };
        let tables = ungcuu_app::journalled_tables();
        verify_against(&self.app.db, &self.app.blobs, &tables, &outside).await.expect("verified")
    }

    /// Everything is as the journal says.
    pub async fn assert_sound(&self) {
        let verdict = self.verdict().await;
        assert!(verdict.sound(), "{:#?}", verdict.findings);
    }
}

impl Answer {
    /// The page or answer contains these words.
    #[track_caller]
    pub fn shows(&self, words: &str) -> &Answer {
        assert!(self.body.contains(words), "“{words}” is not in ({}):\n{}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn hides(&self, words: &str) -> &Answer {
        assert!(!self.body.contains(words), "“{words}” is in ({}):\n{}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// The value of a cookie that was set.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// The sentence told on the next page.
    pub fn said(&self) -> String {
        use base64::Engine;
        let cookie = self.cookie("ungcuu_flash").expect("a sentence");
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cookie).expect("base 64");
        let text: ungcuu_kit::text::Text = serde_json::from_slice(&bytes).expect("a text");
        text.vi.into_owned()
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn place(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[header::LOCATION].to_str().expect("an address").to_owned()
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON ({}): {}", self.status, self.body))
    }
}

/// This very test program as the process that looks at pictures: it runs [`crate::picture_worker`] and nothing else.
pub fn picture_worker() -> Vec<String> {
    let program = std::env::current_exe().expect("a program").into_os_string().into_string().expect("plain letters");
    ["/usr/bin/env", "UNGCUU_PICTURE_WORKER=1", &program, "--exact", "picture_worker", "--nocapture"]
        .map(str::to_owned)
        .to_vec()
}

/// Hashing is slow on purpose; once is enough for everyone.
async fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return hash.clone();
    }
    let hash = ungcuu_kit::password::hash(PASSWORD.to_owned()).await.expect("hashed");
    HASH.get_or_init(|| hash).clone()
}

/// A fresh database on the test server.
async fn new_postgres() -> String {
    let server = std::env::var("UNGCUU_TEST_POSTGRES").expect("UNGCUU_TEST_POSTGRES names the server");
    let name = format!("t_{}", &ungcuu_kit::chance::secret()[..16]);
    let admin = Db::open_postgres(&format!("{server}/postgres")).await.expect("the server");
    admin.create_database(&name).await.expect("a database");
    admin.close().await;
    format!("{server}/{name}")
}
