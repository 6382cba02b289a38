//! What waits for the reader by a moment, for their own page and for the number beside the navigation.

use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, Time};

use super::model::{CALENDAR, Deadline, RULE, in_turn};
use super::store::list::{self, Line};
use super::{store, units};
use crate::feature::{WAITING, WaitingItem, WaitingKind};
use crate::incident::IncidentId;
use crate::incident::waiting::leads_any;
use crate::pack::Pack;
use crate::permission::Permission;
use crate::work::Look;

/// The source of temporary measures to be taken back.
const REMOVAL: &str = "removal";
/// The sources of situation reports on a rhythm, and of calls to be made again.
const SITUATION: &str = "situation";
const CALLOUT: &str = "callout";
/// What only whoever leads a step can do.
const OF_LEADERS: &[&str] = &[RULE, REMOVAL, SITUATION, CALLOUT];
/// What is a word to be given, and what is somebody else's answer to be had.
const DECISION: &str = "decision";
const REPLY: &str = "reply";
/// How many time limits the head of an incident shows.
const SHOWN: usize = 4;
/// How many are read for that.
const READ: i64 = 60;

/// How much of what the reader or their units must do is late; never counts past 100.
pub fn count_late(look: &mut Look) -> BoxFuture<'_, Result<i64>> {
    Box::pin(async move {
        let (app, actor, now) = (look.app.clone(), look.actor.clone(), look.now);
        let units = units::own_units(&mut look.tx, &app.pack, &actor).await?;
        list::count_late(&mut look.tx, &actor, &units, now).await
    })
}

/// What the reader or their units must do, with a time limit or without one. One question.
pub fn mine(look: &mut Look) -> BoxFuture<'_, Result<Vec<WaitingItem>>> {
    Box::pin(async move {
        let (app, actor) = (look.app.clone(), look.actor.clone());
        let units = units::own_units(&mut look.tx, &app.pack, &actor).await?;
        let lines = list::list_mine(&mut look.tx, &actor, &units, WAITING).await?;
        let (leads, now) = (leads_any(look), look.now);
        let supports = actor.can(Permission::IncidentSupport);
        let theirs = |line: &Line| {
            let it = &line.it;
            let by_name = it.person_id.is_some();
            let led = leads || !OF_LEADERS.contains(&it.source.as_str());
            // A report of next year is no work of today, nor a measure that is to stay, nor a notice due next week.
            let near = match it.source.as_str() {
                CALENDAR => it.starts_at <= now,
                REMOVAL => it.due_at.is_some_and(|due| due < now.plus(DAY)),
                RULE => it.due_at.is_some_and(|due| due < now.plus(3 * DAY)),
                // A report is no work before its hour comes, nor a call while there is time to answer.
                SITUATION => it.due_at.is_some_and(|due| due <= now.plus(HOUR)),
                CALLOUT => it.due_at.is_some_and(|due| due <= now),
                _ => true,
            };
            by_name || (led && near && (supports || it.incident_id.is_none()))
        };
        Ok(lines.into_iter().filter(theirs).map(item).collect())
    })
}

fn item(line: Line) -> WaitingItem {
    let it = line.it;
    // An answer is had by whoever was asked, though another sees to it.
    let of_unit = line.person_name.is_empty() || it.source == REPLY;
    let who = if of_unit { line.unit_name } else { line.person_name };
    let kind = match it.source.as_str() {
        DECISION => WaitingKind::Decision,
        REPLY => WaitingKind::Answer,
        _ => WaitingKind::Work,
    };
    WaitingItem {
        kind,
        title: it.title(),
        detail: it.subject.clone(),
        who,
        url: if it.url.is_empty() { format!("/deadlines/{}", it.id) } else { it.url.clone() },
        due: it.due_at,
        since: it.starts_at,
        take: None,
    }
}

/// Something with a time limit in an incident, as its head and its card show it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Due {
    pub what: Text,
    pub url: String,
    pub started: Time,
    pub due: Time,
}

/// The open time limits of several incidents, the earliest first.
pub async fn of_incidents(look: &mut Look, incidents: &[IncidentId], limit: i64) -> Result<Vec<(IncidentId, Due)>> {
    let rows = store::list_open_of(&mut look.tx, incidents, limit).await?;
    let due = |it: Deadline| {
        let due = Due { what: it.title(), url: it.url.clone(), started: it.starts_at, due: it.due_at? };
        Some((it.incident_id?, due))
    };
    Ok(rows.into_iter().filter_map(due).collect())
}

