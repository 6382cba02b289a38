//! What waits for someone in their incidents: the steps they lead, their tasks and the lessons they are to put into
//! practice. Also the counts beside the navigation and the tabs.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::flow::StepState;
use super::model::{Incident, Standing, standing};
use super::store::lists::{self, Filter};
use super::store::{events, overview, todo};
use crate::feature::{WAITING, WaitingItem};
use crate::work::Look;

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

/// Open steps that the reader leads, in the latest incidents they may see.
pub fn steps(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let app = look.app.clone();
        let procedure = &app.pack.procedure;
        let actor = look.actor.clone();
        // Who leads nothing anywhere need not be looked up.
        if procedure.steps.iter().all(|step| step.lead.iter().all(|lead| actor.function_scope(lead).is_empty())) {
            return Ok(Vec::new());
        }
        let open = Filter { state: Some(super::model::IncidentState::Open), ..Filter::default() };
        let incidents = lists::list(&mut look.tx, &actor, &open, WAITING).await?;
        let ids: Vec<_> = incidents.iter().map(|incident| incident.id.clone()).collect();
        let units = todo::units_of(&mut look.tx, &ids).await?;
        let rows = todo::open_steps_of(&mut look.tx, &ids).await?;
        let mut items = Vec::new();
        for row in rows.iter().filter(|row| row.state == StepState::Open) {
            let Some(step) = procedure.step(&row.step) else { continue };
            let Some(incident) = incidents.iter().find(|incident| incident.id == row.incident_id) else { continue };
            let playing: Vec<_> =
                units.iter().filter(|unit| unit.0 == row.incident_id).map(|unit| unit.1.clone()).collect();
            if standing(&actor, &playing, step) < Standing::Leads {
                continue;
            }
            let (number, short) = (&step.number, step.short.text());
            let (vi, en) = (&short.vi, &short.en);
            items.push(WaitingItem {
                title: text!("Bước {number}: {vi}", "Step {number}: {en}"),
                detail: format!("{} {}", incident.code, incident.title),
                url: format!("/incidents/{}/steps/{}", incident.id, step.id),
                due: None,
                since: row.opened_at.unwrap_or(incident.opened_at),
            });
        }
        items.truncate(usize::try_from(WAITING).unwrap_or(50));
        Ok(items)
    })
}

/// The reader's open tasks, and those with a time limit that nobody has taken yet.
pub fn tasks(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let actor = look.actor.clone();
        let mut rows = todo::my_tasks(&mut look.tx, &actor.person_id, WAITING).await?;
        rows.extend(todo::free_tasks(&mut look.tx, &actor, WAITING).await?);
        Ok(items(rows, |row| match row.mine {
            true => Text::same(row.title.clone()),
            false => {
                let title = &row.title;
                text!("Chưa ai nhận: {title}", "Nobody's yet: {title}")
            }
        }))
    })
}

/// Lessons that the reader is to put into practice, and those with a time limit that nobody has taken yet.
pub fn lessons(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let actor = look.actor.clone();
        let mut rows = todo::my_lessons(&mut look.tx, &actor.person_id, WAITING).await?;
        rows.extend(todo::free_lessons(&mut look.tx, &actor, WAITING).await?);
        Ok(items(rows, |row| {
            let title = short(&row.title);
            text!("Bài học: {title}", "Lesson: {title}")
        }))
    })
}

fn items(rows: Vec<todo::Todo>, title: impl Fn(&todo::Todo) -> Text) -> Vec<WaitingItem> {
    let item = |row: &todo::Todo| WaitingItem {
        title: title(row),
        detail: format!("{} {}", row.code, row.incident_title),
        url: match row.step.is_empty() {
            true => format!("/incidents/{}/steps", row.incident_id),
            false => format!("/incidents/{}/steps/{}", row.incident_id, row.step),
        },
        due: row.due_at,
        since: row.since,
    };
    rows.iter().map(item).take(usize::try_from(WAITING).unwrap_or(50)).collect()
}

/// The first line, cut where a list would cut it anyway.
fn short(words: &str) -> String {
    let line = words.lines().next().unwrap_or_default();
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
