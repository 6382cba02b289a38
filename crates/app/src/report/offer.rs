//! Which forms of the pack an incident asks for, and who must receive them: by its steps and by the rules in force.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::store::facts as store;
use crate::incident::Incident;
use crate::incident::model::IncidentUnit;
use crate::pack::{DeadlineRule, Form, Pack, Step};

/// The rules that hold on the day the incident was detected and ask for a form.
fn rules<'a>(pack: &'a Pack, incident: &Incident) -> Vec<&'a DeadlineRule> {
    let day = incident.detected_at.local().strftime("%Y-%m-%d").to_string();
    let day = day.as_str();
    let in_force = |rule: &&DeadlineRule| {
        rule.form.is_some()
            && rule.valid_from.as_deref().is_none_or(|from| from <= day)
            && rule.valid_to.as_deref().is_none_or(|to| day <= to)
    };
    let regimes = pack.regimes.iter().filter(|regime| regime.holds_on(day));
    regimes.flat_map(|regime| &regime.rules).filter(in_force).collect()
}

/// The forms that the law in force asks for, in the order of the pack.
pub fn by_law<'a>(pack: &'a Pack, incident: &Incident) -> Vec<&'a Form> {
    let rules = rules(pack, incident);
    pack.forms.iter().filter(|form| rules.iter().any(|rule| rule.form.as_ref() == Some(&form.id))).collect()
}

/// Whether a step of the plan cannot be finished without this form.
pub fn by_plan(pack: &Pack, form: &Form) -> bool {
    let mut gates = pack.procedure.steps.iter().flat_map(|step| &step.gates);
    gates.any(|gate| gate.kind == "document" && gate.key.as_ref() == Some(&form.id))
}

/// The forms that a step needs: those its gates ask for and those of the law in force.
pub fn by_step<'a>(pack: &'a Pack, incident: &Incident, step: &Step) -> Vec<&'a Form> {
    let rules = rules(pack, incident);
    let asked = |form: &&Form| {
        step.gates.iter().any(|gate| gate.kind == "document" && gate.key.as_ref() == Some(&form.id))
            || rules.iter().any(|rule| rule.form.as_ref() == Some(&form.id))
    };
    pack.forms.iter().filter(asked).collect()
}

/// Who receives a form, one name a line: by the rules in force and by the form itself the units that play the part here,
/// else those the pack names for it; at the end where it is kept.
pub async fn recipients(
    tx: &mut Tx,
    pack: &Pack,
    incident: &Incident,
    units: &[IncidentUnit],
    form: &Form,
) -> Result<String> {
    let mut functions: Vec<&str> = Vec::new();
    let by_rules = rules(pack, incident).into_iter().filter(|rule| rule.form.as_ref() == Some(&form.id));
    for to in by_rules.flat_map(|rule| &rule.to).chain(&form.to) {
        if !functions.contains(&to.as_str()) {
            functions.push(to);
        }
    }
    let codes: Vec<&str> =
        functions.iter().flat_map(|id| pack.units_of_function(id)).map(|unit| unit.id.as_str()).collect();
    let named = store::list_units_by_code(tx, &codes).await?;
    let mut names: Vec<String> = Vec::new();
    for function in functions {
        let playing: Vec<String> =
            units.iter().filter(|unit| unit.function == function).map(|unit| unit.unit_name.clone()).collect();
        let of_pack = pack.units_of_function(function);
        let fixed = of_pack.iter().filter_map(|unit| named.iter().find(|(code, _)| *code == unit.id));
        let found = if playing.is_empty() { fixed.map(|(_, name)| name.clone()).collect() } else { playing };
        for name in found {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.extend(form.kept.iter().cloned());
    Ok(names.join("\n"))
}

/// Whether a form belongs to the law that held when the incident was detected, or to none in particular.
pub fn fits(pack: &Pack, incident: &Incident, form: &Form) -> bool {
    let day = incident.detected_at.local().strftime("%Y-%m-%d").to_string();
    let holds = |id: &String| pack.regime(id).is_some_and(|regime| regime.holds_on(&day));
    form.regimes.is_empty() || form.regimes.iter().any(holds)
}
