//! A step's own page: its words, who leads and supports, what it needs, and the sections that other features bring.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::super::actions;
use super::super::flow::{Act, StepState};
use super::super::frame::Frame;
use super::super::gates;
use super::super::model::{GateState, Incident, IncidentId, Standing, StepRow, standing};
use super::super::section::{SectionContext, Shown};
use crate::org::UnitId;
use crate::pack::{Procedure, Step};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::Tone;
use crate::web::{Call, Done};
use crate::work::Look;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/step.html")]
pub struct StepView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    id: String,
    number: String,
    short: String,
    /// Word for word as in the plan.
    text: String,
    lead_text: String,
    support_text: String,
    lead: Vec<String>,
    support: Vec<String>,
    gates: Vec<GateState>,
    /// The round that is shown.
    row: StepRow,
    /// The other rounds, the latest first.
    others: Vec<StepRow>,
    sections: Vec<ShownSection>,
    /// Whose turn it is, for readers who cannot finish the step themselves; empty otherwise.
    waits_for: String,
    /// Nobody of the units that lead the step has an account that could finish it.
    nobody_leads: bool,
    /// Why nothing can be done here now; empty when something can.
    why_not: String,
    #[serde(skip)]
    may_finish: bool,
    #[serde(skip)]
    may_skip: bool,
    #[serde(skip)]
    may_resume: bool,
    #[serde(skip)]
    may_reopen: bool,
}

/// A section as the API and the page show it.
#[derive(Serialize, JsonSchema)]
pub struct ShownSection {
    /// As the pack calls it: `measures:containment`.
    pub section: String,
    #[serde(flatten)]
    pub shown: Shown,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    round: Option<i64>,
}

pub async fn step(call: Call) -> Result<StepView> {
    let id: IncidentId = call.param("id")?;
    let step: String = call.param("step")?;
    let asked: Asked = call.query().unwrap_or_default();
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let app = look.app.clone();
    let procedure = &app.pack.procedure;
    let step = procedure.step(&step).ok_or(Error::NotFound)?;
    let (number, vi, en) = (&step.number, &step.short.vi, step.short.en.as_deref().unwrap_or(&step.short.vi));
    let p = Page::new(&call, &mut look, text!("Bước {number}: {vi}", "Step {number}: {en}")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "steps").await?;

    let mut rounds: Vec<StepRow> = frame.steps.iter().filter(|row| row.step == step.id).cloned().collect();
    rounds.sort_by_key(|row| std::cmp::Reverse(row.round));
    let latest = rounds.first().cloned().ok_or(Error::NotFound)?;
    let row = match asked.round {
        Some(round) => rounds.iter().find(|row| row.round == round).cloned().ok_or(Error::NotFound)?,
        None => latest.clone(),
    };
    let others = rounds.into_iter().filter(|other| other.round != row.round && other.opened_at.is_some()).collect();
    let is_latest = row.round == latest.round;
    let standing = standing(&look.actor, &frame.units, step);
    let active = incident.is_open() && is_latest;
    let may_work = active && row.state == StepState::Open && standing >= Standing::Supports;
    let leads = active && standing == Standing::Leads;
    let gates = gates::of_step(&mut look.tx, &app.pack, &incident, &frame.steps, step).await?;
    let waits = active && row.state == StepState::Open && !leads;
    let leading = frame.units_of(&step.lead);
    let waits_for = if waits { leading.join(", ") } else { String::new() };
    let nobody_leads = active && row.state == StepState::Open && !somebody_leads(&mut look, &frame, step).await?;
    let context = Context { p: &p, incident: &incident, step, row: &row, standing, may_work };
    let sections = sections(&mut look, &context).await?;
    Ok(StepView {
        id: step.id.clone(),
        number: step.number.clone(),
        short: p.words(&step.short),
        text: step.text.clone(),
        lead_text: words_or_functions(&p, &app.pack, &step.lead_text, &step.lead),
        support_text: words_or_functions(&p, &app.pack, &step.support_text, &step.support),
        lead: leading,
        waits_for,
        nobody_leads,
        support: frame.units_of(&step.support),
        gates,
        why_not: why_not(&p, &frame, procedure, step, &row, is_latest, standing),
        may_finish: leads && row.state == StepState::Open,
        may_skip: leads && row.state == StepState::Open && step.optional,
        may_resume: leads && (row.state == StepState::Skipped || (step.repeats && row.state == StepState::Done)),
        may_reopen: leads && !step.repeats && frame.flow().after(procedure, &Act::Reopen(step.id.clone())).is_ok(),
        others,
        sections,
        row,
        frame,
        p,
    })
}

