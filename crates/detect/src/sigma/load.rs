//! From files to a set of rules. Whatever cannot be used is refused with file, line and reason; nothing is passed over.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{self, Document, Draft, Filter};
use super::pipeline::{Pipeline, covers};
use super::taxonomy::Taxonomy;
use super::yaml::{self, Fault, Node, Value};
use super::{Alias, Correlation, Logsource, Refusal, RuleRef, RuleSet, Source, detection, kept};
use crate::folders::{self, Met, Visit};

/// The largest file of rules, in bytes.
pub const LARGEST_FILE: usize = 1024 * 1024;
/// How many files of rules are read.
pub const MOST_FILES: usize = 100_000;
/// How deep folders of rules may nest.
const DEEPEST: usize = 32;
/// How many documents one file may have.
const MOST_DOCUMENTS: usize = 10_000;

/// Reads rules from files and folders (every `.yml` and `.yaml` below them, hidden ones left out), in order of path.
pub fn load<P: AsRef<Path>>(paths: &[P]) -> RuleSet {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_path_buf()).collect();
    Loading { paths: &paths, ..Loading::default() }.read()
}

/// What rules are read from, and how.
#[derive(Clone, Debug, Default)]
pub struct Loading<'l> {
    /// Files and folders, as for [`load`].
    pub paths: &'l [PathBuf],
    /// Whether the rules of our own ([`super::own`]) come before them: one set, so that correlations and filters see both.
    pub own: bool,
    /// What is done to every rule.
    pub pipeline: Pipeline,
    /// A folder in which what came of the reading is kept: the same rules, byte for byte and under the same paths, are not
    /// read as YAML a second time. What cannot be kept or taken from there is read anew, without a word.
    pub kept: Option<&'l Path>,
}

impl Loading<'_> {
    /// Reads them.
    pub fn read(&self) -> RuleSet {
        let mut loader = Loader::new(&self.pipeline);
        let mut files: Vec<Gathered> = Vec::new();
        if self.own {
            files.extend(super::own::FILES.map(|(name, text)| (name.into(), Ok(text.into()))));
        }
        files.extend(loader.gather(self.paths));
        let place = self.kept.map(|folder| folder.join(kept::name(&files, &loader.set.refused, &self.pipeline)));
        if let Some(set) = place.as_deref().and_then(kept::find) {
            return set;
        }
        loader.read(&files);
        let set = loader.finish();
        if let Some(place) = place {
            kept::save(&place, &set);
        }
        set
    }
}

/// A file of rules with its text, or why it has none.
pub(super) type Gathered = (PathBuf, Result<String, String>);

/// Reads rules from texts: a name that stands for the path, and the content.
pub fn load_texts<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>, pipeline: &Pipeline) -> RuleSet {
    let mut loader = Loader::new(pipeline);
    for (name, text) in texts {
        loader.file(name, text);
    }
    loader.finish()
}

/// A file's text, bounded by [`LARGEST_FILE`].
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let limit = LARGEST_FILE as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() > LARGEST_FILE {
        return Err(format!("larger than {LARGEST_FILE} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8 text".into())
}

struct Loader<'a> {
    pipeline: &'a Pipeline,
    taxonomy: Taxonomy,
    set: RuleSet,
    drafts: Vec<Draft>,
    filters: Vec<Filter>,
    files: HashSet<PathBuf>,
    /// By rule: its logsource as written, before the pipeline.
    written: Vec<Logsource>,
}

