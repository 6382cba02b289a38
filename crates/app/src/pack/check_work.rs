//! Checks of who does what: units, functions, account roles, tasks and the steps of the procedure.

use std::collections::BTreeSet;

use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::check::{Check, FUNCTION, Noun, STEP, UNIT};
use super::model::FunctionScope;
use super::plan::Cadence;
use super::procedure::{Gate, LoopWhen, Step};

const STEPS: &str = "procedure.steps";

pub(super) fn check(check: &mut Check<'_>) {
    units(check);
    functions(check);
    roles(check);
    tasks(check);
    steps(check);
    order(check);
}

fn units(check: &mut Check<'_>) {
    let pack = check.pack;
    let ids: Vec<&str> = pack.units.iter().map(|unit| unit.id.as_str()).collect();
    let kinds: Vec<&str> = pack.lists.unit_kinds.iter().map(|kind| kind.id.as_str()).collect();
    for unit in &pack.units {
        check.refer("units", &unit.id, "kind", [&unit.kind], &kinds, Noun("loại đơn vị", "kind of unit"));
        check.refer("units", &unit.id, "parent", &unit.parent, &ids, UNIT);
        let mut above = BTreeSet::from([unit.id.as_str()]);
        let mut current = unit.parent.as_deref();
        while let Some(parent) = current {
            if parent == unit.id {
                let place = check.places.value("units", &unit.id, "parent", unit.parent.as_deref().unwrap_or_default());
                let id = &unit.id;
                check.say(
                    place,
                    text!("Đơn vị `{id}` trực thuộc chính mình.", "The unit `{id}` lies below itself."),
                    Text::new(
                        "Sửa `parent` của một đơn vị trong vòng.",
                        "Correct the `parent` of a unit in the circle.",
                    ),
                );
            }
            if !above.insert(parent) {
                break;
            }
            current = pack.unit(parent).and_then(|unit| unit.parent.as_deref());
        }
    }
}

fn functions(check: &mut Check<'_>) {
    let pack = check.pack;
    let units: Vec<&str> = pack.units.iter().map(|unit| unit.id.as_str()).collect();
    let kinds: Vec<&str> = pack.lists.unit_kinds.iter().map(|kind| kind.id.as_str()).collect();
    for function in &pack.functions {
        let id = &function.id;
        check.refer("functions", id, "unit", &function.unit, &units, UNIT);
        check.refer("functions", id, "unit_kinds", &function.unit_kinds, &kinds, Noun("loại đơn vị", "kind of unit"));
        let placed = function.unit.is_some() || !function.unit_kinds.is_empty();
        let (lacks, stray) = match function.scope {
            FunctionScope::Incident => (function.from.is_none(), placed),
            FunctionScope::Locality => (!placed, function.from.is_some()),
        };
        if lacks || stray {
            let place = check.places.id("functions", id, 0);
            let cure = match function.scope {
                FunctionScope::Incident => Text::new(
                    "Với scope = \"incident\", ghi from = \"operator\", \"owner\", \"related\" hoặc \"spokesperson\"; bỏ unit và unit_kinds.",
                    "With scope = \"incident\", give from = \"operator\", \"owner\", \"related\" or \"spokesperson\" and no unit or unit_kinds.",
                ),
                FunctionScope::Locality => Text::new(
                    "Với scope = \"locality\", ghi unit hoặc unit_kinds; bỏ from.",
                    "With scope = \"locality\", give unit or unit_kinds and no from.",
                ),
            };
            check.say(
                place,
                text!(
                    "Chức năng `{id}` chưa rõ do đơn vị nào đảm nhiệm.",
                    "It is not clear who plays the function `{id}`."
                ),
                cure,
            );
        }
    }
}

