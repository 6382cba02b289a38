//! From files to a pack: parse each file, say everything that is wrong with it, and put the parts together.
//!
//! Any file of the folder may hold any section; the names of the files are for people. After an unknown key the file is
//! read again without it, so that one visit to the editor mends more than one mistake.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::catalogue::{Lists, ReportTile, Scenario, ScenarioGroup};
use super::form::{Form, Numbering};
use super::law::{Classification, Clocks, Regime};
use super::model::{Function, Head, Pack, Role, Task, Unit};
use super::place::{Places, SourceFile, Tree, line_of};
use super::plan::Plan;
use super::problem::{Problem, nearest};
use super::procedure::Procedure;
use super::{Known, check};

/// A larger folder is not a pack.
pub const MAX_FILES: usize = 64;
/// Bytes of one file.
pub const MAX_BYTES: usize = 1 << 20;
/// Enough to mend in one sitting; a file that is not TOML at all would fill the screen.
const MAX_PROBLEMS_PER_FILE: usize = 20;

/// What a file may hold.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Part {
    pack: Option<Head>,
    plan: Option<Plan>,
    units: Vec<Unit>,
    functions: Vec<Function>,
    roles: Vec<Role>,
    tasks: Vec<Task>,
    procedure: Option<Procedure>,
    classes: Option<Classification>,
    regimes: Vec<Regime>,
    clocks: Option<Clocks>,
    groups: Vec<ScenarioGroup>,
    scenarios: Vec<Scenario>,
    tiles: Vec<ReportTile>,
    forms: Vec<Form>,
    numbering: Option<Numbering>,
    lists: Option<Lists>,
}

/// Reads and checks a pack; `Err` lists everything found wrong, in the order of the files.
pub(super) fn read(files: &[SourceFile], known: &Known) -> Result<Pack, Vec<Problem>> {
    refuse_bulk(files)?;
    let mut problems = Vec::new();
    let mut trees = Vec::new();
    let mut parts = Vec::new();
    // References are only worth checking when every declaration could be read.
    let mut whole = true;
    for file in files {
        let (mut root, errors) = DeTable::parse_recoverable(&file.text);
        if !errors.is_empty() {
            whole = false;
            problems.extend(errors.iter().take(MAX_PROBLEMS_PER_FILE).map(|error| syntax_problem(file, error)));
            continue;
        }
        let original = root.clone();
        let (part, found) = read_part(file, &mut root);
        whole &= part.is_some() && found.iter().all(|found| found.forgivable);
        problems.extend(found.into_iter().map(|found| found.problem));
        trees.push(Tree { file, root: original });
        parts.extend(part.map(|part| (file, part)));
    }
    let places = Places { trees: &trees };
    let assembled = assemble(parts, whole, &places, &mut problems);
    let Some(mut pack) = assembled.filter(|_| whole) else { return Err(in_order(files, problems)) };
    problems.extend(check::check(&mut pack, &places, known));
    if problems.is_empty() { Ok(pack) } else { Err(in_order(files, problems)) }
}

