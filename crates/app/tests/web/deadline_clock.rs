//! The clock of the law, without a database: moments worked out by hand from the text of the rules, and properties that
//! hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use ungcuu_app::deadline::acts::{acts, next_act};
use ungcuu_app::deadline::calendar::Calendar;
use ungcuu_app::deadline::clock::{due_before, due_within};
use ungcuu_app::deadline::model::{Claim, Deadline, DeadlineState, Done, RULE};
use ungcuu_app::deadline::rules::{Facts, instances, running};
use ungcuu_app::deadline::settle::{Turn, difference};
use ungcuu_app::pack::{Pack, Within, YearDay};
use ungcuu_kit::chance::Chance;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};

fn pack(id: &str) -> Pack {
    Pack::embedded(id).expect("a shipped pack").expect("a sound pack")
}

fn at(words: &str) -> Time {
    Time::parse(words).expect(words)
}

/// An incident detected at a moment, of a class.
fn detected(moment: &str, class: &str) -> Facts {
    Facts { detected: at(moment), class: class.to_owned(), ..Facts::default() }
}

trait With {
    fn flag(self, flag: &str, since: &str) -> Facts;
    fn breach(self, moment: &str) -> Facts;
    fn ended(self, moment: &str) -> Facts;
}

impl With for Facts {
    fn flag(mut self, flag: &str, since: &str) -> Facts {
        self.flags.insert(flag.to_owned(), at(since));
        self
    }

    fn breach(mut self, moment: &str) -> Facts {
        self.breach = Some(at(moment));
        self
    }

    fn ended(mut self, moment: &str) -> Facts {
        self.handling_ended = Some(at(moment));
        self
    }
}

/// When a rule's duty is due, to the minute; empty when the rule does not hold.
fn due(pack: &Pack, facts: &Facts, rule: &str) -> String {
    let rules = running(pack, facts, Calendar::shipped());
    let found: Vec<String> = rules.iter().filter(|it| it.rule.id == rule).map(|it| it.due.at.to_minute()).collect();
    assert!(found.len() <= 1, "{rule} holds twice: {found:?}");
    found.into_iter().next().unwrap_or_default()
}

#[track_caller]
fn check(pack: &Pack, table: Vec<(Facts, &str, &str)>) {
    for (facts, rule, expected) in table {
        assert_eq!(due(pack, &facts, rule), expected, "{rule} for {facts:?}");
    }
}

#[test]
fn the_notice_of_the_old_law_is_due_five_days_after_detection_whatever_days_they_are() {
    // “Chậm nhất 05 ngày kể từ khi phát hiện”: calendar days, to the minute, through Tết, leap days and the year's end. The
    // law of the day of detection: before 1 November 2017 and from 1 July 2026 on there is no such rule.
    let pack = pack("cao-lanh-2021-2025");
    let rule = "tt20_notice";
    check(
        &pack,
        vec![
            (detected("15/03/2023 12:00", "normal"), rule, "20/03/2023 12:00"),
            (detected("15/03/2023 12:00", "serious"), rule, "20/03/2023 12:00"),
            (detected("25/02/2024 08:00", "normal"), rule, "01/03/2024 08:00"),
            (detected("25/02/2023 08:00", "normal"), rule, "02/03/2023 08:00"),
            (detected("28/12/2022 23:59", "normal"), rule, "02/01/2023 23:59"),
            (detected("31/12/2023 23:59", "normal"), rule, "05/01/2024 23:59"),
            (detected("20/01/2023 09:00", "normal"), rule, "25/01/2023 09:00"),
            (detected("01/11/2017 00:00", "normal"), rule, "06/11/2017 00:00"),
            (detected("31/10/2017 23:59", "normal"), rule, ""),
            (detected("30/06/2026 23:59", "normal"), rule, "05/07/2026 23:59"),
            (detected("01/07/2026 00:00", "normal"), rule, ""),
        ],
    );
}

