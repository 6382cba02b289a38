//! Weighing options, proposing one to the owner, and the owner's word.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

use crate::actor::not_allowed;
use crate::coordination::model::{OptionId, OptionState, Proposal, ProposalId, ProposalState, Ruling, WeighedOption};
use crate::coordination::notices::{place, tell_person, tell_unit};
use crate::coordination::rights::{conflict, person_of, speaks_for_owner, step_with, version_of};
use crate::coordination::store::options as store;
use crate::incident::actions::{Taken, find_step, record, take, take_step};
use crate::incident::{IncidentId, Standing, timeline};
use crate::work::Work;

const SECTION: &str = "options";

/// An option in words.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct OptionForm {
    pub title: Raw,
    pub what: Raw,
    pub advantages: Raw,
    pub drawbacks: Raw,
    pub impact: Raw,
    pub effort: Raw,
    pub version: Raw,
}

/// An option of the pack to take over.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SuggestionForm {
    pub option: Raw,
}

/// Why this one.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ProposeForm {
    pub words: Raw,
    pub version: Raw,
}

/// The owner's word: `act` is `approve` or `return`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct AnswerForm {
    pub act: Raw,
    pub answer: Raw,
    pub version: Raw,
}

/// Nothing but the version that was seen.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct VersionForm {
    pub version: Raw,
}

/// Adds an option written by hand.
pub async fn weigh(work: &mut Work, id: &IncidentId, step: &str, form: &OptionForm) -> Result<OptionId> {
    let taken = take_options(work, id, step, Standing::Supports).await?;
    nothing_waits(work, id).await?;
    let option = read(form, fresh(work, id).await?)?;
    add(work, &taken, option).await
}

/// Takes over an option that the pack suggests for the scenario.
pub async fn take_over(work: &mut Work, id: &IncidentId, step: &str, form: &SuggestionForm) -> Result<OptionId> {
    let taken = take_options(work, id, step, Standing::Supports).await?;
    nothing_waits(work, id).await?;
    let app = work.app.clone();
    let suggested = app.pack.options_of(&taken.incident.scenario).into_iter();
    let suggested = suggested.into_iter().find(|option| option.id == form.option.as_str()).ok_or(Error::NotFound)?;
    let present = store::list(&mut work.tx, id).await?;
    if present.iter().any(|option| option.source == suggested.id && option.state != OptionState::Dropped) {
        return Err(Error::not_now("Phương án này đã có trong danh sách.", "This option is in the list already."));
    }
    let option = WeighedOption {
        title: suggested.name.vi.clone(),
        what: suggested.text.vi.clone(),
        impact: suggested.impact.as_ref().map(|words| words.vi.clone()).unwrap_or_default(),
        source: suggested.id.clone(),
        ..fresh(work, id).await?
    };
    add(work, &taken, option).await
}

/// Rewrites an option while nothing is before the owner.
pub async fn revise(work: &mut Work, id: &IncidentId, step: &str, option: &OptionId, form: &OptionForm) -> Result<()> {
    let taken = take_options(work, id, step, Standing::Supports).await?;
    let stored = store::find(&mut work.tx, id, option).await?.ok_or(Error::NotFound)?;
    nothing_waits(work, id).await?;
    may_change(&stored)?;
    let mut option = read(form, stored.clone())?;
    option.version = version_of(&form.version);
    write(work, &taken, &option, &stored).await?;
    let (number, title) = (option.number, &option.title);
    let what = text!(
        "Sửa phương án {number}: {title}",
        "Revised option {number}: {title}",
        title = work.app.pack.named(title, Lang::En)
    );
    record(work, id, "option.revised", what, &[("response_options", option.id.to_string())]);
    Ok(())
}

/// Sets an option aside. It stays in the records.
pub async fn drop_option(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    option: &OptionId,
    form: &VersionForm,
) -> Result<()> {
    let taken = take_options(work, id, step, Standing::Supports).await?;
    let stored = store::find(&mut work.tx, id, option).await?.ok_or(Error::NotFound)?;
    nothing_waits(work, id).await?;
    may_change(&stored)?;
    let dropped = WeighedOption { state: OptionState::Dropped, version: version_of(&form.version), ..stored.clone() };
    write(work, &taken, &dropped, &stored).await?;
    let (number, title) = (stored.number, &stored.title);
    let what = text!(
        "Bỏ phương án {number}: {title}",
        "Dropped option {number}: {title}",
        title = work.app.pack.named(title, Lang::En)
    );
    record(work, id, "option.dropped", what, &[("response_options", stored.id.to_string())]);
    Ok(())
}

