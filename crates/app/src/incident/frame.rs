//! The head of every page about an incident: number, title, class, the rail of steps, the tabs, and the one act that is
//! next for whoever reads. A feature's tab extends `incident/html/frame.html` with two fields: `p` (the page) and `frame`.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;

use super::flow::{Flow, StepState};
use super::model::{
    Incident, IncidentId, IncidentUnit, Standing, StepRow, best_standing, flow_of, may_manage, standing,
};
use super::store::{self, lists};
use super::words;
use crate::deadline::waiting::{Due, of_incident};
use crate::journal;
use crate::pack::Procedure;
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::{self, RailStep, Tab};
use crate::work::Look;

/// What the head shows.
pub struct Frame {
    pub incident: Incident,
    pub class_name: String,
    pub scenario_name: String,
    pub severity_name: String,
    pub unit_name: String,
    /// Empty while nobody commands.
    pub commander_name: String,
    pub rail: Vec<RailStep>,
    pub tabs: Vec<Tab>,
    pub units: Vec<IncidentUnit>,
    pub steps: Vec<StepRow>,
    /// What the reader can do next, if it is theirs to do.
    pub next: Option<NextAct>,
    /// Whether the reader may change what the incident as a whole says.
    pub manages: bool,
    /// Whether the reader leads or supports any step.
    pub works: bool,
    pub reads_journal: bool,
    /// What is late here, then what is due next.
    pub clocks: Vec<Due>,
    /// The last entry of the journal when this page was made; what comes after it is news.
    pub seen: i64,
}

/// The one primary act of the head.
pub struct NextAct {
    pub label: String,
    pub href: String,
}

impl Frame {
    /// Reads the head of an incident that the reader was found to see. `tab` is the path of the present tab.
    pub async fn new(look: &mut Look, page: &Page, incident: &Incident, tab: &str) -> Result<Frame> {
        let units = store::list_units(&mut look.tx, &incident.id).await?;
        let steps = store::list_steps(&mut look.tx, &incident.id).await?;
        let app = look.app.clone();
        let pack = &app.pack;
        let unit_name = units.iter().find(|unit| unit.unit_id == incident.unit_id).map(|unit| unit.unit_name.clone());
        let commander_name = match &incident.commander_id {
            Some(person) => lists::person_name(&mut look.tx, person).await?,
            None => None,
        };
        let stream = journal::incident_stream(incident.id.as_str());
        let seen = journal::head(&mut look.tx, &stream).await?.map_or(0, |(seq, _)| seq);
        let flow = flow_of(&steps);
        let reads_journal = may_read_journal(look, &units, &pack.procedure);
        Ok(Frame {
            class_name: words::class(pack, &incident.class, page.lang),
            scenario_name: words::scenario(pack, &incident.scenario, page.lang),
            severity_name: words::severity(pack, incident.severity, page.lang),
            unit_name: unit_name.unwrap_or_default(),
            commander_name: commander_name.unwrap_or_default(),
            rail: rail(&flow, &pack.procedure, &incident.id, page.lang),
            tabs: tabs(look, page, incident, tab, reads_journal).await?,
            next: next_act(look, page, incident, &units, &flow),
            manages: incident.is_open() && may_manage(&look.actor, &units, &pack.procedure),
            works: incident.is_open() && best_standing(&look.actor, &units, &pack.procedure) >= Standing::Supports,
            reads_journal,
            clocks: of_incident(look, &incident.id).await?,
            incident: incident.clone(),
            units,
            steps,
            seen,
        })
    }

    pub fn flow(&self) -> Flow {
        flow_of(&self.steps)
    }

    /// The units that play any of these functions, by name, each once.
    pub fn units_of(&self, functions: &[String]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for unit in self.units.iter().filter(|unit| functions.contains(&unit.function)) {
            if !names.contains(&unit.unit_name) {
                names.push(unit.unit_name.clone());
            }
        }
        names
    }
}

/// Who reads the incident's journal: whoever may read journals at all, and whoever leads a step of this incident.
pub fn may_read_journal(look: &Look, units: &[IncidentUnit], procedure: &Procedure) -> bool {
    look.actor.can(Permission::JournalRead) || best_standing(&look.actor, units, procedure) >= Standing::Leads
}

/// The same for an incident whose units are not at hand.
pub async fn reads_journal(look: &mut Look, incident: &IncidentId) -> Result<bool> {
    let units = store::list_units(&mut look.tx, incident).await?;
    Ok(may_read_journal(look, &units, &look.app.pack.procedure))
}

/// The way to the first open step the reader leads; to closing the incident once every step is behind us.
fn next_act(look: &Look, page: &Page, incident: &Incident, units: &[IncidentUnit], flow: &Flow) -> Option<NextAct> {
    if !incident.is_open() {
        return None;
    }
    let procedure = &look.app.pack.procedure;
    let id = &incident.id;
    if flow.complete(procedure) {
        let may = look.actor.can(Permission::IncidentClose);
        return may.then(|| NextAct {
            label: page.t("Kết thúc sự cố", "Close the incident").to_owned(),
            href: format!("/incidents/{id}/close"),
        });
    }
    let mut open = flow.open(procedure).into_iter();
    let step = open.find(|step| standing(&look.actor, units, step) == Standing::Leads)?;
    let number = &step.number;
    Some(NextAct {
        label: page.say(&ungcuu_kit::text!("Tới bước {number}", "Go to step {number}")),
        href: format!("/incidents/{id}/steps/{}", step.id),
    })
}

/// The procedure as a rail, each step leading to its page.
pub fn rail(flow: &Flow, procedure: &Procedure, id: &IncidentId, lang: Lang) -> Vec<RailStep> {
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

/// The order of the tabs; those of features yet unknown stand before the last.
const ORDER: &[&str] = &["", "steps", "timeline", "evidence", "indicators", "reports", "coordination", "dossier"];
const LAST: &str = "journal";

fn place(path: &str) -> usize {
    let known = ORDER.iter().position(|known| *known == path);
    known.unwrap_or(if path == LAST { ORDER.len() + 1 } else { ORDER.len() })
}

async fn tabs(
    look: &mut Look,
    page: &Page,
    incident: &Incident,
    current: &str,
    reads_journal: bool,
) -> Result<Vec<Tab>> {
    let mut known: Vec<_> = crate::features().iter().flat_map(|feature| &feature.tabs).collect();
    known.sort_by_key(|tab| place(tab.path));
    let mut tabs = Vec::new();
    for tab in known {
        let allowed = tab.permission.is_none_or(|permission| look.actor.can(permission));
        if !allowed || (tab.path == LAST && !reads_journal) {
            continue;
        }
        let path = if tab.path.is_empty() { String::new() } else { format!("/{}", tab.path) };
        let mut shown = Tab::new(format!("/incidents/{}{path}", incident.id), page.say(&tab.label));
        if let Some(count) = tab.count {
            let count = count(&mut look.tx, incident).await?;
            // A nought beside a tab says nothing that the empty tab does not say better.
            shown = if count > 0 { shown.count(count) } else { shown };
        }
        tabs.push(shown.current(tab.path == current));
    }
    Ok(tabs)
}
