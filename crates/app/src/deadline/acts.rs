//! When to remind and when to tell the line above. Pure: a row and what the pack says give the moments; what has passed
//! of them is acted upon at once, however late the watch comes.

use ungcuu_kit::time::Time;

use super::clock::length;
use super::model::{CALENDAR, Deadline};
use crate::notify::Urgency;
use crate::pack::{Escalation, Pack, Within};

/// From here on a reminder is no longer urgent: seven days.
const FAR: i64 = 7 * ungcuu_kit::time::DAY;
/// A reminder this close to the end cannot wait: one hour.
const NEAR: i64 = ungcuu_kit::time::HOUR;

/// What is to be told now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acts {
    /// Whoever must do it is told, and how urgently.
    pub responsible: Option<Urgency>,
    /// The functions that are told that it is late.
    pub line: Vec<String>,
    /// When to look again.
    pub next: Option<Time>,
}

/// One thing to tell at a moment.
enum What<'a> {
    /// Due at once: it has begun.
    Begun,
    /// So long before the end.
    Before(i64),
    Late,
    Line(&'a [String]),
}

/// Everything that will be told about a row, in the order of time.
fn moments<'a>(pack: &'a Pack, row: &Deadline) -> Vec<(Time, What<'a>)> {
    let Some(due) = row.due_at else { return Vec::new() };
    let rule = pack.rule(&row.rule);
    let remind: &[Within] = rule.and_then(|rule| rule.remind.as_deref()).unwrap_or(&pack.clocks.remind);
    let line: &[Escalation] = rule.and_then(|rule| rule.escalate.as_deref()).unwrap_or(&pack.clocks.escalate);
    let mut all = Vec::new();
    if row.is_at_once() {
        all.push((row.starts_at, What::Begun));
    } else {
        let before = remind.iter().filter_map(|before| length(*before));
        // What would come before the clock even started is no reminder.
        let before = before.filter(|before| due.plus(-before) > row.starts_at);
        all.extend(before.map(|before| (due.plus(-before), What::Before(before))));
        all.push((due.plus(1), What::Late));
    }
    all.extend(line.iter().filter_map(|step| Some((due.plus(length(step.after)? + 1), What::Line(&step.to)))));
    all.sort_by_key(|(at, _)| *at);
    all
}

/// When something is to be told about an open row next.
pub fn next_act(pack: &Pack, row: &Deadline) -> Option<Time> {
    if !row.is_open() {
        return None;
    }
    moments(pack, row).into_iter().map(|(at, _)| at).find(|at| *at > row.acted_until)
}

/// What is to be told now of all that has not been told: of several reminders only the present state, of the steps up the
/// line every one.
pub fn acts(pack: &Pack, row: &Deadline, now: Time) -> Acts {
    let mut acts = Acts::default();
    if !row.is_open() {
        return acts;
    }
    for (at, what) in moments(pack, row) {
        if at <= row.acted_until {
            continue;
        }
        if at > now {
            acts.next = Some(at);
            break;
        }
        match what {
            What::Begun | What::Late => acts.responsible = Some(Urgency::Now),
            What::Before(left) if left <= NEAR => acts.responsible = Some(Urgency::Now),
            What::Before(left) if left >= FAR || row.source == CALENDAR => acts.responsible = Some(Urgency::CanWait),
            What::Before(_) => acts.responsible = Some(Urgency::Soon),
            What::Line(to) => {
                for function in to.iter().filter(|function| !acts.line.contains(function)).cloned().collect::<Vec<_>>()
                {
                    acts.line.push(function);
                }
            }
        }
    }
    acts
}
