//! Coming in, one's own account, and the administrator's pages.

use axum::body::Body;
use axum::http::{Request, header};
use ungcuu_app::auth::totp;
use ungcuu_kit::time::{DAY, HOUR, MINUTE};
use ungcuu_kit::{args, sql};

use crate::support::{Answer, PASSWORD, Person, TestApp};

const LOGIN: &str = "le.thi.lan";

async fn lan(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

async fn admin(app: &TestApp) -> Person {
    app.person("Trần Quản Trị", "phong-vhtt", &["quan_tri"]).await
}

async fn account_id(app: &TestApp, login: &str) -> String {
    let mut tx = app.app.db.read().await.expect("look");
    let found: Option<(String,)> =
        tx.one(sql!("SELECT id FROM accounts WHERE login = $1"), args![login]).await.expect("asked");
    found.expect("an account").0
}

/// Sends a form in a browser that holds only this cookie.
async fn post_with_cookie(app: &TestApp, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie);
    app.send(request, None, Body::from(form)).await
}

#[tokio::test]
async fn the_door_opens_for_the_right_password_and_leads_to_the_page_asked_for() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    app.get(None, "/units").await.is(303);
    assert_eq!(app.get(None, "/units").await.place(), "/sign-in?next=%2Funits");
    app.get(None, "/sign-in?next=%2Funits").await.is(200).shows("value=\"/units\"").shows("Tên đăng nhập");
    let fields = [("login", " Le.Thi.Lan "), ("password", PASSWORD), ("next", "/units")];
    let answer = app.post(None, "/sign-in", &fields).await;
    assert_eq!(answer.place(), "/units");
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let person = app.as_signed_in(&person, &answer).await;
    app.get(Some(&person), "/units").await.is(200).shows("Lê Thị Lan");
    let out = app.post(Some(&person), "/sign-out", &[]).await;
    assert_eq!(out.place(), "/sign-in");
    assert_eq!(app.get(Some(&person), "/units").await.place(), "/sign-in?next=%2Funits");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_hear_the_same_sentence() {
    let app = TestApp::new().await;
    lan(&app).await;
    for (login, password) in [(LOGIN, "sai mật khẩu"), ("khong.co.ai", PASSWORD)] {
        let fields = [("login", login), ("password", password), ("_page", "/sign-in")];
        let answer = app.post(None, "/sign-in", &fields).await;
        answer.is(422).shows("Tên đăng nhập hoặc mật khẩu không đúng.").hides(password).shows(login);
        assert!(answer.cookie("ungcuu_session").is_none());
    }
    let empty = app.post(None, "/sign-in", &[("_page", "/sign-in")]).await;
    empty.is(422).shows("Hãy điền mục này.");
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_signing_in() {
    let app = TestApp::new().await;
    lan(&app).await;
    for next in ["//evil.example/", "https://evil.example/", "/\\evil.example"] {
        let answer = app.post(None, "/sign-in", &[("login", LOGIN), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(answer.place(), "/");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let app = TestApp::new().await;
    lan(&app).await;
    app.sign_in("ai.do", "đoán mò").await.is(422);
    // Hashing is slow and the minute runs on meanwhile: the other guesses only knock.
    let here = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    while app.app.throttle.sign_in("ai.do", here).is_ok() {}
    app.sign_in("ai.do", "đoán mò").await.is(429);
    // Somebody else's guesses do not lock out Lan.
    app.sign_in(LOGIN, PASSWORD).await.is(303);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_any_case_after_a_week() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    app.app.clock.advance(11 * HOUR);
    app.get(Some(&person), "/account").await.is(200);
    app.app.clock.advance(11 * HOUR);
    app.get(Some(&person), "/account").await.is(200);
    app.app.clock.advance(13 * HOUR);
    app.get(Some(&person), "/account").await.is(303);
    let person = app.as_signed_in(&person, &app.sign_in(LOGIN, PASSWORD).await).await;
    for _ in 0..(7 * 24 / 10) {
        app.app.clock.advance(10 * HOUR);
        app.get(Some(&person), "/account").await.is(200);
    }
    app.app.clock.advance(10 * HOUR);
    app.get(Some(&person), "/account").await.is(303);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_form_without_the_sessions_token_or_from_another_site_is_refused() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let cookie = format!("ungcuu_session={}", person.token);
    // From a page of ours it may be old; nothing is done, and it can be sent again.
    post_with_cookie(&app, &cookie, "/account/sessions/end", &[]).await.is(409).shows("chưa gửi");
    post_with_cookie(&app, &cookie, "/account/sessions/end", &[("_csrf", "0000")]).await.is(409).shows("chưa gửi");
    let request = Request::post("/account/sessions/end").header(header::COOKIE, &cookie);
    app.send(request, None, Body::from("_csrf=0000")).await.is(403).hides("chưa gửi");
    post_with_cookie(&app, &cookie, "/account/sessions/end", &[("_csrf", &person.csrf)]).await.is(303);
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    app.send(request, None, Body::from("login=a&password=b")).await.is(403);
}

#[tokio::test]
async fn a_one_time_password_must_be_changed_before_anything_else() {
    let app = TestApp::new().await;
    let admin = admin(&app).await;
    let person = lan(&app).await;
    let id = account_id(&app, LOGIN).await;
    let answer = app.post(Some(&admin), &format!("/accounts/{id}/reset"), &[]).await;
    let said = answer.said();
    let password = said.split(": ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a password").to_owned();
    app.get(Some(&person), "/account").await.is(303);
    let answer = app.sign_in(LOGIN, &password).await;
    assert_eq!(answer.place(), "/account");
    let person = app.as_signed_in(&person, &answer).await;
    assert_eq!(app.get(Some(&person), "/units").await.place(), "/account");
    app.post(Some(&person), "/account/tokens", &[("name", "x")]).await.is(303);
    app.get(Some(&person), "/account").await.is(200).shows("mật khẩu một lần").hides("Mã truy cập cho phần mềm");
    let fields =
        [("password", password.as_str()), ("password_new", "ngắn"), ("password_again", "khác"), ("_page", "/account")];
    let refused = app.post(Some(&person), "/account/password", &fields).await;
    refused.is(422).shows("ít nhất 10 ký tự").shows("Hai lần nhập không giống nhau.");
    let new = "một câu dài dễ nhớ";
    let fields = [("password", password.as_str()), ("password_new", new), ("password_again", new)];
    let changed = app.post(Some(&person), "/account/password", &fields).await;
    let person = app.as_signed_in(&person, &changed).await;
    app.get(Some(&person), "/units").await.is(200);
    app.sign_in(LOGIN, &password).await.is(422);
    app.sign_in(LOGIN, new).await.is(303);
    let mut tx = app.app.db.read().await.expect("look");
    let told: Vec<(String,)> = tx
        .all(sql!("SELECT what_vi FROM journal_entries WHERE stream = 'accounts' ORDER BY seq LIMIT 100"), args![])
        .await
        .expect("asked");
    assert!(told.iter().all(|(what,)| !what.contains(&password) && !what.contains(new)), "{told:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let other = app.as_signed_in(&person, &app.sign_in(LOGIN, PASSWORD).await).await;
    let new = "mật khẩu mới tinh";
    let wrong = [("password", "không phải"), ("password_new", new), ("password_again", new), ("_page", "/account")];
    app.post(Some(&person), "/account/password", &wrong).await.is(422).shows("Mật khẩu không đúng.");
    let fields = [("password", PASSWORD), ("password_new", new), ("password_again", new)];
    let changed = app.post(Some(&person), "/account/password", &fields).await;
    let fresh = app.as_signed_in(&person, &changed).await;
    app.get(Some(&fresh), "/account").await.is(200);
    app.get(Some(&other), "/account").await.is(303);
    app.get(Some(&person), "/account").await.is(303);
}

/// Turns codes on for a person and gives back the secret.
async fn with_codes(app: &TestApp, person: &Person) -> String {
    let page = app.get(Some(person), "/api/v1/account/totp").await.json();
    app.get(Some(person), "/account/totp").await.is(200).shows("<svg").shows("Nhập mã sáu chữ số");
    let secret = page["secret"].as_str().expect("a secret").to_owned();
    assert!(page["address"].as_str().expect("an address").starts_with("otpauth://totp/"));
    let wrong = app
        .post(Some(person), "/account/totp", &[("secret", &secret), ("code", "000000"), ("_page", "/account/totp")])
        .await;
    wrong.is(422).shows("Mã không đúng").shows(&secret[..4]);
    let code = totp::code_at(&secret, app.app.now()).expect("a code");
    app.post(Some(person), "/account/totp", &[("secret", &secret), ("code", &code)]).await.is(303);
    secret
}

#[tokio::test]
async fn with_codes_on_the_password_alone_does_not_open_the_door() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let secret = with_codes(&app, &person).await;
    app.app.clock.advance(MINUTE);
    let first = app.sign_in(LOGIN, PASSWORD).await;
    assert_eq!(first.place(), "/sign-in");
    assert!(first.cookie("ungcuu_session").is_none());
    let waiting = format!("ungcuu_waiting={}", first.cookie("ungcuu_waiting").expect("a cookie"));
    let as_session = format!("ungcuu_session={}", first.cookie("ungcuu_waiting").expect("a cookie"));
    app.send(Request::get("/account").header(header::COOKIE, as_session), None, Body::empty()).await.is(303);
    app.send(Request::get("/sign-in").header(header::COOKIE, waiting.as_str()), None, Body::empty())
        .await
        .shows("Mã một lần")
        .hides("Tên đăng nhập");
    let wrong = post_with_cookie(&app, &waiting, "/sign-in", &[("code", "111111"), ("_page", "/sign-in")]).await;
    wrong.is(422).shows("Mã không đúng").shows("Mã một lần");
    let code = totp::code_at(&secret, app.app.now()).expect("a code");
    let answer = post_with_cookie(&app, &waiting, "/sign-in", &[("code", &code)]).await;
    let person = app.as_signed_in(&person, &answer).await;
    app.get(Some(&person), "/account").await.is(200).shows("Đang bật");
    // The same code is good for one entrance only, also within its half minute.
    let again = app.post(None, "/sign-in", &[("login", LOGIN), ("password", PASSWORD), ("code", &code)]).await;
    again.is(422);
    app.app.clock.advance(MINUTE);
    let code = totp::code_at(&secret, app.app.now()).expect("a code");
    app.post(None, "/sign-in", &[("login", LOGIN), ("password", PASSWORD), ("code", &code)]).await.is(303);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_typed_before_signing_in_waits_for_the_code_as_well() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let secret = with_codes(&app, &person).await;
    app.app.clock.advance(MINUTE);
    let kept = r#"{"page":"/account","action":"/account/tokens","values":[["name","máy của tôi"]],"files":[]}"#;
    let fields = [("login", LOGIN), ("password", PASSWORD), ("next", "/account"), ("kept", kept)];
    let first = app.post(None, "/sign-in", &fields).await;
    first.is(200).shows("Mã một lần").shows("máy của tôi").hides("Tên đăng nhập");
    let waiting = format!("ungcuu_waiting={}", first.cookie("ungcuu_waiting").expect("a cookie"));
    let code = totp::code_at(&secret, app.app.now()).expect("a code");
    let fields = [("code", code.as_str()), ("next", "/account"), ("kept", kept)];
    let back = post_with_cookie(&app, &waiting, "/sign-in", &fields).await;
    back.is(200).shows("value=\"máy của tôi\"").shows("chữ đã gõ còn nguyên");
    assert!(back.cookie("ungcuu_session").is_some());
    // Only a page of this site is believed.
    let fields = "login=le.thi.lan&password=x&kept=%7B%7D";
    let request = Request::post("/sign-in").header("sec-fetch-site", "cross-site");
    app.send(request, None, Body::from(fields)).await.is(403).hides("kept");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_code_must_follow_the_password_within_minutes() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let secret = with_codes(&app, &person).await;
    let first = app.sign_in(LOGIN, PASSWORD).await;
    let waiting = format!("ungcuu_waiting={}", first.cookie("ungcuu_waiting").expect("a cookie"));
    app.app.clock.advance(6 * MINUTE);
    let code = totp::code_at(&secret, app.app.now()).expect("a code");
    post_with_cookie(&app, &waiting, "/sign-in", &[("code", &code)]).await.is(422);
}

#[tokio::test]
async fn codes_are_turned_off_with_the_password_or_by_the_administrator() {
    let app = TestApp::new().await;
    let (person, admin) = (lan(&app).await, admin(&app).await);
    with_codes(&app, &person).await;
    app.post(Some(&person), "/account/totp/off", &[("password", "sai")]).await.is(422);
    app.post(Some(&person), "/account/totp/off", &[("password", PASSWORD)]).await.is(303);
    app.sign_in(LOGIN, PASSWORD).await.shows("");
    app.app.clock.advance(MINUTE);
    with_codes(&app, &person).await;
    let id = account_id(&app, LOGIN).await;
    app.post(Some(&admin), &format!("/accounts/{id}/totp/remove"), &[]).await.is(303);
    assert!(app.sign_in(LOGIN, PASSWORD).await.cookie("ungcuu_session").is_some());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_token_lets_a_program_in_until_it_is_revoked() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let said = app.post(Some(&person), "/account/tokens", &[("name", "Bộ gom nhật ký")]).await.said();
    let token = said.split(' ').find(|word| word.starts_with("ungcuu_")).expect("a token").to_owned();
    let ask = || Request::get("/api/v1/account").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let account = app.send(ask(), None, Body::empty()).await;
    assert_eq!(account.is(200).json()["account"]["login"], LOGIN);
    let page = app.get(Some(&person), "/account").await;
    page.shows("Bộ gom nhật ký").hides(&token);
    let tokens = account.json()["tokens"].as_array().expect("a list").clone();
    let id = tokens[0]["id"].as_str().expect("an id").to_owned();
    let other = app.person("Người Khác", "phong-vhtt", &["dau_moi"]).await;
    app.post(Some(&other), "/account/tokens/revoke", &[("id", &id)]).await.is(404);
    app.post(Some(&person), "/account/tokens/revoke", &[("id", &id)]).await.is(303);
    app.send(ask(), None, Body::empty()).await.is(401);
    app.assert_sound().await;
}

#[tokio::test]
async fn language_and_look_are_remembered_and_lead_back() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let answer = app.post(Some(&person), "/account/lang", &[("lang", "en"), ("_page", "/units?q=x")]).await;
    assert_eq!(answer.place(), "/units?q=x");
    app.get(Some(&person), "/account").await.shows("lang=\"en\"").shows("My account");
    let answer = app.post(Some(&person), "/account/theme", &[("theme", "dark"), ("_page", "//evil.example")]).await;
    assert_eq!(answer.place(), "/");
    app.get(Some(&person), "/account").await.shows("data-theme=\"dark\"");
    app.post(Some(&person), "/account/theme", &[("theme", "pink")]).await.is(422);
    let signed_out = app.post(None, "/account/lang", &[("lang", "en")]).await;
    assert_eq!(signed_out.cookie("lang").as_deref(), Some("en"));
    let asked = app.get(None, "/sign-in?lang=en").await;
    asked.shows("Sign in");
    assert_eq!(asked.cookie("lang").as_deref(), Some("en"));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_gives_a_person_an_account_with_a_role_of_their_unit() {
    let app = TestApp::new().await;
    let admin = admin(&app).await;
    let unit = app.unit("phong-tckh").await;
    let created = app
        .post(Some(&admin), "/people/new", &[("unit", unit.as_str()), ("name", "Phạm Văn Bình"), ("title", "Kế toán")])
        .await;
    let person = created.place().trim_start_matches("/people/").to_owned();
    app.get(Some(&admin), &format!("/accounts/new?person={person}")).await.shows("value=\"binh.pham.van\"");
    let wrong = [("person", person.as_str()), ("login", "bình!"), ("role", "dau_moi"), ("_page", "/accounts/new")];
    app.post(Some(&admin), "/accounts/new", &wrong).await.is(422).shows("Tên đăng nhập gồm");
    let fields = [("person", person.as_str()), ("login", "binh"), ("role", "dau_moi")];
    let answer = app.post(Some(&admin), "/accounts/new", &fields).await;
    assert!(answer.said().contains("Mật khẩu một lần của binh"));
    let page = app.get(Some(&admin), &answer.place()).await;
    page.shows("Đầu mối đơn vị").shows("Phòng Tài chính - Kế hoạch").shows("Chưa đổi mật khẩu một lần");
    let twice = [("person", person.as_str()), ("login", "binh2"), ("_page", "/accounts/new")];
    app.post(Some(&admin), "/accounts/new", &twice).await.is(422).shows("đã có tài khoản");
    app.get(Some(&admin), "/accounts?q=binh").await.shows("Phạm Văn Bình").hides("Trần Quản Trị</a>");
    app.get(Some(&admin), "/accounts?q=tai+chinh").await.shows("Phạm Văn Bình");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_the_last_administrator_stays() {
    let app = TestApp::new().await;
    let (admin, person) = (admin(&app).await, lan(&app).await);
    let id = account_id(&app, LOGIN).await;
    app.post(Some(&admin), &format!("/accounts/{id}/disable"), &[]).await.is(303);
    app.get(Some(&person), "/account").await.is(303);
    app.sign_in(LOGIN, PASSWORD).await.is(422).shows("Tên đăng nhập hoặc mật khẩu không đúng.");
    app.post(Some(&admin), &format!("/accounts/{id}/enable"), &[]).await.is(303);
    app.sign_in(LOGIN, PASSWORD).await.is(303);
    let own = account_id(&app, "tran.quan.tri").await;
    let page = format!("/accounts/{own}");
    let refused = app.post(Some(&admin), &format!("{page}/disable"), &[("_page", &page)]).await;
    refused.is(409).shows("quản trị viên cuối cùng");
    let roles = app.get(Some(&admin), &format!("/api/v1{page}")).await.json();
    let grant = roles["roles"][0]["grant"].as_str().expect("a grant").to_owned();
    app.post(Some(&admin), &format!("{page}/roles/take"), &[("grant", &grant)]).await.is(409);
    app.post(Some(&admin), &format!("/accounts/{id}/roles"), &[("role", "quan_tri")]).await.is(303);
    app.post(Some(&admin), &format!("{page}/roles/take"), &[("grant", &grant)]).await.is(303);
    app.get(Some(&admin), "/accounts").await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn only_the_administrator_reaches_the_accounts() {
    let app = TestApp::new().await;
    let person = lan(&app).await;
    let id = account_id(&app, LOGIN).await;
    app.get(Some(&person), "/accounts").await.is(403);
    app.post(Some(&person), &format!("/accounts/{id}/roles"), &[("role", "quan_tri")]).await.is(403);
    let admin = admin(&app).await;
    app.get(Some(&admin), "/accounts/acc_00000000000000000000000000").await.is(404);
    let unknown = [("role", "vai_tro_la"), ("_page", "/")];
    app.post(Some(&admin), &format!("/accounts/{id}/roles"), &unknown).await.is(422);
}

#[tokio::test]
async fn old_sessions_are_swept_out_when_somebody_signs_in() {
    let app = TestApp::new().await;
    lan(&app).await;
    app.app.clock.advance(8 * DAY);
    app.sign_in(LOGIN, PASSWORD).await.is(303);
    let mut tx = app.app.db.read().await.expect("look");
    let count: Option<(i64,)> = tx.one(sql!("SELECT COUNT(*) FROM sessions"), args![]).await.expect("asked");
    assert_eq!(count, Some((1,)));
}
