//! From what was typed to a form: names of what was sent, limits, and the checks that a pack's file would have to pass.

use std::collections::BTreeSet;

use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text::{Text, Words};

use super::fields;
use crate::pack::{FieldType, Form, FormField, FormOption, FormSection, Pack};
use crate::report::fill::Posted;

/// Lines of one list, options of one field.
const LINES: usize = 60;

/// The form with what was typed laid over it. What was not sent stays; what is wrong gets its sentence beside its field.
/// `fresh`: what the ids of added fields begin with.
pub fn apply(typed: &Posted, before: &Form, pack: &Pack, fresh: &str, checks: &mut Checks) -> Form {
    let mut form = before.clone();
    let of_pack = pack.form(&before.id);
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
        let added = fields::added(checks, typed, before, &section, fresh);
        section.fields = fields(checks, typed, of_pack, section.fields, added);
        sections.push((order, section));
    }
    sections.sort_by_key(|(order, _)| *order);
    form.sections = sections.into_iter().map(|(_, section)| section).collect();
    if form.fields().all(|field| field.hidden) {
        checks.refuse(
            "note",
            Text::new("Biểu mẫu phải còn ít nhất một trường.", "At least one field must be left in the form."),
        );
    }
    form
}

/// The fields of a section in their order; an added one stands before those that say the same place.
fn fields(
    checks: &mut Checks,
    typed: &Posted,
    of_pack: Option<&Form>,
    before: Vec<FormField>,
    added: Option<(i64, FormField)>,
) -> Vec<FormField> {
    let mut fields: Vec<(i64, FormField)> = added.into_iter().collect();
    for (index, mut field) in before.into_iter().enumerate() {
        if !fields::keep(checks, typed, of_pack.and_then(|form| form.field(&field.id)), &mut field) {
            continue;
        }
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

pub(super) fn options(checks: &mut Checks, name: &str, typed: &Raw, field: &FormField) -> Vec<FormOption> {
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

pub(super) fn sent(typed: &Posted, name: &str) -> bool {
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
        let form = apply(&sent, before, &pack, "x1", &mut checks);
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
    fn a_field_is_added_where_it_is_wanted_one_of_the_plan_is_hidden_and_one_of_ours_is_gone_again() {
        let pack = pack();
        let before = pack.form("mau-03").expect("a form");
        let mut checks = Checks::new();
        let sent = posted(&[
            ("n.contact.vi", "Số Zalo"),
            ("n.contact.en", "Zalo number"),
            ("n.contact.kind", "text"),
            ("n.contact.obligatory", "1"),
            ("n.contact.order", "2"),
            ("f.contact_title.hidden", "1"),
        ]);
        let form = apply(&sent, before, &pack, "x1", &mut checks);
        checks.done().expect("well formed");
        let contact = form.sections.iter().find(|section| section.id == "contact").expect("a section");
        assert_eq!((contact.fields[1].id.as_str(), contact.fields[1].obligatory), ("x1-contact", true));
        assert!(form.field("contact_title").expect("kept").hidden, "a field of the plan is not lost");
        assert_eq!(form.clone().shown().fields().count(), before.fields().count(), "one more, one less");
        let said = fields::told(before, &form);
        assert!(said.vi.contains("thêm trường “Số Zalo”") && said.vi.contains("bỏ trường “"), "{}", said.vi);

        let mut checks = Checks::new();
        let sent = posted(&[("f.x1-contact.hidden", "1"), ("f.contact_title.hidden", "")]);
        let after = apply(&sent, &form, &pack, "x2", &mut checks);
        checks.done().expect("well formed");
        assert!(after.field("x1-contact").is_none());
        assert!(!after.field("contact_title").expect("back").hidden);
    }

    #[test]
    fn an_obligatory_field_of_the_law_is_hidden_with_a_reason_only_and_half_a_field_is_none() {
        let pack = pack();
        let before = pack.form("mau-03").expect("a form");
        let obligatory = before.fields().find(|field| field.obligatory).expect("one").id.clone();
        let mut checks = Checks::new();
        let sent = posted(&[
            (&format!("f.{obligatory}.hidden"), "1"),
            ("n.contact.vi", "Số Zalo"),
            ("n.contact.kind", "files"),
            ("n.contact.order", "0"),
        ]);
        apply(&sent, before, &pack, "x1", &mut checks);
        let Err(ungcuu_kit::error::Error::Form(errors)) = checks.done() else { panic!("refused") };
        let refused: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        let why = format!("f.{obligatory}.hidden_reason");
        for field in [why.as_str(), "n.contact.en", "n.contact.kind", "n.contact.order"] {
            assert!(refused.contains(&field), "{field} is not among {refused:?}");
        }
        let mut checks = Checks::new();
        let sent = posted(&[(&format!("f.{obligatory}.hidden"), "1"), (&why, "Huyện không có đầu mối này")]);
        let form = apply(&sent, before, &pack, "x1", &mut checks);
        checks.done().expect("well formed");
        assert_eq!(form.field(&obligatory).expect("kept").hidden_reason, "Huyện không có đầu mối này");
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
        apply(&sent, before, &pack, "x1", &mut checks);
        let Err(ungcuu_kit::error::Error::Form(errors)) = checks.done() else { panic!("refused") };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        for field in ["title", "f.status.options", "f.services.options", "f.summary.vi", "to", "f.contact_name.order"] {
            assert!(fields.contains(&field), "{field} is not among {fields:?}");
        }
    }
}
