//! What officers decide about alerts: take, give back, verify, dismiss, merge, put back, answer; one at a time or many
//! in one unit of work.

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};

use super::STREAM;
use super::intake::{event, note, record_rows};
use super::model::{Act, Alert, AlertEvent, AlertId, AlertStatus, EventKind, reading};
use super::store;
use crate::actor::not_allowed;
use crate::journal;
use crate::notify;
use crate::permission::Permission;
use crate::web::Incoming;
use crate::work::Work;

/// How many alerts one bulk act may name.
pub const BULK: usize = 200;
/// How many files may hang on one alert.
const FILES: i64 = 100;

/// An alert taken for change: visible, theirs to triage, unchanged since `version` was read. A caller of the API may leave
/// the version out and means the present one.
pub async fn claim(work: &mut Work, id: &AlertId, version: &Raw) -> Result<Alert> {
    let scope = reading(&work.actor);
    let alert = store::find(&mut work.tx, &scope, id).await?.ok_or(Error::NotFound)?;
    if !alert.lets(&work.actor, Permission::AlertTriage) {
        return Err(not_allowed());
    }
    if !version.is_empty() && version.as_str() != alert.version.to_string() {
        return Err(conflict(work, &alert).await?);
    }
    Ok(alert)
}

/// Someone decided in the meantime: who, when, and what stands there now.
async fn conflict(work: &mut Work, alert: &Alert) -> Result<Error> {
    let last = match store::find_last_act(&mut work.tx, &alert.id).await? {
        Some(last) => Some(last),
        None => journal::last_writer(&mut work.tx, STREAM, alert.id.as_str()).await?,
    };
    let (who, when) = last.unwrap_or_default();
    let theirs = vec![
        ("severity".to_owned(), alert.severity.to_string()),
        ("outcome".to_owned(), alert.outcome.clone()),
        ("note".to_owned(), alert.outcome_note.clone()),
    ];
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}

/// Stores a decision with its event and its entry in the journal.
pub async fn decide(
    work: &mut Work,
    mut alert: Alert,
    act: Act,
    name: &'static str,
    what: Text,
    mut rows: Vec<(&'static str, String)>,
) -> Result<Alert> {
    alert.status = alert.status.after(act).map_err(Error::NotNow)?;
    alert.has_news = false;
    alert.ended_at = (!alert.status.is_open()).then_some(work.now);
    if store::save(&mut work.tx, &alert).await? == 0 {
        return Err(conflict(work, &alert).await?);
    }
    alert.version += 1;
    rows.push(note(work, &alert.id, EventKind::Act, what.clone()).await?);
    rows.push(("alerts", alert.id.to_string()));
    let (code, Text { vi, en }) = (&alert.code, what);
    record_rows(work, name, text!("{code}: {vi}", "{code}: {en}"), &rows);
    Ok(alert)
}

fn own(work: &Work, alert: &mut Alert) {
    alert.owner_id = Some(work.actor.person_id.clone());
    alert.taken_at = alert.taken_at.or(Some(work.now));
}

/// The actor takes an alert in hand, also from a colleague.
pub async fn take(work: &mut Work, id: &AlertId, version: &Raw) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    if alert.owner_id.as_ref() == Some(&work.actor.person_id) && alert.status != AlertStatus::New {
        return Err(Error::not_now("Bạn đang giữ tin này rồi.", "You have this alert already."));
    }
    own(work, &mut alert);
    let name = work.actor.name.clone();
    decide(work, alert, Act::Take, "alert.taken", text!("{name} nhận xử lý", "{name} took it"), Vec::new()).await
}

/// Gives an alert back to the queue.
pub async fn release(work: &mut Work, id: &AlertId, version: &Raw) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    alert.owner_id = None;
    let what = Text::new("Trả lại hàng chờ", "Given back to the queue");
    decide(work, alert, Act::Release, "alert.released", what, Vec::new()).await
}

/// The alert is true: an incident or the sign of one. Severity may be corrected at the same time.
pub async fn verify(work: &mut Work, id: &AlertId, version: &Raw, severity: Option<i64>, note: &str) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    alert.severity = severity.unwrap_or(alert.severity);
    alert.verified_at = Some(work.now);
    if alert.owner_id.is_none() {
        own(work, &mut alert);
    }
    let colon = if note.is_empty() { "" } else { ": " };
    let what = text!("Đã xác minh{colon}{note}", "Verified{colon}{note}");
    decide(work, alert, Act::Verify, "alert.verified", what, Vec::new()).await
}

