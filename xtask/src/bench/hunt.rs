//! Hunting: how many events a second, against a floor, against whatever other engines are on the PATH and against one that is built as a
//! library, on the same files with the same rules, one after another in each round.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

#[derive(Args)]
pub struct Hunt {
    /// Where the logs (`evtx`) and the rules (`sigma`) are; `UNGCUU_SHARED_DATA` or `../shared/data` if not said.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How often everything is run; the middle is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many events the corpus has at least.
    #[arg(long, default_value_t = 250_000)]
    events: u64,
    /// Build the other engine that is a library, and measure it too (`crates/detect/rivals`).
    #[arg(long)]
    rivals: bool,
    /// Only what has this in its name.
    #[arg(long)]
    only: Option<String>,
}

/// Where a racer says how many hits it had.
#[derive(Clone, Copy)]
enum Told {
    Nowhere,
    /// A line of the file it writes for each.
    Lines,
    /// The number, on standard output.
    Number,
}

/// What engines write into.
const OUT: &str = "out.jsonl";

/// Something to be run.
#[derive(Clone)]
struct Racer {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    /// How it is called to say its version.
    version: Option<&'static str>,
    events: u64,
    told: Told,
}

/// What a run took.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub wall: Duration,
    pub cpu: Duration,
    /// MiB.
    pub memory: u64,
}

/// Builds what is measured and measures it.
pub fn measure(hunt: &Hunt) -> Result<()> {
    let data = hunt.data.clone().or_else(|| std::env::var_os("UNGCUU_SHARED_DATA").map(PathBuf::from));
    let data = data.unwrap_or_else(|| PathBuf::from("../shared/data"));
    if !data.is_dir() {
        bail!("{} is not there; --data says where logs and rules are", data.display());
    }
    super::cargo(&["build", "--profile", super::PROFILE, "--package", "ungcuu-detect", "--examples"])?;
    let built = super::target().join(super::PROFILE).join("examples");
    let folder = tempfile::Builder::new().prefix("ungcuu-hunt").tempdir()?;
    let corpus = Corpus::make(&data, folder.path(), &built, hunt.events)?;
    println!(
        "{} events in {} files, {} MB; as flat JSON lines {} MB; medians of {}.\n",
        corpus.events,
        corpus.files,
        corpus.bytes / 1_000_000,
        std::fs::metadata(&corpus.flat)?.len() / 1_000_000,
        hunt.rounds
    );
    let rival = if hunt.rivals { Some(rival("sigma")?) } else { None };
    let racers = racers(&corpus, &data, folder.path(), &built, rival);
    let wanted = |racer: &&Racer| hunt.only.as_ref().is_none_or(|only| racer.name.contains(only));
    let racers: Vec<&Racer> = racers.iter().filter(wanted).collect();
    // Rules are kept from now on, so that the first round is like the others.
    for racer in racers.iter().filter(|racer| !racer.environment.is_empty()) {
        let mut warming = (*racer).clone();
        warming.arguments.pop();
        warming.arguments.push(text(&corpus.small));
        run(&warming, folder.path())?;
    }
    println!("Load at the beginning: {}.", load());
    let mut runs: Vec<Vec<(Run, Option<u64>)>> = vec![Vec::new(); racers.len()];
    for _ in 0..hunt.rounds.max(1) {
        for (racer, runs) in racers.iter().zip(&mut runs) {
            runs.push(run(racer, folder.path()).with_context(|| racer.name.clone())?);
        }
    }
    println!("Load at the end: {}.\n", load());
    println!("| what | version | wall s | CPU s | events/s | MiB at most | hits |\n|---|---|---:|---:|---:|---:|---:|");
    for (racer, runs) in racers.iter().zip(&mut runs) {
        runs.sort_by_key(|(run, _)| run.wall);
        let (middle, hits) = runs[runs.len() / 2];
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.0} | {} | {} |",
            racer.name,
            version(racer),
            middle.wall.as_secs_f64(),
            middle.cpu.as_secs_f64(),
            racer.events as f64 / middle.wall.as_secs_f64(),
            middle.memory,
            hits.map_or("-".into(), |hits| hits.to_string())
        );
    }
    println!("\nWhat was run (WORK is a folder of its own, DATA the shared logs and rules):\n");
    let named = [(folder.path(), "WORK"), (data.as_path(), "DATA")];
    racers.iter().for_each(|racer| println!("- {}: `{}`", racer.name, spelled(racer, &named)));
    Ok(())
}