/// Puts exactly one option before the owner, with words. Until the answer, options can only be read.
pub async fn propose(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    option: &OptionId,
    form: &ProposeForm,
) -> Result<ProposalId> {
    let taken = take_options(work, id, step, Standing::Leads).await?;
    let mut stored = store::find(&mut work.tx, id, option).await?.ok_or(Error::NotFound)?;
    nothing_waits(work, id).await?;
    may_change(&stored)?;
    let mut checks = Checks::new();
    let words = checks.area("words", &form.words);
    checks.done()?;
    let before = stored.clone();
    stored.version = version_of(&form.version);
    stored.state = OptionState::Proposed;
    write(work, &taken, &stored, &before).await?;
    let earlier = store::list_proposals(&mut work.tx, id).await?;
    let weighed = store::list(&mut work.tx, id).await?;
    let proposal = Proposal {
        id: ProposalId::new(&work.app.chance, work.now),
        option_id: stored.id.clone(),
        number: earlier.first().map_or(1, |last| last.number + 1),
        words,
        weighed: serde_json::to_string(&weighed)?,
        state: ProposalState::Waiting,
        proposed_at: work.now,
        proposed_by: work.actor.name.clone(),
        proposed_by_id: person_of(&work.actor),
        answer: String::new(),
        answered_at: None,
        answered_by: String::new(),
        version: 1,
    };
    store::insert_proposal(&mut work.tx, id, &proposal).await?;
    let (round, title, code) = (proposal.number, &stored.title, &taken.incident.code);
    let what = text!(
        "Trình chủ quản lần {round}: {title}",
        "Proposed to the owner, round {round}: {title}",
        title = work.app.pack.named(title, Lang::En)
    );
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    let rows = [("option_proposals", proposal.id.to_string()), ("response_options", stored.id.to_string()), event];
    record(work, id, "option.proposed", what, &rows);
    let notice = text!(
        "{code}: có phương án chờ duyệt: {title}",
        "{code}: an option waits for approval: {title}",
        title = work.app.pack.named(title, Lang::En)
    );
    tell_unit(work, &taken.incident.owner_unit_id, &notice, &place(id, step, SECTION)).await?;
    Ok(proposal.id)
}

/// The owner approves, or returns with words.
pub async fn answer(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    proposal: &ProposalId,
    form: &AnswerForm,
) -> Result<Ruling> {
    let taken = take(work, id).await?;
    step_with(&find_step(work, step)?, SECTION)?;
    let mut proposal = store::find_proposal(&mut work.tx, id, proposal).await?.ok_or(Error::NotFound)?;
    let (app, actor) = (work.app.clone(), work.actor.clone());
    if !speaks_for_owner(&mut work.tx, &app.pack, &actor, &taken.incident, &taken.units).await? {
        return Err(not_allowed());
    }
    if version_of(&form.version) != proposal.version {
        return Err(conflict(work, id, proposal.id.as_str(), vec![("answer", &proposal.answer)]).await);
    }
    if proposal.state != ProposalState::Waiting {
        return Err(Error::not_now("Đề xuất này đã có trả lời.", "This proposal has been answered."));
    }
    let mut checks = Checks::new();
    let ruling: Option<Ruling> = checks.choice("act", &form.act);
    let returning = ruling == Some(Ruling::Return);
    let words =
        if returning { checks.area("answer", &form.answer) } else { checks.area_or_empty("answer", &form.answer) };
    checks.done()?;
    let ruling = ruling.unwrap_or(Ruling::Return);
    proposal.state = if returning { ProposalState::Returned } else { ProposalState::Approved };
    proposal.answer = words;
    proposal.answered_at = Some(work.now);
    proposal.answered_by = work.actor.name.clone();
    if store::save_proposal(&mut work.tx, &proposal).await? == 0 {
        return Err(conflict(work, id, proposal.id.as_str(), Vec::new()).await);
    }
    let mut rows = vec![("option_proposals", proposal.id.to_string())];
    rows.extend(settle(work, id, &proposal.option_id, ruling).await?);
    tell_answer(work, &taken, step, &proposal, ruling, rows).await?;
    Ok(ruling)
}

