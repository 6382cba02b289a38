//! Keeps the index in step with the records. Looks at the queue and makes it right; may run twice, may run late.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use ungcuu_kit::error::Result;

use super::{Source, store};
use crate::app::App;
use crate::setting;

/// How many rows are entered in one transaction. Small, because on SQLite everyone waits for the one writer.
const BATCH: i64 = 200;
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
    let queued = store::list_queued(&mut tx, BATCH).await?;
    let mut tables: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &queued {
        tables.entry(&row.table_name).or_default().push(row.row_id.clone());
    }
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
        if let Err(cause) = index_pending(&app).await {
            tracing::error!("indexing: {cause}");
        }
        // Woken by a change here; a change made by another process is found within two seconds.
        if let Ok(Err(RecvError::Closed)) = tokio::time::timeout(Duration::from_secs(2), changes.recv()).await {
            return;
        }
    }
}

async fn build(app: &App) -> Result<()> {
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
