//! The checks of a whole pack: ids, references, dates, the plan and its annexes; people and steps are in `check_work`,
//! law, scenarios and forms in `check_content`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::model::{Confidence, Pack, Unsettled, Warning};
use super::place::{Place, Places};
use super::plan::Plan;
use super::problem::{Problem, nearest};
use super::{Known, check_content, check_work};

/// What the checks share.
pub(super) struct Check<'a> {
    pub pack: &'a Pack,
    pub places: &'a Places<'a>,
    pub known: &'a Known,
    pub problems: Vec<Problem>,
}

/// Checks everything; notes warnings and unsettled facts in the pack.
pub(super) fn check(pack: &mut Pack, places: &Places<'_>, known: &Known) -> Vec<Problem> {
    let mut check = Check { pack, places, known, problems: Vec::new() };
    check.ids_are_words();
    check.unique_ids();
    check.plan(&check.pack.plan);
    check.front_desk();
    check.successor();
    check_work::check(&mut check);
    check_content::check(&mut check);
    let problems = check.problems;
    let (mut warnings, unsettled, empty, english) = survey(places);
    warnings.extend(annex_warnings(pack, places));
    pack.warnings = warnings;
    pack.unsettled = unsettled;
    pack.english = Arc::new(english);
    problems.into_iter().chain(empty).collect()
}

/// Names a kind of thing in both languages.
#[derive(Clone, Copy)]
pub(super) struct Noun(pub &'static str, pub &'static str);

pub(super) const UNIT: Noun = Noun("đơn vị", "unit");
pub(super) const FUNCTION: Noun = Noun("chức năng", "function");
pub(super) const STEP: Noun = Noun("bước", "step");

impl<'a> Check<'a> {
    pub fn say(&mut self, place: Place, what: Text, cure: Text) {
        self.problems.push(Problem::at(place, what, cure));
    }

