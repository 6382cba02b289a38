//! The routes of the room: reminders, tries to reach people, situation reports, decisions, markings.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{at, back, made};
use crate::coordination::actions::options::VersionForm;
use crate::coordination::actions::{decisions, markings, requests, situations, summons};
use crate::coordination::model::Ruling;
use crate::coordination::{marking, situation};
use crate::incident::IncidentId;
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};

pub fn routes() -> Routes {
    use Permission::{IncidentRead, IncidentSupport};
    Routes::new()
        .act(
            "/incidents/{id}/steps/{step}/requests/{request}/remind",
            Access::Need(IncidentSupport),
            Text::new("Nhắc trả lời yêu cầu", "Remind a unit of a request"),
            remind,
        )
        .act(
            "/incidents/{id}/steps/{step}/summoned/{summoned}/try",
            Access::Need(IncidentSupport),
            Text::new("Ghi một lần gọi", "Note a try to reach somebody"),
            try_again,
        )
        .act(
            "/incidents/{id}/steps/{step}/situations",
            Access::Need(IncidentSupport),
            Text::new("Soạn bản tin tình hình", "Begin a situation report"),
            begin,
        )
        .act(
            "/incidents/{id}/steps/{step}/situations/{situation}/revise",
            Access::Need(IncidentSupport),
            Text::new("Sửa bản tin tình hình", "Revise a situation report"),
            revise,
        )
        .act(
            "/incidents/{id}/steps/{step}/situations/{situation}/publish",
            Access::Need(IncidentSupport),
            Text::new("Phát hành bản tin tình hình", "Publish a situation report"),
            publish,
        )
        .act(
            "/incidents/{id}/steps/{step}/rhythm",
            Access::Need(IncidentSupport),
            Text::new("Đặt nhịp bản tin", "Set the rhythm of situation reports"),
            set_rhythm,
        )
        .page(
            "/incidents/{id}/situations/{situation}",
            Access::Need(IncidentRead),
            Text::new("Bản tin tình hình", "A situation report"),
            situation::page,
        )
        .asks::<situation::PrintQuery>()
        .act(
            "/incidents/{id}/steps/{step}/decisions",
            Access::Need(IncidentSupport),
            Text::new("Ghi quyết định", "Enter a decision"),
            note,
        )
        .act(
            "/incidents/{id}/steps/{step}/decisions/enter",
            Access::Need(IncidentSupport),
            Text::new("Đưa vào sổ quyết định", "Enter what was decided in another step"),
            enter,
        )
        .act(
            "/incidents/{id}/steps/{step}/decisions/{decision}/words/{word}",
            Access::Need(IncidentRead),
            Text::new("Cho ý kiến về quyết định", "Give one's word on a decision"),
            say,
        )
        .act(
            "/incidents/{id}/steps/{step}/decisions/{decision}/withdraw",
            Access::Need(IncidentSupport),
            Text::new("Rút quyết định", "Withdraw a decision"),
            withdraw,
        )
        .page(
            "/incidents/{id}/markings",
            Access::Need(IncidentRead),
            Text::new("Phạm vi chia sẻ của từng nội dung", "How far each thing may go"),
            marking::page,
        )
        .asks::<marking::MarkingsQuery>()
        .act(
            "/incidents/{id}/markings",
            Access::Need(IncidentSupport),
            Text::new("Đổi phạm vi chia sẻ", "Mark how far a thing may go"),
            mark,
        )
}

async fn remind(call: Call, form: requests::ReplyForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    requests::remind(&mut work, &id, &step, &call.param("request")?, &form).await?;
    back(&call, work, "requests", Text::new("Đã nhắc đơn vị.", "The unit was reminded.")).await
}

async fn try_again(call: Call, form: summons::TryForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let outcome = summons::try_again(&mut work, &id, &step, &call.param("summoned")?, &form).await?;
    let Text { vi, en } = outcome.label();
    back(&call, work, "summons", ungcuu_kit::text!("Đã ghi: {vi}.", "Noted: {en}.")).await
}

async fn begin(call: Call, form: situations::SituationForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = situations::begin(&mut work, &id, &step, &form).await?;
    let said = Text::new("Đã lưu bản thảo bản tin.", "The draft was saved.");
    Ok(made(back(&call, work, "situations", said).await?, new))
}

async fn revise(call: Call, form: situations::SituationForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    situations::revise(&mut work, &id, &step, &call.param("situation")?, &form).await?;
    back(&call, work, "situations", Text::new("Đã lưu bản thảo bản tin.", "The draft was saved.")).await
}

async fn publish(call: Call, form: VersionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    situations::publish(&mut work, &id, &step, &call.param("situation")?, &form).await?;
    back(&call, work, "situations", Text::new("Đã phát hành bản tin.", "The report was published.")).await
}

async fn set_rhythm(call: Call, form: situations::RhythmForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    situations::set_rhythm(&mut work, &id, &step, &form).await?;
    back(&call, work, "situations", Text::new("Đã đặt nhịp bản tin.", "The rhythm was set.")).await
}

async fn note(call: Call, form: decisions::DecisionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = decisions::note(&mut work, &id, &step, &form).await?;
    let said = Text::new("Đã ghi quyết định.", "The decision was entered.");
    Ok(made(back(&call, work, "decisions", said).await?, new))
}

async fn enter(call: Call, form: decisions::EnterForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = decisions::enter_settled(&mut work, &id, &step, &form).await?;
    let said = Text::new("Đã đưa vào sổ quyết định.", "It stands in the register now.");
    Ok(made(back(&call, work, "decisions", said).await?, new))
}

async fn say(call: Call, form: decisions::WordForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let (decision, word) = (call.param("decision")?, call.param("word")?);
    let said = match decisions::say(&mut work, &id, &step, &decision, &word, &form).await? {
        Ruling::Approve => Text::new("Đã ghi ý kiến đồng ý.", "Noted: agrees."),
        Ruling::Return => Text::new("Đã ghi ý kiến không đồng ý.", "Noted: does not agree."),
    };
    back(&call, work, "decisions", said).await
}

async fn withdraw(call: Call, form: decisions::WithdrawForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    decisions::withdraw(&mut work, &id, &step, &call.param("decision")?, &form).await?;
    back(&call, work, "decisions", Text::new("Đã rút quyết định.", "The decision was withdrawn.")).await
}

async fn mark(call: Call, form: markings::MarkForm) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut work = call.work().await?;
    markings::mark(&mut work, &id, &form).await?;
    // The kind names the page it came from; it was checked by the action.
    let kind = form.item.as_str().split(':').next().unwrap_or_default().to_owned();
    let done = work.done(format!("/incidents/{id}/markings?kind={kind}")).await?;
    Ok(done.saying(Text::new("Đã đổi phạm vi chia sẻ.", "The marking was changed.")))
}
