//! What is done with tasks: give, change, finish, cancel.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::pages::{EndForm, TaskForm};
use super::{Task, TaskState, store};
use crate::actor::not_allowed;
use crate::incident::actions::{Taken, record};
use crate::incident::model::{PartId, Standing};
use crate::incident::work::place::{At, check_version, take_late, take_section};
use crate::incident::work::store::list_people;
use crate::notify;
use crate::org::PersonId;
use crate::work::Work;

/// What a checked form says.
struct Checked {
    title: String,
    detail: String,
    assignee_id: Option<PersonId>,
    due_at: Option<Time>,
}

/// Adds a task and tells whoever it is given to.
pub async fn add(work: &mut Work, at: &At, form: &TaskForm) -> Result<PartId> {
    let (taken, _) = take_section(work, at, "tasks", Standing::Supports).await?;
    let checked = check(work, at, form, None).await?;
    let task = Task {
        id: PartId::new(&work.app.chance, work.now),
        step: at.step.clone(),
        title: checked.title,
        detail: checked.detail,
        assignee_id: checked.assignee_id,
        assignee: None,
        due_at: checked.due_at,
        state: TaskState::Open,
        result: String::new(),
        created_at: work.now,
        created_by: work.actor.name.clone(),
        ended_at: None,
        ended_by: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &at.incident, &task).await?;
    let title = &task.title;
    note(work, at, "incident.task_added", text!("Giao việc: {title}", "Task added: {title}"), &task.id);
    tell_assignee(work, at, &taken, &task).await?;
    Ok(task.id)
}

/// Changes an open task.
pub async fn edit(work: &mut Work, at: &At, id: &PartId, form: &TaskForm) -> Result<()> {
    let (taken, _) = take_section(work, at, "tasks", Standing::Supports).await?;
    let before = store::get(&mut work.tx, &at.incident, &at.step, id).await?;
    must_be_open(&before)?;
    let theirs = vec![
        ("title".to_owned(), before.title.clone()),
        ("detail".to_owned(), before.detail.clone()),
        ("assignee".to_owned(), before.assignee_id.as_ref().map(PersonId::to_string).unwrap_or_default()),
        ("due_at".to_owned(), before.due_at.map(Time::to_field).unwrap_or_default()),
    ];
    check_version(work, &taken, id, &form.version, before.version, theirs).await?;
    let checked = check(work, at, form, Some(&before)).await?;
    let task = Task {
        title: checked.title,
        detail: checked.detail,
        assignee_id: checked.assignee_id,
        due_at: checked.due_at,
        ..before.clone()
    };
    store::save(&mut work.tx, &task).await?;
    let title = &task.title;
    note(work, at, "incident.task_changed", text!("Sửa việc: {title}", "Task changed: {title}"), id);
    if task.assignee_id != before.assignee_id {
        tell_assignee(work, at, &taken, &task).await?;
    }
    Ok(())
}

/// Says what came of a task. Whoever it was given to may, and whoever may work on the step.
pub async fn finish(work: &mut Work, at: &At, id: &PartId, form: &EndForm) -> Result<()> {
    end(work, at, id, form, TaskState::Done).await
}

/// Says why a task will not be done.
pub async fn cancel(work: &mut Work, at: &At, id: &PartId, form: &EndForm) -> Result<()> {
    end(work, at, id, form, TaskState::Cancelled).await
}

async fn end(work: &mut Work, at: &At, id: &PartId, form: &EndForm, state: TaskState) -> Result<()> {
    let (taken, standing) = take_late(work, at, "tasks").await?;
    let mut task = store::get(&mut work.tx, &at.incident, &at.step, id).await?;
    let theirs_to_end = task.assignee_id.as_ref() == Some(&work.actor.person_id);
    if standing < Standing::Supports && !theirs_to_end {
        return Err(not_allowed());
    }
    must_be_open(&task)?;
    check_version(work, &taken, id, &form.version, task.version, Vec::new()).await?;
    let mut checks = Checks::new();
    task.result = checks.area("result", &form.result);
    checks.done()?;
    task.state = state;
    task.ended_at = Some(work.now);
    task.ended_by = work.actor.name.clone();
    store::save(&mut work.tx, &task).await?;
    let (title, result) = (&task.title, &task.result);
    let (act, what) = match state {
        TaskState::Cancelled => {
            ("incident.task_cancelled", text!("Không làm nữa: {title}. {result}", "Task cancelled: {title}. {result}"))
        }
        _ => ("incident.task_finished", text!("Xong việc: {title}. {result}", "Task done: {title}. {result}")),
    };
    note(work, at, act, what, id);
    if state == TaskState::Cancelled && !theirs_to_end {
        let code = &taken.incident.code;
        let said = text!("Việc “{title}” của sự cố {code} không cần làm nữa", "Task “{title}” of {code} was cancelled");
        if let Some(person) = &task.assignee_id {
            notify::tell_person(work, person, &said, &at.page(format!("task-{id}"))).await?;
        }
    }
    Ok(())
}

async fn check(work: &mut Work, at: &At, form: &TaskForm, before: Option<&Task>) -> Result<Checked> {
    let mut checks = Checks::new();
    let title = checks.line("title", &form.title);
    let detail = checks.area_or_empty("detail", &form.detail);
    let assignee_id: Option<PersonId> = checks.id_or_none("assignee", &form.assignee);
    let due_at = checks.moment_or_none("due_at", &form.due_at);
    // Somebody who has left since keeps the task until it is given to another.
    let kept = before.is_some_and(|before| before.assignee_id == assignee_id);
    if let Some(person) = assignee_id.as_ref().filter(|_| !kept) {
        let people = list_people(&mut work.tx, &at.incident, &work.actor.person_id, work.now).await?;
        if people.iter().all(|involved| involved.id != *person) {
            checks.refuse("assignee", unknown());
        }
    }
    let same_due = before.is_some_and(|before| before.due_at == due_at);
    if due_at.is_some_and(|due| due < work.now) && !same_due {
        checks.refuse("due_at", Text::new("Hạn này đã qua.", "This time limit has passed."));
    }
    checks.done()?;
    Ok(Checked { title, detail, assignee_id, due_at })
}

fn must_be_open(task: &Task) -> Result<()> {
    if task.is_open() {
        return Ok(());
    }
    Err(Error::not_now("Việc này đã kết thúc.", "This task has ended."))
}

async fn tell_assignee(work: &mut Work, at: &At, taken: &Taken, task: &Task) -> Result<()> {
    let Some(person) = task.assignee_id.as_ref().filter(|person| **person != work.actor.person_id) else {
        return Ok(());
    };
    let (title, code) = (&task.title, &taken.incident.code);
    let text = text!("Bạn được giao việc “{title}” của sự cố {code}", "You were given “{title}” in incident {code}");
    notify::tell_person(work, person, &text, &at.page(format!("task-{}", task.id))).await
}

fn note(work: &mut Work, at: &At, act: &'static str, what: Text, id: &PartId) {
    record(work, &at.incident, act, what, &[("incident_tasks", id.to_string())]);
}
