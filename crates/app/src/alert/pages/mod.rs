//! The pages of intake: what the public sees, the queue, recording, opening an incident.

pub mod acts;
pub mod detail;
pub mod live;
pub mod new;
pub mod open;
pub mod queue;
pub mod report;

use ungcuu_kit::text::Lang;

use crate::alert::model::{severity_word, source_word};
use crate::app::App;

/// The words of the pack, for templates.
#[derive(Clone)]
pub struct Says {
    app: App,
    lang: Lang,
}

impl Says {
    pub fn new(app: &App, lang: Lang) -> Says {
        Says { app: app.clone(), lang }
    }

    pub fn severity(&self, level: &i64) -> String {
        severity_word(&self.app.pack, *level, self.lang)
    }

    pub fn source(&self, source: &str) -> String {
        source_word(&self.app.pack, source, self.lang)
    }

    pub fn outcome(&self, id: &str) -> String {
        let item = self.app.pack.lists.item("dismissal_outcomes", id);
        item.map_or_else(|| id.to_owned(), |item| item.label.get(self.lang).to_owned())
    }

    pub fn scenario(&self, id: &str) -> String {
        let scenario = self.app.pack.scenario(id);
        scenario.map_or_else(|| id.to_owned(), |scenario| scenario.name.get(self.lang).to_owned())
    }

    /// A list of the pack as choices, with each hint behind its label.
    pub fn choices(&self, list: &str) -> Vec<(String, String)> {
        let lists = self.app.pack.lists.all();
        let items = lists.iter().find(|(name, _)| *name == list).map(|(_, items)| *items).unwrap_or_default();
        let choice = |item: &crate::pack::Item| {
            let label = item.label.get(self.lang);
            let words = match &item.hint {
                Some(hint) => format!("{label} ({})", hint.get(self.lang)),
                None => label.to_owned(),
            };
            (item.id.clone(), words)
        };
        items.iter().map(choice).collect()
    }
}
