//! The stream of changes behind open pages of the queue.

use axum::http::HeaderMap;
use axum::response::Response;
use futures::FutureExt;
use ungcuu_kit::error::{Error, Result};

use crate::alert::STREAM;
use crate::alert::model::reading;
use crate::app::App;
use crate::auth;
use crate::journal;
use crate::live::{News, respond};
use crate::web::Call;

/// `GET /alerts/live`: changes by others, as server-sent events. For those who read every unit's alerts: the stream does
/// not say whose alert changed, and how many another unit receives is none of a unit's business.
pub async fn live(call: Call) -> Result<Response> {
    if !reading(call.actor()?).everywhere {
        return Err(Error::NotFound);
    }
    let heard = call.headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let seen = match heard {
        Some(seen) => seen,
        None => {
            let mut look = call.look().await?;
            journal::head(&mut look.tx, STREAM).await?.map_or(0, |(seq, _)| seq)
        }
    };
    let (app, headers) = (call.app.clone(), call.headers.clone());
    let ask = Box::new(move |seen| {
        let (app, headers) = (app.clone(), headers.clone());
        async move { news(&app, &headers, seen).await }.boxed()
    });
    Ok(respond(&call.app, STREAM.to_owned(), seen, ask))
}

/// Looks behind `seen` as whoever the session now is; none once they are signed out or may no longer read everything.
async fn news(app: &App, headers: &HeaderMap, seen: i64) -> Option<News> {
    let actor = auth::identify(app, headers).await.ok()??.actor;
    if !reading(&actor).everywhere {
        return None;
    }
    let own = actor.account_id.to_string();
    let mut look = app.look(actor).await.ok()?;
    let entries = journal::list_after(&mut look.tx, STREAM, seen, 100).await.ok()?;
    let last = entries.last().map_or(seen, |(seq, _)| *seq);
    let by_others = entries.into_iter().filter(|(_, who)| *who != own).map(|(seq, _)| seq).collect();
    Some(News { seen: last, by_others })
}
