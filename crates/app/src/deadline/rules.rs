//! From the facts of an incident to the rules of law that hold, why, and from when. Pure: no database, no clock.
//!
//! The regime is the one in force on the day of detection; what concerns a breach of personal data follows the day on
//! which the breach was noticed, because it has a law of its own.

use std::collections::BTreeMap;

use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::calendar::Calendar;
use super::clock::{Due, due_within, iso_day};
use crate::pack::{DeadlineRule, Pack, Regime, Within};

/// The anchor of rules whose clock a calendar starts; no incident does.
pub const CALENDAR: &str = "calendar";
/// The anchor of what is owed once the handling is over.
pub const HANDLING_ENDED: &str = "handling_ended";
/// The anchor of what is owed from the first moment.
pub const DETECTED: &str = "detected";
const CLASSIFIED: &str = "classified";
const EXCEEDS: &str = "exceeds_capability";
const BREACH: &str = "breach_detected";

/// The most times in a row that a repeating duty may be missed before it is no longer counted on.
const MISSED: usize = 60;

/// What an incident says that rules ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub detected: Time,
    pub class: String,
    pub classified: Option<Time>,
    /// The flags that hold, and since when that was known.
    pub flags: BTreeMap<String, Time>,
    /// When the breach of personal data was noticed; the detection where nobody said otherwise.
    pub breach: Option<Time>,
    /// When the check of the recovery found the system stable.
    pub handling_ended: Option<Time>,
}

/// A rule that holds, with its clock running.
#[derive(Clone, Debug)]
pub struct Running<'a> {
    pub rule: &'a DeadlineRule,
    pub start: Time,
    pub due: Due,
    pub why: Text,
}

/// The rules that the facts bring with them, in the order of the pack.
pub fn running<'a>(pack: &'a Pack, facts: &Facts, calendar: &Calendar) -> Vec<Running<'a>> {
    let mut found = Vec::new();
    for (regime, rule) in pack.regimes.iter().flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule))) {
        let holds = of_class(rule, facts) && flagged(rule, facts) && in_force(regime, rule, facts);
        let (Some(start), Some(within), true) = (start(rule, facts), rule.within, holds) else { continue };
        let due = due_within(start, within, rule.exclusive, calendar);
        found.push(Running { rule, start, due, why: why(rule, facts, start, due) });
    }
    found
}

/// The rules that would hold if one of their flags did: what a person still has to judge.
pub fn perhaps<'a>(pack: &'a Pack, facts: &Facts) -> Vec<&'a DeadlineRule> {
    let rules = pack.regimes.iter().flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule)));
    let open = rules.filter(|(regime, rule)| {
        rule.anchor != CALENDAR && of_class(rule, facts) && !flagged(rule, facts) && in_force(regime, rule, facts)
    });
    open.map(|(_, rule)| rule).collect()
}

fn of_class(rule: &DeadlineRule, facts: &Facts) -> bool {
    rule.classes.is_empty() || rule.classes.contains(&facts.class)
}

fn flagged(rule: &DeadlineRule, facts: &Facts) -> bool {
    rule.flags.is_empty() || rule.flags.iter().any(|flag| facts.flags.contains_key(flag))
}

/// Whether regime and rule were law on the day that counts.
fn in_force(regime: &Regime, rule: &DeadlineRule, facts: &Facts) -> bool {
    let day = match rule.anchor.as_str() {
        BREACH => iso_day(facts.breach.unwrap_or(facts.detected)),
        _ => iso_day(facts.detected),
    };
    regime.holds_on(&day) && valid_on(rule, &day)
}

/// Whether a rule is valid on an ISO day, its regime aside.
pub fn valid_on(rule: &DeadlineRule, day: &str) -> bool {
    let begun = rule.valid_from.as_deref().is_none_or(|from| from <= day);
    begun && rule.valid_to.as_deref().is_none_or(|to| day <= to)
}

