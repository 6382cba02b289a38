//! How single values are read: as numbers, addresses, moments.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::{Number, TimePart};

impl Number {
    /// How a value compares to this number; none when it is no number. `0x1F` is read as well.
    pub fn compared_to(self, value: &str) -> Option<Ordering> {
        let value = value.trim();
        if let Number::Int(own) = self {
            let hex = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
            let int = match hex {
                Some(hex) if hex.starts_with(['+', '-']) => None,
                Some(hex) => i64::from_str_radix(hex, 16).ok(),
                None => value.parse::<i64>().ok(),
            };
            if let Some(int) = int {
                return Some(int.cmp(&own));
            }
        }
        if !value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return None;
        }
        let own = match self {
            Number::Int(own) => own as f64,
            Number::Float(own) => own,
        };
        value.parse::<f64>().ok()?.partial_cmp(&own)
    }
}

/// A value as an address: `10.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`.
pub fn address(value: &str) -> Option<IpAddr> {
    let value = value.trim();
    let value = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')).unwrap_or(value);
    let value = value.split_once('%').map_or(value, |(address, _)| address);
    value.parse().ok()
}

impl TimePart {
    /// This part of a moment as written: `2026-11-28T00:43:16Z`, `2026-11-28 00:43:16.123 +07:00`, or a date alone for
    /// its parts. None for other spellings.
    pub fn of(self, value: &str) -> Option<i64> {
        let value = value.trim();
        let number = |from: usize, to: usize| {
            let digits = value.get(from..to)?;
            if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse::<i64>().ok() } else { None }
        };
        let mark = |at: usize, marks: &[u8]| value.as_bytes().get(at).is_some_and(|b| marks.contains(b));
        if !(mark(4, b"-/") && mark(7, b"-/")) {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let time = |from, most| {
            if !(mark(10, b"T t") && mark(13, b":")) {
                return None;
            }
            number(from, from + 2).filter(|n| *n <= most)
        };
        match self {
            TimePart::Year => Some(year),
            TimePart::Month => Some(month),
            TimePart::Day => Some(day),
            TimePart::Week => Some(iso_week(year, month, day)),
            TimePart::Hour => time(11, 23),
            TimePart::Minute => time(14, 59),
        }
    }
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The week of ISO 8601, in which a year's first Thursday lies in week 1.
fn iso_week(year: i64, month: i64, day: i64) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let index = usize::try_from(month - 1).unwrap_or(0).min(11);
    let in_year = BEFORE[index] + day + i64::from(month > 2 && leap(year));
    let years = year - 1;
    // Monday is 1, Sunday 7; the first of January of year 1 was a Monday.
    let weekday = (years * 365 + years / 4 - years / 100 + years / 400 + in_year - 1).rem_euclid(7) + 1;
    let week = (in_year - weekday + 10) / 7;
    let weeks = |year: i64| {
        let last = |y: i64| (y + y / 4 - y / 100 + y / 400).rem_euclid(7);
        if last(year) == 4 || last(year - 1) == 3 { 53 } else { 52 }
    };
    match week {
        0 => weeks(year - 1),
        week if week > weeks(year) => 1,
        week => week,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert_eq!(Number::Int(10).compared_to("9"), Some(Ordering::Less));
        assert_eq!(Number::Int(16).compared_to("0x10"), Some(Ordering::Equal));
        assert_eq!(Number::Int(10).compared_to("10.5"), Some(Ordering::Greater));
        assert_eq!(Number::Float(1.5).compared_to("1"), Some(Ordering::Less));
        for text in ["", "a", "inf", "NaN", "0x", "0x-1", "1 2"] {
            assert_eq!(Number::Int(1).compared_to(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_taken_apart_as_written() {
        let value = "2026-11-28 00:43:16.123 +07:00";
        let parts = [TimePart::Year, TimePart::Month, TimePart::Week, TimePart::Day, TimePart::Hour, TimePart::Minute];
        assert_eq!(parts.map(|part| part.of(value)), [2026, 11, 48, 28, 0, 43].map(Some));
        assert_eq!(TimePart::Hour.of("2026-11-28"), None);
        assert_eq!(TimePart::Year.of("yesterday"), None);
        assert_eq!(TimePart::Year.of("2026-13-01T00:00:00Z"), None);
    }

    #[test]
    fn weeks_are_those_of_the_standard() {
        for (date, week) in
            [("2021-01-03", 53), ("2021-01-04", 1), ("2024-12-30", 1), ("2020-12-31", 53), ("2026-01-01", 1)]
        {
            assert_eq!(TimePart::Week.of(date), Some(week), "{date}");
        }
    }
}
