//! For whoever runs the installation or writes programs against it: the API's description and its viewer, the pack in use.

mod api;
mod example;

use std::sync::LazyLock;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::feature::{Feature, Group, NavEntry};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Access, Call, Routes, json, openapi_document};

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page("/api", Access::SignedIn, Text::new("Mô tả API để đọc", "The API's description to read"), api::api)
            .asks::<api::ApiQuery>()
            // Public: it says what the program's source says to anyone, holds nothing of this installation, and who writes
            // a client reads it before having a token.
            .file("/openapi.json", Access::Public, Text::new("Mô tả API cho máy", "The API's description"), openapi)
            .page(
                "/plan",
                Access::Need(Permission::PackRead),
                Text::new("Kế hoạch đang dùng, nguyên văn", "The plan in use, word for word"),
                plan,
            ),
        nav: vec![
            NavEntry {
                group: Group::Preparedness,
                href: "/plan",
                label: Text::new("Kế hoạch", "Plan"),
                permission: Some(Permission::PackRead),
                count: None,
            },
            NavEntry {
                group: Group::Administration,
                href: "/api",
                label: Text::new("API", "API"),
                permission: Some(Permission::Admin),
                count: None,
            },
        ],
        ..Feature::default()
    }
}

async fn openapi(_: Call) -> Result<Response> {
    // The same for everyone until the program is another; anyone may ask, so it is made once.
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| openapi_document(&crate::routes()));
    json(StatusCode::OK, &*DOCUMENT)
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "admin/html/plan.html")]
struct PlanView {
    #[serde(skip)]
    p: Page,
    number: String,
    #[serde(skip)]
    period: String,
    #[serde(skip)]
    pack: crate::pack::Pack,
    warnings: Vec<Text>,
    unsettled: usize,
}

async fn plan(call: Call) -> Result<PlanView> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Kế hoạch", "Plan")).await?;
    let pack = call.app.pack.clone();
    Ok(PlanView {
        p,
        number: pack.plan.number.clone(),
        period: format!("{} – {}", crate::pack::day(&pack.plan.period_from), crate::pack::day(&pack.plan.period_to)),
        warnings: pack.warnings.iter().map(|warning| warning.what.clone()).collect(),
        unsettled: pack.unsettled.len(),
        pack,
    })
}
