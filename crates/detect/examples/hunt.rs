//! Hunts and measures: `hunt RULES THREADS OUT PATH…`; findings as JSON lines into OUT, figures on standard error.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use ungcuu_detect::hunt::{Choice, Finding, Hunt, Report, output::Writer};
use ungcuu_detect::sigma;

struct Lines<W: Write>(W, Writer);

impl<W: Write> Report for Lines<W> {
    fn finding(&mut self, finding: &Finding) -> std::io::Result<()> {
        self.1.json(finding, &mut self.0)
    }
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rules, threads, out, paths @ ..] = arguments.as_slice() else { return Ok(()) };
    let begun = Instant::now();
    let rules: Vec<PathBuf> = rules.split(',').map(PathBuf::from).collect();
    let set = match std::env::var_os("KEPT") {
        Some(folder) => {
            sigma::Loading { paths: &rules, kept: Some(std::path::Path::new(&folder)), ..Default::default() }.read()
        }
        None => sigma::load(&rules),
    };
    let loaded = begun.elapsed();
    let hunt = Hunt::new(set, Choice::default());
    let built = begun.elapsed();
    let out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(out)?);
    let mut lines = Lines(out, Writer::default());
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let outcome = hunt.run(&paths, threads.parse().unwrap_or(1), &mut lines)?;
    lines.0.flush()?;
    let took = begun.elapsed() - built;
    let progress = outcome.progress;
    eprintln!(
        "rules {} read in {loaded:?}, sorted by {built:?}; classes {:?}",
        hunt.engine().rules().len(),
        hunt.engine().classes()
    );
    eprintln!(
        "{} files, {} events, {} findings in {took:?}: {:.0} events/s, {:.1} rules looked at for an event",
        outcome.files,
        progress.events,
        progress.findings,
        progress.events as f64 / took.as_secs_f64(),
        outcome.looked_at as f64 / progress.events as f64
    );
    eprintln!(
        "{:?} {:?} cut {} not logs {} unread {:?}",
        outcome.evtx,
        outcome.lines,
        outcome.cut,
        outcome.not_logs.len(),
        outcome.unread
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    eprintln!("{}", status.lines().filter(|line| line.starts_with("VmHWM")).collect::<String>());
    Ok(())
}
