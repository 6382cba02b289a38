//! ZIP: archives, Office documents, Java and Android programs.

use std::io::{self, BufReader, Read};

use super::{Metered, Opening, Source, inner_name};

/// How many entries a table of contents may name before it is not even read: it is held in memory.
const MOST_LISTED: usize = 200_000;

pub fn open(opening: &mut Opening, name: &str, mut source: &mut dyn Source, depth: usize) {
    match contents_fit(source) {
        Ok(true) => {}
        Ok(false) => return opening.opened.cut(name, format!("names more than {MOST_LISTED} contents")),
        Err(error) => return opening.opened.cut(name, error),
    }
    let mut archive = match zip::ZipArchive::new(BufReader::new(&mut source)) {
        Ok(archive) => archive,
        Err(error) => return opening.opened.cut(name, format!("cannot be opened: {error}")),
    };
    for index in 0..archive.len() {
        match archive.by_index(index) {
            Err(error) => opening.opened.cut(&format!("{name}!{index}"), error),
            Ok(entry) if entry.is_dir() => {}
            Ok(entry) => {
                let inner = format!("{name}!{}", inner_name(entry.name()));
                let room = opening.room;
                opening.content(&inner, &mut Metered { inner: entry, room }, depth);
            }
        }
        if opening.stopped || opening.opened.cuts > super::MOST_ENTRIES as u64 {
            return;
        }
    }
}

/// Whether a ZIP names no more contents than can be meant. Counted by their marks, because what an archive says of itself may be a lie.
///
/// # Errors
/// When it cannot be read.
pub fn contents_fit(source: &mut dyn Source) -> io::Result<bool> {
    const MARK: &[u8] = b"PK\x01\x02";
    source.rewind()?;
    let finder = memchr::memmem::Finder::new(MARK);
    let mut count = 0;
    let mut buffer = Vec::with_capacity(1 << 20);
    loop {
        // What may be the beginning of a mark stays for the next round.
        let keep = buffer.len().min(MARK.len() - 1);
        buffer.drain(..buffer.len() - keep);
        let read = (&mut *source).take((1 << 20) - keep as u64).read_to_end(&mut buffer)?;
        if read == 0 {
            break;
        }
        count += finder.find_iter(&buffer).count();
        if count > MOST_LISTED {
            return Ok(false);
        }
    }
    source.rewind()?;
    Ok(true)
}
