//! What the buttons of the queue do.

use axum::body::Body;
use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use crate::alert::model::AlertId;
use crate::alert::triage::{self, BULK, Tally};
use crate::web::{Call, Done, Most, Upload};

/// What an officer adds at a time.
pub const FILES: Most = Most { files: 10, each: 50 << 20, total: 500 << 20 };

/// A decision without further words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PlainForm {
    pub version: Raw,
    /// The page of the queue to come back to.
    pub back: Raw,
}

/// The page to come back to, if it is one of the queue's own.
pub fn back(typed: &Raw, otherwise: String) -> String {
    let path = typed.as_str();
    let ours = path == "/alerts" || path.starts_with("/alerts?") || path.starts_with("/alerts/");
    if ours && path.len() <= 2000 && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        path.to_owned()
    } else {
        otherwise
    }
}

fn page_of(id: &AlertId) -> String {
    format!("/alerts/{id}")
}

pub async fn take(call: Call, form: PlainForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut work = call.work().await?;
    triage::take(&mut work, &id, &form.version).await?;
    Ok(work.done(back(&form.back, page_of(&id))).await?.saying(Text::new("Bạn đã nhận tin này.", "It is yours now.")))
}

pub async fn release(call: Call, form: PlainForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut work = call.work().await?;
    triage::release(&mut work, &id, &form.version).await?;
    Ok(work.done(back(&form.back, page_of(&id))).await?.saying(Text::new("Đã trả lại hàng chờ.", "Given back.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VerifyForm {
    pub version: Raw,
    pub back: Raw,
    /// 1 to 4; left out, it stays.
    pub severity: Raw,
    pub note: Raw,
}

pub async fn verify(call: Call, form: VerifyForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut checks = Checks::new();
    let severity = (!form.severity.is_empty()).then(|| checks.number("severity", &form.severity, 1, 4));
    let note = checks.area_or_empty("note", &form.note);
    checks.done()?;
    let mut work = call.work().await?;
    triage::verify(&mut work, &id, &form.version, severity, &note).await?;
    let done = work.done(back(&form.back, page_of(&id))).await?;
    Ok(done.saying(Text::new("Đã xác minh. Có thể mở sự cố.", "Verified. An incident can be opened.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DismissForm {
    pub version: Raw,
    pub back: Raw,
    /// A dismissal outcome of the plan.
    pub outcome: Raw,
    pub note: Raw,
}

/// The outcome of a dismissal, from the plan's list.
fn outcome(call: &Call, typed: &Raw, checks: &mut Checks) -> String {
    let known = call.app.pack.lists.item("dismissal_outcomes", typed.as_str()).is_some();
    if !known {
        checks.refuse("outcome", Text::new("Hãy chọn kết quả xem xét.", "Choose the outcome."));
    }
    typed.as_str().to_owned()
}

pub async fn dismiss(call: Call, form: DismissForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut checks = Checks::new();
    let outcome = outcome(&call, &form.outcome, &mut checks);
    let note = checks.area_or_empty("note", &form.note);
    checks.done()?;
    let mut work = call.work().await?;
    triage::dismiss(&mut work, &id, &form.version, &outcome, &note).await?;
    Ok(work.done(back(&form.back, page_of(&id))).await?.saying(Text::new("Đã bỏ qua tin này.", "Dismissed.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MergeForm {
    pub version: Raw,
    pub back: Raw,
    /// The number of the alert to merge into: `CB-2026-000123`.
    pub into: Raw,
    /// The same, picked from the similar ones; counts when `into` is left out.
    pub similar: Raw,
}

pub async fn merge(call: Call, form: MergeForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut checks = Checks::new();
    let into = checks.line("into", if form.into.is_empty() { &form.similar } else { &form.into });
    checks.done()?;
    let mut work = call.work().await?;
    let merged = triage::merge(&mut work, &id, &form.version, &into).await?;
    let target = merged.merged_into.unwrap_or(id);
    Ok(work
        .done(page_of(&target))
        .await?
        .saying(Text::new("Đã gộp; đây là tin còn lại.", "Merged; this is what remains.")))
}

pub async fn restore(call: Call, form: PlainForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut work = call.work().await?;
    triage::restore(&mut work, &id, &form.version).await?;
    let done = work.done(back(&form.back, page_of(&id))).await?;
    Ok(done.saying(Text::new("Đã đưa lại vào hàng chờ.", "Back in the queue.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AnswerForm {
    pub back: Raw,
    pub text: Raw,
}

pub async fn answer(call: Call, form: AnswerForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut checks = Checks::new();
    let words = checks.area("text", &form.text);
    checks.done()?;
    let mut work = call.work().await?;
    triage::answer(&mut work, &id, &words).await?;
    let done = work.done(back(&form.back, page_of(&id))).await?;
    Ok(done.saying(Text::new("Đã gửi; người báo đọc bằng mã theo dõi.", "Sent; the reporter reads it with the code.")))
}

/// What comes with files that are added to an alert.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FilesForm {
    pub back: Raw,
}

pub async fn add_files(call: Call, body: Body) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let upload = Upload::receive(&call, body, FILES).await?;
    let form: FilesForm = upload.words()?;
    if upload.files.is_empty() {
        return Err(Error::field("files", Text::new("Hãy chọn tệp.", "Choose a file.")));
    }
    let mut work = call.work().await?;
    triage::add_files(&mut work, &id, &upload.files).await?;
    let done = work.done(back(&form.back, page_of(&id))).await?;
    Ok(done.saying(Text::new("Đã thêm tệp.", "Files added.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BulkForm {
    /// `take`, `dismiss` or `merge`.
    pub act: Raw,
    /// Ids of alerts.
    pub pick: Vec<Raw>,
    pub outcome: Raw,
    pub note: Raw,
    pub back: Raw,
}

pub async fn bulk(call: Call, form: BulkForm) -> Result<Done> {
    let mut ids: Vec<AlertId> = Vec::with_capacity(form.pick.len().min(BULK));
    for pick in form.pick.iter().take(BULK + 1) {
        ids.push(pick.as_str().parse().map_err(|_| Error::NotFound)?);
    }
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Err(Error::NotNow(Text::new("Hãy chọn ít nhất một tin.", "Pick at least one alert.")));
    }
    if ids.len() > BULK {
        return Err(Error::NotNow(text!("Mỗi lần nhiều nhất {BULK} tin.", "At most {BULK} alerts at a time.")));
    }
    let to = back(&form.back, "/alerts".to_owned());
    match form.act.as_str() {
        "take" => {
            let mut work = call.work().await?;
            let tally = triage::take_many(&mut work, &ids).await?;
            Ok(work.done(to).await?.saying(said(tally, "Đã nhận", "Taken")))
        }
        "dismiss" => {
            let mut checks = Checks::new();
            let outcome = outcome(&call, &form.outcome, &mut checks);
            let note = checks.area_or_empty("note", &form.note);
            checks.done()?;
            let mut work = call.work().await?;
            let tally = triage::dismiss_many(&mut work, &ids, &outcome, &note).await?;
            Ok(work.done(to).await?.saying(said(tally, "Đã bỏ qua", "Dismissed")))
        }
        "merge" => {
            let mut work = call.work().await?;
            let (tally, target) = triage::merge_many(&mut work, &ids).await?;
            let to = target.map_or(to, |target| page_of(&target.id));
            Ok(work.done(to).await?.saying(said(tally, "Đã gộp", "Merged")))
        }
        _ => Err(Error::field("act", ungcuu_kit::form::unknown())),
    }
}

fn said(tally: Tally, vi: &str, en: &str) -> Text {
    let Tally { done, left } = tally;
    match left {
        0 => text!("{vi} {done} tin.", "{en}: {done}."),
        _ => text!(
            "{vi} {done} tin; {left} tin để nguyên vì đã có người xử lý.",
            "{en}: {done}; {left} left as they were because somebody had decided already."
        ),
    }
}
