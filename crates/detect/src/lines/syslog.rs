//! Syslog: RFC 5424, RFC 3164 and what programs make of it (with or without `<priority>`, times of ISO 8601).

use crate::event::{Event, Kind, Names, Source};

use super::time::{self, Clock};
use super::{auditd, begin};

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// How many `key=value` pairs of one message become fields.
const MOST_PAIRS: usize = 200;

/// Reads a line; false when it is not syslog.
pub(crate) fn line(line: &str, number: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    let mut rest = line.trim_start();
    let mut priority = None;
    if let Some(after) = rest.strip_prefix('<')
        && let Some((digits, after)) = after.split_once('>')
        && digits.len() <= 3
        && let Ok(value) = digits.parse::<u16>()
        && value < 192
    {
        (priority, rest) = (Some(value), after);
    }
    if priority.is_some() && rest.starts_with("1 ") {
        return new_form(line, &rest[2..], number, clock, priority, names, event);
    }
    let (moment, rest) = match time::syslog(rest, clock) {
        Some((moment, length)) => (moment, &rest[length..]),
        None => match rest.split_once(' ').map(|(word, after)| (time::iso(word, clock), after)) {
            Some((Some(moment), after)) if rest.as_bytes().get(10) == Some(&b'T') => (Some(moment), after),
            // FortiGate and others put the priority before pairs.
            _ if rest.starts_with("date=") && rest.contains(" devname=") => (None, rest),
            _ => return false,
        },
    };
    begin(event, Source::Syslog, line, number);
    event.time = moment;
    facility(priority, names, event);
    let rest = rest.trim_start();
    if rest.starts_with("date=") {
        message("", rest, clock, names, event);
        return true;
    }
    // Host, then `program[pid]:`; either may be missing.
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let (host, tail) = if first.ends_with(':') { ("", rest) } else { (first, after) };
    let (tag, text) = tag(tail);
    put(event, names, "host", host);
    program(tag, text, clock, names, event);
    true
}

/// `program[pid]:` in front of a message; a program's name has no blank.
fn tag(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.split_once(':') {
        Some((tag, message)) if !tag.is_empty() && tag.len() <= 128 && !tag.contains(' ') => {
            (tag, message.trim_start())
        }
        // `MARK --`, or a program that leaves the colon out.
        _ => match text.split_once(' ') {
            Some((tag, message)) if tag.ends_with(']') && tag.contains('[') => (tag, message),
            _ => ("", text),
        },
    }
}

fn program(tag: &str, text: &str, clock: &Clock, names: &Names, event: &mut Event) {
    let (name, pid) = match tag.split_once('[') {
        Some((name, pid)) => (name, pid.trim_end_matches(']')),
        None => (tag, ""),
    };
    // /usr/sbin/cron and (systemd) are written by some; postfix/smtpd is a name.
    let name = if name.starts_with('/') { name.rsplit('/').next().unwrap_or(name) } else { name };
    let name = name.trim_matches(['(', ')']);
    put(event, names, "pid", pid);
    let kept = event.keep(name.as_bytes());
    event.push_kept(names, "program", kept, Kind::Text);
    event.set_provider(kept);
    message(name, text, clock, names, event);
}

fn message(program: &str, text: &str, clock: &Clock, names: &Names, event: &mut Event) {
    put(event, names, "message", text);
    program_fields(program, text, names, event);
    if event.time.is_none()
        && let Some((date, time)) = event.find_name("date").zip(event.find_name("time"))
    {
        event.time = time::iso(&format!("{date} {time}"), clock);
    }
}

