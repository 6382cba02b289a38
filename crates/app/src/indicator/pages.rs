//! The tab of systems and indicators, the page of an indicator, and what is sent from them.

use std::collections::HashMap;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::actions;
use super::form::{AddForm, EditForm, RemoveForm, Understood, understand};
use super::model::{Indicator, IndicatorId, IndicatorKind, Malicious, SeenIn, TouchedSystem};
use super::store::{self, Filter};
use crate::coordination::levels::{self, ItemKind};
use crate::evidence::step_to_add;
use crate::incident::actions::see;
use crate::incident::model::flow_of;
use crate::incident::{Frame, IncidentId};
use crate::page::Page;
use crate::web::{Call, Done};
use crate::work::Look;

/// How many indicators a page shows.
const PAGE: i64 = 50;
/// How many go into the list for copying.
const COPIED: i64 = 500;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// A kind of indicator.
    pub kind: String,
    /// What was judged of it.
    pub malicious: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

/// An indicator and where else it was seen.
#[derive(Serialize, JsonSchema)]
pub struct Line {
    #[serde(flatten)]
    indicator: Indicator,
    /// Written so that nobody follows it by accident.
    defanged: String,
    seen_in: Vec<SeenIn>,
    /// Its own marking; empty when it goes as far as its incident.
    tlp: String,
}

/// Systems and indicators of an incident.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "indicator/html/list.html")]
pub struct List {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    systems: Vec<TouchedSystem>,
    items: Vec<Line>,
    /// The cursor of the next page.
    next: Option<IndicatorId>,
    /// Whether the reader may add here now.
    may_write: bool,
    /// Every indicator that the filters let through, defanged, one a line, for copying.
    #[serde(skip)]
    defanged: String,
    /// What was understood of a text that was sent and refused.
    #[serde(skip)]
    understood: Understood,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    #[serde(skip)]
    verdicts: Vec<(String, String)>,
}

impl List {
    fn cursor(&self) -> Option<String> {
        self.next.as_ref().map(ToString::to_string)
    }
}

pub async fn list(call: Call) -> Result<List> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let query: ListQuery = call.query()?;
    let p = Page::new(&call, &mut look, Text::new("Hệ thống & dấu hiệu", "Systems & indicators")).await?;
    let filter = Filter { kind: query.kind, malicious: query.malicious, after: query.after };
    let mut found = store::list(&mut look.tx, &incident.id, &filter, PAGE + 1).await?;
    let next = match found.len() > PAGE as usize {
        true => found.get(PAGE as usize - 1).map(|last| last.id.clone()),
        false => None,
    };
    found.truncate(PAGE as usize);
    let all = store::list(&mut look.tx, &incident.id, &Filter { after: String::new(), ..filter }, COPIED).await?;
    let frame = Frame::new(&mut look, &p, &incident, "indicators").await?;
    let typed = p.form.values.iter().find(|(name, _)| name == "text" && p.form.action.ends_with("/indicators/add"));
    Ok(List {
        understood: typed.map(|(_, typed)| understand(typed)).unwrap_or_default(),
        systems: store::list_systems(&mut look.tx, &incident.id).await?,
        items: lines(&mut look, &incident.id, found).await?,
        next,
        may_write: may_write(&look, &frame),
        defanged: all.iter().map(Indicator::defanged).collect::<Vec<_>>().join("\n"),
        kinds: IndicatorKind::options(p.lang),
        verdicts: Malicious::options(p.lang),
        p,
        frame,
    })
}

/// An indicator.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "indicator/html/detail.html")]
pub struct Detail {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    line: Line,
    may_write: bool,
    #[serde(skip)]
    verdicts: Vec<(String, String)>,
}

pub async fn detail(call: Call) -> Result<Detail> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let found = store::find(&mut look.tx, &incident.id, &call.param("indicator")?).await?.ok_or(Error::NotFound)?;
    let p = Page::new(&call, &mut look, Text::same(found.defanged())).await?;
    let frame = Frame::new(&mut look, &p, &incident, "indicators").await?;
    let line = lines(&mut look, &incident.id, vec![found]).await?.pop().ok_or(Error::NotFound)?;
    Ok(Detail { may_write: may_write(&look, &frame), verdicts: Malicious::options(p.lang), line, p, frame })
}

pub async fn add(call: Call, form: AddForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    let added = actions::add(&mut work, &id, &form).await?;
    let result = serde_json::json!({ "added": added.new, "known": added.known });
    Ok(work.done(format!("/incidents/{id}/indicators")).await?.saying(actions::in_words(added)).with(result))
}

pub async fn edit(call: Call, form: EditForm) -> Result<Done> {
    let (id, indicator) = (call.param::<IncidentId>("id")?, call.param::<IndicatorId>("indicator")?);
    let mut work = call.work().await?;
    actions::edit(&mut work, &id, &indicator, &form).await?;
    let done = work.done(format!("/incidents/{id}/indicators/{indicator}")).await?;
    Ok(done.saying(Text::new("Đã lưu đánh giá dấu hiệu.", "The verdict was saved.")))
}

pub async fn remove(call: Call, form: RemoveForm) -> Result<Done> {
    let (id, indicator) = (call.param::<IncidentId>("id")?, call.param::<IndicatorId>("indicator")?);
    let mut work = call.work().await?;
    actions::remove(&mut work, &id, &indicator, &form).await?;
    let done = work.done(format!("/incidents/{id}/indicators")).await?;
    Ok(done.saying(Text::new("Đã bỏ dấu hiệu; lý do nằm trong nhật ký.", "Removed; the journal keeps the reason.")))
}

/// The indicators with the other incidents they were seen in: one question for all of them.
async fn lines(look: &mut Look, incident: &IncidentId, found: Vec<Indicator>) -> Result<Vec<Line>> {
    let values: Vec<_> = found.iter().map(Indicator::detected).collect();
    let seen = store::list_seen(&mut look.tx, &look.actor, &values, Some(incident)).await?;
    let mut by_value: HashMap<(IndicatorKind, String), Vec<SeenIn>> = HashMap::new();
    for one in seen {
        by_value.entry((one.kind, one.value.clone())).or_default().push(one);
    }
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    let mut marked = levels::of(&mut look.tx, ItemKind::Indicator, &ids).await?;
    let line = |indicator: Indicator| Line {
        tlp: marked.remove(indicator.id.as_str()).unwrap_or_default(),
        seen_in: by_value.remove(&(indicator.kind, indicator.value.clone())).unwrap_or_default(),
        defanged: indicator.defanged(),
        indicator,
    };
    Ok(found.into_iter().map(line).collect())
}

fn may_write(look: &Look, frame: &Frame) -> bool {
    let procedure = &look.app.pack.procedure;
    frame.incident.is_open()
        && step_to_add(&look.actor, procedure, &frame.units, &flow_of(&frame.steps), "findings").is_some()
}
