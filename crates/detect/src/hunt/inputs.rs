//! Walks files and folders and cuts what it finds into units of work.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Input, Shared, Unit, Work};
use crate::evtx::{CHUNK, CHUNK_MAGIC, FILE_HEADER, FILE_MAGIC};
use crate::folders::{self, Met, Visit, is_one_of};
use crate::lines::{self, Layout, Log, Piece};
use crate::ordered::{Ended, Hand};

/// How many chunks make a unit of work.
const CHUNKS: u64 = 16;

/// How deep folders may nest.
const DEEPEST: usize = 64;

/// The most files of one hunt.
const MOST_FILES: u64 = 5_000_000;

/// What came of the walk.
#[derive(Default)]
pub struct Walked {
    pub files: u64,
    pub not_logs: Vec<String>,
    pub unread: Vec<(String, String)>,
    pub lines: lines::Notes,
}

struct Walk<'a, 'g> {
    skip: &'a [PathBuf],
    shared: &'a Shared,
    hand: &'a mut Hand<'g, Unit>,
    walked: Walked,
    clock: lines::Clock,
}

/// Seconds east of Greenwich of times that do not say their zone: Vietnam's.
const OFFSET: i32 = 7 * 3_600;

/// When a file was last written, for times without a year.
fn clock(file: &File) -> lines::Clock {
    let changed = file.metadata().and_then(|about| about.modified()).ok();
    let since = changed.and_then(|moment| moment.duration_since(std::time::UNIX_EPOCH).ok());
    lines::Clock { offset: OFFSET, last: since.and_then(|since| i64::try_from(since.as_micros()).ok()) }
}

/// Goes through the inputs in their order, each folder in the order of names.
/// `skip`: what is not read.
pub fn walk(inputs: &[Input], skip: &[PathBuf], shared: &Shared, hand: &mut Hand<Unit>) -> Walked {
    let mut walk =
        Walk { skip, shared, hand, walked: Walked::default(), clock: lines::Clock { offset: OFFSET, last: None } };
    for input in inputs {
        let done =
            if input.as_os_str() == "-" { walk.standard_input() } else { folders::walk(input, DEEPEST, &mut walk) };
        if done.is_err() {
            break;
        }
    }
    walk.walked
}

impl Visit for Walk<'_, '_> {
    type Ended = Ended;

    fn meet(&mut self, met: Met) -> Result<bool, Ended> {
        // A pipe or device is read where it was named; in a folder it would be waited for.
        if met.kind.is_dir() || !met.kind.is_file() && !met.named {
            return Ok(true);
        }
        if is_one_of(self.skip, met.path) {
            return Ok(true);
        }
        let name = met.path.to_string_lossy();
        if self.walked.files >= MOST_FILES {
            self.unread(&name, format!("more than {MOST_FILES} files"));
            return Err(Ended);
        }
        match File::open(met.path).and_then(|file| file.metadata().map(|about| (file, about.len()))) {
            Ok((file, length)) => self.file(&name, file, length)?,
            Err(error) => self.unread(&name, error),
        }
        Ok(true)
    }

    fn fault(&mut self, path: &Path, reason: String) {
        self.unread(&path.to_string_lossy(), reason);
    }
}

impl Walk<'_, '_> {
    fn give(&mut self, file: &Arc<str>, work: Work) -> Result<(), Ended> {
        self.hand.give(Unit { file: Arc::clone(file), work })
    }

    fn unread(&mut self, path: &str, reason: impl ToString) {
        self.walked.unread.push((path.to_owned(), reason.to_string()));
    }

    fn standard_input(&mut self) -> Result<(), Ended> {
        let mut ended = false;
        let done = lines::packed::unpack_stream("-", &mut io::stdin().lock(), &mut |name, stream| {
            self.stream(name, stream).map_err(|Ended| {
                ended = true;
                io::Error::other("the hunt has ended")
            })
        });
        if ended {
            return Err(Ended);
        }
        done.failed.into_iter().for_each(|(name, reason)| self.unread(&name, reason));
        Ok(())
    }

