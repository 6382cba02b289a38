//! The files the browser fetches: one stylesheet, one script, one mark. They travel inside the binary.
//!
//! Their address carries the beginning of their hash, so that a browser keeps them for a year and fetches a new one at once.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::page::Page;

/// The stylesheet, in the order in which later rules may override earlier ones.
pub const STYLE: &str = concat!(
    include_str!("assets/css/tokens.css"),
    include_str!("assets/css/base.css"),
    include_str!("assets/css/frame.css"),
    include_str!("assets/css/marks.css"),
    include_str!("assets/css/form.css"),
    include_str!("assets/css/list.css"),
    include_str!("assets/css/blocks.css"),
    include_str!("assets/css/overlay.css"),
    include_str!("assets/css/public.css"),
    include_str!("assets/css/print.css"),
);

/// The script. Every page works without it.
pub const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("assets/js/words.js"),
    include_str!("assets/js/clocks.js"),
    include_str!("assets/js/forms.js"),
    include_str!("assets/js/resume.js"),
    include_str!("assets/js/upload.js"),
    include_str!("assets/js/keys.js"),
    include_str!("assets/js/palette.js"),
    include_str!("assets/js/live.js"),
    include_str!("assets/js/preview.js"),
    include_str!("assets/js/tabs.js"),
    "})();\n",
);

const MARK: &str = include_str!("assets/mark.svg");

/// A file by the name in its address; `None` for anything unknown.
fn file(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "app.css" => Some(("text/css; charset=utf-8", STYLE)),
        "app.js" => Some(("text/javascript; charset=utf-8", SCRIPT)),
        "mark.svg" => Some(("image/svg+xml", MARK)),
        _ => None,
    }
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all = [STYLE, SCRIPT, MARK].concat();
    hex::encode(&Sha256::digest(all.as_bytes())[..6])
});

/// Answers `GET /assets/{name}`.
pub fn serve(name: &str) -> Response {
    match file(name) {
        Some((kind, content)) => {
            let headers =
                [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Page {
    /// The address of a file, with its version.
    pub fn asset(&self, name: &str) -> String {
        format!("/assets/{name}?v={}", *VERSION)
    }
}
