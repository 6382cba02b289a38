//! Calendar feeds: an address with a secret in it, under which a calendar program reads what is due for a person or a
//! unit. Only the hash of the secret is kept; whoever holds the address reads as the account that made it, and no more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::time::Time;
use ungcuu_kit::{chance, id_type, text};

use super::{store, units};
use crate::auth::{AccountId, token_hash};
use crate::org::UnitId;
use crate::work::Work;

id_type!(
    /// The address of a calendar feed.
    FeedId, "cal"
);

/// The stream of the journal for what people do to their own accounts.
const STREAM: &str = "accounts";
/// How many addresses one account may have.
const FEEDS: usize = 10;

/// A feed that answers.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Feed {
    pub id: FeedId,
    #[serde(skip)]
    pub account_id: AccountId,
    /// Absent: what is due for the account itself.
    pub unit_id: Option<UnitId>,
    pub unit_name: String,
    pub made_at: Time,
}

/// For whom the feed is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FeedForm {
    /// One of the reader's units; empty for what is due for themselves.
    pub unit: Raw,
}

/// Makes a feed; gives back the secret, which nobody can read again.
pub async fn make(work: &mut Work, form: &FeedForm) -> Result<String> {
    let mut checks = Checks::new();
    let unit: Option<UnitId> = checks.id_or_none("unit", &form.unit);
    let app = work.app.clone();
    let actor = work.actor.clone();
    if let Some(unit) = &unit
        && !units::own_units(&mut work.tx, &app.pack, &actor).await?.contains(unit)
    {
        checks.refuse("unit", unknown());
    }
    checks.done()?;
    if store::settings::list_feeds(&mut work.tx, &actor.account_id).await?.len() >= FEEDS {
        return Err(Error::not_now(
            "Đã có 10 địa chỉ lịch. Hãy thu hồi địa chỉ không dùng nữa.",
            "There are 10 addresses already. Revoke those no longer used first.",
        ));
    }
    let secret = chance::secret();
    insert(work, unit, &secret).await?;
    Ok(secret)
}

/// Ends a feed and makes another in its place.
pub async fn renew(work: &mut Work, id: &FeedId) -> Result<String> {
    let account = work.actor.account_id.clone();
    let feeds = store::settings::list_feeds(&mut work.tx, &account).await?;
    let feed = feeds.into_iter().find(|feed| feed.id == *id).ok_or(Error::NotFound)?;
    revoke(work, id).await?;
    let secret = chance::secret();
    insert(work, feed.unit_id, &secret).await?;
    Ok(secret)
}

/// Ends a feed of one's own.
pub async fn revoke(work: &mut Work, id: &FeedId) -> Result<()> {
    let (account, now) = (work.actor.account_id.clone(), work.now);
    if store::settings::revoke_feed(&mut work.tx, &account, id, now).await? == 0 {
        return Err(Error::NotFound);
    }
    let name = &work.actor.name;
    let what = text!("{name} thu hồi một địa chỉ lịch hạn việc", "{name} revoked a calendar address");
    work.record(STREAM, "deadline.feed_revoked", what, &[("calendar_feeds", id.as_str())]);
    Ok(())
}

async fn insert(work: &mut Work, unit_id: Option<UnitId>, secret: &str) -> Result<()> {
    let feed = Feed {
        id: FeedId::new(&work.app.chance, work.now),
        account_id: work.actor.account_id.clone(),
        unit_id,
        unit_name: String::new(),
        made_at: work.now,
    };
    store::settings::insert_feed(&mut work.tx, &feed, &token_hash(secret)).await?;
    let name = &work.actor.name;
    let what = text!("{name} tạo một địa chỉ lịch hạn việc", "{name} made a calendar address");
    work.record(STREAM, "deadline.feed_made", what, &[("calendar_feeds", feed.id.as_str())]);
    Ok(())
}
