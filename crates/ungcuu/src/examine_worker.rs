//! `ungcuu examine-worker`: the child process in which hostile logs and rules are read. Started by the server itself, never
//! by a person; one task comes in on its input, what it finds goes out on its output.

use std::io::{BufWriter, stdin, stdout};
use std::process::ExitCode;

use ungcuu_app::sensor::probe::work;

/// The most memory it may take, in bytes: a hunt with 3,300 rules takes a third of it.
#[cfg(unix)]
const MEMORY: u64 = 1 << 30;
/// Seconds of one processor; the server itself waits no longer either.
#[cfg(unix)]
const SECONDS: u64 = 4 * 3600;

/// Does one task. Called before anything else is begun in the program.
pub fn run() -> ExitCode {
    // A message may quote the log, so nobody gets it.
    std::panic::set_hook(Box::new(|_| {}));
    if bound().is_err() {
        return ExitCode::from(2);
    }
    match work(stdin().lock(), BufWriter::with_capacity(1 << 16, stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

/// No more memory and time than this, no file written, and behind everything that answers a reader.
#[cfg(unix)]
fn bound() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};

    let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Data, at_most(MEMORY))?;
    setrlimit(Resource::Cpu, at_most(SECONDS))?;
    setrlimit(Resource::Fsize, at_most(0))?;
    setrlimit(Resource::Core, at_most(0))?;
    // Politeness alone; a machine that refuses it reads logs all the same.
    let _ = nice(10);
    Ok(())
}

#[cfg(not(unix))]
fn bound() -> std::io::Result<()> {
    Ok(())
}
