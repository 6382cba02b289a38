//! What is done to reports before they are issued: begun, written, begun anew. Always in this order: may they, is it
//! allowed now, store, journal.

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::fill::{self, Filled, Posted};
use super::model::{Answers, Report, ReportState, Review};
use super::sources::{Gathered, gather};
use super::{ReportId, forms, offer, store};
use crate::incident::actions::{Taken, record, take};
use crate::incident::{Incident, IncidentId};
use crate::journal::{incident_stream, last_writer};
use crate::pack::Form;
use crate::permission::Permission;
use crate::work::Work;

/// Begins a report from a form of the pack.
pub async fn begin(work: &mut Work, incident: &IncidentId, form: &str) -> Result<ReportId> {
    let taken = take_to_write(work, incident).await?;
    let app = work.app.clone();
    let Some(form) = forms::find(&mut work.tx, &app.pack, form).await? else {
        return Err(Error::field("form", Text::new("Gói kế hoạch không có mẫu này.", "The plan has no such form.")));
    };
    let recipients = offer::recipients(&mut work.tx, &app.pack, &taken.incident, &taken.units, &form).await?;
    let id = ReportId::new(&app.chance, work.now);
    let first = form.signature.capacities.first().cloned().unwrap_or_default();
    let words = Words { answers: "{}".to_owned(), recipients, signer: String::new(), capacity: first };
    add(work, &taken.incident, &form, &id, None, words).await?;
    Ok(id)
}

/// Begins the successor of an issued report, with what people wrote in it. There is one successor: when somebody began it
/// already, it is that one (and `false`, for nothing was changed).
pub async fn renew(work: &mut Work, incident: &IncidentId, id: &ReportId) -> Result<(ReportId, bool)> {
    let taken = take_to_write(work, incident).await?;
    let old = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    if old.state != ReportState::Issued {
        return Err(Error::not_now(
            "Chỉ báo cáo đã phát hành và chưa bị thay mới làm được bản mới.",
            "Only an issued report that was not replaced yet can have a successor.",
        ));
    }
    if let Some(begun) = store::find_successor(&mut work.tx, id).await? {
        return Ok((begun, false));
    }
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, &old).await?;
    let answers: Answers = old.answers().into_iter().filter(|(_, answer)| answer.by_hand).collect();
    let fresh = ReportId::new(&app.chance, work.now);
    let answers = serde_json::to_string(&answers)?;
    let words = Words { answers, recipients: old.recipients, signer: old.signer, capacity: old.capacity };
    add(work, &taken.incident, &form, &fresh, Some(id.clone()), words).await?;
    Ok((fresh, true))
}

/// What a report begins with.
struct Words {
    answers: String,
    recipients: String,
    signer: String,
    capacity: String,
}

async fn add(
    work: &mut Work,
    incident: &Incident,
    form: &Form,
    id: &ReportId,
    replaces: Option<ReportId>,
    words: Words,
) -> Result<()> {
    let Words { answers, recipients, signer, capacity } = words;
    let report = Report {
        id: id.clone(),
        incident_id: incident.id.clone(),
        form: form.id.clone(),
        ordinal: store::last_ordinal(&mut work.tx, &incident.id, &form.id).await? + 1,
        replaces_id: replaces,
        answers,
        recipients,
        signer,
        created_by: work.actor.name.clone(),
        capacity,
        ..Report::blank(work.now)
    };
    store::insert(&mut work.tx, &report).await?;
    let (vi, en) = name_of(form, &report);
    record(work, &incident.id, "report.begun", text!("Lập {vi}", "Began {en}"), &[("reports", id.to_string())]);
    Ok(())
}

/// Keeps what was written in a draft. Missing answers are allowed; unreadable ones are not.
pub async fn save(work: &mut Work, incident: &IncidentId, id: &ReportId, posted: &Posted) -> Result<()> {
    let (taken, mut report) = take_draft(work, incident, id, posted).await?;
    if !report.is_written() {
        return Err(fixed());
    }
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, &report).await?;
    let (filled, _) = lay_over(work, &taken.incident, &mut report, &form, posted).await?;
    report.answers = serde_json::to_string(&fill::written(&filled))?;
    store(work, &report).await?;
    let (vi, en) = name_of(&form, &report);
    record(work, incident, "report.written", text!("Ghi {vi}", "Wrote {en}"), &[("reports", id.to_string())]);
    Ok(())
}

