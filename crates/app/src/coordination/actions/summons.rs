//! The board calls the response team together; members answer, or somebody notes their answer for them. Whoever does not
//! answer is tried by one way after the other, each try by a person who says what came of it.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::Time;

use super::item;
use crate::actor::not_allowed;
use crate::coordination::callout::{self, Contacts, Outcome, Try, TryId, Way};
use crate::coordination::model::{Summoned, SummonedId, SummonedState, Summons, SummonsId, TeamMember};
use crate::coordination::notices::{place, tell_person_now};
use crate::coordination::rights::{conflict, step_with, take_for, version_of};
use crate::coordination::store::summons as store;
use crate::incident::actions::{Taken, find_step, record, take};
use crate::incident::model::standing;
use crate::incident::{IncidentId, Standing, joining, timeline};
use crate::org::PersonId;
use crate::pack::Step;
use crate::permission::Permission;
use crate::work::Work;

const SECTION: &str = "summons";

/// Whom to call, where and when to.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SummonsForm {
    pub people: Vec<Raw>,
    pub place: Raw,
    pub meet_at: Raw,
    pub words: Raw,
}

/// Where someone is: `acknowledged`, `arrived` or `declined`; `channel` when it is noted for somebody else.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SummonedForm {
    pub state: Raw,
    pub reason: Raw,
    pub channel: Raw,
    pub version: Raw,
}

/// What came of a try: `way` and `outcome` as the roster offers them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TryForm {
    pub way: Raw,
    pub outcome: Raw,
    pub note: Raw,
    pub version: Raw,
}

/// Calls present members of the teams that play a part here. From now on they see the incident.
pub async fn call(work: &mut Work, id: &IncidentId, step: &str, form: &SummonsForm) -> Result<SummonsId> {
    work.actor.must(Permission::IncidentDirect)?;
    let taken = take_for(work, id, step, SECTION, Standing::Leads).await?;
    let now = work.now;
    let team = store::list_team(&mut work.tx, id, now).await?;
    let mut checks = Checks::new();
    let members = chosen(&mut checks, &team, &form.people);
    let meeting_place = checks.line("place", &form.place);
    let meet_at = checks.moment("meet_at", &form.meet_at);
    let words = checks.area_or_empty("words", &form.words);
    checks.done()?;
    let summons = Summons {
        id: SummonsId::new(&work.app.chance, now),
        number: store::next_number(&mut work.tx, id).await?,
        place: meeting_place,
        meet_at,
        words,
        sent_at: now,
        sent_by: work.actor.name.clone(),
    };
    store::insert(&mut work.tx, id, &summons).await?;
    let pack = &work.app.pack.procedure.callout;
    let office_hours = callout::in_office_hours(now, pack);
    // The product's own notice is the first try; the next is due when nobody answers it.
    let timed: Vec<(&TeamMember, Option<Time>)> = members
        .iter()
        .map(|member| {
            let contacts = contacts_of(member, &team);
            let next = callout::next(SummonedState::Called, &contacts, &[Way::Notice], office_hours);
            (*member, callout::due(next.as_ref(), now, pack))
        })
        .collect();
    let called = store::insert_summoned(work, id, &summons.id, &timed).await?;
    let people: Vec<PersonId> = members.iter().map(|member| member.person_id.clone()).collect();
    let mut rows = vec![("summonses", summons.id.to_string())];
    rows.extend(called.into_iter().map(|called| ("summoned_people", called.to_string())));
    rows.extend(joining::draw_in_people(work, id, &people, joining::DrawnAs::Summoned).await?);
    let (count, at, place_words) = (people.len(), summons.meet_at.to_minute(), &summons.place);
    let what = text!(
        "Triệu tập {count} người của Tổ, có mặt lúc {at} tại {place_words}",
        "Summoned {members} of the team to {place_words} at {at}",
        members = counted(count, "member", "members")
    );
    rows.push(timeline::note(work, id, "message", what.clone()).await?);
    record(work, id, "team.summoned", what, &rows);
    let code = &taken.incident.code;
    let notice = text!(
        "{code}: bạn được triệu tập, có mặt lúc {at} tại {place_words}",
        "{code}: you are summoned to {place_words} at {at}"
    );
    let url = place(id, step, SECTION);
    for person in &people {
        tell_person_now(work, person, &notice, &url).await?;
    }
    Ok(summons.id)
}

