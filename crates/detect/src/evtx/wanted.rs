//! What somebody wants of an event: decoding the rest would be for nothing.

use crate::event::FieldNumber;

/// The fields that somebody wants of an event.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    numbers: Vec<bool>,
    all: bool,
}

impl Wanted {
    /// Adds a field.
    pub fn add(&mut self, number: FieldNumber) {
        let at = usize::from(number);
        if self.numbers.len() <= at {
            self.numbers.resize(at + 1, false);
        }
        self.numbers[at] = true;
    }

    /// Adds every field, also those without a number.
    pub fn add_all(&mut self) {
        self.all = true;
    }

    /// Whether the field is among them.
    #[must_use]
    pub fn has(&self, number: FieldNumber) -> bool {
        self.all || self.numbers.get(usize::from(number)).copied().unwrap_or(false)
    }
}
