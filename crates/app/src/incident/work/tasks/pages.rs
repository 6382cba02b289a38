//! The forms of tasks.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::Raw;
use ungcuu_kit::text::Text;

use super::actions;
use crate::incident::model::PartId;
use crate::incident::work::place::At;
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};

/// What can be done with tasks. Who may is decided by the part they play in the step.
pub fn routes() -> Routes {
    let who = Access::Need(Permission::IncidentRead);
    Routes::new()
        .act("/incidents/{id}/steps/{step}/tasks", who, Text::new("Giao việc", "Add a task"), add)
        .act("/incidents/{id}/steps/{step}/tasks/{task}/edit", who, Text::new("Sửa việc", "Change a task"), edit)
        .act("/incidents/{id}/steps/{step}/tasks/{task}/finish", who, Text::new("Xong việc", "Finish a task"), finish)
        .act("/incidents/{id}/steps/{step}/tasks/{task}/cancel", who, Text::new("Huỷ việc", "Cancel a task"), cancel)
}

/// A task, new or changed (then with `version`). `assignee` is a person's id.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TaskForm {
    pub title: Raw,
    pub detail: Raw,
    pub assignee: Raw,
    pub due_at: Raw,
    pub version: Raw,
}

/// What came of a task, or why it is not done.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EndForm {
    pub result: Raw,
    pub version: Raw,
}

async fn add(call: Call, form: TaskForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    let id = actions::add(&mut work, &at, &form).await?;
    let done = work.done(at.page(format!("task-{id}"))).await?;
    Ok(done.saying(Text::new("Đã giao việc.", "Task added.")).with(serde_json::json!({ "id": id })))
}

async fn edit(call: Call, form: TaskForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("task")?);
    let mut work = call.work().await?;
    actions::edit(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("task-{id}"))).await?.saying(Text::new("Đã sửa việc.", "Task changed.")))
}

async fn finish(call: Call, form: EndForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("task")?);
    let mut work = call.work().await?;
    actions::finish(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("task-{id}"))).await?.saying(Text::new("Đã ghi kết quả.", "Result noted.")))
}

async fn cancel(call: Call, form: EndForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("task")?);
    let mut work = call.work().await?;
    actions::cancel(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("task-{id}"))).await?.saying(Text::new("Đã bỏ việc này.", "Task cancelled.")))
}
