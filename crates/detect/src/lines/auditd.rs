//! The Linux audit daemon: `type=EXECVE msg=audit(1364481363.243:24287): argc=2 a0="cat" …`. The records of one event
//! carry one serial number and are joined; values that the kernel writes in hexadecimal are decoded.

use std::collections::VecDeque;

use crate::event::{Event, Kind, Names, Sink, Source};

use super::{Notes, begin, time};

/// How many events may be open at once while records of several are mixed; the oldest is closed for the next.
const MOST_OPEN: usize = 64;
/// How many records one event may have; what comes after counts as a new event.
const MOST_RECORDS: usize = 256;
/// How many bytes all open events may have together.
const MOST_BYTES: usize = 8 << 20;

/// Fields whose value is hexadecimal when it stands without quotes, because it holds blanks or worse.
const ENCODED: [&str; 17] = [
    "proctitle",
    "name",
    "cwd",
    "exe",
    "comm",
    "cmd",
    "acct",
    "path",
    "dir",
    "sw",
    "data",
    "watch",
    "device",
    "ocomm",
    "exename",
    "file",
    "new_name",
];

/// Whether a line is a record.
pub(crate) fn is_record(line: &str) -> bool {
    head(line).is_some()
}

/// What tells the records of one event from others.
pub(crate) fn stamp(line: &[u8]) -> &[u8] {
    let after = memchr::memmem::find(line, b"msg=audit(").map_or(&[][..], |at| &line[at + 10..]);
    after.split(|b| *b == b')').next().unwrap_or_default()
}

/// A record taken apart as far as its serial number.
struct Head<'l> {
    node: &'l str,
    kind: &'l str,
    /// `1364481363.243:24287`.
    stamp: &'l str,
    body: &'l str,
}

fn head(line: &str) -> Option<Head<'_>> {
    let mut rest = line.trim_start();
    let mut node = "";
    if let Some(after) = rest.strip_prefix("node=") {
        (node, rest) = after.split_once(' ')?;
    }
    let (kind, rest) = rest.strip_prefix("type=")?.split_once(' ')?;
    let (stamp, body) = rest.trim_start().strip_prefix("msg=audit(")?.split_once("):")?;
    stamp.contains(':').then_some(Head { node, kind, stamp, body: body.trim_start() })
}

/// Reads a record that stands alone among other lines.
pub(crate) fn single(line: &str, number: u64, names: &Names, event: &mut Event) -> bool {
    if head(line).is_none() {
        return false;
    }
    fill(&[line], number, names, event);
    true
}

/// Joins the records of one event, which need not follow one another.
#[derive(Default)]
pub(crate) struct Joiner {
    open: VecDeque<Open>,
    bytes: usize,
}

struct Open {
    key: String,
    number: u64,
    lines: Vec<String>,
}

impl Joiner {
    pub fn line(&mut self, line: &str, number: u64, event: &mut Event, sink: &mut dyn Sink, notes: &mut Notes) {
        if line.trim().is_empty() || line.starts_with("----") {
            return;
        }
        let Some(head) = head(line) else {
            notes.skipped += 1;
            return;
        };
        let key = format!("{} {}", head.node, head.stamp);
        let last = matches!(head.kind, "EOE" | "PROCTITLE");
        self.bytes += line.len();
        // Nearly always the newest.
        let at = self.open.iter().rposition(|open| open.key == key && open.lines.len() < MOST_RECORDS);
        match at {
            Some(at) => self.open[at].lines.push(line.into()),
            None => self.open.push_back(Open { key, number, lines: vec![line.into()] }),
        }
        // PROCTITLE comes last but for EOE; both may be missing.
        let done = last && head.kind == "EOE";
        if done && let Some(open) = at.and_then(|at| self.open.remove(at)) {
            self.close(open, event, sink, notes);
        }
        while self.open.len() > MOST_OPEN || self.bytes > MOST_BYTES {
            match self.open.pop_front() {
                Some(open) => self.close(open, event, sink, notes),
                None => break,
            }
        }
    }

