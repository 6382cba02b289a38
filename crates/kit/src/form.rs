//! What people typed, before it is believed. A form's fields arrive as [`Raw`]; [`Checks`] turns them into values and
//! collects one sentence for every field that is wrong, so that the reader sees all of them at once.
//!
//! The same struct reads an HTML form and a JSON body: JSON may write numbers and yes/no as such.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Visitor};

use crate::error::{Error, FieldError, Result};
use crate::text::Text;
use crate::time::Time;

/// The longest a one-line field may be, in characters.
pub const LINE: usize = 300;
/// The longest a text area may be, in characters.
pub const AREA: usize = 20_000;

/// One field as it was typed. Never fails to read a string, number, yes/no or nothing.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Raw(pub String);

impl Raw {
    /// What somebody typed, without any NUL: no text holds one, and one of the two databases refuses it.
    pub fn typed(value: &str) -> Raw {
        Raw(value.replace('\0', ""))
    }

    pub fn as_str(&self) -> &str {
        self.0.trim()
    }

    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// A ticked box: `on`, `true`, `1`, `yes`.
    pub fn ticked(&self) -> bool {
        matches!(self.as_str(), "on" | "true" | "1" | "yes")
    }
}

impl From<&str> for Raw {
    fn from(typed: &str) -> Raw {
        Raw(typed.to_owned())
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        struct AnyScalar;
        impl Visitor<'_> for AnyScalar {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false")
            }
            fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::typed(value))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw(value.to_string()))
            }
            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::default())
            }
        }
        deserializer.deserialize_any(AnyScalar)
    }
}

impl JsonSchema for Raw {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean", "null"] })
    }
}

/// Collects what is wrong with a form.
#[derive(Debug, Default)]
pub struct Checks {
    errors: Vec<FieldError>,
}

impl Checks {
    pub fn new() -> Checks {
        Checks::default()
    }

    /// Notes one sentence beside one field.
    pub fn refuse(&mut self, field: &str, message: Text) {
        self.errors.push(FieldError { field: field.to_owned(), message });
    }

    /// One obligatory line of at most [`LINE`] characters.
    pub fn line(&mut self, field: &str, typed: &Raw) -> String {
        self.required(field, typed, LINE)
    }

    /// One line that may be empty.
    pub fn line_or_empty(&mut self, field: &str, typed: &Raw) -> String {
        self.bounded(field, typed, LINE)
    }

    /// An obligatory longer text of at most [`AREA`] characters.
    pub fn area(&mut self, field: &str, typed: &Raw) -> String {
        self.required(field, typed, AREA)
    }

    /// A longer text that may be empty.
    pub fn area_or_empty(&mut self, field: &str, typed: &Raw) -> String {
        self.bounded(field, typed, AREA)
    }

    /// An obligatory moment.
    pub fn moment(&mut self, field: &str, typed: &Raw) -> Time {
        if typed.is_empty() {
            self.refuse(field, empty());
            return Time::default();
        }
        self.moment_or_none(field, typed).unwrap_or_default()
    }

    /// A moment that may be left out.
    pub fn moment_or_none(&mut self, field: &str, typed: &Raw) -> Option<Time> {
        if typed.is_empty() {
            return None;
        }
        match Time::parse(typed.as_str()) {
            Ok(time) => Some(time),
            Err(message) => {
                self.refuse(field, message);
                None
            }
        }
    }

    /// A moment that has come: not later than now, with five minutes' grace for clocks that differ.
    pub fn past(&mut self, field: &str, time: Option<Time>, now: Time) {
        if time.is_some_and(|time| time > now.plus(5 * crate::time::MINUTE)) {
            self.refuse(field, Text::new("Thời điểm này còn ở tương lai.", "This moment is still in the future."));
        }
    }

    /// An obligatory choice out of a list.
    pub fn choice<T: FromStr<Err = Text>>(&mut self, field: &str, typed: &Raw) -> Option<T> {
        if typed.is_empty() {
            self.refuse(field, Text::new("Hãy chọn một mục.", "Choose one."));
            return None;
        }
        self.choice_or_none(field, typed)
    }

    /// A choice that may be left out.
    pub fn choice_or_none<T: FromStr<Err = Text>>(&mut self, field: &str, typed: &Raw) -> Option<T> {
        if typed.is_empty() {
            return None;
        }
        typed.as_str().parse().map_err(|message| self.refuse(field, message)).ok()
    }

    /// A whole number within bounds.
    pub fn number(&mut self, field: &str, typed: &Raw, from: i64, to: i64) -> i64 {
        match typed.as_str().parse::<i64>() {
            Ok(number) if (from..=to).contains(&number) => number,
            _ => {
                self.refuse(field, text!("Hãy ghi một số từ {from} đến {to}.", "Write a number from {from} to {to}."));
                from
            }
        }
    }

