//! What waits for one reader, over all open incidents they take part in.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::actor::Scope;
use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

/// Something that waits, and where.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waits {
    pub incident_id: IncidentId,
    pub code: String,
    pub incident_title: String,
    /// The number or the name by which people speak of it.
    pub what: String,
    /// The unit or person that has it; empty where that is the reader.
    pub who: String,
    pub due_at: Option<Time>,
    pub since: Time,
}

/// A proposal, with the unit it waits for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WaitingProposal {
    #[sqlx(flatten)]
    pub waits: Waits,
    pub owner_unit_id: UnitId,
    pub owner_code: String,
}

/// Proposals before the owners among these units, the oldest first.
pub async fn proposals(tx: &mut Tx, owners: &Scope) -> Result<Vec<WaitingProposal>> {
    let head = "SELECT p.incident_id, i.code, i.title AS incident_title, o.title AS what, u.short_name AS who,
                       CAST(NULL AS BIGINT) AS due_at, p.proposed_at AS since, i.owner_unit_id, u.code AS owner_code
                  FROM option_proposals p
                  JOIN response_options o ON o.id = p.option_id
                  JOIN incidents i ON i.id = p.incident_id
                  JOIN units u ON u.id = i.owner_unit_id";
    let select = Select::new(head, []).and("p.state = 'waiting'", []).and("i.state = 'open'", []);
    let select = match owners.everywhere {
        true => select,
        false => select.and_in("i.owner_unit_id", owners.units.iter().map(Into::into)),
    };
    tx.select(select.tail("ORDER BY p.proposed_at, p.id LIMIT 200", [])).await
}

/// The functions that the owner's unit plays in each of these incidents.
pub async fn owner_functions(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<(IncidentId, String)>> {
    let head = "SELECT iu.incident_id, iu.function
                  FROM incident_units iu JOIN incidents i ON i.id = iu.incident_id AND i.owner_unit_id = iu.unit_id";
    let select = Select::new(head, []).and_in("iu.incident_id", incidents.iter().map(Into::into));
    tx.select(select.tail("ORDER BY iu.incident_id, iu.function, iu.id LIMIT 2000", [])).await
}

/// Calls that a person has not answered, the earliest meeting first.
pub async fn calls(tx: &mut Tx, person: &PersonId, limit: i64) -> Result<Vec<Waits>> {
    tx.all(
        sql!(
            "SELECT p.incident_id, i.code, i.title AS incident_title, s.place AS what, '' AS who, s.meet_at AS due_at,
                    p.called_at AS since
               FROM summoned_people p
               JOIN summonses s ON s.id = p.summons_id
               JOIN incidents i ON i.id = p.incident_id
              WHERE p.person_id = $1 AND p.state = 'called' AND i.state = 'open'
              ORDER BY s.meet_at, p.id
              LIMIT $2"
        ),
        args![person, limit],
    )
    .await
}

/// Requests that a person sent to units of ours and that are not answered, the earliest due first.
pub async fn requests_sent(tx: &mut Tx, person: &PersonId, limit: i64) -> Result<Vec<Waits>> {
    tx.all(
        sql!(
            "SELECT r.incident_id, i.code, i.title AS incident_title, r.text AS what, u.short_name AS who, r.due_at,
                    r.sent_at AS since
               FROM unit_requests r
               JOIN incidents i ON i.id = r.incident_id
               JOIN units u ON u.id = r.unit_id
              WHERE r.sent_by_id = $1 AND r.state IN ('sent', 'accepted') AND i.state = 'open' AND u.outside = FALSE
              ORDER BY CASE WHEN r.due_at IS NULL THEN 1 ELSE 0 END, r.due_at, r.id
              LIMIT $2"
        ),
        args![person, limit],
    )
    .await
}

/// Directions that a person gave and that nobody acknowledged, or that are late, the earliest due first.
pub async fn directions_given(tx: &mut Tx, person: &PersonId, now: Time, limit: i64) -> Result<Vec<Waits>> {
    tx.all(
        sql!(
            "SELECT d.incident_id, i.code, i.title AS incident_title, d.text AS what,
                    COALESCE(u.short_name, p.name, '') AS who, d.due_at, d.given_at AS since
               FROM directions d
               JOIN incidents i ON i.id = d.incident_id
               LEFT JOIN units u ON u.id = d.unit_id
               LEFT JOIN people p ON p.id = d.person_id
              WHERE d.given_by_id = $1 AND i.state = 'open'
                AND (d.state = 'given' OR (d.state = 'acknowledged' AND d.due_at < $2))
              ORDER BY CASE WHEN d.due_at IS NULL THEN 1 ELSE 0 END, d.due_at, d.id
              LIMIT $3"
        ),
        args![person, now, limit],
    )
    .await
}

/// What an incident waits for a word about: the section that shows it, what, and the unit that is asked.
pub async fn asked_in(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String, String, String)>> {
    tx.all(
        sql!(
            "SELECT section, what, who FROM (
                 SELECT 'options' AS section, o.title AS what, u.name AS who, p.proposed_at AS since, p.id
                   FROM option_proposals p
                   JOIN response_options o ON o.id = p.option_id
                   JOIN incidents i ON i.id = p.incident_id
                   JOIN units u ON u.id = i.owner_unit_id
                  WHERE p.incident_id = $1 AND p.state = 'waiting'
                 UNION ALL
                 SELECT 'statement', s.title, '', COALESCE(s.submitted_at, s.written_at), s.id
                   FROM statements s WHERE s.incident_id = $1 AND s.state = 'submitted'
             ) AS asked ORDER BY since, id LIMIT 50"
        ),
        args![incident],
    )
    .await
}

/// Statements that wait for approval in incidents in which these units take part, the oldest first.
pub async fn statements(tx: &mut Tx, scope: &Scope, limit: i64) -> Result<Vec<Waits>> {
    let head =
        "SELECT s.incident_id, i.code, i.title AS incident_title, s.title AS what, '' AS who, CAST(NULL AS BIGINT) AS due_at,
                       COALESCE(s.submitted_at, s.written_at) AS since
                  FROM statements s JOIN incidents i ON i.id = s.incident_id";
    let select = Select::new(head, []).and("s.state = 'submitted'", []).and("i.state = 'open'", []);
    let select = match scope.everywhere {
        true => select,
        false => select.and_in_group(
            "EXISTS (SELECT 1 FROM incident_units iu WHERE iu.incident_id = i.id AND iu.unit_id",
            [],
            scope.units.iter().map(Into::into),
            ")",
        ),
    };
    tx.select(select.tail("ORDER BY s.submitted_at, s.id LIMIT ?", args![limit])).await
}
