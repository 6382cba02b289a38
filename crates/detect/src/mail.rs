//! Mail, read so that how it is built does no harm to whoever reads it.
//!
//! The parser goes into messages within messages without a bound and lets go of them one in another, so that a small mail
//! of nothing else takes all the room of its thread, and with it the program; and it keeps a value for every part and every
//! line of a head, of which a mail can hold millions. A mail that has too many is therefore not parsed, and the parser is
//! kept from unpacking anything: in packed parts it would look for what nobody counted. [`content`] unpacks a part when
//! somebody wants it.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use aho_corasick::AhoCorasick;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{GetHeader, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// How many messages may lie one in another.
pub const MOST_LEVELS: usize = 1_000;
/// How many parts there may be: lines that begin like the border of one.
pub const MOST_PARTS: usize = 10_000;
/// How many lines may look like lines of a head, wherever they stand.
pub const MOST_HEADERS: usize = 100_000;

/// Why a mail is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than [`MOST_LEVELS`], [`MOST_PARTS`] or [`MOST_HEADERS`].
    TooMuch,
    /// It is no mail, or so broken that its parser gave up.
    Broken,
}

/// Reads a mail: of its headers what a reader is shown first, and what tells its parts. They are as they came, packed or not.
///
/// # Errors
/// See [`Refused`].
pub fn read(mail: &[u8]) -> Result<Message<'_>, Refused> {
    if levels(mail) > MOST_LEVELS || is_crowded(mail) {
        return Err(Refused::TooMuch);
    }
    // Read as a list of words, what a part is packed in is nothing that the parser acts on.
    let parser = MessageParser::new().with_minimal_headers().with_message_ids();
    let parser = parser.header_content_type(HeaderName::ContentTransferEncoding);
    // Where it is built with assertions, it asserts what some broken mail does not keep to.
    let read = catch_unwind(AssertUnwindSafe(|| parser.parse(mail)));
    read.ok().flatten().ok_or(Refused::Broken)
}

/// What a part of this mail holds, as it was before it was packed for the way; none for a part that only holds others.
/// Words become UTF-8. A part that is packed badly is given as it came.
#[must_use]
pub fn content<'m>(mail: &[u8], part: &'m MessagePart<'_>) -> Option<Cow<'m, [u8]>> {
    let plain: &[u8] = match &part.body {
        PartType::Multipart(_) => return None,
        PartType::Message(inner) => inner.raw_message(),
        PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes,
    };
    // Where a part ends is not always told well; what the parser took for its body is the second guess.
    let whole = mail.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize);
    let unpacked = whole.and_then(|whole| unpacked(part, whole)).or_else(|| unpacked(part, plain));
    Some(unpacked.map_or(Cow::Borrowed(plain), Cow::Owned))
}

/// Whether a part is a message that is nothing but a message: the parser loses count there, and parts that follow it may
/// be left out.
#[must_use]
pub fn hides_others(part: &MessagePart<'_>) -> bool {
    let PartType::Message(inner) = &part.body else { return false };
    matches!(inner.parts.first().map(|part| &part.body), Some(PartType::Message(_)))
}

/// How many messages may lie one in another at most: each has a line that names its type, and a type that can hold one.
fn levels(mail: &[u8]) -> usize {
    let count = |words: &[&str]| {
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
        // A few short words always make one.
        finder.map_or(usize::MAX, |finder| finder.find_iter(mail).take(MOST_LEVELS + 1).count())
    };
    match count(&["content-type"]) {
        few if few <= MOST_LEVELS => few,
        many => many.min(count(&["rfc822", "global", "digest"])),
    }
}

/// Whether there are more parts, or lines of heads, than may be.
fn is_crowded(mail: &[u8]) -> bool {
    let (mut parts, mut headers) = (0, 0);
    for line in mail.split(|byte| *byte == b'\n') {
        parts += usize::from(line.starts_with(b"--"));
        // A name is of letters without a blank, and no longer than this.
        let name = line.iter().take(80).take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
        headers += usize::from(line.get(name) == Some(&b':'));
    }
    parts > MOST_PARTS || headers > MOST_HEADERS
}

fn unpacked(part: &MessagePart<'_>, packed: &[u8]) -> Option<Vec<u8>> {
    let packing = part.headers.header_value(&HeaderName::ContentTransferEncoding)?.as_content_type()?.ctype();
    let bytes = if packing.eq_ignore_ascii_case("base64") {
        base64_decode(packed)?
    } else if packing.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable_decode(packed)?
    } else {
        return None;
    };
    let words = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    let letters = part.content_type().and_then(|told| told.attribute("charset")).filter(|_| words);
    Some(match letters.and_then(|letters| charset_decoder(letters.as_bytes())) {
        Some(decode) => decode(&bytes).into_bytes(),
        None => bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(mail: &str) -> Vec<String> {
        let message = read(mail.as_bytes()).expect("a mail");
        let parts = message.parts.iter().filter_map(|part| content(mail.as_bytes(), part));
        parts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    #[test]
    fn parts_are_unpacked_and_their_letters_become_utf_8() {
        let mail = "From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=windows-1258\r\nContent-Transfer-Encoding: QUOTED-PRINTABLE\r\n\r\n\
            M=E1y=20t=EDnh\r\n\
            --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nTVo=\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
            --b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0KDQp5\r\n--b--\r\n";
        let found = contents(mail);
        assert_eq!(found[0].trim(), "Máy tính");
        assert_eq!(found[1], "MZ");
        assert_eq!(found[2].trim(), "plain");
        assert_eq!(found[3], "Subject: x\r\n\r\ny");
    }

    #[test]
    fn millions_of_parts_or_headers_are_not_kept() {
        let many = |what: &str, times: usize| {
            format!("From: a@b.vn\nContent-Type: multipart/mixed; boundary=b\n\n{}", what.repeat(times))
        };
        assert!(read(many("--b\na:\n\nx\n", MOST_PARTS - 1).as_bytes()).is_ok());
        assert_eq!(read(many("--b\na:\n\nx\n", MOST_PARTS + 1).as_bytes()).err(), Some(Refused::TooMuch));
        assert_eq!(read(format!("{}\nx", "a:\n".repeat(MOST_HEADERS + 1)).as_bytes()).err(), Some(Refused::TooMuch));
        let text = format!("From: a@b.vn\n\n{}", "a line of words: not a head\n".repeat(MOST_HEADERS * 2));
        assert!(read(text.as_bytes()).is_ok());
    }

    #[test]
    fn messages_one_in_another_do_not_take_the_room_of_a_thread() {
        let deep = [b"From: a\n".as_slice(), &b"Content-Type: message/rfc822\n\n".repeat(40_000), b"x\n"].concat();
        assert_eq!(read(&deep).err(), Some(Refused::TooMuch));
        let packed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &deep);
        let head = "Received: x\nFrom: a\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n";
        let mail = format!("{head}{packed}");
        let read = move || read(mail.as_bytes()).is_ok();
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(read).expect("a thread");
        assert!(thread.join().expect("it had room enough"), "what is packed is not looked into");
    }
}
