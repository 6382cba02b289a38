//! All SQL about indicators.

use futures::future::BoxFuture;
use ungcuu_detect::indicator as detect;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use super::form::Facts;
use super::model::{Indicator, IndicatorId, IndicatorKind, SeenIn, TouchedSystem};
use crate::actor::Actor;
use crate::incident::IncidentId;
use crate::permission::Permission;
use crate::search::{Indexed, Kind};

/// How many other incidents are named for one indicator.
const SEEN: i64 = 5;

/// Every column of an indicator.
const SELECT: &str =
    "SELECT n.id, n.incident_id, n.kind, n.value, n.note, n.malicious, n.source, n.seen_at, n.added_at,
       n.added_by, n.version
  FROM indicators n";

/// Which indicators to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kind: String,
    pub malicious: String,
    /// Only those added before this one.
    pub after: String,
}

/// The latest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId, filter: &Filter, limit: i64) -> Result<Vec<Indicator>> {
    let mut select = Select::new(SELECT, []).and("n.incident_id = ?", args![incident]);
    if !filter.kind.is_empty() {
        select = select.and("n.kind = ?", args![&filter.kind]);
    }
    if !filter.malicious.is_empty() {
        select = select.and("n.malicious = ?", args![&filter.malicious]);
    }
    if !filter.after.is_empty() {
        select = select.and("n.id < ?", args![&filter.after]);
    }
    tx.select(select.tail("ORDER BY n.id DESC LIMIT ?", args![limit])).await
}

/// An indicator of this incident; one of another does not exist here.
pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &IndicatorId) -> Result<Option<Indicator>> {
    let select = Select::new(SELECT, []).and("n.incident_id = ?", args![incident]).and("n.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM indicators WHERE incident_id = $1"), args![incident]).await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Which of these the incident has already.
pub async fn list_known(
    tx: &mut Tx,
    incident: &IncidentId,
    values: &[detect::Indicator],
) -> Result<Vec<(IndicatorKind, String)>> {
    let select = Select::new("SELECT kind, value FROM indicators", [])
        .and("incident_id = ?", args![incident])
        .and_in("value", values.iter().map(|one| Arg::from(&one.value)))
        .tail("ORDER BY id", []);
    tx.select(select).await
}

pub async fn insert(tx: &mut Tx, indicators: &[Indicator]) -> Result<()> {
    let rows = indicators.iter().map(|it| {
        args![
            &it.id,
            &it.incident_id,
            it.kind,
            &it.value,
            &it.note,
            it.malicious,
            &it.source,
            it.seen_at,
            it.added_at,
            &it.added_by,
            it.version,
        ]
    });
    let insert = Select::new(
        "INSERT INTO indicators
             (id, incident_id, kind, value, note, malicious, source, seen_at, added_at, added_by, version) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("indicators", insert).await?;
    Ok(())
}

/// Writes what people say about an indicator, unless someone did since `version` was read. Says whether it was changed.
pub async fn save(tx: &mut Tx, id: &IndicatorId, version: i64, facts: &Facts) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE indicators SET malicious = $3, note = $4, source = $5, seen_at = $6, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![id, version, facts.malicious, &facts.note, &facts.source, facts.seen_at],
        )
        .await?;
    Ok(changed > 0)
}

/// Takes an indicator out, unless someone changed it since `version` was read.
pub async fn delete(tx: &mut Tx, id: &IndicatorId, version: i64) -> Result<bool> {
    let deleted = tx.run(sql!("DELETE FROM indicators WHERE id = $1 AND version = $2"), args![id, version]).await?;
    Ok(deleted > 0)
}

/// Where else these were seen, in incidents the actor may see: at most [`SEEN`] for each, the latest first.
///
/// One statement for the whole list, with one short walk along the index for each value: a sign that half of all
/// incidents have costs no more than one that two have. Nothing is stored for each pair.
pub async fn list_seen(
    tx: &mut Tx,
    actor: &Actor,
    values: &[detect::Indicator],
    except: Option<&IncidentId>,
) -> Result<Vec<SeenIn>> {
    let scope = actor.scope(Permission::IncidentRead);
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let except = except.map(IncidentId::as_str).unwrap_or_default();
    let mut select =
        Select::new("SELECT f.kind, f.value, f.malicious, i.id AS incident_id, i.code, i.title FROM (", []);
    for (index, one) in values.iter().enumerate() {
        if index > 0 {
            select = select.tail("UNION ALL", []);
        }
        select = select.tail(
            "SELECT * FROM (SELECT x.id, x.kind, x.value, x.malicious, x.incident_id FROM indicators x
              WHERE x.value = ? AND x.kind = ? AND x.incident_id <> ?",
            args![&one.value, IndicatorKind::from(one.kind), except],
        );
        if !scope.everywhere {
            select = select.tail(
                "AND (EXISTS (SELECT p.id FROM incident_people p WHERE p.incident_id = x.incident_id AND p.person_id = ?)
                  OR EXISTS (SELECT u.id FROM incident_units u
                              WHERE u.incident_id = x.incident_id AND u.unit_id IN (NULL",
                args![&actor.person_id],
            );
            for unit in &scope.units {
                select = select.tail(", ?", args![unit]);
            }
            select = select.tail(")))", []);
        }
        select = select.tail("ORDER BY x.id DESC LIMIT ?) AS q", args![SEEN]);
    }
    let select = select.tail(
        ") AS f JOIN incidents i ON i.id = f.incident_id ORDER BY f.kind, f.value, f.id DESC LIMIT ?",
        args![i64::try_from(values.len()).unwrap_or(i64::MAX).saturating_mul(SEEN)],
    );
    tx.select(select).await
}

/// The systems of the incident.
pub async fn list_systems(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<TouchedSystem>> {
    tx.all(
        sql!(
            "SELECT s.id AS system_id, s.code, s.name, s.level, x.effect, u.name AS operator_name
               FROM incident_systems x JOIN systems s ON s.id = x.system_id JOIN units u ON u.id = s.operator_unit_id
              WHERE x.incident_id = $1
              ORDER BY s.name, s.id
              LIMIT 200"
        ),
        args![incident],
    )
    .await
}

#[derive(sqlx::FromRow)]
struct Found {
    id: IndicatorId,
    incident_id: IncidentId,
    incident_code: String,
    value: String,
    note: String,
    source: String,
}

/// How indicators read in the search index.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let select = Select::new(
            "SELECT n.id, n.incident_id, i.code AS incident_code, n.value, n.note, n.source
               FROM indicators n JOIN incidents i ON i.id = n.incident_id",
            [],
        )
        .and_in("n.id", ids.iter().map(Arg::from));
        let found: Vec<Found> = tx.select(select).await?;
        Ok(found.into_iter().map(indexed).collect())
    })
}

fn indexed(it: Found) -> Indexed {
    Indexed {
        url: format!("/incidents/{}/indicators/{}", it.incident_id, it.id),
        title: it.value,
        detail: it.incident_code.clone(),
        scope_id: it.incident_id.to_string(),
        words: [it.note, it.source, it.incident_code].join(" "),
        row_id: it.id.to_string(),
        kind: Kind::Indicator,
    }
}
