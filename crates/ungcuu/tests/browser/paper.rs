//! Looks at a document as a reader does: its words through pdftotext, its face through pdftoppm.

use std::process::Command;

use super::site::Site;

/// The words of a PDF, spaces made one; a cell of a table stays together.
pub fn text(site: &Site, pdf: &[u8]) -> String {
    let file = site.file("looked-at.pdf", pdf);
    let output = run(Command::new("pdftotext").args(["-raw", &file, "-"]));
    String::from_utf8(output).expect("words").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The document says this; lines may break anywhere.
#[track_caller]
pub fn says(text: &str, words: &str) {
    let tight = |words: &str| words.split_whitespace().collect::<String>();
    assert!(tight(text).contains(&tight(words)), "“{words}” is not in:\n{text}");
}

/// Its first page as a picture is neither empty nor black: ink covers between a hundredth and a third of it.
#[track_caller]
pub fn looks_printed(site: &Site, pdf: &[u8]) {
    let file = site.file("looked-at.pdf", pdf);
    let image = run(Command::new("pdftoppm").args(["-gray", "-r", "60", "-f", "1", "-l", "1", &file]));
    // A PGM image: "P5", width and height, the largest value, each on its own; then a byte a point.
    let head = image.iter().enumerate().filter(|(_, byte)| byte.is_ascii_whitespace()).nth(3).expect("a picture").0;
    let points = &image[head + 1..];
    let dark = points.iter().filter(|point| **point < 128).count();
    assert!(dark * 100 > points.len() && dark * 3 < points.len(), "{dark} dark points of {}", points.len());
    if let Ok(folder) = std::env::var("UNGCUU_SCREENSHOTS") {
        std::fs::write(format!("{folder}/looked-at.pdf"), pdf).expect("kept");
    }
}

fn run(command: &mut Command) -> Vec<u8> {
    let output =
        command.output().unwrap_or_else(|cause| panic!("{command:?}: {cause}; `cargo xtask check` installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
