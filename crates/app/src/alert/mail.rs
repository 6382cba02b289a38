//! A mail as someone saved it (`.eml`), read as an alert: subject, sender, date, text, attachments. A mail is hostile:
//! its size, its parts and its depth are bounded, and nothing in it is followed or shown as HTML.

use bytes::Bytes;
use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use ungcuu_detect::mail::{self, Refused};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{AREA, LINE, clean};
use ungcuu_kit::text::{Text, shorten};
use ungcuu_kit::time::Time;

use crate::web::plain_name;

/// The largest mail, in bytes.
pub const LIMIT: i64 = 25 << 20;
/// The field a mail is chosen in.
pub const FIELD: &str = "mail";
/// How many attachments are kept.
pub const ATTACHMENTS: usize = 50;
/// How many lines of the head are kept, and how long each may be, in characters.
const HEADERS: usize = 60;
const HEADER: usize = 1000;

/// A mail, read.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub subject: String,
    pub from_name: String,
    pub from_email: String,
    pub sent_at: Option<Time>,
    pub message_id: String,
    pub text: String,
    /// Every line of the mail's head as it stands there, decoded: name and value. At most 60.
    pub headers: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
}

/// A file that came with a mail.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub bytes: Bytes,
}

/// Reads a mail on a thread of its own.
pub async fn read(raw: Vec<u8>) -> Result<Letter> {
    // A reader that stumbles over a crafted mail takes only its own thread with it.
    tokio::task::spawn_blocking(move || parse(&raw)).await.unwrap_or_else(|_| Err(unreadable()))
}

fn parse(raw: &[u8]) -> Result<Letter> {
    let message = mail::read(raw).map_err(|refused| match refused {
        Refused::TooMuch => crowded(),
        Refused::Broken => unreadable(),
    })?;
    let mut letter = head(&message);
    if letter.subject.is_empty() && letter.from_email.is_empty() && letter.sent_at.is_none() {
        // Any bytes parse as a mail without headers; then it is none.
        return Err(unreadable());
    }
    letter.text = shorten(&clean(text(raw, &message).trim()), AREA);
    let attached = message.attachments.iter().filter_map(|id| message.parts.get(usize::try_from(*id).ok()?));
    attached.for_each(|part| keep(&mut letter, raw, part));
    Ok(letter)
}

/// The first text for reading; out of HTML only its words.
fn text(raw: &[u8], message: &Message<'_>) -> String {
    let Some(part) = message.text_part(0) else { return String::new() };
    let content = mail::content(raw, part).unwrap_or_default();
    let words = String::from_utf8_lossy(&content);
    match part.body {
        PartType::Html(_) => html_to_text(&words),
        _ => words.into_owned(),
    }
}

fn head(message: &Message<'_>) -> Letter {
    let from = message.from().and_then(|from| from.first());
    let part = |words: Option<&str>| shorten(&clean(words.unwrap_or_default().trim()).replace('\n', " "), LINE);
    Letter {
        subject: part(message.subject()),
        from_name: part(from.and_then(|from| from.name())),
        from_email: part(from.and_then(|from| from.address())),
        sent_at: message
            .date()
            .filter(|date| date.is_valid())
            .map(|date| Time(date.to_timestamp().saturating_mul(1_000_000))),
        message_id: part(message.message_id()),
        headers: message.headers_raw().take(HEADERS).map(|(name, value)| header(name, value)).collect(),
        ..Letter::default()
    }
}

/// A line of the head, folded lines joined, what was encoded as letters read.
fn header(name: &str, value: &str) -> (String, String) {
    let joined = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let read = MessageParser::default().parse(format!("Subject: {joined}\r\n\r\n").as_bytes()).and_then(|mail| {
        let words = mail.subject()?.to_owned();
        joined.contains("=?").then_some(words)
    });
    (shorten(&clean(name.trim()), 80), shorten(&clean(&read.unwrap_or(joined)), HEADER))
}

