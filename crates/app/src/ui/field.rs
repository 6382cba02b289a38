//! One field of a form: label above, hint under it, the error between label and field, what was typed kept.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Time;

use super::choices::{Choice, LongChoice, Options, group};
use super::drawn::Drawn;

/// How a field looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A one-line field; the HTML input type.
    Line(&'static str),
    Area,
    Select,
    Radios,
    Checks,
    /// One box that stands for yes.
    Check,
    File,
}

/// A form field. Built by [`super::form::Form`]; every method returns the field again.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/parts/field.html")]
pub struct Field {
    pub(super) lang: Lang,
    /// Told of the field when it is drawn in the form that came back.
    pub(super) drawn: Option<Drawn>,
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) error: String,
    /// The value to show. Fixed when the form came back with errors: then it is what the person typed.
    pub(super) value: String,
    pub(super) returned: bool,
    /// Every value that came back under this name, for boxes and multiple selects.
    pub(super) typed: Vec<String>,
    pub(super) required: bool,
    pub(super) bare: bool,
    pub(super) inline: bool,
    pub(super) readonly: bool,
    pub(super) multiple: bool,
    pub(super) autofocus: bool,
    pub(super) mono: bool,
    pub(super) choices: Vec<Choice>,
    /// More choices of a select, drawn already.
    pub(super) shared: Option<Arc<LongChoice>>,
    pub(super) suggestions: Vec<String>,
    pub(super) width: &'static str,
    pub(super) rows: u8,
    pub(super) suffix: String,
    pub(super) source: String,
    /// The files that were chosen and must be chosen again.
    pub(super) lost_files: String,
    /// Further attributes, name and value.
    pub(super) attributes: Vec<(&'static str, String)>,
}

impl HtmlSafe for Field {}

impl Field {
    /// The field must be filled in.
    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    /// One sentence under the label.
    pub fn hint(mut self, words: impl Display) -> Field {
        self.hint = words.to_string();
        self
    }

    /// What stands in the field before anyone types; ignored when the form came back with what was typed.
    pub fn value(mut self, value: impl Fill) -> Field {
        if !self.returned {
            self.value = value.fill();
            if self.kind == Kind::Check {
                self.typed = vec![self.value.clone()];
            }
        }
        self.choose()
    }

    /// The boxes ticked, or the options of a multiple select chosen, before anyone touches them.
    pub fn values<V: Display>(mut self, values: impl AsRef<[V]>) -> Field {
        if !self.returned {
            self.typed = values.as_ref().iter().map(V::to_string).collect();
        }
        self.choose()
    }

    /// The choices of a select, radios or boxes: value and label.
    pub fn options<V: Display, L: Display>(mut self, options: impl AsRef<[(V, L)]>) -> Field {
        self.choices.extend(options.as_ref().iter().map(|(value, label)| Choice::new(value, label)));
        self.choose()
    }

    /// A first, empty choice: "Chưa chọn".
    pub fn blank(mut self, label: impl Display) -> Field {
        self.choices.insert(0, Choice::new("", label));
        self.choose()
    }

    /// Puts the choices of a long select under headings: the heading of each value, in the order of the headings.
    pub fn grouped<V: Display, L: Display>(mut self, groups: impl AsRef<[(V, L)]>) -> Field {
        group(&mut self.choices, groups.as_ref());
        self
    }

    /// Offers these behind its own choices.
    pub(super) fn shared(mut self, choices: Arc<LongChoice>) -> Field {
        self.shared = Some(choices);
        self
    }

