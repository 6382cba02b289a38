//! People drawn into an incident by name.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::incident::model::{IncidentId, PartId};
use crate::org::PersonId;

pub async fn list_people(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(PersonId,)>> {
    tx.all(sql!("SELECT person_id FROM incident_people WHERE incident_id = $1 ORDER BY id LIMIT 5000"), args![incident])
        .await
}

pub async fn insert_person(
    tx: &mut Tx,
    id: &PartId,
    incident: &IncidentId,
    person: &PersonId,
    part: &str,
    now: Time,
) -> Result<()> {
    tx.run(
        sql!("INSERT INTO incident_people (id, incident_id, person_id, part, added_at) VALUES ($1, $2, $3, $4, $5)"),
        args![id, incident, person, part, now],
    )
    .await?;
    Ok(())
}
