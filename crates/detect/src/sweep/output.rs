//! Findings and changes as text: one JSON object a line, CSV, or a line for reading.

use std::io::{self, Write};
use std::path::Path;

use super::baseline::{Change, Difference};
use super::yara::Place;
use super::{Cause, Finding, hex_text};
use crate::hunt::output::{csv_cell, moment, string, visible};

/// The columns of the CSV, in order.
pub const COLUMNS: [&str; 12] = [
    "kind",
    "level",
    "rule",
    "file",
    "inner",
    "size",
    "sha256",
    "md5",
    "modified",
    "description",
    "rule_file",
    "strings",
];

/// Writes findings in one spelling, through one reused buffer.
#[derive(Default)]
pub struct Writer {
    line: Vec<u8>,
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn member(line: &mut Vec<u8>, name: &str, value: &str) {
    line.push(b',');
    string(line, name);
    line.push(b':');
    string(line, value);
}

/// What a string of a rule found, as text: letters as they are, what is no text as `\xNN`.
#[must_use]
pub fn excerpt(place: &Place) -> String {
    let mut text = String::new();
    for chunk in place.bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text.replace('\0', "\\x00")
}

fn places<'f>(cause: &Cause<'f>) -> &'f [Place] {
    match cause {
        Cause::Rule(_, hit) => &hit.places,
        Cause::Denied(_) => &[],
    }
}

fn description<'f>(cause: &Cause<'f>) -> &'f str {
    match cause {
        Cause::Rule(rule, _) => rule.meta("description").unwrap_or_default(),
        Cause::Denied(words) => words,
    }
}

