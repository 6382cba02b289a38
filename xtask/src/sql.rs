//! Finds every `sql!("…")` and has both databases prepare it, so that a misspelt column is found in seconds.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ungcuu_app::app::migrations;
use ungcuu_kit::db::Db;

/// A statement and where it stands.
struct Statement {
    file: PathBuf,
    line: usize,
    text: String,
}

/// Prepares every statement on a fresh SQLite and on a fresh database of this PostgreSQL server.
pub fn run(postgres: &str) -> Result<()> {
    let statements = find(Path::new("crates"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let failures = runtime.block_on(async {
        let folder = std::env::temp_dir().join(format!("ungcuu-sql-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let sqlite = Db::open_sqlite(&folder.join("sql.sqlite")).await?;
        let server = Db::open_postgres(postgres).await?;
        let name = format!("sql_{}", std::process::id());
        server.create_database(&name).await?;
        let fresh = postgres.rsplit_once('/').context("a database address has a name")?.0;
        let postgres = Db::open_postgres(&format!("{fresh}/{name}")).await?;
        let mut failures = 0;
        for (engine, db) in [("SQLite", &sqlite), ("PostgreSQL", &postgres)] {
            db.migrate(&migrations()).await?;
            for statement in &statements {
                let mut tx = db.write().await?;
                if let Err(cause) = tx.prepare(&statement.text).await {
                    failures += 1;
                    eprintln!("{}:{}: {engine}: {cause}", statement.file.display(), statement.line);
                }
            }
        }
        sqlite.close().await;
        std::fs::remove_dir_all(&folder)?;
        anyhow::Ok(failures)
    })?;
    if failures > 0 {
        bail!("{failures} of {} statements cannot be prepared", statements.len());
    }
    eprintln!("sql: {} statements prepared on SQLite and PostgreSQL", statements.len());
    Ok(())
}

fn find(folder: &Path) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for file in crate::tidy::rust_files(folder)? {
        // Tests may ask one engine for its query plan.
        if file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = std::fs::read_to_string(&file)?;
        let mut rest = text.as_str();
        while let Some(at) = rest.find("sql!(") {
            let line_start = rest[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let commented = rest[line_start..at].trim_start().starts_with("//");
            let line = text[..text.len() - rest.len() + at].lines().count().max(1);
            rest = &rest[at + "sql!(".len()..];
            let literal = rest.trim_start();
            if commented || !literal.starts_with('"') {
                continue;
            }
            statements.push(Statement { file: file.clone(), line, text: unquote(&literal[1..]) });
        }
    }
    Ok(statements)
}

/// The text of a plain string literal, up to its closing quote.
fn unquote(literal: &str) -> String {
    let mut text = String::new();
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('\n') => {
                    while letters.peek().is_some_and(|next| next.is_whitespace()) {
                        letters.next();
                    }
                }
                Some(other) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    text
}
