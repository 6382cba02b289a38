//! Mail: each part of a message as its sender meant it, and mailboxes of messages one after another.

use std::io::{Cursor, Read};

use mail_parser::MimeHeaders;

use super::{Kind, LARGEST, Opening, Source, inner_name};
use crate::mail::{self, Refused};

/// Headers with which mail begins, or which stand near its beginning.
const SIGNS: [&[u8]; 6] =
    [b"\nreceived: ", b"\nreturn-path: ", b"\nmime-version: ", b"\nmessage-id: ", b"\ndelivered-to: ", b"\nx-mailer: "];

/// How many messages of a mailbox are looked at.
const MOST_MESSAGES: usize = 5_000;

/// Whether something begins like mail: a line `Name: …`, and two headers that only mail has.
pub fn kind(head: &[u8]) -> Option<Kind> {
    let first = head.split(|byte| *byte == b'\n').next()?;
    let (mailbox, rest) = match first.strip_prefix(b"From ") {
        Some(_) => (true, head.get(first.len() + 1..)?),
        None => (false, head),
    };
    let name = rest.split(|byte| *byte == b':').next()?;
    if name.is_empty() || name.len() > 40 || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
        return None;
    }
    let mut lower = b"\n".to_vec();
    lower.extend(rest.iter().map(u8::to_ascii_lowercase));
    let signs = SIGNS.iter().filter(|sign| memchr::memmem::find(&lower, sign).is_some()).count();
    let sender = memchr::memmem::find(&lower, b"\nfrom: ").is_some();
    (signs + usize::from(sender) >= 2).then_some(if mailbox { Kind::Mailbox } else { Kind::Mail })
}

pub fn open(opening: &mut Opening, name: &str, kind: Kind, source: &mut dyn Source, depth: usize) {
    let mut bytes = Vec::new();
    if let Err(error) = source.take(LARGEST as u64 + 1).read_to_end(&mut bytes) {
        return opening.opened.cut(name, error);
    }
    if bytes.len() > LARGEST {
        bytes.truncate(LARGEST);
        opening.opened.cut(name, format!("only the first {LARGEST} bytes were looked at"));
    }
    if kind == Kind::Mail {
        return message(opening, name, &bytes, depth);
    }
    let mut number = 0;
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let end = memchr::memmem::find(rest, b"\nFrom ").map_or(rest.len(), |end| end + 1);
        let (one, after) = rest.split_at(end);
        rest = after;
        number += 1;
        if number > MOST_MESSAGES {
            return opening.opened.cut(name, format!("more than {MOST_MESSAGES} messages; the rest is left out"));
        }
        let start = one.iter().position(|byte| *byte == b'\n').map_or(one.len(), |end| end + 1);
        message(opening, &format!("{name}!{number}"), &one[start..], depth);
        if opening.stopped {
            return;
        }
    }
}

fn message(opening: &mut Opening, name: &str, bytes: &[u8], depth: usize) {
    let message = match mail::read(bytes) {
        Ok(message) => message,
        Err(Refused::TooMuch) => {
            return opening.opened.cut(name, "too many messages, parts or lines of heads in one mail");
        }
        Err(Refused::Broken) => return opening.opened.cut(name, "the message cannot be read"),
    };
    for (number, part) in message.parts.iter().enumerate() {
        let Some(content) = mail::content(bytes, part) else { continue };
        if mail::hides_others(part) {
            opening.opened.cut(name, "a message is nothing but a message; what follows it may be left out");
        }
        let told = part.attachment_name().map(inner_name).filter(|told| !told.is_empty());
        let inner = format!("{name}!{}", told.unwrap_or_else(|| format!("part-{number}")));
        opening.content(&inner, &mut Cursor::new(content), depth);
        if opening.stopped {
            return;
        }
    }
}
