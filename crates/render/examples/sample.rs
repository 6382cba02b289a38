//! Writes sample documents into a folder, to be looked at: `cargo run -p ungcuu-render --example sample -- FOLDER`.

use std::path::Path;
use std::time::Instant;

use ungcuu_render::{to_docx, to_pdf};

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to write to")?;
    let documents = [
        ("sample", sample::report()),
        ("letter", sample::letter()),
        ("form", sample::form()),
        ("hostile", sample::hostile()),
    ];
    for (name, document) in documents {
        let started = Instant::now();
        std::fs::write(Path::new(&folder).join(name).with_extension("pdf"), to_pdf(&document)?)?;
        println!("{name}.pdf  {:?}", started.elapsed());
        let started = Instant::now();
        std::fs::write(Path::new(&folder).join(name).with_extension("docx"), to_docx(&document)?)?;
        println!("{name}.docx {:?}", started.elapsed());
    }
    Ok(())
}
