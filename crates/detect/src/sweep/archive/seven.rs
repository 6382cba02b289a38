//! 7z. Contents may be packed together, so they are gone through in the order of the archive.

use sevenz_rust2::{ArchiveReader, EntryDecision, Password};

use super::{Metered, Opening, Source, WINDOW, inner_name};

pub fn open(opening: &mut Opening, name: &str, mut source: &mut dyn Source, depth: usize) {
    let memory = usize::try_from(WINDOW / 1_024).unwrap_or(usize::MAX);
    let mut archive = match ArchiveReader::new_with_memory_limit(&mut source, Password::empty(), memory) {
        Ok(archive) => archive,
        Err(error) => return opening.opened.cut(name, format!("cannot be opened: {error}")),
    };
    // Packed together, one core is enough; the others are searching too.
    archive.set_thread_count(1);
    let done = archive.for_each_entries_with_decision(|entry, content| {
        if entry.is_directory() || !entry.has_stream() {
            return Ok(EntryDecision::Continue);
        }
        let inner = format!("{name}!{}", inner_name(entry.name()));
        let room = opening.room;
        opening.content(&inner, &mut Metered { inner: &mut *content, room }, depth);
        if opening.stopped || opening.opened.cuts > super::MOST_ENTRIES as u64 {
            return Ok(EntryDecision::Stop);
        }
        // What was left of this content has to come out before the next can.
        let mut rest = Metered { inner: content, room };
        match std::io::copy(&mut rest, &mut std::io::sink()) {
            Ok(_) => Ok(EntryDecision::Continue),
            Err(_) => Ok(EntryDecision::SkipBlock),
        }
    });
    if let Err(error) = done {
        opening.opened.cut(name, error);
    }
}
