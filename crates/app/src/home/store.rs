//! What the cards of open incidents read beside the incidents themselves: one statement each, however many there are.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;

use crate::incident::IncidentId;

/// The harm noted in these incidents.
pub async fn list_harm(tx: &mut Tx, incidents: &[IncidentId]) -> Result<Vec<(IncidentId, String)>> {
    let select = Select::new("SELECT n.incident_id, n.text FROM incident_narratives n", [])
        .and_in("n.incident_id", incidents.iter().map(Into::into))
        .and("n.key = 'harm'", []);
    tx.select(select.tail("ORDER BY n.incident_id, n.id LIMIT 500", [])).await
}
