//! The sender: takes the letter whose turn it is, hands it to the mail server, notes what came of it. Any number of
//! processes may run it on one database. No transaction is open while the network is waited for.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::mail::{Attachment, Delay, Letter, Outcome, Settings, send};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};

use super::model::{LetterId, LetterKind, LetterRow, LetterState, Written};
use super::store::{self, Claimed, Settled};
use super::{FILE_BYTES, STREAM};
use crate::actor::Actor;
use crate::app::App;
use crate::auth::AccountId;
use crate::notify::ring;

/// How long after each failed try the next one comes; the last stays.
const BACK_OFF: &[i64] = &[MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];
/// How long a letter is tried.
const PERSISTENCE: i64 = 2 * DAY;
/// A letter claimed longer ago belongs to a process that is gone.
const CLAIM: i64 = 10 * MINUTE;
/// One try, whatever the line is like; within the claim, so that two processes never send the same letter at once.
const TRY: Duration = Duration::from_secs(8 * 60);
/// How often letters of other processes and those whose time has come are looked for.
const PAUSE: Duration = Duration::from_secs(5);
/// How long a mail server that does not answer is left alone.
const REST: Duration = Duration::from_secs(30);

/// Sends letters for as long as the product serves; does nothing where no mail server is set up.
pub async fn keep_posting(app: App) {
    let Some(settings) = app.settings.mail.clone() else { return };
    let mut changes = app.live.listen_quietly();
    loop {
        match post_due(&app, &settings).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(REST).await,
            Err(cause) => {
                tracing::error!("sending letters: {cause}");
                tokio::time::sleep(REST).await;
            }
        }
        if let Ok(Err(RecvError::Closed)) = tokio::time::timeout(PAUSE, changes.recv()).await {
            return;
        }
    }
}

/// Sends every letter whose time has come, the most urgent first. False: the mail server as a whole does not work now, so
/// the others were left waiting.
pub async fn post_due(app: &App, settings: &Settings) -> Result<bool> {
    loop {
        let now = app.now();
        if !store::any_due(&mut app.db.read().await?, now, now.plus(-CLAIM)).await? {
            return Ok(true);
        }
        let mut tx = app.db.write().await?;
        let Some((id, claimed)) = store::claim(&mut tx, now, now.plus(-CLAIM)).await? else { return Ok(true) };
        let letter = store::find(&mut tx, &id).await?.ok_or(Error::NotFound)?;
        let written = store::find_written(&mut tx, &id).await?.ok_or(Error::NotFound)?;
        let closed = closed(app, &mut tx, &id).await?;
        tx.commit().await?;
        let outcome = match now > claimed.due_at.plus(PERSISTENCE) && claimed.attempts == 1 {
            // Nobody wants yesterday's urgent news once the mail server is set up at last.
            true => Outcome::Refused(Text::new(
                "Thư đã chờ quá 2 ngày nên không gửi nữa.",
                "The letter waited for more than 2 days and is not sent any more.",
            )),
            false => match closed {
                Some(why) => Outcome::Refused(why),
                None => hand_over(app, settings, &letter, &written).await,
            },
        };
        let server_works = !matches!(&outcome, Outcome::TryLater(Delay { server: true, .. }));
        settle(app, &letter, &written, &claimed, outcome).await?;
        if !server_works {
            return Ok(false);
        }
    }
}

