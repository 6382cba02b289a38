//! The word of whoever signs, before a report is issued: handed in, approved or returned with words, taken back, given up.
//! Only forms that the pack gives to somebody for approval go this way; all others are issued by whoever writes them.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::{self, lay_over, name_of, take_draft, take_to_write};
use super::fill::{self, Posted};
use super::model::{Report, Review};
use super::{ReportId, forms, numbers, store};
use crate::actor::{Actor, not_allowed};
use crate::incident::actions::{record, take};
use crate::incident::{IncidentId, timeline};
use crate::org::UnitId;
use crate::pack::Form;
use crate::permission::Permission;
use crate::work::Work;

/// What somebody says to a report that was handed in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RulingForm {
    /// `approve` or `return`.
    pub act: Raw,
    /// Obligatory when it is returned.
    pub words: Raw,
    pub version: Raw,
}

/// Why a draft is given up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DropForm {
    pub reason: Raw,
    pub version: Raw,
}

/// Only the version that was read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VersionForm {
    pub version: Raw,
}

/// Whether somebody may approve a form of an incident: by permission, and for one of the functions that the form names, in
/// the unit that runs the system or the one that owns it.
pub fn may_approve(actor: &Actor, form: &Form, unit: &UnitId, owner: &UnitId) -> bool {
    let in_either = |covers: &dyn Fn(&UnitId) -> bool| covers(unit) || covers(owner);
    let acts_for = |function: &String| {
        let scope = actor.function_scope(function);
        in_either(&|unit| scope.covers(unit))
    };
    in_either(&|unit| actor.can_in(Permission::ReportApprove, unit)) && form.approved_by.iter().any(acts_for)
}

/// Hands a draft in. From now on its words stand as they are.
pub async fn submit(work: &mut Work, incident: &IncidentId, id: &ReportId, posted: &Posted) -> Result<()> {
    let (taken, mut report) = take_draft(work, incident, id, posted).await?;
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, &report).await?;
    if form.approved_by.is_empty() {
        return Err(Error::not_now(
            "Mẫu này không cần duyệt, hãy phát hành ngay.",
            "This form needs no approval; issue it.",
        ));
    }
    if !report.is_written() {
        return Err(Error::not_now("Văn bản đã được trình duyệt.", "It was handed in already."));
    }
    let (filled, _) = lay_over(work, &taken.incident, &mut report, &form, posted).await?;
    fill::refuse_missing(&filled)?;
    report.answers = serde_json::to_string(&fill::everything(&filled))?;
    report.review = Review::Submitted;
    report.review_words = String::new();
    report.submitted_at = Some(work.now);
    report.submitted_by = work.actor.name.clone();
    report.reviewed_at = None;
    report.reviewed_by = String::new();
    actions::store(work, &report).await?;
    let (vi, en) = name_of(&form, &report);
    let what = text!("Trình duyệt {vi}", "Handed in {en} for approval");
    record(work, incident, "report.submitted", what, &[("reports", id.to_string())]);
    Ok(())
}

/// Approves a report, or returns it with words. Of two who do so at once, the second is told who was faster.
pub async fn rule(work: &mut Work, incident: &IncidentId, id: &ReportId, form: &RulingForm) -> Result<bool> {
    let taken = take(work, incident).await?;
    let mut report = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    let app = work.app.clone();
    let paper = forms::of(&mut work.tx, &app.pack, &report).await?;
    if !may_approve(&work.actor, &paper, &taken.incident.unit_id, &taken.incident.owner_unit_id) {
        return Err(not_allowed());
    }
    if report.review != Review::Submitted || !report.state.is_draft() {
        return Err(ruled_already(&report));
    }
    if form.version.as_str() != report.version.to_string() {
        return Err(actions::conflict(work, &report).await?);
    }
    let mut checks = Checks::new();
    let approves = match form.act.as_str() {
        "approve" => true,
        "return" => false,
        _ => return Err(Error::field("act", Text::new("Hãy chọn duyệt hoặc trả lại.", "Approve it or return it."))),
    };
    report.review_words = match approves {
        true => checks.area_or_empty("words", &form.words),
        false => checks.area("words", &form.words),
    };
    checks.done()?;
    report.review = if approves { Review::Approved } else { Review::Returned };
    report.reviewed_at = Some(work.now);
    report.reviewed_by = work.actor.name.clone();
    if !approves {
        back_to_writing(&mut report)?;
    }
    actions::store(work, &report).await?;
    let (vi, en) = name_of(&paper, &report);
    let words = &report.review_words;
    let what = match approves {
        true => text!("Duyệt {vi}", "Approved {en}"),
        false => text!("Trả lại {vi}: {words}", "Returned {en}: {words}"),
    };
    let event = timeline::note(work, incident, "decision", what.clone()).await?;
    record(work, incident, "report.ruled", what, &[("reports", id.to_string()), event]);
    Ok(approves)
}

