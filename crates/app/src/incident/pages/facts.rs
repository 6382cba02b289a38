//! The facts of an incident as a form, and the correction of when it was detected.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text};

use super::super::actions;
use super::super::change::{self, DetectedForm, FactsForm};
use super::super::frame::Frame;
use super::super::model::{Incident, IncidentId, may_manage};
use super::super::store::{self, lists};
use super::super::words;
use crate::actor::not_allowed;
use crate::page::Page;
use crate::web::{Call, Done};
use crate::work::Look;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/edit.html")]
pub struct EditView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    incident: Incident,
    #[serde(skip)]
    scenarios: Vec<(String, String)>,
    #[serde(skip)]
    severities: Vec<(String, String)>,
    #[serde(skip)]
    tlps: Vec<(String, String)>,
    #[serde(skip)]
    people: Vec<(String, String)>,
}

impl EditView {
    fn commander(&self) -> String {
        self.incident.commander_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// An open incident whose facts the reader may change; for the pages that hold the forms.
pub async fn see_to_manage(look: &mut Look, id: &IncidentId) -> Result<Incident> {
    let incident = actions::see(look, id).await?;
    let units = store::list_units(&mut look.tx, id).await?;
    if may_manage(&look.actor, &units, &look.app.pack.procedure) { Ok(incident) } else { Err(not_allowed()) }
}

pub async fn edit(call: Call) -> Result<EditView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = see_to_manage(&mut look, &id).await?;
    let mut people = people_choices(&mut look, call.lang).await?;
    let p = Page::new(&call, &mut look, Text::new("Sửa thông tin sự cố", "Change the facts")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    if let Some(commander) = &incident.commander_id
        && !people.iter().any(|(person, _)| person == commander.as_str())
    {
        // Someone who has left still stands as commander until another is named.
        people.insert(0, (commander.to_string(), frame.commander_name.clone()));
    }
    let pack = &look.app.pack;
    Ok(EditView {
        scenarios: words::scenarios(pack, call.lang),
        severities: words::severities(pack, call.lang),
        tlps: words::tlps(pack, call.lang),
        people,
        incident,
        frame,
        p,
    })
}

/// People at work as choices: id, name and unit.
pub async fn people_choices(look: &mut Look, lang: Lang) -> Result<Vec<(String, String)>> {
    let people = lists::people(&mut look.tx).await?;
    let pack = &look.app.pack;
    let choice = |name: String, unit: &str| format!("{name} – {}", pack.named(unit, lang));
    Ok(people.into_iter().map(|it| (it.id.to_string(), choice(it.name, &it.unit_name))).collect())
}

pub async fn save(call: Call, form: FactsForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    change::edit(&mut work, &id, &form).await?;
    let said = Text::new("Đã lưu thông tin sự cố.", "The facts are saved.");
    Ok(work.done(format!("/incidents/{id}")).await?.saying(said))
}

pub async fn redate(call: Call, form: DetectedForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    change::redate(&mut work, &id, &form).await?;
    let said = Text::new("Đã sửa giờ phát hiện.", "The time of detection is corrected.");
    Ok(work.done(format!("/incidents/{id}")).await?.saying(said))
}
