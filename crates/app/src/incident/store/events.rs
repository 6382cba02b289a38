//! The timeline's entries.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::super::model::{IncidentId, PartId};

/// An entry of the timeline.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct TimelineEvent {
    pub id: PartId,
    pub kind: String,
    pub title_vi: String,
    pub title_en: String,
    pub text: String,
    pub happened_at: Time,
    /// When somebody noticed, where that was another moment.
    pub noticed_at: Option<Time>,
    pub recorded_at: Time,
    pub recorded_by: String,
    /// The account that wrote it.
    pub recorder_id: String,
    /// Stands in the summary.
    pub starred: bool,
    /// Written by a person, not by the product.
    pub by_hand: bool,
    pub version: i64,
}

const COLUMNS: &str = "SELECT e.id, e.kind, e.title_vi, e.title_en, e.text, e.happened_at, e.noticed_at, e.recorded_at,
       e.recorded_by, e.recorder_id, e.starred, e.by_hand, e.version
  FROM timeline_events e";

/// Entries in the order they happened, from the newest or from the oldest, behind a cursor.
pub async fn list(
    tx: &mut Tx,
    incident: &IncidentId,
    kind: Option<&str>,
    oldest_first: bool,
    after: Option<(Time, &str)>,
    limit: i64,
) -> Result<Vec<TimelineEvent>> {
    let mut select = Select::new(COLUMNS, []).and("e.incident_id = ?", args![incident]);
    if let Some(kind) = kind {
        select = select.and("e.kind = ?", args![kind]);
    }
    if let Some((at, id)) = after {
        select = match oldest_first {
            true => select.and("(e.happened_at, e.id) > (?, ?)", args![at, id]),
            false => select.and("(e.happened_at, e.id) < (?, ?)", args![at, id]),
        };
    }
    let tail = match oldest_first {
        true => "ORDER BY e.happened_at, e.id LIMIT ?",
        false => "ORDER BY e.happened_at DESC, e.id DESC LIMIT ?",
    };
    tx.select(select.tail(tail, args![limit])).await
}

/// What stands in the summary, in the order it happened; the latest twenty.
pub async fn list_starred(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<TimelineEvent>> {
    let select = Select::new(COLUMNS, [])
        .and("e.incident_id = ?", args![incident])
        .and("e.starred = TRUE", [])
        .tail("ORDER BY e.happened_at DESC, e.id DESC LIMIT 20", []);
    let mut starred: Vec<TimelineEvent> = tx.select(select).await?;
    starred.reverse();
    Ok(starred)
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &PartId) -> Result<Option<TimelineEvent>> {
    let select = Select::new(COLUMNS, []).and("e.incident_id = ?", args![incident]).and("e.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, event: &TimelineEvent) -> Result<()> {
    insert_many(tx, incident, std::slice::from_ref(event)).await
}

/// Writes several entries in one statement; a few hundred at most.
pub async fn insert_many(tx: &mut Tx, incident: &IncidentId, entries: &[TimelineEvent]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows = entries.iter().map(|it| {
        args![
            &it.id,
            incident,
            &it.kind,
            &it.title_vi,
            &it.title_en,
            &it.text,
            it.happened_at,
            it.noticed_at,
            it.recorded_at,
            &it.recorded_by,
            &it.recorder_id,
            it.starred,
            it.by_hand,
            1_i64,
        ]
    });
    let insert = Select::new(
        "INSERT INTO timeline_events
             (id, incident_id, kind, title_vi, title_en, text, happened_at, noticed_at, recorded_at, recorded_by,
              recorder_id, starred, by_hand, version) VALUES",
        [],
    );
    tx.run_built("timeline_events", insert.rows(rows)).await?;
    Ok(())
}

/// Writes an entry back, unless it was changed since its version was read.
pub async fn save(tx: &mut Tx, event: &TimelineEvent) -> Result<u64> {
    let it = event;
    tx.run(
        sql!(
            "UPDATE timeline_events
                SET kind = $3, title_vi = $4, title_en = $5, text = $6, happened_at = $7, noticed_at = $8, starred = $9,
                    version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &it.id,
            it.version,
            &it.kind,
            &it.title_vi,
            &it.title_en,
            &it.text,
            it.happened_at,
            it.noticed_at,
            it.starred,
        ],
    )
    .await
}

/// How many entries there are; stops counting at 1000.
pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let counted: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*)
                   FROM (SELECT id FROM timeline_events WHERE incident_id = $1 LIMIT 1000) AS counted"
            ),
            args![incident],
        )
        .await?;
    Ok(counted.map_or(0, |(count,)| count))
}
