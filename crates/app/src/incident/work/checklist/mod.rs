//! The first actions of a scenario, ticked off one by one; copied from the pack when the incident opens.

mod actions;
pub(super) mod pages;
mod store;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::place::{Links, shown};
use crate::incident::model::PartId;
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::pack::CheckItem;
use crate::page::Page;
use crate::ui::Tone;
use crate::ui::chips::Toned;
use crate::work::Look;

text_enum! {
    /// What has become of a first action.
    pub enum ItemState {
        Open = "open": ("Chưa làm", "To do"),
        Done = "done": ("Đã làm", "Done"),
        Skipped = "skipped": ("Bỏ qua", "Skipped"),
    }
}

impl Toned for ItemState {
    fn tone(&self) -> Tone {
        match self {
            ItemState::Open => Tone::Active,
            ItemState::Done => Tone::Good,
            ItemState::Skipped => Tone::Quiet,
        }
    }
}

/// A first action of an incident.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Item {
    pub id: PartId,
    pub position: i64,
    pub text: String,
    pub text_en: String,
    /// Whether the step waits for it.
    pub obligatory: bool,
    pub state: ItemState,
    /// What was noted, or why it was skipped.
    pub note: String,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub version: i64,
}

impl Item {
    pub fn is_open(&self) -> bool {
        self.state == ItemState::Open
    }

    /// The words in the reader's language; what people added themselves has only one.
    pub fn words(&self, lang: &Lang) -> &str {
        lang.pick(&self.text, &self.text_en)
    }
}

#[derive(Template)]
#[template(path = "incident/work/html/checklist.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    items: &'a [Item],
    /// How many are behind us.
    ended: usize,
    may_work: bool,
    /// How many first actions of the scenario are not in the list, because the scenario was changed since.
    missing: usize,
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let items = store::list(&mut look.tx, &context.incident.id, &context.step.id).await?;
        let scenario = look.app.pack.checklist_of(&context.incident.scenario);
        let view = View {
            p: context.page,
            at: Links::new(context),
            ended: items.iter().filter(|item| !item.is_open()).count(),
            missing: missing(&scenario, &items).len(),
            items: &items,
            may_work: context.may_work,
        };
        shown(Text::new("Các việc ưu tiên ban đầu", "First actions"), &view, &items)
    })
}

/// 1 when no obligatory first action is left to do.
pub fn count<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move { Ok(i64::from(store::count_left(tx, &gated.incident.id).await? == 0)) })
}

/// The first actions of a scenario that the incident does not have yet.
fn missing<'a>(scenario: &[&'a CheckItem], items: &[Item]) -> Vec<&'a CheckItem> {
    scenario.iter().copied().filter(|wanted| items.iter().all(|item| item.text != wanted.text.vi)).collect()
}
