//! The fields of a form as the screen shows them: one entry for each, with everything its part of the page needs.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::Lang;

use super::document;
use super::fill::{Filled, field_name, shown_name, words_name};
use crate::pack::{FieldType, Form};

/// A headed part of a form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Part {
    pub title: String,
    pub fields: Vec<Shown>,
}

/// A field.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Shown {
    /// The name to send its value under.
    pub name: String,
    pub label: String,
    pub hint: String,
    /// `text`, `long`, `date`, `time`, `moment`, `yes_no`, `one`, `many`, `files`, `integer`, `money`.
    pub kind: String,
    pub obligatory: bool,
    pub missing: bool,
    /// Value and label of the options.
    pub options: Vec<(String, String)>,
    pub values: Vec<String>,
    /// Words beside options: name to send under, label, words.
    pub words: Vec<(String, String, String)>,
    /// Where the value comes from; empty once a person wrote it.
    pub source: String,
    /// What the records say instead, where a person wrote something else.
    pub known: String,
    /// How sure the plan is of the field and its options, where that is not settled; empty otherwise.
    pub unsettled: String,
    /// The print of a value from the records, sent back under its own name.
    pub shown: Option<(String, String)>,
}

/// The parts of a form.
pub fn parts(form: &Form, filled: &[Filled], lang: Lang) -> Vec<Part> {
    let of = |id: &str| filled.iter().find(|one| one.field.id == id);
    let part = |section: &crate::pack::FormSection| Part {
        title: section.title.get(lang).to_owned(),
        fields: section.fields.iter().filter_map(|field| of(&field.id)).map(|one| shown(one, lang)).collect(),
    };
    form.sections.iter().map(part).collect()
}

fn shown(one: &Filled, lang: Lang) -> Shown {
    let field = one.field;
    let star = if field.obligatory { " (*)" } else { "" };
    let options = match field.kind {
        FieldType::YesNo => {
            vec![
                ("yes".to_owned(), lang.pick("Có", "Yes").to_owned()),
                ("no".to_owned(), lang.pick("Không", "No").to_owned()),
            ]
        }
        // Files are ticked among those the records know; what else was written stays in sight.
        FieldType::Files => known_files(one),
        _ => field.options.iter().map(|option| (option.id.clone(), option.label.get(lang).to_owned())).collect(),
    };
    let mut words: Vec<(String, String, String)> = field
        .options
        .iter()
        .filter(|option| option.free_text)
        .map(|option| {
            let held = one.answer.words.get(&option.id).cloned().unwrap_or_default();
            (words_name(&field.id, &option.id), option.label.get(lang).to_owned(), held)
        })
        .collect();
    if field.kind == FieldType::Files {
        let label = lang.pick("Tài liệu khác, mỗi dòng một tài liệu", "Other documents, one a line");
        words.push((words_name(&field.id, "more"), label.to_owned(), String::new()));
    }
    let source = one.source.as_ref().map(|from| from.get(lang).to_owned()).unwrap_or_default();
    Shown {
        name: field_name(&field.id),
        label: format!("{}{star}", field.label.get(lang)),
        hint: field.hint.as_ref().map(|hint| hint.get(lang).to_owned()).unwrap_or_default(),
        kind: kind_word(field.kind).to_owned(),
        obligatory: field.obligatory,
        missing: one.is_missing(),
        options,
        values: one.answer.values.clone(),
        words,
        known: known(one, lang),
        unsettled: unsettled(one, lang),
        shown: one.source.is_some().then(|| (shown_name(&field.id), one.answer.print())),
        source,
    }
}

/// The least sure of the field and its options.
fn unsettled(one: &Filled, lang: Lang) -> String {
    let options = one.field.options.iter().map(|option| option.confidence);
    let least = options.chain([one.field.confidence]).max().unwrap_or_default();
    if least.settled() { String::new() } else { least.label().get(lang).to_owned() }
}

/// One sentence about what the records say, where a person wrote something else.
fn known(one: &Filled, lang: Lang) -> String {
    let Some((answer, from)) = one.known.as_ref().filter(|_| one.answer.by_hand) else { return String::new() };
    let Some(words) = document::words(one.field, Some(answer)) else { return String::new() };
    if !matches!(one.field.kind, FieldType::Text | FieldType::Date | FieldType::Time | FieldType::Moment) {
        return String::new();
    }
    let from = from.get(lang);
    match lang {
        Lang::Vi => format!("Theo sổ ({from}): {words}"),
        Lang::En => format!("The records say ({from}): {words}"),
    }
}

fn known_files(one: &Filled) -> Vec<(String, String)> {
    let known = one.known.iter().flat_map(|(answer, _)| &answer.values);
    let mut lines: Vec<&String> = Vec::new();
    for line in known.chain(&one.answer.values) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.into_iter().map(|line| (line.clone(), line.clone())).collect()
}

fn kind_word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Long => "long",
        FieldType::Date => "date",
        FieldType::Time => "time",
        FieldType::Moment => "moment",
        FieldType::YesNo => "yes_no",
        FieldType::One => "one",
        FieldType::Many => "many",
        FieldType::Files => "files",
        FieldType::Integer => "integer",
        FieldType::Money => "money",
    }
}
