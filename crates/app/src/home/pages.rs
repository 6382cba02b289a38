//! The page itself.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::feature::{NavEntry, WAITING, WaitingItem};
use crate::incident::{Line, newest_open};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::Call;
use crate::work::Look;

/// Cards of open incidents on the page.
const CARDS: i64 = 6;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "home/html/home.html")]
pub struct HomeView {
    #[serde(skip)]
    p: Page,
    /// Alerts waiting to be taken in; none when the reader does not take in alerts. Stops counting at 100.
    intake: Option<i64>,
    /// Open incidents the reader may see; none when they see none at all. Stops counting at 100.
    open: Option<i64>,
    /// How much waits for the reader.
    mine: usize,
    late: usize,
    /// What waits, the most urgent first: by time limit, then by how long it has been waiting.
    waiting: Vec<WaitingItem>,
    incidents: Vec<Line>,
}

pub async fn home(call: Call) -> Result<HomeView> {
    let mut look = call.look().await?;
    let mut waiting = Vec::new();
    for find in crate::features().iter().flat_map(|feature| &feature.waiting) {
        waiting.extend(find(&mut look).await?);
    }
    let now = look.now;
    let late = waiting.iter().filter(|item| item.due.is_some_and(|due| due < now)).count();
    let mine = waiting.len();
    waiting.sort_by_key(|item| (item.due.is_none(), item.due, item.since));
    waiting.truncate(usize::try_from(WAITING).unwrap_or(50));
    let reads = look.actor.can(Permission::IncidentRead);
    let incidents = if reads { newest_open(&mut look, CARDS, call.lang).await? } else { Vec::new() };
    Ok(HomeView {
        intake: count_beside(&mut look, "/alerts").await?,
        open: count_beside(&mut look, "/incidents").await?,
        mine,
        late,
        waiting,
        incidents,
        p: Page::new(&call, &mut look, Text::new("Việc của tôi", "My work")).await?,
    })
}

/// The number that the navigation shows beside an entry, where the reader may see the entry.
async fn count_beside(look: &mut Look, href: &str) -> Result<Option<i64>> {
    let mut entries = crate::features().iter().flat_map(|feature| &feature.nav);
    let Some(NavEntry { permission, count: Some(count), .. }) = entries.find(|entry| entry.href == href) else {
        return Ok(None);
    };
    let allowed = permission.is_none_or(|permission| look.actor.can(permission));
    if allowed { Ok(Some(count(look).await?)) } else { Ok(None) }
}
