//! One of the threads that look at files: each file is read once, for its hashes, the rules and what is inside it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256};
use ungcuu_yara::{About, Found, Hit, Limits, Searcher};

use super::archive::{self, Source};
use super::lists::Hashes;
use super::stat::{Nature, Stat, open};
use super::walk::Entry;
use super::{Hits, Looked, Seen, Sweep};

/// How much of a file is best held in memory and given to the rules whole, in bytes; each thread may need it twice.
pub const LARGEST: usize = 64 << 20;

/// A file whose last change is this close to the beginning of the sweep may change again without its times telling, in nanoseconds.
const TOO_FRESH: i64 = 2_000_000_000;

struct Worker<'s> {
    sweep: &'s Sweep<'s>,
    searcher: Searcher<'s>,
    buffer: Vec<u8>,
}

/// What looks at some files after others in its thread.
pub fn worker<'s>(sweep: &'s Sweep<'s>) -> impl FnMut(Vec<Entry>) -> Vec<Looked> + use<'s> {
    let mut worker = Worker { sweep, searcher: sweep.rules.searcher(Limits::default()), buffer: Vec::new() };
    move |entries| entries.into_iter().map(|entry| worker.look(entry)).collect()
}

/// What was read of a file.
struct Content {
    hashes: Hashes,
    /// How many bytes it had.
    length: u64,
    /// The end of a file too large to be held, where it is searched by itself.
    tail: Option<(u64, Vec<u8>)>,
}

