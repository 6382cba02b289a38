//! The job that examines. The work itself is a child's ([`crate::sensor::ask`]); this end counts and lists what it finds,
//! keeps the result, and holds the examination for as long as it goes on: when this process dies, another takes it up.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use ungcuu_kit::blobs::Stored;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::MINUTE;

use super::line::Line;
use super::{Counted, Examination, ExaminationId, ExaminationState, FindingId, Found, LISTED, Run, store};
use crate::actor::Actor;
use crate::app::App;
use crate::auth::AccountId;
use crate::coordination::levels::{self, ItemKind};
use crate::evidence::{self, Evidence, EvidenceId, Facts, NewItem, StoredFile};
use crate::incident::actions::{record, take_any};
use crate::notify;
use crate::sensor::ask::{Heard, Talk};
use crate::sensor::probe::{Rules, Said, Task, Told};
use crate::sensor::rules;

/// How often it looks whether somebody has asked.
const PAUSE: Duration = Duration::from_secs(2);
/// For how long an examination is held without a word, and how often the word is given.
const HOLD: i64 = 3 * MINUTE;
const BEAT: Duration = Duration::from_secs(1);
/// How long one may take: a disk's worth of logs, read by one processor.
const LONGEST: Duration = Duration::from_secs(4 * 3600);
/// How often one is begun before it counts as impossible: the process may die of other things.
const TRIES: i64 = 3;
/// The longest result, in bytes; the child ends before.
const RESULT: i64 = 2 << 30;
/// How many rules are counted one by one.
const RULES: usize = 20_000;

/// Examines what is asked for, for as long as the product serves.
pub async fn keep_examining(app: App) {
    if let Err(error) = rules::actions::settle_built_in(&app).await {
        tracing::warn!("noting the built-in rules failed: {error}");
    }
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        loop {
            match examine_next(&app).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!("an examination failed: {error}");
                    break;
                }
            }
        }
    }
}

/// Does the examination that has waited longest; false when none waits.
pub async fn examine_next(app: &App) -> Result<bool> {
    let now = app.now();
    let mut tx = app.db.read().await?;
    let Some(id) = store::find_unclaimed(&mut tx, now).await? else { return Ok(false) };
    drop(tx);
    let mut tx = app.db.write().await?;
    let claimed = store::claim(&mut tx, &id, now, now.plus(HOLD)).await?;
    tx.commit().await?;
    // Another process was faster.
    let Some(tries) = claimed else { return Ok(true) };
    let outcome = match tries > TRIES {
        true => Err(Error::not_now("máy dò bị ngắt ba lần", "it was cut off three times")),
        false => examine(app, &id).await,
    };
    match outcome {
        Ok(()) => Ok(true),
        Err(Error::NotNow(why)) => fail(app, &id, why).await.map(|()| true),
        // A full disk, a database away: it is begun again in a minute.
        Err(error) => {
            let mut tx = app.db.write().await?;
            store::release(&mut tx, &id, now.plus(MINUTE)).await?;
            tx.commit().await?;
            Err(error)
        }
    }
}

/// What the work has brought so far.
#[derive(Default)]
struct Gathered {
    rules: BTreeMap<String, Counted>,
    findings: Vec<Found>,
    run: Run,
    told: Option<Told>,
}

async fn examine(app: &App, id: &ExaminationId) -> Result<()> {
    let mut tx = app.db.read().await?;
    let mut of = store::find_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let item = evidence::find(&mut tx, &of.incident_id, &of.evidence_id).await?.ok_or(Error::NotFound)?;
    let sha256 = item.sha256.clone().filter(|_| item.removed_at.is_none() && !item.is_destroyed());
    let Some(sha256) = sha256 else { return Err(Error::not_now("tệp không còn", "the file is gone")) };
    let set = rules::store::find_version_file(&mut tx, &of.set_id, of.set_version).await?;
    let silenced = rules::store::list_silenced(&mut tx, &of.set_id).await?;
    drop(tx);
    let rules = match set {
        Some(file) => Rules::Archive(app.blobs.path(&file)),
        None => Rules::BuiltIn,
    };
    // What is silenced by now, not when it was asked for.
    of.silenced = i64::try_from(silenced.len()).unwrap_or(i64::MAX);
    let head = head(&of, &item, &sha256, &silenced)?;
    let (file, name) = (app.blobs.path(&sha256), item.name.clone());
    let task = Task::Examine { kind: of.set_kind, file, name, rules, silenced };
    let mut talk = Talk::begin(app, &task).await?;
    let (give, take) = mpsc::channel::<Result<Bytes>>(64);
    let lines = futures::stream::unfold(take, |mut take| async move { take.recv().await.map(|line| (line, take)) });
    let _ = give.send(Ok(head)).await;
    let (gathered, stored) = tokio::join!(listen(app, &of, &mut talk, give), app.blobs.put(Box::pin(lines), RESULT));
    drop(talk);
    let (gathered, stored) = match (gathered, stored) {
        (Ok(Some(gathered)), Ok(stored)) => (gathered, stored),
        (ended, stored) => {
            // Stopped or broken off; what came until then is nobody's.
            let fault = stored.map(|stored| app.blobs.doubt(&stored.sha256)).err();
            return match (ended, fault) {
                (Err(error), _) | (Ok(Some(_)), Some(error)) => Err(error),
                _ => Ok(()),
            };
        }
    };
    if gathered.told.as_ref().is_some_and(Told::read_nothing) {
        app.blobs.doubt(&stored.sha256);
        return Err(Error::NotNow(no_log()));
    }
    let kept = keep(app, of, &item, &stored, gathered).await;
    if kept.is_err() {
        app.blobs.doubt(&stored.sha256);
    }
    kept
}

