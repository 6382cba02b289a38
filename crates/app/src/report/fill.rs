//! A form with what stands in its fields: what the records know, what a person wrote, what is still missing.
//!
//! While a report is a draft, a field that nobody touched follows the records; what a person wrote stays. Once issued,
//! every field is what it was then.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use ungcuu_kit::error::{Error, FieldError, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::facts::Facts;
use super::model::{Answer, Answers};
use crate::pack::{FieldType, Form, FormField, FormLayout, FormSection};

/// A field of a form with its answer.
#[derive(Clone, Debug)]
pub struct Filled<'a> {
    pub section: &'a FormSection,
    pub field: &'a FormField,
    pub answer: Answer,
    /// Where the answer comes from; none once a person wrote it.
    pub source: Option<Text>,
    /// What the records would say here, and where it comes from.
    pub known: Option<(Answer, Text)>,
}

impl Filled<'_> {
    /// The name of its field on the page and in the API.
    pub fn name(&self) -> String {
        field_name(&self.field.id)
    }

    /// Its label, and where it stands, since other fields may be called the same: "Điện thoại (NGƯỜI LIÊN HỆ)".
    pub fn full_label(&self, lang: Lang) -> String {
        let label = self.field.label.get(lang);
        match self.section.layout {
            // The title is the label.
            FormLayout::Bare => label.to_owned(),
            FormLayout::Lines | FormLayout::Table => format!("{label} ({})", self.section.title.get(lang)),
        }
    }

    /// Must be there and is not.
    pub fn is_missing(&self) -> bool {
        self.field.obligatory && self.answer.is_empty()
    }
}

/// Fields carry a prefix, so that no form can have a field called like one of the page's own.
pub fn field_name(field: &str) -> String {
    format!("f.{field}")
}

/// The field for the words beside an option.
pub fn words_name(field: &str, option: &str) -> String {
    format!("f.{field}.{option}")
}

/// The field that says which answer was shown (its print), where it came from the records.
pub fn shown_name(field: &str) -> String {
    format!("s.{field}")
}

/// A draft: what people wrote, the records for the rest.
pub fn live<'a>(form: &'a Form, stored: &Answers, facts: &Facts) -> Vec<Filled<'a>> {
    let mut filled = Vec::new();
    for section in &form.sections {
        for field in &section.fields {
            let known = facts.answer(field);
            let (answer, source) = match (stored.get(&field.id).filter(|answer| answer.by_hand), &known) {
                (Some(answer), _) => (answer.clone(), None),
                (None, Some((answer, from))) => (answer.clone(), Some(from.clone())),
                (None, None) => (Answer::default(), None),
            };
            filled.push(Filled { section, field, answer, source, known });
        }
    }
    filled
}

/// A draft that was handed in: what stood in it then, whatever the records say now.
pub fn fixed<'a>(form: &'a Form, stored: &Answers, facts: &Facts) -> Vec<Filled<'a>> {
    let mut filled = live(form, stored, facts);
    for one in &mut filled {
        one.answer = stored.get(&one.field.id).cloned().unwrap_or_default();
        one.source = one.source.take().filter(|_| !one.answer.by_hand);
    }
    filled
}

/// What is kept of a draft: only what people wrote.
pub fn written(filled: &[Filled]) -> Answers {
    let by_hand = filled.iter().filter(|one| one.answer.by_hand);
    by_hand.map(|one| (one.field.id.clone(), one.answer.clone())).collect()
}

/// What is kept of an issued report: everything.
pub fn everything(filled: &[Filled]) -> Answers {
    filled.iter().map(|one| (one.field.id.clone(), one.answer.clone())).collect()
}

/// One sentence beside each obligatory field that is empty.
pub fn refuse_missing(filled: &[Filled]) -> Result<()> {
    let missing = filled.iter().filter(|one| one.is_missing());
    let say = |one: &Filled| {
        let (vi, en) = (one.full_label(Lang::Vi), one.full_label(Lang::En));
        FieldError {
            field: one.name(),
            message: text!("Mục bắt buộc còn trống: {vi}.", "Obligatory and still empty: {en}."),
        }
    };
    let errors: Vec<FieldError> = missing.map(say).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Form(errors)) }
}