/// A member says where they are, or somebody who reached them notes it with the channel.
pub async fn answer(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    summoned: &SummonedId,
    form: &SummonedForm,
) -> Result<SummonedState> {
    let taken = take(work, id).await?;
    let step = step_with(&find_step(work, step)?, SECTION)?;
    let mut summoned = store::find_summoned(&mut work.tx, id, summoned).await?.ok_or(Error::NotFound)?;
    let own = summoned.person_id == work.actor.person_id;
    if !own && !may_note(work, &taken, &step).await? {
        return Err(not_allowed());
    }
    if version_of(&form.version) != summoned.version {
        return Err(conflict(work, id, summoned.id.as_str(), vec![("state", summoned.state.word())]).await);
    }
    let mut checks = Checks::new();
    let state = checks.choice("state", &form.state).unwrap_or(SummonedState::Called);
    let reason = match state {
        SummonedState::Declined => checks.line("reason", &form.reason),
        _ => checks.line_or_empty("reason", &form.reason),
    };
    let app = work.app.clone();
    let channel = match own {
        true => String::new(),
        false => item(&mut checks, "channel", &form.channel, &app.pack.lists.disclosure_channels),
    };
    checks.done()?;
    may_become(summoned.state, state)?;
    moved(&mut summoned, state, work);
    summoned.due_at = again(work, id, &summoned).await?;
    summoned.reason = reason;
    summoned.channel = channel;
    summoned.recorded_by = if own { String::new() } else { work.actor.name.clone() };
    if store::save_summoned(&mut work.tx, &summoned).await? == 0 {
        return Err(conflict(work, id, summoned.id.as_str(), Vec::new()).await);
    }
    let Text { vi, en } = state.label();
    let name = &summoned.name;
    let what = text!("{name}: {vi}", "{name}: {en}");
    let mut rows = vec![("summoned_people", summoned.id.to_string())];
    if state == SummonedState::Arrived {
        rows.push(timeline::note(work, id, "message", what.clone()).await?);
    }
    record(work, id, "team.answered", what, &rows);
    Ok(state)
}

/// Somebody tried to reach a person who has not answered, and says what came of it.
pub async fn try_again(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    summoned: &SummonedId,
    form: &TryForm,
) -> Result<Outcome> {
    let taken = take(work, id).await?;
    let step = step_with(&find_step(work, step)?, SECTION)?;
    let mut summoned = store::find_summoned(&mut work.tx, id, summoned).await?.ok_or(Error::NotFound)?;
    if !may_note(work, &taken, &step).await? {
        return Err(not_allowed());
    }
    if version_of(&form.version) != summoned.version {
        return Err(conflict(work, id, summoned.id.as_str(), vec![("outcome", summoned.state.word())]).await);
    }
    if matches!(summoned.state, SummonedState::Acknowledged | SummonedState::Arrived) {
        return Err(Error::not_now("Người này đã trả lời.", "This person has answered."));
    }
    let mut checks = Checks::new();
    let way: Option<Way> = checks.choice("way", &form.way);
    if way == Some(Way::Notice) {
        checks.refuse("way", super::not_in_list());
    }
    let outcome: Option<Outcome> = checks.choice("outcome", &form.outcome);
    let note = match outcome {
        Some(Outcome::Declined) => checks.line("note", &form.note),
        _ => checks.line_or_empty("note", &form.note),
    };
    checks.done()?;
    let (Some(way), Some(outcome)) = (way, outcome) else { return Err(Error::field("way", super::not_in_list())) };
    let now = work.now;
    let team = store::list_team(&mut work.tx, id, now).await?;
    let tried = Try {
        id: TryId::new(&work.app.chance, now),
        summoned_id: summoned.id.clone(),
        way,
        reached_at: contacts_for(&summoned, &team).at(way).to_owned(),
        outcome,
        note: note.clone(),
        tried_at: now,
        tried_by: work.actor.name.clone(),
        due_at: summoned.due_at,
    };
    store::insert_try(&mut work.tx, id, &tried).await?;
    if let Some(state) = outcome.state() {
        // Whoever stands in comes for the one who was called: the roster says who is missed, the tries who comes instead.
        if way != Way::Deputy {
            may_become(summoned.state, state)?;
            moved(&mut summoned, state, work);
            summoned.reason = note;
            summoned.channel = String::new();
            summoned.recorded_by = work.actor.name.clone();
        }
    }
    let settled = way == Way::Deputy && matches!(outcome, Outcome::Acknowledged | Outcome::Arrived);
    summoned.due_at = if settled { None } else { again(work, id, &summoned).await? };
    if store::save_summoned(&mut work.tx, &summoned).await? == 0 {
        return Err(conflict(work, id, summoned.id.as_str(), Vec::new()).await);
    }
    let (name, by, said) = (&summoned.name, way.label(), outcome.label());
    let (way_vi, way_en, vi, en) = (&by.vi, &by.en, &said.vi, &said.en);
    let what = text!("Gọi {name} ({way_vi}): {vi}", "Called {name} ({way_en}): {en}");
    let mut rows = vec![("summons_tries", tried.id.to_string()), ("summoned_people", summoned.id.to_string())];
    if outcome != Outcome::NoAnswer {
        rows.push(timeline::note(work, id, "message", what.clone()).await?);
    }
    record(work, id, "team.tried", what, &rows);
    Ok(outcome)
}

