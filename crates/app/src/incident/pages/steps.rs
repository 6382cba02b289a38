//! The steps of an incident: where each stands, who leads it, what it still needs.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::super::actions;
use super::super::flow::StepState;
use super::super::frame::Frame;
use super::super::gates;
use super::super::model::{GateState, IncidentId};
use super::super::store::overview;
use crate::page::Page;
use crate::ui::Tone;
use crate::web::Call;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/steps.html")]
pub struct StepsView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    phases: Vec<PhaseLine>,
}

/// A phase and its steps.
#[derive(Serialize, JsonSchema)]
pub struct PhaseLine {
    pub number: String,
    pub name: String,
    pub steps: Vec<StepLine>,
}

/// One step of the list, in its latest round.
#[derive(Serialize, JsonSchema)]
pub struct StepLine {
    pub id: String,
    pub number: String,
    pub short: String,
    pub url: String,
    pub state: StepState,
    #[serde(skip)]
    pub state_word: String,
    pub round: i64,
    pub optional: bool,
    pub lead: Vec<String>,
    pub support: Vec<String>,
    pub gates: Vec<GateState>,
    pub open_tasks: i64,
    pub opened_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub ended_by: String,
}

impl StepLine {
    fn tone(&self) -> Tone {
        tone(self.state)
    }
}

/// How loud a step's state is.
pub fn tone(state: StepState) -> Tone {
    match state {
        StepState::Open => Tone::Active,
        StepState::Done => Tone::Good,
        StepState::Waiting | StepState::Skipped => Tone::Quiet,
    }
}

pub async fn steps(call: Call) -> Result<StepsView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Bước và việc", "Steps and tasks")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "steps").await?;
    let app = look.app.clone();
    let procedure = &app.pack.procedure;
    let mut gates = gates::of_all(&mut look.tx, &app.pack, &incident, &frame.steps).await?;
    let tasks = overview::open_tasks(&mut look.tx, &id).await?;
    let flow = frame.flow();
    let mut phases = Vec::new();
    for phase in &procedure.phases {
        let mut lines = Vec::new();
        for step in procedure.steps.iter().filter(|step| step.phase == phase.id) {
            let row = frame.steps.iter().filter(|row| row.step == step.id).max_by_key(|row| row.round);
            let state = flow.state(&step.id);
            lines.push(StepLine {
                id: step.id.clone(),
                number: step.number.clone(),
                short: p.words(&step.short),
                url: format!("/incidents/{id}/steps/{}", step.id),
                state,
                state_word: p.say(&state.label()),
                round: row.map_or(1, |row| row.round),
                optional: step.optional,
                lead: frame.units_of(&step.lead),
                support: frame.units_of(&step.support),
                gates: gates.remove(&step.id).unwrap_or_default(),
                open_tasks: tasks.iter().find(|(of, _)| *of == step.id).map_or(0, |(_, count)| *count),
                opened_at: row.and_then(|row| row.opened_at),
                ended_at: row.and_then(|row| row.ended_at),
                ended_by: row.map(|row| row.ended_by.clone()).unwrap_or_default(),
            });
        }
        phases.push(PhaseLine { number: phase.number.clone(), name: p.words(&phase.name), steps: lines });
    }
    Ok(StepsView { phases, frame, p })
}
