//! Pages of examinations, and what is sent from them.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::store::{self, Filter};
use super::{Counted, Examination, ExaminationId, Found, Run, actions, live, take};
use crate::evidence::{self, EvidenceId};
use crate::incident::{Frame, IncidentId};
use crate::page::Page;
use crate::permission::Permission::EvidenceAdd;
use crate::sensor::probe::Told;
use crate::sensor::rules::{Gravity, RuleSetId};
use crate::web::{Ask, Call, Done};

const ROWS: usize = 50;
/// How many rules the page tells of; the rest stands in the result.
const RULES: i64 = 100;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FindingsQuery {
    level: Ask<Gravity>,
    /// The id of a rule.
    rule: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Option<i64>,
}

/// One examination.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/examination.html")]
pub struct Shown {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    examination: Examination,
    /// `CC-01`.
    code: String,
    name: String,
    run: Run,
    /// What could not be read.
    outcome: Told,
    rules: Vec<Counted>,
    findings: Vec<Found>,
    /// The cursor of the next page.
    next: Option<i64>,
    /// Values of these findings that may be indicators.
    signs: Vec<(String, String)>,
    may_take: bool,
    #[serde(skip)]
    levels: Vec<(String, String)>,
    #[serde(skip)]
    rule_options: Vec<(String, String)>,
    #[serde(skip)]
    set_name: String,
}

impl Shown {
    fn cursor(&self) -> Option<String> {
        self.next.map(|number| number.to_string())
    }

    fn progress(&self) -> String {
        live::words(&self.run, self.p.lang)
    }

    fn path(&self, below: &str) -> String {
        format!("{}{below}", self.examination.href())
    }

    fn result_href(&self) -> Option<(String, String)> {
        let (id, number) = (self.examination.result_id.as_ref()?, self.examination.result_number?);
        Some((format!("/incidents/{}/evidence/{id}", self.examination.incident_id), format!("CC-{number:02}")))
    }

    fn was_ticked(&self, field: &str, value: &str) -> bool {
        self.p.form.values.iter().any(|(name, typed)| name == field && typed == value)
    }
}

pub async fn show(call: Call) -> Result<Shown> {
    let id: ExaminationId = call.param("exam")?;
    let query: FindingsQuery = call.query()?;
    let mut look = call.look().await?;
    let (incident, item) = evidence::readable_item(&mut look, &call).await?;
    let examination = store::find(&mut look.tx, &incident.id, &item.id, &id).await?.ok_or(Error::NotFound)?;
    let code = item.code();
    let p = Page::new(&call, &mut look, text!("Khám xét {code}", "Examination of {code}")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let filter =
        Filter { level: query.level.0.map(Gravity::level), rule: query.rule, after: query.after.unwrap_or_default() };
    let mut findings = store::list_findings(&mut look.tx, &id, &filter, ROWS as i64 + 1).await?;
    let more = findings.len() > ROWS;
    findings.truncate(ROWS);
    let rules = store::list_rules(&mut look.tx, &id, RULES).await?;
    let run = store::find_run(&mut look.tx, &id).await?.map(|(_, run)| run).unwrap_or_default();
    let may_take = frame.works && evidence::may(&mut look.tx, &look.actor, EvidenceAdd, &incident.id).await?;
    Ok(Shown {
        signs: take::offered(&findings),
        next: findings.last().filter(|_| more).map(|last| last.number),
        levels: Gravity::options(p.lang),
        rule_options: rules.iter().map(|rule| (rule.rule_id.clone(), rule.title.clone())).collect(),
        set_name: examination.set_words(&p.lang),
        outcome: examination.told(),
        code,
        name: item.name,
        run,
        rules,
        findings,
        may_take,
        examination,
        p,
        frame,
    })
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskForm {
    /// A set of rules; when empty the built-in one for logs, or for files if the item is no log by its name.
    set: Raw,
}

pub async fn ask(call: Call, form: AskForm) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let mut checks = Checks::new();
    let set: Option<RuleSetId> = checks.id_or_none("set", &form.set);
    checks.done()?;
    let mut work = call.work().await?;
    let examination = actions::ask(&mut work, &id, &item, set.as_ref()).await?;
    let done = work.done(format!("/incidents/{id}/evidence/{item}/examinations/{examination}")).await?;
    Ok(done
        .saying(Text::new("Đã yêu cầu khám xét; máy làm ngay.", "Asked for; the machine begins at once."))
        .with(serde_json::json!({ "id": examination })))
}

/// Stopping needs no words.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct CancelForm {}

pub async fn cancel(call: Call, _: CancelForm) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let examination: ExaminationId = call.param("exam")?;
    let mut work = call.work().await?;
    actions::cancel(&mut work, &id, &item, &examination).await?;
    let done = work.done(format!("/incidents/{id}/evidence/{item}/examinations/{examination}")).await?;
    Ok(done.saying(Text::new("Đã dừng khám xét.", "The examination was stopped.")))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TakeForm {
    /// Findings that become entries of the timeline, by id.
    pick: Vec<Raw>,
    /// Values that become indicators.
    signs: Vec<Raw>,
}

pub async fn take(call: Call, form: TakeForm) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let examination: ExaminationId = call.param("exam")?;
    let mut work = call.work().await?;
    let taken = take::take(&mut work, (&id, &item, &examination), &form.pick, &form.signs).await?;
    let done = work.done(format!("/incidents/{id}/evidence/{item}/examinations/{examination}")).await?;
    let result = serde_json::json!({ "events": taken.events, "signs": taken.signs });
    Ok(done.saying(take::in_words(taken)).with(result))
}
