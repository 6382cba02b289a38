//! The one place from which deadlines tell people. Whatever else comes to carry word (mail, a digest, quiet hours) joins
//! here.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::notify;
use crate::org::{PersonId, UnitId};
use crate::work::Work;

/// How long word may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Days are left.
    CanWait,
    /// Hours are left.
    Soon,
    /// Late, or due within the hour.
    Now,
}

/// Who is told.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    Person(&'a PersonId),
    Unit(&'a UnitId),
}

/// Tells a person, or everyone of a unit.
pub async fn tell(work: &mut Work, to: To<'_>, _urgency: Urgency, words: &Text, url: &str) -> Result<()> {
    match to {
        To::Person(person) => notify::tell_person(work, person, words, url).await,
        To::Unit(unit) => notify::tell_unit(work, unit, words, url).await,
    }
}
