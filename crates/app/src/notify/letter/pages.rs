//! The administrator's pages of letters: what went, what did not and why, once more, a test.

use std::time::Duration;

use askama::Template;
use axum::body::Body;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::chance::id_floor;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::mail::{Letter, Outcome, send};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, Time};

use super::model::{LetterFile, LetterId, LetterRow, LetterState, Written};
use super::{bounce, send as sender, store};
use crate::notify::Nothing;
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::Tone;
use crate::web::{Ask, Call, Done, Most, Upload};

/// Rows of one page of the list.
const ROWS: usize = 50;
/// The field a delivery report is chosen in, and its size in bytes.
const REPORT: &str = "report";
const REPORT_LIMIT: i64 = 25 << 20;
/// What one step of a test letter may take, and all of them together: somebody waits for the answer.
const TEST_STEP: Duration = Duration::from_secs(10);
const TEST: Duration = Duration::from_secs(40);

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    state: Ask<LetterState>,
    /// The first day: `2026-11-22`.
    from: String,
    /// The last day.
    until: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<LetterId>,
}

/// A letter as the list shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    #[serde(flatten)]
    row: LetterRow,
    #[serde(skip)]
    tone: Tone,
    /// The state in words.
    shown: Text,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "notify/html/letters.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    letters: Vec<Line>,
    /// The cursor of the next page.
    next: Option<String>,
    /// The mail server, as host and port; absent when none is set up.
    server: Option<String>,
    /// Who letters are from.
    sender: String,
    #[serde(skip)]
    states: Vec<(String, String)>,
    #[serde(skip)]
    narrowed: bool,
    /// The reader's own address, to be tried.
    #[serde(skip)]
    own: String,
}

fn line(call: &Call, row: LetterRow) -> Line {
    let (tone, shown) = row.state.shown(&call.app);
    Line { row, tone, shown }
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let day = |typed: &str| Time::parse(typed).ok().filter(|_| !typed.is_empty());
    let filter = store::Filter {
        state: query.state.0,
        from: day(&query.from).map(|day| id_floor("let", day)),
        until: day(&query.until).map(|day| id_floor("let", day.plus(DAY))),
        after: query.after.0,
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Thư gửi đi", "Letters sent")).await?;
    let mut rows = store::list(&mut look.tx, &filter, ROWS as i64 + 1).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let own = store::find_person(&mut look.tx, &call.actor()?.person_id).await?;
    let mail = call.app.settings.mail.as_ref();
    Ok(ListView {
        next: rows.last().filter(|_| more).map(|row| row.id.to_string()),
        letters: rows.into_iter().map(|row| line(&call, row)).collect(),
        server: mail.map(|mail| format!("{}:{}", mail.host, mail.port)),
        sender: mail.map(ungcuu_kit::mail::Settings::sender).unwrap_or_default(),
        states: LetterState::options(p.lang),
        narrowed: ["state", "from", "until"].iter().any(|name| p.query(name).is_some()),
        own: own.map(|person| person.address).unwrap_or_default(),
        p,
    })
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "notify/html/letter.html")]
pub struct LetterView {
    #[serde(skip)]
    p: Page,
    letter: Line,
    written: Written,
    attachments: Vec<LetterFile>,
    /// It may be put into the post once more.
    may_retry: bool,
    /// The reader may see the other letters, too.
    #[serde(skip)]
    administers: bool,
}

impl LetterView {
    /// How the line about its state looks.
    fn sort(&self) -> &'static str {
        match self.letter.tone {
            Tone::Good => "ok",
            Tone::Bad => "bad",
            _ => "watch",
        }
    }
}