fn ruled_already(report: &Report) -> Error {
    let who = &report.reviewed_by;
    match report.review {
        Review::Approved => Error::NotNow(text!("{who} đã duyệt văn bản này.", "{who} has approved it already.")),
        Review::Returned => Error::NotNow(text!("{who} đã trả lại văn bản này.", "{who} has returned it already.")),
        _ => Error::not_now("Văn bản này không chờ duyệt.", "It does not wait for approval."),
    }
}

/// Takes a report back to write on: the records fill it again where nobody wrote.
pub async fn withdraw(work: &mut Work, incident: &IncidentId, id: &ReportId, form: &VersionForm) -> Result<()> {
    take_to_write(work, incident).await?;
    let mut report = read(work, incident, id, &form.version).await?;
    if !report.is_fixed() {
        return Err(Error::not_now("Văn bản này đang soạn, cứ sửa.", "It is being written; go on."));
    }
    report.review = Review::Writing;
    back_to_writing(&mut report)?;
    actions::store(work, &report).await?;
    say(work, incident, &report, "report.withdrawn", |vi, en| text!("Rút lại {vi} để sửa", "Took back {en}")).await
}

/// Gives up a draft, and the number it may have: it stays in the register, cancelled.
pub async fn abandon(work: &mut Work, incident: &IncidentId, id: &ReportId, form: &DropForm) -> Result<()> {
    take_to_write(work, incident).await?;
    let mut report = read(work, incident, id, &form.version).await?;
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let mut rows = vec![("reports", id.to_string())];
    if let Some(number) = numbers::store::find_of_report(&mut work.tx, id).await? {
        numbers::cancel(work, &number, &reason).await?;
        rows.push(("document_numbers", number.id.to_string()));
    }
    report.state = super::model::ReportState::Draft;
    report.review = Review::Dropped;
    report.review_words.clone_from(&reason);
    report.reviewed_at = Some(work.now);
    report.reviewed_by = work.actor.name.clone();
    actions::store(work, &report).await?;
    let app = work.app.clone();
    let (vi, en) = match forms::find(&mut work.tx, &app.pack, &report.form).await? {
        Some(form) => name_of(&form, &report),
        None => (report.form.clone(), report.form.clone()),
    };
    let what = text!("Huỷ {vi}: {reason}", "Dropped {en}: {reason}");
    record(work, incident, "report.dropped", what, &rows);
    Ok(())
}

/// A draft as whoever sent this last saw it.
async fn read(work: &mut Work, incident: &IncidentId, id: &ReportId, seen: &Raw) -> Result<Report> {
    let report = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    if !report.is_under_way() {
        return Err(Error::not_now("Văn bản đã phát hành hoặc đã huỷ.", "It was issued or dropped."));
    }
    if seen.as_str() != report.version.to_string() {
        return Err(actions::conflict(work, &report).await?);
    }
    Ok(report)
}

/// Keeps only what people wrote, so that the rest follows the records again.
fn back_to_writing(report: &mut Report) -> Result<()> {
    let mut answers = report.answers();
    answers.retain(|_, answer| answer.by_hand);
    report.answers = serde_json::to_string(&answers)?;
    Ok(())
}

async fn say(
    work: &mut Work,
    incident: &IncidentId,
    report: &Report,
    act: &'static str,
    words: impl Fn(&str, &str) -> Text,
) -> Result<()> {
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, report).await?;
    let (vi, en) = name_of(&form, report);
    record(work, incident, act, words(&vi, &en), &[("reports", report.id.to_string())]);
    Ok(())
}
