//! Benchmarks of the product in a release build, printed as the tables of `docs/benchmarks.md`.

mod documents;
mod intake;
mod line;
mod papers;
mod seed;
mod server;
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
    /// Measure on a database of this PostgreSQL server (`postgres://user@host`) instead of SQLite.
    #[arg(long)]
    postgres: Option<String>,
}

pub fn run(bench: &Bench) -> Result<()> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    cargo(&["build", "--release", "--package", "ungcuu"])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match bench {
        Bench::Web(web) => runtime.block_on(measure_web(web)),
        Bench::Documents => runtime.block_on(documents::measure()),
    }
}

/// A figure of a debug build says nothing; the same command again, optimised.
fn in_release() -> Result<()> {
    let mut arguments = vec!["run".to_owned(), "--release".to_owned(), "--package".to_owned(), "xtask".to_owned()];
    arguments.push("--".to_owned());
    arguments.extend(std::env::args().skip(1));
    cargo(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if !Command::new(program).args(arguments).status()?.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(())
}

async fn measure_web(web: &Web) -> Result<()> {
    let engine = if web.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("## {engine}, scale {}\n", web.scale);
    let seeded = seed::seeded(web.scale, web.postgres.as_deref()).await?;
    println!("{}\n", seeded.sizes());
    let (server, ready) = server::Server::start(&seeded.place)?;
    println!("Ready to serve in {} ms; {} MiB resident at the start.\n", ready.as_millis(), server.resident()?.0);
    visit::measure(&server, &seeded, web.users, web.seconds).await?;
    intake::measure(&server, &seeded).await?;
    let (now, peak) = server.resident()?;
    println!("Resident after all of it: {now} MiB, at most {peak} MiB.");
    Ok(())
}

/// Where benchmarks keep their records between two runs.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("bench")
}
