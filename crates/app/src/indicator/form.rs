//! What people type about indicators, and what was understood of it, line by line.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_detect::indicator::{self as detect, extract, parse};
use ungcuu_kit::form::{Checks, Raw, empty};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted};
use ungcuu_kit::time::Time;

use super::model::{Malicious, explain};

/// How many indicators one paste may bring.
pub const MOST: usize = 500;
/// The longest paste, in characters.
const LONGEST_PASTE: usize = 200_000;
/// How many lines that were not understood are named one by one.
const NAMED: usize = 5;

/// Indicators to add.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AddForm {
    /// One a line, or any text that has some in it.
    pub text: Raw,
    pub malicious: Raw,
    pub note: Raw,
    pub source: Raw,
    pub seen_at: Raw,
    /// Leave lines aside that have none.
    pub skip: Raw,
}

/// What can be changed about an indicator; its value cannot.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EditForm {
    pub malicious: Raw,
    pub note: Raw,
    pub source: Raw,
    pub seen_at: Raw,
    pub version: Raw,
}

/// Why an indicator is taken out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RemoveForm {
    pub reason: Raw,
    pub version: Raw,
}

/// What people say about an indicator.
#[derive(Clone, Debug)]
pub struct Facts {
    pub malicious: Malicious,
    pub note: String,
    pub source: String,
    pub seen_at: Option<Time>,
}

/// What a paste holds.
#[derive(Clone, Debug, Default)]
pub struct Understood {
    /// Each once, in the order they came.
    pub indicators: Vec<detect::Indicator>,
    pub unclear: Vec<Unclear>,
}

/// A line that holds no indicator.
#[derive(Clone, Debug)]
pub struct Unclear {
    /// Counted from 1.
    pub line: usize,
    /// Its beginning.
    pub words: String,
    pub why: Text,
}

/// Reads a paste line by line: each line one indicator, or a text with some in it.
pub fn understand(pasted: &str) -> Understood {
    let mut understood = Understood::default();
    let mut seen = HashSet::new();
    for (line, words) in (1..).zip(pasted.lines()) {
        let room = MOST + 1 - understood.indicators.len().min(MOST + 1);
        if words.trim().is_empty() || room == 0 {
            continue;
        }
        let (found, why) = match parse(words) {
            Ok(one) => (vec![one], None),
            Err(why) => (extract(words, room), Some(why)),
        };
        if found.is_empty()
            && let Some(why) = why
        {
            let words = words.trim().chars().take(60).collect();
            understood.unclear.push(Unclear { line, words, why: explain(why) });
        }
        understood.indicators.extend(found.into_iter().filter(|one| seen.insert(one.clone())));
    }
    understood
}

impl AddForm {
    /// What was understood and what is said about it, or one sentence for every field that is wrong.
    pub fn read(&self, checks: &mut Checks, now: Time) -> (Vec<detect::Indicator>, Facts) {
        let facts = facts(checks, (&self.malicious, &self.note, &self.source, &self.seen_at), now);
        if self.text.is_empty() {
            checks.refuse("text", empty());
            return (Vec::new(), facts);
        }
        let length = self.text.as_str().chars().count();
        if length > LONGEST_PASTE {
            checks.refuse(
                "text",
                text!(
                    "Dài quá {LONGEST_PASTE} ký tự (đang có {length}). Hãy chia nhỏ.",
                    "Longer than {LONGEST_PASTE} characters (now {length}). Please split it."
                ),
            );
            return (Vec::new(), facts);
        }
        let understood = understand(self.text.as_str());
        if !understood.unclear.is_empty() && (!self.skip.ticked() || understood.indicators.is_empty()) {
            checks.refuse("text", not_understood(&understood));
        } else if understood.indicators.len() > MOST {
            checks.refuse(
                "text",
                text!("Mỗi lần thêm nhiều nhất {MOST} dấu hiệu.", "At most {MOST} indicators at a time."),
            );
        }
        (understood.indicators, facts)
    }
}

impl EditForm {
    pub fn read(&self, checks: &mut Checks, now: Time) -> Facts {
        facts(checks, (&self.malicious, &self.note, &self.source, &self.seen_at), now)
    }
}

fn facts(checks: &mut Checks, (malicious, note, source, seen_at): (&Raw, &Raw, &Raw, &Raw), now: Time) -> Facts {
    let seen_at = checks.moment_or_none("seen_at", seen_at);
    checks.past("seen_at", seen_at, now);
    Facts {
        malicious: checks.choice_or_none("malicious", malicious).unwrap_or(Malicious::Suspected),
        note: checks.area_or_empty("note", note),
        source: checks.line_or_empty("source", source),
        seen_at,
    }
}

/// The first lines that were not understood, and how many more there are.
fn not_understood(understood: &Understood) -> Text {
    let unclear = &understood.unclear;
    let name = |vi: bool| {
        let line = |one: &Unclear| {
            let (number, words) = (one.line, &one.words);
            match vi {
                true => format!("dòng {number} “{words}” ({})", one.why.vi),
                false => format!("line {number} “{words}” ({})", one.why.en),
            }
        };
        unclear.iter().take(NAMED).map(line).collect::<Vec<_>>().join("; ")
    };
    let (vi, en) = (name(true), name(false));
    let (found, more) = (understood.indicators.len(), unclear.len().saturating_sub(NAMED));
    let (more_vi, more_en) = match more {
        0 => (String::new(), String::new()),
        more => (format!(" và {more} dòng nữa"), format!(" and {}", counted(more, "more line", "more lines"))),
    };
    text!(
        "Hiểu được {found} dấu hiệu. Chưa hiểu: {vi}{more_vi}. Hãy sửa, hoặc chọn “Bỏ qua dòng không có dấu hiệu”.",
        "{indicators} understood. Not understood: {en}{more_en}. Correct it, or choose “Leave aside lines without \
         one”.",
        indicators = counted(found, "indicator", "indicators"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_understood_line_by_line() {
        let understood =
            understand("hxxp://evil[.]com/a\n\n  1.2.3[.]4 , 5.6.7.8\nmáy chạy chậm\nBáo cáo.docx.exe\n1.2.3.4");
        let values: Vec<_> = understood.indicators.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, ["http://evil.com/a", "1.2.3.4", "5.6.7.8", "báo cáo.docx.exe"]);
        assert_eq!(understood.unclear.len(), 1);
        assert_eq!((understood.unclear[0].line, understood.unclear[0].words.as_str()), (4, "máy chạy chậm"));
    }

    #[test]
    fn what_was_not_understood_is_named_unless_it_may_be_left_aside() {
        let mut form = AddForm { text: Raw::from("1.2.3.4\nmáy chạy chậm"), ..AddForm::default() };
        let mut checks = Checks::new();
        form.read(&mut checks, Time::default());
        let refused = checks.done().expect_err("refused").to_string();
        assert!(refused.contains("dòng 2 “máy chạy chậm”"), "{refused}");
        form.skip = Raw::from("1");
        let mut checks = Checks::new();
        assert_eq!(form.read(&mut checks, Time::default()).0.len(), 1);
        checks.done().expect("fine");
    }
}
