//! The register of decisions: what, why, what else was considered, who decides and who agrees. Nobody is ever said to have
//! decided without their own word, or one noted for them with the way it came.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text, brief};
use ungcuu_kit::time::Time;

use super::directions::not_past;
use super::item;
use crate::actor::not_allowed;
use crate::coordination::model::{
    Decision, DecisionId, DecisionSource, DecisionState, DecisionWord, PersonChoice, Ruling, Settled, WeighedOption,
    Word, WordId, state_after,
};
use crate::coordination::notices::{place, tell_person};
use crate::coordination::rights::{conflict, person_of, step_with, take_for, version_of};
use crate::coordination::store as shared;
use crate::coordination::store::decisions as store;
use crate::incident::actions::{find_step, record, take};
use crate::incident::model::standing;
use crate::incident::{IncidentId, Standing, timeline};
use crate::org::PersonId;
use crate::work::Work;

const SECTION: &str = "decisions";
/// The most people whose word one decision can need.
const MOST: usize = 12;
/// How much of a decision a line shows, in characters.
const SHORT: usize = 120;

/// A decision as typed. `decider` and `approvers` are people of the incident; `supersedes` a decision that stands.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct DecisionForm {
    pub what: Raw,
    pub why: Raw,
    pub considered: Raw,
    pub decider: Raw,
    pub approvers: Vec<Raw>,
    pub due_at: Raw,
    pub supersedes: Raw,
}

/// What was settled elsewhere: `option:opt_…` or `direction:dir_…`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct EnterForm {
    pub source: Raw,
}

/// Somebody's word: `act` is `approve` or `return`; `channel` when it is noted for them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct WordForm {
    pub act: Raw,
    pub text: Raw,
    pub channel: Raw,
    pub version: Raw,
}

/// Why a decision is taken back before it stands.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct WithdrawForm {
    pub reason: Raw,
    pub version: Raw,
}

/// Enters a decision; those whose word it needs are asked.
pub async fn note(work: &mut Work, id: &IncidentId, step: &str, form: &DecisionForm) -> Result<DecisionId> {
    let taken = take_for(work, id, step, SECTION, Standing::Supports).await?;
    let people = shared::list_people(&mut work.tx, id).await?;
    let mut checks = Checks::new();
    let what = checks.area("what", &form.what);
    let why = checks.area("why", &form.why);
    let considered = checks.area_or_empty("considered", &form.considered);
    let due_at = checks.moment_or_none("due_at", &form.due_at);
    not_past(&mut checks, due_at, work.now);
    let decider = checks.id::<PersonId>("decider", &form.decider);
    let decider = decider.and_then(|id| people.iter().find(|person| person.id == id));
    if decider.is_none() && !form.decider.is_empty() {
        checks.refuse("decider", unknown());
    }
    let approvers = chosen(&mut checks, &people, &form.approvers);
    let supersedes = checks.id_or_none::<DecisionId>("supersedes", &form.supersedes);
    let replaced = match &supersedes {
        Some(earlier) => store::find(&mut work.tx, id, earlier).await?,
        None => None,
    };
    if supersedes.is_some() && replaced.as_ref().is_none_or(|earlier| earlier.state != DecisionState::Decided) {
        checks.refuse("supersedes", Text::new("Hãy chọn quyết định đang có hiệu lực.", "Choose one that stands."));
    }
    checks.done()?;
    let Some(decider) = decider else { return Err(Error::field("decider", unknown())) };
    let others = approvers.into_iter().filter(|person| person.id != decider.id);
    let decision = Decision {
        id: DecisionId::new(&work.app.chance, work.now),
        number: store::next_number(&mut work.tx, id).await?,
        what,
        why,
        considered,
        source: DecisionSource::Typed,
        source_id: String::new(),
        state: DecisionState::Open,
        due_at,
        noted_at: work.now,
        noted_by: work.actor.name.clone(),
        noted_by_id: person_of(&work.actor),
        settled_at: None,
        supersedes_id: supersedes,
        superseded_at: None,
        reason: String::new(),
        version: 1,
    };
    let asked: Vec<DecisionWord> = std::iter::once((decider, true))
        .chain(others.map(|person| (person, false)))
        .map(|(person, decides)| asked(work, &decision.id, person, decides))
        .collect();
    enter(work, id, step, &taken.incident.code, decision, asked).await
}