#[test]
fn what_exceeds_the_capability_is_reported_at_once_and_then_every_day() {
    // At once counts from when it is known, not from the detection; the law stays that of the day of detection.
    let pack = pack("cao-lanh-2021-2025");
    let flag = "exceeds_capability";
    check(
        &pack,
        vec![
            (detected("15/03/2023 12:00", "normal"), "qd05_emergency", ""),
            (
                detected("15/03/2023 12:00", "serious").flag(flag, "15/03/2023 15:30"),
                "qd05_emergency",
                "15/03/2023 15:30",
            ),
            (
                detected("15/03/2023 12:00", "serious").flag(flag, "15/03/2023 15:30"),
                "qd05_dien_bien",
                "16/03/2023 15:30",
            ),
            (
                detected("31/12/2023 20:00", "normal").flag(flag, "31/12/2023 23:30"),
                "qd05_dien_bien",
                "01/01/2024 23:30",
            ),
            (
                detected("30/06/2026 22:00", "normal").flag(flag, "02/07/2026 08:00"),
                "qd05_emergency",
                "02/07/2026 08:00",
            ),
            (detected("01/07/2026 00:00", "normal").flag(flag, "02/07/2026 08:00"), "qd05_emergency", ""),
        ],
    );
}

#[test]
fn the_end_report_is_due_five_days_after_the_handling_by_the_law_under_which_it_began() {
    let pack = pack("cao-lanh-2021-2025");
    check(
        &pack,
        vec![
            (detected("15/03/2023 12:00", "normal"), "tt20_final", ""),
            (detected("15/03/2023 12:00", "normal").ended("20/03/2023 17:00"), "tt20_final", "25/03/2023 17:00"),
            (detected("29/06/2026 08:00", "normal").ended("03/07/2026 10:00"), "tt20_final", "08/07/2026 10:00"),
            (detected("01/07/2026 08:00", "normal").ended("03/07/2026 10:00"), "tt20_final", ""),
        ],
    );
}

#[test]
fn the_report_of_the_new_law_is_due_72_hours_after_detection_through_every_holiday() {
    // From 1 July 2026, by the law itself; National Day, Tết and a leap day do not stop it.
    let pack = pack("cao-lanh-2021-2025");
    let rule = "nd331_72h";
    check(
        &pack,
        vec![
            (detected("30/06/2026 23:59", "normal"), rule, ""),
            (detected("01/07/2026 00:00", "normal"), rule, "04/07/2026 00:00"),
            (detected("29/08/2026 10:00", "normal"), rule, "01/09/2026 10:00"),
            (detected("30/12/2026 18:15", "normal"), rule, "02/01/2027 18:15"),
            (detected("31/12/2026 23:59", "serious"), rule, "03/01/2027 23:59"),
            (detected("05/02/2027 16:00", "normal"), rule, "08/02/2027 16:00"),
            (detected("26/02/2028 07:00", "normal"), rule, "29/02/2028 07:00"),
        ],
    );
}

#[test]
fn a_serious_incident_is_told_within_24_hours_once_the_decree_is_in_force() {
    let pack = pack("cao-lanh-2021-2025");
    let rule = "nd331_24h";
    check(
        &pack,
        vec![
            (detected("18/08/2026 23:59", "serious"), rule, ""),
            (detected("19/08/2026 00:00", "serious"), rule, "20/08/2026 00:00"),
            (detected("20/08/2026 08:00", "normal"), rule, ""),
            (detected("31/12/2026 23:59", "serious"), rule, "01/01/2027 23:59"),
            (detected("28/02/2027 12:00", "serious"), rule, "01/03/2027 12:00"),
            (detected("28/02/2028 12:00", "serious"), rule, "29/02/2028 12:00"),
        ],
    );
}

