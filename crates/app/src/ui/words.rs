//! Numbers, sizes and hashes as clerks write them: 1.234,5.

use std::borrow::Borrow;

use ungcuu_kit::text::Lang;

use super::given::Whole;
use crate::page::Page;

impl Page {
    /// `1.234` in Vietnamese, `1,234` in English.
    pub fn number(&self, n: impl Whole) -> String {
        number(n.whole(), self.lang)
    }

    /// How many of something: "3 tệp", "1 file", "3 files". Vietnamese has no plural.
    pub fn count(&self, n: impl Whole, vi: &str, one: &str, many: &str) -> String {
        let n = n.whole();
        let noun = self.t(vi, if n == 1 { one } else { many });
        format!("{} {noun}", self.number(n))
    }

    /// `1.234,5`: one digit behind the mark.
    pub fn decimal(&self, n: impl Borrow<f64>) -> String {
        decimal(*n.borrow(), self.lang)
    }

    /// `1.234.000 đồng`.
    pub fn money(&self, dong: impl Whole) -> String {
        format!("{} {}", self.number(dong), self.t("đồng", "VND"))
    }

    /// `1,4 MB`, in steps of 1024.
    pub fn size(&self, bytes: impl Whole) -> String {
        let bytes = bytes.whole();
        let mut size = bytes as f64;
        let mut unit = "B";
        for larger in ["KB", "MB", "GB", "TB"] {
            if size < 1024.0 {
                break;
            }
            size /= 1024.0;
            unit = larger;
        }
        match unit {
            "B" => format!("{} B", number(bytes, self.lang)),
            _ => format!("{} {unit}", decimal(size, self.lang)),
        }
    }
}

impl Page {
    /// What a telephone dials: digits and a leading plus.
    pub fn dial(&self, phone: &str) -> String {
        phone.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
    }
}

/// Groups of three with the mark of the language.
pub fn number(n: i64, lang: Lang) -> String {
    let mark = lang.pick(".", ",");
    let digits = n.unsigned_abs().to_string();
    let mut words = String::from(if n < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push_str(mark);
        }
        words.push(digit);
    }
    words
}

fn decimal(n: f64, lang: Lang) -> String {
    let tenths = (n * 10.0).round() as i64;
    let whole = number(tenths / 10, lang);
    let sign = if tenths < 0 && tenths > -10 { "−" } else { "" };
    format!("{sign}{whole}{}{}", lang.pick(",", "."), (tenths % 10).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_the_marks_of_their_language() {
        assert_eq!(number(1_234_567, Lang::Vi), "1.234.567");
        assert_eq!(number(-1_234, Lang::En), "−1,234");
        assert_eq!(number(999, Lang::Vi), "999");
        assert_eq!(decimal(1234.56, Lang::Vi), "1.234,6");
        assert_eq!(decimal(-0.5, Lang::Vi), "−0,5");
    }
}
