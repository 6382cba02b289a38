//! What happened, in the order it happened, with the day written once in the gutter.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::time::Time;

use super::chips::Tag;
use super::given::{Instant, Truth};
use super::messages::Prose;
use crate::page::Page;

/// One entry of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// When it happened.
    pub at: Time,
    /// When somebody noticed, if that was another moment.
    pub noticed: Option<Time>,
    /// When it was written down, if that was another moment.
    pub recorded: Option<Time>,
    /// The class of its mark: `report`, `decision`, `step`, `evidence`, `message`, `alert`; anything else is plain.
    pub kind: String,
    /// The word for the kind, as people read it.
    pub kind_word: String,
    pub title: String,
    pub text: String,
    pub by: String,
    pub href: String,
    pub edit: String,
    pub tags: Vec<String>,
    /// Marked to appear in the summary.
    pub starred: bool,
}

impl Event {
    /// Something that happened at a moment.
    pub fn new(at: Time, title: impl Display) -> Event {
        Event { at, title: title.to_string(), ..Event::default() }
    }

    /// Its kind, and the word people read for it.
    pub fn kind(mut self, kind: impl Display, word: impl Display) -> Event {
        self.kind = kind.to_string();
        self.kind_word = word.to_string();
        self
    }

    /// What was written about it.
    pub fn text(mut self, text: impl Display) -> Event {
        self.text = text.to_string();
        self
    }

    /// Who did or wrote it.
    pub fn by(mut self, name: impl Display) -> Event {
        self.by = name.to_string();
        self
    }

    /// When it was noticed.
    pub fn noticed(mut self, at: impl Instant) -> Event {
        self.noticed = at.instant();
        self
    }

    /// When it was written down.
    pub fn recorded(mut self, at: impl Instant) -> Event {
        self.recorded = at.instant();
        self
    }

    /// A system, an indicator, a document it is about.
    pub fn tag(mut self, word: impl Display) -> Event {
        self.tags.push(word.to_string());
        self
    }

    /// The page of the thing itself.
    pub fn link(mut self, href: impl Display) -> Event {
        self.href = href.to_string();
        self
    }

    /// The page where the entry is corrected.
    pub fn edit(mut self, href: impl Display) -> Event {
        self.edit = href.to_string();
        self
    }

    /// Appears in the summary.
    pub fn starred(mut self, yes: impl Truth) -> Event {
        self.starred = yes.truth();
        self
    }
}

/// A timeline, grouped by day.
#[derive(Clone, Template)]
#[template(path = "ui/parts/timeline.html")]
pub struct Timeline<'a> {
    page: &'a Page,
    days: Vec<(String, Vec<Event>)>,
}

impl HtmlSafe for Timeline<'_> {}

impl Page {
    /// A timeline, in the order given.
    pub fn timeline(&self, events: impl AsRef<[Event]>) -> Timeline<'_> {
        let mut days: Vec<(String, Vec<Event>)> = Vec::new();
        for event in events.as_ref() {
            let day = event.at.to_day();
            match days.last_mut() {
                Some((last, events)) if *last == day => events.push(event.clone()),
                _ => days.push((day, vec![event.clone()])),
            }
        }
        Timeline { page: self, days }
    }
}

impl Timeline<'_> {
    fn hour(&self, at: &Time) -> String {
        at.local().strftime("%H:%M").to_string()
    }

    fn prose(&self, text: &str) -> Prose {
        self.page.prose(text)
    }

    fn tag(&self, word: &str) -> Tag {
        self.page.tag(word)
    }
}
