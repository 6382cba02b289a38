//! The page of an item: what is known, who had it when, how it was checked, how it ends.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::picture::Picture;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::custody::actions::is_elsewhere;
use super::custody::pages::{ActLine, Giving, lines};
use super::custody::{self, ActKind, Custody, CustodyState};
use super::model::step_to_add;
use super::pages::readable_item;
use super::recheck::{self, Check};
use super::view::{Line, Offer};
use super::{retention, sight, store};
use crate::incident::Frame;
use crate::incident::model::flow_of;
use crate::journal::{Entry, incident_stream};
use crate::page::Page;
use crate::permission::Permission::EvidenceAdd;
use crate::sensor::{self, Examinations};
use crate::web::Call;
use crate::work::Look;

/// How many checks the page shows.
const CHECKS: i64 = 10;

/// The page of an item.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/detail.html")]
pub struct Detail {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    line: Line,
    /// Whether the reader may correct it now.
    may_add: bool,
    /// The acts of custody, the latest first.
    acts: Vec<ActLine>,
    /// The acts that the reader can write down now.
    possible: Vec<ActKind>,
    #[serde(skip)]
    giving: Giving,
    /// Each time the file was read again, the latest first.
    checks: Vec<Check>,
    /// What the picture says about itself, for what that is worth.
    picture: Option<Picture>,
    #[serde(skip)]
    has_small: bool,
    /// When it may be destroyed; none while its incident is open and for what is kept for good.
    keep_until: Option<Time>,
    /// For how many years the plan keeps this kind.
    keep_years: Option<i64>,
    /// Whether the reader may lay holds and speak about its end.
    may_end: bool,
    /// The reader made the proposal themselves, so that somebody else has to agree.
    proposed_by_me: bool,
    #[serde(skip)]
    offer: Offer,
    #[serde(skip)]
    renewal: Offer,
    /// What was examined of it, and with what it can be.
    examinations: Examinations,
    history: Vec<Entry>,
}

impl Detail {
    /// Whether its time of keeping is over, or it need not be kept.
    fn is_due(&self) -> bool {
        self.line.item.is_void() || self.keep_until.is_some_and(|until| until <= self.p.now)
    }

    /// A form of `_act.html` is open when it came back with an error.
    fn came_back(&self, kind: &ActKind) -> bool {
        self.p.form.action.ends_with("/acts") && self.p.form.value("kind") == Some(kind.word())
    }
}

pub async fn detail(call: Call) -> Result<Detail> {
    let mut look = call.look().await?;
    let (_, item) = readable_item(&mut look, &call).await?;
    drop(look);
    // Looking at a picture for the first time takes as long as its process needs; no transaction waits for it.
    let seen = sight::picture::seen(&call.app, &item).await?;
    let mut look = call.look().await?;
    let (incident, item) = readable_item(&mut look, &call).await?;
    let (code, name) = (item.code(), &item.name);
    let p = Page::new(&call, &mut look, Text::same(format!("{code} {name}"))).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let stream = incident_stream(incident.id.as_str());
    let offer = Offer::new(&mut look, &p, &incident).await?;
    let app = look.app.clone();
    let acts = custody::store::list_acts(&mut look.tx, &item.id).await?;
    let photos = custody::store::list_photos(&mut look.tx, &item.id).await?;
    let custody = Custody::of(&acts);
    let adds = store::may(&mut look.tx, &look.actor, EvidenceAdd, &incident.id).await?;
    let may_end = adds && !item.is_destroyed();
    let adds = adds && !item.is_void();
    let elsewhere = is_elsewhere(&look.actor, &item, &item.kept.holder_unit);
    let may_act = adds && !elsewhere && item.kept.custody != CustodyState::Pending;
    let has_small = seen.as_ref().is_some_and(|seen| !seen.small.is_empty());
    let mut line = [Line::new(item.clone(), &app.pack, p.lang)];
    Line::mark(&mut look.tx, &mut line).await?;
    let [line] = line;
    let may_examine = may_add(&mut look, &frame).await?;
    Ok(Detail {
        examinations: sensor::of_item(&mut look, &p, &item, may_examine).await?,
        may_add: may_examine && !item.is_void(),
        possible: if may_act { custody.possible() } else { Vec::new() },
        giving: Giving::new(&mut look, &incident.id, adds).await?,
        acts: lines(acts, photos),
        checks: recheck::store::list(&mut look.tx, &item.id, CHECKS).await?,
        picture: seen.map(|seen| seen.picture).filter(|picture| !picture.format.is_empty()),
        has_small,
        keep_until: retention::keep_until(&app.pack, &item, &incident),
        keep_years: retention::years(&app.pack, &item.kind),
        may_end,
        proposed_by_me: item.ending.disposal_account == look.actor.account_id.to_string(),
        renewal: Offer { replaces: item.id.to_string(), ..offer.clone() },
        offer,
        history: store::list_history(&mut look.tx, &stream, &item.id).await?,
        line,
        p,
        frame,
    })
}

/// Whether the reader may add to the incident now.
pub(super) async fn may_add(look: &mut Look, frame: &Frame) -> Result<bool> {
    if !frame.incident.is_open() || !look.actor.can(EvidenceAdd) {
        return Ok(false);
    }
    let app = look.app.clone();
    let step = step_to_add(&look.actor, &app.pack.procedure, &frame.units, &flow_of(&frame.steps), "evidence");
    Ok(step.is_some() && store::may(&mut look.tx, &look.actor, EvidenceAdd, &frame.incident.id).await?)
}
