//! Sets of rules: taken out of their archive, read, and as they are listed.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use ungcuu_detect::sigma::{self, Advice, Level, Logsource, Pipeline, RuleSet};
use ungcuu_detect::sweep::{level, own, yara};
use zip::ZipArchive;

use super::{Counts, ReadSet, RefusedLine, RuleLine, Rules, cut};
use crate::sensor::rules::RuleKind;

/// The largest archive of rules, its entries and all that they unpack to: the public set has 3,400 files of 7 MB together.
pub const ARCHIVE: i64 = 64 << 20;
const ENTRIES: usize = 20_000;
const UNPACKED: u64 = 64 << 20;
/// How many rules of a set and how many refusals are listed one by one; the rest is counted.
const LISTED: usize = 20_000;
/// How the names of rule files end.
const SIGMA: &[&str] = &[".yml", ".yaml"];
const YARA: &[&str] = &[".yar", ".yara", ".rule"];

/// Rules about logs.
pub fn sigma(rules: &Rules) -> io::Result<RuleSet> {
    Ok(match rules {
        Rules::BuiltIn => sigma::own::rules(),
        Rules::Archive(path) => of_texts(&unpack(path)?),
    })
}

fn of_texts(files: &[File]) -> RuleSet {
    let texts = files.iter().map(|file| (file.name.clone(), String::from_utf8_lossy(&file.bytes)));
    let texts: Vec<_> = texts.collect();
    sigma::load_texts(texts.iter().map(|(name, text)| (&**name, &**text)), &Pipeline::default())
}

/// Rules about files.
pub fn yara(rules: &Rules) -> io::Result<yara::Rules> {
    Ok(match rules {
        Rules::BuiltIn => own::rules(),
        Rules::Archive(path) => yara::Rules::compile(&sources(unpack(path)?)),
    })
}

fn sources(files: Vec<File>) -> Vec<yara::Source> {
    files.into_iter().map(|file| yara::Source { path: file.name, text: file.bytes }).collect()
}

/// The built-in rules of a kind, as they are listed.
pub fn built_in(kind: RuleKind) -> ReadSet {
    match kind {
        RuleKind::Sigma => sigma_lines(&sigma::own::rules()),
        RuleKind::Yara => yara_lines(&own::rules()),
    }
}

/// What an archive holds. Rules about logs and rules about files are two sets: of an archive with both, those about files are
/// refused, each by its name.
pub fn of_archive(path: &Path) -> io::Result<ReadSet> {
    let (logs, files): (Vec<File>, Vec<File>) =
        unpack(path)?.into_iter().partition(|file| is_one_of(&file.name, SIGMA));
    let mut read = sigma_lines(&of_texts(&logs));
    if read.counts.rules + read.counts.correlations == 0 && !files.is_empty() {
        let odd = read;
        let mut read = yara_lines(&yara::Rules::compile(&sources(files)));
        read.counts.refused += odd.counts.refused;
        read.refused.extend(odd.refused);
        return Ok(read);
    }
    read.counts.refused += count(files.len());
    read.refused.extend(files.into_iter().take(LISTED).map(|file| RefusedLine {
        path: cut(&file.name, 400),
        line: 1,
        title: String::new(),
        reason: "a YARA file among Sigma rules: import it as a set of its own".to_owned(),
    }));
    Ok(read)
}

/// A file of rules.
struct File {
    name: String,
    bytes: Vec<u8>,
}

