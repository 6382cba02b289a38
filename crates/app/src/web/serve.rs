//! The way every request takes: who is it, may they, do it, show it. Errors are rendered here and nowhere else.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_http::CompressionLevel;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};

use super::again::{self, Again};
use super::answer::{Answer, Done, html, json};
use super::call::{Call, FormState, Taken, Via};
use super::cookies::{A_YEAR, cookie, cookie_line, set_cookie};
use super::routes::{Access, Kind, Route, Routes};
use super::typed::Typed;
use super::upload::Doubt;
use crate::app::App;
use crate::auth;
use crate::ui;

/// How long a page or an act may take before the reader is told to try again. Files and streams take what they need.
const PATIENCE: Duration = Duration::from_secs(60);
const FLASH: &str = "ungcuu_flash";

/// Puts the routes on their paths.
pub fn router(app: &App, routes: &Routes) -> Router {
    let again = Again::default();
    let mut router = Router::new();
    for route in routes.entries() {
        let api = format!("/api/v1{}", if route.path == "/" { "/home" } else { route.path });
        router = router
            .route(route.path, mount(app, route, Via::Page, &again))
            .route(&api, mount(app, route, Via::Api, &again));
    }
    let (lost, misused) = (app.clone(), app.clone());
    let router = router
        .route(
            "/assets/{name}",
            axum::routing::get(|name: axum::extract::Path<String>| async move { ui::assets::serve(&name) }),
        )
        .fallback(move |request: Request| refuse(lost.clone(), request, Error::NotFound))
        .method_not_allowed_fallback(move |request: Request| {
            // For people an address that only takes forms is no page; a program is told what it did wrong.
            let error = if is_api(&request) { wrong_method() } else { Error::NotFound };
            refuse(misused.clone(), request, error)
        })
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .layer(axum::middleware::map_response(secure_headers))
        // The first tenth of the work saves most of the bytes; the rest would cost more than making the page.
        .layer(tower_http::compression::CompressionLayer::new().quality(CompressionLevel::Fastest));
    // Set once, right here; a second router has its own.
    let _ = again.set(router.clone());
    router
}

fn mount(app: &App, route: &Route, via: Via, again: &Again) -> MethodRouter {
    let method = match route.kind {
        Kind::Page | Kind::Raw { post: false } => MethodFilter::GET,
        Kind::Act | Kind::Raw { post: true } => MethodFilter::POST,
    };
    let (app, route, again) = (app.clone(), route.clone(), again.clone());
    on(method, move |request: Request| serve(app.clone(), route.clone(), via, again.clone(), request))
}

async fn serve(app: App, route: Route, via: Via, again: Again, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let failed_form = parts.extensions.remove::<FormState>();
    let call = match read_call(&app, via, &mut parts, failed_form).await {
        Ok(call) => {
            let takes = route.words.map(|(words, _)| words.kind);
            Call { asks: route.query.map(|query| query.kind), takes, ..call }
        }
        Err(error) => return show_error(&Call::internal(app, None, Lang::Vi), via, &error),
    };
    let seen = call.clone();
    let had_flash = call.flash.is_some();
    let mut response = match run(&route, call, body).await {
        Ok(Answer::Shown(mut response)) => {
            if let Some(lang) = asked_lang(Some(&seen.query)) {
                set_cookie(&mut response, &cookie_line(&seen.app, "lang", lang.tag(), Some(A_YEAR)));
            }
            if had_flash {
                set_cookie(&mut response, &cookie_line(&seen.app, FLASH, "", Some(0)));
            }
            response
        }
        Ok(Answer::Raw(response)) => response,
        Ok(Answer::Done(done)) => {
            show_done(&seen, done, &again).await.unwrap_or_else(|error| show_error(&seen, via, &error))
        }
        Err(error) => again::show_refusal(&seen, error, &again).await,
    };
    if seen.session.is_some() {
        let private = HeaderValue::from_static("private, no-store");
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(private);
    }
    response
}

async fn run(route: &Route, call: Call, body: Body) -> Result<Answer> {
    if let Err(refusal) = may_call(route, &call) {
        // What cannot be read in that time is not kept.
        let _ = tokio::time::timeout(PATIENCE, call.keep_words(body)).await;
        return Err(refusal);
    }
    let doubt = Doubt::new(&call);
    let answer = (route.handler)(call, body);
    let answer = match route.kind {
        Kind::Raw { .. } => answer.await,
        _ => patiently(answer).await,
    }?;
    doubt.none();
    Ok(answer)
}

fn may_call(route: &Route, call: &Call) -> Result<()> {
    match (route.access, &call.actor) {
        (Access::Public, _) | (Access::SignedIn, Some(_)) => {}
        (_, None) => return Err(Error::SignedOut),
        (Access::Need(permission), Some(actor)) => actor.must(permission)?,
    }
    if let Some(session) = &call.session
        && session.must_change_password
        && route.access != Access::Public
        && !auth::reachable_before_change(route.path)
    {
        return Err(Error::Forbidden(Text::new(
            "Bạn đang dùng mật khẩu một lần. Hãy đặt mật khẩu mới trước khi làm việc khác.",
            "You are using a one-time password. Set a new one before anything else.",
        )));
    }
    Ok(())
}

