//! When something is due. Pure: a start, a length or a day of the year, and a calendar give the last moment in time.
//!
//! - Minutes, hours and days run on, through nights, holidays and the end of the year: five days are 120 hours.
//! - Working days count from the day after; the last one counts to its midnight.
//! - "Before 20/6" has its last moment at the end of the 19th.
//! - A limit that excludes its end has its last moment just before.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, offset};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};

use super::calendar::Calendar;
use crate::pack::{Within, YearDay};

/// A last moment in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub at: Time,
    /// A year that the count ran through and of which no holidays are known: the last moment may lie later.
    pub unknown_year: Option<i16>,
}

impl Due {
    fn sure(at: Time) -> Due {
        Due { at, unknown_year: None }
    }
}

/// The last moment in time for something that must be done within a length of time after a start.
pub fn due_within(start: Time, within: Within, exclusive: bool, calendar: &Calendar) -> Due {
    let due = match within {
        Within::AtOnce => Due::sure(start),
        Within::Minutes(minutes) => Due::sure(start.plus(i64::from(minutes).saturating_mul(MINUTE))),
        Within::Hours(hours) => Due::sure(start.plus(i64::from(hours).saturating_mul(HOUR))),
        Within::Days(days) => Due::sure(start.plus(i64::from(days).saturating_mul(DAY))),
        Within::WorkingDays(days) => working_days(start, days, calendar),
    };
    // What is due at once has no moment before it.
    let excluded = exclusive && !matches!(within, Within::AtOnce);
    Due { at: if excluded { due.at.plus(-1) } else { due.at }, ..due }
}

/// The end of the last of so many working days after the day of the start.
fn working_days(start: Time, days: u32, calendar: &Calendar) -> Due {
    let mut day = start.local().date();
    let mut unknown_year = None;
    let mut left = days;
    // A calendar without any working day would be counted forever.
    for _ in 0..days.saturating_mul(10).saturating_add(30) {
        if left == 0 {
            break;
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        if unknown_year.is_none() && !calendar.knows(day.year()) {
            unknown_year = Some(day.year());
        }
        if calendar.is_working(day) {
            left -= 1;
        }
    }
    // Nothing to count: due by the end of the same day.
    Due { at: end_of(day), unknown_year }
}

/// The last moment in time for "before this day" of a year; the last day of February stands in for the 29th.
pub fn due_before(year: i16, before: YearDay) -> Option<Time> {
    let month = i8::try_from(before.month).ok()?;
    let first = Date::new(year, month, 1).ok()?;
    let day = i8::try_from(before.day).ok()?.min(first.days_in_month());
    let bound = Date::new(year, month, day).ok()?;
    Some(end_of(bound.yesterday().ok()?))
}

/// When the clock of a report of the calendar starts: a month before, so that it turns amber in its last week.
pub fn opens(due: Time) -> Time {
    due.plus(-30 * DAY)
}

/// The first moment of a day in Vietnam.
pub fn start_of(day: Date) -> Time {
    let zoned = day.to_zoned(TimeZone::fixed(offset(7)));
    Time(zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_microsecond()))
}

/// The last moment of a day in Vietnam.
pub fn end_of(day: Date) -> Time {
    let next = day.checked_add(1.day()).unwrap_or(date(9999, 12, 31));
    start_of(next).plus(-1)
}

/// The ISO day of a moment in Vietnam, as the validity of laws is written.
pub fn iso_day(at: Time) -> String {
    at.local().strftime("%Y-%m-%d").to_string()
}

/// A length of time in whole microseconds; none for working days, which only a calendar can measure.
pub fn length(within: Within) -> Option<i64> {
    match within {
        Within::AtOnce => Some(0),
        Within::Minutes(minutes) => Some(i64::from(minutes).saturating_mul(MINUTE)),
        Within::Hours(hours) => Some(i64::from(hours).saturating_mul(HOUR)),
        Within::Days(days) => Some(i64::from(days).saturating_mul(DAY)),
        Within::WorkingDays(_) => None,
    }
}

/// The limit as a rule words it.
pub fn bound(within: Within, exclusive: bool) -> Text {
    let (vi, en) = if exclusive { ("dưới", "under") } else { ("trong", "within") };
    match within {
        Within::AtOnce => Text::new("ngay", "at once"),
        Within::Minutes(n) => text!("{vi} {n} phút", "{en} {left}", left = counted(n, "minute", "minutes")),
        Within::Hours(n) => text!("{vi} {n} giờ", "{en} {left}", left = counted(n, "hour", "hours")),
        Within::Days(n) => text!("{vi} {n} ngày", "{en} {left}", left = counted(n, "day", "days")),
        Within::WorkingDays(n) => {
            text!("{vi} {n} ngày làm việc", "{en} {left}", left = counted(n, "working day", "working days"))
        }
    }
}

/// "trước ngày 20/12/2026".
pub fn bound_before(year: i16, before: YearDay) -> Text {
    let (day, month) = (before.day, before.month);
    text!("trước ngày {day}/{month}/{year}", "before {day}/{month}/{year}")
}
