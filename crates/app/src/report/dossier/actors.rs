//! The first pages: what the incident is, how it was classified and why, and who took part.

use ungcuu_kit::error::Result;
use ungcuu_render::{Block, Column, FieldRow};

use super::parts::{Part, Teller};
use crate::incident::Incident;
use crate::incident::joining::part_words;
use crate::org::UnitId;
use crate::pack::Pack;
use crate::report::store::dossier as store;
use crate::report::store::facts;
use crate::work::Look;

/// Facts, class with its conditions, and what people wrote about the incident as a whole.
pub async fn cover(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let units = facts::list_units(&mut look.tx, &[&incident.unit_id, &incident.owner_unit_id]).await?;
    let unit_name =
        |id: &UnitId| units.iter().find(|unit| unit.id == *id).map(|unit| unit.name.clone()).unwrap_or_default();
    let systems = store::list_systems(&mut look.tx, &incident.id).await?;
    let commander = match &incident.commander_id {
        Some(id) => facts::find_person(&mut look.tx, id).await?.map(|person| person.name),
        None => None,
    };
    let mut rows = vec![
        teller.fact(teller.t("Mã sự cố", "Code"), &incident.code),
        teller.fact(teller.t("Tên sự cố", "Title"), &incident.title),
        teller.fact(teller.t("Tình huống", "Scenario"), scenario(&app.pack, incident, teller)),
        teller.fact(teller.t("Mức độ", "Severity"), severity(&app.pack, incident, teller)),
        teller.fact(teller.t("Phân loại", "Class"), class(&app.pack, incident, teller)),
        teller.fact(teller.t("Đơn vị vận hành", "Operator"), unit_name(&incident.unit_id)),
        teller.fact(teller.t("Chủ quản", "Owner"), unit_name(&incident.owner_unit_id)),
        teller.fact(teller.t("Hệ thống bị ảnh hưởng", "Systems hit"), system_lines(&systems.rows, teller)),
        teller.fact(teller.t("Chỉ huy", "Commander"), commander.unwrap_or_default()),
        teller.fact(teller.t("Xảy ra lúc", "Happened"), teller.at(incident.happened_at)),
        teller.fact(teller.t("Phát hiện lúc", "Detected"), incident.detected_at.to_minute()),
        teller.fact(
            teller.t("Mở sự cố", "Opened"),
            format!("{} – {}", incident.opened_at.to_minute(), incident.opened_by),
        ),
        teller.fact(teller.t("Kết thúc", "Closed"), teller.at(incident.closed_at)),
        teller.fact(teller.t("Số vòng xử lý", "Rounds"), incident.round.to_string()),
    ];
    rows.retain(|row: &FieldRow| row.value.as_ref().is_some_and(|value| !value.is_empty()));
    let mut blocks = vec![Block::FieldTable { rows }];
    let narratives = facts::list_narratives(&mut look.tx, &incident.id).await?;
    let written = |key: &str| narratives.iter().find(|(held, _)| held == key).map(|(_, words)| words.as_str());
    let summary = written("summary").filter(|words| !words.trim().is_empty()).unwrap_or(&incident.summary);
    for (title, words) in [
        (teller.t("Mô tả", "What happened"), Some(summary)),
        (teller.t("Phạm vi, đối tượng bị ảnh hưởng", "Scope and those affected"), written("scope")),
        (teller.t("Thiệt hại", "Harm"), written("harm")),
        (teller.t("Nguồn gốc", "Origin"), written("origin")),
        (teller.t("Nguyên nhân", "Cause"), written("cause")),
        (teller.t("Kết quả xử lý", "Result"), written("result")),
    ] {
        let words = words.unwrap_or_default().trim();
        if !words.is_empty() {
            blocks.push(Block::heading(2, title));
            blocks.extend(words.split("\n\n").map(Block::paragraph));
        }
    }
    Ok(Part {
        title: teller.title("Thông tin chung", "The incident"), rows: 1, cut: systems.cut, blocks, sifted: None
    })
}

fn scenario(pack: &Pack, incident: &Incident, teller: &Teller) -> String {
    pack.scenario(&incident.scenario).map(|scenario| scenario.name.get(teller.lang).to_owned()).unwrap_or_default()
}

fn severity(pack: &Pack, incident: &Incident, teller: &Teller) -> String {
    let place = usize::try_from(incident.severity - 1).unwrap_or_default();
    match pack.lists.severities.get(place) {
        Some(item) => format!("{} ({}/4)", item.label.get(teller.lang), incident.severity),
        None => format!("{}/4", incident.severity),
    }
}

/// The class, the conditions that hold, and the reason of whoever decided otherwise.
fn class(pack: &Pack, incident: &Incident, teller: &Teller) -> String {
    let name = pack.classes.class(&incident.class).map(|class| class.name.get(teller.lang)).unwrap_or_default();
    let holds = incident.conditions();
    let conditions = pack.classes.conditions.iter().filter(|condition| holds.contains(&condition.id));
    let mut lines = vec![name.to_owned()];
    lines.extend(conditions.map(|condition| format!("- {}", condition.text.get(teller.lang))));
    if incident.class_override {
        lines.push(teller.t("Do người có thẩm quyền quyết định.", "Decided by hand.").to_owned());
    }
    lines.push(teller.labelled(teller.t("Lý do", "Reason"), &incident.class_reason));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn system_lines(systems: &[store::SystemLine], teller: &Teller) -> String {
    let line = |system: &store::SystemLine| {
        let level = system.level.map(|level| format!(" ({} {level})", teller.t("cấp độ", "level"))).unwrap_or_default();
        let effect = if system.effect.is_empty() { String::new() } else { format!(": {}", system.effect) };
        format!("- {}{level}{effect}", system.name)
    };
    systems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Units by the function they play, and the people drawn in by name.
pub async fn taking_part(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let units = store::list_units(&mut look.tx, &incident.id).await?;
    let people = store::list_people(&mut look.tx, &incident.id).await?;
    let function = |id: &str| match app.pack.function(id) {
        Some(function) => function.name.get(teller.lang).to_owned(),
        None => teller.t("Đơn vị tham gia", "Taking part").to_owned(),
    };
    // One row for a function, however many units play it.
    let mut rows: Vec<Vec<String>> = Vec::new();
    for same in units.rows.chunk_by(|one, next| one.0 == next.0) {
        let names: Vec<&str> = same.iter().map(|(_, unit)| unit.as_str()).collect();
        let name = same.first().map(|(id, _)| function(id)).unwrap_or_default();
        rows.push(vec![name, names.join("\n")]);
    }
    rows.extend(people.rows.iter().map(|person| {
        let part = match teller.say(&part_words(&person.part)) {
            part if part.is_empty() => teller.t("Người tham gia", "Taking part").to_owned(),
            part => capital(&part),
        };
        let title = if person.title.is_empty() { String::new() } else { format!(", {}", person.title) };
        vec![part, format!("{}{title} – {}", person.name, person.unit_name)]
    }));
    let columns = vec![
        Column::new(teller.t("Vai trò", "Function"), 2),
        Column::new(teller.t("Đơn vị, người", "Unit or person"), 3),
    ];
    let title = teller.title("Đơn vị, người tham gia", "Who took part");
    let part = Part::table(title, columns, rows, units.cut || people.cut, teller);
    Ok(Part { rows: units.rows.len() + people.rows.len(), ..part })
}

/// With a capital letter, as a line of a table begins.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