/// Ends an alert without an incident. The outcome is one of the pack's.
pub async fn dismiss(work: &mut Work, id: &AlertId, version: &Raw, outcome: &str, note: &str) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    alert.outcome = outcome.to_owned();
    alert.outcome_note = note.to_owned();
    let what = dismissal(work, outcome, note);
    decide(work, alert, Act::Dismiss, "alert.dismissed", what, Vec::new()).await
}

fn dismissal(work: &Work, outcome: &str, note: &str) -> Text {
    let label = work.app.pack.lists.item("dismissal_outcomes", outcome).map(|item| item.label.text());
    let Text { vi, en } = label.unwrap_or_else(|| Text::same(outcome));
    let colon = if note.is_empty() { "" } else { ". " };
    text!("Bỏ qua: {vi}{colon}{note}", "Dismissed: {en}{colon}{note}")
}

/// The alert that others are merged into: visible, theirs to triage, and not itself at an end.
async fn target(work: &mut Work, code: &str) -> Result<Alert> {
    let scope = reading(&work.actor);
    let code = code.trim().to_uppercase();
    let found = store::find_by_code(&mut work.tx, &scope, &code).await?;
    let found = found.filter(|alert| alert.lets(&work.actor, Permission::AlertTriage));
    let target = found.ok_or_else(|| {
        let words = text!("Không có tin nào mang số {code}.", "No alert has the number {code}.");
        Error::field("into", words)
    })?;
    if !target.status.is_open() && target.status != AlertStatus::Opened {
        let words = Text::new("Tin đó đã gộp hoặc đã bỏ qua.", "That alert was merged or dismissed itself.");
        return Err(Error::field("into", words));
    }
    Ok(target)
}

/// Merges an alert into the one with this number.
pub async fn merge(work: &mut Work, id: &AlertId, version: &Raw, into: &str) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    let target = target(work, into).await?;
    if target.id == alert.id {
        return Err(Error::field("into", Text::new("Đây chính là tin này.", "This is the alert itself.")));
    }
    alert.merged_into = Some(target.id.clone());
    alert.incident_id = target.incident_id.clone();
    store::add_count(&mut work.tx, &target.id, alert.count, alert.last_seen_at).await?;
    let (code, from) = (target.code.clone(), alert.code.clone());
    let told = note(work, &target.id, EventKind::Act, text!("Gộp {from} vào đây", "{from} was merged in")).await?;
    let rows = vec![told, ("alerts", target.id.to_string())];
    decide(work, alert, Act::Merge, "alert.merged", text!("Gộp vào {code}", "Merged into {code}"), rows).await
}

/// Puts a dismissed or merged alert back into the queue, in the actor's hands.
pub async fn restore(work: &mut Work, id: &AlertId, version: &Raw) -> Result<Alert> {
    let mut alert = claim(work, id, version).await?;
    let mut rows = Vec::new();
    if let Some(target) = alert.merged_into.take() {
        store::add_count(&mut work.tx, &target, -alert.count, alert.last_seen_at).await?;
        rows.push(("alerts", target.to_string()));
        alert.incident_id = None;
    }
    alert.outcome = String::new();
    alert.outcome_note = String::new();
    own(work, &mut alert);
    let what = Text::new("Đưa lại vào hàng chờ", "Put back into the queue");
    decide(work, alert, Act::Restore, "alert.restored", what, rows).await
}

/// Answers whoever reported; they read it with their code.
pub async fn answer(work: &mut Work, id: &AlertId, words: &str) -> Result<()> {
    let alert = claim(work, id, &Raw::default()).await?;
    if alert.tracking_code.is_none() {
        return Err(Error::not_now(
            "Người báo không có mã theo dõi nên không đọc được. Hãy gọi điện hoặc gửi thư.",
            "The reporter has no code to read this with. Phone or write to them.",
        ));
    }
    let event = note(work, id, EventKind::Answer, Text::same(words)).await?;
    store::set_news(&mut work.tx, id, false).await?;
    let code = &alert.code;
    let what = text!("{code}: trả lời người báo", "{code}: answered the reporter");
    record_rows(work, "alert.answered", what, &[("alerts", id.to_string()), event]);
    Ok(())
}

