//! The page on which every thing of an incident is marked: how far it may go, who said so, and why.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::model::{Item, ItemKind};
use super::sections::choices;
use super::store::markings as store;
use super::wall::Level;
use crate::incident::model::best_standing;
use crate::incident::{Frame, IncidentId, Standing, actions};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::Call;

/// How many things a page shows.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MarkingsQuery {
    /// `evidence`, `indicator`, `event` or `situation`.
    kind: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

/// Things of one kind with their markings.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "coordination/html/markings.html")]
pub struct MarkingsView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    kind: ItemKind,
    items: Vec<Item>,
    /// The cursor of the next page.
    next: Option<String>,
    /// Whether the reader may mark more strictly, and whether more openly.
    may_mark: bool,
    may_lower: bool,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    #[serde(skip)]
    levels: Vec<(String, String)>,
}

pub async fn page(call: Call) -> Result<MarkingsView> {
    let id: IncidentId = call.param("id")?;
    let query: MarkingsQuery = call.query()?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Phạm vi chia sẻ", "Sharing")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "coordination").await?;
    let reads = look.actor.can(Permission::EvidenceRead);
    let kinds: Vec<ItemKind> =
        ItemKind::ALL.iter().copied().filter(|kind| reads || *kind != ItemKind::Evidence).collect();
    let asked = query.kind.parse().ok().filter(|kind| kinds.contains(kind));
    let kind = asked.or(kinds.first().copied()).unwrap_or(ItemKind::Event);
    let mut items = store::list(&mut look.tx, &id, kind, &query.after, PAGE + 1).await?;
    let more = items.len() > PAGE as usize;
    items.truncate(PAGE as usize);
    let app = look.app.clone();
    let works = best_standing(&look.actor, &frame.units, &app.pack.procedure) >= Standing::Supports;
    let may_mark = incident.is_open() && works && look.actor.can(Permission::IncidentSupport);
    Ok(MarkingsView {
        kind,
        next: items.last().filter(|_| more).map(|item| item.id.clone()),
        items,
        may_mark,
        may_lower: may_mark && look.actor.can(Permission::IncidentDirect),
        kinds: kinds.iter().map(|kind| (kind.word().to_owned(), p.say(&kind.label()))).collect(),
        levels: choices(&app.pack.lists.tlp, p.lang),
        p,
        frame,
    })
}

impl MarkingsView {
    /// The levels that the reader may choose for a thing: stricter ones, and laxer ones when they direct.
    fn levels_for(&self, item: &Item) -> Vec<(String, String)> {
        let now = Level::of(&item.tlp);
        let may = |word: &str| Level::of(word) > now || (self.may_lower && Level::of(word) < now);
        self.levels.iter().filter(|(word, _)| may(word)).cloned().collect()
    }

    fn action(&self) -> String {
        format!("/incidents/{}/markings", self.frame.incident.id)
    }

    /// The form of a thing that came back with a refusal stands open.
    fn came_back(&self, item: &Item) -> bool {
        let typed = self.p.form.values.iter().find(|(name, _)| name == "item");
        self.p.form.action == self.action() && typed.is_some_and(|(_, typed)| *typed == item.key())
    }
}
