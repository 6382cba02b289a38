//! Broken and hostile event logs.

use proptest::prelude::*;
use ungcuu_detect::event::{Event, Names};
use ungcuu_detect::evtx::{CHUNK, Chunks, Notes, chunk_starts};
use ungcuu_detect::hunt::Choice;

use super::made::{Made, file};
use super::{RULES, hunt, log, write};

/// Reads everything in some bytes, whatever they are: how many records could be filled, and the notes.
fn read(bytes: &[u8]) -> (usize, Notes) {
    let names = Names::default();
    let (mut chunks, mut notes, mut event, mut filled) = (Chunks::new(&names), Notes::default(), Event::new(), 0);
    for start in chunk_starts(bytes, 0, bytes.len()) {
        let mut records = chunks.read(&bytes[start..bytes.len().min(start + CHUNK)], &mut notes);
        while records.next(&mut notes) {
            filled += usize::from(records.fill_whole(&mut event).is_ok());
        }
    }
    (filled, notes)
}

fn some_chunk() -> Vec<u8> {
    let mut made = Made::new();
    for record in 0..5 {
        made.event("Security", 4688, record, 0, "whoami /all", &["a", "b"]);
    }
    made.chunk()
}

#[test]
fn a_sound_chunk_is_read_without_a_note() {
    let (filled, notes) = read(&some_chunk());
    assert_eq!((filled, notes), (5, Notes { chunks: 1, records: 5, ..Notes::default() }));
}

#[test]
fn a_wrong_checksum_is_noted_and_the_records_are_read() {
    let mut chunk = some_chunk();
    chunk[124] ^= 1;
    let (filled, notes) = read(&chunk);
    assert_eq!((filled, notes.bad_checksums), (5, 1));
}

#[test]
fn a_chunk_cut_off_anywhere_gives_what_was_whole() {
    let chunk = some_chunk();
    let mut before = 0;
    for end in 0..2_048 {
        let (filled, _) = read(&chunk[..end]);
        assert!(filled >= before && filled <= 5);
        before = filled;
    }
    assert!(before > 0);
}

#[test]
fn a_record_that_lies_about_its_size_costs_only_itself() {
    let mut chunk = some_chunk();
    let second = memchr::memmem::find_iter(&chunk, &[0x2a, 0x2a, 0, 0]).nth(1).unwrap();
    chunk[second + 4..second + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    let (filled, notes) = read(&chunk);
    assert_eq!(filled, 4);
    assert!(notes.skipped > 0);
}

#[test]
fn a_template_in_a_circle_or_too_deep_ends() {
    let mut made = Made::new();
    made.circle();
    made.deep(100);
    made.event("Security", 1, 1, 0, "x", &[]);
    let (filled, notes) = read(&made.chunk());
    assert_eq!(filled, 1);
    assert_eq!(notes.records, 3);
}

#[test]
fn chunks_lost_in_other_bytes_are_carved_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = vec![0xA5; 3_000_017];
    disk.extend(log(30).split_off(4096));
    disk.extend(vec![0x5A; 99_999]);
    let path = write(folder.path(), "disk.img", &disk);
    let (kept, outcome) = hunt(&[RULES], Choice::default(), &[path], 3);
    assert_eq!((kept.lines().len(), outcome.evtx.chunks), (60, 30));
}

#[test]
fn a_log_cut_off_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = log(3);
    bytes.truncate(4096 + CHUNK * 2 + 900);
    let path = write(folder.path(), "cut.evtx", &bytes);
    let (kept, outcome) = hunt(&[RULES], Choice::default(), &[path], 1);
    assert_eq!(kept.lines().len(), 4);
    assert_eq!(outcome.evtx.chunks, 3);
    assert!(outcome.unread.is_empty());
}

#[test]
fn an_empty_log_and_a_header_alone_hold_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [write(folder.path(), "a", b""), write(folder.path(), "b", &file(&[]))];
    let (kept, outcome) = hunt(&[RULES], Choice::default(), &paths, 1);
    assert_eq!((kept.lines().len(), outcome.progress.events), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((0usize..3_000, any::<u8>()), 1..40)) {
        let mut chunk = some_chunk();
        for (at, byte) in changes {
            chunk[at] = byte;
        }
        read(&chunk);
    }

    #[test]
    fn no_bytes_at_all_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        let mut chunk = b"ElfChnk\0".to_vec();
        chunk.resize(512, 0);
        chunk.extend([0x2a, 0x2a, 0, 0, 0, 8, 0, 0]);
        chunk.extend(bytes);
        read(&chunk);
    }
}
