//! The container of a dossier: a ZIP file in one exact form, so that it can be told byte by byte whether it is the one that
//! was made. Every file is stored as it is (what weighs much, pictures and PDF, is compressed already), so there is nothing
//! to unpack and nothing that could swell; nothing stands before, between or behind the files. Any ZIP program opens it.
//!
//! The reader takes names, sizes and checksums from the directory, writes the whole frame again and compares.

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};

/// The most files in a dossier.
pub const MOST_FILES: usize = 20_000;
/// The longest name within a dossier, in bytes.
const LONGEST_NAME: usize = 300;
/// The longest directory read, in bytes.
const LONGEST_DIRECTORY: u64 = 16 << 20;
const NO_ROOM: u32 = u32::MAX;
/// Names are UTF-8; checksum and size follow the content.
const FLAGS: u16 = 0x0808;
/// The first day that ZIP knows: when a file was put in says nothing here.
const DAY: u16 = 0x21;
const END: usize = 22;
const END_64: usize = 56;
const LOCATOR_64: usize = 20;

/// A file within the container.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub name: String,
    pub size: u64,
    pub crc: u32,
    /// Where its head begins.
    offset: u64,
    /// Where its content begins.
    start: u64,
}

impl Entry {
    fn is_large(&self) -> bool {
        is_large(self.size)
    }
}

fn is_large(size: u64) -> bool {
    size >= u64::from(NO_ROOM)
}

/// The frame around the files, in the making.
#[derive(Debug, Default)]
pub struct Frame {
    offset: u64,
    entries: Vec<Entry>,
}

impl Frame {
    /// What stands before the content of a file of this size.
    pub fn begin(&mut self, name: &str, size: u64) -> Vec<u8> {
        let mut head = Vec::with_capacity(50 + name.len());
        let sizes = if is_large(size) { NO_ROOM } else { 0 };
        head.extend(0x0403_4b50_u32.to_le_bytes());
        common(&mut head, is_large(size));
        head.extend(0_u32.to_le_bytes());
        head.extend(sizes.to_le_bytes());
        head.extend(sizes.to_le_bytes());
        head.extend(short(name.len()));
        head.extend(short(if is_large(size) { 20 } else { 0 }));
        head.extend(name.as_bytes());
        if is_large(size) {
            head.extend(extra(&[0, 0]));
        }
        let start = self.offset + head.len() as u64;
        self.entries.push(Entry { name: name.to_owned(), size, crc: 0, offset: self.offset, start });
        self.offset = start;
        head
    }

    /// What stands behind the content of the file begun last, once its checksum is known.
    pub fn end(&mut self, crc: u32) -> Vec<u8> {
        let Some(entry) = self.entries.last_mut() else { return Vec::new() };
        entry.crc = crc;
        let mut tail = 0x0807_4b50_u32.to_le_bytes().to_vec();
        tail.extend(crc.to_le_bytes());
        for _ in 0..2 {
            match u32::try_from(entry.size) {
                Ok(size) if !entry.is_large() => tail.extend(size.to_le_bytes()),
                _ => tail.extend(entry.size.to_le_bytes()),
            }
        }
        self.offset += entry.size + tail.len() as u64;
        tail
    }

    /// The directory and the end.
    pub fn finish(self) -> Vec<u8> {
        let mut tail = Vec::new();
        for entry in &self.entries {
            let far = u32::try_from(entry.offset).ok().filter(|offset| *offset != NO_ROOM);
            let mut numbers = Vec::new();
            if entry.is_large() {
                numbers.extend([entry.size, entry.size]);
            }
            if far.is_none() {
                numbers.push(entry.offset);
            }
            let size = if entry.is_large() { NO_ROOM } else { u32::try_from(entry.size).unwrap_or(NO_ROOM) };
            let extra = if numbers.is_empty() { Vec::new() } else { extra(&numbers) };
            tail.extend(0x0201_4b50_u32.to_le_bytes());
            // Made on Unix, so that the permissions below are read.
            tail.extend(0x032d_u16.to_le_bytes());
            common(&mut tail, entry.is_large() || far.is_none());
            tail.extend(entry.crc.to_le_bytes());
            tail.extend(size.to_le_bytes());
            tail.extend(size.to_le_bytes());
            tail.extend(short(entry.name.len()));
            tail.extend(short(extra.len()));
            tail.extend([0; 6]);
            tail.extend((0o100_644_u32 << 16).to_le_bytes());
            tail.extend(far.unwrap_or(NO_ROOM).to_le_bytes());
            tail.extend(entry.name.as_bytes());
            tail.extend(extra);
        }
        let (count, length) = (self.entries.len() as u64, tail.len() as u64);
        let small = u16::try_from(count).ok().filter(|count| *count != u16::MAX);
        let near = u32::try_from(self.offset).ok().filter(|offset| *offset != NO_ROOM);
        if small.is_none() || near.is_none() {
            tail.extend(0x0606_4b50_u32.to_le_bytes());
            tail.extend((END_64 as u64 - 12).to_le_bytes());
            tail.extend(0x032d_u16.to_le_bytes());
            tail.extend(45_u16.to_le_bytes());
            tail.extend([0; 8]);
            for number in [count, count, length, self.offset] {
                tail.extend(number.to_le_bytes());
            }
            tail.extend(0x0706_4b50_u32.to_le_bytes());
            tail.extend([0; 4]);
            tail.extend((self.offset + length).to_le_bytes());
            tail.extend(1_u32.to_le_bytes());
        }
        tail.extend(0x0605_4b50_u32.to_le_bytes());
        tail.extend([0; 4]);
        tail.extend(small.unwrap_or(u16::MAX).to_le_bytes());
        tail.extend(small.unwrap_or(u16::MAX).to_le_bytes());
        tail.extend(u32::try_from(length).unwrap_or(NO_ROOM).to_le_bytes());
        tail.extend(near.unwrap_or(NO_ROOM).to_le_bytes());
        tail.extend([0; 2]);
        tail
    }
}