/// When the rule's clock starts; none while its anchor has not come.
fn start(rule: &DeadlineRule, facts: &Facts) -> Option<Time> {
    let anchor = match rule.anchor.as_str() {
        DETECTED => Some(facts.detected),
        CLASSIFIED => facts.classified,
        EXCEEDS => facts.flags.get(EXCEEDS).copied(),
        BREACH => Some(facts.breach.unwrap_or(facts.detected)),
        HANDLING_ENDED => facts.handling_ended,
        _ => None,
    }?;
    if rule.within != Some(Within::AtOnce) {
        return Some(anchor);
    }
    // At once means when it is known; nobody can report at noon what is found out in the evening.
    let known = rule.flags.iter().filter_map(|flag| facts.flags.get(flag)).min();
    Some(known.map_or(anchor, |known| anchor.max(*known)))
}

fn why(rule: &DeadlineRule, facts: &Facts, start: Time, due: Due) -> Text {
    let at = start.to_minute();
    let mut why = match rule.anchor.as_str() {
        CLASSIFIED => text!("phân loại lúc {at}", "classified at {at}"),
        EXCEEDS => text!("vượt khả năng từ {at}", "beyond our capability since {at}"),
        BREACH => text!("phát hiện vi phạm dữ liệu lúc {at}", "breach noticed at {at}"),
        HANDLING_ENDED => text!("kết thúc xử lý lúc {at}", "handling ended at {at}"),
        _ => {
            let detected = facts.detected.to_minute();
            text!("phát hiện lúc {detected}", "detected at {detected}")
        }
    };
    let set = rule.flags.iter().filter(|flag| facts.flags.contains_key(*flag) && **flag != rule.anchor);
    for Text { vi, en } in set.map(|flag| flag_words(flag)) {
        let (before_vi, before_en) = (&why.vi, &why.en);
        why = text!("{before_vi}; {vi}", "{before_en}; {en}");
    }
    if let Some(year) = due.unknown_year {
        let (vi, en) = (&why.vi, &why.en);
        why = text!("{vi}; chưa có lịch nghỉ lễ năm {year}", "{en}; the holidays of {year} are not known");
    }
    why
}

/// What a flag of a rule means. The flags are kinds that the product knows; which rule asks for which is the pack's word.
pub fn flag_words(flag: &str) -> Text {
    match flag {
        "exceeds_capability" => Text::new("vượt khả năng tự xử lý", "it exceeds our capability"),
        "serious_interruption" => Text::new("gián đoạn nghiêm trọng", "service is seriously interrupted"),
        "national_security" => Text::new("liên quan an ninh quốc gia", "national security is concerned"),
        "personal_data" => Text::new("lộ, mất dữ liệu cá nhân", "personal data was breached"),
        "sensitive_data" => Text::new("lộ, mất dữ liệu cá nhân nhạy cảm", "sensitive personal data was breached"),
        "complex" => Text::new("sự cố phức tạp", "the incident is complex"),
        other => Text::same(other),
    }
}

/// One turn of a duty that comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// From 1.
    pub number: usize,
    pub start: Time,
    pub due: Time,
    pub done: Option<Time>,
}

/// The turns of a duty as far as they have come by now: the next begins when the last was done or its time is over, and
/// none begins after the end. What is told in a turn's time meets it; a telling meets every turn that had begun.
pub fn instances(
    start: Time,
    due: Time,
    every: impl Fn(Time) -> Time,
    told: &[Time],
    end: Option<Time>,
    now: Time,
) -> Vec<Instance> {
    let mut told = told.to_vec();
    told.sort();
    let mut turns = Vec::new();
    let mut turn = Instance { number: 1, start, due, done: None };
    loop {
        // The first may have been told before its clock even started.
        let from = if turn.number == 1 { Time(i64::MIN) } else { turn.start.plus(1) };
        turn.done = told.iter().copied().find(|at| *at >= from);
        let next = match turn.done {
            Some(at) if at <= turn.due => at.max(turn.start),
            _ if turn.due < now => turn.due,
            Some(at) => at,
            None => Time(i64::MAX),
        };
        let ended = end.is_some_and(|end| next >= end);
        // A turn whose time reaches beyond the end is not owed any more; the end report takes its place.
        let owed = turn.done.is_some() || end.is_none_or(|end| turn.due <= end);
        let number = turn.number;
        if owed {
            turns.push(turn);
        }
        if next > now || ended || number > MISSED {
            return turns;
        }
        turn = Instance { number: number + 1, start: next, due: every(next), done: None };
    }
}
