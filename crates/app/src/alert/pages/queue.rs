//! The queue: the list at the left, the chosen alert at the right. Filters stand in the address.

use std::str::FromStr;
use std::sync::Arc;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, fold};
use ungcuu_kit::text_enum;
use url::form_urlencoded::{Serializer, parse};

use super::Says;
use super::detail::{Detail, May, Sign};
use crate::alert::model::{
    Alert, AlertEvent, AlertId, AlertRow, AlertStatus, EventKind, SavedView, reading, severities, sources, spoken,
};
use crate::alert::store::{self, Filter, Owner, State};
use crate::org::UnitId;
use crate::page::Page;
use crate::permission::Permission;
use crate::system::SystemId;
use crate::ui::choices::LongChoice;
use crate::ui::{Event, Tab};
use crate::web::{Ask, Call};
use crate::work::Look;

/// Rows on a page.
const ROWS: usize = 50;
/// The parameters of the address that filter or order.
const FILTERS: &[&str] = &["state", "severity", "source", "unit", "system", "owner", "q", "sort"];

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// `all`, or a state; the open ones by default.
    state: String,
    /// 1 (low) to 4.
    #[schemars(range(min = 1, max = 4))]
    severity: Ask<i64>,
    /// A source of alerts of the plan.
    source: String,
    unit: Ask<UnitId>,
    system: Ask<SystemId>,
    owner: Ask<AskedOwner>,
    /// Words of the title, or a number (`CB-…`).
    q: String,
    sort: Ask<AskedOrder>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

text_enum! {
    /// Whose alerts to list.
    pub enum AskedOwner {
        Me = "me": ("Của tôi", "Mine"),
        None = "none": ("Chưa ai nhận", "Nobody's"),
    }
}

text_enum! {
    /// The order of the queue; the newest first by default.
    pub enum AskedOrder {
        Severity = "severity": ("Nặng nhất trước", "Most severe first"),
    }
}

impl Asked {
    fn filter(&self, look: &Look) -> Filter {
        let words = self.q.trim();
        let is_code = words.len() > 3 && words.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("CB-"));
        let mut filter = Filter {
            state: match self.state.as_str() {
                "all" => State::All,
                word => AlertStatus::from_str(word).map_or(State::Open, State::One),
            },
            severity: self.severity.0,
            source: Some(self.source.clone()).filter(|source| !source.is_empty()),
            unit: self.unit.0.clone(),
            system: self.system.0.clone(),
            owner: self.owner.0.map(|owner| match owner {
                AskedOwner::Me => Owner::Person(look.actor.person_id.clone()),
                AskedOwner::None => Owner::Nobody,
            }),
            words: (!words.is_empty() && !is_code).then(|| fold(words)),
            code: is_code.then(|| words.to_uppercase()),
            ..Filter::default()
        };
        if filter.code.is_some() {
            // A number means one alert, whatever has become of it.
            filter.state = State::All;
        }
        // Only the open alerts have an index by severity, and only of them is the question asked.
        filter.most_severe_first = self.sort.0.is_some() && filter.only_open();
        filter.after =
            self.after.split_once('.').and_then(|(severity, id)| Some((severity.parse().ok()?, id.parse().ok()?)));
        filter
    }
}

/// A query string with nothing in it but the queue's filters.
pub fn tidy(query: &str) -> String {
    let mut kept = Serializer::new(String::new());
    for (name, value) in parse(query.trim_start_matches('?').as_bytes()) {
        if FILTERS.contains(&name.as_ref()) && !value.is_empty() && value.len() <= 200 {
            kept.append_pair(&name, &value);
        }
    }
    kept.finish()
}

/// The query with one filter set or, when empty, taken away.
fn with(query: &str, name: &str, value: &str) -> String {
    let mut kept = Serializer::new(String::new());
    for (key, old) in parse(query.as_bytes()).filter(|(key, _)| key != name) {
        kept.append_pair(&key, &old);
    }
    if !value.is_empty() {
        kept.append_pair(name, value);
    }
    kept.finish()
}

