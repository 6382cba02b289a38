//! To whom a report went.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::auth::AccountId;
use crate::incident::IncidentId;
use crate::notify::letter::LetterId;
use crate::org::UnitId;
use crate::report::model::Send;
use crate::report::{ReportId, SendId};

const SELECT: &str =
    "SELECT id, report_id, unit_id, party, way, address, sent_at, sent_by, receipt, rule, disclosure_id,
       letter_id, let_out, acknowledged_at, acknowledged_by, their_number, version
  FROM report_sends";

/// How many sendings of one report are shown.
pub const SHOWN: i64 = 200;

/// The sendings of a report in their order.
pub async fn list(tx: &mut Tx, report: &ReportId) -> Result<Vec<Send>> {
    let select = Select::new(SELECT, []).and("report_id = ?", args![report]);
    tx.select(select.tail("ORDER BY sent_at, id LIMIT ?", args![SHOWN])).await
}

pub async fn find(tx: &mut Tx, report: &ReportId, id: &SendId) -> Result<Option<Send>> {
    let select = Select::new(SELECT, []).and("id = ?", args![id]).and("report_id = ?", args![report]);
    Ok(tx.select(select).await?.pop())
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, send: &Send) -> Result<()> {
    let it = send;
    tx.run(
        sql!(
            "INSERT INTO report_sends
                 (id, report_id, incident_id, unit_id, party, way, address, sent_at, sent_by, receipt, rule,
                  disclosure_id, letter_id, let_out, acknowledged_at, acknowledged_by, their_number, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, '', '', 1)"
        ),
        args![
            &it.id,
            &it.report_id,
            incident,
            &it.unit_id,
            &it.party,
            it.way,
            &it.address,
            it.sent_at,
            &it.sent_by,
            &it.receipt,
            &it.rule,
            &it.disclosure_id,
            &it.letter_id,
            &it.let_out,
        ],
    )
    .await?;
    Ok(())
}

/// What went by a letter, and of which incident; none for a letter that carries no report.
pub async fn find_by_letter(tx: &mut Tx, letter: &LetterId) -> Result<Option<Posted>> {
    tx.one(
        sql!("SELECT incident_id, unit_id, party, rule, let_out FROM report_sends WHERE letter_id = $1"),
        args![letter],
    )
    .await
}

/// A sending as the wall sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Posted {
    pub incident_id: IncidentId,
    pub unit_id: Option<UnitId>,
    pub party: String,
    pub rule: String,
    pub let_out: String,
}

/// The recipient's word that it arrived; 0 when somebody noted it meanwhile.
pub async fn save_acknowledged(tx: &mut Tx, send: &Send) -> Result<u64> {
    let it = send;
    tx.run(
        sql!(
            "UPDATE report_sends
                SET acknowledged_at = $3, acknowledged_by = $4, their_number = $5, version = version + 1
              WHERE id = $1 AND version = $2 AND acknowledged_at IS NULL"
        ),
        args![&it.id, it.version, it.acknowledged_at, &it.acknowledged_by, &it.their_number],
    )
    .await
}

/// A letter with a report that did not arrive.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lost {
    pub incident_id: IncidentId,
    pub code: String,
    pub title: String,
    pub report_id: ReportId,
    pub number: String,
    pub party: String,
    pub changed_at: Time,
}

/// Letters that an account sent since, that did not arrive, and whose recipient neither confirmed nor was sent the report
/// once more. `since`: the smallest letter's id.
pub async fn list_lost(tx: &mut Tx, account: &AccountId, since: &str, limit: i64) -> Result<Vec<Lost>> {
    tx.all(
        sql!(
            "SELECT s.incident_id, i.code, i.title, s.report_id, r.number, s.party, p.changed_at
               FROM postings p
               JOIN letters l ON l.id = p.id
               JOIN report_sends s ON s.letter_id = p.id
               JOIN reports r ON r.id = s.report_id
               JOIN incidents i ON i.id = s.incident_id
              WHERE p.state IN ('refused', 'bounced', 'no_address') AND p.id >= $2
                AND l.sender_id = $1 AND s.acknowledged_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM report_sends n
                                 WHERE n.report_id = s.report_id AND n.party = s.party AND n.id > s.id)
              ORDER BY p.id DESC LIMIT $3"
        ),
        args![account, since, limit],
    )
    .await
}
