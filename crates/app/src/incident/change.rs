//! Changing what an incident says as a whole: its facts, its class, when it was detected, and who and what it touches.
//! Whoever leads or supports a step and works on steps at all may; each change stands in the journal with who and why.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, Raw, empty, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{MINUTE, Time};

use super::actions::{REASON, Taken, record, take};
use super::joining::DrawnAs;
use super::model::{Incident, IncidentId, may_manage};
use super::store::{self, lists};
use super::timeline;
use crate::actor::not_allowed;
use crate::journal;
use crate::org::PersonId;
use crate::permission::Permission;
use crate::work::Work;

/// Takes an open incident to change what it says as a whole.
pub async fn manage(work: &mut Work, id: &IncidentId) -> Result<Taken> {
    let taken = take(work, id).await?;
    if may_manage(&work.actor, &taken.units, &work.app.pack.procedure) { Ok(taken) } else { Err(not_allowed()) }
}

/// The facts as typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FactsForm {
    pub title: Raw,
    pub scenario: Raw,
    /// 1 to the number of severities of the pack.
    pub severity: Raw,
    pub tlp: Raw,
    pub happened_at: Raw,
    /// A person's id; empty for none.
    pub commander: Raw,
    pub version: Raw,
}

/// Changes the facts.
pub async fn edit(work: &mut Work, id: &IncidentId, form: &FactsForm) -> Result<()> {
    let mut taken = manage(work, id).await?;
    refuse_if_older(work, &taken.incident, &form.version).await?;
    let app = work.app.clone();
    let mut checks = Checks::new();
    let title = checks.line("title", &form.title);
    let scenario = known_scenario(&mut checks, &app.pack, &form.scenario);
    let severity = checks.number("severity", &form.severity, 1, most_severe(&app.pack));
    let tlp = known_tlp(&mut checks, &app.pack, &form.tlp);
    let happened_at = checks.moment_or_none("happened_at", &form.happened_at);
    check_times(&mut checks, happened_at, taken.incident.detected_at, work.now);
    let commander: Option<PersonId> = checks.id_or_none("commander", &form.commander);
    let commander = match &commander {
        Some(person) if taken.incident.commander_id.as_ref() != Some(person) => {
            let found = lists::person(&mut work.tx, person).await?;
            if found.is_none() {
                checks.refuse("commander", unknown());
            }
            found
        }
        _ => None,
    };
    checks.done()?;

    let before = taken.incident.clone();
    let incident = &mut taken.incident;
    incident.title = title;
    incident.scenario = scenario;
    incident.severity = severity;
    incident.tlp = tlp;
    incident.happened_at = happened_at;
    match &commander {
        Some(person) => incident.commander_id = Some(person.id.clone()),
        None if form.commander.is_empty() => incident.commander_id = None,
        None => {}
    }
    incident.changed_at = work.now;
    store::save(&mut work.tx, incident).await?;
    let what = changed_facts(&before, incident);
    let mut rows = vec![timeline::note(work, id, "other", what.clone()).await?];
    if let Some(person) = &commander {
        // Whoever commands must be able to see it.
        rows.push(super::touch::draw_in(work, id, person, DrawnAs::Commander.word()).await?);
        let (code, title) = (&before.code, &taken.incident.title);
        let words = text!("Bạn chỉ huy sự cố {code}: {title}", "You command incident {code}: {title}");
        crate::notify::tell_person(work, &person.id, &words, &format!("/incidents/{id}")).await?;
    }
    record(work, id, "incident.edited", what, &rows);
    Ok(())
}

fn changed_facts(before: &Incident, after: &Incident) -> Text {
    let facts = [
        (before.title != after.title, "tiêu đề", "title"),
        (before.scenario != after.scenario, "tình huống", "scenario"),
        (before.severity != after.severity, "mức độ", "severity"),
        (before.tlp != after.tlp, "phạm vi chia sẻ", "TLP"),
        (before.happened_at != after.happened_at, "giờ xảy ra", "time it happened"),
        (before.commander_id != after.commander_id, "chỉ huy", "commander"),
    ];
    let changed: Vec<_> = facts.into_iter().filter(|(changed, ..)| *changed).collect();
    let vi = changed.iter().map(|(_, vi, _)| *vi).collect::<Vec<_>>().join(", ");
    let en = changed.iter().map(|(.., en)| *en).collect::<Vec<_>>().join(", ");
    match changed.is_empty() {
        true => Text::new("Lưu thông tin, không đổi gì", "Saved the facts unchanged"),
        false => text!("Sửa thông tin sự cố: {vi}", "Changed the incident's facts: {en}"),
    }
}

