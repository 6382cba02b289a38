//! Who speaks for us, and what is said to the press: drafted, submitted, approved or returned, then published elsewhere
//! and recorded here. An approved version is frozen; changing it means a new version.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use crate::actor::not_allowed;
use crate::coordination::model::{
    Publication, PublicationId, Ruling, Spokesperson, SpokespersonId, Statement, StatementId, StatementState,
};
use crate::coordination::notices::{place, tell_person, tell_unit};
use crate::coordination::rights::{conflict, person_of, step_with, take_for, version_of};
use crate::coordination::store as shared;
use crate::coordination::store::statements as store;
use crate::incident::actions::{Taken, find_step, record, take};
use crate::incident::flow::StepState;
use crate::incident::model::standing;
use crate::incident::{IncidentId, Standing, joining, timeline};
use crate::org::PersonId;
use crate::permission::Permission;
use crate::work::Work;

use super::options::AnswerForm;

const SECTION: &str = "statement";

/// Who is named, by which decision, from when to when.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SpokespersonForm {
    pub person: Raw,
    pub decision: Raw,
    pub valid_from: Raw,
    pub valid_to: Raw,
}

/// The words of a statement.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct StatementForm {
    pub title: Raw,
    pub text: Raw,
    pub version: Raw,
}

/// Where and when it came out.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct PublicationForm {
    pub place: Raw,
    pub published_at: Raw,
}

/// Names a spokesperson; whoever spoke before does so no longer.
pub async fn name(work: &mut Work, id: &IncidentId, step: &str, form: &SpokespersonForm) -> Result<SpokespersonId> {
    work.actor.must(Permission::IncidentDirect)?;
    let taken = take_for(work, id, step, SECTION, Standing::Leads).await?;
    let mut checks = Checks::new();
    let person = checks.id::<PersonId>("person", &form.person);
    let decision = checks.line("decision", &form.decision);
    let valid_from = checks.moment_or_none("valid_from", &form.valid_from).unwrap_or(work.now);
    let valid_to = checks.moment_or_none("valid_to", &form.valid_to);
    if valid_to.is_some_and(|to| to <= valid_from) {
        checks.refuse(
            "valid_to",
            Text::new("Ngày kết thúc phải sau ngày bắt đầu.", "The end must come after the beginning."),
        );
    }
    let known = match person {
        Some(person) => shared::find_person(&mut work.tx, &person).await?,
        None => None,
    };
    if known.is_none() && !form.person.is_empty() {
        checks.refuse("person", unknown());
    }
    checks.done()?;
    let Some(person) = known else { return Err(Error::field("person", unknown())) };
    let mut rows = end_earlier(work, id).await?;
    let named = Spokesperson {
        id: SpokespersonId::new(&work.app.chance, work.now),
        person_id: person.id.clone(),
        name: person.name.clone(),
        unit_name: person.unit_name,
        phone: String::new(),
        decision,
        valid_from,
        valid_to,
        named_at: work.now,
        named_by: work.actor.name.clone(),
        ended_at: None,
        ended_by: String::new(),
        version: 1,
    };
    store::insert_spokesperson(&mut work.tx, id, &named).await?;
    rows.push(("spokespersons", named.id.to_string()));
    rows.extend(
        joining::draw_in_people(work, id, std::slice::from_ref(&person.id), joining::DrawnAs::Spokesperson).await?,
    );
    let (who, code) = (&named.name, &taken.incident.code);
    let what = text!("Phân công {who} phát ngôn", "{who} was named to speak");
    rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    record(work, id, "spokesperson.named", what, &rows);
    let notice = text!("{code}: bạn được phân công phát ngôn", "{code}: you were named to speak");
    tell_person(work, Some(&person.id), &notice, &place(id, step, SECTION)).await?;
    Ok(named.id)
}

/// Begins a statement.
pub async fn draft(work: &mut Work, id: &IncidentId, step: &str, form: &StatementForm) -> Result<StatementId> {
    take_to_write(work, id, step).await?;
    let (title, text) = read(form)?;
    let number = store::last_number(&mut work.tx, id).await? + 1;
    add(work, id, number, 1, title, text).await
}

/// Rewrites a draft.
pub async fn revise(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    statement: &StatementId,
    form: &StatementForm,
) -> Result<()> {
    take_to_write(work, id, step).await?;
    let stored = store::find(&mut work.tx, id, statement).await?.ok_or(Error::NotFound)?;
    if stored.state != StatementState::Draft {
        return Err(Error::not_now(
            "Bản này đã trình hoặc đã có ý kiến nên không sửa được. Hãy lập bản mới.",
            "This version was submitted or answered and cannot be changed. Make a new version.",
        ));
    }
    let (title, text) = read(form)?;
    let changed = Statement {
        title,
        text,
        written_at: work.now,
        written_by: work.actor.name.clone(),
        written_by_id: person_of(&work.actor),
        version: version_of(&form.version),
        ..stored.clone()
    };
    save(work, id, &changed, &stored).await?;
    let label = label(&stored);
    let what = text!("Sửa bản thảo {label}", "Revised draft {label}");
    record(work, id, "statement.revised", what, &[("statements", stored.id.to_string())]);
    Ok(())
}

