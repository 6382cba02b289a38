//! What was done: steps by round, first actions, tasks, the timeline, measures, checks after recovery, lessons.

use ungcuu_kit::error::Result;
use ungcuu_render::{Align, Block, Column, Table};

use super::parts::{Part, Teller, nothing};
use crate::coordination::sieve::Sieve;
use crate::incident::Incident;
use crate::incident::flow::StepState;
use crate::report::store::dossier as store;
use crate::work::Look;

/// Steps, first actions, tasks, timeline, measures, checks.
pub async fn parts(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Vec<Part>> {
    Ok(vec![
        steps(look, incident, teller).await?,
        first_actions(look, incident, teller).await?,
        tasks(look, incident, teller).await?,
        timeline(look, incident, sieve, teller).await?,
        measures(look, incident, teller).await?,
        checks(look, incident, teller).await?,
    ])
}

async fn steps(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let steps = store::list_steps(&mut look.tx, &incident.id).await?;
    // In the order of the plan within each round.
    let place = |id: &str| app.pack.procedure.steps.iter().position(|step| step.id == id);
    let mut lines = steps.rows;
    lines.sort_by_key(|line| (line.round, place(&line.step)));
    let row = |line: &store::StepLine| {
        let name = match app.pack.step(&line.step) {
            Some(step) => format!("{}. {}", step.number, step.short.get(teller.lang)),
            None => line.step.clone(),
        };
        let times = match (line.opened_at, line.ended_at) {
            (None, _) => String::new(),
            (Some(opened), None) => opened.to_minute(),
            (Some(opened), Some(ended)) => format!("{}\n{}", opened.to_minute(), ended.to_minute()),
        };
        let by = if line.state == StepState::Waiting { "" } else { line.ended_by.as_str() };
        in_rounds(
            incident,
            line.round,
            vec![name, teller.say(&line.state.label()), times, teller.lines([by.to_owned(), line.note.clone()])],
        )
    };
    let columns = head_of_rounds(
        incident,
        teller,
        vec![
            Column::new(teller.t("Bước", "Step"), 7),
            Column::new(teller.t("Trạng thái", "State"), 3),
            Column::new(teller.t("Mở, xong", "Opened, ended"), 5),
            Column::new(teller.t("Người, ghi chú", "Who, note"), 5),
        ],
    );
    let rows = lines.iter().map(row).collect();
    Ok(Part::table(teller.title("Các bước theo quy trình", "Steps of the procedure"), columns, rows, steps.cut, teller))
}

/// A row that begins with its round, where there was more than one.
fn in_rounds(incident: &Incident, round: i64, mut row: Vec<String>) -> Vec<String> {
    if incident.round > 1 {
        row.insert(0, round.to_string());
    }
    row
}

/// The head of such rows.
fn head_of_rounds(incident: &Incident, teller: &Teller, mut columns: Vec<Column>) -> Vec<Column> {
    if incident.round > 1 {
        columns.insert(0, Column::new(teller.t("Vòng", "Round"), 2).aligned(Align::Center));
    }
    columns
}

/// The first actions of the plan for such an incident, in their order: when, by whom, or why not.
async fn first_actions(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let items = store::list_first_actions(&mut look.tx, &incident.id).await?;
    let row = |(number, item): (usize, &store::FirstActionLine)| {
        let state = match item.state.as_str() {
            "done" => teller.t("Đã làm", "Done"),
            "skipped" => teller.t("Không làm", "Not done"),
            _ => teller.t("Chưa làm", "Open"),
        };
        vec![
            (number + 1).to_string(),
            teller.t(&item.text, &item.text_en).to_owned(),
            teller.lines([state.to_owned(), item.note.clone()]),
            teller.when_by(item.ended_at, &item.ended_by),
        ]
    };
    let columns = vec![
        Column::new(teller.t("TT", "No."), 2).aligned(Align::Center),
        Column::new(teller.t("Việc ưu tiên", "First action"), 7),
        Column::new(teller.t("Kết quả", "Result"), 6),
        Column::new(teller.t("Lúc, người làm", "When, by whom"), 5),
    ];
    let rows = items.rows.iter().enumerate().map(row).collect();
    Ok(Part::table(teller.title("Việc ưu tiên ban đầu", "First actions"), columns, rows, items.cut, teller))
}

async fn tasks(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let tasks = store::list_tasks(&mut look.tx, &incident.id).await?;
    let row = |task: &store::TaskLine| {
        let number = app.pack.step(&task.step).map(|step| step.number.clone()).unwrap_or_default();
        let state = match task.state.as_str() {
            "done" => teller.t("Đã xong", "Done"),
            "cancelled" => teller.t("Đã bỏ", "Cancelled"),
            _ => teller.t("Chưa xong", "Open"),
        };
        vec![
            number,
            teller.lines([task.title.clone(), teller.labelled(teller.t("Kết quả", "Result"), &task.result)]),
            teller.lines([
                task.assignee.clone().unwrap_or_default(),
                teller.labelled_at(teller.t("Hạn", "Due"), task.due_at),
            ]),
            teller.lines([state.to_owned(), teller.when_by(task.ended_at, &task.ended_by)]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Bước", "Step"), 2).aligned(Align::Center),
        Column::new(teller.t("Việc", "Task"), 8),
        Column::new(teller.t("Người làm, hạn", "Who, due"), 7),
        Column::new(teller.t("Trạng thái", "State"), 6),
    ];
    let rows = tasks.rows.iter().map(row).collect();
    Ok(Part::table(teller.title("Việc đã giao", "Tasks"), columns, rows, tasks.cut, teller))
}

async fn timeline(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Part> {
    let events = store::list_events(&mut look.tx, &incident.id).await?;
    let words = |event: &store::EventLine| [event.title_vi.as_str(), &event.title_en, &event.text].join("\n");
    let sifted = sieve.sift(events.rows, |sieve, event| sieve.level_of(&event.id), words);
    let row = |event: &store::EventLine| {
        // Most of it was written down as it happened; only where that is not so are there more times than one.
        let noticed = event.noticed_at.filter(|at| at.to_minute() != event.happened_at.to_minute());
        let latest = noticed.unwrap_or(event.happened_at);
        let recorded = Some(event.recorded_at).filter(|at| at.to_minute() != latest.to_minute());
        vec![
            event.happened_at.to_minute(),
            teller.lines([
                teller.t(&event.title_vi, &event.title_en).to_owned(),
                event.text.clone(),
                teller.labelled_at(teller.t("Nhận biết lúc", "Noticed"), noticed),
                teller.labelled_at(teller.t("Ghi sổ lúc", "Recorded"), recorded),
            ]),
            event.recorded_by.clone(),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Thời điểm", "When"), 5),
        Column::new(teller.t("Nội dung", "What"), 12),
        Column::new(teller.t("Người ghi", "By"), 4),
    ];
    let rows = sifted.rows.iter().map(row).collect();
    let part = Part::table(teller.title("Diễn biến", "Timeline"), columns, rows, events.cut, teller);
    Ok(part.sifted(sifted.left_out, sifted.strictest))
}

async fn measures(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let measures = store::list_measures(&mut look.tx, &incident.id).await?;
    let kinds = [
        ("containment", teller.t("Ngăn chặn", "Containment")),
        ("eradication", teller.t("Gỡ bỏ mã độc", "Removal of malware")),
        ("fix", teller.t("Khắc phục điểm yếu", "Fixing of weaknesses")),
        ("recovery", teller.t("Khôi phục", "Recovery")),
    ];
    let mut blocks = Vec::new();
    for (kind, title) in kinds {
        let rows: Vec<Vec<String>> = measures
            .rows
            .iter()
            .filter(|measure| measure.kind == kind)
            .map(|measure| in_rounds(incident, measure.round, measure_row(measure, teller)))
            .collect();
        if !rows.is_empty() {
            blocks.push(Block::heading(2, title));
            let columns = head_of_rounds(
                incident,
                teller,
                vec![
                    Column::new(teller.t("Biện pháp", "Measure"), 8),
                    Column::new(teller.t("Thực hiện", "Done"), 5),
                    Column::new(teller.t("Kết quả", "Result"), 6),
                ],
            );
            blocks.push(Block::Table(Table { columns, rows, ..Table::default() }));
        }
    }
    if blocks.is_empty() {
        blocks.push(nothing(teller));
    }
    let title = teller.title("Biện pháp đã thực hiện", "Measures");
    Ok(Part { title, rows: measures.rows.len(), cut: measures.cut, blocks, sifted: None })
}

fn measure_row(measure: &store::MeasureLine, teller: &Teller) -> Vec<String> {
    let state = match measure.state.as_str() {
        "planned" => teller.t("Dự kiến", "Planned").to_owned(),
        "cancelled" => teller.t("Đã bỏ", "Cancelled").to_owned(),
        _ => String::new(),
    };
    let removed = match measure.removed_at {
        Some(at) => teller.labelled(teller.t("Gỡ", "Taken back"), &teller.when_by(Some(at), &measure.removed_by)),
        None => String::new(),
    };
    let until = measure.remove_by.filter(|_| measure.removed_at.is_none());
    vec![
        teller.lines([
            measure.title.clone(),
            measure.detail.clone(),
            teller.labelled(teller.t("Hệ thống", "System"), measure.system_name.as_deref().unwrap_or_default()),
        ]),
        teller.lines([
            state,
            teller.when_by(measure.done_at, &measure.done_by),
            teller.labelled_at(teller.t("Tạm thời, gỡ trước", "For the time being, until"), until),
            removed,
        ]),
        measure.result.clone(),
    ]
}

async fn checks(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let checks = store::list_checks(&mut look.tx, &incident.id).await?;
    let verdicts = store::list_verdicts(&mut look.tx, &incident.id).await?;
    let mut blocks = Vec::new();
    let mut count = 0;
    for round in 1..=incident.round {
        // What nobody has looked at yet is no finding.
        let of_round = checks.rows.iter().filter(|check| check.round == round && check.result != "open");
        let rows: Vec<Vec<String>> = of_round.map(|check| check_row(check, teller)).collect();
        let verdict = verdicts.rows.iter().find(|verdict| verdict.round == round);
        if rows.is_empty() && verdict.is_none() {
            continue;
        }
        count += rows.len();
        blocks.push(Block::heading(2, format!("{} {round}", teller.t("Vòng", "Round"))));
        if !rows.is_empty() {
            let columns = vec![
                Column::new(teller.t("Nội dung kiểm tra", "Check"), 7),
                Column::new(teller.t("Kết quả", "Result"), 3),
                Column::new(teller.t("Ghi chú", "Note"), 5),
                Column::new(teller.t("Lúc, người kiểm tra", "When, by whom"), 5),
            ];
            blocks.push(Block::Table(Table { columns, rows, ..Table::default() }));
        }
        if let Some(verdict) = verdict {
            blocks.push(Block::paragraph(verdict_line(verdict, teller)));
        }
    }
    if blocks.is_empty() {
        blocks.push(nothing(teller));
    }
    let title = teller.title("Kiểm tra sau khôi phục", "Checks after recovery");
    Ok(Part { title, rows: count, cut: checks.cut || verdicts.cut, blocks, sifted: None })
}

fn check_row(check: &store::CheckLine, teller: &Teller) -> Vec<String> {
    let result = match check.result.as_str() {
        "pass" => teller.t("Đạt", "Passed"),
        "fail" => teller.t("Không đạt", "Failed"),
        "not_applicable" => teller.t("Không áp dụng", "Does not apply"),
        _ => "",
    };
    vec![
        teller.t(&check.text, &check.text_en).to_owned(),
        result.to_owned(),
        check.note.clone(),
        teller.when_by(check.checked_at, &check.checked_by),
    ]
}

fn verdict_line(verdict: &store::VerdictLine, teller: &Teller) -> String {
    let words = if verdict.stable {
        teller.t("Kết luận: hệ thống đã hoạt động ổn định", "Verdict: the system is stable")
    } else {
        teller.t("Kết luận: hệ thống chưa ổn định, quay lại xử lý", "Verdict: not stable, work goes round again")
    };
    let note = if verdict.note.is_empty() { String::new() } else { format!(" {}", verdict.note) };
    format!("{words} ({}, {}).{note}", verdict.given_by, verdict.given_at.to_minute())
}

/// What was learned and what is to be done about it.
pub async fn lessons(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let lessons = store::list_lessons(&mut look.tx, &incident.id).await?;
    let row = |lesson: &store::LessonLine| {
        let kind = match lesson.kind.as_str() {
            "measure" => teller.t("Biện pháp bổ sung", "Further measure"),
            _ => teller.t("Bài học", "Lesson"),
        };
        let state = match lesson.state.as_str() {
            "done" => teller.t("Đã thực hiện", "Put into practice"),
            "dropped" => teller.t("Không làm nữa", "Dropped"),
            _ => teller.t("Đang thực hiện", "Under way"),
        };
        vec![
            kind.to_owned(),
            teller.lines([lesson.text.clone(), teller.labelled(teller.t("Kết quả", "Result"), &lesson.result)]),
            teller.lines([
                lesson.owner.clone().unwrap_or_default(),
                teller.labelled_at(teller.t("Hạn", "Due"), lesson.due_at),
                state.to_owned(),
            ]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Loại", "Kind"), 4),
        Column::new(teller.t("Nội dung", "What"), 11),
        Column::new(teller.t("Người làm, hạn", "Who, due"), 6),
    ];
    let rows = lessons.rows.iter().map(row).collect();
    Ok(Part::table(teller.title("Bài học, kiến nghị", "Lessons"), columns, rows, lessons.cut, teller))
}