    pub fn finish(&mut self, event: &mut Event, sink: &mut dyn Sink, notes: &mut Notes) {
        while let Some(open) = self.open.pop_front() {
            self.close(open, event, sink, notes);
        }
    }

    fn close(&mut self, open: Open, event: &mut Event, sink: &mut dyn Sink, notes: &mut Notes) {
        let lines: Vec<&str> = open.lines.iter().map(String::as_str).collect();
        self.bytes = self.bytes.saturating_sub(lines.iter().map(|l| l.len()).sum());
        // The mark of an event's end is no event.
        if lines.iter().all(|line| line.contains("type=EOE ")) {
            return;
        }
        fill(&lines, open.number, sink.names(), event);
        notes.events += 1;
        sink.event(event);
    }
}

fn fill(lines: &[&str], number: u64, names: &Names, event: &mut Event) {
    begin(event, Source::Auditd, &lines.join("\n"), number);
    for line in lines {
        let Some(head) = head(line) else { continue };
        if event.time.is_none() {
            event.time = head.stamp.split_once(':').and_then(|(seconds, _)| time::epoch(seconds));
        }
        if !head.node.is_empty() && event.host().is_empty() {
            let node = event.keep(head.node.as_bytes());
            event.push_kept(names, "node", node, Kind::Text);
            event.set_host(node);
        }
        event.push(names, "type", head.kind, Kind::Text);
        // Behind a group separator stand the names for the numbers.
        for part in head.body.split('\u{1d}') {
            values(head.kind, part, names, event);
        }
    }
    complete(names, event);
}

/// `key=value` pairs; a quoted value in single quotes holds further pairs.
fn values(kind: &str, text: &str, names: &Names, event: &mut Event) {
    let mut rest = text.trim_start();
    while let Some((key, after)) = rest.split_once('=') {
        // Words without a value, such as `avc: denied { read } for`, stand before the key.
        let key = key.rsplit(' ').next().unwrap_or(key);
        if let Some(inner) = after.strip_prefix('\'') {
            let end = inner.rfind('\'').unwrap_or(inner.len());
            if key == "msg" && !inner.starts_with('\'') {
                values(kind, &inner[..end].replace('\'', " "), names, event);
            }
            rest = inner.get(end + 1..).unwrap_or_default().trim_start();
            continue;
        }
        let (value, quoted, left) = match after.strip_prefix('"') {
            Some(inner) => match inner.split_once('"') {
                Some((value, left)) => (value, true, left),
                None => (inner, true, ""),
            },
            None => match after.split_once(' ') {
                Some((value, left)) => (value, false, left),
                None => (after, false, ""),
            },
        };
        rest = left.trim_start();
        if !key.is_empty() {
            value_of(kind, key, value, quoted, names, event);
        }
    }
}

fn value_of(kind: &str, key: &str, value: &str, quoted: bool, names: &Names, event: &mut Event) {
    let argument = kind == "EXECVE" && key.starts_with('a') && key[1..].starts_with(|c: char| c.is_ascii_digit());
    // A long argument comes in pieces: a1[0], a1[1].
    let name = key.split_once('[').map_or(key, |(name, _)| name);
    if !quoted
        && (ENCODED.contains(&key) || argument)
        && let Some(bytes) = decoded(value)
    {
        let text = String::from_utf8_lossy(&bytes);
        let text = if key == "proctitle" { text.trim_end_matches('\0').replace('\0', " ") } else { text.into_owned() };
        event.push(names, name, &text, Kind::Text);
        return;
    }
    let kind_of = if !quoted && value == "(null)" { Kind::Null } else { Kind::Text };
    event.push(names, name, value, kind_of);
    if key == "saddr" {
        socket(value, names, event);
    }
}

