//! The queue: the list at the left, the chosen alert at the right. Filters stand in the address.

use std::str::FromStr;

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, fold};
use url::form_urlencoded::{Serializer, parse};

use super::Says;
use crate::alert::STREAM;
use crate::alert::model::{
    Act, Alert, AlertEvent, AlertFile, AlertId, AlertRow, AlertStatus, EventKind, SavedView, reading, severities,
    sources, spoken,
};
use crate::alert::store::{self, Filter, Owner, State};
use crate::incident::{Incident, actions, lookup};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::{Event, Tab};
use crate::web::Call;
use crate::work::Look;

/// Rows on a page.
const ROWS: usize = 50;
/// The parameters of the address that filter or order.
const FILTERS: &[&str] = &["state", "severity", "source", "unit", "system", "owner", "q", "sort"];

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    severity: String,
    source: String,
    unit: String,
    system: String,
    owner: String,
    q: String,
    sort: String,
    after: String,
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
            severity: self.severity.parse().ok(),
            source: Some(self.source.clone()).filter(|source| !source.is_empty()),
            unit: self.unit.parse().ok(),
            system: self.system.parse().ok(),
            owner: match self.owner.as_str() {
                "me" => Some(Owner::Person(look.actor.person_id.clone())),
                "none" => Some(Owner::Nobody),
                _ => None,
            },
            words: (!words.is_empty() && !is_code).then(|| fold(words)),
            code: is_code.then(|| words.to_uppercase()),
            ..Filter::default()
        };
        if filter.code.is_some() {
            // A number means one alert, whatever has become of it.
            filter.state = State::All;
        }
        // Only the open alerts have an index by severity, and only of them is the question asked.
        filter.most_severe_first = self.sort == "severity" && filter.only_open();
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
    units: Vec<(String, String)>,
    #[serde(skip)]
    systems: Vec<(String, String)>,
    #[serde(skip)]
    live: bool,
}

/// What the reader may do at all.
#[derive(Clone, Copy, Default)]
struct May {
    create: bool,
    triage: bool,
    open: bool,
}

/// The chosen alert.
#[derive(Serialize, JsonSchema)]
pub struct Detail {
    pub alert: Alert,
    pub files: Vec<AlertFile>,
    pub events: Vec<AlertEvent>,
    pub similar: Vec<AlertRow>,
    pub merged: Vec<AlertRow>,
    /// The incident it became part of, if the reader may see that.
    pub incident: Option<Incident>,
    /// The alert it was merged into, if the reader may see that.
    pub target: Option<Alert>,
    #[serde(skip)]
    joinable: Vec<(String, String)>,
    #[serde(skip)]
    may: May,
    #[serde(skip)]
    mine: bool,
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
    let units = store::list_inside_units(&mut look.tx, &scope).await?;
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
    let state = |(word, label): (&str, &str)| {
        let query = with(query, "state", word);
        let href = if query.is_empty() { "/alerts".to_owned() } else { format!("/alerts?{query}") };
        Tab::new(href, label).current(!saved && asked.state == word)
    };
    let view = |view: &SavedView| {
        Tab::new(format!("/alerts?{}", view.query), &view.name).current(saved && view.query == query)
    };
    states.into_iter().map(state).chain(views.iter().map(view)).collect()
}

impl Detail {
    async fn new(look: &mut Look, alert: Alert) -> Result<Detail> {
        let scope = reading(&look.actor);
        let files = store::list_files(&mut look.tx, &alert.id).await?;
        let events = store::list_events(&mut look.tx, &alert.id).await?;
        let similar = store::list_similar(&mut look.tx, &scope, &alert, look.now).await?;
        let merged = store::list_merged(&mut look.tx, &scope, &alert.id).await?;
        let incident = match &alert.incident_id {
            Some(id) => match actions::see(look, id).await {
                Ok(incident) => Some(incident),
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let target = match &alert.merged_into {
            Some(id) => store::find(&mut look.tx, &scope, id).await?,
            None => None,
        };
        let may = May {
            create: false,
            triage: alert.lets(&look.actor, Permission::AlertTriage),
            open: look.actor.can(Permission::IncidentOpen),
        };
        let mut joinable = Vec::new();
        if may.triage && alert.status.may(Act::Open) {
            let actor = look.actor.clone();
            let open = lookup::list_open(&mut look.tx, &actor, 100).await?;
            joinable.extend(open.into_iter().map(|it| (it.code.clone(), format!("{} {}", it.code, it.title))));
        }
        let mine = alert.owner_id.as_ref() == Some(&look.actor.person_id);
        Ok(Detail { alert, files, events, similar, merged, incident, target, joinable, may, mine })
    }

    fn can(&self, act: Act) -> bool {
        self.may.triage && self.alert.status.may(act)
    }

    fn can_take(&self) -> bool {
        self.can(Act::Take) && !(self.mine && self.alert.status != AlertStatus::New)
    }

    fn can_release(&self) -> bool {
        self.can(Act::Release) && self.alert.owner_id.is_some()
    }

    fn can_verify(&self) -> bool {
        self.can(Act::Verify)
    }

    fn can_dismiss(&self) -> bool {
        self.can(Act::Dismiss)
    }

    fn can_merge(&self) -> bool {
        self.can(Act::Merge)
    }

    fn can_open(&self) -> bool {
        self.can(Act::Open) && self.may.open
    }

    fn can_join(&self) -> bool {
        self.can(Act::Open) && !self.joinable.is_empty()
    }

    fn can_restore(&self) -> bool {
        self.can(Act::Restore)
    }

    fn pictures(&self) -> Vec<&AlertFile> {
        self.files.iter().filter(|file| file.is_picture()).collect()
    }
}

impl QueueView {
    fn owners(&self) -> Vec<(&'static str, &'static str)> {
        vec![("me", self.p.lang.pick("Của tôi", "Mine")), ("none", self.p.lang.pick("Chưa ai nhận", "Nobody's"))]
    }

    fn orders(&self) -> Vec<(&'static str, &'static str)> {
        vec![("severity", self.p.lang.pick("Nặng nhất trước", "Most severe first"))]
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

    /// The numbers of the alerts that look alike, offered for merging.
    fn codes(&self, detail: &Detail) -> Vec<String> {
        detail.similar.iter().filter(|row| row.status.is_open()).map(|row| row.code.clone()).collect()
    }

    fn lines<'a>(&self, text: &'a str) -> Vec<&'a str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }
}

/// `GET /alerts/live`: one line for each change of the queue made by somebody else.
pub async fn live(call: Call) -> Result<Response> {
    if !reading(call.actor()?).everywhere {
        return Err(Error::NotFound);
    }
    let me = call.actor()?.account_id.to_string();
    let listener = call.app.live.listen();
    let changes = stream::unfold(listener, move |mut listener| {
        let me = me.clone();
        async move {
            loop {
                match listener.changes.recv().await {
                    Ok(change) if change.stream == STREAM && change.actor_id != me => {
                        let line = Bytes::from(format!("id: {}\ndata: \n\n", change.seq));
                        return Some((Ok::<_, std::convert::Infallible>(line), listener));
                    }
                    // One who fell behind missed some; the next change tells as well.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        }
    });
    let mut response = Response::new(Body::from_stream(changes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
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
