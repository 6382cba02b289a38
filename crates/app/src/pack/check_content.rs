//! Checks of law, scenarios, tiles, forms and the annexes' tables.

use std::collections::BTreeSet;

use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::check::{Check, FUNCTION, Noun, days_in};
use super::check_clocks;
use super::form::{FieldType, Form};
use super::law::{DeadlineRule, YearDay};

/// The most years that a kind of evidence is kept for.
const LONGEST_KEPT: i64 = 100;

pub(super) const RULES: &str = "regimes.rules";

pub(super) fn check(check: &mut Check<'_>) {
    classes(check);
    regimes(check);
    check_clocks::check(check);
    scenarios(check);
    forms(check);
    keeping(check);
}

/// For how long evidence is kept: at least a year, and not longer than anybody could mean.
fn keeping(check: &mut Check<'_>) {
    for (position, kind) in check.pack.lists.evidence_kinds.iter().enumerate() {
        let Some(years) = kind.keep_years.filter(|years| !(1..=LONGEST_KEPT).contains(years)) else { continue };
        let (place, id) = (check.places.nth("lists.evidence_kinds", position), &kind.id);
        check.say(
            place,
            text!(
                "Loại chứng cứ {id}: không giữ được {years} năm.",
                "Kind of evidence {id}: {years} years are not possible."
            ),
            text!(
                "Ghi `keep_years` từ 1 đến {LONGEST_KEPT}, hoặc bỏ đi để giữ lâu dài.",
                "Write `keep_years` from 1 to {LONGEST_KEPT}, or leave it out to keep it for good."
            ),
        );
    }
}

fn classes(check: &mut Check<'_>) {
    let classes = &check.pack.classes;
    if classes.classes.is_empty() {
        let place = check.places.path("classes");
        check.say(
            place,
            Text::new("Chưa có loại sự cố nào.", "There is no class of incidents."),
            Text::new("Thêm các mục [[classes.classes]].", "Add entries [[classes.classes]]."),
        );
    }
    let Some(rule) = &classes.serious_when else { return };
    let place = check.places.path("classes.serious_when");
    let ids: Vec<&str> = classes.classes.iter().map(|class| class.id.as_str()).collect();
    let conditions: Vec<&str> = classes.conditions.iter().map(|condition| condition.id.as_str()).collect();
    if !ids.contains(&rule.class.as_str()) {
        check.unknown(place.clone(), "serious_when", "class", &rule.class, &ids, Noun("loại sự cố", "class"));
    }
    for (key, values) in [("any_of", &rule.any_of), ("all_of", &rule.all_of)] {
        for (position, value) in values.iter().enumerate().filter(|(_, value)| !conditions.contains(&value.as_str())) {
            let place = check.places.nth(&format!("classes.serious_when.{key}"), position);
            check.unknown(place, "serious_when", key, value, &conditions, Noun("điều kiện", "condition"));
        }
    }
    if rule.any_of.is_empty() && rule.all_of.is_empty() {
        check.say(
            place.clone(),
            Text::new(
                "Quy tắc phân loại không có điều kiện nào: mọi sự cố đều thuộc loại này.",
                "The rule has no condition: every incident would be of this class.",
            ),
            Text::new("Ghi điều kiện vào `any_of` hoặc `all_of`.", "Name conditions in `any_of` or `all_of`."),
        );
    }
    if !classes.levels.iter().any(|level| level.level == rule.min_level) {
        let level = rule.min_level;
        check.say(
            place,
            text!("Không có cấp độ {level}.", "There is no level {level}."),
            Text::new(
                "Thêm cấp độ vào [[classes.levels]] hoặc sửa `min_level`.",
                "Add the level to [[classes.levels]] or correct `min_level`.",
            ),
        );
    }
}

fn regimes(check: &mut Check<'_>) {
    let pack = check.pack;
    for regime in &pack.regimes {
        match &regime.to {
            Some(to) => check.period("regimes", &regime.id, ("from", "to"), &regime.from, to),
            None => {
                check.day("regimes", &regime.id, "from", &regime.from);
            }
        }
        for rule in &regime.rules {
            check_rule(check, rule);
            check_clocks::check_rule(check, rule);
        }
    }
    if pack.regimes.is_empty() {
        let place = check.places.path("regimes");
        check.say(
            place,
            Text::new("Chưa có khung pháp lý nào.", "There is no legal regime."),
            Text::new(
                "Thêm một mục [[regimes]], dù chưa có quy tắc thời hạn.",
                "Add an entry [[regimes]], even one without deadline rules.",
            ),
        );
    }
}