impl Worker<'_> {
    fn look(&mut self, entry: Entry) -> Looked {
        let Entry { path, nature, named } = entry;
        let mut looked = Looked { path, ..Looked::default() };
        match nature {
            Nature::File => {
                // The engine and the readers of archives are others' work; what breaks one of them costs this file, not the sweep.
                let done = catch_unwind(AssertUnwindSafe(|| self.file(&mut looked, named)));
                match done.unwrap_or_else(|_| Err(io::Error::other("looking at it broke off"))) {
                    Ok(()) => {}
                    // Gone between the walk and now is no fault.
                    Err(error) if error.kind() == io::ErrorKind::NotFound && !named => looked.gone = true,
                    Err(error) => looked.unread = Some(error.to_string()),
                }
            }
            Nature::Link => {
                looked.skipped = Some(Nature::Link);
                if self.sweep.base.is_some()
                    && let Ok(about) = std::fs::symlink_metadata(&looked.path)
                {
                    let target = std::fs::read_link(&looked.path).unwrap_or_default();
                    let sha256 = Sha256::digest(super::stat::path_bytes(&target)).into();
                    looked.seen = Some(Seen { stat: Stat::of(&about), sha256, again: false });
                }
            }
            Nature::Special => looked.skipped = Some(Nature::Special),
        }
        looked
    }

    fn file(&mut self, looked: &mut Looked, named: bool) -> io::Result<()> {
        let sweep = self.sweep;
        if let Some(base) = sweep.base {
            let about = if named { std::fs::metadata(&looked.path)? } else { std::fs::symlink_metadata(&looked.path)? };
            let stat = Stat::of(&about);
            if let Some(then) = base.unchanged(&looked.path, &stat, &sweep.mark) {
                looked.bytes = stat.size;
                looked.unchanged = true;
                looked.seen = Some(*then);
                return Ok(());
            }
        }
        let mut file = open(&looked.path, named)?;
        let before = Stat::of(&file.metadata()?);
        if before.nature != Nature::File {
            looked.skipped = Some(before.nature);
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.read(&mut file, &mut buffer);
        if let Ok(content) = &read {
            self.judge(looked, &mut file, &buffer, content);
        }
        // A large file does not keep its room from the others.
        if buffer.capacity() > 4 << 20 {
            buffer = Vec::new();
        }
        self.buffer = buffer;
        let content = read?;
        looked.bytes = content.length;
        let after = Stat::of(&file.metadata()?);
        let moved = !after.is_unchanged(&before) || content.length != after.size;
        let fresh = after.changed > sweep.now.saturating_mul(1_000).saturating_sub(TOO_FRESH);
        let again = moved || fresh || looked.cut || !looked.hits.is_empty();
        looked.stat = after;
        looked.seen = Some(Seen { stat: after, sha256: content.hashes.sha256, again });
        Ok(())
    }

    /// Reads a file to its end; what fits stays in the buffer.
    fn read(&mut self, file: &mut File, buffer: &mut Vec<u8>) -> io::Result<Content> {
        let (largest, tail_length) = (self.sweep.largest, self.sweep.largest / 4);
        buffer.clear();
        Read::by_ref(file).take(largest as u64).read_to_end(buffer)?;
        let md5_asked = self.sweep.lists_ask_md5();
        if buffer.len() < largest {
            let mut hashes = Hashes { sha256: Sha256::digest(&buffer).into(), ..Hashes::default() };
            if md5_asked {
                hashes.md5 = Md5::digest(&buffer).into();
            }
            return Ok(Content { hashes, length: buffer.len() as u64, tail: None });
        }
        let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
        sha256.update(&buffer);
        md5.update(&buffer);
        let mut length = buffer.len() as u64;
        let mut piece = vec![0; 1 << 20];
        loop {
            let read = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            sha256.update(&piece[..read]);
            md5.update(&piece[..read]);
            length += read as u64;
        }
        let hashes = Hashes { sha256: sha256.finalize().into(), md5: md5.finalize().into() };
        let mut tail = None;
        if length > largest as u64 {
            let from = length - tail_length as u64;
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(from))?;
            Read::by_ref(file).take(tail_length as u64).read_to_end(&mut bytes)?;
            tail = Some((from, bytes));
        }
        Ok(Content { hashes, length, tail })
    }

    fn judge(&mut self, looked: &mut Looked, file: &mut File, bytes: &[u8], content: &Content) {
        let sweep = self.sweep;
        if sweep.allow.find(&content.hashes).is_some() {
            looked.allowed = true;
            return;
        }
        let name = looked.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = looked.path.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
        let denied = sweep.deny.find(&content.hashes).map(str::to_owned);
        let mut found = self.search(looked, bytes, &name, &folder);
        if let Some((from, tail)) = &content.tail {
            looked.partly = true;
            for mut hit in self.search(looked, tail, &name, &folder) {
                hit.places.iter_mut().for_each(|place| place.offset += from);
                if found.iter().all(|other| other.rule != hit.rule) {
                    found.push(hit);
                }
            }
        }
        if denied.is_some() || !found.is_empty() {
            let mut hashes = content.hashes;
            if hashes.md5 == [0; 16] {
                hashes.md5 = Md5::digest(bytes).into();
            }
            looked.hits.push(Hits { inner: None, hashes, size: content.length, denied, found });
        }
        let head = &bytes[..bytes.len().min(archive::HEAD)];
        if let Some(kind) = archive::kind(head) {
            if content.tail.is_some() {
                self.inside(looked, kind, file, content.length, &folder);
            } else {
                self.inside(looked, kind, &mut Cursor::new(bytes), content.length, &folder);
            }
        }
    }

    fn search(&mut self, looked: &mut Looked, bytes: &[u8], name: &str, folder: &str) -> Vec<Hit> {
        let extension = extension(name);
        let Found { hits, cut } = self.searcher.search(bytes, &About { name, folder, extension });
        looked.cut |= cut;
        hits
    }

    /// Looks at what lies inside a file.
    fn inside(&mut self, looked: &mut Looked, kind: archive::Kind, source: &mut dyn Source, length: u64, folder: &str) {
        let sweep = self.sweep;
        let outer = looked.path.to_string_lossy().into_owned();
        let listed = !sweep.allow.is_empty() || !sweep.deny.is_empty();
        let searcher = &mut self.searcher;
        let (hits, cut, allowed) = (&mut looked.hits, &mut looked.cut, &mut looked.inner_allowed);
        let opened = archive::open(&outer, kind, source, length, &mut |member| {
            let hashes = if listed { Hashes::of(member.bytes) } else { Hashes::default() };
            if listed && sweep.allow.find(&hashes).is_some() {
                *allowed += 1;
                return true;
            }
            let denied = if listed { sweep.deny.find(&hashes).map(str::to_owned) } else { None };
            let name = member.name.rsplit(['!', '/', '\\']).next().unwrap_or_default();
            let about = About { name, folder, extension: extension(name) };
            let found = searcher.search(member.bytes, &about);
            *cut |= found.cut;
            if denied.is_some() || !found.hits.is_empty() {
                let inner = member.name.get(outer.len() + 1..).unwrap_or(member.name).to_owned();
                let hashes = Hashes::of(member.bytes);
                let size = member.bytes.len() as u64;
                hits.push(Hits { inner: Some(inner), hashes, size, denied, found: found.hits });
            }
            hits.len() < MOST_HITS
        });
        looked.opened = opened;
    }
}

/// How many contents of one file with findings are told; an archive full of malware is one matter.
const MOST_HITS: usize = 1_000;

/// The end of a name from its last point on, with it.
fn extension(name: &str) -> &str {
    Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str())
        .map_or("", |extension| &name[name.len() - extension.len() - 1..])
}
