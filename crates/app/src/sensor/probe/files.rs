//! Any file against rules for files; archives are opened.

use std::io::{self, Write};
use std::path::Path;

use ungcuu_detect::sweep::lists::List;
use ungcuu_detect::sweep::output::Writer;
use ungcuu_detect::sweep::{Finding, LARGEST, Outcome, Progress, Report, Sweep};

use super::{NAMED, Rules, Telling, cut, rules};

/// Sweeps one file.
pub fn sweep(rules: &Rules, file: &Path, telling: &mut Telling<impl Write>) -> io::Result<()> {
    let (rules, none) = (rules::yara(rules)?, List::read(""));
    let size = std::fs::metadata(file)?.len();
    let sweep = Sweep {
        rules: &rules,
        allow: &none,
        deny: &none,
        base: None,
        skip: Vec::new(),
        largest: LARGEST,
        now: 0,
        mark: Sweep::mark(&rules, &none, &none),
    };
    let mut reporting = Reporting { telling, writer: Writer::default(), line: Vec::new(), size };
    let outcome = sweep.run(&[file.to_owned()], 1, &mut reporting)?;
    sum(reporting.telling, &outcome);
    Ok(())
}

struct Reporting<'r, 't, W> {
    telling: &'r mut Telling<'t, W>,
    writer: Writer,
    line: Vec<u8>,
    size: u64,
}

impl<W: Write> Report for Reporting<'_, '_, W> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.telling.silences(finding.cause.name()) {
            return Ok(());
        }
        self.line.clear();
        let name = Path::new(self.telling.name);
        self.writer.json(&Finding { path: name, ..*finding }, &mut self.line)?;
        // When our own copy was written says nothing about the evidence.
        let mut told: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&self.line)?;
        told.remove("modified");
        self.line.clear();
        serde_json::to_writer(&mut self.line, &told)?;
        self.line.push(b'\n');
        self.telling.finding(&self.line)
    }

    fn progress(&mut self, progress: &Progress) {
        self.telling.progress(progress.bytes, self.size, 0);
    }
}

fn sum(telling: &mut Telling<impl Write>, outcome: &Outcome) {
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let unread = outcome.unread.iter().map(|(path, why)| (shown(path), why.clone()));
    let late = outcome.timed_out.iter().map(|path| (shown(path), "the search took too long".to_owned()));
    let contents = outcome.cut.iter().cloned();
    let named = unread.chain(late).chain(contents).take(NAMED);
    let named = named.map(|(file, why)| (cut(&telling.renamed(&file), 300), cut(&why, 300))).collect();
    let told = &mut telling.told;
    told.files = outcome.progress.files;
    told.contents = outcome.contents;
    told.cut = outcome.partly.len() as u64;
    told.unread = (outcome.unread.len() + outcome.timed_out.len()) as u64 + outcome.cuts;
    told.unread_named = named;
}
