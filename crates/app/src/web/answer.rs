//! What a handler gives back, and how it is shown: a page or JSON, a redirect or JSON, a file.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::call::{FormState, Via};

/// The content of a page: a template that is also a value of the API.
pub trait View: Template + Serialize + JsonSchema + Send + 'static {}
impl<T: Template + Serialize + JsonSchema + Send + 'static> View for T {}

/// What a handler answered.
pub enum Answer {
    Shown(Response),
    Done(Done),
    Raw(Response),
}

impl Answer {
    pub(super) fn view<V: View>(view: V, via: Via, form: &FormState) -> Result<Answer> {
        if via == Via::Api {
            return Ok(Answer::Shown(json(StatusCode::OK, &view)?));
        }
        let mut page = view.render().map_err(Error::internal)?;
        if !form.action.is_empty() {
            // The summary stands above the form that came back and speaks of its fields: only now are they known.
            form.drawn.complete();
            page = view.render().map_err(Error::internal)?;
        }
        Ok(Answer::Shown(html(StatusCode::OK, page)))
    }
}

/// An act was done and committed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Done {
    /// Where the result can be seen; a browser is sent there.
    pub url: String,
    /// One sentence about it, shown once on the next page.
    pub message: Option<Text>,
    /// What came of it, for callers of the API: identifiers, a tracking code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    #[serde(skip)]
    pub(crate) cookies: Vec<String>,
    /// A form of the next page with what was typed in it before somebody had to sign in.
    #[serde(skip)]
    pub(crate) restored: Option<Box<FormState>>,
}

impl Done {
    /// Only [`crate::work::Work::done`] makes one after a commit; others change nothing in the database.
    pub(crate) fn to(url: impl Into<String>) -> Done {
        Done { url: url.into(), message: None, result: None, cookies: Vec::new(), restored: None }
    }

    #[must_use]
    pub fn saying(mut self, message: Text) -> Done {
        self.message = Some(message);
        self
    }

    #[must_use]
    pub fn with(mut self, result: serde_json::Value) -> Done {
        self.result = Some(result);
        self
    }

    #[must_use]
    pub(crate) fn cookie(mut self, cookie: String) -> Done {
        self.cookies.push(cookie);
        self
    }

    #[must_use]
    pub(crate) fn restoring(mut self, form: Option<FormState>) -> Done {
        self.restored = form.map(Box::new);
        self
    }
}

/// A page of HTML.
pub fn html(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], body).into_response()
}

/// A value as JSON.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response> {
    let body = serde_json::to_vec(value)?;
    Ok((status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}
