//! Words for people, in both languages at the place where they are used.
//!
//! There is no key file: a sentence stands in the code or template that shows it, Vietnamese first, English second, so a
//! missing translation does not compile. Words that belong to a plan come from its pack as [`Words`].

use std::borrow::Cow;
use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language of a page, a message or a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    #[default]
    Vi,
    En,
}

impl Lang {
    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }

    /// Reads a tag; anything that is not English is Vietnamese.
    pub fn from_tag(tag: &str) -> Lang {
        if tag.starts_with("en") { Lang::En } else { Lang::Vi }
    }

    /// Picks the sentence of this language.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }
}

/// One sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    pub vi: Cow<'static, str>,
    pub en: Cow<'static, str>,
}

impl Text {
    /// A fixed sentence.
    pub const fn new(vi: &'static str, en: &'static str) -> Text {
        Text { vi: Cow::Borrowed(vi), en: Cow::Borrowed(en) }
    }

    /// A sentence put together at run time.
    pub fn owned(vi: String, en: String) -> Text {
        Text { vi: Cow::Owned(vi), en: Cow::Owned(en) }
    }

    /// The same words in both languages: names, numbers, what a person typed.
    pub fn same(words: impl Into<String>) -> Text {
        let words = words.into();
        Text { vi: Cow::Owned(words.clone()), en: Cow::Owned(words) }
    }

    /// The sentence in the reader's language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.vi, &self.en)
    }
}

/// Builds a [`Text`] from two format strings that may name variables: `text!("{who} nhận", "{who} took it")`. What the
/// English counts is named behind them: `text!("còn {n} giờ", "{left} left", left = counted(n, "hour", "hours"))`.
#[macro_export]
macro_rules! text {
    ($vi:literal, $en:literal $(,)?) => {
        $crate::text::Text::owned(format!($vi), format!($en))
    };
    ($vi:literal, $en:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::text::Text::owned(format!($vi), format!($en, $($name = $value),+))
    };
}

/// How many of something, in English: "1 file", "2 files". Vietnamese has no plural.
pub fn counted(count: impl Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let noun = if count == "1" { one } else { many };
    format!("{count} {noun}")
}

/// Words of a plan: Vietnamese as issued, English where the pack gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub vi: String,
    #[serde(default)]
    pub en: Option<String>,
}

impl Words {
    /// The words in the reader's language, Vietnamese when the pack has no other.
    pub fn get(&self, lang: Lang) -> &str {
        match (lang, &self.en) {
            (Lang::En, Some(en)) => en,
            _ => &self.vi,
        }
    }

    /// The same as an owned pair, for sentences that outlive the pack.
    pub fn text(&self) -> Text {
        Text::owned(self.vi.clone(), self.en.clone().unwrap_or_else(|| self.vi.clone()))
    }
}

