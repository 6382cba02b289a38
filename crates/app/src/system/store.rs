//! All SQL about information systems.

use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use super::SystemId;
use super::model::{System, SystemFilter, SystemRow};
use crate::actor::Scope;
use crate::org::UnitId;
use crate::search::{Indexed, Kind};

const SYSTEM: &str =
    "SELECT s.id, s.code, s.name, s.purpose, s.owner_unit_id, o.name AS owner_name, s.operator_unit_id,
       r.name AS operator_name, s.level, s.provider, s.link_provider, s.addresses, s.domains, s.os_name, s.os_version,
       s.services, s.safeguards, s.active, s.version
  FROM systems s
  JOIN units o ON o.id = s.owner_unit_id
  JOIN units r ON r.id = s.operator_unit_id";

const ROW: &str = "SELECT s.id, s.code, s.name, o.name AS owner_name, r.name AS operator_name, s.level, s.active
  FROM systems s
  JOIN units o ON o.id = s.owner_unit_id
  JOIN units r ON r.id = s.operator_unit_id";

/// Keeps the systems that a unit in scope owns or operates.
fn visible(select: Select, scope: &Scope) -> Select {
    if scope.everywhere {
        return select;
    }
    select.and_in_group(
        "EXISTS (SELECT 1 FROM units v WHERE (v.id = s.owner_unit_id OR v.id = s.operator_unit_id) AND v.id",
        [],
        scope.units.iter().map(Into::into),
        ")",
    )
}

pub async fn find(tx: &mut Tx, id: &SystemId) -> Result<Option<System>> {
    Ok(tx.select(Select::new(SYSTEM, []).and("s.id = ?", args![id])).await?.pop())
}

/// One page of the register in the order of names, as far as the reader may see it.
pub async fn list(tx: &mut Tx, filter: &SystemFilter, scope: &Scope, limit: i64) -> Result<Vec<SystemRow>> {
    let mut select = visible(Select::new(ROW, []), scope);
    if !filter.q.is_empty() {
        select = select.and(r"s.folded LIKE ? ESCAPE '\'", args![crate::org::pattern(&filter.q)]);
    }
    if let Some(unit) = &filter.unit {
        select = select.and("(s.owner_unit_id = ? OR s.operator_unit_id = ?)", args![unit, unit]);
    }
    if let Some(level) = filter.level {
        select = select.and("s.level = ?", args![level]);
    }
    if filter.without_level {
        select = select.and("s.level IS NULL", []);
    }
    if let Some(active) = filter.active {
        select = select.and("s.active = ?", args![active]);
    }
    if let Some(after) = &filter.after {
        select = select.and("(s.folded, s.id) > (SELECT c.folded, c.id FROM systems c WHERE c.id = ?)", args![after]);
    }
    tx.select(select.tail("ORDER BY s.folded, s.id LIMIT ?", args![limit])).await
}

pub async fn insert(tx: &mut Tx, system: &System) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO systems
                 (id, code, name, purpose, owner_unit_id, operator_unit_id, level, provider, link_provider, addresses,
                  domains, os_name, os_version, services, safeguards, active, version, folded)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17)
             ON CONFLICT DO NOTHING"
        ),
        args![
            &system.id,
            &system.code,
            &system.name,
            &system.purpose,
            &system.owner_unit_id,
            &system.operator_unit_id,
            system.level,
            &system.provider,
            &system.link_provider,
            &system.addresses,
            &system.domains,
            &system.os_name,
            &system.os_version,
            &system.services,
            &system.safeguards,
            system.active,
            system.folded(),
        ],
    )
    .await
}

/// Writes a system back; 0 when someone changed it since `version` was read. The code stays.
pub async fn save(tx: &mut Tx, system: &System) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE systems
                SET name = $3, purpose = $4, owner_unit_id = $5, operator_unit_id = $6, level = $7, provider = $8,
                    link_provider = $9, addresses = $10, domains = $11, os_name = $12, os_version = $13,
                    services = $14, safeguards = $15, active = $16, folded = $17, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &system.id,
            system.version,
            &system.name,
            &system.purpose,
            &system.owner_unit_id,
            &system.operator_unit_id,
            system.level,
            &system.provider,
            &system.link_provider,
            &system.addresses,
            &system.domains,
            &system.os_name,
            &system.os_version,
            &system.services,
            &system.safeguards,
            system.active,
            system.folded(),
        ],
    )
    .await
}

/// Systems in use as id, code and name, for a select field.
pub async fn list_names(tx: &mut Tx, scope: Option<&Scope>) -> Result<Vec<(SystemId, String, String)>> {
    let mut select = Select::new("SELECT s.id, s.code, s.name FROM systems s", []).and("s.active = TRUE", []);
    if let Some(scope) = scope {
        select = visible(select, scope);
    }
    tx.select(select.tail("ORDER BY s.folded, s.id LIMIT 2000", [])).await
}

/// Systems a unit owns or operates.
pub async fn list_of_unit(tx: &mut Tx, unit: &UnitId, scope: &Scope) -> Result<Vec<SystemRow>> {
    let filter = SystemFilter { unit: Some(unit.clone()), active: Some(true), ..SystemFilter::default() };
    list(tx, &filter, scope, 200).await
}

/// How systems read in the search index.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let found: Vec<System> = tx.select(Select::new(SYSTEM, []).and_in("s.id", ids.iter().map(Arg::from))).await?;
        let indexed = |system: System| Indexed {
            row_id: system.id.to_string(),
            kind: Kind::System,
            url: format!("/systems/{}", system.id),
            title: system.name,
            detail: format!("{} · {}", system.code, system.operator_name),
            scope_id: system.operator_unit_id.to_string(),
            words: [system.code, system.owner_name, system.domains, system.addresses, system.services].join(" "),
        };
        Ok(found.into_iter().map(indexed).collect())
    })
}
