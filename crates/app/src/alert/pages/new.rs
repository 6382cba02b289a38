//! Recording alerts: the staff form, a mail, and what programs send.

use askama::Template;
use axum::body::Body;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::MINUTE;

use super::acts::FILES;
use crate::alert::Received;
use crate::alert::form::{AlertForm, BATCH, Desk, Intake, Register};
use crate::alert::intake::{attach, note, receive, record_rows};
use crate::alert::mail;
use crate::alert::model::{EventKind, FROM_MAIL, FROM_PUBLIC, NewAlert, lets, scenarios, severities, sources};
use crate::alert::store;
use crate::notify::letter::bounce;
use crate::org::UnitId;
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Call, Done, Incoming, Most, Upload};
use crate::work::Work;

/// The staff form.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "alert/html/new.html")]
pub struct NewView {
    #[serde(skip)]
    p: Page,
    /// What may be chosen: value and label.
    pub units: Vec<(String, String)>,
    /// The kind of each unit, which heads the long list.
    #[serde(skip)]
    unit_groups: Vec<(String, String)>,
    pub systems: Vec<(String, String)>,
    pub sources: Vec<(String, String)>,
    pub severities: Vec<(String, String)>,
    pub scenarios: Vec<(String, String)>,
    /// Whether an alert may be left without a unit.
    pub anywhere: bool,
    #[serde(skip)]
    own_unit: String,
}

pub async fn form(call: Call) -> Result<NewView> {
    let mut look = call.look().await?;
    let scope = look.actor.scope(Permission::AlertCreate);
    let units = crate::org::list_inside_options(&mut look.tx, &scope).await?;
    let systems = store::list_systems(&mut look.tx, &scope).await?;
    let pack = &look.app.clone().pack;
    let own = |(id, _): &(String, String)| id != FROM_PUBLIC;
    Ok(NewView {
        sources: sources(pack, call.lang).into_iter().filter(own).collect(),
        severities: severities(pack, call.lang),
        scenarios: scenarios(pack, call.lang),
        own_unit: if scope.everywhere { String::new() } else { look.actor.unit_id.to_string() },
        anywhere: scope.everywhere,
        unit_groups: crate::org::list_unit_groups(&mut look.tx, pack, call.lang).await?,
        units,
        systems,
        p: Page::new(&call, &mut look, Text::new("Ghi nhận tin", "Record an alert")).await?,
    })
}

/// `POST /alerts/new`: the staff form with its files.
pub async fn save(call: Call, body: Body) -> Result<Done> {
    let upload = Upload::receive(&call, body, FILES).await?;
    let form: AlertForm = upload.words()?;
    let intake = Intake { alerts: vec![form], sent: 1, single: true };
    let mut work = call.work().await?;
    let mut new = check(&mut work, &intake).await?;
    record_one(work, new.remove(0), &upload.files).await
}

/// Records an alert that a person wrote, with its files; what a repeated report adds is kept beside the first.
async fn record_one(mut work: Work, mut new: NewAlert, files: &[Incoming]) -> Result<Done> {
    let contact = [&new.reporter_name, &new.reporter_phone, &new.reporter_email];
    new.tracked = contact.iter().any(|part| !part.is_empty());
    let received = receive(&mut work, std::slice::from_ref(&new)).await?;
    let Some(one) = received.into_iter().next() else { return Err(Error::NotFound) };
    let mut rows = attach(&mut work, &one.id, files).await?;
    if one.folded && !new.description.is_empty() {
        rows.push(note(&mut work, &one.id, EventKind::Repeat, Text::same(new.description.clone())).await?);
    }
    let code = &one.code;
    if !rows.is_empty() {
        let what = text!("{code}: kèm tệp, lời kể", "{code}: files and words added");
        record_rows(&mut work, "alert.files_added", what, &rows);
    }
    let count = one.count;
    let said = if one.folded {
        text!(
            "Tin này trùng với {code} đang chờ xử lý, đã cộng vào: {count} lần báo.",
            "This is the same as {code}, which is still open; counted in, {reports}.",
            reports = counted(count, "report", "reports"),
        )
    } else {
        text!("Đã ghi nhận tin {code}.", "Recorded as {code}.")
    };
    let result = serde_json::to_value(&one)?;
    Ok(work.done(format!("/alerts/{}", one.id)).await?.saying(said).with(result))
}

