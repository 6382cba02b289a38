//! The forms of the check after recovery.

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

/// What can be done in the check after recovery.
pub fn routes() -> Routes {
    let who = Access::Need(Permission::IncidentRead);
    Routes::new()
        .act("/incidents/{id}/steps/{step}/verification", who, Text::new("Thêm mục kiểm tra", "Add a check"), add)
        .act(
            "/incidents/{id}/steps/{step}/verification/passed",
            who,
            Text::new("Ghi nhiều mục đạt", "Note several checks as passed"),
            pass,
        )
        .act(
            "/incidents/{id}/steps/{step}/verification/{check}/answer",
            who,
            Text::new("Ghi kết quả kiểm tra", "Answer a check"),
            answer,
        )
        .act("/incidents/{id}/steps/{step}/verdict", who, Text::new("Kết luận", "Give the verdict"), judge)
}

/// How a check came out: pass, fail, not_applicable, or open to take the answer back. The middle two need a note.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AnswerForm {
    pub result: Raw,
    pub note: Raw,
    pub version: Raw,
}

/// A check of one's own.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AddForm {
    pub text: Raw,
}

/// The verdict: stable, or unstable with the reason in `note`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VerdictForm {
    pub verdict: Raw,
    pub note: Raw,
}

async fn add(call: Call, form: AddForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    let id = actions::add(&mut work, &at, &form).await?;
    let done = work.done(at.page(format!("check-{id}"))).await?;
    Ok(done.saying(Text::new("Đã thêm mục kiểm tra.", "Check added.")).with(serde_json::json!({ "id": id })))
}

async fn answer(call: Call, form: AnswerForm) -> Result<Done> {
    let (at, id) = (At::of(&call)?, call.param::<PartId>("check")?);
    let mut work = call.work().await?;
    actions::answer(&mut work, &at, &id, &form).await?;
    work.done(at.page(format!("check-{id}"))).await
}

async fn pass(call: Call, form: PickForm) -> Result<Done> {
    let (at, ids) = (At::of(&call)?, form.ids()?);
    let mut work = call.work().await?;
    let count = actions::pass(&mut work, &at, &ids).await?;
    let done = work.done(at.page("work-verification")).await?;
    Ok(done.saying(text!("Đã ghi {count} mục đạt.", "Noted as passed: {count}.")))
}

async fn judge(call: Call, form: VerdictForm) -> Result<Done> {
    let at = At::of(&call)?;
    let mut work = call.work().await?;
    let again = actions::judge(&mut work, &at, &form).await?;
    if again {
        let done = work.done(format!("/incidents/{}", at.incident)).await?;
        return Ok(done.saying(Text::new("Đã mở vòng xử lý mới.", "A new round has been opened.")));
    }
    Ok(work.done(at.page("work-verification")).await?.saying(Text::new("Đã ghi kết luận.", "Verdict noted.")))
}