fn roles(check: &mut Check<'_>) {
    let pack = check.pack;
    let functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
    for role in &pack.roles {
        check.refer("roles", &role.id, "functions", &role.functions, &functions, FUNCTION);
        check.refer(
            "roles",
            &role.id,
            "permissions",
            &role.permissions,
            check.known.permissions,
            Noun("quyền", "permission"),
        );
    }
    if !pack.roles.iter().any(|role| role.permissions.iter().any(|permission| permission == "admin")) {
        let place = check.places.path("roles");
        check.say(
            place,
            Text::new("Không vai trò nào có quyền quản trị.", "No role may administer."),
            Text::new("Thêm quyền \"admin\" vào một vai trò.", "Give the permission \"admin\" to a role."),
        );
    }
}

fn tasks(check: &mut Check<'_>) {
    let pack = check.pack;
    let functions: Vec<&str> = pack.functions.iter().map(|function| function.id.as_str()).collect();
    for task in &pack.tasks {
        let id = &task.id;
        check.refer("tasks", id, "lead", &task.lead, &functions, FUNCTION);
        check.refer("tasks", id, "support", &task.support, &functions, FUNCTION);
        if task.lead.is_empty() {
            nobody_leads(check, "tasks", id);
        }
        for part in &task.parts {
            let kind = Noun("loại minh chứng", "kind of proof");
            check.refer("tasks.parts", &part.id, "proof", &part.proof, check.known.proofs, kind);
        }
        if task.min_per_year.is_some() && task.cadence != Cadence::Yearly {
            let place = check.places.id("tasks", id, 0);
            check.say(
                place,
                text!(
                    "Nhiệm vụ `{id}` có min_per_year nhưng không theo năm.",
                    "The task `{id}` has min_per_year but is not yearly."
                ),
                Text::new(
                    "Đặt cadence = \"yearly\" hoặc bỏ min_per_year.",
                    "Set cadence = \"yearly\" or drop min_per_year.",
                ),
            );
        }
    }
}

fn nobody_leads(check: &mut Check<'_>, path: &str, id: &str) {
    let place = check.places.value(path, id, "lead", "");
    check.say(
        place,
        text!("`{id}` chưa có ai chủ trì.", "Nobody leads `{id}`."),
        Text::new("Ghi ít nhất một chức năng vào `lead`.", "Name at least one function in `lead`."),
    );
}

fn steps(check: &mut Check<'_>) {
    let procedure = &check.pack.procedure;
    let functions: Vec<&str> = check.pack.functions.iter().map(|function| function.id.as_str()).collect();
    let phases: Vec<&str> = procedure.phases.iter().map(|phase| phase.id.as_str()).collect();
    let ids: Vec<&str> = procedure.steps.iter().map(|step| step.id.as_str()).collect();
    for step in &procedure.steps {
        let id = &step.id;
        check.refer(STEPS, id, "phase", [&step.phase], &phases, Noun("giai đoạn", "phase"));
        check.refer(STEPS, id, "lead", &step.lead, &functions, FUNCTION);
        check.refer(STEPS, id, "support", &step.support, &functions, FUNCTION);
        check.refer(STEPS, id, "after", &step.after, &ids, STEP);
        check.refer(STEPS, id, "sections", &step.sections, check.known.sections, Noun("mục", "section"));
        if step.lead.is_empty() {
            nobody_leads(check, STEPS, id);
        }
        for (position, gate) in step.gates.iter().enumerate() {
            check_gate(check, step, position, gate);
        }
        if let Some(loop_back) = &step.loop_back {
            check.refer(STEPS, id, "loop_back", &loop_back.to, &ids, STEP);
            let verifies = step.sections.iter().any(|section| section == "verification");
            if loop_back.when == LoopWhen::Unstable && !verifies {
                let place = check.places.id(STEPS, id, 0);
                check.say(
                    place,
                    text!(
                        "Bước `{id}` quay lại khi chưa ổn định nhưng không có mục kiểm tra.",
                        "The step `{id}` goes back when unstable but verifies nothing."
                    ),
                    Text::new("Thêm \"verification\" vào `sections`.", "Add \"verification\" to `sections`."),
                );
            }
        }
    }
    if !procedure.callout.is_sound() {
        let place = check.places.path("procedure");
        check.say(
            place,
            Text::new("Mục `callout` của quy trình không dùng được.", "The procedure's `callout` cannot be used."),
            Text::new(
                "Ghi answer_within_minutes từ 1 đến 1440; office_from sớm hơn office_to, dạng \"07:00\".",
                "Give answer_within_minutes from 1 to 1440, and office_from before office_to, like \"07:00\".",
            ),
        );
    }
    if procedure.steps.is_empty() {
        let place = check.places.path("procedure");
        check.say(
            place,
            Text::new("Quy trình chưa có bước nào.", "The procedure has no step."),
            Text::new("Thêm các mục [[procedure.steps]].", "Add entries [[procedure.steps]]."),
        );
    }
}