#[test]
fn at_once_means_when_it_is_known() {
    let pack = pack("cao-lanh-2021-2025");
    let rule = "nd331_now";
    let (stop, state) = ("serious_interruption", "national_security");
    check(
        &pack,
        vec![
            (detected("20/08/2026 08:00", "normal"), rule, ""),
            (detected("20/08/2026 08:00", "normal").flag(stop, "20/08/2026 08:00"), rule, "20/08/2026 08:00"),
            (detected("20/08/2026 08:00", "normal").flag(stop, "20/08/2026 10:00"), rule, "20/08/2026 10:00"),
            (
                detected("20/08/2026 08:00", "normal").flag(stop, "20/08/2026 12:00").flag(state, "20/08/2026 11:00"),
                rule,
                "20/08/2026 11:00",
            ),
            (detected("18/08/2026 08:00", "normal").flag(stop, "19/08/2026 08:00"), rule, ""),
        ],
    );
}

#[test]
fn a_breach_of_personal_data_has_its_own_start_and_its_own_law() {
    // The decree of 2023 from 1 July 2023, the law of 2025 from 1 January 2026; the day on which the breach was noticed
    // decides, also where the incident itself was detected under another law.
    let pack = pack("cao-lanh-2021-2025");
    let (data, bare) = ("personal_data", |moment| detected(moment, "normal"));
    let leak = |moment: &str| detected(moment, "normal").flag(data, moment);
    check(
        &pack,
        vec![
            (bare("10/01/2026 08:00"), "l91_72h_2017", ""),
            (leak("30/06/2023 23:59"), "nd13_72h", ""),
            (leak("01/07/2023 00:00"), "nd13_72h", "04/07/2023 00:00"),
            (leak("31/12/2025 23:59"), "nd13_72h", "03/01/2026 23:59"),
            (leak("31/12/2025 23:59"), "l91_72h_2017", ""),
            (leak("01/01/2026 00:00"), "nd13_72h", ""),
            (leak("01/01/2026 00:00"), "l91_72h_2017", "04/01/2026 00:00"),
            (leak("28/12/2025 08:00").breach("30/12/2025 08:00"), "nd13_72h", "02/01/2026 08:00"),
            (leak("30/12/2025 08:00").breach("02/01/2026 08:00"), "nd13_72h", ""),
            (leak("30/12/2025 08:00").breach("02/01/2026 08:00"), "l91_72h_2017", "05/01/2026 08:00"),
            (leak("28/06/2026 09:00").breach("02/07/2026 14:00"), "l91_72h", "05/07/2026 14:00"),
            (leak("28/06/2026 09:00").breach("02/07/2026 14:00"), "l91_72h_2017", ""),
            (leak("28/06/2026 09:00").breach("02/07/2026 14:00"), "tt20_notice", "03/07/2026 09:00"),
            (leak("20/08/2026 09:00"), "nd356_subjects", ""),
            (bare("20/08/2026 09:00").flag("sensitive_data", "20/08/2026 09:00"), "nd356_subjects", "23/08/2026 09:00"),
            (
                bare("20/02/2026 09:00").flag("sensitive_data", "20/02/2026 09:00"),
                "nd356_subjects_2017",
                "23/02/2026 09:00",
            ),
        ],
    );
}

#[test]
fn a_complex_incident_is_kept_up_to_date_and_ended_with_a_report() {
    let pack = pack("cao-lanh-2021-2025");
    let complex = |moment: &str| detected(moment, "normal").flag("complex", moment);
    check(
        &pack,
        vec![
            (detected("20/08/2026 08:00", "normal"), "nd331_update", ""),
            (complex("20/08/2026 08:00"), "nd331_update", "26/08/2026 08:00"),
            (complex("10/08/2026 08:00"), "nd331_update", ""),
            (complex("20/08/2026 08:00"), "nd331_end", ""),
            (complex("20/08/2026 08:00").ended("01/09/2026 09:00"), "nd331_end", "06/09/2026 09:00"),
        ],
    );
}