impl<'a> Loader<'a> {
    fn new(pipeline: &'a Pipeline) -> Loader<'a> {
        Loader {
            pipeline,
            taxonomy: Taxonomy::new(),
            set: RuleSet::default(),
            drafts: Vec::new(),
            filters: Vec::new(),
            files: HashSet::new(),
            written: Vec::new(),
        }
    }

    fn gather(&mut self, paths: &[PathBuf]) -> Vec<Gathered> {
        let mut gathering = Gathering { loader: self, files: Vec::new() };
        for path in paths {
            let Ok(()) = folders::walk(path, DEEPEST, &mut gathering);
        }
        let files = gathering.files;
        let read = |path: PathBuf| {
            let text = text_of(&path);
            (path, text)
        };
        files.into_iter().map(read).collect()
    }

    /// Reads files on as many threads as there are processors, up to four; in order all the same.
    fn read(&mut self, files: &[Gathered]) {
        /// So few files are not worth a thread.
        const FEW: usize = 64;
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
        let share = files.len().div_ceil(threads).max(FEW);
        let pipeline = self.pipeline;
        let parts = std::thread::scope(|scope| {
            let read = |files: &[Gathered]| {
                let mut loader = Loader::new(pipeline);
                for (path, text) in files {
                    match text {
                        Ok(text) => loader.file(&path.to_string_lossy(), text),
                        Err(reason) => loader.refuse_file(path, reason.clone()),
                    }
                }
                loader
            };
            let mut shares = files.chunks(share);
            let first = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|files| (files, scope.spawn(move || read(files)))).collect();
            let mut parts = vec![read(first)];
            // Should a thread break off, its share is read here.
            parts.extend(others.into_iter().map(|(files, part)| part.join().unwrap_or_else(|_| read(files))));
            parts
        });
        for part in parts {
            self.set.rules.extend(part.set.rules);
            self.set.refused.extend(part.set.refused);
            self.drafts.extend(part.drafts);
            self.filters.extend(part.filters);
            let (all, one) = (&mut self.set.counts, part.set.counts);
            all.files += one.files;
            all.documents += one.documents;
            all.refused += one.refused;
            all.unsupported += one.unsupported;
        }
    }

    fn file(&mut self, name: &str, text: &str) {
        self.set.counts.files += 1;
        let path: Arc<str> = name.into();
        if text.len() > LARGEST_FILE {
            return self.refuse(&path, "", Fault::new(1, format!("larger than {LARGEST_FILE} bytes")));
        }
        let documents = yaml::documents(text.strip_prefix('\u{FEFF}').unwrap_or(text));
        if documents.is_empty() {
            return self.refuse(&path, "", Fault::new(1, "the file holds no document"));
        }
        let mut collection = Collection::default();
        for (index, (line, text)) in documents.into_iter().enumerate() {
            self.set.counts.documents += 1;
            if index >= MOST_DOCUMENTS {
                let reason = format!("more than {MOST_DOCUMENTS} documents in one file");
                return self.refuse(&path, "", Fault::new(line, reason));
            }
            match yaml::document(text, line) {
                Err(fault) => self.refuse(&path, "", fault),
                Ok(node) => match collection.joined(node) {
                    Err(fault) => self.refuse(&path, "", fault),
                    Ok(None) => {}
                    Ok(Some(node)) => self.document(&path, &node),
                },
            }
        }
    }

    fn document(&mut self, path: &Arc<str>, node: &Node) {
        let source = Source { path: path.clone(), line: node.line };
        match document::read(node, source, &self.pipeline.vars) {
            Err(fault) => {
                let title = node.get("title").and_then(|n| n.text().map(|t| t.into_owned())).unwrap_or_default();
                self.refuse(path, &title, fault);
            }
            Ok(Document::Rule(rule)) => self.set.rules.push(*rule),
            Ok(Document::Correlation(draft)) => self.drafts.push(*draft),
            Ok(Document::Filter(filter)) => self.filters.push(filter),
        }
    }

    fn refuse(&mut self, path: &Arc<str>, title: &str, fault: Fault) {
        self.set.counts.refused += 1;
        self.set.counts.unsupported += usize::from(fault.reason.starts_with("not supported"));
        let title: String = title.chars().take(256).collect();
        let (line, reason) = (fault.line, fault.reason);
        self.set.refused.push(Refusal { path: path.clone(), line, title: title.into(), reason });
    }

    fn refuse_file(&mut self, path: &Path, reason: String) {
        self.refuse(&path.to_string_lossy().into(), "", Fault::new(1, reason));
    }

    fn finish(mut self) -> RuleSet {
        self.same_ids();
        self.filter();
        self.pipe();
        self.correlate();
        let counts = &mut self.set.counts;
        counts.rules = self.set.rules.len();
        counts.correlations = self.set.correlations.len();
        counts.filters = self.filters.len();
        counts.unrouted = self.set.rules.iter().filter(|r| self.taxonomy.routes(&r.logsource).is_empty()).count();
        self.set
    }

    /// Two documents with one id would be reported as one: the later is refused.
    fn same_ids(&mut self) {
        let mut seen: HashMap<Arc<str>, Source> = HashMap::new();
        let mut twice = Vec::new();
        let mut first = |id: &Arc<str>, title: &str, source: &Source| {
            let before = seen.get(id).cloned();
            if let Some(before) = before {
                let reason = format!("the id {id} is taken already by {}:{}", before.path, before.line);
                twice.push((source.path.clone(), title.to_string(), Fault::new(source.line, reason)));
                return false;
            }
            seen.insert(id.clone(), source.clone());
            true
        };
        self.set.rules.retain(|rule| first(&rule.id, &rule.title, &rule.source));
        self.drafts.retain(|draft| first(&draft.head.id, &draft.head.title, &draft.head.source));
        for (path, title, fault) in twice {
            self.refuse(&path, &title, fault);
        }
    }

