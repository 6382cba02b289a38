//! The form of a finding.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::{Key, actions};
use crate::incident::work::place::At;
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};

/// What can be done with findings.
pub fn routes() -> Routes {
    Routes::new().act(
        "/incidents/{id}/steps/{step}/findings/{key}",
        Access::Need(Permission::IncidentRead),
        Text::new("Ghi nhận định", "Write a finding"),
        write,
    )
}

/// A text; `version` is the one that was read, 0 when nothing was written yet.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TextForm {
    pub text: Raw,
    pub version: Raw,
}

async fn write(call: Call, form: TextForm) -> Result<Done> {
    let (at, key) = (At::of(&call)?, call.param::<Key>("key")?);
    let mut work = call.work().await?;
    actions::write(&mut work, &at, key, &form).await?;
    let label = key.label();
    let (vi, en) = (&label.vi, &label.en);
    Ok(work.done(at.page(format!("finding-{key}"))).await?.saying(text!("Đã lưu “{vi}”.", "Saved “{en}”.")))
}
