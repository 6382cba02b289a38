//! Who and what an incident touches, on one page: systems, units, people.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::super::actions;
use super::super::frame::Frame;
use super::super::model::{Incident, IncidentId, PartId};
use super::super::store::lists;
use super::super::store::touched::{self, DrawnPerson, PlayingUnit, TouchedSystem};
use super::super::touch::{self, HandOverForm, PersonForm, SystemForm, UnitForm};
use super::super::words;
use super::facts::people_choices;
use super::step::NoForm;
use crate::actor::Scope;
use crate::page::Page;
use crate::web::{Call, Done};
use crate::work::Work;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/parts.html")]
pub struct PartsView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    incident: Incident,
    systems: Vec<TouchedSystem>,
    units: Vec<PlayingUnit>,
    people: Vec<DrawnPerson>,
    #[serde(skip)]
    functions: Vec<(String, String)>,
    #[serde(skip)]
    related: String,
    /// Functions that can be given to another unit.
    #[serde(skip)]
    movable: Vec<String>,
    #[serde(skip)]
    all_systems: Vec<(String, String)>,
    #[serde(skip)]
    all_units: Vec<(String, String)>,
    #[serde(skip)]
    all_people: Vec<(String, String)>,
}

pub async fn parts(call: Call) -> Result<PartsView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let p =
        Page::new(&call, &mut look, Text::new("Hệ thống, đơn vị, người tham gia", "Systems, units, people")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    let systems = touched::list_systems(&mut look.tx, &id).await?;
    let units = touched::list_playing(&mut look.tx, &id).await?;
    let people = touched::list_people(&mut look.tx, &id).await?;
    let (mut all_systems, mut all_units, mut all_people) = (Vec::new(), Vec::new(), Vec::new());
    if frame.manages {
        // An incident spreads over systems of any unit.
        let everywhere = Scope { everywhere: true, ..Scope::default() };
        let found = lists::systems(&mut look.tx, &everywhere).await?;
        all_systems = found.into_iter().map(|it| (it.id.to_string(), format!("{} ({})", it.name, it.code))).collect();
        let found = lists::all_units(&mut look.tx).await?;
        all_units = found.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        all_people = people_choices(&mut look, call.lang).await?;
    }
    let pack = &look.app.pack;
    let functions = units.iter().map(|unit| (unit.function.clone(), words::function(pack, &unit.function, call.lang)));
    Ok(PartsView {
        functions: functions.collect(),
        movable: units
            .iter()
            .map(|unit| unit.function.clone())
            .filter(|function| touch::can_change_hands(pack, function))
            .collect(),
        related: touch::related(pack).unwrap_or_default().to_owned(),
        all_systems,
        all_units,
        all_people,
        systems,
        units,
        people,
        incident,
        frame,
        p,
    })
}

impl PartsView {
    /// The function a unit plays; nothing where the function is the unit itself.
    fn part_of<'a>(&'a self, unit: &'a PlayingUnit) -> &'a str {
        let known = self.functions.iter().find(|(function, _)| *function == unit.function);
        let name = known.map_or(unit.function.as_str(), |(_, name)| name);
        if name == self.p.named(&unit.unit_name) { "" } else { name }
    }

    fn action(&self, of: &str) -> String {
        format!("/incidents/{}/{of}", self.incident.id)
    }

    fn removal(&self, of: &str, part: &PartId) -> String {
        format!("/incidents/{}/{of}/{part}/remove", self.incident.id)
    }

    fn hand_over(&self, part: &PartId) -> String {
        format!("/incidents/{}/units/{part}/hand-over", self.incident.id)
    }

    fn is_main(&self, system: &TouchedSystem) -> bool {
        self.incident.system_id.as_ref() == Some(&system.system_id)
    }

    fn is_commander(&self, person: &DrawnPerson) -> bool {
        self.incident.commander_id.as_ref() == Some(&person.person_id)
    }
}

async fn back(work: Work, id: &IncidentId, vi: &'static str, en: &'static str) -> Result<Done> {
    Ok(work.done(format!("/incidents/{id}/parts")).await?.saying(Text::new(vi, en)))
}

pub async fn put_system(call: Call, form: SystemForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::put_system(&mut work, &id, &form).await?;
    back(work, &id, "Đã ghi hệ thống bị ảnh hưởng.", "The system is noted.").await
}

pub async fn remove_system(call: Call, _: NoForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::remove_system(&mut work, &id, &call.param("part")?).await?;
    back(work, &id, "Đã bỏ hệ thống khỏi sự cố.", "The system is taken out.").await
}

pub async fn add_unit(call: Call, form: UnitForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::add_unit(&mut work, &id, &form).await?;
    back(work, &id, "Đã thêm đơn vị liên quan.", "The unit takes part now.").await
}

pub async fn hand_over(call: Call, form: HandOverForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::hand_over(&mut work, &id, &call.param("part")?, &form).await?;
    back(work, &id, "Đã giao cho đơn vị khác.", "The other unit has it now.").await
}

pub async fn remove_unit(call: Call, _: NoForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::remove_unit(&mut work, &id, &call.param("part")?).await?;
    back(work, &id, "Đã bỏ đơn vị liên quan.", "The unit is taken out.").await
}

pub async fn put_person(call: Call, form: PersonForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::put_person(&mut work, &id, &form).await?;
    back(work, &id, "Đã mời người tham gia.", "The person is drawn in.").await
}

pub async fn remove_person(call: Call, _: NoForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    touch::remove_person(&mut work, &id, &call.param("part")?).await?;
    back(work, &id, "Đã bỏ người khỏi sự cố.", "The person is taken out.").await
}
