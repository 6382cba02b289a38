//! Asking another unit for help, and what it answers.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::MINUTE;

use super::directions::not_past;
use super::item;
use crate::actor::not_allowed;
use crate::coordination::model::{
    Reminder, ReminderId, Reply, ReplyId, ReplyKind, RequestId, RequestState, UnitRequest,
};
use crate::coordination::notices::{place, tell_person, tell_unit};
use crate::coordination::rights::{belongs, conflict, person_of, step_with, take_for, version_of};
use crate::coordination::store as shared;
use crate::coordination::store::requests as store;
use crate::incident::actions::{Taken, find_step, record, take};
use crate::incident::model::standing;
use crate::incident::{IncidentId, Standing, joining, timeline};
use crate::org::UnitId;
use crate::pack::Pack;
use crate::permission::Permission;
use crate::work::Work;

const SECTION: &str = "requests";
/// Minutes between two reminders of one request: pressed twice is reminded once.
const AGAIN_AFTER: i64 = 10;

/// What is asked of which unit, by when.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct RequestForm {
    pub unit: Raw,
    pub kind: Raw,
    pub text: Raw,
    pub due_at: Raw,
}

/// The unit's word: `act` is `accept`, `reply` or `decline`. `channel` when it came from outside the product and is noted
/// for the unit.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ReplyForm {
    pub act: Raw,
    pub text: Raw,
    pub channel: Raw,
    pub version: Raw,
}

/// Asks a unit. From now on it sees the incident.
pub async fn send(work: &mut Work, id: &IncidentId, step: &str, form: &RequestForm) -> Result<RequestId> {
    let taken = take_for(work, id, step, SECTION, Standing::Supports).await?;
    let app = work.app.clone();
    let mut checks = Checks::new();
    let unit = match checks.id::<UnitId>("unit", &form.unit) {
        Some(unit) => shared::find_unit(&mut work.tx, &unit).await?,
        None => None,
    };
    if unit.is_none() && form.unit.as_str().parse::<UnitId>().is_ok() {
        checks.refuse("unit", unknown());
    }
    let kind = item(&mut checks, "kind", &form.kind, &app.pack.lists.request_kinds);
    let text = checks.area("text", &form.text);
    let due_at = checks.moment_or_none("due_at", &form.due_at);
    not_past(&mut checks, due_at, work.now);
    checks.done()?;
    let Some(unit) = unit else { return Err(Error::field("unit", unknown())) };
    let sender = &work.actor.unit_id;
    let request = UnitRequest {
        id: RequestId::new(&app.chance, work.now),
        number: store::next_number(&mut work.tx, id).await?,
        unit_id: unit.id.clone(),
        unit_name: unit.name.clone(),
        outside: unit.outside,
        kind,
        text,
        due_at,
        state: RequestState::Sent,
        sent_at: work.now,
        sent_by: work.actor.name.clone(),
        sent_by_id: person_of(&work.actor),
        from_unit_id: (!sender.as_str().is_empty()).then(|| sender.clone()),
        answered_at: None,
        closed_at: None,
        closed_by: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, id, &request).await?;
    let mut rows = vec![("unit_requests", request.id.to_string())];
    rows.extend(joining::draw_in_unit(work, &taken, &unit.id).await?);
    let (number, name) = (request.number, &request.unit_name);
    let what = text!(
        "Gửi yêu cầu số {number} đến {name}",
        "Sent request {number} to {unit}",
        unit = work.app.pack.named(name, Lang::En)
    );
    rows.push(timeline::note(work, id, "message", what.clone()).await?);
    record(work, id, "request.sent", what, &rows);
    let code = &taken.incident.code;
    let notice = text!("{code}: có yêu cầu phối hợp gửi đơn vị", "{code}: your unit is asked for help");
    tell_unit(work, &unit.id, &notice, &place(id, step, SECTION)).await?;
    Ok(request.id)
}

