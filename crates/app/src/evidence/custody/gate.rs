//! The wall before an item that changes hands. It is asked twice: when the item is given, and again when it is received,
//! because somebody may have marked it more strictly in between.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::Custody;
use super::actions::Held;
use super::form::Typed;
use crate::coordination::levels::{self, ItemKind};
use crate::coordination::reach;
use crate::coordination::wall::{self, Level};
use crate::evidence::model::Evidence;
use crate::incident::Incident;
use crate::incident::model::IncidentUnit;
use crate::org::UnitId;
use crate::pack::Pack;
use crate::work::Work;

/// How far an item may go: its own marking and since when, or its incident's.
pub async fn level_of(tx: &mut Tx, incident: &Incident, item: &Evidence) -> Result<(Level, Option<Time>)> {
    let marked = levels::of_one(tx, ItemKind::Evidence, item.id.as_str()).await?;
    Ok(marked.map_or((Level::of(&incident.tlp), None), |(level, since)| (level, Some(since))))
}

/// Why an item does not go to a unit as it is marked now, and since when it is marked so; none when it may go there.
async fn closed_to(
    tx: &mut Tx,
    pack: &Pack,
    incident: &Incident,
    units: &[IncidentUnit],
    item: &Evidence,
    unit: &UnitId,
) -> Result<Option<(Text, Option<Time>)>> {
    // An unknown unit is refused for that.
    let Some(unit) = reach::find_unit(tx, unit).await? else { return Ok(None) };
    let (level, since) = level_of(tx, incident, item).await?;
    let circle = reach::circle(tx, &incident.id, units, &unit).await?;
    let closed = !wall::may_reach(level, circle);
    Ok(closed.then(|| (wall::refusal(level, &pack.name_text(&unit.name)), since)))
}

/// Nothing is given into hands that its marking does not reach. No reason lets it out; those who direct lower the marking,
/// and answer for that.
pub async fn ask_before_giving(work: &mut Work, held: &Held, typed: &Typed, checks: &mut Checks) -> Result<()> {
    let Some(to) = &typed.to_unit else { return Ok(()) };
    let (app, taken) = (work.app.clone(), &held.taken);
    let closed = closed_to(&mut work.tx, &app.pack, &taken.incident, &taken.units, &held.item, to).await?;
    if let Some((why, _)) = closed {
        checks.refuse("to_unit", why);
    }
    Ok(())
}

/// What is on its way to such hands is not received there any more: it is taken back, or refused. Only what had been
/// received before the item was marked so is a fact, and is written down by the signed paper (`signed`).
pub async fn ask_before_receiving(work: &mut Work, held: &Held, typed: &Typed, signed: bool) -> Result<()> {
    let (app, taken) = (work.app.clone(), &held.taken);
    let (item, custody) = (&held.item, &held.custody);
    match still_closed(&mut work.tx, &app.pack, &taken.incident, &taken.units, item, custody).await? {
        Some((_, Some(since))) if signed && typed.happened_at < since => Ok(()),
        Some((why, _)) => Err(Error::NotNow(why)),
        None => Ok(()),
    }
}

/// Why what is on its way is not received there any more, and since when it is marked so.
pub async fn still_closed(
    tx: &mut Tx,
    pack: &Pack,
    incident: &Incident,
    units: &[IncidentUnit],
    item: &Evidence,
    custody: &Custody,
) -> Result<Option<(Text, Option<Time>)>> {
    let Some(unit) = custody.offered().and_then(|(to, _)| to.unit_id.as_ref()) else { return Ok(None) };
    let closed = closed_to(tx, pack, incident, units, item, unit).await?;
    Ok(closed.map(|(Text { vi, en }, since)| {
        let why = text!(
            "Phạm vi chia sẻ đã được nâng sau khi giao: phải rút lại bàn giao. {vi}",
            "It was marked more strictly after it was given: the hand-over has to be taken back. {en}"
        );
        (why, since)
    }))
}
