//! Cookies: reading one, and the line that sets one. All are for this site alone and out of reach of script; behind
//! HTTPS they are sent over nothing else.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::app::App;

/// How long a choice of language or look is remembered, in seconds.
pub(crate) const A_YEAR: i64 = 365 * 24 * 3600;

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The `Set-Cookie` line. Lives for so many seconds; until the browser is closed when nothing is said; ends at once when
/// nought.
pub(crate) fn cookie_line(app: &App, name: &str, value: &str, seconds: Option<i64>) -> String {
    let secure = if app.settings.secure_cookies { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

/// Adds a `Set-Cookie` line to an answer.
pub(super) fn set_cookie(response: &mut Response, line: &str) {
    if let Ok(value) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
