//! The signs of an attack in an alert: those the sender listed, then those in the reporter's words.

use std::collections::HashSet;

use ungcuu_detect::indicator::{extract, parse};

use super::model::Alert;

pub use ungcuu_detect::indicator::Indicator as Found;

/// How many signs of one alert are looked at.
const MOST: usize = 60;

/// The signs of an alert, each once, those listed first.
pub fn of(alert: &Alert) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for line in alert.indicators.lines().filter(|line| !line.trim().is_empty()) {
        if found.len() >= MOST {
            break;
        }
        let of_line = parse(line).map_or_else(|_| extract(line, MOST), |one| vec![one]);
        found.extend(of_line.into_iter().filter(|one| seen.insert(one.clone())));
    }
    // The title of a public report is made of the story's first words, cut short.
    let title = if alert.tile.is_empty() { alert.title.as_str() } else { "" };
    for text in [title, &alert.description] {
        let room = MOST.saturating_sub(found.len());
        found.extend(extract(text, room).into_iter().filter(|one| seen.insert(one.clone())));
    }
    found.truncate(MOST);
    found
}
