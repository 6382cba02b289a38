//! Writes an act of custody down: may they, is it possible now, store, tell. Also in a closed incident: things change hands
//! long after it.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

use super::form::{ActForm, Typed};
use super::gate;
use super::store::{self, Photo};
use super::{Act, ActKind, Custody, CustodyActId, CustodyPhotoId};
use crate::actor::{Actor, not_allowed};
use crate::auth::AccountId;
use crate::evidence::model::{Evidence, EvidenceId, StoredFile};
use crate::evidence::store as items;
use crate::incident::actions::{Taken, record, take_any};
use crate::incident::model::IncidentUnit;
use crate::incident::{IncidentId, timeline};
use crate::notify;
use crate::pack::Pack;
use crate::permission::Permission::EvidenceAdd;
use crate::work::Work;

/// An item taken for an act, with all that was done with it before.
pub struct Held {
    pub taken: Taken,
    pub item: Evidence,
    pub acts: Vec<Act>,
    pub custody: Custody,
}

/// Takes an item, behind the claim of its incident, so that two acts at once come one after the other.
pub async fn take_item(work: &mut Work, incident: &IncidentId, id: &EvidenceId) -> Result<Held> {
    let taken = take_any(work, incident).await?;
    let item = items::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    let acts = store::list_acts(&mut work.tx, id).await?;
    let custody = Custody::of(&acts);
    Ok(Held { taken, item, acts, custody })
}

/// Writes down what was done with an item, with pictures of it.
pub async fn act(
    work: &mut Work,
    incident: &IncidentId,
    id: &EvidenceId,
    form: &ActForm,
    photos: Vec<(String, StoredFile)>,
) -> Result<Text> {
    let held = take_item(work, incident, id).await?;
    may(work, &held, form.kind.as_str().parse().ok()).await?;
    // A hand-over that was on its way when the item was declared void still ends.
    if held.custody.offered().is_none() {
        refuse_void(&held.item)?;
    }
    let mut checks = Checks::new();
    let seen = match form.seen.is_empty() {
        true => held.item.kept.acts,
        false => checks.number("seen", &form.seen, 0, i64::MAX),
    };
    let last = held.acts.last().map(|act| act.happened_at);
    let typed = form.typed(&work.actor.name, work.now, last, &mut checks);
    let outside = settles_for_outside(work, &held, form, &photos, &mut checks).await?;
    if let Some(typed) = &typed {
        gate::ask_before_giving(work, &held, typed, &mut checks).await?;
    }
    checks.done()?;
    let Some(mut typed) = typed else { return Err(Error::field("kind", ungcuu_kit::form::empty())) };
    if seen != held.item.kept.acts {
        return Err(Error::not_now(
            "Vừa có người ghi thêm việc với chứng cứ này. Hãy xem lại rồi ghi tiếp.",
            "Somebody has just written down another act with this item. Look again, then go on.",
        ));
    }
    if typed.kind == ActKind::Destroy {
        return Err(Error::not_now(
            "Tiêu huỷ phải có đề nghị và người thứ hai đồng ý; hãy dùng mục tiêu huỷ.",
            "Destroying needs a proposal and a second person's word; use its own form.",
        ));
    }
    if typed.kind == ActKind::Receive {
        gate::ask_before_receiving(work, &held, &typed, outside.is_some()).await?;
    }
    if let Some(name) = outside {
        typed.person = name;
    }
    let act = written(work, &held, typed).await?;
    write(work, held, act, photos).await
}

/// Writes an act down that was found to be allowed, and says it.
pub async fn write(work: &mut Work, held: Held, act: Act, photos: Vec<(String, StoredFile)>) -> Result<Text> {
    let after = held.custody.after(&act).map_err(Error::NotNow)?;
    let (incident, item) = (held.taken.incident.id.clone(), &held.item);
    let mut rows = vec![("evidence", item.id.to_string()), ("custody_acts", act.id.to_string())];
    store::insert_acts(&mut work.tx, &incident, &[(item.id.clone(), act.clone())]).await?;
    rows.extend(keep_photos(work, &incident, &item.id, &act.id, photos).await?);
    store::save_custody(&mut work.tx, &item.id, &after, act.number).await?;
    let (code, name) = (item.code(), &item.name);
    let mut said = sentence(&work.app.pack, &act);
    if act.kind == ActKind::HandOver {
        let level = gate::level_of(&mut work.tx, &held.taken.incident, &held.item).await?.0.label().vi;
        said = Text::owned(format!("{}; {level}", said.vi), format!("{}; {level}", said.en));
    }
    let Text { vi, en } = &said;
    let what = text!("{code} ({name}): {vi}", "{code} ({name}): {en}");
    if act.kind != ActKind::Copy {
        rows.push(timeline::note(work, &incident, "evidence", what.clone()).await?);
    }
    record(work, &incident, act_name(act.kind), what.clone(), &rows);
    tell(work, &held, &act, &what).await?;
    Ok(said)
}