/// Version, flags, method (as it is), time and day.
fn common(to: &mut Vec<u8>, wide: bool) {
    to.extend(if wide { 45_u16 } else { 20 }.to_le_bytes());
    to.extend(FLAGS.to_le_bytes());
    to.extend([0; 4]);
    to.extend(DAY.to_le_bytes());
}

fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes()
}

/// The extra field for numbers of 64 bits.
fn extra(numbers: &[u64]) -> Vec<u8> {
    let mut field = 1_u16.to_le_bytes().to_vec();
    field.extend(short(8 * numbers.len()));
    numbers.iter().for_each(|number| field.extend(number.to_le_bytes()));
    field
}

/// Why a file is not read as a dossier.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not a ZIP file, or its end is missing.
    #[error("not a whole ZIP file")]
    CutOff,
    #[error("too many files")]
    TooMany,
    /// Packed by another program, or something was put in, taken out or moved.
    #[error("not in the form in which it was made")]
    OtherForm,
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

/// The files of a container, once its frame was found to be exactly the one that is written here.
pub fn open<R: Read + Seek>(file: &mut R) -> Result<Vec<Entry>, Unreadable> {
    let length = file.seek(SeekFrom::End(0))?;
    let (directory, end) = find_directory(file, length)?;
    let mut frame = Frame::default();
    let mut names = BTreeSet::new();
    let mut rest = directory.as_slice();
    while !rest.is_empty() {
        if frame.entries.len() == MOST_FILES {
            return Err(Unreadable::TooMany);
        }
        let (name, size, crc) = read_entry(&mut rest).ok_or(Unreadable::OtherForm)?;
        if !is_plain(&name) || !names.insert(name.clone()) {
            return Err(Unreadable::OtherForm);
        }
        let at = frame.offset;
        same(file, at, &frame.begin(&name, size), end)?;
        let behind = frame.offset.checked_add(size).ok_or(Unreadable::OtherForm)?;
        if behind > end {
            return Err(Unreadable::OtherForm);
        }
        same(file, behind, &frame.end(crc), end)?;
    }
    let entries = frame.entries.clone();
    let at = frame.offset;
    let tail = frame.finish();
    if at + tail.len() as u64 != length {
        return Err(Unreadable::OtherForm);
    }
    same(file, at, &tail, length)?;
    Ok(entries)
}

/// The content of a file of the container.
pub fn content<'a, R: Read + Seek>(file: &'a mut R, entry: &Entry) -> Result<std::io::Take<&'a mut R>, std::io::Error> {
    file.seek(SeekFrom::Start(entry.start))?;
    Ok(file.take(entry.size))
}

/// A name that leads nowhere but into the folder where it is unpacked.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !name.contains(['\\', ':'])
        && name.split('/').all(part)
}

