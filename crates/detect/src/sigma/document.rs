//! One document of a file: a rule, a correlation or a filter.

use std::sync::Arc;

use super::values::{Placeholders, Reader};
use super::yaml::{Fault, Node, Value};
use super::{Advice, CorrelationKind, Detection, Head, Level, Logsource, Op, Rule, Source, detection};

/// The longest text of a title, a description and the like, in characters; the specification allows 65,535.
const LONGEST_TEXT: usize = 65_535;
/// How many entries a list of tags, references and the like may have.
const MOST_ENTRIES: usize = 1_000;
/// The longest timespan of a correlation, in seconds: a year.
pub(crate) const LONGEST_TIMESPAN: u64 = 366 * 86_400;

pub(crate) enum Document {
    Rule(Box<Rule>),
    Correlation(Box<Draft>),
    Filter(Filter),
}

/// A correlation whose rules are still names.
pub(crate) struct Draft {
    /// With no rules and aliases yet.
    pub head: super::Correlation,
    pub rules: Vec<(u32, String)>,
    /// Alias, rule's name, field.
    pub aliases: Vec<(String, u32, String, String)>,
    pub generate: bool,
}

pub(crate) struct Filter {
    pub source: Source,
    pub title: Box<str>,
    /// Ids or names; none for `any`.
    pub rules: Option<Vec<String>>,
    pub logsource: Logsource,
    pub detection: Detection,
}

/// Reads a document that begins at `source`.
pub(crate) fn read(node: &Node, source: Source, placeholders: &Placeholders) -> Result<Document, Fault> {
    if node.map().is_none() {
        return Err(Fault::new(node.line, "the document is not a map"));
    }
    let mut reader = Reader::new(placeholders);
    if let Some(correlation) = node.get("correlation") {
        return draft(node, correlation, source).map(|draft| Document::Correlation(Box::new(draft)));
    }
    if let Some(filter) = node.get("filter") {
        let detection = detection::read(filter, &["rules"], &mut reader)?;
        let rules = match filter.get("rules") {
            None => return Err(Fault::new(filter.line, "the filter does not say for which rules it is")),
            Some(rules) => match rules.text().as_deref() {
                Some("any") => None,
                _ => Some(texts_of(rules)?.into_iter().map(String::from).collect()),
            },
        };
        let logsource = logsource(node)?;
        return Ok(Document::Filter(Filter { source, title: title(node)?, rules, logsource, detection }));
    }
    let Some(written) = node.get("detection") else {
        return Err(Fault::new(node.line, "neither 'detection' nor 'correlation' nor 'filter' is there"));
    };
    Ok(Document::Rule(Box::new(Rule {
        head: head(node, source)?,
        fields: texts(node, "fields")?,
        license: text(node, "license")?,
        date: text(node, "date")?,
        modified: text(node, "modified")?,
        logsource: logsource(node)?,
        detection: detection::read(written, &[], &mut reader)?,
    })))
}

/// What a rule or correlation says of itself.
fn head(node: &Node, source: Source) -> Result<Head, Fault> {
    let level = match node.get("level") {
        None => Level::default(),
        Some(written) => written.text().as_deref().and_then(Level::of).ok_or_else(|| {
            Fault::new(written.line, "the level is none of informational, low, medium, high, critical")
        })?,
    };
    if let Some(taxonomy) = node.get("taxonomy")
        && taxonomy.text().as_deref() != Some("sigma")
    {
        return Err(Fault::new(taxonomy.line, "another taxonomy than 'sigma' is not supported"));
    }
    let status = text(node, "status")?;
    if &*status == "unsupported" {
        return Err(Fault::new(node.line, "not supported: its author says so (status: unsupported)"));
    }
    let (id, name) = (text(node, "id")?, text(node, "name")?);
    let id: Arc<str> = match (&*id, &*name) {
        ("", "") => format!("{}:{}", source.path, source.line).into(),
        ("", name) => name.into(),
        (id, _) => id.into(),
    };
    Ok(Head {
        id,
        name,
        title: title(node)?,
        level,
        status,
        tags: texts(node, "tags")?,
        author: text(node, "author")?,
        description: text(node, "description")?,
        references: texts(node, "references")?,
        falsepositives: texts(node, "falsepositives")?,
        response: response(node)?,
        source,
        reported: true,
    })
}

