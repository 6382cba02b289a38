//! Who speaks, and what is said to the press.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Publication, Spokesperson, Statement, StatementId};
use crate::incident::IncidentId;

/// Everyone who was named to speak, the latest first.
pub async fn list_spokespersons(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Spokesperson>> {
    tx.all(
        sql!(
            "SELECT s.id, s.person_id, p.name, u.name AS unit_name, p.phone, s.decision, s.valid_from, s.valid_to,
                    s.named_at, s.named_by, s.ended_at, s.ended_by, s.version
               FROM spokespersons s
               JOIN people p ON p.id = s.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE s.incident_id = $1
              ORDER BY s.named_at DESC, s.id DESC
              LIMIT 50"
        ),
        args![incident],
    )
    .await
}

pub async fn insert_spokesperson(tx: &mut Tx, incident: &IncidentId, named: &Spokesperson) -> Result<()> {
    let it = named;
    tx.run(
        sql!(
            "INSERT INTO spokespersons
                 (id, incident_id, person_id, decision, valid_from, valid_to, named_at, named_by, ended_at, ended_by,
                  version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, '', 1)"
        ),
        args![&it.id, incident, &it.person_id, &it.decision, it.valid_from, it.valid_to, it.named_at, &it.named_by,],
    )
    .await?;
    Ok(())
}

pub async fn end_spokesperson(tx: &mut Tx, named: &Spokesperson) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE spokespersons SET ended_at = $3, ended_by = $4, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&named.id, named.version, named.ended_at, &named.ended_by],
    )
    .await
}

pub async fn count_spokespersons(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(sql!("SELECT COUNT(*) FROM spokespersons WHERE incident_id = $1 AND ended_at IS NULL"), args![incident])
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Every version of every statement: the latest statement first, within it the latest version.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Statement>> {
    tx.all(
        sql!(
            "SELECT id, number, n, title, text, state, written_at, written_by, submitted_at, submitted_by,
                    submitted_by_id, answer, answered_at, answered_by, version,
                    written_by_id
               FROM statements WHERE incident_id = $1 ORDER BY number DESC, n DESC, id LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &StatementId) -> Result<Option<Statement>> {
    tx.one(
        sql!(
            "SELECT id, number, n, title, text, state, written_at, written_by, submitted_at, submitted_by,
                    submitted_by_id, answer, answered_at, answered_by, version,
                    written_by_id
               FROM statements WHERE incident_id = $1 AND id = $2"
        ),
        args![incident, id],
    )
    .await
}

/// The number of the latest statement; 0 when there is none.
pub async fn last_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let last: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM statements WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(last.map_or(0, |(number,)| number))
}

/// The latest version of a statement.
pub async fn last_version(tx: &mut Tx, incident: &IncidentId, number: i64) -> Result<i64> {
    let last: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(n), 0) AS BIGINT) FROM statements WHERE incident_id = $1 AND number = $2"),
            args![incident, number],
        )
        .await?;
    Ok(last.map_or(0, |(n,)| n))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, statement: &Statement) -> Result<()> {
    let it = statement;
    tx.run(
        sql!(
            "INSERT INTO statements
                 (id, incident_id, number, n, title, text, state, written_at, written_by, submitted_at, submitted_by,
                  submitted_by_id, answer, answered_at, answered_by, version, written_by_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, '', NULL, '', NULL, '', 1, $10)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            it.n,
            &it.title,
            &it.text,
            it.state,
            it.written_at,
            &it.written_by,
            &it.written_by_id,
        ],
    )
    .await?;
    Ok(())
}

/// Writes a version back, unless it changed since `version` was read.
pub async fn save(tx: &mut Tx, statement: &Statement) -> Result<u64> {
    let it = statement;
    tx.run(
        sql!(
            "UPDATE statements
                SET title = $3, text = $4, state = $5, written_at = $6, written_by = $7, submitted_at = $8,
                    submitted_by = $9, submitted_by_id = $10, answer = $11, answered_at = $12, answered_by = $13,
                    written_by_id = $14, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &it.id,
            it.version,
            &it.title,
            &it.text,
            it.state,
            it.written_at,
            &it.written_by,
            it.submitted_at,
            &it.submitted_by,
            &it.submitted_by_id,
            &it.answer,
            it.answered_at,
            &it.answered_by,
            &it.written_by_id,
        ],
    )
    .await
}

/// Where statements came out, the latest first.
pub async fn list_publications(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Publication>> {
    tx.all(
        sql!(
            "SELECT id, statement_id, place, published_at, recorded_at, recorded_by
               FROM statement_publications WHERE incident_id = $1 ORDER BY published_at DESC, id LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn insert_publication(tx: &mut Tx, incident: &IncidentId, publication: &Publication) -> Result<()> {
    let it = publication;
    tx.run(
        sql!(
            "INSERT INTO statement_publications
                 (id, incident_id, statement_id, place, published_at, recorded_at, recorded_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        args![&it.id, incident, &it.statement_id, &it.place, it.published_at, it.recorded_at, &it.recorded_by],
    )
    .await?;
    Ok(())
}
