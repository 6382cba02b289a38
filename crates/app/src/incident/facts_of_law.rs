//! The facts that rules of law ask for, besides class and detection: who must be told by when follows from them.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::actions::record;
use super::change::{implied, manage, refuse_if_older};
use super::model::IncidentId;
use super::{store, timeline};
use crate::deadline::rules::flag_words;
use crate::pack::Pack;
use crate::work::Work;

/// The flags that mean a breach of personal data, which has a clock of its own.
pub const BREACH: &[&str] = &["personal_data", "sensitive_data"];

/// What holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LawForm {
    /// Flags that the plan's rules ask for: `personal_data`, `complex`, …
    pub flags: Vec<Raw>,
    /// When the breach of personal data was noticed; empty: when the incident was detected.
    pub breach_at: Raw,
    pub version: Raw,
}

/// The flags that some rule of the plan asks for, in its order.
pub fn asked_for(pack: &Pack) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for flag in pack.regimes.iter().flat_map(|regime| &regime.rules).flat_map(|rule| &rule.flags) {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    flags
}

/// Notes what holds. The time limits that follow start, move and stop with it.
pub async fn save(work: &mut Work, id: &IncidentId, form: &LawForm) -> Result<()> {
    let mut taken = manage(work, id).await?;
    refuse_if_older(work, &taken.incident, &form.version).await?;
    let app = work.app.clone();
    let known = asked_for(&app.pack);
    let mut checks = Checks::new();
    let mut said: Vec<String> = Vec::new();
    for flag in form.flags.iter().filter(|flag| !flag.is_empty()) {
        match known.iter().find(|known| *known == flag.as_str()) {
            Some(known) if !said.contains(known) => said.push(known.clone()),
            Some(_) => {}
            None => checks.refuse("flags", unknown()),
        }
    }
    let incident = &mut taken.incident;
    let breach_at = checks.moment_or_none("breach_at", &form.breach_at);
    checks.past("breach_at", breach_at, work.now);
    if incident.happened_at.is_some_and(|happened| breach_at.is_some_and(|breach| breach < happened)) {
        let words = Text::new("Không thể phát hiện trước khi xảy ra.", "It cannot be noticed before it happened.");
        checks.refuse("breach_at", words);
    }
    let implied = implied(&app.pack.classes, &incident.conditions());
    let breached = said.iter().chain(&implied).any(|flag| BREACH.contains(&flag.as_str()));
    if breach_at.is_some() && !breached {
        let words = Text::new(
            "Chỉ ghi giờ này khi có lộ, mất dữ liệu cá nhân.",
            "Only give this time when personal data was breached.",
        );
        checks.refuse("breach_at", words);
    }
    checks.done()?;
    incident.set_flags(&said, &implied, work.now);
    incident.breach_at = breach_at;
    incident.changed_at = work.now;
    store::save(&mut work.tx, incident).await?;
    let what = words(&incident.flags().into_keys().collect::<Vec<_>>(), breach_at);
    let event = timeline::note(work, id, "decision", what.clone()).await?;
    record(work, id, "incident.law_facts", what, &[event]);
    Ok(())
}

fn words(flags: &[String], breach_at: Option<Time>) -> Text {
    let (vi, en): (Vec<_>, Vec<_>) = flags.iter().map(|flag| flag_words(flag)).map(|it| (it.vi, it.en)).unzip();
    let (vi, en) = (vi.join(", "), en.join(", "));
    match (vi.is_empty(), breach_at.map(Time::to_minute)) {
        (true, _) => Text::new(
            "Ghi nhận: không có dữ kiện nào làm phát sinh thêm nghĩa vụ báo cáo",
            "Noted: nothing that would ask for more reports",
        ),
        (false, None) => text!("Ghi nhận: {vi}", "Noted: {en}"),
        (false, Some(at)) => text!(
            "Ghi nhận: {vi}; phát hiện vi phạm dữ liệu cá nhân lúc {at}",
            "Noted: {en}; breach of personal data noticed at {at}"
        ),
    }
}
