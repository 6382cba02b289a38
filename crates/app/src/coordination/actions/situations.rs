//! Situation reports: written over live facts, published with the facts of that moment frozen, on a rhythm.

use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::{MINUTE, Time};

use super::item;
use super::options::VersionForm;
use crate::actor::{Actor, not_allowed};
use crate::coordination::model::{Change, Facts, Rhythm, RhythmId, Situation, SituationId, SituationState, StepFact};
use crate::coordination::notices::{place, tell_unit};
use crate::coordination::rights::{conflict, take_for, version_of};
use crate::coordination::store::situations as store;
use crate::coordination::wall::Level;
use crate::incident::actions::{Taken, find_step, record};
use crate::incident::model::standing;
use crate::incident::{Incident, IncidentId, Standing, timeline, words};
use crate::pack::Pack;
use crate::permission::Permission;
use crate::work::Work;

const SECTION: &str = "situations";
/// The most changes that a report lists; a longer list helps nobody at two in the morning.
const CHANGES: usize = 40;
/// Minutes between two reports: not below a quarter of an hour, not above a week.
const SHORTEST: i64 = 15;
const LONGEST: i64 = 7 * 24 * 60;

/// The words of a report; its facts come by themselves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SituationForm {
    pub assessment: Raw,
    pub outlook: Raw,
    pub needs: Raw,
    pub tlp: Raw,
    pub version: Raw,
}

/// Minutes from one report to the next; 0 for none.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct RhythmForm {
    pub every_minutes: Raw,
    pub version: Raw,
}

/// Begins a report, unless one is being written.
pub async fn begin(work: &mut Work, id: &IncidentId, step: &str, form: &SituationForm) -> Result<SituationId> {
    take_for(work, id, step, SECTION, Standing::Supports).await?;
    if store::find_draft(&mut work.tx, id).await?.is_some() {
        return Err(Error::not_now(
            "Đang có một bản tin chưa phát hành. Hãy sửa tiếp bản đó.",
            "A report is being written already. Go on with that one.",
        ));
    }
    let number = store::next_number(&mut work.tx, id).await?;
    let draft = Situation {
        id: SituationId::new(&work.app.chance, work.now),
        number,
        state: SituationState::Draft,
        facts: String::new(),
        sha256: String::new(),
        written_at: work.now,
        written_by: work.actor.name.clone(),
        published_at: None,
        published_by: String::new(),
        version: 1,
        ..read(work, form)?
    };
    store::insert(&mut work.tx, id, &draft).await?;
    let what = text!("Soạn bản tin tình hình số {number}", "Began situation report {number}");
    record(work, id, "situation.begun", what, &[("situation_reports", draft.id.to_string())]);
    Ok(draft.id)
}

/// Rewrites a draft.
pub async fn revise(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    situation: &SituationId,
    form: &SituationForm,
) -> Result<()> {
    take_for(work, id, step, SECTION, Standing::Supports).await?;
    let stored = draft(work, id, situation).await?;
    let typed = read(work, form)?;
    let revised = Situation {
        tlp: typed.tlp,
        assessment: typed.assessment,
        outlook: typed.outlook,
        needs: typed.needs,
        written_at: work.now,
        written_by: work.actor.name.clone(),
        version: version_of(&form.version),
        ..stored.clone()
    };
    save(work, id, &revised, &stored).await?;
    let number = stored.number;
    let what = text!("Sửa bản tin tình hình số {number}", "Revised situation report {number}");
    record(work, id, "situation.revised", what, &[("situation_reports", stored.id.to_string())]);
    Ok(())
}