    fn drawn_options(&self) -> Options<'_> {
        Options { choices: &self.choices }
    }

    /// Values offered while typing; anything else may still be typed.
    pub fn suggest<V: Display>(mut self, values: impl AsRef<[V]>) -> Field {
        self.suggestions = values.as_ref().iter().map(V::to_string).collect();
        self
    }

    /// Hides the label from sight (not from screen readers): for a field in a table or a bar.
    pub fn bare(mut self) -> Field {
        self.bare = true;
        self
    }

    /// Puts radios or boxes side by side.
    pub fn inline(mut self) -> Field {
        self.inline = true;
        self
    }

    /// Shown, sent, not changed.
    pub fn readonly(mut self) -> Field {
        self.readonly = true;
        self
    }

    /// Several files, or several options.
    pub fn multiple(mut self) -> Field {
        self.multiple = true;
        self
    }

    /// Where the cursor stands when the page opens; at most one a page.
    pub fn autofocus(mut self) -> Field {
        self.autofocus = true;
        self
    }

    /// Fixed-width letters: addresses, hashes, rules.
    pub fn mono(mut self) -> Field {
        self.mono = true;
        self
    }

    /// A narrow field: numbers, codes, dates.
    pub fn short(mut self) -> Field {
        self.width = "short";
        self
    }

    /// Half the width of the form.
    pub fn half(mut self) -> Field {
        self.width = "half";
        self
    }

    /// The height of a text area, in lines.
    pub fn rows(mut self, rows: u8) -> Field {
        self.rows = rows;
        self
    }

    /// A unit behind the field: "giờ", "đồng".
    pub fn suffix(mut self, words: impl Display) -> Field {
        self.suffix = words.to_string();
        self
    }

    /// Where a prefilled value comes from: "từ sự cố SC-2026-0042".
    pub fn source(mut self, words: impl Display) -> Field {
        self.source = words.to_string();
        self
    }

    /// Which files may be picked: `image/*,.pdf`.
    pub fn accept(self, kinds: &str) -> Field {
        self.attribute("accept", kinds)
    }

    /// The longest text allowed, in characters.
    pub fn longest(self, characters: u32) -> Field {
        self.attribute("maxlength", characters)
    }

    /// The smallest number or earliest date.
    pub fn min(self, value: impl Display) -> Field {
        self.attribute("min", value)
    }

    /// The largest number or latest date.
    pub fn max(self, value: impl Display) -> Field {
        self.attribute("max", value)
    }

    /// The grain of a number: `0.1`, `any`.
    pub fn step(self, value: impl Display) -> Field {
        self.attribute("step", value)
    }

    /// What the browser may fill in: `username`, `current-password`, `one-time-code`, `off`.
    pub fn autocomplete(self, what: &str) -> Field {
        self.attribute("autocomplete", what)
    }

    /// The keyboard a phone shows: `numeric`, `tel`, `email`, `url`.
    pub fn keyboard(self, kind: &str) -> Field {
        self.attribute("inputmode", kind)
    }

    pub(super) fn width(mut self, width: &'static str) -> Field {
        self.width = width;
        self
    }

    pub(super) fn kind(mut self, sort: &'static str) -> Field {
        self.kind = Kind::Line(sort);
        self
    }

    pub(super) fn choices(&self) -> &[Choice] {
        &self.choices
    }

    pub(super) fn attribute(mut self, name: &'static str, value: impl Display) -> Field {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Marks the chosen ones among the choices.
    fn choose(mut self) -> Field {
        let many = self.kind == Kind::Checks || self.multiple;
        for choice in &mut self.choices {
            choice.chosen = match many {
                true => self.typed.contains(&choice.value),
                false => choice.value == self.value,
            };
        }
        self
    }

    /// Says that the field stands on the page; draws nothing.
    fn note(&self) -> &'static str {
        if let Some(drawn) = &self.drawn {
            drawn.add(self);
        }
        ""
    }

    fn ticked(&self) -> bool {
        self.typed.iter().any(|value| matches!(value.as_str(), "1" | "true" | "on" | "yes"))
    }

    /// The ids that describe the field to a screen reader.
    fn described_by(&self) -> String {
        let parts =
            [(&self.hint, "hint"), (&self.error, "error"), (&self.source, "source"), (&self.lost_files, "again")];
        let ids = parts.iter().filter(|(words, _)| !words.is_empty()).map(|(_, part)| format!("{}-{part}", self.id));
        ids.collect::<Vec<_>>().join(" ")
    }

    fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Radios | Kind::Checks)
    }

    fn say<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(vi, en)
    }
}

/// What can stand in a field.
pub trait Fill {
    /// The words of the field; empty when there is nothing to show.
    fn fill(&self) -> String;
}

impl<T: Fill + ?Sized> Fill for &T {
    fn fill(&self) -> String {
        (**self).fill()
    }
}

impl<T: Fill> Fill for Option<T> {
    fn fill(&self) -> String {
        self.as_ref().map(T::fill).unwrap_or_default()
    }
}

impl Fill for Time {
    fn fill(&self) -> String {
        self.to_field()
    }
}

/// Types whose printed form is what a field shows.
macro_rules! fill_as_printed {
    ($($kind:ty),+) => {
        $(impl Fill for $kind {
            fn fill(&self) -> String {
                self.to_string()
            }
        })+
    };
}

fill_as_printed!(str, String, std::borrow::Cow<'_, str>, bool, u8, u16, u32, u64, usize, i16, i32, i64, f64);
