//! The page itself.

use std::collections::BTreeSet;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::cards::{self, Card};
use crate::feature::{WaitingItem, WaitingKind};
use crate::org::end_of_day;
use crate::page::Page;
use crate::permission::Permission;
use crate::web::Call;

/// Cards of open incidents on the page.
const CARDS: i64 = 6;
/// Lines of each list, unless all are asked for.
const LINES: usize = 15;
/// Lines of each list at most.
const ALL: usize = 200;

/// What the address may ask for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HomeQuery {
    /// Anything here asks for every line of the lists, not only the first.
    all: String,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "home/html/home.html")]
pub struct HomeView {
    #[serde(skip)]
    p: Page,
    /// Due before midnight and not late.
    today: usize,
    late: usize,
    /// Alerts waiting to be taken in; none when the reader does not take in alerts. Stops counting at 100.
    intake: Option<i64>,
    /// Open incidents the reader may see; none when they see none at all. Stops counting at 100.
    open: Option<i64>,
    /// How much waits for the reader.
    mine: usize,
    /// What waits for the reader's word.
    decisions: Vec<WaitingItem>,
    /// What waits to be done, the most urgent first: by time limit, then by how long it has been waiting.
    waiting: Vec<WaitingItem>,
    /// What the reader waits for.
    answers: Vec<WaitingItem>,
    incidents: Vec<Card>,
    /// The reader decides or directs: incidents come first.
    #[serde(skip)]
    leads: bool,
    #[serde(skip)]
    more: bool,
}

pub async fn home(call: Call) -> Result<HomeView> {
    let asked: HomeQuery = call.query()?;
    let mut look = call.look().await?;
    let items = super::waiting(&mut look).await?;
    let reads = look.actor.can(Permission::IncidentRead);
    let leads = look.actor.can(Permission::IncidentApprove) || look.actor.can(Permission::IncidentDirect);
    let incidents = if reads { cards::list(&mut look, CARDS, call.lang).await? } else { Vec::new() };
    let (today, late) = clocks(&items, if leads { &incidents } else { &[] }, look.now);
    let of = |kind: WaitingKind| items.iter().filter(|item| item.kind == kind).cloned().collect::<Vec<_>>();
    let (mut decisions, mut waiting, mut answers) =
        (of(WaitingKind::Decision), of(WaitingKind::Work), of(WaitingKind::Answer));
    let mine = decisions.len() + waiting.len();
    let shown = if asked.all.is_empty() { LINES } else { ALL };
    let more = [&decisions, &waiting, &answers].iter().any(|list| list.len() > shown);
    for list in [&mut decisions, &mut waiting, &mut answers] {
        list.truncate(shown);
    }
    let p = Page::new(&call, &mut look, Text::new("Việc của tôi", "My work")).await?;
    Ok(HomeView {
        today,
        late,
        intake: count_beside(&p, "/alerts"),
        open: count_beside(&p, "/incidents"),
        mine,
        decisions,
        waiting,
        answers,
        incidents,
        leads,
        more: more && shown < ALL,
        p,
    })
}

/// How much is due before midnight, and how much is late; what stands in a list and on a card counts once.
fn clocks(items: &[WaitingItem], cards: &[Card], now: Time) -> (usize, usize) {
    let mine = items.iter().filter_map(|item| Some((item.due?, item.url.as_str())));
    let theirs = cards.iter().flat_map(|card| card.late.iter().chain(&card.next));
    let all: BTreeSet<(Time, &str)> = mine.chain(theirs.map(|due| (due.due, due.url.as_str()))).collect();
    let late = all.iter().filter(|(due, _)| *due < now).count();
    let today = all.iter().filter(|(due, _)| *due >= now && *due <= end_of_day(now)).count();
    (today, late)
}

/// The number that the navigation shows beside an entry, where the reader may see the entry.
fn count_beside(p: &Page, href: &str) -> Option<i64> {
    p.nav.iter().flat_map(|group| &group.items).find(|entry| entry.href == href)?.count
}
