//! Decisions and situation reports, for the dossier. One statement for each kind of thing, each bounded.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::sql;
use ungcuu_kit::time::Time;

use super::dossier::{Rows, rows};
use crate::incident::IncidentId;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DecisionLine {
    pub id: String,
    pub number: i64,
    pub what: String,
    pub why: String,
    pub considered: String,
    pub state: String,
    pub noted_at: Time,
    pub noted_by: String,
    pub settled_at: Option<Time>,
    pub reason: String,
}

pub async fn list_decisions(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<DecisionLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT id, number, what, why, considered, state, noted_at, noted_by, settled_at, reason
               FROM decisions WHERE incident_id = $1 ORDER BY number, id LIMIT $2"
        ),
    )
    .await
}

/// What one person said to a decision.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WordLine {
    pub decision_id: String,
    pub name: String,
    pub word: String,
    pub text: String,
    pub said_at: Option<Time>,
}

pub async fn list_words(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<WordLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT decision_id, name, word, text, said_at
               FROM decision_words WHERE incident_id = $1
              ORDER BY decision_id, CASE WHEN decides THEN 0 ELSE 1 END, name, id LIMIT $2"
        ),
    )
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SituationLine {
    pub number: i64,
    pub tlp: String,
    pub assessment: String,
    pub outlook: String,
    pub needs: String,
    pub sha256: String,
    pub published_at: Option<Time>,
    pub published_by: String,
}

/// The reports that went out, each at the level it is marked with today.
pub async fn list_situations(tx: &mut Tx, incident: &IncidentId) -> Result<Rows<SituationLine>> {
    rows(
        tx,
        incident,
        sql!(
            "SELECT s.number, COALESCE(m.tlp, s.tlp) AS tlp, s.assessment, s.outlook, s.needs, s.sha256, s.published_at,
                    s.published_by
               FROM situation_reports s
               LEFT JOIN markings m ON m.kind = 'situation' AND m.item_id = s.id
              WHERE s.incident_id = $1 AND s.state = 'published' ORDER BY s.number, s.id LIMIT $2"
        ),
    )
    .await
}
