//! Makes the text of strangers harmless before it is laid out.
//!
//! A report quotes attackers: file names with reversed letters, hashes of 128 signs, bytes pasted from a console.
//! Nothing of it may reorder, hide or overprint other words, and nothing that mattered may vanish unseen: signs that
//! reorder text are printed by their number (`[U+202E]`), signs without any width are dropped.

use serde_json::Value;

/// Cleans every string of a JSON value, at any depth.
pub fn clean_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(values) => values.iter_mut().for_each(clean_all),
        Value::Object(fields) => fields.values_mut().for_each(clean_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Text with plain `\n` line breaks, no control signs, no invisible signs, no trailing white space.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut after_return = false;
    for sign in text.chars() {
        match sign {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            '\t' => cleaned.push(' '),
            sign if reorders(sign) => push_number(&mut cleaned, sign),
            sign if is_invisible(sign) => {}
            sign => cleaned.push(sign),
        }
        after_return = sign == '\r';
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Writes the signs that a font cannot draw by their number, so that no empty box hides what was meant.
#[cfg(feature = "pdf")]
pub fn spell_out(text: &str, is_drawable: impl Fn(char) -> bool) -> String {
    let mut spelled = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign == '\n' || is_drawable(sign) {
            spelled.push(sign);
        } else if sign.is_whitespace() {
            spelled.push(' ');
        } else {
            push_number(&mut spelled, sign);
        }
    }
    spelled
}

fn push_number(text: &mut String, sign: char) {
    text.push_str(&format!("[U+{:04X}]", u32::from(sign)));
}

/// Embeddings, overrides and isolates of the bidirectional algorithm.
fn reorders(sign: char) -> bool {
    matches!(sign, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Controls, joiners, marks, selectors and tags: signs with no shape of their own.
fn is_invisible(sign: char) -> bool {
    let code = u32::from(sign);
    sign.is_control()
        || matches!(code,
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x2060..=0x2065 | 0x206A..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB
            | 0xFDD0..=0xFDEF | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_reorder_text_are_printed_by_their_number() {
        assert_eq!(clean("hoadon\u{202E}fdp.exe"), "hoadon[U+202E]fdp.exe");
    }

    #[test]
    fn invisible_signs_vanish_and_line_breaks_stay() {
        assert_eq!(clean("\u{FEFF}a\u{200B}b\u{0}\u{7}c\r\nd\re\u{2028}f\tg \n\n"), "abc\nd\ne\nf g");
    }

    #[test]
    fn vietnamese_text_is_left_alone_in_either_normal_form() {
        for text in ["Ứng cứu sự cố – mức độ nghiêm trọng", "U\u{31B}\u{301}ng cu\u{31B}\u{301}u"] {
            assert_eq!(clean(text), text);
        }
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn signs_outside_the_font_are_spelled_out() {
        assert_eq!(spell_out("mã 木 ở đây\nx", |sign| sign != '木'), "mã [U+6728] ở đây\nx");
    }
}
