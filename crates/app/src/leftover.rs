//! Files whose form was refused after they had come in. They were marked then; a day later, when no row names them, they
//! go. So do uploads in pieces that nobody goes on with, and bytes destroyed by an act that a power failure had kept. What nobody marked is never touched, so that a wrong or older database can cost no file.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::DAY;

use crate::app::App;
use crate::evidence;

/// How long a file may wait for its row: the other files of its form may take hours.
const AGE: i64 = DAY;
/// How often it is looked after.
const PAUSE: Duration = Duration::from_secs(3600);

/// Tidies up when the product begins to serve and every hour from then on.
pub async fn keep_tidy(app: App) {
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = tidy(&app).await {
            tracing::warn!("tidying up files of refused forms failed: {error}");
        }
    }
}

/// Removes marked files that no row names, and uploads that were cut off by a power failure.
pub async fn tidy(app: &App) -> Result<()> {
    let before = app.now().plus(-AGE);
    app.blobs.forget_incoming(before).await?;
    evidence::forget_idle(app).await?;
    for sha256 in app.blobs.doubted(before).await? {
        let mut tx = app.db.read().await?;
        let rows = tx.whole_rows("files", std::slice::from_ref(&sha256)).await?;
        // A row whose bytes were destroyed by an act names them no more.
        let named =
            rows.values().any(|row| row.columns.iter().any(|(name, value)| name == "removed_at" && value.is_none()))
                || evidence::waits_to_be_described(&mut tx, &sha256).await?;
        drop(tx);
        app.blobs.settle(&sha256, named, before).await?;
    }
    Ok(())
}
