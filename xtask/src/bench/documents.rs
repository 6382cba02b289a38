//! Documents as files, made as the server has them made: by a child of the release binary. Cold begins with starting the
//! child, warm is the middle one of several by a child that waits; every document has words of its own, so that nothing
//! the layout remembers can help.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ungcuu_app::report::rendering::{Format, Limits, Maker, Rendering};
use ungcuu_render::Document;

use super::papers;

/// Writes a document that differs with the turn it is given.
type Paper = fn(usize) -> Document;

/// How often each is made by a child that is warm.
const TIMES: usize = 7;

/// Prints a row for each document.
pub async fn measure() -> Result<()> {
    println!(
        "| Document | pages | PDF, cold | PDF, warm | size | Word, cold | Word, warm | size | the child's memory at most |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let papers: [(&str, Paper); 3] = [
        ("A statutory form", papers::form),
        ("A report of 20 pages", papers::report),
        ("A dossier of 200 pages", papers::dossier),
    ];
    for (name, paper) in papers {
        let pdf = of(paper, &[Format::Pdf]).await?;
        let word = of(paper, &[Format::Docx]).await?;
        println!(
            "| {name} | {} | {} ms | {} ms | {} KiB | {} ms | {} ms | {} KiB | {} MiB |",
            pages(&pdf.file)?,
            pdf.cold.as_millis(),
            pdf.warm.as_millis(),
            pdf.file.len() / 1024,
            word.cold.as_millis(),
            word.warm.as_millis(),
            word.file.len() / 1024,
            pdf.memory.max(word.memory),
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("\nThe process that asks holds at most {} MiB.", peak(&status) / 1024);
    Ok(())
}

struct Measured {
    cold: Duration,
    warm: Duration,
    file: Vec<u8>,
    /// MiB.
    memory: u64,
}

async fn of(paper: Paper, formats: &'static [Format]) -> Result<Measured> {
    let program = std::env::current_exe()?.with_file_name("ungcuu");
    let rendering = Rendering::new(Maker::Child { program, limits: Limits::default() });
    let mut took = Vec::new();
    let mut file = Vec::new();
    for turn in 0..=TIMES {
        let document = paper(turn + 1);
        let begun = Instant::now();
        let made = rendering.render(document, formats).await?;
        took.push(begun.elapsed());
        file = made.into_iter().next().context("one file was asked for")?.to_vec();
    }
    let memory = child_peak();
    let cold = took.remove(0);
    took.sort();
    Ok(Measured { cold, warm: took[took.len() / 2], file, memory })
}

/// The most resident memory of any child of this process, in MiB.
fn child_peak() -> u64 {
    let me = format!("\nPPid:\t{}\n", std::process::id());
    let statuses = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let statuses = statuses.filter_map(|process| std::fs::read_to_string(process.path().join("status")).ok());
    statuses.filter(|status| status.contains(&me)).map(|status| peak(&status) / 1024).max().unwrap_or(0)
}

/// The most resident memory in KiB.
fn peak(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn pages(pdf: &[u8]) -> Result<String> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), pdf)?;
    let told = std::process::Command::new("pdfinfo").arg(file.path()).output().context("poppler-utils are missing")?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let pages = told.lines().find_map(|line| line.strip_prefix("Pages:"));
    Ok(pages.context("a PDF has pages")?.trim().to_owned())
}
