//! From what was typed to a form: names of what was sent, limits, and the checks that a pack's file would have to pass.

use std::collections::BTreeSet;

use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text::{Text, Words};

use crate::pack::{FieldType, Form, FormField, FormOption, FormSection, Pack};
use crate::report::fill::Posted;

/// Lines of one list, options of one field.
const LINES: usize = 60;

/// The form with what was typed laid over it. What was not sent stays; what is wrong gets its sentence beside its field.
pub fn apply(typed: &Posted, before: &Form, pack: &Pack, checks: &mut Checks) -> Form {
    let mut form = before.clone();
    if sent(typed, "title") {
        form.title = checks.line("title", &typed.first("title"));
    }
    if sent(typed, "subject") {
        form.subject = checks.line_or_empty("subject", &typed.first("subject"));
    }
    for (name, lines) in [
        ("opening", &mut form.opening),
        ("closing", &mut form.closing),
        ("bases", &mut form.bases),
        ("notes", &mut form.notes),
        ("kept", &mut form.kept),
    ] {
        if sent(typed, name) {
            *lines = list(checks, name, &typed.first(name));
        }
    }
    if let Some(chosen) = typed.all("to") {
        let chosen: Vec<String> = chosen.iter().filter(|id| !id.is_empty()).cloned().collect();
        if chosen.iter().any(|id| pack.function(id).is_none()) {
            checks.refuse("to", unknown());
        }
        form.to = chosen;
    }
    if sent(typed, "signature") {
        form.signature.title = checks.line("signature", &typed.first("signature"));
    }
    if sent(typed, "signature_note") {
        form.signature.note = checks.line_or_empty("signature_note", &typed.first("signature_note"));
    }
    if let Some(ticks) = typed.all("signature_digital") {
        form.signature.digital = ticks.iter().any(|tick| Raw(tick.clone()).ticked());
    }
    let mut sections: Vec<(i64, FormSection)> = Vec::new();
    for (index, mut section) in form.sections.into_iter().enumerate() {
        let name = format!("s.{}", section.id);
        words(checks, typed, &name, &mut section.title);
        let order = order(checks, typed, &name, index);
        section.fields = fields(checks, typed, section.fields);
        sections.push((order, section));
    }
    sections.sort_by_key(|(order, _)| *order);
    form.sections = sections.into_iter().map(|(_, section)| section).collect();
    form
}

fn fields(checks: &mut Checks, typed: &Posted, before: Vec<FormField>) -> Vec<FormField> {
    let mut fields: Vec<(i64, FormField)> = Vec::new();
    for (index, mut field) in before.into_iter().enumerate() {
        let name = format!("f.{}", field.id);
        words(checks, typed, &name, &mut field.label);
        let (vi, en) = (format!("{name}.hint_vi"), format!("{name}.hint_en"));
        if sent(typed, &vi) || sent(typed, &en) {
            let hint = Words {
                vi: checks.area_or_empty(&vi, &typed.first(&vi)),
                en: Some(checks.area_or_empty(&en, &typed.first(&en))),
            };
            if hint.vi.is_empty() && hint.en.as_deref().is_some_and(|en| !en.is_empty()) {
                checks.refuse(&vi, ungcuu_kit::form::empty());
            }
            if !hint.vi.is_empty() && hint.en.as_deref().is_none_or(str::is_empty) {
                checks.refuse(&en, ungcuu_kit::form::empty());
            }
            field.hint = (!hint.vi.is_empty()).then_some(hint);
        }
        if let Some(ticks) = typed.all(&format!("{name}.obligatory")) {
            field.obligatory = ticks.iter().any(|tick| Raw(tick.clone()).ticked());
        }
        let choices = format!("{name}.options");
        if sent(typed, &choices) {
            field.options = options(checks, &choices, &typed.first(&choices), &field);
        }
        fields.push((order(checks, typed, &name, index), field));
    }
    fields.sort_by_key(|(order, _)| *order);
    fields.into_iter().map(|(_, field)| field).collect()
}

/// A label in both languages; neither may be empty.
fn words(checks: &mut Checks, typed: &Posted, name: &str, words: &mut Words) {
    let (vi, en) = (format!("{name}.vi"), format!("{name}.en"));
    if sent(typed, &vi) {
        words.vi = checks.line(&vi, &typed.first(&vi));
    }
    if sent(typed, &en) {
        words.en = Some(checks.line(&en, &typed.first(&en)));
    }
}

/// Where it stands among its like; those that say the same keep their order.
fn order(checks: &mut Checks, typed: &Posted, name: &str, index: usize) -> i64 {
    let name = format!("{name}.order");
    let now = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
    match sent(typed, &name) {
        true => checks.number(&name, &typed.first(&name), 1, 999),
        false => now,
    }
}