/// Nothing found in nothing would read as if all were well.
fn no_log() -> Text {
    Text::new(
        "trong tệp không có nhật ký nào máy đọc được. Hãy xuất nhật ký ra dạng khác, hoặc dùng quy tắc dành cho tệp (YARA)",
        "there is no log in it that can be read here. Export the log in another form, or use rules for files (YARA)",
    )
}

/// The first line of a result says of what it is one.
fn head(of: &Examination, item: &Evidence, sha256: &str, silenced: &[String]) -> Result<Bytes> {
    let head = serde_json::json!({ "examination": {
        "id": of.id, "evidence": item.code(), "name": item.name, "sha256": sha256,
        "rules": of.set_name, "rules_version": of.set_version, "rules_sha256": of.set_hash, "silenced": silenced,
        "program": of.program, "asked_by": of.asked_by, "asked_at": of.asked_at.to_iso(),
    }});
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    Ok(line.into())
}

/// Hears the work to its end; nothing when somebody stopped it meanwhile.
async fn listen(
    app: &App,
    of: &Examination,
    talk: &mut Talk,
    give: mpsc::Sender<Result<Bytes>>,
) -> Result<Option<Gathered>> {
    let mut gathered = Gathered::default();
    let (began, mut spoken) = (Instant::now(), Instant::now());
    loop {
        let heard = timeout(BEAT, talk.hear()).await;
        if spoken.elapsed() >= BEAT {
            spoken = Instant::now();
            if !hold(app, &of.id, gathered.run).await? {
                return Ok(None);
            }
            if began.elapsed() > LONGEST {
                return Err(Error::not_now("đã quá 4 giờ nên phải dừng", "it took more than 4 hours and was stopped"));
            }
        }
        match heard {
            Err(_) => {}
            Ok(None) => {
                return match gathered.told {
                    Some(_) => Ok(Some(gathered)),
                    None => Err(Error::not_now(
                        "máy dò dừng giữa chừng: tệp hoặc bộ quy tắc quá lớn",
                        "the reading broke off: the file or the rules are too large",
                    )),
                };
            }
            Ok(Some(Heard::Finding(line))) => {
                gathered.take(app, &line);
                // When it cannot be kept, the keeping itself says why.
                if give.send(Ok(line.into())).await.is_err() {
                    return Ok(Some(gathered));
                }
            }
            Ok(Some(Heard::Said(Said::Progress { bytes, total, events }))) => {
                let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
                gathered.run = Run {
                    bytes: whole(bytes),
                    total: whole(total),
                    events: whole(events),
                    findings: gathered.run.findings,
                };
            }
            Ok(Some(Heard::Said(Said::Examined(told)))) => gathered.told = Some(*told),
            Ok(Some(Heard::Said(_))) => {}
        }
    }
}

/// Says that it is still being worked at; false when it was stopped.
async fn hold(app: &App, id: &ExaminationId, run: Run) -> Result<bool> {
    let mut tx = app.db.write().await?;
    store::save_run(&mut tx, id, run, app.now().plus(HOLD)).await?;
    let state = store::find_run(&mut tx, id).await?.map(|(state, _)| state);
    tx.commit().await?;
    Ok(state == Some(ExaminationState::Waiting))
}

