//! How far single things of an incident may go, and what went along with what was told.

use ungcuu_kit::args;
use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::sql;
use ungcuu_kit::time::Time;

use crate::coordination::model::{Attached, Item, ItemKind, MarkingId};
use crate::incident::IncidentId;
use crate::work::Work;

const EVIDENCE: &str =
    "SELECT 'evidence' AS kind, t.id, 'CC-' || CASE WHEN t.number < 10 THEN '0' ELSE '' END || CAST(t.number AS TEXT)
                || ' ' || t.name AS label_vi,
            'CC-' || CASE WHEN t.number < 10 THEN '0' ELSE '' END || CAST(t.number AS TEXT) || ' ' || t.name AS label_en,
            COALESCE(m.tlp, i.tlp) AS tlp, CASE WHEN m.id IS NULL THEN FALSE ELSE TRUE END AS marked,
            COALESCE(m.reason, '') AS reason, COALESCE(m.marked_by, '') AS marked_by, m.marked_at,
            COALESCE(m.version, 0) AS version
       FROM evidence t
       JOIN incidents i ON i.id = t.incident_id
       LEFT JOIN markings m ON m.kind = 'evidence' AND m.item_id = t.id";

const INDICATORS: &str =
    "SELECT 'indicator' AS kind, t.id, t.value AS label_vi, t.value AS label_en, COALESCE(m.tlp, i.tlp) AS tlp,
            CASE WHEN m.id IS NULL THEN FALSE ELSE TRUE END AS marked, COALESCE(m.reason, '') AS reason,
            COALESCE(m.marked_by, '') AS marked_by, m.marked_at, COALESCE(m.version, 0) AS version
       FROM indicators t
       JOIN incidents i ON i.id = t.incident_id
       LEFT JOIN markings m ON m.kind = 'indicator' AND m.item_id = t.id";

const EVENTS: &str =
    "SELECT 'event' AS kind, t.id, t.title_vi AS label_vi, t.title_en AS label_en, COALESCE(m.tlp, i.tlp) AS tlp,
            CASE WHEN m.id IS NULL THEN FALSE ELSE TRUE END AS marked, COALESCE(m.reason, '') AS reason,
            COALESCE(m.marked_by, '') AS marked_by, m.marked_at, COALESCE(m.version, 0) AS version
       FROM timeline_events t
       JOIN incidents i ON i.id = t.incident_id
       LEFT JOIN markings m ON m.kind = 'event' AND m.item_id = t.id";

const SITUATIONS: &str =
    "SELECT 'situation' AS kind, t.id, 'Bản tin tình hình số ' || CAST(t.number AS TEXT) AS label_vi,
            'Situation report ' || CAST(t.number AS TEXT) AS label_en, COALESCE(m.tlp, t.tlp) AS tlp,
            CASE WHEN m.id IS NULL THEN FALSE ELSE TRUE END AS marked, COALESCE(m.reason, '') AS reason,
            COALESCE(m.marked_by, '') AS marked_by, m.marked_at, COALESCE(m.version, 0) AS version
       FROM situation_reports t
       LEFT JOIN markings m ON m.kind = 'situation' AND m.item_id = t.id";

/// Things of one kind that can be passed on: no struck evidence, no draft.
fn of_kind(kind: ItemKind, incident: &IncidentId) -> Select {
    let head = match kind {
        ItemKind::Evidence => EVIDENCE,
        ItemKind::Indicator => INDICATORS,
        ItemKind::Event => EVENTS,
        ItemKind::Situation => SITUATIONS,
    };
    let select = Select::new(head, []).and("t.incident_id = ?", args![incident]);
    match kind {
        ItemKind::Evidence => select.and("t.void_reason = ''", []),
        ItemKind::Situation => select.and("t.state = 'published'", []),
        ItemKind::Indicator | ItemKind::Event => select,
    }
}

/// The latest things of a kind, those behind `after`.
pub async fn list(tx: &mut Tx, incident: &IncidentId, kind: ItemKind, after: &str, limit: i64) -> Result<Vec<Item>> {
    let select = of_kind(kind, incident);
    let select = if after.is_empty() { select } else { select.and("t.id < ?", args![after]) };
    tx.select(select.tail("ORDER BY t.id DESC LIMIT ?", args![limit])).await
}

/// These things of a kind, as far as they belong to the incident.
pub async fn list_by_ids(tx: &mut Tx, incident: &IncidentId, kind: ItemKind, ids: &[String]) -> Result<Vec<Item>> {
    let select = of_kind(kind, incident).and_in("t.id", ids.iter().map(|id| id.as_str().into()));
    tx.select(select.tail("ORDER BY t.id LIMIT 100", [])).await
}

/// Identifier and level of these things of a kind, as far as they are marked.
pub async fn list_levels(tx: &mut Tx, kind: ItemKind, ids: &[&str]) -> Result<Vec<(String, String)>> {
    let select = Select::new("SELECT item_id, tlp FROM markings", []).and("kind = ?", args![kind]);
    tx.select(select.and_in("item_id", ids.iter().map(|id| (*id).into())).tail("ORDER BY id LIMIT 1000", [])).await
}

/// The level of one thing of a kind and since when it is marked so.
pub async fn find_level(tx: &mut Tx, kind: ItemKind, item: &str) -> Result<Option<(String, Time)>> {
    tx.one(sql!("SELECT tlp, marked_at FROM markings WHERE kind = $1 AND item_id = $2"), args![kind, item]).await
}

/// The same for everything of a kind in an incident.
pub async fn list_levels_of(tx: &mut Tx, kind: ItemKind, incident: &IncidentId) -> Result<Vec<(String, String)>> {
    tx.all(
        sql!("SELECT item_id, tlp FROM markings WHERE incident_id = $1 AND kind = $2 ORDER BY item_id, id LIMIT 50000"),
        args![incident, kind],
    )
    .await
}