/// What was sent for a form: each name with its values. A field that is not named was not sent and stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Posted(pub BTreeMap<String, Vec<String>>);

impl Posted {
    /// The first value that is not empty.
    pub fn first(&self, name: &str) -> Raw {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        Raw(values.iter().find(|value| !value.trim().is_empty()).cloned().unwrap_or_default())
    }

    /// The values under a name; none when it was not sent.
    pub fn all(&self, name: &str) -> Option<&Vec<String>> {
        self.0.get(name)
    }

    /// Whether words beside one of the field's choices were sent.
    fn has_words_of(&self, field: &str) -> bool {
        let start = words_name(field, "");
        self.0.range(start.clone()..).next().is_some_and(|(name, _)| name.starts_with(&start))
    }
}

/// Lays what was sent over what was there. Every field that cannot be read gets its sentence.
pub fn read<'a>(posted: &Posted, before: Vec<Filled<'a>>) -> Result<Vec<Filled<'a>>> {
    let mut checks = Checks::new();
    let mut filled = Vec::with_capacity(before.len());
    for was in before {
        let typed = match posted.all(&was.name()) {
            Some(typed) => typed.clone(),
            // Only the words beside the choices were sent: what was chosen stays chosen.
            None if posted.has_words_of(&was.field.id) => was.answer.values.clone(),
            None => {
                filled.push(was);
                continue;
            }
        };
        let mut answer = answer_of(was.field, &typed, posted, &mut checks);
        let shown = posted.first(&shown_name(&was.field.id));
        let untouched = match &was.known {
            // Sent back as it was shown, or written as the records say it anyway.
            Some((known, _)) => answer.same(known) || answer.print() == shown.as_str(),
            None => answer.is_empty(),
        };
        answer.by_hand = !untouched;
        let source = was.known.as_ref().filter(|_| untouched).map(|(_, from)| from.clone());
        filled.push(Filled { section: was.section, field: was.field, answer, source, known: was.known });
    }
    checks.done()?;
    Ok(filled)
}

