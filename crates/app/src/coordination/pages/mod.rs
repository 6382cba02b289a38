//! The routes, each one act. What is decided here is only where the reader goes next.

mod room;

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::actions::options::{AnswerForm, OptionForm, ProposeForm, SuggestionForm, VersionForm};
use super::actions::{directions, disclosures, options, requests, statements, summons};
use super::model::{DisclosureSort, ReplyKind, Ruling};
use super::{notices, tab};
use crate::incident::IncidentId;
use crate::permission::Permission;
use crate::web::{Access, Call, Done, Routes};
use crate::work::Work;

/// Everything below an incident's step, and the tab.
pub fn routes() -> Routes {
    use Permission::{IncidentApprove, IncidentDirect, IncidentRead, IncidentSupport};
    Routes::new()
        .page(
            "/incidents/{id}/coordination",
            Access::Need(IncidentRead),
            Text::new("Phối hợp trong sự cố", "How people work together on an incident"),
            tab::tab,
        )
        .act(
            "/incidents/{id}/steps/{step}/options",
            Access::Need(IncidentSupport),
            Text::new("Ghi phương án", "Note an option"),
            weigh,
        )
        .act(
            "/incidents/{id}/steps/{step}/options/take",
            Access::Need(IncidentSupport),
            Text::new("Lấy phương án gợi ý", "Take over a suggested option"),
            take_over,
        )
        .act(
            "/incidents/{id}/steps/{step}/options/{option}/revise",
            Access::Need(IncidentSupport),
            Text::new("Sửa phương án", "Revise an option"),
            revise_option,
        )
        .act(
            "/incidents/{id}/steps/{step}/options/{option}/drop",
            Access::Need(IncidentSupport),
            Text::new("Bỏ phương án", "Drop an option"),
            drop_option,
        )
        .act(
            "/incidents/{id}/steps/{step}/options/{option}/propose",
            Access::Need(IncidentSupport),
            Text::new("Trình chủ quản", "Put an option before the owner"),
            propose,
        )
        .act(
            "/incidents/{id}/steps/{step}/proposals/{proposal}/answer",
            Access::Need(IncidentApprove),
            Text::new("Duyệt hoặc trả lại", "Approve or return"),
            answer_proposal,
        )
        .act(
            "/incidents/{id}/steps/{step}/proposals/{proposal}/withdraw",
            Access::Need(IncidentSupport),
            Text::new("Rút đề xuất", "Withdraw a proposal"),
            withdraw,
        )
        .act(
            "/incidents/{id}/steps/{step}/directions",
            Access::Need(IncidentDirect),
            Text::new("Cho ý kiến chỉ đạo", "Give a direction"),
            direct,
        )
        .act(
            "/incidents/{id}/steps/{step}/directions/{direction}/acknowledge",
            Access::Need(IncidentRead),
            Text::new("Nhận ý kiến chỉ đạo", "Acknowledge a direction"),
            acknowledge,
        )
        .act(
            "/incidents/{id}/steps/{step}/directions/{direction}/done",
            Access::Need(IncidentRead),
            Text::new("Báo đã thực hiện", "Say a direction is done"),
            finish_direction,
        )
        .act(
            "/incidents/{id}/steps/{step}/summons",
            Access::Need(IncidentDirect),
            Text::new("Triệu tập Tổ ứng cứu", "Summon the team"),
            summon,
        )
        .act(
            "/incidents/{id}/steps/{step}/summoned/{summoned}",
            Access::Need(IncidentRead),
            Text::new("Trả lời triệu tập", "Answer a summons"),
            answer_summons,
        )
        .act(
            "/incidents/{id}/steps/{step}/spokesperson",
            Access::Need(IncidentDirect),
            Text::new("Phân công người phát ngôn", "Name a spokesperson"),
            name_spokesperson,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements",
            Access::Need(IncidentRead),
            Text::new("Soạn thông cáo", "Draft a statement"),
            draft,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements/{statement}/revise",
            Access::Need(IncidentRead),
            Text::new("Sửa bản thảo", "Revise a draft"),
            revise_statement,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements/{statement}/version",
            Access::Need(IncidentRead),
            Text::new("Lập bản mới", "Begin a new version"),
            begin_version,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements/{statement}/submit",
            Access::Need(IncidentRead),
            Text::new("Trình duyệt thông cáo", "Submit a statement"),
            submit,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements/{statement}/answer",
            Access::Need(IncidentDirect),
            Text::new("Duyệt hoặc trả lại thông cáo", "Approve or return a statement"),
            answer_statement,
        )
        .act(
            "/incidents/{id}/steps/{step}/statements/{statement}/publish",
            Access::Need(IncidentRead),
            Text::new("Ghi nơi phát hành", "Note where it came out"),
            publish,
        )
        .act(
            "/incidents/{id}/steps/{step}/disclosures",
            Access::Need(IncidentSupport),
            Text::new("Ghi đã báo cho ai", "Note who was told"),
            tell,
        )
        .act(
            "/incidents/{id}/steps/{step}/disclosures/{disclosure}/receipt",
            Access::Need(IncidentSupport),
            Text::new("Ghi số tiếp nhận", "Note a receipt"),
            add_receipt,
        )
        .act(
            "/incidents/{id}/steps/{step}/disclosures/{disclosure}/strike",
            Access::Need(IncidentSupport),
            Text::new("Gạch mục ghi nhầm", "Strike a mistake"),
            strike,
        )
        .act(
            "/incidents/{id}/steps/{step}/shares",
            Access::Need(IncidentSupport),
            Text::new("Ghi đã chia sẻ", "Note what was shared"),
            share,
        )
        .act(
            "/incidents/{id}/steps/{step}/shares/{disclosure}/strike",
            Access::Need(IncidentSupport),
            Text::new("Gạch mục ghi nhầm", "Strike a mistake"),
            strike,
        )
        .act(
            "/incidents/{id}/steps/{step}/requests",
            Access::Need(IncidentSupport),
            Text::new("Gửi yêu cầu phối hợp", "Send a request"),
            send_request,
        )
        .act(
            "/incidents/{id}/steps/{step}/requests/{request}/reply",
            Access::Need(IncidentSupport),
            Text::new("Trả lời yêu cầu", "Answer a request"),
            reply,
        )
        .act(
            "/incidents/{id}/steps/{step}/requests/{request}/close",
            Access::Need(IncidentSupport),
            Text::new("Kết thúc yêu cầu", "Close a request"),
            close_request,
        )
        .and(room::routes())
}

