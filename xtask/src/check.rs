//! Everything that must hold before a change lands, in the order in which it fails fastest.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{install, postgres, sql, tidy};

pub fn run() -> Result<()> {
    install::run()?;
    tidy::run()?;
    cargo(&["fmt", "--all", "--check"], &[])?;
    let server = postgres::Server::start()?;
    sql::run(&server.url("postgres"))?;
    let packages = ["--package", "ungcuu-kit", "--package", "ungcuu-detect", "--package", "ungcuu-app"];
    eprintln!("tests, the product on SQLite");
    let mut arguments = vec!["test"];
    arguments.extend(packages);
    cargo(&arguments, &[("UNGCUU_TEST_DB", "sqlite"), ("UNGCUU_TEST_POSTGRES", &server.url(""))])?;
    eprintln!("tests, the foundations, accounts and coordination on PostgreSQL");
    cargo(
        &["test", "--package", "ungcuu-app", "--test", "web", "--", "foundation::", "auth::", "coordination::"],
        &[("UNGCUU_TEST_DB", "postgres"), ("UNGCUU_TEST_POSTGRES", &server.url(""))],
    )
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
