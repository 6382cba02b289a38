//! The OpenAPI 3.1 document, made from the table of routes, so that it cannot say what the product does not do.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::routes::{Access, Kind, Route, Routes};

/// The whole API as an OpenAPI document.
pub fn document(routes: &Routes) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths = Map::new();
    for route in routes.entries() {
        let path = format!("/api/v1{}", if route.path == "/" { "/home" } else { route.path });
        let method = match route.kind {
            Kind::Page | Kind::Raw { post: false } => "get",
            Kind::Act | Kind::Raw { post: true } => "post",
        };
        let operation = operation(route, &mut generator);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(method.to_owned(), operation);
        }
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ungcuu",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything a screen does. Sign in with an API token: `Authorization: Bearer …`. \
                            Errors are application/problem+json (RFC 9457). Moments are microseconds since 1970 UTC \
                            in answers; requests may write them as RFC 3339 or as 22/11/2026 14:05 (UTC+7).",
            "license": { "name": "Apache-2.0" },
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "Problem": {
                    "description": "What went wrong, in the reader's language.",
                    "content": { "application/problem+json": { "schema": {
                        "type": "object",
                        "properties": {
                            "title": { "type": "string" },
                            "status": { "type": "integer" },
                            "detail": { "type": "string" },
                            "errors": { "type": "array", "items": { "type": "object", "properties": {
                                "field": { "type": "string" }, "detail": { "type": "string" },
                            } } },
                        },
                    } } },
                },
            },
        },
    })
}

fn operation(route: &Route, generator: &mut schemars::SchemaGenerator) -> Value {
    let parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let answer = match (&route.output, route.kind) {
        (Some(schema), _) => json!({ "application/json": { "schema": schema(generator) } }),
        (None, _) => json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
    };
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.about.en,
        "description": route.about.vi,
        "tags": [route.path.split('/').nth(1).filter(|part| !part.is_empty()).unwrap_or("home")],
        "parameters": parameters,
        "responses": {
            "200": { "description": "Done.", "content": answer },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    match route.access {
        Access::Public => operation["security"] = json!([]),
        Access::SignedIn => {}
        Access::Need(permission) => operation["x-permission"] = json!(permission.word()),
    }
    if let Some(schema) = &route.input {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema(generator) } } });
    } else if route.kind == (Kind::Raw { post: true }) {
        operation["requestBody"] = json!({ "required": true, "content": {
            "multipart/form-data": { "schema": { "type": "object" } },
        } });
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let verb = match route.kind {
        Kind::Page | Kind::Raw { post: false } => "get",
        Kind::Act | Kind::Raw { post: true } => "do",
    };
    let name: String = route.path.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    format!("{verb}{name}").replace("__", "_").trim_end_matches('_').to_owned()
}