/// An even number of upper-case hexadecimal digits.
fn decoded(value: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
    if value.is_empty() || !value.len().is_multiple_of(2) || !value.bytes().all(digit) {
        return None;
    }
    (0..value.len()).step_by(2).map(|at| u8::from_str_radix(&value[at..at + 2], 16).ok()).collect()
}

/// A socket's address: family, port, address.
fn socket(value: &str, names: &Names, event: &mut Event) {
    let Some(bytes) = decoded(&value.to_ascii_uppercase()) else { return };
    let address: Option<std::net::IpAddr> = match (bytes.first(), bytes.get(1)) {
        (Some(2), Some(0)) => bytes.get(4..8).and_then(|b| <[u8; 4]>::try_from(b).ok()).map(|b| b.into()),
        (Some(10), Some(0)) => bytes.get(8..24).and_then(|b| <[u8; 16]>::try_from(b).ok()).map(|b| b.into()),
        _ => None,
    };
    if let (Some(address), Some(port)) = (address, bytes.get(2..4)) {
        let port = u16::from(port[0]) << 8 | u16::from(port[1]);
        for (name, text) in [("DestinationIp", address.to_string()), ("DestinationPort", port.to_string())] {
            let kept = event.keep(text.as_bytes());
            event.push_alias(names, name, kept, Kind::Text);
        }
    }
}

/// The calls that rules name, with their numbers on x86-64 and on ARM.
const CALLS: [(&str, &str, &str); 24] = [
    ("59", "221", "execve"),
    ("322", "281", "execveat"),
    ("42", "203", "connect"),
    ("43", "202", "accept"),
    ("288", "242", "accept4"),
    ("2", "", "open"),
    ("257", "56", "openat"),
    ("82", "", "rename"),
    ("87", "", "unlink"),
    ("263", "35", "unlinkat"),
    ("264", "38", "renameat"),
    ("90", "", "chmod"),
    ("91", "52", "fchmod"),
    ("268", "53", "fchmodat"),
    ("92", "", "chown"),
    ("101", "117", "ptrace"),
    ("175", "105", "init_module"),
    ("313", "273", "finit_module"),
    ("176", "106", "delete_module"),
    ("165", "40", "mount"),
    ("62", "129", "kill"),
    ("41", "198", "socket"),
    ("319", "279", "memfd_create"),
    ("188", "5", "setxattr"),
];