    /// Every word in `key` of the element `id` must be one of `valid`.
    pub fn refer<'v>(
        &mut self,
        path: &str,
        id: &str,
        key: &str,
        values: impl IntoIterator<Item = &'v String>,
        valid: &[&str],
        noun: Noun,
    ) {
        for value in values {
            if !valid.contains(&value.as_str()) {
                let place = self.places.value(path, id, key, value);
                self.unknown(place, id, key, value, valid, noun);
            }
        }
    }

    /// Says that a word is not one of those that exist, and offers the nearest.
    pub fn unknown(&mut self, place: Place, id: &str, key: &str, value: &str, valid: &[&str], noun: Noun) {
        let Noun(vi, en) = noun;
        let what = text!(
            "`{id}`: `{key}` nêu {vi} `{value}` không có.",
            "`{id}`: `{key}` names the {en} `{value}`, which does not exist."
        );
        let cure = match nearest(value, valid.iter().copied()) {
            Some(near) => text!("Có phải `{near}`?", "Did you mean `{near}`?"),
            None => {
                let choices = if valid.is_empty() { "-".to_owned() } else { valid.join(", ") };
                text!(
                    "Khai báo {vi} `{value}`, hoặc chọn trong: {choices}.",
                    "Declare the {en} `{value}`, or choose from: {choices}."
                )
            }
        };
        self.say(place, what, cure);
    }

    /// Every list of the pack that has ids, with its path.
    fn id_lists(&self) -> Vec<(String, Vec<&'a str>)> {
        let pack = self.pack;
        let mut lists: Vec<(String, Vec<&str>)> = vec![
            ("units".into(), pack.units.iter().map(|one| one.id.as_str()).collect()),
            ("functions".into(), pack.functions.iter().map(|one| one.id.as_str()).collect()),
            ("roles".into(), pack.roles.iter().map(|one| one.id.as_str()).collect()),
            ("tasks".into(), pack.tasks.iter().map(|one| one.id.as_str()).collect()),
            ("plan.duties".into(), pack.plan.duties.iter().map(|one| one.id.as_str()).collect()),
            ("procedure.phases".into(), pack.procedure.phases.iter().map(|one| one.id.as_str()).collect()),
            ("procedure.steps".into(), pack.procedure.steps.iter().map(|one| one.id.as_str()).collect()),
            ("classes.classes".into(), pack.classes.classes.iter().map(|one| one.id.as_str()).collect()),
            ("classes.conditions".into(), pack.classes.conditions.iter().map(|one| one.id.as_str()).collect()),
            ("regimes".into(), pack.regimes.iter().map(|one| one.id.as_str()).collect()),
            (
                "regimes.rules".into(),
                pack.regimes.iter().flat_map(|one| &one.rules).map(|one| one.id.as_str()).collect(),
            ),
            ("groups".into(), pack.groups.iter().map(|one| one.id.as_str()).collect()),
            (
                "groups.checklist".into(),
                pack.groups.iter().flat_map(|one| &one.checklist).map(|one| one.id.as_str()).collect(),
            ),
            (
                "groups.options".into(),
                pack.groups.iter().flat_map(|one| &one.options).map(|one| one.id.as_str()).collect(),
            ),
            ("scenarios".into(), pack.scenarios.iter().map(|one| one.id.as_str()).collect()),
            (
                "scenarios.checklist".into(),
                pack.scenarios.iter().flat_map(|one| &one.checklist).map(|one| one.id.as_str()).collect(),
            ),
            (
                "scenarios.options".into(),
                pack.scenarios.iter().flat_map(|one| &one.options).map(|one| one.id.as_str()).collect(),
            ),
            ("tiles".into(), pack.tiles.iter().map(|one| one.id.as_str()).collect()),
            ("forms".into(), pack.forms.iter().map(|one| one.id.as_str()).collect()),
            ("numbering.kinds".into(), pack.numbering.kinds.iter().map(|one| one.id.as_str()).collect()),
        ];
        for (name, items) in pack.lists.all() {
            lists.push((format!("lists.{name}"), items.iter().map(|one| one.id.as_str()).collect()));
        }
        lists
    }

    fn unique_ids(&mut self) {
        for (path, ids) in self.id_lists() {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for id in ids {
                let times = seen.entry(id).or_insert(0);
                *times += 1;
                if *times > 1 {
                    let place = self.places.id(&path, id, *times - 1);
                    self.say(
                        place,
                        text!(
                            "Mã `{id}` đã dùng ở trên trong [[{path}]].",
                            "The id `{id}` was used before in [[{path}]]."
                        ),
                        text!("Đặt mã khác, chẳng hạn `{id}-2`.", "Give it another id, such as `{id}-2`."),
                    );
                }
            }
        }
    }

    /// Ids end up in addresses, journal entries and file names.
    fn ids_are_words(&mut self) {
        let mut lists = self.id_lists();
        lists.push(("pack".into(), vec![self.pack.id.as_str()]));
        for (path, ids) in lists {
            for id in ids {
                let fine = !id.is_empty()
                    && id.len() <= 64
                    && id.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_' | '+'));
                if !fine {
                    let place = self.places.id(&path, id, 0);
                    self.say(
                        place,
                        text!("Mã `{id}` không dùng được.", "The id `{id}` cannot be used."),
                        Text::new(
                            "Dùng chữ thường không dấu, chữ số, gạch nối; không quá 64 ký tự.",
                            "Use plain lower-case letters, digits and hyphens; 64 letters at most.",
                        ),
                    );
                }
            }
        }
    }

    /// A day must exist; returns whether it does.
    pub fn day(&mut self, path: &str, id: &str, key: &str, day: &str) -> bool {
        if is_day(day) {
            return true;
        }
        let place = if id.is_empty() {
            self.places.path(&format!("{path}.{key}"))
        } else {
            self.places.value(path, id, key, day)
        };
        self.say(
            place,
            text!("`{key}` = `{day}` không phải là một ngày.", "`{key}` = `{day}` is not a day."),
            Text::new("Viết năm-tháng-ngày, chẳng hạn 2022-01-13.", "Write year-month-day, such as 2022-01-13."),
        );
        false
    }

    /// The end may not lie before the start.
    pub fn period(&mut self, path: &str, id: &str, keys: (&str, &str), from: &str, to: &str) {
        let (from_key, to_key) = keys;
        let fine = self.day(path, id, from_key, from) & self.day(path, id, to_key, to);
        if fine && to < from {
            let place = if id.is_empty() {
                self.places.path(&format!("{path}.{to_key}"))
            } else {
                self.places.value(path, id, to_key, to)
            };
            self.say(
                place,
                text!("Ngày kết thúc {to} trước ngày bắt đầu {from}.", "The end {to} lies before the start {from}."),
                text!("Sửa `{from_key}` hoặc `{to_key}`.", "Correct `{from_key}` or `{to_key}`."),
            );
        }
    }

    fn plan(&mut self, plan: &Plan) {
        self.day("plan", "", "issued_on", &plan.issued_on);
        self.period("plan", "", ("period_from", "period_to"), &plan.period_from, &plan.period_to);
        if let Some(parent) = &plan.parent {
            self.day("plan.parent", "", "issued_on", &parent.issued_on);
        }
        let functions: Vec<&str> = self.pack.functions.iter().map(|function| function.id.as_str()).collect();
        for duty in &plan.duties {
            self.refer("plan.duties", &duty.id, "by", &duty.by, &functions, FUNCTION);
            self.refer("plan.duties", &duty.id, "to", &duty.to, &functions, FUNCTION);
        }
    }

    fn front_desk(&mut self) {
        let pack = self.pack;
        let Some(desk) = &pack.front_desk else { return };
        let units: Vec<&str> = pack.units.iter().map(|unit| unit.id.as_str()).collect();
        if !units.contains(&desk.as_str()) {
            self.unknown(self.places.path("pack"), &pack.id, "front_desk", desk, &units, UNIT);
        }
    }

    fn successor(&mut self) {
        let pack = self.pack;
        let Some(successor) = &pack.successor else { return };
        self.day("pack.successor", "", "from", &successor.from);
        let units: Vec<&str> = pack.units.iter().map(|unit| unit.id.as_str()).collect();
        for (at, entry) in successor.units.iter().enumerate() {
            if !units.contains(&entry.unit.as_str()) {
                let place = self.places.nth("pack.successor.units", at);
                self.unknown(place, &pack.id, "unit", &entry.unit, &units, UNIT);
            }
        }
    }
}