/// Begins the next version out of the latest one, once that one has been answered.
pub async fn begin_version(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    statement: &StatementId,
) -> Result<StatementId> {
    take_to_write(work, id, step).await?;
    let stored = store::find(&mut work.tx, id, statement).await?.ok_or(Error::NotFound)?;
    let last = store::last_version(&mut work.tx, id, stored.number).await?;
    if last != stored.n {
        return Err(Error::not_now("Đã có bản mới hơn.", "There is a later version."));
    }
    if !matches!(stored.state, StatementState::Approved | StatementState::Returned) {
        return Err(Error::not_now("Bản này còn sửa được hoặc đang chờ duyệt.", "This version is still open."));
    }
    add(work, id, stored.number, stored.n + 1, stored.title, stored.text).await
}

/// Puts a draft before the board. From now on it can only be read.
pub async fn submit(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    statement: &StatementId,
    form: &StatementForm,
) -> Result<()> {
    let taken = take_to_write(work, id, step).await?;
    let stored = store::find(&mut work.tx, id, statement).await?.ok_or(Error::NotFound)?;
    if stored.state != StatementState::Draft {
        return Err(Error::not_now("Bản này đã trình.", "This version has been submitted."));
    }
    let submitted = Statement {
        state: StatementState::Submitted,
        submitted_at: Some(work.now),
        submitted_by: work.actor.name.clone(),
        submitted_by_id: person_of(&work.actor),
        version: version_of(&form.version),
        ..stored.clone()
    };
    save(work, id, &submitted, &stored).await?;
    let (label, code) = (label(&stored), &taken.incident.code);
    let what = text!("Trình duyệt thông cáo {label}", "Submitted statement {label}");
    record(work, id, "statement.submitted", what, &[("statements", stored.id.to_string())]);
    let notice = text!("{code}: có thông cáo chờ duyệt: {label}", "{code}: a statement waits for approval: {label}");
    // Whoever leads the step decides on it.
    let step_row = find_step(work, step)?;
    let leading = taken.units.iter().filter(|unit| step_row.lead.contains(&unit.function));
    for unit in leading.map(|unit| unit.unit_id.clone()).collect::<Vec<_>>() {
        tell_unit(work, &unit, &notice, &place(id, step, SECTION)).await?;
    }
    Ok(())
}

/// The board approves a version, or returns it with words.
pub async fn answer(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    statement: &StatementId,
    form: &AnswerForm,
) -> Result<Ruling> {
    work.actor.must(Permission::IncidentDirect)?;
    take(work, id).await?;
    step_with(&find_step(work, step)?, SECTION)?;
    let stored = store::find(&mut work.tx, id, statement).await?.ok_or(Error::NotFound)?;
    if version_of(&form.version) != stored.version {
        return Err(conflict(work, id, stored.id.as_str(), vec![("answer", &stored.answer)]).await);
    }
    if stored.state != StatementState::Submitted {
        return Err(Error::not_now("Bản này không chờ duyệt.", "This version is not waiting for approval."));
    }
    if work.app.pack.procedure.approver_not_author && stored.is_by(&work.actor.person_id) {
        return Err(Error::forbidden(
            "Người soạn hoặc trình thông cáo không tự duyệt. Hãy để người khác có quyền chỉ đạo duyệt.",
            "Whoever wrote or submitted a statement does not approve it. Let somebody else who directs do so.",
        ));
    }
    let mut checks = Checks::new();
    let ruling = checks.choice("act", &form.act).unwrap_or(Ruling::Return);
    let words = match ruling {
        Ruling::Return => checks.area("answer", &form.answer),
        Ruling::Approve => checks.area_or_empty("answer", &form.answer),
    };
    checks.done()?;
    let approved = ruling == Ruling::Approve;
    let answered = Statement {
        state: if approved { StatementState::Approved } else { StatementState::Returned },
        answer: words,
        answered_at: Some(work.now),
        answered_by: work.actor.name.clone(),
        ..stored.clone()
    };
    save(work, id, &answered, &stored).await?;
    let (label, words) = (label(&stored), &answered.answer);
    let mut rows = vec![("statements", stored.id.to_string())];
    let (act, what) = if approved {
        ("statement.approved", text!("Duyệt thông cáo {label}", "Approved statement {label}"))
    } else {
        ("statement.returned", text!("Trả lại thông cáo {label}: {words}", "Returned statement {label}: {words}"))
    };
    if approved {
        rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    }
    record(work, id, act, what.clone(), &rows);
    tell_person(work, stored.submitted_by_id.as_ref(), &what, &place(id, step, SECTION)).await?;
    Ok(ruling)
}

