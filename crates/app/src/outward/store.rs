//! All SQL about copies for outside.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::CopyId;
use super::model::OutwardCopy;
use crate::incident::IncidentId;

/// How many are shown on a page.
pub const SHOWN: usize = 100;

/// The latest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<OutwardCopy>> {
    tx.all(
        sql!(
            "SELECT c.id, c.content, c.unit_id, COALESCE(u.name, c.party) AS party, c.ceiling, c.tlp, c.left_out, c.purpose,
                    c.file_id, c.size, c.made_at, c.made_by, c.incident_tlp
               FROM outward_copies c LEFT JOIN units u ON u.id = c.unit_id
              WHERE c.incident_id = $1 ORDER BY c.id DESC LIMIT 100"
        ),
        args![incident],
    )
    .await
}

/// A copy of this incident; one of another does not exist here.
pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &CopyId) -> Result<Option<OutwardCopy>> {
    tx.one(
        sql!(
            "SELECT c.id, c.content, c.unit_id, COALESCE(u.name, c.party) AS party, c.ceiling, c.tlp, c.left_out, c.purpose,
                    c.file_id, c.size, c.made_at, c.made_by, c.incident_tlp
               FROM outward_copies c LEFT JOIN units u ON u.id = c.unit_id
              WHERE c.incident_id = $1 AND c.id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, it: &OutwardCopy) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO outward_copies
                 (id, incident_id, content, unit_id, party, ceiling, tlp, left_out, purpose, file_id, size, made_at, made_by,
                  incident_tlp)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        args![
            &it.id,
            incident,
            it.content,
            &it.unit_id,
            &it.party,
            it.ceiling,
            it.tlp,
            it.left_out,
            &it.purpose,
            &it.file_id,
            it.size,
            it.made_at,
            &it.made_by,
            it.incident_tlp,
        ],
    )
    .await?;
    Ok(())
}

/// Notes a file of the store; the same bytes may be there already.
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
