//! Logs that are text: JSON in every layout met, the Linux audit daemon, syslog, web servers and proxies, tables. What a
//! file is, is told by its content; every reader fills the same [`Event`].
//!
//! ```
//! use ungcuu_detect::{event::{Event, Names, Sink}, lines};
//! struct Users(Names, Vec<String>);
//! impl Sink for Users {
//!     fn names(&self) -> &Names { &self.0 }
//!     fn event(&mut self, event: &mut Event) { self.1.extend(event.find_name("user.name").map(String::from)) }
//! }
//! let log = b"{\"user\":{\"name\":\"an\"}}\n";
//! let mut users = Users(Names::default(), Vec::new());
//! let mut reader = lines::Reader::new(lines::detect(log).unwrap(), Default::default());
//! reader.feed(log, &mut users);
//! reader.finish(&mut users);
//! assert_eq!(users.1, ["an"]);
//! ```

mod auditd;
mod json;
mod layout;
pub mod packed;
mod pairs;
mod paths;
mod pieces;
mod syslog;
mod table;
mod time;
mod web;
mod wide;
mod windows;

use std::borrow::Cow;

use crate::event::{Event, Names, Sink, Source};

pub use json::DEEPEST;
pub use packed::each_member;
use pairs::Pairs;
pub use pieces::{Layout, Log, PIECE, Piece, Pieces, read_piece};
pub use time::Clock;
use wide::Wide;

/// The longest line, or object over several lines, in bytes. Longer ones are skipped and counted.
pub const LONGEST: usize = 4 << 20;
/// How much of a file's beginning [`detect`] looks at, in bytes; more does no harm.
pub const HEAD: usize = 64 << 10;
/// How many lines it looks at.
const HEAD_LINES: usize = 60;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// JSON objects over several lines, or a list of them.
    JsonStream,
    /// Records of the audit daemon.
    Auditd,
    /// Lines of syslog, of web servers, of proxies, mixed as they come.
    Lines,
    /// W3C extended logs (IIS and others).
    W3c,
    /// Zeek's own tables.
    Zeek,
    /// A table with a header, and its delimiter.
    Table(u8),
}

/// What was seen and what could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    pub lines: u64,
    pub events: u64,
    /// Lines (or objects) that are not what the file is, and those longer than [`LONGEST`].
    pub skipped: u64,
    /// Lines with bytes that are not UTF-8; those bytes were replaced.
    pub not_utf8: u64,
    /// Lines that had no end within the bounds.
    pub cut: u64,
}

impl Notes {
    /// Adds what was noted elsewhere.
    pub fn add(&mut self, other: &Notes) {
        self.lines += other.lines;
        self.events += other.events;
        self.skipped += other.skipped;
        self.not_utf8 += other.not_utf8;
        self.cut += other.cut;
    }
}

/// Tells what a text is from its beginning; none when it is no log that can be read.
pub fn detect(head: &[u8]) -> Option<Format> {
    let mut wide = Wide::of(head);
    let text = match &mut wide {
        Some(wide) => Cow::Owned(wide.decode(&head[2..head.len().min(HEAD)])),
        None => String::from_utf8_lossy(&head[..head.len().min(HEAD)]),
    };
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    if text.contains('\0') {
        return None;
    }
    let mut pairs = Pairs::default();
    if text.starts_with('{') {
        let first = text.lines().next().unwrap_or_default();
        return match json::flatten(first, &mut pairs) {
            Ok(_) => Some(Format::Json),
            Err(json::Broken::Wrong) => None,
            // A first line longer than the head, or an object over several lines.
            Err(json::Broken::Short) if first.len() == text.len() && text.len() > 4_096 => Some(Format::Json),
            Err(json::Broken::Short) => Some(Format::JsonStream),
        };
    }
    if let Some(inside) = text.strip_prefix('[')
        && inside.trim_start().starts_with('{')
    {
        return Some(Format::JsonStream);
    }
    if text.starts_with("#separator") || text.starts_with("#fields\t") {
        return Some(Format::Zeek);
    }
    if text.lines().take(8).any(|line| line.starts_with("#Fields:")) {
        return Some(Format::W3c);
    }
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(HEAD_LINES);
    if lines().next().is_some_and(auditd::is_record) {
        return Some(Format::Auditd);
    }
    let (mut known, mut audit, mut all) = (0, 0, 0);
    let mut event = Event::new();
    for line in lines() {
        all += 1;
        audit += usize::from(auditd::is_record(line));
        known += usize::from(plain_line(line, 1, &Clock::default(), &Names::default(), &mut event));
    }
    if audit * 2 > all {
        return Some(Format::Auditd);
    }
    // The head may end within a line, and stack traces and the like stand between.
    if known > 0 && known * 4 >= all {
        return Some(Format::Lines);
    }
    table::delimiter(lines()).map(Format::Table)
}

