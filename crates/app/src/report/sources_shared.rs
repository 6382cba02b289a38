//! What a report can know from what people found, told and asked: alerts, evidence, disclosures, requests.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use super::facts::Facts;
use crate::incident::Incident;
use crate::pack::Pack;

/// Notes what the features around an incident know.
pub async fn note(_tx: &mut Tx, _facts: &mut Facts, _pack: &Pack, _incident: &Incident, _now: Time) -> Result<()> {
    Ok(())
}
