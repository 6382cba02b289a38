//! Issuing a report. Three parts, because no file is made while the records are held:
//!
//! 1. [`reserve`]: what was written is fixed and the report gets its number; it is "issuing" now.
//! 2. The document is laid out with that number and the head of the journal, as PDF and Word, and the files are stored.
//! 3. [`freeze`]: files, document and journal head are written beside the report; it is issued.
//!
//! Whoever is cut off in between finds a draft that has its number already; issuing again takes the same one. Each part
//! moves the version on, so of two who issue at once one is told.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_render::Document;

use super::actions::{lay_over, name_of, take_draft};
use super::document::{Around, journal_line, lay_out};
use super::fill::{self, Posted};
use super::model::{Answer, Report, ReportState, Review};
use super::numbers::{self, Typed, Wanted};
use super::rendering::{Format, render};
use super::store::facts::UnitRow;
use super::{ReportId, actions, forms, store};
use crate::actor::Actor;
use crate::app::App;
use crate::incident::actions::{record, take};
use crate::incident::{Incident, IncidentId, timeline};
use crate::journal::{self, incident_stream};
use crate::pack::{FieldType, Form};
use crate::web::Done;
use crate::work::Work;

/// A report that has its number and waits for its files.
pub struct Reserved {
    pub report: Report,
    pub incident: Incident,
    document: Document,
    at: Time,
}

/// Issues a report: number, files, journal head, and no change any more.
pub async fn issue(app: &App, actor: &Actor, incident: &IncidentId, id: &ReportId, posted: &Posted) -> Result<Done> {
    let mut work = app.work(actor.clone()).await?;
    let mut reserved = reserve(&mut work, incident, id, posted).await?;
    work.commit().await?;

    let (seq, hash) = journal_head(app, actor, incident).await?;
    reserved.report.journal_seq = Some(seq);
    reserved.report.journal_hash = hash.clone();
    reserved.document.foot = Some(journal_line(&reserved.incident.code, seq, &hash));
    let mut files = render(app, reserved.document.clone(), &[Format::Pdf, Format::Docx]).await?;
    let (Some(docx), Some(pdf)) = (files.pop(), files.pop()) else {
        return Err(anyhow::anyhow!("two formats were asked for").into());
    };
    let pdf = app.blobs.put_bytes(pdf).await?;
    let docx = app.blobs.put_bytes(docx).await?;

    let mut work = app.work(actor.clone()).await?;
    let files = [(Format::Pdf, pdf.sha256, pdf.size), (Format::Docx, docx.sha256, docx.size)];
    let number = reserved.report.number.clone();
    freeze(&mut work, reserved, &files).await?;
    Ok(work.done(format!("/incidents/{incident}/reports/{id}")).await?.saying(text!(
        "Đã phát hành báo cáo số {number}. Bản PDF và Word đã được lưu.",
        "Issued as number {number}. The PDF and Word files are kept."
    )))
}

/// Fixes what is to be issued and gives it its number.
pub async fn reserve(work: &mut Work, incident: &IncidentId, id: &ReportId, posted: &Posted) -> Result<Reserved> {
    let (taken, mut report) = take_draft(work, incident, id, posted).await?;
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, &report).await?;
    if !form.approved_by.is_empty() && report.review != Review::Approved {
        return Err(Error::not_now(
            "Mẫu này phải được duyệt trước khi phát hành. Hãy trình duyệt.",
            "This form must be approved before it is issued. Hand it in for approval.",
        ));
    }
    let (mut filled, gathered) = lay_over(work, &taken.incident, &mut report, &form, posted).await?;
    for one in &mut filled {
        // Nobody wrote a time of their own, so it is the moment of issuing and not the one the page was opened at.
        let is_now = one.field.source.as_deref() == Some("report.made_at") && one.field.kind == FieldType::Moment;
        if is_now && one.source.is_some() {
            one.answer = Answer::one(work.now.to_field());
        }
    }
    fill::refuse_missing(&filled)?;

    let mut rows = vec![("reports", id.to_string())];
    rows.extend(number(work, &mut report, &form, &taken.incident, &gathered.unit, posted).await?);
    report.state = ReportState::Issuing;
    report.answers = serde_json::to_string(&fill::everything(&filled))?;
    actions::store(work, &report).await?;
    report.version += 1;
    let (vi, en) = name_of(&form, &report);
    let number = &report.number;
    let what = text!("Lấy số {number} cho {vi}", "Took number {number} for {en}");
    record(work, incident, "report.numbered", what, &rows);

    report.issued_at = Some(work.now);
    report.issued_by = work.actor.name.clone();
    let issued = Report { state: ReportState::Issued, ..report.clone() };
    let around = Around {
        pack: &app.pack,
        code: &taken.incident.code,
        title: &taken.incident.title,
        report: &issued,
        unit: &gathered.unit,
        facts: &gathered.facts,
        at: work.now,
    };
    let document = lay_out(&form, &filled, &around);
    Ok(Reserved { report, incident: taken.incident, document, at: work.now })
}

