//! Tables: CSV with a header (comma, semicolon, tab, bar), W3C extended logs, Zeek's own form. A row becomes names and
//! values, and those become an event like those of JSON.

use crate::event::{Event, Kind, Sink};

use super::pairs::{self, Pairs};
use super::time::Clock;
use super::windows::Known;
use super::{Format, LONGEST, Notes, layout};

/// The delimiters that are tried.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter of a table, told by its header: names without anything odd, as many columns in the next row.
pub(crate) fn delimiter<'l>(lines: impl Iterator<Item = &'l str>) -> Option<u8> {
    // PowerShell says in front of what type the rows are.
    let mut lines = lines.skip_while(|line| line.starts_with("#TYPE"));
    let header = lines.next()?;
    let row = lines.next()?;
    let name = |cell: &String| {
        let cell = cell.trim();
        let odd = |c: char| c.is_control() || matches!(c, '{' | '}' | '=' | '<' | '>' | ';' | '"');
        !cell.is_empty()
            && cell.len() <= 128
            && !cell.chars().any(odd)
            && cell.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '#'))
    };
    DELIMITERS.into_iter().find(|delimiter| {
        let names = cells(header, *delimiter);
        let columns = cells(row, *delimiter).len();
        // A quoted cell may go on in the next line.
        names.len() >= 3
            && names.iter().all(name)
            && (columns == names.len() || row.contains('"') && columns <= names.len())
    })
}

/// A table while it is read.
pub(crate) struct Table {
    format: Format,
    header: Vec<String>,
    /// A zeek log's name.
    path: String,
    /// A row whose quotes are not closed yet, and the line it begins on.
    open: String,
    first: u64,
    pairs: Pairs,
    known: Known,
}

impl Table {
    pub fn new(format: Format) -> Table {
        Table {
            format,
            header: Vec::new(),
            path: String::new(),
            open: String::new(),
            first: 0,
            pairs: Pairs::default(),
            known: Known::default(),
        }
    }

    /// Takes the lines that say what the columns are.
    pub fn begin(&mut self, header: &str) {
        match self.format {
            Format::Table(delimiter) if !header.is_empty() => self.name(cells(header, delimiter)),
            Format::Zeek | Format::W3c => header.lines().for_each(|line| self.comment(line)),
            _ => {}
        }
    }

    fn name(&mut self, row: Vec<String>) {
        self.header = row.into_iter().take(pairs::MOST).map(|name| name.trim().into()).collect();
    }

    pub fn line(
        &mut self,
        line: &str,
        number: u64,
        clock: &Clock,
        event: &mut Event,
        sink: &mut dyn Sink,
        notes: &mut Notes,
    ) {
        match self.format {
            Format::Zeek | Format::W3c if line.starts_with('#') => self.comment(line),
            Format::Zeek | Format::W3c if line.trim().is_empty() => {}
            Format::Zeek => {
                let row = line.split('\t').map(String::from).collect();
                self.row(row, number, clock, event, sink, notes);
            }
            Format::W3c => {
                let row = line.split(' ').map(String::from).collect();
                self.row(row, number, clock, event, sink, notes);
            }
            Format::Table(delimiter) => {
                if self.open.is_empty() {
                    if line.trim().is_empty() || (self.header.is_empty() && line.starts_with("#TYPE")) {
                        return;
                    }
                    self.first = number;
                } else {
                    self.open.push('\n');
                }
                self.open.push_str(line);
                if !closed(&self.open) && self.open.len() < LONGEST / 4 {
                    return;
                }
                let row = cells(&std::mem::take(&mut self.open), delimiter);
                let first = self.first;
                self.row(row, first, clock, event, sink, notes);
            }
            _ => {}
        }
    }

    pub fn finish(&mut self, clock: &Clock, event: &mut Event, sink: &mut dyn Sink, notes: &mut Notes) {
        if let Format::Table(delimiter) = self.format
            && !self.open.is_empty()
        {
            let row = cells(&std::mem::take(&mut self.open), delimiter);
            let first = self.first;
            self.row(row, first, clock, event, sink, notes);
        }
    }

    fn comment(&mut self, line: &str) {
        let (zeek, w3c) = (line.strip_prefix("#fields\t"), line.strip_prefix("#Fields:"));
        if let Some(names) = zeek {
            self.header = names.split('\t').take(pairs::MOST).map(String::from).collect();
        } else if let Some(names) = w3c {
            self.header = names.split(' ').filter(|n| !n.is_empty()).take(pairs::MOST).map(String::from).collect();
        } else if let Some(path) = line.strip_prefix("#path\t") {
            self.path = path.trim().into();
        }
    }

