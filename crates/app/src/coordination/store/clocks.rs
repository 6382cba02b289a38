//! SQL about what is due between people, and about who was told when.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

/// Something that people ask of one another.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct About {
    /// `request` (to a unit of ours), `reply` (of an outside body), `direction`, `decision` (one word that it needs),
    /// `situation` (one report), `callout` (one try to reach somebody).
    pub kind: String,
    /// Unique within its kind, and the same as long as it is the same thing.
    pub id: String,
    pub what: String,
    /// To whom it was sent, or who is to be reached.
    pub who: String,
    pub unit_id: Option<UnitId>,
    pub person_id: Option<PersonId>,
    pub due_at: Option<Time>,
    pub since: Time,
    pub done_at: Option<Time>,
}

/// What waits or was carried out in an incident; what was declined or taken back waits no more. Of the situation reports
/// the latest and the next are told, of the calls every one that had a limit.
pub async fn about(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<About>> {
    tx.all(
        sql!(
            "SELECT due.kind, due.id, due.what, due.who, due.unit_id, due.person_id, due.due_at, due.since, due.done_at
               FROM (SELECT CASE WHEN u.outside THEN 'reply' ELSE 'request' END AS kind, r.id, r.text AS what,
                            u.short_name AS who, r.unit_id,
                            CASE WHEN u.outside THEN r.sent_by_id END AS person_id, r.due_at, r.sent_at AS since,
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
                      WHERE d.incident_id = $1
                     UNION ALL
                     SELECT 'decision', w.id, d.what, w.name, NULL, COALESCE(w.person_id, d.noted_by_id), d.due_at,
                            d.noted_at, CASE WHEN w.word <> 'asked' THEN w.said_at END
                       FROM decision_words w JOIN decisions d ON d.id = w.decision_id
                      WHERE w.incident_id = $1 AND (d.state = 'open' OR w.word <> 'asked')
                     UNION ALL
                     SELECT 'situation', '#' || CAST(s.number AS TEXT), CAST(s.number AS TEXT), '', NULL, NULL, s.due_at,
                            COALESCE((SELECT MAX(e.published_at) FROM situation_reports e
                                       WHERE e.incident_id = $1 AND e.state = 'published' AND e.number < s.number),
                                     s.written_at), s.published_at
                       FROM situation_reports s
                      WHERE s.incident_id = $1 AND s.state = 'published' AND s.due_at IS NOT NULL
                        AND s.number = (SELECT MAX(l.number) FROM situation_reports l
                                         WHERE l.incident_id = $1 AND l.state = 'published')
                     UNION ALL
                     SELECT 'situation', '#' || CAST(COALESCE(l.number, 0) + 1 AS TEXT),
                            CAST(COALESCE(l.number, 0) + 1 AS TEXT), '', NULL, NULL, h.due_at,
                            COALESCE(l.published_at, h.set_at), NULL
                       FROM situation_rhythms h
                       LEFT JOIN (SELECT MAX(number) AS number, MAX(published_at) AS published_at
                                    FROM situation_reports WHERE incident_id = $1 AND state = 'published') l ON TRUE
                      WHERE h.incident_id = $1 AND h.due_at IS NOT NULL
                     UNION ALL
                     SELECT 'callout', t.summoned_id || '#' || CAST((SELECT COUNT(*) FROM summons_tries e
                                                                      WHERE e.incident_id = $1
                                                                        AND e.summoned_id = t.summoned_id
                                                                        AND e.id < t.id) AS TEXT),
                            '', p.name, NULL, NULL, t.due_at,
                            COALESCE((SELECT MAX(e.tried_at) FROM summons_tries e
                                       WHERE e.incident_id = $1 AND e.summoned_id = t.summoned_id AND e.id < t.id),
                                     s.called_at), t.tried_at
                       FROM summons_tries t
                       JOIN summoned_people s ON s.id = t.summoned_id
                       JOIN people p ON p.id = s.person_id
                      WHERE t.incident_id = $1 AND t.due_at IS NOT NULL
                     UNION ALL
                     SELECT 'callout', s.id || '#' || CAST((SELECT COUNT(*) FROM summons_tries e
                                                             WHERE e.incident_id = $1 AND e.summoned_id = s.id) AS TEXT),
                            '', p.name, NULL, NULL, s.due_at,
                            COALESCE((SELECT MAX(e.tried_at) FROM summons_tries e
                                       WHERE e.incident_id = $1 AND e.summoned_id = s.id), s.called_at), NULL
                       FROM summoned_people s JOIN people p ON p.id = s.person_id
                      WHERE s.incident_id = $1 AND s.due_at IS NOT NULL) AS due
              ORDER BY due.since, due.id
              LIMIT 2000"
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