#[test]
fn the_communes_plan_has_the_same_clocks_under_its_own_names() {
    let pack = pack("xa-mau-2026");
    check(
        &pack,
        vec![
            (detected("02/09/2026 08:00", "thuong"), "72-gio", "05/09/2026 08:00"),
            (detected("02/09/2026 08:00", "thuong"), "24-gio", ""),
            (detected("02/09/2026 08:00", "nghiem-trong"), "24-gio", "03/09/2026 08:00"),
            (
                detected("02/09/2026 08:00", "thuong")
                    .flag("personal_data", "02/09/2026 08:00")
                    .breach("04/09/2026 16:30"),
                "du-lieu-72-gio",
                "07/09/2026 16:30",
            ),
        ],
    );
}

#[test]
fn before_a_day_means_the_end_of_the_day_before() {
    // “Trước ngày 20/6”: the 19th is the last day in time.
    let table = [
        (2023, 6, 20, "19/06/2023 23:59"),
        (2025, 12, 15, "14/12/2025 23:59"),
        (2026, 12, 20, "19/12/2026 23:59"),
        (2026, 12, 25, "24/12/2026 23:59"),
        (2027, 1, 1, "31/12/2026 23:59"),
        (2028, 3, 1, "29/02/2028 23:59"),
        (2027, 3, 1, "28/02/2027 23:59"),
        (2027, 2, 29, "27/02/2027 23:59"),
    ];
    for (year, month, day, expected) in table {
        let due = due_before(year, YearDay { month, day }).expect("a day");
        assert_eq!(due.to_minute(), expected, "before {day}/{month}/{year}");
        assert_eq!(due.plus(1).local().hour(), 0, "not a microsecond is lost");
    }
    assert_eq!(due_before(2027, YearDay { month: 13, day: 1 }), None);
}

#[test]
fn working_days_leave_out_weekends_and_holidays_and_count_make_up_saturdays() {
    // The day of the start does not count; the last day counts to its midnight.
    let table = [
        // Friday: Monday to Friday of the next week.
        ("12/01/2024 10:00", 5, "19/01/2024 23:59", None),
        ("14/01/2024 10:00", 1, "15/01/2024 23:59", None),
        // Tết of 2026 is off from Monday 16 to Friday 20 February.
        ("13/02/2026 16:00", 2, "24/02/2026 23:59", None),
        // Saturday 22 August 2026 is worked in place of Monday the 31st; then National Day.
        ("21/08/2026 09:00", 1, "22/08/2026 23:59", None),
        ("27/08/2026 09:00", 2, "03/09/2026 23:59", None),
        // New Year's Day of 2027 is a Friday.
        ("30/12/2026 09:00", 2, "04/01/2027 23:59", None),
        ("31/12/2026 23:59", 1, "04/01/2027 23:59", None),
        ("12/01/2024 10:00", 0, "12/01/2024 23:59", None),
        // Of 2028 no holidays are known: its weekends are, and the answer says so.
        ("30/12/2027 09:00", 2, "03/01/2028 23:59", Some(2028)),
    ];
    for (start, days, expected, unknown) in table {
        let due = due_within(at(start), Within::WorkingDays(days), false, Calendar::shipped());
        assert_eq!((due.at.to_minute().as_str(), due.unknown_year), (expected, unknown), "{days} from {start}");
    }
}

#[test]
fn minutes_run_over_midnight_and_an_excluded_end_is_just_missed() {
    let calendar = Calendar::default();
    let due = |start: &str, within, exclusive| due_within(at(start), within, exclusive, &calendar).at;
    assert_eq!(due("31/12/2026 23:45", Within::Minutes(30), false).to_minute(), "01/01/2027 00:15");
    assert_eq!(due("20/08/2026 08:00", Within::Hours(24), true), at("21/08/2026 08:00").plus(-1));
    assert_eq!(due("20/08/2026 08:00", Within::AtOnce, true), at("20/08/2026 08:00"));
    assert_eq!(due("20/08/2026 08:00", Within::Days(5), true).to_minute(), "25/08/2026 07:59");
}

