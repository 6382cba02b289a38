//! Acts of custody on screens: the list of an item, the page on which the other side answers a hand-over, what is sent.

use askama::Template;
use axum::body::Body;
use axum::http::header;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::actions::{act as write_act, is_receiver};
use super::form::ActForm;
use super::gate;
use super::store::{self, Photo};
use super::{Act, ActKind, Custody};
use crate::actor::not_allowed;
use crate::evidence::model::EvidenceId;
use crate::evidence::pages::stored_file;
use crate::evidence::store as items;
use crate::evidence::view::Line;
use crate::incident::actions::see;
use crate::incident::{Frame, IncidentId};
use crate::pack::Pack;
use crate::page::Page;
use crate::permission::Permission::{EvidenceAdd, EvidenceRead};
use crate::web::{Call, Done, Most, Upload};
use crate::work::Look;

/// Pictures with one act: how many, and how large each and all of them may be in bytes.
const PHOTOS: Most = Most { files: 10, each: 25 << 20, total: 100 << 20 };
/// The longest act without pictures, in bytes.
const WORDS: usize = 1 << 20;

/// An act with its pictures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ActLine {
    #[serde(flatten)]
    pub act: Act,
    pub photos: Vec<Photo>,
}

impl ActLine {
    /// "Trần Thị Hoa, UBND xã Ba Sao".
    pub fn who(&self) -> String {
        joined(&self.act.person, &self.act.unit)
    }

    /// The other side.
    pub fn to(&self) -> String {
        joined(&self.act.to_person, &self.act.to_unit)
    }

    /// Written down by somebody else than whoever did it, or later than an hour after it.
    pub fn written_later(&self) -> bool {
        self.act.recorded_by != self.act.person
            || self.act.recorded_at > self.act.happened_at.plus(ungcuu_kit::time::HOUR)
    }
}

impl Photo {
    /// Whether a small copy can be asked for.
    pub fn is_picture(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        [".png", ".jpg", ".jpeg", ".gif", ".webp"].iter().any(|ending| name.ends_with(ending))
    }
}