    fn file(&mut self, name: &str, mut file: File, length: u64) -> Result<(), Ended> {
        self.clock = clock(&file);
        self.shared.total.fetch_add(length, Ordering::Relaxed);
        let mut head = [0u8; 8];
        let read = match read_up_to(&mut file, &mut head) {
            Ok(read) => &head[..read],
            Err(error) => {
                self.unread(name, error);
                return Ok(());
            }
        };
        if read.is_empty() {
            self.walked.files += 1;
            return Ok(());
        }
        if read == FILE_MAGIC {
            return self.stored(name, file, FILE_HEADER as u64, length, false);
        }
        if read == CHUNK_MAGIC {
            return self.stored(name, file, 0, length, true);
        }
        if file.rewind().is_err() {
            // A pipe or device that was named: read from where it stands.
            let mut stream = Cursor::new(read.to_vec()).chain(file);
            return self.stream(name, &mut stream);
        }
        let before = self.walked.not_logs.len();
        let again = file.try_clone();
        let mut ended = false;
        let mut notes = lines::Notes::default();
        let outcome = lines::each_member(file, name, &mut notes, &mut |name, stream| {
            self.stream(name, stream).map_err(|Ended| {
                ended = true;
                io::Error::other("the hunt has ended")
            })
        });
        self.walked.lines.add(&notes);
        if ended {
            return Err(Ended);
        }
        if let Err(error) = outcome {
            self.unread(name, error);
        }
        // What is no log may still be a disk, or a part of one, with chunks of logs somewhere in it.
        if self.walked.not_logs.get(before..) == Some(&[name.to_owned()])
            && let Ok(mut file) = again
            && length >= CHUNK as u64 / 2
            && holds_chunk(&mut file).unwrap_or(false)
        {
            self.walked.not_logs.pop();
            return self.stored(name, file, 0, length, true);
        }
        Ok(())
    }

    fn stored(&mut self, name: &str, file: File, from: u64, length: u64, carved: bool) -> Result<(), Ended> {
        self.walked.files += 1;
        let (name, file) = (Arc::from(name), Arc::new(file));
        let mut offset = from;
        while offset < length {
            let size = (CHUNKS * CHUNK as u64).min(length - offset);
            self.give(&name, Work::Stored { file: Arc::clone(&file), offset, length: size, carved })?;
            offset += size;
        }
        Ok(())
    }

    fn stream(&mut self, name: &str, stream: &mut dyn Read) -> Result<(), Ended> {
        match self.read_stream(name, stream) {
            Ok(ended) => ended,
            Err(error) => {
                self.unread(name, error);
                Ok(())
            }
        }
    }

    fn read_stream(&mut self, name: &str, stream: &mut dyn Read) -> io::Result<Result<(), Ended>> {
        let mut head = [0u8; 8];
        let read = read_up_to(stream, &mut head)?;
        let file: Arc<str> = Arc::from(name);
        let mut stream = Cursor::new(head[..read].to_vec()).chain(stream);
        if head == FILE_MAGIC || head == CHUNK_MAGIC {
            self.walked.files += 1;
            if head == FILE_MAGIC {
                io::copy(&mut Read::by_ref(&mut stream).take(FILE_HEADER as u64), &mut io::sink())?;
            }
            loop {
                let mut bytes = self.shared.buffer();
                bytes.clear();
                let read = Read::by_ref(&mut stream).take(CHUNKS * CHUNK as u64).read_to_end(&mut bytes);
                if !bytes.is_empty()
                    && let Err(Ended) = self.give(&file, Work::Chunks(bytes))
                {
                    return Ok(Err(Ended));
                }
                if read? == 0 {
                    return Ok(Ok(()));
                }
            }
        }
        let mut log = Log::open_at(&mut stream, self.clock)?;
        let layout = log.layout();
        if *layout == Layout::Unknown {
            self.walked.not_logs.push(name.to_owned());
            return Ok(Ok(()));
        }
        self.walked.files += 1;
        loop {
            let mut piece = Piece { bytes: self.shared.buffer(), ..Piece::default() };
            piece.bytes.clear();
            let mut notes = lines::Notes::default();
            let more = log.next(&mut piece, &mut notes);
            self.walked.lines.add(&notes);
            if !more? {
                return Ok(Ok(()));
            }
            if let Err(Ended) = self.give(&file, Work::Lines(Arc::clone(&layout), piece)) {
                return Ok(Err(Ended));
            }
        }
    }
}

fn read_up_to(stream: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match stream.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether the first bytes of a chunk stand anywhere in a file.
fn holds_chunk(file: &mut File) -> io::Result<bool> {
    file.rewind()?;
    let mut window = vec![0u8; 1 << 20];
    let keep = CHUNK_MAGIC.len() - 1;
    let mut kept = 0;
    loop {
        let read = read_up_to(file, &mut window[kept..])?;
        let filled = kept + read;
        if memchr::memmem::find(&window[..filled], &CHUNK_MAGIC).is_some() {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        kept = keep.min(filled);
        window.copy_within(filled - kept..filled, 0);
    }
}