fn title(node: &Node) -> Result<Box<str>, Fault> {
    let title = text(node, "title")?;
    if title.trim().is_empty() { Err(Fault::new(node.line, "there is no title")) } else { Ok(title) }
}

fn logsource(node: &Node) -> Result<Logsource, Fault> {
    let Some(written) = node.get("logsource") else {
        return Err(Fault::new(node.line, "there is no logsource"));
    };
    if written.map().is_none() {
        return Err(Fault::new(written.line, "the logsource must be a map"));
    }
    let lower = |key| text(written, key).map(|text| text.to_lowercase().into_boxed_str());
    let logsource = Logsource { category: lower("category")?, product: lower("product")?, service: lower("service")? };
    if logsource == Logsource::default() {
        return Err(Fault::new(written.line, "the logsource says neither category nor product nor service"));
    }
    Ok(logsource)
}

/// A text that need not be there. A list where a text belongs is joined, as some authors write.
fn text(node: &Node, key: &str) -> Result<Box<str>, Fault> {
    let Some(found) = node.get(key) else { return Ok("".into()) };
    let text = match &found.value {
        Value::Null => String::new(),
        Value::List(items) => {
            let parts: Option<Vec<_>> = items.iter().take(MOST_ENTRIES).map(Node::text).collect();
            parts.ok_or_else(|| Fault::new(found.line, format!("'{key}' must be a text")))?.join(", ")
        }
        _ => found.text().ok_or_else(|| Fault::new(found.line, format!("'{key}' must be a text")))?.into_owned(),
    };
    if text.len() > LONGEST_TEXT && text.chars().count() > LONGEST_TEXT {
        return Err(Fault::new(found.line, format!("'{key}' is longer than {LONGEST_TEXT} characters")));
    }
    Ok(text.into())
}

fn texts(node: &Node, key: &str) -> Result<Vec<Box<str>>, Fault> {
    match node.get(key) {
        None => Ok(Vec::new()),
        Some(found) if found.value == Value::Null => Ok(Vec::new()),
        Some(found) => texts_of(found),
    }
}

fn texts_of(node: &Node) -> Result<Vec<Box<str>>, Fault> {
    let items = node.items();
    if items.len() > MOST_ENTRIES {
        return Err(Fault::new(node.line, format!("a list with more than {MOST_ENTRIES} entries")));
    }
    let texts = items.iter().filter(|item| item.value != Value::Null);
    texts
        .map(|item| item.text().map(|t| t.into()).ok_or_else(|| Fault::new(item.line, "a text belongs here")))
        .collect()
}

fn response(node: &Node) -> Result<Option<Advice>, Fault> {
    match node.get("response") {
        Some(found) if found.map().is_some() => Ok(Some(Advice { vi: text(found, "vi")?, en: text(found, "en")? })),
        _ => Ok(None),
    }
}

fn draft(node: &Node, written: &Node, source: Source) -> Result<Draft, Fault> {
    if written.map().is_none() {
        return Err(Fault::new(written.line, "'correlation' must be a map"));
    }
    let head = head(node, source)?;
    let missing = |what: &str| Fault::new(written.line, format!("the correlation has no '{what}'"));
    let rules = written.get("rules").ok_or_else(|| missing("rules"))?;
    let names: Vec<(u32, String)> =
        rules.items().iter().filter_map(|item| item.text().map(|t| (item.line, t.into_owned()))).collect();
    if names.is_empty() || names.len() > MOST_ENTRIES {
        return Err(Fault::new(rules.line, format!("a correlation needs between 1 and {MOST_ENTRIES} rules")));
    }
    let timespan = written.get("timespan").or_else(|| written.get("timeframe")).ok_or_else(|| missing("timespan"))?;
    let seconds = timespan.text().as_deref().and_then(seconds).ok_or_else(|| {
        Fault::new(timespan.line, "the timespan is no number with s, m, h or d behind it, or longer than a year")
    })?;
    let (kind, condition) = kind(written, names.len())?;
    Ok(Draft {
        head: super::Correlation {
            head,
            kind,
            rules: Vec::new(),
            group_by: texts(written, "group-by")?,
            timespan: seconds,
            aliases: Vec::new(),
            condition,
        },
        rules: names,
        aliases: aliases(written)?,
        generate: matches!(
            written.get("generate").or_else(|| node.get("generate")).map(|n| &n.value),
            Some(Value::Bool(true))
        ),
    })
}

