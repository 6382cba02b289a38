//! Moments as logs write them, to microseconds since 1970 in UTC. A time without zone is taken as UTC unless the caller
//! says otherwise.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a log's times leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Seconds east of Greenwich of times that do not say their zone; 25,200 in Vietnam.
    pub offset: i32,
    /// A moment not before the log's last line, for times without a year (syslog's old form): the file's time of change
    /// serves well. Without it such times are left out.
    pub last: Option<i64>,
}

/// Microseconds of a date and time of day in UTC; none when there is no such day or time.
pub(crate) fn moment(date: (i64, i64, i64), time: (i64, i64, i64), micros: i64) -> Option<i64> {
    let ((year, month, day), (hour, minute, second)) = (date, time);
    let known = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let most = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    // A leap second counts as the second after it.
    if !known || day > most || !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micros)
}

/// The year of a moment.
fn year_of(micros: i64) -> i64 {
    let mut year = 1970 + micros.div_euclid(31_556_952_000_000);
    while moment((year, 1, 1), (0, 0, 0), 0).is_some_and(|start| start > micros) {
        year -= 1;
    }
    year
}

/// `2026-11-28T00:43:16.123456789+07:00`, with a blank for the `T`, with or without fraction and zone.
pub(crate) fn iso(text: &str, clock: &Clock) -> Option<i64> {
    let bytes = text.as_bytes();
    let mark = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|b| marks.contains(b));
    if !(mark(4, b"-/") && mark(7, b"-/") && mark(10, b"T t") && mark(13, b":") && mark(16, b":")) {
        return None;
    }
    let date = (number(text, 0, 4)?, number(text, 5, 7)?, number(text, 8, 10)?);
    let time = (number(text, 11, 13)?, number(text, 14, 16)?, number(text, 17, 19)?);
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let mut scale = 100_000;
        for b in fraction.bytes().take(digits.min(6)) {
            micros += i64::from(b - b'0') * scale;
            scale /= 10;
        }
        rest = fraction.get(digits..)?;
    }
    let offset = zone(rest.trim_start(), clock)?;
    Some(moment(date, time, micros)? - i64::from(offset) * 1_000_000)
}

/// The offset in seconds: `Z`, `+07:00`, `+0700`, `+07`, `UTC`, nothing.
fn zone(text: &str, clock: &Clock) -> Option<i32> {
    if text.is_empty() {
        return Some(clock.offset);
    }
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = number(text, 1, 3)?;
    let minutes =
        if text.len() > 3 { number(text, if text.as_bytes()[3] == b':' { 4 } else { 3 }, text.len())? } else { 0 };
    if hours > 18 || minutes > 59 {
        return None;
    }
    i32::try_from(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn number(text: &str, from: usize, to: usize) -> Option<i64> {
    let digits = text.get(from..to)?;
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn month(name: &str) -> Option<i64> {
    MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name)).map(|at| at as i64 + 1)
}

/// `Nov 28 00:43:16` or `Nov  8 …`: syslog's old form. Also says how long it is.
pub(crate) fn syslog(text: &str, clock: &Clock) -> Option<(Option<i64>, usize)> {
    let month = month(text.get(..3)?)?;
    let day = text.get(4..6)?.trim_start().parse::<i64>().ok()?;
    let (mut at, mut year) = (7, None);
    // Some write the year behind the day.
    if let Some(written) = number(text, 7, 11)
        && text.as_bytes().get(11) == Some(&b' ')
    {
        (at, year) = (12, Some(written));
    }
    let time = (number(text, at, at + 2)?, number(text, at + 3, at + 5)?, number(text, at + 6, at + 8)?);
    if text.as_bytes().get(at + 2) != Some(&b':') || text.as_bytes().get(3) != Some(&b' ') {
        return None;
    }
    let in_year = |year| moment((year, month, day), time, 0).map(|m| m - i64::from(clock.offset) * 1_000_000);
    let found = match (year, clock.last) {
        (Some(year), _) => in_year(year),
        (None, None) => None,
        // The latest year in which the line is not more than a day ahead.
        (None, Some(last)) => {
            let year = year_of(last);
            (0..=8).map(|back| year + 1 - back).filter_map(in_year).find(|m| *m <= last + 86_400_000_000)
        }
    };
    Some((found, at + 8))
}

/// `28/Nov/2026:00:43:16 +0700`.
pub(crate) fn access(text: &str, clock: &Clock) -> Option<i64> {
    let date = (number(text, 7, 11)?, month(text.get(3..6)?)?, number(text, 0, 2)?);
    let time = (number(text, 12, 14)?, number(text, 15, 17)?, number(text, 18, 20)?);
    let offset = zone(text.get(20..)?.trim(), clock)?;
    Some(moment(date, time, 0)? - i64::from(offset) * 1_000_000)
}

/// Seconds (or milli-, micro-, nanoseconds, by their size) since 1970, with a fraction or without.
pub(crate) fn epoch(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds = number(whole, 0, whole.len()).filter(|_| whole.len() < 19)?;
    match whole.len() {
        0..=11 => {
            let mut micros = 0;
            let mut scale = 100_000;
            for b in fraction.bytes().take(6).filter(u8::is_ascii_digit) {
                micros += i64::from(b - b'0') * scale;
                scale /= 10;
            }
            Some(seconds * 1_000_000 + micros)
        }
        12..=14 => Some(seconds * 1_000),
        15..=17 => Some(seconds),
        _ => Some(seconds / 1_000),
    }
}

/// Any of the forms that stand in fields of JSON and tables.
pub(crate) fn any(text: &str, clock: &Clock) -> Option<i64> {
    let text = text.trim();
    iso(text, clock).or_else(|| epoch(text)).or_else(|| access(text, clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_spelling() {
        let clock = Clock { offset: 25_200, last: Some(1_795_826_596_000_000) };
        let at = Some(1_795_826_596_000_000);
        assert_eq!(iso("2026-11-28T00:43:16Z", &clock), at);
        assert_eq!(iso("2026-11-28 07:43:16.000", &clock), at);
        assert_eq!(iso("2026-11-28T07:43:16.0000000+0700", &clock), at);
        assert_eq!(access("28/Nov/2026:07:43:16 +0700", &clock), at);
        assert_eq!(syslog("Nov 28 07:43:16 host", &clock), Some((at, 15)));
        assert_eq!(epoch("1795826596"), at);
        assert_eq!(epoch("1795826596.000"), at);
        assert_eq!(epoch("1795826596000"), at);
        assert_eq!(iso("2026-11-28T00:43:16.5Z", &clock), at.map(|m| m + 500_000));
    }

    #[test]
    fn a_december_line_in_a_january_file_is_last_years() {
        let last = moment((2026, 1, 2), (0, 0, 0), 0);
        let clock = Clock { offset: 0, last };
        assert_eq!(syslog("Dec 31 23:59:59 x", &clock).unwrap().0, moment((2025, 12, 31), (23, 59, 59), 0));
        assert_eq!(syslog("Feb 29 00:00:00 x", &clock).unwrap().0, moment((2024, 2, 29), (0, 0, 0), 0));
        assert_eq!(syslog("Jan  2 10:00:00 x", &Clock::default()).unwrap(), (None, 15));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in
            ["", "2026-13-01T00:00:00Z", "2026-11-28T24:00:00Z", "yesterday", "2026-11-28", "99999999999999999999"]
        {
            assert_eq!(any(text, &Clock::default()), None, "{text}");
        }
    }
}
