//! Classifying an incident: the plan's conditions as boxes, the class that its rule computes, and the word of whoever
//! decides.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::super::change::{self, ClassForm};
use super::super::facts_of_law::{self, LawForm};
use super::super::frame::Frame;
use super::super::model::{Incident, IncidentId};
use super::super::store::lists;
use super::super::words;
use super::facts::see_to_manage;
use crate::deadline::rules::flag_words;
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Call, Done};

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/class.html")]
pub struct ClassView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    incident: Incident,
    /// Id and words of every condition of the plan.
    conditions: Vec<(String, String)>,
    holding: Vec<String>,
    classes: Vec<(String, String)>,
    /// The class that the rule computes from the conditions that hold.
    computed: String,
    basis: String,
    note: String,
    /// The reader decides; otherwise they propose.
    decides: bool,
    /// Somebody decided already, and the reader may not.
    settled: bool,
    /// What rules of the plan ask for, besides the class: flag and words.
    flags: Vec<(String, String)>,
    /// Those that a person said hold.
    flagged: Vec<String>,
    /// Those that hold because a condition of the class does, in words.
    implied: Vec<String>,
}

pub async fn class(call: Call) -> Result<ClassView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = see_to_manage(&mut look, &id).await?;
    let level = match &incident.system_id {
        Some(system) => lists::system(&mut look.tx, system).await?.and_then(|system| system.level),
        None => None,
    };
    let p = Page::new(&call, &mut look, Text::new("Phân loại sự cố", "Classify the incident")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "").await?;
    let decides = look.actor.can(Permission::IncidentDirect);
    let pack = &look.app.pack;
    let rules = &pack.classes;
    let holding = incident.conditions();
    let computed = rules.propose(&holding, level.and_then(|level| u8::try_from(level).ok()));
    let flags = incident.flags();
    let words = |flag: &String| flag_words(flag).get(call.lang).to_owned();
    let note = rules.serious_when.as_ref().and_then(|rule| rule.note.as_ref());
    Ok(ClassView {
        conditions: rules.conditions.iter().map(|it| (it.id.clone(), it.text.get(call.lang).to_owned())).collect(),
        holding,
        classes: words::classes(pack, call.lang),
        computed: computed.map(|class| class.name.get(call.lang).to_owned()).unwrap_or_default(),
        basis: rules.basis.get(call.lang).to_owned(),
        note: note.map(|note| note.get(call.lang).to_owned()).unwrap_or_default(),
        settled: incident.class_decided && !decides,
        flags: facts_of_law::asked_for(pack).into_iter().map(|flag| (flag.clone(), words(&flag))).collect(),
        flagged: flags.iter().filter(|(_, flag)| flag.said).map(|(name, _)| name.clone()).collect(),
        implied: flags.iter().filter(|(_, flag)| !flag.said).map(|(name, _)| words(name)).collect(),
        decides,
        incident,
        frame,
        p,
    })
}

impl ClassView {
    /// The class set by hand; empty while it is the computed one.
    fn chosen(&self) -> &str {
        if self.incident.class_override { &self.incident.class } else { "" }
    }
}

pub async fn save_law(call: Call, form: LawForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    facts_of_law::save(&mut work, &id, &form).await?;
    let said = Text::new("Đã ghi; hạn báo cáo được tính lại.", "Noted; the time limits are reckoned anew.");
    Ok(work.done(format!("/incidents/{id}/class#law")).await?.saying(said))
}

pub async fn save(call: Call, form: ClassForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    change::classify(&mut work, &id, &form).await?;
    let said = match work.actor.can(Permission::IncidentDirect) {
        true => Text::new("Đã quyết định phân loại.", "The class is decided."),
        false => Text::new("Đã đề xuất phân loại.", "The class is proposed."),
    };
    Ok(work.done(format!("/incidents/{id}")).await?.saying(said))
}