/// Sizes first: nothing is parsed that is too big to be a pack.
fn refuse_bulk(files: &[SourceFile]) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    if files.is_empty() {
        problems.push(Problem::in_file(
            ".",
            0,
            Text::new("Thư mục không có tệp .toml nào.", "The folder holds no .toml file."),
            Text::new("Chỉ đến thư mục có tệp pack.toml.", "Point to the folder that holds pack.toml."),
        ));
    }
    if files.len() > MAX_FILES {
        let count = files.len();
        problems.push(Problem::in_file(
            ".",
            0,
            text!(
                "Thư mục có {count} tệp, nhiều hơn {MAX_FILES}.",
                "The folder holds {count} files, more than {MAX_FILES}."
            ),
            Text::new("Gộp các tệp nhỏ lại.", "Put small files together."),
        ));
    }
    for file in files.iter().filter(|file| file.text.len() > MAX_BYTES) {
        problems.push(Problem::in_file(
            &file.name,
            0,
            Text::new("Tệp lớn hơn 1 MiB.", "The file is larger than 1 MiB."),
            Text::new("Chia nội dung ra nhiều tệp.", "Spread its content over several files."),
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Orders problems as a person walks through the files.
fn in_order(files: &[SourceFile], mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (files.iter().position(|file| file.name == problem.file), problem.line));
    problems.dedup();
    problems
}

fn syntax_problem(file: &SourceFile, error: &toml::de::Error) -> Problem {
    let line = error.span().map(|span| line_of(&file.text, span.start)).unwrap_or_default();
    let message = error.message();
    if message.contains("duplicate key") {
        return Problem::in_file(
            &file.name,
            line,
            Text::new("Khoá này đã có ở trên.", "This key was given before."),
            Text::new("Xoá một trong hai dòng.", "Remove one of the two lines."),
        );
    }
    Problem::in_file(
        &file.name,
        line,
        text!("Sai cú pháp TOML ({message}).", "Not valid TOML ({message})."),
        Text::new(
            "Viết theo dạng khoá = \"giá trị\"; kiểm tra dấu nháy, dấu ngoặc ở dòng này và dòng trên.",
            "Write key = \"value\"; check quotes and brackets on this line and the one above.",
        ),
    )
}

/// A problem and whether the rest of the file can still be trusted.
struct Found {
    problem: Problem,
    forgivable: bool,
}

/// Reads a file again and again, each time without what was wrong.
fn read_part(file: &SourceFile, root: &mut Spanned<DeTable<'_>>) -> (Option<Part>, Vec<Found>) {
    let mut found = Vec::new();
    while found.len() < MAX_PROBLEMS_PER_FILE {
        match Part::deserialize(toml::de::Deserializer::from(root.clone())) {
            Ok(part) => return (Some(part), found),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let line = line_of(&file.text, span.start);
                let forgivable = error.message().starts_with("unknown field");
                found.push(Found { problem: shape_problem(file, line, error.message()), forgivable });
                let mended = if forgivable {
                    let words = quoted(error.message());
                    let meant = words.split_first().and_then(|(wrong, known)| nearest(wrong, known.iter().copied()));
                    mend_key(root.get_mut(), span.start, meant)
                } else {
                    drop_element(root.get_mut(), span.start)
                };
                if !mended {
                    break;
                }
            }
        }
    }
    (None, found)
}

/// The words in backquotes of a message.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// Says in both languages what serde said in one.
fn shape_problem(file: &SourceFile, line: usize, message: &str) -> Problem {
    let words = quoted(message);
    let (wrong, rest) = words.split_first().map(|(first, rest)| (*first, rest)).unwrap_or(("", &[]));
    let choices = rest.join(", ");
    let (what, cure) = if message.starts_with("unknown field") {
        let what = text!("Không có khoá `{wrong}` ở chỗ này.", "There is no key `{wrong}` here.");
        let cure = match nearest(wrong, rest.iter().copied()) {
            Some(near) => text!("Có phải `{near}`?", "Did you mean `{near}`?"),
            None => text!("Xoá khoá này; các khoá được dùng: {choices}.", "Remove it; the keys here are: {choices}."),
        };
        (what, cure)
    } else if message.starts_with("missing field") {
        (
            text!("Thiếu khoá `{wrong}`.", "The key `{wrong}` is missing."),
            text!("Thêm `{wrong} = …` vào mục này.", "Add `{wrong} = …` to this entry."),
        )
    } else if message.starts_with("unknown variant") {
        let what = text!("Giá trị `{wrong}` không được dùng ở đây.", "The value `{wrong}` cannot be used here.");
        let cure = match nearest(wrong, rest.iter().copied()) {
            Some(near) => text!("Có phải `{near}`?", "Did you mean `{near}`?"),
            None => text!("Chọn một trong: {choices}.", "Choose one of: {choices}."),
        };
        (what, cure)
    } else {
        (
            text!("Giá trị không đúng kiểu ({message}).", "The value is of the wrong kind ({message})."),
            Text::new(
                "Sửa giá trị cho đúng kiểu: chữ đặt trong dấu nháy kép, danh sách đặt trong [ ], nhãn viết { vi = \"…\", en = \"…\" }.",
                "Correct its kind: words in double quotes, lists in [ ], labels as { vi = \"…\", en = \"…\" }.",
            ),
        )
    };
    Problem::in_file(&file.name, line, what, cure)
}

/// Gives the key that begins at `at` the name that was meant, or removes it: a slip of the finger is one problem and
/// not a missing key besides.
fn mend_key(table: &mut DeTable<'_>, at: usize, meant: Option<&str>) -> bool {
    let wrong = table.iter().find(|(key, _)| key.span().start == at).map(|(key, _)| key.get_ref().to_string());
    if let Some((mut key, value)) = wrong.and_then(|wrong| table.remove_entry(wrong.as_str())) {
        if let Some(meant) = meant.filter(|meant| !table.contains_key(*meant)) {
            *key.get_mut() = meant.to_owned().into();
            table.insert(key, value);
        }
        return true;
    }
    table.iter_mut().any(|(_, value)| mend_key_in(value, at, meant))
}

fn mend_key_in(value: &mut Spanned<DeValue<'_>>, at: usize, meant: Option<&str>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => mend_key(table, at, meant),
        DeValue::Array(items) => items.iter_mut().any(|item| mend_key_in(item, at, meant)),
        _ => false,
    }
}