/// Notes where and when an approved version came out.
pub async fn publish(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    statement: &StatementId,
    form: &PublicationForm,
) -> Result<PublicationId> {
    take_to_write(work, id, step).await?;
    let stored = store::find(&mut work.tx, id, statement).await?.ok_or(Error::NotFound)?;
    if stored.state != StatementState::Approved {
        return Err(Error::not_now("Chỉ bản đã duyệt mới được phát hành.", "Only an approved version may come out."));
    }
    let mut checks = Checks::new();
    let place_words = checks.line("place", &form.place);
    let published_at = checks.moment("published_at", &form.published_at);
    checks.past("published_at", Some(published_at), work.now);
    checks.done()?;
    let publication = Publication {
        id: PublicationId::new(&work.app.chance, work.now),
        statement_id: stored.id.clone(),
        place: place_words,
        published_at,
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
    };
    store::insert_publication(&mut work.tx, id, &publication).await?;
    let (label, where_to) = (label(&stored), &publication.place);
    let what = text!("Phát hành thông cáo {label} tại: {where_to}", "Published statement {label}: {where_to}");
    let event = timeline::note(work, id, "report", what.clone()).await?;
    record(work, id, "statement.published", what, &[("statement_publications", publication.id.to_string()), event]);
    Ok(publication.id)
}

async fn end_earlier(work: &mut Work, id: &IncidentId) -> Result<Vec<(&'static str, String)>> {
    let mut rows = Vec::new();
    // At most one is not ended.
    for mut earlier in store::list_spokespersons(&mut work.tx, id).await? {
        if earlier.ended_at.is_none() {
            earlier.ended_at = Some(work.now);
            earlier.ended_by = work.actor.name.clone();
            store::end_spokesperson(&mut work.tx, &earlier).await?;
            rows.push(("spokespersons", earlier.id.to_string()));
        }
    }
    Ok(rows)
}

/// Whoever was named to speak may write, and so may whoever leads or supports the step.
async fn take_to_write(work: &mut Work, id: &IncidentId, step: &str) -> Result<Taken> {
    let taken = take(work, id).await?;
    let step = step_with(&find_step(work, step)?, SECTION)?;
    if standing(&work.actor, &taken.units, &step) < Standing::Supports && !speaks(work, id).await? {
        return Err(not_allowed());
    }
    match taken.flow().state(&step.id) {
        StepState::Open | StepState::Done => Ok(taken),
        _ => Err(Error::not_now(
            "Bước này chưa đến lượt hoặc đã bỏ qua, nên chưa ghi được.",
            "It is not this step's turn, so nothing can be noted here.",
        )),
    }
}

async fn speaks(work: &mut Work, id: &IncidentId) -> Result<bool> {
    let named = store::list_spokespersons(&mut work.tx, id).await?;
    Ok(named.iter().any(|named| named.speaks(work.now) && named.person_id == work.actor.person_id))
}

fn read(form: &StatementForm) -> Result<(String, String)> {
    let mut checks = Checks::new();
    let (title, text) = (checks.line("title", &form.title), checks.area("text", &form.text));
    checks.done()?;
    Ok((title, text))
}

async fn add(
    work: &mut Work,
    id: &IncidentId,
    number: i64,
    n: i64,
    title: String,
    text: String,
) -> Result<StatementId> {
    let statement = Statement {
        id: StatementId::new(&work.app.chance, work.now),
        number,
        n,
        title,
        text,
        state: StatementState::Draft,
        written_at: work.now,
        written_by: work.actor.name.clone(),
        submitted_at: None,
        submitted_by: String::new(),
        submitted_by_id: None,
        answer: String::new(),
        answered_at: None,
        answered_by: String::new(),
        version: 1,
        written_by_id: person_of(&work.actor),
    };
    store::insert(&mut work.tx, id, &statement).await?;
    let label = label(&statement);
    let what = text!("Soạn thông cáo {label}", "Drafted statement {label}");
    record(work, id, "statement.drafted", what, &[("statements", statement.id.to_string())]);
    Ok(statement.id)
}

async fn save(work: &mut Work, id: &IncidentId, statement: &Statement, stored: &Statement) -> Result<()> {
    if store::save(&mut work.tx, statement).await? > 0 {
        return Ok(());
    }
    let theirs = vec![("title", stored.title.as_str()), ("text", &stored.text)];
    Err(conflict(work, id, stored.id.as_str(), theirs).await)
}

fn label(statement: &Statement) -> String {
    format!("{}.{} “{}”", statement.number, statement.n, statement.title)
}