/// When the next try is due, given everything tried so far.
async fn again(work: &mut Work, id: &IncidentId, summoned: &Summoned) -> Result<Option<Time>> {
    let now = work.now;
    let team = store::list_team(&mut work.tx, id, now).await?;
    let tries = store::list_tries(&mut work.tx, id).await?;
    let tried: Vec<Way> = tries.iter().filter(|one| one.summoned_id == summoned.id).map(|one| one.way).collect();
    let pack = &work.app.pack.procedure.callout;
    let next =
        callout::next(summoned.state, &contacts_for(summoned, &team), &tried, callout::in_office_hours(now, pack));
    Ok(callout::due(next.as_ref(), now, pack))
}

/// How somebody on the roster can be reached, with whoever stands in for them in the team.
pub fn contacts_for(summoned: &Summoned, team: &[TeamMember]) -> Contacts {
    Contacts {
        phone: summoned.phone.clone(),
        off_hours: summoned.phone_off_hours.clone(),
        email: summoned.email.clone(),
        deputy: stand_in(&summoned.person_id, team),
    }
}

fn contacts_of(member: &TeamMember, team: &[TeamMember]) -> Contacts {
    Contacts {
        phone: member.phone.clone(),
        off_hours: member.phone_off_hours.clone(),
        email: member.email.clone(),
        deputy: stand_in(&member.person_id, team),
    }
}

/// The team's deputy; its lead stands in for the deputy.
fn stand_in(person: &PersonId, team: &[TeamMember]) -> String {
    let others = |part: &'static str| team.iter().find(move |one| one.part == part && one.person_id != *person);
    let Some(found) = others("deputy").or_else(|| others("lead")) else { return String::new() };
    let number = if found.phone_off_hours.is_empty() { &found.phone } else { &found.phone_off_hours };
    if number.is_empty() { found.name.clone() } else { format!("{}, {number}", found.name) }
}

/// Whoever directs or supports the step, and whoever was called, may note the answers of others.
async fn may_note(work: &mut Work, taken: &Taken, step: &Step) -> Result<bool> {
    Ok(work.actor.can(Permission::IncidentSupport)
        && (work.actor.can(Permission::IncidentDirect)
            || standing(&work.actor, &taken.units, step) >= Standing::Supports
            || was_called(work, &taken.incident.id).await?))
}

async fn was_called(work: &mut Work, id: &IncidentId) -> Result<bool> {
    let called = store::list_summoned(&mut work.tx, id).await?;
    Ok(called.iter().any(|summoned| summoned.person_id == work.actor.person_id))
}

fn may_become(from: SummonedState, to: SummonedState) -> Result<()> {
    use SummonedState::{Acknowledged, Arrived, Called, Declined};
    match (from, to) {
        (Called, Acknowledged | Arrived | Declined)
        | (Acknowledged, Arrived | Declined)
        | (Declined, Acknowledged | Arrived) => Ok(()),
        (Arrived, _) => Err(Error::not_now("Người này đã có mặt.", "This person is here already.")),
        _ => Err(Error::not_now("Đã ghi như vậy rồi.", "That is noted already.")),
    }
}

fn moved(summoned: &mut Summoned, state: SummonedState, work: &Work) {
    summoned.state = state;
    let now = Some(work.now);
    match state {
        SummonedState::Called => {}
        SummonedState::Acknowledged => summoned.acknowledged_at = now,
        SummonedState::Arrived => summoned.arrived_at = now,
        SummonedState::Declined => summoned.declined_at = now,
    }
}

fn chosen<'a>(checks: &mut Checks, team: &'a [TeamMember], typed: &[Raw]) -> Vec<&'a TeamMember> {
    let mut members: Vec<&TeamMember> = Vec::new();
    for member in team.iter().filter(|member| typed.iter().any(|raw| raw.as_str() == member.person_id.as_str())) {
        // Who belongs to two teams is called once.
        if !members.iter().any(|known| known.person_id == member.person_id) {
            members.push(member);
        }
    }
    let known = |raw: &&Raw| team.iter().any(|member| member.person_id.as_str() == raw.as_str());
    if members.is_empty() || typed.iter().filter(known).count() < typed.len() {
        checks.refuse("people", Text::new("Hãy chọn người trong Tổ.", "Choose members of the team."));
    }
    members
}
