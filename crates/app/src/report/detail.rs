//! The page of one report: while it is written the form with its page beside it; then who approves, when it was issued,
//! to whom it went and who has it.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::actions::in_one_line;
use super::model::{Report, ReportState, Review, Send, SignedCheck, Way};
use super::pages::{Line, draft_of, frozen_document, lines, may_write, missing};
use super::preview::Preview;
use super::screen::{Part, Shown, parts};
use super::{ReportId, forms, issue, review, sends, store};
use crate::coordination::duties;
use crate::deadline::Deadline;
use crate::deadline::rules::CALENDAR;
use crate::deadline::store::list_by_rules;
use crate::incident::actions::see;
use crate::incident::{Frame, Incident};
use crate::org;
use crate::pack::{Form, Pack};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::{RailStep, StepState};
use crate::web::Call;

type Options = Vec<(String, String)>;

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
    /// What the form rests on, and how sure the plan is of it.
    basis: String,
    settled: bool,
    #[serde(skip)]
    confidence: String,
    /// Must be approved before it is issued.
    needs_approval: bool,
    /// May be written, handed in and issued by the reader.
    may_write: bool,
    /// Waits for the reader's word.
    may_approve: bool,
    /// May be replaced by a successor.
    may_renew: bool,
    /// The reader may note to whom it went.
    may_send: bool,
    parts: Vec<Part>,
    /// Obligatory and empty: name of the field and its label.
    missing: Vec<(String, String)>,
    /// The report that replaces this one, or is to.
    successor: Option<Line>,
    /// The report that this one replaces.
    replaced: Option<Line>,
    /// To whom it went.
    sends: Vec<Went>,
    /// The very value that is printed.
    document: serde_json::Value,
    #[serde(skip)]
    preview: Preview,
    #[serde(skip)]
    question: Text,
    #[serde(skip)]
    mail_prefix: String,
    #[serde(skip)]
    way: Vec<RailStep>,
    #[serde(skip)]
    capacities: Options,
    #[serde(skip)]
    units: Options,
    #[serde(skip)]
    rules: Options,
    #[serde(skip)]
    ways: Options,
    /// Whether the reader may let it go beyond its marking, with a reason.
    #[serde(skip)]
    may_override: bool,
    /// The rule that is offered first, when the report answers one that is still owed.
    #[serde(skip)]
    first_rule: String,
    #[serde(skip)]
    first_unit: String,
}

/// One time it went to somebody, as the page shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Went {
    pub send: Send,
    /// The name of the rule it was sent under.
    pub rule: String,
    /// When it was due by the moment of detection as it stands now.
    pub due: Option<Time>,
    /// It went out after that.
    pub late: bool,
}

impl Detail {
    /// The one value of a field that has one.
    fn first<'a>(&self, field: &'a Shown) -> &'a str {
        field.values.first().map(String::as_str).unwrap_or_default()
    }

    /// The form's own guidance, and what the records say where a person wrote something else.
    fn hint(&self, field: &Shown) -> String {
        let unsure = match field.unsettled.is_empty() {
            true => String::new(),
            false => format!("{}: {}", self.p.t("Lời của mục này", "The words of this field"), field.unsettled),
        };
        [field.hint.as_str(), field.known.as_str(), unsure.as_str()]
            .iter()
            .filter(|words| !words.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" · ")
    }

    fn signed_words(&self) -> String {
        let check: Option<SignedCheck> = self.report.signed_check.parse().ok();
        check.map(|check| self.p.say(&check.label())).unwrap_or_default()
    }

    fn way_word(&self, went: &Went) -> String {
        self.p.say(&went.send.way.label())
    }

    fn late_by(&self, went: &Went) -> String {
        let late = went.due.map(|due| due.span(went.send.sent_at));
        late.map(|span| self.p.say(&span)).unwrap_or_default()
    }

    fn class_of(&self, state: StepState) -> &'static str {
        match state {
            StepState::Done => "done",
            StepState::Now => "now",
            StepState::Skipped => "skipped",
            StepState::Todo | StepState::Looped => "todo",
        }
    }

    fn said(&self, state: StepState) -> String {
        let words = match state {
            StepState::Done => Text::new("đã xong", "done"),
            StepState::Now => Text::new("đang làm", "now"),
            StepState::Skipped => Text::new("bỏ", "skipped"),
            StepState::Todo | StepState::Looped => Text::new("chưa làm", "to do"),
        };
        self.p.say(&words)
    }

    fn chosen_capacity(&self) -> String {
        in_one_line(&self.report.capacity)
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
    let follows = |other: &&Report| other.replaces_id.as_ref() == Some(&report.id) && other.review != Review::Dropped;
    let successor = line_of(others.iter().find(follows));
    let replaced = line_of(others.iter().find(|other| report.replaces_id.as_ref() == Some(&other.id)));

    let form = forms::find(&mut look.tx, &app.pack, &report.form).await?;
    let draft = report.state.is_draft();
    let (document, parts, missing) = match &form {
        Some(form) if draft => {
            let (filled, document) = draft_of(&mut look, &app.pack, &incident, &report, form).await?;
            let missing = missing(&filled, p.lang);
            let shown = if report.is_written() { parts(form, &filled, p.lang) } else { Vec::new() };
            (document, shown, missing)
        }
        _ => (frozen_document(&report)?, Vec::new(), Vec::new()),
    };
    let approvable = report.state.is_draft() && report.review == Review::Submitted;
    let may_approve = form.as_ref().is_some_and(|form| {
        approvable && review::may_approve(&look.actor, form, &incident.unit_id, &incident.owner_unit_id)
    });
    let writes = may_write(&look, &incident);
    let may_send = !draft && look.actor.can_in(Permission::ReportWrite, &incident.unit_id);
    let sent = store::sends::list(&mut look.tx, &report.id).await?;
    let clocks = list_by_rules(&mut look.tx, &incident.id).await?;
    let sends: Vec<Went> = sent.into_iter().map(|send| went(&app.pack, &clocks, send, p.lang)).collect();
    let open = match may_send {
        true => duties::of_incident(&mut look.tx, &app.pack, &incident).await?.all(),
        false => Vec::new(),
    };
    let first_rule = form.as_ref().and_then(|form| sends::rule_of(&app.pack, form, &open)).unwrap_or_default();
    let first_unit = open.iter().find(|duty| duty.rule == first_rule).map(|duty| duty.unit_id.to_string());
    let units = if may_send { org::list_unit_options(&mut look.tx).await? } else { Vec::new() };
    let confidence = form.as_ref().map(|form| form.confidence).unwrap_or_default();
    Ok(Detail {
        basis: form.as_ref().map(|form| form.basis.get(p.lang).to_owned()).unwrap_or_default(),
        settled: confidence.settled(),
        confidence: p.say(&confidence.label()),
        needs_approval: form.as_ref().is_some_and(|form| !form.approved_by.is_empty()),
        may_write: report.is_under_way() && writes,
        may_approve,
        may_renew: report.state == ReportState::Issued && writes,
        may_send,
        way: way(&report, form.as_ref(), &sends, p.lang),
        capacities: form.as_ref().map(capacities).unwrap_or_default(),
        rules: rules(&app.pack, &incident, p.lang),
        ways: Way::options(p.lang).into_iter().filter(|(id, _)| id != Way::Email.word()).collect(),
        may_override: look.actor.can(Permission::IncidentDirect),
        units,
        first_rule,
        first_unit: first_unit.unwrap_or_default(),
        preview: Preview::new(&document)?,
        document: serde_json::to_value(&document)?,
        name: title.name,
        code: title.code,
        question: issue::question(),
        mail_prefix: form.and_then(|form| form.mail_subject_prefix).unwrap_or_default(),
        report,
        parts,
        missing,
        successor,
        replaced,
        sends,
        frame,
        p,
    })
}

