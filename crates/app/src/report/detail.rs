//! The page of one report: while it is written the form with its page beside it; then who approves, when it was issued,
//! to whom it went and who has it.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::actions::in_one_line;
use super::model::{Report, ReportState, Review, Send, SignedCheck};
use super::offered::Offered;
use super::pages::{Line, draft_of, frozen_document, lines, may_write, missing};
use super::preview::Preview;
use super::screen::{Part, Shown, parts};
use super::{ReportId, forms, issue, review, store};
use crate::app::App;
use crate::deadline::Deadline;
use crate::deadline::store::list_by_rules;
use crate::incident::actions::see;
use crate::incident::{Frame, Incident};
use crate::notify::letter::{self, LetterId, LetterState, Standing};
use crate::pack::{Form, Pack};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::chips::State;
use crate::ui::{RailStep, StepState};
use crate::web::Call;
use crate::work::Look;

type Options = Vec<(String, String)>;

/// The form with its page beside it.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/report.html")]
pub struct Detail {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    app: App,
    #[serde(skip)]
    now: Time,
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
    /// Its form is signed digitally.
    digital: bool,
    /// To whom the reader may send it, and how; absent when they may not.
    offered: Option<Offered>,
}

/// One time it went to somebody, as the page shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Went {
    pub send: Send,
    /// The name of the rule it was sent under.
    pub rule: String,
    /// When it was due by the moment of detection as it stands now.
    pub due: Option<Time>,
    /// It went out after that, or is to go out and that is over.
    pub late: bool,
    /// Where the letter stands that it goes by.
    pub letter: Option<Standing>,
    /// The reader may open that letter.
    #[serde(skip)]
    pub opens: bool,
}

impl Went {
    /// It is with the mail server, or went by another way, or is confirmed; a letter that came back is not.
    fn is_gone(&self) -> bool {
        self.gone_at().is_some()
    }

    fn gone_at(&self) -> Option<Time> {
        match &self.letter {
            None => Some(self.send.sent_at),
            Some(letter) => letter.gone_at().or(self.send.acknowledged_at),
        }
    }
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

    fn letter_state(&self, letter: &Standing) -> State {
        let (tone, word) = letter.state.shown(&self.app);
        self.p.state(tone, self.p.say(&word))
    }

    /// "Thử lần 3 lúc …: hộp thư đầy"
    fn letter_words(&self, letter: &Standing) -> String {
        let mut parts = Vec::new();
        if letter.attempts > 1 || letter.state == LetterState::Retrying {
            parts.push(format!("{} {}", self.p.t("số lần thử:", "tries:"), letter.attempts));
        }
        if letter.state == LetterState::Retrying {
            parts.push(format!("{} {}", self.p.t("thử lại lúc", "next try"), letter.next_try_at.to_minute()));
        }
        if letter.state != LetterState::Sent && !letter.why_vi.is_empty() {
            parts.push(self.p.say(&letter.why()));
        }
        parts.join(" · ")
    }

    fn late_by(&self, went: &Went) -> String {
        let at = went.gone_at().unwrap_or(self.now);
        let late = went.due.map(|due| due.span(at));
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
    let sends = went_all(&mut look, &incident, sent, p.lang).await?;
    let offered = match may_send {
        true => Some(Offered::read(&mut look, &call.query()?, &incident, form.as_ref(), p.lang).await?),
        false => None,
    };
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
        offered,
        now: look.now,
        preview: Preview::new(&document)?,
        document: serde_json::to_value(&document)?,
        name: title.name,
        code: title.code,
        question: issue::question(),
        digital: form.as_ref().is_some_and(|form| form.signature.digital),
        mail_prefix: form.and_then(|form| form.mail_subject_prefix).unwrap_or_default(),
        report,
        parts,
        missing,
        successor,
        replaced,
        sends,
        frame,
        app,
        p,
    })
}

fn capacities(form: &Form) -> Options {
    form.signature.capacities.iter().map(|lines| (in_one_line(lines), in_one_line(lines))).collect()
}

/// The sendings with their clocks and letters.
async fn went_all(look: &mut Look, incident: &Incident, sent: Vec<Send>, lang: Lang) -> Result<Vec<Went>> {
    let app = look.app.clone();
    let clocks = list_by_rules(&mut look.tx, &incident.id).await?;
    let letters: Vec<LetterId> = sent.iter().filter_map(|send| send.letter_id.clone()).collect();
    let mut letters = match letters.is_empty() {
        true => Vec::new(),
        false => letter::list_states(&mut look.tx, &letters).await?,
    };
    let opens = look.actor.can(Permission::Admin);
    let went = |send: Send| {
        let at = letters.iter().position(|letter| Some(&letter.id) == send.letter_id.as_ref());
        let letter = at.map(|at| letters.swap_remove(at));
        let mine = letter.as_ref().is_some_and(|letter| letter.sender_id == look.actor.account_id.as_str());
        Went { opens: opens || mine, ..went(&app.pack, &clocks, send, letter, look.now, lang) }
    };
    Ok(sent.into_iter().map(went).collect())
}

fn went(pack: &Pack, clocks: &[Deadline], send: Send, letter: Option<Standing>, now: Time, lang: Lang) -> Went {
    let rule = pack.rule(&send.rule).map(|rule| rule.name.get(lang).to_owned()).unwrap_or_default();
    let mut went = Went { rule, late: false, due: None, send, letter, opens: false };
    // The duty that this very sending met; of one that comes again, the first otherwise.
    let mut of_rule = clocks.iter().filter(|row| row.rule == went.send.rule && row.recipient_id == went.send.unit_id);
    let met = of_rule.clone().find(|row| row.done_at.is_some() && row.done_at == went.gone_at());
    went.due = met.or_else(|| of_rule.next()).and_then(|row| row.due_at);
    went.late = went.due.is_some_and(|due| went.gone_at().unwrap_or(now) > due);
    went
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
    let gone = sends.iter().any(Went::is_gone);
    steps.push((lang.pick("Gửi", "Send"), state(gone, !draft)));
    let all = !sends.is_empty() && acknowledged == sends.len();
    steps.push((lang.pick("Nơi nhận xác nhận", "Confirmed"), state(all, gone)));
    let numbered = steps.into_iter().enumerate();
    numbered.map(|(index, (title, state))| RailStep::new(index + 1, title, state)).collect()
}
