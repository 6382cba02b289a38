//! How far single things of an incident may go, as data.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use super::DisclosureId;

id_type!(
    /// How far one thing may go.
    MarkingId, "mrk"
);
id_type!(
    /// A thing that went along with something told.
    AttachedId, "dsi"
);

text_enum! {
    /// What can be marked, and passed on.
    pub enum ItemKind {
        Evidence = "evidence": ("Chứng cứ", "Evidence"),
        Indicator = "indicator": ("Dấu hiệu", "Indicators"),
        Event = "event": ("Diễn biến", "Timeline"),
        Situation = "situation": ("Bản tin tình hình", "Situation reports"),
    }
}

impl ItemKind {
    /// What a sentence calls a thing of this kind that it may not name.
    pub fn unnamed(self) -> Text {
        match self {
            ItemKind::Evidence => Text::new("một chứng cứ", "a piece of evidence"),
            ItemKind::Indicator => Text::new("một dấu hiệu", "an indicator"),
            ItemKind::Event => Text::new("một mục diễn biến", "an entry of the timeline"),
            ItemKind::Situation => Text::new("một bản tin tình hình", "a situation report"),
        }
    }
}

/// A thing of an incident with its marking.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Item {
    pub kind: ItemKind,
    pub id: String,
    pub label_vi: String,
    pub label_en: String,
    /// How far it may go; the incident's own level while it was not marked by itself.
    pub tlp: String,
    /// Marked by itself.
    pub marked: bool,
    /// Why it was lowered or raised; empty when nobody said so.
    pub reason: String,
    pub marked_by: String,
    pub marked_at: Option<Time>,
    /// 0 while it was never marked by itself.
    pub version: i64,
}

impl Item {
    /// How a form names it: `evidence:evi_…`.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind, self.id)
    }

    pub fn label(&self) -> Text {
        Text::owned(self.label_vi.clone(), self.label_en.clone())
    }
}

/// A thing that went along with something told, as it was called and marked then.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Attached {
    pub id: AttachedId,
    pub disclosure_id: DisclosureId,
    pub kind: ItemKind,
    pub item_id: String,
    pub label: String,
    pub tlp: String,
}