pub async fn show(call: Call) -> Result<LetterView> {
    let id: LetterId = call.param("id")?;
    let mut look = call.look().await?;
    let row = store::find(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    let written = store::find_written(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    // Besides the administrator, whoever caused it reads it; for others there is no such letter.
    let administers = look.actor.can(Permission::Admin);
    if !administers && written.sender_id != look.actor.account_id.as_str() {
        return Err(Error::NotFound);
    }
    let p = Page::new(&call, &mut look, Text::same(row.subject.clone())).await?;
    let retried = [LetterState::Retrying, LetterState::Refused, LetterState::Bounced];
    Ok(LetterView {
        may_retry: administers && retried.contains(&row.state),
        administers,
        letter: line(&call, row),
        attachments: written.attachments(),
        written,
        p,
    })
}

pub async fn retry(call: Call, _: Nothing) -> Result<Done> {
    let id: LetterId = call.param("id")?;
    let mut work = call.work().await?;
    sender::retry(&mut work, &id).await?;
    let done = work.done(format!("/letters/{id}")).await?;
    Ok(done.saying(Text::new("Thư đã vào hàng chờ gửi.", "The letter is waiting to be sent.")))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TestForm {
    /// The address to write to.
    to: Raw,
}

/// Sends a letter while the administrator waits, and says exactly what came of it.
pub async fn test(call: Call, form: TestForm) -> Result<Done> {
    let mut checks = Checks::new();
    let to = checks.email("to", &form.to);
    checks.done()?;
    let Some(settings) = &call.app.settings.mail else {
        return Err(Error::not_now(
            "Máy chủ này chưa cấu hình thư: thêm mục [mail] vào tệp cấu hình rồi khởi động lại.",
            "No mail server is set up: add [mail] to the configuration file and start again.",
        ));
    };
    let mut settings = settings.clone();
    settings.step = settings.step.min(TEST_STEP);
    let id = LetterId::new(&call.app.chance, call.now);
    let locality = call.app.pack.locality.get(call.lang);
    let letter = Letter {
        to: to.clone(),
        subject: call.lang.pick("[ungcuu] Thư thử", "[ungcuu] Test letter").to_owned(),
        body: match call.lang {
            ungcuu_kit::text::Lang::Vi => format!("Thư này để thử máy chủ thư của ungcuu ({locality})."),
            ungcuu_kit::text::Lang::En => format!("This letter tries out the mail server of ungcuu ({locality})."),
        },
        message_id: format!("<{id}@{}>", settings.domain()),
        at: call.now,
        automatic: true,
        ..Letter::default()
    };
    let outcome = tokio::time::timeout(TEST, send(&settings, &letter)).await;
    match outcome {
        Ok(Outcome::Sent(words)) => Ok(Done::to("/letters").saying(text!(
            "Máy chủ thư đã nhận thư gửi {to}: {words}",
            "The mail server took the letter to {to}: {words}"
        ))),
        Ok(Outcome::TryLater(delay)) => Err(Error::field("to", delay.why)),
        Ok(Outcome::Refused(why)) => Err(Error::field("to", why)),
        Err(_) => {
            let words = Text::new("Máy chủ thư trả lời quá chậm.", "The mail server answers too slowly.");
            Err(Error::field("to", words))
        }
    }
}

/// Takes in a delivery report, saved as `.eml`.
pub async fn report(call: Call, body: Body) -> Result<Done> {
    let most = Most { files: 1, each: REPORT_LIMIT, total: REPORT_LIMIT };
    let mut upload = Upload::receive(&call, body, most).await?;
    let Some(saved) = upload.files.pop() else {
        return Err(Error::field(REPORT, Text::new("Hãy chọn tệp thư .eml.", "Choose the .eml file.")));
    };
    let raw = call.app.blobs.read(&saved.stored.sha256, REPORT_LIMIT).await?;
    // What it says is noted with the letter; no row names the file itself.
    call.app.blobs.doubt(&saved.stored.sha256);
    let mut work = call.work().await?;
    let noted = match bounce::read(&raw) {
        Some(report) => bounce::take(&mut work, &report).await?,
        None => None,
    };
    let Some(noted) = noted else {
        let words = Text::new(
            "Đây không phải thư báo trả lại của thư nào đã gửi từ đây.",
            "This is no delivery report about a letter sent from here.",
        );
        return Err(Error::field(REPORT, words));
    };
    Ok(work.done(format!("/letters/{}", noted.id)).await?.saying(noted.said))
}
