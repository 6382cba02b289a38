//! What is due in an incident by the law and by what people ask of one another: duties to tell, requests and answers to
//! them, directions, decisions, situation reports on their rhythm, calls to be made again.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text, brief};
use ungcuu_kit::time::Time;

use super::model::UnitChoice;
use super::store::clocks as store;
use super::store::clocks::{About, Told};
use crate::deadline::calendar::Calendar;
use crate::deadline::clock::{bound, due_within};
use crate::deadline::model::{RULE, in_turn, turn_key};
use crate::deadline::rules::{DETECTED, Facts, Running, instances, running};
use crate::deadline::{Asked, Claim, ClockSource, Done};
use crate::incident::model::{Incident, IncidentUnit};
use crate::incident::{IncidentId, lookup};
use crate::org::UnitId;
use crate::pack::{DeadlineRule, Pack, Step, Within};

/// How much of a longer text a line shows, in characters.
const SHORT: usize = 120;

/// The kinds of things it claims.
const KINDS: &[(&str, Text)] = &[
    (RULE, Text::new("Báo cáo theo luật", "Report by law")),
    ("request", Text::new("Yêu cầu phối hợp", "Request")),
    ("reply", Text::new("Trả lời của cơ quan ngoài", "Answer of an outside body")),
    ("direction", Text::new("Ý kiến chỉ đạo", "Direction")),
    ("decision", Text::new("Ý kiến về quyết định", "Word on a decision")),
    ("situation", Text::new("Bản tin tình hình", "Situation report")),
    ("callout", Text::new("Gọi lại người được triệu tập", "Call to be made again")),
];

/// What this feature claims to be due.
pub fn source() -> ClockSource {
    ClockSource { stream: "incident:", kinds: KINDS, claims }
}

fn claims<'a>(tx: &'a mut Tx, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Vec<Claim>>> {
    Box::pin(async move {
        let id = IncidentId(asked.stream.trim_start_matches("incident:").to_owned());
        let found = lookup::list_by_ids(tx, std::slice::from_ref(&id)).await?;
        let Some(incident) = found.into_iter().next() else { return Ok(Vec::new()) };
        let about = store::about(tx, &id).await?;
        let mut claims: Vec<Claim> = Vec::new();
        if !about.is_empty() {
            let pack = &asked.app.pack;
            let led = leaders(tx, pack, &id, about.iter().any(|row| row.led_by().is_some())).await?;
            claims.extend(about.iter().filter_map(|row| of_people(row, &incident, pack, &led)));
        }
        claims.extend(by_law(tx, asked, &incident).await?);
        Ok(claims)
    })
}

/// The sections whose steps say who does it, each with the unit that leads the step here.
type Leaders = Vec<(&'static str, Option<UnitId>)>;

impl About {
    /// The section whose leader does it, where it is neither a unit's nor a person's own.
    fn led_by(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "situation" => Some("situations"),
            "callout" => Some("summons"),
            _ => None,
        }
    }
}

/// Who leads the steps that show these sections: the unit that plays the part here, else the one the pack names for it.
async fn leaders(tx: &mut Tx, pack: &Pack, id: &IncidentId, wanted: bool) -> Result<Leaders> {
    if !wanted {
        return Ok(Vec::new());
    }
    let playing = super::store::list_playing(tx, id).await?;
    let sections = ["situations", "summons"];
    let functions = |section: &str| {
        let steps = &pack.procedure.steps;
        let shows = |step: &&Step| step.sections.iter().any(|known| known == section);
        steps.iter().find(shows).map(|step| step.lead.clone()).unwrap_or_default()
    };
    let leads = sections.map(|section| (section, functions(section)));
    let codes: Vec<String> = leads
        .iter()
        .flat_map(|(_, lead)| lead)
        .flat_map(|function| pack.units_of_function(function))
        .map(|unit| unit.id.clone())
        .collect();
    let fixed = super::store::list_units_by_code(tx, &codes).await?;
    let unit = |lead: &[String]| units_of(pack, &playing, &fixed, lead).into_iter().next().map(|(id, _)| id);
    Ok(leads.into_iter().map(|(section, lead)| (section, unit(&lead))).collect())
}

