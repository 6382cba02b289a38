//! SQL of what an incident is given when it opens and with each new round.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::model::{Incident, IncidentId, PartId};
use crate::pack::{CheckItem, Item};
use crate::system::SystemId;

pub async fn insert_system(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    system: &SystemId,
    effect: &str,
    now: Time,
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO incident_systems (id, incident_id, system_id, effect, added_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (incident_id, system_id) DO NOTHING"
        ),
        args![id, incident, system, effect, now],
    )
    .await?;
    Ok(())
}

/// A first action of the pack, to be ticked in the first round of a step.
pub async fn insert_checklist_item(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    step: &str,
    position: i64,
    item: &CheckItem,
) -> Result<()> {
    let text = item.text.text();
    tx.run(
        sql!(
            "INSERT INTO checklist_items
                 (id, incident_id, step, round, position, text, text_en, obligatory, state, note, ended_by, version)
             VALUES ($1, $2, $3, 1, $4, $5, $6, $7, 'open', '', '', 1)"
        ),
        args![id, incident, step, position, text.vi.as_ref(), text.en.as_ref(), item.obligatory],
    )
    .await?;
    Ok(())
}

/// A check of the incident's present round.
pub async fn insert_check(tx: &mut Tx, id: &PartId, incident: &Incident, position: i64, item: &Item) -> Result<()> {
    let text = item.label.text();
    tx.run(
        sql!(
            "INSERT INTO verification_checks
                 (id, incident_id, round, position, text, text_en, result, note, checked_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', '', '', 1)"
        ),
        args![id, &incident.id, incident.round, position, text.vi.as_ref(), text.en.as_ref()],
    )
    .await?;
    Ok(())
}