/// The first act of items that are added now: whoever collected them holds them.
pub fn first_acts(work: &Work, entered: &[Evidence]) -> Vec<(EvidenceId, Act)> {
    let first = |item: &Evidence| {
        let act = Act {
            id: CustodyActId::new(&work.app.chance, work.now),
            number: 1,
            kind: ActKind::Collect,
            happened_at: item.collected_at.unwrap_or(work.now),
            recorded_at: work.now,
            recorded_by: work.actor.name.clone(),
            recorder_id: work.actor.account_id.to_string(),
            person: item.kept.holder.clone(),
            unit: item.kept.holder_unit.clone(),
            to_person: String::new(),
            to_person_id: None,
            to_unit: String::new(),
            to_unit_id: None,
            reason: String::new(),
            seal: String::new(),
            place: item.source.clone(),
        };
        (item.id.clone(), act)
    };
    entered.iter().map(first).collect()
}

/// The act of an examination that begins now.
pub fn examined(work: &Work, held: &Held, reason: &str) -> Act {
    Act {
        id: CustodyActId::new(&work.app.chance, work.now),
        number: held.item.kept.acts + 1,
        kind: ActKind::Examine,
        happened_at: work.now,
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
        recorder_id: work.actor.account_id.to_string(),
        person: work.actor.name.clone(),
        unit: work.actor.unit_name.clone(),
        to_person: String::new(),
        to_person_id: None,
        to_unit: String::new(),
        to_unit_id: None,
        reason: reason.to_owned(),
        seal: String::new(),
        place: String::new(),
    }
}

/// Whether the actor is the one something is being handed to: by name, or as one of the unit's people.
pub fn is_receiver(actor: &Actor, held: &Custody, units: &[IncidentUnit]) -> bool {
    let Some((to, _)) = held.offered() else { return false };
    if let Some(person) = &to.person_id {
        return *person == actor.person_id;
    }
    let Some(unit) = &to.unit_id else { return false };
    let plays = |playing: &IncidentUnit| {
        playing.unit_id == *unit && actor.function_scope(&playing.function).units.contains(unit)
    };
    actor.unit_id == *unit || units.iter().any(plays)
}

/// Whether a thing is in the hands of another unit. Who works for the whole locality speaks for every unit in it, also for
/// one that was renamed or merged since.
pub fn is_elsewhere(actor: &Actor, item: &Evidence, unit: &str) -> bool {
    !item.is_file() && !unit.is_empty() && unit != actor.unit_name && !actor.scope(EvidenceAdd).everywhere
}