/// The incident and the step in the address.
fn at(call: &Call) -> Result<(IncidentId, String)> {
    Ok((call.param("id")?, call.param("step")?))
}

/// Commits and goes back to the section: on the tab when the form stood there, else on the step's page.
async fn back(call: &Call, work: Work, section: &str, said: Text) -> Result<Done> {
    let (id, step) = at(call)?;
    let tab = format!("/incidents/{id}/coordination");
    let from = call.headers.get("referer").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split(['?', '#']).next().unwrap_or_default();
    // Only compared: the address itself is always ours.
    let to =
        if path.ends_with(&tab) { format!("{tab}#section-{section}") } else { notices::place(&id, &step, section) };
    Ok(work.done(to).await?.saying(said))
}

/// What came of it, for programs.
fn made(done: Done, id: impl ToString) -> Done {
    done.with(serde_json::json!({ "id": id.to_string() }))
}

async fn weigh(call: Call, form: OptionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = options::weigh(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "options", Text::new("Đã ghi phương án.", "Option noted.")).await?;
    Ok(made(done, new))
}

async fn take_over(call: Call, form: SuggestionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = options::take_over(&mut work, &id, &step, &form).await?;
    let done = back(
        &call,
        work,
        "options",
        Text::new(
            "Đã lấy phương án gợi ý. Hãy bổ sung ưu, nhược điểm.",
            "Option taken over. Add advantages and drawbacks.",
        ),
    )
    .await?;
    Ok(made(done, new))
}

async fn revise_option(call: Call, form: OptionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    options::revise(&mut work, &id, &step, &call.param("option")?, &form).await?;
    back(&call, work, "options", Text::new("Đã sửa phương án.", "Option revised.")).await
}

async fn drop_option(call: Call, form: VersionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    options::drop_option(&mut work, &id, &step, &call.param("option")?, &form).await?;
    back(&call, work, "options", Text::new("Đã bỏ phương án.", "Option dropped.")).await
}

async fn propose(call: Call, form: ProposeForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = options::propose(&mut work, &id, &step, &call.param("option")?, &form).await?;
    let done = back(&call, work, "options", Text::new("Đã trình chủ quản.", "Put before the owner.")).await?;
    Ok(made(done, new))
}

async fn answer_proposal(call: Call, form: AnswerForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let said = match options::answer(&mut work, &id, &step, &call.param("proposal")?, &form).await? {
        Ruling::Approve => Text::new("Đã duyệt phương án.", "Option approved."),
        Ruling::Return => Text::new("Đã trả lại phương án.", "Option returned."),
    };
    back(&call, work, "options", said).await
}

async fn withdraw(call: Call, form: AnswerForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    options::withdraw(&mut work, &id, &step, &call.param("proposal")?, &form).await?;
    back(&call, work, "options", Text::new("Đã rút đề xuất.", "Proposal withdrawn.")).await
}

async fn direct(call: Call, form: directions::DirectionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = directions::give(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "direction", Text::new("Đã gửi ý kiến chỉ đạo.", "Direction sent.")).await?;
    Ok(made(done, new))
}

async fn acknowledge(call: Call, form: directions::DoneForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    directions::acknowledge(&mut work, &id, &step, &call.param("direction")?, &form).await?;
    back(&call, work, "direction", Text::new("Đã nhận ý kiến chỉ đạo.", "Direction acknowledged.")).await
}

