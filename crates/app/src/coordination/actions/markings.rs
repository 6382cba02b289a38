//! Marking how far a thing may go. Making it stricter is anybody's who works here; opening it is for those who direct,
//! with a reason, and both stand in the journal and the timeline.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::item as chosen;
use crate::actor::not_allowed;
use crate::coordination::model::{Item, ItemKind, MarkingId};
use crate::coordination::rights::{conflict, version_of};
use crate::coordination::store::markings as store;
use crate::coordination::wall::{Level, strictest};
use crate::incident::actions::{REASON, record, take};
use crate::incident::model::best_standing;
use crate::incident::{IncidentId, Standing, timeline};
use crate::permission::Permission;
use crate::work::Work;

/// The most things that go along with one thing told.
pub const MOST_ITEMS: usize = 30;

/// Which thing (`evidence:evi_…`), how far it may go from now on, and why.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct MarkForm {
    pub item: Raw,
    pub tlp: Raw,
    pub reason: Raw,
    pub version: Raw,
}

/// Marks a thing of an incident.
pub async fn mark(work: &mut Work, id: &IncidentId, form: &MarkForm) -> Result<()> {
    let taken = take(work, id).await?;
    work.actor.must(Permission::IncidentSupport)?;
    if best_standing(&work.actor, &taken.units, &work.app.pack.procedure) < Standing::Supports {
        return Err(not_allowed());
    }
    let app = work.app.clone();
    let Some((kind, item)) = named(work, &form.item) else { return Err(Error::NotFound) };
    let stored = store::find(&mut work.tx, id, kind, &item).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let tlp = chosen(&mut checks, "tlp", &form.tlp, &app.pack.lists.tlp);
    let lowers = !tlp.is_empty() && Level::of(&tlp) < Level::of(&stored.tlp);
    let reason = checks.line_or_empty("reason", &form.reason);
    if lowers && !work.actor.can(Permission::IncidentDirect) {
        checks.refuse(
            "tlp",
            Text::new(
                "Chỉ người có quyền chỉ đạo sự cố được hạ mức chia sẻ. Bạn có thể nâng mức.",
                "Only those who direct the incident may lower the marking. You may raise it.",
            ),
        );
    } else if lowers && reason.chars().count() < REASON {
        let words = text!(
            "Hạ mức chia sẻ phải ghi rõ lý do, ít nhất {REASON} ký tự.",
            "Lowering the marking needs a reason of at least {REASON} characters."
        );
        checks.refuse("reason", words);
    }
    checks.done()?;
    if version_of(&form.version) != stored.version {
        let row = store::find_marking(&mut work.tx, kind, &item).await?;
        let row = row.map(|row| row.to_string()).unwrap_or_default();
        return Err(conflict(work, id, &row, vec![("tlp", &stored.tlp)]).await);
    }
    if tlp == stored.tlp {
        return Err(Error::not_now("Mức này đang được áp dụng.", "It is marked so already."));
    }
    let (before, after) = (Level::of(&stored.tlp).label(), Level::of(&tlp).label());
    let marked = Item { tlp, reason, ..stored };
    let row = write(work, id, &marked).await?;
    let (from, to, words) = (&before.vi, &after.vi, marked.reason.trim());
    let why = if words.is_empty() { String::new() } else { format!(": {words}") };
    let sentence = |vi: &str, en: &str| match lowers {
        true => text!(
            "Hạ mức chia sẻ của {vi} từ {from} xuống {to}{why}",
            "Lowered the marking of {en} from {from} to {to}{why}"
        ),
        false => text!(
            "Nâng mức chia sẻ của {vi} từ {from} lên {to}{why}",
            "Raised the marking of {en} from {from} to {to}{why}"
        ),
    };
    // The timeline goes farther than what was just closed may go, so it does not name it; the journal does.
    let unnamed = kind.unnamed();
    let event = timeline::note(work, id, "decision", sentence(&unnamed.vi, &unnamed.en)).await?;
    let what = sentence(&format!("“{}”", marked.label_vi), &format!("“{}”", marked.label_en));
    let act = if lowers { "marking.lowered" } else { "marking.raised" };
    record(work, id, act, what, &[("markings", row.to_string()), event]);
    Ok(())
}