impl Writer {
    /// One JSON object and a line's end: `kind` (`finding`), `rule`, `level`, `description`, `title`, `author`, `reference` (the last three if the rule has them), `tags`, `rule_file`, `rule_line`,
    /// `response` (if the rule says what to do), `file`, `inner` (in an archive), `size`, `sha256`, `md5`, `modified`, `strings`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"kind\":\"finding\"");
        member(line, "rule", finding.cause.name());
        member(line, "level", finding.cause.level().word());
        member(line, "description", description(&finding.cause));
        if let Cause::Rule(rule, _) = finding.cause {
            for name in ["title", "author", "reference"] {
                if let Some(value) = rule.meta(name) {
                    member(line, name, value);
                }
            }
            line.extend_from_slice(b",\"tags\":[");
            for (at, tag) in rule.tags.iter().enumerate() {
                if at > 0 {
                    line.push(b',');
                }
                string(line, tag);
            }
            line.push(b']');
            member(line, "rule_file", &rule.path);
            write!(line, ",\"rule_line\":{}", rule.line)?;
            if let (Some(vi), Some(en)) = (rule.meta("response_vi"), rule.meta("response_en")) {
                line.extend_from_slice(b",\"response\":{\"vi\":");
                string(line, vi);
                line.extend_from_slice(b",\"en\":");
                string(line, en);
                line.push(b'}');
            }
        }
        member(line, "file", &shown(finding.path));
        if let Some(inner) = finding.inner {
            member(line, "inner", inner);
        }
        write!(line, ",\"size\":{}", finding.size)?;
        member(line, "sha256", &hex_text(&finding.hashes.sha256));
        member(line, "md5", &hex_text(&finding.hashes.md5));
        line.extend_from_slice(b",\"modified\":\"");
        moment(line, finding.stat.modified / 1_000);
        line.extend_from_slice(b"\",\"strings\":[");
        for (at, place) in places(&finding.cause).iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            line.extend_from_slice(b"{\"name\":");
            string(line, &place.name);
            write!(line, ",\"offset\":{}", place.offset)?;
            member(line, "text", &excerpt(place));
            line.push(b'}');
        }
        line.extend_from_slice(b"]}\n");
        out.write_all(line)
    }

    /// A change as JSON: `kind` (`change`), `file`, `changes` (`added`, `removed`, `changed`, `mode`, `owner`, `nature`), `before` and `now`
    /// (each `null` or `size`, `sha256`, `mode`, `user`, `group`, `modified`).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change_json(&mut self, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"kind\":\"change\"");
        member(line, "file", &shown(&change.path));
        line.extend_from_slice(b",\"changes\":[");
        for (at, difference) in change.differences.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            string(line, difference.word());
        }
        line.push(b']');
        for (name, seen) in [("before", change.before), ("now", change.now)] {
            line.push(b',');
            string(line, name);
            line.push(b':');
            let Some(seen) = seen else {
                line.extend_from_slice(b"null");
                continue;
            };
            write!(line, "{{\"size\":{}", seen.stat.size)?;
            member(line, "sha256", &hex_text(&seen.sha256));
            member(line, "mode", &format!("{:04o}", seen.stat.mode));
            write!(line, ",\"user\":{},\"group\":{},\"modified\":\"", seen.stat.user, seen.stat.group)?;
            moment(line, seen.stat.modified / 1_000);
            line.extend_from_slice(b"\"}");
        }
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

    fn cells(&mut self, cells: &[&str], out: &mut dyn Write) -> io::Result<()> {
        self.line.clear();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            csv_cell(&mut self.line, cell.as_bytes());
        }
        self.line.extend_from_slice(b"\r\n");
        out.write_all(&self.line)
    }

    /// One line of CSV (RFC 4180).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut modified = Vec::new();
        moment(&mut modified, finding.stat.modified / 1_000);
        let rule_file = if let Cause::Rule(rule, _) = finding.cause { rule.path.as_str() } else { "" };
        let strings: Vec<String> = places(&finding.cause)
            .iter()
            .map(|place| format!("{} @{} {}", place.name, place.offset, excerpt(place)))
            .collect();
        let cells = [
            "finding",
            finding.cause.level().word(),
            finding.cause.name(),
            &shown(finding.path),
            finding.inner.unwrap_or_default(),
            &finding.size.to_string(),
            &hex_text(&finding.hashes.sha256),
            &hex_text(&finding.hashes.md5),
            &String::from_utf8_lossy(&modified),
            description(&finding.cause),
            rule_file,
            &strings.join("; "),
        ];
        self.cells(&cells, out)
    }

    /// A change as a line of the same CSV: `kind` is `change`, `description` says in what.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change_csv(&mut self, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        let seen = change.now.or(change.before);
        let (size, hash, mut modified) = (
            seen.map(|seen| seen.stat.size.to_string()).unwrap_or_default(),
            seen.map(|seen| hex_text(&seen.sha256)).unwrap_or_default(),
            Vec::new(),
        );
        if let Some(seen) = seen {
            moment(&mut modified, seen.stat.modified / 1_000);
        }
        let words: Vec<String> = change.differences.iter().map(told).collect();
        let (path, modified, words) = (shown(&change.path), String::from_utf8_lossy(&modified), words.join("; "));
        self.cells(&["change", "", "", &path, "", &size, &hash, "", &modified, &words, "", ""], out)
    }

    /// One line for reading: level, rule, file, what is in it, what was found where.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn table(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        write!(line, "{:<13}  ", finding.cause.level().word())?;
        visible(line, finding.cause.name());
        line.extend_from_slice(b"  ");
        visible(line, &shown(finding.path));
        if let Some(inner) = finding.inner {
            line.extend_from_slice(b" ! ");
            visible(line, inner);
        }
        for place in places(&finding.cause).iter().take(3) {
            write!(line, "  {}@{}=", place.name, place.offset)?;
            visible(line, &excerpt(place));
        }
        if let Cause::Denied(words) = finding.cause {
            line.extend_from_slice(b"  ");
            visible(line, words);
        }
        line.push(b'\n');
        out.write_all(line)
    }

    /// A change as a line for reading.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change_table(&mut self, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        let words: Vec<String> = change.differences.iter().map(told).collect();
        self.line.clear();
        write!(self.line, "{:<13}  ", words.join(", "))?;
        visible(&mut self.line, &shown(&change.path));
        self.line.push(b'\n');
        out.write_all(&self.line)
    }
}

/// A difference with what it was and is, in words that scripts read.
fn told(difference: &Difference) -> String {
    match difference {
        Difference::Mode(before, now) => format!("mode {before:04o} -> {now:04o}"),
        Difference::Owner(before, now) => format!("owner {}:{} -> {}:{}", before.0, before.1, now.0, now.1),
        other => other.word().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_shown_as_letters_where_it_has_some() {
        let place = |bytes: &[u8]| Place { name: "$a".into(), offset: 0, bytes: bytes.to_vec() };
        assert_eq!(excerpt(&place("tệp <?php".as_bytes())), "tệp <?php");
        assert_eq!(excerpt(&place(b"M\0Z\xFFx\xE1\xBB")), "M\\x00Z\\xffx\\xe1\\xbb");
    }
}
