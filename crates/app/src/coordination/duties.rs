//! Who must be told by the law, as the step shows it: what runs, with its clock; what was set aside; and what would be owed
//! if something held that a person still has to judge.

use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Text, Words};
use ungcuu_kit::time::Time;

use super::clocks::facts;
use super::model::{DisclosureSort, UnitChoice};
use super::store;
use crate::deadline::rules::{HANDLING_ENDED, flag_words, perhaps};
use crate::deadline::store::list_by_rules;
use crate::deadline::{Deadline, DeadlineId, DeadlineState};
use crate::incident::Incident;
use crate::incident::model::IncidentUnit;
use crate::incident::section::Gated;
use crate::org::UnitId;
use crate::pack::{DeadlineRule, Pack};

/// One unit that a rule wants told.
#[derive(Clone, Debug, Serialize)]
pub struct Duty {
    pub rule: String,
    #[serde(skip)]
    pub name: Text,
    pub basis: Words,
    /// Empty when whoever must be told is no unit.
    pub unit_id: UnitId,
    pub unit_name: String,
    pub due: Option<Time>,
    /// Since when the clock runs.
    #[serde(skip)]
    pub started: Option<Time>,
    /// Where its clock is looked at; none for what is not owed yet.
    pub deadline: Option<DeadlineId>,
    /// Owed only when this holds, which a person judges; empty when it is owed anyway.
    pub only_if: Vec<Text>,
}

impl Duty {
    /// How an address names it.
    pub fn key(&self) -> String {
        match self.unit_id.as_str() {
            "" => self.rule.clone(),
            unit => format!("{}:{unit}", self.rule),
        }
    }
}

/// What is owed, what was set aside, and what might be owed.
pub struct Duties {
    pub owed: Vec<Duty>,
    pub waived: Vec<Deadline>,
    pub perhaps: Vec<Duty>,
}

impl Duties {
    /// What is owed, then what might be.
    pub fn all(self) -> Vec<Duty> {
        self.owed.into_iter().chain(self.perhaps).collect()
    }
}

/// The duties of an incident.
pub async fn of_incident(tx: &mut Tx, pack: &Pack, incident: &Incident) -> Result<Duties> {
    let rows = list_by_rules(tx, &incident.id).await?;
    let (open, ended): (Vec<_>, Vec<_>) = rows.into_iter().partition(Deadline::is_open);
    let waived = ended.into_iter().filter(|row| row.state == DeadlineState::Waived).collect();
    Ok(Duties {
        owed: open.iter().map(|row| duty(pack, row)).collect(),
        waived,
        perhaps: maybe(tx, pack, incident).await?,
    })
}

fn duty(pack: &Pack, row: &Deadline) -> Duty {
    let rule = pack.rule(&row.rule);
    Duty {
        rule: row.rule.clone(),
        name: rule.map_or_else(|| row.title(), |rule| rule.name.text()),
        basis: Words { vi: row.basis_vi.clone(), en: Some(row.basis_en.clone()) },
        unit_id: row.recipient_id.clone().unwrap_or_default(),
        unit_name: row.recipient.clone(),
        due: row.due_at,
        started: Some(row.starts_at),
        deadline: Some(row.id.clone()),
        only_if: Vec::new(),
    }
}

async fn maybe(tx: &mut Tx, pack: &Pack, incident: &Incident) -> Result<Vec<Duty>> {
    // What the end of the handling asks for is asked then.
    let rules: Vec<&DeadlineRule> =
        perhaps(pack, &facts(incident)).into_iter().filter(|rule| rule.anchor != HANDLING_ENDED).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let playing = store::list_playing(tx, &incident.id).await?;
    let functions = rules.iter().flat_map(|rule| &rule.to);
    let codes: Vec<String> =
        functions.flat_map(|function| pack.units_of_function(function)).map(|unit| unit.id.clone()).collect();
    let fixed = store::list_units_by_code(tx, &codes).await?;
    let mut duties: Vec<Duty> = Vec::new();
    for rule in rules {
        let party = rule.party.as_ref().map(|party| (UnitId::default(), party.vi.clone()));
        for (unit_id, unit_name) in recipients(pack, rule, &playing, &fixed).into_iter().chain(party) {
            if duties.iter().any(|duty| duty.rule == rule.id && duty.unit_id == unit_id) {
                continue;
            }
            duties.push(Duty {
                rule: rule.id.clone(),
                name: rule.name.text(),
                basis: rule.basis.clone(),
                unit_id,
                unit_name,
                due: None,
                started: None,
                deadline: None,
                only_if: rule.flags.iter().map(|flag| flag_words(flag)).collect(),
            });
        }
    }
    Ok(duties)
}

/// How many were told, once everybody was whom the law wants told in any case, or the duty was set aside; none before
/// that. A duty that comes again and again, and what is owed at the end, do not hold a step up.
pub async fn count_told(tx: &mut Tx, gated: &Gated<'_>) -> Result<i64> {
    let rows = list_by_rules(tx, &gated.incident.id).await?;
    let holds_up = |row: &Deadline| {
        let rule = gated.pack.rule(&row.rule);
        rule.is_none_or(|rule| rule.anchor != HANDLING_ENDED && rule.repeat.is_none())
    };
    if rows.iter().any(|row| row.is_open() && holds_up(row)) {
        return Ok(0);
    }
    let told = store::disclosures::count(tx, &gated.incident.id, DisclosureSort::Told).await?;
    let waived = rows.iter().filter(|row| row.state == DeadlineState::Waived).count();
    Ok(told + i64::try_from(waived).unwrap_or(i64::MAX))
}

/// Whether nothing is owed to anybody any more: 1, else 0. What comes again and again is owed turn by turn until the
/// handling ended, and then its turns of before, too, with the end report. Where the procedure has no check that ends the
/// handling, closing does, and what ends then holds nothing up.
pub async fn count_all_told(tx: &mut Tx, gated: &Gated<'_>) -> Result<i64> {
    let rows = list_by_rules(tx, &gated.incident.id).await?;
    let ends_before = gated.pack.procedure.steps.iter().any(|step| step.loop_back.is_some());
    let holds_up = |row: &Deadline| ends_before || gated.pack.rule(&row.rule).is_none_or(|rule| rule.repeat.is_none());
    Ok(i64::from(!rows.iter().any(|row| row.is_open() && holds_up(row))))
}

/// The unit with this id.
pub async fn find_unit(tx: &mut Tx, id: &UnitId) -> Result<Option<UnitChoice>> {
    store::find_unit(tx, id).await
}

/// The units behind a rule's recipients: who plays the function in this incident, else whom the pack names for it.
fn recipients(
    pack: &Pack,
    rule: &DeadlineRule,
    playing: &[IncidentUnit],
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