async fn write(work: &mut Work, id: &IncidentId, item: &Item) -> Result<MarkingId> {
    let Some(row) = store::find_marking(&mut work.tx, item.kind, &item.id).await? else {
        let row = MarkingId::new(&work.app.chance, work.now);
        store::insert(work, id, &row, item).await?;
        return Ok(row);
    };
    if store::save(work, &row, item).await? == 0 {
        return Err(conflict(work, id, row.as_str(), vec![("tlp", &item.tlp)]).await);
    }
    Ok(row)
}

/// The thing that a form names. Evidence is for those who may read evidence.
fn named(work: &Work, typed: &Raw) -> Option<(ItemKind, String)> {
    let (kind, id) = typed.as_str().split_once(':')?;
    let kind: ItemKind = kind.parse().ok()?;
    let hidden = kind == ItemKind::Evidence && !work.actor.can(Permission::EvidenceRead);
    (!hidden && id.len() <= 40).then(|| (kind, id.to_owned()))
}

/// The things that a form sends along, at most [`MOST_ITEMS`]; what is none of the incident's is refused.
pub async fn attached(work: &mut Work, checks: &mut Checks, id: &IncidentId, typed: &[Raw]) -> Result<Vec<Item>> {
    let typed: Vec<&Raw> = typed.iter().filter(|raw| !raw.is_empty()).collect();
    if typed.len() > MOST_ITEMS {
        let words =
            text!("Mỗi lần gửi kèm nhiều nhất {MOST_ITEMS} mục.", "At most {MOST_ITEMS} things go along at a time.");
        checks.refuse("items", words);
        return Ok(Vec::new());
    }
    let names: Vec<(ItemKind, String)> = typed.iter().filter_map(|raw| named(work, raw)).collect();
    let mut found = Vec::new();
    // Four kinds, each asked once.
    for kind in ItemKind::ALL {
        let mut ids: Vec<String> =
            names.iter().filter(|(named, _)| named == kind).map(|(_, item)| item.clone()).collect();
        ids.sort();
        ids.dedup();
        if !ids.is_empty() {
            found.extend(store::list_by_ids(&mut work.tx, id, *kind, &ids).await?);
        }
    }
    let known = |raw: &&&Raw| found.iter().any(|item| item.key() == raw.as_str());
    if typed.iter().filter(known).count() < typed.len() {
        checks.refuse("items", super::not_in_list());
    }
    Ok(found)
}

/// What is told may not be marked more openly than what goes along with it.
pub fn not_laxer_than(checks: &mut Checks, tlp: &str, items: &[Item]) {
    let strict = strictest(items.iter().map(|item| item.tlp.as_str()));
    if tlp.is_empty() || items.is_empty() || Level::of(tlp) >= strict {
        return;
    }
    let names = |english: bool| {
        let strictest = items.iter().filter(|item| Level::of(&item.tlp) == strict);
        let names: Vec<&str> =
            strictest.take(3).map(|item| if english { &item.label_en } else { &item.label_vi }.as_str()).collect();
        names.join(", ")
    };
    let (level, vi, en) = (strict.label().vi, names(false), names(true));
    checks.refuse(
        "tlp",
        text!(
            "Nội dung gửi kèm ở mức {level} ({vi}). Hãy chọn mức không thấp hơn; muốn hạ, người có quyền chỉ đạo hạ mức \
             của chính nội dung đó, kèm lý do.",
            "What goes along is {level} ({en}). Choose a level that is no laxer; to open it, those who direct lower the \
             marking of that very thing, with a reason."
        ),
    );
}
