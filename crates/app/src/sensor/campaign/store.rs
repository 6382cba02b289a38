//! All SQL about campaigns of sweeping.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::fold;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Campaign, CampaignId, Machine, MachineId, Standing};
use crate::actor::Scope;
use crate::system::SystemId;

/// How many rows one statement writes.
const ROWS: usize = 200;

const CAMPAIGN: &str = "SELECT c.id, c.code, c.title, c.scope, c.tool, c.unit_id, u.name AS unit_name, c.planned_from,
       c.planned_to, c.opened_at, c.opened_by, c.conclusion, c.closed_at, c.closed_by, c.version
  FROM campaigns c JOIN units u ON u.id = c.unit_id";

const MACHINE: &str = "SELECT m.id, m.campaign_id, m.number, m.name, m.system_id, m.unit_id, u.name AS unit_name, m.result,
       m.note, m.reference, m.checked_at, m.checked_by, m.follow_up, m.owner_id, o.name AS owner_name, m.due_at, m.done_at,
       m.version
  FROM campaign_machines m
  LEFT JOIN units u ON u.id = m.unit_id
  LEFT JOIN people o ON o.id = m.owner_id";

fn visible(select: Select, scope: &Scope) -> Select {
    if scope.everywhere { select } else { select.and_in("c.unit_id", scope.units.iter().map(Arg::from)) }
}

/// Which campaigns to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub q: String,
    pub open: Option<bool>,
    pub after: Option<CampaignId>,
}

/// One page of campaigns, the latest first.
pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Campaign>> {
    let mut select = visible(Select::new(CAMPAIGN, []), scope);
    if !filter.q.is_empty() {
        select = select.and(r"c.folded LIKE ? ESCAPE '\'", args![crate::org::pattern(&filter.q)]);
    }
    match filter.open {
        Some(true) => select = select.and("c.closed_at IS NULL", []),
        Some(false) => select = select.and("c.closed_at IS NOT NULL", []),
        None => {}
    }
    if let Some(after) = &filter.after {
        select = select.and("c.id < ?", args![after]);
    }
    tx.select(select.tail("ORDER BY c.id DESC LIMIT ?", args![limit])).await
}

/// How many campaigns ended between two moments; counted up to 100.
pub async fn count_closed(tx: &mut Tx, scope: &Scope, from: Time, until: Time) -> Result<i64> {
    let closed = Select::new("SELECT COUNT(*) FROM (SELECT c.id FROM campaigns c", []);
    let closed = visible(closed.and("c.closed_at >= ?", args![from]).and("c.closed_at < ?", args![until]), scope);
    let found: Vec<(i64,)> = tx.select(closed.tail("LIMIT 100) AS closed", [])).await?;
    Ok(found.first().map_or(0, |(count,)| *count))
}

pub async fn find(tx: &mut Tx, scope: &Scope, id: &CampaignId) -> Result<Option<Campaign>> {
    Ok(tx.select(visible(Select::new(CAMPAIGN, []), scope).and("c.id = ?", args![id])).await?.pop())
}

pub async fn insert(tx: &mut Tx, it: &Campaign) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO campaigns
                 (id, code, title, folded, scope, tool, unit_id, planned_from, planned_to, opened_at, opened_by, conclusion,
                  closed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', 1)"
        ),
        args![
            &it.id,
            &it.code,
            &it.title,
            folded(it),
            &it.scope,
            &it.tool,
            &it.unit_id,
            it.planned_from,
            it.planned_to,
            it.opened_at,
            &it.opened_by,
        ],
    )
    .await?;
    Ok(())
}

fn folded(it: &Campaign) -> String {
    fold(&format!("{} {} {}", it.code, it.title, it.tool))
}

/// Writes a campaign back, unless somebody changed it since its version was read; says whether it was changed.
pub async fn save(tx: &mut Tx, it: &Campaign) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE campaigns
                    SET title = $3, folded = $4, scope = $5, tool = $6, unit_id = $7, planned_from = $8, planned_to = $9,
                        conclusion = $10, closed_at = $11, closed_by = $12, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                &it.title,
                folded(it),
                &it.scope,
                &it.tool,
                &it.unit_id,
                it.planned_from,
                it.planned_to,
                &it.conclusion,
                it.closed_at,
                &it.closed_by,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Which machines to list.
#[derive(Clone, Debug, Default)]
pub struct MachineFilter {
    pub result: String,
    pub pending: bool,
    /// Only those behind this number.
    pub after: i64,
}

