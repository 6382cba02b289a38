//! From a request to an answer. A route names its permission or does not exist; the same route serves the page and the
//! API; every error becomes a sentence, beside its field where it has one, and what was typed survives.

mod again;
mod answer;
mod call;
mod cookies;
mod openapi;
mod query;
mod routes;
mod serve;
mod typed;
mod upload;

pub(crate) use again::Kept;
pub use answer::{Answer, Done, View, html, json};
pub use call::{Call, FormState, ShownConflict, Via};
pub(crate) use cookies::{A_YEAR, cookie, cookie_line};
pub use openapi::document as openapi_document;
pub use query::Ask;
pub use routes::{Access, Kind, Route, Routes};
pub use serve::router;
pub use upload::{Incoming, Most, Upload, folder_words, plain_name};