/// What rules ask for and no record says as such: the command line, a file's whole path, the call's name, the program.
pub(crate) fn complete(names: &Names, event: &mut Event) {
    let owned = |event: &Event, name: &str| event.find_name(name).map(String::from);
    let kinds: Vec<String> =
        event.fields().iter().filter(|f| event.name(f) == "type").map(|f| event.value(f).to_string()).collect();
    let has = |kind: &str| kinds.iter().any(|k| k == kind);
    let alias = |event: &mut Event, name: &str, text: &str| {
        let kept = event.keep(text.as_bytes());
        event.push_alias(names, name, kept, Kind::Text);
        kept
    };
    if has("EXECVE") {
        let mut words: Vec<String> = Vec::new();
        // Arguments follow one another; the pieces of a long one share its name.
        let mut before = String::new();
        let mut seen = false;
        for field in event.fields() {
            let (name, value) = (event.name(field), event.value(field));
            seen |= name == "type" && value == "EXECVE" || name == "argc";
            let argument =
                name.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            if name == "type" && value != "EXECVE" {
                seen = false;
            }
            let listed = name == "ARGV";
            if !(listed || argument && seen) {
                continue;
            }
            match words.last_mut() {
                Some(last) if name == before && !listed => last.push_str(value),
                _ => words.push(value.into()),
            }
            before = name.into();
        }
        let line = words.join(" ");
        if !line.is_empty() {
            alias(event, "CommandLine", &line);
        }
        if event.find_name("exe").is_none()
            && let Some(first) = words.first().cloned()
        {
            alias(event, "exe", &first);
        }
        // laurel lists them without names.
        if event.find_name("a0").is_none() {
            for (at, word) in words.iter().enumerate().take(32) {
                alias(event, &format!("a{at}"), word);
            }
        }
    }
    if event.find_name("SYSCALL").is_none()
        && let Some(call) = owned(event, "syscall")
    {
        let arm = event.find_name("arch").is_some_and(|arch| arch == "c00000b7" || arch == "aarch64");
        let known = CALLS.iter().find(|(x86, arm64, _)| if arm { *arm64 == call } else { *x86 == call });
        let name = known.map_or_else(|| call.clone(), |(_, _, name)| (*name).to_string());
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            alias(event, "SYSCALL", &name);
        }
    }
    if has("PATH") {
        let folder = owned(event, "cwd").unwrap_or_default();
        let paths: Vec<String> =
            event.fields().iter().filter(|f| event.name(f) == "name").map(|f| event.value(f).to_string()).collect();
        for path in paths.iter().take(16).filter(|path| !path.is_empty()) {
            let whole = if path.starts_with('/') || folder.is_empty() {
                path.clone()
            } else {
                format!("{}/{}", folder.trim_end_matches('/'), path.trim_start_matches("./"))
            };
            alias(event, "TargetFilename", &whole);
        }
    }
    if has("SOCKADDR") {
        alias(event, "Initiated", "true");
    }
    let user = ["AUID", "UID", "acct", "auid", "uid"]
        .iter()
        .filter_map(|name| owned(event, name))
        .find(|user| !matches!(user.as_str(), "" | "unset" | "4294967295"));
    if let Some(user) = user {
        let kept = event.keep(user.as_bytes());
        event.set_user(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{events, value};

    const LOG: &str = "\
type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=59 success=yes exit=0 a0=7ff a1=7fe ppid=1 uid=0 comm=\"cat\" exe=\"/bin/cat\" key=(null)\u{1d}ARCH=x86_64 SYSCALL=execve UID=\"root\"
type=SYSCALL msg=audit(1364481363.244:24288): arch=c000003e syscall=42 exe=\"/usr/bin/nc\" uid=33
type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0=\"cat\" a1=2F6574632F61206220 a2=\"/etc/shadow\"
type=CWD msg=audit(1364481363.243:24287): cwd=\"/root\"
type=PATH msg=audit(1364481363.243:24287): item=0 name=\"x.txt\" nametype=NORMAL
type=SOCKADDR msg=audit(1364481363.244:24288): saddr=0200115C0A0000050000000000000000
type=EOE msg=audit(1364481363.243:24287):
node=web1 type=USER_CMD msg=audit(1364481400.000:9): pid=1 uid=1000 msg='cwd=\"/home/an\" cmd=6C73202D6C61 terminal=pts/0 res=success'
";

    #[test]
    fn records_of_one_event_are_joined_and_decoded() {
        let events =
            events(LOG, &["CommandLine", "TargetFilename", "DestinationIp", "DestinationPort", "SYSCALL", "cmd"]);
        assert_eq!(events.len(), 3);
        assert_eq!(value(&events[0], "CommandLine"), "cat /etc/a b  /etc/shadow");
        assert_eq!(value(&events[0], "a1"), "7fe");
        assert_eq!(value(&events[0], "TargetFilename"), "/root/x.txt");
        assert_eq!((value(&events[0], "SYSCALL"), events[0].record), ("execve", 1));
        assert_eq!(events[0].time, Some(1_364_481_363_243_000));
        assert_eq!((value(&events[1], "DestinationIp"), value(&events[1], "DestinationPort")), ("10.0.0.5", "4444"));
        assert_eq!(value(&events[1], "SYSCALL"), "connect");
        assert_eq!((value(&events[2], "cmd"), events[2].host.as_str()), ("ls -la", "web1"));
    }
}