/// Enters what the owner approved or the board directed, with their word as it was given then.
pub async fn enter_settled(work: &mut Work, id: &IncidentId, step: &str, form: &EnterForm) -> Result<DecisionId> {
    let taken = take_for(work, id, step, SECTION, Standing::Supports).await?;
    let (source, source_id) = form.source.as_str().split_once(':').unwrap_or_default();
    let source: DecisionSource = source.parse().map_err(|_| Error::field("source", super::not_in_list()))?;
    if store::is_entered(&mut work.tx, id, source_id).await? {
        return Err(Error::not_now("Đã có trong sổ quyết định.", "It stands in the register already."));
    }
    let found = store::find_settled(&mut work.tx, id, source, source_id).await?;
    let settled = found.ok_or_else(|| Error::field("source", super::not_in_list()))?;
    let decision = Decision {
        id: DecisionId::new(&work.app.chance, work.now),
        number: store::next_number(&mut work.tx, id).await?,
        what: settled.what.clone(),
        why: settled.why.clone(),
        considered: others_weighed(&settled),
        source,
        source_id: source_id.to_owned(),
        state: DecisionState::Decided,
        due_at: None,
        noted_at: work.now,
        noted_by: work.actor.name.clone(),
        noted_by_id: person_of(&work.actor),
        settled_at: Some(settled.decided_at),
        supersedes_id: None,
        superseded_at: None,
        reason: String::new(),
        version: 1,
    };
    let word = DecisionWord {
        id: WordId::new(&work.app.chance, work.now),
        decision_id: decision.id.clone(),
        person_id: None,
        name: settled.decided_by,
        decides: true,
        word: Word::Approved,
        text: String::new(),
        channel: String::new(),
        said_at: Some(settled.decided_at),
        recorded_by: String::new(),
        version: 1,
    };
    enter(work, id, step, &taken.incident.code, decision, vec![word]).await
}

/// Somebody says yes or no, or it is noted for them with the way it came.
pub async fn say(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    decision: &DecisionId,
    word: &WordId,
    form: &WordForm,
) -> Result<Ruling> {
    let taken = take(work, id).await?;
    let step_row = step_with(&find_step(work, step)?, SECTION)?;
    let mut decision = store::find(&mut work.tx, id, decision).await?.ok_or(Error::NotFound)?;
    let mut word = store::find_word(&mut work.tx, id, &decision.id, word).await?.ok_or(Error::NotFound)?;
    let own = word.person_id.is_some() && word.person_id == person_of(&work.actor);
    let leads = standing(&work.actor, &taken.units, &step_row) >= Standing::Leads;
    if !own && !leads {
        return Err(not_allowed());
    }
    if version_of(&form.version) != word.version {
        return Err(conflict(work, id, word.id.as_str(), vec![("text", &word.text)]).await);
    }
    if decision.state != DecisionState::Open || word.word != Word::Asked {
        return Err(Error::not_now("Ý kiến này đã được ghi.", "This word was given already."));
    }
    let app = work.app.clone();
    let mut checks = Checks::new();
    let ruling = checks.choice("act", &form.act).unwrap_or(Ruling::Return);
    let text = match ruling {
        Ruling::Return => checks.area("text", &form.text),
        Ruling::Approve => checks.area_or_empty("text", &form.text),
    };
    let channel = match own {
        true => String::new(),
        false => item(&mut checks, "channel", &form.channel, &app.pack.lists.disclosure_channels),
    };
    checks.done()?;
    word.word = if ruling == Ruling::Approve { Word::Approved } else { Word::Refused };
    word.text = text;
    word.channel = channel;
    word.said_at = Some(work.now);
    word.recorded_by = if own { String::new() } else { work.actor.name.clone() };
    if store::save_word(&mut work.tx, &word).await? == 0 {
        return Err(conflict(work, id, word.id.as_str(), Vec::new()).await);
    }
    let mut rows = vec![("decision_words", word.id.to_string())];
    let words = store::list_words_of(&mut work.tx, id, &decision.id).await?;
    let said: Vec<Word> = words.iter().map(|one| one.word).collect();
    decision.state = state_after(&said);
    if decision.state != DecisionState::Open {
        decision.settled_at = Some(work.now);
        rows.extend(settle(work, id, &mut decision).await?);
    }
    let (code, name, words) = (decision.code(), &word.name, word.text.trim());
    let what = match ruling {
        Ruling::Approve => text!("{name} đồng ý với quyết định {code}", "{name} agrees with decision {code}"),
        Ruling::Return => text!(
            "{name} không đồng ý với quyết định {code}: {words}",
            "{name} does not agree with decision {code}: {words}"
        ),
    };
    if decision.state == DecisionState::Open {
        record(work, id, "decision.word", what.clone(), &rows);
    } else {
        let (short, Text { vi, en }) = (brief(&decision.what, SHORT), decision.state.label());
        let settled = text!("Quyết định {code} ({short}): {vi}", "Decision {code} ({short}): {en}");
        rows.push(timeline::note(work, id, "decision", settled.clone()).await?);
        record(work, id, "decision.settled", settled, &rows);
    }
    tell_person(work, decision.noted_by_id.as_ref(), &what, &place(id, step, SECTION)).await?;
    Ok(ruling)
}

