//! Sweeps over folders of every kind.
#![cfg(feature = "yara")]

mod integrity;
mod own_rules;

use std::io;
use std::path::{Path, PathBuf};

use ungcuu_detect::sweep::baseline::{Baseline, Change};
use ungcuu_detect::sweep::lists::List;
use ungcuu_detect::sweep::yara::{Rules, Source};
use ungcuu_detect::sweep::{Finding, LARGEST, Marked, Outcome, Report, Sweep};

/// A moment long after all files of the tests were made, in microseconds.
pub const LATER: i64 = 4_000_000_000_000_000;

#[derive(Default)]
pub struct Told {
    pub findings: Vec<String>,
    pub changes: Vec<String>,
    pub marked: Vec<String>,
}

impl Report for Told {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let file = finding.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inner = finding.inner.map(|inner| format!("!{inner}")).unwrap_or_default();
        self.findings.push(format!("{} {file}{inner}", finding.cause.name()));
        Ok(())
    }

    fn marked(&mut self, file: &Marked) -> io::Result<()> {
        self.marked.push(format!(
            "{}: {}",
            file.path.file_name().unwrap_or_default().to_string_lossy(),
            file.causes.join(" ")
        ));
        Ok(())
    }

    fn change(&mut self, change: &Change) -> io::Result<()> {
        let words: Vec<_> = change.differences.iter().map(|difference| difference.word()).collect();
        self.changes.push(format!(
            "{} {}",
            change.path.file_name().unwrap_or_default().to_string_lossy(),
            words.join("+")
        ));
        Ok(())
    }
}

pub fn rules(text: &str) -> Rules {
    let rules = Rules::compile(&[Source { path: "test.yar".into(), text: text.as_bytes().to_vec() }]);
    assert_eq!(rules.refused(), []);
    rules
}

pub const EVIL: &str = r#"rule evil { strings: $a = "evil" condition: $a }"#;

pub struct Asked<'a> {
    pub rules: &'a Rules,
    pub allow: &'a str,
    pub deny: &'a str,
    pub base: Option<&'a Baseline>,
    pub skip: Vec<PathBuf>,
    pub threads: usize,
    pub largest: usize,
}

impl<'a> Asked<'a> {
    pub fn of(rules: &'a Rules) -> Asked<'a> {
        Asked { rules, allow: "", deny: "", base: None, skip: Vec::new(), threads: 2, largest: LARGEST }
    }

    pub fn sweep(self, paths: &[&Path]) -> (Told, Outcome) {
        let (allow, deny) = (List::read(self.allow), List::read(self.deny));
        let mark = Sweep::mark(self.rules, &allow, &deny);
        let sweep = Sweep {
            rules: self.rules,
            allow: &allow,
            deny: &deny,
            base: self.base,
            skip: self.skip,
            largest: self.largest,
            now: LATER,
            mark,
        };
        let mut told = Told::default();
        let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
        let outcome = sweep.run(&paths, self.threads, &mut told).expect("the report takes everything");
        (told, outcome)
    }
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory takes everything");
        io::Write::write_all(&mut writer, bytes).expect("memory takes everything");
    }
    writer.finish().expect("memory takes everything").into_inner()
}

#[test]
fn findings_come_in_the_order_of_the_files_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..200 {
        let inner = folder.path().join(format!("{:02}", number % 7));
        std::fs::create_dir_all(&inner).unwrap();
        let text = if number % 3 == 0 { "an evil word" } else { "a good word" };
        std::fs::write(inner.join(format!("{number:03}")), text).unwrap();
    }
    let rules = rules(EVIL);
    let one = Asked { threads: 1, ..Asked::of(&rules) }.sweep(&[folder.path()]);
    let four = Asked { threads: 4, ..Asked::of(&rules) }.sweep(&[folder.path()]);
    assert_eq!(one.0.findings.len(), 67);
    assert_eq!(one.0.findings, four.0.findings);
    assert_eq!((one.1.progress, one.1.folders), (four.1.progress, 8));
}

