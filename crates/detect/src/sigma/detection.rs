//! The part `detection` of a rule: selections of every form, and the condition over them.

use super::condition;
use super::values::Reader;
use super::yaml::{Fault, Key, Node, Value};
use super::{Condition, Detection, Selection};

/// How many selections a rule may have.
const MOST_SELECTIONS: usize = 1_000;

/// Reads `detection` (or `filter`); `skip` names keys that are no selections.
pub(crate) fn read(node: &Node, skip: &[&str], reader: &mut Reader<'_>) -> Result<Detection, Fault> {
    let entries = node.map().ok_or_else(|| Fault::new(node.line, "'detection' must be a map"))?;
    let mut selections = Vec::new();
    for (key, value) in entries {
        match key.text.as_str() {
            "condition" => {}
            "timeframe" => {
                return Err(Fault::new(
                    key.line,
                    "'timeframe' is no longer part of Sigma; write a correlation document",
                ));
            }
            name if skip.contains(&name) => {}
            _ => selections.push(selection(key, value, reader)?),
        }
        if selections.len() > MOST_SELECTIONS {
            return Err(Fault::new(key.line, format!("more than {MOST_SELECTIONS} selections")));
        }
    }
    let written = node.get("condition").ok_or_else(|| Fault::new(node.line, "there is no condition"))?;
    let names: Vec<&str> = selections.iter().map(|s| &*s.name).collect();
    let mut parts = Vec::new();
    for item in written.items() {
        let text = item.text().ok_or_else(|| Fault::new(item.line, "the condition must be a text"))?;
        parts.push(condition::read(&text, &names).map_err(|reason| Fault::new(item.line, reason))?);
    }
    let condition = match parts.pop() {
        None => return Err(Fault::new(written.line, "the list of conditions is empty")),
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Condition::Or(parts)
        }
    };
    Ok(Detection { selections, condition })
}

/// A selection: a map (all of it), a list of maps (one of them), a list of keywords (one of them), or one keyword.
pub(crate) fn selection(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Result<Selection, Fault> {
    let at = |reason: &str| Fault::new(node.line, format!("the selection '{}' {reason}", key.text));
    let mut any = Vec::new();
    match &node.value {
        Value::Map(_) => any.push(all_of(node, reader).map_err(|fault| named(fault, key))?),
        Value::List(items) if items.is_empty() => return Err(at("is an empty list")),
        Value::List(items) => {
            let mut keywords = Vec::new();
            for item in items {
                match &item.value {
                    Value::Map(_) => any.push(all_of(item, reader).map_err(|fault| named(fault, key))?),
                    Value::List(_) => return Err(at("has a list in a list")),
                    Value::Null => return Err(at("has an empty keyword")),
                    _ => keywords.push(item.clone()),
                }
            }
            if let Some(first) = keywords.first() {
                let line = first.line;
                let list = Node { line, value: Value::List(keywords) };
                any.push(vec![reader.test(&Key { line, text: String::new() }, &list)?]);
            }
        }
        Value::Null => return Err(at("is empty")),
        _ => any.push(vec![reader.test(&Key { line: node.line, text: String::new() }, node)?]),
    }
    Ok(Selection { name: key.text.as_str().into(), line: key.line, any })
}

fn all_of(node: &Node, reader: &mut Reader<'_>) -> Result<Vec<super::Test>, Fault> {
    let entries = node.map().unwrap_or_default();
    if entries.is_empty() {
        return Err(Fault::new(node.line, "an empty map"));
    }
    entries.iter().map(|(key, value)| reader.test(key, value)).collect()
}

fn named(fault: Fault, key: &Key) -> Fault {
    Fault { reason: format!("{}: {}", key.text, fault.reason), ..fault }
}

/// Joins a filter to a rule: the rule's condition and the filter's.
pub(crate) fn filtered(detection: &mut Detection, filter: &Detection) {
    let first = detection.selections.len();
    detection.selections.extend(filter.selections.iter().cloned());
    let more = moved(&filter.condition, first);
    let own = std::mem::replace(&mut detection.condition, Condition::Or(Vec::new()));
    detection.condition = Condition::And(vec![own, more]);
}

fn moved(condition: &Condition, by: usize) -> Condition {
    let all = |parts: &[Condition]| parts.iter().map(|part| moved(part, by)).collect();
    match condition {
        Condition::Selection(index) => Condition::Selection(index + by),
        Condition::And(parts) => Condition::And(all(parts)),
        Condition::Or(parts) => Condition::Or(all(parts)),
        Condition::Not(part) => Condition::Not(Box::new(moved(part, by))),
        Condition::AtLeast(least, parts) => Condition::AtLeast(*least, all(parts)),
    }
}
