//! The end of an incident, and its coming back to life.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::Text;

use super::super::actions;
use super::super::frame::Frame;
use super::super::gates;
use super::super::model::{IncidentId, obstacles};
use super::step::ReasonForm;
use crate::page::Page;
use crate::web::{Call, Done};

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/close.html")]
pub struct CloseView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    /// Everything that keeps the incident from being closed.
    missing: Vec<Text>,
}

pub async fn closing(call: Call) -> Result<CloseView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let app = look.app.clone();
    let p = Page::new(&call, &mut look, Text::new("Kết thúc sự cố", "Close the incident")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    let gates = gates::of_all(&mut look.tx, &app.pack, &incident, &frame.steps).await?;
    let missing = obstacles(&app.pack.procedure, &frame.flow(), &gates);
    Ok(CloseView { missing, frame, p })
}

/// The words at the end.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CloseForm {
    words: Raw,
}

pub async fn close(call: Call, form: CloseForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut checks = Checks::new();
    let words = checks.area("words", &form.words);
    checks.done()?;
    let mut work = call.work().await?;
    actions::close(&mut work, &id, &words).await?;
    let said = Text::new("Đã kết thúc sự cố.", "The incident is closed.");
    Ok(work.done(format!("/incidents/{id}")).await?.saying(said))
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/reopen.html")]
pub struct ReopenView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
}

pub async fn reopening(call: Call) -> Result<ReopenView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Mở lại sự cố", "Reopen the incident")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    Ok(ReopenView { frame, p })
}

pub async fn reopen(call: Call, form: ReasonForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let mut work = call.work().await?;
    actions::reopen(&mut work, &id, &reason).await?;
    let said = Text::new("Sự cố lại mở.", "The incident is open again.");
    Ok(work.done(format!("/incidents/{id}")).await?.saying(said))
}