#[test]
fn what_lies_in_an_archive_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let document = zip(&[("word/document.xml", b"good"), ("word/vbaProject.bin", b"evil")]);
    std::fs::write(folder.path().join("a.zip"), zip(&[("thư/mời họp.docx", &document), ("readme", b"good")])).unwrap();
    let rules = rules(EVIL);
    let (told, outcome) = Asked::of(&rules).sweep(&[folder.path()]);
    assert_eq!(told.findings, ["evil a.zip!thư/mời họp.docx!word/vbaProject.bin"]);
    assert_eq!(told.marked, ["a.zip: evil"]);
    assert_eq!((outcome.contents, outcome.cuts), (4, 0));
}

#[test]
fn lists_say_what_is_trusted_and_what_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "evil 1").unwrap();
    std::fs::write(folder.path().join("b"), "abc").unwrap();
    std::fs::write(folder.path().join("c.zip"), zip(&[("x", b"abc"), ("y", b"evil 1")])).unwrap();
    let rules = rules(EVIL);
    let trusted = hash_line(b"evil 1");
    let deny = "900150983cd24fb0d6963f7d28e17f72 a known one";
    let (told, outcome) = Asked { allow: &trusted, deny, ..Asked::of(&rules) }.sweep(&[folder.path()]);
    assert_eq!(told.findings, ["deny-list b", "deny-list c.zip!x"]);
    assert_eq!(outcome.allowed, 2);
}

fn hash_line(bytes: &[u8]) -> String {
    ungcuu_detect::sweep::hex_text(&ungcuu_detect::sweep::lists::Hashes::of(bytes).sha256)
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_pipes_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("a"), "evil").unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("folder")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("a"), folder.path().join("file")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap());
    let rules = rules(EVIL);
    let (told, outcome) = Asked::of(&rules).sweep(&[folder.path()]);
    assert!(told.findings.is_empty());
    assert_eq!((outcome.links, outcome.special, outcome.progress.files), (3, 1, 0));
    // A link that was named is meant.
    let (told, _) = Asked::of(&rules).sweep(&[&folder.path().join("file")]);
    assert_eq!(told.findings, ["evil file"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "evil").unwrap();
    let rules = rules(EVIL);
    let (told, outcome) = Asked::of(&rules).sweep(&[&folder.path().join("missing"), folder.path()]);
    assert_eq!((told.findings.len(), outcome.unread.len()), (1, 1));
}

#[test]
fn a_file_too_large_to_be_held_is_searched_at_both_ends_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(5 << 20).unwrap();
    let write = |at: u64, text: &str| {
        let mut file = &file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(at)).unwrap();
        io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    };
    write((5 << 20) - 10, "evil");
    let rules = rules(EVIL);
    let (told, outcome) = Asked { largest: 1 << 20, ..Asked::of(&rules) }.sweep(&[folder.path()]);
    assert_eq!((told.findings.len(), outcome.partly.len()), (1, 1));
    assert_eq!(outcome.progress.bytes, 5 << 20);
}

#[test]
fn a_report_that_fails_ends_the_sweep() {
    struct Full;
    impl Report for Full {
        fn finding(&mut self, _: &Finding) -> io::Result<()> {
            Err(io::Error::other("full"))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for number in 0..500 {
        std::fs::write(folder.path().join(number.to_string()), "evil").unwrap();
    }
    let rules = rules(EVIL);
    let list = List::default();
    let sweep = Sweep {
        rules: &rules,
        allow: &list,
        deny: &list,
        base: None,
        skip: Vec::new(),
        largest: LARGEST,
        now: LATER,
        mark: Sweep::mark(&rules, &list, &list),
    };
    assert!(sweep.run(&[folder.path().to_owned()], 2, &mut Full).is_err());
}
