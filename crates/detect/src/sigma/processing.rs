//! Pipelines as Sigma's own tools write them (`transformations`, each with a `type`). What changes which fields, values and
//! logs a rule is about is done here; what shapes the query of some other product is refused with its line.
//!
//! ```yaml
//! name: winlogbeat
//! priority: 20
//! vars: {known_cdcs: [dc1]}
//! transformations:
//!   - id: fields
//!     type: field_name_mapping
//!     mapping: {Image: process.executable}
//!     rule_conditions: [{type: logsource, product: windows}]
//! ```

use super::pipeline::{Step, logsource, renames, tests};
use super::yaml::{Fault, Node, Value};

/// One of the transformations.
pub(super) fn step(node: &Node) -> Result<Step, Fault> {
    let entries = node.map().ok_or_else(|| Fault::new(node.line, "a transformation must be a map"))?;
    let kind = node.get("type").and_then(|kind| kind.text().map(|text| text.into_owned())).unwrap_or_default();
    let mut step = Step::default();
    // What it is told to do must be there.
    let must = match kind.as_str() {
        "field_name_mapping" | "field_name_prefix_mapping" => "mapping",
        "field_name_prefix" => "prefix",
        "field_name_suffix" => "suffix",
        "add_condition" => "conditions",
        "rule_failure" => "message",
        // Values for placeholders are put in while a rule is read; a state is only heard by conditions that are refused.
        "change_logsource" | "value_placeholders" | "set_state" => "type",
        "" => return Err(Fault::new(node.line, "the transformation has no 'type'")),
        other => return Err(Fault::new(node.line, format!("not supported: the transformation '{other}'"))),
    };
    if node.get(must).is_none() {
        return Err(Fault::new(node.line, format!("{kind} has no '{must}'")));
    }
    let mut moved = Vec::new();
    for (key, value) in entries {
        let text = || {
            let text = value.text().map(Box::<str>::from);
            text.ok_or_else(|| Fault::new(value.line, format!("'{}' needs a text", key.text)))
        };
        match (kind.as_str(), key.text.as_str()) {
            (_, "id" | "type") => {}
            (_, "rule_conditions") => step.when.logsources = meant(value)?,
            (_, "rule_cond_op") => step.when.any = any(&text()?, value)?,
            (_, "rule_cond_not") => step.when.negated = yes(value)?,
            (kind, "field_name_conditions") if kind.starts_with("field_name_") => fields(value, &mut step)?,
            ("field_name_mapping", "mapping") => step.rename.names = renames(value)?,
            ("field_name_prefix_mapping", "mapping") => step.rename.beginnings = renames(value)?,
            ("field_name_prefix", "prefix") => step.rename.around = Some((text()?, "".into())),
            ("field_name_suffix", "suffix") => step.rename.around = Some(("".into(), text()?)),
            ("add_condition", "conditions") => step.add = tests(value)?,
            ("add_condition", "negated") => step.negated = yes(value)?,
            ("change_logsource", "category" | "product" | "service") => moved.push((key.clone(), value.clone())),
            ("rule_failure", "message") => step.refusal = Some(text()?.into()),
            ("value_placeholders", "include" | "exclude") | ("set_state", "key" | "val") => {}
            (kind, other) => {
                return Err(Fault::new(key.line, format!("not supported: '{other}' in the transformation {kind}")));
            }
        }
    }
    if !moved.is_empty() {
        step.logsource = logsource(&Node { line: node.line, value: Value::Map(moved) })?;
    }
    Ok(step)
}

/// The logsources of which a condition speaks.
fn meant(node: &Node) -> Result<Vec<super::Logsource>, Fault> {
    let condition = |item: &Node| {
        let entries = item.map().ok_or_else(|| Fault::new(item.line, "a condition must be a map"))?;
        if item.get("type").and_then(Node::text).as_deref() != Some("logsource") {
            return Err(Fault::new(item.line, "not supported: another condition on rules than 'logsource'"));
        }
        let entries = entries.iter().filter(|(key, _)| key.text != "type").cloned().collect();
        logsource(&Node { line: item.line, value: Value::Map(entries) })
    };
    node.items().iter().map(condition).collect()
}