    fn filter(&mut self) {
        let mut unused = Vec::new();
        for filter in &self.filters {
            let mut hits = 0;
            for rule in &mut self.set.rules {
                let meant = filter
                    .rules
                    .as_ref()
                    .is_none_or(|names| names.iter().any(|n| **n == *rule.id || **n == *rule.name));
                if meant && covers(&filter.logsource, &rule.logsource) {
                    detection::filtered(&mut rule.detection, &filter.detection);
                    hits += 1;
                }
            }
            if hits == 0 {
                let fault = Fault::new(filter.source.line, "the filter is for no rule that was read");
                unused.push((filter.source.path.clone(), filter.title.to_string(), fault));
            }
        }
        for (path, title, fault) in unused {
            self.refuse(&path, &title, fault);
        }
    }

    fn pipe(&mut self) {
        let mut kept = Vec::with_capacity(self.set.rules.len());
        for mut rule in std::mem::take(&mut self.set.rules) {
            let written = rule.logsource.clone();
            match self.pipeline.apply(&mut rule) {
                Ok(()) => {
                    kept.push(rule);
                    self.written.push(written);
                }
                Err(reason) => self.refuse(&rule.source.path, &rule.title, Fault::new(rule.source.line, reason)),
            }
        }
        self.set.rules = kept;
    }

    /// Names of rules become indices. A correlation whose rules are not all there is refused, and so are those that
    /// listen to it, and circles.
    fn correlate(&mut self) {
        let mut names: HashMap<String, RuleRef> = HashMap::new();
        for (index, rule) in self.set.rules.iter().enumerate() {
            names.insert(rule.id.to_string(), RuleRef::Rule(index));
            if !rule.name.is_empty() {
                names.entry(rule.name.to_string()).or_insert(RuleRef::Rule(index));
            }
        }
        let mut waiting = std::mem::take(&mut self.drafts);
        // A correlation is placed behind all it listens to, so one pass in order feeds them all.
        loop {
            let before = waiting.len();
            let mut left = Vec::new();
            for draft in waiting {
                if draft.rules.iter().all(|(_, name)| names.contains_key(name)) {
                    self.place(draft, &mut names);
                } else {
                    left.push(draft);
                }
            }
            waiting = left;
            if waiting.len() == before {
                break;
            }
        }
        for draft in waiting {
            let missing = draft.rules.iter().find(|(_, name)| !names.contains_key(name));
            let (line, reason) = missing.map_or((draft.head.source.line, String::new()), |(line, name)| {
                (*line, format!("no rule '{name}' was read (or the correlations refer to each other in a circle)"))
            });
            self.refuse(&draft.head.source.path, &draft.head.title, Fault::new(line, reason));
        }
    }

    fn place(&mut self, draft: Draft, names: &mut HashMap<String, RuleRef>) {
        let Draft { mut head, rules, aliases, generate } = draft;
        for (alias, line, rule, field) in aliases {
            let Some(place) = rules
                .iter()
                .position(|(_, name)| *name == rule || names.get(name).is_some_and(|r| Some(r) == names.get(&rule)))
            else {
                let reason =
                    format!("the alias '{alias}' speaks of '{rule}', which the correlation does not listen to");
                return self.refuse(&head.source.path, &head.title, Fault::new(line, reason));
            };
            match head.aliases.iter_mut().find(|a| *a.name == *alias) {
                Some(known) => known.fields.push((place, field.into())),
                None => head.aliases.push(Alias { name: alias.into(), fields: vec![(place, field.into())] }),
            }
        }
        for (_, name) in &rules {
            if let Some(found) = names.get(name) {
                match found {
                    RuleRef::Rule(index) => self.set.rules[*index].head.reported &= generate,
                    RuleRef::Correlation(index) => self.set.correlations[*index].head.reported &= generate,
                }
                head.rules.push(found.clone());
            }
        }
        self.call(&mut head);
        let index = self.set.correlations.len();
        names.insert(head.id.to_string(), RuleRef::Correlation(index));
        if !head.name.is_empty() {
            names.entry(head.name.to_string()).or_insert(RuleRef::Correlation(index));
        }
        self.set.correlations.push(head);
    }