/// The time limits that the head of an incident shows: what is late, then what comes next. One duty owed to several
/// recipients until the same moment is one of them, so that it does not hide the others.
pub async fn of_incident(look: &mut Look, incident: &IncidentId) -> Result<Vec<Due>> {
    let rows = store::list_open_of(&mut look.tx, std::slice::from_ref(incident), READ).await?;
    let mut shown = gathered(&look.app.pack, rows);
    shown.truncate(SHOWN);
    Ok(shown)
}

fn gathered(pack: &Pack, rows: Vec<Deadline>) -> Vec<Due> {
    // The rule under which somebody is to be told, if any; how often it was met; how it is shown.
    let mut found: Vec<(String, usize, Due)> = Vec::new();
    for it in rows {
        let Some(due_at) = it.due_at else { continue };
        let rule = pack.rule(&it.rule).filter(|_| !it.recipient.is_empty());
        let name = rule.map(|rule| match rule.repeat {
            Some(_) => in_turn(&rule.name.text(), it.turn()),
            None => rule.name.text(),
        });
        let same = |(other, _, due): &&mut (String, usize, Due)| {
            *other == it.rule && (due.started, due.due) == (it.starts_at, due_at)
        };
        match name.and_then(|name| Some((name, found.iter_mut().find(same)?))) {
            Some((Text { vi, en }, (_, count, due))) => {
                *count += 1;
                due.what = text!("Báo {count} nơi: {vi}", "Tell {count} recipients: {en}");
            }
            None => {
                let due = Due { what: it.title(), url: it.url.clone(), started: it.starts_at, due: due_at };
                found.push((rule.map(|rule| rule.id.clone()).unwrap_or_default(), 1, due));
            }
        }
    }
    found.into_iter().map(|(.., due)| due).collect()
}

#[cfg(test)]
mod tests {
    use ungcuu_kit::chance::Chance;

    use super::super::model::turn_key;
    use super::super::settle::difference;
    use super::super::{Claim, Done};
    use super::*;

    fn owed(pack: &Pack, number: u64, rule: &str, to: &str, due: i64) -> Deadline {
        let claim = Claim {
            source: RULE,
            key: number.to_string(),
            title: Some(Text::owned(format!("{rule} {to}"), String::new())),
            recipient: to.to_owned(),
            rule: rule.to_owned(),
            due_at: Some(Time(due)),
            done: Done::NotYet,
            ..Claim::default()
        };
        let found = difference(pack, "incident:x", Vec::new(), &[claim], &Chance::seeded(number), Time(1));
        found.first().expect("a row").row.clone()
    }

    #[test]
    fn one_duty_to_several_recipients_is_one_line_and_hides_no_other() {
        let pack = Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack");
        let rules = || pack.regimes.iter().flat_map(|regime| &regime.rules);
        let mut told = rules().filter(|rule| rule.repeat.is_none());
        let again = rules().find(|rule| rule.repeat.is_some()).expect("a report that comes again");
        let (one, other) = (told.next().expect("a rule"), told.next().expect("another"));
        let mut rows: Vec<Deadline> =
            (1..).zip(["A", "B", "C", "D"]).map(|(n, to)| owed(&pack, n, &one.id, to, HOUR)).collect();
        rows.push(owed(&pack, 5, &other.id, "A", HOUR));
        rows.push(owed(&pack, 6, &one.id, "A", 2 * HOUR));
        rows.extend([7, 8].map(|number| owed(&pack, number, "", "", 3 * HOUR)));
        let second = |number: u64, to: &str| {
            let first = owed(&pack, number, &again.id, to, 4 * HOUR);
            Deadline { key: turn_key(&first.key, 2), ..first }
        };
        rows.extend([second(9, "A"), second(10, "B")]);
        let shown = gathered(&pack, rows);
        let words: Vec<&str> = shown.iter().map(|due| due.what.vi.as_ref()).collect();
        let name = one.name.text();
        let (first, second) = (format!("Báo 4 nơi: {}", name.vi), format!("{} A", other.id));
        let third = format!("Báo 2 nơi: {} (lần 2)", again.name.text().vi);
        assert_eq!(words, [&first, &second, &format!("{} A", one.id), " ", " ", &third]);
        assert_eq!(shown[0].what.en, format!("Tell 4 recipients: {}", name.en));
    }
}
