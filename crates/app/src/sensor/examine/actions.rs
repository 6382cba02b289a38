//! What people do with examinations: ask for one, stop it.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::{Examination, ExaminationId, ExaminationState};
use super::{store, view};
use crate::evidence::{self, EvidenceId};
use crate::incident::IncidentId;
use crate::incident::actions::record;
use crate::sensor::rules::{self, RuleSetId};
use crate::work::Work;

/// How many examinations of one incident may be under way at once.
const AT_ONCE: i64 = 20;

/// Asks for an item to be examined with the version of a set that is in use; the built-in one that fits when none is named. That it was
/// examined stands in its custody from now on.
pub async fn ask(
    work: &mut Work,
    incident: &IncidentId,
    item: &EvidenceId,
    set: Option<&RuleSetId>,
) -> Result<ExaminationId> {
    let step = evidence::step_for(work, incident).await?;
    let set = match set {
        None => {
            let item = evidence::find(&mut work.tx, incident, item).await?.ok_or(Error::NotFound)?;
            rules::actions::built_in(work, view::kind_for(&item)).await?
        }
        Some(set) => {
            let found = rules::store::find_set(&mut work.tx, set).await?;
            found.ok_or_else(|| Error::field("set", ungcuu_kit::form::unknown()))?
        }
    };
    if store::count_waiting(&mut work.tx, incident, AT_ONCE).await? >= AT_ONCE {
        return Err(Error::not_now(
            "Sự cố này đang có nhiều lần khám xét chờ làm. Hãy đợi xong bớt rồi yêu cầu tiếp.",
            "Many examinations of this incident are waiting. Let some of them end first.",
        ));
    }
    let (Text { vi, en }, number) = (set.words(), set.active);
    let reason = text!("Dò bằng bộ quy tắc {vi}, phiên bản {number}", "Read by the rule set {en}, version {number}");
    // An act of custody is written in the plan's language, as all of them.
    let written = format!("{vi} (bản {number})");
    let examined = evidence::note_examined(work, incident, item, &written).await?;
    let silenced = rules::store::list_silenced(&mut work.tx, &set.id).await?;
    let id = ExaminationId::new(&work.app.chance, work.now);
    let examination = Examination {
        id: id.clone(),
        incident_id: incident.clone(),
        evidence_id: item.clone(),
        state: ExaminationState::Waiting,
        step,
        set_id: set.id.clone(),
        set_name: set.name.clone(),
        set_kind: set.kind,
        set_version: set.active,
        set_hash: set.hash.clone(),
        silenced: i64::try_from(silenced.len()).unwrap_or(i64::MAX),
        program: format!("ungcuu {}", env!("CARGO_PKG_VERSION")),
        asked_by: work.actor.name.clone(),
        asker_id: work.actor.account_id.to_string(),
        asker_unit: work.actor.unit_name.clone(),
        asked_at: work.now,
        ended_at: None,
        ended_why: String::new(),
        ended_en: String::new(),
        events: 0,
        findings: 0,
        outcome: String::new(),
        result_id: None,
        result_number: None,
        version: 1,
    };
    store::insert(&mut work.tx, &examination).await?;
    let (code, file) = (examined.code(), &examined.name);
    let Text { vi, en } = &reason;
    let what = text!("Yêu cầu khám xét {code} ({file}): {vi}", "Asked to examine {code} ({file}): {en}");
    record(work, incident, "examination.asked", what, &[("examinations", id.to_string())]);
    Ok(id)
}

/// Stops an examination; nothing is kept of it.
pub async fn cancel(work: &mut Work, incident: &IncidentId, item: &EvidenceId, id: &ExaminationId) -> Result<()> {
    evidence::step_for(work, incident).await?;
    let mut found = store::find(&mut work.tx, incident, item, id).await?.ok_or(Error::NotFound)?;
    found.state = ExaminationState::Cancelled;
    found.ended_at = Some(work.now);
    found.ended_why.clone_from(&work.actor.name);
    found.ended_en.clone_from(&work.actor.name);
    if !store::save_end(&mut work.tx, &found).await? {
        return Err(Error::not_now("Lần khám xét này đã xong.", "This examination has ended already."));
    }
    let what = Text::new("Dừng một lần khám xét chứng cứ", "Stopped an examination of evidence");
    record(work, incident, "examination.stopped", what, &[("examinations", id.to_string())]);
    Ok(())
}