    /// Completes the aliases of a correlation with what its fields are called in the events of each of its rules: as the
    /// pipeline renames them, and as the rule's kind of log has them.
    fn call(&self, correlation: &mut Correlation) {
        let names: Vec<Box<str>> = correlation.asked().map(Into::into).collect();
        for name in names {
            let alias = correlation.aliases.iter().position(|alias| alias.name == name);
            let mut fields = Vec::new();
            for (place, rule) in correlation.rules.iter().enumerate() {
                let known = alias.map(|at| correlation.aliases[at].fields.iter()).into_iter().flatten();
                let mut said: Vec<Box<str>> = known.filter(|(p, _)| *p == place).map(|(_, f)| f.clone()).collect();
                if said.is_empty() {
                    said.push(name.clone());
                }
                if let RuleRef::Rule(rule) = rule {
                    let piped = said.iter().flat_map(|said| self.pipeline.names(&self.written[*rule], said));
                    let routes = self.taxonomy.routes(&self.set.rules[*rule].logsource);
                    said = piped.collect();
                    let there = routes.iter().flat_map(|route| &route.renames).filter(|(from, _)| said.contains(from));
                    let there: Vec<Box<str>> = there.flat_map(|(_, to)| to.iter().cloned()).collect();
                    said.extend(there);
                }
                for field in said {
                    if !fields.contains(&(place, field.clone())) {
                        fields.push((place, field));
                    }
                }
            }
            match alias {
                Some(at) => correlation.aliases[at].fields = fields,
                None if fields.iter().all(|(_, field)| *field == name) => {}
                None => correlation.aliases.push(Alias { name, fields }),
            }
        }
    }
}

/// Files of rules, while they are being found.
struct Gathering<'l, 'p> {
    loader: &'l mut Loader<'p>,
    files: Vec<PathBuf>,
}

impl Visit for Gathering<'_, '_> {
    type Ended = Infallible;

    fn meet(&mut self, met: Met) -> Result<bool, Infallible> {
        let Met { path, kind, named } = met;
        if kind.is_dir() {
            return Ok(named || path.file_name().is_none_or(|name| !name.to_string_lossy().starts_with('.')));
        }
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let ending = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"));
        if (named || ending && !hidden) && self.loader.files.insert(path.to_path_buf()) {
            if self.loader.files.len() > MOST_FILES {
                self.fault(path, format!("more than {MOST_FILES} files of rules"));
            } else {
                self.files.push(path.to_path_buf());
            }
        }
        Ok(true)
    }

    fn fault(&mut self, path: &Path, reason: String) {
        self.loader.refuse_file(path, reason);
    }
}

/// The old way to write several rules into one file: `action: global` says what all that follow have in common.
#[derive(Default)]
struct Collection {
    global: Option<Node>,
    last: Option<Node>,
}

impl Collection {
    fn joined(&mut self, node: Node) -> Result<Option<Node>, Fault> {
        let action = node.get("action").and_then(|n| n.text().map(|t| (n.line, t.into_owned())));
        let whole = match action.as_ref().map(|(line, word)| (*line, word.as_str())) {
            None => match &self.global {
                Some(global) => over(global, node),
                None => node,
            },
            Some((_, "global")) => {
                self.global = Some(match self.global.take() {
                    Some(global) => over(&global, without_action(node)),
                    None => without_action(node),
                });
                return Ok(None);
            }
            Some((_, "reset")) => {
                self.global = None;
                return Ok(None);
            }
            Some((line, "repeat")) => match &self.last {
                Some(last) => over(last, without_action(node)),
                None => return Err(Fault::new(line, "'action: repeat' without a rule before it")),
            },
            Some((line, other)) => return Err(Fault::new(line, format!("the action '{other}' is not known"))),
        };
        if action.is_some() || self.global.is_some() {
            self.last = Some(whole.clone());
        } else {
            self.last = None;
        }
        Ok(Some(whole))
    }
}

fn without_action(mut node: Node) -> Node {
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|(key, _)| key.text != "action");
    }
    node
}

/// What `node` says, over what `base` says; maps are joined.
fn over(base: &Node, node: Node) -> Node {
    match (&base.value, node.value) {
        (Value::Map(below), Value::Map(above)) => {
            let mut entries = below.clone();
            for (key, value) in above {
                match entries.iter_mut().find(|(k, _)| k.text == key.text) {
                    Some((_, old)) => *old = over(old, value),
                    None => entries.push((key, value)),
                }
            }
            Node { line: node.line, value: Value::Map(entries) }
        }
        (_, value) => Node { line: node.line, value },
    }
}