#[test]
fn a_duty_that_comes_again_comes_until_the_end_and_not_beyond() {
    let start = at("15/03/2023 08:00");
    let (every, first) = (|from: Time| from.plus(24 * HOUR), start.plus(24 * HOUR));
    let turns = |told: &[Time], end: Option<Time>, now: Time| instances(start, first, every, told, end, now);
    // Nobody told yet, and its time is not over: one turn.
    assert_eq!(turns(&[], None, start.plus(3 * HOUR)).len(), 1);
    // Told after twenty hours: the next counts from there.
    let told = start.plus(20 * HOUR);
    let found = turns(&[told], None, told.plus(HOUR));
    assert_eq!((found[0].done, found[1].start, found[1].due), (Some(told), told, told.plus(24 * HOUR)));
    // Its time came and nobody told: it stays open and late, and the next has begun.
    let found = turns(&[], None, first.plus(HOUR));
    assert_eq!((found.len(), found[0].done, found[1].due), (2, None, first.plus(24 * HOUR)));
    // A late telling meets what was missed, and the turn it falls in.
    let late = first.plus(2 * HOUR);
    let found = turns(&[late], None, late.plus(HOUR));
    assert_eq!((found[0].done, found[1].done, found.len()), (Some(late), Some(late), 3));
    // The handling ends within the second turn: what would be due after the end is owed no more.
    let end = told.plus(5 * HOUR);
    assert_eq!(turns(&[told], Some(end), end.plus(DAY)).len(), 1);
    assert!(turns(&[], Some(start.plus(2 * HOUR)), start.plus(3 * HOUR)).is_empty());
}

fn claim(key: usize, due: Option<i64>, done: Option<i64>) -> Claim {
    Claim {
        source: RULE,
        key: format!("k{key}"),
        title: Some(Text::same(format!("việc {key}"))),
        starts_at: Time(1),
        due_at: due.map(Time),
        done: done.map_or(Done::NotYet, |at| Done::At(Time(at))),
        ..Claim::default()
    }
}

/// The rows after a difference was written.
fn written(rows: Vec<Deadline>, found: &[ungcuu_app::deadline::settle::Settled]) -> Vec<Deadline> {
    let mut rows: BTreeMap<String, Deadline> = rows.into_iter().map(|row| (row.id.to_string(), row)).collect();
    for it in found {
        rows.insert(it.row.id.to_string(), it.row.clone());
    }
    rows.into_values().collect()
}

/// What a source may claim: which of six duties, due when, done when.
fn some_claims() -> impl Strategy<Value = Vec<(usize, Option<i64>, Option<i64>)>> {
    let moment = || proptest::option::of(1_000_000i64..9_000_000_000);
    proptest::collection::vec((0usize..6, moment(), moment()), 0..8)
}

