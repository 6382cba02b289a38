//! A pack as files to edit: one that comes with the program, with the forms that an administrator changed on the screen in
//! the place of the pack's own.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;

use super::{Form, Pack, SourceFile, embedded_files};

/// What a form begins with in a file.
const HEAD: &str = "[[forms]]";

/// Writes a pack that comes with the program into a folder, which is made when missing. Files of the same name are
/// refused rather than overwritten. `changed`: forms that take the place of the pack's. Returns the names written.
///
/// # Errors
/// `NotFound` for an unknown id, `AlreadyExists` when a file is in the way, `InvalidData` when a changed form does not fit
/// the pack, else what the disk says.
pub fn export(id: &str, folder: &Path, changed: &[Form]) -> io::Result<Vec<String>> {
    let mut files = embedded_files(id);
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("no pack {id}")));
    }
    for form in changed {
        put(&mut files, form)?;
    }
    if !changed.is_empty() {
        prove(&files, changed)?;
    }
    fs::create_dir_all(folder)?;
    if let Some(taken) = files.iter().find(|file| folder.join(&file.name).exists()) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is already there", taken.name)));
    }
    for file in &files {
        fs::write(folder.join(&file.name), &file.text)?;
    }
    Ok(files.into_iter().map(|file| file.name).collect())
}

/// Writes a form over the one with its id, and leaves every other line of the file as it is.
fn put(files: &mut [SourceFile], form: &Form) -> io::Result<()> {
    #[derive(Serialize)]
    struct Piece<'a> {
        forms: [&'a Form; 1],
    }
    let piece = toml::to_string(&Piece { forms: [form] }).map_err(io::Error::other)?;
    for file in files {
        let lines: Vec<&str> = file.text.lines().collect();
        let Some((from, until)) = find(&lines, &form.id) else { continue };
        let before = lines[..from].iter().map(|line| format!("{line}\n")).collect::<String>();
        let after = lines[until..].iter().map(|line| format!("{line}\n")).collect::<String>();
        file.text = format!("{before}{}\n{after}", piece.trim_end());
        return Ok(());
    }
    Err(misfit(form))
}

/// The lines that a form takes, without the comments that stand before the next thing.
fn find(lines: &[&str], id: &str) -> Option<(usize, usize)> {
    let heads = (0..lines.len()).filter(|at| lines[*at].trim_end() == HEAD);
    for from in heads {
        let rest = &lines[from + 1..];
        let own = rest.iter().take_while(|line| !line.starts_with('['));
        let mut ids = own.filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'));
        if ids.next() != Some(id) {
            continue;
        }
        let part = |line: &str| line.trim_start_matches('[').starts_with("forms.");
        let length = rest.iter().position(|line| line.starts_with('[') && !part(line)).unwrap_or(rest.len());
        let idle =
            rest[..length].iter().rev().take_while(|line| line.trim().is_empty() || line.starts_with('#')).count();
        return Some((from, from + 1 + length - idle));
    }
    None
}

/// The files are read again before anything is written: a pack that would not load is worse than none.
fn prove(files: &[SourceFile], changed: &[Form]) -> io::Result<()> {
    let pack = Pack::from_files(files).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|it| it.line_for(ungcuu_kit::text::Lang::Vi)).collect();
        io::Error::new(io::ErrorKind::InvalidData, lines.join("\n"))
    })?;
    let same = |form: &&Form| {
        let now = pack.form(&form.id).and_then(|read| serde_json::to_value(read).ok());
        now.is_some() && now == serde_json::to_value(form).ok()
    };
    match changed.iter().find(|form| !same(form)) {
        Some(form) => Err(misfit(form)),
        None => Ok(()),
    }
}

fn misfit(form: &Form) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the form {} does not fit the pack", form.id))
}
