//! All SQL about sets of rules.

use std::collections::HashMap;

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::fold;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{
    Refusal, RefusalId, RuleKind, RuleSet, RuleSetId, RuleStateId, RuleVersion, RuleVersionId, SetRule, SetRuleId,
};
use crate::app::App;
use crate::sensor::probe::{RefusedLine, RuleLine};

/// How many rows one statement writes.
const ROWS: usize = 200;

const SET: &str =
    "SELECT s.id, s.name, s.kind, s.built_in, v.id AS version_id, s.active, v.hash, v.file_id, v.file_name, v.rules,
       v.correlations, v.refused, v.unrouted, v.imported_at, v.imported_by,
       (SELECT COUNT(*) FROM rule_states t WHERE t.set_id = s.id AND t.silenced = TRUE) AS silenced, s.version
  FROM rule_sets s JOIN rule_set_versions v ON v.set_id = s.id AND v.number = s.active";

const RULE: &str = "SELECT r.id, r.rule_id, r.title, r.level, r.path, r.line, r.logsource, r.tags, r.author,
       r.description, r.response_vi, r.response_en, r.correlation, r.reported, COALESCE(t.silenced, FALSE) AS silenced,
       COALESCE(t.reason, '') AS reason, COALESCE(t.decided_by, '') AS decided_by, t.decided_at,
       COALESCE(t.version, 0) AS state_version
  FROM set_rules r
  LEFT JOIN rule_states t ON t.set_id = r.set_id AND t.rule_id = r.rule_id";

/// Every set with its version in use, the built-in ones first; 200 at most.
pub async fn list_sets(tx: &mut Tx) -> Result<Vec<RuleSet>> {
    tx.select(Select::new(SET, []).tail("ORDER BY s.built_in DESC, s.kind, s.folded, s.id LIMIT 200", [])).await
}

pub async fn find_set(tx: &mut Tx, id: &RuleSetId) -> Result<Option<RuleSet>> {
    Ok(tx.select(Select::new(SET, []).and("s.id = ?", args![id])).await?.pop())
}

pub async fn find_built_in(tx: &mut Tx, kind: RuleKind) -> Result<Option<RuleSet>> {
    let select = Select::new(SET, []).and("s.built_in = TRUE", []).and("s.kind = ?", args![kind]);
    Ok(tx.select(select.tail("ORDER BY s.id LIMIT 1", [])).await?.pop())
}

pub async fn find_named(tx: &mut Tx, name: &str) -> Result<Option<RuleSet>> {
    Ok(tx.select(Select::new(SET, []).and("s.folded = ?", args![fold(name)])).await?.pop())
}

/// A set whose first version follows in the same unit of work.
pub async fn insert_set(
    tx: &mut Tx,
    id: &RuleSetId,
    name: &str,
    (kind, built_in): (RuleKind, bool),
    now: Time,
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO rule_sets (id, name, folded, kind, built_in, active, created_at, version)
             VALUES ($1, $2, $3, $4, $5, 1, $6, 1)"
        ),
        args![id, name, fold(name), kind, built_in, now],
    )
    .await?;
    Ok(())
}

/// Uses another version of a set, unless somebody changed it since; says whether it was changed.
pub async fn save_active(tx: &mut Tx, id: &RuleSetId, number: i64, version: i64) -> Result<bool> {
    let changed = tx
        .run(
            sql!("UPDATE rule_sets SET active = $2, version = version + 1 WHERE id = $1 AND version = $3"),
            args![id, number, version],
        )
        .await?;
    Ok(changed > 0)
}

pub async fn insert_version(tx: &mut Tx, set: &RuleSetId, file: Option<&str>, it: &RuleVersion) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO rule_set_versions
                 (id, set_id, number, file_id, file_name, hash, rules, correlations, refused, unrouted, imported_at,
                  imported_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        args![
            &it.id,
            set,
            it.number,
            file.map(str::to_owned),
            &it.file_name,
            &it.hash,
            it.rules,
            it.correlations,
            it.refused,
            it.unrouted,
            it.imported_at,
            &it.imported_by,
        ],
    )
    .await?;
    Ok(())
}

/// The versions of a set, the latest first.
pub async fn list_versions(tx: &mut Tx, set: &RuleSetId, limit: i64) -> Result<Vec<RuleVersion>> {
    tx.all(
        sql!(
            "SELECT id, number, file_name, hash, rules, correlations, refused, unrouted, imported_at, imported_by
               FROM rule_set_versions WHERE set_id = $1 ORDER BY number DESC, id LIMIT $2"
        ),
        args![set, limit],
    )
    .await
}

/// The archive of a version; none for the set that is built in.
pub async fn find_version_file(tx: &mut Tx, set: &RuleSetId, number: i64) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = tx
        .one(sql!("SELECT file_id FROM rule_set_versions WHERE set_id = $1 AND number = $2"), args![set, number])
        .await?;
    Ok(found.and_then(|(file,)| file))
}

/// Whether a set has a version with this number.
pub async fn has_version(tx: &mut Tx, set: &RuleSetId, number: i64) -> Result<bool> {
    let found: Option<(String,)> =
        tx.one(sql!("SELECT id FROM rule_set_versions WHERE set_id = $1 AND number = $2"), args![set, number]).await?;
    Ok(found.is_some())
}

