//! One request as a handler sees it: who, which language, what was asked.

use std::any::TypeId;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use ungcuu_kit::blobs::Stored;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::app::App;
use crate::auth::{self, Session};
use crate::ui::Drawn;
use crate::work::{Look, Work};

use super::routes::FORM_LIMIT;
use super::typed::{self, Sent, Typed, find, read_form};
use super::upload::Upload;

/// Whether a person's browser asks, or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Page,
    Api,
}

/// One request.
#[derive(Clone)]
pub struct Call {
    pub app: App,
    pub via: Via,
    pub actor: Option<Actor>,
    pub session: Option<Session>,
    pub lang: Lang,
    /// `light`, `dark`, or empty for the machine's choice.
    pub theme: String,
    /// Path and query of this request.
    pub path: String,
    pub query: String,
    pub params: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub method: Method,
    pub address: IpAddr,
    pub now: Time,
    /// A form that failed and is shown again on this page.
    pub form: FormState,
    /// One sentence about what was just done.
    pub flash: Option<Text>,
    /// What was typed in the form being sent now, kept for showing it again.
    pub(super) typed: Typed,
    /// The files that came with the form being sent now, by their SHA-256.
    pub(super) taken: Taken,
    /// The type that the route says its query is read as.
    pub(super) asks: Option<TypeId>,
    /// The type that the route says the words beside its files are read as.
    pub(super) takes: Option<TypeId>,
}

/// Files taken in by the present request; shared with whoever doubts them when the act is refused.
pub(super) type Taken = Arc<Mutex<Vec<String>>>;

/// A form that could not be accepted: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    /// The path the form was sent to; only that form on the page shows the values again.
    pub action: String,
    pub values: Vec<(String, String)>,
    /// The files that were chosen, by field; they have to be chosen again.
    pub files: Vec<(String, String)>,
    pub errors: Vec<(String, Text)>,
    pub message: Option<Text>,
    pub conflict: Option<ShownConflict>,
    /// What of it the page could show again.
    pub drawn: Drawn,
}

impl FormState {
    /// What was typed in this field.
    pub fn value(&self, name: &str) -> Option<&str> {
        find(&self.values, name)
    }
}

/// Theirs beside yours.
#[derive(Clone, Debug)]
pub struct ShownConflict {
    pub who: String,
    pub when: Time,
    /// Field, what is stored now, what you typed.
    pub fields: Vec<(String, String, String)>,
}

impl Call {
    /// A call without a request, for tests and jobs that show pages.
    pub fn internal(app: App, actor: Option<Actor>, lang: Lang) -> Call {
        let now = app.now();
        Call {
            app,
            via: Via::Page,
            actor,
            session: None,
            lang,
            theme: String::new(),
            path: "/".to_owned(),
            query: String::new(),
            params: Vec::new(),
            headers: HeaderMap::new(),
            method: Method::GET,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            now,
            form: FormState::default(),
            flash: None,
            typed: Typed::default(),
            taken: Taken::default(),
            asks: None,
            takes: None,
        }
    }

    /// A part of the path: `call.param::<IncidentId>("id")`. What is not well formed does not exist.
    pub fn param<T: FromStr>(&self, name: &str) -> Result<T> {
        let raw = self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        raw.ok_or(Error::NotFound)?.parse().map_err(|_| Error::NotFound)
    }

