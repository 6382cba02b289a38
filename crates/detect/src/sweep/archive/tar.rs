//! tar, as POSIX and GNU write it: entries one after another, so it can be read from a stream.

use std::io::{self, Read};

use super::{Opening, inner_name};

const BLOCK: usize = 512;

/// The longest name or list of properties that may stand before an entry, in bytes.
const LONGEST_EXTRA: u64 = 64 << 10;

/// Whether something begins like a tar.
pub fn is_tar(head: &[u8]) -> bool {
    head.len() >= BLOCK && &head[257..262] == b"ustar" && checksum_fits(&head[..BLOCK])
}

fn checksum_fits(block: &[u8]) -> bool {
    let told = octal(&block[148..156]);
    let sum: u64 =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
    told == Some(sum)
}

/// A number in octal, or, with its first bit set, in binary.
fn octal(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let bytes = field.get(field.len().checked_sub(8)?..)?;
        return Some(u64::from_be_bytes(bytes.try_into().ok()?));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

pub fn open(opening: &mut Opening, name: &str, source: &mut dyn Read, depth: usize) {
    if let Err(error) = entries(opening, name, source, depth) {
        opening.opened.cut(name, error);
    }
}

fn entries(opening: &mut Opening, name: &str, source: &mut dyn Read, depth: usize) -> io::Result<()> {
    let mut longer: Option<String> = None;
    let mut extras = 0;
    loop {
        let mut block = [0; BLOCK];
        match fill(source, &mut block)? {
            0 => return Ok(()),
            BLOCK => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if !checksum_fits(&block) {
            return Err(io::Error::other("the list of entries is damaged; the rest is left out"));
        }
        let size = octal(&block[124..136]).ok_or_else(|| io::Error::other("an entry without a size"))?;
        let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| io::Error::other("an endless entry"))?;
        match block[156] {
            kind @ (b'L' | b'x' | b'g') => {
                extras += 1;
                if size > LONGEST_EXTRA || extras > super::MOST_ENTRIES {
                    return Err(io::Error::other("properties of an entry are too long"));
                }
                let mut extra = Vec::new();
                source.take(padded).read_to_end(&mut extra)?;
                extra.truncate(usize::try_from(size).unwrap_or(0));
                match kind {
                    b'L' => longer = Some(text(&extra)),
                    b'x' => longer = path_of(&extra).or(longer),
                    _ => {}
                }
            }
            b'0' | 0 | b'7' => {
                let short = || {
                    let prefix = if &block[257..263] == b"ustar\0" { text(&block[345..500]) } else { String::new() };
                    let last = text(&block[..100]);
                    if prefix.is_empty() { last } else { format!("{prefix}/{last}") }
                };
                let inner = longer.take().unwrap_or_else(short);
                let inner = format!("{name}!{}", inner_name(&inner));
                let mut entry = source.take(size);
                opening.content(&inner, &mut entry, depth);
                let rest = entry.limit() + (padded - size);
                if opening.stopped {
                    return Ok(());
                }
                skip(source, rest)?;
            }
            _ => {
                longer = None;
                skip(source, padded)?;
            }
        }
    }
}

fn skip(source: &mut dyn Read, bytes: u64) -> io::Result<()> {
    let skipped = io::copy(&mut source.take(bytes), &mut io::sink())?;
    if skipped < bytes { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn fill(source: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match source.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// `path` of a list of properties: lines `LENGTH path=NAME`.
fn path_of(extra: &[u8]) -> Option<String> {
    String::from_utf8_lossy(extra).lines().find_map(|line| {
        let (_, property) = line.split_once(' ')?;
        property.strip_prefix("path=").map(str::to_owned)
    })
}
