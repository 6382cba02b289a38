//! Rules made ready for searching: sorted into groups by what a file must be, each group compiled by the engine.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use boreal::compiler::CompilerParams;
use boreal::scanner::DeserializeParams;
use boreal::{Compiler, Scanner};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cut::{self, Cut, Use};
use crate::need::Head;

/// The largest file of rules, in bytes. Public sets have files of some 6 MB.
pub const LARGEST_FILE: usize = 32 << 20;

/// The most rules of all files together. The largest public collections have some 30,000.
pub const MOST_RULES: usize = 200_000;

/// Rules that only match files up to this size, in bytes, are left out for larger ones: those are where the time goes.
pub const SMALL: u64 = 1 << 20;

/// How many rules are compiled together. The engine (boreal 1.4) keeps larger sets but does not read more than 1,024 of their rules back.
pub(crate) const MOST_TOGETHER: usize = 1_000;

/// A kind of file with fewer rules than this is not searched for apart; its rules are tried on every file.
const FEWEST: usize = 2;

/// The names that rules may ask about the file they are matched against; other products know the same five.
pub(crate) const NAMES: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// A file of rules.
#[derive(Clone, Debug)]
pub struct Source {
    /// As it is to be named in what is said of it.
    pub path: String,
    /// Its bytes, in UTF-8.
    pub text: Vec<u8>,
}

/// A value of a rule's `meta`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Bool(bool),
}

/// One line of a rule's `meta`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// What it tells.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// A rule that can be matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, which is unique in its file only.
    pub name: String,
    /// The file it stands in.
    pub path: String,
    /// The line of its name.
    pub line: usize,
    /// Its tags, as written.
    pub tags: Vec<String>,
    /// What it tells of itself; of what is longer than 8 KiB the rest is left out.
    pub metas: Vec<Meta>,
    /// Other rules may refer to it, by itself it is not reported.
    pub private: bool,
}

impl Rule {
    /// The words that `meta` has under a name.
    #[must_use]
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.metas.iter().find_map(|meta| match &meta.value {
            Value::Text(text) if meta.name.eq_ignore_ascii_case(name) => Some(text.as_str()),
            _ => None,
        })
    }
}

/// Something that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusal {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Why, in English: much of it are the engine's words.
    pub reason: String,
}

/// Which files a group of rules is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// What must stand in the file; `None`: anything may.
    pub head: Option<Head>,
    /// The group is for files larger than [`SMALL`], and lacks the rules that cannot match those.
    pub large: bool,
    /// Which part of it, see [`MOST_TOGETHER`].
    pub part: u32,
}

pub(crate) struct Group {
    pub key: Key,
    /// Made ready when the first file asks for it.
    scanner: OnceLock<Option<Scanner>>,
    /// As it was kept.
    bytes: Vec<u8>,
}

impl Group {
    pub fn compiled(key: Key, scanner: Scanner) -> Group {
        Group { key, scanner: OnceLock::from(Some(scanner)), bytes: Vec::new() }
    }

    pub fn kept(key: Key, bytes: Vec<u8>) -> Group {
        Group { key, scanner: OnceLock::new(), bytes }
    }

    /// The engine's own; `None` if what was kept cannot be read, which its hash and its version speak against.
    pub fn scanner(&self) -> Option<&Scanner> {
        let make = || Scanner::from_bytes_unchecked(&self.bytes, DeserializeParams::default()).ok();
        self.scanner.get_or_init(make).as_ref()
    }

    /// How many bytes it was kept in.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// Rules, ready for searching. Shared by any number of threads.
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) groups: Vec<Group>,
    /// By the number of the file and the rule's name: its place in `rules`.
    pub(crate) places: HashMap<(u32, String), u32>,
    pub(crate) names_asked: bool,
    pub(crate) refused: Vec<Refusal>,
    pub(crate) passed_over: Vec<Refusal>,
    pub(crate) hash: [u8; 32],
}

/// A file on its way.
struct File<'s> {
    path: &'s str,
    text: &'s str,
    cut: Cut,
}

