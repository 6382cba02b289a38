//! Whether a step has what it needs. The counting belongs to the features that hold the things counted.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::model::{GateState, Gates, Incident, StepRow};
use super::section::{GateCount, Gated};
use crate::pack::{Pack, Step};

/// The gates of one step; `rows` are the rounds of the incident's steps.
pub async fn of_step(
    tx: &mut Tx,
    pack: &Pack,
    incident: &Incident,
    rows: &[StepRow],
    step: &Step,
) -> Result<Vec<GateState>> {
    let since = reopened_at(rows, step);
    let mut states = Vec::with_capacity(step.gates.len());
    for gate in &step.gates {
        let have = match count_of(&gate.kind) {
            Some(count) => count(tx, &Gated { pack, incident, key: gate.key.as_deref(), since }).await?,
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
pub async fn of_all(tx: &mut Tx, pack: &Pack, incident: &Incident, rows: &[StepRow]) -> Result<Gates> {
    let mut gates = Gates::new();
    for step in &pack.procedure.steps {
        gates.insert(step.id.clone(), of_step(tx, pack, incident, rows, step).await?);
    }
    Ok(gates)
}

/// How gates of a kind are counted; nothing when no feature counts them.
pub fn count_of(kind: &str) -> Option<GateCount> {
    crate::features()
        .iter()
        .flat_map(|feature| &feature.gates)
        .find(|known| known.kind == kind)
        .map(|known| known.count)
}

/// When the present round of a step opened, if it is not the first.
pub fn reopened_at(rows: &[StepRow], step: &Step) -> Option<ungcuu_kit::time::Time> {
    let row = rows.iter().filter(|row| row.step == step.id).max_by_key(|row| row.round)?;
    if row.round > 1 { row.opened_at } else { None }
}
