//! The stream of changes behind an incident's open pages.

use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;

use super::super::actions;
use super::super::model::IncidentId;
use crate::app::App;
use crate::auth;
use crate::journal::{self, incident_stream};
use crate::live::{News, respond};
use crate::permission::Permission;
use crate::web::Call;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// The journal entry of the incident that was seen last; a `last-event-id` header comes before it.
    seen: Option<i64>,
}

/// Changes by others behind what the page has seen, as server-sent events.
pub async fn live(call: Call) -> Result<Response> {
    let id: IncidentId = call.param("id")?;
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    actions::see(&mut look, &id).await?;
    let stream = incident_stream(id.as_str());
    // A browser that comes back says what it heard last.
    let heard = call.headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let seen = match heard.or(asked.seen) {
        Some(seen) => seen,
        None => journal::head(&mut look.tx, &stream).await?.map_or(0, |(seq, _)| seq),
    };
    drop(look);
    let (app, headers) = (call.app.clone(), call.headers.clone());
    let ask = Box::new(move |seen| {
        let (app, headers, id) = (app.clone(), headers.clone(), id.clone());
        Box::pin(async move { news(&app, &headers, &id, seen).await }) as futures::future::BoxFuture<'static, _>
    });
    Ok(respond(&call.app, stream, seen, ask))
}

/// Looks behind `seen` as whoever the session now is; none once they are signed out or may no longer see the incident.
async fn news(app: &App, headers: &HeaderMap, id: &IncidentId, seen: i64) -> Option<News> {
    let actor = auth::identify(app, headers).await.ok()??.actor;
    actor.must(Permission::IncidentRead).ok()?;
    let own = actor.account_id.to_string();
    let mut look = app.look(actor).await.ok()?;
    actions::see(&mut look, id).await.ok()?;
    let entries = journal::list_after(&mut look.tx, &incident_stream(id.as_str()), seen, 100).await.ok()?;
    let last = entries.last().map_or(seen, |(seq, _)| *seq);
    let by_others = entries.into_iter().filter(|(_, who)| *who != own).map(|(seq, _)| seq).collect();
    Some(News { seen: last, by_others })
}
