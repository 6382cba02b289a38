//! Pages of campaigns of sweeping, and what is sent from them.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{DAY, Time};

use super::form::{CampaignForm, CloseForm, DoneForm, MachinesForm, ResultForm};
use super::proof::{self, Proved, this_year};
use super::store::{self, Filter, MachineFilter};
use super::{Campaign, CampaignId, Machine, MachineId, Standing, SweepResult, actions};
use crate::indicator::csv as table;
use crate::org;
use crate::page::Page;
use crate::permission::Permission::{SensorRead, SensorWrite};
use crate::web::{Ask, Call, Done};
use crate::work::Look;

const ROWS: usize = 50;
/// How many machines a list to take along has: all that a campaign may have.
const ALL: i64 = 5_000;

type Options = Vec<(String, String)>;

text_enum! {
    /// Which campaigns to list.
    pub enum CampaignState {
        Open = "open": ("Đang làm", "Under way"),
        Closed = "closed": ("Đã kết thúc", "Closed"),
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// Words of a number, a title or a tool.
    q: String,
    state: Ask<CampaignState>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<CampaignId>,
}

/// The campaigns.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/campaigns.html")]
pub struct List {
    #[serde(skip)]
    p: Page,
    /// What they prove, and how often this year.
    proves: Vec<Proved>,
    campaigns: Vec<Campaign>,
    next: Option<String>,
    #[serde(skip)]
    states: Options,
}

pub async fn list(call: Call) -> Result<List> {
    let query: ListQuery = call.query()?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Rà quét mã độc", "Sweep campaigns")).await?;
    let scope = look.actor.scope(SensorRead);
    let open = query.state.0.map(|state| state == CampaignState::Open);
    let filter = Filter { q: query.q, open, after: query.after.0 };
    let mut campaigns = store::list(&mut look.tx, &scope, &filter, ROWS as i64 + 1).await?;
    let more = campaigns.len() > ROWS;
    campaigns.truncate(ROWS);
    Ok(List {
        next: campaigns.last().filter(|_| more).map(|one| one.id.to_string()),
        proves: this_year(&mut look, p.lang).await?,
        campaigns,
        states: CampaignState::options(p.lang),
        p,
    })
}

/// The form of a campaign.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/campaign_edit.html")]
pub struct Edit {
    #[serde(skip)]
    p: Page,
    campaign: Campaign,
    #[serde(skip)]
    new: bool,
    #[serde(skip)]
    units: Options,
}

impl Edit {
    fn action(&self) -> String {
        if self.new { "/campaigns/new".to_owned() } else { self.campaign.path("/edit") }
    }
}

pub async fn new(call: Call) -> Result<Edit> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Lập đợt rà quét", "New campaign")).await?;
    let campaign = Campaign {
        unit_id: look.actor.unit_id.clone(),
        planned_from: look.now,
        planned_to: look.now.plus(14 * DAY),
        version: 1,
        ..Campaign::default()
    };
    Ok(Edit { units: units(&mut look).await?, campaign, new: true, p })
}

pub async fn edit(call: Call) -> Result<Edit> {
    let mut look = call.look().await?;
    let campaign = see(&mut look, &call).await?;
    look.actor.must_in(SensorWrite, &campaign.unit_id)?;
    let p = Page::new(&call, &mut look, Text::new("Sửa đợt rà quét", "Change a campaign")).await?;
    Ok(Edit { units: units(&mut look).await?, campaign, new: false, p })
}

async fn units(look: &mut Look) -> Result<Options> {
    org::list_unit_options(&mut look.tx).await
}

