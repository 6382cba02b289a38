//! Reads files of evidence again and compares them with what they hashed to when they came in: when somebody asks, and on
//! a rhythm of the machine. What came of it is kept; a file that is not what it was is told to everyone in the incident.

pub(super) mod store;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use ungcuu_kit::blobs::Hashes;
use ungcuu_kit::error::Result;
use ungcuu_kit::id_type;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::{DAY, Time};

use super::model::Evidence;
use super::store as items;
use crate::actor::Actor;
use crate::app::App;
use crate::incident::actions::{record, take_any, tell_units};
use crate::incident::{IncidentId, timeline};
use crate::journal::incident_stream;
use crate::notify::Urgency;
use crate::work::Work;

id_type!(
    /// One time that a file of evidence was read again.
    CheckId, "evc"
);

/// How often the machine looks whether a file is due.
const PAUSE: Duration = Duration::from_secs(900);
/// How many files it reads before it writes down what it found, and how many bytes of them: whichever comes first.
const BATCH: i64 = 50;
const BATCH_BYTES: i64 = 8 << 30;

/// One time that a file was read again.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Check {
    pub checked_at: Time,
    /// Who asked; the product itself on its rhythm.
    pub checked_by: String,
    /// What its bytes hashed to; empty when the file was gone.
    pub sha256: String,
    pub ok: bool,
}

/// Reads files again on the rhythm of the settings, for as long as the product serves.
pub async fn keep_checking(app: App) {
    if app.settings.recheck_days <= 0 {
        return std::future::pending().await;
    }
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = check_due(&app).await {
            tracing::warn!("reading evidence again failed: {error}");
        }
    }
}

/// Reads the files again that nobody has read for longer than the rhythm, the longest unread first, and says how many.
pub async fn check_due(app: &App) -> Result<usize> {
    let before = app.now().plus(-app.settings.recheck_days.saturating_mul(DAY));
    let mut tx = app.db.read().await?;
    let due = items::list_unread(&mut tx, before, BATCH).await?;
    // A disk image takes hours; the transaction must not.
    drop(tx);
    let mut read: Vec<(Evidence, Option<Hashes>)> = Vec::with_capacity(due.len());
    let mut bytes = 0_i64;
    for item in due {
        let Some(sha256) = &item.sha256 else { continue };
        if bytes > BATCH_BYTES {
            break;
        }
        bytes = bytes.saturating_add(item.size.unwrap_or(0));
        let hashes = app.blobs.read_again(sha256, true).await?;
        read.push((item, hashes));
    }
    read.sort_by(|(a, _), (b, _)| (&a.incident_id, a.number).cmp(&(&b.incident_id, b.number)));
    for of_incident in read.chunk_by(|(a, _), (b, _)| a.incident_id == b.incident_id) {
        let mut work = app.work(Actor::system()).await?;
        note_many(&mut work, of_incident).await?;
        work.commit().await?;
    }
    Ok(read.len())
}

/// Notes what reading one file again gave. Done by anyone who may read it, also long after the incident was closed. Says
/// whether it is as it came in.
pub async fn note(work: &mut Work, item: &Evidence, hashes: Option<&Hashes>) -> Result<bool> {
    let ok = is_whole(item, hashes);
    let mut rows = store_check(work, item, hashes).await?;
    let (code, name) = (item.code(), &item.name);
    if ok {
        let what =
            text!("Tính lại mã băm {code} ({name}): đúng như khi nhận", "Hashed {code} again ({name}): as it came in");
        // Names only the rows written here: the incident itself is not taken, because a closed one can be checked as well.
        let rows: Vec<(&'static str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
        work.record(&incident_stream(item.incident_id.as_str()), "evidence.checked", what, &rows);
    } else {
        raise(work, item, &mut rows).await?;
    }
    Ok(ok)
}

/// The same for several files of one incident: the sound ones stand in one entry of the journal.
async fn note_many(work: &mut Work, read: &[(Evidence, Option<Hashes>)]) -> Result<()> {
    let (mut sound, mut codes) = (Vec::new(), 0_usize);
    let mut incident: Option<&IncidentId> = None;
    for (item, hashes) in read {
        incident = Some(&item.incident_id);
        let mut rows = store_check(work, item, hashes.as_ref()).await?;
        if is_whole(item, hashes.as_ref()) {
            codes += 1;
            sound.extend(rows);
        } else {
            raise(work, item, &mut rows).await?;
        }
    }
    let Some(incident) = incident.filter(|_| codes > 0) else { return Ok(()) };
    let files = counted(codes, "file", "files");
    let what = text!(
        "Đọc lại định kỳ {codes} tệp chứng cứ: đúng như khi nhận",
        "Read {files} of evidence again on the rhythm: as they came in"
    );
    sound.sort();
    sound.dedup();
    let rows: Vec<(&'static str, &str)> = sound.iter().map(|(table, id)| (*table, id.as_str())).collect();
    work.record(&incident_stream(incident.as_str()), "evidence.checked", what, &rows);
    Ok(())
}

fn is_whole(item: &Evidence, hashes: Option<&Hashes>) -> bool {
    hashes.is_some_and(|hashes| Some(&hashes.sha256) == item.sha256.as_ref())
}

async fn store_check(work: &mut Work, item: &Evidence, hashes: Option<&Hashes>) -> Result<Vec<(&'static str, String)>> {
    let id = CheckId::new(&work.app.chance, work.now);
    let check = Check {
        checked_at: work.now,
        checked_by: work.actor.name.clone(),
        sha256: hashes.map(|hashes| hashes.sha256.clone()).unwrap_or_default(),
        ok: is_whole(item, hashes),
    };
    store::insert(&mut work.tx, &id, &item.id, &check).await?;
    store::save_result(&mut work.tx, &item.id, check.ok, work.now).await?;
    let mut rows = vec![("evidence", item.id.to_string()), ("evidence_checks", id.to_string())];
    // A file from before the second hash was kept gets it now; of one that was swapped it would say nothing.
    if let (Some(sha256), Some(hashes), None, true) = (&item.sha256, hashes, &item.md5, check.ok)
        && store::save_md5(&mut work.tx, sha256, &hashes.md5).await?
    {
        rows.push(("files", sha256.clone()));
    }
    Ok(rows)
}

/// A file is not what it was: it stands in the timeline, and everyone in the incident is told, once.
async fn raise(work: &mut Work, item: &Evidence, rows: &mut Vec<(&'static str, String)>) -> Result<()> {
    let (code, name) = (item.code(), &item.name);
    let what = text!(
        "Tính lại mã băm {code} ({name}): KHÔNG còn đúng như khi nhận",
        "Hashed {code} again ({name}): NOT as it came in"
    );
    let id = &item.incident_id;
    if item.check_ok != Some(false) {
        let taken = take_any(work, id).await?;
        rows.push(timeline::note(work, id, "evidence", what.clone()).await?);
        let url = format!("/incidents/{id}/evidence/{}", item.id);
        tell_units(work, Urgency::Soon, &taken.units, |_| true, &what, &url).await?;
        record(work, id, "evidence.altered", what, rows);
        return Ok(());
    }
    let rows: Vec<(&'static str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    work.record(&incident_stream(id.as_str()), "evidence.altered", what, &rows);
    Ok(())
}

/// The sentence for an item whose bytes are gone by an act.
pub fn gone() -> Text {
    Text::new(
        "Tệp của chứng cứ này đã tiêu huỷ theo biên bản; mã băm vẫn còn trong sổ.",
        "The file of this item was destroyed by an act; its hash stays in the register.",
    )
}