/// Reads a line that is whole in itself; false when it is of no known kind.
pub(crate) fn plain_line(line: &str, number: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    auditd::single(line, number, names, event)
        || syslog::line(line, number, clock, names, event)
        || web::line(line, number, clock, names, event)
}

/// Reads one text from its beginning to its end, in pieces of any size.
pub struct Reader {
    format: Format,
    clock: Clock,
    notes: Notes,
    /// What came behind the last whole line or object.
    rest: Vec<u8>,
    /// Do not try again before there are so many bytes.
    enough: usize,
    /// Within a line that is too long.
    skipping: bool,
    begun: bool,
    wide: Option<Wide>,
    event: Event,
    pairs: Pairs,
    known: windows::Known,
    audit: auditd::Joiner,
    table: table::Table,
}

impl Reader {
    /// At the beginning of a text.
    pub fn new(format: Format, clock: Clock) -> Reader {
        Reader {
            format,
            clock,
            notes: Notes::default(),
            rest: Vec::new(),
            enough: 0,
            skipping: false,
            begun: false,
            wide: None,
            event: Event::new(),
            pairs: Pairs::default(),
            known: windows::Known::default(),
            audit: auditd::Joiner::default(),
            table: table::Table::new(format),
        }
    }

    /// Within a text, behind so many lines; `header` are those of them that say what a table's columns are. What a reader
    /// before this one came to know is taken over.
    fn behind(format: Format, clock: Clock, lines: u64, header: &str, before: Option<Reader>) -> Reader {
        let mut reader = Reader::new(format, clock);
        if let Some(Reader { event, pairs, known, .. }) = before {
            (reader.event, reader.pairs, reader.known) = (event, pairs, known);
        }
        reader.begun = true;
        reader.notes.lines = lines;
        reader.table.begin(header);
        reader
    }

    /// What was seen so far. `lines` counts from the text's beginning.
    pub fn notes(&self) -> Notes {
        self.notes
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        if !self.begun && !bytes.is_empty() {
            self.begun = true;
            self.wide = Wide::of(bytes);
            let skip = if self.wide.is_some() { 2 } else { 3 * usize::from(bytes.starts_with(b"\xEF\xBB\xBF")) };
            return self.take(&bytes[skip..], sink);
        }
        self.take(bytes, sink);
    }

    /// The text has ended.
    pub fn finish(&mut self, sink: &mut dyn Sink) {
        let rest = std::mem::take(&mut self.rest);
        if self.format == Format::JsonStream {
            self.notes.skipped += u64::from(!rest.iter().all(|b| b.is_ascii_whitespace() || matches!(b, b']' | b',')));
        } else if !rest.is_empty() && !self.skipping {
            self.line(&rest, sink);
        }
        let Reader { audit, table, event, notes, clock, .. } = self;
        audit.finish(event, sink, notes);
        table.finish(clock, event, sink, notes);
    }

