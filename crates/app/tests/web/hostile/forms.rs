//! Nothing that a person typed is lost: whatever is wrong with a form, it comes back with the rest of it and one sentence
//! beside the field at fault.

use axum::body::Body;
use axum::http::{Request, header};
use futures::StreamExt;
use ungcuu_kit::time::HOUR;

use super::stage::part;
use super::{FILES, FORM};
use crate::support::{Answer, PASSWORD, Person, TestApp};

const STORY: &str = "Máy của chị Lan hiện chữ lạ, đã rút dây mạng.";

async fn lan(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

/// The staff form with this title, the story, whatever else, and the place typed behind the files.
async fn alert(app: &TestApp, who: &Person, title: &[u8], more: &str) -> Answer {
    let head = [("_csrf", who.csrf.as_str()), ("_page", "/alerts/new"), ("description", STORY)];
    let mut body: Vec<u8> = head.iter().flat_map(|(name, value)| part(name, "", value).into_bytes()).collect();
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n");
    body.extend(title);
    body.extend(b"\r\n");
    body.extend(format!("{more}{}--b--\r\n", part("place", "", "Bộ phận một cửa")).into_bytes());
    sent(app, Some(who), "/alerts/new", FILES, body).await
}

async fn sent(app: &TestApp, who: Option<&Person>, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, kind).header("sec-fetch-site", "same-origin");
    app.send(request, who, body.into()).await
}

/// The sentence stands beside this field, the summary names the field and leads to it.
#[track_caller]
fn blames(answer: &Answer, id: &str, label: &str, words: &str) {
    let beside = answer.body.split(&format!("id=\"{id}-error\"")).nth(1).unwrap_or_default();
    let beside = beside.split("</p>").next().unwrap_or_default();
    assert!(beside.contains(words), "“{words}” is not beside {id} ({}):\n{}", answer.status, answer.body);
    assert!(answer.body.contains("aria-invalid=\"true\""));
    answer.shows(&format!("<a href=\"#{id}\">{label}: "));
}

fn fresh(answer: &Answer, name: &str) -> String {
    let input = format!("name=\"{name}\" value=\"");
    let mut values = answer.body.split(&input).skip(1).filter_map(|rest| rest.split('"').next());
    values
        .next()
        .unwrap_or_default()
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

#[tokio::test]
async fn a_field_too_long_leaves_all_the_others_as_they_were() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let answer = alert(&app, &lan, "ă".repeat(10_000_000).as_bytes(), &part("files", "anh.png", "x")).await;
    blames(answer.is(422), "f-alerts-new-title", "Chuyện gì xảy ra", "chỉ giữ được phần đầu");
    answer.shows(STORY).shows("value=\"Bộ phận một cửa\"").shows("hãy chọn lại: anh.png");

    let page = "/account";
    let long = format!("_csrf={}&_page={page}&name={}&x=1", lan.csrf, "x".repeat(10_000_000));
    let answer = sent(&app, Some(&lan), "/account/tokens", FORM, long).await;
    answer.is(422).shows("chỉ giữ được phần đầu").shows("<h1");
    app.assert_sound().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_where_they_are() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let answer = alert(&app, &lan, b"M\xe1y l\xe1\xba\xa1", "").await;
    blames(answer.is(422), "f-alerts-new-title", "Chuyện gì xảy ra", "Hãy gõ lại chỗ đó");
    answer.shows("value=\"M\u{fffd}y lạ\"").shows(STORY).shows("value=\"Bộ phận một cửa\"");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_file_that_is_refused_is_named_beside_its_field_and_nothing_else_is_lost() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let many: String = (0..11).map(|number| part("files", &format!("{number}.txt"), "x")).collect();
    let answer = alert(&app, &lan, "Máy lạ".as_bytes(), &many).await;
    blames(answer.is(413), "f-alerts-new-files", "Ảnh, tệp", "nhiều nhất 10 tệp");
    answer
        .shows(STORY)
        .shows("value=\"Máy lạ\"")
        .shows("value=\"Bộ phận một cửa\"")
        .shows("hãy chọn lại: 0.txt, 1.txt");
    answer.shows("aria-describedby=\"f-alerts-new-files-hint f-alerts-new-files-error f-alerts-new-files-again\"");

    let large = part("files", "dia.img", &"x".repeat(51 << 20));
    let answer = alert(&app, &lan, "Máy lạ".as_bytes(), &large).await;
    blames(answer.is(413), "f-alerts-new-files", "Ảnh, tệp", "50,0 MB");
    answer.shows(STORY).shows("value=\"Bộ phận một cửa\"").shows("hãy chọn lại: dia.img");

    let parts = [("_csrf", lan.csrf.as_str()), ("_page", "/alerts/new")];
    let head: String = parts.iter().map(|(name, value)| part(name, "", value)).collect();
    let letter = format!("{head}{}--b--\r\n", part("mail", "a.exe", "MZ\0\u{1}\u{2}"));
    let answer = sent(&app, Some(&lan), "/alerts/mail", FILES, letter).await;
    blames(answer.is(422), "f-alerts-mail-mail", "Tệp thư", "thư");
    app.assert_sound().await;
}

