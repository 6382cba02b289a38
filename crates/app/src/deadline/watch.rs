//! Looks every minute for what is to be told: reminders before, word to whoever is late, and up the line. May run twice and
//! may run late; the stream's head is held while it tells, so that nobody is told twice.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::{MissedTickBehavior, interval};
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::acts::{Acts, acts};
use super::model::{Deadline, DeadlineId};
use super::tell::{To, tell};
use super::{plan, store, units};
use crate::actor::Actor;
use crate::app::App;
use crate::journal::incident_stream;
use crate::notify::Urgency;
use crate::org::UnitId;
use crate::setting;
use crate::work::Work;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(60);
/// How many rows it takes at once.
const BATCH: i64 = 200;
/// The setting that names the rules by which every incident was settled.
pub(super) const SETTLED: &str = "deadlines_settled";
/// The setting that names the day for which the calendar's reports were listed.
const LISTED: &str = "deadlines_listed";

/// Watches for as long as the product serves.
pub async fn keep_watching(app: App) {
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(cause) = look_round(&app).await {
            tracing::error!("watching the time limits: {cause}");
        }
    }
}

/// Everything that is due to be done about time limits at this moment.
pub async fn look_round(app: &App) -> Result<()> {
    settle_all(app).await?;
    list_reports(app).await?;
    step(app).await
}

