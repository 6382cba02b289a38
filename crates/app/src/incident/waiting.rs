//! What waits for someone in their incidents: the steps they lead, tasks and lessons that nobody has taken yet. What is
//! theirs already waits with the other time limits. Also the counts beside the navigation and the tabs.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, brief};
use ungcuu_kit::time::Time;

use super::flow::StepState;
use super::model::{Incident, IncidentId, IncidentUnit, Standing, may_manage, standing};
use super::store::{events, lists, lookup, overview, todo};
use crate::actor::Actor;
use crate::feature::{TakeUp, WAITING, WaitingItem, WaitingKind};
use crate::pack::{Procedure, Step};
use crate::work::Look;

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 120;

/// How many open incidents there are for the reader; stops at 100.
pub fn count_open(look: &mut Look) -> BoxFuture<'_, Result<i64>> {
    Box::pin(async move {
        let actor = look.actor.clone();
        lists::count_open(&mut look.tx, &actor).await
    })
}

/// How many open tasks an incident has.
pub fn count_tasks<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move {
        let tasks = overview::open_tasks(tx, &incident.id).await?;
        Ok(tasks.iter().map(|(_, count)| count).sum())
    })
}

/// How many entries an incident's timeline has; stops at 1000.
pub fn count_events<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(events::count(tx, &incident.id))
}

/// The latest open incidents that the reader may see, with all that their part in each is told from.
pub struct Parts {
    pub incidents: Vec<Incident>,
    units: Vec<(IncidentId, IncidentUnit)>,
    steps: Vec<todo::StepOf>,
}

impl Parts {
    /// Three questions, however many incidents there are.
    pub async fn read(look: &mut Look) -> Result<Parts> {
        let actor = look.actor.clone();
        let incidents = lookup::list_open(&mut look.tx, &actor, WAITING).await?;
        let ids: Vec<_> = incidents.iter().map(|incident| incident.id.clone()).collect();
        let units = todo::units_of(&mut look.tx, &ids).await?;
        let steps = todo::steps_of(&mut look.tx, &ids).await?;
        Ok(Parts { incidents, units, steps })
    }

    /// The latest round of a step.
    fn step(&self, incident: &IncidentId, step: &str) -> Option<&todo::StepOf> {
        self.steps.iter().rev().find(|row| row.incident_id == *incident && row.step == step)
    }

    fn standing(&self, actor: &Actor, incident: &IncidentId, step: &Step) -> Standing {
        let here = self.units.iter().filter(|(id, _)| id == incident);
        standing(actor, &here.map(|(_, unit)| unit.clone()).collect::<Vec<_>>(), step)
    }

    /// The incidents in which the reader leads a step with this section that is open or behind us, and that step.
    pub fn led<'a>(&'a self, look: &Look, procedure: &'a Procedure, section: &str) -> Vec<(&'a Incident, &'a Step)> {
        let shows = |step: &&Step| step.sections.iter().any(|shown| shown == section);
        let begun = |incident: &Incident, step: &Step| {
            let state = self.step(&incident.id, &step.id).map(|row| row.state);
            matches!(state, Some(StepState::Open | StepState::Done))
        };
        let step_of = |incident: &'a Incident| {
            let mut steps = procedure.steps.iter().filter(shows).filter(|step| begun(incident, step));
            let step = steps.find(|step| self.standing(&look.actor, &incident.id, step) >= Standing::Leads);
            step.map(|step| (incident, step))
        };
        self.incidents.iter().filter_map(step_of).collect()
    }

    /// The units that lead a step of an incident, by their short names.
    pub fn leading(&self, incident: &IncidentId, step: &Step) -> String {
        let here = self.units.iter().filter(|(id, unit)| id == incident && step.lead.contains(&unit.function));
        let mut names: Vec<&str> = here.map(|(_, unit)| unit.unit_name.as_str()).collect();
        names.dedup();
        names.join(", ")
    }
}

/// Of these incidents, those whose facts the reader may change: who commands, among others.
pub async fn managed(look: &mut Look, ids: &[IncidentId]) -> Result<Vec<IncidentId>> {
    let units = todo::units_of(&mut look.tx, ids).await?;
    let manages = |id: &&IncidentId| {
        let here = units.iter().filter(|(incident, _)| incident == *id).map(|(_, unit)| unit.clone());
        may_manage(&look.actor, &here.collect::<Vec<_>>(), &look.app.pack.procedure)
    };
    Ok(ids.iter().filter(manages).cloned().collect())
}

