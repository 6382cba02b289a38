//! One of the threads that read and match.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::{Done, Hunt, Shared, Unit, Work};
use crate::engine::Matcher;
use crate::event::{Event, Source};
use crate::evtx::{CHUNK, Chunks, chunk_starts};
use crate::lines::{self, Pieces};

struct Worker<'h> {
    hunt: &'h Hunt,
    chunks: Chunks<'h>,
    pieces: Pieces<'h>,
    matcher: Matcher,
    event: Event,
    fired: Vec<u32>,
    channel: Vec<u8>,
}

/// What does one unit after another in its thread.
pub fn worker<'h>(hunt: &'h Hunt, shared: &'h Shared) -> impl FnMut(Unit) -> Done + use<'h> {
    let mut worker = Worker {
        hunt,
        chunks: Chunks::new(hunt.engine.names()),
        pieces: Pieces::new(hunt.engine.names()),
        matcher: Matcher::new(),
        event: Event::new(),
        fired: Vec::new(),
        channel: Vec::new(),
    };
    let mut buffer = Vec::new();
    move |unit| {
        let mut done = Done { file: unit.file, ..Done::default() };
        let before = worker.matcher.looked_at;
        match unit.work {
            Work::Stored { file, offset, length, carved } => {
                // A carved chunk may begin near the end of the stretch and reach into the next.
                let reach = if carved { length + CHUNK as u64 } else { length };
                match read_at(&file, &mut buffer, offset, reach as usize) {
                    Ok(()) => {
                        let end = buffer.len().min(length as usize);
                        worker.chunks(&buffer, end, &mut done);
                    }
                    Err(error) => done.fault = Some(error.to_string()),
                }
                done.bytes = length;
            }
            Work::Chunks(bytes) => {
                worker.chunks(&bytes, bytes.len(), &mut done);
                done.bytes = bytes.len() as u64;
                shared.give_back(bytes);
            }
            Work::Lines(layout, piece) => {
                worker.lines(&layout, &piece, &mut done);
                done.bytes = piece.bytes.len() as u64;
                shared.give_back(piece.bytes);
            }
        }
        done.looked_at = worker.matcher.looked_at - before;
        done
    }
}

impl Worker<'_> {
    fn chunks(&mut self, piece: &[u8], end: usize, done: &mut Done) {
        let hunt = self.hunt;
        for start in chunk_starts(piece, 0, end) {
            let chunk = &piece[start..piece.len().min(start + CHUNK)];
            let mut notes = done.evtx;
            let mut records = self.chunks.read(chunk, &mut notes);
            while records.next(&mut notes) {
                done.events += 1;
                self.channel.clear();
                self.channel.extend_from_slice(records.channel());
                self.channel.make_ascii_lowercase();
                let Some(class) = hunt.engine.class(Source::Windows, &self.channel, records.event_id()) else {
                    continue;
                };
                let read = records.fill(&mut self.event, &class.wanted);
                // What could be read of a broken record is matched all the same.
                notes.skipped += u64::from(read.is_err());
                self.fired.clear();
                self.matcher.run(class, &self.event, &mut self.fired);
                if self.fired.is_empty() {
                    continue;
                }
                _ = records.fill_whole(&mut self.event);
                keep(hunt, &self.event, &self.fired, done);
            }
            done.evtx = notes;
        }
    }

    fn lines(&mut self, layout: &lines::Layout, piece: &lines::Piece, done: &mut Done) {
        let hunt = self.hunt;
        let mut notes = lines::Notes::default();
        let (channel, matcher, fired) = (&mut self.channel, &mut self.matcher, &mut self.fired);
        self.pieces.read(layout, piece, &mut notes, &mut |event| {
            done.events += 1;
            done.cut += u64::from(event.dropped > 0);
            channel.clear();
            crate::engine::fold_into(channel, event.channel().as_bytes());
            let Some(class) = hunt.engine.class(event.source, channel, event.event_id) else { return };
            fired.clear();
            matcher.run(class, event, fired);
            if !fired.is_empty() {
                keep(hunt, event, fired, done);
            }
        });
        done.lines.add(&notes);
    }
}

fn keep(hunt: &Hunt, event: &Event, fired: &[u32], done: &mut Done) {
    if hunt.choice.holds(event.time) {
        let event = Arc::new(event.compact());
        done.findings.extend(fired.iter().map(|rule| (*rule, Arc::clone(&event))));
    }
}

/// Fills the buffer with what stands at a place of a file; shorter at its end.
fn read_at(file: &File, buffer: &mut Vec<u8>, offset: u64, length: usize) -> io::Result<()> {
    buffer.resize(length, 0);
    let mut filled = 0;
    while filled < length {
        match read_some(file, &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(())
}

#[cfg(unix)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
