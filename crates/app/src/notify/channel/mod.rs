//! How each account wants to be told: the bell alone, a letter at once, or the morning's digest; and when it must be quiet.

pub mod pages;
pub(super) mod store;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{DAY, MINUTE, Time};

use super::Urgency;

text_enum! {
    /// A way to be told, always beside the bell.
    pub enum Channel {
        Bell = "bell": ("Chỉ ở chuông", "At the bell only"),
        Mail = "mail": ("Chuông và thư ngay", "Bell, and a letter at once"),
        Digest = "digest": ("Chuông và thư tổng hợp 7:30", "Bell, and the digest at 7:30"),
    }
}

/// What an account chose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Channels {
    pub urgent: Channel,
    pub soon: Channel,
    pub can_wait: Channel,
    /// Minutes of the day in Vietnam between which nothing is sent that can wait; absent: none.
    pub quiet_from: Option<i64>,
    pub quiet_to: Option<i64>,
    /// 0 while the account chose nothing.
    pub version: i64,
}

impl Default for Channels {
    fn default() -> Channels {
        Channels {
            urgent: Channel::Mail,
            soon: Channel::Mail,
            can_wait: Channel::Digest,
            quiet_from: Some(22 * 60),
            quiet_to: Some(6 * 60),
            version: 0,
        }
    }
}

impl Channels {
    pub fn of(&self, urgency: Urgency) -> Channel {
        match urgency {
            Urgency::Now => self.urgent,
            Urgency::Soon => self.soon,
            Urgency::CanWait => self.can_wait,
        }
    }

    /// When a letter of this urgency may go: at once, or when the quiet hours end.
    pub fn send_at(&self, urgency: Urgency, now: Time) -> Time {
        let (Urgency::CanWait, Some(from), Some(to)) = (urgency, self.quiet_from, self.quiet_to) else { return now };
        let local = now.local();
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let quiet = if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to };
        if !quiet {
            return now;
        }
        let midnight = midnight(now);
        let end = midnight.plus(to * MINUTE);
        if end > now { end } else { end.plus(DAY) }
    }
}

/// The beginning of the day in Vietnam, which keeps no summer time.
pub fn midnight(now: Time) -> Time {
    let local = now.local();
    let seconds = i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
    now.plus(-seconds * 1_000_000 - i64::from(local.subsec_nanosecond()) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_hold_back_only_what_can_wait_until_they_end() {
        let usual = Channels::default();
        let at = |moment: &str| Time::parse(moment).expect("a moment");
        let sent = |urgency, moment: &str| usual.send_at(urgency, at(moment)).to_minute();
        assert_eq!(sent(Urgency::CanWait, "15/03/2023 23:10"), "16/03/2023 06:00");
        assert_eq!(sent(Urgency::CanWait, "16/03/2023 02:00"), "16/03/2023 06:00");
        assert_eq!(sent(Urgency::CanWait, "16/03/2023 06:00"), "16/03/2023 06:00");
        assert_eq!(sent(Urgency::CanWait, "16/03/2023 12:00"), "16/03/2023 12:00");
        assert_eq!(sent(Urgency::Soon, "16/03/2023 02:00"), "16/03/2023 02:00");
        assert_eq!(sent(Urgency::Now, "16/03/2023 02:00"), "16/03/2023 02:00");
        let noon = Channels { quiet_from: Some(11 * 60), quiet_to: Some(13 * 60 + 30), ..usual };
        assert_eq!(noon.send_at(Urgency::CanWait, at("16/03/2023 12:00")).to_minute(), "16/03/2023 13:30");
        let none = Channels { quiet_from: None, quiet_to: None, ..usual };
        assert_eq!(none.send_at(Urgency::CanWait, at("16/03/2023 02:00")).to_minute(), "16/03/2023 02:00");
    }
}
