//! Benchmarks of the product in an optimised build, printed as the tables of `docs/benchmarks.md`.

mod documents;
mod hunt;
mod intake;
mod line;
mod papers;
mod seed;
mod server;
mod sweep;
mod visit;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub enum Bench {
    /// Pages, intake, memory and start-up with the number of records a province gathers in years.
    Web(Web),
    /// A form, a report and a dossier as PDF and Word, by the child process that makes them.
    Documents,
    /// Logs against Sigma rules, beside a floor and other engines on the PATH.
    Hunt(hunt::Hunt),
    /// Files against YARA rules, beside the YARA engines on the PATH.
    Sweep(sweep::Sweep),
}

#[derive(Args)]
pub struct Web {
    /// 1 is a million alerts and 20,000 incidents.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How many people ask at once.
    #[arg(long, default_value_t = 50)]
    users: usize,
    /// How long each page is asked for, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Measure the binary that is shipped; building it takes many minutes.
    #[arg(long)]
    release_profile: bool,
    /// Only the pages whose name has this in it, without intake; or only `Intake`, on nothing.
    #[arg(long)]
    only: Option<String>,
    /// Measure on a database of this PostgreSQL server (`postgres://user@host`) instead of SQLite.
    #[arg(long)]
    postgres: Option<String>,
}

/// The profile of the optimised builds that are not shipped.
const PROFILE: &str = "measure";

pub fn run(bench: &Bench) -> Result<()> {
    // Measures programs of their own, so it need not be optimised itself.
    match bench {
        Bench::Hunt(hunt) => return hunt::measure(hunt),
        Bench::Sweep(sweep) => return sweep::measure(sweep),
        Bench::Web(_) | Bench::Documents => {}
    }
    if cfg!(debug_assertions) {
        return optimised(bench);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match bench {
        Bench::Web(web) => runtime.block_on(measure_web(web)),
        Bench::Documents => runtime.block_on(documents::measure()),
        Bench::Hunt(hunt) => hunt::measure(hunt),
        Bench::Sweep(sweep) => sweep::measure(sweep),
    }
}

/// A figure of a debug build says nothing; the same command again, optimised. Nothing is built twice: pages need no PDF.
fn optimised(bench: &Bench) -> Result<()> {
    let mut arguments = vec!["build", "--profile", PROFILE, "--package", "xtask"];
    match bench {
        Bench::Web(web) if web.release_profile => {
            cargo(&["build", "--release", "--package", "ungcuu"])?;
            arguments.push("--no-default-features");
        }
        Bench::Web(_) => arguments.extend(["--package", "ungcuu", "--no-default-features"]),
        Bench::Documents => arguments.extend(["--package", "ungcuu"]),
        Bench::Hunt(_) | Bench::Sweep(_) => {}
    }
    cargo(&arguments)?;
    let again = target().join(PROFILE).join("xtask");
    if !Command::new(again).args(std::env::args().skip(1)).status()?.success() {
        bail!("the measurement failed");
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if !Command::new(program).args(arguments).status()?.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(())
}

/// The product to measure: the shipped one, or the one beside this program.
fn product(web: &Web) -> Result<PathBuf> {
    if web.release_profile {
        return Ok(target().join("release/ungcuu"));
    }
    Ok(std::env::current_exe()?.with_file_name("ungcuu"))
}

async fn measure_web(web: &Web) -> Result<()> {
    let engine = if web.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("## {engine}, scale {}\n", web.scale);
    let binary = product(web)?;
    let postgres = web.postgres.as_deref();
    if web.only.as_deref().is_none_or(|only| only == "Intake") {
        // The rate of intake with hardly anything there, to be compared with the rate on all of it.
        let empty = seed::seeded(0.0, postgres).await?;
        let (server, _) = server::Server::start(&binary, &empty.place)?;
        println!("Before there is anything:\n");
        intake::measure(&server, &empty).await?;
        if web.only.is_some() {
            return Ok(());
        }
    }
    let seeded = seed::seeded(web.scale, postgres).await?;
    println!("{}\n", seeded.sizes());
    let (server, ready) = server::Server::start(&binary, &seeded.place)?;
    println!("Ready to serve in {} ms; {} MiB resident at the start.\n", ready.as_millis(), server.resident()?.0);
    visit::measure(&server, &seeded, web.users, web.seconds, web.only.as_deref()).await?;
    if web.only.is_none() {
        println!("With all of it:\n");
        intake::measure(&server, &seeded).await?;
    }
    let (now, peak) = server.resident()?;
    println!("Resident after all of it: {now} MiB, at most {peak} MiB.");
    Ok(())
}

/// Where benchmarks keep their records between two runs.
fn folder() -> PathBuf {
    target().join("bench")
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}
