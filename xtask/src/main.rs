//! The project's own chores. `cargo xtask check` is what a developer and CI run; it installs by itself what the tests
//! need and is missing.

mod bench;
mod check;
mod install;
mod postgres;
mod sql;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The project's own chores")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Format, lints, tidy, SQL, and every test on both databases. Installs what is missing.
    Check,
    /// House rules that no compiler knows.
    Tidy,
    /// Prepares every statement on a migrated SQLite and PostgreSQL.
    Sql,
    /// Measures the release build. Nothing of it is a test.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> Result<()> {
    match Cli::parse().chore {
        Chore::Check => check::run(),
        Chore::Tidy => tidy::run(),
        Chore::Bench(bench) => bench::run(&bench),
        Chore::Sql => {
            let server = postgres::Server::start()?;
            sql::run(&server.url("postgres"))
        }
    }
}
