//! Files known by their hash: those that are trusted, those that are wanted.

use std::collections::HashMap;

use md5::Md5;
use sha2::{Digest, Sha256};

/// The longest list that is read, in bytes: some two million hashes.
pub const LARGEST: u64 = 256 << 20;

/// The hashes of some bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// SHA-256.
    pub sha256: [u8; 32],
    /// MD5: no proof of anything, but what older lists have.
    pub md5: [u8; 16],
}

impl Hashes {
    /// Of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Hashes {
        Hashes { sha256: Sha256::digest(bytes).into(), md5: Md5::digest(bytes).into() }
    }
}

/// A list of hashes, each with what stands beside it.
#[derive(Clone, Debug, Default)]
pub struct List {
    sha256: HashMap<[u8; 32], Box<str>>,
    md5: HashMap<[u8; 16], Box<str>>,
    /// Lines that are no hash: their numbers, from 1.
    pub odd: Vec<usize>,
}

impl List {
    /// Reads a list: a hash a line (64 or 32 hexadecimal digits), then anything, which is kept as its name; `#` begins a remark. The output of
    /// `sha256sum` and `md5sum` is such a list.
    #[must_use]
    pub fn read(text: &str) -> List {
        let mut list = List::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim().trim_start_matches('\u{FEFF}');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let end = line.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(line.len());
            let (digits, name) = line.split_at(end);
            let name: Box<str> = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | ',' | ';')).into();
            if let Some(hash) = from_hex::<32>(digits) {
                list.sha256.entry(hash).or_insert(name);
            } else if let Some(hash) = from_hex::<16>(digits) {
                list.md5.entry(hash).or_insert(name);
            } else {
                list.odd.push(number);
            }
        }
        list
    }

    /// What stands beside a file's hash, if the list has it.
    #[must_use]
    pub fn find(&self, hashes: &Hashes) -> Option<&str> {
        self.sha256.get(&hashes.sha256).or_else(|| self.md5.get(&hashes.md5)).map(|name| &**name)
    }

    /// How many hashes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sha256.len() + self.md5.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has MD5 hashes.
    #[must_use]
    pub fn asks_md5(&self) -> bool {
        !self.md5.is_empty()
    }

    /// Something that is different when the list is.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut all: Vec<&[u8]> = self.sha256.keys().map(<[u8; 32]>::as_slice).collect();
        all.extend(self.md5.keys().map(<[u8; 16]>::as_slice));
        all.sort_unstable();
        let mut hash = Sha256::new();
        all.into_iter().for_each(|one| hash.update(one));
        hash.finalize().into()
    }
}

fn from_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_knows_its_files_by_either_hash() {
        let text = "# đã kiểm tra\n\
            ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc.exe\n\
            900150983CD24FB0D6963F7D28E17F72,trojan\n\nkhông phải mã băm\n";
        let list = List::read(text);
        assert_eq!((list.len(), list.odd.as_slice()), (2, &[5][..]));
        let hashes = Hashes::of(b"abc");
        assert_eq!(list.find(&hashes), Some("abc.exe"));
        let only_md5 = List::read("900150983cd24fb0d6963f7d28e17f72 *trojan");
        assert_eq!(only_md5.find(&hashes), Some("trojan"));
        assert!(only_md5.asks_md5() && only_md5.find(&Hashes::of(b"abd")).is_none());
        assert_ne!(list.hash(), only_md5.hash());
    }
}