/// Who may do which act: the receiving side answers a hand-over, the side that holds a thing does the rest.
async fn may(work: &mut Work, held: &Held, kind: Option<ActKind>) -> Result<()> {
    let receives = is_receiver(&work.actor, &held.custody, &held.taken.units);
    let adds = items::may(&mut work.tx, &work.actor, EvidenceAdd, &held.taken.incident.id).await?;
    let Custody::Pending { giver, to, .. } = &held.custody else {
        return match (adds, held.custody.answers()) {
            (false, _) => Err(not_allowed()),
            // A file can be worked on by everyone who may; a thing is in somebody's hands.
            (true, Some(by)) if is_elsewhere(&work.actor, &held.item, &by.unit) => {
                let unit = &by.unit;
                Err(Error::Forbidden(text!(
                    "Vật chứng đang do {unit} giữ. Hãy nhận bàn giao trước rồi mới ghi việc khác.",
                    "The object is held by {unit}. Take it over first, then write down other acts."
                )))
            }
            (true, _) => Ok(()),
        };
    };
    let given_by_me = *giver == work.actor.account_id.to_string();
    let outside = match &to.unit_id {
        Some(unit) => store::is_outside(&mut work.tx, &held.taken.incident.id, unit).await?,
        None => false,
    };
    let allowed = match kind {
        Some(ActKind::Withdraw) => adds && (given_by_me || held.item.kept.holder_unit == work.actor.unit_name),
        Some(ActKind::Receive | ActKind::Refuse) if outside => adds || receives,
        Some(ActKind::Receive | ActKind::Refuse) if given_by_me => {
            return Err(Error::forbidden(
                "Bạn là bên giao; phải để bên nhận xác nhận.",
                "You are the side that gives; the other side has to answer.",
            ));
        }
        Some(ActKind::Receive | ActKind::Refuse) => receives,
        _ => adds || receives,
    };
    if allowed { Ok(()) } else { Err(not_allowed()) }
}

/// The people of a unit outside the incident cannot answer here: its word is written down by the giving side, who name whoever signed and hand in the
/// signed paper. Says the name.
async fn settles_for_outside(
    work: &mut Work,
    held: &Held,
    form: &ActForm,
    photos: &[(String, StoredFile)],
    checks: &mut Checks,
) -> Result<Option<String>> {
    let kind: Option<ActKind> = form.kind.as_str().parse().ok();
    let Some((to, _)) = held.custody.offered() else { return Ok(None) };
    let Some(unit) = &to.unit_id else { return Ok(None) };
    let answers = matches!(kind, Some(ActKind::Receive | ActKind::Refuse));
    // Whoever can open the page and is of the receiving unit answers for it as usual.
    let themselves = work.actor.unit_id == *unit;
    if !answers || themselves || !store::is_outside(&mut work.tx, &held.taken.incident.id, unit).await? {
        return Ok(None);
    }
    let name = checks.line("person", &form.person);
    if photos.is_empty() {
        let words = Text::new(
            "Bên nhận không tham gia trong hệ thống: hãy gửi kèm ảnh biên bản đã ký.",
            "The receiver does not take part here: send a picture of the signed record along.",
        );
        checks.refuse("photos", words);
    }
    Ok(Some(name))
}

/// The act as it will stand, with the other side looked up.
async fn written(work: &mut Work, held: &Held, typed: Typed) -> Result<Act> {
    let mut act = Act {
        id: CustodyActId::new(&work.app.chance, work.now),
        number: held.item.kept.acts + 1,
        kind: typed.kind,
        happened_at: typed.happened_at,
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
        recorder_id: work.actor.account_id.to_string(),
        person: typed.person,
        unit: work.actor.unit_name.clone(),
        to_person: typed.to_person,
        to_person_id: None,
        to_unit: String::new(),
        to_unit_id: None,
        reason: typed.reason,
        seal: typed.seal,
        place: typed.place,
    };
    if let Some(unit) = typed.to_unit {
        let app = work.app.clone();
        let codes = super::pages::named(&app.pack);
        let receivers = store::list_receivers(&mut work.tx, &held.taken.incident.id, &codes, work.now).await?;
        let receiver = receivers.into_iter().find(|receiver| receiver.id == unit);
        let receiver = receiver.ok_or_else(|| Error::field("to_unit", ungcuu_kit::form::unknown()))?;
        if !act.to_person.is_empty() {
            act.to_person_id = store::find_person(&mut work.tx, &receiver.id, &act.to_person).await?;
        }
        if act.to_person_id.as_ref().is_some_and(|person| *person == work.actor.person_id) {
            let words = Text::new(
                "Bạn đang tự giao cho mình. Hãy chọn người nhận khác.",
                "You would be handing it to yourself. Choose somebody else.",
            );
            return Err(Error::field("to_person", words));
        }
        (act.to_unit, act.to_unit_id) = (receiver.name, Some(receiver.id));
    }
    if let (ActKind::Receive, Custody::Pending { to, .. }) = (act.kind, &held.custody) {
        act.unit.clone_from(&to.unit);
    }
    Ok(act)
}

