//! The forms of measures.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::Raw;
use ungcuu_kit::text::Text;

use super::{MeasureKind, actions};
use crate::incident::model::PartId;
use crate::incident::work::place::At;
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};

/// What can be done with measures. Who may is decided by the part they play in the step.
pub fn routes() -> Routes {
    let who = Access::Need(Permission::IncidentRead);
    Routes::new()
        .act("/incidents/{id}/steps/{step}/measures/{kind}", who, Text::new("Thêm biện pháp", "Enter a measure"), add)
        .act(
            "/incidents/{id}/steps/{step}/measures/{measure}/edit",
            who,
            Text::new("Sửa biện pháp", "Change a measure"),
            edit,
        )
        .act(
            "/incidents/{id}/steps/{step}/measures/{measure}/finish",
            who,
            Text::new("Ghi đã thực hiện", "Say that a measure was done"),
            finish,
        )
        .act(
            "/incidents/{id}/steps/{step}/measures/{measure}/cancel",
            who,
            Text::new("Không thực hiện", "Give up a measure"),
            cancel,
        )
        .act(
            "/incidents/{id}/steps/{step}/measures/{measure}/remove",
            who,
            Text::new("Gỡ bỏ biện pháp ngăn chặn", "Take a containment measure back"),
            remove,
        )
}

/// A measure, new or changed (then with `version`). With `done`, it was done at `done_at` (now when empty) and `result`
/// says what came of it. `remove_by` is for containment only.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MeasureForm {
    pub title: Raw,
    pub detail: Raw,
    pub system: Raw,
    pub remove_by: Raw,
    pub done: Raw,
    pub done_at: Raw,
    pub result: Raw,
    pub version: Raw,
}

/// What came of a measure, and when it was done (now when empty).
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FinishForm {
    pub result: Raw,
    pub done_at: Raw,
    pub version: Raw,
}

/// Why, or how.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NoteForm {
    pub note: Raw,
    pub version: Raw,
}

async fn add(call: Call, form: MeasureForm) -> Result<Done> {
    let (at, kind) = (At::of(&call)?, call.param::<MeasureKind>("kind")?);
    let mut work = call.work().await?;
    let id = actions::add(&mut work, &at, kind, &form).await?;
    let done = work.done(at.page(format!("measure-{id}"))).await?;
    Ok(done.saying(Text::new("Đã ghi biện pháp.", "Measure entered.")).with(serde_json::json!({ "id": id })))
}

async fn edit(call: Call, form: MeasureForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("measure")?);
    let mut work = call.work().await?;
    actions::edit(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("measure-{id}"))).await?.saying(Text::new("Đã sửa biện pháp.", "Measure changed.")))
}

async fn finish(call: Call, form: FinishForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("measure")?);
    let mut work = call.work().await?;
    actions::finish(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("measure-{id}"))).await?.saying(Text::new("Đã ghi kết quả.", "Result noted.")))
}

async fn cancel(call: Call, form: NoteForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("measure")?);
    let mut work = call.work().await?;
    actions::cancel(&mut work, &at, &id, &form).await?;
    let done = work.done(at.page(format!("measure-{id}"))).await?;
    Ok(done.saying(Text::new("Đã ghi là không thực hiện.", "Measure cancelled.")))
}

async fn remove(call: Call, form: NoteForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("measure")?);
    let mut work = call.work().await?;
    actions::remove(&mut work, &at, &id, &form).await?;
    let done = work.done(at.page(format!("measure-{id}"))).await?;
    Ok(done.saying(Text::new("Đã ghi là đã gỡ bỏ.", "Noted as taken back.")))
}
