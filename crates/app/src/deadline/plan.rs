//! Reports that the calendar asks for: one for each rule and year, on the stream of the plan. They have no form of their
//! own yet: a person says that one was sent, with number and date.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, Time};

use super::clock::{bound_before, due_before, iso_day, opens};
use super::model::{self, Claim, Deadline, Done};
use super::settings::ReportDay;
use super::{Asked, ClockSource, rules, store};
use crate::org::UnitId;
use crate::pack::{DeadlineRule, Pack, YearDay};

/// The stream of the plan as a whole.
pub const STREAM: &str = "plan";
/// How far ahead a report is listed: one year and a day.
const AHEAD: i64 = 366 * DAY;

/// The kinds of things it claims.
const KINDS: &[(&str, Text)] = &[(model::CALENDAR, Text::new("Báo cáo định kỳ", "Periodic report"))];

/// What the calendar asks for.
pub fn source() -> ClockSource {
    ClockSource { stream: STREAM, kinds: KINDS, claims }
}

fn claims<'a>(tx: &'a mut Tx, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Vec<Claim>>> {
    Box::pin(async move {
        let pack = &asked.app.pack;
        let days = store::settings::list_days(tx).await?;
        let stored = store::list_of_stream(tx, STREAM).await?;
        let found: Vec<(&DeadlineRule, i16, YearDay, Time)> = occurrences(pack, &days, &stored, asked.now);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let functions = found.iter().flat_map(|(rule, ..)| rule.by.iter().chain(&rule.to));
        let codes: Vec<String> =
            functions.flat_map(|id| pack.units_of_function(id)).map(|unit| unit.id.clone()).collect();
        let units = store::list_units_by_code(tx, &codes).await?;
        Ok(found.into_iter().map(|(rule, year, day, due)| claim(pack, rule, year, day, due, &units)).collect())
    })
}

/// The reports that are listed now: those to come within a year, and those that were listed and whose rule still stands.
pub fn occurrences<'a>(
    pack: &'a Pack,
    days: &[ReportDay],
    stored: &[Deadline],
    now: Time,
) -> Vec<(&'a DeadlineRule, i16, YearDay, Time)> {
    let mut found = Vec::new();
    let this_year = now.local().year();
    for (regime, rule) in pack.regimes.iter().flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule))) {
        if rule.anchor != rules::CALENDAR {
            continue;
        }
        let set = days.iter().find(|day| day.rule == rule.id).and_then(ReportDay::day);
        let Some(day) = rule.before.or(set) else { continue };
        let listed = stored.iter().filter(|row| row.rule == rule.id).filter_map(|row| year_of(&row.key));
        let mut years: Vec<i16> = listed.chain([this_year, this_year.saturating_add(1)]).collect();
        years.sort_unstable();
        years.dedup();
        for year in years {
            let Some(due) = due_before(year, day) else { continue };
            let law = iso_day(due);
            let in_force = regime.holds_on(&law) && rules::valid_on(rule, &law);
            let known = stored.iter().any(|row| row.key == key(rule, year));
            let to_come = due >= now && due <= now.plus(AHEAD);
            if in_force && (known || to_come) {
                found.push((rule, year, day, due));
            }
        }
    }
    found
}

fn key(rule: &DeadlineRule, year: i16) -> String {
    format!("{}:{year}", rule.id)
}

fn year_of(key: &str) -> Option<i16> {
    key.rsplit(':').next()?.parse().ok()
}

fn claim(
    pack: &Pack,
    rule: &DeadlineRule,
    year: i16,
    day: YearDay,
    due: Time,
    units: &[(UnitId, String, String)],
) -> Claim {
    let of = |functions: &[String]| {
        let codes: Vec<&str> =
            functions.iter().flat_map(|id| pack.units_of_function(id)).map(|unit| unit.id.as_str()).collect();
        codes.iter().filter_map(|code| units.iter().find(|(_, known, _)| known == code)).cloned().collect::<Vec<_>>()
    };
    let by = of(&rule.by);
    let to = of(&rule.to);
    let named: Vec<String> = to.iter().map(|(.., name)| name.clone()).collect();
    let party = rule.party.as_ref().map(|party| party.vi.clone());
    let name = rule.name.text();
    let (vi, en) = (&name.vi, &name.en);
    Claim {
        source: model::CALENDAR,
        key: key(rule, year),
        title: Some(text!("{vi} ({year})", "{en} ({year})")),
        subject: named.iter().cloned().chain(party).collect::<Vec<_>>().join(", "),
        url: String::new(),
        unit_id: by.first().map(|(id, ..)| id.clone()),
        recipient_id: to.first().map(|(id, ..)| id.clone()),
        recipient: named.join(", "),
        rule: rule.id.clone(),
        form: rule.form.clone().unwrap_or_default(),
        basis: Some(rule.basis.text()),
        bound: Some(bound_before(year, day)),
        why: Some(covers(rule, year)),
        starts_at: opens(due),
        due_at: Some(due),
        done: Done::BySaying,
        ..Claim::default()
    }
}

/// "số liệu từ 15/12/2025 đến 14/12/2026".
fn covers(rule: &DeadlineRule, year: i16) -> Text {
    let Some(covers) = rule.covers else { return Text::same("") };
    let began = if (covers.from.month, covers.from.day) > (covers.to.month, covers.to.day) { year - 1 } else { year };
    let (from, to) = (covers.from, covers.to);
    let (from_day, from_month, to_day, to_month) = (from.day, from.month, to.day, to.month);
    text!(
        "số liệu từ {from_day}/{from_month}/{began} đến {to_day}/{to_month}/{year}",
        "data from {from_day}/{from_month}/{began} to {to_day}/{to_month}/{year}"
    )
}
