//! The letter that a report leaves by: its words, with the frozen PDF, and the signed copy where there is one.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::name_of;
use super::files::{file_name, signed_name};
use super::model::Report;
use super::rendering::Format;
use super::store::sends;
use crate::app::App;
use crate::coordination::reach;
use crate::coordination::wall::Level;
use crate::incident::Incident;
use crate::incident::actions::with_units;
use crate::journal::incident_stream;
use crate::notify::letter::{self, About, LetterFile, LetterId, NewLetter, To};
use crate::org::UnitId;
use crate::pack::Form;
use crate::work::Work;

/// Who a letter goes to.
pub struct Recipient<'a> {
    /// Of the register; none for anybody else.
    pub unit: Option<&'a UnitId>,
    pub name: &'a str,
    pub address: &'a str,
}

/// Posts an issued report. The letter is Vietnamese, like the document in it, and says how far both may go.
///
/// # Errors
/// [`ungcuu_kit::error::Error::Limit`] when PDF and signed copy are more than a letter carries.
pub async fn post(
    work: &mut Work,
    incident: &Incident,
    report: &Report,
    form: &Form,
    to: &Recipient<'_>,
) -> Result<LetterId> {
    let known = match to.unit {
        Some(unit) => super::sends::address_of(&mut work.tx, unit).await?,
        None => String::new(),
    };
    // A unit at its own address gets a link to the page where it can open it.
    let whom = match to.unit {
        Some(unit) if known == to.address => To::Unit(unit.clone()),
        _ => To::Address { name: to.name.to_owned(), address: to.address.to_owned() },
    };
    let new = NewLetter {
        to: whom,
        subject: subject(incident, report, form),
        body: body(incident, report, form, to.name, &work.actor.name, &work.actor.unit_name),
        attachments: attachments(incident, report),
        about: About {
            stream: incident_stream(incident.id.as_str()),
            url: format!("/incidents/{}/reports/{}", incident.id, report.id),
        },
    };
    letter::post(work, new).await
}

/// The wall once more, when the letter leaves or is tried again: the incident may have been marked more strictly since it
/// was posted. Whoever let it out beyond its marking let it out for that marking, and for no stricter one.
pub fn why_it_stays<'a>(app: &'a App, tx: &'a mut Tx, letter: &'a LetterId) -> BoxFuture<'a, Result<Option<Text>>> {
    Box::pin(async move {
        let Some(posted) = sends::find_by_letter(tx, letter).await? else { return Ok(None) };
        let (incident, units) = with_units(tx, &posted.incident_id).await?;
        let level = Level::of(&incident.tlp);
        if !posted.let_out.is_empty() && Level::of(&posted.let_out) >= level {
            return Ok(None);
        }
        let unit = match &posted.unit_id {
            Some(unit) => reach::find_unit(tx, unit).await?,
            None => None,
        };
        let closed = match unit {
            Some(unit) => reach::closed_to_unit(&app.pack, &units, level, &unit, &posted.rule),
            None => reach::closed_to_stranger(level, &posted.party),
        };
        Ok(closed.map(|Text { vi, en }| {
            text!(
                "Sự cố được nâng mức chia sẻ trước khi thư rời khỏi đây. {vi}",
                "The incident was marked more strictly before the letter left. {en}"
            )
        }))
    })
}

/// "[TBSC] Báo cáo ban đầu sự cố số 01/BC-UBND – SC-2026-0042 – TLP:AMBER": what the form wants a subject to begin with
/// comes first; the incident's own title is not for a subject line.
fn subject(incident: &Incident, report: &Report, form: &Form) -> Text {
    let prefix = form.mail_subject_prefix.as_deref().map(|prefix| format!("{prefix} ")).unwrap_or_default();
    let (name, _) = name_of(form, report);
    let (number, code, level) = (&report.number, &incident.code, Level::of(&incident.tlp).label().vi);
    Text::same(format!("{prefix}{name} số {number} – {code} – {level}"))
}

fn body(incident: &Incident, report: &Report, form: &Form, to: &str, sender: &str, unit: &str) -> Text {
    let (name, _) = name_of(form, report);
    let (number, code) = (&report.number, &incident.code);
    let issued = report.issued_at.map(ungcuu_kit::time::Time::to_minute).unwrap_or_default();
    let level = Level::of(&incident.tlp).label().vi;
    let print = report.pdf.as_deref().unwrap_or_default();
    let signed = match &report.signed {
        Some(_) => " và bản đã ký",
        None => "",
    };
    let words = format!(
        "{level}\n\nKính gửi: {to}\n\n{unit} gửi {name} số {number}, phát hành lúc {issued}, về sự cố {code}. Kèm theo thư là \
         tệp PDF{signed}.\n\nSHA-256 của tệp PDF đã phát hành:\n{print}\n\nĐề nghị trả lời thư này để xác nhận đã nhận, ghi rõ \
         số đến.\n\nNgười gửi: {sender}, {unit}"
    );
    Text::same(words)
}

/// The issued bytes, and what came back signed.
fn attachments(incident: &Incident, report: &Report) -> Vec<LetterFile> {
    let file = |sha256: &String, name: String| LetterFile {
        sha256: sha256.clone(),
        name,
        media_type: Format::Pdf.media_type().to_owned(),
    };
    let issued = report.pdf.iter().map(|sha256| file(sha256, file_name(report, &incident.code, Format::Pdf)));
    let signed = report.signed.iter().map(|sha256| file(sha256, signed_name(report, &incident.code)));
    issued.chain(signed).collect()
}
