//! Everything that can go wrong, sorted by what the reader can do about it: sign in, ask, fix the form, retry, call us.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::text::Text;
use crate::time::Time;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, and somebody must be.
    #[error("signed out")]
    SignedOut,
    /// Signed in, but not allowed. The sentence says what would be needed.
    #[error("forbidden: {}", .0.en)]
    Forbidden(Text),
    /// There is no such thing, or the account may not know of it.
    #[error("not found")]
    NotFound,
    /// The form has to be corrected; each entry stands beside its field.
    #[error("form: {0:?}")]
    Form(Vec<FieldError>),
    /// Not allowed in the present state of things; nothing is wrong with the form.
    #[error("not now: {}", .0.en)]
    NotNow(Text),
    /// Someone else changed it since it was read.
    #[error("conflict with {}", .0.who)]
    Conflict(Box<Conflict>),
    /// Too large, too many, too often. The sentence names the limit.
    #[error("limit: {}", .1.en)]
    Limit(StatusCode, Text),
    /// Could not be read at all: bad encoding, broken JSON, a body cut off.
    #[error("unreadable: {}", .0.en)]
    Unreadable(Text),
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Our fault. The chain of causes goes to the log, never to the reader.
    #[error("internal: {0:#}")]
    Internal(Arc<anyhow::Error>),
}

/// One sentence beside one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    pub field: String,
    pub message: Text,
}

/// Who changed what in the meantime; the page shows theirs beside yours.
#[derive(Clone, Debug, Default)]
pub struct Conflict {
    pub who: String,
    pub when: Time,
    /// Field name and the value that is stored now.
    pub theirs: Vec<(String, String)>,
}

impl Error {
    /// A single sentence beside a single field.
    pub fn field(field: &str, message: Text) -> Error {
        Error::Form(vec![FieldError { field: field.to_owned(), message }])
    }

    pub fn forbidden(vi: &'static str, en: &'static str) -> Error {
        Error::Forbidden(Text::new(vi, en))
    }

    pub fn not_now(vi: &'static str, en: &'static str) -> Error {
        Error::NotNow(Text::new(vi, en))
    }

    pub fn internal(cause: impl Into<anyhow::Error>) -> Error {
        Error::Internal(Arc::new(cause.into()))
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Error::SignedOut => StatusCode::UNAUTHORIZED,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Form(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::NotNow(_) | Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Limit(status, _) => *status,
            Error::Unreadable(_) => StatusCode::BAD_REQUEST,
            Error::Full => StatusCode::INSUFFICIENT_STORAGE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence for the reader: what happened, what to do.
    pub fn message(&self) -> Text {
        match self {
            Error::SignedOut => Text::new("Hãy đăng nhập để tiếp tục.", "Please sign in to continue."),
            Error::Forbidden(text) | Error::NotNow(text) | Error::Limit(_, text) | Error::Unreadable(text) => {
                text.clone()
            }
            Error::NotFound => Text::new(
                "Không tìm thấy trang hoặc mục này, hoặc bạn không được xem.",
                "There is no such page or item, or you may not see it.",
            ),
            Error::Form(errors) if errors.len() == 1 => errors[0].message.clone(),
            Error::Form(_) => Text::new("Hãy sửa các mục được đánh dấu.", "Please correct the marked fields."),
            Error::Conflict(conflict) if conflict.who.is_empty() => Text::new(
                "Người khác vừa sửa mục này. Chữ bạn nhập còn nguyên bên dưới; hãy so lại rồi lưu.",
                "Someone else has just changed this. What you typed is kept below; compare and save again.",
            ),
            Error::Conflict(conflict) => {
                let (who, when) = (&conflict.who, conflict.when.to_minute());
                text!(
                    "{who} đã sửa mục này lúc {when}. Chữ bạn nhập còn nguyên bên dưới; hãy so lại rồi lưu.",
                    "{who} changed this at {when}. What you typed is kept below; compare and save again."
                )
            }
            Error::Full => Text::new(
                "Ổ đĩa của máy chủ đã đầy nên chưa lưu được. Dữ liệu đã lưu trước đó vẫn còn nguyên. Hãy báo quản trị viên.",
                "The server's disk is full, so this was not saved. Everything saved before is intact. Tell the administrator.",
            ),
            Error::Internal(_) => Text::new(
                "Máy chủ gặp lỗi, việc này chưa được lưu. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên kèm giờ xảy ra.",
                "The server failed and this was not saved. Try again; if it goes on, tell the administrator the time.",
            ),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Error::internal(cause)
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        if cause.kind() == std::io::ErrorKind::StorageFull { Error::Full } else { Error::internal(cause) }
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Error::internal(cause)
    }
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &cause {
            let code = database.code().unwrap_or_default();
            // disk_full
            if code == "53100" {
                return Error::Full;
            }
            // character_not_in_repertoire, untranslatable_character: a NUL that slipped past the edge
            if code == "22021" || code == "22P05" {
                return Error::Unreadable(Text::new(
                    "Dữ liệu gửi lên có ký tự không lưu được. Chưa có gì được lưu.",
                    "What was sent holds a character that cannot be kept. Nothing was saved.",
                ));
            }
            // deadlock_detected, serialization_failure: the other one won, nothing was written here
            if code == "40P01" || code == "40001" {
                return Error::Conflict(Box::default());
            }
        }
        Error::internal(cause)
    }
}

impl IntoResponse for Error {
    /// Carries the error outwards; one layer renders it, as JSON under `/api` and as a page elsewhere.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