/// The files that are hunted through.
struct Corpus {
    folder: PathBuf,
    flat: PathBuf,
    small: PathBuf,
    events: u64,
    files: usize,
    bytes: u64,
}

impl Corpus {
    /// Copies the shared logs as often as it takes. Copies, not links: the same bytes in memory would be read too fast.
    fn make(data: &Path, folder: &Path, built: &Path, at_least: u64) -> Result<Corpus> {
        let mut logs = Vec::new();
        for part in ["evtx/files", "evtx/regression"] {
            let list = std::fs::read_dir(data.join(part)).with_context(|| format!("reading {part}"))?;
            logs.extend(list.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?);
        }
        logs.sort();
        let once = folder.join("once.jsonl");
        let flatten = Command::new(built.join("flatten")).arg(&once).args(&logs).status()?;
        if !flatten.success() {
            bail!("the logs could not be flattened");
        }
        let lines = std::fs::read(&once)?;
        let events = lines.iter().filter(|byte| **byte == b'\n').count() as u64;
        let copies = at_least.div_ceil(events.max(1));
        let place = folder.join("corpus");
        let mut corpus = Corpus {
            folder: place.clone(),
            flat: folder.join("flat.jsonl"),
            small: logs.first().context("there are no logs")?.clone(),
            events: events * copies,
            files: 0,
            bytes: 0,
        };
        let mut flat = std::fs::File::create(&corpus.flat)?;
        for copy in 0..copies {
            std::io::Write::write_all(&mut flat, &lines)?;
            let place = place.join(copy.to_string());
            std::fs::create_dir_all(&place)?;
            for (number, log) in logs.iter().enumerate() {
                corpus.bytes += std::fs::copy(log, place.join(format!("{number}.evtx")))?;
                corpus.files += 1;
            }
        }
        Ok(corpus)
    }
}

