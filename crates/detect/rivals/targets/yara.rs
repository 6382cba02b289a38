//! yara-x as a library, on trees of files: `yara LIST THREADS KEPT ASKED TREE…`. LIST names files of rules, KEPT is where the compiled ones are
//! kept, ASKED are names (with commas) that rules may ask for and that are empty. Prints rule and file, a tab between them, for each
//! hit; `yara --version` what is measured.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use yara_x::{Compiler, Rules, Scanner, SourceCode};

const VERSION: &str = "yara-x 1.22.1, as a library";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == "--version") {
        println!("{VERSION}");
        return Ok(());
    }
    let [list, threads, kept, asked, tree @ ..] = arguments.as_slice() else {
        return Err("yara LIST THREADS KEPT ASKED TREE…".into());
    };
    let rules = match std::fs::read(kept) {
        Ok(bytes) => Rules::deserialize(bytes)?,
        Err(_) => {
            let rules = compile(&std::fs::read_to_string(list)?, asked)?;
            std::fs::write(kept, rules.serialize()?)?;
            rules
        }
    };
    let (files, next) = (files(tree)?, AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let work = || {
            let mut scanner = Scanner::new(&rules);
            let mut told = Vec::new();
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Ok(found) = scanner.scan_file(file) else { continue };
                for rule in found.matching_rules() {
                    told.extend_from_slice(format!("{}\t{}\n", rule.identifier(), file.display()).as_bytes());
                }
            }
            told
        };
        let workers: Vec<_> = (0..threads.parse::<usize>()?.max(1)).map(|_| scope.spawn(work)).collect();
        let mut out = BufWriter::new(std::io::stdout());
        for worker in workers {
            out.write_all(&worker.join().map_err(|_| "a thread ended")?)?;
        }
        Ok(out.flush()?)
    })
}

fn compile(list: &str, asked: &str) -> Result<Rules, Box<dyn Error>> {
    let mut compiler = Compiler::new();
    for name in asked.split(',').filter(|name| !name.is_empty()) {
        compiler.define_global(name, "")?;
    }
    for (number, path) in list.lines().enumerate() {
        compiler.new_namespace(&format!("n{number}"));
        let text = std::fs::read(path)?;
        // What does not compile is told; the hits then show it.
        if let Err(error) = compiler.add_source(SourceCode::from(text.as_slice()).with_origin(path)) {
            eprintln!("{error}");
        }
    }
    Ok(compiler.build())
}

/// All files below some folders. Links are left out, as our walk does.
fn files(tree: &[String]) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut waiting): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), tree.iter().map(PathBuf::from).collect());
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}
