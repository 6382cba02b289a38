//! All SQL about counters.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

/// The next number of a series (`incident:2026`). There are no gaps, because it is taken in the unit of work that uses it.
pub async fn next(tx: &mut Tx, series: &str) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .run_returning(
            sql!(
                "INSERT INTO counters (id, value) VALUES ($1, 1)
                 ON CONFLICT (id) DO UPDATE SET value = counters.value + 1
                 RETURNING value"
            ),
            args![series],
        )
        .await?;
    next.map(|(value,)| value).ok_or_else(|| anyhow::anyhow!("a counter always answers").into())
}
