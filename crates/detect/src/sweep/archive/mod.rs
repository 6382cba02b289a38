//! What lies inside a file: archives (zip with Office documents, gzip, Zstandard, tar, 7z) and mail, one in another to a
//! small depth. Every bound is against files that are made to be opened at great cost; what is left out is told.

mod mail;
mod seven;
mod tar;
mod zipped;

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::time::{Duration, Instant};

pub use zipped::contents_fit;

/// How deep content may lie in content: a document in an archive in a mail in an archive.
pub const DEEPEST: usize = 4;
/// How many contents one file may have, those of its contents counted too.
pub const MOST_ENTRIES: usize = 10_000;
/// How much of one content is looked at, in bytes: it is held in memory.
pub const LARGEST: usize = 64 << 20;
/// How many bytes one file may unpack to, all its contents together.
pub const MOST_BYTES: u64 = 4 << 30;
/// How much larger than the file itself all its contents together may be, once they are past [`NEVER_A_BOMB`].
pub const MOST_RATIO: u64 = 200;
/// Up to so many bytes, whatever the ratio.
pub const NEVER_A_BOMB: u64 = 64 << 20;
/// How long the contents of one file may take, searching them included.
pub const LONGEST: Duration = Duration::from_secs(120);
/// The largest window a decoder may ask for, in bytes. 7z goes up to 64 MiB at its highest setting.
pub const WINDOW: u64 = 96 << 20;
/// The longest name of a content that is kept, in letters.
const LONGEST_NAME: usize = 256;
/// How many bytes tell what something is.
pub const HEAD: usize = 1_024;
/// How many places that were left out are named; the others are counted.
const MOST_NAMED: usize = 100;

/// What can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ZIP, also as an Office document, a Java or an Android program.
    Zip,
    /// One stream, packed by gzip.
    Gzip,
    /// One stream, packed by Zstandard.
    Zstd,
    /// 7z.
    Seven,
    /// tar.
    Tar,
    /// One message.
    Mail,
    /// Several messages, one after another.
    Mailbox,
    /// Packed in a way that cannot be opened here.
    Foreign(&'static str),
}

/// Tells what something is by its first [`HEAD`] bytes; `None`: nothing that has contents.
#[must_use]
pub fn kind(head: &[u8]) -> Option<Kind> {
    Some(match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Kind::Zip,
        [0x1F, 0x8B, 8, ..] => Kind::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Kind::Zstd,
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Kind::Seven,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Kind::Foreign("xz"),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Kind::Foreign("bzip2"),
        [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => Kind::Foreign("rar"),
        [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Kind::Foreign("cab"),
        _ if tar::is_tar(head) => Kind::Tar,
        _ => return mail::kind(head),
    })
}

/// Content of a file.
pub struct Member<'m> {
    /// Names from the outermost to it, joined by `!`.
    pub name: &'m str,
    /// Its bytes, at most [`LARGEST`].
    pub bytes: &'m [u8],
}

/// What came of opening a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Contents that were handed on.
    pub entries: usize,
    /// Bytes they had.
    pub bytes: u64,
    /// Contents that were left out, or not whole: the first hundred, each with its reason in English.
    pub cut: Vec<(String, String)>,
    /// All that were.
    pub cuts: u64,
}

impl Opened {
    fn cut(&mut self, name: &str, reason: impl ToString) {
        self.cuts += 1;
        if self.cut.len() < MOST_NAMED {
            self.cut.push((name.to_owned(), reason.to_string()));
        }
    }
}

/// Takes a content. What it says ends the work at once when it is false.
pub type Visit<'v> = dyn FnMut(&Member) -> bool + 'v;

/// Something that can be read from anywhere.
pub trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// Hands on all contents of a file. `length`: how many bytes the file has.
pub fn open(name: &str, kind: Kind, source: &mut dyn Source, length: u64, visit: &mut Visit) -> Opened {
    let most = MOST_BYTES.min(NEVER_A_BOMB.max(length.saturating_mul(MOST_RATIO)));
    open_within(name, kind, source, most, visit)
}

fn open_within(name: &str, kind: Kind, source: &mut dyn Source, most: u64, visit: &mut Visit) -> Opened {
    let room = Room { left: Cell::new(most), most, until: Instant::now() + LONGEST };
    let mut opening = Opening { room: &room, visit, opened: Opened::default(), stopped: false };
    opening.inside(name, kind, source, 1);
    opening.opened
}

/// What may still come out.
struct Room {
    left: Cell<u64>,
    most: u64,
    until: Instant,
}

/// Counts what comes out of a decoder, and ends it when it is more than can be meant.
struct Metered<'r, R> {
    inner: R,
    room: &'r Room,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.room.left.get() == 0 {
            return Err(io::Error::other(format!("unpacks to more than {} bytes", self.room.most)));
        }
        if Instant::now() > self.room.until {
            return Err(io::Error::other("opening it takes too long"));
        }
        let room = usize::try_from(self.room.left.get()).map_or(buffer.len(), |room| room.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..room])?;
        self.room.left.set(self.room.left.get() - read as u64);
        Ok(read)
    }
}