/// Why a letter may not leave any more: much may have changed since it was posted, or since it was tried last.
async fn closed(app: &App, tx: &mut Tx, id: &LetterId) -> Result<Option<Text>> {
    for gate in crate::features().iter().filter_map(|feature| feature.letter_gate) {
        if let Some(why) = gate(app, tx, id).await? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

async fn hand_over(app: &App, settings: &Settings, letter: &LetterRow, written: &Written) -> Outcome {
    let mut attachments = Vec::new();
    for file in written.attachments() {
        let Ok(bytes) = app.blobs.read(&file.sha256, FILE_BYTES).await else {
            let name = &file.name;
            return Outcome::Refused(text!("Không đọc được tệp {name}.", "The file {name} cannot be read."));
        };
        attachments.push(Attachment { name: file.name, media_type: file.media_type, bytes });
    }
    let letter = Letter {
        to: letter.to_address.clone(),
        reply_to: written.reply_to.clone(),
        subject: letter.subject.clone(),
        body: written.body.clone(),
        message_id: written.message_id.clone(),
        at: letter.at,
        automatic: letter.kind != LetterKind::Letter,
        attachments,
    };
    tokio::time::timeout(TRY, send(settings, &letter)).await.unwrap_or_else(|_| {
        let why = Text::new(
            "Máy chủ thư nhận quá chậm. Thư có thể đã đi.",
            "The mail server is too slow. The letter may have gone out.",
        );
        Outcome::TryLater(Delay { why, server: true, perhaps_sent: true })
    })
}

async fn settle(app: &App, letter: &LetterRow, written: &Written, claimed: &Claimed, outcome: Outcome) -> Result<()> {
    let mut work = app.work(Actor::system()).await?;
    let settled = settled(claimed, outcome, work.now);
    if store::settle(&mut work.tx, &letter.id, claimed.claimed_at, &settled, work.now).await? == 0 {
        return Ok(());
    }
    let (name, address, subject) = (&letter.to_name, &letter.to_address, &letter.subject);
    let (why_vi, why_en) = (&settled.why.vi, &settled.why.en);
    let (act, what) = match settled.state {
        LetterState::Sent => (
            "letter.sent",
            text!("Đã gửi thư tới {name} ({address}): {subject}", "Letter sent to {name} ({address}): {subject}"),
        ),
        LetterState::Refused => (
            "letter.refused",
            text!(
                "Không gửi được thư tới {name} ({address}): {subject}. {why_vi}",
                "The letter to {name} ({address}) was not sent: {subject}. {why_en}"
            ),
        ),
        _ => return work.commit().await,
    };
    if !written.stream.is_empty() {
        work.record(&written.stream, act, what.clone(), &[]);
    }
    if settled.state == LetterState::Refused {
        tell_sender(&mut work, written, &what).await?;
    }
    work.commit().await
}

/// The bell of whoever caused a letter that did not go, or came back.
pub(super) async fn tell_sender(work: &mut crate::work::Work, written: &Written, what: &Text) -> Result<()> {
    if written.sender_id.is_empty() {
        return Ok(());
    }
    let url = if written.url.is_empty() { "/notices" } else { written.url.as_str() };
    ring(work, &AccountId(written.sender_id.clone()), what, url).await
}

fn settled(claimed: &Claimed, outcome: Outcome, now: Time) -> Settled {
    match outcome {
        Outcome::Sent(words) => Settled {
            state: LetterState::Sent,
            next_try_at: now,
            perhaps: claimed.perhaps,
            why: text!("Máy chủ thư đã nhận: {words}", "The mail server took it: {words}"),
        },
        Outcome::Refused(why) => {
            Settled { state: LetterState::Refused, next_try_at: now, perhaps: claimed.perhaps, why }
        }
        Outcome::TryLater(Delay { why, perhaps_sent, .. }) => {
            let perhaps = claimed.perhaps || perhaps_sent;
            let tries = usize::try_from(claimed.attempts).unwrap_or(1).clamp(1, BACK_OFF.len());
            let next_try_at = now.plus(BACK_OFF[tries - 1]);
            if next_try_at <= claimed.due_at.plus(PERSISTENCE) {
                return Settled { state: LetterState::Retrying, next_try_at, perhaps, why };
            }
            let (attempts, Text { vi, en }) = (claimed.attempts, why);
            let why = text!("Đã thử {attempts} lần trong 2 ngày. {vi}", "Tried {attempts} times within 2 days. {en}");
            Settled { state: LetterState::Refused, next_try_at, perhaps, why }
        }
    }
}

/// Puts a letter that did not go, or came back, into the post once more.
pub(super) async fn retry(work: &mut crate::work::Work, id: &LetterId) -> Result<()> {
    let letter = store::find(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    let written = store::find_written(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    if store::retry(&mut work.tx, id, work.now).await? == 0 {
        return Err(Error::not_now(
            "Thư này đang chờ gửi, đã gửi rồi, hoặc không có địa chỉ.",
            "This letter is waiting, has gone out, or has no address.",
        ));
    }
    let (name, address, subject) = (&letter.to_name, &letter.to_address, &letter.subject);
    let what =
        text!("Gửi lại thư tới {name} ({address}): {subject}", "Letter sent anew to {name} ({address}): {subject}");
    let stream = if written.stream.is_empty() { STREAM } else { written.stream.as_str() };
    work.record(stream, "letter.retried", what, &[("letters", id.as_str())]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(attempts: i64, due_at: Time, now: Time) -> Settled {
        let claimed = Claimed { attempts, due_at, claimed_at: now, perhaps: false };
        let delay = Delay { why: Text::same("450"), server: false, perhaps_sent: false };
        settled(&claimed, Outcome::TryLater(delay), now)
    }

    #[test]
    fn a_letter_is_tried_ever_more_rarely_for_two_days_and_then_given_up() {
        let (begin, mut now) = (Time::default(), Time::default());
        let mut waits = Vec::new();
        for attempt in 1.. {
            let settled = later(attempt, begin, now);
            if settled.state == LetterState::Refused {
                assert!(settled.why.vi.starts_with("Đã thử"), "{settled:?}");
                break;
            }
            waits.push((settled.next_try_at.0 - now.0) / MINUTE);
            now = settled.next_try_at;
        }
        assert_eq!(waits, [1, 5, 15, 60, 180, 360, 720, 720, 720]);
    }
}