/// The queue, with or without a chosen alert.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "alert/html/queue.html")]
pub struct QueueView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    says: Says,
    pub alerts: Vec<AlertRow>,
    /// Goes into the address as `after` for the next rows.
    pub next: Option<String>,
    pub views: Vec<SavedView>,
    pub selected: Option<Detail>,
    /// The filters of the address, and only those.
    pub query: String,
    #[serde(skip)]
    may: May,
    #[serde(skip)]
    tabs: Vec<Tab>,
    #[serde(skip)]
    units: Arc<LongChoice>,
    #[serde(skip)]
    systems: Vec<(String, String)>,
    #[serde(skip)]
    live: bool,
}

pub async fn list(call: Call) -> Result<QueueView> {
    let mut look = call.look().await?;
    show(&call, &mut look, None).await
}

pub async fn detail(call: Call) -> Result<QueueView> {
    let id: AlertId = call.param("id")?;
    let mut look = call.look().await?;
    let scope = reading(&look.actor);
    let alert = store::find(&mut look.tx, &scope, &id).await?.ok_or(Error::NotFound)?;
    show(&call, &mut look, Some(alert)).await
}

async fn show(call: &Call, look: &mut Look, chosen: Option<Alert>) -> Result<QueueView> {
    let asked: Asked = call.query()?;
    let scope = reading(&look.actor);
    let filter = asked.filter(look);
    let mut alerts = store::list(&mut look.tx, &scope, &filter, ROWS as i64 + 1).await?;
    let more = alerts.len() > ROWS;
    alerts.truncate(ROWS);
    let next = alerts.last().filter(|_| more).map(|last| format!("{}.{}", last.severity, last.id));

    let title = match &chosen {
        Some(alert) => Text::same(format!("{} {}", alert.code, alert.title)),
        None => Text::new("Tiếp nhận", "Intake"),
    };
    let selected = match chosen {
        Some(alert) => Some(Detail::new(look, alert).await?),
        None => None,
    };
    let account = look.actor.account_id.clone();
    let views = store::list_views(&mut look.tx, &account).await?;
    let units = crate::org::list_unit_filter(&mut look.tx, &call.app.pack, call.lang, &scope).await?;
    let systems = store::list_systems(&mut look.tx, &scope).await?;
    let page = Page::new(call, look, title).await?;
    let query = tidy(&call.query);
    Ok(QueueView {
        says: Says::new(&look.app, call.lang),
        may: May {
            create: look.actor.can(Permission::AlertCreate),
            triage: look.actor.can(Permission::AlertTriage),
            open: look.actor.can(Permission::IncidentOpen),
        },
        tabs: tabs(&page, &views, &query, &asked),
        // How many alerts other units receive is none of a unit's business.
        live: scope.everywhere,
        p: page,
        alerts,
        next,
        views,
        selected,
        query,
        units,
        systems,
    })
}

/// The states, then the account's own views.
fn tabs(page: &Page, views: &[SavedView], query: &str, asked: &Asked) -> Vec<Tab> {
    let states = [
        ("", page.t("Đang chờ", "Open")),
        ("new", page.t("Chưa ai nhận", "Not taken")),
        ("opened", page.t("Đã mở sự cố", "Incident opened")),
        ("dismissed", page.t("Đã bỏ qua", "Dismissed")),
        ("merged", page.t("Đã gộp", "Merged")),
        ("all", page.t("Tất cả", "All")),
    ];
    let saved = views.iter().any(|view| view.query == query && !query.is_empty());
    // A word that is no state filters nothing, and the first tab says so.
    let known = asked.state == "all" || AlertStatus::from_str(&asked.state).is_ok();
    let chosen = if known { asked.state.as_str() } else { "" };
    let state = |(word, label): (&str, &str)| {
        let query = with(query, "state", word);
        let href = if query.is_empty() { "/alerts".to_owned() } else { format!("/alerts?{query}") };
        Tab::new(href, label).current(!saved && chosen == word)
    };
    let view = |view: &SavedView| {
        Tab::new(format!("/alerts?{}", view.query), &view.name).current(saved && view.query == query)
    };
    states.into_iter().map(state).chain(views.iter().map(view)).collect()
}

