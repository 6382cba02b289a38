//! The pages of reports: the tab with all of them, and the form with its page beside it.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::actions::{self, form_of, name_of};
use super::document::{Around, lay_out};
use super::fill::{self, Filled, Posted};
use super::model::{Report, ReportState};
use super::preview::Preview;
use super::screen::{Part, Shown, parts};
use super::{ReportId, issue, offer, sources, store};
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
    /// Forms of the law in force.
    forms: Vec<FormChoice>,
    /// The other forms of the pack.
    more_forms: Vec<FormChoice>,
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
    let (first, rest): (Vec<&Form>, Vec<&Form>) =
        app.pack.forms.iter().filter(|_| may_write).partition(|form| by_law.iter().any(|of_law| of_law.id == form.id));
    let choose = |forms: Vec<&Form>| forms.into_iter().map(|form| FormChoice::of(form, p.lang)).collect();
    let reports = store::list(&mut look.tx, &incident.id).await?;
    Ok(Reports {
        forms: choose(first),
        more_forms: choose(rest),
        cut: reports.len() as i64 == store::REPORTS,
        reports: lines(&app.pack, reports, p.lang),
        frame,
        p,
    })
}

fn may_write(look: &Look, incident: &Incident) -> bool {
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

/// The form with its page beside it.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/report.html")]
pub struct Detail {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    report: Report,
    name: String,
    code: String,
    /// May be written and issued by the reader.
    may_write: bool,
    /// May be replaced by a successor.
    may_renew: bool,
    parts: Vec<Part>,
    /// Obligatory and empty: name of the field and its label.
    missing: Vec<(String, String)>,
    /// The report that replaces this one, or is to.
    successor: Option<Line>,
    /// The report that this one replaces.
    replaced: Option<Line>,
    /// The very value that is printed.
    document: serde_json::Value,
    #[serde(skip)]
    preview: Preview,
    #[serde(skip)]
    question: Text,
    #[serde(skip)]
    mail_prefix: String,
}

impl Detail {
    /// The one value of a field that has one.
    fn first<'a>(&self, field: &'a Shown) -> &'a str {
        field.values.first().map(String::as_str).unwrap_or_default()
    }

    /// The form's own guidance, and what the records say where a person wrote something else.
    fn hint(&self, field: &Shown) -> String {
        [field.hint.as_str(), field.known.as_str()]
            .iter()
            .filter(|words| !words.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

pub async fn detail(call: Call) -> Result<Detail> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: ReportId = call.param("report")?;
    let report = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let app = look.app.clone();
    let title = lines(&app.pack, vec![report.clone()], call.lang).remove(0);
    let p = Page::new(&call, &mut look, Text::same(title.name.clone())).await?;
    let frame = Frame::new(&mut look, &p, &incident, "reports").await?;
    let others = store::list(&mut look.tx, &incident.id).await?;
    let line_of = |found: Option<&Report>| found.map(|report| lines(&app.pack, vec![report.clone()], p.lang).remove(0));
    let successor = line_of(others.iter().find(|other| other.replaces_id.as_ref() == Some(&report.id)));
    let replaced = line_of(others.iter().find(|other| report.replaces_id.as_ref() == Some(&other.id)));

    let draft = report.state.is_draft();
    let (document, parts, missing, mail_prefix) = match app.pack.form(&report.form) {
        Some(form) if draft => {
            let (filled, document) = draft_of(&mut look, &app.pack, &incident, &report, form).await?;
            let missing = missing(&filled, p.lang);
            (document, parts(form, &filled, p.lang), missing, form.mail_subject_prefix.clone())
        }
        form => {
            (frozen_document(&report)?, Vec::new(), Vec::new(), form.and_then(|form| form.mail_subject_prefix.clone()))
        }
    };
    Ok(Detail {
        may_write: draft && may_write(&look, &incident),
        may_renew: report.state == ReportState::Issued && may_write(&look, &incident),
        preview: Preview::new(&document)?,
        document: serde_json::to_value(&document)?,
        name: title.name,
        code: title.code,
        question: issue::question(),
        mail_prefix: mail_prefix.unwrap_or_default(),
        report,
        parts,
        missing,
        successor,
        replaced,
        frame,
        p,
    })
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
    let filled = fill::live(form, &report.answers(), &gathered.facts);
    let around = Around { pack, incident, report, unit: &gathered.unit, at: now };
    let document = lay_out(form, &filled, &around);
    Ok((filled, document))
}

/// The document of an issued report, exactly as it was printed.
pub fn frozen_document(report: &Report) -> Result<ungcuu_render::Document> {
    if report.document.is_empty() {
        // A draft of a form that the pack no longer has.
        return Err(form_gone());
    }
    Ok(serde_json::from_str(&report.document)?)
}

fn form_gone() -> Error {
    Error::not_now(
        "Gói kế hoạch hiện tại không còn mẫu của báo cáo này.",
        "The present plan no longer has the form of this report.",
    )
}

fn missing(filled: &[Filled], lang: Lang) -> Vec<(String, String)> {
    let missing = filled.iter().filter(|one| one.is_missing());
    missing.map(|one| (one.name(), one.full_label(lang))).collect()
}

/// Saves a draft, or issues it: `act` says which.
pub async fn write(call: Call, posted: Posted) -> Result<Done> {
    let incident: IncidentId = call.param("id")?;
    let id: ReportId = call.param("report")?;
    match posted.first("act").as_str() {
        "issue" => issue::issue(&call.app, call.actor()?, &incident, &id, &posted).await,
        "" | "save" => {
            let mut work = call.work().await?;
            actions::save(&mut work, &incident, &id, &posted).await?;
            Ok(work
                .done(format!("/incidents/{incident}/reports/{id}"))
                .await?
                .saying(Text::new("Đã lưu bản nháp.", "The draft is saved.")))
        }
        _ => Err(Error::field("act", Text::new("Không có việc này.", "There is no such act."))),
    }
}

/// The page of what is being typed, as markup and as what is still missing. Changes nothing.
pub async fn look_ahead(call: Call, posted: Posted) -> Result<Done> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: ReportId = call.param("report")?;
    let mut report = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let app = look.app.clone();
    let form = form_of(&app, &report)?;
    if !report.state.is_draft() {
        return Err(Error::not_now("Báo cáo đã phát hành.", "The report is issued."));
    }
    let now: Time = look.now;
    let actor = look.actor.clone();
    let gathered = sources::gather(&mut look.tx, &actor, &app.pack, &incident, form, now).await?;
    let filled = fill::read(&posted, fill::live(form, &report.answers(), &gathered.facts))?;
    report.recipients = posted.first("recipients").0;
    report.signer = posted.first("signer").0;
    let around = Around { pack: &app.pack, incident: &incident, report: &report, unit: &gathered.unit, at: now };
    let preview = Preview::new(&lay_out(form, &filled, &around))?;
    let shown = serde_json::json!({ "html": preview.markup()?, "missing": missing(&filled, call.lang) });
    Ok(Done::to(format!("/incidents/{}/reports/{id}", incident.id)).with(shown))
}