/// Keeps the number that the report has, when it is still of this year and nobody typed another; else takes one. Gives the
/// rows of the register that changed.
async fn number(
    work: &mut Work,
    report: &mut Report,
    form: &Form,
    incident: &Incident,
    unit: &UnitRow,
    posted: &Posted,
) -> Result<Vec<(&'static str, String)>> {
    let year = work.now.year();
    let typed = Typed { number: posted.first("number"), gap_reason: posted.first("gap_reason") };
    let kind = form.number.clone().unwrap_or_default();
    let mut rows = Vec::new();
    if let Some(held) = numbers::store::find_of_report(&mut work.tx, &report.id).await? {
        let same = held.year == year && held.kind == kind && held.unit_id == unit.id;
        let other_wanted = !typed.number.is_empty() && !numbers::is_same(&held, &typed.number);
        if same && !other_wanted {
            return Ok(rows);
        }
        let reason = match same {
            true => Text::new("Đổi sang số khác khi phát hành", "Another number was taken when issuing"),
            false => numbers::year_ended(),
        };
        numbers::cancel(work, &held, &reason.vi).await?;
        rows.push(("document_numbers", held.id.to_string()));
    }
    let (name, _) = name_of(form, report);
    let wanted = Wanted {
        unit_id: unit.id.clone(),
        unit_code: unit.code.clone(),
        unit_kind: unit.kind.clone(),
        kind,
        year,
        subject: format!("{name}, {}", incident.code),
        report: Some((report.id.clone(), incident.id.clone())),
    };
    let taken = numbers::take(work, &wanted, &typed).await?;
    report.number = taken.symbol;
    report.number_year = Some(year);
    rows.push(("document_numbers", taken.id.to_string()));
    Ok(rows)
}

/// Where the incident's journal stands, after the number was taken.
async fn journal_head(app: &App, actor: &Actor, incident: &IncidentId) -> Result<(i64, String)> {
    let mut look = app.look(actor.clone()).await?;
    let head = journal::head(&mut look.tx, &incident_stream(incident.as_str())).await?;
    head.ok_or_else(|| anyhow::anyhow!("an incident with a report has a journal").into())
}

/// Makes it final: the files are kept with the report and nothing of it changes any more.
async fn freeze(work: &mut Work, reserved: Reserved, files: &[(Format, String, i64)]) -> Result<()> {
    let Reserved { mut report, document, at, .. } = reserved;
    let taken = take(work, &report.incident_id).await?;
    let app = work.app.clone();
    let form = forms::of(&mut work.tx, &app.pack, &report).await?;
    let mut rows = vec![("reports", report.id.to_string())];
    if let Some(number) = numbers::used(work, &report.id).await? {
        rows.push(("document_numbers", number.id.to_string()));
    }
    for (format, sha256, size) in files {
        store::insert_file(&mut work.tx, sha256, *size, format.media_type(), at).await?;
        rows.push(("files", sha256.clone()));
        match format {
            Format::Pdf => report.pdf = Some(sha256.clone()),
            Format::Docx => report.docx = Some(sha256.clone()),
        }
    }
    report.document = serde_json::to_string(&document)?;
    if store::save_issued(&mut work.tx, &report).await? == 0 {
        let now = store::find(&mut work.tx, &report.incident_id, &report.id).await?.unwrap_or(report);
        return Err(actions::conflict(work, &now).await?);
    }
    if let Some(old) = &report.replaces_id {
        store::save_superseded(&mut work.tx, old).await?;
        rows.push(("reports", old.to_string()));
    }
    let (vi, en) = name_of(&form, &report);
    let number = &report.number;
    let what = text!("Phát hành {vi} số {number}", "Issued {en}, number {number}");
    rows.push(timeline::note(work, &taken.incident.id, "report", what.clone()).await?);
    record(work, &taken.incident.id, "report.issued", what, &rows);
    Ok(())
}

/// The sentence asked before issuing.
pub fn question() -> Text {
    Text::new(
        "Sẽ lấy số, tạo bản PDF và Word rồi khoá báo cáo. Sau đó không sửa được nữa, chỉ có thể làm bản mới thay thế.",
        "This takes a number, makes the PDF and Word files and locks the report. It cannot be changed afterwards, only replaced.",
    )
}
