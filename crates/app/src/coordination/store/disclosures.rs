//! Who was told what.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Disclosure, DisclosureId, DisclosureSort};
use crate::incident::IncidentId;
use crate::notify::letter::LetterState;

/// How many are shown on a page.
pub const SHOWN: usize = 200;

/// The latest first, those entered by mistake among them.
pub async fn list(tx: &mut Tx, incident: &IncidentId, sort: DisclosureSort) -> Result<Vec<Disclosure>> {
    tx.all(
        sql!(
            "SELECT d.id, d.sort, d.unit_id, COALESCE(u.name, d.party) AS party, d.kind, d.channel, d.rule, d.text, d.tlp,
                    d.told_at, d.told_by, d.receipt, d.next_due, d.override_reason, d.override_by, d.struck,
                    d.struck_reason, d.recorded_at, d.recorded_by, d.version
               FROM disclosures d LEFT JOIN units u ON u.id = d.unit_id
              WHERE d.incident_id = $1 AND d.sort = $2
              ORDER BY d.told_at DESC, d.id DESC
              LIMIT 200"
        ),
        args![incident, sort],
    )
    .await
}

/// Which of an incident's tellings went by letter, and where the letter stands.
pub async fn list_letters(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(DisclosureId, LetterState)>> {
    tx.all(
        sql!(
            "SELECT s.disclosure_id, p.state FROM report_sends s JOIN postings p ON p.id = s.letter_id
              WHERE s.incident_id = $1 AND s.disclosure_id IS NOT NULL ORDER BY s.id DESC LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &DisclosureId) -> Result<Option<Disclosure>> {
    tx.one(
        sql!(
            "SELECT d.id, d.sort, d.unit_id, COALESCE(u.name, d.party) AS party, d.kind, d.channel, d.rule, d.text, d.tlp,
                    d.told_at, d.told_by, d.receipt, d.next_due, d.override_reason, d.override_by, d.struck,
                    d.struck_reason, d.recorded_at, d.recorded_by, d.version
               FROM disclosures d LEFT JOIN units u ON u.id = d.unit_id
              WHERE d.incident_id = $1 AND d.id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, disclosure: &Disclosure) -> Result<()> {
    let it = disclosure;
    tx.run(
        sql!(
            "INSERT INTO disclosures
                 (id, incident_id, sort, unit_id, party, kind, channel, rule, text, tlp, told_at, told_by, receipt,
                  next_due, override_reason, override_by, struck, struck_reason, recorded_at, recorded_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, FALSE, '', $17, $18, 1)"
        ),
        args![
            &it.id,
            incident,
            it.sort,
            &it.unit_id,
            &it.party,
            &it.kind,
            &it.channel,
            &it.rule,
            &it.text,
            &it.tlp,
            it.told_at,
            &it.told_by,
            &it.receipt,
            it.next_due,
            &it.override_reason,
            &it.override_by,
            it.recorded_at,
            &it.recorded_by,
        ],
    )
    .await?;
    Ok(())
}

/// What may still change: the receipt, the next moment, and whether it was a mistake.
pub async fn save(tx: &mut Tx, disclosure: &Disclosure) -> Result<u64> {
    let it = disclosure;
    tx.run(
        sql!(
            "UPDATE disclosures
                SET receipt = $3, next_due = $4, struck = $5, struck_reason = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, &it.receipt, it.next_due, it.struck, &it.struck_reason],
    )
    .await
}

/// How many stand; a letter counts once it is gone.
pub async fn count(tx: &mut Tx, incident: &IncidentId, sort: DisclosureSort) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM disclosures d
                  WHERE d.incident_id = $1 AND d.sort = $2 AND d.struck = FALSE
                    AND NOT EXISTS (SELECT 1 FROM report_sends s JOIN postings p ON p.id = s.letter_id
                                     WHERE s.disclosure_id = d.id AND p.state <> 'sent' AND s.acknowledged_at IS NULL)"
            ),
            args![incident, sort],
        )
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}
