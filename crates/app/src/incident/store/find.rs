//! How incidents read in the search index.

use futures::FutureExt;
use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;

use crate::incident::model::IncidentId;
use crate::search::{Indexed, Kind};

/// How much of the summary is indexed, in characters.
const SUMMARY: usize = 2000;

#[derive(sqlx::FromRow)]
struct Found {
    id: IncidentId,
    code: String,
    title: String,
    summary: String,
    unit_name: String,
    system_name: Option<String>,
}

/// The entries of these incidents.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    async move {
        let select = Select::new(
            "SELECT i.id, i.code, i.title, i.summary, u.name AS unit_name, s.name AS system_name
               FROM incidents i JOIN units u ON u.id = i.unit_id LEFT JOIN systems s ON s.id = i.system_id",
            [],
        )
        .and_in("i.id", ids.iter().map(Arg::from));
        let found: Vec<Found> = tx.select(select).await?;
        Ok(found.into_iter().map(indexed).collect())
    }
    .boxed()
}

fn indexed(it: Found) -> Indexed {
    let summary: String = it.summary.chars().take(SUMMARY).collect();
    Indexed {
        url: format!("/incidents/{}", it.id),
        title: format!("{} {}", it.code, it.title),
        detail: it.unit_name,
        scope_id: it.id.to_string(),
        words: [it.system_name.unwrap_or_default(), summary].join(" "),
        row_id: it.id.to_string(),
        kind: Kind::Incident,
    }
}