impl StepView {
    fn tone(&self) -> Tone {
        super::steps::tone(self.row.state)
    }

    fn action(&self, act: &str) -> String {
        format!("/incidents/{}/steps/{}/{act}", self.frame.incident.id, self.id)
    }

    fn round_url(&self, round: &i64) -> String {
        format!("/incidents/{}/steps/{}?round={round}", self.frame.incident.id, self.id)
    }

    fn word(&self, row: &StepRow) -> String {
        self.p.say(&row.state.label())
    }

    fn finish_label(&self) -> String {
        format!("{} {}", self.p.t("Hoàn thành bước", "Finish step"), self.number)
    }

    fn resume_label(&self) -> String {
        let (vi, en) = match self.row.state {
            StepState::Skipped => ("Làm bước", "Take up step"),
            _ => ("Làm lại bước", "Do again step"),
        };
        format!("{} {}", self.p.t(vi, en), self.number)
    }

    fn missing_label(&self) -> String {
        let count = self.missing();
        self.p.say(&text!("Còn thiếu {count} mục", "{count} still missing"))
    }

    /// What still stands in the way of finishing.
    fn missing(&self) -> usize {
        self.gates.iter().filter(|gate| gate.obligatory && !gate.met).count()
    }
}

/// Whether somebody could finish the step: an account with a role that leads it, in a unit that plays the part.
async fn somebody_leads(look: &mut Look, frame: &Frame, step: &Step) -> Result<bool> {
    let app = look.app.clone();
    let works = |role: &&crate::pack::Role| {
        let may = |permission: Permission| role.permissions.iter().any(|held| held == permission.word());
        may(Permission::IncidentStep) || may(Permission::IncidentDirect)
    };
    let leading = |role: &&crate::pack::Role| role.functions.iter().any(|function| step.lead.contains(function));
    let roles: Vec<&str> = app.pack.roles.iter().filter(works).filter(leading).map(|role| role.id.as_str()).collect();
    let playing = frame.units.iter().filter(|unit| step.lead.contains(&unit.function));
    let units: Vec<UnitId> = playing.map(|unit| unit.unit_id.clone()).collect();
    crate::auth::anyone_holds(&mut look.tx, &roles, &units).await
}

/// The words of the plan's table, or the names of the functions where the table has none.
fn words_or_functions(p: &Page, pack: &crate::pack::Pack, words: &str, functions: &[String]) -> String {
    if !words.is_empty() {
        return words.to_owned();
    }
    let names = functions.iter().map(|function| super::super::words::function(pack, function, p.lang));
    names.collect::<Vec<_>>().join("; ")
}

/// One sentence on why nothing can be done here: what the step waits for, that it is over, or that it is not the reader's.
fn why_not(
    p: &Page,
    frame: &Frame,
    procedure: &Procedure,
    step: &Step,
    row: &StepRow,
    is_latest: bool,
    standing: Standing,
) -> String {
    let flow = frame.flow();
    let words = match row.state {
        _ if !frame.incident.is_open() => {
            Text::new("Sự cố đã kết thúc, chỉ xem được.", "The incident is closed; you can only look.")
        }
        _ if !is_latest => {
            let round = row.round;
            text!("Đây là vòng {round}, đã qua, chỉ xem được.", "This is round {round}, past; you can only look.")
        }
        StepState::Waiting => {
            let before = step.after.iter().filter(|before| !flow.state(before).ended());
            let before = before.filter_map(|before| procedure.step(before));
            let names = before.map(|step| format!("{} ({})", step.number, p.words(&step.short)));
            let names = names.collect::<Vec<_>>().join(", ");
            text!("Chưa đến lượt bước này: chờ xong bước {names}.", "Not yet its turn: waits for step {names}.")
        }
        StepState::Open if standing == Standing::Watches => Text::new(
            "Đơn vị bạn không chủ trì, phối hợp bước này nên chỉ xem được.",
            "Your unit neither leads nor supports this step; you can only look.",
        ),
        _ => return String::new(),
    };
    p.say(&words)
}

