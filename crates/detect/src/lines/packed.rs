//! Packed logs: gzip, Zstandard and ZIP, one inside another to a small depth. Every bound is against archives that unpack
//! to far more than they are.

use std::io::{self, BufRead, BufReader, Read, Seek};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How many bytes one file may unpack to, all its entries together.
pub const MOST_BYTES: u64 = 32 << 30;
/// How much larger than its packed bytes content may be, once it is past [`SMALL`]. Logs rarely pass 100.
pub const MOST_RATIO: u64 = 250;
/// Content up to this size is never taken for a bomb.
pub const SMALL: u64 = 256 << 20;
/// How many entries of an archive are opened.
pub const MOST_ENTRIES: usize = 20_000;
/// How deep packed content may lie in packed content.
pub const DEEPEST: usize = 3;
/// The largest archive that may lie in another, in bytes: it is held in memory.
pub const LARGEST_INNER: u64 = 64 << 20;
/// The largest window of a Zstandard frame, in bytes.
const WINDOW: u64 = 64 << 20;
/// How many bytes tell what something is.
const HEAD: usize = 16;

/// How something is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    None,
    Gzip,
    Zstd,
    Zip,
}

/// Tells the packing from the first bytes.
pub fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1F, 0x8B, 8, ..] => Packing::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Packing::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
        _ => Packing::None,
    }
}

/// What came of unpacking.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// Contents that were handed on.
    pub entries: usize,
    /// Bytes they had.
    pub bytes: u64,
    /// Entries that could not be opened or were cut short, each with its reason in English.
    pub failed: Vec<(String, String)>,
    /// Whoever took the content wanted no more.
    stopped: bool,
}

/// Hands on the name and content of everything in `source`; what is not packed is handed on as it is. `name` is the
/// file's own; entries of an archive are called `name!entry`. The content ends early when a bound is met or the
/// packing is broken; what was handed on until then stands, and [`Unpacked::failed`] says so. An error that `each` gives
/// ends the work.
pub fn unpack<R: Read + Seek>(name: &str, mut source: R, each: &mut Each<'_>) -> Unpacked {
    let mut done = Unpacked::default();
    let mut head = Vec::new();
    let start = (&mut source).take(HEAD as u64).read_to_end(&mut head).and_then(|_| source.rewind());
    if let Err(error) = start {
        done.failed.push((name.into(), error.to_string()));
        return done;
    }
    match packing(&head) {
        Packing::Zip => archive(name, source, 0, each, &mut done),
        _ => content(name, &mut source, 0, each, &mut done),
    }
    done
}

/// Visits what is inside a file: each entry of an archive, the content of a packed stream, or the file itself if it is
/// neither. `path` is as the user gave it; entries are called `path!entry`.
///
/// # Errors
/// The visitor's, or a sentence with what could not be unpacked; everything else has been visited.
pub fn each_member(
    file: std::fs::File,
    path: &str,
    _notes: &mut super::Notes,
    visit: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let done = unpack(path, file, visit);
    if done.failed.is_empty() {
        return Ok(());
    }
    let mut reasons: Vec<String> = done
        .failed
        .iter()
        .take(5)
        .map(|(name, reason)| if name == path { reason.clone() } else { format!("{name}: {reason}") })
        .collect();
    if done.failed.len() > reasons.len() {
        reasons.push(format!("and {} more", done.failed.len() - reasons.len()));
    }
    Err(io::Error::other(reasons.join("; ")))
}

/// Takes a content's name and bytes.
pub type Each<'e> = dyn FnMut(&str, &mut dyn Read) -> io::Result<()> + 'e;

/// Like [`unpack`], of a stream that cannot be wound back, such as standard input. A ZIP archive is then held in memory
/// and may have [`LARGEST_INNER`] bytes.
pub fn unpack_stream(name: &str, source: &mut dyn Read, each: &mut Each<'_>) -> Unpacked {
    let mut done = Unpacked::default();
    content(name, source, 0, each, &mut done);
    done
}

fn archive<R: Read + Seek>(name: &str, source: R, depth: usize, each: &mut Each<'_>, done: &mut Unpacked) {
    let mut archive = match zip::ZipArchive::new(source) {
        Ok(archive) => archive,
        Err(error) => return done.failed.push((name.into(), format!("the archive cannot be opened: {error}"))),
    };
    for index in 0..archive.len() {
        if done.stopped {
            return;
        }
        if done.entries + done.failed.len() >= MOST_ENTRIES {
            done.failed.push((name.into(), format!("more than {MOST_ENTRIES} entries; the rest is left out")));
            return;
        }
        if done.bytes >= MOST_BYTES {
            done.failed.push((name.into(), format!("unpacks to more than {MOST_BYTES} bytes; the rest is left out")));
            return;
        }
        match archive.by_index(index) {
            Err(error) => done.failed.push((format!("{name}!{index}"), error.to_string())),
            Ok(entry) if entry.is_dir() => {}
            Ok(mut entry) => {
                let inner: String =
                    entry.name().chars().take(512).map(|c| if c.is_control() { '?' } else { c }).collect();
                let inner = format!("{name}!{inner}");
                let packed = entry.compressed_size();
                bounded(&inner, &mut entry, packed, depth, each, done);
            }
        }
    }
}