impl Rules {
    /// Reads and compiles. What cannot be used stands in [`Rules::refused`]; the rest works.
    #[must_use]
    pub fn compile(sources: &[Source]) -> Rules {
        let mut refused = Vec::new();
        let mut passed_over = Vec::new();
        let mut files = Vec::new();
        let mut count = 0;
        for source in sources {
            let mut refuse = |line: usize, reason: String| {
                refused.push(Refusal { path: source.path.clone(), line, reason });
            };
            if source.text.len() > LARGEST_FILE {
                refuse(1, format!("the file is larger than {LARGEST_FILE} bytes"));
                continue;
            }
            let bytes = source.text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&source.text);
            let text = match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => {
                    let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                    refuse(line, "not UTF-8".into());
                    continue;
                }
            };
            match cut::cut(text) {
                Ok(cut) if count + cut.pieces.len() > MOST_RULES => {
                    refuse(1, format!("more than {MOST_RULES} rules in all"));
                }
                Ok(cut) => {
                    count += cut.pieces.len();
                    for (path, line) in &cut.includes {
                        let reason = format!("include \"{path}\" is passed over; name the file or its folder instead");
                        passed_over.push(Refusal { path: source.path.clone(), line: *line, reason });
                    }
                    files.push(File { path: &source.path, text, cut });
                }
                Err((line, reason)) => refuse(line, reason),
            }
        }
        let groups = compile_groups(&files, &mut refused);
        refused.sort();
        refused.dedup();
        let hash = hash(sources);
        let (rules, places) = list(&files, &refused);
        let names_asked = files.iter().any(|file| {
            file.cut.pieces.iter().any(|piece| {
                piece.uses.iter().any(|used| matches!(used, Use::Name(name) if NAMES.contains(&name.as_str())))
            })
        });
        Rules { rules, groups, places, names_asked, refused, passed_over, hash }
    }

    /// A rule by its number.
    ///
    /// # Panics
    /// If there is no such rule; numbers come from a search with these rules.
    #[must_use]
    pub fn rule(&self, number: u32) -> &Rule {
        &self.rules[number as usize]
    }

    /// All rules that can be matched.
    #[must_use]
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// What cannot be used: whole files that do not keep to the grammar, single rules that do not compile.
    #[must_use]
    pub fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    /// Lines that were left out on purpose: `include`. Whoever gives a folder of rules gives what it includes.
    #[must_use]
    pub fn passed_over(&self) -> &[Refusal] {
        &self.passed_over
    }

    /// SHA-256 over all that the rules were read from, and the versions of reader and engine.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// SHA-256 over files of rules and the version of what reads them.
pub(crate) fn hash(sources: &[Source]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(concat!(env!("CARGO_PKG_VERSION"), " boreal 1.4 rules 1").as_bytes());
    for source in sources {
        part(source.path.as_bytes());
        part(&source.text);
    }
    hash.finalize().into()
}

fn list(files: &[File], refused: &[Refusal]) -> (Vec<Rule>, HashMap<(u32, String), u32>) {
    let mut rules = Vec::new();
    let mut places = HashMap::new();
    let refused: std::collections::HashSet<(&str, &str)> = refused
        .iter()
        .filter_map(|refusal| Some((refusal.path.as_str(), refusal.reason.strip_prefix("rule ")?.split(": ").next()?)))
        .collect();
    for (number, file) in (0u32..).zip(files) {
        for piece in &file.cut.pieces {
            if refused.contains(&(file.path, piece.name.as_str())) {
                continue;
            }
            let place = u32::try_from(rules.len()).unwrap_or(u32::MAX);
            places.entry((number, piece.name.clone())).or_insert(place);
            rules.push(Rule {
                name: piece.name.clone(),
                path: file.path.to_owned(),
                line: piece.line,
                tags: piece.tags.clone(),
                metas: piece.metas.clone(),
                private: piece.private,
            });
        }
    }
    (rules, places)
}

/// Which rules of which file belong to a group.
type Members = BTreeMap<usize, Vec<usize>>;

fn compile_groups(files: &[File], refused: &mut Vec<Refusal>) -> Vec<Group> {
    let members: Vec<(Key, Members)> =
        sort(files).into_iter().flat_map(|(key, members)| parts(&key, members)).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(members.len());
    // The one for every file takes longest and comes first.
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((key, members)) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let compiled = compile(files, members);
                    if let Ok(mut done) = done.lock() {
                        done.push((key.clone(), compiled));
                    }
                }
            });
        }
    });
    let mut groups = Vec::new();
    for (key, (scanner, faults)) in done.into_inner().unwrap_or_default() {
        groups.push(Group::compiled(key, scanner));
        refused.extend(faults);
    }
    groups.sort_by(|one, two| one.key.cmp(&two.key));
    groups
}

