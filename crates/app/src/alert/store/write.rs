//! Changing alerts: taking them in, one or many at once, folding, deciding.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::fold;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::alert::model::{Alert, AlertId, NewAlert, week};
use crate::incident::IncidentId;
use crate::org::PersonId;

/// Rows in one `INSERT`: SQLite takes some 32,000 arguments at once.
const ROWS: usize = 500;

/// Lets one unit of work at a time take alerts in, so that two equal alerts arriving together become one.
pub async fn lock_intake(tx: &mut Tx, series: &str) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO counters (id, value) VALUES ($1, 0)
             ON CONFLICT (id) DO UPDATE SET value = counters.value"
        ),
        args![series],
    )
    .await?;
    Ok(())
}

/// Reserves `count` numbers and gives back the last of them.
pub async fn reserve_numbers(tx: &mut Tx, series: &str, count: i64) -> Result<i64> {
    let last: Option<(i64,)> = tx
        .run_returning(
            sql!("UPDATE counters SET value = value + $2 WHERE id = $1 RETURNING value"),
            args![series, count],
        )
        .await?;
    last.map(|(value,)| value).ok_or_else(|| anyhow::anyhow!("the counter was locked a moment ago").into())
}

/// An alert about to be stored.
pub struct Fresh<'a> {
    pub id: AlertId,
    pub code: String,
    pub new: &'a NewAlert,
    pub print: String,
    pub count: i64,
    pub tracking_code: Option<String>,
    pub tracking_hash: Option<String>,
}

const INSERT: &str = "INSERT INTO alerts
     (id, code, title, title_folded, description, severity, status, is_open, outcome, outcome_note, source, external_id,
      fingerprint, count, unit_id, system_id, place, tile, scenario, indicators, reporter_name, reporter_phone,
      reporter_email, tracking_code, tracking_hash, has_news, received_by, happened_at, noticed_at, received_at,
      last_seen_at, version) VALUES";

/// Stores alerts, many rows in one statement.
pub async fn insert(tx: &mut Tx, fresh: &[Fresh<'_>], by: &str, now: Time) -> Result<()> {
    let week = week(now);
    for chunk in fresh.chunks(ROWS) {
        let rows = chunk.iter().map(|it| {
            let new = it.new;
            args![
                &it.id,
                &it.code,
                &new.title,
                fold(&new.title),
                &new.description,
                new.severity,
                "new",
                true,
                "",
                "",
                &new.source,
                &new.external_id,
                format!("{week}{}", it.print),
                it.count,
                &new.unit_id,
                &new.system_id,
                &new.place,
                &new.tile,
                &new.scenario,
                &new.indicators,
                &new.reporter_name,
                &new.reporter_phone,
                &new.reporter_email,
                &it.tracking_code,
                &it.tracking_hash,
                false,
                by,
                new.happened_at,
                new.noticed_at,
                now,
                now,
                1_i64,
            ]
        });
        tx.run_built("alerts", Select::new(INSERT, []).rows(rows)).await?;
    }
    Ok(())
}

/// Counts equal alerts into those that are open already. While nobody has looked, the most severe word holds.
pub async fn fold_into(tx: &mut Tx, ids: &[&AlertId], more: i64, severity: i64, now: Time) -> Result<()> {
    for chunk in ids.chunks(ROWS) {
        let update = Select::new(
            "UPDATE alerts SET count = count + ?, last_seen_at = ?, fingerprint = ? || SUBSTR(fingerprint, 6),
                    severity = CASE WHEN status = 'new' AND severity < ? THEN ? ELSE severity END",
            args![more, now, week(now), severity, severity],
        )
        .and_in("id", chunk.iter().map(|id| Arg::from(*id)));
        tx.run_built("alerts", update).await?;
    }
    Ok(())
}

/// Writes an alert's decision back unless someone decided since; says how many rows changed.
pub async fn save(tx: &mut Tx, alert: &Alert) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE alerts
                SET severity = $3, status = $4, is_open = $5, outcome = $6, outcome_note = $7, owner_id = $8,
                    taken_at = $9, verified_at = $10, ended_at = $11, merged_into = $12, incident_id = $13,
                    has_news = $14, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &alert.id,
            alert.version,
            alert.severity,
            alert.status,
            alert.status.is_open(),
            &alert.outcome,
            &alert.outcome_note,
            &alert.owner_id,
            alert.taken_at,
            alert.verified_at,
            alert.ended_at,
            &alert.merged_into,
            &alert.incident_id,
            alert.has_news,
        ],
    )
    .await
}

/// Takes every alert of the list that is still new.
pub async fn take_many(tx: &mut Tx, ids: &[AlertId], owner: &PersonId, now: Time) -> Result<u64> {
    let update = Select::new(
        "UPDATE alerts SET status = 'taken', owner_id = ?, taken_at = ?, has_news = FALSE, version = version + 1",
        args![owner, now],
    );
    change_many(tx, update.and("status = 'new'", []), ids).await
}

/// Dismisses every alert of the list that is still open.
pub async fn dismiss_many(tx: &mut Tx, ids: &[AlertId], outcome: &str, note: &str, now: Time) -> Result<u64> {
    let update = Select::new(
        "UPDATE alerts SET status = 'dismissed', is_open = FALSE, outcome = ?, outcome_note = ?, ended_at = ?,
                has_news = FALSE, version = version + 1",
        args![outcome, note, now],
    );
    change_many(tx, update.and("is_open = TRUE", []), ids).await
}

/// Merges every alert of the list that is still open into another.
pub async fn merge_many(tx: &mut Tx, ids: &[AlertId], into: &Alert, now: Time) -> Result<u64> {
    let update = Select::new(
        "UPDATE alerts SET status = 'merged', is_open = FALSE, merged_into = ?, incident_id = ?, ended_at = ?,
                has_news = FALSE, version = version + 1",
        args![&into.id, &into.incident_id, now],
    );
    change_many(tx, update.and("is_open = TRUE", []), ids).await
}

async fn change_many(tx: &mut Tx, update: Select, ids: &[AlertId]) -> Result<u64> {
    tx.run_built("alerts", update.and_in("id", ids.iter().map(Arg::from))).await
}

/// Adds what was merged in to the count, or takes it away again.
pub async fn add_count(tx: &mut Tx, id: &AlertId, more: i64, seen: Time) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE alerts
                SET count = CASE WHEN count + $2 < 1 THEN 1 ELSE count + $2 END,
                    last_seen_at = CASE WHEN last_seen_at < $3 THEN $3 ELSE last_seen_at END
              WHERE id = $1"
        ),
        args![id, more, seen],
    )
    .await?;
    Ok(())
}

/// Puts what was merged into an alert behind the same incident.
pub async fn put_behind(tx: &mut Tx, ids: &[AlertId], incident: &IncidentId) -> Result<()> {
    let update = Select::new("UPDATE alerts SET incident_id = ?", args![incident]);
    tx.run_built("alerts", update.and_in("id", ids.iter().map(Arg::from))).await?;
    Ok(())
}

/// Marks that the reporter wrote again, or that somebody has looked.
pub async fn set_news(tx: &mut Tx, id: &AlertId, news: bool) -> Result<()> {
    tx.run(sql!("UPDATE alerts SET has_news = $2 WHERE id = $1"), args![id, news]).await?;
    Ok(())
}