fn aliases(written: &Node) -> Result<Vec<(String, u32, String, String)>, Fault> {
    let mut found = Vec::new();
    let Some(aliases) = written.get("aliases") else { return Ok(found) };
    let wrong = |line| Fault::new(line, "aliases must be a map of names, each a map of rule and field");
    for (alias, fields) in aliases.map().ok_or_else(|| wrong(aliases.line))? {
        for (rule, field) in fields.map().ok_or_else(|| wrong(fields.line))? {
            let field = field.text().ok_or_else(|| wrong(field.line))?.into_owned();
            found.push((alias.text.clone(), rule.line, rule.text.clone(), field));
        }
    }
    Ok(found)
}

/// `90m` in seconds.
fn seconds(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(each).filter(|s| (1..=LONGEST_TIMESPAN).contains(s))
}

fn kind(written: &Node, rules: usize) -> Result<(CorrelationKind, Vec<(Op, f64)>), Fault> {
    let Some(name) = written.get("type") else {
        return Err(Fault::new(written.line, "the correlation has no 'type'"));
    };
    let word = name.text().unwrap_or_default();
    let condition = written.get("condition");
    let mut comparisons = Vec::new();
    let (mut fields, mut percentile) = (Vec::new(), None);
    if let Some(condition) = condition {
        let entries = condition.map().ok_or_else(|| {
            Fault::new(condition.line, "not supported: a correlation's condition that is not a map of comparisons")
        })?;
        for (key, value) in entries {
            let number = || match value.value {
                Value::Int(n) => Ok(n as f64),
                Value::Float(n, _) => Ok(n),
                _ => Err(Fault::new(value.line, format!("'{}' needs a number", key.text))),
            };
            let op = match key.text.as_str() {
                "field" => {
                    fields = texts_of(value)?;
                    continue;
                }
                "percentile" => {
                    percentile = Some(number()?);
                    continue;
                }
                "eq" => Op::Eq,
                "neq" => Op::Ne,
                "lt" => Op::Lt,
                "lte" => Op::Le,
                "gt" => Op::Gt,
                "gte" => Op::Ge,
                other => {
                    return Err(Fault::new(key.line, format!("'{other}' is not known in a correlation's condition")));
                }
            };
            comparisons.push((op, number()?));
        }
    }
    let line = condition.map_or(written.line, |c| c.line);
    let one = |fields: &[Box<str>]| match fields {
        [field] => Ok(field.clone()),
        _ => Err(Fault::new(line, format!("{word} needs one 'field' in its condition"))),
    };
    let kind = match &*word {
        "event_count" => CorrelationKind::EventCount,
        "value_count" if fields.is_empty() => {
            return Err(Fault::new(line, "value_count needs a 'field' in its condition"));
        }
        "value_count" => CorrelationKind::ValueCount(fields),
        "temporal" => CorrelationKind::Temporal,
        "temporal_ordered" => CorrelationKind::TemporalOrdered,
        "value_sum" => CorrelationKind::ValueSum(one(&fields)?),
        "value_avg" => CorrelationKind::ValueAvg(one(&fields)?),
        "value_percentile" => match percentile {
            Some(percentile) if (0.0..=100.0).contains(&percentile) => {
                CorrelationKind::ValuePercentile(one(&fields)?, percentile)
            }
            _ => return Err(Fault::new(line, "not supported: value_percentile without a 'percentile' from 0 to 100")),
        },
        other => return Err(Fault::new(name.line, format!("the correlation type '{other}' is not known"))),
    };
    if comparisons.is_empty() {
        match kind {
            CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => comparisons.push((Op::Ge, rules as f64)),
            _ => return Err(Fault::new(line, "the correlation's condition compares nothing")),
        }
    }
    Ok((kind, comparisons))
}
