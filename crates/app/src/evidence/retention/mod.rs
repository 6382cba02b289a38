//! How long evidence is kept and how it ends. The plan says for how many years each kind is kept, counted from the closing
//! of its incident; a legal hold keeps it longer. What was declared void need not be kept (a file of somebody else's, sent
//! by mistake) and may go at once. Whatever is destroyed needs the words of two people; the row and the hash stay for good.

pub(super) mod pages;
pub(super) mod store;
pub(super) mod waiting;

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::custody::actions::{Held, take_item, write};
use super::custody::{Act, ActKind, Custody, CustodyActId, CustodyState};
use super::model::{Evidence, EvidenceId};
use super::store as items;
use crate::actor::not_allowed;
use crate::incident::actions::record;
use crate::incident::{Incident, IncidentId, timeline};
use crate::pack::Pack;
use crate::permission::Permission::EvidenceAdd;
use crate::work::Work;

/// Why something is held, released, to be destroyed, or not.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReasonForm {
    pub reason: Raw,
}

/// For how many years a kind of evidence is kept; none when for good.
pub fn years(pack: &Pack, kind: &str) -> Option<i64> {
    pack.lists.item("evidence_kinds", kind).and_then(|kind| kind.keep_years)
}

/// So many years before a moment, by the calendar.
pub fn years_before(now: Time, years: i64) -> Time {
    shifted(now, -years)
}

/// When an item may be destroyed: some years after its incident was closed. None while the incident is open, and for kinds
/// that are kept for good.
pub fn keep_until(pack: &Pack, item: &Evidence, incident: &Incident) -> Option<Time> {
    let closed = incident.closed_at.filter(|_| !incident.is_open())?;
    Some(shifted(closed, years(pack, &item.kind)?))
}

fn shifted(moment: Time, years: i64) -> Time {
    let span = jiff::Span::new().try_years(years).unwrap_or_default();
    let there = moment.local().checked_add(span);
    there.map_or(moment, |there| Time(there.timestamp().as_microsecond()))
}

/// Lays a legal hold on an item: nothing is destroyed until it is lifted.
pub async fn hold(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &ReasonForm) -> Result<()> {
    let held = take_to_end(work, incident, id).await?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    if held.item.is_held() {
        return Err(Error::not_now("Chứng cứ này đang được lệnh giữ.", "This item is under a hold already."));
    }
    let by = work.actor.name.clone();
    store::save_hold(&mut work.tx, id, &reason, &by, Some(work.now)).await?;
    let code = held.item.code();
    let what =
        text!("Giữ lại {code}, không được tiêu huỷ: {reason}", "Put {code} on hold, not to be destroyed: {reason}");
    noted(work, incident, id, "evidence.held", what).await
}

/// Lifts the hold.
pub async fn release(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &ReasonForm) -> Result<()> {
    let held = take_to_end(work, incident, id).await?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    if !held.item.is_held() {
        return Err(Error::not_now("Chứng cứ này không có lệnh giữ.", "There is no hold on this item."));
    }
    store::save_hold(&mut work.tx, id, "", "", None).await?;
    let code = held.item.code();
    let what = text!("Bỏ lệnh giữ {code}: {reason}", "Lifted the hold on {code}: {reason}");
    noted(work, incident, id, "evidence.released", what).await
}

/// The first word: an item that was kept long enough, or was declared void, is proposed to be destroyed.
pub async fn propose(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &ReasonForm) -> Result<()> {
    let held = take_to_end(work, incident, id).await?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    may_end(work, &held)?;
    if held.item.ending.disposal_at.is_some() {
        return Err(Error::not_now(
            "Đã có đề nghị tiêu huỷ chứng cứ này, đang chờ người thứ hai.",
            "This item was proposed already and waits for the second word.",
        ));
    }
    let (by, account) = (work.actor.name.clone(), work.actor.account_id.to_string());
    store::save_proposal(&mut work.tx, id, &reason, &by, &account, Some(work.now)).await?;
    let code = held.item.code();
    let what = text!("Đề nghị tiêu huỷ {code}: {reason}", "Proposed to destroy {code}: {reason}");
    noted(work, incident, id, "evidence.destruction_proposed", what).await
}

/// Takes the proposal away: by whoever made it, or by whoever was to agree.
pub async fn decline(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &ReasonForm) -> Result<()> {
    let held = take_to_end(work, incident, id).await?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    if held.item.ending.disposal_at.is_none() {
        return Err(no_proposal());
    }
    store::save_proposal(&mut work.tx, id, "", "", "", None).await?;
    let code = held.item.code();
    let what = text!("Không tiêu huỷ {code}: {reason}", "{code} is not destroyed: {reason}");
    noted(work, incident, id, "evidence.destruction_declined", what).await
}

