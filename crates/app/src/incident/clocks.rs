//! What is due in an incident by its own records: tasks, temporary measures to be taken back, lessons.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, brief};

use super::IncidentId;
use super::store::clocks as store;
use crate::deadline::{Asked, Claim, ClockSource, Done};

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 120;

/// The kinds of things it claims.
const KINDS: &[(&str, Text)] = &[
    ("task", Text::new("Việc được giao", "Task")),
    ("removal", Text::new("Gỡ biện pháp tạm", "Measure to take back")),
    ("lesson", Text::new("Bài học, biện pháp", "Lesson")),
];

/// What this feature claims to be due.
pub fn source() -> ClockSource {
    ClockSource { stream: "incident:", kinds: KINDS, claims }
}

fn claims<'a>(tx: &'a mut Tx, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Vec<Claim>>> {
    Box::pin(async move {
        let id = IncidentId(asked.stream.trim_start_matches("incident:").to_owned());
        let rows = store::list(tx, &id).await?;
        let procedure = &asked.app.pack.procedure;
        let contains =
            |step: &&crate::pack::Step| step.sections.iter().any(|section| section == "measures:containment");
        let step = procedure.steps.iter().find(contains).map(|step| step.id.as_str()).unwrap_or_default();
        Ok(rows.into_iter().filter_map(|row| claim(row, &id, step)).collect())
    })
}

fn claim(row: store::DueRow, id: &IncidentId, containment: &str) -> Option<Claim> {
    let what = brief(&row.what, SHORT);
    let (source, title, url, unit) = match row.kind.as_str() {
        // Work on a closed incident is over; lessons outlive it.
        "task" | "removal" if !row.incident_open && row.done_at.is_none() => return None,
        "task" => {
            let url = format!("/incidents/{id}/steps/{}#task-{}", row.step, row.id);
            // Nobody's yet: the unit whose system it is hears of it.
            let unit = row.person_id.is_none().then(|| row.unit_id.clone());
            ("task", Text::same(what), url, unit)
        }
        "removal" => {
            let url = format!("/incidents/{id}/steps/{containment}#section-measures-containment");
            let title = text!("Gỡ bỏ biện pháp tạm: {what}", "Take back the temporary measure: {what}");
            ("removal", title, url, Some(row.unit_id.clone()))
        }
        _ => {
            let unit = row.person_id.is_none().then(|| row.unit_id.clone());
            ("lesson", text!("Bài học: {what}", "Lesson: {what}"), format!("/incidents/{id}/steps"), unit)
        }
    };
    Some(Claim {
        source,
        key: row.id,
        title: Some(title),
        subject: format!("{} {}", row.code, row.incident_title),
        url,
        incident_id: Some(id.clone()),
        unit_id: unit,
        person_id: row.person_id,
        starts_at: row.since,
        due_at: row.due_at,
        done: row.done_at.map_or(Done::NotYet, Done::At),
        ..Claim::default()
    })
}
