//! The forms of first actions.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions;
use crate::incident::model::PartId;
use crate::incident::work::place::{At, PickForm};
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};

/// What can be done with first actions.
pub fn routes() -> Routes {
    let who = Access::Need(Permission::IncidentRead);
    Routes::new()
        .act("/incidents/{id}/steps/{step}/checklist", who, Text::new("Thêm việc ưu tiên", "Add a first action"), add)
        .act(
            "/incidents/{id}/steps/{step}/checklist/complete",
            who,
            Text::new("Bổ sung việc theo tình huống", "Bring in the scenario's first actions"),
            complete,
        )
        .act(
            "/incidents/{id}/steps/{step}/checklist/done",
            who,
            Text::new("Đánh dấu nhiều việc ưu tiên đã làm", "Mark several first actions as done"),
            mark_done,
        )
        .act(
            "/incidents/{id}/steps/{step}/checklist/{item}/mark",
            who,
            Text::new("Đánh dấu việc ưu tiên", "Mark a first action"),
            mark,
        )
}

/// A mark: `state` is done, skipped or open; skipping needs a `note`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MarkForm {
    pub state: Raw,
    pub note: Raw,
    pub version: Raw,
}

/// A first action of one's own.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AddForm {
    pub text: Raw,
    pub obligatory: Raw,
}

/// Nothing to fill in.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CompleteForm {}

async fn mark(call: Call, form: MarkForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("item")?);
    let mut work = call.work().await?;
    actions::mark(&mut work, &at, &id, &form).await?;
    work.done(at.page(format!("item-{id}"))).await
}

async fn mark_done(call: Call, form: PickForm) -> Result<Done> {
    let (at, ids) = (At::of(&call)?, form.ids()?);
    let mut work = call.work().await?;
    let count = actions::mark_done(&mut work, &at, &ids).await?;
    let done = work.done(at.page("work-checklist")).await?;
    Ok(done.saying(text!("Đã đánh dấu {count} việc.", "Marked as done: {count}.")))
}

async fn add(call: Call, form: AddForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    let id = actions::add(&mut work, &at, &form).await?;
    let done = work.done(at.page(format!("item-{id}"))).await?;
    Ok(done.saying(Text::new("Đã thêm việc.", "Added.")).with(serde_json::json!({ "id": id })))
}

async fn complete(call: Call, _: CompleteForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    actions::complete(&mut work, &at).await?;
    Ok(work.done(at.page("work-checklist")).await?.saying(Text::new("Đã bổ sung.", "Brought in.")))
}
