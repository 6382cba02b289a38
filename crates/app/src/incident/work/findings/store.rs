//! SQL about what was found out.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::{args, sql};

use super::Narrative;
use crate::incident::model::IncidentId;

/// Every text of an incident; there are six kinds at most.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Narrative>> {
    tx.all(
        sql!(
            "SELECT id, key, text, changed_at, changed_by, version
               FROM incident_narratives
              WHERE incident_id = $1
              ORDER BY key, id
              LIMIT 20"
        ),
        args![incident],
    )
    .await
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, narrative: &Narrative) -> Result<()> {
    let it = narrative;
    tx.run(
        sql!(
            "INSERT INTO incident_narratives (id, incident_id, key, text, changed_at, changed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, 1)"
        ),
        args![&it.id, incident, it.key, &it.text, it.changed_at, &it.changed_by],
    )
    .await?;
    Ok(())
}

/// Writes a text back, unless it was changed since `version` was read.
pub async fn save(tx: &mut Tx, narrative: &Narrative) -> Result<()> {
    let it = narrative;
    let changed = tx
        .run(
            sql!(
                "UPDATE incident_narratives
                    SET text = $3, changed_at = $4, changed_by = $5, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![&it.id, it.version, &it.text, it.changed_at, &it.changed_by],
        )
        .await?;
    if changed == 0 { Err(Error::Conflict(Box::default())) } else { Ok(()) }
}
