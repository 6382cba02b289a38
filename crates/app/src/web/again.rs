//! A form that was refused is shown again, on the page it came from, with everything that was typed in it. Where that page
//! is gone, too, the words stand on the page of the error; where the session ended, they wait behind the sign-in.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use ungcuu_kit::error::{Conflict, Error};
use ungcuu_kit::text::Text;

use super::call::{Call, FormState, ShownConflict, Via};
use super::serve::{log_failure, show_error};
use super::typed::{Sent, find, is_password};
use crate::auth;

/// The router that forms are shown again through.
pub(super) type Again = Arc<OnceLock<Router>>;

/// How much typed text waits behind the sign-in, in bytes.
const KEPT: usize = 300 << 10;

/// What was typed in a form whose session had ended. It travels through the page of the sign-in, not through the server:
/// whoever signs in on that very page has the words before their eyes.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Kept {
    /// The page the form is on.
    pub page: String,
    action: String,
    values: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

impl Kept {
    /// What a form on the sign-in page brings along.
    pub fn read(call: &Call, carried: &str) -> Option<Kept> {
        let kept: Kept = call.is_same_origin().then(|| serde_json::from_str(carried).ok()).flatten()?;
        auth::local_path(&kept.page)?;
        Some(kept)
    }

    /// The form as it comes back after signing in.
    pub fn form(self) -> FormState {
        let message = Text::new(
            "Phiên làm việc đã hết nên chưa gửi; chữ đã gõ còn nguyên. Hãy xem lại rồi bấm gửi.",
            "Your session had ended, so nothing was sent yet; what you typed is kept. Look at it and send it again.",
        );
        let Kept { action, values, files, .. } = self;
        FormState { action, values, files, message: Some(message), ..FormState::default() }
    }

    /// The sign-in page that carries these words; nothing when nothing was typed, or more than fits.
    fn sign_in(call: &Call, form: FormState, page: &str) -> Option<FormState> {
        let typed = |(name, value): &(String, String)| {
            !name.starts_with('_') && name != "version" && !is_code(name) && !value.trim().is_empty()
        };
        let size: usize = form.values.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > KEPT || !call.is_same_origin() || !form.values.iter().any(typed) {
            return None;
        }
        let values = form.values.into_iter().filter(|(name, _)| !is_code(name)).collect();
        let kept = Kept { page: page.to_owned(), action: form.action, values, files: form.files };
        Some(Kept::carried(&kept))
    }

    /// The state of the sign-in page while it carries the words.
    fn carried(kept: &Kept) -> FormState {
        let words = serde_json::to_string(kept).unwrap_or_default();
        FormState {
            action: "/sign-in".to_owned(),
            values: vec![("kept".to_owned(), words)],
            message: Some(Text::new(
                "Phiên làm việc đã hết nên chưa gửi. Hãy đăng nhập; chữ đã gõ còn nguyên.",
                "Your session has ended, so nothing was sent. Sign in; what you typed is kept.",
            )),
            ..FormState::default()
        }
    }

    /// The sign-in page once more, for the one-time code.
    pub fn carry_on(self) -> FormState {
        FormState { message: None, ..Kept::carried(&self) }
    }
}

/// What lets somebody in, or will: it does not travel through pages.
fn is_code(name: &str) -> bool {
    matches!(name, "code" | "secret")
}

/// Shows a refused form again on its page, with everything that was typed; anything else as an error.
pub(super) async fn show_refusal(call: &Call, error: Error, again: &Again) -> Response {
    let sent = std::mem::take(&mut *call.sent());
    if call.via == Via::Api || call.method != Method::POST {
        return show_error(call, call.via, &error);
    }
    let page = sent.text("_page").and_then(auth::local_path).map(str::to_owned).or_else(|| call.came_from());
    let form = form_state(call, &sent, &error);
    let shown = match (&error, &page) {
        (Error::SignedOut, page) => {
            let page = page.clone().unwrap_or_else(|| "/".to_owned());
            match Kept::sign_in(call, form.clone(), &page) {
                Some(form) => show_page(call, &auth::sign_in_place(&page), &[], form, again).await,
                None => None,
            }
        }
        // Without a page of its own the form was no form of ours.
        (_, Some(page)) if sent.text("_page").is_some() => show_page(call, page, &[], form.clone(), again).await,
        _ => None,
    };
    if let Some(mut response) = shown {
        log_failure(call, &error);
        *response.status_mut() = error.status();
        return response;
    }
    // The page is gone as well. The words are not: they stand below the error.
    let left = FormState { action: form.action, values: form.values, ..FormState::default() };
    left.drawn.complete();
    show_error(&Call { form: left, ..call.clone() }, call.via, &error)
}

/// A page of this site with a form that came back, as the same browser would see it after taking these cookies. Nothing
/// when it cannot be seen.
pub(super) async fn show_page(
    call: &Call,
    page: &str,
    cookies: &[String],
    form: FormState,
    again: &Again,
) -> Option<Response> {
    let mut request = Request::builder().method(Method::GET).uri(page).body(Body::empty()).ok()?;
    for cookie in cookies.iter().filter_map(|line| line.split(';').next()) {
        request.headers_mut().append(header::COOKIE, HeaderValue::from_str(cookie).ok()?);
    }
    for name in [header::COOKIE, header::ACCEPT_LANGUAGE, header::USER_AGENT] {
        if let Some(value) = call.headers.get(&name) {
            request.headers_mut().append(name, value.clone());
        }
    }
    request.extensions_mut().insert(form);
    let response = again.get()?.clone().oneshot(request).await.ok()?;
    (response.status() == StatusCode::OK).then_some(response)
}

fn form_state(call: &Call, sent: &Sent, error: &Error) -> FormState {
    let hidden = |name: &str| (name.starts_with('_') && name != "_form") || is_password(name);
    let values: Vec<_> = sent.values.iter().filter(|(name, _)| !hidden(name)).cloned().collect();
    let errors = match (error, &sent.at_fault) {
        (Error::Form(errors), _) => errors.iter().map(|error| (error.field.clone(), error.message.clone())).collect(),
        (_, Some(field)) => vec![(field.clone(), error.message())],
        _ => Vec::new(),
    };
    let conflict = match error {
        Error::Conflict(conflict) => Some(beside(conflict, &values)),
        _ => None,
    };
    let action = call.path.split('?').next().unwrap_or_default().to_owned();
    let (files, message) = (sent.files.clone(), Some(error.message()));
    FormState { action, values, files, errors, message, conflict, ..FormState::default() }
}

/// Theirs beside yours, wherever the two differ in more than how a line ends.
fn beside(conflict: &Conflict, values: &[(String, String)]) -> ShownConflict {
    let fields = conflict.theirs.iter().filter_map(|(field, theirs)| {
        let yours = find(values, field)?.replace("\r\n", "\n");
        (yours != theirs.replace("\r\n", "\n")).then(|| (field.clone(), theirs.clone(), yours))
    });
    ShownConflict { who: conflict.who.clone(), when: conflict.when, fields: fields.collect() }
}
