//! All SQL of reports. What other features keep is read in [`facts`] and [`dossier`], never written.

pub mod dossier;
pub mod facts;
pub mod forms;
pub mod room;
pub mod said;
pub mod sends;

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::ReportId;
use super::model::{Report, ReportState, Review};
use crate::incident::IncidentId;
use crate::org::UnitId;

const SELECT: &str =
    "SELECT id, incident_id, form, ordinal, state, replaces_id, answers, recipients, signer, created_at,
       created_by, number, number_year, issued_at, issued_by, document, pdf, docx, journal_seq, journal_hash, version,
       review, review_words, submitted_at, submitted_by, reviewed_at, reviewed_by, capacity, signed, signed_name,
       signed_at, signed_by, signed_check
  FROM reports";

/// How many reports one incident shows. Nobody has written as many about anything.
pub const REPORTS: i64 = 300;

/// A report of this incident.
pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &ReportId) -> Result<Option<Report>> {
    let select = Select::new(SELECT, []).and("id = ?", args![id]).and("incident_id = ?", args![incident]);
    Ok(tx.select(select).await?.pop())
}

/// The reports of an incident, newest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Report>> {
    let select = Select::new(SELECT, [])
        .and("incident_id = ?", args![incident])
        .tail("ORDER BY created_at DESC, id DESC LIMIT ?", args![REPORTS]);
    tx.select(select).await
}

/// How many reports of a form stand issued; of all forms when none is named.
pub async fn count_issued(tx: &mut Tx, incident: &IncidentId, form: Option<&str>) -> Result<i64> {
    let select = Select::new("SELECT COUNT(*) FROM reports", [])
        .and("incident_id = ?", args![incident])
        .and("state = ?", args![ReportState::Issued]);
    let select = match form {
        Some(form) => select.and("form = ?", args![form]),
        None => select,
    };
    let counted: Vec<(i64,)> = tx.select(select).await?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}

/// How many reports an incident has, in whatever state.
pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let counted: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM reports WHERE incident_id = $1"), args![incident]).await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// How many reports of this form were begun, which is the ordinal of the last one.
pub async fn last_ordinal(tx: &mut Tx, incident: &IncidentId, form: &str) -> Result<i64> {
    let last: Option<(Option<i64>,)> = tx
        .one(sql!("SELECT MAX(ordinal) FROM reports WHERE incident_id = $1 AND form = $2"), args![incident, form])
        .await?;
    Ok(last.and_then(|(last,)| last).unwrap_or(0))
}

/// Whether some draft is to replace this report already.
pub async fn find_successor(tx: &mut Tx, id: &ReportId) -> Result<Option<ReportId>> {
    let found: Option<(ReportId,)> = tx
        .one(
            sql!("SELECT id FROM reports WHERE replaces_id = $1 AND review <> 'dropped' ORDER BY id LIMIT 1"),
            args![id],
        )
        .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn insert(tx: &mut Tx, report: &Report) -> Result<()> {
    let it = report;
    tx.run(
        sql!(
            "INSERT INTO reports
                 (id, incident_id, form, ordinal, state, replaces_id, answers, recipients, signer, created_at, created_by,
                  number, number_year, issued_at, issued_by, document, pdf, docx, journal_seq, journal_hash, version,
                  capacity)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', NULL, NULL, '', '', NULL, NULL, NULL, '', 1,
                     $12)"
        ),
        args![
            &it.id,
            &it.incident_id,
            &it.form,
            it.ordinal,
            it.state,
            &it.replaces_id,
            &it.answers,
            &it.recipients,
            &it.signer,
            it.created_at,
            &it.created_by,
            &it.capacity,
        ],
    )
    .await?;
    Ok(())
}

