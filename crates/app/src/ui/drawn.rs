//! What a page could show of the form that came back. The page is drawn twice: the first drawing tells which fields there
//! are and what they are called, the second says so in the summary above them.

use std::sync::{Arc, Mutex, MutexGuard};

use super::choices::Choice;
use super::field::{Field, Kind};

/// The form that came back, as far as the page has drawn it.
#[derive(Clone, Debug, Default)]
pub struct Drawn(Arc<Mutex<Form>>);

#[derive(Debug, Default)]
struct Form {
    /// The page was drawn to its end.
    complete: bool,
    opened: bool,
    fields: Vec<Known>,
    /// Names of values sent along unseen, and of buttons.
    unseen: Vec<String>,
}

#[derive(Debug)]
struct Known {
    name: String,
    label: String,
    long: bool,
    choices: Vec<Choice>,
}

impl Drawn {
    /// The page was drawn to its end: what is not known now is not on it.
    pub fn complete(&self) {
        self.form().complete = true;
    }

    pub(super) fn is_complete(&self) -> bool {
        self.form().complete
    }

    pub(super) fn open(&self) {
        self.form().opened = true;
    }

    /// Whether the page has the form at all.
    pub(super) fn has_form(&self) -> bool {
        self.form().opened
    }

    pub(super) fn add(&self, field: &Field) {
        let mut form = self.form();
        if !form.fields.iter().any(|known| known.name == field.name) {
            let (name, label, long) = (field.name.clone(), field.label.clone(), field.kind == Kind::Area);
            form.fields.push(Known { name, label, long, choices: field.choices().to_vec() });
        }
    }

    pub(super) fn add_unseen(&self, name: &str) {
        self.form().unseen.push(name.to_owned());
    }

    /// Whether the page shows this field, or sends it along.
    pub(super) fn has(&self, name: &str) -> bool {
        let form = self.form();
        form.unseen.iter().any(|known| known == name) || form.fields.iter().any(|known| known.name == name)
    }

    /// What the field is called on the page; nothing when it is not on it.
    pub(super) fn label(&self, name: &str) -> Option<String> {
        self.form().fields.iter().find(|known| known.name == name).map(|known| known.label.clone())
    }

    /// Whether the field holds text of several lines.
    pub(super) fn is_long(&self, name: &str) -> bool {
        self.form().fields.iter().any(|known| known.name == name && known.long)
    }

    /// A value of the field as the reader knows it: the words of a choice.
    pub(super) fn words(&self, name: &str, value: &str) -> String {
        let form = self.form();
        let field = form.fields.iter().find(|known| known.name == name);
        let choice = field.and_then(|known| known.choices.iter().find(|choice| choice.value == value));
        choice.map_or(value, |choice| choice.label.as_str()).to_owned()
    }

    fn form(&self) -> MutexGuard<'_, Form> {
        self.0.lock().expect("no holder of this lock panics")
    }
}