fn capacities(form: &Form) -> Options {
    form.signature.capacities.iter().map(|lines| (in_one_line(lines), in_one_line(lines))).collect()
}

/// The rules of the law that held when the incident was detected, for choosing.
fn rules(pack: &Pack, incident: &Incident, lang: Lang) -> Options {
    let day = incident.detected_at.local().strftime("%Y-%m-%d").to_string();
    let regimes = pack.regimes.iter().filter(|regime| regime.holds_on(&day));
    let rules = regimes.flat_map(|regime| &regime.rules).filter(|rule| rule.anchor != CALENDAR);
    rules.map(|rule| (rule.id.clone(), rule.name.get(lang).to_owned())).collect()
}

fn went(pack: &Pack, clocks: &[Deadline], send: Send, lang: Lang) -> Went {
    // The duty that this very sending met; of one that comes again, the first otherwise.
    let mut of_rule = clocks.iter().filter(|row| row.rule == send.rule && row.recipient_id == send.unit_id);
    let met = of_rule.clone().find(|row| row.done_at == Some(send.sent_at));
    let due = met.or_else(|| of_rule.next()).and_then(|row| row.due_at);
    Went {
        rule: pack.rule(&send.rule).map(|rule| rule.name.get(lang).to_owned()).unwrap_or_default(),
        late: due.is_some_and(|due| send.sent_at > due),
        due,
        send,
    }
}

/// Where the report stands on its way.
fn way(report: &Report, form: Option<&Form>, sends: &[Went], lang: Lang) -> Vec<RailStep> {
    use StepState::{Done, Now, Skipped, Todo};
    let draft = report.state.is_draft();
    let approval = form.is_some_and(|form| !form.approved_by.is_empty());
    let dropped = report.review == Review::Dropped;
    let state = |done: bool, now: bool| match (dropped, done, now) {
        (true, false, _) => Skipped,
        (_, true, _) => Done,
        (_, _, true) => Now,
        _ => Todo,
    };
    let approved = !draft || report.review == Review::Approved;
    let written = !draft || report.is_fixed();
    let acknowledged = sends.iter().filter(|went| went.send.acknowledged_at.is_some()).count();
    let mut steps = vec![(lang.pick("Soạn", "Write"), state(written, true))];
    if approval {
        steps.push((lang.pick("Duyệt", "Approve"), state(approved, report.review == Review::Submitted)));
    }
    let ready = if approval { approved } else { false };
    steps.push((lang.pick("Phát hành", "Issue"), state(!draft, draft && ready)));
    steps.push((lang.pick("Gửi", "Send"), state(!sends.is_empty(), !draft)));
    let all = !sends.is_empty() && acknowledged == sends.len();
    steps.push((lang.pick("Nơi nhận xác nhận", "Confirmed"), state(all, !sends.is_empty())));
    let numbered = steps.into_iter().enumerate();
    numbered.map(|(index, (title, state))| RailStep::new(index + 1, title, state)).collect()
}