fn check_rule(check: &mut Check<'_>, rule: &DeadlineRule) {
    let pack = check.pack;
    let id = &rule.id;
    let functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
    let classes: Vec<&str> = pack.classes.classes.iter().map(|class| class.id.as_str()).collect();
    let forms: Vec<&str> = pack.forms.iter().map(|form| form.id.as_str()).collect();
    check.refer(RULES, id, "anchor", [&rule.anchor], check.known.anchors, Noun("mốc thời gian", "anchor"));
    check.refer(RULES, id, "flags", &rule.flags, check.known.flags, Noun("dấu hiệu", "flag"));
    check.refer(RULES, id, "classes", &rule.classes, &classes, Noun("loại sự cố", "class"));
    check.refer(RULES, id, "by", &rule.by, &functions, FUNCTION);
    check.refer(RULES, id, "to", &rule.to, &functions, FUNCTION);
    check.refer(RULES, id, "form", &rule.form, &forms, Noun("biểu mẫu", "form"));
    for (key, day) in [("valid_from", &rule.valid_from), ("valid_to", &rule.valid_to)] {
        if let Some(day) = day {
            check.day(RULES, id, key, day);
        }
    }
    let calendar = rule.anchor == "calendar";
    if (calendar && rule.within.is_some()) || (!calendar && (rule.within.is_none() || rule.before.is_some())) {
        let place = check.places.id(RULES, id, 0);
        check.say(
            place,
            text!("Thời hạn của `{id}` không khớp với mốc thời gian.", "The time limit of `{id}` does not fit its anchor."),
            Text::new(
                "Mốc \"calendar\" dùng before = { month = …, day = … }; các mốc khác dùng within = { hours = … } hoặc { days = … }.",
                "The anchor \"calendar\" goes with before = { month = …, day = … }; others with within = { hours = … } or { days = … }.",
            ),
        );
    }
    let days: Vec<YearDay> =
        rule.before.iter().copied().chain(rule.covers.iter().flat_map(|covers| [covers.from, covers.to])).collect();
    for YearDay { month, day } in days {
        if !(1..=days_in(2024, month)).contains(&day) {
            let place = check.places.id(RULES, id, 0);
            check.say(
                place,
                text!("Ngày {day} tháng {month} không có trong lịch.", "Day {day} of month {month} does not exist."),
                Text::new("Sửa ngày hoặc tháng.", "Correct the day or the month."),
            );
        }
    }
}

fn scenarios(check: &mut Check<'_>) {
    let pack = check.pack;
    let groups: Vec<&str> = pack.groups.iter().map(|group| group.id.as_str()).collect();
    let rows: Vec<&str> = pack.lists.report_rows.iter().map(|row| row.id.as_str()).collect();
    let ids: Vec<&str> = pack.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    for scenario in &pack.scenarios {
        let id = &scenario.id;
        check.refer(
            "scenarios",
            id,
            "group",
            [&scenario.group],
            &groups,
            Noun("nhóm tình huống", "group of scenarios"),
        );
        check.refer(
            "scenarios",
            id,
            "report_row",
            &scenario.report_row,
            &rows,
            Noun("dòng báo cáo", "row of the report"),
        );
        shared_items(check, id);
    }
    for tile in &pack.tiles {
        check.refer("tiles", &tile.id, "scenario", [&tile.scenario], &ids, Noun("tình huống", "scenario"));
        if !(1..=4).contains(&tile.severity) {
            let place = check.places.id("tiles", &tile.id, 0);
            let (id, severity) = (&tile.id, tile.severity);
            check.say(
                place,
                text!("Mức {severity} của ô `{id}` không có.", "The tile `{id}` has no such severity as {severity}."),
                Text::new(
                    "Ghi severity từ 1 (thấp) đến 4 (khẩn cấp).",
                    "Write a severity from 1 (low) to 4 (critical).",
                ),
            );
        }
        if tile.advice.is_empty() {
            let place = check.places.id("tiles", &tile.id, 0);
            let id = &tile.id;
            check.say(
                place,
                text!(
                    "Ô `{id}` chưa có lời khuyên nào cho người báo.",
                    "The tile `{id}` gives the reporter no advice."
                ),
                Text::new("Thêm ít nhất một câu vào `advice`.", "Add at least one sentence to `advice`."),
            );
        }
    }
}

/// A scenario shows its group's items beside its own, so their ids share one room.
fn shared_items(check: &mut Check<'_>, scenario: &str) {
    let pack = check.pack;
    for (path, ids) in [
        ("scenarios.checklist", pack.checklist_of(scenario).iter().map(|item| item.id.as_str()).collect::<Vec<_>>()),
        ("scenarios.options", pack.options_of(scenario).iter().map(|option| option.id.as_str()).collect()),
    ] {
        let mut seen = BTreeSet::new();
        // The same id twice in the scenarios themselves was named already.
        for id in ids.into_iter().filter(|id| !seen.insert(*id)) {
            let place = check.places.id(path, id, 0);
            check.say(
                place,
                text!(
                    "Mã `{id}` của `{scenario}` trùng với mã của nhóm.",
                    "The id `{id}` of `{scenario}` is taken by its group."
                ),
                Text::new("Đặt mã khác.", "Give it another id."),
            );
        }
    }
}