/// The fields of which a condition speaks.
fn fields(node: &Node, step: &mut Step) -> Result<(), Fault> {
    for item in node.items() {
        let (kind, list) = (item.get("type").and_then(Node::text), item.get("fields"));
        let names = list.map(Node::items).unwrap_or_default().iter().map(|name| name.text().map(Box::from));
        let names: Option<Vec<Box<str>>> = names.collect();
        match (kind.as_deref(), names) {
            (Some("include_fields"), Some(names)) if !names.is_empty() => step.rename.only.extend(names),
            (Some("exclude_fields"), Some(names)) if !names.is_empty() => step.rename.but.extend(names),
            _ => {
                let reason = "not supported: another condition on fields than include_fields or exclude_fields";
                return Err(Fault::new(item.line, reason));
            }
        }
    }
    Ok(())
}

fn any(word: &str, node: &Node) -> Result<bool, Fault> {
    match word {
        "or" => Ok(true),
        "and" => Ok(false),
        _ => Err(Fault::new(node.line, "conditions are joined by 'and' or 'or'")),
    }
}

fn yes(node: &Node) -> Result<bool, Fault> {
    match node.value {
        Value::Bool(yes) => Ok(yes),
        _ => Err(Fault::new(node.line, "true or false belongs here")),
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::{Pipeline, Refusal, load_texts};

    fn read(text: &str) -> Result<Pipeline, String> {
        let mut pipeline = Pipeline::default();
        pipeline.add(text).map(|()| pipeline).map_err(|fault| format!("{}: {}", fault.line, fault.reason))
    }

    const RULE: &str = "title: T\nid: t\nlogsource: {product: windows, category: process_creation}\n\
        detection: {s: {Image: a, User: b, win.x: c}, condition: s}\n";

    /// The fields of the rule as the pipelines leave it, and what was refused.
    fn piped(pipelines: &[&str]) -> (Vec<String>, Vec<Refusal>) {
        let mut pipeline = Pipeline::default();
        pipelines.iter().for_each(|text| pipeline.add(text).unwrap());
        let set = load_texts([("r.yml", RULE)], &pipeline);
        let tests = set.rules.iter().flat_map(|rule| rule.detection.selections.iter().flat_map(|s| &s.any).flatten());
        (tests.map(|test| format!("{:?}", test.subject)).collect(), set.refused)
    }

    #[test]
    fn fields_are_mapped_prefixed_and_left_alone() {
        let map = "transformations:\n- {type: field_name_mapping, mapping: {Image: process.executable}, \
            rule_conditions: [{type: logsource, product: linux}, {type: logsource, category: process_creation}], \
            rule_cond_op: or}\n- {type: field_name_prefix_mapping, mapping: {win.: winlog.}}\n\
            - {type: field_name_prefix, prefix: x., field_name_conditions: [{type: include_fields, fields: [User]}]}\n";
        let fields = ["process.executable", "x.User", "winlog.x"].map(|name| format!("Field(\"{name}\")"));
        assert_eq!(piped(&[map]).0, fields);
        let both = map.replace("rule_cond_op: or", "rule_cond_op: and");
        assert_eq!(piped(&[&both]).0[0], "Field(\"Image\")");
    }

    #[test]
    fn the_lowest_priority_comes_first_and_conditions_are_added() {
        let late = "priority: 20\ntransformations: [{type: field_name_mapping, mapping: {b: c}}]\n";
        let early = "priority: 10\ntransformations:\n- {type: field_name_mapping, mapping: {User: b}}\n\
            - {type: add_condition, conditions: {Channel: Security}}\n";
        let fields = ["Image", "c", "win.x", "Channel"].map(|name| format!("Field(\"{name}\")"));
        assert_eq!(piped(&[late, early]).0, fields);
    }

    #[test]
    fn a_rule_can_be_refused_and_what_is_not_known_is_said() {
        let fail = "transformations: [{type: rule_failure, message: no such log here}]\n";
        assert_eq!(piped(&[fail]).1[0].reason, "no such log here");
        let wrong = |text: &str| read(text).unwrap_err();
        assert!(wrong("transformations:\n- type: replace_string\n").contains("2: not supported"));
        assert!(wrong("transformations:\n- type: field_name_mapping\n").contains("no 'mapping'"));
        assert!(
            wrong("transformations:\n- {type: set_state, rule_conditions: [{type: tag, tag: x}]}\n").contains("2: not")
        );
        assert!(wrong("transformations:\n- mapping: {}\n").contains("no 'type'"));
        assert!(wrong("finalizers: []\n").contains("'finalizers'"));
    }
}
