//! How far the things that other features list may go, for a chip beside what was marked by itself.

use std::collections::HashMap;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

pub use super::model::ItemKind;
use super::model::MarkingId;
use super::store::markings as store;
use super::wall::{Level, strictest};
use crate::incident::{Incident, IncidentId};
use crate::work::Work;

/// The levels of these things, as far as they were marked by themselves; whatever is missing goes as far as its incident.
pub async fn of(tx: &mut Tx, kind: ItemKind, ids: &[&str]) -> Result<HashMap<String, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::list_levels(tx, kind, ids).await?.into_iter().collect())
}

/// The level of one thing that was marked by itself, and since when.
pub async fn of_one(tx: &mut Tx, kind: ItemKind, id: &str) -> Result<Option<(Level, Time)>> {
    let found = store::find_level(tx, kind, id).await?;
    Ok(found.map(|(word, since)| (Level::of(&word), since)))
}

/// The same for everything of one kind in an incident; 50,000 at most.
pub async fn of_all(tx: &mut Tx, kind: ItemKind, incident: &IncidentId) -> Result<HashMap<String, String>> {
    Ok(store::list_levels_of(tx, kind, incident).await?.into_iter().collect())
}

/// The levels of single things of an incident, and when something came to be marked so last.
pub async fn latest_of(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(Level, Time)>> {
    let found = store::list_latest(tx, incident).await?;
    Ok(found.into_iter().map(|(word, at)| (Level::of(&word), at)).collect())
}

/// The strictest level of an incident and of everything in it that was marked by itself: what holds all of it goes no
/// farther.
pub async fn strictest_of(tx: &mut Tx, incident: &Incident) -> Result<Level> {
    let marked = store::list_words(tx, &incident.id).await?;
    Ok(strictest(marked.iter().map(|(word,)| word.as_str()).chain([incident.tlp.as_str()])))
}

/// Marks what was made of a piece of evidence as that is marked; gives back the rows for the journal. Nothing is written
/// when it goes as far as its incident.
pub async fn pass_on(
    work: &mut Work,
    incident: &IncidentId,
    from: &str,
    to: &[(ItemKind, &str)],
    reason: &str,
) -> Result<Vec<(&'static str, String)>> {
    let mut found = of(&mut work.tx, ItemKind::Evidence, &[from]).await?;
    let Some(tlp) = found.remove(from).filter(|_| !to.is_empty()) else { return Ok(Vec::new()) };
    let marked: Vec<(MarkingId, ItemKind, &str)> =
        to.iter().map(|(kind, id)| (MarkingId::new(&work.app.chance, work.now), *kind, *id)).collect();
    store::insert_many(work, incident, &marked, &tlp, reason).await?;
    Ok(marked.into_iter().map(|(id, ..)| ("markings", id.to_string())).collect())
}
