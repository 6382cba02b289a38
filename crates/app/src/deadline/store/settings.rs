//! SQL about holidays corrected on the screen, days set by the locality, and the addresses of calendar feeds.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::auth::AccountId;
use crate::deadline::feed::{Feed, FeedId};
use crate::deadline::settings::{HolidayYear, ReportDay};

/// Every year that was corrected.
pub async fn list_years(tx: &mut Tx) -> Result<Vec<HolidayYear>> {
    tx.all(
        sql!(
            "SELECT id, year, days_off, days_on, note, changed_at, changed_by, version
               FROM holiday_years ORDER BY year, id LIMIT 200"
        ),
        args![],
    )
    .await
}

pub async fn insert_year(tx: &mut Tx, it: &HolidayYear) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO holiday_years (id, year, days_off, days_on, note, changed_at, changed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1)"
        ),
        args![&it.id, it.year, &it.days_off, &it.days_on, &it.note, it.changed_at, &it.changed_by],
    )
    .await?;
    Ok(())
}

/// Writes a year back, unless it changed since `version` was read.
pub async fn save_year(tx: &mut Tx, it: &HolidayYear) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE holiday_years
                SET days_off = $3, days_on = $4, note = $5, changed_at = $6, changed_by = $7, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, &it.days_off, &it.days_on, &it.note, it.changed_at, &it.changed_by],
    )
    .await
}

/// Every day that the locality set.
pub async fn list_days(tx: &mut Tx) -> Result<Vec<ReportDay>> {
    tx.all(
        sql!(
            "SELECT id, rule, month, day, changed_at, changed_by, version FROM report_days ORDER BY rule, id LIMIT 200"
        ),
        args![],
    )
    .await
}

pub async fn insert_day(tx: &mut Tx, it: &ReportDay) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO report_days (id, rule, month, day, changed_at, changed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, 1)"
        ),
        args![&it.id, &it.rule, it.month, it.day, it.changed_at, &it.changed_by],
    )
    .await?;
    Ok(())
}

/// Writes a day back, unless it changed since `version` was read.
pub async fn save_day(tx: &mut Tx, it: &ReportDay) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE report_days SET month = $3, day = $4, changed_at = $5, changed_by = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.month, it.day, it.changed_at, &it.changed_by],
    )
    .await
}

/// The feeds of an account that still answer, the latest first.
pub async fn list_feeds(tx: &mut Tx, account: &AccountId) -> Result<Vec<Feed>> {
    tx.all(
        sql!(
            "SELECT f.id, f.account_id, f.unit_id, COALESCE(u.name, '') AS unit_name, f.made_at
               FROM calendar_feeds f LEFT JOIN units u ON u.id = f.unit_id
              WHERE f.account_id = $1 AND f.revoked_at IS NULL
              ORDER BY f.made_at DESC, f.id DESC LIMIT 50"
        ),
        args![account],
    )
    .await
}

/// The feed behind the hash of a secret, while it answers and its account may sign in.
pub async fn find_feed(tx: &mut Tx, hash: &str) -> Result<Option<Feed>> {
    tx.one(
        sql!(
            "SELECT f.id, f.account_id, f.unit_id, COALESCE(u.name, '') AS unit_name, f.made_at
               FROM calendar_feeds f
               JOIN accounts a ON a.id = f.account_id
               LEFT JOIN units u ON u.id = f.unit_id
              WHERE f.hash = $1 AND f.revoked_at IS NULL AND a.disabled = FALSE"
        ),
        args![hash],
    )
    .await
}

pub async fn insert_feed(tx: &mut Tx, feed: &Feed, hash: &str) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO calendar_feeds (id, account_id, unit_id, hash, made_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, NULL)"
        ),
        args![&feed.id, &feed.account_id, &feed.unit_id, hash, feed.made_at],
    )
    .await?;
    Ok(())
}

/// Ends a feed of an account; says whether there was one.
pub async fn revoke_feed(tx: &mut Tx, account: &AccountId, id: &FeedId, now: Time) -> Result<u64> {
    tx.run(
        sql!("UPDATE calendar_feeds SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL"),
        args![id, account, now],
    )
    .await
}
