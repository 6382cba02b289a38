//! Moments, days and the clock. Moments are microseconds since 1970 in UTC; people see them in Asia/Ho_Chi_Minh.
//!
//! Nobody asks the system for the time: the clock is passed in, so that a test can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Lang, Text};

/// A moment, in microseconds since 1970 UTC, exactly as it stands in the database.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, sqlx::Type,
)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Time(pub i64);

pub const MINUTE: i64 = 60 * 1_000_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Time {
    /// The moment so many microseconds later; earlier when negative.
    pub fn plus(self, micros: i64) -> Time {
        Time(self.0.saturating_add(micros))
    }

    /// Local wall-clock time in Vietnam (UTC+7, no daylight saving).
    pub fn local(self) -> Zoned {
        let moment = Timestamp::from_microsecond(self.0.clamp(-62_135_596_800_000_000, 253_402_207_200_000_000))
            .expect("the moment is clamped to what the calendar can say");
        moment.to_zoned(TimeZone::fixed(jiff::tz::offset(7)))
    }

    /// `22/11/2026 14:05`, as clerks write it.
    pub fn to_minute(self) -> String {
        self.local().strftime("%d/%m/%Y %H:%M").to_string()
    }

    /// `22/11/2026`.
    pub fn to_day(self) -> String {
        self.local().strftime("%d/%m/%Y").to_string()
    }

    /// `2026-11-22T14:05`, the value of an HTML date-time field.
    pub fn to_field(self) -> String {
        self.local().strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// `2026-11-22T14:05:00+07:00`, for machines.
    pub fn to_iso(self) -> String {
        self.local().strftime("%Y-%m-%dT%H:%M:%S+07:00").to_string()
    }

    /// The year in Vietnam, for numbering.
    pub fn year(self) -> i64 {
        self.local().year().into()
    }

    /// Reads what people and machines write: an HTML date-time field, `22/11/2026 14:05`, a plain date, or RFC 3339.
    pub fn parse(raw: &str) -> Result<Time, Text> {
        let raw = raw.trim();
        let wrong = || {
            Text::new("Hãy ghi ngày giờ theo dạng 22/11/2026 14:05.", "Write the date and time like 22/11/2026 14:05.")
        };
        if let Ok(moment) = raw.parse::<Timestamp>() {
            return Ok(Time(moment.as_microsecond()));
        }
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y"];
        let local = formats
            .iter()
            .find_map(|format| DateTime::strptime(format, raw).ok())
            .or_else(|| {
                let day = ["%Y-%m-%d", "%d/%m/%Y"];
                day.iter()
                    .find_map(|format| jiff::civil::Date::strptime(format, raw).ok())
                    .map(|day| day.at(0, 0, 0, 0))
            })
            .ok_or_else(wrong)?;
        let zoned = local.to_zoned(TimeZone::fixed(jiff::tz::offset(7))).map_err(|_| wrong())?;
        Ok(Time(zoned.timestamp().as_microsecond()))
    }

    /// How long between this moment and `now`, in words: "3 giờ 20 phút".
    pub fn span(self, now: Time) -> Text {
        let minutes = (self.0 - now.0).abs() / MINUTE;
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        match (days, hours, rest) {
            (0, 0, 0) => Text::new("chưa đầy 1 phút", "under 1 minute"),
            (0, 0, m) => text!("{m} phút", "{m} min"),
            (0, h, 0) => text!("{h} giờ", "{h} h"),
            (0, h, m) => text!("{h} giờ {m} phút", "{h} h {m} min"),
            (d, 0, _) => text!("{d} ngày", "{d} d"),
            (d, h, _) => text!("{d} ngày {h} giờ", "{d} d {h} h"),
        }
    }

    /// "còn 3 giờ 20 phút", "trễ 40 phút".
    pub fn remaining(self, now: Time) -> Text {
        let span = self.span(now);
        let Text { vi, en } = span;
        if self >= now { text!("còn {vi}", "{en} left") } else { text!("trễ {vi}", "{en} late") }
    }

    /// "3 giờ trước".
    pub fn ago(self, now: Time) -> Text {
        let Text { vi, en } = self.span(now);
        text!("{vi} trước", "{en} ago")
    }

    /// Picks the reader's words; shorthand for templates.
    pub fn ago_in(self, now: Time, lang: Lang) -> String {
        self.ago(now).get(lang).to_owned()
    }
}

/// Where the time comes from: the machine, or a hand that a test moves.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at this moment until it is moved.
    pub fn standing(at: Time) -> Clock {
        Clock::Moved(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine")]
    pub fn now(&self) -> Time {
        match self {
            Clock::System => Time(Timestamp::now().as_microsecond()),
            Clock::Moved(at) => Time(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a standing clock forward; the machine's own clock cannot be moved.
    pub fn advance(&self, micros: i64) {
        match self {
            Clock::System => unreachable!("only a standing clock can be moved"),
            Clock::Moved(at) => {
                at.fetch_add(micros, Ordering::SeqCst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_every_spelling_and_shown_in_vietnam() {
        let spellings = ["2026-11-22T14:05", "22/11/2026 14:05", "2026-11-22T07:05:00Z", "2026-11-22T14:05:00+07:00"];
        for spelling in spellings {
            assert_eq!(Time::parse(spelling).expect(spelling).to_minute(), "22/11/2026 14:05");
        }
        assert_eq!(Time::parse("22/11/2026").expect("a day").to_minute(), "22/11/2026 00:00");
        assert!(Time::parse("31/02/2026").is_err());
        assert!(Time::parse("hôm qua").is_err());
    }

    #[test]
    fn remaining_and_late_are_said_in_both_languages() {
        let now = Time::parse("22/11/2026 14:00").expect("a moment");
        assert_eq!(now.plus(3 * HOUR + 20 * MINUTE).remaining(now).vi, "còn 3 giờ 20 phút");
        assert_eq!(now.plus(-40 * MINUTE).remaining(now).en, "40 min late");
    }
}
