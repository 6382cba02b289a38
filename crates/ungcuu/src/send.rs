//! Findings of a hunt go into a server as alerts, in batches.
//!
//! What one rule says of one machine and the same values is one alert with a count; its `external_id` is made from just
//! that, so that the server folds what a later hunt finds again into the alert that is still open there. Nothing is sent
//! beside the hunt: while a batch is on its way the hunt waits, so a slow server slows the hunt and fills no memory.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ungcuu_detect::hunt::Finding;
use ungcuu_detect::hunt::output::{account, looked_at};
use ungcuu_detect::indicator;
use ungcuu_detect::sigma::Level;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text, shorten};
use ungcuu_kit::time::Clock;

use ungcuu_kit::outside::Answer;

use crate::post::{Post, sentence};

/// How many alerts go in one batch; the server takes up to 1,000.
const BATCH: usize = 200;
/// How many different alerts are held back to be counted together before they are sent: some 40 MB at most.
const HELD: usize = 5_000;
/// How often a batch is tried before the hunt ends, and the longest wait between two tries.
const TRIES: u32 = 6;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest key that is read from a file, in bytes.
const TOKEN: usize = 4096;
/// How many of the fields that a rule looks at keep alerts apart and are told, and how much of each, in characters.
const FIELDS: usize = 12;
const VALUE: usize = 300;
/// How many signs of an attack go along with one alert.
const SIGNS: usize = 20;
/// The most that one alert may count at once; the server takes no more.
const MOST: u64 = 1_000_000;

/// Fields that differ from one event to the next and say nothing about what happened.
const PASSING: [&str; 12] = [
    "ProcessId",
    "NewProcessId",
    "ParentProcessId",
    "ProcessGuid",
    "ParentProcessGuid",
    "LogonGuid",
    "UtcTime",
    "LogonId",
    "SubjectLogonId",
    "TargetLogonId",
    "SourcePort",
    "IpPort",
];

/// An alert in the making.
struct Held {
    title: String,
    severity: u8,
    host: String,
    /// What is told once: fields, advice, where it stands.
    story: String,
    signs: Vec<String>,
    count: u64,
    first: Option<i64>,
    last: Option<i64>,
}

/// What became of what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub findings: u64,
    /// Alerts that the server had not.
    pub new: u64,
    /// Alerts that were counted into one it had.
    pub folded: u64,
}

/// Sends findings into one server.
pub struct Sender {
    post: Post,
    lang: Lang,
    held: BTreeMap<String, Held>,
    pub sent: Sent,
}

impl Sender {
    /// The server at this address, with the key that stands in a file. Nothing is sent yet.
    pub fn open(url: &str, token: &Path, lang: Lang) -> Result<Sender> {
        let post = Post::to(url, &read_token(token)?)?;
        if !post.is_private() {
            let words = Text::new(
                "Chú ý: địa chỉ không phải https nên khoá API đi trên mạng không được mã hoá.",
                "Mind: the address is not https, so the API token goes over the network unencrypted.",
            );
            eprintln!("{}", words.get(lang));
        }
        Ok(Sender { post, lang, held: BTreeMap::new(), sent: Sent::default() })
    }

