//! Whether a step has what it needs. The counting belongs to the features that hold the things counted.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::model::{GateState, Gates, Incident};
use crate::pack::{Procedure, Step};

/// The gates of one step.
pub async fn of_step(tx: &mut Tx, incident: &Incident, step: &Step) -> Result<Vec<GateState>> {
    let mut states = Vec::with_capacity(step.gates.len());
    for gate in &step.gates {
        let kind = crate::features().iter().flat_map(|feature| &feature.gates).find(|kind| kind.kind == gate.kind);
        let have = match kind {
            Some(kind) => (kind.count)(tx, incident, gate.key.as_deref()).await?,
            // Nothing can be counted that no feature holds; the gate stays shut rather than the page broken.
            None => 0,
        };
        states.push(GateState {
            kind: gate.kind.clone(),
            key: gate.key.clone(),
            label: gate.label.text(),
            met: have >= i64::from(gate.min),
            obligatory: gate.obligatory,
            have,
            need: gate.min.into(),
        });
    }
    Ok(states)
}

/// The gates of every step. Some twenty small counts by index, once per incident page.
pub async fn of_all(tx: &mut Tx, incident: &Incident, procedure: &Procedure) -> Result<Gates> {
    let mut gates = Gates::new();
    for step in &procedure.steps {
        gates.insert(step.id.clone(), of_step(tx, incident, step).await?);
    }
    Ok(gates)
}
