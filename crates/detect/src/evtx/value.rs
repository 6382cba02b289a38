//! The values of binary XML, written as Windows writes them.

use crate::event::Kind;

/// Types of values, by the byte that stands in the log.
pub mod code {
    /// Nothing.
    pub const NULL: u8 = 0x00;
    /// UTF-16LE.
    pub const TEXT: u8 = 0x01;
    /// A fragment of binary XML.
    pub const XML: u8 = 0x21;
    /// Added to the type of an array's items.
    pub const ARRAY: u8 = 0x80;
}

/// Writes a value's text to `out` and says how the log meant it. A value whose size does not fit its type is written as
/// the bytes it has, in hexadecimal.
pub fn write(out: &mut Vec<u8>, code: u8, bytes: &[u8]) -> Kind {
    match code {
        code::NULL => return Kind::Null,
        code::TEXT => utf16(out, bytes),
        0x02 => ansi(out, bytes),
        0x03 | 0x05 | 0x07 | 0x09 => match signed(bytes) {
            Some(number) => {
                decimal(out, number < 0, number.unsigned_abs());
                return Kind::Number;
            }
            None => hex(out, bytes),
        },
        0x04 | 0x06 | 0x08 | 0x0a => match unsigned(bytes) {
            Some(number) => {
                decimal(out, false, number);
                return Kind::Number;
            }
            None => hex(out, bytes),
        },
        0x0b => return float(out, bytes.try_into().ok().map(f32::from_le_bytes).map(f64::from), bytes),
        0x0c => return float(out, bytes.try_into().ok().map(f64::from_le_bytes), bytes),
        0x0d => match signed(bytes) {
            Some(0) => {
                out.extend_from_slice(b"false");
                return Kind::Bool;
            }
            Some(1) => {
                out.extend_from_slice(b"true");
                return Kind::Bool;
            }
            Some(number) => {
                decimal(out, number < 0, number.unsigned_abs());
                return Kind::Number;
            }
            None => hex(out, bytes),
        },
        0x0f => guid(out, bytes),
        0x10 | 0x14 | 0x15 => match unsigned(bytes) {
            Some(number) => prefixed_hex(out, number),
            None => hex(out, bytes),
        },
        0x11 => match bytes.try_into() {
            Ok(bytes) => file_time(out, u64::from_le_bytes(bytes)),
            Err(_) => hex(out, bytes),
        },
        0x12 => system_time(out, bytes),
        0x13 => sid(out, bytes),
        _ => hex(out, bytes),
    }
    Kind::Text
}

/// How many bytes an item of an array of this type takes; none for those of changing length.
pub fn width(code: u8) -> Option<usize> {
    match code {
        0x03 | 0x04 => Some(1),
        0x05 | 0x06 => Some(2),
        0x07 | 0x08 | 0x0b | 0x0d | 0x14 => Some(4),
        0x09 | 0x0a | 0x0c | 0x11 | 0x15 => Some(8),
        0x0f | 0x12 => Some(16),
        _ => None,
    }
}

fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i64::from(i8::from_le_bytes([a])),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// A little-endian number of one, two, four or eight bytes.
pub fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => u64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn decimal(out: &mut Vec<u8>, negative: bool, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

const UPPER: &[u8; 16] = b"0123456789ABCDEF";
const LOWER: &[u8; 16] = b"0123456789abcdef";

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.push(UPPER[usize::from(byte >> 4)]);
        out.push(UPPER[usize::from(byte & 15)]);
    }
}

fn prefixed_hex(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(b"0x");
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        out.push(LOWER[(number >> (digit * 4)) as usize & 15]);
    }
}

fn float(out: &mut Vec<u8>, number: Option<f64>, bytes: &[u8]) -> Kind {
    match number {
        Some(number) if number.is_finite() => {
            out.extend_from_slice(number.to_string().as_bytes());
            Kind::Number
        }
        _ => {
            hex(out, bytes);
            Kind::Text
        }
    }
}

fn guid(out: &mut Vec<u8>, bytes: &[u8]) {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let Ok(bytes) = <&[u8; 16]>::try_from(bytes) else { return hex(out, bytes) };
    out.push(b'{');
    for (place, from) in ORDER.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.push(LOWER[usize::from(bytes[from] >> 4)]);
        out.push(LOWER[usize::from(bytes[from] & 15)]);
    }
    out.push(b'}');
}

fn sid(out: &mut Vec<u8>, bytes: &[u8]) {
    let [revision, count, a, b, c, d, e, f, rest @ ..] = bytes else { return hex(out, bytes) };
    out.extend_from_slice(b"S-");
    decimal(out, false, u64::from(*revision));
    out.push(b'-');
    decimal(out, false, u64::from_be_bytes([0, 0, *a, *b, *c, *d, *e, *f]));
    for part in rest.as_chunks::<4>().0.iter().take(usize::from(*count)) {
        out.push(b'-');
        decimal(out, false, u64::from(u32::from_le_bytes(*part)));
    }
}

/// 100 nanoseconds between 1601 and 1970.
const EPOCH: u64 = 116_444_736_000_000_000;

/// Microseconds since 1970 of a moment counted in 100 nanoseconds since 1601.
pub fn micros(file_time: u64) -> Option<i64> {
    i64::try_from(file_time).ok().map(|ticks| (ticks - EPOCH as i64).div_euclid(10))
}

