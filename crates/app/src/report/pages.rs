//! The pages of reports: the tab with all of them, and what is done to one; the form itself is shown by [`super::detail`].

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

use super::actions::{self, name_of};
use super::document::{Around, lay_out};
use super::fill::{self, Filled, Posted};
use super::model::Report;
use super::preview::Preview;
use super::{ReportId, forms, issue, offer, review, sends, sources, store};
use crate::incident::actions::see;
use crate::incident::{Frame, Incident, IncidentId};
use crate::pack::{Form, Pack};
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Call, Done};
use crate::work::Look;

/// A report in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    pub report: Report,
    /// "Báo cáo ban đầu (lần 2)".
    pub name: String,
    /// "Mẫu số 03", in the reader's language.
    pub code: String,
}

/// Reports with the names of their forms; a form that the pack no longer has keeps its id.
pub fn lines(pack: &Pack, reports: Vec<Report>, lang: Lang) -> Vec<Line> {
    let line = |report: Report| match pack.form(&report.form) {
        Some(form) => {
            let (vi, en) = name_of(form, &report);
            Line { name: lang.pick(&vi, &en).to_owned(), code: form.code.get(lang).to_owned(), report }
        }
        None => Line { name: report.form.clone(), code: String::new(), report },
    };
    reports.into_iter().map(line).collect()
}

/// A form that can be begun.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FormChoice {
    pub id: String,
    pub code: String,
    pub name: String,
    /// What its button says: "Lập Mẫu số 03 – Báo cáo ban đầu", and the same without the name.
    #[serde(skip)]
    pub act: String,
    #[serde(skip)]
    pub short_act: String,
}

impl FormChoice {
    pub fn of(form: &Form, lang: Lang) -> FormChoice {
        let (code, name) = (form.code.get(lang).to_owned(), form.name.get(lang).to_owned());
        let short_act = format!("{} {code}", lang.pick("Lập", "Begin"));
        FormChoice { act: format!("{short_act} – {name}"), short_act, id: form.id.clone(), code, name }
    }
}

/// The tab with every report of an incident.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/reports.html")]
pub struct Reports {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    reports: Vec<Line>,
    /// Forms of the law in force, and those that steps of the plan ask for.
    forms: Vec<FormChoice>,
    /// The other forms that may be used for this incident.
    more_forms: Vec<FormChoice>,
    /// Forms of a law that did not hold when the incident was detected.
    other_forms: Vec<FormChoice>,
    /// Whether there are more than are shown.
    cut: bool,
}

pub async fn list(call: Call) -> Result<Reports> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let p = Page::new(&call, &mut look, Text::new("Báo cáo", "Reports")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "reports").await?;
    let app = look.app.clone();
    let may_write = may_write(&look, &incident);
    let by_law = offer::by_law(&app.pack, &incident);
    let asked = |form: &&Form| by_law.iter().any(|of_law| of_law.id == form.id) || offer::by_plan(&app.pack, form);
    let (first, rest): (Vec<&Form>, Vec<&Form>) = app.pack.forms.iter().filter(|_| may_write).partition(asked);
    let (rest, other): (Vec<&Form>, Vec<&Form>) =
        rest.into_iter().partition(|form| offer::fits(&app.pack, &incident, form));
    let choose = |forms: Vec<&Form>| forms.into_iter().map(|form| FormChoice::of(form, p.lang)).collect();
    let reports = store::list(&mut look.tx, &incident.id).await?;
    Ok(Reports {
        forms: choose(first),
        more_forms: choose(rest),
        other_forms: choose(other),
        cut: reports.len() as i64 == store::REPORTS,
        reports: lines(&app.pack, reports, p.lang),
        frame,
        p,
    })
}

pub(super) fn may_write(look: &Look, incident: &Incident) -> bool {
    incident.is_open() && look.actor.can_in(Permission::ReportWrite, &incident.unit_id)
}

/// Which form to begin.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BeginForm {
    form: Raw,
}

