//! Taking alerts in: fold what is known already, number and store the rest, write the journal once for all of them.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::chance;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};

use super::STREAM;
use super::model::{AlertEvent, AlertFile, AlertFileId, AlertId, EventKind, FOLD_WINDOW, NewAlert, code_hash};
use super::store::{self, Fresh, Twin};
use crate::web::Incoming;
use crate::work::Work;

/// What became of one alert of a batch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Received {
    pub id: AlertId,
    /// `CB-2026-000123`.
    pub code: String,
    /// It was counted into an open alert that says the same.
    pub folded: bool,
    /// How often it has been reported by now.
    pub count: i64,
    /// What the reporter follows it with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_code: Option<String>,
}

/// Where an alert of the batch ends up: among those known, or among the fresh ones.
#[derive(Clone, Copy)]
enum Slot {
    Known(usize),
    Fresh(usize),
}

/// Takes alerts in and says of each what became of it, in their order. The caller has checked who may.
pub async fn receive(work: &mut Work, alerts: &[NewAlert]) -> Result<Vec<Received>> {
    let app = work.app.clone();
    let year = work.now.year();
    let series = format!("alert:{year}");
    store::lock_intake(&mut work.tx, &series).await?;

    let prints: Vec<String> = alerts.iter().map(NewAlert::print).collect();
    let mut distinct = prints.clone();
    distinct.sort();
    distinct.dedup();
    let since = work.now.plus(-FOLD_WINDOW);
    let twins = store::list_twins(&mut work.tx, &distinct, since, work.now).await?;
    let mut slots: HashMap<&str, Slot> = HashMap::new();
    for (place, twin) in twins.iter().enumerate() {
        // The newest comes first and wins.
        slots.entry(print_of(twin)).or_insert(Slot::Known(place));
    }

    let mut fresh: Vec<Fresh<'_>> = Vec::new();
    // How often each known alert was reported again, and how severe at worst.
    let mut repeats: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    let mut fates: Vec<(Slot, bool, i64)> = Vec::with_capacity(alerts.len());
    for (new, print) in alerts.iter().zip(&prints) {
        let slot = slots.get(print.as_str()).copied();
        let times = new.count.max(1);
        let fate = match slot {
            Some(Slot::Known(place)) => {
                let (more, severity) = repeats.entry(place).or_insert((0, 1));
                *more += times;
                *severity = new.severity.max(*severity);
                (Slot::Known(place), true, twins[place].count + *more)
            }
            Some(Slot::Fresh(place)) => {
                fresh[place].count += times;
                (Slot::Fresh(place), true, fresh[place].count)
            }
            None => {
                let slot = Slot::Fresh(fresh.len());
                let tracking_code = new.tracked.then(|| chance::spoken_code(10));
                fresh.push(Fresh {
                    id: AlertId::default(),
                    code: String::new(),
                    new,
                    print: print.clone(),
                    count: times,
                    tracking_hash: tracking_code.as_deref().map(code_hash),
                    tracking_code,
                });
                slots.insert(print, slot);
                (slot, false, times)
            }
        };
        fates.push(fate);
    }

    if !fresh.is_empty() {
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let first = store::reserve_numbers(&mut work.tx, &series, count).await? - count + 1;
        // Ids of one moment are in no order; sorted, they and the numbers go up together, as the list will show them.
        let mut ids: Vec<AlertId> = fresh.iter().map(|_| AlertId::new(&app.chance, work.now)).collect();
        ids.sort();
        for ((number, id), it) in (first..).zip(ids).zip(&mut fresh) {
            it.id = id;
            it.code = format!("CB-{year}-{number:06}");
        }
        let by = work.actor.name.clone();
        store::insert(&mut work.tx, &fresh, &by, work.now).await?;
    }
    fold(work, &twins, &repeats).await?;
    record(work, &fresh, &twins, &repeats);

    let answer = |(slot, folded, count): (Slot, bool, i64)| match slot {
        Slot::Known(place) => {
            let twin = &twins[place];
            let tracking_code = twin.tracking_code.clone();
            Received { id: twin.id.clone(), code: twin.code.clone(), folded, count, tracking_code }
        }
        Slot::Fresh(place) => {
            let it = &fresh[place];
            let tracking_code = it.tracking_code.clone();
            Received { id: it.id.clone(), code: it.code.clone(), folded, count, tracking_code }
        }
    };
    Ok(fates.into_iter().map(answer).collect())
}