impl Gathered {
    fn take(&mut self, app: &App, line: &[u8]) {
        self.run.findings += 1;
        let Some(line) = Line::read(line) else { return };
        let room = self.rules.len() < RULES;
        match self.rules.get_mut(&line.rule_id) {
            Some(rule) => rule.findings += 1,
            None if room => _ = self.rules.insert(line.rule_id.clone(), line.counted()),
            None => {}
        }
        if self.findings.len() < LISTED {
            // Ids of one moment are in no order; the number is.
            self.findings.push(line.found(FindingId::new(&app.chance, app.now()), self.run.findings));
        }
    }
}

/// Keeps what was found: the result as evidence, the lists beside it.
async fn keep(app: &App, mut of: Examination, item: &Evidence, stored: &Stored, gathered: Gathered) -> Result<()> {
    let told = gathered.told.unwrap_or_default();
    // The machine does it, for the unit of whoever asked.
    let mut actor = Actor::system();
    actor.unit_name.clone_from(&of.asker_unit);
    let mut work = app.work(actor).await?;
    let incident = of.incident_id.clone();
    take_any(&mut work, &incident).await?;
    let (code, findings, name, number) = (item.code(), gathered.run.findings, &of.set_name, of.set_version);
    let described = format!(
        "Kết quả khám xét {code} bằng bộ quy tắc {name}, phiên bản {number}: {findings} phát hiện. Mỗi dòng một đối tượng JSON."
    );
    let new = NewItem {
        name: format!("kham-xet-{}-{}.jsonl", code.to_lowercase(), of.asked_at.local().strftime("%Y%m%d-%H%M%S")),
        file: Some(StoredFile {
            sha256: stored.sha256.clone(),
            md5: Some(stored.md5.clone()),
            size: stored.size,
            media_type: "application/x-ndjson".to_owned(),
        }),
        facts: Facts {
            kind: item.kind.clone(),
            description: described,
            source: item.source.clone(),
            system_id: item.system_id.clone(),
            collected_at: Some(work.now),
            collected_by: of.asked_by.clone(),
            malicious: false,
        },
        taken_from: Some(item.id.clone()),
        ..NewItem::default()
    };
    let added = evidence::add_stored(&mut work, &incident, &of.step, vec![new]).await?;
    let result: EvidenceId = added.ids.into_iter().next().ok_or(Error::NotFound)?;
    let mut rows = added.rows;
    let reason = format!("Theo mức của {code}");
    let made = [(ItemKind::Evidence, result.as_str())];
    rows.extend(levels::pass_on(&mut work, &incident, item.id.as_str(), &made, &reason).await?);
    of.state = ExaminationState::Done;
    of.ended_at = Some(work.now);
    of.events = i64::try_from(told.events).unwrap_or(i64::MAX);
    of.findings = findings;
    of.outcome = serde_json::to_string(&told)?;
    of.result_id = Some(result);
    if !store::save_end(&mut work.tx, &of).await? {
        // Stopped in the very last moment.
        app.blobs.doubt(&stored.sha256);
        return Ok(());
    }
    let counted: Vec<Counted> = gathered.rules.into_values().collect();
    store::insert_rules(&mut work.tx, app, work.now, &of, &counted).await?;
    store::insert_findings(&mut work.tx, &of.id, &gathered.findings).await?;
    rows.push(("examinations", of.id.to_string()));
    let (vi, en) = (&added.words.vi, &added.words.en);
    let what = text!(
        "Khám xét {code} xong: {findings} phát hiện; thêm {vi}",
        "Examined {code}: {findings} findings; added {en}"
    );
    record(&mut work, &incident, "examination.done", what, &rows);
    let said = text!("Khám xét {code} xong: {findings} phát hiện", "{code} is examined: {findings} findings");
    notify::tell_account(&mut work, &AccountId(of.asker_id.clone()), &said, &of.href()).await?;
    work.commit().await
}

/// Writes down that it could not be done, and why.
async fn fail(app: &App, id: &ExaminationId, why: Text) -> Result<()> {
    let mut work = app.work(Actor::system()).await?;
    let Some(mut of) = store::find_by_id(&mut work.tx, id).await? else { return Ok(()) };
    take_any(&mut work, &of.incident_id).await?;
    of.state = ExaminationState::Failed;
    of.ended_at = Some(work.now);
    of.ended_why = why.vi.clone().into_owned();
    of.ended_en = why.en.clone().into_owned();
    if !store::save_end(&mut work.tx, &of).await? {
        return Ok(());
    }
    let Text { vi, en } = &why;
    let what = text!("Khám xét không làm được: {vi}", "An examination could not be done: {en}");
    let incident = of.incident_id.clone();
    record(&mut work, &incident, "examination.failed", what.clone(), &[("examinations", of.id.to_string())]);
    notify::tell_account(&mut work, &AccountId(of.asker_id.clone()), &what, &of.href()).await?;
    work.commit().await
}
