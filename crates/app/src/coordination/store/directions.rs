//! Directions of the board.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Direction, DirectionId};
use crate::incident::IncidentId;

/// The latest directions, newest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Direction>> {
    tx.all(
        sql!(
            "SELECT d.id, d.number, d.text, d.unit_id, d.person_id, COALESCE(u.name, p.name, '') AS addressee, d.due_at,
                    d.state, d.given_at, d.given_by, d.given_by_id, d.acknowledged_at, d.acknowledged_by, d.done_at,
                    d.done_by, d.answer, d.version
               FROM directions d
               LEFT JOIN units u ON u.id = d.unit_id
               LEFT JOIN people p ON p.id = d.person_id
              WHERE d.incident_id = $1
              ORDER BY d.number DESC, d.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &DirectionId) -> Result<Option<Direction>> {
    tx.one(
        sql!(
            "SELECT d.id, d.number, d.text, d.unit_id, d.person_id, COALESCE(u.name, p.name, '') AS addressee, d.due_at,
                    d.state, d.given_at, d.given_by, d.given_by_id, d.acknowledged_at, d.acknowledged_by, d.done_at,
                    d.done_by, d.answer, d.version
               FROM directions d
               LEFT JOIN units u ON u.id = d.unit_id
               LEFT JOIN people p ON p.id = d.person_id
              WHERE d.incident_id = $1 AND d.id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM directions WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, direction: &Direction) -> Result<()> {
    let it = direction;
    tx.run(
        sql!(
            "INSERT INTO directions
                 (id, incident_id, number, text, unit_id, person_id, due_at, state, given_at, given_by, given_by_id,
                  acknowledged_at, acknowledged_by, done_at, done_by, answer, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, '', NULL, '', '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            &it.text,
            &it.unit_id,
            &it.person_id,
            it.due_at,
            it.state,
            it.given_at,
            &it.given_by,
            &it.given_by_id,
        ],
    )
    .await?;
    Ok(())
}

/// Writes back what the addressee did, unless it changed since `version` was read.
pub async fn save(tx: &mut Tx, direction: &Direction) -> Result<u64> {
    let it = direction;
    tx.run(
        sql!(
            "UPDATE directions
                SET state = $3, acknowledged_at = $4, acknowledged_by = $5, done_at = $6, done_by = $7, answer = $8,
                    version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &it.id,
            it.version,
            it.state,
            it.acknowledged_at,
            &it.acknowledged_by,
            it.done_at,
            &it.done_by,
            &it.answer,
        ],
    )
    .await
}

pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM directions WHERE incident_id = $1"), args![incident]).await?;
    Ok(count.map_or(0, |(count,)| count))
}