/// `POST /alerts`: one alert or a batch. Everything or nothing: a batch with one wrong field is refused whole.
pub async fn take_in(call: Call, intake: Intake) -> Result<Done> {
    if intake.sent > BATCH {
        let sent = intake.sent;
        return Err(Error::Limit(
            StatusCode::PAYLOAD_TOO_LARGE,
            text!(
                "Mỗi lần gửi nhiều nhất {BATCH} tin, đang có {sent}. Chưa có gì được lưu; hãy chia nhỏ.",
                "At most {BATCH} alerts at a time, there are {sent}. Nothing was saved; split the batch."
            ),
        ));
    }
    if intake.alerts.is_empty() {
        return Err(Error::field("alerts", Text::new("Chưa có tin nào.", "There is no alert in it.")));
    }
    let mut work = call.work().await?;
    let new = check(&mut work, &intake).await?;
    let received = receive(&mut work, &new).await?;
    let folded = received.iter().filter(|one| one.folded).count();
    let count = received.len() - folded;
    let to = match received.as_slice() {
        [one] => format!("/alerts/{}", one.id),
        _ => "/alerts".to_owned(),
    };
    let said = text!(
        "Đã nhận {count} tin mới, {folded} tin trùng.",
        "Received {alerts}, {folded} repeated.",
        alerts = counted(count, "new alert", "new alerts")
    );
    let done = work.done(to).await?.saying(said);
    Ok(done.with(result(&received, intake.single)?))
}

fn result(received: &[Received], single: bool) -> Result<serde_json::Value> {
    let mut result = serde_json::json!({ "alerts": received });
    if let (true, [one], Some(object)) = (single, received, result.as_object_mut())
        && let serde_json::Value::Object(fields) = serde_json::to_value(one)?
    {
        object.extend(fields);
    }
    Ok(result)
}

async fn check(work: &mut Work, intake: &Intake) -> Result<Vec<NewAlert>> {
    let register = Register::of(&mut work.tx, &intake.alerts).await?;
    let app = work.app.clone();
    Desk::of_programs(&app.pack, &work.actor, &register, work.now).check_all(&intake.alerts, intake.single)
}

/// What comes with a mail that is dropped in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MailForm {
    /// The unit it concerns (`uni_…`).
    unit: Raw,
}

/// `POST /alerts/mail`: a saved mail becomes an alert; the mail itself and its attachments hang on it.
pub async fn mail(call: Call, body: Body) -> Result<Done> {
    let mut upload = Upload::receive(&call, body, Most { files: 1, each: mail::LIMIT, total: mail::LIMIT }).await?;
    let form: MailForm = upload.words()?;
    let Some(saved) = upload.files.pop() else {
        return Err(Error::field(mail::FIELD, Text::new("Hãy chọn tệp thư .eml.", "Choose the .eml file.")));
    };
    let raw = call.app.blobs.read(&saved.stored.sha256, mail::LIMIT).await?;
    if let Some(report) = bounce::read(&raw) {
        // The mail server's report about a letter of ours is no alert; what it says is noted with the letter.
        let mut work = call.work().await?;
        if let Some(noted) = bounce::take(&mut work, &report).await? {
            call.app.blobs.doubt(&saved.stored.sha256);
            return Ok(work.done("/alerts").await?.saying(noted.said));
        }
    }
    let letter = mail::read(raw).await?;
    let mut files = vec![Incoming { media_type: "message/rfc822".to_owned(), ..saved }];
    for attachment in letter.attachments {
        let stored = call.keep_file(attachment.bytes).await?;
        let (field, name, media_type) = (mail::FIELD.to_owned(), attachment.name, attachment.media_type);
        files.push(Incoming { field, name, folder: String::new(), media_type, stored });
    }

    let mut checks = Checks::new();
    let unit: Option<UnitId> = checks.id_or_none("unit", &form.unit);
    checks.done()?;
    let mut work = call.work().await?;
    let everywhere = work.actor.scope(Permission::AlertCreate).everywhere;
    let unit = unit.or_else(|| (!everywhere).then(|| work.actor.unit_id.clone()));
    if !lets(&work.actor, Permission::AlertCreate, unit.as_ref()) {
        return Err(Error::field("unit", ungcuu_kit::form::unknown()));
    }
    if let Some(unit) = &unit {
        // The id was well formed; whether there is such a unit is asked here.
        let known = store::list_units_named(&mut work.tx, &[unit.to_string()]).await?;
        if known.is_empty() {
            return Err(Error::field("unit", ungcuu_kit::form::unknown()));
        }
    }
    // A mail's date is its sender's claim; one from the future says nothing.
    let sent_at = letter.sent_at.filter(|at| *at <= work.now.plus(5 * MINUTE) && at.0 > 0);
    let title = if letter.subject.is_empty() {
        Text::new("Thư không có tiêu đề", "Mail without a subject").get(call.lang).to_owned()
    } else {
        letter.subject
    };
    let new = NewAlert {
        title,
        description: letter.text,
        severity: 2,
        source: FROM_MAIL.to_owned(),
        external_id: letter.message_id,
        unit_id: unit,
        reporter_name: letter.from_name,
        reporter_email: letter.from_email,
        noticed_at: sent_at,
        ..NewAlert::default()
    };
    record_one(work, new, &files).await
}
