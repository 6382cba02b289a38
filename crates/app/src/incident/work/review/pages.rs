//! The forms of lessons.

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

/// What can be done with lessons.
pub fn routes() -> Routes {
    let who = Access::Need(Permission::IncidentRead);
    Routes::new()
        .act("/incidents/{id}/steps/{step}/lessons", who, Text::new("Ghi bài học", "Draw a lesson"), add)
        .act(
            "/incidents/{id}/steps/{step}/lessons/{lesson}/edit",
            who,
            Text::new("Sửa bài học", "Change a lesson"),
            edit,
        )
        .act(
            "/incidents/{id}/steps/{step}/lessons/{lesson}/finish",
            who,
            Text::new("Ghi đã thực hiện bài học", "Say that a lesson was put into practice"),
            finish,
        )
        .act(
            "/incidents/{id}/steps/{step}/lessons/{lesson}/drop",
            who,
            Text::new("Bỏ bài học", "Give a lesson up"),
            drop,
        )
}

/// A lesson, new or changed (then with `version`): kind is lesson or measure, `action` from the pack's list, `owner` a
/// person's id.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LessonForm {
    pub kind: Raw,
    pub text: Raw,
    pub action: Raw,
    pub owner: Raw,
    pub due_at: Raw,
    pub version: Raw,
}

/// How a lesson was put into practice, or why it was given up.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EndForm {
    pub result: Raw,
    pub version: Raw,
}

async fn add(call: Call, form: LessonForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    let id = actions::add(&mut work, &at, &form).await?;
    let done = work.done(at.page(format!("lesson-{id}"))).await?;
    Ok(done.saying(Text::new("Đã ghi.", "Noted.")).with(serde_json::json!({ "id": id })))
}

async fn edit(call: Call, form: LessonForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("lesson")?);
    let mut work = call.work().await?;
    actions::edit(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("lesson-{id}"))).await?.saying(Text::new("Đã sửa.", "Changed.")))
}

async fn finish(call: Call, form: EndForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("lesson")?);
    let mut work = call.work().await?;
    actions::finish(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("lesson-{id}"))).await?.saying(Text::new("Đã ghi kết quả.", "Result noted.")))
}

async fn drop(call: Call, form: EndForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("lesson")?);
    let mut work = call.work().await?;
    actions::drop(&mut work, &at, &id, &form).await?;
    Ok(work.done(at.page(format!("lesson-{id}"))).await?.saying(Text::new("Đã ghi lý do.", "Reason noted.")))
}