    fn row(
        &mut self,
        row: Vec<String>,
        number: u64,
        clock: &Clock,
        event: &mut Event,
        sink: &mut dyn Sink,
        notes: &mut Notes,
    ) {
        let table = matches!(self.format, Format::Table(_));
        if table && self.header.is_empty() {
            return self.name(row);
        }
        // A row with other columns than the header is not guessed at, but a missing end is left out.
        if self.header.is_empty() || row.len() > self.header.len() {
            notes.skipped += 1;
            return;
        }
        self.pairs.clear();
        if !self.path.is_empty() {
            self.pairs.push("_path", &self.path, Kind::Text);
        }
        for (name, value) in self.header.iter().zip(&row) {
            match (self.format, value.as_str()) {
                (Format::Zeek | Format::W3c, "-") => self.pairs.push(name, "-", Kind::Null),
                (Format::Zeek, "(empty)") => self.pairs.push(name, "", Kind::Text),
                // A column that the row's kind does not have.
                (Format::Table(_), "") => {}
                (_, value) => self.pairs.push(name, value, Kind::Text),
            }
        }
        layout::fill(&self.pairs, number, clock, sink.names(), event, &mut self.known);
        notes.events += 1;
        sink.event(event);
    }
}

fn closed(row: &str) -> bool {
    memchr::memchr_iter(b'"', row.as_bytes()).count().is_multiple_of(2)
}

/// The cells of a row; `""` within quotes is a quote.
fn cells(row: &str, delimiter: u8) -> Vec<String> {
    let delimiter = char::from(delimiter);
    let mut found = Vec::new();
    let mut rest = row;
    loop {
        let mut cell = String::new();
        if let Some(mut inside) = rest.strip_prefix('"') {
            loop {
                let Some((part, after)) = inside.split_once('"') else {
                    cell.push_str(inside);
                    rest = "";
                    break;
                };
                cell.push_str(part);
                match after.strip_prefix('"') {
                    Some(more) => {
                        cell.push('"');
                        inside = more;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
        }
        let end = rest.find(delimiter);
        cell.push_str(&rest[..end.unwrap_or(rest.len())]);
        found.push(cell);
        match end {
            Some(end) if found.len() < pairs::MOST => rest = &rest[end + 1..],
            _ => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Clock;
    use super::super::tests::{events_at, value};
    use super::*;
    use crate::event::Source;

    #[test]
    fn cells_are_cut_as_spreadsheets_write_them() {
        assert_eq!(cells(r#"a,"b,""c""",,d"#, b','), ["a", r#"b,"c""#, "", "d"]);
        assert_eq!(cells("\"a\nb\";c", b';'), ["a\nb", "c"]);
        assert_eq!(cells("\"open", b','), ["open"]);
    }

    #[test]
    fn a_table_with_channel_and_number_is_a_log_of_windows() {
        let log = "\u{FEFF}TimeCreated,Id,LogName,MachineName,Message\n2026-11-28T00:43:16Z,1102,Security,pc1,\"cleared\nby an\"\n";
        let (events, _) = events_at(log, &Clock::default(), &[]);
        assert_eq!((events.len(), events[0].source, events[0].event_id), (1, Source::Windows, 1102));
        assert_eq!((events[0].channel.as_str(), events[0].host.as_str()), ("Security", "pc1"));
        assert_eq!(value(&events[0], "Message"), "cleared\nby an");
    }

    #[test]
    fn w3c_and_zeek_say_their_columns_themselves() {
        let log = "#Software: IIS\n#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status\n\
                   2026-11-28 00:43:16 GET /a.aspx - 1.2.3.4 curl/8 200\n";
        let (events, _) = events_at(log, &Clock::default(), &["c-useragent", "cs-uri"]);
        assert_eq!((events[0].source, events[0].time), (Source::Web, Some(1_795_826_596_000_000)));
        assert_eq!((value(&events[0], "c-useragent"), value(&events[0], "cs-uri")), ("curl/8", "/a.aspx"));
        let log =
            "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\n1795826596.0\tC1\t10.0.0.1\ta.example\n";
        let (events, _) = events_at(log, &Clock::default(), &[]);
        assert_eq!((events[0].source, events[0].provider.as_str()), (Source::Zeek, "dns"));
        assert_eq!((value(&events[0], "query"), events[0].time), ("a.example", Some(1_795_826_596_000_000)));
    }
}
