//! How far an examination has come, for its open page, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use tokio::time::{Instant, sleep};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Lang;

use super::{ExaminationId, Run, store};
use crate::app::App;
use crate::auth;
use crate::evidence;
use crate::web::Call;

/// How often it looks, and how long one stream lasts before the browser is let to ask again.
const EVERY: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// `GET …/live`
pub async fn live(call: Call) -> Result<Response> {
    let id: ExaminationId = call.param("exam")?;
    let mut look = call.look().await?;
    let (incident, item) = evidence::readable_item(&mut look, &call).await?;
    store::find(&mut look.tx, &incident.id, &item.id, &id).await?.ok_or(Error::NotFound)?;
    drop(look);
    let watching = Watching { call, id, end: Instant::now() + LONGEST, began: false, over: false };
    let events = futures::stream::unfold(watching, |mut watching| async move {
        watching.next().await.map(|chunk| (Ok::<_, Infallible>(chunk), watching))
    });
    Ok(crate::live::answer(events))
}

struct Watching {
    call: Call,
    id: ExaminationId,
    end: Instant,
    began: bool,
    over: bool,
}

impl Watching {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over || Instant::now() > self.end {
            return None;
        }
        if self.began {
            sleep(EVERY).await;
        }
        self.began = true;
        let app: &App = &self.call.app;
        // Whoever was signed out meanwhile hears no more.
        auth::identify(app, &self.call.headers).await.ok()??;
        let mut tx = app.db.read().await.ok()?;
        let (state, run) = store::find_run(&mut tx, &self.id).await.ok()??;
        self.over = state != super::ExaminationState::Waiting;
        let told = match self.over {
            true => "event: end\ndata: {}\n\n".to_owned(),
            false => {
                let told = serde_json::json!({
                    "done": run.bytes, "all": run.total.max(run.bytes), "words": words(&run, self.call.lang),
                });
                format!("event: progress\ndata: {told}\n\n")
            }
        };
        Some(Bytes::from(told))
    }
}

/// How far it is, for people.
pub fn words(run: &Run, lang: Lang) -> String {
    let percent = match run.total.max(run.bytes) {
        0 => 0,
        all => run.bytes.saturating_mul(100) / all,
    };
    let number = |n: i64| crate::ui::words::number(n, lang);
    let (events, findings) = (number(run.events), number(run.findings));
    let words = ungcuu_kit::text!(
        "{percent} %, đã đọc {events} sự kiện, {findings} phát hiện",
        "{percent} %, {events} events read, {findings} findings"
    );
    words.get(lang).to_owned()
}