fn remove_where<'i>(
    table: &mut DeTable<'i>,
    wrong: impl Fn(&Spanned<DeString<'i>>, &Spanned<DeValue<'i>>) -> bool,
) -> bool {
    let found = table.iter().find(|(key, value)| wrong(key, value)).map(|(key, _)| key.get_ref().to_string());
    found.is_some_and(|key| table.remove(key.as_str()).is_some())
}

/// Removes the smallest list element around `at`, or else the whole section it lies in.
fn drop_element(root: &mut DeTable<'_>, at: usize) -> bool {
    root.iter_mut().any(|(_, value)| drop_element_in(value, at))
        || remove_where(root, |key, value| key.span().contains(&at) || around(value, at))
}

fn drop_element_in(value: &mut Spanned<DeValue<'_>>, at: usize) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => table.iter_mut().any(|(_, item)| drop_element_in(item, at)),
        DeValue::Array(items) => {
            if items.iter_mut().any(|item| drop_element_in(item, at)) {
                return true;
            }
            let Some(wrong) = items.iter().position(|item| around(item, at)) else { return false };
            let kept: DeArray<'_> = std::mem::replace(items, DeArray::new())
                .into_iter()
                .enumerate()
                .filter(|(position, _)| *position != wrong)
                .map(|(_, item)| item)
                .collect();
            *items = kept;
            true
        }
        _ => false,
    }
}

/// Whether a value or anything in it covers `at`; the span of a table under a header is the header alone.
fn around(value: &Spanned<DeValue<'_>>, at: usize) -> bool {
    value.span().contains(&at)
        || match value.get_ref() {
            DeValue::Table(table) => table.iter().any(|(key, item)| key.span().contains(&at) || around(item, at)),
            DeValue::Array(items) => items.iter().any(|item| around(item, at)),
            _ => false,
        }
}

/// Puts the parts together; sections that exist once may be given once.
fn assemble(
    parts: Vec<(&SourceFile, Part)>,
    whole: bool,
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Pack> {
    let mut all = Part::default();
    for (file, part) in parts {
        take_once(&mut all.pack, part.pack, "pack", file, problems);
        take_once(&mut all.plan, part.plan, "plan", file, problems);
        take_once(&mut all.procedure, part.procedure, "procedure", file, problems);
        take_once(&mut all.classes, part.classes, "classes", file, problems);
        take_once(&mut all.lists, part.lists, "lists", file, problems);
        take_once(&mut all.numbering, part.numbering, "numbering", file, problems);
        take_once(&mut all.clocks, part.clocks, "clocks", file, problems);
        all.units.extend(part.units);
        all.functions.extend(part.functions);
        all.roles.extend(part.roles);
        all.tasks.extend(part.tasks);
        all.regimes.extend(part.regimes);
        all.groups.extend(part.groups);
        all.scenarios.extend(part.scenarios);
        all.tiles.extend(part.tiles);
        all.forms.extend(part.forms);
    }
    let missing = [
        ("pack", all.pack.is_none()),
        ("plan", all.plan.is_none()),
        ("procedure", all.procedure.is_none()),
        ("classes", all.classes.is_none()),
    ];
    if whole {
        for (section, _) in missing.iter().filter(|(_, gone)| *gone) {
            problems.push(Problem::at(
                places.path(section),
                text!("Thiếu phần [{section}].", "The section [{section}] is missing."),
                text!("Thêm phần [{section}] vào một tệp của gói.", "Add a section [{section}] to a file of the pack."),
            ));
        }
    }
    let (head, plan, procedure, classes) = (all.pack?, all.plan?, all.procedure?, all.classes?);
    Some(Pack {
        id: head.id,
        name: head.name,
        version: head.version,
        locality: head.locality,
        front_desk: head.front_desk,
        successor: head.successor,
        plan,
        units: all.units,
        functions: all.functions,
        roles: all.roles,
        tasks: all.tasks,
        procedure,
        classes,
        regimes: all.regimes,
        clocks: all.clocks.unwrap_or_default(),
        groups: all.groups,
        scenarios: all.scenarios,
        tiles: all.tiles,
        forms: all.forms,
        numbering: all.numbering.unwrap_or_default(),
        lists: all.lists.unwrap_or_default(),
        warnings: Vec::new(),
        unsettled: Vec::new(),
        english: Arc::default(),
    })
}

fn take_once<T>(kept: &mut Option<T>, given: Option<T>, section: &str, file: &SourceFile, problems: &mut Vec<Problem>) {
    if kept.is_some() && given.is_some() {
        let line =
            file.text.lines().position(|line| line.trim().starts_with(&format!("[{section}"))).map_or(0, |at| at + 1);
        problems.push(Problem::in_file(
            &file.name,
            line,
            text!("Phần [{section}] đã có trong tệp khác.", "The section [{section}] is already in another file."),
            text!("Chỉ giữ một phần [{section}].", "Keep one section [{section}] only."),
        ));
    } else if given.is_some() {
        *kept = given;
    }
}
