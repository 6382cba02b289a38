//! A letter as the bytes of a mail: headers, text, attachments.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

use super::Letter;
use crate::text::{Text, brief};

/// The longest a subject may be, in characters.
const SUBJECT: usize = 200;

/// The mail, or why this letter can be none.
pub fn compose(letter: &Letter, from: &Mailbox) -> Result<Message, Text> {
    if !super::is_address(&letter.to) {
        let to = brief(&letter.to, 100);
        return Err(text!("“{to}” không phải là địa chỉ thư.", "“{to}” is no mail address."));
    }
    let to = letter.to.parse().map_err(|_| unfit())?;
    let micros = u64::try_from(letter.at.0).unwrap_or(0);
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(brief(&letter.subject, SUBJECT))
        .date(UNIX_EPOCH + Duration::from_micros(micros))
        .message_id(Some(letter.message_id.clone()));
    if let Ok(reply_to) = letter.reply_to.parse() {
        message = message.reply_to(Mailbox::new(None, reply_to));
    }
    if letter.automatic {
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message = message.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
    }
    let text = SinglePart::plain(letter.body.clone());
    if letter.attachments.is_empty() {
        return message.singlepart(text).map_err(|_| unfit());
    }
    let binary = || ContentType::parse("application/octet-stream").expect("a media type");
    let parts = letter.attachments.iter().fold(MultiPart::mixed().singlepart(text), |parts, file| {
        let kind = ContentType::parse(&file.media_type).unwrap_or_else(|_| binary());
        parts.singlepart(Attachment::new(file.name.clone()).body(file.bytes.clone(), kind))
    });
    message.multipart(parts).map_err(|_| unfit())
}

fn unfit() -> Text {
    Text::new("Không lập được thư này.", "This letter cannot be put together.")
}

#[cfg(test)]
mod tests {
    use super::super::Attachment as File;
    use super::*;
    use crate::time::Time;

    #[test]
    fn a_letter_in_vietnamese_is_plain_ascii_on_the_wire_and_nothing_slips_into_its_head() {
        let from: Mailbox = "Ứng cứu <ungcuu@example.vn>".parse().expect("a mailbox");
        let letter = Letter {
            to: "lan@example.vn".to_owned(),
            subject: "Sự cố\r\nBcc: kẻ.lạ@example.vn".to_owned(),
            body: "Máy bị khoá.\n.\nHết".to_owned(),
            message_id: "<let_1@example.vn>".to_owned(),
            at: Time::parse("22/11/2026 14:05").expect("a moment"),
            automatic: true,
            attachments: vec![File {
                name: "báo cáo.pdf".to_owned(),
                media_type: "không phải kiểu".to_owned(),
                bytes: vec![0, 255, 13, 10, 46],
            }],
            ..Letter::default()
        };
        let message = compose(&letter, &from).expect("a mail").formatted();
        let text = String::from_utf8(message).expect("plain");
        assert!(text.is_ascii());
        let (head, _) = text.split_once("\r\n\r\n").expect("head and body");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        for line in
            ["Message-ID: <let_1@example.vn>", "Date: Sun, 22 Nov 2026 07:05:00", "Auto-Submitted: auto-generated"]
        {
            assert!(head.contains(line), "{line} is not in\n{head}");
        }
        assert!(text.contains("application/octet-stream"), "a kind that is none is sent as bytes");
    }

    #[test]
    fn a_recipient_that_is_no_address_is_a_sentence() {
        let from: Mailbox = "ungcuu@example.vn".parse().expect("a mailbox");
        let letter = Letter { to: "lan\r\nRCPT TO:<x@y.vn>".to_owned(), ..Letter::default() };
        let why = compose(&letter, &from).expect_err("refused");
        assert!(why.vi.contains("không phải là địa chỉ thư"), "{why:?}");
    }
}
