//! A pack: a locality's plan as data, in a folder of TOML files.
//!
//! Code knows kinds of things (steps, gates, deadlines, forms); which units, numbers, days and words there are is read
//! from here. Packs are part of the program, can be loaded from disk, exported and edited. Loading checks everything
//! and names file, line and cure for each mistake, all at once.

mod catalogue;
mod check;
mod check_clocks;
mod check_content;
mod check_work;
mod export;
mod form;
mod known;
mod law;
mod model;
mod place;
mod plan;
mod problem;
mod procedure;
mod read;
mod show;

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::Path;

use rust_embed::RustEmbed;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

pub use catalogue::{CheckItem, Item, Lists, ReportTile, ResponseOption, Scenario, ScenarioGroup};
pub use export::export;
pub use form::{
    DocumentKind, FieldType, Form, FormField, FormLayout, FormOption, FormSection, FormSignature, Numbering,
};
pub use known::Known;
pub use law::{
    Class, ClassRule, Classification, Clocks, Condition, Covers, DeadlineRule, Escalation, Level, Regime, Repeat,
    Within, YearDay,
};
pub use model::{
    Confidence, Function, FunctionScope, FunctionSource, Pack, Role, RoleScope, Successor, Task, TaskPart, Unit,
    UnitLevel, UnitSuccessor, Unsettled, Warning,
};
pub use place::SourceFile;
pub use plan::{Annex, AnnexTable, Block, BlockKind, Cadence, Duty, ParentPlan, Plan, PlanSection, Signature};
pub use problem::Problem;
pub use procedure::{Callout, Gate, LoopBack, LoopWhen, Phase, Procedure, Step};
pub use read::{MAX_BYTES, MAX_FILES};
pub use show::day;

/// The packs that come with the program: one folder each.
#[derive(RustEmbed)]
#[folder = "../../packs"]
struct Embedded;

/// A file that stands beside the packs and belongs to none of them: the table of holidays.
pub fn embedded_beside(name: &str) -> Option<String> {
    Embedded::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// The ids of the packs that come with the program, in alphabetical order.
pub fn embedded_ids() -> Vec<String> {
    let mut ids: Vec<String> = Embedded::iter()
        .filter_map(|path| path.strip_suffix("/pack.toml").map(str::to_owned))
        .filter(|id| !id.contains('/'))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The files of a pack that comes with the program; none for an unknown id.
pub fn embedded_files(id: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = Embedded::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(id)?.strip_prefix('/')?;
            let file = Embedded::get(&path)?;
            let text = String::from_utf8(file.data.into_owned()).ok()?;
            (name.ends_with(".toml") && !name.contains('/')).then(|| SourceFile { name: name.to_owned(), text })
        })
        .collect();
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files
}

/// Reads the `.toml` files of a folder, without its subfolders; stops at the limits of a pack.
fn files_of(folder: &Path) -> Result<Vec<SourceFile>, Vec<Problem>> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let unreadable = |name: &str, error: &io::Error| {
        Problem::in_file(
            name,
            0,
            text!("Không đọc được ({error}).", "Cannot be read ({error})."),
            Text::new(
                "Kiểm tra đường dẫn và quyền đọc; lưu tệp theo bảng mã UTF-8.",
                "Check path and permissions; save the file as UTF-8.",
            ),
        )
    };
    let entries = fs::read_dir(folder).map_err(|error| vec![unreadable(&folder.display().to_string(), &error)])?;
    for entry in entries {
        let Ok(entry) = entry else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".toml") || !entry.path().is_file() {
            continue;
        }
        if files.len() > MAX_FILES {
            break;
        }
        // One byte more than allowed is enough to refuse a file without reading all of it.
        match read_bounded(&entry.path()) {
            Ok(text) => files.push(SourceFile { name, text }),
            Err(error) => problems.push(unreadable(&name, &error)),
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        // A cut letter at the limit must not hide that the file is too big.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

impl Pack {
    /// A pack that comes with the program; none for an unknown id.
    pub fn embedded(id: &str) -> Option<Result<Pack, Vec<Problem>>> {
        let files = embedded_files(id);
        (!files.is_empty()).then(|| Pack::from_files(&files))
    }

    /// Reads and checks the pack in a folder.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the files.
    pub fn load_dir(folder: &Path) -> Result<Pack, Vec<Problem>> {
        Pack::from_files(&files_of(folder)?)
    }

    /// Reads and checks a pack from texts, as an editor holds them.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the files.
    pub fn from_files(files: &[SourceFile]) -> Result<Pack, Vec<Problem>> {
        Pack::from_files_with(files, &Known::default())
    }

    /// The same against another list of known kinds.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the files.
    pub fn from_files_with(files: &[SourceFile], known: &Known) -> Result<Pack, Vec<Problem>> {
        read::read(files, known)
    }
}