/// The unit accepts, replies or declines; or the requester notes what the unit said elsewhere.
pub async fn reply(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    request: &RequestId,
    form: &ReplyForm,
) -> Result<ReplyKind> {
    let taken = take(work, id).await?;
    let mut request = open_request(work, id, step, request, form).await?;
    let own = belongs(&work.actor, &taken.units, &request.unit_id);
    work.actor.must(Permission::IncidentSupport)?;
    if !own && !is_requester(work, &taken, step, &request)? {
        return Err(not_allowed());
    }
    let app = work.app.clone();
    let mut checks = Checks::new();
    let kind = checks.choice("act", &form.act).unwrap_or(ReplyKind::Reply);
    if kind == ReplyKind::Close {
        checks.refuse("act", super::not_in_list());
    }
    let text = match kind {
        ReplyKind::Accept | ReplyKind::Close => checks.area_or_empty("text", &form.text),
        ReplyKind::Reply | ReplyKind::Decline => checks.area("text", &form.text),
    };
    let channel = match own {
        true => String::new(),
        false => item(&mut checks, "channel", &form.channel, &app.pack.lists.disclosure_channels),
    };
    checks.done()?;
    request.state = match (request.state, kind) {
        (RequestState::Sent, ReplyKind::Accept) => RequestState::Accepted,
        (RequestState::Sent | RequestState::Accepted | RequestState::Answered, ReplyKind::Reply) => {
            RequestState::Answered
        }
        (RequestState::Sent | RequestState::Accepted, ReplyKind::Decline) => RequestState::Declined,
        _ => return Err(Error::not_now("Yêu cầu này đã có trả lời.", "This request has been answered.")),
    };
    if !request.state.waits() && request.answered_at.is_none() {
        request.answered_at = Some(work.now);
    }
    let what = sentence(&work.app.pack, &request, kind, &text);
    say(work, id, &request, kind, text, channel, what.clone()).await?;
    let url = place(id, step, SECTION);
    match own {
        true => tell_person(work, request.sent_by_id.as_ref(), &what, &url).await?,
        false => tell_unit(work, &request.unit_id, &what, &url).await?,
    }
    Ok(kind)
}

/// The requester has what was needed, or needs it no more.
pub async fn close(work: &mut Work, id: &IncidentId, step: &str, request: &RequestId, form: &ReplyForm) -> Result<()> {
    let taken = take(work, id).await?;
    let mut request = open_request(work, id, step, request, form).await?;
    if !is_requester(work, &taken, step, &request)? {
        return Err(not_allowed());
    }
    let mut checks = Checks::new();
    let text = checks.area_or_empty("text", &form.text);
    checks.done()?;
    request.state = RequestState::Closed;
    request.closed_at = Some(work.now);
    request.closed_by = work.actor.name.clone();
    let what = sentence(&work.app.pack, &request, ReplyKind::Close, &text);
    say(work, id, &request, ReplyKind::Close, text, String::new(), what.clone()).await?;
    tell_unit(work, &request.unit_id, &what, &place(id, step, SECTION)).await
}

/// The unit is told once more that it is waited for.
pub async fn remind(work: &mut Work, id: &IncidentId, step: &str, request: &RequestId, form: &ReplyForm) -> Result<()> {
    let taken = take(work, id).await?;
    let request = open_request(work, id, step, request, form).await?;
    if !is_requester(work, &taken, step, &request)? {
        return Err(not_allowed());
    }
    if !request.state.waits() {
        return Err(Error::not_now("Yêu cầu này đã có trả lời.", "This request has been answered."));
    }
    let mut checks = Checks::new();
    let text = checks.line_or_empty("text", &form.text);
    checks.done()?;
    if let Some(last) = store::last_reminder(&mut work.tx, id, &request.id).await?
        && work.now < last.plus(AGAIN_AFTER * MINUTE)
    {
        let at = last.to_minute();
        return Err(Error::NotNow(text!(
            "Vừa nhắc lúc {at}. Hãy chờ ít nhất {AGAIN_AFTER} phút rồi nhắc lại.",
            "The unit was reminded at {at}. Wait at least {AGAIN_AFTER} minutes."
        )));
    }
    let reminder = Reminder {
        id: ReminderId::new(&work.app.chance, work.now),
        request_id: request.id.clone(),
        text,
        reminded_at: work.now,
        reminded_by: work.actor.name.clone(),
    };
    store::insert_reminder(&mut work.tx, id, &reminder).await?;
    let (number, name) = (request.number, &request.unit_name);
    let unit = work.app.pack.named(name, Lang::En).to_owned();
    let what = text!("Nhắc {name} trả lời yêu cầu số {number}", "Reminded {unit} of request {number}");
    let event = timeline::note(work, id, "message", what.clone()).await?;
    record(work, id, "request.reminded", what, &[("request_reminders", reminder.id.to_string()), event]);
    let (code, words) = (&taken.incident.code, &reminder.text);
    let due = request.due_at.map(|due| due.to_minute());
    let (by, until) = due.map_or_else(Default::default, |due| (format!(", hạn {due}"), format!(", due {due}")));
    let more = if words.is_empty() { String::new() } else { format!(". {words}") };
    let notice = text!(
        "{code}: nhắc trả lời yêu cầu số {number}{by}{more}",
        "{code}: request {number} still waits for your unit{until}{more}"
    );
    tell_unit(work, &request.unit_id, &notice, &place(id, step, SECTION)).await
}