/// Publishes a draft: the facts of this moment are frozen, the next report is due after the rhythm, everybody who takes
/// part is told.
pub async fn publish(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    situation: &SituationId,
    form: &VersionForm,
) -> Result<()> {
    let taken = take_to_publish(work, id, step).await?;
    let stored = draft(work, id, situation).await?;
    if version_of(&form.version) != stored.version {
        let theirs = vec![("assessment", stored.assessment.as_str()), ("outlook", &stored.outlook)];
        return Err(conflict(work, id, stored.id.as_str(), theirs).await);
    }
    if Level::of(&stored.tlp) < Level::of(&taken.incident.tlp) && !work.actor.can(Permission::IncidentDirect) {
        let (own, whole) = (Level::of(&stored.tlp).label().vi, Level::of(&taken.incident.tlp).label().vi);
        return Err(Error::NotNow(text!(
            "Bản tin ở mức {own} trong khi sự cố ở mức {whole}. Chỉ người có quyền chỉ đạo được phát hành bản tin ở mức \
             thấp hơn sự cố.",
            "The report is {own} while the incident is {whole}. Only those who direct publish a report at a laxer level."
        )));
    }
    let app = work.app.clone();
    let now = work.now;
    let facts = facts(&mut work.tx, &app.pack, &taken.incident, &stored.tlp, now).await?;
    let frozen = serde_json::to_string(&facts).map_err(Error::internal)?;
    let published = Situation {
        state: SituationState::Published,
        sha256: digest(&stored, &frozen),
        facts: frozen,
        published_at: Some(now),
        published_by: work.actor.name.clone(),
        ..stored.clone()
    };
    save(work, id, &published, &stored).await?;
    let mut rows = vec![("situation_reports", stored.id.to_string())];
    if let Some(rhythm) = store::find_rhythm(&mut work.tx, id).await?.filter(|rhythm| rhythm.due_at.is_some()) {
        store::save_due(&mut work.tx, &stored.id, rhythm.due_at).await?;
        let next = Rhythm { due_at: Some(now.plus(rhythm.every_minutes * MINUTE)), ..rhythm };
        store::save_rhythm(&mut work.tx, &next).await?;
        rows.push(("situation_rhythms", next.id.to_string()));
    }
    let number = stored.number;
    let what = text!("Phát hành bản tin tình hình số {number}", "Published situation report {number}");
    rows.push(timeline::note(work, id, "report", what.clone()).await?);
    record(work, id, "situation.published", what, &rows);
    let code = &taken.incident.code;
    let notice = text!("{code}: có bản tin tình hình số {number}", "{code}: situation report {number} is out");
    let url = format!("/incidents/{id}/situations/{}", stored.id);
    let units: std::collections::BTreeSet<_> = taken.units.iter().map(|playing| playing.unit_id.clone()).collect();
    for unit in units {
        tell_unit(work, &unit, &notice, &url).await?;
    }
    Ok(())
}

/// Says how often a report is due from now on.
pub async fn set_rhythm(work: &mut Work, id: &IncidentId, step: &str, form: &RhythmForm) -> Result<()> {
    let taken = take_to_publish(work, id, step).await?;
    let mut checks = Checks::new();
    let minutes = checks.number("every_minutes", &form.every_minutes, 0, LONGEST);
    if minutes != 0 && minutes < SHORTEST {
        let words = text!(
            "Nhịp bản tin từ {SHORTEST} phút trở lên; 0 là không định kỳ.",
            "At least {SHORTEST} minutes; 0 for no rhythm."
        );
        checks.refuse("every_minutes", words);
    }
    checks.done()?;
    let now = work.now;
    let from = store::last_published(&mut work.tx, id).await?.unwrap_or(now);
    // A rhythm that is set late begins now, not in the past.
    let due = from.plus(minutes * MINUTE);
    let due = if due < now { now.plus(minutes * MINUTE) } else { due };
    let rhythm = Rhythm {
        id: RhythmId::new(&work.app.chance, now),
        every_minutes: minutes,
        due_at: (minutes > 0).then_some(due),
        set_at: now,
        set_by: work.actor.name.clone(),
        version: 0,
    };
    let row = match store::find_rhythm(&mut work.tx, id).await? {
        None => {
            store::insert_rhythm(&mut work.tx, id, &rhythm).await?;
            rhythm.id
        }
        Some(stored) => {
            let version = if form.version.is_empty() { stored.version } else { version_of(&form.version) };
            let changed = Rhythm { id: stored.id.clone(), version, ..rhythm };
            if store::save_rhythm(&mut work.tx, &changed).await? == 0 {
                let theirs = stored.every_minutes.to_string();
                return Err(conflict(work, id, stored.id.as_str(), vec![("every_minutes", &theirs)]).await);
            }
            stored.id
        }
    };
    let what = match minutes {
        0 => Text::new("Thôi ra bản tin tình hình định kỳ", "No situation reports on a rhythm any more"),
        _ => {
            let Text { vi, en } = Time(minutes * MINUTE).span(Time(0));
            text!("Ra bản tin tình hình mỗi {vi}", "A situation report every {en}")
        }
    };
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    record(work, id, "situation.rhythm", what.clone(), &[("situation_rhythms", row.to_string()), event]);
    let (code, vi, en) = (&taken.incident.code, &what.vi, &what.en);
    let notice = text!("{code}: {vi}", "{code}: {en}");
    let unit = taken.incident.unit_id.clone();
    tell_unit(work, &unit, &notice, &place(id, step, SECTION)).await
}

