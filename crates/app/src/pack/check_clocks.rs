//! Checks of what a deadline rule says about time: lengths, repeating, reminders, who is told of what is late.

use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::check::{Check, FUNCTION, Noun};
use super::check_content::RULES;
use super::law::{DeadlineRule, Escalation, Within};

/// The longest time a rule may speak of, in days.
const LONGEST: u32 = 1100;
/// The shortest time between two of a duty that comes again, in minutes: nobody reports more often by hand.
const SHORTEST: u32 = 30;
/// How many reminders, and how many steps up the line, one rule may have.
const MOST: usize = 5;

/// The pack's own reminders and escalation, and what the conditions of the classification set.
pub(super) fn check(check: &mut Check<'_>) {
    let pack = check.pack;
    for condition in &pack.classes.conditions {
        let (id, sets) = (&condition.id, &condition.sets);
        check.refer("classes.conditions", id, "sets", sets, check.known.flags, Noun("dấu hiệu", "flag"));
    }
    let clocks = &pack.clocks;
    lengths(check, "", "clocks", Some(&clocks.remind), Some(&clocks.escalate));
    let functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
    for step in &clocks.escalate {
        for to in step.to.iter().filter(|to| !functions.contains(&to.as_str())) {
            let place = check.places.path("clocks.escalate");
            check.unknown(place, "clocks", "escalate", to, &functions, FUNCTION);
        }
    }
}

/// One rule's times.
pub(super) fn check_rule(check: &mut Check<'_>, rule: &DeadlineRule) {
    let id = &rule.id;
    let functions: Vec<&str> = check.pack.functions.iter().map(|function| function.id.as_str()).collect();
    lengths(check, id, RULES, rule.remind.as_ref(), rule.escalate.as_ref());
    for to in rule.escalate.iter().flatten().flat_map(|step| &step.to) {
        check.refer(RULES, id, "escalate", [to], &functions, FUNCTION);
    }
    if rule.within.is_some_and(|within| !fits(within)) {
        too_long(check, id, "within");
    }
    if rule.to.is_empty() && rule.party.is_none() {
        let place = check.places.id(RULES, id, 0);
        check.say(
            place,
            text!("`{id}` không nói báo cho ai.", "`{id}` does not say who is to be told."),
            Text::new(
                "Ghi chức năng vào `to`, hoặc ghi tên nơi nhận vào `party`.",
                "Name functions in `to`, or write who it is in `party`.",
            ),
        );
    }
    let Some(repeat) = &rule.repeat else { return };
    check.refer(RULES, id, "repeat", [&repeat.until], check.known.ends, Noun("mốc kết thúc", "end"));
    let often = minutes(repeat.every).is_none_or(|minutes| minutes < SHORTEST);
    if rule.anchor == "calendar" || often || !fits(repeat.every) {
        let place = check.places.id(RULES, id, 0);
        check.say(
            place,
            text!(
                "`{id}` lặp lại không được: theo lịch thì tự lặp mỗi năm, còn khoảng cách phải từ {SHORTEST} phút.",
                "`{id}` cannot repeat so: the calendar repeats by itself, and the time between must be at least {SHORTEST} minutes."
            ),
            Text::new(
                "Viết repeat = { every = { hours = 24 }, until = \"handling_ended\" }.",
                "Write repeat = { every = { hours = 24 }, until = \"handling_ended\" }.",
            ),
        );
    }
}

fn lengths(
    check: &mut Check<'_>,
    id: &str,
    path: &str,
    remind: Option<&Vec<Within>>,
    escalate: Option<&Vec<Escalation>>,
) {
    let name = if id.is_empty() { path } else { id };
    let place = |check: &Check<'_>| match id.is_empty() {
        true => check.places.path(path),
        false => check.places.id(path, id, 0),
    };
    // A reminder at the very end, or one counted in working days, would come at no moment anybody could say.
    let odd = |within: &Within| minutes(*within).is_none_or(|minutes| minutes == 0) || !fits(*within);
    if remind.into_iter().flatten().any(odd) {
        let place = place(check);
        check.say(
            place,
            text!("`{name}`: lần nhắc không hợp lệ.", "`{name}`: a reminder cannot be like this."),
            Text::new(
                "Viết remind = [{ days = 1 }, { hours = 6 }, { minutes = 30 }].",
                "Write remind = [{ days = 1 }, { hours = 6 }, { minutes = 30 }].",
            ),
        );
    }
    let wrong = |step: &Escalation| minutes(step.after).is_none() || !fits(step.after) || step.to.is_empty();
    if escalate.into_iter().flatten().any(wrong) {
        let place = place(check);
        check.say(
            place,
            text!("`{name}`: mức báo lên trên không hợp lệ.", "`{name}`: a step up the line cannot be like this."),
            Text::new(
                "Viết escalate = [{ after = { hours = 2 }, to = [\"…\"] }]; after = \"at_once\" là ngay khi trễ.",
                "Write escalate = [{ after = { hours = 2 }, to = [\"…\"] }]; after = \"at_once\" is when it becomes late.",
            ),
        );
    }
    if remind.is_some_and(|all| all.len() > MOST) || escalate.is_some_and(|all| all.len() > MOST) {
        let place = place(check);
        check.say(
            place,
            text!("`{name}` nhắc quá {MOST} lần.", "`{name}` reminds more than {MOST} times."),
            text!("Giữ lại tối đa {MOST} lần.", "Keep {MOST} at most."),
        );
    }
}

fn too_long(check: &mut Check<'_>, id: &str, key: &str) {
    let place = check.places.id(RULES, id, 0);
    check.say(
        place,
        text!("`{id}`: `{key}` dài quá {LONGEST} ngày.", "`{id}`: `{key}` is longer than {LONGEST} days."),
        Text::new("Sửa con số, hoặc dùng mốc \"calendar\".", "Correct the number, or use the anchor \"calendar\"."),
    );
}

/// A length in minutes; none for one that only a calendar of working days can measure.
fn minutes(within: Within) -> Option<u32> {
    match within {
        Within::AtOnce => Some(0),
        Within::Minutes(minutes) => Some(minutes),
        Within::Hours(hours) => Some(hours.saturating_mul(60)),
        Within::Days(days) => Some(days.saturating_mul(24 * 60)),
        Within::WorkingDays(_) => None,
    }
}

fn fits(within: Within) -> bool {
    let days = match within {
        Within::AtOnce => 0,
        Within::Minutes(minutes) => minutes / (24 * 60),
        Within::Hours(hours) => hours / 24,
        Within::Days(days) | Within::WorkingDays(days) => days,
    };
    days <= LONGEST
}
