//! Pipelines: how a place's logs differ from what rules assume. Ours are small files of YAML:
//!
//! ```yaml
//! name: our proxy
//! vars:                       # values for %placeholders%
//!   known_cdcs: [dc1, dc2]
//! steps:
//!   - when: {category: proxy}             # product, category, service; without it: every rule
//!     rename: {c-uri: url, cs-host: [host, server]}
//!   - when: {product: windows, service: security}
//!     add: {Computer|endswith: .example.vn}
//!   - when: {category: proxy}
//!     logsource: {product: squid, service: access}
//! ```
//!
//! Steps apply in order. `rename` to several names tries each; `add` puts a condition in front of the rule; `logsource`
//! adds what it names to the rule's own.

use std::path::Path;

use super::values::{Placeholders, Reader};
use super::yaml::{self, Fault, Node, Value};
use super::{Condition, Logsource, Matcher, Renames, Rule, Selection, Subject};

/// How many steps all pipelines may have together.
const MOST_STEPS: usize = 1_000;

/// What is done to rules while they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    pub(crate) vars: Placeholders,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    when: Logsource,
    rename: Renames,
    add: Vec<super::Test>,
    logsource: Logsource,
}

impl Pipeline {
    /// Reads a pipeline from a file and adds it behind what is there.
    ///
    /// # Errors
    /// A sentence with file and line.
    pub fn read(&mut self, path: &Path) -> Result<(), String> {
        let text = super::load::text_of(path).map_err(|reason| format!("{}: {reason}", path.display()))?;
        self.add(&text).map_err(|fault| format!("{}:{}: {}", path.display(), fault.line, fault.reason))
    }

    pub(crate) fn add(&mut self, text: &str) -> Result<(), Fault> {
        for (line, text) in yaml::documents(text) {
            let node = yaml::document(text, line)?;
            for (key, value) in node.map().ok_or_else(|| Fault::new(line, "a pipeline must be a map"))? {
                match key.text.as_str() {
                    "name" => {}
                    "vars" => self.vars(value)?,
                    "steps" => {
                        for item in value.items() {
                            self.steps.push(step(item)?);
                        }
                    }
                    other => return Err(Fault::new(key.line, format!("'{other}' is not known in a pipeline"))),
                }
            }
        }
        if self.steps.len() > MOST_STEPS {
            return Err(Fault::new(1, format!("more than {MOST_STEPS} steps")));
        }
        Ok(())
    }

    fn vars(&mut self, node: &Node) -> Result<(), Fault> {
        for (key, value) in node.map().ok_or_else(|| Fault::new(node.line, "vars must be a map"))? {
            let values: Option<Vec<String>> = value.items().iter().map(|n| n.text().map(|t| t.into_owned())).collect();
            match values {
                Some(values) if !values.is_empty() => self.vars.insert(key.text.clone(), values),
                _ => return Err(Fault::new(value.line, format!("{} needs one value or several", key.text))),
            };
        }
        Ok(())
    }

    /// Applies the steps to a rule.
    ///
    /// # Errors
    /// A rename to several names below an `all` or a field reference cannot be written out.
    pub(crate) fn apply(&self, rule: &mut Rule) -> Result<(), String> {
        for step in &self.steps {
            if !covers(&step.when, &rule.logsource) {
                continue;
            }
            for selection in &mut rule.detection.selections {
                renamed(selection, &step.rename)?;
            }
            if !step.add.is_empty() {
                let line = rule.source.line;
                let index = rule.detection.selections.len();
                rule.detection.selections.push(Selection { name: "_added".into(), line, any: vec![step.add.clone()] });
                let own = std::mem::replace(&mut rule.detection.condition, Condition::Or(Vec::new()));
                rule.detection.condition = Condition::And(vec![Condition::Selection(index), own]);
            }
            let set = |to: &mut Box<str>, from: &str| {
                if !from.is_empty() {
                    *to = from.into();
                }
            };
            set(&mut rule.logsource.category, &step.logsource.category);
            set(&mut rule.logsource.product, &step.logsource.product);
            set(&mut rule.logsource.service, &step.logsource.service);
        }
        Ok(())
    }
}

