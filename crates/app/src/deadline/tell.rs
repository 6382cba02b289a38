//! The one place from which deadlines tell people.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::notify::{Urgency, tell_person_as, tell_unit_as};
use crate::org::{PersonId, UnitId};
use crate::work::Work;

/// Who is told.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    Person(&'a PersonId),
    Unit(&'a UnitId),
}

/// Tells a person, or everyone of a unit.
pub async fn tell(work: &mut Work, to: To<'_>, urgency: Urgency, words: &Text, url: &str) -> Result<()> {
    match to {
        To::Person(person) => tell_person_as(work, urgency, person, words, url).await,
        To::Unit(unit) => tell_unit_as(work, urgency, unit, words, url).await,
    }
}