fn is_one_of(name: &str, endings: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The rule files of an archive, in order of their names.
fn unpack(path: &Path) -> io::Result<Vec<File>> {
    let mut archive = ZipArchive::new(fs::File::open(path)?).map_err(io::Error::other)?;
    let mut files = Vec::new();
    let mut left = UNPACKED;
    if archive.len() > ENTRIES {
        return Err(io::Error::other("too many files"));
    }
    for at in 0..archive.len() {
        let Ok(entry) = archive.by_index(at) else { continue };
        let name = entry.name().to_owned();
        let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        let largest = match () {
            () if !entry.is_file() || hidden => continue,
            () if is_one_of(&name, SIGMA) => sigma::LARGEST_FILE,
            () if is_one_of(&name, YARA) => yara::LARGEST_FILE,
            () => continue,
        };
        let mut bytes = Vec::new();
        // An entry that is broken or too large is given on as it is: its refusal says so, with its name.
        let _ = entry.take(left.min(largest as u64 + 1)).read_to_end(&mut bytes);
        left = left.saturating_sub(bytes.len() as u64);
        if left == 0 {
            return Err(io::Error::other("too large"));
        }
        files.push(File { name, bytes });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn refusal(path: &str, line: usize, title: &str, reason: &str) -> RefusedLine {
    RefusedLine { path: cut(path, 400), line: count(line), title: cut(title, 300), reason: cut(reason, 600) }
}

fn yara_lines(set: &yara::Rules) -> ReadSet {
    let rules = set.all().iter().take(LISTED).map(|rule| RuleLine {
        id: cut(&rule.name, 300),
        title: cut(rule.meta("title").unwrap_or(&rule.name), 300),
        level: level(rule) as i64,
        path: cut(&rule.path, 400),
        line: count(rule.line),
        tags: cut(&rule.tags.join(" "), 500),
        author: cut(rule.meta("author").unwrap_or_default(), 300),
        description: cut(rule.meta("description").unwrap_or_default(), 2000),
        response_vi: cut(rule.meta("response_vi").unwrap_or_default(), 4000),
        response_en: cut(rule.meta("response_en").unwrap_or_default(), 4000),
        reported: !rule.private,
        ..RuleLine::default()
    });
    let refused = set.refused().iter().chain(set.passed_over());
    let refused = refused.take(LISTED).map(|it| refusal(&it.path, it.line, "", &it.reason));
    let counts = Counts {
        kind: RuleKind::Yara,
        rules: count(set.all().len()),
        correlations: 0,
        refused: count(set.refused().len() + set.passed_over().len()),
        unrouted: 0,
    };
    ReadSet { rules: rules.collect(), refused: refused.collect(), counts }
}

fn sigma_lines(set: &RuleSet) -> ReadSet {
    let rules = set.rules.iter().map(|rule| RuleLine {
        logsource: source_words(&rule.logsource),
        ..line(
            (&rule.id, &rule.title, rule.level, &rule.source),
            (&rule.tags, &rule.author, &rule.description, rule.response.as_ref()),
            (false, rule.reported),
        )
    });
    let correlations = set.correlations.iter().map(|one| {
        line(
            (&one.id, &one.title, one.level, &one.source),
            (&one.tags, &one.author, &one.description, one.response.as_ref()),
            (true, one.reported),
        )
    });
    let rules = rules.chain(correlations).take(LISTED).collect();
    let refused = set.refused.iter().take(LISTED);
    let refused = refused.map(|it| refusal(&it.path, it.line as usize, &it.title, &it.reason)).collect();
    let counts = Counts {
        kind: RuleKind::Sigma,
        rules: count(set.counts.rules),
        correlations: count(set.counts.correlations),
        refused: count(set.counts.refused),
        unrouted: count(set.counts.unrouted),
    };
    ReadSet { rules, refused, counts }
}

type Head<'a> = (&'a str, &'a str, Level, &'a sigma::Source);
type Words<'a> = (&'a [Box<str>], &'a str, &'a str, Option<&'a Advice>);

fn line((id, title, level, source): Head, (tags, author, description, response): Words, is: (bool, bool)) -> RuleLine {
    RuleLine {
        id: cut(id, 300),
        title: cut(title, 300),
        level: level as i64,
        path: cut(&source.path, 400),
        line: source.line.into(),
        logsource: String::new(),
        tags: cut(&tags.join(" "), 500),
        author: cut(author, 300),
        description: cut(description, 2000),
        response_vi: response.map(|advice| cut(&advice.vi, 4000)).unwrap_or_default(),
        response_en: response.map(|advice| cut(&advice.en, 4000)).unwrap_or_default(),
        correlation: is.0,
        reported: is.1,
    }
}

fn source_words(source: &Logsource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| cut(part, 60)).collect::<Vec<_>>().join(" / ")
}