/// Tells whatever is to be told by now.
pub async fn step(app: &App) -> Result<()> {
    loop {
        let mut tx = app.db.read().await?;
        let rows = store::list_to_act(&mut tx, app.now(), BATCH).await?;
        drop(tx);
        let full = rows.len() as i64 == BATCH;
        let mut streams: BTreeMap<String, Vec<DeadlineId>> = BTreeMap::new();
        for row in rows {
            streams.entry(row.stream).or_default().push(row.id);
        }
        for (stream, ids) in streams {
            act(app, &stream, &ids).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

/// Tells what is to be told in one stream.
async fn act(app: &App, stream: &str, ids: &[DeadlineId]) -> Result<()> {
    let mut work = app.work(Actor::system()).await?;
    work.hold(stream).await?;
    // Read again behind the hold: somebody may have told, or done it, meanwhile.
    let rows = store::list_by_ids(&mut work.tx, ids).await?;
    let now = work.now;
    let mut said: Vec<Text> = Vec::new();
    let mut changed: Vec<Deadline> = Vec::new();
    for mut row in rows.into_iter().filter(|row| row.next_act_at.is_some_and(|at| at <= now)) {
        let acts = acts(&app.pack, &row, now);
        said.extend(tell_of(&mut work, &row, &acts).await?);
        row.late = row.late || (row.is_overdue(now) && !(row.is_at_once() && acts.line.is_empty()));
        row.acted_until = now;
        row.next_act_at = acts.next;
        changed.push(row);
    }
    if changed.is_empty() {
        return Ok(());
    }
    store::save(&mut work.tx, &changed.iter().collect::<Vec<_>>()).await?;
    let named: Vec<(&'static str, &str)> = changed.iter().map(|row| ("deadlines", row.id.as_str())).collect();
    let (vi, en): (Vec<_>, Vec<_>) = said.into_iter().map(|text| (text.vi, text.en)).unzip();
    let (vi, en) = (vi.join("; "), en.join("; "));
    let what = match vi.is_empty() {
        true => Text::new("Xem lại hạn việc", "Looked at the time limits"),
        false => text!("Nhắc việc. {vi}", "Reminded. {en}"),
    };
    work.record(stream, "deadline.told", what, &named);
    work.commit().await
}

/// Tells whoever must do it, and the line above; gives back what the journal says about it.
async fn tell_of(work: &mut Work, row: &Deadline, acts: &Acts) -> Result<Vec<Text>> {
    let mut said = Vec::new();
    let Some(due) = row.due_at else { return Ok(said) };
    let (vi, en, subject) = (&row.title_vi, &row.title_en, &row.subject);
    let time = if row.is_at_once() && acts.line.is_empty() {
        Text::new("Phải làm ngay", "At once")
    } else {
        capital(due.remaining(work.now))
    };
    let (time_vi, time_en) = (&time.vi, &time.en);
    let mut told: Vec<UnitId> = Vec::new();
    if let Some(urgency) = acts.responsible {
        let words = text!("{time_vi}: {vi} – {subject}", "{time_en}: {en} – {subject}");
        match (&row.person_id, &row.unit_id) {
            (Some(person), _) => tell(work, To::Person(person), urgency, &words, &row.url).await?,
            (None, Some(unit)) => {
                tell(work, To::Unit(unit), urgency, &words, &row.url).await?;
                told.push(unit.clone());
            }
            (None, None) => {}
        }
        said.push(text!("{vi}: {time_vi}", "{en}: {time_en}"));
    }
    let pack = work.app.clone();
    let above = units::units_of(&mut work.tx, &pack.pack, row.incident_id.as_ref(), &acts.line).await?;
    if above.is_empty() {
        return Ok(said);
    }
    let (unit, person) = store::names(&mut work.tx, row).await?;
    let who = if person.is_empty() { pack.pack.name_text(&unit) } else { Text::same(person) };
    let (who_vi, who_en) = (&who.vi, &who.en);
    let url = format!("/deadlines/{}", row.id);
    let words = text!("{time_vi} ({who_vi}): {vi} – {subject}", "{time_en} ({who_en}): {en} – {subject}");
    // A handful of functions, as many as the pack names.
    for unit in above.iter().filter(|unit| !told.contains(unit)) {
        tell(work, To::Unit(unit), Urgency::Now, &words, &url).await?;
    }
    said.push(text!("{vi}: báo lên trên, {time_vi}", "{en}: told the line above, {time_en}"));
    Ok(said)
}

fn capital(text: Text) -> Text {
    let first = |words: &str| {
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    Text::owned(first(&text.vi), first(&text.en))
}

/// Settles every incident once, when the records are older than this program (which knows more kinds of time limits) or
/// the pack's rules have changed.
pub async fn settle_all(app: &App) -> Result<()> {
    let rules = fingerprint(app)?;
    let mut tx = app.db.read().await?;
    if setting::read(&mut tx, SETTLED).await?.as_deref() == Some(rules.as_str()) {
        return Ok(());
    }
    drop(tx);
    let mut after = String::new();
    loop {
        let mut tx = app.db.read().await?;
        let incidents = store::list_incidents(&mut tx, &after, BATCH).await?;
        drop(tx);
        let Some((last,)) = incidents.last() else { break };
        after = last.to_string();
        for (incident,) in incidents {
            let mut work = app.work(Actor::system()).await?;
            work.touch(&incident_stream(incident.as_str()));
            work.commit().await?;
        }
    }
    let mut tx = app.db.write().await?;
    setting::save(&mut tx, SETTLED, &rules).await?;
    tx.commit().await
}

fn fingerprint(app: &App) -> Result<String> {
    let kinds: Vec<&str> = super::kinds().map(|(kind, _)| *kind).collect();
    let rules = serde_json::to_vec(&(&app.pack.regimes, &app.pack.clocks, &app.pack.classes.conditions, kinds))?;
    Ok(hex::encode(Sha256::digest(rules)))
}

/// Lists the reports that the calendar asks for, once a day.
pub async fn list_reports(app: &App) -> Result<()> {
    let today = format!("{} {}", super::clock::iso_day(app.now()), fingerprint(app)?);
    let mut tx = app.db.read().await?;
    if setting::read(&mut tx, LISTED).await?.as_deref() == Some(today.as_str()) {
        return Ok(());
    }
    drop(tx);
    let mut work = app.work(Actor::system()).await?;
    work.touch(plan::STREAM);
    setting::save(&mut work.tx, LISTED, &today).await?;
    work.commit().await
}

/// What is told when, for tests that move the clock: when the watch would act next.
pub async fn next(app: &App) -> Result<Option<Time>> {
    let mut tx = app.db.read().await?;
    store::next_act(&mut tx).await
}