/// What people ask of one another.
fn of_people(row: &About, incident: &Incident, pack: &Pack, led: &Leaders) -> Option<Claim> {
    if !incident.is_open() && row.done_at.is_none() {
        return None;
    }
    let what = brief(&row.what, SHORT);
    let (who, english) = (row.who.as_str(), pack.named(&row.who, Lang::En));
    let (source, section, title) = match row.kind.as_str() {
        "request" => ("request", "requests", text!("Yêu cầu gửi {who}: {what}", "Request to {english}: {what}")),
        // Nobody of an outside body is told here: whoever asked it has the answer to see to.
        "reply" => ("reply", "requests", text!("Yêu cầu gửi {who}: {what}", "Request to {english}: {what}")),
        "decision" => {
            ("decision", "decisions", text!("Cho ý kiến về quyết định: {what}", "Your word on a decision: {what}"))
        }
        "situation" => {
            ("situation", "situations", text!("Ra bản tin tình hình số {what}", "Publish situation report {what}"))
        }
        "callout" => ("callout", "summons", text!("Gọi lại người được triệu tập: {who}", "Call again: {who}")),
        _ => ("direction", "direction", text!("Chỉ đạo {who}: {what}", "Direction to {english}: {what}")),
    };
    let leader = row.led_by().and_then(|section| led.iter().find(|(known, _)| *known == section));
    Some(Claim {
        source,
        key: row.id.clone(),
        title: Some(title),
        subject: subject(incident),
        url: format!("/incidents/{}/coordination#section-{section}", incident.id),
        incident_id: Some(incident.id.clone()),
        unit_id: leader.map_or_else(|| row.unit_id.clone(), |(_, unit)| unit.clone()),
        person_id: row.person_id.clone(),
        starts_at: row.since,
        due_at: row.due_at,
        done: row.done_at.map_or(Done::NotYet, Done::At),
        ..Claim::default()
    })
}

/// Who must be told by the law, each unit for itself.
async fn by_law(tx: &mut Tx, asked: &Asked<'_>, incident: &Incident) -> Result<Vec<Claim>> {
    let pack = &asked.app.pack;
    let facts = Facts { handling_ended: handling_ended(tx, pack, incident).await?, ..facts(incident) };
    let counts_days = |rule: &DeadlineRule| {
        let every = rule.repeat.as_ref().map(|repeat| repeat.every);
        [rule.within, every].into_iter().flatten().any(|within| matches!(within, Within::WorkingDays(_)))
    };
    // Only working days need the table.
    let calendar = match pack.regimes.iter().flat_map(|regime| &regime.rules).any(counts_days) {
        true => Calendar::load(tx).await?,
        false => Calendar::default(),
    };
    let rules = running(pack, &facts, &calendar);
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let playing = super::store::list_playing(tx, &incident.id).await?;
    let told = store::told(tx, &incident.id).await?;
    let functions = rules.iter().flat_map(|running| running.rule.by.iter().chain(&running.rule.to));
    let mut codes: Vec<String> =
        functions.flat_map(|id| pack.units_of_function(id)).map(|unit| unit.id.clone()).collect();
    codes.sort();
    codes.dedup();
    let fixed = super::store::list_units_by_code(tx, &codes).await?;
    let known = Known { pack, incident, playing: &playing, fixed: &fixed, told: &told };
    let mut claims: Vec<Claim> = Vec::new();
    for running in &rules {
        for claim in of_rule(&known, running, &facts, &calendar, asked.now) {
            claims.push(claim);
        }
    }
    Ok(claims)
}

/// What the claims of one incident are told from.
struct Known<'a> {
    pack: &'a Pack,
    incident: &'a Incident,
    playing: &'a [IncidentUnit],
    fixed: &'a [UnitChoice],
    told: &'a [Told],
}

impl Known<'_> {
    fn units_of(&self, functions: &[String]) -> Vec<(UnitId, String)> {
        units_of(self.pack, self.playing, self.fixed, functions)
    }
}

/// One claim for each unit that a rule wants told, and for each of its turns.
fn of_rule(known: &Known<'_>, running: &Running<'_>, facts: &Facts, calendar: &Calendar, now: Time) -> Vec<Claim> {
    let rule = running.rule;
    let by = known.units_of(&rule.by).into_iter().next();
    let mut to: Vec<(Option<UnitId>, String)> =
        known.units_of(&rule.to).into_iter().map(|(id, name)| (Some(id), name)).collect();
    to.extend(rule.party.as_ref().map(|party| (None, party.vi.clone())));
    let mut claims = Vec::new();
    for (unit, name) in to {
        let told: Vec<Time> =
            known.told.iter().filter(|told| meets(rule, unit.as_ref(), told)).map(|told| told.told_at).collect();
        let key = match &unit {
            Some(unit) => format!("{}:{unit}", rule.id),
            None => rule.id.clone(),
        };
        let first = claim(known, running, &by, &unit, &name);
        let Some(repeat) = &rule.repeat else {
            let done = told.iter().min().copied().map_or(Done::NotYet, Done::At);
            claims.push(Claim { key, done, ..first });
            continue;
        };
        let every = |from: Time| due_within(from, repeat.every, false, calendar).at;
        for turn in instances(running.start, running.due.at, every, &told, facts.handling_ended, now) {
            let number = turn.number;
            let title = first.title.as_ref().map(|title| in_turn(title, number));
            let worded = if number == 1 { first.bound.clone() } else { Some(bound(repeat.every, false)) };
            claims.push(Claim {
                key: turn_key(&key, number),
                title,
                bound: worded,
                starts_at: turn.start,
                due_at: Some(turn.due),
                done: turn.done.map_or(Done::NotYet, Done::At),
                ..first.clone()
            });
        }
    }
    claims
}