/// One page of a campaign's machines, in the order they were entered.
pub async fn list_machines(tx: &mut Tx, of: &CampaignId, filter: &MachineFilter, limit: i64) -> Result<Vec<Machine>> {
    let mut select =
        Select::new(MACHINE, []).and("m.campaign_id = ?", args![of]).and("m.number > ?", args![filter.after]);
    if !filter.result.is_empty() {
        select = select.and("m.result = ?", args![&filter.result]);
    }
    if filter.pending {
        select = select.and("m.follow_up <> ''", []).and("m.done_at IS NULL", []);
    }
    tx.select(select.tail("ORDER BY m.number, m.id LIMIT ?", args![limit])).await
}

/// Machines with something to do, done or not; 5,000 at most, as many as a campaign has.
pub async fn list_follow_ups(tx: &mut Tx, of: &CampaignId) -> Result<Vec<Machine>> {
    let select = Select::new(MACHINE, []).and("m.campaign_id = ?", args![of]).and("m.follow_up <> ''", []);
    tx.select(select.tail("ORDER BY m.number, m.id LIMIT 5000", [])).await
}

pub async fn find_machine(tx: &mut Tx, of: &CampaignId, id: &MachineId) -> Result<Option<Machine>> {
    let select = Select::new(MACHINE, []).and("m.campaign_id = ?", args![of]).and("m.id = ?", args![id]);
    Ok(tx.select(select).await?.pop())
}

/// The number of the last machine; 0 when there is none.
pub async fn last_number(tx: &mut Tx, of: &CampaignId) -> Result<i64> {
    let last: Option<(i64,)> = tx
        .one(
            sql!("SELECT number FROM campaign_machines WHERE campaign_id = $1 ORDER BY number DESC, id LIMIT 1"),
            args![of],
        )
        .await?;
    Ok(last.map_or(0, |(number,)| number))
}

/// How many machines of a campaign stand where.
pub async fn standing(tx: &mut Tx, of: &CampaignId) -> Result<Standing> {
    let found: Option<Standing> = tx
        .one(
            sql!(
                "SELECT COUNT(*) AS machines,
                        CAST(COALESCE(SUM(CASE WHEN result = 'clean' THEN 1 ELSE 0 END), 0) AS BIGINT) AS clean,
                        CAST(COALESCE(SUM(CASE WHEN result = 'found' THEN 1 ELSE 0 END), 0) AS BIGINT) AS found,
                        CAST(COALESCE(SUM(CASE WHEN result = 'not_reached' THEN 1 ELSE 0 END), 0) AS BIGINT) AS not_reached,
                        CAST(COALESCE(SUM(CASE WHEN follow_up <> '' AND done_at IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
                            AS pending
                   FROM campaign_machines WHERE campaign_id = $1"
            ),
            args![of],
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// The registered systems among these codes: code, id, name, the unit that runs it.
pub async fn list_systems(
    tx: &mut Tx,
    codes: &[String],
) -> Result<Vec<(String, SystemId, String, crate::org::UnitId)>> {
    let select = Select::new("SELECT s.code, s.id, s.name, s.operator_unit_id FROM systems s", [])
        .and_in("s.code", codes.iter().map(Arg::from))
        .tail("ORDER BY s.code, s.id LIMIT 1000", []);
    tx.select(select).await
}

pub async fn insert_machines(tx: &mut Tx, machines: &[Machine]) -> Result<()> {
    for chunk in machines.chunks(ROWS) {
        let rows = chunk.iter().map(|it| {
            args![
                &it.id,
                &it.campaign_id,
                it.number,
                &it.name,
                &it.system_id,
                &it.unit_id,
                it.result,
                &it.note,
                &it.reference,
                &it.checked_by,
                &it.follow_up,
                it.version,
            ]
        });
        let insert = Select::new(
            "INSERT INTO campaign_machines
                 (id, campaign_id, number, name, system_id, unit_id, result, note, reference, checked_by, follow_up,
                  version) VALUES",
            [],
        );
        tx.run_built("campaign_machines", insert.rows(rows)).await?;
    }
    Ok(())
}

/// Writes a machine back, unless somebody changed it since its version was read; says whether it was changed.
pub async fn save_machine(tx: &mut Tx, it: &Machine) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE campaign_machines
                    SET result = $3, note = $4, reference = $5, checked_at = $6, checked_by = $7, follow_up = $8,
                        owner_id = $9, due_at = $10, done_at = $11, version = version + 1
                  WHERE id = $1 AND version = $2"
            ),
            args![
                &it.id,
                it.version,
                it.result,
                &it.note,
                &it.reference,
                it.checked_at,
                &it.checked_by,
                &it.follow_up,
                &it.owner_id,
                it.due_at,
                it.done_at,
            ],
        )
        .await?;
    Ok(changed > 0)
}