/// The second word: the item is destroyed. Gives back the file whose bytes are to be removed once this is committed; none
/// when there is none, or when another row still names it.
pub async fn agree(work: &mut Work, incident: &IncidentId, id: &EvidenceId) -> Result<Option<String>> {
    let held = take_to_end(work, incident, id).await?;
    let ending = held.item.ending.clone();
    if ending.disposal_at.is_none() {
        return Err(no_proposal());
    }
    if ending.disposal_account == work.actor.account_id.to_string() {
        return Err(Error::forbidden(
            "Bạn là người đề nghị; phải có người thứ hai đồng ý.",
            "You proposed it; a second person has to agree.",
        ));
    }
    may_end(work, &held)?;
    let (first, why) = (&ending.disposal_by, &ending.disposal_reason);
    let second = work.actor.name.clone();
    let act = Act {
        id: CustodyActId::new(&work.app.chance, work.now),
        number: held.item.kept.acts + 1,
        kind: ActKind::Destroy,
        happened_at: work.now,
        recorded_at: work.now,
        recorded_by: second.clone(),
        recorder_id: work.actor.account_id.to_string(),
        person: second.clone(),
        unit: work.actor.unit_name.clone(),
        to_person: String::new(),
        to_person_id: None,
        to_unit: String::new(),
        to_unit_id: None,
        reason: format!("{why} (đề nghị: {first}; đồng ý: {second})"),
        seal: String::new(),
        place: String::new(),
    };
    let sha256 = held.item.sha256.clone();
    write(work, held, act, Vec::new()).await?;
    let Some(sha256) = sha256 else { return Ok(None) };
    if store::is_named(&mut work.tx, &sha256).await? {
        return Ok(None);
    }
    store::save_removed(&mut work.tx, &sha256, work.now).await?;
    let code = &sha256[..sha256.len().min(10)];
    let what = text!("Xoá nội dung tệp {code}… theo biên bản tiêu huỷ", "Removed the bytes of file {code}… by the act");
    record(work, incident, "evidence.bytes_removed", what, &[("files", sha256.clone())]);
    Ok(Some(sha256))
}

/// Whether an item may be destroyed now.
fn may_end(work: &Work, held: &Held) -> Result<()> {
    let (item, incident) = (&held.item, &held.taken.incident);
    if item.is_held() {
        let reason = &item.ending.hold_reason;
        return Err(Error::NotNow(text!(
            "Chứng cứ đang được lệnh giữ ({reason}). Phải bỏ lệnh giữ trước.",
            "The item is under a hold ({reason}). The hold has to be lifted first."
        )));
    }
    if held.custody.state() != CustodyState::Held {
        let act = Custody::after(&held.custody, &destroying(work)).err();
        return Err(Error::NotNow(act.unwrap_or_else(|| Text::new("Chưa tiêu huỷ được.", "Not now."))));
    }
    // What does not count proves nothing by being kept.
    if item.is_void() {
        return Ok(());
    }
    match keep_until(&work.app.pack, item, incident) {
        Some(until) if until <= work.now => Ok(()),
        Some(until) => {
            let day = until.to_day();
            Err(Error::NotNow(text!(
                "Chưa hết thời hạn giữ: phải giữ đến ngày {day}.",
                "The time of keeping is not over: it is kept until {day}."
            )))
        }
        None => Err(Error::not_now(
            "Sự cố chưa kết thúc, hoặc loại chứng cứ này phải giữ lâu dài.",
            "The incident is not closed, or this kind of evidence is kept for good.",
        )),
    }
}

/// An act of destroying as it would be, to hear why it is not possible.
fn destroying(work: &Work) -> Act {
    Act {
        id: CustodyActId::default(),
        number: 0,
        kind: ActKind::Destroy,
        happened_at: work.now,
        recorded_at: work.now,
        recorded_by: String::new(),
        recorder_id: String::new(),
        person: String::new(),
        unit: String::new(),
        to_person: String::new(),
        to_person_id: None,
        to_unit: String::new(),
        to_unit_id: None,
        reason: String::new(),
        seal: String::new(),
        place: String::new(),
    }
}

async fn take_to_end(work: &mut Work, incident: &IncidentId, id: &EvidenceId) -> Result<Held> {
    let held = take_item(work, incident, id).await?;
    if !items::may(&mut work.tx, &work.actor, EvidenceAdd, incident).await? {
        return Err(not_allowed());
    }
    Ok(held)
}

async fn noted(work: &mut Work, incident: &IncidentId, id: &EvidenceId, act: &'static str, what: Text) -> Result<()> {
    let event = timeline::note(work, incident, "evidence", what.clone()).await?;
    record(work, incident, act, what, &[("evidence", id.to_string()), event]);
    Ok(())
}

fn no_proposal() -> Error {
    Error::not_now("Không có đề nghị tiêu huỷ nào đang chờ.", "There is no proposal to destroy it.")
}
