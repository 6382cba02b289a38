//! Reports on a step's page, the gate that waits for an issued one, and the count beside the tab.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::pages::{FormChoice, Line, lines};
use super::{offer, store};
use crate::incident::Incident;
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

#[derive(Template)]
#[template(path = "report/html/section.html")]
struct Documents<'a> {
    p: &'a Page,
    incident: &'a Incident,
    reports: &'a [Line],
    /// Forms that may be begun here.
    forms: Vec<FormChoice>,
}

/// The reports of the forms that this step needs, and a button for each of these forms.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let app = look.app.clone();
        let forms = offer::by_step(&app.pack, context.incident, context.step);
        let may_read = look.actor.can(Permission::ReportRead);
        let may_write =
            context.incident.is_open() && look.actor.can_in(Permission::ReportWrite, &context.incident.unit_id);
        let mut reports = if may_read { store::list(&mut look.tx, &context.incident.id).await? } else { Vec::new() };
        reports.retain(|report| forms.iter().any(|form| form.id == report.form));
        let reports = lines(&app.pack, reports, context.page.lang);
        let offered = if may_write { forms } else { Vec::new() };
        let view = Documents {
            p: context.page,
            incident: context.incident,
            reports: &reports,
            forms: offered.into_iter().map(|form| FormChoice::of(form, context.page.lang)).collect(),
        };
        Ok(Shown {
            title: Text::new("Báo cáo theo mẫu", "Reports on forms"),
            html: view.render().map_err(Error::internal)?,
            content: serde_json::to_value(&reports)?,
        })
    })
}

/// The gate: how many reports of the form stand issued.
pub fn count_issued<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count_issued(tx, &gated.incident.id, gated.key))
}

/// The tab: how many there are.
pub fn count_reports<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move { store::count(tx, &incident.id).await })
}
