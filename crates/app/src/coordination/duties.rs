//! Who must be told by the rules in force when the incident was detected, and has not been.

use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, Words};
use ungcuu_kit::time::{DAY, HOUR, Time};

use super::model::{Disclosure, DisclosureSort, UnitChoice};
use super::store;
use crate::incident::model::IncidentUnit;
use crate::incident::section::Gated;
use crate::incident::{Incident, IncidentId};
use crate::org::UnitId;
use crate::pack::{DeadlineRule, Pack, Within};
use crate::work::Look;

/// The anchor of rules whose clock a calendar starts; no incident does.
pub const CALENDAR: &str = "calendar";
/// The anchor of what is owed once the handling is over.
const HANDLING_ENDED: &str = "handling_ended";
/// The anchor of what is owed from the first moment.
const DETECTED: &str = "detected";

/// One unit that a rule wants told.
#[derive(Clone, Debug, Serialize)]
pub struct Duty {
    pub rule: String,
    #[serde(skip)]
    pub name: Text,
    pub basis: Words,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// Known when the clock starts with the detection.
    pub due: Option<Time>,
    /// Owed only when this holds, which a person judges; empty when it is owed anyway.
    pub only_if: Vec<Text>,
}

impl Duty {
    /// How an address names it.
    pub fn key(&self) -> String {
        format!("{}:{}", self.rule, self.unit_id)
    }

    /// "Báo Công an tỉnh: …"
    pub fn words(&self) -> Text {
        let (unit, vi, en) = (&self.unit_name, &self.name.vi, &self.name.en);
        text!("Báo {unit}: {vi}", "Tell {unit}: {en}")
    }
}

/// The duties not yet met. `after_handling` says whether the step that is shown comes behind the check of the recovery:
/// only then is it time for what is owed at the end.
pub async fn open(
    tx: &mut Tx,
    pack: &Pack,
    incident: &Incident,
    told: &[Disclosure],
    after_handling: bool,
) -> Result<Vec<Duty>> {
    let mut rules = in_force(pack, incident);
    rules.retain(|rule| after_handling || rule.anchor != HANDLING_ENDED);
    let playing = store::list_playing(tx, &incident.id).await?;
    let playing: Vec<&IncidentUnit> = playing.iter().collect();
    let fixed = store::list_units_by_code(tx, &named(pack, &rules)).await?;
    let told = told.iter().filter(|one| !one.struck);
    let told: Vec<_> = told.map(|one| (one.unit_id.as_ref(), one.rule.as_str())).collect();
    Ok(owed(pack, incident, &rules, &told, &playing, &fixed))
}

/// What must be told by a known moment and whatever happens, and was not yet, in several incidents: three questions,
/// however many there are.
pub async fn with_clock(look: &mut Look, incidents: &[&Incident]) -> Result<Vec<(IncidentId, Duty)>> {
    let app = look.app.clone();
    let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id.clone()).collect();
    let rules: Vec<Vec<&DeadlineRule>> = incidents.iter().map(|incident| in_force(&app.pack, incident)).collect();
    let every: Vec<&DeadlineRule> = rules.iter().flatten().copied().collect();
    if every.is_empty() {
        return Ok(Vec::new());
    }
    let playing = store::list_playing_of(&mut look.tx, &ids).await?;
    let told = store::disclosures::list_told_of(&mut look.tx, &ids).await?;
    let fixed = store::list_units_by_code(&mut look.tx, &named(&app.pack, &every)).await?;
    let mut found = Vec::new();
    for (incident, rules) in incidents.iter().zip(&rules) {
        let here = playing.iter().filter(|(id, _)| *id == incident.id);
        let here: Vec<&IncidentUnit> = here.map(|(_, unit)| unit).collect();
        let said = told.iter().filter(|(id, ..)| *id == incident.id);
        let said: Vec<_> = said.map(|(_, unit, rule)| (unit.as_ref(), rule.as_str())).collect();
        let duties = owed(&app.pack, incident, rules, &said, &here, &fixed).into_iter();
        let certain = duties.filter(|duty| duty.due.is_some() && duty.only_if.is_empty());
        found.extend(certain.map(|duty| (incident.id.clone(), duty)));
    }
    Ok(found)
}