    /// The identifier typed or chosen in a field; whether it exists is the caller's question.
    pub fn id<T: FromStr>(&mut self, field: &str, typed: &Raw) -> Option<T> {
        if typed.is_empty() {
            self.refuse(field, Text::new("Hãy chọn một mục.", "Choose one."));
            return None;
        }
        self.id_or_none(field, typed)
    }

    /// The same where the field may be left empty.
    pub fn id_or_none<T: FromStr>(&mut self, field: &str, typed: &Raw) -> Option<T> {
        if typed.is_empty() {
            return None;
        }
        typed.as_str().parse().map_err(|_| self.refuse(field, unknown())).ok()
    }

    /// An e-mail address that looks like one.
    pub fn email(&mut self, field: &str, typed: &Raw) -> String {
        let email = self.line(field, typed);
        if !email.is_empty() && !looks_like_email(&email) {
            self.refuse(
                field,
                Text::new("Hãy ghi địa chỉ thư dạng ten@donvi.gov.vn.", "Write an address like name@example.org."),
            );
        }
        email
    }

    /// A telephone number or nothing: digits with the usual marks between them, as printed on letters.
    pub fn phone(&mut self, field: &str, typed: &Raw) -> String {
        let phone = self.line_or_empty(field, typed);
        if !phone.is_empty() && !looks_like_phone(&phone) {
            self.refuse(
                field,
                Text::new(
                    "Hãy ghi số điện thoại, ví dụ 0277 3 123 456.",
                    "Write a telephone number like 0277 3 123 456.",
                ),
            );
        }
        phone
    }

    /// Done looking: fine, or everything that was wrong.
    pub fn done(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Form(self.errors)) }
    }

    fn required(&mut self, field: &str, typed: &Raw, limit: usize) -> String {
        if typed.is_empty() {
            self.refuse(field, empty());
        }
        self.bounded(field, typed, limit)
    }

    fn bounded(&mut self, field: &str, typed: &Raw, limit: usize) -> String {
        let length = typed.as_str().chars().count();
        if length > limit {
            self.refuse(
                field,
                text!(
                    "Dài quá {limit} ký tự (đang có {length}). Hãy rút gọn.",
                    "Longer than {limit} characters (now {length}). Please shorten."
                ),
            );
            return String::new();
        }
        clean(typed.as_str())
    }
}

/// The sentence for a field that must not be empty.
pub fn empty() -> Text {
    Text::new("Hãy điền mục này.", "Fill this in.")
}

/// The sentence for an identifier that nothing has.
pub fn unknown() -> Text {
    Text::new("Không có mục này trong danh sách.", "There is no such item in the list.")
}

/// Line ends to `\n`; control characters and direction overrides, which only deceive the eye, are dropped.
pub fn clean(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n");
    let kept = unix.chars().filter(|letter| match letter {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => false,
        letter => !letter.is_control(),
    });
    kept.collect()
}

fn looks_like_phone(phone: &str) -> bool {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let mark = |letter: char| letter.is_ascii_digit() || " +.()-/".contains(letter);
    (3..=30).contains(&digits) && phone.chars().all(mark)
}

fn looks_like_email(email: &str) -> bool {
    let Some((name, host)) = email.split_once('@') else { return false };
    !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !email.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Sample {
        title: Raw,
        level: Raw,
        urgent: Raw,
    }

    #[test]
    fn a_form_and_a_json_body_read_into_the_same_struct() {
        let form: Sample = serde_html_form::from_str("title=M%C3%A1y+l%E1%BA%A1&level=3&urgent=on").expect("a form");
        let json: Sample = serde_json::from_str(r#"{"title":"Máy lạ","level":3,"urgent":true}"#).expect("a body");
        for sample in [form, json] {
            let mut checks = Checks::new();
            assert_eq!(checks.line("title", &sample.title), "Máy lạ");
            assert_eq!(checks.number("level", &sample.level, 1, 5), 3);
            assert!(sample.urgent.ticked());
            checks.done().expect("nothing is wrong");
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut checks = Checks::new();
        checks.line("title", &Raw::from("  "));
        checks.line("name", &Raw("x".repeat(LINE + 1)));
        checks.moment("when", &Raw::from("hôm qua"));
        checks.email("mail", &Raw::from("không phải thư"));
        let Err(Error::Form(errors)) = checks.done() else { panic!("refused") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["title", "name", "when", "mail"]);
    }

    #[test]
    fn direction_overrides_and_control_letters_are_dropped() {
        assert_eq!(clean("a\u{202e}b\u{0000}c\r\nd"), "abc\nd");
    }
}
