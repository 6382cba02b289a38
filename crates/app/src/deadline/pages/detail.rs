//! One deadline: what, why, until when, who; set aside with a reason, said to be done, taken back.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use crate::deadline::actions::{self, DoneForm, UndoForm, WaiveForm};
use crate::deadline::kind_label;
use crate::deadline::model::{CALENDAR, DeadlineId, DeadlineState};
use crate::deadline::store::list::{Line, find};
use crate::pack::Confidence;
use crate::page::Page;
use crate::ui::Tone;
use crate::web::{Call, Done};

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "deadline/html/detail.html")]
pub struct DetailView {
    #[serde(skip)]
    p: Page,
    deadline: Line,
    /// What the plan notes about the rule; empty for what no rule asks for.
    note: String,
    /// The form to fill in, by name.
    form: String,
    /// The rule was not read in the law itself.
    unsettled: bool,
    may_waive: bool,
    may_say_done: bool,
    may_undo: bool,
}

pub async fn detail(call: Call) -> Result<DetailView> {
    let id: DeadlineId = call.param("id")?;
    let mut look = call.look().await?;
    let actor = look.actor.clone();
    let deadline = find(&mut look.tx, &actor, &id).await?.ok_or(Error::NotFound)?;
    let title = deadline.it.title();
    let p = Page::new(&call, &mut look, title).await?;
    let it = &deadline.it;
    let pack = &call.app.pack;
    let rule = pack.rule(&it.rule);
    let note = rule.and_then(|rule| rule.note.as_ref()).map(|note| p.words(note)).unwrap_or_default();
    let form = pack.form(&it.form).map(|form| p.words(&form.name)).unwrap_or_default();
    let (waives, says) = (actions::may_waive(&actor, it), actions::may_say_done(&actor, it));
    let said_done = it.state == DeadlineState::Done && it.source == CALENDAR;
    Ok(DetailView {
        note,
        form,
        unsettled: rule.is_some_and(|rule| rule.confidence > Confidence::Read2),
        may_waive: it.is_open() && waives,
        may_say_done: it.is_open() && says,
        may_undo: (it.state == DeadlineState::Waived && waives) || (said_done && says),
        deadline,
        p,
    })
}

impl DetailView {
    fn kind(&self) -> String {
        self.p.say(&kind_label(&self.deadline.it.source))
    }

    fn state(&self) -> String {
        self.p.say(&self.deadline.it.state.label())
    }

    fn tone(&self) -> Tone {
        let it = &self.deadline.it;
        match it.state {
            DeadlineState::Open if it.is_overdue(self.p.now) => Tone::Bad,
            DeadlineState::Open => Tone::Active,
            DeadlineState::Done if it.late => Tone::Bad,
            DeadlineState::Done => Tone::Good,
            DeadlineState::Waived | DeadlineState::Stopped => Tone::Quiet,
        }
    }
}

pub async fn waive(call: Call, form: WaiveForm) -> Result<Done> {
    let id: DeadlineId = call.param("id")?;
    let mut work = call.work().await?;
    actions::waive(&mut work, &id, &form).await?;
    let said = Text::new("Đã ghi được miễn, kèm lý do.", "Set aside, with the reason.");
    Ok(work.done(format!("/deadlines/{id}")).await?.saying(said))
}

pub async fn done(call: Call, form: DoneForm) -> Result<Done> {
    let id: DeadlineId = call.param("id")?;
    let mut work = call.work().await?;
    actions::done(&mut work, &id, &form).await?;
    let said = Text::new("Đã ghi báo cáo đã gửi.", "Noted that the report was sent.");
    Ok(work.done(format!("/deadlines/{id}")).await?.saying(said))
}

pub async fn undo(call: Call, form: UndoForm) -> Result<Done> {
    let id: DeadlineId = call.param("id")?;
    let mut work = call.work().await?;
    actions::undo(&mut work, &id, &form).await?;
    let said = Text::new("Đã rút lại; hạn được tính tiếp.", "Taken back; the time limit counts again.");
    Ok(work.done(format!("/deadlines/{id}")).await?.saying(said))
}