fn racers(corpus: &Corpus, data: &Path, folder: &Path, built: &Path, rival: Option<PathBuf>) -> Vec<Racer> {
    let (all, logs, flat) = (text(&data.join("sigma")), text(&corpus.folder), text(&corpus.flat));
    let windows = text(&data.join("sigma/rules/windows"));
    let out = text(&folder.join(OUT));
    let kept = vec![("KEPT", text(&folder.join("kept")))];
    let ours = |name: &str, rules: &str, threads: &str, input: &str, events: u64| Racer {
        name: format!("ungcuu, {name}"),
        program: built.join("hunt"),
        arguments: vec![rules.into(), threads.into(), out.clone(), input.into()],
        environment: kept.clone(),
        version: None,
        events,
        told: Told::Lines,
    };
    let small = text(&corpus.small);
    let mut racers = vec![
        ours("EVTX, 2 threads", &all, "2", &logs, corpus.events),
        ours("EVTX, 1 thread", &all, "1", &logs, corpus.events),
        ours("JSON lines, 2 threads", &all, "2", &flat, corpus.events),
        ours("JSON lines, 1 thread", &all, "1", &flat, corpus.events),
        ours("one small file, rules kept", &all, "2", &small, 0),
        Racer { environment: Vec::new(), ..ours("one small file, rules from YAML", &all, "2", &small, 0) },
        // The rules that the others have.
        ours("EVTX, 2 threads, rules/windows", &windows, "2", &logs, corpus.events),
        ours("EVTX, 1 thread, rules/windows", &windows, "1", &logs, corpus.events),
        ours("JSON lines, 2 threads, rules/windows", &windows, "2", &flat, corpus.events),
        ours("JSON lines, 1 thread, rules/windows", &windows, "1", &flat, corpus.events),
    ];
    let other = |name: &str, program: &Path, arguments: &[&str], told: Told| Racer {
        name: name.into(),
        program: program.to_owned(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        environment: Vec::new(),
        version: Some("--version"),
        events: corpus.events,
        told,
    };
    if let Some(program) = rival {
        for (threads, name) in [("2", "2 threads"), ("1", "1 thread")] {
            let name = format!("rsigma-eval, JSON lines, {name}, rules/windows");
            racers.push(other(&name, &program, &[&windows, threads, &flat], Told::Number));
        }
    }
    for (threads, name) in [("2", "2 threads"), ("1", "1 thread")] {
        let name = format!("floor: the evtx crate to JSON, no rules, {name}");
        let floor = other(&name, &built.join("floor"), &[threads, &logs], Told::Nowhere);
        racers.push(Racer { version: None, ..floor });
    }
    if let Some(program) = on_path("hayabusa") {
        let mut arguments =
            vec!["dfir-timeline", "-w", "-q", "-C", "-K", "-N", "-t", "jsonl", "-Q", "-d", &logs, "-o", &out];
        let rules = std::env::var("HAYABUSA_RULES").unwrap_or_default();
        let config = text(&Path::new(&rules).join("config"));
        if !rules.is_empty() {
            arguments.extend(["-r", &rules, "-c", &config]);
        }
        let hayabusa = other("hayabusa, EVTX, its own rules", &program, &arguments, Told::Lines);
        racers.push(Racer { version: Some("help"), ..hayabusa });
    }
    if let Some(program) = on_path("chainsaw") {
        let mapping = std::env::var("CHAINSAW_MAPPING").unwrap_or_else(|_| "sigma-event-logs-all.yml".into());
        let arguments = ["hunt", &logs, "-s", &windows, "--mapping", &mapping, "--jsonl", "--skip-errors", "-o", &out];
        racers.push(other("chainsaw, EVTX, rules/windows", &program, &arguments, Told::Lines));
    }
    racers
}

/// Builds another engine that is a library, with the program around it, and says where that program is.
pub(super) fn rival(name: &str) -> Result<PathBuf> {
    let place = super::target().join("rivals");
    let manifest = "crates/detect/rivals/Cargo.toml";
    super::cargo(&[
        "build",
        "--release",
        "--manifest-path",
        manifest,
        "--features",
        name,
        "--bin",
        name,
        "--target-dir",
        &text(&place),
    ])?;
    Ok(place.join("release").join(name))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The first line of the machine's load.
pub(super) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// A command as one would type it, with short names for folders.
fn spelled(racer: &Racer, named: &[(&Path, &str)]) -> String {
    let program = racer.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let environment = racer.environment.iter().map(|(name, value)| format!("{name}={value}"));
    let words = environment.chain([program]).chain(racer.arguments.iter().cloned()).collect::<Vec<_>>().join(" ");
    named.iter().fold(words, |words, (path, name)| words.replace(&text(path), name))
}

pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn version(racer: &Racer) -> String {
    let Some(argument) = racer.version else { return env!("CARGO_PKG_VERSION").into() };
    let told = Command::new(&racer.program).arg(argument).output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
    told.lines().next().unwrap_or("?").trim().replace('|', " ")
}

/// Runs it, and how many hits it told.
fn run(racer: &Racer, folder: &Path) -> Result<(Run, Option<u64>)> {
    let (out, printed) = (folder.join(OUT), folder.join("printed"));
    _ = std::fs::remove_file(&out);
    let mut command = Command::new(&racer.program);
    command.args(&racer.arguments).envs(racer.environment.iter().map(|(name, value)| (*name, value)));
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(File::create(&printed)?).stderr(Stdio::null()).spawn()?;
    let watched = watch(&mut child, begun)?;
    let hits = match racer.told {
        Told::Nowhere => None,
        Told::Lines => Some(std::fs::read(&out)?.iter().filter(|byte| **byte == b'\n').count() as u64),
        Told::Number => Some(std::fs::read_to_string(&printed)?.trim().parse()?),
    };
    Ok((watched, hits))
}

/// Waits for a child and looks now and then at what it has used. It is looked at a hundred times while it runs: looking at
/// its memory holds its threads up.
pub(super) fn watch(child: &mut Child, begun: Instant) -> Result<Run> {
    /// Ticks of the kernel's clock in a second, in which /proc counts.
    const TICKS: u64 = 100;
    let place = PathBuf::from(format!("/proc/{}", child.id()));
    let mut run = Run { wall: Duration::ZERO, cpu: Duration::ZERO, memory: 0 };
    loop {
        let status = std::fs::read_to_string(place.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
        run.memory = run.memory.max(peak / 1024);
        let stat = std::fs::read_to_string(place.join("stat")).unwrap_or_default();
        // After the name, which may hold anything, the twelfth and thirteenth are user and system time.
        let used = stat.rsplit_once(')').map(|(_, rest)| {
            rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>()
        });
        run.cpu = run.cpu.max(Duration::from_millis(used.unwrap_or(0) * 1_000 / TICKS));
        if let Some(status) = child.try_wait()? {
            run.wall = begun.elapsed();
            // Hunting tools say with 1 that something was found.
            if !matches!(status.code(), Some(0 | 1)) {
                bail!("ended with {status}");
            }
            return Ok(run);
        }
        std::thread::sleep((begun.elapsed() / 100).clamp(Duration::from_millis(3), Duration::from_millis(200)));
    }
}
