//! For whoever runs the installation or writes programs against it: the API's description and its viewer, the pack in use.

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
            .page("/api", Access::SignedIn, Text::new("Mô tả API để đọc", "The API's description to read"), api)
            .file("/openapi.json", Access::SignedIn, Text::new("Mô tả API cho máy", "The API's description"), openapi)
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

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "admin/html/api.html")]
struct ApiView {
    #[serde(skip)]
    p: Page,
    operations: Vec<Operation>,
}

/// One operation as people read it.
#[derive(Serialize, JsonSchema)]
struct Operation {
    method: String,
    path: String,
    summary: String,
    permission: String,
    /// The names of the fields it takes.
    fields: Vec<String>,
}

async fn api(call: Call) -> Result<ApiView> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("API", "API")).await?;
    let document = openapi_document(&crate::routes());
    let schemas = &document["components"]["schemas"];
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let said = if p.lang == ungcuu_kit::text::Lang::En { "summary" } else { "description" };
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: operation[said].as_str().unwrap_or_default().to_owned(),
                permission: operation["x-permission"].as_str().unwrap_or_default().to_owned(),
                fields: fields(operation, schemas),
            });
        }
    }
    Ok(ApiView { p, operations })
}

fn fields(operation: &Value, schemas: &Value) -> Vec<String> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let schema = match schema["$ref"].as_str().and_then(|place| place.rsplit('/').next()) {
        Some(name) => &schemas[name],
        None => schema,
    };
    schema["properties"].as_object().map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

async fn openapi(_: Call) -> Result<Response> {
    json(StatusCode::OK, &openapi_document(&crate::routes()))
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