struct Context<'a> {
    p: &'a Page,
    incident: &'a Incident,
    step: &'a Step,
    row: &'a StepRow,
    standing: Standing,
    may_work: bool,
}

/// The sections that the pack names for the step, each drawn by the feature that knows its kind.
async fn sections(look: &mut Look, context: &Context<'_>) -> Result<Vec<ShownSection>> {
    let mut sections = Vec::new();
    for name in &context.step.sections {
        let (kind, key) = name.split_once(':').unwrap_or((name, ""));
        let known = crate::features().iter().flat_map(|feature| &feature.sections).find(|known| known.kind == kind);
        let Some(known) = known else { continue };
        let told = SectionContext {
            page: context.p,
            incident: context.incident,
            step: context.step,
            row: context.row,
            key,
            standing: context.standing,
            may_work: context.may_work,
        };
        let shown = (known.show)(look, &told).await?;
        sections.push(ShownSection { section: name.clone(), shown });
    }
    Ok(sections)
}

/// A word on how it went.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FinishForm {
    note: Raw,
}

/// Finishes the step and leads to the incident's next one.
pub async fn finish(call: Call, form: FinishForm) -> Result<Done> {
    let (id, step) = (call.param::<IncidentId>("id")?, call.param::<String>("step")?);
    let mut checks = Checks::new();
    let note = checks.area_or_empty("note", &form.note);
    checks.done()?;
    let mut work = call.work().await?;
    actions::finish(&mut work, &id, &step, &note).await?;
    let number = actions::find_step(&work, &step)?.number;
    let said = text!(
        "Đã hoàn thành bước {number}. Nếu nhầm, mở bước đó và chọn “Mở lại bước”.",
        "Step {number} is finished. If that was a mistake, go to the step and choose “Open the step again”."
    );
    Ok(work.done(format!("/incidents/{id}/steps")).await?.saying(said))
}

/// Why something is done.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReasonForm {
    pub reason: Raw,
}

/// Skips an optional step.
pub async fn skip(call: Call, form: ReasonForm) -> Result<Done> {
    let (id, step) = (call.param::<IncidentId>("id")?, call.param::<String>("step")?);
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let mut work = call.work().await?;
    actions::skip(&mut work, &id, &step, &reason).await?;
    let number = actions::find_step(&work, &step)?.number;
    let said = text!("Đã bỏ qua bước {number}.", "Step {number} is skipped.");
    Ok(work.done(format!("/incidents/{id}/steps")).await?.saying(said))
}

/// Opens again a step that was finished too early.
pub async fn reopen(call: Call, form: ReasonForm) -> Result<Done> {
    let (id, step) = (call.param::<IncidentId>("id")?, call.param::<String>("step")?);
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let mut work = call.work().await?;
    actions::reopen_step(&mut work, &id, &step, &reason).await?;
    let number = actions::find_step(&work, &step)?.number;
    let said = text!("Bước {number} lại mở.", "Step {number} is open again.");
    Ok(work.done(format!("/incidents/{id}/steps/{step}")).await?.saying(said))
}

/// Nothing is typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NoForm {}

/// Takes up a skipped step, or begins a repeating one again.
pub async fn resume(call: Call, _: NoForm) -> Result<Done> {
    let (id, step) = (call.param::<IncidentId>("id")?, call.param::<String>("step")?);
    let mut work = call.work().await?;
    actions::resume(&mut work, &id, &step).await?;
    let number = actions::find_step(&work, &step)?.number;
    let said = text!("Bước {number} lại mở.", "Step {number} is open again.");
    Ok(work.done(format!("/incidents/{id}/steps/{step}")).await?.saying(said))
}
