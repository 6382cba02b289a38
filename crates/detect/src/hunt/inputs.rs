//! Walks files and folders and cuts what it finds into units of work.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use super::{Input, Shared, Unit, Work};
use crate::evtx::{CHUNK, CHUNK_MAGIC, FILE_HEADER, FILE_MAGIC};
use crate::lines::{self, Layout, Log, Piece};

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

struct Walk<'a> {
    shared: &'a Shared,
    most: u64,
    give: &'a SyncSender<Unit>,
    next: u64,
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

/// The hunt has ended early.
struct Ended;

/// Goes through the inputs in their order, each folder in the order of names.
pub fn walk(inputs: &[Input], shared: &Shared, most: u64, give: &SyncSender<Unit>) -> Walked {
    let mut walk = Walk {
        shared,
        most,
        give,
        next: 0,
        walked: Walked::default(),
        clock: lines::Clock { offset: OFFSET, last: None },
    };
    for input in inputs {
        let ended = if input.as_os_str() == "-" { walk.standard_input() } else { walk.path(input, 0, true) };
        if ended.is_err() {
            break;
        }
    }
    walk.walked
}

impl Walk<'_> {
    fn give(&mut self, file: &Arc<str>, work: Work) -> Result<(), Ended> {
        if !self.shared.wait(self.next, self.most) {
            return Err(Ended);
        }
        let unit = Unit { number: self.next, file: Arc::clone(file), work };
        self.next += 1;
        self.give.send(unit).map_err(|_| Ended)
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

    fn path(&mut self, path: &Path, depth: usize, named: bool) -> Result<(), Ended> {
        let name = path.to_string_lossy();
        // A link inside a folder may lead in a circle; a link that was named is meant.
        let about = if named { std::fs::metadata(path) } else { std::fs::symlink_metadata(path) };
        let about = match about {
            Ok(about) => about,
            Err(error) => {
                self.unread(&name, error);
                return Ok(());
            }
        };
        if about.is_dir() {
            if depth >= DEEPEST {
                self.unread(&name, format!("folders nest deeper than {DEEPEST} levels"));
                return Ok(());
            }
            let listed = std::fs::read_dir(path).and_then(|list| list.map(|entry| Ok(entry?.path())).collect());
            let mut listed: Vec<_> = match listed {
                Ok(listed) => listed,
                Err(error) => {
                    self.unread(&name, error);
                    return Ok(());
                }
            };
            listed.sort();
            return listed.iter().try_for_each(|path| self.path(path, depth + 1, false));
        }
        if !about.is_file() && !named {
            return Ok(());
        }
        if self.walked.files >= MOST_FILES {
            self.unread(&name, format!("more than {MOST_FILES} files"));
            return Err(Ended);
        }
        match File::open(path) {
            Ok(file) => self.file(&name, file, about.len()),
            Err(error) => {
                self.unread(&name, error);
                Ok(())
            }
        }
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
