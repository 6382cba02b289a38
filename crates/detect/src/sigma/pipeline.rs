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
//! adds what it names to the rule's own. Files of Sigma's own tools (`transformations`) are read by [`super::processing`].

use std::path::Path;

use super::values::{Placeholders, Reader};
use super::yaml::{self, Fault, Node, Value};
use super::{Condition, Logsource, Matcher, Renames, Rule, Selection, Subject, processing};

/// How many steps all pipelines may have together.
const MOST_STEPS: usize = 1_000;

/// What is done to rules while they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    pub(crate) vars: Placeholders,
    /// Those with the lowest number first.
    steps: Vec<(i64, Step)>,
    /// The texts from which it was read.
    pub(super) written: Vec<String>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    pub when: When,
    pub rename: Renaming,
    pub add: Vec<super::Test>,
    /// The conditions to add must not hold.
    pub negated: bool,
    pub logsource: Logsource,
    /// Rules that are meant are refused with these words.
    pub refusal: Option<String>,
}

/// Which rules are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct When {
    /// None: every rule.
    pub logsources: Vec<Logsource>,
    /// One of them is enough.
    pub any: bool,
    pub negated: bool,
}

impl When {
    fn holds(&self, logsource: &Logsource) -> bool {
        let mut each = self.logsources.iter().map(|general| covers(general, logsource));
        let holds = match (self.logsources.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => each.any(|fits| fits),
            (false, false) => each.all(|fits| fits),
        };
        holds != self.negated
    }
}

/// What fields are called from now on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Renaming {
    /// Whole names, each with one or several new ones.
    pub names: Renames,
    /// Beginnings of names, each with a new one or several.
    pub beginnings: Renames,
    /// In front of and behind every name.
    pub around: Option<(Box<str>, Box<str>)>,
    /// If there are any: only these fields.
    pub only: Vec<Box<str>>,
    /// Not these fields.
    pub but: Vec<Box<str>>,
}

impl Renaming {
    /// The new names of a field; none when it keeps its own.
    fn of(&self, name: &str) -> Vec<Box<str>> {
        let meant = |list: &[Box<str>]| list.iter().any(|field| **field == *name);
        if !self.only.is_empty() && !meant(&self.only) || meant(&self.but) {
            return Vec::new();
        }
        if let Some((_, to)) = self.names.iter().find(|(from, _)| **from == *name) {
            return to.clone();
        }
        let begins = |(from, to): &(Box<str>, Vec<Box<str>>)| {
            let rest = name.strip_prefix(&**from)?;
            Some(to.iter().map(|to| format!("{to}{rest}").into()).collect())
        };
        if let Some(names) = self.beginnings.iter().find_map(begins) {
            return names;
        }
        self.around.iter().map(|(before, behind)| format!("{before}{name}{behind}").into()).collect()
    }
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
        self.written.push(text.to_owned());
        for (line, text) in yaml::documents(text) {
            let node = yaml::document(text, line)?;
            let (mut priority, mut steps) = (0, Vec::new());
            for (key, value) in node.map().ok_or_else(|| Fault::new(line, "a pipeline must be a map"))? {
                match key.text.as_str() {
                    "name" | "allowed_backends" => {}
                    "priority" => match value.value {
                        Value::Int(number) => priority = number,
                        _ => return Err(Fault::new(value.line, "the priority must be a whole number")),
                    },
                    "vars" => self.vars(value)?,
                    "steps" => {
                        for item in value.items() {
                            steps.push(step(item)?);
                        }
                    }
                    "transformations" => {
                        for item in value.items() {
                            steps.push(processing::step(item)?);
                        }
                    }
                    other => return Err(Fault::new(key.line, format!("'{other}' is not known in a pipeline"))),
                }
            }
            self.steps.extend(steps.into_iter().map(|step| (priority, step)));
        }
        if self.steps.len() > MOST_STEPS {
            return Err(Fault::new(1, format!("more than {MOST_STEPS} steps")));
        }
        self.steps.sort_by_key(|(priority, _)| *priority);
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
        for (_, step) in &self.steps {
            if !step.when.holds(&rule.logsource) {
                continue;
            }
            if let Some(words) = &step.refusal {
                return Err(words.clone());
            }
            for selection in &mut rule.detection.selections {
                renamed(selection, &step.rename)?;
            }
            if !step.add.is_empty() {
                let line = rule.source.line;
                let index = rule.detection.selections.len();
                rule.detection.selections.push(Selection { name: "_added".into(), line, any: vec![step.add.clone()] });
                let own = std::mem::replace(&mut rule.detection.condition, Condition::Or(Vec::new()));
                let added = Condition::Selection(index);
                let added = if step.negated { Condition::Not(Box::new(added)) } else { added };
                rule.detection.condition = Condition::And(vec![added, own]);
            }
            moved(&mut rule.logsource, &step.logsource);
        }
        Ok(())
    }

    /// What a field is called in the events of a rule with this logsource: its new names, or its own.
    pub(crate) fn names(&self, logsource: &Logsource, name: &str) -> Vec<Box<str>> {
        let (mut logsource, mut names) = (logsource.clone(), vec![Box::from(name)]);
        for (_, step) in self.steps.iter() {
            if !step.when.holds(&logsource) {
                continue;
            }
            let new = |name: Box<str>| match step.rename.of(&name) {
                new if new.is_empty() => vec![name],
                new => new,
            };
            names = names.into_iter().flat_map(new).take(MOST_STEPS).collect();
            moved(&mut logsource, &step.logsource);
        }
        names
    }
}

/// Whether a logsource that says less covers one that says more.
pub(crate) fn covers(general: &Logsource, special: &Logsource) -> bool {
    let fits = |general: &str, special: &str| general.is_empty() || general == special;
    fits(&general.category, &special.category)
        && fits(&general.product, &special.product)
        && fits(&general.service, &special.service)
}

/// Adds to a logsource what another says.
fn moved(logsource: &mut Logsource, to: &Logsource) {
    let set = |field: &mut Box<str>, to: &str| {
        if !to.is_empty() {
            *field = to.into();
        }
    };
    set(&mut logsource.category, &to.category);
    set(&mut logsource.product, &to.product);
    set(&mut logsource.service, &to.service);
}

fn renamed(selection: &mut Selection, renaming: &Renaming) -> Result<(), String> {
    let mut any = Vec::new();
    for tests in std::mem::take(&mut selection.any) {
        let mut forms = vec![Vec::new()];
        for mut test in tests {
            for matcher in test.values.iter_mut().flatten() {
                if let Matcher::FieldRef { field, .. } = matcher {
                    match renaming.of(field).as_slice() {
                        [] => {}
                        [name] => field.clone_from(name),
                        _ => return Err(format!("a pipeline gives '{field}' several names, but it is referred to")),
                    }
                }
            }
            let names = match &test.subject {
                Subject::Field(name) => renaming.of(name),
                Subject::Keyword => Vec::new(),
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
    let mut step = Step::default();
    for (key, value) in node.map().ok_or_else(|| Fault::new(node.line, "a step must be a map"))? {
        match key.text.as_str() {
            "when" => step.when.logsources = vec![logsource(value)?],
            "logsource" => step.logsource = logsource(value)?,
            "rename" => step.rename.names = renames(value)?,
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
