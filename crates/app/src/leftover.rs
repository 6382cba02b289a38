//! Files whose form was refused after they had come in. They were marked then; a day later, when no row names them, they
//! go. What nobody marked is never touched, so that a wrong or older database can cost no file.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::DAY;

use crate::app::App;

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
    for sha256 in app.blobs.doubted(before).await? {
        let mut tx = app.db.read().await?;
        let named = !tx.whole_rows("files", std::slice::from_ref(&sha256)).await?.is_empty();
        drop(tx);
        app.blobs.settle(&sha256, named, before).await?;
    }
    Ok(())
}