proptest! {
    #[test]
    fn a_duty_never_stands_twice_never_goes_missing_and_late_never_turns_into_in_time(
        rounds in proptest::collection::vec(some_claims(), 1..8)
    ) {
        let (pack, chance) = (pack("xa-mau-2026"), Chance::seeded(1));
        let mut rows: Vec<Deadline> = Vec::new();
        for (round, claimed) in rounds.into_iter().enumerate() {
            let now = Time(10_000_000_000 + i64::try_from(round).expect("few") * HOUR);
            let claimed: BTreeMap<usize, _> = claimed.into_iter().map(|it| (it.0, it)).collect();
            let claims: Vec<Claim> = claimed.values().map(|(key, due, done)| claim(*key, *due, *done)).collect();
            let late: BTreeSet<String> = rows.iter().filter(|row| row.late).map(|row| row.key.clone()).collect();
            let found = difference(&pack, "incident:x", rows.clone(), &claims, &chance, now);
            rows = written(rows, &found);
            let keys: BTreeSet<&String> = rows.iter().map(|row| &row.key).collect();
            prop_assert_eq!(keys.len(), rows.len(), "a duty stands twice");
            for claim in &claims {
                let row = rows.iter().find(|row| row.key == claim.key);
                prop_assert!(row.is_some() || (claim.due_at.is_none() && claim.done != Done::NotYet), "missing");
                prop_assert!(row.is_none_or(|row| row.state != DeadlineState::Stopped), "claimed and stopped");
            }
            let open = rows.iter().filter(|row| row.is_open());
            for row in open {
                prop_assert!(claims.iter().any(|claim| claim.key == row.key), "open and not claimed");
            }
            prop_assert!(late.iter().all(|key| rows.iter().any(|row| row.key == *key && row.late)), "late was taken back");
            let again = difference(&pack, "incident:x", rows.clone(), &claims, &chance, now);
            prop_assert!(again.is_empty(), "a second look found {:?}", again);
        }
    }

    #[test]
    fn everything_is_told_once_however_seldom_the_watch_comes(
        steps in proptest::collection::vec(1i64..2000, 1..60),
        hours in 1i64..100,
    ) {
        let pack = pack("cao-lanh-2021-2025");
        let due = hours * HOUR;
        let mut claim = claim(1, Some(due), None);
        claim.rule = "nd331_72h".to_owned();
        let found = difference(&pack, "incident:x", Vec::new(), &[claim], &Chance::seeded(2), Time(1));
        let mut row = found[0].row.clone();
        prop_assert_eq!(&found[0].turn, &Turn::Started);
        let (mut now, mut late, mut line) = (Time(1), 0, Vec::new());
        let end = Time(due + 30 * DAY);
        for minutes in steps.into_iter().chain([40_000_000]) {
            now = Time((now.0 + minutes * MINUTE).min(end.0));
            let due_now = row.next_act_at.is_some_and(|at| at <= now);
            let acts = acts(&pack, &row, now);
            prop_assert_eq!(due_now, acts.responsible.is_some() || !acts.line.is_empty());
            let overdue = now.0 > due;
            late += usize::from(overdue && acts.responsible.is_some());
            line.extend(acts.line);
            row.acted_until = now;
            row.next_act_at = next_act(&pack, &row);
            prop_assert_eq!(row.next_act_at, acts.next);
        }
        prop_assert_eq!(late, 1, "whoever is late is told once");
        prop_assert_eq!(line, ["chuyen_trach_attt", "ban_chi_dao"], "the line above is told once, in its order");
        prop_assert_eq!(row.next_act_at, None);
    }

    #[test]
    fn a_later_start_is_never_due_earlier(first in 0i64..40_000, more in 0i64..5_000, days in 0u32..30) {
        let start = at("01/01/2021 00:00").plus(first * HOUR);
        let later = start.plus(more * HOUR);
        for within in [Within::Hours(days), Within::Days(days), Within::WorkingDays(days)] {
            let due = |from| due_within(from, within, false, Calendar::shipped()).at;
            prop_assert!(due(start) <= due(later), "{within:?} from {start:?} and {later:?}");
        }
    }

    #[test]
    fn the_turns_of_a_duty_are_numbered_without_gaps_and_stay_as_time_goes_on(
        told in proptest::collection::vec(0i64..200, 0..12),
        first in 1i64..200,
        more in 0i64..200,
    ) {
        let start = at("15/03/2023 08:00");
        let told: Vec<Time> = told.into_iter().map(|hours| start.plus(hours * HOUR)).collect();
        let turns = |now: Time| {
            let told: Vec<Time> = told.iter().copied().filter(|at| *at <= now).collect();
            instances(start, start.plus(24 * HOUR), |from| from.plus(24 * HOUR), &told, None, now)
        };
        let (early, late) = (turns(start.plus(first * HOUR)), turns(start.plus((first + more) * HOUR)));
        prop_assert!(early.iter().map(|turn| turn.number).eq(1..=early.len()));
        prop_assert!(late.len() >= early.len());
        for (early, late) in early.iter().zip(&late) {
            prop_assert_eq!((early.start, early.due), (late.start, late.due), "a turn moved");
            prop_assert!(early.done.is_none() || early.done == late.done, "what was done is done");
        }
        prop_assert!(late.windows(2).all(|pair| pair[0].start <= pair[1].start && pair[0].due <= pair[1].due));
    }
}
