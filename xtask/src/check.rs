//! Everything that must hold before a change lands, in the order in which it fails fastest.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{install, postgres, sql, tidy};

pub fn run() -> Result<()> {
    install::run()?;
    tidy::run()?;
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    let server = postgres::Server::start()?;
    sql::run(&server.url("postgres"))?;
    for engine in ["sqlite", "postgres"] {
        eprintln!("every test, on {engine}");
        cargo(&["test", "--workspace"], &[("UNGCUU_TEST_DB", engine), ("UNGCUU_TEST_POSTGRES", &server.url(""))])?;
    }
    Ok(())
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().copied());
    let status = command.status().with_context(|| format!("running cargo {}", arguments.join(" ")))?;
    if !status.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(())
}
