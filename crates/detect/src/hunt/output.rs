//! Findings as text: one JSON object a line, CSV, or a line for reading.

use std::collections::HashMap;
use std::io::{self, Write};

use super::{Cause, Finding};
use crate::event::{Event, Field, Kind};

/// The columns of the CSV, in order. `fields` is a JSON object.
pub const COLUMNS: [&str; 10] =
    ["time", "level", "title", "rule_id", "tags", "host", "user", "file", "record", "fields"];

/// Fields that say whose account an event is about, the likeliest first.
const ACCOUNTS: [&str; 10] = [
    "User",
    "SubjectUserName",
    "TargetUserName",
    "UserName",
    "AccountName",
    "SourceUser",
    "user",
    "username",
    "acct",
    "cs-username",
];

/// Fields that tell most of a record of the audit daemon, where the rule goes by what the reader made of it.
const TELLING: [&str; 14] =
    ["exe", "a0", "a1", "a2", "a3", "a4", "a5", "name", "op", "acct", "cmd", "MESSAGE", "message", "full_log"];

/// How wide the column of hosts is at least, in characters.
const HOST: usize = 14;

/// Writes findings in one spelling, through one reused buffer.
#[derive(Default)]
pub struct Writer {
    line: Vec<u8>,
    second: Vec<u8>,
    /// What a JSON line says of an event, and of which.
    event: Vec<u8>,
    told: Option<u64>,
}

impl Writer {
    /// One JSON object and a line's end: `rule_id`, `title`, `level`, `tags`, `author`, `response` (if the rule
    /// says what to do), `time`, `host`, `user`, `file`,
    /// `record`, `channel`, `event_id`, `fields`. A field that stands several times in the log is a list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let rule = finding.cause;
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"rule_id\":");
        string(line, rule.id());
        line.extend_from_slice(b",\"title\":");
        string(line, rule.title());
        line.extend_from_slice(b",\"level\":");
        string(line, rule.level().word());
        line.extend_from_slice(b",\"tags\":[");
        for (at, tag) in rule.tags().iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            string(line, tag);
        }
        line.extend_from_slice(b"],\"author\":");
        string(line, rule.author());
        if let Some(response) = rule.response() {
            line.extend_from_slice(b",\"response\":{\"vi\":");
            string(line, &response.vi);
            line.extend_from_slice(b",\"en\":");
            string(line, &response.en);
            line.push(b'}');
        }
        // Mostly several rules fire for one event.
        if self.told.replace(finding.number) != Some(finding.number) {
            self.event.clear();
            what_happened(&mut self.event, finding)?;
        }
        line.extend_from_slice(&self.event);
        line.extend_from_slice(b"}\n");
        out.write_all(line)
    }

    /// The line with the names of the columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv_head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}\r", COLUMNS.join(","))
    }

    /// One line of CSV (RFC 4180).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let (rule, event) = (finding.cause, finding.event);
        let (line, second) = (&mut self.line, &mut self.second);
        line.clear();
        if let Some(time) = event.time {
            moment(line, time);
        }
        let record = event.record.to_string();
        let tags = rule.tags().join(" ");
        let level = rule.level().word();
        for cell in [level, rule.title(), rule.id(), &tags, event.host(), account(event), finding.file, record.as_str()]
        {
            line.push(b',');
            csv_cell(line, cell.as_bytes());
        }
        second.clear();
        fields(second, event);
        line.push(b',');
        csv_cell(line, second);
        line.extend_from_slice(b"\r\n");
        out.write_all(line)
    }

    /// One line for reading: time, level, host, title, then the record and what the rule looks at.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn table(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let (rule, event) = (finding.cause, finding.event);
        let line = &mut self.line;
        line.clear();
        second(line, event.time);
        write!(line, "  {:<13}  ", rule.level().word())?;
        let host = if event.host().is_empty() { "-" } else { event.host() };
        visible(line, host);
        line.resize(line.len() + HOST.saturating_sub(host.chars().count()) + 2, b' ');
        visible(line, rule.title());
        line.extend_from_slice(b"  [");
        visible(line, finding.file);
        write!(line, " #{}]", event.record)?;
        let mut shown = looked_at(finding);
        if shown.is_empty() {
            shown.extend(TELLING.iter().filter(|name| event.find_name(name).is_some()));
        }
        if let Some(words) = event.line().filter(|_| shown.is_empty()) {
            line.extend_from_slice(b"  ");
            visible(line, words);
        }
        for name in shown {
            for field in event.fields().iter().filter(|field| !field.alias && event.name(field) == name) {
                if !event.value(field).is_empty() {
                    line.extend_from_slice(b"  ");
                    visible(line, name);
                    line.push(b'=');
                    visible(line, event.value(field));
                }
            }
        }
        line.push(b'\n');
        out.write_all(line)
    }
}

