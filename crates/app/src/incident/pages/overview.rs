//! The overview: the one page a chairman gets. What happened, the harm, what was done, what is next, what to decide.

use std::collections::BTreeMap;

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::super::actions;
use super::super::frame::Frame;
use super::super::gates;
use super::super::model::{Gates, Incident};
use super::super::store::events::{self, TimelineEvent};
use super::super::store::overview::{self, Taken};
use super::super::store::touched::{self, DrawnPerson, TouchedSystem};
use super::super::words;
use super::super::work::findings::{self, Key};
use crate::pack::{Pack, Procedure};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::Event;
use crate::web::Call;
use crate::work::Look;

/// Gates that wait for somebody's word rather than for work.
const DECISIONS: &[&str] = &["option_approved", "direction", "team_summoned", "spokesperson_named"];

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/overview.html")]
pub struct OverviewView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    incident: Incident,
    /// What was written about it, by key: `summary`, `harm`, `scope`, …
    texts: BTreeMap<Key, String>,
    starred: Vec<TimelineEvent>,
    done: Vec<StepDone>,
    measures: Vec<Taken>,
    next: Vec<StepNext>,
    /// What waits for a decision: the step's number, what, and where.
    decisions: Vec<Decision>,
    conditions: Vec<String>,
    #[serde(skip)]
    computed: String,
    systems: Vec<TouchedSystem>,
    units: Vec<Playing>,
    people: Vec<DrawnPerson>,
    /// Alerts behind the incident; stops counting at 100.
    alerts: i64,
    /// The step whose page shows them.
    #[serde(skip)]
    intake: String,
    #[serde(skip)]
    closes: bool,
    #[serde(skip)]
    reopens: bool,
}

/// A step behind us.
#[derive(Clone, Serialize, JsonSchema)]
pub struct StepDone {
    pub number: String,
    pub short: String,
    pub url: String,
    pub skipped: bool,
    pub round: i64,
    pub ended_at: Option<Time>,
    pub ended_by: String,
    pub note: String,
}

/// A step being worked on.
#[derive(Clone, Serialize, JsonSchema)]
pub struct StepNext {
    pub number: String,
    pub short: String,
    pub url: String,
    pub lead: Vec<String>,
    pub missing: Vec<String>,
    pub since: Option<Time>,
}

/// A decision that is asked for.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Decision {
    pub what: String,
    pub who: Vec<String>,
    pub url: String,
}

/// Units by function.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Playing {
    pub function: String,
    pub units: Vec<String>,
}

pub async fn overview(call: Call) -> Result<OverviewView> {
    let name: String = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see_named(&mut look, &name).await?;
    let title = Text::same(format!("{} {}", incident.code, incident.title));
    let p = Page::new(&call, &mut look, title).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    let app = look.app.clone();
    let gates = gates::of_all(&mut look.tx, &app.pack, &incident, &frame.steps).await?;
    let holding = incident.conditions();
    let conditions = app.pack.classes.conditions.iter().filter(|condition| holding.contains(&condition.id));
    let conditions = conditions.map(|condition| condition.text.get(call.lang).to_owned()).collect();
    let systems = touched::list_systems(&mut look.tx, &incident.id).await?;
    let level = systems.iter().find(|system| incident.system_id.as_ref() == Some(&system.system_id));
    let level = level.and_then(|system| system.level).and_then(|level| u8::try_from(level).ok());
    let computed = app.pack.classes.propose(&holding, level);
    Ok(OverviewView {
        texts: findings::texts(&mut look.tx, &incident).await?,
        starred: events::list_starred(&mut look.tx, &incident.id).await?,
        done: steps_done(&p, &frame, &app.pack.procedure),
        measures: overview::measures_taken(&mut look.tx, &incident.id).await?,
        next: steps_next(&p, &frame, &app.pack.procedure, &gates),
        decisions: decisions(&mut look, &p, &frame, &gates).await?,
        conditions,
        computed: computed.map(|class| class.name.get(call.lang).to_owned()).unwrap_or_default(),
        systems,
        units: playing(&p, &frame, &app.pack),
        people: touched::list_people(&mut look.tx, &incident.id).await?,
        alerts: crate::alert::count_of_incident(&mut look.tx, &incident.id).await?,
        intake: intake_step(&app.pack.procedure),
        closes: incident.is_open() && look.actor.can(Permission::IncidentClose),
        reopens: !incident.is_open() && look.actor.can(Permission::IncidentReopen),
        incident,
        frame,
        p,
    })
}

impl OverviewView {
    /// A text about the incident by its key; empty when nobody wrote it.
    fn written(&self, key: &str) -> &str {
        key.parse().ok().and_then(|key: Key| self.texts.get(&key)).map(String::as_str).unwrap_or_default()
    }

