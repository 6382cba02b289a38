//! All SQL of the register of numbers.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use super::{Number, NumberId, NumberState};
use crate::actor::Scope;
use crate::org::UnitId;
use crate::report::ReportId;

const SELECT: &str =
    "SELECT n.id, n.unit_id, u.name AS unit_name, n.kind, n.year, n.number, n.symbol, n.subject, n.state,
       n.report_id, n.incident_id, n.skipped, n.reason, n.taken_at, n.taken_by, n.version,
       r.form, r.ordinal, i.code AS incident_code
  FROM document_numbers n
  JOIN units u ON u.id = n.unit_id
  LEFT JOIN reports r ON r.id = n.report_id
  LEFT JOIN incidents i ON i.id = n.incident_id";

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct NumberFilter {
    pub unit: Option<UnitId>,
    pub kind: Option<String>,
    pub year: Option<i64>,
    pub state: Option<NumberState>,
}

/// Numbers of the units a reader covers, the last taken first.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &NumberFilter,
    after: Option<&NumberId>,
    most: i64,
) -> Result<Vec<Number>> {
    let mut select = Select::new(SELECT, []);
    if !scope.everywhere {
        select = select.and_in("n.unit_id", scope.units.iter().map(Into::into));
    }
    if let Some(unit) = &filter.unit {
        select = select.and("n.unit_id = ?", args![unit]);
    }
    if let Some(kind) = &filter.kind {
        select = select.and("n.kind = ?", args![kind]);
    }
    if let Some(year) = filter.year {
        select = select.and("n.year = ?", args![year]);
    }
    if let Some(state) = filter.state {
        select = select.and("n.state = ?", args![state]);
    }
    if let Some(after) = after {
        select = select.and("n.id < ?", args![after]);
    }
    tx.select(select.tail("ORDER BY n.id DESC LIMIT ?", args![most])).await
}

pub async fn find(tx: &mut Tx, id: &NumberId) -> Result<Option<Number>> {
    Ok(tx.select(Select::new(SELECT, []).and("n.id = ?", args![id])).await?.pop())
}

/// The number that a report has, whatever was given up before.
pub async fn find_of_report(tx: &mut Tx, report: &ReportId) -> Result<Option<Number>> {
    let select = Select::new(SELECT, []).and("n.report_id = ?", args![report]).and("n.state <> 'cancelled'", []);
    Ok(tx.select(select.tail("ORDER BY n.id DESC LIMIT 1", [])).await?.pop())
}

/// Who has this number already.
pub async fn find_at(tx: &mut Tx, unit: &UnitId, kind: &str, year: i64, number: i64) -> Result<Option<Number>> {
    let select = Select::new(SELECT, [])
        .and("n.unit_id = ?", args![unit])
        .and("n.kind = ?", args![kind])
        .and("n.year = ?", args![year])
        .and("n.number = ?", args![number]);
    Ok(tx.select(select).await?.pop())
}

/// The highest number of a series; 0 when it has none.
pub async fn last(tx: &mut Tx, unit: &UnitId, kind: &str, year: i64) -> Result<i64> {
    let last: Option<(Option<i64>,)> = tx
        .one(
            sql!("SELECT MAX(number) FROM document_numbers WHERE unit_id = $1 AND kind = $2 AND year = $3"),
            args![unit, kind, year],
        )
        .await?;
    Ok(last.and_then(|(last,)| last).unwrap_or(0))
}

/// Holds a series until this work is over, so that of two who take a number at once one waits.
pub async fn hold_series(tx: &mut Tx, unit: &UnitId, kind: &str, year: i64) -> Result<()> {
    let series = format!("document:{unit}:{kind}:{year}");
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

pub async fn insert(tx: &mut Tx, number: &Number) -> Result<()> {
    let it = number;
    tx.run(
        sql!(
            "INSERT INTO document_numbers
                 (id, unit_id, kind, year, number, symbol, subject, state, report_id, incident_id, skipped, reason,
                  taken_at, taken_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)"
        ),
        args![
            &it.id,
            &it.unit_id,
            &it.kind,
            it.year,
            it.number,
            &it.symbol,
            &it.subject,
            it.state,
            &it.report_id,
            &it.incident_id,
            it.skipped,
            &it.reason,
            it.taken_at,
            &it.taken_by,
        ],
    )
    .await?;
    Ok(())
}

/// What became of it, and why; 0 when somebody changed it meanwhile.
pub async fn save(tx: &mut Tx, number: &Number) -> Result<u64> {
    let it = number;
    tx.run(
        sql!(
            "UPDATE document_numbers SET state = $3, reason = $4, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.state, &it.reason],
    )
    .await
}
