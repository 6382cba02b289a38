//! What the cards of open incidents read beside the incidents themselves: one statement each, however many there are.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use crate::incident::IncidentId;

/// Something in an incident that has a time limit.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DueRow {
    /// `task`, `removal`, `request` or `direction`.
    pub kind: String,
    pub incident_id: IncidentId,
    pub id: String,
    /// The step of a task.
    pub step: String,
    pub what: String,
    /// To whom it was sent.
    pub who: String,
    pub due_at: Time,
}

/// Tasks, temporary measures, requests and directions with a time limit in these incidents, the earliest first.
pub async fn list_due(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<DueRow>> {
    let head = "SELECT due.kind, due.incident_id, due.id, due.step, due.what, due.who, due.due_at FROM (
        SELECT 'task' AS kind, t.incident_id, t.id, t.step, t.title AS what, '' AS who, t.due_at
          FROM incident_tasks t WHERE t.state = 'open' AND t.due_at IS NOT NULL
        UNION ALL
        SELECT 'removal', m.incident_id, m.id, '', m.title, '', m.remove_by
          FROM measures m WHERE m.kind = 'containment' AND m.state = 'done' AND m.remove_by IS NOT NULL
        UNION ALL
        SELECT 'request', r.incident_id, r.id, '', r.text, u.short_name, r.due_at
          FROM unit_requests r JOIN units u ON u.id = r.unit_id
         WHERE r.state IN ('sent', 'accepted') AND r.due_at IS NOT NULL
        UNION ALL
        SELECT 'direction', d.incident_id, d.id, '', d.text, COALESCE(u.short_name, p.name, ''), d.due_at
          FROM directions d LEFT JOIN units u ON u.id = d.unit_id LEFT JOIN people p ON p.id = d.person_id
         WHERE d.state IN ('given', 'acknowledged') AND d.due_at IS NOT NULL
    ) AS due";
    let select = Select::new(head, []).and_in("due.incident_id", incidents.iter().map(Into::into));
    tx.select(select.tail("ORDER BY due.due_at, due.id LIMIT 500", [])).await
}

/// The harm noted in these incidents.
pub async fn list_harm(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<(IncidentId, String)>> {
    let select = Select::new("SELECT n.incident_id, n.text FROM incident_narratives n", [])
        .and_in("n.incident_id", incidents.iter().map(Into::into))
        .and("n.key = 'harm'", []);
    tx.select(select.tail("ORDER BY n.incident_id, n.id LIMIT 500", [])).await
}