fn answer_of(field: &FormField, typed: &[String], posted: &Posted, checks: &mut Checks) -> Answer {
    let name = field_name(&field.id);
    let first = posted.first(&name);
    match field.kind {
        FieldType::Text => Answer::one(checks.area_or_empty(&name, &first).replace('\n', " ")),
        FieldType::Long => Answer::one(checks.area_or_empty(&name, &first)),
        FieldType::Date => moment(&name, &first, checks, "%Y-%m-%d"),
        FieldType::Moment => moment(&name, &first, checks, "%Y-%m-%dT%H:%M"),
        FieldType::Time => hour(&name, &first, checks),
        FieldType::Integer | FieldType::Money => whole_number(&name, &first, checks),
        FieldType::YesNo => match first.as_str() {
            "" => Answer::default(),
            "yes" | "no" => Answer::one(first.as_str()),
            "true" => Answer::one("yes"),
            "false" => Answer::one("no"),
            _ => {
                checks.refuse(&name, unknown_choice());
                Answer::default()
            }
        },
        FieldType::One | FieldType::Many => chosen(field, typed, posted, checks),
        FieldType::Files => {
            let more = posted.first(&words_name(&field.id, "more"));
            let more = checks.area_or_empty(&words_name(&field.id, "more"), &more);
            let mut lines: Vec<String> = Vec::new();
            for line in typed.iter().flat_map(|typed| typed.lines()).chain(more.lines()) {
                let line = checks.area_or_empty(&name, &Raw(line.to_owned()));
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            Answer::new(lines)
        }
    }
}

fn chosen(field: &FormField, typed: &[String], posted: &Posted, checks: &mut Checks) -> Answer {
    let name = field_name(&field.id);
    let ticked: Vec<&str> = typed.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    if ticked.iter().any(|value| !field.options.iter().any(|option| option.id == *value)) {
        checks.refuse(&name, unknown_choice());
    }
    let mut answer = Answer::default();
    for option in &field.options {
        let mut on = ticked.contains(&option.id.as_str());
        if option.free_text {
            let words_field = words_name(&field.id, &option.id);
            let words = checks.area_or_empty(&words_field, &posted.first(&words_field)).replace('\n', " ");
            // Words beside a box tick it; whoever does not want the box clears the words.
            on |= !words.is_empty();
            if !words.is_empty() {
                answer.words.insert(option.id.clone(), words);
            }
        }
        if on {
            answer.values.push(option.id.clone());
        }
    }
    if field.kind == FieldType::One && answer.values.len() > 1 {
        checks.refuse(&name, Text::new("Chỉ chọn một mục.", "Choose only one."));
    }
    answer
}

fn unknown_choice() -> Text {
    Text::new("Hãy chọn trong các mục của mẫu.", "Choose among the options of the form.")
}

fn moment(name: &str, typed: &Raw, checks: &mut Checks, format: &str) -> Answer {
    let time: Option<Time> = checks.moment_or_none(name, typed);
    time.map(|time| Answer::one(time.local().strftime(format).to_string())).unwrap_or_default()
}

fn hour(name: &str, typed: &Raw, checks: &mut Checks) -> Answer {
    if typed.is_empty() {
        return Answer::default();
    }
    let formats = ["%H:%M", "%H:%M:%S", "%Hh%M", "%H giờ %M", "%H giờ %M phút"];
    let read = formats.iter().find_map(|format| civil::Time::strptime(format, typed.as_str()).ok());
    match read {
        Some(time) => Answer::one(time.strftime("%H:%M").to_string()),
        None => {
            checks.refuse(name, Text::new("Hãy ghi giờ theo dạng 14:05.", "Write the time like 14:05."));
            Answer::default()
        }
    }
}

fn whole_number(name: &str, typed: &Raw, checks: &mut Checks) -> Answer {
    // People group thousands by points.
    let digits = typed.as_str().replace(['.', ' '], "");
    if digits.is_empty() {
        return Answer::default();
    }
    let number = checks.number(name, &Raw(digits), 0, 1_000_000_000_000_000);
    Answer::one(number.to_string())
}

impl<'de> Deserialize<'de> for Posted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Posted, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Posted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fields with one value or several")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Posted, A::Error> {
                let mut posted = BTreeMap::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    posted.insert(name, values.0);
                }
                Ok(Posted(posted))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// One value or several.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false, or a list of them")
            }
            fn visit_str<E>(self, value: &str) -> Result<Values, E> {
                Ok(Values(vec![value.to_owned()]))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Values, E> {
                Ok(Values(vec![value.to_string()]))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Values, E> {
                Ok(Values(vec![value.to_string()]))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Values, E> {
                Ok(Values(vec![value.to_string()]))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Values, E> {
                Ok(Values(vec![value.to_string()]))
            }
            fn visit_unit<E>(self) -> Result<Values, E> {
                Ok(Values(vec![String::new()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some(Raw(value)) = seq.next_element::<Raw>()? {
                    values.push(value);
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl JsonSchema for Posted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ReportForm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let scalar = json_schema!({ "type": ["string", "number", "boolean", "null"] });
        json_schema!({
            "type": "object",
            "description": "`act` (save or issue), `version`, `recipients`, `signer`, and a member `f.{field}` for each \
                            field of the form, `f.{field}.{option}` for the words beside an option.",
            "additionalProperties": { "anyOf": [scalar, { "type": "array", "items": scalar }] },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;
    use crate::report::facts::Fact;

    fn pack() -> Pack {
        Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack")
    }

    fn facts() -> Facts {
        let mut facts = Facts::default();
        facts.words("reporter.name", "UBND xã Ba Sao", &Text::same("danh bạ"));
        facts.note("incident.confidential", Fact::Yes(true), &Text::same("sự cố"));
        facts
    }

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        let mut posted = Posted::default();
        for (name, value) in pairs {
            posted.0.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        posted
    }

    fn one<'a, 'b>(filled: &'b [Filled<'a>], id: &str) -> &'b Filled<'a> {
        filled.iter().find(|one| one.field.id == id).expect("a field of the form")
    }

    #[test]
    fn what_a_person_wrote_stays_and_the_rest_follows_the_records() {
        let pack = pack();
        let form = pack.form("mau-03").expect("a form");
        let before = live(form, &Answers::new(), &facts());
        let sent = posted(&[("f.reporter_name", "UBND xã Ba Sao"), ("f.confidential", "no"), ("f.contact_title", "")]);
        let filled = read(&sent, before).expect("readable");
        assert!(one(&filled, "reporter_name").source.is_some(), "sent back as it was");
        assert!(one(&filled, "confidential").answer.by_hand);
        let kept = written(&filled);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["confidential"]);
        let again = live(form, &kept, &facts());
        assert_eq!(one(&again, "confidential").answer.first(), "no");
        assert_eq!(one(&again, "reporter_name").answer.first(), "UBND xã Ba Sao");
    }

    #[test]
    fn a_field_sent_as_it_was_shown_is_not_taken_for_written_when_the_records_moved_on() {
        let pack = pack();
        let form = pack.form("mau-03").expect("a form");
        let shown = Answer::one("UBND xã cũ");
        let sent = posted(&[("f.reporter_name", "UBND xã cũ"), ("s.reporter_name", &shown.print())]);
        let filled = read(&sent, live(form, &Answers::new(), &facts())).expect("readable");
        assert!(one(&filled, "reporter_name").source.is_some());
        assert_eq!(one(&filled, "reporter_name").answer.first(), "UBND xã cũ", "what was seen is what is issued");
    }

    #[test]
    fn words_beside_a_box_tick_it_and_unknown_choices_are_refused() {
        let pack = pack();
        let form = pack.form("mau-03").expect("a form");
        let sent =
            posted(&[("f.services", "web"), ("f.services", "mail"), ("f.services", ""), ("f.services.other", "SSH")]);
        let filled = read(&sent, live(form, &Answers::new(), &facts())).expect("readable");
        let services = &one(&filled, "services").answer;
        assert_eq!(services.values, ["web", "mail", "other"]);
        assert_eq!(services.words["other"], "SSH");
        let wrong = posted(&[("f.services", "telnet"), ("f.detected_at", "25:00"), ("f.detected_on", "hôm qua")]);
        let Err(Error::Form(errors)) = read(&wrong, live(form, &Answers::new(), &facts())) else { panic!("refused") };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>().len(), 3, "{errors:?}");
    }

    #[test]
    fn every_obligatory_field_that_is_empty_is_named() {
        let pack = pack();
        let form = pack.form("mau-03").expect("a form");
        let Err(Error::Form(errors)) = refuse_missing(&live(form, &Answers::new(), &facts())) else {
            panic!("refused")
        };
        let obligatory = form.fields().filter(|field| field.obligatory).count();
        assert_eq!(errors.len(), obligatory - 1, "all but the name of the reporter");
        assert!(errors.iter().all(|error| error.field.starts_with("f.")));
    }

    #[test]
    fn a_form_and_a_json_body_are_read_alike() {
        let form: Posted = serde_html_form::from_str("f.services=web&f.services=mail&version=3").expect("a form");
        let json: Posted =
            serde_json::from_str(r#"{"f.services":["web","mail"],"version":3,"f.x":null}"#).expect("a body");
        assert_eq!(form.all("f.services"), json.all("f.services"));
        assert_eq!(form.first("version"), json.first("version"));
    }
}
