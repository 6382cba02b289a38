//! Options and proposals.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{OptionId, Proposal, ProposalId, WeighedOption};
use crate::incident::IncidentId;

/// Every option of an incident. Bounded: people weigh a handful.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<WeighedOption>> {
    tx.all(
        sql!(
            "SELECT id, number, title, what, advantages, drawbacks, impact, effort, source, state, changed_at, changed_by,
                    version
               FROM response_options WHERE incident_id = $1 ORDER BY number, id LIMIT 100"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &OptionId) -> Result<Option<WeighedOption>> {
    tx.one(
        sql!(
            "SELECT id, number, title, what, advantages, drawbacks, impact, effort, source, state, changed_at, changed_by,
                    version
               FROM response_options WHERE incident_id = $1 AND id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM response_options WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, option: &WeighedOption) -> Result<()> {
    let it = option;
    tx.run(
        sql!(
            "INSERT INTO response_options
                 (id, incident_id, number, title, what, advantages, drawbacks, impact, effort, source, state, changed_at,
                  changed_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            &it.title,
            &it.what,
            &it.advantages,
            &it.drawbacks,
            &it.impact,
            &it.effort,
            &it.source,
            it.state,
            it.changed_at,
            &it.changed_by,
            it.version,
        ],
    )
    .await?;
    Ok(())
}

/// Writes an option back unless it changed since `version` was read; says how many rows it found.
pub async fn save(tx: &mut Tx, option: &WeighedOption) -> Result<u64> {
    let it = option;
    tx.run(
        sql!(
            "UPDATE response_options
                SET title = $3, what = $4, advantages = $5, drawbacks = $6, impact = $7, effort = $8, state = $9,
                    changed_at = $10, changed_by = $11, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &it.id,
            it.version,
            &it.title,
            &it.what,
            &it.advantages,
            &it.drawbacks,
            &it.impact,
            &it.effort,
            it.state,
            it.changed_at,
            &it.changed_by,
        ],
    )
    .await
}

/// Every round of asking, the latest first.
pub async fn list_proposals(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Proposal>> {
    tx.all(
        sql!(
            "SELECT id, option_id, number, words, weighed, state, proposed_at, proposed_by, proposed_by_id, answer,
                    answered_at, answered_by, version
               FROM option_proposals WHERE incident_id = $1 ORDER BY number DESC, id LIMIT 50"
        ),
        args![incident],
    )
    .await
}

pub async fn find_proposal(tx: &mut Tx, incident: &IncidentId, id: &ProposalId) -> Result<Option<Proposal>> {
    tx.one(
        sql!(
            "SELECT id, option_id, number, words, weighed, state, proposed_at, proposed_by, proposed_by_id, answer,
                    answered_at, answered_by, version
               FROM option_proposals WHERE incident_id = $1 AND id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn insert_proposal(tx: &mut Tx, incident: &IncidentId, proposal: &Proposal) -> Result<()> {
    let it = proposal;
    tx.run(
        sql!(
            "INSERT INTO option_proposals
                 (id, incident_id, option_id, number, words, weighed, state, proposed_at, proposed_by, proposed_by_id,
                  answer, answered_at, answered_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            &it.option_id,
            it.number,
            &it.words,
            &it.weighed,
            it.state,
            it.proposed_at,
            &it.proposed_by,
            &it.proposed_by_id,
        ],
    )
    .await?;
    Ok(())
}

pub async fn save_proposal(tx: &mut Tx, proposal: &Proposal) -> Result<u64> {
    let it = proposal;
    tx.run(
        sql!(
            "UPDATE option_proposals
                SET state = $3, answer = $4, answered_at = $5, answered_by = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.state, &it.answer, it.answered_at, &it.answered_by],
    )
    .await
}

/// How many options the owner has approved and not replaced: one or none.
pub async fn count_approved(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(
            sql!("SELECT COUNT(*) FROM response_options WHERE incident_id = $1 AND state = 'approved'"),
            args![incident],
        )
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}
