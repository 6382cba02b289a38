//! Hunting: how many events a second, against a floor and against whatever other engines are on the PATH, on the same
//! files with the same rules, one after another in each round.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

/// How many events the corpus has at least.
const EVENTS: u64 = 250_000;

#[derive(Args)]
pub struct Hunt {
    /// Where the logs (`evtx`) and the rules (`sigma`) are; `UNGCUU_SHARED_DATA` or `../shared/data` if not said.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How often everything is run; the middle is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only what has this in its name.
    #[arg(long)]
    only: Option<String>,
}

/// Something to be run.
struct Racer {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    /// How it is called to say its version.
    version: Option<&'static str>,
    events: u64,
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
    let corpus = Corpus::make(&data, folder.path(), &built)?;
    println!(
        "{} events in {} files, {} MB; as flat JSON lines {} MB; medians of {}.\n",
        corpus.events,
        corpus.files,
        corpus.bytes / 1_000_000,
        std::fs::metadata(&corpus.flat)?.len() / 1_000_000,
        hunt.rounds
    );
    let racers = racers(&corpus, &data, folder.path(), &built);
    let wanted = |racer: &&Racer| hunt.only.as_ref().is_none_or(|only| racer.name.contains(only));
    let racers: Vec<&Racer> = racers.iter().filter(wanted).collect();
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); racers.len()];
    for _ in 0..hunt.rounds.max(1) {
        for (racer, runs) in racers.iter().zip(&mut runs) {
            runs.push(run(racer)?);
        }
    }
    println!("| what | version | wall s | CPU s | events/s | MiB at most |\n|---|---|---:|---:|---:|---:|");
    for (racer, mut runs) in racers.into_iter().zip(runs) {
        runs.sort_by_key(|run| run.wall);
        let middle = runs[runs.len() / 2];
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.0} | {} |",
            racer.name,
            version(racer),
            middle.wall.as_secs_f64(),
            middle.cpu.as_secs_f64(),
            racer.events as f64 / middle.wall.as_secs_f64(),
            middle.memory
        );
    }
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
    fn make(data: &Path, folder: &Path, built: &Path) -> Result<Corpus> {
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
        let copies = EVENTS.div_ceil(events.max(1));
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

fn racers(corpus: &Corpus, data: &Path, folder: &Path, built: &Path) -> Vec<Racer> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (rules, logs, flat) = (text(&data.join("sigma")), text(&corpus.folder), text(&corpus.flat));
    let windows = text(&data.join("sigma/rules/windows"));
    let out = text(&folder.join("out.jsonl"));
    let kept = vec![("KEPT", text(&folder.join("kept")))];
    let ours = |name: &str, threads: &str, input: &str, kept: &[(&'static str, String)], events: u64| Racer {
        name: name.into(),
        program: built.join("hunt"),
        arguments: vec![rules.clone(), threads.into(), out.clone(), input.into()],
        environment: kept.to_vec(),
        version: None,
        events,
    };
    let mut racers = vec![
        ours("ungcuu, EVTX, 2 threads", "2", &logs, &kept, corpus.events),
        ours("ungcuu, EVTX, 1 thread", "1", &logs, &kept, corpus.events),
        ours("ungcuu, JSON lines, 2 threads", "2", &flat, &kept, corpus.events),
        ours("ungcuu, JSON lines, 1 thread", "1", &flat, &kept, corpus.events),
        ours("ungcuu, one small file, rules kept", "2", &text(&corpus.small), &kept, 0),
        ours("ungcuu, one small file, rules from YAML", "2", &text(&corpus.small), &[], 0),
    ];
    for threads in ["2", "1"] {
        racers.push(Racer {
            name: format!("floor: the evtx crate to JSON, no rules, {threads} threads"),
            program: built.join("floor"),
            arguments: vec![threads.into(), logs.clone()],
            environment: Vec::new(),
            version: None,
            events: corpus.events,
        });
    }
    if let Some(program) = on_path("hayabusa") {
        let arguments = ["dfir-timeline", "-w", "-q", "-C", "-K", "-N", "-t", "jsonl", "-Q", "-d", &logs, "-o", &out];
        racers.push(other("hayabusa, its own rules", program, &arguments, "--version", corpus.events));
    }
    if let Some(program) = on_path("chainsaw") {
        let mapping = std::env::var("CHAINSAW_MAPPING").unwrap_or_else(|_| "sigma-event-logs-all.yml".into());
        let arguments = ["hunt", &logs, "-s", &windows, "--mapping", &mapping, "--jsonl", "--skip-errors", "-o", &out];
        racers.push(other("chainsaw, rules/windows", program, &arguments, "--version", corpus.events));
    }
    racers
}

fn other(name: &str, program: PathBuf, arguments: &[&str], version: &'static str, events: u64) -> Racer {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Racer { name: name.into(), program, arguments, environment: Vec::new(), version: Some(version), events }
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

fn run(racer: &Racer) -> Result<Run> {
    let mut command = Command::new(&racer.program);
    command.args(&racer.arguments).envs(racer.environment.iter().map(|(name, value)| (*name, value)));
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let watched = watch(&mut child, begun)?;
    Ok(watched)
}

/// Waits for a child and looks now and then at what it has used; the last look is at most a hundredth of a second old.
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
        std::thread::sleep(Duration::from_millis(5));
    }
}