fn joined(person: &str, unit: &str) -> String {
    [person, unit].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Acts with their pictures, the latest first.
pub fn lines(acts: Vec<Act>, photos: Vec<Photo>) -> Vec<ActLine> {
    let line = |act: Act| {
        let photos = photos.iter().filter(|photo| photo.act_id == act.id).cloned().collect();
        ActLine { act, photos }
    };
    acts.into_iter().rev().map(line).collect()
}

/// The codes of the units that the plan names for a function.
pub fn named(pack: &Pack) -> Vec<&str> {
    let functions = pack.functions.iter().flat_map(|function| pack.units_of_function(&function.id));
    functions.map(|unit| unit.id.as_str()).collect()
}

/// What the forms of acts offer.
#[derive(Clone, Debug, Default)]
pub struct Giving {
    /// Units that something can be handed to: identifier and name.
    pub receivers: Vec<(String, String)>,
    /// Names that are offered while typing.
    pub names: Vec<String>,
}

impl Giving {
    /// Reads what is offered; nothing for whoever writes no act down.
    pub async fn new(look: &mut Look, incident: &IncidentId, acts: bool) -> Result<Giving> {
        if !acts {
            return Ok(Giving::default());
        }
        let app = look.app.clone();
        let receivers = store::list_receivers(&mut look.tx, incident, &named(&app.pack), look.now).await?;
        let names = store::list_names(&mut look.tx, incident).await?;
        Ok(Giving {
            receivers: receivers.into_iter().map(|unit| (unit.id.to_string(), unit.name)).collect(),
            names: names.into_iter().map(|(name,)| name).collect(),
        })
    }
}

/// A hand-over, for the side that has to answer it and for those who may read the item.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "evidence/html/handover.html")]
pub struct Handover {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    line: Line,
    /// The act by which it was given; none when nothing is on its way.
    given: Option<ActLine>,
    since: Option<Time>,
    /// What the reader can answer.
    possible: Vec<ActKind>,
    /// The receiver has no account here: their side is written down from the signed paper.
    outside: bool,
    /// Why it cannot be received any more: it was marked more strictly after it was given.
    closed: Option<String>,
    /// Whether the reader may see the item itself.
    reads: bool,
    #[serde(skip)]
    giving: Giving,
}

impl Handover {
    fn came_back(&self, kind: &ActKind) -> bool {
        self.p.form.action.ends_with("/acts") && self.p.form.value("kind") == Some(kind.word())
    }
}

/// `GET …/handover`
pub async fn handover(call: Call) -> Result<Handover> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let item = items::find(&mut look.tx, &incident.id, &call.param("item")?).await?.ok_or(Error::NotFound)?;
    let reads = items::may(&mut look.tx, &look.actor, EvidenceRead, &incident.id).await?;
    let adds = items::may(&mut look.tx, &look.actor, EvidenceAdd, &incident.id).await?;
    let acts = store::list_acts(&mut look.tx, &item.id).await?;
    let custody = Custody::of(&acts);
    let code = item.code();
    let p = Page::new(&call, &mut look, text!("Bàn giao {code}", "Hand-over of {code}")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "evidence").await?;
    let receives = is_receiver(&look.actor, &custody, &frame.units);
    if !reads && !receives {
        return Err(if look.actor.can(EvidenceRead) { not_allowed() } else { Error::NotFound });
    }
    let app = look.app.clone();
    let (mut possible, mut outside) = (Vec::new(), false);
    let closed = gate::still_closed(&mut look.tx, &app.pack, &incident, &frame.units, &item, &custody).await?;
    if let Custody::Pending { to, giver, .. } = &custody {
        if let Some(unit) = &to.unit_id {
            outside = store::is_outside(&mut look.tx, &incident.id, unit).await?;
        }
        let gave = *giver == look.actor.account_id.to_string();
        if (receives && !gave) || (outside && adds) {
            possible.extend([ActKind::Receive, ActKind::Refuse]);
            // A signed paper from before it was marked so is still written down.
            possible.retain(|kind| *kind != ActKind::Receive || settles_late(&closed, outside));
        }
        if adds && (gave || item.kept.holder_unit == look.actor.unit_name) {
            possible.push(ActKind::Withdraw);
        }
    }
    let photos = store::list_photos(&mut look.tx, &item.id).await?;
    let given = acts.iter().rev().find(|act| act.kind == ActKind::HandOver).cloned();
    let given = given.filter(|_| custody.offered().is_some()).and_then(|act| lines(vec![act], photos).pop());
    Ok(Handover {
        since: custody.offered().map(|(_, since)| since),
        given,
        possible,
        outside,
        closed: closed.map(|(why, _)| p.say(&why)),
        reads,
        giving: Giving::default(),
        line: Line::new(item, &app.pack, p.lang),
        p,
        frame,
    })
}

/// Whether something can be received that is closed to its receiver, if it is: only by a paper signed before.
fn settles_late(closed: &Option<(Text, Option<Time>)>, outside: bool) -> bool {
    match closed {
        Some((_, since)) => outside && since.is_some(),
        None => true,
    }
}

/// Writes an act down. A form brings pictures along; a program may send the fields alone as JSON.
pub async fn act(call: Call, body: Body) -> Result<Done> {
    let (id, item) = (call.param::<IncidentId>("id")?, call.param::<EvidenceId>("item")?);
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let (form, photos) = if kind.starts_with("multipart/form-data") {
        let upload = Upload::receive(&call, body, PHOTOS).await?;
        let form: ActForm = upload.words()?;
        let photos = upload.files.into_iter().map(|file| (file.name, stored_file(file.stored, &file.media_type)));
        (form, photos.collect())
    } else {
        (call.read_input::<ActForm>(body, WORDS).await?, Vec::new())
    };
    let mut work = call.work().await?;
    let said = write_act(&mut work, &id, &item, &form, photos).await?;
    let reads = items::may(&mut work.tx, &work.actor, EvidenceRead, &id).await?;
    let place = if reads { format!("/incidents/{id}/evidence/{item}") } else { format!("/incidents/{id}") };
    let Text { vi, en } = said;
    Ok(work.done(place).await?.saying(text!("Đã ghi: {vi}.", "Written down: {en}.")))
}