/// Writes the words of a draft back, and the number kept for it; 0 when it was changed or issued meanwhile.
pub async fn save(tx: &mut Tx, report: &Report) -> Result<u64> {
    let it = report;
    tx.run(
        sql!(
            "UPDATE reports
                SET answers = $3, recipients = $4, signer = $5, state = $6, number = $7, number_year = $8,
                    review = $9, review_words = $10, submitted_at = $11, submitted_by = $12, reviewed_at = $13,
                    reviewed_by = $14, capacity = $15, version = version + 1
              WHERE id = $1 AND version = $2 AND state IN ('draft', 'issuing')"
        ),
        args![
            &it.id,
            it.version,
            &it.answers,
            &it.recipients,
            &it.signer,
            it.state,
            &it.number,
            it.number_year,
            it.review,
            &it.review_words,
            it.submitted_at,
            &it.submitted_by,
            it.reviewed_at,
            &it.reviewed_by,
            &it.capacity,
        ],
    )
    .await
}

/// Makes a report final: everything that was printed is kept with it. 0 when somebody else was faster.
pub async fn save_issued(tx: &mut Tx, report: &Report) -> Result<u64> {
    let it = report;
    tx.run(
        sql!(
            "UPDATE reports
                SET state = 'issued', issued_at = $3, issued_by = $4, document = $5, pdf = $6, docx = $7,
                    journal_seq = $8, journal_hash = $9, version = version + 1
              WHERE id = $1 AND version = $2 AND state = 'issuing'"
        ),
        args![
            &it.id,
            it.version,
            it.issued_at,
            &it.issued_by,
            &it.document,
            &it.pdf,
            &it.docx,
            it.journal_seq,
            &it.journal_hash,
        ],
    )
    .await
}

/// Keeps the copy that came back signed; 0 when the report is not one that was issued, or was changed meanwhile.
pub async fn save_signed(tx: &mut Tx, report: &Report) -> Result<u64> {
    let it = report;
    tx.run(
        sql!(
            "UPDATE reports
                SET signed = $3, signed_name = $4, signed_at = $5, signed_by = $6, signed_check = $7,
                    version = version + 1
              WHERE id = $1 AND version = $2 AND state IN ('issued', 'superseded')"
        ),
        args![&it.id, it.version, &it.signed, &it.signed_name, it.signed_at, &it.signed_by, &it.signed_check],
    )
    .await
}

/// Reports that lie with somebody for approval, or came back, with their incident; the longest waiting first.
pub async fn list_in_review(tx: &mut Tx, review: Review, writer: Option<&str>, most: i64) -> Result<Vec<InReview>> {
    let head = "SELECT r.id, r.incident_id, r.form, r.submitted_at, r.submitted_by, r.reviewed_at, i.code,
                       i.title, i.unit_id, i.owner_unit_id
                  FROM reports r JOIN incidents i ON i.id = r.incident_id";
    let mut select = Select::new(head, [])
        .and("r.state = 'draft'", [])
        .and("r.review = ?", args![review])
        .and("i.closed_at IS NULL", []);
    if let Some(writer) = writer {
        select = select.and("r.submitted_by = ?", args![writer]);
    }
    tx.select(select.tail("ORDER BY r.submitted_at, r.id LIMIT ?", args![most])).await
}

/// A report under approval.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InReview {
    pub id: ReportId,
    pub incident_id: IncidentId,
    pub form: String,
    pub submitted_at: Option<Time>,
    pub submitted_by: String,
    pub reviewed_at: Option<Time>,
    pub code: String,
    pub title: String,
    pub unit_id: UnitId,
    pub owner_unit_id: UnitId,
}

/// An issued report that has a successor now.
pub async fn save_superseded(tx: &mut Tx, id: &ReportId) -> Result<u64> {
    tx.run(
        sql!("UPDATE reports SET state = 'superseded', version = version + 1 WHERE id = $1 AND state = 'issued'"),
        args![id],
    )
    .await
}

/// A stored file, unless it is known already.
pub async fn insert_file(tx: &mut Tx, sha256: &str, size: i64, media_type: &str, now: Time) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO files (id, size, media_type, stored_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET removed_at = NULL"
        ),
        args![sha256, size, media_type, now],
    )
    .await?;
    Ok(())
}
