//! Logs of lines: JSON in its layouts, auditd, syslog, access logs, CSV; plain or packed. Told apart by content.
//!
//! Reading is cut in two, so that several threads can work on one log: [`Log`] only splits a stream into [`Piece`]s of whole
//! lines, one after another; [`read_piece`] turns a piece into events, on any thread.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use crate::event::{Event, Names};

/// About how many bytes a piece has. A piece ends where a line (or a group of records that belong together) ends.
pub const PIECE: usize = 1 << 20;

/// What a log turned out to be, with what of its beginning every piece needs (the header of a table).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Nothing that can be read as a log.
    Unknown,
}

/// Some whole lines of a log.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// The lines. Reused from piece to piece.
    pub bytes: Vec<u8>,
    /// The number of the first line in its file, counted from 1.
    pub first_line: u64,
}

/// What was seen and what could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Lines seen.
    pub lines: u64,
    /// Lines that could not be read as the rest of the log is.
    pub skipped: u64,
    /// Lines, values or streams that were longer than is allowed, and cut.
    pub cut: u64,
}

impl Notes {
    /// Adds what was noted elsewhere.
    pub fn add(&mut self, other: &Notes) {
        self.lines += other.lines;
        self.skipped += other.skipped;
        self.cut += other.cut;
    }
}

/// A stream of lines that is being split.
pub struct Log<'r> {
    layout: Arc<Layout>,
    _input: &'r mut dyn Read,
}

impl<'r> Log<'r> {
    /// Looks at the beginning of a stream and says what it is. The stream must not be packed.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn open(input: &'r mut dyn Read) -> io::Result<Log<'r>> {
        Ok(Log { layout: Arc::new(Layout::Unknown), _input: input })
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
    pub fn next(&mut self, _piece: &mut Piece, _notes: &mut Notes) -> io::Result<bool> {
        Ok(false)
    }
}

/// Turns the lines of a piece into events, one after another, in the reused `event`.
pub fn read_piece(
    _layout: &Layout,
    _piece: &Piece,
    _names: &Names,
    _event: &mut Event,
    _notes: &mut Notes,
    _visit: &mut dyn FnMut(&mut Event),
) {
}

/// Visits what is inside a file: each member of an archive, the content of a packed stream, or the file itself if it is
/// neither. `path` is as the user gave it; members are called `path!member`. Told apart by content.
///
/// # Errors
/// The visitor's, or when the file cannot be read or unpacked; the members before have been visited.
pub fn each_member(
    mut file: File,
    path: &str,
    _notes: &mut Notes,
    visit: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    visit(path, &mut file)
}
