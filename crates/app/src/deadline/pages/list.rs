//! What is due, as a list: mine and my units', or all that the reader may see; filters stand in the address.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{DAY, Time};

use crate::deadline::model::DeadlineId;
use crate::deadline::store::list::{self, Filter, Line, Whose};
use crate::deadline::{kind_label, kinds, units};
use crate::org::{UnitId, end_of_day, list_unit_options};
use crate::page::Page;
use crate::ui::Tab;
use crate::web::{Ask, Call};
use crate::work::Look;

/// Lines on one page.
const SHOWN: usize = 50;

/// What the address may ask for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// What I and my units must do when nothing is asked.
    view: Ask<View>,
    when: Ask<When>,
    /// A kind: `rule`, `task`, `request`, `direction`, `removal`, `lesson`, `calendar`, …
    kind: String,
    unit: Ask<UnitId>,
    sort: Ask<Order>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

text_enum! {
    /// Which list.
    pub enum View {
        All = "all": ("Tất cả tôi được xem", "All I may see"),
        Ended = "ended": ("Đã kết thúc", "Over"),
    }
}

text_enum! {
    /// When it is due.
    pub enum When {
        Late = "late": ("Đã trễ", "Late"),
        Today = "today": ("Đến hạn hôm nay", "Due today"),
        Week = "week": ("Trong 7 ngày tới", "Within 7 days"),
    }
}

text_enum! {
    /// The order of the list; the earliest limit first by default.
    pub enum Order {
        Due = "due": ("Hạn gần trước", "Earliest first"),
        Latest = "-due": ("Hạn xa trước", "Latest first"),
    }
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "deadline/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    tabs: Vec<Tab>,
    #[serde(skip)]
    units: Vec<(String, String)>,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    #[serde(skip)]
    narrowed: bool,
    #[serde(skip)]
    ended: bool,
    deadlines: Vec<Line>,
    /// Where the next lines begin: `?after=`.
    next: Option<String>,
}

pub async fn list(call: Call) -> Result<ListView> {
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    let filter = filter(&mut look, &asked).await?;
    let actor = look.actor.clone();
    let mut deadlines = list::list(&mut look.tx, &actor, &filter, SHOWN as i64 + 1).await?;
    let next = (deadlines.len() > SHOWN).then(|| cursor(&deadlines[SHOWN - 1]));
    deadlines.truncate(SHOWN);
    let units = list_unit_options(&mut look.tx).await?;
    let p = Page::new(&call, &mut look, Text::new("Hạn việc", "Time limits")).await?;
    let tab = |view: Option<View>, label: String| {
        Tab::new(p.with("view", view.map_or("", View::word)), label).current(asked.view.0 == view)
    };
    let mine = tab(None, p.t("Của tôi và đơn vị tôi", "Mine and my unit's").to_owned());
    let tabs =
        std::iter::once(mine).chain(View::ALL.iter().map(|view| tab(Some(*view), p.say(&view.label())))).collect();
    Ok(ListView {
        tabs,
        units,
        kinds: kinds().map(|(kind, label)| ((*kind).to_owned(), p.say(label))).collect(),
        narrowed: ["when", "kind", "unit"].iter().any(|name| p.query(name).is_some()),
        ended: filter.ended,
        deadlines,
        next,
        p,
    })
}

async fn filter(look: &mut Look, asked: &Asked) -> Result<Filter> {
    let (app, actor, now) = (look.app.clone(), look.actor.clone(), look.now);
    let ended = asked.view.0 == Some(View::Ended);
    let (from, before) = match asked.when.0 {
        // What is over was late or not; what is open is late by now.
        Some(When::Late) if ended => (None, None),
        Some(When::Late) => (None, Some(now)),
        Some(When::Today) => (Some(now), Some(end_of_day(now).plus(1))),
        Some(When::Week) => (Some(now), Some(now.plus(7 * DAY))),
        None => (None, None),
    };
    let whose = if asked.view.0 == Some(View::All) { Whose::All } else { Whose::Mine };
    let own_units = match whose {
        Whose::Mine => units::own_units(&mut look.tx, &app.pack, &actor).await?,
        Whose::All => Vec::new(),
    };
    Ok(Filter {
        whose,
        own_units,
        source: kinds().map(|(kind, _)| (*kind).to_owned()).find(|kind| *kind == asked.kind),
        unit: asked.unit.0.clone(),
        from,
        before,
        ended,
        late: ended && asked.when.0 == Some(When::Late),
        // What is over is looked at from its latest.
        descending: asked.sort.0.map_or(ended, |order| order == Order::Latest),
        after: read_cursor(&asked.after),
    })
}

fn cursor(line: &Line) -> String {
    format!("{}.{}", line.it.due_at.unwrap_or_default().0, line.it.id)
}

fn read_cursor(raw: &str) -> Option<(Time, DeadlineId)> {
    let (due, id) = raw.split_once('.')?;
    Some((Time(due.parse().ok()?), id.parse().ok()?))
}

impl ListView {
    fn whens(&self) -> Vec<(String, String)> {
        When::options(self.p.lang)
    }

    fn kind(&self, line: &Line) -> String {
        self.p.say(&kind_label(&line.it.source))
    }

    fn href(&self, line: &Line) -> String {
        format!("/deadlines/{}", line.it.id)
    }

    fn who(&self, line: &Line) -> String {
        if line.person_name.is_empty() { line.unit_name.clone() } else { line.person_name.clone() }
    }
}
