//! Brings the stored deadlines of a stream in step with what the features claim. Runs within every unit of work that
//! touches the stream, before its journal is written, so that data, deadlines and journal never part.

use std::collections::{BTreeSet, HashMap, HashSet};

use ungcuu_kit::chance::Chance;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::model::{Claim, Deadline, DeadlineState, Done};
use super::{Asked, ClockSource, acts, store};
use crate::app::App;
use crate::journal::{self, NewEntry};
use crate::pack::Pack;

/// How many things one journal entry names; the rows are named all the same.
const NAMED: usize = 20;

/// What happened to a deadline.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    Started,
    /// Its limit was another one before.
    Moved(Option<Time>),
    Stopped,
    /// It had stopped, or what ended it was taken back.
    Resumed,
    Done {
        late: bool,
    },
    /// It was done in time; now its limit lies before that.
    FoundLate,
    /// Only its words changed.
    Reworded,
}

/// A row to be written, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub row: Deadline,
    pub turn: Turn,
}

/// The difference between what is stored and what is claimed. Neither order matters, and a second time finds nothing.
pub fn difference(
    pack: &Pack,
    stream: &str,
    stored: Vec<Deadline>,
    claims: &[Claim],
    chance: &Chance,
    now: Time,
) -> Vec<Settled> {
    let mut known: HashMap<(String, String), Deadline> = HashMap::new();
    for row in stored {
        known.insert((row.source.clone(), row.key.clone()), row);
    }
    let mut settled = Vec::new();
    let mut seen = HashSet::new();
    for claim in claims {
        // A source that names one duty twice means one.
        if !seen.insert((claim.source, claim.key.as_str())) {
            continue;
        }
        let before = known.remove(&(claim.source.to_owned(), claim.key.clone()));
        settled.extend(match before {
            Some(row) => follow(pack, row, claim),
            // Over before it was seen, and never with a limit: nothing to keep.
            None if claim.due_at.is_none() && claim.done != Done::NotYet => None,
            None => Some(begin(pack, stream, claim, chance, now)),
        });
    }
    let mut left: Vec<Deadline> = known.into_values().filter(Deadline::is_open).collect();
    left.sort_by(|a, b| a.id.cmp(&b.id));
    settled.extend(left.into_iter().map(|row| stop(row, now)));
    settled
}

fn begin(pack: &Pack, stream: &str, claim: &Claim, chance: &Chance, now: Time) -> Settled {
    let mut row = claim.begun(stream, chance, now);
    if let Done::At(at) = claim.done {
        row.state = DeadlineState::Done;
        row.done_at = Some(at);
        row.late = row.due_at.is_some_and(|due| at > due);
    }
    row.next_act_at = acts::next_act(pack, &row);
    Settled { row, turn: Turn::Started }
}

fn follow(pack: &Pack, before: Deadline, claim: &Claim) -> Option<Settled> {
    let mut row = before.clone();
    claim.write_words(&mut row);
    row.due_at = claim.due_at;
    let moved = row.due_at != before.due_at;
    if moved {
        row.first_due_at = before.first_due_at.or(before.due_at);
        // Another limit: its reminders are still to come.
        row.acted_until = Time(0);
    }
    match (claim.done, before.state) {
        (Done::At(at), _) => {
            row.state = DeadlineState::Done;
            row.done_at = Some(at);
        }
        (Done::NotYet, DeadlineState::Done) | (_, DeadlineState::Stopped) => {
            row.state = DeadlineState::Open;
            row.done_at = None;
            row.note.clear();
            row.ended_by.clear();
        }
        _ => {}
    }
    let done_late = row.state == DeadlineState::Done && row.done_at > row.due_at && row.due_at.is_some();
    row.late = before.late || done_late;
    row.next_act_at = acts::next_act(pack, &row);
    if row == before {
        return None;
    }
    let turn = match (before.state, row.state) {
        (DeadlineState::Done, DeadlineState::Done) if row.late && !before.late => Turn::FoundLate,
        (from, DeadlineState::Done) if from != DeadlineState::Done => Turn::Done { late: row.late },
        (DeadlineState::Done | DeadlineState::Stopped, DeadlineState::Open) => Turn::Resumed,
        _ if moved => Turn::Moved(before.due_at),
        _ => Turn::Reworded,
    };
    Some(Settled { row, turn })
}

fn stop(mut row: Deadline, now: Time) -> Settled {
    row.late = row.late || row.is_overdue(now);
    row.state = DeadlineState::Stopped;
    row.done_at = Some(now);
    row.next_act_at = None;
    Settled { row, turn: Turn::Stopped }
}