/// Cuts a group into parts, between files: rules of one file may need each other.
fn parts(key: &Key, members: Members) -> Vec<(Key, Members)> {
    let mut parts: Vec<(Key, Members)> = Vec::new();
    let mut room = 0;
    for (file, list) in members {
        if parts.is_empty() || list.len() > room {
            room = MOST_TOGETHER;
            let part = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            parts.push((Key { part, ..key.clone() }, Members::new()));
        }
        room = room.saturating_sub(list.len());
        if let Some((_, last)) = parts.last_mut() {
            last.insert(file, list);
        }
    }
    parts
}

/// Sorts rules into groups. A rule that others refer to is in all of their groups.
fn sort(files: &[File]) -> BTreeMap<Key, Members> {
    let mut counts: HashMap<Head, usize> = HashMap::new();
    for piece in files.iter().flat_map(|file| &file.cut.pieces) {
        for head in piece.need.heads.iter().flatten() {
            *counts.entry(head.shortened()).or_default() += 1;
        }
    }
    let mut groups: BTreeMap<Key, Members> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        for (at, piece) in file.cut.pieces.iter().enumerate() {
            let mut heads: Vec<Option<Head>> = match &piece.need.heads {
                Some(heads) => heads.iter().map(|head| Some(head.shortened())).collect(),
                None => vec![None],
            };
            if heads.iter().flatten().any(|head| counts[head] < FEWEST) {
                heads = vec![None];
            }
            heads.sort();
            heads.dedup();
            for head in heads {
                let mut put = |large: bool| {
                    let group = groups.entry(Key { head: head.clone(), large, part: 0 }).or_default();
                    group.entry(number).or_default().push(at);
                };
                put(false);
                if piece.need.most.is_none_or(|most| most > SMALL) {
                    put(true);
                }
            }
        }
    }
    for members in groups.values_mut() {
        for (number, list) in members.iter_mut() {
            close(&files[*number].cut, list);
        }
    }
    groups
}

/// Adds what the rules of a list refer to, and the global ones, which all others stand behind.
fn close(cut: &Cut, list: &mut Vec<usize>) {
    let mut inside = vec![false; cut.pieces.len()];
    let mut waiting: Vec<usize> = std::mem::take(list);
    waiting.extend((0..cut.pieces.len()).filter(|at| cut.pieces[*at].global));
    while let Some(at) = waiting.pop() {
        if std::mem::replace(&mut inside[at], true) {
            continue;
        }
        let uses = &cut.pieces[at].uses;
        if uses.is_empty() {
            continue;
        }
        for (other, piece) in cut.pieces[..at].iter().enumerate() {
            if !inside[other] && uses.iter().any(|used| used.means(&piece.name)) {
                waiting.push(other);
            }
        }
    }
    list.extend((0..cut.pieces.len()).filter(|at| inside[*at]));
}

fn compile(files: &[File], members: &Members) -> (Scanner, Vec<Refusal>) {
    let mut compiler = Compiler::new();
    compiler.set_params(CompilerParams::default().disable_includes(true));
    for name in NAMES {
        compiler.define_symbol(name, "");
    }
    let mut faults = Vec::new();
    for (number, list) in members {
        let file = &files[*number];
        let space = number.to_string();
        for (module, line) in &file.cut.imports {
            // Names of modules are letters; anything else would be rules of its own.
            let plain = module.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !plain || compiler.add_rules_str_in_namespace(format!("import \"{module}\""), &space).is_err() {
                let reason = format!("there is no module “{module}”");
                faults.push(Refusal { path: file.path.to_owned(), line: *line, reason });
            }
        }
        for at in list {
            let piece = &file.cut.pieces[*at];
            let text = &file.text[piece.text.clone()];
            if let Err(error) = compiler.add_rules_str_in_namespace(text, &space) {
                let (within, reason) = cut::told(&error.to_string());
                let first = piece.line.saturating_sub(name_line(text, &piece.name));
                let reason = format!("rule {}: {reason}", piece.name);
                faults.push(Refusal { path: file.path.to_owned(), line: first + within, reason });
            }
        }
    }
    (compiler.finalize(), faults)
}

/// How many lines into its text a rule's name stands, counted as the piece does: what came before it are blanks and comments.
fn name_line(text: &str, name: &str) -> usize {
    let cut = cut::cut(text).ok();
    let found = cut.and_then(|cut| cut.pieces.into_iter().find(|piece| piece.name == name).map(|piece| piece.line));
    found.unwrap_or(1)
}