    /// The query string as a struct of optional fields: the one that the route names with `asks`, so that the API's
    /// description tells of it.
    pub fn query<T: DeserializeOwned + 'static>(&self) -> Result<T> {
        debug_assert_eq!(self.asks, Some(TypeId::of::<T>()), "{} says .asks::<…>() of what it reads", self.path);
        serde_html_form::from_str(&self.query).map_err(|_| {
            Error::Unreadable(Text::new(
                "Địa chỉ trang có phần lọc không đọc được. Hãy bỏ bộ lọc rồi thử lại.",
                "The filters in the address cannot be read. Remove them and try again.",
            ))
        })
    }

    /// The page a form was sent from, as the browser says; always a path of this site.
    pub fn came_from(&self) -> Option<String> {
        let referer = self.headers.get(header::REFERER).and_then(|value| value.to_str().ok())?;
        let url = url::Url::parse(referer).ok()?;
        auth::local_path(&url[url::Position::BeforePath..url::Position::AfterQuery]).map(str::to_owned)
    }

    /// Who is signed in.
    pub fn actor(&self) -> Result<&Actor> {
        self.actor.as_ref().ok_or(Error::SignedOut)
    }

    /// Begins looking, as whoever is signed in, or as the public.
    pub async fn look(&self) -> Result<Look> {
        self.app.look(self.acting()).await
    }

    /// Begins changing, as whoever is signed in, or as the public.
    pub async fn work(&self) -> Result<Work> {
        self.app.work(self.acting()).await
    }

    pub fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    fn acting(&self) -> Actor {
        self.actor.clone().unwrap_or_else(|| Actor::public("người báo (công khai)"))
    }

    /// Takes in a file that came inside another one. As with the files of a form: should the act be refused, it is tidied
    /// away later.
    pub async fn keep_file(&self, bytes: Bytes) -> Result<Stored> {
        let stored = self.app.blobs.put_bytes(bytes).await?;
        self.note_file(&stored.sha256);
        Ok(stored)
    }

    /// A file of the present request lies in the store; should the act be refused, it is tidied away later.
    pub(crate) fn note_file(&self, sha256: &str) {
        self.taken.lock().expect("no holder of this lock panics").push(sha256.to_owned());
    }

    /// Refuses a form that another site made the browser send.
    pub fn check_csrf(&self, token: Option<&str>) -> Result<()> {
        if let Some(site) = self.header("sec-fetch-site")
            && !matches!(site, "same-origin" | "none")
        {
            return Err(foreign_form());
        }
        let Some(session) = &self.session else { return Ok(()) };
        if session.by_token {
            // An API token is sent on purpose; no browser adds it by itself.
            return Ok(());
        }
        let given = token.or_else(|| self.header("x-csrf"));
        match given.is_some_and(|given| same_secret(given.as_bytes(), session.csrf.as_bytes())) {
            true => Ok(()),
            // Sent from a page of ours that is older than the session: nothing is done, and nothing is lost.
            false if self.via == Via::Page && self.is_same_origin() => Err(old_page()),
            false => Err(foreign_form()),
        }
    }

    /// Whether the browser vouches that a page of this site sent the form.
    pub(crate) fn is_same_origin(&self) -> bool {
        match (self.header("sec-fetch-site"), self.header("origin"), self.header("host")) {
            (Some(site), ..) => site == "same-origin",
            // Said by browsers to a site without HTTPS, too.
            (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            _ => false,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Checks where a form comes from, and remembers what was typed in it; also of one from a page that is too old.
    pub(super) fn admit(&self, values: &[(String, String)]) -> Result<()> {
        let checked = self.check_csrf(find(values, "_csrf"));
        if checked.is_ok() || self.is_same_origin() {
            self.sent().values = values.to_vec();
        }
        checked
    }

    /// Reads a form or a JSON body into its struct, remembers what was typed, and checks the form's origin.
    pub(crate) async fn read_input<I: DeserializeOwned>(&self, body: Body, limit: usize) -> Result<I> {
        if self.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            let bytes = axum::body::to_bytes(body, limit).await.map_err(|cause| body_error(&cause, limit))?;
            self.check_csrf(None)?;
            // Checked as a whole: a field that nobody reads would be skipped unseen.
            let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?;
            let text = if text.is_empty() { "{}" } else { text };
            return serde_json::from_str(text).map_err(|cause| unreadable_json(&cause));
        }
        let (mut fields, arrived) = read_form(body, limit).await;
        match self.admit(&fields.values) {
            // What was cut off may have lost its token on the way.
            Err(Error::NotNow(_)) if arrived.is_err() => {}
            admitted => admitted?,
        }
        arrived?;
        fields.verdict()?;
        self.merge_if_asked()?;
        read_fields(&fields.values)
    }

    /// The form's button "both texts": puts theirs above yours in every long field and lets the reader look at it. What
    /// the others have stored came with the form, as it stood when the two were shown side by side.
    pub(super) fn merge_if_asked(&self) -> Result<()> {
        let mut sent = self.sent();
        if sent.text("_merge").is_none() {
            return Ok(());
        }
        let theirs: Vec<(String, String)> = sent
            .values
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("_theirs.")?.to_owned(), value.clone())))
            .collect();
        for (name, theirs) in theirs {
            if let Some((_, yours)) = sent.values.iter_mut().find(|(field, _)| *field == name) {
                *yours = both(&theirs, yours);
            }
        }
        Err(Error::not_now(
            "Chưa lưu: hai bản đã đứng chung trong ô, bản của họ ở trên. Hãy sửa lại rồi bấm lưu.",
            "Not saved yet: both texts stand in the field, theirs above. Please edit and save.",
        ))
    }

    /// Reads what was typed in a form that will be refused whatever stands in it, so that it can be shown again.
    pub(super) async fn keep_words(&self, body: Body) {
        if self.via != Via::Page || self.method != Method::POST || !self.is_same_origin() {
            return;
        }
        if self.header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            Upload::keep_words(self, body).await;
        } else {
            self.sent().values = read_form(body, FORM_LIMIT).await.0.values;
        }
    }

    /// What came with the form being sent now.
    pub(super) fn sent(&self) -> std::sync::MutexGuard<'_, Sent> {
        self.typed.lock().expect("no holder of this lock panics")
    }
}