/// The reporter adds words or files to what they reported.
pub async fn hear(work: &mut Work, alert: &Alert, words: Text, files: &[Incoming]) -> Result<()> {
    if store::count_events(&mut work.tx, &alert.id, EventKind::Reporter).await? >= 100 {
        return Err(Error::not_now(
            "Tin này đã có quá nhiều lời nhắn. Hãy gọi điện cho cơ quan.",
            "There are too many messages already. Please phone the office.",
        ));
    }
    let mut rows = hang(work, alert, files).await?;
    let count = files.len();
    let said = match words.vi.is_empty() {
        false => words,
        true => text!("Gửi thêm {count} tệp", "Sent {files}", files = counted(count, "more file", "more files")),
    };
    rows.push(note(work, &alert.id, EventKind::Reporter, said).await?);
    store::set_news(&mut work.tx, &alert.id, true).await?;
    rows.push(("alerts", alert.id.to_string()));
    let code = &alert.code;
    record_rows(
        work,
        "alert.reporter_wrote",
        text!("{code}: người báo nhắn thêm", "{code}: the reporter wrote"),
        &rows,
    );
    let words = text!("Người báo nhắn thêm về tin {code}", "The reporter of {code} wrote again");
    let url = format!("/alerts/{}", alert.id);
    match (&alert.owner_id, &alert.unit_id) {
        (Some(owner), _) => notify::tell_person(work, owner, &words, &url).await,
        (None, Some(unit)) => notify::tell_unit(work, unit, &words, &url).await,
        (None, None) => Ok(()),
    }
}

/// An officer adds files.
pub async fn add_files(work: &mut Work, id: &AlertId, files: &[Incoming]) -> Result<()> {
    let alert = claim(work, id, &Raw::default()).await?;
    let mut rows = hang(work, &alert, files).await?;
    let count = files.len();
    rows.push(
        note(
            work,
            id,
            EventKind::Act,
            text!("Thêm {count} tệp", "Added {files}", files = counted(count, "file", "files")),
        )
        .await?,
    );
    let code = &alert.code;
    record_rows(
        work,
        "alert.files_added",
        text!("{code}: thêm {count} tệp", "{code}: added {files}", files = counted(count, "file", "files")),
        &rows,
    );
    Ok(())
}

async fn hang(work: &mut Work, alert: &Alert, files: &[Incoming]) -> Result<Vec<(&'static str, String)>> {
    let there = store::count_files(&mut work.tx, &alert.id).await?;
    if there + i64::try_from(files.len()).unwrap_or(FILES) > FILES {
        return Err(Error::field(
            "files",
            text!("Mỗi tin giữ nhiều nhất {FILES} tệp.", "An alert holds at most {FILES} files."),
        ));
    }
    super::intake::attach(work, &alert.id, files).await
}

/// What a bulk act came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub done: usize,
    /// Left as they were, because somebody had decided already.
    pub left: usize,
}

/// The alerts a bulk act names: all visible and theirs to triage, or none.
async fn claim_many(work: &mut Work, ids: &[AlertId]) -> Result<Vec<Alert>> {
    let scope = reading(&work.actor);
    let alerts = store::list_by_ids(&mut work.tx, &scope, ids).await?;
    if alerts.len() != ids.len() {
        return Err(Error::NotFound);
    }
    if alerts.iter().any(|alert| !alert.lets(&work.actor, Permission::AlertTriage)) {
        return Err(not_allowed());
    }
    Ok(alerts)
}