fn forms(check: &mut Check<'_>) {
    let pack = check.pack;
    numbering(check);
    let ids: Vec<&str> = pack.forms.iter().map(|form| form.id.as_str()).collect();
    for form in &pack.forms {
        let id = &form.id;
        check.refer("forms", id, "answers", &form.answers, &ids, Noun("biểu mẫu", "form"));
        let regimes: Vec<&str> = pack.regimes.iter().map(|regime| regime.id.as_str()).collect();
        check.refer("forms", id, "regimes", &form.regimes, &regimes, Noun("khung pháp lý", "regime"));
        let kinds: Vec<&str> = pack.numbering.kinds.iter().map(|kind| kind.id.as_str()).collect();
        check.refer("forms", id, "number", &form.number, &kinds, Noun("loại văn bản", "sort of document"));
        let told: Vec<&str> = pack.lists.disclosure_kinds.iter().map(|item| item.id.as_str()).collect();
        check.refer("forms", id, "disclosure", &form.disclosure, &told, Noun("loại báo cáo", "kind of report"));
        let functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
        check.refer("forms", id, "issuer", &form.issuer, &functions, FUNCTION);
        check.refer("forms", id, "to", &form.to, &functions, FUNCTION);
        check.refer("forms", id, "approved_by", &form.approved_by, &functions, FUNCTION);
        approvers(check, form);
        fields(check, form);
    }
}

fn numbering(check: &mut Check<'_>) {
    let pack = check.pack;
    for (key, pattern) in [("pattern", &pack.numbering.pattern), ("letter", &pack.numbering.letter)] {
        if !pattern.contains("{number}") {
            let place = check.places.path(&format!("numbering.{key}"));
            check.say(
                place,
                text!("`{key}` không có chỗ cho số.", "`{key}` has no place for the number."),
                Text::new(
                    "Ghi {number} vào mẫu, ví dụ {number}/{kind}-{unit}.",
                    "Write {number} in it, such as {number}/{kind}-{unit}.",
                ),
            );
        }
    }
    let units = pack.units.iter().map(|unit| unit.id.as_str());
    let known: Vec<&str> = units.chain(pack.lists.unit_kinds.iter().map(|kind| kind.id.as_str())).collect();
    for key in pack.numbering.symbols.keys().filter(|key| !known.contains(&key.as_str())) {
        let place = check.places.path("numbering.symbols");
        check.unknown(
            place,
            "numbering",
            "symbols",
            key,
            &known,
            Noun("đơn vị hoặc loại đơn vị", "unit or kind of unit"),
        );
    }
}

/// A form that waits for a word that nobody may give would never be issued.
fn approvers(check: &mut Check<'_>, form: &Form) {
    let may = |role: &&super::model::Role| {
        role.permissions.iter().any(|word| word == "report.approve")
            && role.functions.iter().any(|function| form.approved_by.contains(function))
    };
    if !form.approved_by.is_empty() && !check.pack.roles.iter().any(|role| may(&role)) {
        let id = &form.id;
        let place = check.places.id("forms", id, 0);
        check.say(
            place,
            text!("Không vai trò nào duyệt được biểu mẫu `{id}`.", "No role may approve the form `{id}`."),
            Text::new(
                "Thêm quyền \"report.approve\" cho một vai trò giữ chức năng nêu ở `approved_by`.",
                "Give \"report.approve\" to a role that acts for a function in `approved_by`.",
            ),
        );
    }
}

fn fields(check: &mut Check<'_>, form: &Form) {
    let mut seen = BTreeSet::new();
    for field in form.fields() {
        let (form, id) = (&form.id, &field.id);
        let place = check.places.id("forms.sections.fields", id, 0);
        if !seen.insert(id) {
            check.say(
                place.clone(),
                text!("Biểu mẫu `{form}` có hai ô cùng mã `{id}`.", "The form `{form}` has two fields `{id}`."),
                Text::new("Đặt mã khác cho một ô.", "Give one of them another id."),
            );
        }
        if let Some(source) = field.source.as_ref().filter(|source| !check.known.sources.contains(&source.as_str())) {
            let place = check.places.value("forms.sections.fields", id, "source", source);
            check.unknown(place, id, "source", source, check.known.sources, Noun("nguồn điền sẵn", "source"));
        }
        let chooses = matches!(field.kind, FieldType::One | FieldType::Many);
        if chooses && field.options.is_empty() {
            check.say(
                place,
                text!(
                    "Ô `{id}` của `{form}` là ô chọn nhưng không có lựa chọn nào.",
                    "The field `{id}` of `{form}` offers nothing to choose."
                ),
                Text::new(
                    "Thêm `options`, hoặc đổi `type` thành \"text\".",
                    "Add `options`, or make its `type` \"text\".",
                ),
            );
        }
    }
}