/// Fields of a form as a struct.
pub(super) fn read_fields<T: DeserializeOwned>(fields: &[(String, String)]) -> Result<T> {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    serde_html_form::from_str(&form).map_err(|_| unreadable())
}

/// Compares secrets in constant time.
pub(crate) fn same_secret(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// Theirs above yours with a line between; one alone when it holds the other already.
fn both(theirs: &str, yours: &str) -> String {
    let (theirs, yours) = (theirs.replace("\r\n", "\n"), yours.replace("\r\n", "\n"));
    match (theirs.trim(), yours.trim()) {
        (above, below) if below.contains(above) => yours,
        (above, below) if above.contains(below) => theirs,
        (above, below) => format!("{above}\n\n----------\n\n{below}"),
    }
}

fn old_page() -> Error {
    Error::not_now(
        "Trang để lâu nên chưa gửi; chữ đã gõ còn nguyên. Hãy bấm gửi lại.",
        "The page was open for too long, so nothing was sent yet; what you typed is kept. Please send it again.",
    )
}

fn foreign_form() -> Error {
    Error::forbidden(
        "Biểu mẫu đã quá hạn hoặc không do trang này gửi. Hãy tải lại trang rồi gửi lại.",
        "This form is out of date or was not sent from this site. Reload the page and send it again.",
    )
}

fn unreadable() -> Error {
    Error::Unreadable(Text::new(
        "Dữ liệu gửi lên không đọc được (sai bảng mã hoặc sai dạng). Chưa có gì được lưu.",
        "What was sent cannot be read (wrong encoding or form). Nothing was saved.",
    ))
}

fn unreadable_json(cause: &serde_json::Error) -> Error {
    let (line, column) = (cause.line(), cause.column());
    Error::Unreadable(ungcuu_kit::text!(
        "JSON không đọc được ở dòng {line}, cột {column}. Chưa có gì được lưu.",
        "The JSON cannot be read at line {line}, column {column}. Nothing was saved."
    ))
}

fn body_error(cause: &axum::Error, limit: usize) -> Error {
    let too_long = std::error::Error::source(cause).is_some_and(|source| source.to_string().contains("length limit"));
    if too_long || cause.to_string().contains("length limit") {
        let size = ungcuu_kit::blobs::size_in_words(i64::try_from(limit).unwrap_or(i64::MAX));
        return Error::Limit(
            StatusCode::PAYLOAD_TOO_LARGE,
            ungcuu_kit::text!(
                "Nội dung gửi lên lớn quá {size}. Chưa có gì được lưu; hãy rút gọn hoặc chia nhỏ.",
                "What was sent is larger than {size}. Nothing was saved; shorten or split it."
            ),
        );
    }
    typed::cut_off()
}
