//! The page of one situation report: live while it is written, frozen once published, and printed for a recipient only
//! when its marking lets it go there.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::situations::facts;
use super::model::{Facts, ItemKind, Situation, SituationId, UnitChoice};
use super::rights::can_add;
use super::sections::unit_choices;
use super::store;
use super::wall::{self, Circle, Level};
use crate::incident::model::{flow_of, standing};
use crate::incident::{Frame, IncidentId, Standing, actions};
use crate::org::UnitId;
use crate::page::Page;
use crate::web::Call;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrintQuery {
    /// The unit that a printed copy is for; refused when the marking does not let it go there.
    to: String,
}

/// A situation report.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "coordination/html/situation.html")]
pub struct SituationView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    situation: Situation,
    /// Frozen when published; as things stand now for a draft.
    facts: Facts,
    /// How far it may go today.
    tlp: String,
    /// The unit the copy is for.
    recipient: Option<String>,
    #[serde(skip)]
    units: Vec<(String, String)>,
    /// The step in which sharing is noted, when the reader may.
    #[serde(skip)]
    sharing: Option<String>,
}

pub async fn page(call: Call) -> Result<SituationView> {
    let (id, situation): (IncidentId, SituationId) = (call.param("id")?, call.param("situation")?);
    let query: PrintQuery = call.query()?;
    let mut look = call.look().await?;
    let incident = actions::see(&mut look, &id).await?;
    let found = store::situations::find(&mut look.tx, &id, &situation).await?.ok_or(Error::NotFound)?;
    let number = found.number;
    let title = text!("Bản tin tình hình số {number}", "Situation report {number}");
    let p = Page::new(&call, &mut look, title).await?;
    let frame = Frame::new(&mut look, &p, &incident, "coordination").await?;
    let app = look.app.clone();
    let now = look.now;
    let facts = match found.frozen() {
        Some(frozen) => frozen,
        None => facts(&mut look.tx, &app.pack, &incident, &found.tlp, now).await?,
    };
    let marked = store::markings::find(&mut look.tx, &id, ItemKind::Situation, situation.as_str()).await?;
    let tlp = marked.map_or_else(|| found.tlp.clone(), |item| item.tlp);
    let all = store::list_units(&mut look.tx, now).await?;
    let circle = |unit: &UnitChoice| {
        let plays = frame.units.iter().any(|playing| playing.unit_id == unit.id);
        Circle::of_unit(unit.outside, plays, false)
    };
    let level = Level::of(&tlp);
    let recipient = match query.to.as_str() {
        "" => None,
        to => Some(recipient(&all, to)?),
    };
    if let Some(unit) = recipient.filter(|unit| !wall::may_reach(level, circle(unit))) {
        return Err(Error::Forbidden(wall::refusal(level, &app.pack.name_text(&unit.name))));
    }
    // Only those it may reach are offered; whoever asks for another is told why not.
    let units: Vec<UnitChoice> = all.iter().filter(|unit| wall::may_reach(level, circle(unit))).cloned().collect();
    let shows = |step: &&crate::pack::Step| {
        let state = flow_of(&frame.steps).state(&step.id);
        let has = standing(&look.actor, &frame.units, step);
        step.sections.iter().any(|section| section == "sharing") && can_add(&incident, state, has, Standing::Supports)
    };
    let sharing = app.pack.procedure.steps.iter().find(shows).map(|step| step.id.clone());
    Ok(SituationView {
        recipient: recipient.map(|unit| unit.name.clone()),
        units: unit_choices(&units, &look.actor.unit_id),
        sharing: sharing.filter(|_| !found.is_draft()),
        situation: found,
        facts,
        tlp,
        p,
        frame,
    })
}

fn recipient<'a>(units: &'a [UnitChoice], typed: &str) -> Result<&'a UnitChoice> {
    let id: UnitId = typed.parse()?;
    units.iter().find(|unit| unit.id == id).ok_or(Error::NotFound)
}

impl SituationView {
    fn item(&self) -> String {
        format!("{}:{}", ItemKind::Situation, self.situation.id)
    }

    fn path(&self) -> String {
        format!("/incidents/{}/situations/{}", self.frame.incident.id, self.situation.id)
    }

    fn share(&self, step: &str) -> String {
        format!("/incidents/{}/steps/{step}/shares", self.frame.incident.id)
    }

    fn text(&self) -> String {
        let (number, code) = (self.situation.number, &self.frame.incident.code);
        let words: Text = text!("Bản tin tình hình số {number}, {code}", "Situation report {number}, {code}");
        self.p.say(&words)
    }
}
