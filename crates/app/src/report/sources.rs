//! Where the first value of a field comes from: the records of an incident, gathered once under the keys a pack may name.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::facts::{Fact, Facts, Mark};
use super::store::facts as store;
use crate::actor::Actor;
use crate::deadline::rules::flag_words;
use crate::incident::Incident;
use crate::incident::facts_of_law::BREACH;
use crate::org::UnitId;
use crate::pack::{Form, Pack};

/// Everything the records know that a form may ask for, and the unit in whose name it is written.
pub struct Gathered {
    pub facts: Facts,
    pub unit: store::UnitRow,
}

/// The condition, and the flag of rules, that says that personal data was breached.
const PERSONAL_DATA: &str = "personal_data";
/// The flags of rules, as conditions, for which a report cannot wait.
const AT_ONCE: [&str; 2] = ["national_security", "serious_interruption"];

/// Reads the records, one statement for each kind of thing.
pub async fn gather(
    tx: &mut Tx,
    actor: &Actor,
    pack: &Pack,
    incident: &Incident,
    form: &Form,
    now: Time,
) -> Result<Gathered> {
    let mut facts = Facts::default();
    let issuer = issuer(tx, pack, incident, form).await?;
    let units = store::list_units(tx, &[&incident.unit_id, &incident.owner_unit_id, &issuer]).await?;
    let unit = units.iter().find(|unit| unit.id == issuer).cloned().unwrap_or_default();
    note_units(&mut facts, incident, &units, &unit);

    let from_people = Text::new("từ danh bạ", "from the register of people");
    let contact = match store::find_officer(tx, &issuer, now).await? {
        Some(officer) => Some(officer),
        // Nobody holds the office: whoever leads the work, else whoever writes.
        None => {
            let person = incident.commander_id.as_ref().unwrap_or(&actor.person_id);
            store::find_person(tx, person).await?
        }
    };
    if let Some(contact) = contact {
        facts.words("contact.name", &contact.name, &from_people);
        facts.words("contact.title", &contact.title, &from_people);
        facts.words("contact.phone", &contact.phone, &from_people);
        facts.words("contact.email", &contact.email, &from_people);
    }
    if let Some(system) = &incident.system_id
        && let Some(system) = store::find_system(tx, system).await?
    {
        note_system(&mut facts, &system);
    }
    note_incident(&mut facts, pack, incident, now);
    note_writing(tx, &mut facts, incident).await?;
    note_measures(tx, &mut facts, incident).await?;
    super::sources_shared::note(tx, &mut facts, pack, actor, incident).await?;
    super::sources_work::note(tx, &mut facts, pack, incident).await?;

    if let Some(earlier) = &form.answers
        && let Some((number, issued_at)) = store::find_earlier(tx, &incident.id, earlier).await?
    {
        let from = pack.form(earlier).map(|form| form.name.text()).unwrap_or(Text::same(earlier.clone()));
        let (vi, en) = (from.vi, from.en);
        let from = text!("từ {vi}", "from {en}");
        facts.words("initial_report.number", &number, &from);
        facts.note("initial_report.date", Fact::Moment(issued_at), &from);
    }
    // The first, second, … of its form: one that is being written counts itself.
    let begun = crate::report::store::last_ordinal(tx, &incident.id, &form.id).await?.max(1);
    facts.note("report.ordinal", Fact::Number(begun), &Text::new("theo sổ báo cáo", "from the list of reports"));
    facts.note("report.made_at", Fact::Moment(now), &Text::new("giờ lập báo cáo", "when the report is made"));
    Ok(Gathered { facts, unit })
}

/// In whose name a form is written: the unit that plays the function the form names, or else the one that runs the system.
async fn issuer(tx: &mut Tx, pack: &Pack, incident: &Incident, form: &Form) -> Result<UnitId> {
    let Some(function) = &form.issuer else { return Ok(incident.unit_id.clone()) };
    if let Some(unit) = store::find_playing(tx, &incident.id, function).await? {
        return Ok(unit);
    }
    for unit in pack.units_of_function(function).into_iter().take(1) {
        if let Some(unit) = store::find_unit_by_code(tx, &unit.id).await? {
            return Ok(unit);
        }
    }
    Ok(incident.unit_id.clone())
}

