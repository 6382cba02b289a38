//! What people do to a deadline itself: set it aside with a reason, say that a report was sent, take either back. What a
//! feature's own records tell (a task done, somebody told) is done there.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::acts;
use super::model::{CALENDAR, Deadline, DeadlineId, DeadlineState, RULE};
use super::store;
use super::store::list::find;
use crate::actor::{Actor, not_allowed};
use crate::permission::Permission;
use crate::work::Work;

/// The least number of characters of a reason for setting a duty of the law aside.
pub const REASON: usize = 10;

/// Why a duty is set aside.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WaiveForm {
    pub reason: Raw,
    pub version: Raw,
}

/// That a report was sent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DoneForm {
    /// Number and date of the document: `45/BC-UBND`.
    pub number: Raw,
    pub done_at: Raw,
    pub version: Raw,
}

/// Why what was said is taken back.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UndoForm {
    pub reason: Raw,
    pub version: Raw,
}

/// Sets a duty of the law or of the calendar aside: who, and why.
pub async fn waive(work: &mut Work, id: &DeadlineId, form: &WaiveForm) -> Result<()> {
    let mut row = take(work, id).await?;
    if !may_waive(&work.actor, &row) {
        return Err(not_allowed());
    }
    refuse_if_older(&row, &form.version)?;
    let mut checks = Checks::new();
    let reason = reason(&mut checks, &form.reason);
    checks.done()?;
    if !row.is_open() {
        return Err(Error::not_now("Việc này không còn chờ.", "This is no longer waiting."));
    }
    // What was late when it was set aside stays late in every count.
    row.late = row.late || row.is_overdue(work.now);
    row.state = DeadlineState::Waived;
    row.note = reason.clone();
    row.done_at = Some(work.now);
    let (vi, en) = (&row.title_vi, &row.title_en);
    let what = text!("Miễn: {vi}. Lý do: {reason}", "Waived: {en}. Reason: {reason}");
    end(work, row.clone(), "deadline.waived", what).await
}

/// Says that a report of the calendar was sent.
pub async fn done(work: &mut Work, id: &DeadlineId, form: &DoneForm) -> Result<()> {
    let mut row = take(work, id).await?;
    if !may_say_done(&work.actor, &row) {
        return Err(not_allowed());
    }
    refuse_if_older(&row, &form.version)?;
    let mut checks = Checks::new();
    let number = checks.line("number", &form.number);
    let at = checks.moment("done_at", &form.done_at);
    checks.past("done_at", Some(at), work.now);
    checks.done()?;
    if !row.is_open() {
        return Err(Error::not_now("Việc này không còn chờ.", "This is no longer waiting."));
    }
    row.late = row.late || row.due_at.is_some_and(|due| at > due);
    row.state = DeadlineState::Done;
    row.done_at = Some(at);
    row.note = number.clone();
    let (vi, en, day) = (&row.title_vi, &row.title_en, at.to_day());
    let what = match row.late {
        true => text!("{vi}: đã gửi {number} ngày {day}, trễ hạn", "{en}: sent as {number} on {day}, late"),
        false => text!("{vi}: đã gửi {number} ngày {day}", "{en}: sent as {number} on {day}"),
    };
    end(work, row, "deadline.done", what).await
}

/// Takes back that a duty was set aside or a report sent.
pub async fn undo(work: &mut Work, id: &DeadlineId, form: &UndoForm) -> Result<()> {
    let mut row = take(work, id).await?;
    let waived = row.state == DeadlineState::Waived;
    let said_done = row.state == DeadlineState::Done && row.source == CALENDAR;
    let may = (waived && may_waive(&work.actor, &row)) || (said_done && may_say_done(&work.actor, &row));
    if (waived || said_done) && !may {
        return Err(not_allowed());
    }
    refuse_if_older(&row, &form.version)?;
    let mut checks = Checks::new();
    let reason = reason(&mut checks, &form.reason);
    checks.done()?;
    if !may {
        return Err(Error::not_now("Không có gì để rút lại.", "There is nothing to take back."));
    }
    row.state = DeadlineState::Open;
    row.done_at = None;
    row.note.clear();
    row.ended_by.clear();
    row.next_act_at = acts::next_act(&work.app.pack, &row);
    let (vi, en) = (&row.title_vi, &row.title_en);
    let what = text!("Tính hạn lại: {vi}. Lý do: {reason}", "Counts again: {en}. Reason: {reason}");
    write(work, &row, "deadline.reopened", what).await
}

/// Whether the actor may set it aside: only what the law or the calendar asks for; tasks are cancelled where they stand.
pub fn may_waive(actor: &Actor, row: &Deadline) -> bool {
    let of_law = [RULE, CALENDAR].contains(&row.source.as_str());
    of_law
        && row
            .unit_id
            .as_ref()
            .map_or(actor.can(Permission::DeadlineWaive), |unit| actor.can_in(Permission::DeadlineWaive, unit))
}

/// Whether the actor may say that it was sent.
pub fn may_say_done(actor: &Actor, row: &Deadline) -> bool {
    row.source == CALENDAR
        && row
            .unit_id
            .as_ref()
            .map_or(actor.can(Permission::ReportWrite), |unit| actor.can_in(Permission::ReportWrite, unit))
}

/// The deadline for change; what the actor may not see does not exist.
async fn take(work: &mut Work, id: &DeadlineId) -> Result<Deadline> {
    let actor = work.actor.clone();
    let line = find(&mut work.tx, &actor, id).await?.ok_or(Error::NotFound)?;
    work.hold(&line.it.stream).await?;
    // Read again behind the hold: its stream may have been settled meanwhile.
    Ok(find(&mut work.tx, &actor, id).await?.ok_or(Error::NotFound)?.it)
}

fn refuse_if_older(row: &Deadline, version: &Raw) -> Result<()> {
    if version.as_str() == row.version.to_string() {
        return Ok(());
    }
    Err(Error::Conflict(Box::new(Conflict {
        who: row.ended_by.clone(),
        when: row.done_at.unwrap_or(Time(0)),
        theirs: vec![],
    })))
}

fn reason(checks: &mut Checks, typed: &Raw) -> String {
    let reason = checks.line("reason", typed);
    if !reason.is_empty() && reason.chars().count() < REASON {
        let short = text!("Hãy ghi rõ lý do, ít nhất {REASON} ký tự.", "Say why, in at least {REASON} characters.");
        checks.refuse("reason", short);
    }
    reason
}

async fn end(work: &mut Work, mut row: Deadline, act: &'static str, what: Text) -> Result<()> {
    row.ended_by = work.actor.name.clone();
    row.next_act_at = None;
    write(work, &row, act, what).await
}

async fn write(work: &mut Work, row: &Deadline, act: &'static str, what: Text) -> Result<()> {
    store::save(&mut work.tx, &[row]).await?;
    work.record(&row.stream, act, what, &[("deadlines", row.id.as_str())]);
    Ok(())
}