/// Notes the same event for many alerts and writes the journal once.
async fn record_many(
    work: &mut Work,
    ids: &[AlertId],
    name: &'static str,
    each: Text,
    what: Text,
    mut rows: Vec<(&'static str, String)>,
) -> Result<()> {
    let events: Vec<(AlertId, AlertEvent)> =
        ids.iter().map(|id| (id.clone(), event(work, EventKind::Act, each.clone()))).collect();
    rows.extend(events.iter().map(|(_, event)| ("alert_events", event.id.clone())));
    rows.extend(ids.iter().map(|id| ("alerts", id.to_string())));
    store::insert_events(&mut work.tx, &events).await?;
    record_rows(work, name, what, &rows);
    Ok(())
}

/// Fails when fewer rows changed than were found fit a moment ago: somebody else was quicker, and nothing is kept.
fn all_changed(changed: u64, meant: usize) -> Result<()> {
    if usize::try_from(changed).is_ok_and(|changed| changed == meant) {
        Ok(())
    } else {
        Err(Error::Conflict(Box::default()))
    }
}

/// Takes all that nobody has taken yet.
pub async fn take_many(work: &mut Work, ids: &[AlertId]) -> Result<Tally> {
    let alerts = claim_many(work, ids).await?;
    let fit: Vec<AlertId> =
        alerts.iter().filter(|alert| alert.status == AlertStatus::New).map(|alert| alert.id.clone()).collect();
    let tally = Tally { done: fit.len(), left: alerts.len() - fit.len() };
    if fit.is_empty() {
        return Ok(tally);
    }
    let person = work.actor.person_id.clone();
    all_changed(store::take_many(&mut work.tx, &fit, &person, work.now).await?, fit.len())?;
    let (name, count) = (work.actor.name.clone(), fit.len());
    let what = text!("{name} nhận {count} tin", "{name} took {alerts}", alerts = counted(count, "alert", "alerts"));
    record_many(work, &fit, "alert.taken", text!("{name} nhận xử lý", "{name} took it"), what, Vec::new()).await?;
    Ok(tally)
}

/// Dismisses all that are still open.
pub async fn dismiss_many(work: &mut Work, ids: &[AlertId], outcome: &str, note: &str) -> Result<Tally> {
    let alerts = claim_many(work, ids).await?;
    let fit: Vec<AlertId> =
        alerts.iter().filter(|alert| alert.status.may(Act::Dismiss)).map(|alert| alert.id.clone()).collect();
    let tally = Tally { done: fit.len(), left: alerts.len() - fit.len() };
    if fit.is_empty() {
        return Ok(tally);
    }
    all_changed(store::dismiss_many(&mut work.tx, &fit, outcome, note, work.now).await?, fit.len())?;
    let (each, count) = (dismissal(work, outcome, note), fit.len());
    let Text { vi, en } = each.clone();
    record_many(
        work,
        &fit,
        "alert.dismissed",
        each,
        text!("{count} tin: {vi}", "{alerts}: {en}", alerts = counted(count, "alert", "alerts")),
        Vec::new(),
    )
    .await?;
    Ok(tally)
}

/// Merges all that are still open into the one received first.
pub async fn merge_many(work: &mut Work, ids: &[AlertId]) -> Result<(Tally, Option<Alert>)> {
    let alerts = claim_many(work, ids).await?;
    let mut fit: Vec<Alert> = alerts.into_iter().filter(|alert| alert.status.may(Act::Merge)).collect();
    if fit.len() < 2 {
        let words = Text::new("Hãy chọn ít nhất hai tin còn chờ để gộp.", "Pick at least two open alerts to merge.");
        return Err(Error::NotNow(words));
    }
    let target = fit.remove(0);
    let merged: Vec<AlertId> = fit.iter().map(|alert| alert.id.clone()).collect();
    all_changed(store::merge_many(&mut work.tx, &merged, &target, work.now).await?, merged.len())?;
    let more: i64 = fit.iter().map(|alert| alert.count).sum();
    let seen = fit.iter().map(|alert| alert.last_seen_at).max().unwrap_or(target.last_seen_at);
    store::add_count(&mut work.tx, &target.id, more, seen).await?;
    let (code, count) = (target.code.clone(), merged.len());
    let told = note(
        work,
        &target.id,
        EventKind::Act,
        text!("Gộp {count} tin vào đây", "{alerts} merged in", alerts = counted(count, "alert", "alerts")),
    )
    .await?;
    let rows = vec![told, ("alerts", target.id.to_string())];
    let (each, what) = (
        text!("Gộp vào {code}", "Merged into {code}"),
        text!("Gộp {count} tin vào {code}", "Merged {alerts} into {code}", alerts = counted(count, "alert", "alerts")),
    );
    record_many(work, &merged, "alert.merged", each, what, rows).await?;
    Ok((Tally { done: count, left: ids.len() - count - 1 }, Some(target)))
}