#[tokio::test]
async fn more_fields_than_a_form_has_are_refused_with_the_form() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let answer = alert(&app, &lan, "Máy lạ".as_bytes(), &part("x", "", "1").repeat(500)).await;
    answer.is(413).shows("quá 64 mục").shows(STORY).shows("value=\"Máy lạ\"");
    let many = format!("_csrf={}&_page=/account&name=may&{}", lan.csrf, "x=1&".repeat(5000));
    sent(&app, Some(&lan), "/account/tokens", FORM, many)
        .await
        .is(413)
        .shows("mục nên chưa nhận")
        .shows("value=\"may\"");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_form_cut_off_half_way_writes_nothing_and_keeps_what_had_come() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let before = app.get(Some(&lan), "/api/v1/alerts").await.json();
    let head = [("_csrf", lan.csrf.as_str()), ("_page", "/alerts/new"), ("title", "Máy lạ"), ("description", STORY)];
    let head: String = head.iter().map(|(name, value)| part(name, "", value)).collect();
    for tail in ["--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nnửa", "--b\r\nCont"]
    {
        let answer = sent(&app, Some(&lan), "/alerts/new", FILES, cut_off(format!("{head}{tail}"))).await;
        answer.is(400).shows("đứt giữa chừng").shows("value=\"Máy lạ\"").shows(STORY);
    }
    let form = format!("_csrf={}&_page=/account&name=m%C3%A1y+1&x=", lan.csrf);
    let answer = sent(&app, Some(&lan), "/account/tokens", FORM, cut_off(form)).await;
    answer.is(400).shows("đứt giữa chừng").shows("value=\"máy 1\"");
    assert_eq!(app.get(Some(&lan), "/api/v1/alerts").await.json(), before);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_form_from_before_lunch_comes_back_as_it_was_and_can_be_sent_again() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let old = Person { csrf: "0".repeat(64), ..person(&lan) };
    let answer = alert(&app, &old, "Máy lạ".as_bytes(), &part("files", "anh.png", "x")).await;
    answer.is(409).shows("Trang để lâu nên chưa gửi").hides("Không được phép").shows("hãy chọn lại: anh.png");
    answer.shows("value=\"Máy lạ\"").shows(STORY).shows("value=\"Bộ phận một cửa\"");
    let again = Person { csrf: fresh(&answer, "_csrf"), ..person(&lan) };
    assert_eq!(again.csrf, lan.csrf);
    alert(&app, &again, "Máy lạ".as_bytes(), "").await.is(303);

    // Without HTTPS a browser says only where the form is from.
    let from = |origin: &'static str| {
        let request = Request::post("/account/tokens")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::HOST, "ungcuu.example:8080")
            .header(header::ORIGIN, origin);
        app.send(request, Some(&lan), Body::from("_csrf=old&_page=/account&name=may-1"))
    };
    from("http://ungcuu.example:8080").await.is(409).shows("value=\"may-1\"");
    for elsewhere in ["http://evil.example", "http://ungcuu.example", "null", "http://ungcuu.example:8080.evil.example"]
    {
        from(elsewhere).await.is(403).hides("may-1");
    }
    let request =
        Request::post("/account/tokens").header(header::CONTENT_TYPE, FORM).header("sec-fetch-site", "cross-site");
    let body = format!("_csrf={}&_page=/account&name=may-1", lan.csrf);
    app.send(request, Some(&lan), Body::from(body)).await.is(403).hides("may-1");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_typed_waits_behind_the_sign_in() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    app.app.clock.advance(13 * HOUR);
    let door = alert(&app, &lan, "Máy lạ".as_bytes(), &part("files", "anh.png", "x")).await;
    door.is(401).shows("Phiên làm việc đã hết nên chưa gửi").shows("Tên đăng nhập").shows("value=\"/alerts/new\"");
    let kept = fresh(&door, "kept");
    assert!(kept.contains(STORY), "{kept}");
    let wrong = sign_in(&app, &kept, "đoán mò").await;
    wrong.is(422).hides("đoán mò");
    assert_eq!(fresh(&wrong, "kept"), kept);
    let back = sign_in(&app, &kept, PASSWORD).await;
    back.is(200)
        .shows("chữ đã gõ còn nguyên")
        .shows("value=\"Máy lạ\"")
        .shows(STORY)
        .shows("value=\"Bộ phận một cửa\"");
    back.shows("hãy chọn lại: anh.png").hides(PASSWORD);
    let again = app.as_signed_in(&lan, &back).await;
    assert_eq!(fresh(&back, "_csrf"), again.csrf);
    // Nothing typed, nothing to keep; and what another site brings along is not believed.
    assert_eq!(app.post(None, "/account/lang", &[]).await.status.as_u16(), 303);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_secret_is_never_shown_again() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let fields =
        [("_page", "/account"), ("password", "bí mật cũ"), ("password_new", "bí mật mới"), ("note", "ghi chú")];
    let old = Person { csrf: "0".repeat(64), ..person(&lan) };
    let answer = app.post(Some(&old), "/account/password", &fields).await;
    answer.is(409).hides("bí mật cũ").hides("bí mật mới").shows("<dt>note</dt><dd>ghi chú</dd>");
    app.app.clock.advance(13 * HOUR);
    let door = app.post(Some(&lan), "/account/password", &fields).await;
    door.is(401).shows("ghi chú").hides("bí mật cũ").hides("bí mật mới");
    app.assert_sound().await;
}

