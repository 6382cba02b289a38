//! Windows event logs (EVTX), read without turning them into XML or JSON first: a record is its template's list of fields
//! and the spans of their values; text is only decoded for fields that somebody asks for.
//!
//! Broken logs are the usual case: files cut off, not closed, with chunks missing, or chunks carved out of a disk. What
//! can be read is; what cannot is counted in [`Notes`].

mod chunk;
mod template;
pub mod value;
mod wanted;

pub use chunk::{Chunks, Records};
pub use template::Fault;
pub use wanted::Wanted;

/// The size of a chunk, in bytes.
pub const CHUNK: usize = 65_536;

/// The size of the file's header, in bytes; the first chunk follows.
pub const FILE_HEADER: usize = 4_096;

/// What a file begins with.
pub const FILE_MAGIC: [u8; 8] = *b"ElfFile\0";

/// What a chunk begins with.
pub const CHUNK_MAGIC: [u8; 8] = *b"ElfChnk\0";

const CHUNK_HEADER: usize = 512;
const RECORD_MAGIC: [u8; 4] = [0x2a, 0x2a, 0, 0];

/// What was seen and what could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Chunks that were read.
    pub chunks: u64,
    /// Records that were begun.
    pub records: u64,
    /// Records, or stretches of bytes between them, that could not be read.
    pub skipped: u64,
    /// Chunks whose checksum is wrong; their records were read all the same.
    pub bad_checksums: u64,
}

impl Notes {
    /// Adds what was noted elsewhere.
    pub fn add(&mut self, other: &Notes) {
        self.chunks += other.chunks;
        self.records += other.records;
        self.skipped += other.skipped;
        self.bad_checksums += other.bad_checksums;
    }
}

/// Where chunks begin in a piece of a file. `expected`: where the first one should be; those that follow are looked for
/// every 64 KiB, and by their first bytes where that does not hold. Only beginnings before `end` count.
pub fn chunk_starts(piece: &[u8], expected: usize, end: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = expected;
    let end = end.min(piece.len());
    while at < end {
        if piece[at..].starts_with(&CHUNK_MAGIC) {
            starts.push(at);
            at += CHUNK;
            continue;
        }
        let rest = &piece[at..];
        let here = &rest[..rest.len().min(CHUNK)];
        // An unused chunk is all zeros. Anything else may hold one that has slipped.
        match memchr::memmem::find(here, &CHUNK_MAGIC) {
            Some(ahead) => at += ahead,
            None => at += CHUNK - CHUNK_MAGIC.len() + 1,
        }
        if !piece.get(at..).is_some_and(|rest| rest.starts_with(&CHUNK_MAGIC)) {
            // Not found: on to the next expected place, unless a beginning straddled the edge.
            at = (at + CHUNK_MAGIC.len() - 1).max(1);
        }
    }
    starts.retain(|start| *start < end);
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_found_where_they_belong_and_where_they_slipped() {
        let mut file = vec![0u8; CHUNK * 4];
        file[..8].copy_from_slice(&CHUNK_MAGIC);
        file[CHUNK * 2 + 100..CHUNK * 2 + 108].copy_from_slice(&CHUNK_MAGIC);
        assert_eq!(chunk_starts(&file, 0, file.len()), [0, CHUNK * 2 + 100]);
        assert_eq!(chunk_starts(&file, 0, CHUNK), [0]);
        assert_eq!(chunk_starts(&file[..CHUNK + 8], 0, usize::MAX), [0]);
        assert_eq!(chunk_starts(&[], 0, 10), [0usize; 0]);
    }
}
