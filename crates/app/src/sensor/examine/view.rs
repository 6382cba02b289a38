//! What the page of an item shows of its examinations.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;

use super::{Examination, store};
use crate::evidence::Evidence;
use crate::page::Page;
use crate::sensor::rules::{self, RuleKind, RuleSet};
use crate::work::Look;

/// How many examinations of an item are shown.
const SHOWN: i64 = 20;

/// The examinations of an item, and what it may be examined with.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Examinations {
    pub done: Vec<Examination>,
    /// The examination whose result this item is.
    pub result_of: Option<Examination>,
    /// Sets of rules: value and label. Empty when there is nothing to examine.
    #[serde(skip)]
    pub sets: Vec<(String, String)>,
}

/// What was and what can be examined of an item.
pub async fn of_item(look: &mut Look, page: &Page, item: &Evidence, may: bool) -> Result<Examinations> {
    let there = item.is_file() && item.removed_at.is_none() && !item.is_destroyed() && !item.is_void();
    let mut sets = Vec::new();
    if may && there {
        let fits = |set: &&RuleSet| set.kind == RuleKind::Yara || is_log(item);
        let mut known = rules::store::list_sets(&mut look.tx).await?;
        // What fits first; the order within a kind stays.
        let kind = kind_for(item);
        known.sort_by_key(|set| set.kind != kind);
        let label = |set: &RuleSet| format!("{} · {}", set.said(&page.lang), page.say(&set.kind.label()));
        sets = known.iter().filter(fits).map(|set| (set.id.to_string(), label(set))).collect();
        if sets.is_empty() {
            // Noted when it is first used.
            sets.push((String::new(), page.say(&kind.built_in_name())));
        }
    }
    Ok(Examinations {
        done: store::list_of_item(&mut look.tx, &item.id, SHOWN).await?,
        result_of: store::find_by_result(&mut look.tx, &item.id).await?,
        sets,
    })
}

/// The kind of the rules that an item is examined with when nobody says.
pub fn kind_for(item: &Evidence) -> RuleKind {
    if is_log(item) && !item.malicious { RuleKind::Sigma } else { RuleKind::Yara }
}

/// Whether an item looks like logs, or an archive of them, by its name; its bytes decide when it is read.
fn is_log(item: &Evidence) -> bool {
    const ENDS: [&str; 15] = [
        ".evtx", ".evt", ".json", ".jsonl", ".ndjson", ".log", ".txt", ".csv", ".tsv", ".gz", ".zst", ".zip", ".xml",
        ".syslog", ".out",
    ];
    let name = item.name.to_lowercase();
    // `access.log.1`, `auth.log-20220315`, and files without any ending.
    let log_within = name.contains(".log.") || name.contains(".log-");
    log_within || !name.contains('.') || ENDS.iter().any(|end| name.ends_with(end))
}
