//! What the incident's pages show of intake: the alerts behind it in their reporters' words, and whether one is verified.

use askama::Template;
use futures::FutureExt;
use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::model::{Alert, AlertStatus, source_word};
use super::store::{self, FileOfIncident};
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

/// How many verified alerts stand behind an incident. An incident that someone opened counts as one verified by itself:
/// opening is the officer's word that it is real, with or without an alert before it, and that word is in the journal.
pub fn verified<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    async move {
        let incident = gated.incident;
        let alerts = store::count_verified(tx, &incident.id).await?;
        Ok(if alerts == 0 && !incident.opened_by.is_empty() { 1 } else { alerts })
    }
    .boxed()
}

#[derive(Template)]
#[template(path = "alert/html/_section.html")]
struct Intake<'a> {
    p: &'a Page,
    alerts: Vec<Behind>,
}

/// An alert behind the incident.
struct Behind {
    alert: Alert,
    source: String,
    files: Vec<FileOfIncident>,
    /// Whether the reader may go to the alert itself, with the reporter's name and number.
    open: bool,
}

/// The section `intake`.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    async move {
        let alerts = store::list_of_incident(&mut look.tx, &context.incident.id).await?;
        let files = store::list_files_of_incident(&mut look.tx, &context.incident.id).await?;
        let behind = |alert: Alert| Behind {
            source: source_word(&look.app.pack, &alert.source, context.page.lang),
            files: files.iter().filter(|file| file.alert_id == alert.id).cloned().collect(),
            open: alert.lets(&look.actor, Permission::AlertRead),
            alert,
        };
        let alerts: Vec<Behind> = alerts.into_iter().map(behind).collect();
        let content = serde_json::json!(
            alerts
                .iter()
                .map(|behind| {
                    let alert = &behind.alert;
                    serde_json::json!({
                        "id": alert.id, "code": alert.code, "title": alert.title, "description": alert.description,
                        "source": alert.source, "received_at": alert.received_at, "count": alert.count,
                        "status": alert.status,
                    })
                })
                .collect::<Vec<_>>()
        );
        let html = Intake { p: context.page, alerts }.render().map_err(Error::internal)?;
        Ok(Shown { title: Text::new("Tin báo", "Alerts"), html, content })
    }
    .boxed()
}

impl Behind {
    fn merged(&self) -> bool {
        self.alert.status == AlertStatus::Merged
    }
}
