//! The morning's digest: at 7:30 in Vietnam, one letter to everyone who chose it, with what they have not read and what
//! waits for them; none when there is nothing. A job; it may run late (the machine was off at 7:30) and twice.

mod store;

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text, brief, counted};
use ungcuu_kit::time::{MINUTE, Time};

use self::store::Subscriber;
use super::Notice;
use super::channel::midnight;
use super::letter::{self, Draft, LetterId, LetterKind, STREAM};
use crate::actor::Actor;
use crate::app::App;
use crate::feature::{WaitingItem, WaitingKind};

/// When the digest is written, in minutes of the day.
const AT: i64 = 7 * 60 + 30;
/// Lines of each part; the others are counted.
const LINES: usize = 20;
/// How often the job looks whether it is time.
const PAUSE: Duration = Duration::from_secs(60);
/// A digest goes behind everything else.
const TURN: i64 = 30;
/// Accounts looked at in one go.
const PAGE: i64 = 100;

/// Writes digests for as long as the product serves.
pub async fn keep_digesting(app: App) {
    if !letter::writes(&app) {
        return;
    }
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(cause) = write_digests(&app).await {
            tracing::error!("writing digests: {cause}");
        }
    }
}

/// Writes the digest of everyone who has not had today's, once it is 7:30.
pub async fn write_digests(app: &App) -> Result<()> {
    let now = app.now();
    if now < midnight(now).plus(AT * MINUTE) {
        return Ok(());
    }
    let day = now.local().strftime("%Y-%m-%d").to_string();
    let mut after = String::new();
    loop {
        let subscribers = store::list_subscribers(&mut app.db.read().await?, &day, &after, PAGE).await?;
        let Some(last) = subscribers.last() else { return Ok(()) };
        after = last.account_id.to_string();
        for subscriber in subscribers {
            write_one(app, &subscriber, &day).await?;
        }
    }
}

async fn write_one(app: &App, to: &Subscriber, day: &str) -> Result<()> {
    let lang = Lang::from_tag(&to.lang);
    let mut tx = app.db.read().await?;
    let Some(actor) = crate::auth::actor_of(app, &mut tx, &to.account_id).await? else { return Ok(()) };
    let unread = store::list_unread(&mut tx, &to.account_id, LINES as i64 + 1).await?;
    drop(tx);
    let mut look = app.look(actor).await?;
    let waiting = crate::home::waiting(&mut look).await?;
    drop(look);
    let waiting: Vec<WaitingItem> = waiting.into_iter().filter(|item| item.kind != WaitingKind::Answer).collect();

    let mut work = app.work(Actor::system()).await?;
    if store::take_day(&mut work.tx, &to.account_id, day).await? == 0 {
        // Another process was faster.
        return Ok(());
    }
    if unread.is_empty() && waiting.is_empty() {
        return work.commit().await;
    }
    let id = LetterId::new(&app.chance, work.now);
    let (late, count) = (waiting.iter().filter(|item| item.is_late(work.now)).count(), waiting.len());
    let draft = Draft {
        id: id.clone(),
        kind: LetterKind::Digest,
        turn: TURN,
        due_at: work.now,
        to_address: to.email.clone(),
        to_name: to.name.clone(),
        person_id: Some(to.person_id.clone()),
        unit_id: None,
        reply_to: String::new(),
        subject: subject(count, late, unread.len()).get(lang).to_owned(),
        body: body(app, to, &waiting, &unread, work.now),
        files: "[]".to_owned(),
        stream: String::new(),
        url: "/".to_owned(),
    };
    letter::write(&mut work, &[draft]).await?;
    let name = &to.name;
    let what = ungcuu_kit::text!("Gửi thư tổng hợp cho {name}", "The digest for {name}");
    work.record(STREAM, "letter.posted", what, &[("letters", id.as_str())]);
    work.commit().await
}

fn subject(waiting: usize, late: usize, unread: usize) -> Text {
    let many = if unread > LINES { format!("{LINES}+") } else { unread.to_string() };
    let tasks = counted(waiting, "thing waits", "things wait");
    ungcuu_kit::text!(
        "[ungcuu] Sáng nay: {waiting} việc chờ ({late} trễ), {many} thông báo chưa đọc",
        "[ungcuu] This morning: {tasks} ({late} late), {many} unread"
    )
}

fn body(app: &App, to: &Subscriber, waiting: &[WaitingItem], unread: &[Notice], now: Time) -> String {
    let lang = Lang::from_tag(&to.lang);
    let mut lines = vec![format!("{} {},", lang.pick("Kính gửi", "Dear"), to.name), String::new()];
    let link =
        |lines: &mut Vec<String>, url: &str| lines.extend(letter::link(app, url).map(|link| format!("  {link}")));
    if !waiting.is_empty() {
        lines.push(format!("{} ({})", lang.pick("VIỆC CHỜ BẠN", "WAITING FOR YOU"), waiting.len()));
        for item in waiting.iter().take(LINES) {
            let due = item.due.map(|due| {
                let (moment, left) = (due.to_minute(), due.remaining(now));
                format!(" — {} {moment} ({})", lang.pick("hạn", "due"), left.get(lang))
            });
            let (title, detail) = (item.title.get(lang), brief(&item.detail, 200));
            lines.push(format!("- {title}: {detail}{}", due.unwrap_or_default()));
            link(&mut lines, &item.url);
        }
        more(&mut lines, waiting.len(), lang);
        lines.push(String::new());
    }
    if !unread.is_empty() {
        lines.push(lang.pick("THÔNG BÁO CHƯA ĐỌC", "UNREAD NOTICES").to_owned());
        for notice in unread.iter().take(LINES) {
            lines.push(format!("- {} {}", notice.at.to_minute(), brief(notice.text().get(lang), 300)));
            link(&mut lines, &notice.url);
        }
        more(&mut lines, unread.len(), lang);
        lines.push(String::new());
    }
    lines.push(super::foot(app, lang));
    lines.join("\n")
}

fn more(lines: &mut Vec<String>, all: usize, lang: Lang) {
    if all > LINES {
        lines.push(lang.pick("… và còn nữa.", "… and more.").to_owned());
    }
}