/// The fields that some programs write into their messages.
pub(crate) fn program_fields(program: &str, text: &str, names: &Names, event: &mut Event) {
    if event.provider().is_empty() && !program.is_empty() {
        let kept = event.keep(program.as_bytes());
        event.set_provider(kept);
    }
    if text.contains(" devname=") || text.starts_with("devname=") || text.contains(" logid=") {
        pairs(text, names, event);
        let kept = event.keep(b"fortigate");
        event.set_provider(kept);
        let host = event.find_name("devname").map(String::from);
        if let Some(host) = host {
            let host = event.keep(host.as_bytes());
            event.set_host(host);
        }
    } else if program == "sudo" {
        // `an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/bin/sh -c x`
        let (who, rest) = text.split_once(" : ").unwrap_or(("", text));
        let who = who.trim();
        if !who.is_empty() && !who.contains(' ') {
            let kept = event.keep(who.as_bytes());
            event.push_kept(names, "user", kept, Kind::Text);
            event.set_user(kept);
        }
        for part in rest.splitn(16, " ; ") {
            if let Some((key, value)) = part.trim().split_once('=')
                && key.bytes().all(|b| b.is_ascii_uppercase())
            {
                event.push(names, key, value, Kind::Text);
            }
        }
    } else if program == "kernel" && text.contains("SRC=") {
        pairs(text, names, event);
    } else if auditd::is_record(text) {
        // The audit daemon's records, sent on by its plug-in.
        let mut inner = Event::new();
        if auditd::single(text, event.record, names, &mut inner) {
            let (time, host) = (event.time, event.host().to_string());
            std::mem::swap(event, &mut inner);
            event.time = event.time.or(time);
            let host = event.keep(host.as_bytes());
            event.set_host(host);
        }
    }
    if event.user().is_empty()
        && let Some(user) = user_of(text)
    {
        let kept = event.keep(user.as_bytes());
        event.push_alias(names, "user", kept, Kind::Text);
        event.set_user(kept);
    }
    if let Some(address) = address_of(text) {
        let kept = event.keep(address.as_bytes());
        event.push_alias(names, "src_ip", kept, Kind::Text);
    }
}

/// `… for [invalid user] an from 10.0.0.9 port 22`, `user=<an>`, `user=an`.
fn user_of(text: &str) -> Option<&str> {
    let after = text.find(" for ").map(|at| &text[at + 5..]).filter(|rest| rest.contains(" from "));
    let found = match after {
        Some(rest) => {
            let rest = rest.strip_prefix("invalid user ").or_else(|| rest.strip_prefix("user ")).unwrap_or(rest);
            rest.split(' ').next()
        }
        None => {
            let at = text.find("user=").or_else(|| text.find("sasl_username=").map(|at| at + 9))?;
            text[at + 5..].split([' ', ',', '>', ';']).next().map(|user| user.trim_matches(['<', '"', '\'']))
        }
    };
    found.filter(|user| !user.is_empty() && user.len() <= 256)
}

/// `from 10.0.0.9`, `rip=10.0.0.9`, `rhost=…`, `unknown[10.0.0.9]`.
fn address_of(text: &str) -> Option<&str> {
    let marks = [" from ", "rip=", "rhost=", "oip=", "["];
    marks.iter().find_map(|mark| {
        let rest = &text[text.find(mark)? + mark.len()..];
        let word = rest.split([' ', ',', ';', ']', ':']).next().unwrap_or_default();
        let whole = rest.split([' ', ',', ';', ']']).next().unwrap_or_default();
        [whole, word].into_iter().find(|w| w.parse::<std::net::IpAddr>().is_ok())
    })
}

