//! Whom to call next, and how: a pure table. The product tells people within itself; everything behind that (a telephone
//! call, a letter, the one who stands in) is done by a person and ticked. This says what the next try is.

use jiff::civil::Weekday;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::id_type;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::model::{SummonedId, SummonedState};
use crate::pack::Callout;

id_type!(
    /// One try to reach somebody who was called.
    TryId, "try"
);

text_enum! {
    /// How somebody was, or is to be, reached.
    pub enum Way {
        Notice = "notice": ("thông báo trong hệ thống", "notice in the product"),
        Phone = "phone": ("điện thoại trong giờ", "telephone, office hours"),
        OffHours = "off_hours": ("điện thoại ngoài giờ", "telephone, off hours"),
        Email = "email": ("thư điện tử", "e-mail"),
        Deputy = "deputy": ("người thay", "whoever stands in"),
    }
}

text_enum! {
    /// What came of a try.
    pub enum Outcome {
        NoAnswer = "no_answer": ("không trả lời", "no answer"),
        Acknowledged = "acknowledged": ("sẽ đến", "coming"),
        Arrived = "arrived": ("đã có mặt", "here"),
        Declined = "declined": ("không đến được", "cannot come"),
    }
}

impl Outcome {
    /// Where it leaves the person; nothing changes while nobody answered.
    pub fn state(self) -> Option<SummonedState> {
        match self {
            Outcome::NoAnswer => None,
            Outcome::Acknowledged => Some(SummonedState::Acknowledged),
            Outcome::Arrived => Some(SummonedState::Arrived),
            Outcome::Declined => Some(SummonedState::Declined),
        }
    }
}

/// One try, as it was noted.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Try {
    pub id: TryId,
    pub summoned_id: SummonedId,
    pub way: Way,
    /// The number, the address, or the name of whoever stands in.
    pub reached_at: String,
    pub outcome: Outcome,
    pub note: String,
    pub tried_at: Time,
    pub tried_by: String,
    /// By when it was to be made; absent for the first one, and where nobody had to try.
    pub due_at: Option<Time>,
}

/// How somebody can be reached; empty where there is no such way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    pub phone: String,
    pub off_hours: String,
    pub email: String,
    /// Who stands in, with their number: "Trần Văn Ngàn, 0900 000 002".
    pub deputy: String,
}