fn list(checks: &mut Checks, name: &str, typed: &Raw) -> Vec<String> {
    let lines = checks.area_or_empty(name, typed);
    let lines: Vec<String> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.len() > LINES {
        checks.refuse(name, Text::new("Nhiều nhất 60 dòng.", "At most 60 lines."));
    }
    lines
}

/// An option as one line: `logs: Nhật ký | Logs`, with a star after the id where words are asked for beside it.
pub fn option_line(option: &FormOption) -> String {
    let star = if option.free_text { "*" } else { "" };
    let en = option.label.en.as_deref().unwrap_or_default();
    format!("{}{star}: {} | {en}", option.id, option.label.vi)
}

fn options(checks: &mut Checks, name: &str, typed: &Raw, field: &FormField) -> Vec<FormOption> {
    let mut seen = BTreeSet::new();
    let mut options = Vec::new();
    for line in list(checks, name, typed) {
        let parts = line.split_once(':').and_then(|(id, labels)| labels.split_once('|').map(|(vi, en)| (id, vi, en)));
        let Some((id, vi, en)) = parts else {
            checks.refuse(
                name,
                Text::new(
                    "Mỗi dòng một lựa chọn: mã: nhãn tiếng Việt | nhãn tiếng Anh.",
                    "One option a line: id: Vietnamese label | English label.",
                ),
            );
            return field.options.clone();
        };
        let (id, free_text) = match id.trim().strip_suffix('*') {
            Some(id) => (id.trim(), true),
            None => (id.trim(), false),
        };
        let (vi, en) = (vi.trim(), en.trim());
        let plain = !id.is_empty() && id.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign));
        if !plain || vi.is_empty() || en.is_empty() || !seen.insert(id.to_owned()) {
            checks.refuse(
                name,
                Text::new(
                    "Mã chỉ gồm chữ không dấu, số, gạch và không trùng; cả hai nhãn đều phải có.",
                    "Ids are plain letters, digits and dashes, each once; both labels must be there.",
                ),
            );
            return field.options.clone();
        }
        let known = field.options.iter().find(|option| option.id == id);
        options.push(FormOption {
            id: id.to_owned(),
            label: Words { vi: vi.to_owned(), en: Some(en.to_owned()) },
            free_text,
            from: known.map(|option| option.from.clone()).unwrap_or_default(),
            confidence: known.map(|option| option.confidence).unwrap_or_default(),
        });
    }
    if options.is_empty() && matches!(field.kind, FieldType::One | FieldType::Many) {
        checks.refuse(
            name,
            Text::new("Ô chọn phải có ít nhất một lựa chọn.", "A field to choose from needs at least one option."),
        );
    }
    options
}

fn sent(typed: &Posted, name: &str) -> bool {
    typed.all(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack")
    }

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        let mut posted = Posted::default();
        for (name, value) in pairs {
            posted.0.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        posted
    }

    #[test]
    fn labels_order_and_options_change_and_the_rest_stays() {
        let pack = pack();
        let before = pack.form("mau-03").expect("a form");
        let mut checks = Checks::new();
        let sent = posted(&[
            ("f.contact_email.vi", "Thư điện tử"),
            ("f.contact_email.en", "E-mail"),
            ("f.contact_email.order", "1"),
            ("f.contact_email.obligatory", ""),
            ("f.status.options", "open: Chưa xong | Open\nlater*: Khác | Other"),
        ]);
        let form = apply(&sent, before, &pack, &mut checks);
        checks.done().expect("well formed");
        let contact = form.sections.iter().find(|section| section.id == "contact").expect("a section");
        let ids: Vec<&str> = contact.fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(ids[..2], ["contact_name", "contact_email"], "those that say the same keep their order");
        assert!(!contact.fields[1].obligatory);
        let status = form.field("status").expect("a field");
        assert_eq!(
            status.options.iter().map(option_line).collect::<Vec<_>>(),
            ["open: Chưa xong | Open", "later*: Khác | Other"]
        );
        assert_eq!(form.fields().count(), before.fields().count());
    }

    #[test]
    fn what_a_pack_would_be_refused_for_is_refused_beside_its_field() {
        let pack = pack();
        let before = pack.form("mau-03").expect("a form");
        let mut checks = Checks::new();
        let long = "x".repeat(50_000);
        let sent = posted(&[
            ("title", ""),
            ("f.status.options", ""),
            ("f.services.options", "web Web server"),
            ("f.summary.vi", &long),
            ("to", "nobody"),
            ("f.contact_name.order", "0"),
        ]);
        apply(&sent, before, &pack, &mut checks);
        let Err(ungcuu_kit::error::Error::Form(errors)) = checks.done() else { panic!("refused") };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        for field in ["title", "f.status.options", "f.services.options", "f.summary.vi", "to", "f.contact_name.order"] {
            assert!(fields.contains(&field), "{field} is not among {fields:?}");
        }
    }
}