/// Takes a decision back before it stands.
pub async fn withdraw(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    decision: &DecisionId,
    form: &WithdrawForm,
) -> Result<()> {
    let taken = take_for(work, id, step, SECTION, Standing::Supports).await?;
    let step_row = find_step(work, step)?;
    let mut decision = store::find(&mut work.tx, id, decision).await?.ok_or(Error::NotFound)?;
    let own = decision.noted_by_id.is_some() && decision.noted_by_id == person_of(&work.actor);
    if !own && standing(&work.actor, &taken.units, &step_row) < Standing::Leads {
        return Err(not_allowed());
    }
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    if version_of(&form.version) != decision.version {
        return Err(conflict(work, id, decision.id.as_str(), Vec::new()).await);
    }
    if decision.state != DecisionState::Open {
        return Err(Error::not_now(
            "Quyết định này đã có kết quả. Muốn đổi, hãy ghi quyết định mới thay thế.",
            "This decision is settled. To change it, enter another that takes its place.",
        ));
    }
    decision.state = DecisionState::Withdrawn;
    decision.settled_at = Some(work.now);
    decision.reason = reason;
    if store::save(&mut work.tx, &decision).await? == 0 {
        return Err(conflict(work, id, decision.id.as_str(), Vec::new()).await);
    }
    let (code, reason) = (decision.code(), &decision.reason);
    let what = text!("Rút quyết định {code}: {reason}", "Withdrew decision {code}: {reason}");
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    record(work, id, "decision.withdrawn", what, &[("decisions", decision.id.to_string()), event]);
    Ok(())
}

/// Stores a decision, asks those whose word it needs, tells the timeline.
async fn enter(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    incident: &str,
    mut decision: Decision,
    words: Vec<DecisionWord>,
) -> Result<DecisionId> {
    let said: Vec<Word> = words.iter().map(|word| word.word).collect();
    decision.state = state_after(&said);
    if decision.state == DecisionState::Decided && decision.settled_at.is_none() {
        decision.settled_at = Some(work.now);
    }
    store::insert(&mut work.tx, id, &decision).await?;
    store::insert_words(&mut work.tx, id, &words).await?;
    let mut rows = vec![("decisions", decision.id.to_string())];
    rows.extend(words.iter().map(|word| ("decision_words", word.id.to_string())));
    if decision.state == DecisionState::Decided {
        rows.extend(supersede(work, id, &decision).await?);
    }
    let (code, short) = (decision.code(), brief(&decision.what, SHORT));
    let english = work.app.pack.named(&short, Lang::En).to_owned();
    let what = text!("Ghi quyết định {code}: {short}", "Entered decision {code}: {english}");
    rows.push(timeline::note(work, id, "decision", what.clone()).await?);
    record(work, id, "decision.entered", what, &rows);
    let notice = text!(
        "{incident}: cần ý kiến của bạn về quyết định {code}",
        "{incident}: your word is asked on decision {code}"
    );
    let url = place(id, step, SECTION);
    for word in words.iter().filter(|word| word.word == Word::Asked) {
        tell_person(work, word.person_id.as_ref(), &notice, &url).await?;
    }
    Ok(decision.id)
}

