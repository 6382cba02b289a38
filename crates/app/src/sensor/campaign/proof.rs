//! What campaigns prove: the part of the plan's task that asks for sweeping, and how often it was done this year.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Time;

use super::store;
use crate::pack::Pack;
use crate::permission::Permission::SensorRead;
use crate::work::Look;

/// What the pack calls these records.
const KIND: &str = "campaigns";

/// A part of a task that campaigns prove.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Proved {
    /// The task's number in the plan, and its words.
    pub task: String,
    pub text: String,
    pub part: String,
    /// How often the plan asks for it, in its words.
    pub cadence: String,
    /// How often at least in a year, where the plan says a number.
    pub wanted: Option<u32>,
    /// The year, and how many campaigns ended in it.
    pub year: i64,
    pub closed: i64,
}

impl Proved {
    /// Whether the plan's number is reached; none where it says none.
    pub fn is_met(&self) -> Option<bool> {
        self.wanted.map(|wanted| self.closed >= i64::from(wanted))
    }
}

/// The parts of tasks that campaigns prove, without how often it was done.
pub fn parts(pack: &Pack, lang: Lang) -> Vec<Proved> {
    let proved = pack.proved_by(KIND).map(|(task, part)| Proved {
        task: task.number.clone(),
        text: task.text.get(lang).to_owned(),
        part: part.name.get(lang).to_owned(),
        cadence: task.cadence_text.get(lang).to_owned(),
        wanted: task.min_per_year,
        year: 0,
        closed: 0,
    });
    proved.collect()
}

/// The same with what ended in the running year, as far as the reader sees campaigns.
pub async fn this_year(look: &mut Look, lang: Lang) -> Result<Vec<Proved>> {
    let (app, year) = (look.app.clone(), look.now.year());
    let mut proved = parts(&app.pack, lang);
    if proved.is_empty() {
        return Ok(proved);
    }
    let scope = look.actor.scope(SensorRead);
    let begins = |year: i64| Time::parse(&format!("{year}-01-01")).unwrap_or_default();
    let closed = store::count_closed(&mut look.tx, &scope, begins(year), begins(year + 1)).await?;
    proved.iter_mut().for_each(|one| (one.year, one.closed) = (year, closed));
    Ok(proved)
}
