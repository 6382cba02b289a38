//! What is done to evidence: add, correct what is known, declare void, hash again. Nothing is ever taken away.
//!
//! The file is in the store before the unit of work opens, so that nobody waits for a disk image while others want to
//! write. When the unit of work then fails, the file stays there for a while; no page leads to it, and [`crate::leftover`]
//! removes it when nobody has sent it again within a day. Acts of custody are in [`super::custody`].

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, shorten};
use ungcuu_kit::time::Time;

use super::custody::actions::{first_acts, take_item};
use super::custody::{self, CustodyState};
use super::form::{FactsForm, VoidForm};
use super::model::{Ending, Evidence, EvidenceId, Facts, Kept, NewItem, StoredFile, step_to_add};
use super::store;
use crate::actor::not_allowed;
use crate::incident::actions::{Taken, record, take, take_step};
use crate::incident::{IncidentId, Standing, timeline};
use crate::journal::{incident_stream, last_writer};
use crate::pack::Pack;
use crate::permission::Permission::EvidenceAdd;
use crate::work::Work;

/// A file that has come whole and lies in the store, with its name and where it lay.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub name: String,
    pub folder: String,
    pub file: StoredFile,
}

/// What was added.
#[derive(Clone, Debug)]
pub struct Added {
    pub ids: Vec<EvidenceId>,
    /// What was added, in words: "CC-03: a.log" or "3 chứng cứ, CC-03 đến CC-05".
    pub words: Text,
    /// Every row written, for the entry in the journal that the caller makes.
    pub rows: Vec<(&'static str, String)>,
}

/// Whether the actor may add anything here now; asked before a large file is sent for nothing.
pub async fn may_add(work: &mut Work, incident: &IncidentId) -> Result<()> {
    take_to_add(work, incident, "").await.map(|_| ())
}

/// Adds files that came with a form; without files, the thing that the form names.
pub async fn add(
    work: &mut Work,
    incident: &IncidentId,
    form: &FactsForm,
    files: Option<Vec<Arrived>>,
) -> Result<Added> {
    let (_, step) = take_to_add(work, incident, form.step.as_str()).await?;
    let mut checks = Checks::new();
    let facts = form.facts(work, incident, &mut checks).await?;
    let replaces = replaced(work, incident, form, files.as_ref().map_or(1, Vec::len), &mut checks).await?;
    let items: Vec<NewItem> = match files {
        Some(files) => {
            if files.is_empty() {
                checks.refuse("files", Text::new("Hãy chọn ít nhất một tệp.", "Choose at least one file."));
            }
            let item = |arrived: Arrived| NewItem {
                name: arrived.name,
                file: Some(arrived.file),
                folder: arrived.folder,
                facts: facts.clone(),
                replaces: replaces.clone(),
                taken_from: None,
            };
            files.into_iter().map(item).collect()
        }
        None => {
            let name = checks.line("name", &form.name);
            vec![NewItem { name, facts, replaces, ..NewItem::default() }]
        }
    };
    checks.done()?;
    let added = add_stored(work, incident, &step, items).await?;
    let Text { vi, en } = &added.words;
    record(work, incident, "evidence.added", text!("Thêm {vi}", "Added {en}"), &added.rows);
    Ok(added)
}

/// Adds items whose files lie in the store already, in the present round of a step, and notes them in the timeline.
///
/// The caller has taken (or just opened) the incident, has checked who may, and names [`Added::rows`] in the journal.
pub async fn add_stored(work: &mut Work, incident: &IncidentId, step: &str, items: Vec<NewItem>) -> Result<Added> {
    if items.is_empty() {
        return Ok(Added { ids: Vec::new(), words: Text::same(""), rows: Vec::new() });
    }
    let app = work.app.clone();
    let other = app.pack.lists.evidence_kinds.last().map(|kind| kind.id.clone()).unwrap_or_default();
    let round = store::round_of(&mut work.tx, incident, step).await?;
    let first = store::last_number(&mut work.tx, incident).await? + 1;
    let files: Vec<StoredFile> = items.iter().filter_map(|item| item.file.clone()).collect();
    store::insert_files(&mut work.tx, &files, work.now).await?;
    let mut rows: Vec<(&'static str, String)> = files.into_iter().map(|file| ("files", file.sha256)).collect();
    rows.sort();
    rows.dedup();
    let mut entered = Vec::with_capacity(items.len());
    for (number, item) in (first..).zip(items) {
        let id = EvidenceId::new(&app.chance, work.now);
        rows.push(("evidence", id.to_string()));
        entered.push(new_row(work, id, incident, number, (step, round), item, &other));
    }
    store::insert(&mut work.tx, &entered).await?;
    let acts = first_acts(work, &entered);
    rows.extend(acts.iter().map(|(_, act)| ("custody_acts", act.id.to_string())));
    custody::store::insert_acts(&mut work.tx, incident, &acts).await?;
    let words = in_words(&entered);
    let Text { vi, en } = &words;
    rows.push(timeline::note(work, incident, "evidence", text!("Thêm {vi}", "Added {en}")).await?);
    Ok(Added { ids: entered.into_iter().map(|item| item.id).collect(), words, rows })
}

/// Corrects what is known about an item. Its file stays what it is.
pub async fn correct(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &FactsForm) -> Result<()> {
    take_to_add(work, incident, "").await?;
    let old = still_counting(work, incident, id).await?;
    let mut checks = Checks::new();
    let facts = form.facts(work, incident, &mut checks).await?;
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    if !store::save_facts(&mut work.tx, id, version, &facts).await? {
        return Err(conflict(work, incident, &old).await?);
    }
    let (code, changed) = (old.code(), differences(&work.app.pack, &old, &facts));
    let (vi, en) = (&changed.vi, &changed.en);
    let what = text!("Sửa thông tin {code}: {vi}", "Corrected {code}: {en}");
    record(work, incident, "evidence.corrected", what, &[("evidence", id.to_string())]);
    Ok(())
}

/// Declares an item void. It stays in the register with its number and its reason, and no longer counts.
pub async fn void(work: &mut Work, incident: &IncidentId, id: &EvidenceId, form: &VoidForm) -> Result<()> {
    take_to_add(work, incident, "").await?;
    let old = still_counting(work, incident, id).await?;
    if matches!(old.kept.custody, CustodyState::Pending | CustodyState::Destroyed) {
        return Err(Error::not_now(
            "Chứng cứ đang bàn giao hoặc đã tiêu huỷ nên chưa loại được.",
            "The item is being handed over or was destroyed, so it cannot be declared void now.",
        ));
    }
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let by = work.actor.name.clone();
    if !store::save_void(&mut work.tx, id, version, &reason, &by, work.now).await? {
        return Err(conflict(work, incident, &old).await?);
    }
    let (code, name) = (old.code(), &old.name);
    let what = text!("Loại chứng cứ {code} ({name}): {reason}", "Declared {code} void ({name}): {reason}");
    let event = timeline::note(work, incident, "evidence", what.clone()).await?;
    record(work, incident, "evidence.voided", what, &[("evidence", id.to_string()), event]);
    Ok(())
}

/// Takes the incident, and says in which step something is added.
pub(super) async fn take_to_add(work: &mut Work, incident: &IncidentId, step: &str) -> Result<(Taken, String)> {
    let taken = match step {
        "" => take(work, incident).await?,
        step => take_step(work, incident, step, Standing::Supports).await?,
    };
    if !store::may(&mut work.tx, &work.actor, EvidenceAdd, incident).await? {
        return Err(not_allowed());
    }
    if !step.is_empty() {
        return Ok((taken, step.to_owned()));
    }
    let app = work.app.clone();
    let fitting = step_to_add(&work.actor, &app.pack.procedure, &taken.units, &taken.flow(), "evidence");
    let fitting = fitting.ok_or_else(no_open_step)?.id.clone();
    Ok((taken, fitting))
}

/// The sentence for someone who takes part in no step that is open.
pub fn no_open_step() -> Error {
    Error::forbidden(
        "Đơn vị bạn không chủ trì hay phối hợp bước nào đang mở, nên chưa ghi thêm được.",
        "Your unit leads or supports no step that is open, so nothing can be added now.",
    )
}

/// In which step the actor adds something now. Takes the incident; refuses whoever may add nothing.
pub async fn step_for(work: &mut Work, incident: &IncidentId) -> Result<String> {
    take_to_add(work, incident, "").await.map(|(_, step)| step)
}

/// Writes down that the file of an item is being examined, by whoever acts, and gives back the item. Refuses what has no
/// file any more, is under seal or in other hands.
pub async fn note_examined(work: &mut Work, incident: &IncidentId, id: &EvidenceId, reason: &str) -> Result<Evidence> {
    let held = take_item(work, incident, id).await?;
    let item = held.item.clone();
    if item.is_void() {
        return Err(Error::not_now("Chứng cứ này đã bị loại.", "This item was declared void."));
    }
    if !item.is_file() || item.is_destroyed() || item.removed_at.is_some() {
        return Err(Error::not_now("Chứng cứ này không có tệp để đọc.", "This item has no file to be read."));
    }
    let act = custody::actions::examined(work, &held, reason);
    custody::actions::write(work, held, act, Vec::new()).await?;
    Ok(item)
}

pub(super) async fn still_counting(work: &mut Work, incident: &IncidentId, id: &EvidenceId) -> Result<Evidence> {
    let item = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    if item.is_void() {
        return Err(Error::not_now("Chứng cứ này đã bị loại.", "This item was declared void."));
    }
    Ok(item)
}

async fn replaced(
    work: &mut Work,
    incident: &IncidentId,
    form: &FactsForm,
    files: usize,
    checks: &mut Checks,
) -> Result<Option<EvidenceId>> {
    let Some(older) = checks.id_or_none::<EvidenceId>("replaces", &form.replaces) else { return Ok(None) };
    still_counting(work, incident, &older).await?;
    if files > 1 {
        let one = Text::new("Bản mới chỉ gồm một tệp.", "A new version is a single file.");
        checks.refuse("files", one);
    }
    Ok(Some(older))
}

fn new_row(
    work: &Work,
    id: EvidenceId,
    incident: &IncidentId,
    number: i64,
    (step, round): (&str, i64),
    item: NewItem,
    other: &str,
) -> Evidence {
    let (sha256, size, media_type, md5) = match item.file {
        Some(file) => (Some(file.sha256), Some(file.size), file.media_type, file.md5),
        None => (None, None, String::new(), None),
    };
    let facts = item.facts;
    let collector = if facts.collected_by.is_empty() { &work.actor.name } else { &facts.collected_by };
    let kept = Kept {
        custody: CustodyState::Held,
        holder: collector.clone(),
        holder_unit: work.actor.unit_name.clone(),
        acts: 1,
        ..Kept::default()
    };
    Evidence {
        id,
        incident_id: incident.clone(),
        number,
        name: item.name,
        kind: if facts.kind.is_empty() { other.to_owned() } else { facts.kind },
        sha256,
        size,
        media_type,
        description: facts.description,
        source: facts.source,
        system_id: facts.system_id,
        system_name: None,
        collected_at: facts.collected_at,
        collected_by: facts.collected_by,
        added_at: work.now,
        added_by: work.actor.name.clone(),
        step: step.to_owned(),
        round,
        malicious: facts.malicious,
        replaces: item.replaces,
        replaces_number: None,
        replaced_by: None,
        replaced_by_number: None,
        void_reason: String::new(),
        voided_at: None,
        voided_by: String::new(),
        checked_at: None,
        check_ok: None,
        version: 1,
        folder: item.folder,
        taken_from: item.taken_from,
        taken_from_number: None,
        md5,
        removed_at: None,
        marked: facts.malicious,
        kept,
        ending: Ending::default(),
    }
}

fn in_words(items: &[Evidence]) -> Text {
    match items {
        [one] => {
            let (code, name) = (one.code(), &one.name);
            text!("chứng cứ {code}: {name}", "evidence {code}: {name}")
        }
        many => {
            let count = many.len();
            let first = many.first().map(Evidence::code).unwrap_or_default();
            let last = many.last().map(Evidence::code).unwrap_or_default();
            text!("{count} chứng cứ, {first} đến {last}", "{count} items of evidence, {first} to {last}")
        }
    }
}

/// What was there before, so that a correction can be followed in the journal.
fn differences(pack: &Pack, old: &Evidence, new: &Facts) -> Text {
    let mut changed: Vec<(Text, Text)> = Vec::new();
    let before = |words: &str| Text::same(shorten(words, 200));
    let mut note = |differs: bool, what: Text, was: Text| {
        if differs {
            changed.push((what, was));
        }
    };
    let kind = pack.lists.item("evidence_kinds", &old.kind).map(|kind| kind.label.text());
    note(old.kind != new.kind, Text::new("loại", "kind"), kind.unwrap_or_else(|| Text::same(&*old.kind)));
    note(old.description != new.description, Text::new("mô tả", "description"), before(&old.description));
    note(old.source != new.source, Text::new("nơi thu", "source"), before(&old.source));
    let system = old.system_name.clone().unwrap_or_default();
    note(old.system_id != new.system_id, Text::new("hệ thống", "system"), Text::same(system));
    let collected = old.collected_at.map(Time::to_minute).unwrap_or_default();
    note(old.collected_at != new.collected_at, Text::new("thu lúc", "collected at"), Text::same(collected));
    note(old.collected_by != new.collected_by, Text::new("người thu", "collected by"), before(&old.collected_by));
    let mark = if old.malicious { Text::new("có", "yes") } else { Text::new("không", "no") };
    note(old.malicious != new.malicious, Text::new("mã độc", "malicious"), mark);
    if changed.is_empty() {
        return Text::new("không đổi gì", "nothing changed");
    }
    let vi: Vec<String> = changed.iter().map(|(what, was)| format!("{} (trước: “{}”)", what.vi, was.vi)).collect();
    let en: Vec<String> = changed.iter().map(|(what, was)| format!("{} (was “{}”)", what.en, was.en)).collect();
    Text::owned(vi.join("; "), en.join("; "))
}

/// Somebody else corrected the item first: what is stored now, field by field.
async fn conflict(work: &mut Work, incident: &IncidentId, now: &Evidence) -> Result<Error> {
    let stream = incident_stream(incident.as_str());
    let (who, when) = last_writer(&mut work.tx, &stream, now.id.as_str()).await?.unwrap_or_default();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let theirs = vec![
        field("kind", &now.kind),
        field("description", &now.description),
        field("source", &now.source),
        field("system", now.system_id.as_ref().map(|id| id.as_str()).unwrap_or_default()),
        field("collected_at", &now.collected_at.map(Time::to_field).unwrap_or_default()),
        field("collected_by", &now.collected_by),
    ];
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}