fn check_gate(check: &mut Check<'_>, step: &Step, position: usize, gate: &Gate) {
    let id = &step.id;
    check.refer(STEPS, id, "gates", [&gate.kind], check.known.gates, Noun("điều kiện", "gate"));
    let forms: Vec<&str> = check.pack.forms.iter().map(|form| form.id.as_str()).collect();
    let (valid, noun) = match gate.kind.as_str() {
        "document" => (forms.as_slice(), Noun("biểu mẫu", "form")),
        "narrative" => (check.known.narratives, Noun("phần mô tả", "narrative")),
        "measure" => (check.known.measures, Noun("loại biện pháp", "kind of measure")),
        _ => return,
    };
    match &gate.key {
        Some(key) => check.refer(STEPS, id, "gates", [key], valid, noun),
        None => {
            let place = check.places.value_at(STEPS, id, "gates", position, &gate.kind);
            let (kind, choices) = (&gate.kind, valid.join(", "));
            check.say(
                place,
                text!(
                    "Điều kiện `{kind}` của bước `{id}` thiếu `key`.",
                    "The gate `{kind}` of the step `{id}` lacks its `key`."
                ),
                text!("Thêm key, chọn trong: {choices}.", "Add a key, one of: {choices}."),
            );
        }
    }
}

/// Every step must be reachable from the first ones, and none may wait for itself.
fn order(check: &mut Check<'_>) {
    let procedure = &check.pack.procedure;
    let ids: BTreeSet<&str> = procedure.steps.iter().map(|step| step.id.as_str()).collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    loop {
        let next: Vec<&str> = procedure.open_after(&reached).into_iter().map(|step| step.id.as_str()).collect();
        if next.is_empty() {
            break;
        }
        reached.extend(next);
    }
    for step in procedure.steps.iter().filter(|step| !reached.contains(step.id.as_str())) {
        // A step that waits for one that does not exist was named already.
        if step.after.iter().any(|before| !ids.contains(before.as_str())) {
            continue;
        }
        let (id, before) = (&step.id, procedure.before(&step.id));
        let first = step.after.first().map(String::as_str).unwrap_or_default();
        let place = check.places.value(STEPS, id, "after", first);
        if before.contains(id.as_str()) {
            check.say(
                place,
                text!(
                    "Bước `{id}` phải chờ chính mình (vòng lặp trong `after`).",
                    "The step `{id}` waits for itself (a circle in `after`)."
                ),
                Text::new(
                    "Bỏ một mã bước trong `after` của vòng này; việc quay lại ghi ở `loop_back`.",
                    "Remove one step id from `after` in this circle; going back belongs in `loop_back`.",
                ),
            );
        } else {
            check.say(
                place,
                text!("Không bao giờ đến được bước `{id}`.", "The step `{id}` can never be reached."),
                Text::new(
                    "Sửa `after` để bước này mở sau một bước đến được.",
                    "Correct `after` so that it opens after a step that can be reached.",
                ),
            );
        }
    }
}
