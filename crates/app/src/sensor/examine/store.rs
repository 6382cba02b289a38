//! All SQL about examinations.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Counted, Examination, ExaminationId, ExaminationState, FindingId, Found, Run};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incident::IncidentId;

/// How many rows one statement writes.
const ROWS: usize = 200;

const SELECT: &str = "SELECT x.id, x.incident_id, x.evidence_id, x.state, x.step, x.set_id, x.set_name, s.kind AS set_kind, x.set_version,
       x.set_hash, x.silenced, x.program, x.asked_by, x.asker_id, x.asker_unit, x.asked_at, x.ended_at, x.ended_why, x.ended_en,
       x.events, x.findings, x.outcome, x.result_id,
       (SELECT e.number FROM evidence e WHERE e.id = x.result_id) AS result_number, x.version
  FROM examinations x JOIN rule_sets s ON s.id = x.set_id";

const FOUND: &str =
    "SELECT f.id, f.number, f.rule_id, f.title, f.level, f.happened_at, f.host, f.account, f.file, f.record,
       f.fields, f.taken_at
  FROM examination_findings f";

/// An examination of this item of this incident.
pub async fn find(
    tx: &mut Tx,
    incident: &IncidentId,
    item: &EvidenceId,
    id: &ExaminationId,
) -> Result<Option<Examination>> {
    let select = Select::new(SELECT, [])
        .and("x.id = ?", args![id])
        .and("x.incident_id = ?", args![incident])
        .and("x.evidence_id = ?", args![item]);
    Ok(tx.select(select).await?.pop())
}

pub async fn find_by_id(tx: &mut Tx, id: &ExaminationId) -> Result<Option<Examination>> {
    Ok(tx.select(Select::new(SELECT, []).and("x.id = ?", args![id])).await?.pop())
}

/// The examinations of an item, the latest first.
pub async fn list_of_item(tx: &mut Tx, item: &EvidenceId, limit: i64) -> Result<Vec<Examination>> {
    let select = Select::new(SELECT, []).and("x.evidence_id = ?", args![item]);
    tx.select(select.tail("ORDER BY x.id DESC LIMIT ?", args![limit])).await
}

/// The examination whose result an item is.
pub async fn find_by_result(tx: &mut Tx, result: &EvidenceId) -> Result<Option<Examination>> {
    let select = Select::new(SELECT, []).and("x.result_id = ?", args![result]).tail("ORDER BY x.id LIMIT 1", []);
    Ok(tx.select(select).await?.pop())
}

pub async fn insert(tx: &mut Tx, it: &Examination) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO examinations
                 (id, incident_id, evidence_id, state, step, set_id, set_name, set_version, set_hash, silenced, program,
                  asked_by, asker_id, asker_unit, asked_at, ended_why, ended_en, events, findings, outcome, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', '', 0, 0, '', 1)"
        ),
        args![
            &it.id,
            &it.incident_id,
            &it.evidence_id,
            it.state,
            &it.step,
            &it.set_id,
            &it.set_name,
            it.set_version,
            &it.set_hash,
            it.silenced,
            &it.program,
            &it.asked_by,
            &it.asker_id,
            &it.asker_unit,
            it.asked_at,
        ],
    )
    .await?;
    tx.run(
        sql!(
            "INSERT INTO examination_runs (id, claimed_until, tries, bytes, total, events, findings)
             VALUES ($1, 0, 0, 0, 0, 0, 0)"
        ),
        args![&it.id],
    )
    .await?;
    Ok(())
}

/// Writes down how it ended, unless it had ended before; says whether it was changed.
pub async fn save_end(tx: &mut Tx, it: &Examination) -> Result<bool> {
    let changed = tx
        .run(
            sql!(
                "UPDATE examinations
                    SET state = $2, ended_at = $3, ended_why = $4, ended_en = $5, silenced = $6, events = $7, findings = $8,
                        outcome = $9, result_id = $10, version = version + 1
                  WHERE id = $1 AND state = 'waiting'"
            ),
            args![
                &it.id,
                it.state,
                it.ended_at,
                &it.ended_why,
                &it.ended_en,
                it.silenced,
                it.events,
                it.findings,
                &it.outcome,
                &it.result_id,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// How many of an incident's examinations are under way; counts to `limit` and no further.
pub async fn count_waiting(tx: &mut Tx, incident: &IncidentId, limit: i64) -> Result<i64> {
    let counted: Option<(i64,)> = tx
        .one(
            sql!(
                "SELECT COUNT(*) FROM (SELECT id FROM examinations
                                        WHERE state = 'waiting' AND incident_id = $1 ORDER BY id LIMIT $2) AS waiting"
            ),
            args![incident, limit],
        )
        .await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// The next examination that nobody is at.
pub async fn find_unclaimed(tx: &mut Tx, now: Time) -> Result<Option<ExaminationId>> {
    let found: Option<(ExaminationId,)> = tx
        .one(
            sql!(
                "SELECT x.id FROM examinations x JOIN examination_runs r ON r.id = x.id
                  WHERE x.state = 'waiting' AND r.claimed_until < $1 ORDER BY x.id LIMIT 1"
            ),
            args![now],
        )
        .await?;
    Ok(found.map(|(id,)| id))
}

/// Takes an examination for some time; says how often that was done, or nothing when somebody else was faster.
pub async fn claim(tx: &mut Tx, id: &ExaminationId, now: Time, until: Time) -> Result<Option<i64>> {
    let claimed: Option<(i64,)> = tx
        .run_returning(
            sql!(
                "UPDATE examination_runs
                    SET claimed_until = $3, tries = tries + 1, bytes = 0, total = 0, events = 0, findings = 0
                  WHERE id = $1 AND claimed_until < $2
                 RETURNING tries"
            ),
            args![id, now, until],
        )
        .await?;
    Ok(claimed.map(|(tries,)| tries))
}

/// Notes how far it is, and goes on holding it.
pub async fn save_run(tx: &mut Tx, id: &ExaminationId, run: Run, until: Time) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE examination_runs SET bytes = $2, total = $3, events = $4, findings = $5, claimed_until = $6
              WHERE id = $1"
        ),
        args![id, run.bytes, run.total, run.events, run.findings, until],
    )
    .await?;
    Ok(())
}

