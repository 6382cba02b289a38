//! Fields that an administrator puts into a form, and takes out of it. A field of the plan is only hidden: it stays in the
//! form, can be shown again, and what drafts hold of it is kept. One that the form of the law makes obligatory is hidden
//! with a reason.

use ungcuu_kit::form::{Checks, Raw, empty};
use ungcuu_kit::text::{Lang, Text, Words};

use super::apply::{options, sent};
use crate::pack::{FieldType, Form, FormField, FormLayout, FormSection};
use crate::report::fill::Posted;

/// The kinds of fields that can be added; files come with evidence and have their own place.
pub const KINDS: [(FieldType, &str, Text); 9] = [
    (FieldType::Text, "text", Text::new("Một dòng chữ", "One line")),
    (FieldType::Long, "long", Text::new("Nhiều dòng chữ", "Several lines")),
    (FieldType::Date, "date", Text::new("Ngày", "Date")),
    (FieldType::Moment, "moment", Text::new("Ngày giờ", "Date and time")),
    (FieldType::YesNo, "yes_no", Text::new("Có hoặc không", "Yes or no")),
    (FieldType::Integer, "integer", Text::new("Số", "Number")),
    (FieldType::Money, "money", Text::new("Số tiền (đồng)", "Money (đồng)")),
    (FieldType::One, "one", Text::new("Chọn một", "One of several")),
    (FieldType::Many, "many", Text::new("Chọn nhiều", "Any of several")),
];

/// The most fields of a form, hidden ones among them.
const MOST: usize = 200;

/// Kinds as choices of a select.
pub fn kinds(lang: Lang) -> Vec<(String, String)> {
    KINDS.iter().map(|(_, word, label)| ((*word).to_owned(), label.get(lang).to_owned())).collect()
}

/// Whether a field can be added to a section: where the title is the label there is room for one field only.
pub fn takes_more(section: &FormSection) -> bool {
    section.layout != FormLayout::Bare
}

/// Whether the form ticks the field away, with what it says about that. False: the field is gone for good, because it was
/// never the plan's.
pub fn keep(checks: &mut Checks, typed: &Posted, of_pack: Option<&FormField>, field: &mut FormField) -> bool {
    let name = format!("f.{}.hidden", field.id);
    let Some(ticks) = typed.all(&name) else { return true };
    let hides = ticks.iter().any(|tick| Raw(tick.clone()).ticked());
    let Some(of_pack) = of_pack else { return !hides };
    let why = format!("f.{}.hidden_reason", field.id);
    if sent(typed, &why) {
        field.hidden_reason = checks.line_or_empty(&why, &typed.first(&why));
    }
    if hides && of_pack.obligatory && field.hidden_reason.is_empty() {
        checks.refuse(
            &why,
            Text::new(
                "Mẫu của quy định bắt buộc trường này; muốn bỏ phải ghi lý do.",
                "The form of the law makes this field obligatory; to hide it, say why.",
            ),
        );
    }
    if !hides {
        field.hidden_reason = String::new();
    }
    field.hidden = hides;
    true
}

/// The field that the form adds to a section, with its place there (counted from 1); none when nothing was typed. `fresh`:
/// what its id begins with, never used before in this form.
pub fn added(
    checks: &mut Checks,
    typed: &Posted,
    form: &Form,
    section: &FormSection,
    fresh: &str,
) -> Option<(i64, FormField)> {
    let name = |part: &str| format!("n.{}.{part}", section.id);
    let first = |part: &str| typed.first(&name(part));
    if ["vi", "en", "options"].iter().all(|part| first(part).is_empty()) {
        return None;
    }
    if !takes_more(section) {
        checks.refuse(
            &name("vi"),
            Text::new("Phần này chỉ có một trường.", "There is room for one field only in this part."),
        );
        return None;
    }
    if form.fields().count() >= MOST {
        checks.refuse(&name("vi"), Text::new("Biểu mẫu đã có 200 trường.", "The form has 200 fields already."));
        return None;
    }
    let label = Words { vi: checks.line(&name("vi"), &first("vi")), en: Some(checks.line(&name("en"), &first("en"))) };
    let kind = first("kind");
    let kind = KINDS.iter().find(|(_, word, _)| *word == kind.as_str()).map(|(kind, ..)| *kind);
    if kind.is_none() {
        checks.refuse(&name("kind"), if first("kind").is_empty() { empty() } else { ungcuu_kit::form::unknown() });
    }
    let last = i64::try_from(section.fields.len()).unwrap_or(i64::MAX).saturating_add(1);
    let order = match first("order").is_empty() {
        true => last,
        false => checks.number(&name("order"), &first("order"), 1, 999),
    };
    let mut field = FormField {
        id: format!("{fresh}-{}", section.id),
        label,
        kind: kind.unwrap_or(FieldType::Text),
        obligatory: first("obligatory").ticked(),
        hint: None,
        options: Vec::new(),
        source: None,
        confidence: crate::pack::Confidence::default(),
        hidden: false,
        hidden_reason: String::new(),
    };
    if matches!(field.kind, FieldType::One | FieldType::Many) {
        field.options = options(checks, &name("options"), &first("options"), &field);
    } else if !first("options").is_empty() {
        checks.refuse(
            &name("options"),
            Text::new("Chỉ trường chọn mới có lựa chọn.", "Only a field to choose from has options."),
        );
    }
    Some((order, field))
}

/// What was added to a form, hidden and taken out, in words for the journal; empty when nothing was.
pub fn told(before: &Form, after: &Form) -> Text {
    let mut said: Vec<(String, String)> = Vec::new();
    let english = |field: &FormField| field.label.get(Lang::En).to_owned();
    for field in after.fields() {
        let why = match field.hidden_reason.as_str() {
            "" => String::new(),
            reason => format!(" ({reason})"),
        };
        match before.field(&field.id) {
            None => said.push((format!("thêm trường “{}”", field.label.vi), format!("added “{}”", english(field)))),
            Some(was) if field.hidden && !was.hidden => {
                said.push((format!("bỏ trường “{}”{why}", field.label.vi), format!("hid “{}”{why}", english(field))));
            }
            Some(was) if !field.hidden && was.hidden => {
                said.push((
                    format!("lấy lại trường “{}”", field.label.vi),
                    format!("showed “{}” again", english(field)),
                ));
            }
            Some(_) => {}
        }
    }
    for gone in before.fields().filter(|field| after.field(&field.id).is_none()) {
        said.push((format!("bỏ trường đã thêm “{}”", gone.label.vi), format!("took “{}” out again", english(gone))));
    }
    let (vi, en): (Vec<String>, Vec<String>) = said.into_iter().unzip();
    Text::owned(vi.join("; "), en.join("; "))
}