/// Keeps an attachment; the mail itself is kept whole, and with it what is too much here. What lies in an attached mail is
/// kept with that mail. A text goes into the store as it is; it is never shown.
fn keep(letter: &mut Letter, raw: &[u8], part: &MessagePart<'_>) {
    let Some(content) = mail::content(raw, part).filter(|_| letter.attachments.len() < ATTACHMENTS) else { return };
    let told = part.attachment_name();
    let (name, media_type) = match &part.body {
        PartType::Message(inner) => {
            let name = inner.subject().map_or_else(|| "thu.eml".to_owned(), |subject| format!("{subject}.eml"));
            (name, "message/rfc822".to_owned())
        }
        PartType::Text(_) | PartType::Html(_) => (told.unwrap_or("tep.txt").to_owned(), "text/plain".to_owned()),
        _ => {
            let kind = part.content_type().map(|kind| match kind.subtype() {
                Some(sub) => format!("{}/{sub}", kind.ctype()),
                None => kind.ctype().to_owned(),
            });
            let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
            (told.unwrap_or("tep").to_owned(), kind)
        }
    };
    letter.attachments.push(Attachment {
        name: plain_name(&name),
        media_type,
        bytes: Bytes::copy_from_slice(&content),
    });
}

fn crowded() -> Error {
    let words = Text::new(
        "Thư này có quá nhiều phần nên không đọc. Hãy đính kèm tệp .eml vào một tin ghi tay.",
        "This mail has too many parts to be read. Attach the .eml to an alert written by hand.",
    );
    Error::field(FIELD, words)
}

fn unreadable() -> Error {
    let words = Text::new(
        "Tệp này không phải thư, hoặc thư đã hỏng. Hãy lưu lại thư dạng .eml từ hộp thư rồi gửi lại.",
        "This is not a mail, or a broken one. Save the mail as .eml from the mailbox again.",
    );
    Error::field(FIELD, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_plain_words_and_no_script_survives() {
        let raw = "From: \"Lan\" <lan@example.vn>\r\nSubject: =?utf-8?B?TcOhecKgbOG6oQ==?=\r\n\
                   Date: Wed, 15 Mar 2023 09:00:00 +0700\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
                   <p>Xin chào</p><script>alert(1)</script><style>p{}</style><p>Máy bị khoá &lt;b&gt;</p>";
        let letter = parse(raw.as_bytes()).expect("a mail");
        assert_eq!(letter.from_email, "lan@example.vn");
        assert!(letter.text.contains("Xin chào") && letter.text.contains("Máy bị khoá <b>"), "{}", letter.text);
        assert!(!letter.text.contains("alert"), "{}", letter.text);
        assert_eq!(letter.sent_at.expect("a date").to_minute(), "15/03/2023 09:00");
    }

    #[test]
    fn what_is_no_mail_is_refused_with_a_sentence() {
        for raw in [b"\x00\x01\x02\xff\xfe".as_slice(), b"", b"xin chao, day khong phai thu", b"\xff\xd8\xff\xe0 jpeg"]
        {
            assert!(matches!(parse(raw), Err(Error::Form(_))), "{raw:?}");
        }
    }

    #[test]
    fn mails_in_mails_without_end_neither_overflow_nor_fill_the_memory() {
        let mut raw = b"From: a@b.vn\r\nSubject: x\r\n".to_vec();
        for _ in 0..900 {
            raw.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\n");
        }
        let letter = parse(&raw).expect("read to a bounded depth");
        assert!(letter.attachments.len() <= ATTACHMENTS);
        for _ in 0..200 {
            raw.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\n");
        }
        assert!(parse(&raw).is_err(), "too many parts");
    }

    #[test]
    fn a_packed_mail_of_mails_takes_no_more_room_than_any_other() {
        use base64::Engine;
        let deep = b"Content-Type: message/rfc822\n\n".repeat(40_000);
        let packed = base64::engine::general_purpose::STANDARD.encode(deep);
        let head = "From: a@b.vn\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n";
        let part = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n";
        let raw = format!("{head}{part}{packed}\n--b--\n");
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || parse(raw.as_bytes()));
        let letter = thread.expect("a thread").join().expect("room enough").expect("a mail");
        assert_eq!(letter.attachments.len(), 1);
        assert!(letter.attachments[0].bytes.starts_with(b"Content-Type: message/rfc822\n\nContent-Type"));
    }
}
