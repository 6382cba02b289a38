//! What was decided and said in an incident, for its dossier and for the forms, read from the tables of the features that
//! keep it. One statement for each kind of thing, each bounded.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::sql;
use ungcuu_kit::time::Time;

use super::dossier::{Rows, rows};
use crate::incident::IncidentId;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OptionLine {
    pub number: i64,
    pub title: String,
    pub what: String,
    pub advantages: String,
    pub drawbacks: String,
    pub impact: String,
    pub effort: String,
    pub state: String,
}

pub async fn list_options(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<OptionLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT number, title, what, advantages, drawbacks, impact, effort, state
                   FROM response_options
                  WHERE incident_id = $1
                  ORDER BY number, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProposalLine {
    pub number: i64,
    pub option_number: i64,
    pub option_title: String,
    pub words: String,
    pub state: String,
    pub proposed_at: Time,
    pub proposed_by: String,
    pub answer: String,
    pub answered_at: Option<Time>,
    pub answered_by: String,
}

pub async fn list_proposals(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<ProposalLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT p.number, o.number AS option_number, o.title AS option_title, p.words, p.state, p.proposed_at,
                        p.proposed_by, p.answer, p.answered_at, p.answered_by
                   FROM option_proposals p JOIN response_options o ON o.id = p.option_id
                  WHERE p.incident_id = $1
                  ORDER BY p.number, p.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DirectionLine {
    pub number: i64,
    pub text: String,
    pub unit_name: Option<String>,
    pub person_name: Option<String>,
    pub due_at: Option<Time>,
    pub given_at: Time,
    pub given_by: String,
    pub acknowledged_at: Option<Time>,
    pub acknowledged_by: String,
    pub done_at: Option<Time>,
    pub done_by: String,
    pub answer: String,
}

pub async fn list_directions(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<DirectionLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT d.number, d.text, u.name AS unit_name, p.name AS person_name, d.due_at, d.given_at, d.given_by,
                        d.acknowledged_at, d.acknowledged_by, d.done_at, d.done_by, d.answer
                   FROM directions d
                   LEFT JOIN units u ON u.id = d.unit_id
                   LEFT JOIN people p ON p.id = d.person_id
                  WHERE d.incident_id = $1
                  ORDER BY d.number, d.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SummonedLine {
    pub number: i64,
    pub place: String,
    pub meet_at: Time,
    pub sent_at: Time,
    pub sent_by: String,
    pub name: String,
    pub unit_name: String,
    pub called_at: Time,
    pub acknowledged_at: Option<Time>,
    pub arrived_at: Option<Time>,
    pub declined_at: Option<Time>,
    pub reason: String,
}

pub async fn list_summoned(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<SummonedLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT s.number, s.place, s.meet_at, s.sent_at, s.sent_by, p.name, u.name AS unit_name, t.called_at,
                        t.acknowledged_at, t.arrived_at, t.declined_at, t.reason
                   FROM summoned_people t
                   JOIN summonses s ON s.id = t.summons_id
                   JOIN people p ON p.id = t.person_id
                   JOIN units u ON u.id = p.unit_id
                  WHERE t.incident_id = $1
                  ORDER BY s.number, p.name, t.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SpokespersonLine {
    pub name: String,
    pub title: String,
    pub unit_name: String,
    pub decision: String,
    pub valid_from: Time,
    pub valid_to: Option<Time>,
    pub named_at: Time,
    pub named_by: String,
}

pub async fn list_spokespersons(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<SpokespersonLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT p.name, p.title, u.name AS unit_name, s.decision, s.valid_from, s.valid_to, s.named_at, s.named_by
                   FROM spokespersons s
                   JOIN people p ON p.id = s.person_id
                   JOIN units u ON u.id = p.unit_id
                  WHERE s.incident_id = $1
                  ORDER BY s.named_at, s.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StatementLine {
    pub id: String,
    pub number: i64,
    pub n: i64,
    pub title: String,
    pub text: String,
    pub state: String,
    pub written_at: Time,
    pub written_by: String,
    pub answer: String,
    pub answered_at: Option<Time>,
    pub answered_by: String,
}

/// Statements as they went to whoever approves; drafts are nobody's word yet.
pub async fn list_statements(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<StatementLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT id, number, n, title, text, state, written_at, written_by, answer, answered_at, answered_by
                   FROM statements
                  WHERE incident_id = $1 AND state <> 'draft'
                  ORDER BY number, n, id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PublicationLine {
    pub statement_id: String,
    pub place: String,
    pub published_at: Time,
}

pub async fn list_publications(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<PublicationLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT statement_id, place, published_at FROM statement_publications
                  WHERE incident_id = $1 ORDER BY published_at, id LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DisclosureLine {
    pub sort: String,
    pub unit_id: Option<String>,
    pub unit_code: Option<String>,
    pub unit_name: Option<String>,
    pub party: String,
    pub kind: String,
    pub channel: String,
    pub text: String,
    pub tlp: String,
    pub told_at: Time,
    pub told_by: String,
    pub receipt: String,
    pub next_due: Option<Time>,
    pub struck: bool,
    pub struck_reason: String,
}

pub async fn list_disclosures(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<DisclosureLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT d.sort, d.unit_id, u.code AS unit_code, u.name AS unit_name, d.party, d.kind, d.channel, d.text,
                        d.tlp, d.told_at, d.told_by, d.receipt, d.next_due, d.struck, d.struck_reason
                   FROM disclosures d LEFT JOIN units u ON u.id = d.unit_id
                  WHERE d.incident_id = $1
                  ORDER BY d.told_at, d.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RequestLine {
    pub id: String,
    pub number: i64,
    pub unit_name: String,
    pub kind: String,
    pub text: String,
    pub due_at: Option<Time>,
    pub state: String,
    pub sent_at: Time,
    pub sent_by: String,
}

pub async fn list_requests(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<RequestLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT r.id, r.number, u.name AS unit_name, r.kind, r.text, r.due_at, r.state, r.sent_at, r.sent_by
                   FROM unit_requests r JOIN units u ON u.id = r.unit_id
                  WHERE r.incident_id = $1
                  ORDER BY r.number, r.id
                  LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReplyLine {
    pub request_id: String,
    pub kind: String,
    pub text: String,
    pub said_at: Time,
    pub said_by: String,
}

pub async fn list_replies(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<ReplyLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT request_id, kind, text, said_at, said_by FROM request_replies
                  WHERE incident_id = $1 ORDER BY said_at, id LIMIT $2"
        ),
    )
    .await
}