/// Settles every stream that these entries or `touched` name and that some feature knows deadlines of. What changed is
/// said in an entry of its own, or, when only words changed, named in the stream's last one.
pub async fn settle(
    tx: &mut Tx,
    app: &App,
    now: Time,
    touched: &BTreeSet<String>,
    entries: &mut Vec<NewEntry>,
) -> Result<()> {
    let mut streams: BTreeSet<String> = entries.iter().map(|entry| entry.stream.clone()).collect();
    streams.extend(touched.iter().cloned());
    let known: Vec<&String> = streams.iter().filter(|stream| sources(stream).next().is_some()).collect();
    if known.is_empty() {
        return Ok(());
    }
    // Everyone who settles a stream or writes into it waits here for the one before.
    for stream in &streams {
        journal::hold(tx, stream, now).await?;
    }
    for stream in known {
        settle_one(tx, app, now, stream, entries).await?;
    }
    Ok(())
}

fn sources(stream: &str) -> impl Iterator<Item = &'static ClockSource> {
    let features = crate::features().iter().flat_map(|feature| &feature.clocks);
    features.filter(move |source| stream.starts_with(source.stream))
}

async fn settle_one(tx: &mut Tx, app: &App, now: Time, stream: &str, entries: &mut Vec<NewEntry>) -> Result<()> {
    let asked = Asked { app, stream, now };
    let mut claims = Vec::new();
    for source in sources(stream) {
        claims.extend((source.claims)(tx, &asked).await?);
    }
    let stored = store::list_of_stream(tx, stream).await?;
    let settled = difference(&app.pack, stream, stored, &claims, &app.chance, now);
    if settled.is_empty() {
        return Ok(());
    }
    let rows: Vec<&Deadline> = settled.iter().map(|it| &it.row).collect();
    store::save(tx, &rows).await?;
    let named: Vec<(&'static str, String)> = rows.iter().map(|row| ("deadlines", row.id.to_string())).collect();
    let last = entries.iter_mut().rev().find(|entry| entry.stream == stream);
    match (words(&settled), last) {
        (None, Some(entry)) => entry.rows.extend(named),
        (said, _) => {
            let what = said.unwrap_or(Text::new("Cập nhật danh sách hạn việc", "The list of time limits was updated"));
            entries.push(NewEntry { stream: stream.to_owned(), act: "deadline.settled", what, rows: named });
        }
    }
    Ok(())
}

/// What the journal says: what started, moved and why, stopped, was done. None when there is nothing to tell.
fn words(settled: &[Settled]) -> Option<Text> {
    let mut parts: Vec<Text> = Vec::new();
    for it in settled {
        let row = &it.row;
        let (vi, en) = (&row.title_vi, &row.title_en);
        let due = row.due_at.map(Time::to_minute).unwrap_or_default();
        let (why_vi, why_en) = (because(&row.why_vi), because(&row.why_en));
        parts.push(match &it.turn {
            Turn::Reworded => continue,
            _ if row.due_at.is_none() && row.first_due_at.is_none() => continue,
            Turn::Started if row.state == DeadlineState::Done && row.late => {
                text!("{vi}: đã xong, trễ hạn {due}", "{en}: done, after {due}")
            }
            Turn::Started if row.state == DeadlineState::Done => {
                text!("{vi}: đã xong trong hạn {due}", "{en}: done before {due}")
            }
            Turn::Started => text!("{vi}: hạn {due}{why_vi}", "{en}: due {due}{why_en}"),
            Turn::Moved(from) => {
                let from = from.map(Time::to_minute).unwrap_or_else(|| "–".to_owned());
                let due = if due.is_empty() { "–".to_owned() } else { due };
                text!("{vi}: dời hạn từ {from} sang {due}{why_vi}", "{en}: moved from {from} to {due}{why_en}")
            }
            Turn::Stopped => text!("{vi}: thôi tính hạn {due}", "{en}: no longer asked (was due {due})"),
            Turn::Resumed => text!("{vi}: tính hạn lại, {due}{why_vi}", "{en}: counts again, due {due}{why_en}"),
            Turn::Done { late: true } => text!("{vi}: xong, trễ hạn {due}", "{en}: done late, was due {due}"),
            Turn::Done { late: false } => text!("{vi}: xong trong hạn {due}", "{en}: done in time, was due {due}"),
            Turn::FoundLate => {
                text!("{vi}: tính lại thì đã gửi trễ, hạn {due}{why_vi}", "{en}: was late after all, due {due}{why_en}")
            }
        });
    }
    if parts.is_empty() {
        return None;
    }
    let more = parts.len().saturating_sub(NAMED);
    let (vi, en): (Vec<_>, Vec<_>) = parts.into_iter().take(NAMED).map(|part| (part.vi, part.en)).unzip();
    let (vi, en) = (vi.join("; "), en.join("; "));
    Some(match more {
        0 => text!("Hạn việc. {vi}", "Time limits. {en}"),
        _ => text!("Hạn việc. {vi}; và {more} việc khác", "Time limits. {en}; and {more} more"),
    })
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" ({why})") }
}