struct Opening<'o, 'v> {
    room: &'o Room,
    visit: &'o mut Visit<'v>,
    opened: Opened,
    stopped: bool,
}

impl Opening<'_, '_> {
    /// Whether another content may follow; if not, that is told.
    fn may_go_on(&mut self, name: &str) -> bool {
        let reason = if self.stopped {
            return false;
        } else if self.opened.entries >= MOST_ENTRIES {
            format!("more than {MOST_ENTRIES} contents; the rest is left out")
        } else if self.room.left.get() == 0 {
            format!("unpacks to more than {} bytes; the rest is left out", self.room.most)
        } else if Instant::now() > self.room.until {
            format!("takes longer than {} seconds; the rest is left out", LONGEST.as_secs())
        } else {
            return true;
        };
        self.stopped = true;
        self.opened.cut(name, reason);
        false
    }

    /// Opens something of a known kind.
    fn inside(&mut self, name: &str, kind: Kind, source: &mut dyn Source, depth: usize) {
        if depth > DEEPEST {
            return self.opened.cut(name, format!("lies deeper than {DEEPEST} levels"));
        }
        if let Err(error) = source.rewind() {
            return self.opened.cut(name, error);
        }
        match kind {
            Kind::Zip => zipped::open(self, name, source, depth),
            Kind::Seven => seven::open(self, name, source, depth),
            Kind::Mail | Kind::Mailbox => mail::open(self, name, kind, source, depth),
            Kind::Gzip | Kind::Zstd | Kind::Tar => self.stream(name, kind, source, depth),
            Kind::Foreign(packing) => self.opened.cut(name, format!("{packing} cannot be opened here")),
        }
    }

    fn stream(&mut self, name: &str, kind: Kind, source: &mut dyn Read, depth: usize) {
        match kind {
            Kind::Gzip => {
                let inner = format!("{name}!{}", stem(name, &[".gz", ".tgz"]));
                let mut stream = Metered { inner: flate2::read::MultiGzDecoder::new(source), room: self.room };
                self.content(&inner, &mut stream, depth);
            }
            Kind::Zstd => {
                let inner = format!("{name}!{}", stem(name, &[".zst", ".tzst"]));
                let frames = crate::lines::packed::Frames::new(BufReader::new(source));
                self.content(&inner, &mut Metered { inner: frames, room: self.room }, depth);
            }
            _ => tar::open(self, name, source, depth),
        }
    }

    /// Takes one content, and what is inside it.
    fn content(&mut self, name: &str, source: &mut dyn Read, depth: usize) {
        if !self.may_go_on(name) {
            return;
        }
        let mut source = BufReader::with_capacity(64 << 10, source);
        let mut head = Vec::with_capacity(HEAD);
        if let Err(error) = (&mut source).take(HEAD as u64).read_to_end(&mut head) {
            return self.opened.cut(name, error);
        }
        let kind = kind(&head);
        let mut whole = Cursor::new(head).chain(source);
        // A packed stream need not be held whole to be gone through.
        if let Some(kind @ (Kind::Gzip | Kind::Zstd | Kind::Tar)) = kind {
            if depth >= DEEPEST {
                return self.opened.cut(name, format!("lies deeper than {DEEPEST} levels"));
            }
            return self.stream(name, kind, &mut whole, depth + 1);
        }
        let mut bytes = Vec::new();
        let read = (&mut whole).take(LARGEST as u64 + 1).read_to_end(&mut bytes);
        let mut is_whole = read.is_ok();
        if let Err(error) = read {
            self.opened.cut(name, error);
        }
        if bytes.len() > LARGEST {
            bytes.truncate(LARGEST);
            is_whole = false;
            self.opened.cut(name, format!("only the first {LARGEST} bytes were looked at"));
        }
        self.opened.entries += 1;
        self.opened.bytes += bytes.len() as u64;
        if !(self.visit)(&Member { name, bytes: &bytes }) {
            self.stopped = true;
            return;
        }
        if let Some(kind) = kind
            && (is_whole || matches!(kind, Kind::Mail | Kind::Mailbox))
        {
            self.inside(name, kind, &mut Cursor::new(bytes), depth + 1);
        }
    }
}

/// The last part of a name, without the ending that its packing gave it.
fn stem<'n>(name: &'n str, endings: &[&str]) -> &'n str {
    let last = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    endings.iter().find_map(|ending| last.strip_suffix(ending)).filter(|stem| !stem.is_empty()).unwrap_or("content")
}

/// A name from inside a file, made fit for being shown.
fn inner_name(name: &str) -> String {
    let shown = |letter: char| if letter.is_control() || letter == '!' { '?' } else { letter };
    name.chars().take(LONGEST_NAME).map(shown).collect()
}

#[cfg(test)]
mod tests;