fn note_units(facts: &mut Facts, incident: &Incident, units: &[store::UnitRow], unit: &store::UnitRow) {
    let from = Text::new("từ danh bạ đơn vị", "from the register of units");
    facts.words("reporter.name", &unit.name, &from);
    facts.words("reporter.address", &unit.address, &from);
    facts.words("reporter.phone", &unit.phone, &from);
    facts.words("reporter.email", &unit.email, &from);
    if let Some(operator) = units.iter().find(|unit| unit.id == incident.unit_id) {
        facts.words("operator.name", &operator.name, &from);
    }
    if let Some(owner) = units.iter().find(|unit| unit.id == incident.owner_unit_id) {
        facts.words("owner.name", &owner.name, &from);
    }
}

fn note_system(facts: &mut Facts, system: &store::SystemRow) {
    let from = Text::new("từ sổ hệ thống thông tin", "from the register of systems");
    facts.words("system.name", &system.name, &from);
    facts.words("system.purpose", &system.purpose, &from);
    facts.words("system.security_provider", &system.provider, &from);
    facts.words("system.link_provider", &system.link_provider, &from);
    facts.words("system.os_name", &system.os_name, &from);
    facts.words("system.os_version", &system.os_version, &from);
    facts.words("system.public_ips", &system.addresses, &from);
    facts.words("system.domains", &system.domains, &from);
    if let Some(level) = system.level {
        facts.note("system.level", Fact::Number(level), &from);
    }
    facts.note("system.services", Fact::Marks(listed(&system.services)), &from);
    facts.note("system.safeguards", Fact::Marks(listed(&system.safeguards)), &from);
}

/// A list as people keep it: a JSON list, or words between commas, semicolons and line ends.
fn listed(words: &str) -> Vec<Mark> {
    let items: Vec<String> = serde_json::from_str(words)
        .unwrap_or_else(|_| words.split(['\n', ',', ';']).map(|item| item.trim().to_owned()).collect());
    items.into_iter().filter(|item| !item.trim().is_empty()).map(|item| Mark::new(item.clone(), item)).collect()
}