/// `2019-03-17T19:04:26.1234567Z`.
pub fn file_time(out: &mut Vec<u8>, ticks: u64) {
    let seconds = ticks / 10_000_000;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days, by eras of 400 years counted from 1 March of year 0; 1601-01-01 is 584,694 days after it.
    let days = days + 584_694;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    moment(out, [year, month, date, of_day / 3_600, of_day / 60 % 60, of_day % 60], ticks % 10_000_000);
}

fn system_time(out: &mut Vec<u8>, bytes: &[u8]) {
    let Ok(bytes) = <&[u8; 16]>::try_from(bytes) else { return hex(out, bytes) };
    let part = |at: usize| u64::from(u16::from_le_bytes([bytes[at * 2], bytes[at * 2 + 1]]));
    moment(out, [part(0), part(1), part(3), part(4), part(5), part(6)], part(7) * 10_000);
}

fn moment(out: &mut Vec<u8>, [year, month, day, hour, minute, second]: [u64; 6], ticks: u64) {
    let mut text = *b"0000-00-00T00:00:00.0000000Z";
    for (end, width, mut number) in
        [(4, 4, year), (7, 2, month), (10, 2, day), (13, 2, hour), (16, 2, minute), (19, 2, second), (27, 7, ticks)]
    {
        for place in (end - width..end).rev() {
            text[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }
    out.extend_from_slice(&text);
}

fn ansi(out: &mut Vec<u8>, bytes: &[u8]) {
    // The log does not say which code page. What is not UTF-8 is read as Latin-1, so that no byte is lost.
    let text = bytes.iter().copied().filter(|byte| *byte != 0);
    match std::str::from_utf8(bytes) {
        Ok(_) => out.extend(text),
        Err(_) => {
            for byte in text {
                out.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// UTF-16LE up to the first zero as UTF-8; half a pair becomes U+FFFD.
pub fn utf16(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() / 2 + 8);
    let (units, _) = bytes.as_chunks::<2>();
    let mut at = 0;
    while at < units.len() {
        // Eight units at a time, as long as they are ASCII and none is zero.
        while let Some(eight) = units.get(at..at + 8) {
            let mut letters = [0u8; 8];
            let mut high = 0u8;
            let mut low = true;
            for (letter, [first, second]) in letters.iter_mut().zip(eight) {
                *letter = *first;
                high |= second | (first & 0x80);
                low &= *first != 0;
            }
            if high != 0 || !low {
                break;
            }
            out.extend_from_slice(&letters);
            at += 8;
        }
        let Some(unit) = units.get(at) else { return };
        at += 1;
        let unit = u16::from_le_bytes(*unit);
        match unit {
            0 => return,
            1..=0x7F => out.push(unit as u8),
            0xD800..=0xDBFF => {
                let next = units.get(at).map(|next| u16::from_le_bytes(*next));
                let letter = match next {
                    Some(next @ 0xDC00..=0xDFFF) => {
                        at += 1;
                        char::from_u32(0x10000 + ((u32::from(unit) & 0x3FF) << 10) + (u32::from(next) & 0x3FF))
                    }
                    _ => None,
                };
                letter_to(out, letter.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => letter_to(out, char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }
}

fn letter_to(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: u8, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        write(&mut out, code, bytes);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_read_as_windows_shows_them() {
        assert_eq!(text(0x07, &(-5i32).to_le_bytes()), "-5");
        assert_eq!(text(0x0a, &u64::MAX.to_le_bytes()), "18446744073709551615");
        assert_eq!(text(0x14, &0x1410u32.to_le_bytes()), "0x1410");
        assert_eq!(text(0x15, &[0; 8]), "0x0");
        assert_eq!(text(0x0d, &[1, 0, 0, 0]), "true");
        assert_eq!(text(0x0e, &[0xab, 0x01]), "AB01");
        assert_eq!(text(0x13, &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]), "S-1-5-18");
        assert_eq!(text(0x11, &0u64.to_le_bytes()), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(text(0x11, &(EPOCH + 951_782_400 * 10_000_000).to_le_bytes()), "2000-02-29T00:00:00.0000000Z");
        assert_eq!(text(0x11, &(EPOCH + 1_552_849_466 * 10_000_000 + 1).to_le_bytes()), "2019-03-17T19:04:26.0000001Z");
    }

    #[test]
    fn text_is_cut_at_its_end_and_half_a_pair_is_marked() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(text(1, &wide("attrib  +h  tệp\0rest")), "attrib  +h  tệp");
        assert_eq!(text(1, &wide("😀 và chữ")), "😀 và chữ");
        assert_eq!(text(1, &[0x3d, 0xd8, 0x41, 0]), "\u{FFFD}A");
        assert_eq!(text(1, &wide("0123456789abcdef\0ghijklmnop")), "0123456789abcdef");
    }

    #[test]
    fn a_size_that_does_not_fit_is_shown_as_bytes() {
        assert_eq!(text(0x07, &[1, 2, 3]), "010203");
        assert_eq!(text(0x0f, &[1]), "01");
        assert_eq!(text(0x12, &[]), "");
    }
}
