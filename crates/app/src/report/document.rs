//! A filled form as a document in the layout of Decree 30: the head of the unit, the form's own words in its own order, the
//! signature it asks for. Documents are Vietnamese, whatever the reader's language.

use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Time;
use ungcuu_render::{Block, Choice, Date, Document, FieldRow, Head, Signature};

use super::facts::{Fact, Facts};
use super::fill::Filled;
use super::model::{Answer, Report};
use super::store::facts::UnitRow;
use crate::pack::{FieldType, Form, FormField, FormLayout, FormOption, FormSection, Pack, Plan};

/// What stands around the fields.
pub struct Around<'a> {
    pub pack: &'a Pack,
    /// Number and title of the incident.
    pub code: &'a str,
    pub title: &'a str,
    pub report: &'a Report,
    /// In whose name it is written.
    pub unit: &'a UnitRow,
    /// What is known of the incident.
    pub facts: &'a Facts,
    /// The moment it is made, or issued.
    pub at: Time,
}

/// The form with its answers. A draft says so where the number belongs and at the foot.
pub fn lay_out(form: &Form, filled: &[Filled], around: &Around) -> Document {
    let report = around.report;
    let (number, foot) = if report.state.is_draft() {
        (
            "BẢN NHÁP".to_owned(),
            format!("BẢN NHÁP, chưa phát hành – {} – in lúc {}", around.code, around.at.to_minute()),
        )
    } else {
        (report.number.clone(), String::new())
    };
    let all = lines(&report.recipients);
    let (kept, told): (Vec<String>, Vec<String>) = all.into_iter().partition(|line| is_kept(form, line));
    let paragraphs =
        |lines: &[String]| -> Vec<Block> { lines.iter().map(|line| Block::paragraph(named(line, around))).collect() };
    let mut body = paragraphs(&form.opening);
    body.extend(form.sections.iter().flat_map(|section| blocks(section, filled)));
    body.extend(paragraphs(&form.closing));
    let capacity = match report.capacity.is_empty() {
        true => vec![form.signature.title.clone()],
        false => lines(&report.capacity),
    };
    Document {
        form_box: (!form.box_text.is_empty()).then(|| form.box_text.clone()),
        head: Some(head(around, number)),
        title: form.title.clone(),
        subject: named(&form.subject, around),
        bases: form.bases.iter().map(|line| named(line, around)).collect(),
        to: if form.addressed { told.clone() } else { Vec::new() },
        body,
        signature: Some(Signature {
            capacity,
            note: some(&form.signature.note),
            name: some(&report.signer),
            digital: form.signature.digital,
            ..Signature::default()
        }),
        recipients: match form.addressed && !told.is_empty() {
            true => std::iter::once("Như trên".to_owned()).chain(kept).collect(),
            false => told.into_iter().chain(kept).collect(),
        },
        notes: form.notes.clone(),
        foot: some(&foot),
        ..Document::default()
    }
}

/// A recipient line that is no recipient but says where the document is kept: the pack's own, or one that begins alike.
fn is_kept(form: &Form, line: &str) -> bool {
    form.kept.iter().any(|kept| kept == line || (line.starts_with("Lưu") && kept.starts_with("Lưu")))
}

/// The pack's words with the incident's in their places.
fn named(words: &str, around: &Around) -> String {
    let system = match around.facts.get("system.name") {
        Some(Fact::Words(name)) => name.as_str(),
        _ => "…",
    };
    words
        .replace("{code}", around.code)
        .replace("{unit}", &around.unit.name)
        .replace("{system}", system)
        .replace("{title}", around.title)
}

/// The foot of an issued report: what of the journal it was made from.
pub fn journal_line(code: &str, seq: i64, hash: &str) -> String {
    format!("Lập từ nhật ký sự cố {code}, mục {seq}, mã băm {hash}")
}

fn head(around: &Around, number: String) -> Head {
    Head { number: some(&number), ..head_of(&around.pack.plan, around.unit, around.at) }
}

/// The two columns above a unit's document, without a number.
///
/// A body of the same sort as the plan's issuer (in most plans a People's Committee) stands under no other: its sort on one
/// line, its own name below, and it writes from the place it is named after.
pub fn head_of(plan: &Plan, unit: &UnitRow, at: Time) -> Head {
    let sort = plan.issuer.first().filter(|_| plan.issuer.len() > 1).map(String::as_str).unwrap_or_default();
    let in_lines = |name: &str| {
        let name = name.to_uppercase();
        match name.strip_prefix(sort).map(str::trim) {
            Some(own) if !sort.is_empty() && !own.is_empty() => format!("{sort}\n{own}"),
            _ => name,
        }
    };
    let same_sort = !sort.is_empty() && unit.name.to_uppercase().starts_with(sort);
    let parent = unit.parent_name.as_deref().filter(|_| !same_sort).map(in_lines);
    // "… xã Ba Sao": the kind of place is written small, its name is not.
    let own: String = unit.name.chars().skip(sort.chars().count()).collect();
    let named = own.split_whitespace().skip_while(|word| word.starts_with(char::is_lowercase));
    let place = named.collect::<Vec<_>>().join(" ");
    Head {
        parent,
        body: in_lines(&unit.name),
        // A name in capitals does not tell the kind of place from its name.
        place: if same_sort && place.contains(char::is_lowercase) { place } else { plan.place.clone() },
        date: Some(day(at)),
        motto: plan.motto.clone(),
        ..Head::default()
    }
}