/// Takes a proposal back before the owner has answered, with a reason.
pub async fn withdraw(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    proposal: &ProposalId,
    form: &AnswerForm,
) -> Result<()> {
    take_options(work, id, step, Standing::Leads).await?;
    let mut proposal = store::find_proposal(&mut work.tx, id, proposal).await?.ok_or(Error::NotFound)?;
    if version_of(&form.version) != proposal.version {
        return Err(conflict(work, id, proposal.id.as_str(), Vec::new()).await);
    }
    if proposal.state != ProposalState::Waiting {
        return Err(Error::not_now("Đề xuất này đã có trả lời.", "This proposal has been answered."));
    }
    let mut checks = Checks::new();
    proposal.answer = checks.area("answer", &form.answer);
    checks.done()?;
    proposal.state = ProposalState::Withdrawn;
    proposal.answered_at = Some(work.now);
    proposal.answered_by = work.actor.name.clone();
    if store::save_proposal(&mut work.tx, &proposal).await? == 0 {
        return Err(conflict(work, id, proposal.id.as_str(), Vec::new()).await);
    }
    let mut rows = vec![("option_proposals", proposal.id.to_string())];
    rows.extend(settle(work, id, &proposal.option_id, Ruling::Return).await?);
    let (title, reason) = (proposal.title(), &proposal.answer);
    let what = text!(
        "Rút đề xuất: {title}. {reason}",
        "Withdrew the proposal: {title}. {reason}",
        title = work.app.pack.named(&title, Lang::En)
    );
    rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    record(work, id, "option.withdrawn", what, &rows);
    Ok(())
}

/// What an answer makes of the options: the approved one replaces the one approved before.
async fn settle(
    work: &mut Work,
    id: &IncidentId,
    chosen: &OptionId,
    ruling: Ruling,
) -> Result<Vec<(&'static str, String)>> {
    let mut rows = Vec::new();
    // A handful of options at most, and only two of them change.
    for mut option in store::list(&mut work.tx, id).await? {
        let state = match ruling {
            _ if option.id == *chosen => match ruling {
                Ruling::Approve => OptionState::Approved,
                Ruling::Return => OptionState::Weighed,
            },
            Ruling::Approve if option.state == OptionState::Approved => OptionState::Replaced,
            _ => continue,
        };
        option.state = state;
        store::save(&mut work.tx, &option).await?;
        rows.push(("response_options", option.id.to_string()));
    }
    Ok(rows)
}