/// Writes back a decision that has just been settled; the one whose place it takes no longer stands.
async fn settle(work: &mut Work, id: &IncidentId, decision: &mut Decision) -> Result<Vec<(&'static str, String)>> {
    if store::save(&mut work.tx, decision).await? == 0 {
        return Err(conflict(work, id, decision.id.as_str(), Vec::new()).await);
    }
    let mut rows = vec![("decisions", decision.id.to_string())];
    if decision.state == DecisionState::Decided {
        rows.extend(supersede(work, id, decision).await?);
    }
    Ok(rows)
}

async fn supersede(work: &mut Work, id: &IncidentId, decision: &Decision) -> Result<Vec<(&'static str, String)>> {
    let Some(earlier) = &decision.supersedes_id else { return Ok(Vec::new()) };
    let Some(mut earlier) = store::find(&mut work.tx, id, earlier).await? else { return Ok(Vec::new()) };
    // Another decision may have taken its place meanwhile; the first one did it.
    if earlier.state != DecisionState::Decided {
        return Ok(Vec::new());
    }
    earlier.state = DecisionState::Superseded;
    earlier.superseded_at = Some(work.now);
    store::save(&mut work.tx, &earlier).await?;
    Ok(vec![("decisions", earlier.id.to_string())])
}

/// Somebody whose word is needed; whoever enters the decision gives their own by doing so.
fn asked(work: &Work, decision: &DecisionId, person: &PersonChoice, decides: bool) -> DecisionWord {
    let own = person.id == work.actor.person_id;
    DecisionWord {
        id: WordId::new(&work.app.chance, work.now),
        decision_id: decision.clone(),
        person_id: Some(person.id.clone()),
        name: person.name.clone(),
        decides,
        word: if own { Word::Approved } else { Word::Asked },
        text: String::new(),
        channel: String::new(),
        said_at: own.then_some(work.now),
        recorded_by: String::new(),
        version: 1,
    }
}

fn chosen<'a>(checks: &mut Checks, people: &'a [PersonChoice], typed: &[Raw]) -> Vec<&'a PersonChoice> {
    let typed: Vec<&Raw> = typed.iter().filter(|raw| !raw.is_empty()).collect();
    let known = |raw: &&&Raw| people.iter().any(|person| person.id.as_str() == raw.as_str());
    if typed.len() > MOST {
        let words = text!("Nhiều nhất {MOST} người.", "At most {MOST} people.");
        checks.refuse("approvers", words);
    } else if typed.iter().filter(known).count() < typed.len() {
        checks.refuse("approvers", unknown());
    }
    people.iter().filter(|person| typed.iter().any(|raw| raw.as_str() == person.id.as_str())).take(MOST).collect()
}

/// The other options as they stood when the owner was asked.
fn others_weighed(settled: &Settled) -> String {
    if settled.source != DecisionSource::Option {
        return String::new();
    }
    let weighed: Vec<WeighedOption> = serde_json::from_str(&settled.considered).unwrap_or_default();
    let others = weighed.iter().filter(|option| option.id.as_str() != settled.source_id);
    others.map(|option| option.title.clone()).collect::<Vec<_>>().join("\n")
}

/// When the words on a decision are needed: shown beside it, counted by the clocks.
pub fn due(decision: &Decision) -> Option<Time> {
    decision.due_at.filter(|_| decision.state == DecisionState::Open)
}