fn note_incident(facts: &mut Facts, pack: &Pack, incident: &Incident, now: Time) {
    let from = of_incident(incident);
    facts.words("incident.code", &incident.code, &from);
    facts.words("incident.title", &incident.title, &from);
    facts.words("incident.summary", &incident.summary, &from);
    if let Some(class) = pack.classes.class(&incident.class) {
        facts.note("incident.class", Fact::Marks(vec![Mark::new(class.id.clone(), class.name.vi.clone())]), &from);
    }
    if let Some(scenario) = pack.scenario(&incident.scenario) {
        facts.note(
            "incident.scenario",
            Fact::Marks(vec![Mark::new(scenario.id.clone(), scenario.name.vi.clone())]),
            &from,
        );
    }
    if let Some(happened_at) = incident.happened_at {
        facts.note("incident.occurred_at", Fact::Moment(happened_at), &from);
    }
    for key in ["incident.detected_on", "incident.detected_time", "incident.detected_at"] {
        facts.note(key, Fact::Moment(incident.detected_at), &from);
    }
    // The same moment from which the time limits of a breach run.
    let breached_at = incident.breach_at.unwrap_or(incident.detected_at);
    facts.note("incident.breach_detected_at", Fact::Moment(breached_at), &from);
    let status = match incident.closed_at {
        Some(closed_at) if closed_at <= now => Mark::new("handled", "Đã được xử lý"),
        _ => Mark::new("open", "Chưa được xử lý"),
    };
    facts.note("incident.status", Fact::Marks(vec![status]), &from);
    let conditions = incident.conditions();
    let held = pack.classes.conditions.iter().filter(|condition| conditions.contains(&condition.id));
    let held: Vec<Mark> = held.map(|one| Mark::new(one.id.clone(), one.text.vi.clone())).collect();
    facts.note(
        "incident.serious_conditions",
        Fact::Lines(held.iter().map(|one| format!("- {}", one.words)).collect()),
        &from,
    );
    // Only what has a box of its own on the form: the other conditions are no reason to report at once. A flag that holds was
    // said, or came with a condition.
    let flags = incident.flags();
    let holds = |id: &&str| flags.contains_key(*id) || conditions.iter().any(|condition| condition == id);
    let at_once = AT_ONCE.into_iter().filter(holds).map(|flag| Mark::new(flag, flag_words(flag).vi));
    facts.note("incident.at_once", Fact::Marks(at_once.collect()), &from);
    // No is known only where a condition bears the name of what the product knows; without it, nobody was asked.
    let leaked = BREACH.iter().any(|flag| flags.contains_key(*flag)) || conditions.iter().any(|id| id == PERSONAL_DATA);
    if leaked || pack.classes.conditions.iter().any(|condition| condition.id == PERSONAL_DATA) {
        facts.note("incident.personal_data", Fact::Yes(leaked), &from);
    }
    // What may go no further than the recipients is asked to be kept secret, what may go anywhere is not; in between a
    // person decides.
    match incident.tlp.as_str() {
        "red" | "amber_strict" | "amber+strict" => facts.note("incident.confidential", Fact::Yes(true), &from),
        "green" | "clear" => facts.note("incident.confidential", Fact::Yes(false), &from),
        _ => {}
    }
}

/// The mark of everything that comes from the incident itself.
pub(super) fn of_incident(incident: &Incident) -> Text {
    let code = &incident.code;
    text!("từ sự cố {code}", "from incident {code}")
}

async fn note_writing(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    for (key, words) in store::list_narratives(tx, &incident.id).await? {
        let source = match key.as_str() {
            "summary" => "incident.summary",
            "scope" => "incident.scope",
            "origin" => "incident.origin",
            "cause" => "incident.cause",
            "harm" => "incident.harm",
            "result" => "incident.result",
            _ => continue,
        };
        facts.words(source, &words, &from);
    }
    let lessons = store::list_lessons(tx, &incident.id).await?;
    facts.note("incident.lessons", Fact::Lines(lessons.into_iter().map(|(text,)| text).collect()), &from);
    Ok(())
}

async fn note_measures(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let measures = store::list_measures(tx, &incident.id).await?;
    let line = |measure: &store::MeasureRow| match measure.done_at {
        Some(at) => format!("- {} ({})", measure.title, at.to_minute()),
        None => format!("- {}", measure.title),
    };
    let (planned, done): (Vec<_>, Vec<_>) = measures.iter().partition(|measure| measure.state == "planned");
    facts.note("incident.measures", Fact::Lines(done.iter().map(|measure| line(measure)).collect()), &from);
    facts.note("incident.measures_planned", Fact::Lines(planned.iter().map(|measure| line(measure)).collect()), &from);
    let recovered =
        done.iter().filter(|measure| measure.kind == "recovery").filter_map(|measure| measure.done_at).max();
    let recovered = match store::find_stable_at(tx, &incident.id).await? {
        Some(stable) => Some(stable),
        None => recovered,
    };
    if let Some(at) = recovered {
        facts.note("incident.recovered_at", Fact::Moment(at), &from);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_list_is_read_as_people_keep_it() {
        let ids = |words: &str| listed(words).into_iter().flat_map(|mark| mark.ids).collect::<Vec<_>>();
        assert_eq!(ids(r#"["web","mail"]"#), ["web", "mail"]);
        assert_eq!(ids("Web server, Mail server;\nSSH"), ["Web server", "Mail server", "SSH"]);
        assert!(ids("").is_empty());
    }
}