async fn tell_answer(
    work: &mut Work,
    taken: &Taken,
    step: &str,
    proposal: &Proposal,
    ruling: Ruling,
    mut rows: Vec<(&'static str, String)>,
) -> Result<()> {
    let id = &taken.incident.id;
    let (title, words, code) = (proposal.title(), proposal.answer.trim(), &taken.incident.code);
    let (act, what) = match ruling {
        Ruling::Approve => (
            "option.approved",
            text!(
                "Chủ quản duyệt phương án: {title}",
                "The owner approved the option: {title}",
                title = work.app.pack.named(&title, Lang::En)
            ),
        ),
        Ruling::Return => (
            "option.returned",
            text!(
                "Chủ quản trả lại phương án: {title}. {words}",
                "The owner returned the option: {title}. {words}",
                title = work.app.pack.named(&title, Lang::En)
            ),
        ),
    };
    rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    let (vi, en) = (&what.vi, &what.en);
    let notice = text!("{code}: {vi}", "{code}: {en}");
    record(work, id, act, what.clone(), &rows);
    let url = place(id, step, SECTION);
    tell_unit(work, &taken.incident.unit_id, &notice, &url).await?;
    // Whoever proposed may sit in another unit.
    if proposal.proposed_by_id.is_some() && !sits_in(work, proposal, &taken.incident.unit_id).await? {
        tell_person(work, proposal.proposed_by_id.as_ref(), &notice, &url).await?;
    }
    Ok(())
}

async fn sits_in(work: &mut Work, proposal: &Proposal, unit: &crate::org::UnitId) -> Result<bool> {
    let Some(person) = &proposal.proposed_by_id else { return Ok(false) };
    crate::coordination::store::sits_in(&mut work.tx, person, unit).await
}

/// Takes the incident for work on its options: only while the step is open.
async fn take_options(work: &mut Work, id: &IncidentId, step: &str, least: Standing) -> Result<Taken> {
    step_with(&find_step(work, step)?, SECTION)?;
    take_step(work, id, step, least).await
}

/// While one option is before the owner, all of them stand as they were shown to the owner.
async fn nothing_waits(work: &mut Work, id: &IncidentId) -> Result<()> {
    let waiting = store::list_proposals(&mut work.tx, id).await?;
    if waiting.iter().any(|proposal| proposal.state == ProposalState::Waiting) {
        return Err(Error::not_now(
            "Đang có phương án trình chủ quản. Trong lúc chờ, các phương án chỉ để xem; muốn sửa, hãy rút đề xuất.",
            "An option is before the owner. Until the answer, options can only be read; withdraw the proposal to change them.",
        ));
    }
    Ok(())
}

fn may_change(option: &WeighedOption) -> Result<()> {
    match option.state {
        OptionState::Weighed => Ok(()),
        _ => Err(Error::not_now(
            "Phương án này đã được quyết định nên không sửa được. Hãy ghi một phương án mới.",
            "This option has been decided on and cannot be changed. Write a new one.",
        )),
    }
}

async fn fresh(work: &mut Work, id: &IncidentId) -> Result<WeighedOption> {
    Ok(WeighedOption {
        id: OptionId::new(&work.app.chance, work.now),
        number: store::next_number(&mut work.tx, id).await?,
        title: String::new(),
        what: String::new(),
        advantages: String::new(),
        drawbacks: String::new(),
        impact: String::new(),
        effort: String::new(),
        source: String::new(),
        state: OptionState::Weighed,
        changed_at: work.now,
        changed_by: work.actor.name.clone(),
        version: 1,
    })
}

fn read(form: &OptionForm, option: WeighedOption) -> Result<WeighedOption> {
    let mut checks = Checks::new();
    let read = WeighedOption {
        title: checks.line("title", &form.title),
        what: checks.area("what", &form.what),
        advantages: checks.area_or_empty("advantages", &form.advantages),
        drawbacks: checks.area_or_empty("drawbacks", &form.drawbacks),
        impact: checks.area_or_empty("impact", &form.impact),
        effort: checks.area_or_empty("effort", &form.effort),
        ..option
    };
    checks.done()?;
    Ok(read)
}

async fn add(work: &mut Work, taken: &Taken, option: WeighedOption) -> Result<OptionId> {
    let id = &taken.incident.id;
    store::insert(&mut work.tx, id, &option).await?;
    let (number, title) = (option.number, &option.title);
    let what: Text = text!(
        "Ghi phương án {number}: {title}",
        "Noted option {number}: {title}",
        title = work.app.pack.named(title, Lang::En)
    );
    record(work, id, "option.noted", what, &[("response_options", option.id.to_string())]);
    Ok(option.id)
}

/// Writes an option whose `version` is the one the person saw; `stored` is what stands there now.
async fn write(work: &mut Work, taken: &Taken, option: &WeighedOption, stored: &WeighedOption) -> Result<()> {
    let option = WeighedOption { changed_at: work.now, changed_by: work.actor.name.clone(), ..option.clone() };
    if store::save(&mut work.tx, &option).await? > 0 {
        return Ok(());
    }
    let theirs = vec![
        ("title", stored.title.as_str()),
        ("what", &stored.what),
        ("advantages", &stored.advantages),
        ("drawbacks", &stored.drawbacks),
        ("impact", &stored.impact),
        ("effort", &stored.effort),
    ];
    Err(conflict(work, &taken.incident.id, stored.id.as_str(), theirs).await)
}
