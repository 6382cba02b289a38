//! Writes the fields of one record of a Windows event log: `dump FILE RECORD`.

use ungcuu_detect::event::{Event, Names};
use ungcuu_detect::evtx::{CHUNK, Chunks, FILE_HEADER, Notes, chunk_starts};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let data = std::fs::read(arguments.next().unwrap_or_default())?;
    let wanted: Option<u64> = arguments.next().and_then(|text| text.parse().ok());
    let names = Names::default();
    let (mut chunks, mut notes, mut event) = (Chunks::new(&names), Notes::default(), Event::new());
    for start in chunk_starts(&data, FILE_HEADER, data.len()) {
        let mut records = chunks.read(&data[start..data.len().min(start + CHUNK)], &mut notes);
        while records.next(&mut notes) {
            let read = records.fill_whole(&mut event);
            if wanted.is_some_and(|wanted| wanted != event.record) {
                continue;
            }
            println!("--- {} {} {} {read:?}", event.record, event.event_id, event.channel());
            for field in event.fields() {
                println!("{} = {:?} ({:?})", event.name(field), event.value(field), field.kind);
            }
        }
    }
    println!("{notes:?}");
    Ok(())
}