/// Compares what stands at a place, which must lie before `limit`.
fn same<R: Read + Seek>(file: &mut R, at: u64, expected: &[u8], limit: u64) -> Result<(), Unreadable> {
    if at.checked_add(expected.len() as u64).is_none_or(|end| end > limit) {
        return Err(Unreadable::OtherForm);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut found = vec![0; expected.len()];
    file.read_exact(&mut found)?;
    if found == expected { Ok(()) } else { Err(Unreadable::OtherForm) }
}

/// The directory's bytes, and where it begins.
fn find_directory<R: Read + Seek>(file: &mut R, length: u64) -> Result<(Vec<u8>, u64), Unreadable> {
    let end = read_before(file, length, END)?;
    if !end.starts_with(&0x0605_4b50_u32.to_le_bytes()) {
        return Err(Unreadable::CutOff);
    }
    let mut count = u64::from(u16::from_le_bytes([end[10], end[11]]));
    let mut size = u64::from(number(&end[12..16]));
    let mut offset = u64::from(number(&end[16..20]));
    if count == u64::from(u16::MAX) || offset == u64::from(NO_ROOM) {
        let before = length - END as u64;
        let wide = read_before(file, before.saturating_sub(LOCATOR_64 as u64), END_64)?;
        count = number_64(&wide[32..40]);
        size = number_64(&wide[40..48]);
        offset = number_64(&wide[48..56]);
    }
    if count > MOST_FILES as u64 || size > LONGEST_DIRECTORY {
        return Err(Unreadable::TooMany);
    }
    if offset.checked_add(size).is_none_or(|end| end > length) {
        return Err(Unreadable::OtherForm);
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut directory = vec![0; usize::try_from(size).map_err(|_| Unreadable::TooMany)?];
    file.read_exact(&mut directory)?;
    Ok((directory, offset))
}

fn read_before<R: Read + Seek>(file: &mut R, end: u64, count: usize) -> Result<Vec<u8>, Unreadable> {
    let start = end.checked_sub(count as u64).ok_or(Unreadable::CutOff)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; count];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Name, size and checksum of the directory's next entry.
fn read_entry(rest: &mut &[u8]) -> Option<(String, u64, u32)> {
    let (fixed, behind) = rest.split_at_checked(46)?;
    let length = |at: usize| usize::from(u16::from_le_bytes([fixed[at], fixed[at + 1]]));
    let (name, behind) = behind.split_at_checked(length(28))?;
    let (extra, behind) = behind.split_at_checked(length(30))?;
    *rest = behind;
    let size = number(&fixed[24..28]);
    let size = if size == NO_ROOM { number_64(extra.get(4..12)?) } else { u64::from(size) };
    Some((std::str::from_utf8(name).ok()?.to_owned(), size, number(&fixed[16..20])))
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

fn number_64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut frame = Frame::default();
        let mut bytes = Vec::new();
        for (name, content) in files {
            bytes.extend(frame.begin(name, content.len() as u64));
            bytes.extend(*content);
            bytes.extend(frame.end(crc32fast::hash(content)));
        }
        bytes.extend(frame.finish());
        bytes
    }

    fn opened(bytes: &[u8]) -> Result<Vec<Entry>, Unreadable> {
        open(&mut Cursor::new(bytes))
    }

    #[test]
    fn what_was_packed_is_read_again() {
        let files: [(&str, &[u8]); 3] = [("README.txt", b"xin ch\xc3\xa0o"), ("empty", b""), ("a/b c.log", &[7; 5000])];
        let bytes = packed(&files);
        let mut file = Cursor::new(bytes.as_slice());
        let entries = open(&mut file).expect("read");
        for (entry, (name, expected)) in entries.iter().zip(files) {
            let mut found = Vec::new();
            content(&mut file, entry).expect("there").read_to_end(&mut found).expect("read");
            assert_eq!((entry.name.as_str(), found.as_slice()), (name, expected));
        }
        assert!(opened(&packed(&[])).expect("an empty one").is_empty());
    }

    #[test]
    fn no_byte_of_the_frame_can_be_another_and_none_can_be_missing_or_added() {
        let bytes = packed(&[("one", b"1"), ("two", b"22")]);
        let content: Vec<usize> = opened(&bytes)
            .expect("read")
            .iter()
            .flat_map(|entry| (entry.start..entry.start + entry.size).map(|at| at as usize))
            .collect();
        for at in (0..bytes.len()).filter(|at| !content.contains(at)) {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                // The checksum in the directory and behind the content must agree, and names must be plain; a name
                // changed in both places is found by the index.
                assert!(opened(&changed).is_err(), "byte {at}, bit {bit}");
            }
        }
        for cut in 0..bytes.len() {
            assert!(opened(&bytes[..cut]).is_err(), "{cut}");
            let mut longer = bytes.clone();
            longer.insert(cut, 0);
            assert!(opened(&longer).is_err(), "{cut}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_or_stand_twice_are_refused() {
        for name in ["../x", "/etc/passwd", "a/../../b", "a\\b", "c:x", "", "a//b", "x\ny", "ă"] {
            assert!(opened(&packed(&[(name, b"x")])).is_err(), "{name}");
        }
        assert!(opened(&packed(&[("a", b"x"), ("a", b"y")])).is_err());
    }

    #[test]
    fn a_hundred_thousand_files_are_refused_before_they_are_looked_at() {
        let names: Vec<String> = (0..100_000).map(|number| format!("f{number}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(matches!(opened(&packed(&files)), Err(Unreadable::TooMany)));
    }

    #[test]
    fn large_files_and_those_far_behind_have_numbers_of_64_bits() {
        let mut frame = Frame::default();
        let head = frame.begin("large", 5 << 30);
        assert_eq!(&head[head.len() - 20..head.len() - 16], [1, 0, 16, 0]);
        assert_eq!(frame.end(1).len(), 24);
        frame.begin("behind", 0);
        frame.end(0);
        let tail = frame.finish();
        assert!(tail.windows(4).any(|four| four == 0x0606_4b50_u32.to_le_bytes()));
        let mut rest = tail.as_slice();
        assert_eq!(read_entry(&mut rest).expect("an entry").1, 5 << 30);
        assert_eq!(read_entry(&mut rest).expect("an entry").0, "behind");
    }
}
