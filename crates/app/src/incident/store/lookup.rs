//! Finding incidents for other features: by number, or the open ones to choose from.

use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;

pub use super::take_part_in_many;
use super::{SELECT, get, visible, visible_one};
use crate::actor::Actor;
use crate::incident::model::{Incident, IncidentId};
use crate::permission::Permission;

/// The incident with this number, if the actor may see it.
pub async fn find_by_code(tx: &mut Tx, actor: &Actor, code: &str) -> Result<Option<Incident>> {
    let select = visible_one(Select::new(SELECT, []), &actor.scope(Permission::IncidentRead), actor)
        .and("i.code = ?", args![code])
        .tail("LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

/// The latest open incidents the actor may see, at most `limit`.
pub async fn list_open(tx: &mut Tx, actor: &Actor, limit: i64) -> Result<Vec<Incident>> {
    let select = visible(Select::new(SELECT, []), &actor.scope(Permission::IncidentRead), actor)
        .and("i.state = 'open'", [])
        .tail("ORDER BY i.opened_at DESC, i.id DESC LIMIT ?", args![limit]);
    tx.select(select).await
}

/// These incidents; the caller found them among those the actor may see.
pub async fn list_by_ids(tx: &mut Tx, ids: &[IncidentId]) -> Result<Vec<Incident>> {
    let select = Select::new(SELECT, []).and_in("i.id", ids.iter().map(Into::into));
    tx.select(select.tail("ORDER BY i.id LIMIT 1000", [])).await
}

/// Which of these incidents the actor may see.
pub async fn list_visible(tx: &mut Tx, actor: &Actor, ids: &[IncidentId]) -> Result<Vec<(IncidentId,)>> {
    let select =
        visible(Select::new("SELECT i.id FROM incidents i", []), &actor.scope(Permission::IncidentRead), actor)
            .and_in("i.id", ids.iter().map(Into::into));
    tx.select(select.tail("ORDER BY i.id LIMIT 1000", [])).await
}

/// Whether an incident has been closed; asked for a reporter, who learns nothing else about it.
pub async fn is_closed(tx: &mut Tx, id: &IncidentId) -> Result<bool> {
    Ok(!get(tx, id).await?.is_open())
}