pub async fn insert_rules(
    tx: &mut Tx,
    app: &App,
    now: Time,
    (set, id): (&RuleSetId, &RuleVersionId),
    rules: &[RuleLine],
) -> Result<()> {
    for chunk in rules.chunks(ROWS) {
        let rows = chunk.iter().map(|it| {
            args![
                &SetRuleId::new(&app.chance, now),
                set,
                id,
                &it.id,
                &it.title,
                fold(&it.title),
                it.level,
                &it.path,
                it.line,
                &it.logsource,
                &it.tags,
                &it.author,
                &it.description,
                &it.response_vi,
                &it.response_en,
                it.correlation,
                it.reported,
            ]
        });
        let insert = Select::new(
            "INSERT INTO set_rules
                 (id, set_id, version_id, rule_id, title, folded, level, path, line, logsource, tags, author, description,
                  response_vi, response_en, correlation, reported) VALUES",
            [],
        )
        .rows(rows);
        tx.run_built("set_rules", insert).await?;
    }
    Ok(())
}

pub async fn insert_refusals(
    tx: &mut Tx,
    app: &App,
    now: Time,
    id: &RuleVersionId,
    refused: &[RefusedLine],
) -> Result<()> {
    for (at, chunk) in refused.chunks(ROWS).enumerate() {
        let rows = chunk.iter().enumerate().map(|(place, it)| {
            let number = i64::try_from(at * ROWS + place + 1).unwrap_or(i64::MAX);
            args![&RefusalId::new(&app.chance, now), id, number, &it.path, it.line, &it.title, &it.reason]
        });
        let insert =
            Select::new("INSERT INTO set_refusals (id, version_id, number, path, line, title, reason) VALUES", []);
        tx.run_built("set_refusals", insert.rows(rows)).await?;
    }
    Ok(())
}

/// Which rules to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of a title, or a rule's id.
    pub q: String,
    pub level: Option<i64>,
    pub silenced: Option<bool>,
    pub after: Option<SetRuleId>,
}

/// One page of a version's rules, in the order of their titles.
pub async fn list_rules(tx: &mut Tx, version: &RuleVersionId, filter: &Filter, limit: i64) -> Result<Vec<SetRule>> {
    let mut select = Select::new(RULE, []).and("r.version_id = ?", args![version]);
    if !filter.q.is_empty() {
        let words = crate::org::pattern(&filter.q);
        select = select.and(r"(r.folded LIKE ? ESCAPE '\' OR r.rule_id = ?)", args![words, filter.q.trim()]);
    }
    if let Some(level) = filter.level {
        select = select.and("r.level = ?", args![level]);
    }
    if let Some(silenced) = filter.silenced {
        select = select.and("COALESCE(t.silenced, FALSE) = ?", args![silenced]);
    }
    if let Some(after) = &filter.after {
        select = select.and("(r.folded, r.id) > (SELECT c.folded, c.id FROM set_rules c WHERE c.id = ?)", args![after]);
    }
    tx.select(select.tail("ORDER BY r.folded, r.id LIMIT ?", args![limit])).await
}

/// A rule of any version of a set.
pub async fn find_rule(tx: &mut Tx, set: &RuleSetId, id: &SetRuleId) -> Result<Option<SetRule>> {
    let select = Select::new(RULE, []).and("r.id = ?", args![id]).and("r.set_id = ?", args![set]);
    Ok(tx.select(select).await?.pop())
}

/// How often these rules of a set found something, in all examinations.
pub async fn count_findings(tx: &mut Tx, set: &RuleSetId, rules: &[&str]) -> Result<HashMap<String, i64>> {
    let select = Select::new("SELECT rule_id, CAST(SUM(findings) AS BIGINT) FROM examination_rules", [])
        .and("set_id = ?", args![set])
        .and_in("rule_id", rules.iter().map(|id| Arg::from(*id)))
        .tail("GROUP BY rule_id ORDER BY rule_id LIMIT 1000", []);
    let counted: Vec<(String, i64)> = tx.select(select).await?;
    Ok(counted.into_iter().collect())
}

/// What could not be used of a version, in the order it was read.
pub async fn list_refusals(tx: &mut Tx, version: &RuleVersionId, after: i64, limit: i64) -> Result<Vec<Refusal>> {
    tx.all(
        sql!(
            "SELECT number, path, line, title, reason FROM set_refusals
              WHERE version_id = $1 AND number > $2 ORDER BY number, id LIMIT $3"
        ),
        args![version, after, limit],
    )
    .await
}

/// The ids of a set's silenced rules; 20,000 at most, as many as a set can list.
pub async fn list_silenced(tx: &mut Tx, set: &RuleSetId) -> Result<Vec<String>> {
    let found: Vec<(String,)> = tx
        .all(
            sql!(
                "SELECT rule_id FROM rule_states WHERE set_id = $1 AND silenced = TRUE ORDER BY rule_id, id LIMIT 20000"
            ),
            args![set],
        )
        .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// What was decided about a rule.
pub async fn find_state(tx: &mut Tx, set: &RuleSetId, rule: &str) -> Result<Option<(RuleStateId, i64)>> {
    tx.one(sql!("SELECT id, version FROM rule_states WHERE set_id = $1 AND rule_id = $2"), args![set, rule]).await
}

/// A decision about a rule.
pub struct State<'a> {
    pub id: &'a RuleStateId,
    pub silenced: bool,
    pub reason: &'a str,
    pub by: &'a str,
    pub at: Time,
}

pub async fn insert_state(tx: &mut Tx, set: &RuleSetId, rule: &str, it: &State<'_>) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO rule_states (id, set_id, rule_id, silenced, reason, decided_by, decided_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1)"
        ),
        args![it.id, set, rule, it.silenced, it.reason, it.by, it.at],
    )
    .await?;
    Ok(())
}

/// Decides anew, unless somebody did since `version` was read; says whether it was changed.
pub async fn save_state(tx: &mut Tx, version: i64, it: &State<'_>) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE rule_states
                    SET silenced = $3, reason = $4, decided_by = $5, decided_at = $6, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![it.id, version, it.silenced, it.reason, it.by, it.at],
        )
        .await?;
    Ok(changed > 0)
}
