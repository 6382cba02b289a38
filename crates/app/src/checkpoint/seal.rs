//! Makes checkpoints: every hour when something has changed, and when somebody asks.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{HOUR, Time};

use super::model::{Checkpoint, FIRST, Key};
use super::signing::{Folder, Signer};
use super::{actions, merkle, store, timestamp};
use crate::actor::Actor;
use crate::app::App;
use crate::setting;

/// The most streams in one checkpoint, so that making it stays short; the rest goes into the next one at once.
pub const MOST: i64 = 5000;
/// How long a change may be under way, and clocks of several machines apart, before a checkpoint counts on having seen it.
const LOOK_BACK: i64 = HOUR;
/// How often it is looked whether the hour is over.
const PAUSE: Duration = Duration::from_secs(60);
/// How long an authority that did not answer is left alone.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The setting that processes on one database take turns by.
const TURN: &str = "checkpoint_turn";

/// Keeps the checkpoints up to date for as long as the product serves.
pub async fn keep_sealing(app: App) {
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ask_again = Instant::now();
    loop {
        beat.tick().await;
        if let Err(error) = keep_up(&app).await {
            tracing::warn!("making a checkpoint failed: {error}");
        }
        if Instant::now() < ask_again {
            continue;
        }
        if let Err(error) = timestamp::stamp_last(&app).await {
            tracing::warn!("no time-stamp: {error}");
            ask_again = Instant::now() + PATIENCE;
        }
    }
}

/// Makes the first key when there is none, and a checkpoint when the last is an hour old and something has changed.
pub async fn keep_up(app: &App) -> Result<()> {
    if app.settings.seal.is_none() {
        return Ok(());
    }
    actions::begin(app).await?;
    let mut tx = app.db.read().await?;
    let last = store::find_last(&mut tx).await?;
    drop(tx);
    if last.is_none_or(|last| last.at.plus(HOUR) <= app.now()) {
        seal(app).await?;
    }
    Ok(())
}

/// Makes a checkpoint of whatever has grown, several when it is too much for one. Gives the number of the last one made;
/// none when nothing has grown.
pub async fn seal(app: &App) -> Result<Option<i64>> {
    let (key, signer) = present_signer(app).await?;
    let mut made = None;
    loop {
        let Some(checkpoint) = seal_once(app, &key, &signer).await? else { break };
        made = Some(checkpoint.number);
        if checkpoint.streams < MOST {
            break;
        }
    }
    if made.is_some() {
        list_in_folder(app).await?;
    }
    Ok(made)
}

/// The key that signs now, with its private half.
pub(crate) async fn present_signer(app: &App) -> Result<(Key, Arc<Signer>)> {
    let folder = folder(app)?;
    let mut tx = app.db.read().await?;
    let key = store::list_keys(&mut tx).await?.pop().ok_or_else(no_key)?;
    drop(tx);
    let signer = folder.signer(&key.public_key)?.ok_or_else(lost_key)?;
    Ok((key, Arc::new(signer)))
}

pub(super) fn folder(app: &App) -> Result<Folder> {
    app.settings.seal.clone().map(Folder).ok_or_else(no_key)
}

/// Until this work has ended, no other process makes a checkpoint or a key.
pub(super) async fn take_turn(tx: &mut Tx, now: Time) -> Result<()> {
    setting::save(tx, TURN, &now.0.to_string()).await
}

async fn seal_once(app: &App, key: &Key, signer: &Signer) -> Result<Option<Checkpoint>> {
    let mut work = app.work(Actor::system()).await?;
    take_turn(&mut work.tx, work.now).await?;
    let last = store::find_last(&mut work.tx).await?;
    let since = last.as_ref().map_or(Time(0), |last| last.complete_to);
    let mut heads = store::list_grown(&mut work.tx, since, MOST).await?;
    if heads.is_empty() {
        return Ok(None);
    }
    if store::list_keys(&mut work.tx).await?.last().is_none_or(|present| present.number != key.number) {
        // Somebody changed the key in between; the next turn signs with the new one.
        return Err(Error::Conflict(Box::default()));
    }
    // By code points, whatever the database sorts by.
    heads.sort_by(|a, b| a.stream.cmp(&b.stream));
    let all = i64::try_from(heads.len()).unwrap_or(MOST) < MOST;
    let mut checkpoint = Checkpoint {
        number: last.as_ref().map_or(0, |last| last.number) + 1,
        // A clock that was set back does not turn the order round.
        at: last.as_ref().map_or(work.now, |last| last.at.max(work.now)).max(key.valid_from),
        complete_to: if all { since.max(work.now.plus(-LOOK_BACK)) } else { since },
        streams: i64::try_from(heads.len()).unwrap_or(MOST),
        root: merkle::root(&heads),
        previous: last.map_or_else(|| FIRST.to_owned(), |last| last.hash),
        key_number: key.number,
        signature: String::new(),
        hash: String::new(),
    };
    // Some thousand hashes and one signature: milliseconds, and only now is it known what they are over.
    checkpoint.signature = signer.sign(checkpoint.words().as_bytes());
    checkpoint.hash = checkpoint.computed_hash();
    store::insert(&mut work.tx, &checkpoint, &heads).await?;
    work.commit().await?;
    Ok(Some(checkpoint))
}

/// Adds the checkpoints that are not yet in the folder's list.
async fn list_in_folder(app: &App) -> Result<()> {
    let folder = folder(app)?;
    let list = folder.list();
    let listed = tokio::task::spawn_blocking(move || last_listed(&list)).await.map_err(Error::internal)??;
    let mut after = listed;
    loop {
        let mut tx = app.db.read().await?;
        let checkpoints = store::list_after(&mut tx, after, 500).await?;
        drop(tx);
        let Some(last) = checkpoints.last() else { return Ok(()) };
        after = last.checkpoint.number;
        let lines: String = checkpoints.iter().map(|listed| line(&listed.checkpoint)).collect();
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || folder.append(&lines)).await.map_err(Error::internal)??;
    }
}

fn line(checkpoint: &Checkpoint) -> String {
    format!("{} {} {}\n", checkpoint.number, checkpoint.hash, checkpoint.at.to_iso())
}

/// Number and hash out of a line of the folder's list.
pub(crate) fn read_checkpoint(line: &str) -> Option<(i64, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?))
}

fn last_listed(list: &std::path::Path) -> Result<i64> {
    match std::fs::read_to_string(list) {
        Ok(text) => Ok(text.lines().rev().find_map(read_checkpoint).map_or(0, |(number, _)| number)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(cause) => Err(cause.into()),
    }
}

fn no_key() -> Error {
    Error::NotNow(Text::new(
        "Bản cài đặt này chưa có khoá ký. Khoá được lập khi máy chủ chạy lần đầu; hãy thử lại sau một phút.",
        "This installation has no signing key yet. It is made when the server first runs; try again in a minute.",
    ))
}

pub(super) fn lost_key() -> Error {
    Error::NotNow(Text::new(
        "Không thấy khoá ký trong thư mục dữ liệu của máy chủ (seal/key). Hãy báo quản trị viên: khôi phục tệp đó hoặc lập khoá mới.",
        "The signing key is not in the server's data folder (seal/key). Tell the administrator to restore that file or to make a new key.",
    ))
}
