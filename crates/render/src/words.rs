//! The fixed words around a document, in its language.

use serde::Serialize;

use crate::document::{Date, Head, Language, Marker};

/// Dots where a person writes by hand.
pub const BLANK: &str = "………";

/// Words that the layout adds.
#[derive(Serialize)]
pub struct Words {
    pub to: &'static str,
    pub recipients: &'static str,
    pub notes: &'static str,
    /// In the frame that is kept free for a digital signature.
    pub digital: &'static str,
}

pub fn words(language: Language) -> Words {
    match language {
        Language::Vi => {
            Words { to: "Kính gửi:", recipients: "Nơi nhận:", notes: "Ghi chú:", digital: "Vị trí ký số" }
        }
        Language::En => {
            Words { to: "To:", recipients: "Recipients:", notes: "Notes:", digital: "Place of the digital signature" }
        }
    }
}

/// "Số: 02/KH-UBND", or dots to be filled in by the registry. A number below 10 has a leading zero.
pub fn number_line(head: &Head, language: Language) -> String {
    let number = head.number.as_deref().filter(|number| !number.is_empty()).unwrap_or(BLANK);
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    let zero = if digits == 1 && !number.starts_with('0') { "0" } else { "" };
    let number = format!("{zero}{number}");
    match language {
        Language::Vi => format!("Số: {number}"),
        Language::En => format!("No.: {number}"),
    }
}

/// Place and date. Days below 10 and the months 1 and 2 have a leading zero, so that no digit can be put before them.
pub fn date_line(head: &Head, language: Language) -> String {
    let place = if head.place.is_empty() { BLANK } else { &head.place };
    match (language, head.date) {
        (Language::Vi, Some(Date { year, month, day })) => {
            let month = if month < 3 { format!("{month:02}") } else { month.to_string() };
            format!("{place}, ngày {day:02} tháng {month} năm {year}")
        }
        (Language::Vi, None) => format!("{place}, ngày …… tháng …… năm ………"),
        (Language::En, Some(Date { year, month, day })) => format!("{place}, {year}-{month:02}-{day:02}"),
        (Language::En, None) => format!("{place}, {BLANK}-{BLANK}-{BLANK}"),
    }
}

/// The sign before item `index` (from 0) of a list.
pub fn list_marker(marker: Marker, index: usize, language: Language) -> String {
    let letters: Vec<char> = match language {
        Language::Vi => "abcdđeghiklmnopqrstuvxy".chars().collect(),
        Language::En => ('a'..='z').collect(),
    };
    match marker {
        Marker::Dash => "-".to_owned(),
        Marker::Number => format!("{}.", index + 1),
        Marker::Letter => match letters.get(index) {
            Some(letter) => format!("{letter})"),
            None => format!("{})", index + 1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_days_and_months_have_a_leading_zero() {
        let mut head = Head { place: "Ninh Kiều".to_owned(), ..Head::default() };
        head.date = Some(Date { year: 2026, month: 2, day: 5 });
        assert_eq!(date_line(&head, Language::Vi), "Ninh Kiều, ngày 05 tháng 02 năm 2026");
        head.date = Some(Date { year: 2026, month: 3, day: 15 });
        assert_eq!(date_line(&head, Language::Vi), "Ninh Kiều, ngày 15 tháng 3 năm 2026");
    }

    #[test]
    fn a_document_without_number_and_date_has_dots_for_them() {
        assert_eq!(number_line(&Head::default(), Language::Vi), "Số: ………");
        assert!(date_line(&Head::default(), Language::Vi).ends_with("ngày …… tháng …… năm ………"));
    }

    #[test]
    fn a_number_below_ten_has_a_leading_zero() {
        let line =
            |number: &str| number_line(&Head { number: Some(number.to_owned()), ..Head::default() }, Language::Vi);
        assert_eq!(line("7/BC-UBND"), "Số: 07/BC-UBND");
        assert_eq!(line("7"), "Số: 07");
        assert_eq!(line("07/BC-UBND"), "Số: 07/BC-UBND");
        assert_eq!(line("12/BC-UBND"), "Số: 12/BC-UBND");
        assert_eq!(line("BẢN NHÁP"), "Số: BẢN NHÁP");
    }

    #[test]
    fn letters_follow_the_vietnamese_order() {
        let letters: Vec<String> = (0..6).map(|index| list_marker(Marker::Letter, index, Language::Vi)).collect();
        assert_eq!(letters, ["a)", "b)", "c)", "d)", "đ)", "e)"]);
    }
}
