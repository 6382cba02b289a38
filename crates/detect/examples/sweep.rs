//! `sweep list RULES…`: files of rules of which every rule can be used. `sweep run LIST THREADS KEPT BASE TREE…`: sweeps, and writes rule and file,
//! a tab between them, for each hit on a file itself. Used by the benchmark.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use ungcuu_detect::sweep::lists::List;
use ungcuu_detect::sweep::yara::Rules;
use ungcuu_detect::sweep::{Finding, LARGEST, Report, Sweep, baseline, sources};

struct Lines<W: Write>(W);

impl<W: Write> Report for Lines<W> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        match finding.inner {
            None => writeln!(self.0, "{}\t{}", finding.cause.name(), finding.path.display()),
            Some(_) => Ok(()),
        }
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(2);
    }
}

// A program by itself asks the machine for the time.
#[allow(clippy::disallowed_methods)]
fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("an argument is missing");
    if next()? == "list" {
        let folders: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
        let (sources, _) = sources(&folders);
        let rules = Rules::compile(&sources);
        let asked: [&[u8]; 2] = [b"filename", b"extension"];
        for source in &sources {
            let refused = rules.refused().iter().chain(rules.passed_over()).any(|refusal| refusal.path == source.path);
            let names = asked.iter().any(|name| memchr::memmem::find(&source.text, name).is_some());
            if !refused && !names {
                println!("{}", source.path);
            }
        }
        return Ok(());
    }
    let list = std::fs::read_to_string(next()?)?;
    let threads = next()?.parse()?;
    let (kept, base) = (PathBuf::from(next()?), PathBuf::from(next()?));
    let inputs: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let files: Vec<PathBuf> = list.lines().map(PathBuf::from).collect();
    let rules = Rules::compile_kept(&sources(&files).0, &kept);
    let opened = baseline::open(&base, None)?;
    let none = List::default();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let sweep = Sweep {
        rules: &rules,
        allow: &none,
        deny: &none,
        base: Some(&opened.baseline),
        skip: Vec::new(),
        largest: LARGEST,
        now: i64::try_from(since.as_micros())?,
        mark: Sweep::mark(&rules, &none, &none),
    };
    let mut lines = Lines(BufWriter::new(io::stdout()));
    let outcome = sweep.run(&inputs, threads, &mut lines)?;
    lines.0.flush()?;
    if let Some(next) = &outcome.next {
        opened.keeper.save(next)?;
    }
    eprintln!(
        "{} files, {} unchanged, {} MB",
        outcome.progress.files,
        outcome.unchanged,
        outcome.progress.bytes / 1_000_000
    );
    Ok(())
}
