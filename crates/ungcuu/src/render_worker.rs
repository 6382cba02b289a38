//! `ungcuu render-worker`: the child process in which documents are laid out. Started by the server itself, never by a
//! person; jobs come in on its input, files go out on its output.

use std::io::{stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use ungcuu_app::app::Settings;
use ungcuu_app::report::rendering::{Limits, Maker, work};

/// After so many documents a new child begins with clean memory.
const DOCUMENTS: u32 = 200;
/// Grown to so many KiB of resident memory, it leaves; the next document gets a small one again.
const RESIDENT: u64 = 256 << 10;
/// So many seconds without work, and its memory goes to others.
const IDLE: i64 = 600;

#[derive(Args)]
pub struct RenderWorker {
    /// The most memory it may take, in MiB.
    #[arg(long, default_value_t = 1024)]
    memory: u64,
}

/// Settings of a server that has its documents made by a child of this very binary.
pub fn settings() -> Settings {
    Settings { maker: Maker::Child { program: program(), limits: Limits::default() }, ..Settings::default() }
}

/// This binary. By its open file where that is possible, so that it is still the same one after an upgrade has put
/// another in its place.
fn program() -> PathBuf {
    let open = PathBuf::from("/proc/self/exe");
    if open.exists() { open } else { std::env::current_exe().unwrap_or_else(|_| "ungcuu".into()) }
}

impl RenderWorker {
    pub fn run(&self) -> Result<ExitCode> {
        // A message of the layout may quote the document, so a log gets the place alone.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            eprintln!("the layout of a document panicked at {place}");
        }));
        bound(self.memory).context("bounding the memory")?;
        let mut made = 0;
        work(stdin().lock(), stdout().lock(), || {
            made += 1;
            made <= DOCUMENTS && resident() < RESIDENT && is_wanted()
        })
        .context("talking to the server")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// No more memory than this, no image of it on the disk, and behind everything that answers a reader.
#[cfg(unix)]
fn bound(memory: u64) -> Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};

    let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Data, at_most(memory << 20))?;
    setrlimit(Resource::Core, at_most(0))?;
    // Politeness alone; a machine that refuses it lays out documents all the same.
    let _ = nice(5);
    Ok(())
}

#[cfg(not(unix))]
fn bound(_memory: u64) -> Result<()> {
    Ok(())
}

/// Resident memory in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Waits for the next job; false when none comes for a long time.
#[cfg(unix)]
fn is_wanted() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdin = stdin();
    let waiting = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&Timespec { tv_sec: IDLE, tv_nsec: 0 }));
    // Interrupted is not idle: the read that follows waits on.
    waiting != Ok(0)
}

#[cfg(not(unix))]
fn is_wanted() -> bool {
    true
}