/// Folds Vietnamese for searching and comparing: lower case, marks stripped, `đ` to `d`, white space to one blank.
///
/// Both databases index and ask with the folded text, so "su co" finds "sự cố" alike on either.
pub fn fold(words: &str) -> String {
    let mut folded = String::with_capacity(words.len());
    let mut blank = true;
    for letter in words.chars().flat_map(char::to_lowercase) {
        let base = base_letter(letter);
        if base == '\0' {
            continue;
        }
        if base.is_whitespace() {
            if !blank {
                folded.push(' ');
            }
            blank = true;
        } else {
            folded.push(base);
            blank = false;
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// At most so many characters, with `…` where something was cut.
pub fn shorten(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    words.chars().take(most - 1).chain(['…']).collect()
}

/// A text of several lines as one, at most so many characters long.
pub fn brief(words: &str, most: usize) -> String {
    shorten(&words.split_whitespace().collect::<Vec<_>>().join(" "), most)
}

/// Sorts rows by the names people know them by, as Vietnamese dictionaries do.
pub fn sort_by_name<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    rows.sort_by_cached_key(|row| (order_key(name(row)), name(row).to_owned()));
}

/// What a word weighs: its number if it is one, then its letters, and only among equal letters its tones.
type WordKey = (u64, Vec<(char, u8)>, Vec<u8>);

/// The place of words in a Vietnamese dictionary: word by word (a ă â b … d đ e ê …); capitals and punctuation count for
/// nothing, and a number stands by its value, before letters.
fn order_key(words: &str) -> Vec<WordKey> {
    let lower: String = words.chars().flat_map(char::to_lowercase).collect();
    let key = |word: &str| match word.parse::<u64>() {
        Ok(number) => (number, Vec::new(), Vec::new()),
        Err(_) => {
            let letters = word.chars().map(|letter| (base_letter(letter), hat(letter)));
            (u64::MAX, letters.collect(), word.chars().map(tone).collect())
        }
    };
    lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(key).collect()
}

/// Where a letter stands among those that share its base: a ă â, d đ, o ô ơ.
fn hat(letter: char) -> u8 {
    match letter {
        'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'đ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ'
        | 'ộ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 1,
        'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ' | 'ậ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ' | 'ợ' => 2,
        _ => 0,
    }
}

/// Where a tone stands: none, grave, hook, tilde, acute, dot.
fn tone(letter: char) -> u8 {
    match letter {
        'à' | 'ằ' | 'ầ' | 'è' | 'ề' | 'ì' | 'ò' | 'ồ' | 'ờ' | 'ù' | 'ừ' | 'ỳ' => 1,
        'ả' | 'ẳ' | 'ẩ' | 'ẻ' | 'ể' | 'ỉ' | 'ỏ' | 'ổ' | 'ở' | 'ủ' | 'ử' | 'ỷ' => 2,
        'ã' | 'ẵ' | 'ẫ' | 'ẽ' | 'ễ' | 'ĩ' | 'õ' | 'ỗ' | 'ỡ' | 'ũ' | 'ữ' | 'ỹ' => 3,
        'á' | 'ắ' | 'ấ' | 'é' | 'ế' | 'í' | 'ó' | 'ố' | 'ớ' | 'ú' | 'ứ' | 'ý' => 4,
        'ạ' | 'ặ' | 'ậ' | 'ẹ' | 'ệ' | 'ị' | 'ọ' | 'ộ' | 'ợ' | 'ụ' | 'ự' | 'ỵ' => 5,
        _ => 0,
    }
}

/// The letter without its marks; `\0` for a combining mark that stands alone.
fn base_letter(letter: char) -> char {
    match letter {
        '\u{0300}'..='\u{036f}' => '\0',
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ' | 'ậ' => {
            'a'
        }
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ' | 'ợ' => {
            'o'
        }
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' | 'ð' => 'd',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let say = |n: usize| text!("còn {n} tệp", "{files} left", files = counted(n, "file", "files"));
        assert_eq!((say(1).get(Lang::Vi), say(1).get(Lang::En)), ("còn 1 tệp", "1 file left"));
        assert_eq!(say(0).get(Lang::En), "0 files left");
        assert_eq!(say(21).get(Lang::En), "21 files left");
    }

    #[test]
    fn folding_strips_every_vietnamese_mark_and_the_stroke_of_d() {
        assert_eq!(fold("  Sự  CỐ mã hoá\tĐắk Lắk "), "su co ma hoa dak lak");
        assert_eq!(fold("Sự cố"), "su co", "decomposed letters fold alike");
    }

    #[test]
    fn names_stand_as_in_a_vietnamese_dictionary() {
        let mut names = [
            "xã Bình Hàng Trung",
            "Trung tâm Văn hoá",
            "Đoàn thanh niên",
            "Ấp 10",
            "xã Bình Hàng Tây",
            "Tổ ứng cứu",
            "Dân quân",
            "Ấp 2",
            "Phòng Y tế",
            "Phòng Tư pháp",
            "phòng Tài chính",
            "An Bình",
        ];
        sort_by_name(&mut names, |name| name);
        let right = [
            "An Bình",
            "Ấp 2",
            "Ấp 10",
            "Dân quân",
            "Đoàn thanh niên",
            "phòng Tài chính",
            "Phòng Tư pháp",
            "Phòng Y tế",
            "Tổ ứng cứu",
            "Trung tâm Văn hoá",
            "xã Bình Hàng Tây",
            "xã Bình Hàng Trung",
        ];
        assert_eq!(names, right);
        let mut tones = ["mạ", "má", "mã", "mà", "mả", "ma"];
        sort_by_name(&mut tones, |name| name);
        assert_eq!(tones, ["ma", "mà", "mả", "mã", "má", "mạ"]);
    }
}
