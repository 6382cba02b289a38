//! What is done in the check after recovery: answer a check, add one, give the verdict.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::pages::{AddForm, AnswerForm, VerdictForm};
use super::{Check, CheckResult, Verdict, in_the_way, store};
use crate::incident::actions::{Taken, go_round, record};
use crate::incident::model::{PartId, Standing};
use crate::incident::timeline;
use crate::incident::work::place::{At, and_note, check_version, take_section};
use crate::notify;
use crate::pack::Step;
use crate::work::Work;

/// Answers a check of the present round.
pub async fn answer(work: &mut Work, at: &At, id: &PartId, form: &AnswerForm) -> Result<()> {
    let (taken, _) = take_section(work, at, "verification", Standing::Supports).await?;
    let mut check = store::get(&mut work.tx, &at.incident, id).await?;
    if check.round != taken.incident.round {
        return Err(Error::not_now("Mục này thuộc vòng trước.", "This check belongs to an earlier round."));
    }
    must_be_undecided(work, at, &taken).await?;
    check_version(work, &taken, id, &form.version, check.version, Vec::new()).await?;
    let mut checks = Checks::new();
    let result = checks.choice::<CheckResult>("result", &form.result);
    let note = checks.area_or_empty("note", &form.note);
    if result == Some(CheckResult::Fail) && note.is_empty() {
        checks.refuse("note", Text::new("Hãy ghi chỗ không đạt.", "Say what failed."));
    }
    if result == Some(CheckResult::NotApplicable) && note.is_empty() {
        checks.refuse("note", Text::new("Hãy ghi vì sao không áp dụng.", "Say why it does not apply."));
    }
    checks.done()?;
    check.note = note;
    put(work, at, check, result.unwrap_or(CheckResult::Open)).await
}

/// Notes these checks of the present round as passed; those answered already stay as they are. Says how many were noted.
pub async fn pass(work: &mut Work, at: &At, ids: &[PartId]) -> Result<usize> {
    let (taken, _) = take_section(work, at, "verification", Standing::Supports).await?;
    must_be_undecided(work, at, &taken).await?;
    let mut present = present_checks(work, at, &taken).await?;
    if ids.iter().any(|id| present.iter().all(|check| check.id != *id)) {
        return Err(Error::NotFound);
    }
    present.retain(|check| check.is_open() && ids.contains(&check.id));
    let count = present.len();
    if count == 0 {
        return Err(Error::not_now(
            "Các mục đã chọn đều đã có kết quả.",
            "All that were ticked have been answered already.",
        ));
    }
    for check in present {
        put(work, at, check, CheckResult::Pass).await?;
    }
    Ok(count)
}

async fn put(work: &mut Work, at: &At, mut check: Check, result: CheckResult) -> Result<()> {
    check.result = result;
    let answered = !check.is_open();
    check.checked_at = answered.then_some(work.now);
    check.checked_by = if answered { work.actor.name.clone() } else { String::new() };
    store::save(&mut work.tx, &check).await?;
    let label = check.result.label();
    let (vi, en) = (&label.vi, &label.en);
    let (what_vi, what_en) = (and_note(&check.text, &check.note), and_note(&check.text_en, &check.note));
    let what = text!("Kiểm tra – {vi}: {what_vi}", "Check – {en}: {what_en}");
    record(work, &at.incident, "incident.check_answered", what, &[("verification_checks", check.id.to_string())]);
    Ok(())
}

/// Adds a check of one's own to the present round.
pub async fn add(work: &mut Work, at: &At, form: &AddForm) -> Result<PartId> {
    let (taken, _) = take_section(work, at, "verification", Standing::Supports).await?;
    must_be_undecided(work, at, &taken).await?;
    let mut checks = Checks::new();
    let words = checks.line("text", &form.text);
    checks.done()?;
    let present = present_checks(work, at, &taken).await?;
    let check = Check {
        id: PartId::new(&work.app.chance, work.now),
        round: taken.incident.round,
        position: present.iter().map(|check| check.position).max().unwrap_or(0) + 1,
        text: words.clone(),
        text_en: words.clone(),
        result: CheckResult::Open,
        note: String::new(),
        checked_at: None,
        checked_by: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &at.incident, &check).await?;
    let what = text!("Thêm mục kiểm tra: {words}", "Check added: {words}");
    record(work, &at.incident, "incident.check_added", what, &[("verification_checks", check.id.to_string())]);
    Ok(check.id)
}