/// A campaign the reader may see.
async fn see(look: &mut Look, call: &Call) -> Result<Campaign> {
    let scope = look.actor.scope(SensorRead);
    store::find(&mut look.tx, &scope, &call.param("id")?).await?.ok_or(Error::NotFound)
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MachinesQuery {
    result: Ask<SweepResult>,
    /// `1`: only those with something to do.
    pending: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Option<i64>,
}

/// One campaign.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/campaign.html")]
pub struct Detail {
    #[serde(skip)]
    p: Page,
    campaign: Campaign,
    /// What it proves once it is closed.
    proves: Vec<Proved>,
    standing: Standing,
    machines: Vec<Machine>,
    next: Option<i64>,
    #[serde(skip)]
    results: Options,
    #[serde(skip)]
    pendings: Options,
    #[serde(skip)]
    units: Options,
    may_write: bool,
}

impl Detail {
    fn cursor(&self) -> Option<String> {
        self.next.map(|number| number.to_string())
    }
}

pub async fn detail(call: Call) -> Result<Detail> {
    let query: MachinesQuery = call.query()?;
    let mut look = call.look().await?;
    let campaign = see(&mut look, &call).await?;
    let p = Page::new(&call, &mut look, Text::same(format!("{} {}", campaign.code, campaign.title))).await?;
    let filter = MachineFilter {
        result: query.result.0.map(SweepResult::word).unwrap_or_default().to_owned(),
        pending: query.pending == "1",
        after: query.after.unwrap_or_default(),
    };
    let mut machines = store::list_machines(&mut look.tx, &campaign.id, &filter, ROWS as i64 + 1).await?;
    let more = machines.len() > ROWS;
    machines.truncate(ROWS);
    Ok(Detail {
        next: machines.last().filter(|_| more).map(|last| last.number),
        standing: store::standing(&mut look.tx, &campaign.id).await?,
        results: SweepResult::options(p.lang),
        pendings: vec![("1".to_owned(), p.t("Còn việc phải làm", "Something to do").to_owned())],
        may_write: look.actor.can_in(SensorWrite, &campaign.unit_id),
        units: units(&mut look).await?,
        proves: proof::parts(&look.app.pack, p.lang),
        machines,
        campaign,
        p,
    })
}

/// One machine.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/machine.html")]
pub struct One {
    #[serde(skip)]
    p: Page,
    campaign: Campaign,
    machine: Machine,
    #[serde(skip)]
    results: Options,
    #[serde(skip)]
    people: Options,
    may_write: bool,
    /// Whether the reader sees the campaign, or this machine alone.
    sees_campaign: bool,
    /// Whether it is for the reader to say that what was to do is done.
    is_owner: bool,
}

pub async fn machine(call: Call) -> Result<One> {
    let mut look = call.look().await?;
    let (campaign, machine) = actions::find_machine(&mut look.tx, &call.param("id")?, &call.param("machine")?).await?;
    let scope = look.actor.scope(SensorRead);
    let sees_campaign = scope.covers(&campaign.unit_id);
    let is_owner = machine.owner_id.as_ref() == Some(&look.actor.person_id);
    // Whose machine it is, and who has to do something about it, see it without the others.
    if !(sees_campaign || is_owner || machine.unit_id.as_ref().is_some_and(|unit| scope.covers(unit))) {
        return Err(Error::NotFound);
    }
    let p = Page::new(&call, &mut look, Text::same(machine.name.clone())).await?;
    let may_write = look.actor.can_in(SensorWrite, &campaign.unit_id);
    let people = match may_write {
        true => org::list_people_options(&mut look.tx, None).await?,
        false => Vec::new(),
    };
    Ok(One { results: SweepResult::options(p.lang), people, may_write, sees_campaign, is_owner, campaign, machine, p })
}

/// `GET …/csv`: every machine with what came of it.
pub async fn csv(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let campaign = see(&mut look, &call).await?;
    let machines = store::list_machines(&mut look.tx, &campaign.id, &MachineFilter::default(), ALL).await?;
    drop(look);
    let lang = call.lang;
    let say = |vi: &'static str, en: &'static str| lang.pick(vi, en);
    let mut body = table::MARK.to_owned();
    body.push_str(&table::line([
        say("Số", "No."),
        say("Máy", "Machine"),
        say("Đơn vị", "Unit"),
        say("Kết quả", "Result"),
        say("Rà lúc", "Swept at"),
        say("Người ghi", "Written by"),
        say("Ghi chú", "Note"),
        say("Xử lý ở", "Dealt with in"),
        say("Việc phải làm", "To do"),
        say("Người làm", "By"),
        say("Hạn", "Due"),
        say("Xong lúc", "Done at"),
    ]));
    let at = |time: Option<Time>| time.map(Time::to_minute).unwrap_or_default();
    for one in &machines {
        body.push_str(&table::line([
            one.number.to_string().as_str(),
            &one.name,
            one.unit_name.as_deref().unwrap_or_default(),
            one.result.label().get(lang),
            &at(one.checked_at),
            &one.checked_by,
            &one.note,
            &one.reference,
            &one.follow_up,
            one.owner_name.as_deref().unwrap_or_default(),
            &at(one.due_at),
            &at(one.done_at),
        ]));
    }
    let name = format!("attachment; filename=\"{}.csv\"", campaign.code);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, Body::from(body)).into_response())
}

pub async fn create(call: Call, form: CampaignForm) -> Result<Done> {
    let mut work = call.work().await?;
    let id = actions::begin(&mut work, &form).await?;
    let done = work.done(format!("/campaigns/{id}")).await?.with(serde_json::json!({ "id": id }));
    Ok(done.saying(Text::new("Đã lập đợt rà quét. Hãy thêm các máy cần rà.", "Begun. Add the machines to be swept.")))
}

pub async fn save(call: Call, form: CampaignForm) -> Result<Done> {
    let id: CampaignId = call.param("id")?;
    let mut work = call.work().await?;
    actions::change(&mut work, &id, &form).await?;
    let done = work.done(format!("/campaigns/{id}")).await?;
    Ok(done.saying(Text::new("Đã lưu đợt rà quét.", "The campaign is saved.")))
}

pub async fn add(call: Call, form: MachinesForm) -> Result<Done> {
    let id: CampaignId = call.param("id")?;
    let mut work = call.work().await?;
    let count = actions::add(&mut work, &id, &form).await?;
    let done = work.done(format!("/campaigns/{id}")).await?.with(serde_json::json!({ "added": count }));
    Ok(done.saying(text!("Đã thêm {count} máy.", "Added {count} machines.")))
}

pub async fn settle(call: Call, form: ResultForm) -> Result<Done> {
    let (id, machine) = (call.param::<CampaignId>("id")?, call.param::<MachineId>("machine")?);
    let mut work = call.work().await?;
    actions::settle(&mut work, &id, &machine, &form).await?;
    let done = work.done(format!("/campaigns/{id}")).await?;
    Ok(done.saying(Text::new("Đã ghi kết quả.", "Written down.")))
}

pub async fn done(call: Call, form: DoneForm) -> Result<Done> {
    let (id, machine) = (call.param::<CampaignId>("id")?, call.param::<MachineId>("machine")?);
    let mut work = call.work().await?;
    actions::finish(&mut work, &id, &machine, &form).await?;
    let done = work.done(format!("/campaigns/{id}/machines/{machine}")).await?;
    Ok(done.saying(Text::new("Đã ghi là xong.", "Noted as done.")))
}

pub async fn close(call: Call, form: CloseForm) -> Result<Done> {
    let id: CampaignId = call.param("id")?;
    let mut work = call.work().await?;
    actions::close(&mut work, &id, &form).await?;
    let done = work.done(format!("/campaigns/{id}")).await?;
    Ok(done.saying(Text::new("Đã kết thúc đợt rà quét.", "The campaign is closed.")))
}