/// The codes of the units that the pack names as recipients of these rules.
fn named(pack: &Pack, rules: &[&DeadlineRule]) -> Vec<String> {
    let functions = rules.iter().flat_map(|rule| &rule.to);
    let mut codes: Vec<String> =
        functions.flat_map(|function| pack.units_of_function(function)).map(|unit| unit.id.clone()).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Of these rules, what has not been told. `told`: the unit and the rule it was told under.
fn owed(
    pack: &Pack,
    incident: &Incident,
    rules: &[&DeadlineRule],
    told: &[(Option<&UnitId>, &str)],
    playing: &[&IncidentUnit],
    fixed: &[UnitChoice],
) -> Vec<Duty> {
    let mut duties: Vec<Duty> = Vec::new();
    for rule in rules {
        for unit in recipients(pack, rule, playing, fixed) {
            let known = duties.iter().any(|duty| duty.rule == rule.id && duty.unit_id == unit.0);
            if known || is_met(rule, &unit.0, told) {
                continue;
            }
            duties.push(Duty {
                rule: rule.id.clone(),
                name: rule.name.text(),
                basis: rule.basis.clone(),
                unit_id: unit.0,
                unit_name: unit.1,
                due: due(rule, incident.detected_at),
                only_if: only_if(rule, incident),
            });
        }
    }
    duties
}

/// How many were told, once everybody was whom a rule wants told in any case; none before that.
pub async fn count_told(tx: &mut Tx, gated: &Gated<'_>) -> Result<i64> {
    let told = store::disclosures::list(tx, &gated.incident.id, DisclosureSort::Told).await?;
    let owed = open(tx, gated.pack, gated.incident, &told, false).await?;
    if owed.iter().any(|duty| duty.only_if.is_empty()) {
        return Ok(0);
    }
    store::disclosures::count(tx, &gated.incident.id, DisclosureSort::Told).await
}

/// When what a rule asks of an incident is due, by the moment of detection as it stands now; none when it is not known or
/// the plan has no such rule.
pub fn due_of(pack: &Pack, rule: &str, incident: &Incident) -> Option<Time> {
    let rule = pack.regimes.iter().flat_map(|regime| &regime.rules).find(|known| known.id == rule)?;
    due(rule, incident.detected_at)
}

/// The unit with this id.
pub async fn find_unit(tx: &mut Tx, id: &UnitId) -> Result<Option<UnitChoice>> {
    store::find_unit(tx, id).await
}

/// The duties of an incident that are not met, those at the end of the handling among them.
pub async fn open_of(tx: &mut Tx, pack: &Pack, incident: &Incident) -> Result<Vec<Duty>> {
    let told = store::disclosures::list(tx, &incident.id, DisclosureSort::Told).await?;
    open(tx, pack, incident, &told, true).await
}

/// The rules that an incident of this class, detected on this day, brings with it.
fn in_force<'a>(pack: &'a Pack, incident: &Incident) -> Vec<&'a DeadlineRule> {
    let day = incident.detected_at.local().strftime("%Y-%m-%d").to_string();
    let holds = |rule: &DeadlineRule| {
        let begun = rule.valid_from.as_deref().is_none_or(|from| from <= day.as_str());
        let not_over = rule.valid_to.as_deref().is_none_or(|to| day.as_str() <= to);
        let of_class = rule.classes.is_empty() || rule.classes.contains(&incident.class);
        rule.anchor != CALENDAR && begun && not_over && of_class
    };
    let regimes = pack.regimes.iter().filter(|regime| regime.holds_on(&day));
    regimes.flat_map(|regime| &regime.rules).filter(|rule| holds(rule)).collect()
}

/// What must hold for the rule to bind; nothing once one of its flags is among the incident's conditions.
fn only_if(rule: &DeadlineRule, incident: &Incident) -> Vec<Text> {
    let conditions = incident.conditions();
    if rule.flags.iter().any(|flag| conditions.contains(flag)) {
        return Vec::new();
    }
    rule.flags.iter().map(|flag| flag_words(flag)).collect()
}

/// What a flag of a rule means. The flags are kinds that the product knows; which rule asks for which is the pack's word.
fn flag_words(flag: &str) -> Text {
    match flag {
        "exceeds_capability" => Text::new("vượt khả năng tự xử lý", "it exceeds our capability"),
        "serious_interruption" => Text::new("gián đoạn nghiêm trọng", "service is seriously interrupted"),
        "national_security" => Text::new("liên quan an ninh quốc gia", "national security is concerned"),
        "personal_data" => Text::new("lộ, mất dữ liệu cá nhân", "personal data was breached"),
        "sensitive_data" => Text::new("lộ, mất dữ liệu cá nhân nhạy cảm", "sensitive personal data was breached"),
        "complex" => Text::new("sự cố phức tạp", "the incident is complex"),
        other => Text::same(other),
    }
}

/// The units behind a rule's recipients: who plays the function in this incident, else whom the pack names for it.
fn recipients(
    pack: &Pack,
    rule: &DeadlineRule,
    playing: &[&IncidentUnit],
    fixed: &[UnitChoice],
) -> Vec<(UnitId, String)> {
    let mut units = Vec::new();
    for function in &rule.to {
        let here: Vec<_> = playing.iter().filter(|unit| unit.function == *function).collect();
        if here.is_empty() {
            let codes = pack.units_of_function(function);
            let named = fixed.iter().filter(|unit| codes.iter().any(|code| code.id == unit.code));
            units.extend(named.map(|unit| (unit.id.clone(), unit.name.clone())));
        } else {
            units.extend(here.into_iter().map(|unit| (unit.unit_id.clone(), unit.unit_name.clone())));
        }
    }
    units
}

/// Told under this rule; or, for the first notice, told at all without a rule being named.
fn is_met(rule: &DeadlineRule, unit: &UnitId, told: &[(Option<&UnitId>, &str)]) -> bool {
    let mut under = told.iter().filter(|(told, _)| *told == Some(unit)).map(|(_, rule)| *rule);
    under.any(|under| under == rule.id || (under.is_empty() && rule.anchor == DETECTED))
}

fn due(rule: &DeadlineRule, detected: Time) -> Option<Time> {
    if rule.anchor != DETECTED {
        return None;
    }
    match rule.within {
        Some(Within::AtOnce) => Some(detected),
        Some(Within::Hours(hours)) => Some(detected.plus(i64::from(hours) * HOUR)),
        Some(Within::Days(days)) => Some(detected.plus(i64::from(days) * DAY)),
        // Needs the calendar of working days, which the clocks of the incident know.
        Some(Within::WorkingDays(_)) | None => None,
    }
}
