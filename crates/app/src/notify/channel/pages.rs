//! The part of one's own page that says how one is told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::mail::is_address;
use ungcuu_kit::text::{Lang, Text};

use super::{Channel, Channels, store};
use crate::app::App;
use crate::auth::AccountId;
use crate::auth::actions::STREAM;
use crate::web::{Call, Done};

/// How an account is told, for its own page.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Reach {
    #[serde(flatten)]
    pub chosen: Channels,
    /// Where letters go; empty when the register knows no good address.
    pub address: String,
    /// Whether a mail server is set up at all.
    pub mail: bool,
    #[serde(skip)]
    pub person: String,
    /// What may be chosen for what is urgent, and for the rest.
    #[serde(skip)]
    pub at_once: Vec<(String, String)>,
    #[serde(skip)]
    pub all: Vec<(String, String)>,
}

impl Reach {
    pub async fn read(tx: &mut Tx, app: &App, account: &AccountId, lang: Lang) -> Result<Reach> {
        let (address, person) = store::find_address(tx, account).await?.unwrap_or_default();
        let all = Channel::options(lang);
        Ok(Reach {
            chosen: store::find(tx, account).await?.unwrap_or_default(),
            address: if is_address(&address) { address } else { String::new() },
            mail: app.settings.mail.is_some(),
            person,
            at_once: all.iter().filter(|(word, _)| word != Channel::Digest.word()).cloned().collect(),
            all,
        })
    }

    /// The page of one's own entry in the register.
    pub fn entry(&self) -> String {
        format!("/people/{}", self.person)
    }

    pub fn begin(&self) -> String {
        clock(self.chosen.quiet_from)
    }

    pub fn end(&self) -> String {
        clock(self.chosen.quiet_to)
    }
}

/// `22:00`.
fn clock(minutes: Option<i64>) -> String {
    minutes.map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60)).unwrap_or_default()
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ChannelForm {
    /// `bell` or `mail`: what is urgent waits for no digest.
    urgent: Raw,
    /// `bell`, `mail` or `digest`.
    soon: Raw,
    /// `bell`, `mail` or `digest`.
    can_wait: Raw,
    /// `22:00`; with `quiet_to` empty, too: no quiet hours.
    quiet_from: Raw,
    quiet_to: Raw,
    version: Raw,
}

/// Saves how the reader wants to be told.
pub async fn save(call: Call, form: ChannelForm) -> Result<Done> {
    let account = call.actor()?.account_id.clone();
    let mut checks = Checks::new();
    let urgent = checks.choice("urgent", &form.urgent);
    if urgent == Some(Channel::Digest) {
        let words = Text::new("Việc khẩn không đợi thư tổng hợp.", "What is urgent waits for no digest.");
        checks.refuse("urgent", words);
    }
    let soon = checks.choice("soon", &form.soon);
    let can_wait = checks.choice("can_wait", &form.can_wait);
    let quiet_from = minutes(&mut checks, "quiet_from", &form.quiet_from);
    let quiet_to = minutes(&mut checks, "quiet_to", &form.quiet_to);
    if quiet_from.is_some() != quiet_to.is_some() {
        let missing = if quiet_from.is_none() { "quiet_from" } else { "quiet_to" };
        let words = Text::new("Hãy ghi cả giờ bắt đầu và giờ kết thúc.", "Write both the beginning and the end.");
        checks.refuse(missing, words);
    }
    let version = checks.number("version", &form.version, 0, i64::MAX);
    checks.done()?;
    let usual = Channels::default();
    let chosen = Channels {
        urgent: urgent.unwrap_or(usual.urgent),
        soon: soon.unwrap_or(usual.soon),
        can_wait: can_wait.unwrap_or(usual.can_wait),
        quiet_from,
        quiet_to,
        version,
    };
    let mut work = call.work().await?;
    if store::save(&mut work.tx, &account, &chosen).await? == 0 {
        return Err(Error::Conflict(Box::default()));
    }
    let what = Text::new("Chọn cách nhận tin của mình", "Chose how to be told");
    work.record(STREAM, "account.channels_set", what, &[("channels", account.as_str())]);
    let done = work.done("/account#channels").await?;
    Ok(done.saying(Text::new("Đã lưu cách nhận tin.", "How you are told is saved.")))
}

/// A time of the day as minutes; none when nothing is typed.
fn minutes(checks: &mut Checks, field: &str, typed: &Raw) -> Option<i64> {
    if typed.is_empty() {
        return None;
    }
    let read = || {
        let (hours, minutes) = typed.as_str().split_once(':')?;
        let minutes = minutes.get(..2)?;
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
    };
    let read = read();
    if read.is_none() {
        checks.refuse(field, Text::new("Hãy ghi giờ theo dạng 22:00.", "Write the time like 22:00."));
    }
    read
}
