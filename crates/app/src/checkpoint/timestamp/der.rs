//! Just enough DER (X.690) to take a time-stamp apart: tag, length, content, nothing copied. Everything that comes out is
//! then checked by hash and signature, so reading is strict and knows nothing of meaning.

/// Bytes still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Der<'a>(pub &'a [u8]);

/// One element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
}

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// The tag of `[n]` with something inside.
pub const fn inside(number: u8) -> u8 {
    0xa0 | number
}

impl<'a> Der<'a> {
    /// The next element; none at the end, and none for what is not DER.
    pub fn any(&mut self) -> Option<Element<'a>> {
        let all = self.0;
        let (&tag, rest) = all.split_first()?;
        // A tag of several bytes stands nowhere in a time-stamp.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
            }
            // No length at all, or one beyond any time-stamp.
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, content, whole: &all[..all.len() - rest.len()] })
    }

    /// The next element, which must have this tag.
    pub fn one(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The next element when it has this tag; otherwise it stays.
    pub fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.any() } else { None }
    }
}

impl<'a> Element<'a> {
    /// What is inside.
    pub fn open(&self) -> Der<'a> {
        Der(self.content)
    }
}

/// An element put together.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut made = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => made.push(short),
        Ok(one) => made.extend([0x81, one]),
        Err(_) => {
            made.push(0x84);
            made.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| made.extend_from_slice(part));
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_is_taken_apart_and_cut_off_bytes_are_nothing() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let inner = vec![7; length];
            let made = element(OCTETS, &[&inner]);
            let mut der = Der(&made);
            let found = der.one(OCTETS).expect("an element");
            assert_eq!((found.content, found.whole), (inner.as_slice(), made.as_slice()));
            assert!(der.any().is_none());
            assert!(Der(&made[..made.len() - 1]).any().is_none() || length == 0);
        }
        assert!(Der(&[0x30, 0x80, 0, 0]).any().is_none(), "no length");
        assert!(Der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).any().is_none(), "a length beyond the end");
    }
}
