//! A log cut into pieces of whole lines, so that several threads can read it: [`Log`] cuts, [`read_piece`] reads.

use std::io::{self, Read};
use std::sync::Arc;

use crate::event::{Event, Names, Sink};

use super::{Clock, Format, HEAD, LONGEST, Notes, Reader, Wide, auditd, detect};

/// About how many bytes a piece has. A piece ends where a line (or a group of lines that belong together) ends.
pub const PIECE: usize = 1 << 20;
/// How many records back the audit daemon's records of one event are looked for at a cut.
const RECORDS_BACK: usize = 48;

/// What a log turned out to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// Nothing that can be read as a log.
    Unknown,
    /// This, with times to be read so.
    Known(Format, Clock),
}

/// Some whole lines of a log.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// The lines, in UTF-8 as far as they are text. Reused from piece to piece.
    pub bytes: Vec<u8>,
    /// The number of the first line in its file, counted from 1.
    pub first_line: u64,
    /// The lines further up that say what a table's columns are; empty where the piece says so itself.
    pub header: Arc<str>,
}

/// A stream of lines that is being cut.
pub struct Log<'r> {
    layout: Arc<Layout>,
    input: &'r mut dyn Read,
    /// What was read behind the last piece.
    rest: Vec<u8>,
    ended: bool,
    lines: u64,
    header: Arc<str>,
    wide: Option<Wide>,
    /// Within a line that is too long.
    skipping: bool,
}

impl<'r> Log<'r> {
    /// Looks at the beginning of a stream and says what it is. The stream must not be packed.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn open(input: &'r mut dyn Read) -> io::Result<Log<'r>> {
        Log::open_at(input, Clock::default())
    }

    /// Like [`Log::open`], with what is known of the log's clock.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn open_at(input: &'r mut dyn Read, clock: Clock) -> io::Result<Log<'r>> {
        let mut rest = Vec::new();
        (&mut *input).take(HEAD as u64).read_to_end(&mut rest)?;
        let layout = detect(&rest).map_or(Layout::Unknown, |format| Layout::Known(format, clock));
        let ended = rest.len() < HEAD;
        let mut wide = Wide::of(&rest);
        if let Some(wide) = &mut wide {
            rest = wide.decode(&rest[2..]).into_bytes();
        }
        if rest.starts_with(b"\xEF\xBB\xBF") {
            rest.drain(..3);
        }
        let (layout, header) = (Arc::new(layout), Arc::from(""));
        Ok(Log { layout, input, rest, ended, lines: 0, header, wide, skipping: false })
    }

    /// What the log is.
    #[must_use]
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// Fills `piece` with the lines that follow; false at the end.
    ///
    /// # Errors
    /// When the stream cannot be read. What was read before it has been handed out.
    pub fn next(&mut self, piece: &mut Piece, notes: &mut Notes) -> io::Result<bool> {
        let Layout::Known(format, _) = *self.layout else { return Ok(false) };
        let bytes = &mut piece.bytes;
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut failed = None;
        let end = loop {
            while !self.ended && bytes.len() < PIECE && failed.is_none() {
                failed = self.more(bytes).err();
            }
            if self.skipping {
                match memchr::memchr(b'\n', bytes) {
                    Some(at) => {
                        bytes.drain(..=at);
                        self.lines += 1;
                        self.skipping = false;
                        continue;
                    }
                    None => bytes.clear(),
                }
            }
            if self.ended || failed.is_some() {
                break bytes.len();
            }
            if bytes.len() < PIECE {
                continue;
            }
            if let Some(end) = cut(format, bytes) {
                break end;
            }
            if bytes.len() > PIECE + LONGEST {
                // Too long for what belongs together; a line alone is left out.
                notes.cut += 1;
                match memchr::memrchr(b'\n', bytes) {
                    Some(at) => break at + 1,
                    None => {
                        bytes.clear();
                        self.skipping = true;
                        continue;
                    }
                }
            }
            failed = self.more(bytes).err();
        };
        self.rest = bytes.split_off(end);
        piece.first_line = self.lines + 1;
        piece.header = Arc::clone(&self.header);
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.columns(format, &piece.bytes);
        match failed {
            // What was read stands; the fault comes when the next piece is asked for.
            Some(error) if piece.bytes.is_empty() => Err(error),
            Some(_) => Ok(true),
            None => Ok(!piece.bytes.is_empty()),
        }
    }

    fn more(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let before = bytes.len();
        let wanted = (PIECE / 4) as u64;
        let read = match &mut self.wide {
            None => (&mut *self.input).take(wanted).read_to_end(bytes),
            Some(wide) => {
                let mut raw = Vec::new();
                let read = (&mut *self.input).take(wanted).read_to_end(&mut raw);
                bytes.extend_from_slice(wide.decode(&raw).as_bytes());
                read
            }
        };
        if read? == 0 || bytes.len() == before && self.wide.is_none() {
            self.ended = true;
        }
        Ok(())
    }

    /// Remembers what the columns are for the pieces that follow.
    fn columns(&mut self, format: Format, bytes: &[u8]) {
        match format {
            Format::W3c | Format::Zeek => {
                let marks: Vec<_> = bytes
                    .split(|b| *b == b'\n')
                    .filter(|line| line.starts_with(b"#"))
                    .map(|line| String::from_utf8_lossy(line))
                    .collect();
                if !marks.is_empty() {
                    // Zeek's path and fields stand apart; the later ones count.
                    let joined = format!("{}\n{}", self.header, marks.join("\n"));
                    let kept: Vec<_> = joined
                        .lines()
                        .filter(|l| ["#Fields", "#fields", "#path"].iter().any(|m| l.starts_with(m)))
                        .collect();
                    self.header = kept[kept.len().saturating_sub(2)..].join("\n").into();
                }
            }
            Format::Table(_) if self.header.is_empty() => {
                let text = String::from_utf8_lossy(bytes);
                let rows =
                    text.split_inclusive('\n').skip_while(|row| row.trim().is_empty() || row.starts_with("#TYPE"));
                let mut header = String::new();
                for row in rows {
                    header.push_str(row);
                    if header.matches('"').count().is_multiple_of(2) {
                        break;
                    }
                }
                self.header = header.trim_end().into();
            }
            _ => {}
        }
    }
}