/// Who leads no step anywhere need not be looked up.
pub fn leads_any(look: &Look) -> bool {
    let leads = |step: &Step| step.lead.iter().any(|lead| !look.actor.function_scope(lead).is_empty());
    look.app.pack.procedure.steps.iter().any(leads)
}

/// Open steps that the reader leads.
pub fn steps(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        if !leads_any(look) {
            return Ok(Vec::new());
        }
        let app = look.app.clone();
        let procedure = &app.pack.procedure;
        let parts = Parts::read(look).await?;
        let mut items = Vec::new();
        let open = parts.steps.iter().filter(|row| row.state == StepState::Open);
        let mut open: Vec<_> = open.filter_map(|row| Some((row, procedure.step(&row.step)?))).collect();
        open.sort_by_key(|(row, _)| row.opened_at);
        for (row, step) in open {
            let Some(incident) = parts.incidents.iter().find(|incident| incident.id == row.incident_id) else {
                continue;
            };
            if parts.standing(&look.actor, &incident.id, step) < Standing::Leads {
                continue;
            }
            let (number, short) = (&step.number, step.short.text());
            let (vi, en) = (&short.vi, &short.en);
            items.push(WaitingItem {
                kind: WaitingKind::Work,
                title: text!("Bước {number}: {vi}", "Step {number}: {en}"),
                detail: named(incident),
                who: parts.leading(&incident.id, step),
                url: format!("/incidents/{}/steps/{}", incident.id, step.id),
                due: None,
                since: row.opened_at.unwrap_or(incident.opened_at),
                take: None,
            });
        }
        items.truncate(WAITING as usize);
        Ok(items)
    })
}

/// Tasks with a time limit that nobody has taken yet; the reader's own wait with the other time limits.
pub fn tasks(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let actor = look.actor.clone();
        let free = todo::free_tasks(&mut look.tx, &actor, WAITING).await?;
        let takes = takes(look, &free).await?;
        let items = items(&free, |row| {
            let title = &row.title;
            text!("Chưa ai nhận: {title}", "Nobody's yet: {title}")
        });
        Ok(items.into_iter().zip(takes).map(|(item, take)| WaitingItem { take, ..item }).collect())
    })
}

/// For each task that is nobody's: the form by which the reader takes it, where they support its step and it is open.
async fn takes(look: &mut Look, free: &[todo::Todo]) -> Result<Vec<Option<TakeUp>>> {
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let app = look.app.clone();
    let ids: Vec<_> = free.iter().map(|row| row.incident_id.clone()).collect();
    let units = todo::units_of(&mut look.tx, &ids).await?;
    let steps = todo::steps_of(&mut look.tx, &ids).await?;
    let parts = Parts { incidents: Vec::new(), units, steps };
    let take = |row: &todo::Todo| {
        let step = app.pack.procedure.step(&row.step)?;
        let open = parts.step(&row.incident_id, &step.id).is_some_and(|at| at.state == StepState::Open);
        let supports = parts.standing(&look.actor, &row.incident_id, step) >= Standing::Supports;
        let due = row.due_at.map(Time::to_field).unwrap_or_default();
        let fields = [
            ("title", row.title.clone()),
            ("detail", row.detail.clone()),
            ("assignee", look.actor.person_id.to_string()),
            ("due_at", due),
            ("version", row.version.to_string()),
        ];
        (open && supports).then(|| TakeUp {
            url: format!("/incidents/{}/steps/{}/tasks/{}/edit", row.incident_id, row.step, row.id),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        })
    };
    Ok(free.iter().map(take).collect())
}

/// Lessons with a time limit that nobody has taken yet; the reader's own wait with the other time limits.
pub fn lessons(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let actor = look.actor.clone();
        let rows = todo::free_lessons(&mut look.tx, &actor, WAITING).await?;
        Ok(items(&rows, |row| {
            let title = brief(&row.title, SHORT);
            text!("Bài học: {title}", "Lesson: {title}")
        }))
    })
}

fn items(rows: &[todo::Todo], title: impl Fn(&todo::Todo) -> Text) -> Vec<WaitingItem> {
    let item = |row: &todo::Todo| WaitingItem {
        kind: WaitingKind::Work,
        title: title(row),
        detail: format!("{} {}", row.code, row.incident_title),
        who: String::new(),
        url: match row.step.is_empty() {
            true => format!("/incidents/{}/steps", row.incident_id),
            false => format!("/incidents/{}/steps/{}#task-{}", row.incident_id, row.step, row.id),
        },
        due: row.due_at,
        since: row.since,
        take: None,
    };
    rows.iter().map(item).take(WAITING as usize).collect()
}

fn named(incident: &Incident) -> String {
    format!("{} {}", incident.code, incident.title)
}