    /// Counts a finding; sends what has come together when it has become much.
    pub fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let key = key(finding);
        let time = finding.event.time.filter(|time| believable(*time));
        if let Some(held) = self.held.get_mut(&key) {
            held.count += 1;
            held.first = [held.first, time].into_iter().flatten().min();
            held.last = held.last.max(time);
            return Ok(());
        }
        if self.held.len() >= HELD {
            self.send().map_err(|cause| io::Error::other(format!("{cause:#}")))?;
        }
        self.held.insert(key, held(finding, time, self.lang));
        Ok(())
    }

    /// Sends what is left.
    pub fn send(&mut self) -> Result<()> {
        let held: Vec<(String, Held)> = std::mem::take(&mut self.held).into_iter().collect();
        for batch in held.chunks(BATCH) {
            let alerts: Vec<Value> = batch.iter().map(|(key, held)| self.alert(key, held)).collect();
            let body = serde_json::to_vec(&json!({ "alerts": alerts }))?;
            let answer = deliver(|| self.post.send("/api/v1/alerts", &body), std::thread::sleep)?;
            let received = answer["result"]["alerts"].as_array().map(Vec::as_slice).unwrap_or_default();
            let folded = received.iter().filter(|one| one["folded"] == true).count() as u64;
            self.sent.folded += folded;
            self.sent.new += received.len() as u64 - folded;
            self.sent.findings += batch.iter().map(|(_, held)| held.count).sum::<u64>();
        }
        Ok(())
    }

    fn alert(&self, key: &str, held: &Held) -> Value {
        let count = held.count;
        let times = match (held.first, held.last) {
            (Some(first), Some(last)) if first < last => {
                let (first, last) = (moment(first), moment(last));
                text!(", từ {first} đến {last}", ", from {first} to {last}")
            }
            (Some(first), _) => {
                let first = moment(first);
                text!(", lúc {first}", ", at {first}")
            }
            _ => Text::same(""),
        };
        let (vi, en) = (times.vi, times.en);
        let found = text!("{count} sự kiện khớp quy tắc{vi}.", "{count} events fit the rule{en}.");
        let description = format!("{}\n{}", found.get(self.lang), held.story);
        let mut alert = json!({
            "title": held.title, "severity": held.severity, "external_id": key, "place": held.host,
            "count": count.min(MOST), "description": description, "indicators": held.signs,
        });
        if let Some(first) = held.first {
            alert["happened_at"] = json!(moment(first));
        }
        alert
    }

    /// What was sent, in words.
    pub fn said(&self) -> Text {
        let Sent { findings, new, folded } = self.sent;
        text!(
            "Đã gửi {findings} phát hiện về máy chủ: {new} tin mới, {folded} tin cộng vào tin đang chờ.",
            "Sent {findings} findings to the server: {new} new alerts, {folded} counted into open ones."
        )
    }
}

/// Sends until it is taken, refused, or has been tried often enough.
fn deliver(mut send: impl FnMut() -> Result<Answer>, wait: impl Fn(Duration)) -> Result<Value> {
    let mut pause = Duration::from_secs(1);
    for attempt in 1..=TRIES {
        let last = attempt == TRIES;
        let after = match send() {
            Ok(answer) if answer.status == 200 => {
                return serde_json::from_slice(&answer.body).context("the server's answer is no JSON");
            }
            // Too much at once, or not able just now: what was sent was not taken.
            Ok(answer) if matches!(answer.status, 408 | 429 | 500..=599) && !last => answer.retry_after,
            Ok(answer) => {
                let status = answer.status;
                let why = sentence(&answer);
                bail!("máy chủ không nhận (the server refused it, {status}): {why}");
            }
            Err(cause) if last => {
                return Err(cause.context("không gửi được tới máy chủ (the server cannot be reached)"));
            }
            // It may have been taken and only the answer was lost: then it is counted once more, which is better than not.
            Err(_) => None,
        };
        wait(after.unwrap_or(pause).min(LONGEST_WAIT));
        pause = (pause * 2).min(LONGEST_WAIT);
    }
    bail!("không gửi được (could not be sent)")
}

fn read_token(file: &Path) -> Result<String> {
    use std::io::Read;
    let name = file.display();
    let opened = std::fs::File::open(file).with_context(|| format!("không mở được {name} (cannot open it)"))?;
    let mut text = String::new();
    let read = opened.take(TOKEN as u64).read_to_string(&mut text);
    read.map_err(|_| anyhow::anyhow!("{name} không phải tệp chữ (is no text)"))?;
    let token = text.trim();
    ensure!(!token.is_empty(), "{name} không có khoá API nào (holds no API token)");
    // What stands in it is never said, also when it is wrong.
    let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(plain, "{name} phải chỉ có một khoá API (must hold one API token and nothing else)");
    Ok(token.to_owned())
}

/// The same for the same rule, machine and values; 32 digits that tell nothing of them.
fn key(finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(finding.cause.id());
    part(finding.event.host());
    part(account(finding.event));
    for (name, value) in told(finding) {
        part(name);
        part(value);
    }
    let digits = hex::encode(&hash.finalize()[..16]);
    format!("hunt-{digits}")
}

/// The fields that a rule looks at, as far as they say what happened.
fn told<'f>(finding: &Finding<'f>) -> Vec<(&'f str, &'f str)> {
    let event = finding.event;
    let names = looked_at(finding);
    let lasting = |name: &str| !PASSING.iter().any(|passing| passing.eq_ignore_ascii_case(name));
    let fields = event.fields().iter().filter(|field| !field.alias);
    let fields = fields.map(|field| (event.name(field), event.value(field)));
    fields.filter(|(name, value)| names.contains(name) && lasting(name) && !value.is_empty()).take(FIELDS).collect()
}

