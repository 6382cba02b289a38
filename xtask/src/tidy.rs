//! House rules that no compiler knows. Each refusal says what to do instead.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// A file longer than this needs to be two rooms.
const LONGEST: usize = 500;

/// Words of the law or of a place; they belong in a pack. Comments and tests may name them.
const LAW: &[&str] = &["Cao Lãnh", "02/KH-UBND", "05/2017", "20/2017", "331/2026", "TT-BTTTT", "VNCERT"];

pub fn run() -> Result<()> {
    let mut refusals = Vec::new();
    for file in rust_files(Path::new("crates"))?.into_iter().chain(rust_files(Path::new("xtask"))?) {
        let text = std::fs::read_to_string(&file)?;
        look_at_code(&file, &text, &mut refusals);
    }
    for file in files(Path::new("crates"), "html")? {
        let text = std::fs::read_to_string(&file)?;
        look_at_template(&file, &text, &mut refusals);
    }
    if refusals.is_empty() {
        eprintln!("tidy");
        return Ok(());
    }
    refusals.iter().for_each(|refusal| eprintln!("{refusal}"));
    bail!("{} places are not tidy", refusals.len());
}

fn look_at_code(file: &Path, text: &str, refusals: &mut Vec<String>) {
    let name = file.display();
    let is_test = file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
    let lines = text.lines().count();
    if lines > LONGEST && !is_test {
        refusals.push(format!("{name}: {lines} lines; split it by meaning (at most {LONGEST})"));
    }
    if !text.starts_with("//!") && !text.starts_with("#!") {
        refusals.push(format!("{name}: begins without `//!` saying what the module is for"));
    }
    let in_store = file.ends_with("store.rs") || file.components().any(|part| part.as_os_str() == "store");
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    for (number, line) in (1..).zip(code.lines()) {
        let trimmed = line.trim_start();
        if trimmed.starts_with("//") {
            continue;
        }
        if trimmed.contains("#[ignore") {
            refusals.push(format!("{name}:{number}: a test that never runs proves nothing"));
        }
        if is_test || name.to_string().starts_with("xtask") {
            continue;
        }
        let asks = trimmed.contains("sql!(") || trimmed.contains("Select::new(");
        if asks && !in_store && !name.to_string().starts_with("crates/kit") {
            refusals.push(format!("{name}:{number}: SQL belongs in the feature's store"));
        }
        if let Some(word) = LAW.iter().find(|word| trimmed.contains(**word)) {
            refusals.push(format!("{name}:{number}: “{word}” is law or a place; it belongs in a pack"));
        }
    }
}

fn look_at_template(file: &Path, text: &str, refusals: &mut Vec<String>) {
    let name = file.display();
    for (number, line) in (1..).zip(text.lines()) {
        for forbidden in [" style=", " onclick=", " onsubmit=", "<script>", "|safe", "| safe"] {
            if line.contains(forbidden) {
                refusals.push(format!("{name}:{number}: `{}` is not allowed in a template", forbidden.trim()));
            }
        }
        if let Some(word) = LAW.iter().find(|word| line.contains(**word)) {
            refusals.push(format!("{name}:{number}: “{word}” is law or a place; it belongs in a pack"));
        }
    }
}

/// Every Rust file below a folder, in the order of their names.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    files(folder, "rs")
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