#[tokio::test]
async fn words_for_something_that_is_gone_stand_on_the_page_of_the_error() {
    let app = TestApp::new().await;
    let lan = lan(&app).await;
    let gone = format!("/alerts/alr_{}", "0".repeat(26));
    let fields = [("_page", gone.as_str()), ("text", STORY), ("version", "1"), ("back", "/alerts")];
    let answer = app.post(Some(&lan), &format!("{gone}/answer"), &fields).await;
    answer.is(404).shows("Không tìm thấy").shows(STORY).hides("<dt>version</dt>").hides("<dt>back</dt>");
    app.assert_sound().await;
}

/// Arrives, and then the line goes dead.
fn cut_off(arrived: String) -> Body {
    let chunks = [Ok(arrived), Err(std::io::Error::other("the line went dead"))];
    Body::from_stream(futures::stream::iter(chunks).then(async |chunk| {
        tokio::task::yield_now().await;
        chunk
    }))
}

/// Signs in on a page that carries words.
async fn sign_in(app: &TestApp, kept: &str, password: &str) -> Answer {
    let page = [("next", "/alerts/new"), ("_page", "/sign-in?next=%2Falerts%2Fnew"), ("kept", kept)];
    app.post(None, "/sign-in", &[&[("login", "le.thi.lan"), ("password", password)], &page[..]].concat()).await
}

fn person(other: &Person) -> Person {
    Person {
        name: other.name.clone(),
        token: other.token.clone(),
        csrf: other.csrf.clone(),
        person_id: other.person_id.clone(),
        unit_id: other.unit_id.clone(),
    }
}
