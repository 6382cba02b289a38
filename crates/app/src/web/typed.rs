//! What a person typed into the form being sent: read as it arrives and within bounds, and kept, so that a form that is
//! refused can be shown again whole.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::StatusCode;
use futures::StreamExt;
use ungcuu_kit::blobs::size_in_words;
use ungcuu_kit::error::{Error, FieldError, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

/// How many bytes are still read and thrown away once a form is known to be too large. A browser hears an answer only when
/// it is done sending.
pub(super) const PATIENT: usize = 64 << 20;
/// How many fields an ordinary form may have.
const FIELDS: usize = 2000;

/// What came with the present request; shared with whoever shows the form again when the act is refused.
pub(super) type Typed = Arc<Mutex<Sent>>;

/// A form as it was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub values: Vec<(String, String)>,
    /// The files chosen: field and name. No browser keeps the choice when the form comes back.
    pub files: Vec<(String, String)>,
    /// The field that a refusal is about which does not name one itself: a file too large.
    pub at_fault: Option<String>,
}

impl Sent {
    pub fn text(&self, name: &str) -> Option<&str> {
        find(&self.values, name)
    }
}

/// The first value of this name.
pub(super) fn find<'a>(values: &'a [(String, String)], name: &str) -> Option<&'a str> {
    values.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// Whether a field holds what is never shown again, not even to whoever typed it.
pub(super) fn is_password(name: &str) -> bool {
    name.contains("password")
}

/// The fields of a form while they come in. What is too long is kept as far as it may go, what is no text as far as it can
/// be read; both are noted beside their field.
pub(super) struct Fields {
    pub values: Vec<(String, String)>,
    faults: Vec<FieldError>,
    /// Bytes of one field.
    limit: usize,
    /// Bytes of all fields that are still free: one field too long leaves room for the others.
    room: usize,
    /// How many fields.
    most: usize,
    too_many: bool,
}

impl Fields {
    pub fn new(limit: usize, most: usize) -> Fields {
        Fields { values: Vec::new(), faults: Vec::new(), limit, room: limit * 2, most, too_many: false }
    }

    /// How long the next field may be, in bytes.
    pub fn next_limit(&self) -> usize {
        self.limit.min(self.room)
    }

    /// A field has come in; not `whole` when its end was left out.
    pub fn add(&mut self, name: String, mut value: Vec<u8>, mut whole: bool) {
        if self.values.len() >= self.most {
            self.too_many = true;
            return;
        }
        if value.len() > self.next_limit() {
            value.truncate(self.next_limit());
            whole = false;
        }
        if !whole {
            // The letter that was cut in two is not the sender's fault.
            let broken = std::str::from_utf8(&value).err().filter(|error| error.error_len().is_none());
            value.truncate(broken.map_or(value.len(), |error| error.valid_up_to()));
            self.refuse(&name, too_long(self.limit));
        }
        self.room -= value.len();
        let read = String::from_utf8(value).unwrap_or_else(|error| {
            if whole {
                self.refuse(&name, garbled());
            }
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        self.values.push((name, Raw::typed(&read).0));
    }

    /// Nothing was wrong so far.
    pub fn are_sound(&self) -> bool {
        !self.too_many && self.faults.is_empty()
    }

    /// Everything could be read, or what could not.
    pub fn verdict(&mut self) -> Result<()> {
        if self.too_many {
            let most = self.most;
            return Err(Error::Limit(
                StatusCode::PAYLOAD_TOO_LARGE,
                text!(
                    "Biểu mẫu có quá {most} mục nên chưa nhận. Hãy chia ra gửi nhiều lần.",
                    "The form has more than {most} fields and was not taken. Send it in several parts."
                ),
            ));
        }
        let faults = std::mem::take(&mut self.faults);
        if faults.is_empty() { Ok(()) } else { Err(Error::Form(faults)) }
    }

    fn refuse(&mut self, name: &str, message: Text) {
        self.faults.push(FieldError { field: name.to_owned(), message });
    }
}

/// Reads an ordinary form of at most `limit` bytes a field. What came before the line went dead is there in any case.
pub(super) async fn read_form(body: Body, limit: usize) -> (Fields, Result<()>) {
    let mut fields = Fields::new(limit, FIELDS);
    let (mut piece, mut whole) = (Vec::new(), true);
    let mut left = limit + PATIENT;
    let mut chunks = body.into_data_stream();
    let mut arrived = Ok(());
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            arrived = Err(cut_off());
            break;
        };
        for (number, part) in chunk.split(|byte| *byte == b'&').enumerate() {
            if number > 0 {
                add_pair(&mut fields, &std::mem::take(&mut piece), whole);
                whole = true;
            }
            let fitting = part.len().min(limit - piece.len());
            whole &= fitting == part.len();
            piece.extend_from_slice(&part[..fitting]);
        }
        let Some(rest) = left.checked_sub(chunk.len()) else {
            whole = false;
            break;
        };
        left = rest;
    }
    add_pair(&mut fields, &piece, whole);
    (fields, arrived)
}

