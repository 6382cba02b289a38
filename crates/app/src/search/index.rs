//! Keeps the index in step with the records. Looks at the queue and makes it right; may run twice, may run late.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use ungcuu_kit::error::Result;

use super::{Source, store};
use crate::app::App;
use crate::live::Change;
use crate::setting;

/// How many rows are entered in one transaction, or a few more. Few, because on SQLite everyone waits for the one writer.
const BATCH: usize = 400;
/// How many pages of the index are joined in one transaction.
const PAGES: i64 = 64;
/// Changes are entered together when none came for this long: on SQLite whoever enters them holds up whoever brings more.
const PAUSE: Duration = Duration::from_millis(300);
/// How long they wait at most while more keep coming; so much later they are found.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// The setting that says the index was built from everything there was.
const BUILT: &str = "search_built";

/// Enters everything that waits in the queue.
pub async fn index_pending(app: &App) -> Result<()> {
    while index_batch(app).await? {}
    Ok(())
}

async fn index_batch(app: &App) -> Result<bool> {
    let mut tx = app.db.read().await?;
    let some = !store::list_queued(&mut tx, 1).await?.is_empty();
    drop(tx);
    if !some {
        return Ok(false);
    }
    let mut tx = app.db.write().await?;
    let mut queued = store::list_queued(&mut tx, BATCH as i64).await?;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut rows, mut taken) = (0, 0);
    while rows < BATCH
        && let Some(queued) = queued.get(taken)
    {
        let ids = tables.entry(queued.table_name.clone()).or_default();
        let before = ids.len();
        ids.extend(queued.row_ids().map(str::to_owned));
        rows += ids.len() - before;
        taken += 1;
    }
    queued.truncate(taken);
    for source in sources() {
        let Some(ids) = tables.get_mut(source.table) else { continue };
        ids.sort();
        ids.dedup();
        let entries = (source.load)(&mut tx, ids).await?;
        store::replace(&mut tx, ids, &entries).await?;
    }
    store::delete_queued(&mut tx, &queued).await?;
    tx.commit().await?;
    Ok(true)
}

fn sources() -> impl Iterator<Item = &'static Source> {
    crate::features().iter().flat_map(|feature| &feature.sources)
}

/// Builds the index when it was never built, then follows every change for as long as the product serves.
pub async fn keep_indexing(app: App) {
    let mut changes = app.live.listen_quietly();
    if let Err(cause) = build(&app).await {
        tracing::error!("building the search index: {cause}");
    }
    loop {
        if let Err(cause) = index_politely(&app).await {
            tracing::error!("indexing: {cause}");
        }
        // Woken by a change here; a change made by another process is found within two seconds.
        if let Ok(Err(RecvError::Closed)) = tokio::time::timeout(Duration::from_secs(2), changes.recv()).await {
            return;
        }
        let begun = Instant::now();
        while begun.elapsed() < LONGEST_WAIT && another_follows(&mut changes).await {}
    }
}

/// Whether a change comes before the pause is over.
async fn another_follows(changes: &mut Receiver<Change>) -> bool {
    matches!(tokio::time::timeout(PAUSE, changes.recv()).await, Ok(Ok(_) | Err(RecvError::Lagged(_))))
}

/// Enters everything that waits, then brings the index in order, and leaves as much time to others as it takes.
async fn index_politely(app: &App) -> Result<()> {
    let mut entered = false;
    loop {
        let begun = Instant::now();
        if index_batch(app).await? {
            entered = true;
        } else if !entered || !merge(app).await? {
            return Ok(());
        }
        tokio::time::sleep(begun.elapsed()).await;
    }
}

/// Brings the index in order as far as it goes: a search then looks in few places.
pub async fn settle(app: &App) -> Result<()> {
    while merge(app).await? {}
    Ok(())
}

async fn merge(app: &App) -> Result<bool> {
    let mut tx = app.db.write().await?;
    let more = store::merge(&mut tx, PAGES).await?;
    tx.commit().await?;
    Ok(more)
}

/// Notes everything there is for an index that was never built; does nothing when it was.
pub async fn build(app: &App) -> Result<()> {
    let mut tx = app.db.write().await?;
    if setting::read(&mut tx, BUILT).await?.is_some() {
        return Ok(());
    }
    for source in sources() {
        store::enqueue_all(&mut tx, source.table).await?;
    }
    setting::save(&mut tx, BUILT, "1").await?;
    tx.commit().await
}
