//! Any bytes as a log: detected, read whole and in pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::event::{Event, Names, Sink};
use ungcuu_detect::lines::{Clock, Log, Notes, Piece, Reader, detect, read_piece};

struct Count(Names, u64);

impl Sink for Count {
    fn names(&self) -> &Names {
        &self.0
    }
    fn event(&mut self, event: &mut Event) {
        self.1 += 1;
        for field in event.fields() {
            assert!(std::str::from_utf8(event.value_bytes(field)).is_ok());
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(format) = detect(data) else { return };
    let mut names = Names::default();
    for name in ["CommandLine", "cs-uri-query", "TargetFilename", "src_ip", "SYSCALL", "Channel"] {
        names.add(name);
    }
    let clock = Clock { offset: 25_200, last: Some(1_795_826_596_000_000) };
    let mut whole = Count(names, 0);
    let mut reader = Reader::new(format, clock);
    reader.feed(data, &mut whole);
    reader.finish(&mut whole);
    let mut parts = Count(Names::default(), 0);
    let mut reader = Reader::new(format, clock);
    data.chunks(13).for_each(|part| reader.feed(part, &mut parts));
    reader.finish(&mut parts);
    let mut bytes = data;
    let mut log = Log::open_at(&mut bytes, clock).unwrap();
    let layout = log.layout();
    let (mut piece, mut notes, mut event) = (Piece::default(), Notes::default(), Event::new());
    while log.next(&mut piece, &mut notes).unwrap() {
        read_piece(&layout, &piece, &whole.0, &mut event, &mut notes, &mut |_| {});
    }
});
