//! Sweeping: how long the first pass over a tree of files takes, and a later one, beside the YARA engines that are on the PATH and one that
//! is built as a library, with the same rules on the same files, one after another in each round. The hits must be the same.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::hunt::{Run, load, on_path, rival, watch};

#[derive(Args)]
pub struct Sweep {
    /// Folders of files to sweep.
    #[arg(long, num_args = 1.., default_value = "/usr")]
    tree: Vec<PathBuf>,
    /// Folders of YARA rules; our own if not said, which are few.
    #[arg(long, num_args = 1.., default_value = "crates/detect/rules/yara")]
    rules: Vec<PathBuf>,
    /// How often everything is run; the middle is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many threads each uses.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Build the other engine that is a library, and measure it too (`crates/detect/rivals`).
    #[arg(long)]
    rivals: bool,
}

/// Something to be run.
struct Racer {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    version: String,
    /// It begins without what it kept the last time.
    anew: Vec<PathBuf>,
    reads: fn(&str) -> Option<(String, String)>,
    runs: Vec<Run>,
    hits: BTreeSet<(String, String)>,
}

/// Names that rules may ask about a file; all empty here, so that every engine answers alike.
const ASKED: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

pub fn measure(sweep: &Sweep) -> Result<()> {
    super::cargo(&["build", "--profile", super::PROFILE, "--package", "ungcuu-detect", "--example", "sweep"])?;
    let ours = super::target().join(super::PROFILE).join("examples/sweep");
    let folder = tempfile::Builder::new().prefix("ungcuu-sweep").tempdir()?;
    let place = |name: &str| folder.path().join(name);
    let list = place("rules.txt");
    let usable = Command::new(&ours).arg("list").args(&sweep.rules).output().context("listing the rules")?;
    std::fs::write(&list, usable.stdout)?;
    let files = std::fs::read_to_string(&list)?;
    let files: Vec<&str> = files.lines().collect();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let threads = sweep.threads.to_string();
    let tree: Vec<String> = sweep.tree.iter().map(|path| text(path)).collect();
    let with_tree = |arguments: &[&str]| {
        arguments.iter().map(|argument| (*argument).to_owned()).chain(tree.iter().cloned()).collect::<Vec<_>>()
    };
    let (kept, base, key) = (text(&place("kept")), place("base"), place("base.key"));
    let racer = |name, program: &Path, arguments, version: String, anew, reads| Racer {
        name,
        program: program.to_owned(),
        arguments,
        version,
        anew,
        reads,
        runs: Vec::new(),
        hits: BTreeSet::new(),
    };
    let (list, base_text) = (text(&list), text(&base));
    let run = with_tree(&["run", &list, &threads, &kept, &base_text]);
    // Everybody has rules that were compiled before.
    let empty = place("empty");
    std::fs::create_dir(&empty)?;
    warm(&ours, &["run", &list, &threads, &kept, &text(&place("warm")), &text(&empty)])?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut racers = vec![
        racer("ungcuu, first pass", &ours, run.clone(), version.clone(), vec![base, key], tab as fn(&str) -> _),
        racer("ungcuu, later pass", &ours, run, version, Vec::new(), tab),
    ];
    // Several folders: one call after another would begin anew each time, so a list of files.
    let scan = place("files.txt");
    std::fs::write(&scan, list_files(&sweep.tree)?)?;
    let scan = text(&scan);
    let owned = |arguments: &[&str]| arguments.iter().map(|argument| (*argument).to_owned()).collect();
    if let (Some(yara), Some(yarac)) = (on_path("yara"), on_path("yarac")) {
        let compiled = text(&place("all.yarac"));
        let mut command = Command::new(yarac);
        command.arg("-w");
        ASKED.iter().for_each(|name| _ = command.args(["-d", &format!("{name}=")]));
        command.args(files.iter().enumerate().map(|(number, file)| format!("n{number}:{file}")));
        if !command.arg(&compiled).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            bail!("yarac does not take the rules");
        }
        let arguments = owned(&["-w", "-N", "-p", &threads, "-C", &compiled, "--scan-list", &scan]);
        racers.push(racer("yara", &yara, arguments, version_of(&yara), Vec::new(), blank));
    }
    if let Some(yr) = on_path("yr") {
        let compiled = text(&place("all.yrx"));
        let mut command = Command::new(&yr);
        command.args(["compile", "-w", "-o", &compiled]);
        ASKED.iter().for_each(|name| _ = command.args(["-d", &format!("{name}=\"\"")]));
        command.args(files.iter().enumerate().map(|(number, file)| format!("n{number}:{file}")));
        if !command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            bail!("yr does not take the rules");
        }
        let arguments = owned(&["scan", "-C", "-p", &threads, "--disable-warnings", "--scan-list", &compiled, &scan]);
        racers.push(racer("yr", &yr, arguments, version_of(&yr), Vec::new(), blank));
    }
    if sweep.rivals {
        let program = rival("yara")?;
        let (compiled, asked) = (text(&place("all.library")), ASKED.join(","));
        warm(&program, &[&list, &threads, &compiled, &asked, &text(&empty)])?;
        let arguments = with_tree(&[&list, &threads, &compiled, &asked]);
        racers.push(racer("yara-x", &program, arguments, version_of(&program), Vec::new(), tab));
    }
    println!(
        "{} files of rules, {} threads, tree: {}; medians of {}. Load at the beginning: {}.",
        files.len(),
        threads,
        tree.join(" "),
        sweep.rounds,
        load()
    );
    let out = place("out");
    for _ in 0..sweep.rounds.max(1) {
        for racer in &mut racers {
            go(racer, &out)?;
        }
    }
    println!("Load at the end: {}.\n", load());
    table(&mut racers);
    println!("\nWhat was run (WORK is a folder of its own):\n");
    for racer in &racers {
        let program = racer.program.file_name().unwrap_or_default().to_string_lossy();
        let arguments = racer.arguments.join(" ").replace(&text(folder.path()), "WORK");
        println!("- {}: `{program} {arguments}`", racer.name);
    }
    Ok(())
}