/// Content that may be packed once more.
fn content(name: &str, source: &mut dyn Read, depth: usize, each: &mut Each<'_>, done: &mut Unpacked) {
    let mut source = BufReader::with_capacity(64 << 10, source);
    let packing = match source.fill_buf() {
        Ok(head) => packing(head),
        Err(error) => return done.failed.push((name.into(), error.to_string())),
    };
    if packing != Packing::None && depth >= DEEPEST {
        return done.failed.push((name.into(), format!("packed more than {DEEPEST} times")));
    }
    match packing {
        Packing::None => {
            done.entries += 1;
            let mut counted = Counted { inner: source, count: 0 };
            let result = each(name, &mut counted);
            done.bytes += counted.count;
            if let Err(error) = result {
                done.stopped = true;
                done.failed.push((name.into(), error.to_string()));
            }
        }
        Packing::Gzip => {
            let counter = std::cell::Cell::new(0);
            let packed = Shared { inner: source, count: &counter };
            streamed(name, flate2::read::MultiGzDecoder::new(packed), &counter, depth, each, done);
        }
        Packing::Zstd => {
            let counter = std::cell::Cell::new(0);
            let packed = BufReader::new(Shared { inner: source, count: &counter });
            streamed(name, Frames::new(packed), &counter, depth, each, done);
        }
        Packing::Zip => {
            let mut bytes = Vec::new();
            let read = source.take(LARGEST_INNER + 1).read_to_end(&mut bytes);
            match read {
                Err(error) => done.failed.push((name.into(), error.to_string())),
                Ok(_) if bytes.len() as u64 > LARGEST_INNER => {
                    done.failed
                        .push((name.into(), format!("an archive in an archive, larger than {LARGEST_INNER} bytes")));
                }
                Ok(_) => archive(name, io::Cursor::new(bytes), depth + 1, each, done),
            }
        }
    }
}

fn streamed(
    name: &str,
    source: impl Read,
    packed: &std::cell::Cell<u64>,
    depth: usize,
    each: &mut Each<'_>,
    done: &mut Unpacked,
) {
    let mut source =
        Bounded { inner: source, count: 0, room: MOST_BYTES.saturating_sub(done.bytes), packed: &|| packed.get() };
    content(name, &mut source, depth + 1, each, done);
}

fn bounded(name: &str, source: &mut dyn Read, packed: u64, depth: usize, each: &mut Each<'_>, done: &mut Unpacked) {
    let room = MOST_BYTES.saturating_sub(done.bytes);
    let mut source = Bounded { inner: source, count: 0, room, packed: &|| packed };
    content(name, &mut source, depth + 1, each, done);
}

/// Fails once more comes out than can be meant.
struct Bounded<'p, R> {
    inner: R,
    count: u64,
    room: u64,
    packed: &'p dyn Fn() -> u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        let bomb = self.count > SMALL && self.count / MOST_RATIO > (self.packed)();
        if bomb || self.count > self.room {
            return Err(io::Error::other(format!("unpacks to more than can be meant: {} bytes so far", self.count)));
        }
        Ok(read)
    }
}

struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

struct Shared<'c, R> {
    inner: R,
    count: &'c std::cell::Cell<u64>,
}

impl<R: Read> Read for Shared<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// The frames of a Zstandard file, one after another; those to be skipped are.
pub(crate) struct Frames<R: BufRead> {
    source: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(source: R) -> Frames<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Frames { source, decoder, open: false }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            if self.open {
                while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                    let step = BlockDecodingStrategy::UptoBlocks(1);
                    self.decoder.decode_blocks(&mut self.source, step).map_err(io::Error::other)?;
                }
                let read = self.decoder.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
                self.open = false;
            }
            if self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => self.open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn read(bytes: Vec<u8>) -> (Vec<(String, String)>, Unpacked) {
        let mut found = Vec::new();
        let done = unpack("f", Cursor::new(bytes), &mut |name, source| {
            let mut text = String::new();
            source.read_to_string(&mut text)?;
            found.push((name.to_string(), text));
            Ok(())
        });
        (found, done)
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.into(), text.into())
    }

    #[test]
    fn every_packing_is_opened_also_one_in_another() {
        assert_eq!(read(b"plain".to_vec()).0, [pair("f", "plain")]);
        assert_eq!(read([gzip(b"a"), gzip(b"b")].concat()).0, [pair("f", "ab")]);
        let skipped = [&[0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd(b"a"), &zstd(b"b")].concat();
        assert_eq!(read(skipped).0, [pair("f", "ab")]);
        let inner = zip(&[("x/y", b"c")]);
        let (found, done) = read(zip(&[("a.gz", &gzip(b"1")), ("b.zst", &zstd(b"2")), ("c", b"3"), ("d.zip", &inner)]));
        assert_eq!(found, [pair("f!a.gz", "1"), pair("f!b.zst", "2"), pair("f!c", "3"), pair("f!d.zip!x/y", "c")]);
        assert_eq!((done.entries, done.bytes, done.failed.len()), (4, 4, 0));
    }

    #[test]
    fn broken_and_endless_packing_is_told() {
        let mut cut = gzip(&b"line\n".repeat(100_000));
        cut.truncate(cut.len() / 2);
        let (_, done) = read(cut);
        assert_eq!(done.failed.len(), 1);
        let deep = (0..5).fold(b"x".to_vec(), |bytes, _| gzip(&bytes));
        assert!(read(deep).1.failed[0].1.contains("packed more than"));
        assert_eq!(read(b"PK\x03\x04broken".to_vec()).1.failed.len(), 1);
    }

    #[test]
    fn a_bomb_is_left_when_it_goes_off() {
        struct Zeros(u64);
        impl Read for Zeros {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len() as u64;
                Ok(buffer.len())
            }
        }
        let mut source = Bounded { inner: Zeros(0), count: 0, room: MOST_BYTES, packed: &|| 1_000 };
        assert!(io::copy(&mut source, &mut io::sink()).is_err());
        assert!(source.inner.0 < 2 * SMALL);
    }
}
