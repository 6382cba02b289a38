//! What was decided, directed, said and asked: options and the owner's word, directions, summons, statements, who was
//! told what, requests with their replies.

use ungcuu_kit::error::Result;

use super::parts::{Part, Teller};
use crate::incident::Incident;
use crate::work::Look;

/// Everything people decided and said to each other.
pub async fn parts(_look: &mut Look, _incident: &Incident, _teller: &Teller) -> Result<Vec<Part>> {
    Ok(Vec::new())
}
