//! What is done to an incident as a whole: open, work on a step, finish or skip it, go round again, close, reopen.
//! Always in this order: may they, is it allowed now, store, journal.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::flow::{Act, Flow, StepState};
use super::model::{
    GateState, Incident, IncidentId, IncidentState, IncidentUnit, PartId, Standing, StepRow, flow_of, obstacles,
    standing,
};
use super::store;
use crate::actor::not_allowed;
use crate::journal::incident_stream;
use crate::notify::{Urgency, tell_unit_as};
use crate::org::UnitId;
use crate::pack::Step;
use crate::permission::Permission;
use crate::system::SystemId;
use crate::work::{Look, Work};

/// What is needed to open an incident.
#[derive(Clone, Debug)]
pub struct NewIncident {
    pub title: String,
    pub scenario: String,
    pub severity: i64,
    pub tlp: String,
    pub system_id: Option<SystemId>,
    pub unit_id: UnitId,
    pub owner_unit_id: UnitId,
    pub summary: String,
    pub happened_at: Option<Time>,
    pub detected_at: Time,
}

/// An incident taken for change: the incident, its units and its steps as they are now.
pub struct Taken {
    pub incident: Incident,
    pub units: Vec<IncidentUnit>,
    pub steps: Vec<StepRow>,
}

impl Taken {
    /// The latest round of a step.
    pub fn row(&self, step: &str) -> Result<&StepRow> {
        self.steps.iter().filter(|row| row.step == step).max_by_key(|row| row.round).ok_or(Error::NotFound)
    }

    pub fn flow(&self) -> Flow {
        flow_of(&self.steps)
    }

    pub fn stream(&self) -> String {
        incident_stream(self.incident.id.as_str())
    }
}