fn held(finding: &Finding, time: Option<i64>, lang: Lang) -> Held {
    let (cause, event) = (finding.cause, finding.event);
    let host = shorten(event.host(), 100);
    let title = shorten(cause.title(), 180);
    let (user, file, record) = (account(event), shorten(finding.file, VALUE), event.record);
    let (id, level) = (cause.id(), cause.level().word());
    let mut story = String::new();
    let mut line = |text: &Text| _ = writeln!(story, "{}", text.get(lang));
    line(&text!("Quy tắc: {id} (mức {level})", "Rule: {id} (level {level})"));
    if !user.is_empty() {
        let user = shorten(user, VALUE);
        line(&text!("Tài khoản: {user}", "Account: {user}"));
    }
    line(&text!("Nơi ghi: {file} #{record}", "Where it stands: {file} #{record}"));
    let fields = told(finding);
    for (name, value) in &fields {
        let (name, value) = (shorten(name, 60), shorten(value, VALUE));
        line(&Text::same(format!("{name}: {value}")));
    }
    if !cause.author().is_empty() {
        let author = shorten(cause.author(), 200);
        line(&text!("Tác giả quy tắc: {author}", "Author of the rule: {author}"));
    }
    if let Some(advice) = cause.response() {
        let (vi, en) = (&advice.vi, &advice.en);
        line(&text!("\nCần làm: {vi}", "\nWhat to do: {en}"));
    }
    let words: String = fields.iter().map(|(_, value)| *value).collect::<Vec<_>>().join("\n");
    let signs = indicator::extract(&words, SIGNS).into_iter().map(|sign| sign.value).collect();
    Held {
        title: if host.is_empty() { title } else { format!("{title} ({host})") },
        severity: match cause.level() {
            Level::Informational | Level::Low => 1,
            Level::Medium => 2,
            Level::High => 3,
            Level::Critical => 4,
        },
        host,
        story,
        signs,
        count: 1,
        first: time,
        last: time,
    }
}

/// Clocks of machines go wrong; the server takes nothing that is yet to happen.
fn believable(time: i64) -> bool {
    const IN_1990: i64 = 631_152_000_000_000;
    (IN_1990..=Clock::System.now().0).contains(&time)
}

fn moment(time: i64) -> String {
    Timestamp::from_microsecond(time).map(|moment| moment.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn answer(status: u16, retry_after: Option<u64>, body: &str) -> Answer {
        Answer { status, retry_after: retry_after.map(Duration::from_secs), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_busy_server_is_asked_again_with_longer_pauses_and_as_it_says() {
        let mut answers = vec![answer(429, Some(7), ""), answer(503, None, ""), answer(200, None, "{}")].into_iter();
        let waits = RefCell::new(Vec::new());
        let taken = deliver(|| answers.next().context("one more"), |pause| waits.borrow_mut().push(pause.as_secs()));
        assert_eq!(taken.expect("taken"), json!({}));
        assert_eq!(*waits.borrow(), [7, 2]);
    }

    #[test]
    fn a_refusal_is_told_in_the_servers_words_and_not_repeated() {
        let mut asked = 0;
        let refused = deliver(
            || {
                asked += 1;
                Ok(answer(422, None, r#"{"detail":"Đơn vị không có.","title":"x"}"#))
            },
            |_| (),
        );
        assert!(refused.expect_err("refused").to_string().contains("Đơn vị không có."));
        assert_eq!(asked, 1);
    }

    #[test]
    fn trying_ends_and_no_wait_is_longer_than_a_minute() {
        let waits = RefCell::new(Vec::new());
        let never = deliver(|| bail!("no route"), |pause| waits.borrow_mut().push(pause));
        assert!(format!("{:#}", never.expect_err("given up")).contains("no route"));
        assert_eq!(waits.borrow().len(), 5);
        let waits = RefCell::new(Vec::new());
        let busy = deliver(|| Ok(answer(503, Some(86_400), "")), |pause| waits.borrow_mut().push(pause));
        assert!(busy.is_err() && waits.borrow().iter().all(|pause| *pause <= LONGEST_WAIT));
    }
}