/// The part of a JSON line that does not depend on the rule.
fn what_happened(line: &mut Vec<u8>, finding: &Finding) -> io::Result<()> {
    let event = finding.event;
    line.extend_from_slice(b",\"time\":");
    match event.time {
        Some(time) => {
            line.push(b'"');
            moment(line, time);
            line.push(b'"');
        }
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(b",\"host\":");
    string(line, event.host());
    line.extend_from_slice(b",\"user\":");
    string(line, account(event));
    line.extend_from_slice(b",\"file\":");
    string(line, finding.file);
    line.extend_from_slice(b",\"record\":");
    write!(line, "{}", event.record)?;
    if !event.channel().is_empty() {
        line.extend_from_slice(b",\"channel\":");
        string(line, event.channel());
        write!(line, ",\"event_id\":{}", event.event_id)?;
    }
    line.extend_from_slice(b",\"fields\":");
    fields(line, event);
    Ok(())
}

/// The names, as they stand in the event, of the fields that the rule looks at.
#[must_use]
pub fn looked_at<'e>(finding: &Finding<'e>) -> Vec<&'e str> {
    use crate::sigma::{Subject, fold};
    let event = finding.event;
    let mut wanted: Vec<String> = Vec::new();
    let rule = match finding.cause {
        Cause::Rule(rule) => rule,
        Cause::Correlation(correlation) => {
            let called =
                |name: &str| correlation.aliases.iter().flat_map(|a| &a.fields).any(|(_, field)| **field == *name);
            let asked = |name: &&str| correlation.asked().any(|asked| asked == *name) || called(name);
            return event.fields().iter().map(|field| event.name(field)).filter(asked).collect();
        }
    };
    for test in rule.detection.selections.iter().flat_map(|selection| &selection.any).flatten() {
        if let Subject::Field(name) = &test.subject {
            wanted.push(fold(name).replace(' ', ""));
        }
    }
    let mut found = Vec::new();
    for field in event.fields().iter().filter(|field| !field.alias) {
        let name = event.name(field);
        if wanted.contains(&fold(name).replace(' ', "")) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The account that an event is about, as well as the log says it; empty if it does not.
#[must_use]
pub fn account(event: &Event) -> &str {
    let mut best: Option<(usize, &Field)> = None;
    for field in event.fields().iter().filter(|field| !field.alias) {
        let name = event.name_bytes(field);
        let place = ACCOUNTS.iter().position(|account| account.as_bytes() == name);
        if let Some(place) = place
            && best.is_none_or(|(before, _)| place < before)
            && !matches!(event.value_bytes(field), b"" | b"-")
        {
            best = Some((place, field));
        }
    }
    best.map_or_else(|| event.user(), |(_, field)| event.value(field))
}

/// `2019-03-17T19:04:26.123456Z` of microseconds since 1970.
pub fn moment(out: &mut Vec<u8>, micros: i64) {
    // Beyond the years that can be written with four digits the nearest is taken.
    const FIRST: i64 = -11_644_473_600_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    let ticks = (micros.clamp(FIRST, LAST) - FIRST) as u64 * 10;
    crate::evtx::value::file_time(out, ticks);
    out.truncate(out.len() - 2);
    out.push(b'Z');
}

/// `2019-03-17 19:04:26Z`, always as wide; a dash where there is no time.
pub fn second(out: &mut Vec<u8>, micros: Option<i64>) {
    let Some(micros) = micros else { return out.extend_from_slice(b"-                   ") };
    let start = out.len();
    moment(out, micros);
    out.truncate(start + 19);
    out[start + 10] = b' ';
    out.push(b'Z');
}

/// The fields of an event as a JSON object.
pub fn fields(out: &mut Vec<u8>, event: &Event) {
    /// Up to so many fields, looking through those before is quicker than a table.
    const FEW: usize = 64;
    if !event.is_sound() {
        // No reader should have let this through.
        out.extend_from_slice(b"{}");
        return;
    }
    let all: Vec<&Field> = event.fields().iter().filter(|field| !field.alias).collect();
    out.push(b'{');
    let mut first = true;
    let mut key = |out: &mut Vec<u8>, name: &[u8]| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        string_bytes(out, name);
        out.push(b':');
    };
    if all.len() <= FEW {
        let mut written = 0_u64;
        for (at, field) in all.iter().enumerate() {
            if written & (1 << at) != 0 {
                continue;
            }
            let name = event.name_bytes(field);
            key(out, name);
            let same = (at..).zip(&all[at..]).filter(|(_, after)| event.name_bytes(after) == name);
            values(out, event, same.inspect(|(at, _)| written |= 1 << at).map(|(_, field)| *field));
        }
    } else {
        let mut order = Vec::new();
        let mut by_name: HashMap<&[u8], Vec<&Field>> = HashMap::new();
        for field in &all {
            by_name.entry(event.name_bytes(field)).or_insert_with(|| {
                order.push(event.name_bytes(field));
                Vec::new()
            });
            if let Some(list) = by_name.get_mut(event.name_bytes(field)) {
                list.push(field);
            }
        }
        for name in order {
            key(out, name);
            values(out, event, by_name.get(name).into_iter().flatten().copied());
        }
    }
    out.push(b'}');
}