pub async fn begin(call: Call, form: BeginForm) -> Result<Done> {
    let incident: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    let id = actions::begin(&mut work, &incident, form.form.as_str()).await?;
    let done = work.done(format!("/incidents/{incident}/reports/{id}")).await?;
    Ok(done.with(serde_json::json!({ "id": id })).saying(Text::new(
        "Đã lập bản nháp. Các mục đã biết được điền sẵn.",
        "The draft is there, filled in with what is known.",
    )))
}

/// Nothing is typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NoForm {}

pub async fn renew(call: Call, _: NoForm) -> Result<Done> {
    let incident: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    let (id, begun_now) = actions::renew(&mut work, &incident, &call.param("report")?).await?;
    let place = format!("/incidents/{incident}/reports/{id}");
    if !begun_now {
        return Ok(Done::to(place).saying(Text::new(
            "Bản mới đã có người lập; đây là bản đó.",
            "The successor was begun already; this is it.",
        )));
    }
    Ok(work.done(place).await?.with(serde_json::json!({ "id": id })).saying(Text::new(
        "Đã lập bản mới. Bản cũ còn hiệu lực cho đến khi bản này được phát hành.",
        "The successor is begun. The old report stands until this one is issued.",
    )))
}

/// A draft as it stands: its fields, and the document they make.
pub async fn draft_of<'a>(
    look: &mut Look,
    pack: &Pack,
    incident: &Incident,
    report: &Report,
    form: &'a Form,
) -> Result<(Vec<Filled<'a>>, ungcuu_render::Document)> {
    let now = look.now;
    let actor = look.actor.clone();
    let gathered = sources::gather(&mut look.tx, &actor, pack, incident, form, now).await?;
    let filled = match report.is_fixed() {
        true => fill::fixed(form, &report.answers(), &gathered.facts),
        false => fill::live(form, &report.answers(), &gathered.facts),
    };
    let around = Around {
        pack,
        code: &incident.code,
        title: &incident.title,
        report,
        unit: &gathered.unit,
        facts: &gathered.facts,
        at: now,
    };
    let document = lay_out(form, &filled, &around);
    Ok((filled, document))
}

/// The document of an issued report, exactly as it was printed.
pub fn frozen_document(report: &Report) -> Result<ungcuu_render::Document> {
    if report.document.is_empty() {
        // A draft of a form that the pack no longer has.
        return Err(forms::gone());
    }
    Ok(serde_json::from_str(&report.document)?)
}

/// Obligatory fields that are empty: name and label.
pub(super) fn missing(filled: &[Filled], lang: Lang) -> Vec<(String, String)> {
    let missing = filled.iter().filter(|one| one.is_missing());
    missing.map(|one| (one.name(), one.full_label(lang))).collect()
}

/// Saves a draft, hands it in, or issues it: `act` says which.
pub async fn write(call: Call, posted: Posted) -> Result<Done> {
    let incident: IncidentId = call.param("id")?;
    let id: ReportId = call.param("report")?;
    let place = format!("/incidents/{incident}/reports/{id}");
    match posted.first("act").as_str() {
        "issue" => issue::issue(&call.app, call.actor()?, &incident, &id, &posted).await,
        "submit" => {
            let mut work = call.work().await?;
            review::submit(&mut work, &incident, &id, &posted).await?;
            Ok(work.done(place).await?.saying(Text::new("Đã trình duyệt.", "Handed in for approval.")))
        }
        "" | "save" => {
            let mut work = call.work().await?;
            actions::save(&mut work, &incident, &id, &posted).await?;
            Ok(work.done(place).await?.saying(Text::new("Đã lưu bản nháp.", "The draft is saved.")))
        }
        _ => Err(Error::field("act", Text::new("Không có việc này.", "There is no such act."))),
    }
}

/// The word of whoever approves.
pub async fn ruling(call: Call, form: review::RulingForm) -> Result<Done> {
    let (incident, id): (IncidentId, ReportId) = (call.param("id")?, call.param("report")?);
    let mut work = call.work().await?;
    let approved = review::rule(&mut work, &incident, &id, &form).await?;
    let said = match approved {
        true => Text::new("Đã duyệt. Văn bản có thể phát hành.", "Approved. It can be issued."),
        false => Text::new("Đã trả lại cho người soạn.", "Returned to whoever wrote it."),
    };
    Ok(work.done(format!("/incidents/{incident}/reports/{id}")).await?.saying(said))
}

