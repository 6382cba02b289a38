//! Who is drawn into an incident while it runs: a unit asked for help, a person called by name. From then on they see it.

use std::collections::BTreeSet;

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

use super::actions::Taken;
use super::model::{IncidentId, PartId};
use super::store;
use crate::org::{PersonId, UnitId};
use crate::pack::FunctionSource;
use crate::work::Work;

type NamedRow = (&'static str, String);

text_enum! {
    /// As what the work itself draws people in; what is written by hand is kept in its own words.
    pub enum DrawnAs {
        Summoned = "summoned": ("được triệu tập", "summoned"),
        Spokesperson = "spokesperson": ("người phát ngôn", "spokesperson"),
        Commander = "commander": ("chỉ huy", "commander"),
        Directed = "directed": ("được giao theo chỉ đạo", "given a direction"),
    }
}

/// What a person's part in an incident is called: the one place for these words.
pub fn part_words(part: &str) -> Text {
    part.parse::<DrawnAs>().map_or_else(|_| Text::same(part.to_owned()), DrawnAs::label)
}

/// Draws a unit in as a related one, unless it plays a part already. Gives back the row for the journal.
pub async fn draw_in_unit(work: &mut Work, taken: &Taken, unit: &UnitId) -> Result<Option<NamedRow>> {
    if taken.units.iter().any(|playing| playing.unit_id == *unit) {
        return Ok(None);
    }
    let related = work.app.pack.functions.iter().find(|function| function.from == Some(FunctionSource::Related));
    // A pack without such a function still lets the unit see the incident; it then leads and supports nothing.
    let function = related.map_or_else(|| "related".to_owned(), |function| function.id.clone());
    let id = PartId::new(&work.app.chance, work.now);
    store::insert_unit(&mut work.tx, &id, &taken.incident.id, &function, unit).await?;
    Ok(Some(("incident_units", id.to_string())))
}

/// Draws people in by name, those who are not in yet.
pub async fn draw_in_people(
    work: &mut Work,
    incident: &IncidentId,
    people: &[PersonId],
    part: DrawnAs,
) -> Result<Vec<NamedRow>> {
    let present = store::joining::list_people(&mut work.tx, incident).await?;
    let mut known: BTreeSet<PersonId> = present.into_iter().map(|(person,)| person).collect();
    let mut rows = Vec::new();
    for person in people {
        if !known.insert(person.clone()) {
            continue;
        }
        let id = PartId::new(&work.app.chance, work.now);
        let now = work.now;
        store::joining::insert_person(&mut work.tx, &id, incident, person, part.word(), now).await?;
        rows.push(("incident_people", id.to_string()));
    }
    Ok(rows)
}
