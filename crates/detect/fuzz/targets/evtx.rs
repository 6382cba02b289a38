//! Any bytes as the records of a chunk, and as a file of chunks.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::event::{Event, Names};
use ungcuu_detect::evtx::{CHUNK, Chunks, Notes, chunk_starts};

fn read(bytes: &[u8]) {
    let mut names = Names::default();
    names.add("CommandLine");
    let (mut chunks, mut notes, mut event) = (Chunks::new(&names), Notes::default(), Event::new());
    for start in chunk_starts(bytes, 0, bytes.len()) {
        let mut records = chunks.read(&bytes[start..bytes.len().min(start + CHUNK)], &mut notes);
        while records.next(&mut notes) {
            _ = records.fill_whole(&mut event);
            assert!(event.is_sound());
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let mut chunk = b"ElfChnk\0".to_vec();
    chunk.resize(512, 0);
    chunk.extend_from_slice(bytes);
    read(&chunk);
});
