//! Open incidents as cards: how bad, how far, who commands, what is late, what comes next, what harm was done.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, brief};

use super::store;
use crate::deadline::waiting::{Due, of_incidents};
use crate::incident::{IncidentId, Line, waiting, worst_open};
use crate::ui::StepState;
use crate::work::Look;

/// Characters of the harm that a card shows.
const SHORT: usize = 160;
/// Time limits that all cards together look at.
const DUES: i64 = 500;
/// Late things that a card names; the others are counted.
const NAMED: usize = 3;

/// An open incident at a glance.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Card {
    #[serde(flatten)]
    pub line: Line,
    /// What was noted about the harm so far; empty while nobody noted any.
    pub harm: String,
    /// What is late, the longest first.
    pub late: Vec<Due>,
    /// The next time limit to come.
    pub next: Option<Due>,
    /// Whether the reader may say who commands.
    #[serde(skip)]
    pub manages: bool,
}

impl Card {
    /// The steps being worked on: number and name.
    pub fn steps(&self) -> Vec<String> {
        let now = self.line.rail.iter().filter(|step| step.state == StepState::Now);
        now.map(|step| format!("{} {}", step.mark, step.title)).collect()
    }

    pub fn named(&self) -> &[Due] {
        &self.late[..self.late.len().min(NAMED)]
    }

    /// How many late things are not named.
    pub fn unnamed(&self) -> usize {
        self.late.len() - self.named().len()
    }
}

/// The most severe open incidents that the reader may see.
pub async fn list(look: &mut Look, limit: i64, lang: Lang) -> Result<Vec<Card>> {
    let lines = worst_open(look, limit, lang).await?;
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<IncidentId> = lines.iter().map(|line| line.row.id.clone()).collect();
    let dues = of_incidents(look, &ids, DUES).await?;
    let harm = store::list_harm(&mut look.tx, &ids).await?;
    let managed = waiting::managed(look, &ids).await?;
    let now = look.now;
    let card = |line: Line| {
        let id = &line.row.id;
        let here = dues.iter().filter(|(incident, _)| incident == id).map(|(_, due)| due.clone());
        let (late, coming): (Vec<Due>, Vec<Due>) = here.partition(|due| due.due < now);
        let harm = harm.iter().find(|(incident, _)| incident == id).map(|(_, text)| brief(text, SHORT));
        Card {
            harm: harm.unwrap_or_default(),
            late,
            next: coming.into_iter().next(),
            manages: managed.contains(id),
            line,
        }
    };
    Ok(lines.into_iter().map(card).collect())
}