/// The day of a moment in Vietnam.
pub fn day(at: Time) -> Date {
    let local = at.local();
    // The calendar gives years of four digits, months and days that fit.
    Date {
        year: u16::try_from(local.year()).unwrap_or_default(),
        month: u8::try_from(local.month()).unwrap_or_default(),
        day: u8::try_from(local.day()).unwrap_or_default(),
    }
}

fn some(words: &str) -> Option<String> {
    (!words.is_empty()).then(|| words.to_owned())
}

/// Words kept one to a line.
pub fn lines(words: &str) -> Vec<String> {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn blocks(section: &FormSection, filled: &[Filled]) -> Vec<Block> {
    let of = |field: &FormField| filled.iter().find(|one| one.field.id == field.id).map(|one| &one.answer);
    let title = section.title.get(Lang::Vi);
    match section.layout {
        FormLayout::Lines => {
            let mut blocks = vec![Block::heading(1, title)];
            blocks.extend(section.fields.iter().map(|field| line_block(field, field.label.get(Lang::Vi), of(field))));
            blocks
        }
        FormLayout::Table => {
            let rows = section.fields.iter().map(|field| row(field, of(field))).collect();
            vec![Block::heading(1, title), Block::FieldTable { rows }]
        }
        FormLayout::Bare => {
            // The title is the label of the first field, so it carries the star.
            let star = if section.fields.first().is_some_and(|field| field.obligatory) { " (*)" } else { "" };
            let mut blocks = vec![Block::heading(1, format!("{title}{star}"))];
            for (index, field) in section.fields.iter().enumerate() {
                let label = if index == 0 { "" } else { field.label.get(Lang::Vi) };
                blocks.push(line_block(field, label, of(field)));
            }
            blocks
        }
    }
}

/// A field as a line or as boxes. Without a label it carries no star of its own.
fn line_block(field: &FormField, label: &str, answer: Option<&Answer>) -> Block {
    let obligatory = field.obligatory && !label.is_empty();
    match choices(field, answer) {
        Some(options) => {
            let label = match &field.hint {
                Some(hint) => format!("{label} ({})", hint.get(Lang::Vi)).trim_start().to_owned(),
                None => label.to_owned(),
            };
            let short = options.iter().all(|option| option.text.chars().count() <= 28);
            Block::Choices { label, obligatory, options, columns: if short { 2 } else { 1 } }
        }
        None => Block::field(label, obligatory, words(field, answer)),
    }
}

fn row(field: &FormField, answer: Option<&Answer>) -> FieldRow {
    let options = choices(field, answer);
    FieldRow {
        label: field.label.get(Lang::Vi).to_owned(),
        obligatory: field.obligatory,
        value: if options.is_some() { None } else { words(field, answer) },
        options: options.unwrap_or_default(),
    }
}

/// The boxes of a field that has boxes.
fn choices(field: &FormField, answer: Option<&Answer>) -> Option<Vec<Choice>> {
    let ticked = |id: &str| answer.is_some_and(|answer| answer.has(id));
    match field.kind {
        FieldType::YesNo => Some(vec![Choice::new("Có", ticked("yes")), Choice::new("Không", ticked("no"))]),
        FieldType::One | FieldType::Many => {
            let choice = |option: &FormOption| Choice::new(option_words(option, answer), ticked(&option.id));
            Some(field.options.iter().map(choice).collect())
        }
        _ => None,
    }
}

fn option_words(option: &FormOption, answer: Option<&Answer>) -> String {
    let label = option.label.get(Lang::Vi);
    let words = answer.and_then(|answer| answer.words.get(&option.id));
    match words {
        _ if !option.free_text => label.to_owned(),
        Some(words) => format!("{label}: {words}"),
        None => format!("{label}: …"),
    }
}

/// A value as it is printed; none prints dots.
pub fn words(field: &FormField, answer: Option<&Answer>) -> Option<String> {
    let answer = answer.filter(|answer| !answer.is_empty())?;
    let first = answer.first();
    Some(match field.kind {
        FieldType::Text | FieldType::Long => first.to_owned(),
        FieldType::Date => Time::parse(first).map(Time::to_day).unwrap_or_else(|_| first.to_owned()),
        FieldType::Moment => match Time::parse(first) {
            Ok(at) => at.local().strftime("%H giờ %M phút, ngày %d/%m/%Y").to_string(),
            Err(_) => first.to_owned(),
        },
        FieldType::Time => match first.split_once(':') {
            Some((hour, minute)) => format!("{hour} giờ {minute} phút"),
            None => first.to_owned(),
        },
        FieldType::Integer => grouped(first),
        FieldType::Money => format!("{} đồng", grouped(first)),
        FieldType::Files => answer.values.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n"),
        FieldType::YesNo | FieldType::One | FieldType::Many => answer.values.join(", "),
    })
}

/// `1234567` as `1.234.567`.
fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_points() {
        assert_eq!(grouped("1234567"), "1.234.567");
        assert_eq!(grouped("123"), "123");
        assert_eq!(grouped(""), "");
    }
}
