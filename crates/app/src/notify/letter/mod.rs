//! Letters by mail. A letter is written in the unit of work that causes it, so it exists exactly when its cause does; a
//! job sends it afterwards. What was written never changes; where it stands is kept apart.
//!
//! A letter goes out at least once. When a mail server took the text and died before it answered, nobody knows whether it
//! went; it is sent again with the same Message-ID, and its page says that it may have arrived twice.

pub mod bounce;
mod model;
pub(super) mod pages;
pub(super) mod send;
pub(super) mod store;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::mail::is_address;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

pub(super) use model::Draft;
pub use model::{About, LetterFile, LetterId, LetterKind, LetterState, NewLetter, Standing, To};
pub use send::{keep_posting, post_due};

use crate::app::App;
use crate::work::Work;

/// The stream of letters that are about no other.
pub const STREAM: &str = "letters";
/// Attachments of one letter at most, and their bytes together.
const FILES: usize = 20;
const FILE_BYTES: i64 = 20 << 20;
/// The turn of somebody's own letter: behind what is urgent, before every other notice.
const TURN: i64 = 5;

/// Puts a letter into the post: it goes out once the work is committed. The journal tells of it in its stream.
///
/// A recipient without address is no error: the letter then stands as [`LetterState::NoAddress`], for all to see.
///
/// # Errors
/// [`Error::Limit`] for more than 20 attachments or 20 MB; [`Error::NotFound`] for an unknown recipient or file.
pub async fn post(work: &mut Work, new: NewLetter) -> Result<LetterId> {
    check_files(work, &new.attachments).await?;
    let recipient = match &new.to {
        To::Person(person) => store::find_person(&mut work.tx, person).await?.ok_or(Error::NotFound)?,
        To::Unit(unit) => store::find_unit(&mut work.tx, unit).await?.ok_or(Error::NotFound)?,
        To::Address { name, address } => model::Recipient::outside(name, address),
    };
    let lang = Lang::from_tag(&recipient.lang);
    let mut body = new.body.get(lang).trim_end().to_owned();
    if let Some(link) = link(&work.app, &new.about.url).filter(|_| recipient.inside) {
        body = format!("{body}\n\n{} {link}", lang.pick("Xem tại:", "See:"));
    }
    let id = LetterId::new(&work.app.chance, work.now);
    let subject = new.subject.get(lang).to_owned();
    let what = match is_address(&recipient.address) {
        true => told(&recipient.name, &recipient.address, &subject),
        false => {
            let name = &recipient.name;
            text!(
                "Chưa gửi được thư “{subject}”: {name} không có địa chỉ thư",
                "The letter “{subject}” was not sent: {name} has no mail address"
            )
        }
    };
    let reply_to = store::unit_address(&mut work.tx, &work.actor.unit_id).await?;
    let draft = Draft {
        id: id.clone(),
        kind: LetterKind::Letter,
        turn: TURN,
        due_at: work.now,
        to_address: recipient.address,
        to_name: recipient.name,
        person_id: recipient.person_id,
        unit_id: recipient.unit_id,
        reply_to: reply_to.filter(|address| is_address(address)).unwrap_or_default(),
        subject,
        body,
        files: serde_json::to_string(&new.attachments)?,
        stream: new.about.stream.clone(),
        url: new.about.url,
    };
    write(work, &[draft]).await?;
    let stream = if new.about.stream.is_empty() { STREAM } else { new.about.stream.as_str() };
    work.record(stream, "letter.posted", what, &[("letters", id.as_str())]);
    Ok(id)
}

/// Whether a letter would go out: there is a mail server, or the demonstration shows what would be sent.
pub fn may_post(app: &App) -> bool {
    writes(app)
}

/// Where these letters stand, for a page about several.
pub async fn list_states(tx: &mut Tx, ids: &[LetterId]) -> Result<Vec<Standing>> {
    store::list_standing(tx, ids).await
}

/// Where a letter stands, for the page it is about.
pub async fn find_state(tx: &mut Tx, id: &LetterId) -> Result<Option<Standing>> {
    store::find_standing(tx, id).await
}

/// Stores letters that a feature of this folder wrote; the caller names them in the journal.
pub(super) async fn write(work: &mut Work, drafts: &[Draft]) -> Result<()> {
    let domain = match &work.app.settings.mail {
        Some(mail) => mail.domain().to_owned(),
        // A name that can be nobody's (RFC 6761).
        None => "ungcuu.invalid".to_owned(),
    };
    let sender = work.actor.account_id.to_string();
    store::insert(&mut work.tx, drafts, &domain, &sender, work.now).await
}

/// Whether notices are copied into letters: there is a mail server, or the demonstration shows what would be sent.
pub(super) fn writes(app: &App) -> bool {
    app.settings.mail.is_some() || app.settings.demonstration
}

/// The page as people outside reach it, when that is known.
pub(super) fn link(app: &App, url: &str) -> Option<String> {
    let public = &app.settings.public_url;
    (!public.is_empty() && !url.is_empty()).then(|| format!("{public}{url}"))
}

fn told(name: &str, address: &str, subject: &str) -> Text {
    text!("Gửi thư tới {name} ({address}): {subject}", "Letter to {name} ({address}): {subject}")
}

async fn check_files(work: &mut Work, files: &[LetterFile]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    let sizes = store::list_sizes(&mut work.tx, &names).await?;
    let mut total = 0_i64;
    for file in files {
        let size = sizes.iter().find(|(sha256, _)| *sha256 == file.sha256).map(|(_, size)| *size);
        total = total.saturating_add(size.ok_or(Error::NotFound)?);
    }
    if files.len() > FILES || total > FILE_BYTES {
        return Err(Error::Limit(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            Text::new(
                "Một thư mang nhiều nhất 20 tệp, tất cả 20 MB. Hãy bớt tệp hoặc gửi nhiều thư.",
                "A letter carries at most 20 files of 20 MB together. Attach fewer or send several letters.",
            ),
        ));
    }
    Ok(())
}