/// Whether a text is a day of the calendar, as `2022-01-13`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2)
        || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return false;
    }
    match (year.parse::<u16>(), month.parse::<u8>(), day.parse::<u8>()) {
        (Ok(year), Ok(month), Ok(day)) => (1..=days_in(year, month)).contains(&day),
        _ => false,
    }
}

/// The days of a month; none for a month that does not exist.
pub(super) fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// An annex that names another plan than the one it stands in: kept as printed, and said.
fn annex_warnings(pack: &Pack, places: &Places<'_>) -> Vec<Warning> {
    let own = &pack.plan.number;
    pack.plan
        .annexes
        .iter()
        .enumerate()
        .filter(|(_, annex)| annex.stated_parent_number != *own)
        .map(|(at, annex)| {
            let place = places.nth("plan.annexes", at);
            let (number, stated) = (&annex.number, &annex.stated_parent_number);
            Warning {
                file: place.file,
                line: place.line,
                what: text!(
                    "{number} ghi kèm theo Kế hoạch số {stated}, trong khi số của Kế hoạch là {own}. Giữ nguyên như văn bản.",
                    "{number} says that it belongs to plan {stated}, while the plan's number is {own}. Kept as printed."
                ),
            }
        })
        .collect()
}

/// Walks every table once: labels without English, facts that are not settled, empty labels, and the English there is.
fn survey(places: &Places<'_>) -> (Vec<Warning>, Vec<Unsettled>, Vec<Problem>, BTreeMap<String, String>) {
    let (mut warnings, mut unsettled, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    let mut english = BTreeMap::new();
    places.each_table(&mut |path, file, line, table| {
        let word = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
        if let Some(vi) = word("vi") {
            if vi.trim().is_empty() {
                empty.push(Problem::in_file(
                    &file.name,
                    line,
                    text!("Nhãn `{path}` để trống.", "The label `{path}` is empty."),
                    Text::new("Viết nhãn bằng tiếng Việt.", "Write the label in Vietnamese."),
                ));
            }
            if let Some(en) = word("en").filter(|en| !en.trim().is_empty()) {
                // The names of units are looked up most: where two labels share their words, theirs counts.
                if path.starts_with("units.") && path.ends_with(".name") {
                    english.insert(vi.to_owned(), en.to_owned());
                } else {
                    english.entry(vi.to_owned()).or_insert_with(|| en.to_owned());
                }
            } else {
                warnings.push(Warning {
                    file: file.name.clone(),
                    line,
                    what: text!("Nhãn `{path}` chưa có tiếng Anh.", "The label `{path}` has no English."),
                });
            }
        }
        for key in ["confidence", "assignment_confidence"] {
            let confidence = match word(key) {
                Some("read2") => Confidence::Read2,
                Some("mem") => Confidence::Mem,
                Some("open") => Confidence::Open,
                _ => continue,
            };
            unsettled.push(Unsettled { file: file.name.clone(), line, path: path.to_owned(), confidence });
        }
    });
    (warnings, unsettled, empty, english)
}
