//! The tab of the incident: everything decided and said, on one page.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::SECTIONS;
use crate::incident::flow::StepState;
use crate::incident::model::{Incident, IncidentUnit, StepRow, standing};
use crate::incident::section::{Section, SectionContext, Shown};
use crate::incident::{Frame, IncidentId, Standing, actions};
use crate::pack::{Procedure, Step};
use crate::page::Page;
use crate::web::Call;
use crate::work::Look;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "coordination/html/tab.html")]
pub struct TabView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    sections: Vec<Part>,
}

/// A section and the step it belongs to.
#[derive(Serialize, JsonSchema)]
struct Part {
    section: String,
    step: String,
    /// As printed: "4".
    number: String,
    #[serde(flatten)]
    shown: Shown,
}

/// Shows every section whose step has been reached.
pub async fn tab(call: Call) -> Result<TabView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Phối hợp", "Coordination")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "coordination").await?;
    let app = look.app.clone();
    let mut sections = Vec::new();
    for section in SECTIONS {
        let has = |step: &Step| standing(&look.actor, &frame.units, step);
        let Some((step, row)) = where_shown(&app.pack.procedure, &frame.steps, section.kind, has) else { continue };
        let shown = show(&mut look, &p, &incident, &frame.units, section, step, row).await?;
        let (section, number) = (section.kind.to_owned(), step.number.clone());
        sections.push(Part { section, step: step.id.clone(), number, shown });
    }
    Ok(TabView { p, frame, sections })
}

async fn show(
    look: &mut Look,
    p: &Page,
    incident: &Incident,
    units: &[IncidentUnit],
    section: Section,
    step: &Step,
    row: &StepRow,
) -> Result<Shown> {
    let standing = standing(&look.actor, units, step);
    let may_work = incident.is_open() && row.state == StepState::Open && standing >= Standing::Supports;
    let context = SectionContext { page: p, incident, step, row, key: "", standing, may_work };
    (section.show)(look, &context).await
}

/// The step in which a section is shown: of those open now the one in which the reader may do most, else the last one
/// reached.
fn where_shown<'a>(
    procedure: &'a Procedure,
    rows: &'a [StepRow],
    kind: &str,
    has: impl Fn(&Step) -> Standing,
) -> Option<(&'a Step, &'a StepRow)> {
    let showing = procedure.steps.iter().filter(|step| step.sections.iter().any(|section| section == kind));
    let reached: Vec<(&Step, &StepRow)> = showing
        .filter_map(|step| {
            let row = rows.iter().filter(|row| row.step == step.id).max_by_key(|row| row.round)?;
            (row.state != StepState::Waiting).then_some((step, row))
        })
        .collect();
    // The last of equals is the maximum, so the first step comes last.
    let open = reached.iter().rev().filter(|(_, row)| row.state == StepState::Open);
    open.max_by_key(|(step, _)| has(step)).or(reached.last()).copied()
}