/// `key=value key="with blanks"`.
fn pairs(text: &str, names: &Names, event: &mut Event) {
    let mut rest = text;
    for _ in 0..MOST_PAIRS {
        let Some((key, after)) = rest.split_once('=') else { return };
        let key = key.rsplit(' ').next().unwrap_or(key);
        let (value, left) = match after.strip_prefix('"') {
            Some(inner) => inner.split_once('"').unwrap_or((inner, "")),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        if !key.is_empty() {
            event.push(names, key, value, Kind::Text);
        }
        rest = left;
    }
}

/// RFC 5424, behind its version.
fn new_form(
    line: &str,
    rest: &str,
    number: u64,
    clock: &Clock,
    priority: Option<u16>,
    names: &Names,
    event: &mut Event,
) -> bool {
    let mut words = rest.splitn(6, ' ');
    let mut word = || words.next().map(|w| if w == "-" { "" } else { w });
    let (Some(stamp), Some(host), Some(app), Some(pid), Some(id)) = (word(), word(), word(), word(), word()) else {
        return false;
    };
    begin(event, Source::Syslog, line, number);
    event.time = time::iso(stamp, clock);
    facility(priority, names, event);
    put(event, names, "host", host);
    put(event, names, "msgid", id);
    let mut text = words.next().unwrap_or_default();
    if let Some(after) = text.strip_prefix('-') {
        text = after;
    } else {
        text = structured(text, names, event);
    }
    let text = text.trim_start().trim_start_matches('\u{FEFF}');
    put(event, names, "pid", pid);
    program(app, text, clock, names, event);
    true
}

/// `[id key="value" …][…]` in front of a message; gives the message.
fn structured<'l>(text: &'l str, names: &Names, event: &mut Event) -> &'l str {
    let mut rest = text;
    for _ in 0..MOST_PAIRS {
        let Some(inside) = rest.strip_prefix('[') else { return rest };
        let Some(id_end) = inside.find([' ', ']']) else { return rest };
        let (id, mut left) = inside.split_at(id_end);
        while let Some((key, after)) = left.trim_start().split_once("=\"").filter(|(key, _)| !key.contains(']')) {
            // A quote within is written \".
            let mut end = 0;
            let bytes = after.as_bytes();
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            let Some(value) = after.get(..end) else { return "" };
            let value = value.replace("\\\"", "\"").replace("\\]", "]").replace("\\\\", "\\");
            event.push(names, &format!("{id}.{}", key.trim()), &value, Kind::Text);
            left = after.get(end + 1..).unwrap_or_default();
        }
        rest = left.trim_start().strip_prefix(']').unwrap_or_default();
    }
    rest
}

fn facility(priority: Option<u16>, names: &Names, event: &mut Event) {
    if let Some(value) = priority {
        let (facility, severity) = (usize::from(value / 8), usize::from(value % 8));
        event.push(names, "facility", FACILITIES.get(facility).copied().unwrap_or_default(), Kind::Text);
        event.push(names, "severity", SEVERITIES.get(severity).copied().unwrap_or_default(), Kind::Text);
    }
}

fn put(event: &mut Event, names: &Names, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let kept = event.keep(value.as_bytes());
    event.push_kept(names, name, kept, Kind::Text);
    if name == "host" {
        event.set_host(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Clock;
    use super::super::tests::{events_at, value};

    #[test]
    fn both_forms_of_syslog_are_read() {
        let clock = Clock { offset: 25_200, last: Some(1_795_826_596_000_000) };
        let log = "\
<38>Nov 28 07:43:16 web1 sshd[812]: Failed password for invalid user an from 203.0.113.9 port 4711 ssh2
Nov 28 07:43:16 web1 sudo:      an : TTY=pts/0 ; PWD=/home/an ; USER=#-1 ; COMMAND=/bin/sh -c a;b
2026-11-28T07:43:16.5+07:00 web1 CRON[9]: (root) CMD (x)
<165>1 2026-11-28T00:43:16Z h1 app 77 ID47 [ex@1 a=\"1 \\\" 2\" b=\"]\"][y z=\"3\"] a message
<165>1 2026-11-28T00:43:16Z - - - - -
not a line
<134>date=2026-11-28 time=07:43:16 devname=\"FGT\" logid=\"01\" type=\"event\" action=\"Add\" cfgpath=\"system.admin\"
";
        let (events, notes) = events_at(log, &clock, &["user", "src_ip"]);
        assert_eq!((events.len(), notes.skipped), (6, 1));
        assert_eq!(events[0].time, Some(1_795_826_596_000_000));
        assert_eq!(
            (events[0].provider.as_str(), events[0].host.as_str(), events[0].user.as_str()),
            ("sshd", "web1", "an")
        );
        assert_eq!((value(&events[0], "src_ip"), value(&events[0], "facility")), ("203.0.113.9", "auth"));
        assert_eq!((value(&events[1], "USER"), value(&events[1], "COMMAND")), ("#-1", "/bin/sh -c a;b"));
        assert_eq!(events[2].time, Some(1_795_826_596_500_000));
        assert_eq!((value(&events[3], "ex@1.a"), value(&events[3], "ex@1.b")), ("1 \" 2", "]"));
        assert_eq!((value(&events[3], "y.z"), value(&events[3], "message")), ("3", "a message"));
        assert_eq!((events[5].provider.as_str(), value(&events[5], "cfgpath")), ("fortigate", "system.admin"));
        assert_eq!(events[5].time, Some(1_795_826_596_000_000));
    }
}