/// Compiles rules and keeps them, looking at nothing.
fn warm(program: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if !command.status()?.success() {
        bail!("{} does not take the rules", program.display());
    }
    Ok(())
}

fn go(racer: &mut Racer, out: &Path) -> Result<()> {
    for path in &racer.anew {
        _ = std::fs::remove_file(path);
    }
    let mut command = Command::new(&racer.program);
    command.args(&racer.arguments).stdin(Stdio::null()).stdout(File::create(out)?).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn()?;
    racer.runs.push(watch(&mut child, begun)?);
    let told = std::fs::read(out)?;
    racer.hits = String::from_utf8_lossy(&told).lines().filter_map(racer.reads).collect();
    Ok(())
}

fn table(racers: &mut [Racer]) {
    println!(
        "| what | version | wall s | CPU s | MiB at most | hits | as the first |\n|---|---|---:|---:|---:|---:|---|"
    );
    let first = racers[0].hits.clone();
    for racer in racers.iter_mut() {
        racer.runs.sort_by_key(|run| run.wall);
        let middle = racer.runs[racer.runs.len() / 2];
        let (missing, more) = (first.difference(&racer.hits).count(), racer.hits.difference(&first).count());
        let same = if missing + more == 0 { "yes".to_owned() } else { format!("{missing} fewer, {more} more") };
        println!(
            "| {} | {} | {:.2} | {:.2} | {} | {} | {same} |",
            racer.name,
            racer.version,
            middle.wall.as_secs_f64(),
            middle.cpu.as_secs_f64(),
            middle.memory,
            racer.hits.len()
        );
        for (rule, file) in racer.hits.symmetric_difference(&first).take(10) {
            eprintln!("{}: differs in {rule} {file}", racer.name);
        }
    }
    let wall = |racer: &Racer| racer.runs[racer.runs.len() / 2].wall.as_secs_f64().max(0.001);
    let [first, later, others @ ..] = racers else { return };
    for other in others {
        println!(
            "\n{}: {:.1} times our first pass, {:.1} times a later one.",
            other.name,
            wall(other) / wall(first),
            wall(other) / wall(later)
        );
    }
}

/// Rule and file, a tab between them.
fn tab(line: &str) -> Option<(String, String)> {
    let (rule, file) = line.split_once('\t')?;
    Some((rule.to_owned(), file.to_owned()))
}

/// Rule and file, a blank between them.
fn blank(line: &str) -> Option<(String, String)> {
    let (rule, file) = line.split_once(' ')?;
    Some((rule.to_owned(), file.to_owned()))
}

fn version_of(program: &Path) -> String {
    let told = Command::new(program).arg("--version").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
    told.lines().next().unwrap_or("?").trim().replace('|', " ")
}

/// All files below some folders, one a line. Links are left out, as our walk does.
fn list_files(folders: &[PathBuf]) -> Result<String> {
    let mut list = String::new();
    let mut waiting: Vec<PathBuf> = folders.to_vec();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                list.push_str(&entry.path().to_string_lossy());
                list.push('\n');
            }
        }
    }
    Ok(list)
}