/// Where a piece can end.
fn cut(format: Format, bytes: &[u8]) -> Option<usize> {
    match format {
        Format::Json | Format::Lines | Format::W3c | Format::Zeek => memchr::memrchr(b'\n', bytes).map(|at| at + 1),
        Format::Table(_) => {
            let (mut open, mut end) = (false, None);
            for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
                if bytes[at] == b'"' {
                    open = !open;
                } else if !open {
                    end = Some(at + 1);
                }
            }
            end
        }
        Format::Auditd => {
            let ends: Vec<usize> = memchr::memrchr_iter(b'\n', bytes).take(2 * RECORDS_BACK + 1).collect();
            let stamp = |from: usize, to: usize| auditd::stamp(&bytes[from..to]);
            let stamps: Vec<_> = ends.windows(2).map(|pair| stamp(pair[1] + 1, pair[0])).collect();
            // The newest place where nothing behind it was begun before it.
            let fit = (1..stamps.len().min(RECORDS_BACK)).find(|behind| {
                let (newer, older) = stamps.split_at(*behind);
                !newer.iter().any(|stamp| older.contains(stamp))
            });
            let end = fit.map(|behind| ends[behind] + 1);
            end.or_else(|| ends.first().map(|at| at + 1))
        }
        Format::JsonStream => {
            let (mut depth, mut end, mut at) = (0usize, None, 0);
            while let Some(&byte) = bytes.get(at) {
                match byte {
                    b'{' => depth += 1,
                    b'}' => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            end = Some(at + 1);
                        }
                    }
                    b'"' => {
                        at += 1;
                        loop {
                            match memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
                                None => return end,
                                Some(ahead) if bytes[at + ahead] == b'"' => {
                                    at += ahead;
                                    break;
                                }
                                Some(ahead) => at += ahead + 2,
                            }
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            end
        }
    }
}

/// Turns the lines of a piece into events, one after another, in the reused `event`. Whoever reads many pieces does better
/// with [`Pieces`].
pub fn read_piece(
    layout: &Layout,
    piece: &Piece,
    names: &Names,
    event: &mut Event,
    notes: &mut Notes,
    visit: &mut dyn FnMut(&mut Event),
) {
    let mut pieces = Pieces::new(names);
    pieces.read(layout, piece, notes, visit);
    if let Some(reader) = pieces.reader {
        *event = reader.event;
    }
}

/// Reads one piece after another, whatever logs they are from, and knows what it has seen before.
pub struct Pieces<'n> {
    names: &'n Names,
    reader: Option<Reader>,
}