/// Every level that single things of an incident are marked with, and when the last of them was marked so.
pub async fn list_latest(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String, Time)>> {
    tx.all(
        sql!(
            "SELECT tlp, MAX(marked_at) AS marked_at FROM markings WHERE incident_id = $1
              GROUP BY tlp ORDER BY tlp LIMIT 20"
        ),
        args![incident],
    )
    .await
}

/// Every level that something of an incident was marked with.
pub async fn list_words(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT tlp FROM (SELECT tlp FROM markings WHERE incident_id = $1
                              UNION
                              SELECT s.tlp FROM situation_reports s
                               WHERE s.incident_id = $1 AND s.state = 'published'
                                 AND NOT EXISTS (SELECT 1 FROM markings m WHERE m.kind = 'situation' AND m.item_id = s.id)
                             ) AS words ORDER BY tlp LIMIT 20"
        ),
        args![incident],
    )
    .await
}

/// The level and the names of everything of an incident that can be named in a sentence and was marked by itself: number,
/// name and hash of evidence, the value of an indicator. 50,000 of each at most.
pub async fn list_names(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String, Vec<String>)>> {
    let evidence: Vec<(String, i64, String, Option<String>)> = tx
        .all(
            sql!(
                "SELECT m.tlp, e.number, e.name, e.sha256
                   FROM markings m JOIN evidence e ON e.id = m.item_id
                  WHERE m.incident_id = $1 AND m.kind = 'evidence' ORDER BY m.item_id, m.id LIMIT 50000"
            ),
            args![incident],
        )
        .await?;
    let indicators: Vec<(String, String)> = tx
        .all(
            sql!(
                "SELECT m.tlp, n.value FROM markings m JOIN indicators n ON n.id = m.item_id
                  WHERE m.incident_id = $1 AND m.kind = 'indicator' ORDER BY m.item_id, m.id LIMIT 50000"
            ),
            args![incident],
        )
        .await?;
    let named = |(tlp, number, name, sha256): (String, i64, String, Option<String>)| {
        (tlp, [Some(format!("CC-{number:02}")), Some(name), sha256].into_iter().flatten().collect())
    };
    let values = indicators.into_iter().map(|(tlp, value)| (tlp, vec![value]));
    Ok(evidence.into_iter().map(named).chain(values).collect())
}

/// One thing.
pub async fn find(tx: &mut Tx, incident: &IncidentId, kind: ItemKind, id: &str) -> Result<Option<Item>> {
    Ok(list_by_ids(tx, incident, kind, &[id.to_owned()]).await?.pop())
}

/// The marking of a thing: its row, for changing it.
pub async fn find_marking(tx: &mut Tx, kind: ItemKind, item: &str) -> Result<Option<MarkingId>> {
    let found: Option<(MarkingId,)> =
        tx.one(sql!("SELECT id FROM markings WHERE kind = $1 AND item_id = $2"), args![kind, item]).await?;
    Ok(found.map(|(id,)| id))
}

/// Marks a thing for the first time.
pub async fn insert(work: &mut Work, incident: &IncidentId, id: &MarkingId, item: &Item) -> Result<()> {
    let (now, by) = (work.now, work.actor.name.clone());
    work.tx
        .run(
            sql!(
                "INSERT INTO markings (id, incident_id, kind, item_id, tlp, reason, marked_at, marked_by, version)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)"
            ),
            args![id, incident, item.kind, &item.id, &item.tlp, &item.reason, now, &by],
        )
        .await?;
    Ok(())
}

/// Marks several things that were never marked before, all alike.
pub async fn insert_many(
    work: &mut Work,
    incident: &IncidentId,
    items: &[(MarkingId, ItemKind, &str)],
    tlp: &str,
    reason: &str,
) -> Result<()> {
    let (now, by) = (work.now, work.actor.name.clone());
    let rows = items.iter().map(|(id, kind, item)| args![id, incident, *kind, *item, tlp, reason, now, &by, 1_i64]);
    let insert = Select::new(
        "INSERT INTO markings (id, incident_id, kind, item_id, tlp, reason, marked_at, marked_by, version) VALUES",
        [],
    );
    work.tx.run_built("markings", insert.rows(rows)).await?;
    Ok(())
}

/// Marks it anew, unless that changed since `version` was read.
pub async fn save(work: &mut Work, id: &MarkingId, item: &Item) -> Result<u64> {
    let (now, by) = (work.now, work.actor.name.clone());
    work.tx
        .run(
            sql!(
                "UPDATE markings SET tlp = $3, reason = $4, marked_at = $5, marked_by = $6, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![id, item.version, &item.tlp, &item.reason, now, &by],
        )
        .await
}

/// Notes what went along with something told, in one statement.
pub async fn insert_attached(tx: &mut Tx, incident: &IncidentId, attached: &[Attached]) -> Result<()> {
    if attached.is_empty() {
        return Ok(());
    }
    let rows =
        attached.iter().map(|it| args![&it.id, incident, &it.disclosure_id, it.kind, &it.item_id, &it.label, &it.tlp]);
    let head = "INSERT INTO disclosure_items (id, incident_id, disclosure_id, kind, item_id, label, tlp) VALUES";
    tx.run_built("disclosure_items", Select::new(head, []).rows(rows)).await?;
    Ok(())
}

/// What went along with everything told in an incident.
pub async fn list_attached(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Attached>> {
    tx.all(
        sql!(
            "SELECT id, disclosure_id, kind, item_id, label, tlp FROM disclosure_items
              WHERE incident_id = $1 ORDER BY disclosure_id, id LIMIT 2000"
        ),
        args![incident],
    )
    .await
}