/// Takes a draft for writing, as it was when whoever sent this last saw it.
pub async fn take_draft(
    work: &mut Work,
    incident: &IncidentId,
    id: &ReportId,
    posted: &Posted,
) -> Result<(Taken, Report)> {
    let taken = take_to_write(work, incident).await?;
    let report = store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    if !report.state.is_draft() {
        return Err(Error::not_now(
            "Báo cáo đã phát hành nên không sửa được nữa. Muốn đổi, hãy làm bản mới thay nó.",
            "The report is issued and cannot be changed any more. To change it, make a successor.",
        ));
    }
    if report.review == Review::Dropped {
        return Err(Error::not_now("Bản nháp này đã huỷ.", "This draft was dropped."));
    }
    let seen = posted.first("version");
    if seen.as_str() != report.version.to_string() {
        return Err(conflict(work, &report).await?);
    }
    Ok((taken, report))
}

/// Lays what was sent over a draft: the fields of the form, the recipients, who signs. Nothing is stored yet.
pub async fn lay_over<'a>(
    work: &mut Work,
    incident: &Incident,
    report: &mut Report,
    form: &'a Form,
    posted: &Posted,
) -> Result<(Vec<Filled<'a>>, Gathered)> {
    let app = work.app.clone();
    let actor = work.actor.clone();
    let gathered = gather(&mut work.tx, &actor, &app.pack, incident, form, work.now).await?;
    if report.is_fixed() {
        // What was handed in is what was approved and is issued; nothing that is sent along changes it.
        return Ok((fill::fixed(form, &report.answers(), &gathered.facts), gathered));
    }
    let filled = fill::read(posted, fill::live(form, &report.answers(), &gathered.facts))?;
    let mut checks = Checks::new();
    if posted.all("recipients").is_some() {
        report.recipients = checks.area_or_empty("recipients", &posted.first("recipients"));
    }
    if posted.all("signer").is_some() {
        report.signer = checks.line_or_empty("signer", &posted.first("signer"));
    }
    if posted.all("capacity").is_some() {
        let typed = posted.first("capacity");
        let known = form.signature.capacities.iter().find(|lines| in_one_line(lines) == in_one_line(typed.as_str()));
        match known {
            Some(lines) => report.capacity.clone_from(lines),
            None if typed.is_empty() => report.capacity.clear(),
            None => checks.refuse("capacity", unknown()),
        }
    }
    checks.done()?;
    Ok((filled, gathered))
}

/// Stores a draft unless somebody changed it meanwhile.
pub async fn store(work: &mut Work, report: &Report) -> Result<()> {
    if store::save(&mut work.tx, report).await? == 0 {
        return Err(conflict(work, report).await?);
    }
    Ok(())
}

/// An open incident for somebody who may write reports about it.
pub(super) async fn take_to_write(work: &mut Work, incident: &IncidentId) -> Result<Taken> {
    let taken = take(work, incident).await?;
    work.actor.must_in(Permission::ReportWrite, &taken.incident.unit_id)?;
    Ok(taken)
}

/// The sentence for whoever writes in what lies with somebody for approval.
fn fixed() -> Error {
    Error::not_now(
        "Văn bản đang chờ duyệt hoặc đã duyệt nên không sửa được. Muốn sửa, hãy rút lại.",
        "This waits for approval or is approved, so it cannot be changed. Take it back to change it.",
    )
}

/// Lines as one, as a choice sends them.
pub fn in_one_line(lines: &str) -> String {
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "Báo cáo ban đầu (lần 2)": the form's short name, and which one it is when there are several.
pub fn name_of(form: &Form, report: &Report) -> (String, String) {
    name_with(form, report.ordinal)
}

/// The same by the ordinal alone.
pub fn name_with(form: &Form, ordinal: i64) -> (String, String) {
    let Text { vi, en } = form.name.text();
    match ordinal {
        1 => (vi.into_owned(), en.into_owned()),
        n => (format!("{vi} (lần {n})"), format!("{en} ({n})")),
    }
}

/// Who changed the draft, and what is stored now.
pub async fn conflict(work: &mut Work, report: &Report) -> Result<Error> {
    let stream = incident_stream(report.incident_id.as_str());
    let writer = last_writer(&mut work.tx, &stream, report.id.as_str()).await?;
    let (who, when) = writer.unwrap_or_default();
    let mut theirs =
        vec![("recipients".to_owned(), report.recipients.clone()), ("signer".to_owned(), report.signer.clone())];
    let answers = report.answers().into_iter();
    theirs.extend(answers.map(|(field, answer)| (fill::field_name(&field), answer.values.join(", "))));
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}
