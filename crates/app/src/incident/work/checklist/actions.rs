//! What is done with first actions: tick, skip with a reason, take back, add.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, empty};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::pages::{AddForm, MarkForm};
use super::{Item, ItemState, missing, store};
use crate::incident::actions::record;
use crate::incident::model::{PartId, Standing};
use crate::incident::work::place::{At, and_note, check_version, take_section};
use crate::work::Work;

/// Marks a first action as done or skipped, or takes the mark back.
pub async fn mark(work: &mut Work, at: &At, id: &PartId, form: &MarkForm) -> Result<()> {
    let (taken, _) = take_section(work, at, "checklist", Standing::Supports).await?;
    let mut item = store::get(&mut work.tx, &at.incident, &at.step, id).await?;
    check_version(work, &taken, id, &form.version, item.version, Vec::new()).await?;
    let mut checks = Checks::new();
    let state = checks.choice::<ItemState>("state", &form.state);
    let note = checks.area_or_empty("note", &form.note);
    if state == Some(ItemState::Skipped) && note.is_empty() {
        checks.refuse("note", Text::new("Hãy ghi lý do bỏ qua.", "Say why it is skipped."));
    }
    checks.done()?;
    let Some(state) = state else { return Err(Error::field("state", empty())) };
    item.note = note;
    put(work, at, item, state).await
}

/// Marks these first actions as done; those no longer open stay as they are. Says how many were marked.
pub async fn mark_done(work: &mut Work, at: &At, ids: &[PartId]) -> Result<usize> {
    take_section(work, at, "checklist", Standing::Supports).await?;
    let mut items = store::list(&mut work.tx, &at.incident, &at.step).await?;
    if ids.iter().any(|id| items.iter().all(|item| item.id != *id)) {
        return Err(Error::NotFound);
    }
    items.retain(|item| item.is_open() && ids.contains(&item.id));
    let count = items.len();
    if count == 0 {
        return Err(Error::not_now("Các việc đã chọn đều đã được ghi.", "All that were ticked are noted already."));
    }
    for item in items {
        put(work, at, item, ItemState::Done).await?;
    }
    Ok(count)
}

async fn put(work: &mut Work, at: &At, mut item: Item, state: ItemState) -> Result<()> {
    item.state = state;
    let ended = state != ItemState::Open;
    item.ended_at = ended.then_some(work.now);
    item.ended_by = if ended { work.actor.name.clone() } else { String::new() };
    store::save(&mut work.tx, &item).await?;
    let (vi, en) = (and_note(&item.text, &item.note), and_note(&item.text_en, &item.note));
    let (act, what) = match state {
        ItemState::Done => ("incident.first_action_done", text!("Đã làm: {vi}", "Done: {en}")),
        ItemState::Skipped => ("incident.first_action_skipped", text!("Bỏ qua: {vi}", "Skipped: {en}")),
        ItemState::Open => ("incident.first_action_reopened", text!("Làm lại: {vi}", "To do again: {en}")),
    };
    record(work, &at.incident, act, what, &[("checklist_items", item.id.to_string())]);
    Ok(())
}

/// Adds a first action of one's own.
pub async fn add(work: &mut Work, at: &At, form: &AddForm) -> Result<PartId> {
    take_section(work, at, "checklist", Standing::Supports).await?;
    let mut checks = Checks::new();
    let words = checks.line("text", &form.text);
    checks.done()?;
    let last = last_position(work, at).await?;
    let item = new_item(work, last + 1, words.clone(), words.clone(), form.obligatory.ticked());
    store::insert(&mut work.tx, &at.incident, &at.step, std::slice::from_ref(&item)).await?;
    let what = text!("Thêm việc ưu tiên: {words}", "First action added: {words}");
    record(work, &at.incident, "incident.first_action_added", what, &[("checklist_items", item.id.to_string())]);
    Ok(item.id)
}

/// Brings in the first actions of the present scenario that the list does not have: the scenario was corrected after the
/// incident had been opened.
pub async fn complete(work: &mut Work, at: &At) -> Result<()> {
    let (taken, _) = take_section(work, at, "checklist", Standing::Supports).await?;
    let items = store::list(&mut work.tx, &at.incident, &at.step).await?;
    let app = work.app.clone();
    let wanted = missing(&app.pack.checklist_of(&taken.incident.scenario), &items);
    if wanted.is_empty() {
        return Err(Error::not_now("Danh sách đã đủ việc của tình huống.", "The list has everything of the scenario."));
    }
    let last = items.iter().map(|item| item.position).max().unwrap_or(0);
    let new: Vec<Item> = (last + 1..)
        .zip(wanted)
        .map(|(position, item)| {
            let text = item.text.text();
            new_item(work, position, text.vi.into_owned(), text.en.into_owned(), item.obligatory)
        })
        .collect();
    store::insert(&mut work.tx, &at.incident, &at.step, &new).await?;
    let count = new.len();
    let rows: Vec<_> = new.iter().map(|item| ("checklist_items", item.id.to_string())).collect();
    let what = text!("Thêm {count} việc ưu tiên theo tình huống", "Added {count} first actions of the scenario");
    record(work, &at.incident, "incident.first_actions_completed", what, &rows);
    Ok(())
}

async fn last_position(work: &mut Work, at: &At) -> Result<i64> {
    let items = store::list(&mut work.tx, &at.incident, &at.step).await?;
    Ok(items.iter().map(|item| item.position).max().unwrap_or(0))
}

fn new_item(work: &Work, position: i64, text: String, text_en: String, obligatory: bool) -> Item {
    Item {
        id: PartId::new(&work.app.chance, work.now),
        position,
        text,
        text_en,
        obligatory,
        state: ItemState::Open,
        note: String::new(),
        ended_at: None,
        ended_by: String::new(),
        version: 1,
    }
}
