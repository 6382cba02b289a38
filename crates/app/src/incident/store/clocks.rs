//! SQL about what is due in an incident by its own records, in one question.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

/// A task, a measure to be taken back, or a lesson.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DueRow {
    /// `task`, `removal` or `lesson`.
    pub kind: String,
    pub id: String,
    pub code: String,
    pub incident_title: String,
    pub incident_open: bool,
    /// The step of a task.
    pub step: String,
    pub what: String,
    pub person_id: Option<PersonId>,
    /// The unit that operates what was hit.
    pub unit_id: UnitId,
    pub due_at: Option<Time>,
    pub since: Time,
    pub done_at: Option<Time>,
}

/// Everything of an incident that is or was to be done, except what was given up.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<DueRow>> {
    tx.all(
        sql!(
            "SELECT due.kind, due.id, i.code, i.title AS incident_title, i.state = 'open' AS incident_open, due.step,
                    due.what, due.person_id, i.unit_id, due.due_at, due.since, due.done_at
               FROM (SELECT 'task' AS kind, t.id, t.incident_id, t.step, t.title AS what, t.assignee_id AS person_id,
                            t.due_at, t.created_at AS since, CASE WHEN t.state = 'done' THEN t.ended_at END AS done_at
                       FROM incident_tasks t
                      WHERE t.incident_id = $1 AND t.state IN ('open', 'done')
                     UNION ALL
                     SELECT 'removal', m.id, m.incident_id, '', m.title, NULL, m.remove_by,
                            COALESCE(m.done_at, m.created_at), CASE WHEN m.state = 'removed' THEN m.removed_at END
                       FROM measures m
                      WHERE m.incident_id = $1 AND m.kind = 'containment' AND m.remove_by IS NOT NULL
                        AND m.state IN ('done', 'removed')
                     UNION ALL
                     SELECT 'lesson', l.id, l.incident_id, '', l.text, l.owner_id, l.due_at, l.created_at,
                            CASE WHEN l.state = 'done' THEN l.ended_at END
                       FROM lessons l
                      WHERE l.incident_id = $1 AND l.state IN ('open', 'done')) AS due
               JOIN incidents i ON i.id = due.incident_id
              ORDER BY due.since, due.id
              LIMIT 3000"
        ),
        args![incident],
    )
    .await
}