    fn events(&self) -> Vec<Event> {
        self.starred.iter().map(|event| super::timeline::shown(&self.p, event, None)).collect()
    }
}

fn steps_done(p: &Page, frame: &Frame, procedure: &Procedure) -> Vec<StepDone> {
    let mut done: Vec<StepDone> = frame
        .steps
        .iter()
        .filter(|row| row.state.ended())
        .filter_map(|row| {
            let step = procedure.step(&row.step)?;
            Some(StepDone {
                number: step.number.clone(),
                short: p.words(&step.short),
                url: format!("/incidents/{}/steps/{}?round={}", frame.incident.id, step.id, row.round),
                skipped: row.state == super::super::flow::StepState::Skipped,
                round: row.round,
                ended_at: row.ended_at,
                ended_by: row.ended_by.clone(),
                note: row.note.clone(),
            })
        })
        .collect();
    done.sort_by_key(|step| step.ended_at);
    done
}

fn steps_next(p: &Page, frame: &Frame, procedure: &Procedure, gates: &Gates) -> Vec<StepNext> {
    let flow = frame.flow();
    let open = flow.open(procedure).into_iter().map(|step| {
        let missing = gates.get(&step.id).into_iter().flatten().filter(|gate| gate.obligatory && !gate.met);
        let row = frame.steps.iter().filter(|row| row.step == step.id).max_by_key(|row| row.round);
        StepNext {
            number: step.number.clone(),
            short: p.words(&step.short),
            url: format!("/incidents/{}/steps/{}", frame.incident.id, step.id),
            lead: frame.units_of(&step.lead),
            missing: missing.map(|gate| p.say(&gate.label)).collect(),
            since: row.and_then(|row| row.opened_at),
        }
    });
    if frame.incident.is_open() { open.collect() } else { Vec::new() }
}

/// What lies before the owner or the board; who is to command; and gates of open steps that wait for somebody's word.
async fn decisions(look: &mut Look, p: &Page, frame: &Frame, gates: &Gates) -> Result<Vec<Decision>> {
    if !frame.incident.is_open() {
        return Ok(Vec::new());
    }
    let app = look.app.clone();
    let procedure = &app.pack.procedure;
    let id = &frame.incident.id;
    let mut asked = Vec::new();
    let mut before = Vec::new();
    for (section, what, unit) in crate::coordination::waiting::asked_in(look, id).await? {
        let leads = procedure.steps.iter().find(|step| step.sections.contains(&section)).map(|step| &step.lead);
        let who = if unit.is_empty() { leads.map(|lead| frame.units_of(lead)).unwrap_or_default() } else { vec![unit] };
        let url = format!("/incidents/{id}/coordination#section-{section}");
        asked.push(Decision { what: p.say(&what), who, url });
        before.push(section);
    }
    if frame.commander_name.is_empty() {
        let what = p.t("Chọn người chỉ huy", "Choose who commands").to_owned();
        let url = if frame.manages { format!("/incidents/{id}/edit") } else { format!("/incidents/{id}/parts") };
        asked.push(Decision { what, who: Vec::new(), url });
    }
    for step in frame.flow().open(procedure) {
        let waiting = gates.get(&step.id).into_iter().flatten();
        for gate in waiting.filter(|gate| !gate.met && DECISIONS.contains(&gate.kind.as_str())) {
            // The option itself stands above.
            if gate.kind == "option_approved" && before.iter().any(|section| section == "options") {
                continue;
            }
            asked.push(Decision {
                what: format!("{} {}: {}", p.t("Bước", "Step"), step.number, p.say(&gate.label)),
                who: frame.units_of(&step.lead),
                url: format!("/incidents/{id}/steps/{}", step.id),
            });
        }
    }
    Ok(asked)
}

/// The step that shows the alerts behind an incident; empty where no step does.
fn intake_step(procedure: &Procedure) -> String {
    let mut steps = procedure.steps.iter();
    let step = steps.find(|step| step.sections.iter().any(|section| section == "intake"));
    step.map(|step| step.id.clone()).unwrap_or_default()
}

/// The units by function, in the order of the plan's functions.
fn playing(p: &Page, frame: &Frame, pack: &Pack) -> Vec<Playing> {
    let mut functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
    // A function that a later pack no longer knows is still shown.
    let forgotten = frame.units.iter().map(|unit| unit.function.as_str());
    let forgotten: Vec<&str> = forgotten.filter(|function| !functions.contains(function)).collect();
    functions.extend(forgotten);
    functions.dedup();
    let playing = functions.into_iter().map(|function| Playing {
        function: words::function(pack, function, p.lang),
        units: frame.units_of(&[function.to_owned()]),
    });
    playing.filter(|playing| !playing.units.is_empty()).collect()
}
