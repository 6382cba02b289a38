//! What a member ticks of an examination becomes part of the incident: findings as entries of its timeline, at the moment
//! that the log says; values as its indicators.

use std::collections::BTreeSet;

use ungcuu_detect::indicator::{self as detect, extract};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, shorten};
use ungcuu_kit::time::{MINUTE, Time};

use super::{Examination, ExaminationId, FindingId, Found, store};
use crate::coordination::levels::{self, ItemKind};
use crate::evidence::{self, Evidence, EvidenceId};
use crate::incident::actions::record;
use crate::incident::timeline::{self, NewEvent};
use crate::incident::{IncidentId, timeline::EventKind};
use crate::indicator;
use crate::work::Work;

/// How many findings and values are taken at once.
pub const AT_ONCE: usize = 200;
/// How many values are offered on one page.
const OFFERED: usize = 100;

/// What was taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    pub events: usize,
    pub signs: usize,
}

/// Takes findings and values into the incident, all or nothing.
pub async fn take(
    work: &mut Work,
    (incident, item, id): (&IncidentId, &EvidenceId, &ExaminationId),
    events: &[Raw],
    signs: &[Raw],
) -> Result<Taken> {
    evidence::step_for(work, incident).await?;
    let of = store::find(&mut work.tx, incident, item, id).await?.ok_or(Error::NotFound)?;
    let source = evidence::find(&mut work.tx, incident, item).await?.ok_or(Error::NotFound)?;
    if events.len() > AT_ONCE || signs.len() > AT_ONCE {
        return Err(Error::NotNow(text!("Mỗi lần chọn nhiều nhất {AT_ONCE} mục.", "At most {AT_ONCE} at a time.")));
    }
    let ids: Vec<FindingId> = events.iter().map(|raw| raw.as_str().parse()).collect::<Result<_>>()?;
    let ids: Vec<FindingId> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let found = store::list_by_ids(&mut work.tx, id, &ids).await?;
    if found.len() != ids.len() {
        return Err(Error::NotFound);
    }
    let signs: Vec<detect::Indicator> = signs
        .iter()
        .map(|raw| detect::parse(raw.as_str()).map_err(|why| Error::field("signs", indicator::explain(why))))
        .collect::<Result<_>>()?;
    if found.is_empty() && signs.is_empty() {
        return Err(Error::not_now("Chưa chọn mục nào.", "Nothing was ticked."));
    }
    let fresh: Vec<&Found> = found.iter().filter(|one| one.taken_at.is_none()).collect();
    let entries: Vec<NewEvent> = fresh.iter().map(|one| entry(one, &of, &source, work.now)).collect();
    let mut rows = timeline::add_found(work, incident, &entries).await?;
    let taken: Vec<FindingId> = fresh.iter().map(|one| one.id.clone()).collect();
    store::save_taken(&mut work.tx, &taken, work.now).await?;
    let code = source.code();
    let added = indicator::add_all(work, incident, &format!("Khám xét {code}"), &signs).await?;
    let taken = Taken { events: fresh.len(), signs: added.len() };
    rows.extend(added);
    let made: Vec<(ItemKind, &str)> = rows
        .iter()
        .filter_map(|(table, id)| match *table {
            "timeline_events" => Some((ItemKind::Event, id.as_str())),
            "indicators" => Some((ItemKind::Indicator, id.as_str())),
            _ => None,
        })
        .collect();
    let marked = levels::pass_on(work, incident, item.as_str(), &made, &format!("Theo mức của {code}")).await?;
    rows.extend(marked);
    if rows.is_empty() {
        return Err(Error::not_now("Các mục này đã được đưa vào rồi.", "All of them were taken before."));
    }
    let Taken { events, signs } = taken;
    let what = text!(
        "Từ khám xét {code}: đưa {events} phát hiện vào diễn biến, {signs} dấu hiệu",
        "From examining {code}: {events} findings into the timeline, {signs} indicators"
    );
    record(work, incident, "examination.taken", what, &rows);
    Ok(taken)
}

fn entry(found: &Found, of: &Examination, source: &Evidence, now: Time) -> NewEvent {
    let host = match found.host.as_str() {
        "" => String::new(),
        host => format!(" – {host}"),
    };
    // A file, a clock that went wrong, a log without moments: the entry stands where the evidence was collected, and says so.
    let told = found.happened_at.filter(|at| *at <= now.plus(5 * MINUTE));
    let missing = match told {
        Some(_) => "",
        None if of.is_of_logs() => "\n(Nhật ký không ghi thời điểm tin được; thời điểm trên là lúc thu chứng cứ.)",
        None => "\n(Thời điểm trên là lúc thu chứng cứ.)",
    };
    let record = match found.record.as_str() {
        "" => String::new(),
        record => format!(" #{record}"),
    };
    let (code, file) = (source.code(), &found.file);
    let (set, number, fields) = (&of.set_name, of.set_version, &found.fields);
    let text = format!("{code}, {file}{record}. Quy tắc {set}, phiên bản {number}.{missing}\n{fields}");
    NewEvent {
        kind: EventKind::Attack,
        title: shorten(&format!("{}{host}", found.title), 300),
        text: shorten(&text, 8000),
        happened_at: told.or(source.collected_at).unwrap_or(source.added_at),
    }
}

/// Values in these findings that may be signs of the attack, each once: what a form sends, and what people read.
pub fn offered(found: &[Found]) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for one in found {
        // Names of fields look like names of hosts; only what stands behind them is looked at.
        let words: Vec<&str> = one.fields.lines().filter_map(|line| line.split_once(": ").map(|(_, it)| it)).collect();
        for sign in extract(&words.join("\n"), OFFERED) {
            if values.len() >= OFFERED {
                return values;
            }
            if seen.insert(sign.clone()) {
                values.push((sign.value.clone(), sign.defang()));
            }
        }
    }
    values
}

/// What was taken, in words.
pub fn in_words(taken: Taken) -> Text {
    let Taken { events, signs } = taken;
    text!(
        "Đã đưa {events} phát hiện vào diễn biến, {signs} dấu hiệu vào danh sách.",
        "Took {events} findings into the timeline and {signs} indicators into the list."
    )
}