async fn finish_direction(call: Call, form: directions::DoneForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    directions::finish(&mut work, &id, &step, &call.param("direction")?, &form).await?;
    back(&call, work, "direction", Text::new("Đã báo kết quả thực hiện.", "Said that it is done.")).await
}

async fn summon(call: Call, form: summons::SummonsForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = summons::call(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "summons", Text::new("Đã triệu tập.", "Summoned.")).await?;
    Ok(made(done, new))
}

async fn answer_summons(call: Call, form: summons::SummonedForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let state = summons::answer(&mut work, &id, &step, &call.param("summoned")?, &form).await?;
    let Text { vi, en } = state.label();
    back(&call, work, "summons", ungcuu_kit::text!("Đã ghi: {vi}.", "Noted: {en}.")).await
}

async fn name_spokesperson(call: Call, form: statements::SpokespersonForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = statements::name(&mut work, &id, &step, &form).await?;
    let done =
        back(&call, work, "statement", Text::new("Đã phân công người phát ngôn.", "Spokesperson named.")).await?;
    Ok(made(done, new))
}

async fn draft(call: Call, form: statements::StatementForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = statements::draft(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "statement", Text::new("Đã lưu bản thảo.", "Draft saved.")).await?;
    Ok(made(done, new))
}

async fn revise_statement(call: Call, form: statements::StatementForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    statements::revise(&mut work, &id, &step, &call.param("statement")?, &form).await?;
    back(&call, work, "statement", Text::new("Đã lưu bản thảo.", "Draft saved.")).await
}

async fn begin_version(call: Call, _: VersionForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = statements::begin_version(&mut work, &id, &step, &call.param("statement")?).await?;
    let done = back(&call, work, "statement", Text::new("Đã lập bản mới.", "New version begun.")).await?;
    Ok(made(done, new))
}

async fn submit(call: Call, form: statements::StatementForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    statements::submit(&mut work, &id, &step, &call.param("statement")?, &form).await?;
    back(&call, work, "statement", Text::new("Đã trình duyệt.", "Submitted.")).await
}

async fn answer_statement(call: Call, form: AnswerForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let said = match statements::answer(&mut work, &id, &step, &call.param("statement")?, &form).await? {
        Ruling::Approve => Text::new("Đã duyệt thông cáo.", "Statement approved."),
        Ruling::Return => Text::new("Đã trả lại thông cáo.", "Statement returned."),
    };
    back(&call, work, "statement", said).await
}

async fn publish(call: Call, form: statements::PublicationForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = statements::publish(&mut work, &id, &step, &call.param("statement")?, &form).await?;
    let done = back(&call, work, "statement", Text::new("Đã ghi nơi phát hành.", "Noted where it came out.")).await?;
    Ok(made(done, new))
}

async fn tell(call: Call, form: disclosures::ToldForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = disclosures::tell(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "disclosures", Text::new("Đã ghi.", "Noted.")).await?;
    Ok(made(done, new))
}

async fn add_receipt(call: Call, form: disclosures::ReceiptForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    disclosures::add_receipt(&mut work, &id, &step, &call.param("disclosure")?, &form).await?;
    back(&call, work, "disclosures", Text::new("Đã lưu.", "Saved.")).await
}

async fn strike(call: Call, form: disclosures::StrikeForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let sort: DisclosureSort = disclosures::strike(&mut work, &id, &step, &call.param("disclosure")?, &form).await?;
    let said = Text::new("Đã gạch mục ghi nhầm.", "The mistake was struck.");
    back(&call, work, disclosures::section_of(sort), said).await
}

async fn share(call: Call, form: disclosures::SharedForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = disclosures::share(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "sharing", Text::new("Đã ghi thông tin chia sẻ.", "Sharing noted.")).await?;
    Ok(done.with(serde_json::json!({ "ids": new })))
}

async fn send_request(call: Call, form: requests::RequestForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let new = requests::send(&mut work, &id, &step, &form).await?;
    let done = back(&call, work, "requests", Text::new("Đã gửi yêu cầu.", "Request sent.")).await?;
    Ok(made(done, new))
}

async fn reply(call: Call, form: requests::ReplyForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    let said = match requests::reply(&mut work, &id, &step, &call.param("request")?, &form).await? {
        ReplyKind::Accept => Text::new("Đã nhận yêu cầu.", "Request accepted."),
        ReplyKind::Decline => Text::new("Đã từ chối yêu cầu.", "Request declined."),
        ReplyKind::Reply | ReplyKind::Close => Text::new("Đã trả lời yêu cầu.", "Request answered."),
    };
    back(&call, work, "requests", said).await
}

async fn close_request(call: Call, form: requests::ReplyForm) -> Result<Done> {
    let (id, step) = at(&call)?;
    let mut work = call.work().await?;
    requests::close(&mut work, &id, &step, &call.param("request")?, &form).await?;
    back(&call, work, "requests", Text::new("Đã khép yêu cầu.", "Request closed.")).await
}
