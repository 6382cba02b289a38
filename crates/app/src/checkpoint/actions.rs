//! Making and changing the signing key.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;

use super::model::Key;
use super::seal::{folder, take_turn};
use super::signing::Signer;
use super::{STREAM, seal, store};
use crate::actor::Actor;
use crate::app::App;
use crate::permission::Permission;

/// Makes the first key, once.
pub(super) async fn begin(app: &App) -> Result<()> {
    let mut tx = app.db.read().await?;
    let some = !store::list_keys(&mut tx).await?.is_empty();
    drop(tx);
    if some {
        return Ok(());
    }
    make(app, Actor::system(), "").await?;
    Ok(())
}

/// Changes the key: the present one signs for the new one, which signs from then on. When the present one is lost, nobody
/// vouches for the new one, and every later check says so.
pub(super) async fn change(app: &App, actor: Actor, reason: &str) -> Result<Key> {
    actor.must(Permission::Admin)?;
    let lost = matches!(seal::present_signer(app).await, Err(Error::NotNow(_)));
    if !lost {
        // What was done under the present key is signed by it.
        seal(app).await?;
    }
    let key = make(app, actor, reason).await?;
    seal(app).await?;
    Ok(key)
}

async fn make(app: &App, actor: Actor, reason: &str) -> Result<Key> {
    let folder = folder(app)?;
    let mut work = app.work(actor).await?;
    take_turn(&mut work.tx, work.now).await?;
    let before = store::list_keys(&mut work.tx).await?.pop();
    if before.is_some() && reason.is_empty() {
        // Another process was first.
        return Ok(before.unwrap_or_default());
    }
    // Two small files are read and written while the work is open: whoever has the turn must be the only one to do it, or
    // two processes that start together would each put the other's key away.
    let vouching = match &before {
        Some(before) => folder.signer(&before.public_key)?.map(|signer| (before.number, signer)),
        None => None,
    };
    let (fresh, seed) = Signer::fresh()?;
    let mut key = Key {
        number: before.as_ref().map_or(0, |before| before.number) + 1,
        public_key: fresh.public_key(),
        valid_from: before.as_ref().map_or(work.now, |before| before.valid_from.max(work.now)),
        valid_to: None,
        endorsed_by: vouching.as_ref().map(|(number, _)| *number),
        endorsement: String::new(),
        reason: reason.to_owned(),
        made_by: work.actor.name.clone(),
    };
    key.endorsement = vouching.as_ref().map_or(&fresh, |(_, signer)| signer).sign(key.words().as_bytes());
    store::insert_key(&mut work.tx, &key).await?;
    let (id, number, fingerprint) = (store::key_id(key.number), key.number, key.fingerprint());
    match &before {
        Some(before) => {
            store::save_key_end(&mut work.tx, before.number, key.valid_from).await?;
            let old = store::key_id(before.number);
            let rows = [("checkpoint_keys", id.as_str()), ("checkpoint_keys", old.as_str())];
            let what = text!(
                "Thay khoá ký, khoá số {number}, dấu vân {fingerprint}. Lý do: {reason}",
                "Changed the signing key, key {number}, fingerprint {fingerprint}. Reason: {reason}"
            );
            work.record(STREAM, "checkpoint.key_changed", what, &rows);
        }
        None => {
            let what = text!(
                "Lập khoá ký đầu tiên, dấu vân {fingerprint}",
                "Made the first signing key, fingerprint {fingerprint}"
            );
            work.record(STREAM, "checkpoint.key_made", what, &[("checkpoint_keys", &id)]);
        }
    }
    folder.keep_next(&seed)?;
    work.commit().await?;
    // Puts the new one in its place, now that the records know it.
    folder.signer(&key.public_key)?;
    Ok(key)
}
