//! What a report can know from what people decided and did: options, directions, the team, the spokesperson, statements,
//! the check after recovery, the timeline.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;

use super::facts::{Fact, Facts, Mark};
use super::sources::of_incident;
use super::store::{dossier, facts as store, said};
use crate::incident::Incident;
use crate::pack::Pack;

/// Lines of the timeline that a form takes over; the dossier has them all.
const EVENTS: usize = 40;

pub async fn note(tx: &mut Tx, facts: &mut Facts, pack: &Pack, incident: &Incident) -> Result<()> {
    note_options(tx, facts, incident).await?;
    note_directions(tx, facts, incident).await?;
    note_voice(tx, facts, incident).await?;
    note_check(tx, facts, incident).await?;
    note_course(tx, facts, pack, incident).await
}

/// The option that was approved, or else the one proposed last; the others as they were weighed.
async fn note_options(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let options = said::list_options(tx, &incident.id).await?.rows;
    let of_state = |state: &str| options.iter().rev().find(|option| option.state == state);
    let chosen = of_state("approved").or_else(|| of_state("proposed")).or_else(|| options.first());
    let Some(chosen) = chosen else { return Ok(()) };
    facts.words("option.title", &chosen.title, &from);
    facts.words("option.what", &chosen.what, &from);
    let said = [
        ("Ưu điểm", &chosen.advantages),
        ("Nhược điểm", &chosen.drawbacks),
        ("Ảnh hưởng", &chosen.impact),
        ("Công sức, chi phí", &chosen.effort),
    ];
    let said = said.iter().filter(|(_, words)| !words.is_empty()).map(|(label, words)| format!("- {label}: {words}"));
    facts.note("option.reasons", Fact::Lines(said.collect()), &from);
    let others = options.iter().filter(|option| option.number != chosen.number);
    facts.note("option.others", Fact::Lines(others.map(|option| format!("- {}", option.title)).collect()), &from);
    Ok(())
}

async fn note_directions(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let directions = said::list_directions(tx, &incident.id).await?.rows;
    facts.note("direction.words", Fact::Lines(directions.iter().map(|one| format!("- {}", one.text)).collect()), &from);
    let summoned = said::list_summoned(tx, &incident.id).await?.rows;
    let last = summoned.iter().map(|one| one.number).max();
    let called: Vec<_> = summoned.iter().filter(|one| Some(one.number) == last).collect();
    facts.note(
        "team.members",
        Fact::Lines(called.iter().map(|one| format!("- {}, {}", one.name, one.unit_name)).collect()),
        &from,
    );
    if let Some(one) = called.first() {
        facts.words("team.meeting", &format!("{}, {}", one.meet_at.to_minute(), one.place), &from);
    }
    Ok(())
}

async fn note_voice(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let named = said::list_spokespersons(tx, &incident.id).await?.rows;
    if let Some(one) = named.last() {
        facts.words("spokesperson.name", &one.name, &from);
        facts.words("spokesperson.title", &one.title, &from);
        facts.words("spokesperson.unit", &one.unit_name, &from);
    }
    // Only words that were approved leave the house.
    let statements = said::list_statements(tx, &incident.id).await?.rows;
    let mut approved = statements.iter().filter(|one| one.state == "approved");
    if let Some(one) = approved.next_back() {
        facts.words("statement.title", &one.title, &from);
        facts.words("statement.text", &one.text, &from);
    }
    Ok(())
}

async fn note_check(tx: &mut Tx, facts: &mut Facts, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let checks = dossier::list_checks(tx, &incident.id).await?.rows;
    let last = checks.iter().map(|one| one.round).max();
    let line = |one: &dossier::CheckLine| {
        let word = match one.result.as_str() {
            "pass" => "đạt",
            "fail" => "không đạt",
            "not_applicable" => "không áp dụng",
            _ => "chưa kiểm tra",
        };
        match one.note.is_empty() {
            true => format!("- {}: {word}", one.text),
            false => format!("- {}: {word} ({})", one.text, one.note),
        }
    };
    let of_last = checks.iter().filter(|one| Some(one.round) == last);
    facts.note("verification.checks", Fact::Lines(of_last.map(line).collect()), &from);
    if let Some(verdict) = dossier::list_verdicts(tx, &incident.id).await?.rows.last() {
        let mark = match verdict.stable {
            true => Mark::new("stable", "Hoạt động ổn định"),
            false => Mark::new("unstable", "Chưa ổn định"),
        };
        facts.note("verification.verdict", Fact::Marks(vec![mark]), &from);
        facts.words("verification.note", &verdict.note, &from);
    }
    Ok(())
}

async fn note_course(tx: &mut Tx, facts: &mut Facts, pack: &Pack, incident: &Incident) -> Result<()> {
    let from = of_incident(incident);
    let mut events = dossier::list_events(tx, &incident.id).await?.rows;
    let first = events.len().saturating_sub(EVENTS);
    let lines = events.drain(first..).map(|event| format!("- {}: {}", event.happened_at.to_minute(), event.title_vi));
    facts.note("incident.timeline", Fact::Lines(lines.collect()), &from);
    if let Some(commander) = &incident.commander_id
        && let Some(person) = store::find_person(tx, commander).await?
    {
        facts.words("incident.commander", &person.name, &from);
    }
    let units = dossier::list_units(tx, &incident.id).await?.rows;
    let mut names: Vec<String> = Vec::new();
    for (function, unit) in &units {
        let part = pack.function(function).map_or(function.as_str(), |function| function.name.vi.as_str());
        let line = if part == unit { format!("- {unit}") } else { format!("- {unit} ({part})") };
        if !names.contains(&line) {
            names.push(line);
        }
    }
    facts.note("incident.units", Fact::Lines(names), &from);
    Ok(())
}
