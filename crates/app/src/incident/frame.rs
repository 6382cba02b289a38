//! The head of every page about an incident: number, title, class, the rail of steps, the tabs. A feature's tab extends
//! `incident/html/frame.html` with two fields: `p` (the page) and `frame`.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;

use super::flow::StepState;
use super::model::{Incident, IncidentUnit, StepRow, flow_of};
use super::store;
use crate::page::Page;
use crate::ui::{self, RailStep, Tab};
use crate::work::Look;

/// What the head shows.
pub struct Frame {
    pub incident: Incident,
    pub class_name: String,
    pub scenario_name: String,
    pub unit_name: String,
    pub rail: Vec<RailStep>,
    pub tabs: Vec<Tab>,
    pub units: Vec<IncidentUnit>,
    pub steps: Vec<StepRow>,
}

impl Frame {
    /// Reads the head of an incident that the reader was found to see. `tab` is the path of the present tab.
    pub async fn new(look: &mut Look, page: &Page, incident: &Incident, tab: &str) -> Result<Frame> {
        let units = store::list_units(&mut look.tx, &incident.id).await?;
        let steps = store::list_steps(&mut look.tx, &incident.id).await?;
        let pack = look.app.clone();
        let pack = &pack.pack;
        let unit_name = units.iter().find(|unit| unit.unit_id == incident.unit_id).map(|unit| unit.unit_name.clone());
        Ok(Frame {
            class_name: pack
                .classes
                .class(&incident.class)
                .map(|class| class.name.get(page.lang).to_owned())
                .unwrap_or_default(),
            scenario_name: pack
                .scenario(&incident.scenario)
                .map(|scenario| scenario.name.get(page.lang).to_owned())
                .unwrap_or_default(),
            unit_name: unit_name.unwrap_or_default(),
            rail: rail(&steps, &pack.procedure, incident, page.lang),
            tabs: tabs(look, page, incident, tab).await?,
            incident: incident.clone(),
            units,
            steps,
        })
    }
}

/// The procedure as a rail, each step leading to its page.
pub fn rail(rows: &[StepRow], procedure: &crate::pack::Procedure, incident: &Incident, lang: Lang) -> Vec<RailStep> {
    let flow = flow_of(rows);
    let id = &incident.id;
    let mark = |step: &crate::pack::Step| {
        let at = flow.now(&step.id);
        let state = match at.map_or(StepState::Waiting, |at| at.state) {
            StepState::Waiting if at.is_some_and(|at| at.round > 1) => ui::StepState::Looped,
            StepState::Waiting => ui::StepState::Todo,
            StepState::Open => ui::StepState::Now,
            StepState::Done => ui::StepState::Done,
            StepState::Skipped => ui::StepState::Skipped,
        };
        RailStep {
            mark: step.number.clone(),
            title: step.short.get(lang).to_owned(),
            state,
            href: format!("/incidents/{id}/steps/{}", step.id),
        }
    };
    procedure.steps.iter().map(mark).collect()
}

async fn tabs(look: &mut Look, page: &Page, incident: &Incident, current: &str) -> Result<Vec<Tab>> {
    let mut tabs = Vec::new();
    for tab in crate::features().iter().flat_map(|feature| &feature.tabs) {
        if tab.permission.is_some_and(|permission| !look.actor.can(permission)) {
            continue;
        }
        let path = if tab.path.is_empty() { String::new() } else { format!("/{}", tab.path) };
        let mut shown = Tab::new(format!("/incidents/{}{path}", incident.id), page.say(&tab.label));
        if let Some(count) = tab.count {
            shown = shown.count(count(&mut look.tx, incident).await?);
        }
        tabs.push(shown.current(tab.path == current));
    }
    Ok(tabs)
}
