//! Logs against rules for logs.

use std::io::{self, Write};
use std::path::Path;

use ungcuu_detect::hunt::output::Writer;
use ungcuu_detect::hunt::{Choice, Finding, Hunt, Outcome, Progress, Report};

use super::{NAMED, Rules, Telling, cut, rules};

/// Hunts through one file, which may be an archive of logs.
pub fn hunt(rules: &Rules, file: &Path, telling: &mut Telling<impl Write>) -> io::Result<()> {
    let hunt = Hunt::new(rules::sigma(rules)?, Choice::default());
    let mut reporting = Reporting { telling, writer: Writer::default(), line: Vec::new() };
    let outcome = hunt.run(&[file.to_owned()], 1, &mut reporting)?;
    sum(reporting.telling, &outcome);
    Ok(())
}

struct Reporting<'r, 't, W> {
    telling: &'r mut Telling<'t, W>,
    writer: Writer,
    line: Vec<u8>,
}

impl<W: Write> Report for Reporting<'_, '_, W> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.telling.silences(finding.cause.id()) {
            return Ok(());
        }
        let file = self.telling.renamed(finding.file);
        self.line.clear();
        self.writer.json(&Finding { file: &file, ..*finding }, &mut self.line)?;
        self.telling.finding(&self.line)
    }

    fn progress(&mut self, progress: &Progress) {
        self.telling.told.events = progress.events;
        self.telling.progress(progress.bytes, progress.total, progress.events);
    }
}

fn sum(telling: &mut Telling<impl Write>, outcome: &Outcome) {
    let not_logs = telling.named(outcome.not_logs.iter().map(AsRef::as_ref));
    let unread = outcome.unread.iter().take(NAMED);
    let unread = unread.map(|(file, why)| (cut(&telling.renamed(file), 300), cut(why, 300))).collect();
    let told = &mut telling.told;
    told.files = outcome.files;
    told.events = outcome.progress.events;
    told.skipped = outcome.evtx.skipped + outcome.lines.skipped;
    told.cut = outcome.cut;
    told.not_logs = outcome.not_logs.len() as u64;
    told.not_logs_named = not_logs;
    told.unread = outcome.unread.len() as u64;
    told.unread_named = unread;
}