/// How an incident stands at this moment, as far as a report at this level may say.
pub async fn facts(
    tx: &mut ungcuu_kit::db::Tx,
    pack: &Pack,
    incident: &Incident,
    tlp: &str,
    now: Time,
) -> Result<Facts> {
    let since = store::last_published(tx, &incident.id).await?;
    let rows = store::list_steps(tx, &incident.id).await?;
    let latest = |step: &str| rows.iter().filter(|row| row.step == step).max_by_key(|row| row.round);
    let steps = pack.procedure.steps.iter().filter_map(|step| {
        let row = latest(&step.id)?;
        Some(StepFact {
            number: step.number.clone(),
            name: step.short.text(),
            state: row.state.label(),
            word: row.state.word().to_owned(),
            since: row.ended_at.or(row.opened_at),
        })
    });
    let steps = steps.collect();
    let numbers = store::count(tx, &incident.id, now).await?;
    let limit = 5 * CHANGES as i64;
    let found = store::list_changes(tx, &incident.id, since.unwrap_or(Time(0)), limit).await?;
    let all = found.len();
    let may_go = |marked: &str| Level::of(marked) <= Level::of(tlp);
    let mut changes: Vec<Change> = found
        .into_iter()
        .filter(|(.., marked)| may_go(marked))
        .map(|(at, vi, en, _)| Change { at, words: Text::owned(vi, en) })
        .collect();
    let withheld = all - changes.len();
    let cut = changes.len().saturating_sub(CHANGES);
    changes.truncate(CHANGES);
    changes.reverse();
    let both = |words: fn(&Pack, &str, Lang) -> String, id: &str| {
        Text::owned(words(pack, id, Lang::Vi), words(pack, id, Lang::En))
    };
    Ok(Facts {
        code: incident.code.clone(),
        title: incident.title.clone(),
        state: incident.state.label(),
        severity: Text::owned(
            words::severity(pack, incident.severity, Lang::Vi),
            words::severity(pack, incident.severity, Lang::En),
        ),
        class: both(words::class, &incident.class),
        round: incident.round,
        commander: store::commander(tx, &incident.id).await?,
        at: now,
        since,
        steps,
        numbers,
        changes,
        withheld: withheld as i64,
        cut: cut as i64,
    })
}

/// Whether somebody may publish and set the rhythm: whoever leads the step, and whoever supports it and works on steps. A
/// committee that leads is not to be woken for every report.
pub fn may_publish(actor: &Actor, has: Standing) -> bool {
    has >= Standing::Leads || (has >= Standing::Supports && actor.can(Permission::IncidentStep))
}

async fn take_to_publish(work: &mut Work, id: &IncidentId, step: &str) -> Result<Taken> {
    let taken = take_for(work, id, step, SECTION, Standing::Supports).await?;
    let step = find_step(work, step)?;
    if !may_publish(&work.actor, standing(&work.actor, &taken.units, &step)) {
        return Err(not_allowed());
    }
    Ok(taken)
}

fn read(work: &Work, form: &SituationForm) -> Result<Situation> {
    let mut checks = Checks::new();
    let assessment = checks.area("assessment", &form.assessment);
    let outlook = checks.area_or_empty("outlook", &form.outlook);
    let needs = checks.area_or_empty("needs", &form.needs);
    let tlp = item(&mut checks, "tlp", &form.tlp, &work.app.pack.lists.tlp);
    checks.done()?;
    Ok(Situation {
        id: SituationId::default(),
        number: 0,
        state: SituationState::Draft,
        tlp,
        assessment,
        outlook,
        needs,
        facts: String::new(),
        sha256: String::new(),
        written_at: work.now,
        written_by: String::new(),
        published_at: None,
        published_by: String::new(),
        version: 1,
    })
}

async fn draft(work: &mut Work, id: &IncidentId, situation: &SituationId) -> Result<Situation> {
    let stored = store::find(&mut work.tx, id, situation).await?.ok_or(Error::NotFound)?;
    if !stored.is_draft() {
        return Err(Error::not_now(
            "Bản tin này đã phát hành nên không sửa được. Hãy soạn bản tin mới.",
            "This report is published and cannot be changed. Write the next one.",
        ));
    }
    Ok(stored)
}

async fn save(work: &mut Work, id: &IncidentId, changed: &Situation, stored: &Situation) -> Result<()> {
    if store::save(&mut work.tx, changed).await? > 0 {
        return Ok(());
    }
    let theirs =
        vec![("assessment", stored.assessment.as_str()), ("outlook", &stored.outlook), ("needs", &stored.needs)];
    Err(conflict(work, id, stored.id.as_str(), theirs).await)
}

/// Over the words and the facts, so that a printed copy can be held against the record.
fn digest(situation: &Situation, facts: &str) -> String {
    let mut hash = Sha256::new();
    for part in [&situation.tlp, &situation.assessment, &situation.outlook, &situation.needs, facts] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}