impl Contacts {
    /// Where a way leads; empty when there is no such way.
    pub fn at(&self, way: Way) -> &str {
        match way {
            Way::Notice => "",
            Way::Phone => self.phone.trim(),
            Way::OffHours => self.off_hours.trim(),
            Way::Email => self.email.trim(),
            Way::Deputy => self.deputy.trim(),
        }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Next {
    pub way: Way,
    /// Where: a number, an address, a name.
    pub at: String,
}

/// The next try for somebody, or none: they answered, or every way was tried. Who declined is only replaced.
pub fn next(state: SummonedState, contacts: &Contacts, tried: &[Way], office_hours: bool) -> Option<Next> {
    let order: &[Way] = match (state, office_hours) {
        (SummonedState::Acknowledged | SummonedState::Arrived, _) => &[],
        (SummonedState::Declined, _) => &[Way::Deputy],
        (SummonedState::Called, true) => &[Way::Phone, Way::OffHours, Way::Email, Way::Deputy],
        (SummonedState::Called, false) => &[Way::OffHours, Way::Phone, Way::Email, Way::Deputy],
    };
    let at = |way: Way| contacts.at(way);
    // One number written twice is one way.
    let same = |way: Way| {
        let other = match way {
            Way::Phone => Way::OffHours,
            Way::OffHours => Way::Phone,
            _ => return false,
        };
        tried.contains(&other) && digits(at(way)) == digits(at(other))
    };
    let open = |way: &&Way| !at(**way).is_empty() && !tried.contains(way) && !same(**way);
    order.iter().find(open).map(|way| Next { way: *way, at: at(*way).to_owned() })
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// When the try after one at `now` is due; none when there is nothing left to try.
pub fn due(next: Option<&Next>, now: Time, pack: &Callout) -> Option<Time> {
    next.map(|_| now.plus(i64::from(pack.answer_within_minutes) * ungcuu_kit::time::MINUTE))
}

/// Whether people sit at their desks at this moment, by the pack's office hours, Monday to Friday. Holidays are not known
/// here: a call that finds nobody then goes on to the next number like any other.
pub fn in_office_hours(now: Time, pack: &Callout) -> bool {
    let local = now.local();
    let clock = local.strftime("%H:%M").to_string();
    let weekend = matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday);
    !weekend && pack.office_from.as_str() <= clock.as_str() && clock.as_str() < pack.office_to.as_str()
}

#[cfg(test)]
mod tests {
    use super::{Contacts, Next, Way, due, in_office_hours, next};
    use crate::coordination::model::SummonedState::{Acknowledged, Arrived, Called, Declined};
    use crate::pack::Callout;
    use ungcuu_kit::time::{MINUTE, Time};

    fn contacts() -> Contacts {
        Contacts {
            phone: "0277 3 820 001".to_owned(),
            off_hours: "0900 000 001".to_owned(),
            email: "tung@example.vn".to_owned(),
            deputy: "Ngàn, 0900 000 002".to_owned(),
        }
    }

    fn way(next: Option<Next>) -> Option<Way> {
        next.map(|next| next.way)
    }

    #[test]
    fn the_ways_come_one_after_the_other_and_office_hours_say_which_number_is_first() {
        let orders = [
            (true, [Way::Phone, Way::OffHours, Way::Email, Way::Deputy]),
            (false, [Way::OffHours, Way::Phone, Way::Email, Way::Deputy]),
        ];
        for (office_hours, order) in orders {
            let mut tried = vec![Way::Notice];
            for expected in order {
                assert_eq!(way(next(Called, &contacts(), &tried, office_hours)), Some(expected));
                tried.push(expected);
            }
            assert_eq!(next(Called, &contacts(), &tried, office_hours), None, "every way was tried");
        }
    }

    #[test]
    fn who_answered_is_left_in_peace_and_who_declined_is_only_replaced() {
        for office_hours in [true, false] {
            assert_eq!(next(Acknowledged, &contacts(), &[], office_hours), None);
            assert_eq!(next(Arrived, &contacts(), &[], office_hours), None);
            assert_eq!(way(next(Declined, &contacts(), &[], office_hours)), Some(Way::Deputy));
            assert_eq!(next(Declined, &contacts(), &[Way::Deputy], office_hours), None);
        }
    }

    #[test]
    fn no_try_ever_leads_to_an_empty_place_or_to_one_that_was_tried() {
        let ways = [Way::Notice, Way::Phone, Way::OffHours, Way::Email, Way::Deputy];
        for known in 0..16_u8 {
            let all = contacts();
            let keep = |bit: u8, value: String| if known & bit > 0 { value } else { "  ".to_owned() };
            let some = Contacts {
                phone: keep(1, all.phone),
                off_hours: keep(2, all.off_hours),
                email: keep(4, all.email),
                deputy: keep(8, all.deputy),
            };
            for mask in 0..32_u8 {
                let tried: Vec<Way> =
                    ways.into_iter().enumerate().filter(|(bit, _)| mask & (1 << bit) > 0).map(|(_, way)| way).collect();
                for (state, office_hours) in [(Called, true), (Called, false), (Declined, true), (Arrived, false)] {
                    let Some(found) = next(state, &some, &tried, office_hours) else { continue };
                    assert!(!found.at.trim().is_empty() && !tried.contains(&found.way), "{found:?} after {tried:?}");
                }
            }
        }
    }

    #[test]
    fn one_number_written_twice_is_called_once() {
        let twice = Contacts { off_hours: "0277-3820-001".to_owned(), ..contacts() };
        assert_eq!(way(next(Called, &twice, &[Way::Phone], true)), Some(Way::Email));
    }

    #[test]
    fn the_next_try_is_due_after_the_minutes_of_the_pack_while_there_is_one() {
        let pack = Callout { answer_within_minutes: 10, ..Callout::default() };
        let now = Time::parse("15/03/2023 12:00").expect("a moment");
        let found = next(Called, &contacts(), &[], true);
        assert_eq!(due(found.as_ref(), now, &pack), Some(now.plus(10 * MINUTE)));
        assert_eq!(due(None, now, &pack), None);
    }

    #[test]
    fn office_hours_are_those_of_the_pack_from_monday_to_friday() {
        let pack = Callout { office_from: "07:30".to_owned(), office_to: "17:00".to_owned(), ..Callout::default() };
        let at = |written: &str| in_office_hours(Time::parse(written).expect("a moment"), &pack);
        assert!(at("15/03/2023 07:30") && at("15/03/2023 16:59"));
        assert!(!at("15/03/2023 07:29") && !at("15/03/2023 17:00") && !at("15/03/2023 02:00"));
        assert!(!at("18/03/2023 09:00") && !at("19/03/2023 09:00"), "a weekend");
    }
}
