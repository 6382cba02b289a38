//! How units and people read in the search index.

use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;

use super::{PERSON, UNIT};
use crate::org::model::{Person, Unit};
use crate::search::{Indexed, Kind};

pub fn load_units<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let found: Vec<Unit> = tx.select(Select::new(UNIT, []).and_in("u.id", ids.iter().map(Arg::from))).await?;
        let indexed = |unit: Unit| Indexed {
            row_id: unit.id.to_string(),
            kind: Kind::Unit,
            url: format!("/units/{}", unit.id),
            title: unit.name,
            detail: unit.phone.clone(),
            // The directory is everyone's who reads the register at all.
            scope_id: String::new(),
            words: [unit.short_name, unit.phone, unit.email, unit.address].join(" "),
        };
        Ok(found.into_iter().map(indexed).collect())
    })
}

pub fn load_people<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let found: Vec<Person> = tx.select(Select::new(PERSON, []).and_in("p.id", ids.iter().map(Arg::from))).await?;
        let indexed = |person: Person| Indexed {
            row_id: person.id.to_string(),
            kind: Kind::Person,
            url: format!("/people/{}", person.id),
            title: person.name,
            detail: person.unit_name,
            scope_id: person.unit_id.to_string(),
            words: [person.title, person.phone, person.phone_off_hours, person.email].join(" "),
        };
        Ok(found.into_iter().map(indexed).collect())
    })
}