/// The hash without the week in front of it.
fn print_of(twin: &Twin) -> &str {
    twin.fingerprint.get(5..).unwrap_or_default()
}

/// Counts repeats into known alerts: one statement for all that were repeated equally often, which are few kinds.
async fn fold(work: &mut Work, twins: &[Twin], repeats: &BTreeMap<usize, (i64, i64)>) -> Result<()> {
    let mut alike: BTreeMap<(i64, i64), Vec<&AlertId>> = BTreeMap::new();
    for (place, kind) in repeats {
        alike.entry(*kind).or_default().push(&twins[*place].id);
    }
    for ((more, severity), mut ids) in alike {
        ids.sort();
        store::fold_into(&mut work.tx, &ids, more, severity, work.now).await?;
    }
    Ok(())
}

fn record(work: &mut Work, fresh: &[Fresh<'_>], twins: &[Twin], repeats: &BTreeMap<usize, (i64, i64)>) {
    let known = repeats.keys().map(|place| ("alerts", twins[*place].id.as_str()));
    let rows: Vec<(&'static str, &str)> = fresh.iter().map(|it| ("alerts", it.id.as_str())).chain(known).collect();
    let again: i64 = repeats.values().map(|(more, _)| more).sum();
    let what = match (fresh, again) {
        ([one], 0) => {
            let (code, title) = (&one.code, &one.new.title);
            text!("Nhận tin {code}: {title}", "Received alert {code}: {title}")
        }
        ([], _) if repeats.len() == 1 => {
            let code = repeats.keys().next().map(|place| twins[*place].code.clone()).unwrap_or_default();
            text!("Tin {code} được báo lại", "Alert {code} was reported again")
        }
        _ => {
            let count = fresh.len();
            text!(
                "Nhận {count} tin mới, {again} tin báo lại",
                "Received {alerts}, {again} repeated",
                alerts = counted(count, "new alert", "new alerts")
            )
        }
    };
    work.record(STREAM, "alert.received", what, &rows);
}

/// Hangs files that lie in the store on an alert and gives back the rows for the journal.
pub async fn attach(work: &mut Work, alert: &AlertId, files: &[Incoming]) -> Result<Vec<(&'static str, String)>> {
    let mut rows = Vec::new();
    let mut there: Vec<String> =
        store::list_files(&mut work.tx, alert).await?.into_iter().map(|file| file.file_id).collect();
    for incoming in files {
        let media_type = super::files::kind_of(&incoming.stored.head, &incoming.media_type);
        let sha256 = &incoming.stored.sha256;
        if there.contains(sha256) {
            continue;
        }
        there.push(sha256.clone());
        store::insert_stored(&mut work.tx, sha256, incoming.stored.size, &media_type, work.now).await?;
        let file = AlertFile {
            id: AlertFileId::new(&work.app.chance, work.now),
            file_id: sha256.clone(),
            name: incoming.name.clone(),
            media_type,
            size: incoming.stored.size,
            added_at: work.now,
            added_by: work.actor.name.clone(),
            carried: false,
        };
        rows.push(("files", sha256.clone()));
        store::insert_file(&mut work.tx, alert, &file).await?;
        rows.push(("alert_files", file.id.to_string()));
    }
    Ok(rows)
}

/// An event as it will be stored, by whoever acts now.
pub fn event(work: &Work, kind: EventKind, words: Text) -> AlertEvent {
    AlertEvent {
        id: work.app.chance.id("ale", work.now),
        kind,
        text: words.vi.into_owned(),
        text_en: words.en.into_owned(),
        by_name: work.actor.name.clone(),
        at: work.now,
    }
}

/// Writes an event of one alert and gives back its row for the journal.
pub async fn note(work: &mut Work, alert: &AlertId, kind: EventKind, words: Text) -> Result<(&'static str, String)> {
    let event = event(work, kind, words);
    let row = ("alert_events", event.id.clone());
    store::insert_events(&mut work.tx, &[(alert.clone(), event)]).await?;
    Ok(row)
}

/// An entry of the alerts' stream of the journal.
pub fn record_rows(work: &mut Work, act: &'static str, what: Text, rows: &[(&'static str, String)]) {
    let rows: Vec<(&'static str, &str)> = rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    work.record(STREAM, act, what, &rows);
}