async fn patiently(answer: impl Future<Output = Result<Answer>>) -> Result<Answer> {
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| {
        Err(Error::Limit(
            StatusCode::SERVICE_UNAVAILABLE,
            Text::new(
                "Máy chủ đang bận nên chưa làm xong việc này. Chưa có gì được lưu; hãy thử lại.",
                "The server is busy and did not finish. Nothing was saved; try again.",
            ),
        ))
    })
}

async fn read_call(app: &App, via: Via, parts: &mut Parts, form: Option<FormState>) -> Result<Call> {
    let headers = parts.headers.clone();
    let identity = auth::identify(app, &headers).await?;
    let (actor, session, lang, theme) = match identity {
        Some(identity) => (Some(identity.actor), Some(identity.session), identity.lang, identity.theme),
        None => (None, None, None, String::new()),
    };
    let lang = asked_lang(parts.uri.query()).or(lang).unwrap_or_else(|| chosen_lang(&headers));
    let theme = if theme.is_empty() { cookie(&headers, "theme").unwrap_or_default() } else { theme };
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Error::NotFound)?;
    let params: Vec<_> = params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    if params.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Error::NotFound);
    }
    let address = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip());
    Ok(Call {
        app: app.clone(),
        via,
        actor,
        session,
        lang,
        theme: if matches!(theme.as_str(), "light" | "dark") { theme } else { String::new() },
        path: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        // No text holds a NUL, and one of the two databases cannot be asked about it.
        query: parts.uri.query().unwrap_or_default().replace("%00", ""),
        params,
        flash: read_flash(&headers),
        headers,
        method: parts.method.clone(),
        address,
        now: app.now(),
        form: form.unwrap_or_default(),
        typed: Typed::default(),
        taken: Taken::default(),
        asks: None,
        takes: None,
    })
}

/// The language a link of a public page asks for: `?lang=en`.
fn asked_lang(query: Option<&str>) -> Option<Lang> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(name, _)| name == "lang").map(|(_, tag)| Lang::from_tag(&tag))
}

fn chosen_lang(headers: &HeaderMap) -> Lang {
    if let Some(tag) = cookie(headers, "lang") {
        return Lang::from_tag(&tag);
    }
    // Vietnamese first: only a browser that puts English before any Vietnamese gets English.
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.starts_with("en") && !accepted.contains("vi") { Lang::En } else { Lang::Vi }
}

fn read_flash(headers: &HeaderMap) -> Option<Text> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie(headers, FLASH)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

async fn show_done(call: &Call, done: Done, again: &Again) -> Result<Response> {
    let mut response = match (call.via, &done.restored) {
        (Via::Api, _) => json(StatusCode::OK, &done)?,
        (Via::Page, Some(form)) => {
            match again::show_page(call, &done.url, &done.cookies, (**form).clone(), again).await {
                Some(response) => response,
                None => see_other(call, &done)?,
            }
        }
        (Via::Page, None) => see_other(call, &done)?,
    };
    for cookie in &done.cookies {
        set_cookie(&mut response, cookie);
    }
    Ok(response)
}

fn see_other(call: &Call, done: &Done) -> Result<Response> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::from_str(&done.url).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, place);
    if let Some(message) = &done.message {
        let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(message)?);
        set_cookie(&mut response, &cookie_line(&call.app, FLASH, &value, Some(60)));
    }
    Ok(response)
}

/// An error as a page or, for programs, as `application/problem+json` (RFC 9457).
pub(super) fn show_error(call: &Call, via: Via, error: &Error) -> Response {
    log_failure(call, error);
    let status = error.status();
    if via == Via::Api {
        let errors: Vec<_> = match error {
            Error::Form(errors) => errors
                .iter()
                .map(|error| serde_json::json!({ "field": error.field, "detail": error.message.get(call.lang) }))
                .collect(),
            _ => Vec::new(),
        };
        let problem = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": error.message().get(call.lang),
            "errors": errors,
        });
        let kind = HeaderValue::from_static("application/problem+json");
        return (status, [(header::CONTENT_TYPE, kind)], problem.to_string()).into_response();
    }
    if matches!(error, Error::SignedOut) {
        // What a form is sent to cannot be looked at: after signing in one comes back to the page the form was on.
        let place = if call.method == Method::POST { call.came_from() } else { Some(call.path.clone()) };
        return redirect(&auth::sign_in_place(place.as_deref().unwrap_or_default()));
    }
    if call.session.as_ref().is_some_and(|session| session.must_change_password) && status == StatusCode::FORBIDDEN {
        return redirect("/account");
    }
    html(status, ui::error_page(call, error))
}

pub(super) fn log_failure(call: &Call, error: &Error) {
    if let Error::Internal(cause) = error {
        tracing::error!(path = call.path.split('?').next().unwrap_or_default(), "request failed: {cause:#}");
    }
}

fn redirect(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

fn wrong_method() -> Error {
    Error::Limit(
        StatusCode::METHOD_NOT_ALLOWED,
        Text::new(
            "Địa chỉ này không nhận phương thức đó; mô tả API nêu các phương thức dùng được.",
            "This address does not take that method; the API's description names those it takes.",
        ),
    )
}

/// Answers where there is no route.
async fn refuse(app: App, request: Request, error: Error) -> Response {
    let via = if is_api(&request) { Via::Api } else { Via::Page };
    let (mut parts, _) = request.into_parts();
    match read_call(&app, via, &mut parts, None).await {
        Ok(call) => show_error(&call, via, &error),
        Err(error) => show_error(&Call::internal(app, None, Lang::Vi), via, &error),
    }
}

async fn secure_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'; object-src 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