/// The class as proposed or decided.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClassForm {
    /// Ids of the conditions that hold.
    pub conditions: Vec<Raw>,
    /// A class's id; empty to take the computed one.
    pub class: Raw,
    /// Needed when the class differs from the computed one.
    pub reason: Raw,
    pub version: Raw,
}

/// Classifies: who directs decides, others propose. Setting another class than the rule computes needs a reason.
pub async fn classify(work: &mut Work, id: &IncidentId, form: &ClassForm) -> Result<()> {
    let mut taken = manage(work, id).await?;
    let decides = work.actor.can(Permission::IncidentDirect);
    if taken.incident.class_decided && !decides {
        let (who, when) = (&taken.incident.class_by, taken.incident.classified_at.unwrap_or_default().to_minute());
        return Err(Error::NotNow(text!(
            "{who} đã quyết định phân loại lúc {when}. Muốn đổi, hãy đề nghị người có thẩm quyền.",
            "{who} decided the class at {when}. To change it, ask someone in charge."
        )));
    }
    refuse_if_older(work, &taken.incident, &form.version).await?;
    let app = work.app.clone();
    let rules = &app.pack.classes;
    let mut checks = Checks::new();
    let mut holds: Vec<String> = Vec::new();
    for condition in form.conditions.iter().filter(|condition| !condition.is_empty()) {
        match rules.conditions.iter().find(|known| known.id == condition.as_str()) {
            Some(known) if !holds.contains(&known.id) => holds.push(known.id.clone()),
            Some(_) => {}
            None => checks.refuse("conditions", unknown()),
        }
    }
    let level = system_level(work, &taken.incident).await?;
    let computed = rules.propose(&holds, level).map(|class| class.id.clone()).unwrap_or_default();
    let class = if form.class.is_empty() { computed.clone() } else { form.class.as_str().to_owned() };
    if rules.class(&class).is_none() {
        checks.refuse("class", unknown());
    }
    let reason = checks.area_or_empty("reason", &form.reason);
    let overridden = class != computed;
    if overridden && reason.is_empty() {
        let needed = Text::new(
            "Loại này khác kết quả tính theo quy định. Hãy ghi lý do.",
            "This differs from the computed class. Say why.",
        );
        checks.refuse("reason", needed);
    }
    checks.done()?;

    let incident = &mut taken.incident;
    incident.class = class;
    incident.class_override = overridden;
    incident.class_reason = reason;
    incident.conditions = serde_json::to_string(&holds)?;
    let said: Vec<String> = incident.flags().into_iter().filter(|(_, flag)| flag.said).map(|(name, _)| name).collect();
    incident.set_flags(&said, &implied(rules, &holds), work.now);
    incident.class_by = work.actor.name.clone();
    incident.class_decided = decides;
    incident.classified_at = Some(work.now);
    incident.changed_at = work.now;
    store::save(&mut work.tx, incident).await?;
    let class = rules.class(&incident.class).map(|class| class.name.text()).unwrap_or(Text::same(""));
    let (vi, en) = (&class.vi, &class.en);
    let what = match decides {
        true => text!("Quyết định phân loại: {vi}", "Class decided: {en}"),
        false => text!("Đề xuất phân loại: {vi}", "Class proposed: {en}"),
    };
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    record(work, id, "incident.classified", what, &[event]);
    Ok(())
}

/// The flags that these conditions bring with them.
pub(super) fn implied(rules: &crate::pack::Classification, holds: &[String]) -> Vec<String> {
    let holding = rules.conditions.iter().filter(|condition| holds.contains(&condition.id));
    holding.flat_map(|condition| condition.sets.clone()).collect()
}

/// The level of the system that was hit first, when it has one.
pub async fn system_level(work: &mut Work, incident: &Incident) -> Result<Option<u8>> {
    let Some(system) = &incident.system_id else { return Ok(None) };
    let level = lists::system(&mut work.tx, system).await?.and_then(|system| system.level);
    Ok(level.and_then(|level| u8::try_from(level).ok()))
}

/// A corrected moment of detection.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DetectedForm {
    pub detected_at: Raw,
    pub reason: Raw,
    pub version: Raw,
}

