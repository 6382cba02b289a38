//! How alerts read in the search index.

use futures::FutureExt;
use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;

use crate::alert::model::AlertId;
use crate::org::UnitId;
use crate::search::{Indexed, Kind};

/// How much of a story is indexed, in characters.
const STORY: usize = 2000;
/// The scope of an alert that belongs to no unit: no unit has it, so only those who read everywhere find it.
const NOBODYS: &str = "-";

#[derive(sqlx::FromRow)]
struct Found {
    id: AlertId,
    code: String,
    title: String,
    description: String,
    place: String,
    indicators: String,
    reporter_name: String,
    reporter_phone: String,
    unit_id: Option<UnitId>,
    unit_name: Option<String>,
}

/// The entries of these alerts.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    async move {
        let select = Select::new(
            "SELECT a.id, a.code, a.title, a.description, a.place, a.indicators, a.reporter_name, a.reporter_phone,
                    a.unit_id, u.name AS unit_name
               FROM alerts a LEFT JOIN units u ON u.id = a.unit_id",
            [],
        )
        .and_in("a.id", ids.iter().map(Arg::from));
        let found: Vec<Found> = tx.select(select).await?;
        Ok(found.into_iter().map(indexed).collect())
    }
    .boxed()
}

fn indexed(it: Found) -> Indexed {
    let story: String = it.description.chars().take(STORY).collect();
    let signs: String = it.indicators.chars().take(STORY).collect();
    let unit = it.unit_name.unwrap_or_default();
    Indexed {
        url: format!("/alerts/{}", it.id),
        title: it.title,
        detail: it.code.clone(),
        scope_id: it.unit_id.map_or_else(|| NOBODYS.to_owned(), |unit| unit.to_string()),
        words: [it.code, it.place, it.reporter_name, it.reporter_phone, unit, signs, story].join(" "),
        row_id: it.id.to_string(),
        kind: Kind::Alert,
    }
}
