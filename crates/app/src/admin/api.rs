//! The API's description, to be read: what there is, grouped and searched, and one operation with all its fields and
//! examples. Made from the same document that programs read.

use std::fmt::Write;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text, fold};

use super::example::{example, kind_of, resolved};
use crate::page::Page;
use crate::web::{Call, openapi_document};

/// What of the description to show.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ApiQuery {
    /// Words of a path, of what is done, or of a field.
    q: String,
    /// The operation to show with its fields and examples.
    operation: String,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "admin/html/api.html")]
pub struct ApiView {
    #[serde(skip)]
    p: Page,
    groups: Vec<Group>,
    chosen: Option<Chosen>,
    #[serde(skip)]
    searched: bool,
}

/// The operations of one part of the product.
#[derive(Serialize, JsonSchema)]
pub struct Group {
    name: String,
    operations: Vec<Operation>,
}

/// One operation as people read it.
#[derive(Serialize, JsonSchema)]
pub struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    permission: String,
    #[serde(skip)]
    href: String,
}

/// An operation with everything about it.
#[derive(Serialize, JsonSchema)]
pub struct Chosen {
    operation: Operation,
    parameters: Vec<Field>,
    /// What is sent.
    fields: Vec<Field>,
    /// What comes back.
    answer: Vec<Field>,
    /// A request that may be copied.
    request: String,
    /// An answer; empty for files and streams.
    answer_example: String,
}

/// One parameter or field.
#[derive(Serialize, JsonSchema)]
pub struct Field {
    name: String,
    /// `string`, a choice of words, a list, the name of a schema.
    kind: String,
    about: String,
    required: bool,
}

pub async fn api(call: Call) -> Result<ApiView> {
    let asked: ApiQuery = call.query()?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("API", "API")).await?;
    let document = openapi_document(&crate::routes());
    let schemas = &document["components"]["schemas"];
    let words = fold(&asked.q);
    let mut groups: Vec<Group> = Vec::new();
    let mut chosen = None;
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, described) in methods.as_object().into_iter().flatten() {
            if described["operationId"] == asked.operation.as_str() {
                chosen = Some(choose(operation(&p, path, method, described), described, schemas));
            }
            if !words.is_empty() && !says(path, described, schemas).contains(&words) {
                continue;
            }
            let name = described["tags"][0].as_str().unwrap_or_default();
            let operation = operation(&p, path, method, described);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name: name.to_owned(), operations: vec![operation] }),
            }
        }
    }
    if chosen.is_none() && !asked.operation.is_empty() {
        return Err(Error::NotFound);
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(ApiView { searched: !words.is_empty(), groups, chosen, p })
}

/// What a search looks through.
fn says(path: &str, described: &Value, schemas: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all = vec![path.to_owned(), text(&described["summary"]), text(&described["description"])];
    let parameters = described["parameters"].as_array().into_iter().flatten();
    all.extend(parameters.map(|parameter| text(&parameter["name"])));
    for schema in [body(described), answer(described)] {
        all.extend(
            resolved(schema, schemas)["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()),
        );
    }
    fold(&all.join(" "))
}

fn operation(p: &Page, path: &str, method: &str, described: &Value) -> Operation {
    let text = |name: &str| described[name].as_str().unwrap_or_default().to_owned();
    let id = text("operationId");
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(if p.lang == Lang::En { "summary" } else { "description" }),
        permission: text("x-permission"),
        href: p.with("operation", &id),
        id,
    }
}

fn choose(operation: Operation, described: &Value, schemas: &Value) -> Chosen {
    let (sent, back) = (body(described), answer(described));
    let parameters = described["parameters"].as_array().into_iter().flatten().map(|parameter| Field {
        name: parameter["name"].as_str().unwrap_or_default().to_owned(),
        kind: kind_of(&parameter["schema"], schemas),
        about: parameter["description"].as_str().unwrap_or_default().to_owned(),
        required: parameter["required"].as_bool().unwrap_or_default(),
    });
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    Chosen {
        parameters: parameters.collect(),
        fields: fields(sent, schemas),
        answer: fields(back, schemas),
        request: request(&operation, described, schemas),
        answer_example: if back.is_object() { pretty(&example(back, schemas)) } else { String::new() },
        operation,
    }
}

fn body(described: &Value) -> &Value {
    &described["requestBody"]["content"]["application/json"]["schema"]
}

fn answer(described: &Value) -> &Value {
    &described["responses"]["200"]["content"]["application/json"]["schema"]
}

fn fields(schema: &Value, schemas: &Value) -> Vec<Field> {
    let schema = resolved(schema, schemas);
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let field = |(name, field): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind_of(field, schemas),
        about: field["description"].as_str().unwrap_or_default().to_owned(),
        required: required(name),
    };
    schema["properties"].as_object().into_iter().flatten().map(field).collect()
}

/// The call as it is typed in a shell.
fn request(operation: &Operation, described: &Value, schemas: &Value) -> String {
    let mut said = String::from("curl");
    if described["security"].is_null() {
        said.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    if let Some(files) = described["requestBody"]["content"].get("multipart/form-data") {
        let _ = write!(said, " \\\n  -F files=@{}", if files.is_object() { "file.png" } else { "" });
    } else if body(described).is_object() {
        let json = serde_json::to_string_pretty(&example(body(described), schemas)).unwrap_or_default();
        let _ = write!(said, " \\\n  -H \"Content-Type: application/json\" \\\n  -d '{json}'");
    }
    // Braces would be read as a pattern by curl; capitals show what is to be filled in.
    let path: Vec<String> = operation
        .path
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => name.to_uppercase(),
            None => part.to_owned(),
        })
        .collect();
    let _ = write!(said, " \\\n  \"https://HOST{}\"", path.join("/"));
    said
}

impl ApiView {
    fn is_chosen(&self, operation: &Operation) -> bool {
        self.chosen.as_ref().is_some_and(|chosen| chosen.operation.id == operation.id)
    }

    /// A search shows what it found; otherwise the group one is in.
    fn unfolded(&self, group: &Group) -> bool {
        self.searched || group.operations.iter().any(|operation| self.is_chosen(operation))
    }

    fn tables<'a>(&'a self, chosen: &'a Chosen) -> [(&'a str, &'a [Field]); 3] {
        [
            (self.p.t("Tham số", "Parameters"), &chosen.parameters),
            (self.p.t("Các mục gửi lên", "Fields sent"), &chosen.fields),
            (self.p.t("Các mục trả về", "Fields of the answer"), &chosen.answer),
        ]
    }
}