/// Lets others take it from then on.
pub async fn release(tx: &mut Tx, id: &ExaminationId, from: Time) -> Result<()> {
    tx.run(sql!("UPDATE examination_runs SET claimed_until = $2 WHERE id = $1"), args![id, from]).await?;
    Ok(())
}

pub async fn find_run(tx: &mut Tx, id: &ExaminationId) -> Result<Option<(ExaminationState, Run)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        state: ExaminationState,
        #[sqlx(flatten)]
        run: Run,
    }
    let found: Option<Row> = tx
        .one(
            sql!(
                "SELECT x.state, r.bytes, r.total, r.events, r.findings
                   FROM examinations x JOIN examination_runs r ON r.id = x.id WHERE x.id = $1"
            ),
            args![id],
        )
        .await?;
    Ok(found.map(|row| (row.state, row.run)))
}

pub async fn insert_rules(tx: &mut Tx, app: &App, now: Time, of: &Examination, rules: &[Counted]) -> Result<()> {
    for chunk in rules.chunks(ROWS) {
        let rows = chunk.iter().map(|it| {
            args![
                app.chance.id("exr", now),
                &of.id,
                &of.set_id,
                &it.rule_id,
                &it.title,
                it.level,
                it.findings,
                &it.author,
                &it.tags,
                &it.response_vi,
                &it.response_en,
            ]
        });
        let insert = Select::new(
            "INSERT INTO examination_rules
                 (id, examination_id, set_id, rule_id, title, level, findings, author, tags, response_vi, response_en) VALUES",
            [],
        )
        .rows(rows);
        tx.run_built("examination_rules", insert).await?;
    }
    Ok(())
}

pub async fn insert_findings(tx: &mut Tx, of: &ExaminationId, findings: &[Found]) -> Result<()> {
    for chunk in findings.chunks(ROWS) {
        let rows = chunk.iter().map(|it| {
            args![
                &it.id,
                of,
                it.number,
                &it.rule_id,
                &it.title,
                it.level,
                it.happened_at,
                &it.host,
                &it.account,
                &it.file,
                &it.record,
                &it.fields,
            ]
        });
        let insert = Select::new(
            "INSERT INTO examination_findings
                 (id, examination_id, number, rule_id, title, level, happened_at, host, account, file, record, fields) VALUES",
            [],
        )
        .rows(rows);
        tx.run_built("examination_findings", insert).await?;
    }
    Ok(())
}

/// What each rule found, the gravest first.
pub async fn list_rules(tx: &mut Tx, of: &ExaminationId, limit: i64) -> Result<Vec<Counted>> {
    tx.all(
        sql!(
            "SELECT rule_id, title, level, findings, author, tags, response_vi, response_en FROM examination_rules
              WHERE examination_id = $1 ORDER BY level DESC, findings DESC, id LIMIT $2"
        ),
        args![of, limit],
    )
    .await
}

/// Which findings to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub level: Option<i64>,
    pub rule: String,
    /// Only those behind this number.
    pub after: i64,
}

/// One page of findings, in the order of the result.
pub async fn list_findings(tx: &mut Tx, of: &ExaminationId, filter: &Filter, limit: i64) -> Result<Vec<Found>> {
    let mut select =
        Select::new(FOUND, []).and("f.examination_id = ?", args![of]).and("f.number > ?", args![filter.after]);
    if let Some(level) = filter.level {
        select = select.and("f.level = ?", args![level]);
    }
    if !filter.rule.is_empty() {
        select = select.and("f.rule_id = ?", args![&filter.rule]);
    }
    tx.select(select.tail("ORDER BY f.number, f.id LIMIT ?", args![limit])).await
}

/// These findings of an examination.
pub async fn list_by_ids(tx: &mut Tx, of: &ExaminationId, ids: &[FindingId]) -> Result<Vec<Found>> {
    let select =
        Select::new(FOUND, []).and("f.examination_id = ?", args![of]).and_in("f.id", ids.iter().map(Arg::from));
    tx.select(select.tail("ORDER BY f.number, f.id LIMIT 1000", [])).await
}

/// Notes that findings were taken into the timeline.
pub async fn save_taken(tx: &mut Tx, taken: &[FindingId], now: Time) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let update = Select::new("UPDATE examination_findings SET taken_at = ?", args![now]);
    tx.run_built("examination_findings", update.and_in("id", taken.iter().map(Arg::from))).await?;
    Ok(())
}