/// `name=value` as a browser writes it.
fn add_pair(fields: &mut Fields, piece: &[u8], whole: bool) {
    if piece.is_empty() {
        return;
    }
    let end = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
    let name = String::from_utf8_lossy(&unescape(&piece[..end])).into_owned();
    let mut value = piece.get(end + 1..).unwrap_or_default();
    if !whole
        && let Some(sign) = value.len().checked_sub(2).and_then(|from| value[from..].iter().position(|b| *b == b'%'))
    {
        // Cut within an escaped byte.
        value = &value[..value.len() - 2 + sign];
    }
    fields.add(name, unescape(value), whole);
}

fn unescape(escaped: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut at = 0;
    while let Some(&byte) = escaped.get(at) {
        let pair = escaped.get(at + 1..at + 3).unwrap_or_default();
        let mut code = [0];
        at += 1;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' if hex::decode_to_slice(pair, &mut code).is_ok() => {
                at += 2;
                code[0]
            }
            other => other,
        });
    }
    bytes
}

fn too_long(limit: usize) -> Text {
    let size = size_in_words(i64::try_from(limit).unwrap_or(i64::MAX));
    text!(
        "Dài quá {size} nên chỉ giữ được phần đầu. Hãy rút gọn.",
        "Longer than {size}; only the beginning could be kept. Please shorten it."
    )
}

fn garbled() -> Text {
    Text::new(
        "Có chữ không đọc được (sai bảng mã), ở chỗ hiện dấu \u{fffd}. Hãy gõ lại chỗ đó.",
        "Some letters cannot be read (wrong encoding); they show as \u{fffd}. Please type them again.",
    )
}

/// A connection that broke while sending.
pub(super) fn cut_off() -> Error {
    Error::Unreadable(Text::new(
        "Dữ liệu bị đứt giữa chừng. Chưa có gì được lưu; hãy gửi lại.",
        "The data was cut off on the way. Nothing was saved; send it again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: &[&[u8]], limit: usize) -> (Vec<(String, String)>, Vec<String>) {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
        let (mut fields, arrived) = read_form(Body::from_stream(futures::stream::iter(chunks)), limit).await;
        arrived.expect("arrived");
        let faults = match fields.verdict() {
            Err(Error::Form(faults)) => faults.into_iter().map(|fault| fault.field).collect(),
            _ => Vec::new(),
        };
        (fields.values, faults)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[tokio::test]
    async fn a_form_is_read_as_a_browser_writes_it_however_it_is_cut_into_pieces() {
        let sent = "a=m%C3%A1y+l%E1%BA%A1&&b=&c&d=x%3Dy%zz=&%61=2";
        let expected = vec![pair("a", "máy lạ"), pair("b", ""), pair("c", ""), pair("d", "x=y%zz="), pair("a", "2")];
        let theirs: Vec<_> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
        assert_eq!(theirs, expected, "as the standard says");
        for cut in 0..sent.len() {
            let (one, two) = sent.as_bytes().split_at(cut);
            assert_eq!(read(&[one, two], 100).await, (expected.clone(), Vec::new()), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_field_too_long_keeps_its_beginning_and_all_the_others() {
        let long = format!("a=1&b={}&c=3", "%E1%BA%A1".repeat(50));
        let (values, faults) = read(&[long.as_bytes()], 100).await;
        assert_eq!(values, [pair("a", "1"), pair("b", &"ạ".repeat(10)), pair("c", "3")]);
        assert_eq!(faults, ["b"]);
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_noted_beside_their_field() {
        for sent in [&b"a=1&b=x\xff\xfey"[..], b"a=1&b=x%FF%FEy"] {
            let (values, faults) = read(&[sent], 100).await;
            assert_eq!(values, [pair("a", "1"), pair("b", "x\u{fffd}\u{fffd}y")]);
            assert_eq!(faults, ["b"]);
        }
        let (_, faults) = read(&["a=x\u{fffd}y".as_bytes()], 100).await;
        assert!(faults.is_empty(), "somebody may write of that very sign");
    }
}
