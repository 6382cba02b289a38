//! Requests to other units and what they answered.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Reminder, Reply, RequestId, UnitRequest};
use crate::incident::IncidentId;

/// The latest requests, newest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<UnitRequest>> {
    tx.all(
        sql!(
            "SELECT r.id, r.number, r.unit_id, u.name AS unit_name, u.outside, r.kind, r.text, r.due_at, r.state, r.sent_at,
                    r.sent_by, r.sent_by_id, r.from_unit_id, r.answered_at, r.closed_at, r.closed_by, r.version
               FROM unit_requests r JOIN units u ON u.id = r.unit_id
              WHERE r.incident_id = $1
              ORDER BY r.number DESC, r.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &RequestId) -> Result<Option<UnitRequest>> {
    tx.one(
        sql!(
            "SELECT r.id, r.number, r.unit_id, u.name AS unit_name, u.outside, r.kind, r.text, r.due_at, r.state, r.sent_at,
                    r.sent_by, r.sent_by_id, r.from_unit_id, r.answered_at, r.closed_at, r.closed_by, r.version
               FROM unit_requests r JOIN units u ON u.id = r.unit_id
              WHERE r.incident_id = $1 AND r.id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM unit_requests WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, request: &UnitRequest) -> Result<()> {
    let it = request;
    tx.run(
        sql!(
            "INSERT INTO unit_requests
                 (id, incident_id, number, unit_id, kind, text, due_at, state, sent_at, sent_by, sent_by_id, from_unit_id,
                  answered_at, closed_at, closed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            &it.unit_id,
            &it.kind,
            &it.text,
            it.due_at,
            it.state,
            it.sent_at,
            &it.sent_by,
            &it.sent_by_id,
            &it.from_unit_id,
        ],
    )
    .await?;
    Ok(())
}

/// Writes back where a request stands, unless it changed since `version` was read.
pub async fn save(tx: &mut Tx, request: &UnitRequest) -> Result<u64> {
    let it = request;
    tx.run(
        sql!(
            "UPDATE unit_requests
                SET state = $3, answered_at = $4, closed_at = $5, closed_by = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.state, it.answered_at, it.closed_at, &it.closed_by],
    )
    .await
}

/// What was said to every request of an incident, in order.
pub async fn list_replies(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Reply>> {
    tx.all(
        sql!(
            "SELECT id, request_id, kind, text, channel, said_at, said_by
               FROM request_replies WHERE incident_id = $1 ORDER BY said_at, id LIMIT 1000"
        ),
        args![incident],
    )
    .await
}

pub async fn insert_reply(tx: &mut Tx, incident: &IncidentId, reply: &Reply) -> Result<()> {
    let it = reply;
    tx.run(
        sql!(
            "INSERT INTO request_replies (id, incident_id, request_id, kind, text, channel, said_at, said_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![&it.id, incident, &it.request_id, it.kind, &it.text, &it.channel, it.said_at, &it.said_by],
    )
    .await?;
    Ok(())
}

/// Every reminder of an incident's requests, in order.
pub async fn list_reminders(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Reminder>> {
    tx.all(
        sql!(
            "SELECT id, request_id, text, reminded_at, reminded_by
               FROM request_reminders WHERE incident_id = $1 ORDER BY reminded_at, id LIMIT 1000"
        ),
        args![incident],
    )
    .await
}

/// When a request was last called to mind.
pub async fn last_reminder(tx: &mut Tx, incident: &IncidentId, request: &RequestId) -> Result<Option<Time>> {
    let last: Option<(Time,)> = tx
        .one(
            sql!(
                "SELECT reminded_at FROM request_reminders
                  WHERE incident_id = $1 AND request_id = $2 ORDER BY reminded_at DESC, id DESC LIMIT 1"
            ),
            args![incident, request],
        )
        .await?;
    Ok(last.map(|(at,)| at))
}

pub async fn insert_reminder(tx: &mut Tx, incident: &IncidentId, reminder: &Reminder) -> Result<()> {
    let it = reminder;
    tx.run(
        sql!(
            "INSERT INTO request_reminders (id, incident_id, request_id, text, reminded_at, reminded_by)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        args![&it.id, incident, &it.request_id, &it.text, it.reminded_at, &it.reminded_by],
    )
    .await?;
    Ok(())
}

pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM unit_requests WHERE incident_id = $1"), args![incident]).await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// What still waits for somebody in this incident: a proposal, directions, answers to requests, statements,
/// decisions.
pub async fn count_waiting(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM (
                     SELECT id FROM option_proposals WHERE incident_id = $1 AND state = 'waiting'
                     UNION ALL
                     SELECT id FROM directions WHERE incident_id = $1 AND state <> 'done'
                     UNION ALL
                     SELECT id FROM unit_requests WHERE incident_id = $1 AND state IN ('sent', 'accepted')
                     UNION ALL
                     SELECT id FROM statements WHERE incident_id = $1 AND state = 'submitted'
                     UNION ALL
                     SELECT id FROM decisions WHERE incident_id = $1 AND state = 'open'
                 ) AS waiting"
            ),
            args![incident],
        )
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}
