//! The plan's words for what an incident carries as ids: class, scenario, severity, TLP, functions.

use ungcuu_kit::text::Lang;

use crate::pack::Pack;

/// What a class of the plan is called; the id itself for one that the pack no longer knows.
pub fn class(pack: &Pack, id: &str, lang: Lang) -> String {
    pack.classes.class(id).map_or(id, |class| class.name.get(lang)).to_owned()
}

pub fn scenario(pack: &Pack, id: &str, lang: Lang) -> String {
    pack.scenario(id).map_or(id, |scenario| scenario.name.get(lang)).to_owned()
}

pub fn function(pack: &Pack, id: &str, lang: Lang) -> String {
    pack.function(id).map_or(id, |function| function.name.get(lang)).to_owned()
}

/// The word for a severity of 1 (the first of the list) and up.
pub fn severity(pack: &Pack, level: i64, lang: Lang) -> String {
    let place = usize::try_from(level - 1).unwrap_or_default();
    pack.lists.severities.get(place).map(|item| item.label.get(lang).to_owned()).unwrap_or_default()
}

/// Value and label of every severity; the label says how to tell.
pub fn severities(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    let label = |item: &crate::pack::Item| match &item.hint {
        Some(hint) => format!("{}: {}", item.label.get(lang), hint.get(lang)),
        None => item.label.get(lang).to_owned(),
    };
    (1..).zip(&pack.lists.severities).map(|(level, item): (i64, _)| (level.to_string(), label(item))).collect()
}

/// Value and short label of every severity, for filters.
pub fn severity_names(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    let levels = (1..).zip(&pack.lists.severities);
    levels.map(|(level, item): (i64, _)| (level.to_string(), item.label.get(lang).to_owned())).collect()
}

pub fn classes(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    pack.classes.classes.iter().map(|class| (class.id.clone(), class.name.get(lang).to_owned())).collect()
}

/// Value and label of every scenario, group by group.
pub fn scenarios(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    let of_group = |group: &str| -> Vec<(String, String)> {
        let scenarios = pack.scenarios.iter().filter(|scenario| scenario.group == group);
        scenarios.map(|scenario| (scenario.id.clone(), scenario.name.get(lang).to_owned())).collect()
    };
    pack.groups.iter().flat_map(|group| of_group(&group.id)).collect()
}

pub fn tlps(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    pack.lists.tlp.iter().map(|item| (item.id.clone(), item.label.get(lang).to_owned())).collect()
}