impl QueueView {
    fn owners(&self) -> Vec<(String, String)> {
        AskedOwner::options(self.p.lang)
    }

    fn orders(&self) -> Vec<(String, String)> {
        let newest = (String::new(), self.p.t("Mới nhất trước", "Newest first").to_owned());
        std::iter::once(newest).chain(AskedOrder::options(self.p.lang)).collect()
    }

    fn severities(&self, app: &Says) -> Vec<(String, String)> {
        severities(&app.app.pack, self.p.lang)
    }

    fn sources(&self, app: &Says) -> Vec<(String, String)> {
        sources(&app.app.pack, self.p.lang)
    }

    /// The address of an alert within this list.
    fn href(&self, id: &AlertId) -> String {
        match self.p.path.split_once('?') {
            Some((_, query)) if !query.is_empty() => format!("/alerts/{id}?{query}"),
            _ => format!("/alerts/{id}"),
        }
    }

    /// Back to the list alone.
    fn list_href(&self) -> String {
        match self.p.path.split_once('?') {
            Some((_, query)) if !query.is_empty() => format!("/alerts?{query}"),
            _ => "/alerts".to_owned(),
        }
    }

    fn is_chosen(&self, id: &AlertId) -> bool {
        self.selected.as_ref().is_some_and(|detail| detail.alert.id == *id)
    }

    /// Whether a row was picked when a bulk act was refused.
    fn was_picked(&self, id: &AlertId) -> bool {
        let form = &self.p.form;
        form.action == "/alerts/bulk" && form.values.iter().any(|(name, value)| name == "pick" && *value == id.0)
    }

    /// Whether the form of this act failed, so that its fold stays open.
    fn failed(&self, act: &str) -> bool {
        self.p.form.action.starts_with("/alerts/") && self.p.form.action.ends_with(act)
    }

    fn timeline(&self, detail: &Detail) -> Vec<Event> {
        let event = |event: &AlertEvent| {
            let kind = match event.kind {
                EventKind::Reporter | EventKind::Answer => "message",
                EventKind::Act => "decision",
                EventKind::Repeat => "alert",
            };
            let label = event.kind.label();
            let (label, words) = (label.get(self.p.lang), event.words(self.p.lang));
            match event.kind {
                EventKind::Act => Event::new(event.at, words).kind(kind, "").by(&event.by_name),
                _ => Event::new(event.at, label).kind(kind, "").text(words).by(&event.by_name),
            }
        };
        detail.events.iter().map(event).collect()
    }

    fn dismissal(&self, alert: &Alert) -> String {
        let (outcome, note) = (self.says.outcome(&alert.outcome), &alert.outcome_note);
        let dot = if note.is_empty() { "" } else { ". " };
        text!("Bỏ qua: {outcome}{dot}{note}", "Dismissed: {outcome}{dot}{note}").get(self.p.lang).to_owned()
    }

    fn spoken(&self, code: &str) -> String {
        spoken(code)
    }

    /// Nobody counts the whole queue for the foot of a page.
    fn unknown(&self) -> Option<i64> {
        None
    }

    /// The alerts that look alike and can still take this one in: number, and how to know it.
    fn alike(&self, detail: &Detail) -> Vec<(String, String)> {
        let open = detail.similar.iter().filter(|row| row.status.is_open());
        let label = |row: &AlertRow| {
            let unit = row.unit_name.as_ref().map(|unit| format!(" · {}", self.p.named(unit))).unwrap_or_default();
            format!("{} {}{unit} · {}", row.code, row.title, self.p.ago(&row.received_at))
        };
        open.map(|row| (row.code.clone(), label(row))).collect()
    }

    fn kind(&self, sign: &Sign) -> String {
        self.p.say(&sign.kind.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_view_keeps_filters_and_nothing_else() {
        assert_eq!(tidy("?state=new&after=9&evil=%0d%0a&unit="), "state=new");
        assert_eq!(with("state=new&q=a+b", "state", ""), "q=a+b");
        assert_eq!(with("", "state", "all"), "state=all");
    }
}