fn claim(
    known: &Known<'_>,
    running: &Running<'_>,
    by: &Option<(UnitId, String)>,
    unit: &Option<UnitId>,
    name: &str,
) -> Claim {
    let rule = running.rule;
    let words = rule.name.text();
    let (vi, en) = (&words.vi, &words.en);
    let english = known.pack.named(name, Lang::En);
    let tell = match unit {
        Some(unit) => format!("{}:{unit}", rule.id),
        None => rule.id.clone(),
    };
    Claim {
        source: RULE,
        title: Some(text!("Báo {name}: {vi}", "Tell {english}: {en}")),
        subject: subject(known.incident),
        url: format!("/incidents/{}/coordination?tell={tell}#tell", known.incident.id),
        incident_id: Some(known.incident.id.clone()),
        unit_id: by.as_ref().map(|(id, _)| id.clone()),
        recipient_id: unit.clone(),
        recipient: name.to_owned(),
        rule: rule.id.clone(),
        form: rule.form.clone().unwrap_or_default(),
        basis: Some(rule.basis.text()),
        bound: rule.within.map(|within| bound(within, rule.exclusive)),
        why: Some(running.why.clone()),
        starts_at: running.start,
        due_at: Some(running.due.at),
        ..Claim::default()
    }
}

/// Told under this rule; or, for the first notice, told at all without a rule being named.
fn meets(rule: &DeadlineRule, unit: Option<&UnitId>, told: &Told) -> bool {
    if unit.is_some() && told.unit_id.as_ref() != unit {
        return false;
    }
    told.rule == rule.id || (unit.is_some() && told.rule.is_empty() && rule.anchor == DETECTED && rule.repeat.is_none())
}

/// The units behind functions: who plays each in this incident, else whom the pack names for it; each unit once.
fn units_of(
    pack: &Pack,
    playing: &[IncidentUnit],
    fixed: &[UnitChoice],
    functions: &[String],
) -> Vec<(UnitId, String)> {
    let mut units: Vec<(UnitId, String)> = Vec::new();
    for function in functions {
        let here: Vec<_> = playing.iter().filter(|unit| unit.function == *function).collect();
        let codes = pack.units_of_function(function);
        let named = fixed.iter().filter(|unit| codes.iter().any(|code| code.id == unit.code));
        let found: Vec<(UnitId, String)> = match here.is_empty() {
            true => named.map(|unit| (unit.id.clone(), unit.name.clone())).collect(),
            false => here.into_iter().map(|unit| (unit.unit_id.clone(), unit.unit_name.clone())).collect(),
        };
        for unit in found {
            if !units.iter().any(|(id, _)| *id == unit.0) {
                units.push(unit);
            }
        }
    }
    units
}

/// What the incident says that rules ask for, but for the end of its handling.
pub fn facts(incident: &Incident) -> Facts {
    Facts {
        detected: incident.detected_at,
        class: incident.class.clone(),
        classified: incident.classified_at,
        flags: incident.flags().into_iter().map(|(name, flag)| (name, flag.since)).collect(),
        breach: incident.breach_at,
        handling_ended: None,
    }
}

/// When the check of the recovery was finished in its latest round; where the procedure has no such check, when the
/// incident was closed.
async fn handling_ended(tx: &mut Tx, pack: &Pack, incident: &Incident) -> Result<Option<Time>> {
    match pack.procedure.steps.iter().find(|step| step.loop_back.is_some()) {
        Some(step) => store::ended_at(tx, &incident.id, &step.id).await,
        None => Ok(incident.closed_at),
    }
}

fn subject(incident: &Incident) -> String {
    format!("{} {}", incident.code, incident.title)
}
