//! Examples out of schemas: what a request may look like, what comes back.

use serde_json::{Map, Value, json};

/// Deeper than this, an example says no more.
const DEPTH: usize = 5;

/// A value that fits the schema; `schemas` are the named ones it may refer to.
pub fn example(schema: &Value, schemas: &Value) -> Value {
    of(schema, schemas, DEPTH)
}

/// The schema behind a reference.
pub fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|place| place.rsplit('/').next()) {
        Some(name) => &schemas[name],
        None => schema,
    }
}

fn of(schema: &Value, schemas: &Value, depth: usize) -> Value {
    let schema = resolved(schema, schemas);
    if depth == 0 {
        return Value::Null;
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(first) = schema[several].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return of(first, schemas, depth);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "string" => json!("…"),
        "integer" => json!(1),
        "number" => json!(1.5),
        "boolean" => json!(true),
        "array" if depth > 1 && schema.get("items").is_some() => json!([of(&schema["items"], schemas, depth - 1)]),
        "array" => json!([]),
        _ => object(schema, schemas, depth),
    }
}

fn object(schema: &Value, schemas: &Value, depth: usize) -> Value {
    let mut fields = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(more) = of(part, schemas, depth) {
            fields.extend(more);
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        fields.insert(name.clone(), of(field, schemas, depth - 1));
    }
    Value::Object(fields)
}

/// What a schema asks for, in a few letters: `text`, `number`, one of its words, a list.
pub fn kind_of(schema: &Value, schemas: &Value) -> String {
    let named = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next());
    let schema = resolved(schema, schemas);
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return words.join(" | ");
    }
    if let Some(some) = schema["anyOf"].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        return kind_of(some, schemas);
    }
    if let Some(all) = schema["oneOf"].as_array() {
        let words: Vec<&str> = all.iter().filter_map(|one| one["const"].as_str()).collect();
        if !words.is_empty() {
            return words.join(" | ");
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    let bounds = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!(" {least}–{most}"),
        _ => schema["pattern"].as_str().map(|pattern| format!(" {pattern}")).unwrap_or_default(),
    };
    match (kind, named) {
        ("array", _) => format!("[{}]", kind_of(&schema["items"], schemas)),
        ("object" | "", Some(name)) => name.to_owned(),
        ("", None) => "any".to_owned(),
        _ => format!("{kind}{bounds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_follows_references_and_ends_in_a_circle() {
        let schemas = json!({
            "Unit": { "type": "object", "properties": {
                "name": { "type": "string" },
                "above": { "anyOf": [{ "$ref": "#/components/schemas/Unit" }, { "type": "null" }] },
                "kind": { "enum": ["commune", "town"] },
                "level": { "type": ["integer", "null"] },
            } },
        });
        let schema = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Unit" } });
        let made = example(&schema, &schemas);
        assert_eq!(made[0]["name"], "…");
        assert_eq!((&made[0]["kind"], &made[0]["level"]), (&json!("commune"), &json!(1)));
        assert_eq!(made[0]["above"]["above"]["kind"], "commune");
        assert!(made[0]["above"]["above"]["above"]["above"].is_null(), "{made}");
        assert_eq!(kind_of(&schemas["Unit"]["properties"]["kind"], &schemas), "commune | town");
        assert_eq!(kind_of(&schema, &schemas), "[Unit]");
    }
}
