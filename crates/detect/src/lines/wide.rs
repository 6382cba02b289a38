//! UTF-16 on its way to UTF-8, as PowerShell and the event viewer export it.

/// A decoder between two pieces.
pub(crate) struct Wide {
    big: bool,
    half: Option<u8>,
    high: Option<u16>,
}

impl Wide {
    /// For a text that begins with a byte order mark of UTF-16, which is to be left out.
    pub fn of(head: &[u8]) -> Option<Wide> {
        let big = head.starts_with(&[0xFE, 0xFF]);
        (big || head.starts_with(&[0xFF, 0xFE])).then_some(Wide { big, half: None, high: None })
    }

    /// The next piece.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) if self.big => units.push(u16::from_be_bytes([first, byte])),
                Some(first) => units.push(u16::from_le_bytes([first, byte])),
            }
        }
        if units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
            self.high = units.pop();
        }
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}