/// Opens an incident: number, first steps, the units that play a part, the first entry of its timeline.
pub async fn open(work: &mut Work, new: NewIncident) -> Result<Incident> {
    work.actor.must_in(Permission::IncidentOpen, &new.unit_id)?;
    let app = work.app.clone();
    let year = work.now.year();
    let number = crate::counter::next(&mut work.tx, &format!("incident:{year}")).await?;
    let class = app.pack.classes.propose(&[], None).map(|class| class.id.clone()).unwrap_or_default();
    let incident = Incident {
        id: IncidentId::new(&app.chance, work.now),
        code: format!("SC-{year}-{number:04}"),
        title: new.title,
        scenario: new.scenario,
        severity: new.severity,
        class,
        class_override: false,
        class_reason: String::new(),
        class_by: String::new(),
        class_decided: false,
        classified_at: None,
        conditions: "[]".to_owned(),
        tlp: new.tlp,
        state: IncidentState::Open,
        system_id: new.system_id,
        unit_id: new.unit_id,
        owner_unit_id: new.owner_unit_id,
        commander_id: None,
        summary: new.summary,
        happened_at: new.happened_at,
        detected_at: new.detected_at,
        opened_at: work.now,
        opened_by: work.actor.name.clone(),
        closed_at: None,
        round: 1,
        changed_at: work.now,
        version: 1,
        flags: "{}".to_owned(),
        breach_at: None,
    };
    store::insert(&mut work.tx, &incident).await?;
    let mut rows: Vec<(&'static str, String)> = vec![("incidents", incident.id.to_string())];
    let mut units = Vec::new();
    for (function, unit_id) in super::parts::playing(work, &incident).await? {
        let id = PartId::new(&app.chance, work.now);
        store::insert_unit(&mut work.tx, &id, &incident.id, &function, &unit_id).await?;
        rows.push(("incident_units", id.to_string()));
        units.push(IncidentUnit { function, unit_id, unit_name: String::new() });
    }
    if let Some(system) = &incident.system_id {
        rows.push(super::parts::insert_system(work, &incident.id, system, "").await?);
    }
    let flow = Flow::begin(&app.pack.procedure);
    rows.extend(write_flow(work, &incident.id, &[], &flow, None).await?);
    rows.extend(super::parts::insert_checklists(work, &incident).await?);
    let title = &incident.title;
    rows.push(
        super::timeline::note(work, &incident.id, "step", text!("Mở sự cố: {title}", "Incident opened: {title}"))
            .await?,
    );
    let code = &incident.code;
    let what = text!("Mở sự cố {code}: {title}", "Opened incident {code}: {title}");
    record(work, &incident.id, "incident.opened", what.clone(), &rows);
    // The two upper of the four severities do not wait for the morning.
    let urgency = if incident.severity >= 3 { Urgency::Now } else { Urgency::Soon };
    tell_units(work, urgency, &units, |_| true, &what, &format!("/incidents/{}", incident.id)).await?;
    Ok(incident)
}

/// Takes an open incident for change. Every action on an incident, in whichever feature, begins here.
pub async fn take(work: &mut Work, id: &IncidentId) -> Result<Taken> {
    let taken = take_any(work, id).await?;
    if !taken.incident.is_open() {
        return Err(Error::not_now(
            "Sự cố đã kết thúc. Muốn sửa, hãy mở lại sự cố và ghi lý do.",
            "The incident is closed. To change it, reopen it and say why.",
        ));
    }
    Ok(taken)
}

/// An incident for reading; what the reader may not see does not exist.
pub async fn see(look: &mut Look, id: &IncidentId) -> Result<Incident> {
    store::find(&mut look.tx, &look.actor, id).await?.ok_or(Error::NotFound)
}

/// The same by what an address names it with: its identifier, or the number that people say and print.
pub async fn see_named(look: &mut Look, name: &str) -> Result<Incident> {
    match name.parse() {
        Ok(id) => see(look, &id).await,
        Err(_) => store::find_by_code(&mut look.tx, &look.actor, &name.to_uppercase()).await?.ok_or(Error::NotFound),
    }
}

/// The same whether it is open or closed: for what may still be done afterwards.
pub async fn take_any(work: &mut Work, id: &IncidentId) -> Result<Taken> {
    store::find(&mut work.tx, &work.actor, id).await?.ok_or(Error::NotFound)?;
    store::claim(&mut work.tx, id, work.now).await?;
    // Read again behind the claim: what was decided on an older state would be decided wrongly.
    let incident = store::get(&mut work.tx, id).await?;
    let units = store::list_units(&mut work.tx, id).await?;
    let steps = store::list_steps(&mut work.tx, id).await?;
    Ok(Taken { incident, units, steps })
}

/// An incident and who plays a part in it, for what works in the background: no reader, whose sight would bound it.
pub async fn with_units(tx: &mut Tx, id: &IncidentId) -> Result<(Incident, Vec<IncidentUnit>)> {
    Ok((store::get(tx, id).await?, store::list_units(tx, id).await?))
}

/// Takes an incident to work on one of its steps: the actor must lead or at least support it, and it must be open.
pub async fn take_step(work: &mut Work, id: &IncidentId, step: &str, least: Standing) -> Result<Taken> {
    let taken = take(work, id).await?;
    let step = find_step(work, step)?;
    if standing(&work.actor, &taken.units, &step) < least {
        return Err(not_allowed());
    }
    if taken.flow().state(&step.id) != StepState::Open {
        return Err(Error::not_now(
            "Bước này không mở, nên chưa ghi thêm được.",
            "This step is not open, so nothing can be added to it now.",
        ));
    }
    Ok(taken)
}

/// The step of the pack's procedure.
pub fn find_step(work: &Work, step: &str) -> Result<Step> {
    work.app.pack.procedure.step(step).cloned().ok_or(Error::NotFound)
}

/// Finishes a step when its gates are met.
pub async fn finish(work: &mut Work, id: &IncidentId, step: &str, note: &str) -> Result<()> {
    let taken = take_step(work, id, step, Standing::Leads).await?;
    let step = find_step(work, step)?;
    let missing: Vec<GateState> =
        super::gates::of_step(&mut work.tx, &work.app.pack, &taken.incident, &taken.steps, &step)
            .await?
            .into_iter()
            .filter(|gate| gate.obligatory && !gate.met)
            .collect();
    if !missing.is_empty() {
        return Err(Error::NotNow(list_missing(missing.into_iter().map(|gate| gate.label))));
    }
    let (number, short) = (step.number.clone(), step.short.text());
    let (vi, en) = (&short.vi, &short.en);
    let what = text!("Hoàn thành bước {number}: {vi}", "Finished step {number}: {en}");
    advance(work, taken, &Act::Finish(step.id), note, "incident.step_finished", what).await
}

/// Skips an optional step, with a reason.
pub async fn skip(work: &mut Work, id: &IncidentId, step: &str, reason: &str) -> Result<()> {
    if reason.is_empty() {
        return Err(Error::field("reason", ungcuu_kit::form::empty()));
    }
    let taken = take_step(work, id, step, Standing::Leads).await?;
    let step = find_step(work, step)?;
    let number = step.number.clone();
    let what = text!("Bỏ qua bước {number}: {reason}", "Skipped step {number}: {reason}");
    advance(work, taken, &Act::Skip(step.id), reason, "incident.step_skipped", what).await
}

/// Takes up a skipped step, or begins a repeating one again.
pub async fn resume(work: &mut Work, id: &IncidentId, step: &str) -> Result<()> {
    let taken = take(work, id).await?;
    let step = find_step(work, step)?;
    if standing(&work.actor, &taken.units, &step) < Standing::Leads {
        return Err(not_allowed());
    }
    let number = step.number.clone();
    let act = match taken.flow().state(&step.id) {
        StepState::Skipped => Act::TakeUp(step.id),
        _ => Act::Again(step.id),
    };
    let what = text!("Làm tiếp bước {number}", "Took up step {number} again");
    advance(work, taken, &act, "", "incident.step_resumed", what).await
}

/// Opens again a step that was finished too early, with a reason.
pub async fn reopen_step(work: &mut Work, id: &IncidentId, step: &str, reason: &str) -> Result<()> {
    let taken = take(work, id).await?;
    let step = find_step(work, step)?;
    if standing(&work.actor, &taken.units, &step) < Standing::Leads {
        return Err(not_allowed());
    }
    must_say_why(reason)?;
    let number = step.number.clone();
    let what = text!("Mở lại bước {number}: {reason}", "Opened step {number} again: {reason}");
    advance(work, taken, &Act::Reopen(step.id), "", "incident.step_reopened", what).await
}

/// The check after recovery failed: the steps the procedure names open again as the next round.
pub async fn go_round(work: &mut Work, mut taken: Taken, step: &Step, reason: &str) -> Result<()> {
    taken.incident.round += 1;
    taken.incident.changed_at = work.now;
    store::save(&mut work.tx, &mut taken.incident).await?;
    let round = taken.incident.round;
    let what = text!("Chưa ổn định: mở vòng {round}. {reason}", "Not stable: round {round} opened. {reason}");
    let rows = super::parts::insert_round(work, &taken.incident).await?;
    record(work, &taken.incident.id.clone(), "incident.round_opened", what.clone(), &rows);
    advance(work, taken, &Act::Loop(step.id.clone()), reason, "incident.step_looped", what).await
}

/// Closes an incident that lacks nothing; otherwise says everything that is missing.
pub async fn close(work: &mut Work, id: &IncidentId, words: &str) -> Result<()> {
    let mut taken = take(work, id).await?;
    work.actor.must(Permission::IncidentClose)?;
    let procedure = work.app.pack.procedure.clone();
    let gates = super::gates::of_all(&mut work.tx, &work.app.pack, &taken.incident, &taken.steps).await?;
    let missing = obstacles(&procedure, &taken.flow(), &gates);
    if !missing.is_empty() {
        return Err(Error::NotNow(list_missing(missing.into_iter())));
    }
    taken.incident.state = IncidentState::Closed;
    taken.incident.closed_at = Some(work.now);
    taken.incident.changed_at = work.now;
    store::save(&mut work.tx, &mut taken.incident).await?;
    let what = text!("Kết thúc sự cố. {words}", "Closed the incident. {words}");
    let event = super::timeline::note(work, id, "step", what.clone()).await?;
    record(work, id, "incident.closed", what, &[("incidents", id.to_string()), event]);
    let code = &taken.incident.code;
    let words_told = text!("{code}: đã kết thúc sự cố", "{code}: the incident is closed");
    tell_units(work, Urgency::CanWait, &taken.units, |_| true, &words_told, &format!("/incidents/{id}")).await
}

/// The least number of characters of a reason for going back on something settled.
pub const REASON: usize = 10;

fn must_say_why(reason: &str) -> Result<()> {
    if reason.chars().count() >= REASON {
        return Ok(());
    }
    let words = text!("Hãy ghi rõ lý do, ít nhất {REASON} ký tự.", "Say why, in at least {REASON} characters.");
    Err(Error::field("reason", words))
}

/// Reopens a closed incident, with a reason: the work goes round once more.
pub async fn reopen(work: &mut Work, id: &IncidentId, reason: &str) -> Result<()> {
    let mut taken = take_any(work, id).await?;
    work.actor.must(Permission::IncidentReopen)?;
    must_say_why(reason)?;
    if taken.incident.is_open() {
        return Err(Error::not_now("Sự cố đang mở.", "The incident is open already."));
    }
    taken.incident.state = IncidentState::Open;
    taken.incident.closed_at = None;
    taken.incident.round += 1;
    taken.incident.changed_at = work.now;
    store::save(&mut work.tx, &mut taken.incident).await?;
    let rows = super::parts::insert_round(work, &taken.incident).await?;
    let what = text!("Mở lại sự cố: {reason}", "Reopened the incident: {reason}");
    record(work, id, "incident.reopened", what.clone(), &rows);
    advance(work, taken, &Act::Revive, reason, "incident.steps_reopened", what).await
}

/// Takes an act in the flow, stores what changed, notes it in timeline and journal.
async fn advance(work: &mut Work, taken: Taken, act: &Act, note: &str, name: &'static str, what: Text) -> Result<()> {
    let procedure = work.app.pack.procedure.clone();
    let flow = taken.flow().after(&procedure, act)?;
    let id = taken.incident.id.clone();
    let ended = match act {
        Act::Finish(step) | Act::Skip(step) | Act::Loop(step) => Some((step.as_str(), note)),
        _ => None,
    };
    let mut rows = write_flow(work, &id, &taken.steps, &flow, ended).await?;
    rows.push(super::timeline::note(work, &id, "step", what.clone()).await?);
    rows.push(("incidents", id.to_string()));
    record(work, &id, name, what, &rows);
    let before = taken.flow();
    for step in procedure.steps.iter().filter(|step| flow.state(&step.id) == StepState::Open) {
        if before.now(&step.id) != flow.now(&step.id) {
            tell_of_step(work, &taken, step).await?;
        }
    }
    Ok(())
}

/// Tells the units that lead a step that it has opened.
async fn tell_of_step(work: &mut Work, taken: &Taken, step: &Step) -> Result<()> {
    let (code, number, short) = (&taken.incident.code, &step.number, step.short.text());
    let (vi, en) = (&short.vi, &short.en);
    let words = text!("{code}: đến bước {number} ({vi})", "{code}: step {number} ({en}) is open");
    let url = format!("/incidents/{}/steps/{}", taken.incident.id, step.id);
    let leads = |unit: &IncidentUnit| step.lead.contains(&unit.function);
    tell_units(work, Urgency::Soon, &taken.units, leads, &words, &url).await
}

/// Tells each of these units once, whatever number of functions it has.
pub(crate) async fn tell_units(
    work: &mut Work,
    urgency: Urgency,
    units: &[IncidentUnit],
    which: impl Fn(&IncidentUnit) -> bool,
    words: &Text,
    url: &str,
) -> Result<()> {
    let told: std::collections::BTreeSet<&UnitId> =
        units.iter().filter(|unit| which(unit)).map(|unit| &unit.unit_id).collect();
    for unit in told {
        tell_unit_as(work, urgency, unit, words, url).await?;
    }
    Ok(())
}

/// Stores the difference between the steps as they were and the flow as it is.
async fn write_flow(
    work: &mut Work,
    id: &IncidentId,
    before: &[StepRow],
    flow: &Flow,
    ended: Option<(&str, &str)>,
) -> Result<Vec<(&'static str, String)>> {
    let mut rows = Vec::new();
    for at in &flow.steps {
        let known = before.iter().find(|row| row.step == at.step && row.round == at.round);
        if known.is_some_and(|row| row.state == at.state) {
            continue;
        }
        let mut row = known.cloned().unwrap_or(StepRow {
            id: PartId::new(&work.app.chance, work.now),
            step: at.step.clone(),
            round: at.round,
            state: at.state,
            opened_at: None,
            ended_at: None,
            ended_by: String::new(),
            note: String::new(),
            version: 0,
        });
        if at.state == StepState::Open {
            // A step that was finished too early was open all along.
            if known.is_none_or(|row| row.state != StepState::Done) {
                row.opened_at = Some(work.now);
            }
            row.ended_at = None;
            row.ended_by.clear();
        }
        if at.state.ended() {
            row.ended_at = Some(work.now);
            row.ended_by = work.actor.name.clone();
            if let Some((_, note)) = ended.filter(|(step, _)| *step == at.step) {
                row.note = note.to_owned();
            }
        }
        if known.is_some() {
            store::save_step(&mut work.tx, &row, at.state).await?;
        } else {
            store::insert_step(&mut work.tx, id, &row).await?;
        }
        rows.push(("incident_steps", row.id.to_string()));
    }
    Ok(rows)
}

/// An entry in the incident's stream of the journal.
pub fn record(work: &mut Work, id: &IncidentId, act: &'static str, what: Text, rows: &[(&'static str, String)]) {
    let rows: Vec<(&'static str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    let mut named = vec![("incidents", id.as_str())];
    named.extend(rows.into_iter().filter(|row| *row != ("incidents", id.as_str())));
    work.record(&incident_stream(id.as_str()), act, what, &named);
}

fn list_missing(labels: impl Iterator<Item = Text>) -> Text {
    let (vi, en): (Vec<_>, Vec<_>) = labels.map(|label| (label.vi, label.en)).unzip();
    let (vi, en) = (vi.join("; "), en.join("; "));
    text!("Chưa xong được, còn thiếu: {vi}.", "Not yet, still missing: {en}.")
}