fn values<'e>(out: &mut Vec<u8>, event: &Event, list: impl Iterator<Item = &'e Field>) {
    let start = out.len();
    let mut count = 0;
    for field in list {
        if count > 0 {
            out.push(b',');
        }
        count += 1;
        let value = event.value_bytes(field);
        match field.kind {
            Kind::Null => out.extend_from_slice(b"null"),
            Kind::Bool if value == b"true" || value == b"false" => out.extend_from_slice(value),
            Kind::Number if plain_number(value) => out.extend_from_slice(value),
            _ => string_bytes(out, value),
        }
    }
    if count > 1 {
        out.insert(start, b'[');
        out.push(b']');
    }
}

/// Whether a number can stand in JSON as it is.
fn plain_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, part) = match digits.iter().position(|byte| *byte == b'.') {
        Some(point) => (&digits[..point], Some(&digits[point + 1..])),
        None => (digits, None),
    };
    let all_digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    all_digits(whole) && (whole == b"0" || whole[0] != b'0') && part.is_none_or(all_digits)
}

/// Text as a JSON string, with its quotes; nothing of it is lost.
pub fn string(out: &mut Vec<u8>, text: &str) {
    string_bytes(out, text.as_bytes());
}

fn string_bytes(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| ESCAPED[usize::from(*byte)]) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Bytes that cannot stand in a JSON string as they are.
const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

pub(crate) fn csv_cell(out: &mut Vec<u8>, text: &[u8]) {
    // A leading =, +, -, @ would be a formula in a spreadsheet; the quote in front is what spreadsheets show as text.
    let formula = matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
    if !formula && !text.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Text from a log on a terminal: what could steer the terminal is written as an escape.
pub fn visible(out: &mut Vec<u8>, text: &str) {
    for letter in text.chars() {
        let steers = letter.is_control()
            || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        if steers {
            out.extend(letter.escape_default().map(|letter| letter as u8));
        } else {
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Names, Source};

    #[test]
    fn fields_are_written_as_they_stand_in_the_log() {
        let (names, mut event) = (Names::default(), Event::new());
        event.clear(Source::Windows);
        event.push(&names, "CommandLine", "attrib  +h \"a\\b\"\u{1}\ttệp", Kind::Text);
        event.push(&names, "Data", "x", Kind::Text);
        event.push(&names, "Id", "18446744073709551615", Kind::Number);
        event.push(&names, "Data", "007", Kind::Number);
        event.push(&names, "Nothing", "", Kind::Null);
        let mut out = Vec::new();
        fields(&mut out, &event);
        let expected = r#"{"CommandLine":"attrib  +h \"a\\b\"\u0001\ttệp","Data":["x","007"],"Id":18446744073709551615,"Nothing":null}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn moments_are_written_to_the_microsecond() {
        let text = |micros| {
            let mut out = Vec::new();
            moment(&mut out, micros);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(text(1_552_849_466_123_456), "2019-03-17T19:04:26.123456Z");
        assert_eq!(text(i64::MIN), "1601-01-01T00:00:00.000000Z");
        assert_eq!(text(i64::MAX), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn a_log_cannot_steer_the_terminal_or_a_spreadsheet() {
        let mut out = Vec::new();
        visible(&mut out, "a\u{1b}[2Jb\u{202e}c\nd");
        assert_eq!(String::from_utf8(out).unwrap(), "a\\u{1b}[2Jb\\u{202e}c\\nd");
        let mut out = Vec::new();
        csv_cell(&mut out, b"=cmd|'/c calc'!A1, \"x\"");
        assert_eq!(String::from_utf8(out).unwrap(), "\"'=cmd|'/c calc'!A1, \"\"x\"\"\"");
    }
}