/// Corrects when the incident was detected: clocks count from it, so it needs a reason and leaves a trace.
pub async fn redate(work: &mut Work, id: &IncidentId, form: &DetectedForm) -> Result<()> {
    let mut taken = manage(work, id).await?;
    refuse_if_older(work, &taken.incident, &form.version).await?;
    let mut checks = Checks::new();
    let detected_at = checks.moment("detected_at", &form.detected_at);
    checks.past("detected_at", Some(detected_at), work.now);
    if taken.incident.happened_at.is_some_and(|happened| detected_at < happened) {
        checks.refuse("detected_at", before_it_happened());
    }
    // Clocks differ by a few minutes; more than that is a slip of the pen.
    if detected_at <= work.now && detected_at > taken.incident.opened_at.plus(5 * MINUTE) {
        checks.refuse(
            "detected_at",
            Text::new(
                "Không thể phát hiện sau khi sự cố đã được mở.",
                "It cannot be detected after the incident was opened.",
            ),
        );
    }
    let reason = checks.line("reason", &form.reason);
    if !reason.is_empty() && reason.chars().count() < REASON {
        let short = text!("Hãy ghi rõ lý do, ít nhất {REASON} ký tự.", "Say why, in at least {REASON} characters.");
        checks.refuse("reason", short);
    }
    checks.done()?;
    let (old, new) = (taken.incident.detected_at.to_minute(), detected_at.to_minute());
    taken.incident.detected_at = detected_at;
    taken.incident.changed_at = work.now;
    store::save(&mut work.tx, &mut taken.incident).await?;
    let what = text!(
        "Sửa giờ phát hiện từ {old} thành {new}: {reason}",
        "Time of detection corrected from {old} to {new}: {reason}"
    );
    let event = timeline::note(work, id, "other", what.clone()).await?;
    record(work, id, "incident.redated", what, &[event]);
    Ok(())
}

/// Refuses to write over facts that someone changed since they were read, and shows theirs.
pub(super) async fn refuse_if_older(work: &mut Work, incident: &Incident, version: &Raw) -> Result<()> {
    if version.is_empty() {
        return Err(Error::field("version", empty()));
    }
    if version.as_str() == incident.version.to_string() {
        return Ok(());
    }
    // Most entries of the stream are about other things; only these change what the version counts.
    let changing = [
        "incident.edited",
        "incident.described",
        "incident.classified",
        "incident.redated",
        "incident.law_facts",
        "incident.round_opened",
        "incident.reopened",
        "incident.closed",
    ];
    let stream = journal::incident_stream(incident.id.as_str());
    let entries = journal::list(&mut work.tx, &stream, i64::MAX, 200).await?;
    let last = entries.into_iter().find(|entry| changing.contains(&entry.act.as_str()));
    let (who, when) = last.map(|entry| (entry.actor_name, entry.at)).unwrap_or_default();
    let theirs = vec![
        ("title".to_owned(), incident.title.clone()),
        ("scenario".to_owned(), incident.scenario.clone()),
        ("severity".to_owned(), incident.severity.to_string()),
        ("tlp".to_owned(), incident.tlp.clone()),
        ("happened_at".to_owned(), incident.happened_at.map(Time::to_field).unwrap_or_default()),
        ("commander".to_owned(), incident.commander_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("detected_at".to_owned(), incident.detected_at.to_field()),
        ("class".to_owned(), incident.class.clone()),
        ("reason".to_owned(), incident.class_reason.clone()),
    ];
    Err(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}

/// A scenario of the pack.
pub fn known_scenario(checks: &mut Checks, pack: &crate::pack::Pack, typed: &Raw) -> String {
    if typed.is_empty() {
        checks.refuse("scenario", empty());
    } else if pack.scenario(typed.as_str()).is_none() {
        checks.refuse("scenario", unknown());
    }
    typed.as_str().to_owned()
}

/// A TLP label of the pack.
pub fn known_tlp(checks: &mut Checks, pack: &crate::pack::Pack, typed: &Raw) -> String {
    if pack.lists.item("tlp", typed.as_str()).is_none() {
        checks.refuse("tlp", unknown());
    }
    typed.as_str().to_owned()
}

/// The number of the gravest severity of the pack.
pub fn most_severe(pack: &crate::pack::Pack) -> i64 {
    i64::try_from(pack.lists.severities.len()).unwrap_or(4).clamp(1, 4)
}

/// Happened, then detected, then now.
pub fn check_times(checks: &mut Checks, happened_at: Option<Time>, detected_at: Time, now: Time) {
    checks.past("happened_at", happened_at, now);
    if happened_at.is_some_and(|happened| happened > detected_at) {
        checks.refuse("happened_at", before_it_happened());
    }
}

fn before_it_happened() -> Text {
    Text::new("Không thể phát hiện trước khi xảy ra.", "It cannot be detected before it happened.")
}