/// The request as the person saw it, still open.
async fn open_request(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    request: &RequestId,
    form: &ReplyForm,
) -> Result<UnitRequest> {
    step_with(&find_step(work, step)?, SECTION)?;
    let request = store::find(&mut work.tx, id, request).await?.ok_or(Error::NotFound)?;
    if version_of(&form.version) != request.version {
        return Err(conflict(work, id, request.id.as_str(), vec![("act", request.state.word())]).await);
    }
    if request.state == RequestState::Closed {
        return Err(Error::not_now("Yêu cầu này đã khép.", "This request is closed."));
    }
    Ok(request)
}

/// Whoever sent it, and whoever leads the step.
fn is_requester(work: &Work, taken: &Taken, step: &str, request: &UnitRequest) -> Result<bool> {
    let sent = person_of(&work.actor).is_some() && person_of(&work.actor) == request.sent_by_id;
    let step = find_step(work, step)?;
    Ok(sent || standing(&work.actor, &taken.units, &step) >= Standing::Leads)
}

fn sentence(pack: &Pack, request: &UnitRequest, kind: ReplyKind, text: &str) -> Text {
    let (number, name, text) = (request.number, &request.unit_name, text.trim());
    let unit = pack.named(name, Lang::En);
    match kind {
        ReplyKind::Accept => text!("{name} nhận yêu cầu số {number}", "{unit} accepted request {number}"),
        ReplyKind::Reply => {
            text!("{name} trả lời yêu cầu số {number}: {text}", "{unit} answered request {number}: {text}")
        }
        ReplyKind::Decline => {
            text!("{name} từ chối yêu cầu số {number}: {text}", "{unit} declined request {number}: {text}")
        }
        ReplyKind::Close => text!("Kết thúc yêu cầu số {number} gửi {name}", "Closed request {number} to {unit}"),
    }
}

/// Stores what was said and where the request stands now, and tells the timeline.
async fn say(
    work: &mut Work,
    id: &IncidentId,
    request: &UnitRequest,
    kind: ReplyKind,
    text: String,
    channel: String,
    what: Text,
) -> Result<()> {
    if store::save(&mut work.tx, request).await? == 0 {
        return Err(conflict(work, id, request.id.as_str(), Vec::new()).await);
    }
    let reply = Reply {
        id: ReplyId::new(&work.app.chance, work.now),
        request_id: request.id.clone(),
        kind,
        text,
        channel,
        said_at: work.now,
        said_by: work.actor.name.clone(),
    };
    store::insert_reply(&mut work.tx, id, &reply).await?;
    let event = timeline::note(work, id, "message", what.clone()).await?;
    let rows = [("unit_requests", request.id.to_string()), ("request_replies", reply.id.to_string()), event];
    let act = match kind {
        ReplyKind::Accept => "request.accepted",
        ReplyKind::Reply => "request.answered",
        ReplyKind::Decline => "request.declined",
        ReplyKind::Close => "request.closed",
    };
    record(work, id, act, what, &rows);
    Ok(())
}
