//! Tells open pages that something changed. Within this process at once; between several processes on one PostgreSQL
//! within a second, by looking at the journal's streams ([`watch`]).
//!
//! A change is only a nudge: whoever listens looks into the journal behind it, so that nothing is told twice or missed.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::Stream;
use futures::future::BoxFuture;
use tokio::sync::broadcast;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{MINUTE, Time};

use crate::app::App;
use crate::journal;

/// One more entry in a stream of the journal.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Change {
    pub stream: String,
    pub seq: i64,
    pub actor_id: String,
    pub at: Time,
}

/// Where changes are announced.
#[derive(Clone, Debug)]
pub struct Live {
    sender: broadcast::Sender<Change>,
    /// How many pages are open.
    pages: Arc<AtomicUsize>,
    /// The last entry announced here of every stream that changed lately.
    announced: Arc<Mutex<HashMap<String, (i64, Time)>>>,
}

impl Default for Live {
    fn default() -> Self {
        Live { sender: broadcast::channel(1024).0, pages: Arc::default(), announced: Arc::default() }
    }
}

impl Live {
    /// Says it to whoever listens; nobody listening is fine.
    pub fn announce(&self, change: Change) {
        {
            let mut announced = self.announced.lock().expect("no holder of this lock panics");
            let last = announced.entry(change.stream.clone()).or_insert((0, change.at));
            *last = (last.0.max(change.seq), change.at);
        }
        let _ = self.sender.send(change);
    }

    /// Listens for the product itself; does not count as an open page.
    pub fn listen_quietly(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// Listens for an open page.
    pub fn listen(&self) -> Listener {
        self.pages.fetch_add(1, Ordering::Relaxed);
        Listener { changes: self.sender.subscribe(), pages: self.pages.clone() }
    }

    /// Whether any page is open, so that nobody polls for nobody.
    pub fn listened_to(&self) -> bool {
        self.pages.load(Ordering::Relaxed) > 0
    }

    fn is_news(&self, change: &Change) -> bool {
        let announced = self.announced.lock().expect("no holder of this lock panics");
        announced.get(&change.stream).is_none_or(|(seq, _)| *seq < change.seq)
    }

    /// Forgets streams that have been quiet for longer than the watch looks back.
    fn forget(&self, before: Time) {
        self.announced.lock().expect("no holder of this lock panics").retain(|_, (_, at)| *at >= before);
    }
}

/// An open page's ear; the page is open until this is dropped.
#[derive(Debug)]
pub struct Listener {
    pub changes: broadcast::Receiver<Change>,
    pages: Arc<AtomicUsize>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.pages.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How often the watch looks for what other processes wrote.
const PAUSE: Duration = Duration::from_millis(700);
/// How far back it looks: works that began earlier may commit later, and clocks of two machines differ.
const LOOK_BACK: i64 = MINUTE;

/// Announces what other processes on the same database commit, for as long as the product serves; does nothing while no
/// page is open.
pub async fn watch(app: App) {
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if !app.live.listened_to() {
            continue;
        }
        if let Err(error) = look_around(&app).await {
            tracing::warn!("looking for changes by other processes failed: {error}");
        }
    }
}

/// Announces once whatever this process has not announced itself.
pub async fn look_around(app: &App) -> Result<()> {
    let since = app.now().plus(-LOOK_BACK);
    let mut tx = app.db.read().await?;
    let changes = journal::changed_since(&mut tx, since, 500).await?;
    drop(tx);
    app.live.forget(since.plus(-LOOK_BACK));
    for change in changes {
        if app.live.is_news(&change) {
            app.live.announce(change);
        }
    }
    Ok(())
}

/// How long one stream of events lasts before the browser is let to ask again.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How often something is sent even when nothing happens, so that nobody in between thinks the line is dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is new in a stream of the journal for one reader.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// The last entry looked at, whoever wrote it.
    pub seen: i64,
    /// The entries that others wrote.
    pub by_others: Vec<i64>,
}

/// Looks for what is new behind an entry; none when the reader may no longer know.
pub type Ask = Box<dyn Fn(i64) -> BoxFuture<'static, Option<News>> + Send + Sync>;

/// Answers with server-sent events: one for every entry of a journal's stream by others, behind `seen`.
pub fn respond(app: &App, stream: String, seen: i64, ask: Ask) -> Response {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listening = Listening {
        stream,
        seen,
        ask,
        listener: app.live.listen(),
        beat,
        end: Instant::now() + LONGEST,
        waiting: VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]),
    };
    let events = futures::stream::unfold(listening, |mut listening| async move {
        listening.next().await.map(|chunk| (Ok::<_, Infallible>(chunk), listening))
    });
    answer(events)
}

/// Answers with server-sent events as they come.
pub fn answer(events: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Some proxies hold back what looks like the beginning of a long answer.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(events)).into_response()
}

/// One open page.
struct Listening {
    stream: String,
    seen: i64,
    ask: Ask,
    listener: Listener,
    beat: Interval,
    end: Instant,
    waiting: VecDeque<Bytes>,
}

impl Listening {
    /// The next piece to send; none when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.waiting.pop_front() {
                return Some(chunk);
            }
            tokio::select! {
                change = self.listener.changes.recv() => match change {
                    Ok(change) if change.stream != self.stream || change.seq <= self.seen => continue,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = self.beat.tick() => self.waiting.push_back(Bytes::from_static(b": ok\n\n")),
                _ = sleep_until(self.end) => return None,
            }
            let news = (self.ask)(self.seen).await?;
            self.seen = self.seen.max(news.seen);
            for seq in news.by_others {
                self.waiting.push_back(Bytes::from(format!("id: {seq}\ndata: {{\"seq\":{seq}}}\n\n")));
            }
        }
    }
}
