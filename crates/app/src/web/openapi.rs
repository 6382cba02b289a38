//! The OpenAPI 3.1 document, made from the table of routes, so that it cannot say what the product does not do.

use schemars::SchemaGenerator;
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
                            in answers; requests may write them as RFC 3339 or as 22/11/2026 14:05 (UTC+7). A filter \
                            whose value is none of its choices is left aside.",
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

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let answer = match &route.output {
        Some(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        None => file(route.path),
    };
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.about.en,
        "description": route.about.vi,
        "tags": [tag(route.path)],
        "parameters": parameters(route, generator),
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
    let mut content = Map::new();
    if let Some(schema) = &route.input {
        content.insert("application/json".to_owned(), json!({ "schema": schema(generator) }));
    }
    if let Some((words, files)) = &route.words {
        let mut schema = (words.schema)(generator).to_value();
        if !files.is_empty() {
            schema["properties"][*files] = json!({
                "type": "array", "items": { "type": "string", "format": "binary" },
                "description": "Files, each a part of its own, behind the words.",
            });
        }
        content.insert("multipart/form-data".to_owned(), json!({ "schema": schema }));
    }
    if content.is_empty() && route.kind == (Kind::Raw { post: true }) {
        // A piece of a file is sent as it is.
        let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
        content.insert("application/octet-stream".to_owned(), bytes);
    }
    if !content.is_empty() {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

fn tag(path: &str) -> &str {
    let first = path.split('/').nth(1).and_then(|part| part.split('.').next());
    first.filter(|part| !part.is_empty()).unwrap_or("home")
}

/// What a route without a schema sends: a file, or a stream of events.
fn file(path: &str) -> Value {
    let ending = path.rsplit(['/', '.']).next().unwrap_or_default();
    let text = json!({ "schema": { "type": "string" } });
    let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
    match ending {
        "live" => json!({ "text/event-stream": text }),
        "csv" => json!({ "text/csv": text }),
        "json" => json!({ "application/json": { "schema": { "type": "object" } } }),
        "pdf" => json!({ "application/pdf": bytes }),
        "docx" => {
            json!({ "application/vnd.openxmlformats-officedocument.wordprocessingml.document": bytes })
        }
        _ => json!({ "application/octet-stream": bytes }),
    }
}

/// Those of the path, then those that the type which reads the query has fields for.
fn parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .map(|name| {
            json!({
                "name": name, "in": "path", "required": true, "schema": { "type": "string" },
                "description": meaning(route.path, name),
            })
        })
        .collect();
    let Some(query) = route.query else { return parameters };
    let schema = (query.schema)(generator);
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mut field = field.clone();
        let object = field.as_object_mut();
        // Left out is left out, whatever the struct holds then.
        let said = object.and_then(|object| {
            object.remove("default");
            object.remove("description")
        });
        let mut parameter = json!({ "name": name, "in": "query", "required": false, "schema": field });
        parameter["description"] = said.unwrap_or_else(|| json!(meaning(route.path, name)));
        parameters.push(parameter);
    }
    parameters
}

/// What a name in a path or a query stands for wherever it comes; empty for a name that is not known.
fn meaning(path: &str, name: &str) -> &'static str {
    match name {
        "id" => match (tag(path), path.contains("/views/")) {
            ("alerts", true) => "A view of the queue that was saved (`sav_…`).",
            ("alerts", false) => "The alert (`alr_…`).",
            ("incidents", _) => "The incident (`inc_…`).",
            ("units", _) => "The unit (`uni_…`).",
            ("people", _) => "The person (`per_…`).",
            ("systems", _) => "The information system (`sys_…`).",
            ("accounts", _) => "The account (`acc_…`).",
            ("appointments", _) => "The appointment to an office (`app_…`).",
            ("letters", _) => "The letter (`let_…`).",
            ("deadlines", _) => "What is due (`ddl_…`).",
            ("numbers", _) => "The number in the register (`num_…`).",
            ("rule-sets", _) => "The set of rules (`rst_…`).",
            ("campaigns", _) => "The campaign of sweeping (`swc_…`).",
            ("notices", _) => "The notice (`not_…`).",
            _ => "",
        },
        "step" => "The step, by its id in the plan's procedure.",
        "token" => "The secret in the address of a calendar feed.",
        "feed" => "The calendar feed (`cal_…`).",
        "year" => "The year, four digits.",
        "exam" => "The examination (`exm_…`).",
        "rule" if path.contains("/rule-sets/") => "The rule of a version of the set (`rul_…`).",
        "rule" => "Only what this rule found, by the rule's own id.",
        "machine" => "The machine of the campaign (`swm_…`).",
        "level" => "Only this level, informational to critical.",
        "result" => "Only machines with this result.",
        "upload" => "The file on its way in (`upl_…`).",
        "photo" => "The picture or paper of an act of custody (`cup_…`).",
        "code" => "The code the reporter was given: ABCDE-FGHJK.",
        "part" => "The row of the unit, system or person within the incident (`ipt_…`).",
        "key" => "Which text of the incident: summary, scope, origin, cause, harm, result.",
        "kind" if path.contains("/measures/") => "containment, eradication, fix or recovery.",
        "kind" => "Only this kind.",
        "file" => "The file that came with the alert (`alf_…`).",
        "event" => "The entry of the timeline (`ipt_…`).",
        "task" => "The task (`ipt_…`).",
        "item" if path.contains("/checklist/") => "The first action (`ipt_…`).",
        "item" => "The item of evidence (`evi_…`).",
        "measure" => "The measure (`ipt_…`).",
        "check" => "The check of the verification (`ipt_…`).",
        "lesson" => "The lesson (`ipt_…`).",
        "option" => "The response option (`opt_…`).",
        "proposal" => "The proposal of options to the owner (`prp_…`).",
        "direction" => "The direction (`dir_…`).",
        "summoned" => "The person who was summoned (`smp_…`).",
        "statement" => "The statement (`stm_…`).",
        "send" => "One time a report went to somebody (`snd_…`).",
        "form" => "A form of the plan, by its id in the pack.",
        "disclosure" => "The record of who was told (`dsc_…`).",
        "request" => "The request to a unit (`req_…`).",
        "situation" => "The situation report (`sit_…`).",
        "decision" => "The decision of the register (`dcs_…`).",
        "word" => "The word of one person on a decision (`dcw_…`).",
        "report" => "The report (`rpt_…`).",
        "indicator" => "The indicator (`ind_…`).",
        "copy" => "The copy for outside (`owc_…`).",
        "unit" => "Only what belongs to this unit (`uni_…`).",
        "system" => "Only what concerns this system (`sys_…`).",
        "owner" => "Only what somebody took.",
        "state" => "Only those in this state.",
        "sort" => "The order; the newest first when nothing is asked.",
        "severity" => "Only this severity, 1 (low) to 4.",
        "place" => "Only those there.",
        "officer" => "`none`: only units without an officer in charge.",
        _ => "",
    }
}

fn operation_id(route: &Route) -> String {
    let verb = match route.kind {
        Kind::Page | Kind::Raw { post: false } => "get",
        Kind::Act | Kind::Raw { post: true } => "do",
    };
    let name: String = route.path.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    format!("{verb}{name}").replace("__", "_").trim_end_matches('_').to_owned()
}