    fn take(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        let decoded = self.wide.as_mut().map(|wide| wide.decode(bytes));
        let bytes = decoded.as_ref().map_or(bytes, String::as_bytes);
        if self.format == Format::JsonStream {
            return self.stream(bytes, sink);
        }
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let piece = &bytes[from..end];
            from = end + 1;
            if self.skipping {
                self.skipping = false;
                self.notes.lines += 1;
            } else if self.rest.is_empty() {
                self.line(piece, sink);
            } else {
                let mut whole = std::mem::take(&mut self.rest);
                whole.extend_from_slice(piece);
                self.line(&whole, sink);
                whole.clear();
                self.rest = whole;
            }
        }
        if self.skipping {
            return;
        }
        self.rest.extend_from_slice(&bytes[from..]);
        if self.rest.len() > LONGEST {
            self.rest.clear();
            self.skipping = true;
            self.notes.skipped += 1;
        }
    }

    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) {
        self.notes.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > LONGEST {
            self.notes.skipped += 1;
            return;
        }
        let text = match std::str::from_utf8(line) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.notes.not_utf8 += 1;
                String::from_utf8_lossy(line)
            }
        };
        let number = self.notes.lines;
        match self.format {
            Format::Auditd => self.audit.line(&text, number, &mut self.event, sink, &mut self.notes),
            Format::W3c | Format::Zeek | Format::Table(_) => {
                self.table.line(&text, number, &self.clock, &mut self.event, sink, &mut self.notes);
            }
            _ if text.trim().is_empty() => {}
            Format::Json => {
                self.pairs.clear();
                match json::flatten(&text, &mut self.pairs) {
                    Ok(_) => self.object(number, sink),
                    Err(_) => self.notes.skipped += 1,
                }
            }
            _ => {
                if plain_line(&text, number, &self.clock, sink.names(), &mut self.event) {
                    self.notes.events += 1;
                    sink.event(&mut self.event);
                } else {
                    self.notes.skipped += 1;
                }
            }
        }
    }

    fn object(&mut self, number: u64, sink: &mut dyn Sink) {
        layout::fill(&self.pairs, number, &self.clock, sink.names(), &mut self.event, &mut self.known);
        self.notes.events += 1;
        sink.event(&mut self.event);
    }

    /// Objects that need not end with their line.
    fn stream(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() < self.enough {
            return;
        }
        let rest = std::mem::take(&mut self.rest);
        let (text, broken) = match std::str::from_utf8(&rest) {
            Ok(text) => (Cow::Borrowed(text), 0),
            // A character cut in two waits for its other half.
            Err(error) if error.error_len().is_none() => {
                let (whole, cut) = rest.split_at(error.valid_up_to());
                (String::from_utf8_lossy(whole), cut.len())
            }
            Err(_) => {
                self.notes.not_utf8 += 1;
                (String::from_utf8_lossy(&rest), 0)
            }
        };
        let mut at = 0;
        self.enough = 0;
        while at < text.len() {
            match text.as_bytes()[at] {
                b'{' => {}
                b'\n' => {
                    self.notes.lines += 1;
                    at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b',' | b'[' | b']' => {
                    at += 1;
                    continue;
                }
                _ => {
                    self.notes.skipped += 1;
                    at += memchr::memchr(b'\n', &text.as_bytes()[at..]).unwrap_or(text.len() - at);
                    continue;
                }
            }
            self.pairs.clear();
            match json::flatten(&text[at..], &mut self.pairs) {
                Ok(length) => {
                    self.object(self.notes.lines + 1, sink);
                    self.notes.lines += memchr::memchr_iter(b'\n', &text.as_bytes()[at..at + length]).count() as u64;
                    at += length;
                }
                Err(json::Broken::Short) if text.len() - at <= LONGEST => break,
                Err(_) => {
                    self.notes.skipped += 1;
                    at += memchr::memchr(b'\n', &text.as_bytes()[at..]).unwrap_or(text.len() - at);
                }
            }
        }
        self.rest = text.as_bytes()[at..].to_vec();
        self.rest.extend_from_slice(&rest[rest.len() - broken..]);
        // Not again for every few bytes: what is unfinished is read anew from its beginning.
        self.enough = self.rest.len() * 2;
    }
}

/// Starts an event that is one line of text.
fn begin(event: &mut Event, source: Source, line: &str, number: u64) {
    event.clear(source);
    event.record = number;
    let kept = event.keep(line.as_bytes());
    event.set_line(kept);
}

#[cfg(test)]
pub(crate) mod tests;
