//! Writes the events of Windows logs as flat JSON, one a line: `flatten OUT FILE…`. For measuring readers of lines.

use std::io::{BufWriter, Write};

use ungcuu_detect::event::{Event, Names};
use ungcuu_detect::evtx::{CHUNK, Chunks, FILE_HEADER, Notes, chunk_starts};
use ungcuu_detect::hunt::output::fields;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut out = BufWriter::new(std::fs::File::create(arguments.next().unwrap_or_default())?);
    let names = Names::default();
    let (mut chunks, mut notes, mut event) = (Chunks::new(&names), Notes::default(), Event::new());
    let mut line = Vec::new();
    for path in arguments {
        let data = std::fs::read(path)?;
        for start in chunk_starts(&data, FILE_HEADER, data.len()) {
            let mut records = chunks.read(&data[start..data.len().min(start + CHUNK)], &mut notes);
            while records.next(&mut notes) {
                if records.fill_whole(&mut event).is_ok() {
                    line.clear();
                    fields(&mut line, &event);
                    line.push(b'\n');
                    out.write_all(&line)?;
                }
            }
        }
    }
    out.flush()
}