/// Whether a logsource that says less covers one that says more.
pub(crate) fn covers(general: &Logsource, special: &Logsource) -> bool {
    let fits = |general: &str, special: &str| general.is_empty() || general == special;
    fits(&general.category, &special.category)
        && fits(&general.product, &special.product)
        && fits(&general.service, &special.service)
}

fn renamed(selection: &mut Selection, renames: &[(Box<str>, Vec<Box<str>>)]) -> Result<(), String> {
    let to = |name: &str| renames.iter().find(|(from, _)| &**from == name).map(|(_, to)| to.as_slice());
    let mut any = Vec::new();
    for tests in std::mem::take(&mut selection.any) {
        let mut forms = vec![Vec::new()];
        for mut test in tests {
            for matcher in test.values.iter_mut().flatten() {
                if let Matcher::FieldRef { field, .. } = matcher
                    && let Some(names) = to(field)
                {
                    match names {
                        [name] => field.clone_from(name),
                        _ => return Err(format!("a pipeline gives '{field}' several names, but it is referred to")),
                    }
                }
            }
            let names = match &test.subject {
                Subject::Field(name) => to(name).unwrap_or_default(),
                Subject::Keyword => &[],
            };
            if names.len() > 1 && test.negated {
                return Err("a pipeline gives a field with 'neq' several names".into());
            }
            let mut tests = Vec::new();
            for name in names {
                tests.push(super::Test { subject: Subject::Field(name.clone()), ..test.clone() });
            }
            if tests.is_empty() {
                tests.push(test);
            }
            if forms.len() * tests.len() > 1_000 {
                return Err("a pipeline's renames make the rule too large".into());
            }
            forms = forms
                .iter()
                .flat_map(|form: &Vec<super::Test>| {
                    tests.iter().map(move |test| [form.as_slice(), std::slice::from_ref(test)].concat())
                })
                .collect();
        }
        any.extend(forms);
    }
    selection.any = any;
    Ok(())
}

fn step(node: &Node) -> Result<Step, Fault> {
    let mut step =
        Step { when: Logsource::default(), rename: Vec::new(), add: Vec::new(), logsource: Logsource::default() };
    for (key, value) in node.map().ok_or_else(|| Fault::new(node.line, "a step must be a map"))? {
        match key.text.as_str() {
            "when" => step.when = logsource(value)?,
            "logsource" => step.logsource = logsource(value)?,
            "rename" => step.rename = renames(value)?,
            "add" => step.add = tests(value)?,
            other => return Err(Fault::new(key.line, format!("'{other}' is not known in a step"))),
        }
    }
    Ok(step)
}

pub(crate) fn logsource(node: &Node) -> Result<Logsource, Fault> {
    let mut found = Logsource::default();
    for (key, value) in node.map().ok_or_else(|| Fault::new(node.line, "a logsource must be a map"))? {
        let text = match &value.value {
            Value::Text(text) => text.to_lowercase().into_boxed_str(),
            _ => return Err(Fault::new(value.line, "a text belongs here")),
        };
        match key.text.as_str() {
            "category" => found.category = text,
            "product" => found.product = text,
            "service" => found.service = text,
            other => return Err(Fault::new(key.line, format!("'{other}' is not known in a logsource"))),
        }
    }
    Ok(found)
}

/// `{Image: NewProcessName, User: [a, b]}`.
pub(crate) fn renames(node: &Node) -> Result<Renames, Fault> {
    let mut found = Vec::new();
    for (key, value) in node.map().ok_or_else(|| Fault::new(node.line, "'rename' must be a map"))? {
        let names: Option<Vec<Box<str>>> = value.items().iter().map(|n| n.text().map(|t| t.into())).collect();
        match names {
            Some(names) if !names.is_empty() => found.push((key.text.as_str().into(), names)),
            _ => return Err(Fault::new(value.line, format!("{} needs a name or several", key.text))),
        }
    }
    Ok(found)
}

/// `{Field|modifier: value}`: tests that must all hold.
pub(crate) fn tests(node: &Node) -> Result<Vec<super::Test>, Fault> {
    let none = Placeholders::new();
    let mut reader = Reader::new(&none);
    let entries = node.map().ok_or_else(|| Fault::new(node.line, "conditions must be a map"))?;
    entries.iter().map(|(key, value)| reader.test(key, value)).collect()
}