/// Gives the verdict of the round. Stable needs every check answered and none failed; not stable needs a reason and
/// opens the next round. Only who leads the step may. Says whether the work goes round again.
pub async fn judge(work: &mut Work, at: &At, form: &VerdictForm) -> Result<bool> {
    let (taken, step) = take_section(work, at, "verification", Standing::Leads).await?;
    let mut checks = Checks::new();
    let word = form.verdict.as_str();
    if !matches!(word, "stable" | "unstable") {
        checks.refuse("verdict", Text::new("Hãy chọn một kết luận.", "Choose a verdict."));
    }
    let stable = word == "stable";
    let note = match stable {
        true => checks.area_or_empty("note", &form.note),
        false => checks.area("note", &form.note),
    };
    checks.done()?;
    if stable && let Some(reason) = in_the_way(&present_checks(work, at, &taken).await?) {
        return Err(Error::NotNow(reason));
    }
    let round = taken.incident.round;
    let verdict = Verdict {
        id: PartId::new(&work.app.chance, work.now),
        round,
        stable,
        note: note.clone(),
        given_at: work.now,
        given_by: work.actor.name.clone(),
    };
    let id = store::put_verdict(&mut work.tx, &at.incident, &verdict).await?;
    let what = match stable {
        true => {
            let (vi, en) = (and_note("Hệ thống đã hoạt động ổn định", &note), and_note("The system is stable", &note));
            text!("Kết luận vòng {round}: {vi}", "Verdict of round {round}: {en}")
        }
        false => text!("Kết luận vòng {round}: chưa ổn định. {note}", "Verdict of round {round}: not stable. {note}"),
    };
    let event = timeline::note(work, &at.incident, "decision", what.clone()).await?;
    record(work, &at.incident, "incident.verdict_given", what, &[("verdicts", id.to_string()), event]);
    let again = !stable && step.loop_back.is_some();
    if again {
        tell_leaders(work, &taken, &step, &note).await?;
        go_round(work, taken, &step, &note).await?;
    }
    Ok(again)
}

/// Tells the units that lead a step which opens again.
async fn tell_leaders(work: &mut Work, taken: &Taken, step: &Step, reason: &str) -> Result<()> {
    let app = work.app.clone();
    let steps = app.pack.procedure.round_of(&step.id);
    let leads = |function: &String| steps.iter().any(|step| step.lead.contains(function));
    let mut units: Vec<_> = taken.units.iter().filter(|unit| leads(&unit.function)).map(|unit| &unit.unit_id).collect();
    units.sort();
    units.dedup();
    let (id, code, round) = (&taken.incident.id, &taken.incident.code, taken.incident.round + 1);
    let text = text!("{code} chưa ổn định, mở vòng {round}: {reason}", "{code} is not stable, round {round}: {reason}");
    for unit in units {
        notify::tell_unit(work, unit, &text, &format!("/incidents/{id}")).await?;
    }
    Ok(())
}

async fn present_checks(work: &mut Work, at: &At, taken: &Taken) -> Result<Vec<Check>> {
    let mut checks = store::list(&mut work.tx, &at.incident).await?;
    checks.retain(|check| check.round == taken.incident.round);
    Ok(checks)
}

/// What was found stable is not changed quietly afterwards; a doubt is a verdict of its own.
async fn must_be_undecided(work: &mut Work, at: &At, taken: &Taken) -> Result<()> {
    if store::count_stable(&mut work.tx, &at.incident, taken.incident.round).await? == 0 {
        return Ok(());
    }
    Err(Error::not_now(
        "Đã kết luận ổn định. Nếu phát hiện lỗi, hãy kết luận lại là chưa ổn định.",
        "The system was found stable. If something is wrong after all, give the verdict that it is not stable.",
    ))
}