pub async fn withdraw(call: Call, form: review::VersionForm) -> Result<Done> {
    let (incident, id): (IncidentId, ReportId) = (call.param("id")?, call.param("report")?);
    let mut work = call.work().await?;
    review::withdraw(&mut work, &incident, &id, &form).await?;
    let done = work.done(format!("/incidents/{incident}/reports/{id}")).await?;
    Ok(done.saying(Text::new("Đã rút lại, có thể sửa.", "Taken back; it can be changed.")))
}

pub async fn abandon(call: Call, form: review::DropForm) -> Result<Done> {
    let (incident, id): (IncidentId, ReportId) = (call.param("id")?, call.param("report")?);
    let mut work = call.work().await?;
    review::abandon(&mut work, &incident, &id, &form).await?;
    let done = work.done(format!("/incidents/{incident}/reports")).await?;
    Ok(done.saying(Text::new("Đã huỷ bản nháp.", "The draft is dropped.")))
}

/// Sends an issued report, or notes that it went to somebody.
pub async fn send(call: Call, form: sends::SendForm) -> Result<Done> {
    let (incident, id): (IncidentId, ReportId) = (call.param("id")?, call.param("report")?);
    let mut work = call.work().await?;
    let send = sends::send(&mut work, &incident, &id, &form).await?;
    let done = work.done(format!("/incidents/{incident}/reports/{id}")).await?;
    let (address, party) = (&send.address, &send.party);
    let said = match &send.letter_id {
        Some(_) => text!(
            "Thư gửi {party} ({address}) đã vào hàng chờ. Nghĩa vụ báo được tính khi máy chủ thư nhận thư.",
            "The letter to {party} ({address}) is waiting to be sent. The duty is met once the mail server has taken it."
        ),
        None => Text::new("Đã ghi nơi nhận.", "The recipient is noted."),
    };
    Ok(done.with(serde_json::json!({ "id": send.id, "letter_id": send.letter_id })).saying(said))
}

/// Notes that the recipient has it.
pub async fn acknowledge(call: Call, form: sends::AcknowledgeForm) -> Result<Done> {
    let (incident, id): (IncidentId, ReportId) = (call.param("id")?, call.param("report")?);
    let mut work = call.work().await?;
    sends::acknowledge(&mut work, &incident, &id, &call.param("send")?, &form).await?;
    let done = work.done(format!("/incidents/{incident}/reports/{id}")).await?;
    Ok(done.saying(Text::new("Đã ghi xác nhận.", "The confirmation is noted.")))
}

/// The page of what is being typed, as markup and as what is still missing. Changes nothing.
pub async fn look_ahead(call: Call, posted: Posted) -> Result<Done> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: ReportId = call.param("report")?;
    let mut report = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let app = look.app.clone();
    let form = forms::of(&mut look.tx, &app.pack, &report).await?;
    if !report.is_written() {
        return Err(Error::not_now("Báo cáo không còn ở bước soạn.", "The report is not being written any more."));
    }
    let now = look.now;
    let actor = look.actor.clone();
    let gathered = sources::gather(&mut look.tx, &actor, &app.pack, &incident, &form, now).await?;
    let filled = fill::read(&posted, fill::live(&form, &report.answers(), &gathered.facts))?;
    report.recipients = posted.first("recipients").0;
    report.signer = posted.first("signer").0;
    let chosen = actions::in_one_line(posted.first("capacity").as_str());
    let capacities = &form.signature.capacities;
    if let Some(lines) = capacities.iter().find(|lines| actions::in_one_line(lines) == chosen) {
        report.capacity.clone_from(lines);
    }
    let (unit, facts) = (&gathered.unit, &gathered.facts);
    let (code, title) = (&incident.code, &incident.title);
    let around = Around { pack: &app.pack, code, title, report: &report, unit, facts, at: now };
    let preview = Preview::new(&lay_out(&form, &filled, &around))?;
    let shown = serde_json::json!({ "html": preview.markup()?, "missing": missing(&filled, call.lang) });
    Ok(Done::to(format!("/incidents/{}/reports/{id}", incident.id)).with(shown))
}
