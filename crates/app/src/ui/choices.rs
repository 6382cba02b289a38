//! The choices of a select: under headings, and drawn once where many pages offer the same long list.

use std::collections::HashMap;
use std::fmt::{Display, Formatter};

use askama::Template;
use askama::filters::HtmlSafe;

/// One choice of a select, a group of radios or boxes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
    /// The heading it stands under; empty for none.
    pub group: String,
}

impl Choice {
    pub(super) fn new(value: impl Display, label: impl Display) -> Choice {
        Choice { value: value.to_string(), label: label.to_string(), ..Choice::default() }
    }
}

/// Puts choices under headings: the heading of each value, in the order of the headings.
pub(super) fn group<V: Display, L: Display>(choices: &mut [Choice], groups: &[(V, L)]) {
    let groups: Vec<(String, String)> =
        groups.iter().map(|(value, heading)| (value.to_string(), heading.to_string())).collect();
    let mut headings: Vec<&str> = groups.iter().map(|(_, heading)| heading.as_str()).collect();
    headings.dedup();
    let of: HashMap<&str, &str> = groups.iter().map(|(value, heading)| (value.as_str(), heading.as_str())).collect();
    for choice in &mut *choices {
        choice.group = of.get(choice.value.as_str()).map(|heading| (*heading).to_owned()).unwrap_or_default();
    }
    choices.sort_by_key(|choice| headings.iter().position(|heading| *heading == choice.group));
}

/// The inside of a `<select>`.
#[derive(Template)]
#[template(
    source = r#"{%- for choice in choices -%}{% if self.opens_group(loop.index0) %}<optgroup label="{{ choice.group }}">{% endif %}<option value="{{ choice.value }}"{% if choice.chosen %} selected{% endif %}>{{ choice.label }}</option>{% if self.ends_group(loop.index0) %}</optgroup>{% endif %}{%- endfor -%}"#,
    ext = "html"
)]
pub(super) struct Options<'a> {
    pub choices: &'a [Choice],
}

impl HtmlSafe for Options<'_> {}

impl Options<'_> {
    /// Whether a choice stands under another heading than the one before.
    fn opens_group(&self, place: &usize) -> bool {
        let group = self.choices[*place].group.as_str();
        !group.is_empty() && (*place == 0 || self.choices[*place - 1].group != group)
    }

    /// Whether the next choice stands under another heading, or there is none.
    fn ends_group(&self, place: &usize) -> bool {
        let group = self.choices[*place].group.as_str();
        !group.is_empty() && self.choices.get(*place + 1).is_none_or(|next| next.group != group)
    }
}

/// Hundreds of choices that many pages offer alike, drawn once and then shared.
#[derive(Debug, Default)]
pub struct LongChoice {
    /// As [`Options`] draws them.
    drawn: String,
    labels: HashMap<String, String>,
}

impl HtmlSafe for LongChoice {}

impl Display for LongChoice {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.drawn)
    }
}

impl LongChoice {
    /// Values with their labels, and the heading of each value in the order of the headings.
    pub fn new<V: Display, L: Display>(options: &[(V, L)], groups: &[(V, L)]) -> LongChoice {
        let mut choices: Vec<Choice> = options.iter().map(|(value, label)| Choice::new(value, label)).collect();
        group(&mut choices, groups);
        let drawn = Options { choices: &choices }.to_string();
        LongChoice { drawn, labels: choices.into_iter().map(|choice| (choice.value, choice.label)).collect() }
    }

    /// What a value is called, if it is one of them.
    pub(super) fn label(&self, value: &str) -> Option<&str> {
        self.labels.get(value).map(String::as_str)
    }
}
