//! The list of incidents.

use std::sync::Arc;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;

use super::super::frame::rail;
use super::super::model::{IncidentId, IncidentState};
use super::super::store::lists::{self, Cursor, Filter, ListRow, Order};
use super::super::words;
use crate::org::UnitId;
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::choices::LongChoice;
use crate::ui::{RailStep, Tab};
use crate::web::{Ask, Call};
use crate::work::Look;

/// Lines on one page.
const SHOWN: usize = 50;

/// What the address may ask for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// Only the open ones when nothing is asked.
    state: Ask<AskedState>,
    /// A class of the plan.
    class: String,
    /// 1 (low) to 4.
    #[schemars(range(min = 1, max = 4))]
    severity: Ask<i64>,
    /// A scenario of the plan.
    scenario: String,
    unit: Ask<UnitId>,
    /// `1`: only those in which my unit plays a part.
    mine: String,
    sort: Ask<AskedOrder>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

text_enum! {
    /// Which incidents to list.
    pub enum AskedState {
        Closed = "closed": ("Đã kết thúc", "Closed"),
        All = "all": ("Tất cả", "All"),
    }
}

text_enum! {
    /// The order of the list; the newest first by default.
    pub enum AskedOrder {
        Opened = "opened": ("Mở trước", "Oldest first"),
        Mildest = "severity": ("Nhẹ trước", "Mildest first"),
        Severest = "-severity": ("Nặng trước", "Severest first"),
    }
}

/// An incident as a line or a card shows it.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Line {
    #[serde(flatten)]
    pub row: ListRow,
    pub class_name: String,
    pub scenario_name: String,
    pub severity_name: String,
    #[serde(skip)]
    pub rail: Vec<RailStep>,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    tabs: Vec<Tab>,
    #[serde(skip)]
    choices: Choices,
    /// Narrowed down, so that an empty list may mean something else than "no incident".
    #[serde(skip)]
    filtered: bool,
    incidents: Vec<Line>,
    /// Where the next lines begin: `?after=`.
    next: Option<String>,
}

/// What the filters offer.
#[derive(Default)]
struct Choices {
    classes: Vec<(String, String)>,
    severities: Vec<(String, String)>,
    scenarios: Vec<(String, String)>,
    units: Arc<LongChoice>,
    mine: Vec<(&'static str, &'static str)>,
}

/// Every incident the reader may see, the open ones first of all.
pub async fn list(call: Call) -> Result<ListView> {
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    let filter = filter(&asked);
    let actor = look.actor.clone();
    let mut rows = lists::list(&mut look.tx, &actor, &filter, SHOWN as i64 + 1).await?;
    let next = (rows.len() > SHOWN).then(|| Cursor::behind(&rows[SHOWN - 1]));
    rows.truncate(SHOWN);
    let incidents = lines(&mut look, rows, call.lang).await?;
    let choices = choices(&mut look, call.lang).await?;
    let p = Page::new(&call, &mut look, Text::new("Sự cố", "Incidents")).await?;
    let filtered = ["class", "severity", "scenario", "unit", "mine"].iter().any(|name| p.query(name).is_some());
    let tab = |state: Option<AskedState>, label: String| {
        Tab::new(p.with("state", state.map_or("", AskedState::word)), label).current(asked.state.0 == state)
    };
    let open = tab(None, p.t("Đang xử lý", "Open").to_owned());
    let others = AskedState::ALL.iter().map(|state| tab(Some(*state), p.say(&state.label())));
    let tabs = std::iter::once(open).chain(others).collect();
    Ok(ListView { tabs, choices, filtered, incidents, next, p })
}

fn filter(asked: &Asked) -> Filter {
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    Filter {
        state: match asked.state.0 {
            Some(AskedState::Closed) => Some(IncidentState::Closed),
            Some(AskedState::All) => None,
            None => Some(IncidentState::Open),
        },
        class: word(&asked.class),
        severity: asked.severity.0,
        scenario: word(&asked.scenario),
        unit: asked.unit.0.clone(),
        mine: !asked.mine.is_empty(),
        order: match asked.sort.0 {
            Some(AskedOrder::Opened) => Order::Oldest,
            Some(AskedOrder::Mildest) => Order::Mildest,
            Some(AskedOrder::Severest) => Order::Severest,
            None => Order::Newest,
        },
        after: Cursor::read(&asked.after),
    }
}

/// Rows with the plan's words and their small rails.
async fn lines(look: &mut Look, rows: Vec<ListRow>, lang: Lang) -> Result<Vec<Line>> {
    let ids: Vec<IncidentId> = rows.iter().map(|row| row.id.clone()).collect();
    let flows = lists::flows_of(&mut look.tx, &ids).await?;
    let pack = &look.app.pack;
    let line = |(row, flow): (ListRow, _)| Line {
        class_name: words::class(pack, &row.class, lang),
        scenario_name: words::scenario(pack, &row.scenario, lang),
        severity_name: words::severity(pack, row.severity, lang),
        rail: rail(&flow, &pack.procedure, &row.id, lang),
        row,
    };
    Ok(rows.into_iter().zip(flows).map(line).collect())
}

/// The most severe open incidents that the reader may see, for cards on other pages.
pub async fn worst_open(look: &mut Look, limit: i64, lang: Lang) -> Result<Vec<Line>> {
    let open = Filter { state: Some(IncidentState::Open), order: Order::Severest, ..Filter::default() };
    let actor = look.actor.clone();
    let rows = lists::list(&mut look.tx, &actor, &open, limit).await?;
    lines(look, rows, lang).await
}

async fn choices(look: &mut Look, lang: Lang) -> Result<Choices> {
    let scope = look.actor.scope(Permission::IncidentRead);
    let app = look.app.clone();
    let pack = &app.pack;
    Ok(Choices {
        classes: words::classes(pack, lang),
        severities: words::severity_names(pack, lang),
        scenarios: words::scenarios(pack, lang),
        units: crate::org::list_unit_filter(&mut look.tx, pack, lang, &scope).await?,
        mine: vec![("1", lang.pick("Chỉ sự cố có tôi", "Only mine"))],
    })
}