impl<'n> Pieces<'n> {
    /// `names`: those by which events are matched.
    #[must_use]
    pub fn new(names: &'n Names) -> Pieces<'n> {
        Pieces { names, reader: None }
    }

    /// Turns the lines of a piece into events, one after another.
    pub fn read(&mut self, layout: &Layout, piece: &Piece, notes: &mut Notes, visit: &mut dyn FnMut(&mut Event)) {
        struct Visit<'v>(&'v Names, &'v mut dyn FnMut(&mut Event));
        impl Sink for Visit<'_> {
            fn names(&self) -> &Names {
                self.0
            }
            fn event(&mut self, event: &mut Event) {
                (self.1)(event);
            }
        }
        let Layout::Known(format, clock) = *layout else { return };
        let before = piece.first_line.saturating_sub(1);
        let mut reader = Reader::behind(format, clock, before, &piece.header, self.reader.take());
        let mut sink = Visit(self.names, visit);
        reader.feed(&piece.bytes, &mut sink);
        reader.finish(&mut sink);
        let mut seen = reader.notes();
        seen.lines -= before;
        notes.add(&seen);
        self.reader = Some(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Record numbers and a field's values of a log read in pieces.
    fn read(text: &str, field: &str) -> (Vec<(u64, String)>, usize, Notes) {
        let mut bytes = text.as_bytes();
        let mut log = Log::open(&mut bytes).unwrap();
        let layout = log.layout();
        let (mut piece, mut notes, mut found, mut pieces) = (Piece::default(), Notes::default(), Vec::new(), 0);
        let mut event = Event::new();
        while log.next(&mut piece, &mut notes).unwrap() {
            pieces += 1;
            read_piece(&layout, &piece, &Names::default(), &mut event, &mut notes, &mut |event| {
                found.push((event.record, event.find_name(field).unwrap_or_default().to_string()));
            });
        }
        (found, pieces, notes)
    }

    #[test]
    fn pieces_lose_nothing_and_know_their_lines() {
        let pad = "x".repeat(200);
        let json: String = (1..=20_000).map(|n| format!("{{\"n\":{n},\"p\":\"{pad}\"}}\n")).collect();
        let table: String = "n,p,q\n"
            .chars()
            .chain((2..=20_000).flat_map(|n| format!("{n},\"{pad}\",y\n").chars().collect::<Vec<_>>()))
            .collect();
        let w3c: String = "#Fields: n c-ip cs-method\n".to_string()
            + &(2..=20_000).map(|n| format!("{n} {pad} GET\n")).collect::<String>();
        for text in [json, table, w3c] {
            let (found, pieces, notes) = read(&text, "n");
            assert!(pieces > 3);
            assert_eq!((notes.lines, notes.skipped, notes.cut), (20_000, 0, 0));
            assert!(found.iter().all(|(record, n)| record.to_string() == *n), "{:?}", found[0]);
            assert_eq!(found.last().unwrap().0, 20_000);
        }
    }

    #[test]
    fn what_belongs_together_is_not_cut() {
        let pad = "x".repeat(100);
        let audit: String = (1..=10_000)
            .map(|n| format!("type=SYSCALL msg=audit(1.0:{n}): exe=\"{pad}\"\ntype=EXECVE msg=audit(1.0:{n}): argc=1 a0=\"e{n}\"\n"))
            .collect();
        let (found, pieces, _) = read(&audit, "a0");
        assert!(pieces > 1);
        assert_eq!(found.len(), 10_000);
        assert!(found.iter().all(|(_, a0)| a0.starts_with('e')));
        let stream: String =
            (1..=10_000).map(|n| format!("{{\n \"n\": {n},\n \"p\": \"}}{pad}\\\"\"\n}},\n")).collect();
        let (found, pieces, notes) = read(&format!("[{stream}]"), "n");
        assert!(pieces > 1);
        assert_eq!((found.len(), notes.skipped), (10_000, 0));
        assert!(found.iter().enumerate().all(|(at, (record, _))| *record == at as u64 * 4 + 1));
    }

    #[test]
    fn a_line_without_end_is_left_out_and_counted() {
        let text = format!("{{\"n\":1}}\n{{\"n\":\"{}\"}}\n{{\"n\":3}}\n", "x".repeat(3 * LONGEST));
        let (found, _, notes) = read(&text, "n");
        assert_eq!(found, [(1, "1".into()), (3, "3".into())]);
        assert_eq!(notes.cut + notes.skipped, 1);
    }
}