async fn keep_photos(
    work: &mut Work,
    incident: &IncidentId,
    item: &EvidenceId,
    act: &CustodyActId,
    photos: Vec<(String, StoredFile)>,
) -> Result<Vec<(&'static str, String)>> {
    let files: Vec<StoredFile> = photos.iter().map(|(_, file)| file.clone()).collect();
    items::insert_files(&mut work.tx, &files, work.now).await?;
    let chance = work.app.chance.clone();
    let photo = |(name, file): (String, StoredFile)| Photo {
        id: CustodyPhotoId::new(&chance, work.now),
        act_id: act.clone(),
        file_id: file.sha256,
        name,
        size: file.size,
    };
    let photos: Vec<Photo> = photos.into_iter().map(photo).collect();
    store::insert_photos(&mut work.tx, incident, item, &photos).await?;
    let mut rows: Vec<(&'static str, String)> = files.into_iter().map(|file| ("files", file.sha256)).collect();
    rows.sort();
    rows.dedup();
    rows.extend(photos.into_iter().map(|photo| ("custody_photos", photo.id.to_string())));
    Ok(rows)
}

/// Tells whom a hand-over is to, and the giver how it was answered.
async fn tell(work: &mut Work, held: &Held, act: &Act, what: &Text) -> Result<()> {
    let here = format!("/incidents/{}/evidence/{}", held.taken.incident.id, held.item.id);
    match (act.kind, &held.custody) {
        (ActKind::HandOver, _) => {
            let url = format!("{here}/handover");
            match (&act.to_person_id, &act.to_unit_id) {
                (Some(person), _) => notify::tell_person(work, person, what, &url).await,
                // Who cannot open the page hears of it from the paper.
                (None, Some(unit)) if store::is_outside(&mut work.tx, &held.taken.incident.id, unit).await? => Ok(()),
                (None, Some(unit)) => notify::tell_unit(work, unit, what, &url).await,
                (None, None) => Ok(()),
            }
        }
        (ActKind::Receive | ActKind::Refuse, Custody::Pending { giver, .. }) => {
            notify::tell_account(work, &AccountId(giver.clone()), what, &here).await
        }
        _ => Ok(()),
    }
}

/// What was done, in a sentence for the timeline and the journal.
pub fn sentence(pack: &Pack, act: &Act) -> Text {
    let joined = |person: &str, unit: &str| {
        [person, unit].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let side = |person: &str, unit: &str, lang: Lang| joined(person, pack.named(unit, lang));
    let Text { vi, en } = act.kind.label();
    let (who_vi, who_en) = (side(&act.person, &act.unit, Lang::Vi), side(&act.person, &act.unit, Lang::En));
    let (to_vi, to_en) = (side(&act.to_person, &act.to_unit, Lang::Vi), side(&act.to_person, &act.to_unit, Lang::En));
    let mut said = text!("{vi} – {who_vi}", "{en} – {who_en}");
    let mut more = |vi: String, en: String| {
        said = Text::owned(format!("{}{vi}", said.vi), format!("{}{en}", said.en));
    };
    if !to_vi.is_empty() {
        more(format!(" → {to_vi}"), format!(" → {to_en}"));
    }
    if !act.seal.is_empty() {
        more(format!("; niêm phong số {}", act.seal), format!("; seal no. {}", act.seal));
    }
    if !act.reason.is_empty() {
        more(format!("; {}", act.reason), format!("; {}", act.reason));
    }
    said
}

fn act_name(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Collect => "evidence.collected",
        ActKind::Seal => "evidence.sealed",
        ActKind::Unseal => "evidence.unsealed",
        ActKind::Copy => "evidence.copied",
        ActKind::Examine => "evidence.examined",
        ActKind::HandOver => "evidence.handed_over",
        ActKind::Receive => "evidence.received",
        ActKind::Refuse => "evidence.refused",
        ActKind::Withdraw => "evidence.withdrawn",
        ActKind::Return => "evidence.returned",
        ActKind::Destroy => "evidence.destroyed",
    }
}

/// Nothing is done any more with what does not count, but that it may be destroyed.
fn refuse_void(item: &Evidence) -> Result<()> {
    if !item.is_void() {
        return Ok(());
    }
    Err(Error::not_now("Chứng cứ này đã bị loại.", "This item was declared void."))
}
