//! Telling people within the product what waits for them.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::store;
use crate::incident::IncidentId;
use crate::notify::{self, Urgency};
use crate::org::{PersonId, UnitId};
use crate::work::Work;

/// Where a section of a step stands.
pub fn place(id: &IncidentId, step: &str, section: &str) -> String {
    format!("/incidents/{id}/steps/{step}#section-{section}")
}

/// Tells a unit's people, and those appointed to it who sit elsewhere: a team's members.
pub async fn tell_unit(work: &mut Work, unit: &UnitId, text: &Text, url: &str) -> Result<()> {
    notify::tell_unit(work, unit, text, url).await?;
    let now = work.now;
    for person in store::list_appointed(&mut work.tx, unit, now).await? {
        if person != work.actor.person_id {
            notify::tell_person(work, &person, text, url).await?;
        }
    }
    Ok(())
}

/// Tells one person at once, day or night, unless it is their own doing.
pub async fn tell_person_now(work: &mut Work, person: &PersonId, text: &Text, url: &str) -> Result<()> {
    if *person == work.actor.person_id {
        return Ok(());
    }
    notify::tell_person_as(work, Urgency::Now, person, text, url).await
}

/// Tells one person, unless it is their own doing.
pub async fn tell_person(work: &mut Work, person: Option<&PersonId>, text: &Text, url: &str) -> Result<()> {
    match person {
        Some(person) if *person != work.actor.person_id => notify::tell_person(work, person, text, url).await,
        _ => Ok(()),
    }
}
