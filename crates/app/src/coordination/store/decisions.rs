//! The register of decisions, whose words each needs, and what may be entered into it.

use futures::future::BoxFuture;
use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::brief;
use ungcuu_kit::{args, sql};

use crate::coordination::model::{Decision, DecisionId, DecisionSource, DecisionWord, Settled, WordId};
use crate::incident::IncidentId;
use crate::search::{Indexed, Kind};

/// How much of a decision's words a hit shows, in characters.
const TITLE: usize = 80;

/// Every decision, the latest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Decision>> {
    tx.all(
        sql!(
            "SELECT id, number, what, why, considered, source, source_id, state, due_at, noted_at, noted_by, noted_by_id,
                    settled_at, supersedes_id, superseded_at, reason, version
               FROM decisions WHERE incident_id = $1 ORDER BY number DESC, id LIMIT 200"
        ),
        args![incident],
    )
    .await
}

pub async fn find(tx: &mut Tx, incident: &IncidentId, id: &DecisionId) -> Result<Option<Decision>> {
    tx.one(
        sql!(
            "SELECT id, number, what, why, considered, source, source_id, state, due_at, noted_at, noted_by, noted_by_id,
                    settled_at, supersedes_id, superseded_at, reason, version
               FROM decisions WHERE incident_id = $1 AND id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM decisions WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

/// Whether an option or a direction stands in the register already.
pub async fn is_entered(tx: &mut Tx, incident: &IncidentId, source_id: &str) -> Result<bool> {
    let found: Option<(DecisionId,)> = tx
        .one(
            sql!("SELECT id FROM decisions WHERE source_id = $2 AND incident_id = $1 ORDER BY id LIMIT 1"),
            args![incident, source_id],
        )
        .await?;
    Ok(found.is_some())
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, decision: &Decision) -> Result<()> {
    let it = decision;
    tx.run(
        sql!(
            "INSERT INTO decisions
                 (id, incident_id, number, what, why, considered, source, source_id, state, due_at, noted_at, noted_by,
                  noted_by_id, settled_at, supersedes_id, superseded_at, reason, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, '', 1)"
        ),
        args![
            &it.id,
            incident,
            it.number,
            &it.what,
            &it.why,
            &it.considered,
            it.source,
            &it.source_id,
            it.state,
            it.due_at,
            it.noted_at,
            &it.noted_by,
            &it.noted_by_id,
            it.settled_at,
            &it.supersedes_id,
        ],
    )
    .await?;
    Ok(())
}

/// Writes back where a decision stands, unless it changed since `version` was read. Its words are never changed.
pub async fn save(tx: &mut Tx, decision: &Decision) -> Result<u64> {
    let it = decision;
    tx.run(
        sql!(
            "UPDATE decisions
                SET state = $3, settled_at = $4, superseded_at = $5, reason = $6, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.state, it.settled_at, it.superseded_at, &it.reason],
    )
    .await
}

/// Whose words the decisions of an incident need, who decides first.
pub async fn list_words(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<DecisionWord>> {
    tx.all(
        sql!(
            "SELECT id, decision_id, person_id, name, decides, word, text, channel, said_at, recorded_by, version
               FROM decision_words WHERE incident_id = $1
              ORDER BY decision_id, CASE WHEN decides THEN 0 ELSE 1 END, name, id LIMIT 2000"
        ),
        args![incident],
    )
    .await
}

/// The same for one decision.
pub async fn list_words_of(tx: &mut Tx, incident: &IncidentId, decision: &DecisionId) -> Result<Vec<DecisionWord>> {
    tx.all(
        sql!(
            "SELECT id, decision_id, person_id, name, decides, word, text, channel, said_at, recorded_by, version
               FROM decision_words WHERE incident_id = $1 AND decision_id = $2
              ORDER BY CASE WHEN decides THEN 0 ELSE 1 END, name, id LIMIT 100"
        ),
        args![incident, decision],
    )
    .await
}

pub async fn find_word(
    tx: &mut Tx,
    incident: &IncidentId,
    decision: &DecisionId,
    id: &WordId,
) -> Result<Option<DecisionWord>> {
    tx.one(
        sql!(
            "SELECT id, decision_id, person_id, name, decides, word, text, channel, said_at, recorded_by, version
               FROM decision_words WHERE incident_id = $1 AND decision_id = $2 AND id = $3"
        ),
        args![incident, decision, id],
    )
    .await
}

/// Enters everybody whose word is needed, in one statement.
pub async fn insert_words(tx: &mut Tx, incident: &IncidentId, words: &[DecisionWord]) -> Result<()> {
    let rows = words.iter().map(|it| {
        args![
            &it.id,
            incident,
            &it.decision_id,
            &it.person_id,
            &it.name,
            it.decides,
            it.word,
            &it.text,
            &it.channel,
            it.said_at,
            &it.recorded_by,
            1_i64,
        ]
    });
    let head = "INSERT INTO decision_words
             (id, incident_id, decision_id, person_id, name, decides, word, text, channel, said_at, recorded_by,
              version) VALUES";
    tx.run_built("decision_words", Select::new(head, []).rows(rows)).await?;
    Ok(())
}

pub async fn save_word(tx: &mut Tx, word: &DecisionWord) -> Result<u64> {
    let it = word;
    tx.run(
        sql!(
            "UPDATE decision_words
                SET word = $3, text = $4, channel = $5, said_at = $6, recorded_by = $7, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![&it.id, it.version, it.word, &it.text, &it.channel, it.said_at, &it.recorded_by],
    )
    .await
}

/// What the owner approved and the board directed in an incident and does not stand in the register yet.
pub async fn list_settled(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Settled>> {
    tx.all(
        sql!(
            "SELECT source, source_id, what, why, considered, decided_by, decided_at FROM (
                 SELECT 'option' AS source, o.id AS source_id, o.title AS what, p.words AS why, p.weighed AS considered,
                        p.answered_by AS decided_by, p.answered_at AS decided_at
                   FROM option_proposals p JOIN response_options o ON o.id = p.option_id
                  WHERE p.incident_id = $1 AND p.state = 'approved'
                 UNION ALL
                 SELECT 'direction', d.id, d.text, '', '', d.given_by, d.given_at
                   FROM directions d WHERE d.incident_id = $1
             ) AS settled
              WHERE NOT EXISTS (SELECT 1 FROM decisions k WHERE k.source_id = settled.source_id)
              ORDER BY decided_at, source_id LIMIT 50"
        ),
        args![incident],
    )
    .await
}

/// One of them.
pub async fn find_settled(
    tx: &mut Tx,
    incident: &IncidentId,
    source: DecisionSource,
    id: &str,
) -> Result<Option<Settled>> {
    let all = list_settled(tx, incident).await?;
    Ok(all.into_iter().find(|one| one.source == source && one.source_id == id))
}

/// How many decisions of an incident stand.
pub async fn count_decided(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> = tx
        .one(sql!("SELECT COUNT(*) FROM decisions WHERE incident_id = $1 AND state = 'decided'"), args![incident])
        .await?;
    Ok(count.map_or(0, |(count,)| count))
}

#[derive(sqlx::FromRow)]
struct Found {
    id: DecisionId,
    incident_id: IncidentId,
    incident_code: String,
    number: i64,
    what: String,
    why: String,
    considered: String,
}

/// Decisions as the search has them.
pub fn load_for_search<'a>(tx: &'a mut Tx, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Indexed>>> {
    Box::pin(async move {
        let select = Select::new(
            "SELECT d.id, d.incident_id, i.code AS incident_code, d.number, d.what, d.why, d.considered
               FROM decisions d JOIN incidents i ON i.id = d.incident_id",
            [],
        );
        let found: Vec<Found> = tx.select(select.and_in("d.id", ids.iter().map(Arg::from))).await?;
        let indexed = |it: Found| Indexed {
            title: format!("D-{} {}", it.number, brief(&it.what, TITLE)),
            detail: it.incident_code.clone(),
            url: format!("/incidents/{}/coordination#section-decisions", it.incident_id),
            scope_id: it.incident_id.to_string(),
            words: [it.what, it.why, it.considered, it.incident_code].join(" "),
            row_id: it.id.to_string(),
            kind: Kind::Decision,
        };
        Ok(found.into_iter().map(indexed).collect())
    })
}
