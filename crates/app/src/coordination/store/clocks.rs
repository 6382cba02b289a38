//! SQL about what is due between people, and about who was told when.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

/// A request or a direction.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct About {
    /// `request` or `direction`.
    pub kind: String,
    pub id: String,
    pub what: String,
    /// To whom it was sent.
    pub who: String,
    pub unit_id: Option<UnitId>,
    pub person_id: Option<PersonId>,
    pub due_at: Option<Time>,
    pub since: Time,
    pub done_at: Option<Time>,
}

/// Requests and directions of an incident that wait or were carried out; one that was declined waits no more.
pub async fn about(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<About>> {
    tx.all(
        sql!(
            "SELECT due.kind, due.id, due.what, due.who, due.unit_id, due.person_id, due.due_at, due.since, due.done_at
               FROM (SELECT 'request' AS kind, r.id, r.text AS what, u.short_name AS who, r.unit_id,
                            CAST(NULL AS TEXT) AS person_id, r.due_at, r.sent_at AS since,
                            CASE WHEN r.state IN ('answered', 'closed') THEN COALESCE(r.answered_at, r.closed_at)
                                 END AS done_at
                       FROM unit_requests r JOIN units u ON u.id = r.unit_id
                      WHERE r.incident_id = $1 AND r.state <> 'declined'
                     UNION ALL
                     SELECT 'direction', d.id, d.text, COALESCE(u.short_name, p.name, ''), d.unit_id, d.person_id,
                            d.due_at, d.given_at, d.done_at
                       FROM directions d
                       LEFT JOIN units u ON u.id = d.unit_id
                       LEFT JOIN people p ON p.id = d.person_id
                      WHERE d.incident_id = $1) AS due
              ORDER BY due.since, due.id
              LIMIT 1000"
        ),
        args![incident],
    )
    .await
}

/// A telling that stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Told {
    pub unit_id: Option<UnitId>,
    pub rule: String,
    pub told_at: Time,
}

/// Who was told under which rule and when, without what was struck. By letter somebody is told once the mail server has
/// taken it, and not if it came back; a recipient who confirmed has it whatever the mail server said.
pub async fn told(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Told>> {
    tx.all(
        sql!(
            "SELECT t.unit_id, t.rule, t.told_at
               FROM (SELECT d.id, d.unit_id, d.rule,
                            CASE WHEN s.letter_id IS NULL THEN d.told_at
                                 WHEN p.state = 'sent' THEN p.changed_at
                                 ELSE s.acknowledged_at END AS told_at
                       FROM disclosures d
                       LEFT JOIN report_sends s ON s.disclosure_id = d.id
                       LEFT JOIN postings p ON p.id = s.letter_id
                      WHERE d.incident_id = $1 AND d.sort = 'told' AND d.struck = FALSE) AS t
              WHERE t.told_at IS NOT NULL
              ORDER BY t.told_at, t.id LIMIT 5000"
        ),
        args![incident],
    )
    .await
}

/// When the latest round of a step was finished; none while it is open.
pub async fn ended_at(tx: &mut Tx, incident: &IncidentId, step: &str) -> Result<Option<Time>> {
    let found: Option<(Option<Time>,)> = tx
        .one(
            sql!(
                "SELECT CASE WHEN s.state = 'done' THEN s.ended_at END FROM incident_steps s
                  WHERE s.incident_id = $1 AND s.step = $2
                  ORDER BY s.round DESC, s.id LIMIT 1"
            ),
            args![incident, step],
        )
        .await?;
    Ok(found.and_then(|(at,)| at))
}
