//! The timeline of an incident: what happened, when it was noticed, when it was written down.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::{args, sql};

use super::model::{IncidentId, PartId};
use crate::work::Work;

/// Writes an event that the product itself knows of, now. Gives back the row for the journal.
pub async fn note(work: &mut Work, incident: &IncidentId, kind: &str, title: Text) -> Result<(&'static str, String)> {
    let id = PartId::new(&work.app.chance, work.now);
    work.tx
        .run(
            sql!(
                "INSERT INTO timeline_events
                     (id, incident_id, kind, title_vi, title_en, text, happened_at, noticed_at, recorded_at, recorded_by,
                      starred, by_hand, version)
                 VALUES ($1, $2, $3, $4, $5, '', $6, NULL, $6, $7, FALSE, FALSE, 1)"
            ),
            args![&id, incident, kind, title.vi.as_ref(), title.en.as_ref(), work.now, &work.actor.name],
        )
        .await?;
    Ok(("timeline_events", id.to_string()))
}
