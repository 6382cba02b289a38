//! Logs of web servers (common and combined form, with or without the virtual host; error logs) and of Squid. Fields are
//! called as in W3C's extended form, which is what rules use.

use crate::event::{Event, Kind, Names, Source};

use super::begin;
use super::pairs::Pairs;
use super::time::{self, Clock};

/// Reads a line; false when it is none of these.
pub(crate) fn line(line: &str, number: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    access(line, number, clock, names, event)
        || error(line, number, clock, names, event)
        || squid(line, number, names, event)
}

/// `1.2.3.4 - an [28/Nov/2026:07:43:16 +0700] "GET /a?b HTTP/1.1" 200 512 "referer" "agent"`
fn access(line: &str, number: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    let Some(open) = memchr::memmem::find(line.as_bytes(), b" [") else { return false };
    let Some((stamp, rest)) = line[open + 2..].split_once("] ") else { return false };
    let Some(moment) = time::access(stamp, clock) else { return false };
    let Some(rest) = rest.trim_start().strip_prefix('"') else { return false };
    let Some((request, rest)) = quoted(rest) else { return false };
    let mut front = line[..open].split(' ').filter(|word| !word.is_empty());
    let (mut first, mut second, third) = (front.next(), front.next(), front.next());
    begin(event, Source::Web, line, number);
    event.time = Some(moment);
    // `vhost:80 1.2.3.4 - an`: Apache's form with the virtual host in front.
    let fourth = front.next();
    let mut user = third;
    if let Some(fourth) = fourth {
        // The client's machine is not where it happened; without a virtual host that is not known.
        let host = put(event, names, "cs-host", first.map(|host| host.rsplit_once(':').map_or(host, |(host, _)| host)));
        event.set_host(host);
        (first, second, user) = (second, third, Some(fourth));
    }
    let _ = second;
    put(event, names, "c-ip", first);
    let user = put(event, names, "cs-username", user);
    event.set_user(user);
    put(event, names, "date-time", Some(stamp));
    let (method, after) = request.split_once(' ').unwrap_or(("", request));
    let (uri, version) = after.rsplit_once(' ').filter(|(_, v)| v.starts_with("HTTP/")).unwrap_or((after, ""));
    put(event, names, "cs-method", Some(method));
    put(event, names, "cs-version", Some(version));
    put(event, names, "cs-uri", Some(uri));
    parts_of(uri, names, event);
    let mut rest = rest.trim_start();
    for name in ["sc-status", "sc-bytes"] {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        put(event, names, name, Some(word));
        rest = after.trim_start();
    }
    for (name, alias) in [("cs-referer", ""), ("cs-user-agent", "c-useragent"), ("x-forwarded-for", "")] {
        let Some((value, after)) = rest.strip_prefix('"').and_then(quoted) else { break };
        let kept = put(event, names, name, Some(value));
        if !alias.is_empty() {
            event.push_alias(names, alias, kept, kind(value));
        }
        rest = after.trim_start();
    }
    provider(event, b"access");
    true
}

/// The text up to the closing quote, and what follows. A quote within is written `\"`.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some((&text[..at], &text[at + 1..]));
        }
        at += 2;
    }
}

/// `[Sat Nov 28 07:43:16.123 2026] [core:error] [pid 7] [client 1.2.3.4:5] …` and nginx's
/// `2026/11/28 07:43:16 [error] 7#7: *9 …, client: 1.2.3.4, …`.
fn error(line: &str, number: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    let apache = line.strip_prefix('[').and_then(|rest| rest.split_once("] ["));
    if let Some((stamp, rest)) = apache {
        let words: Vec<&str> = stamp.split(' ').filter(|w| !w.is_empty()).collect();
        let [_, month, day, time, year] = words[..] else { return false };
        let clocked = time.split_once('.').map_or(time, |(time, _)| time);
        let spelled = format!("{day:0>2}/{month}/{year}:{clocked}");
        let Some(moment) = time::access(&spelled, clock) else { return false };
        begin(event, Source::Web, line, number);
        event.time = Some(moment);
        put(event, names, "level", rest.split_once(']').map(|(level, _)| level));
        let client = rest.split_once("[client ").and_then(|(_, r)| r.split_once(']')).map(|(client, _)| client);
        let client = client.map(|c| c.rsplit_once(':').map_or(c, |(address, _)| address));
        put(event, names, "c-ip", client);
        put(event, names, "message", rest.rsplit_once("] ").map(|(_, message)| message));
        provider(event, b"apache");
        return true;
    }
    let Some((stamp, rest)) = line.split_once(" [") else { return false };
    let nginx = stamp.len() == 19 && stamp.as_bytes()[4] == b'/';
    let Some(moment) = time::iso(stamp, clock).filter(|_| nginx) else { return false };
    let Some((level, rest)) = rest.split_once("] ") else { return false };
    begin(event, Source::Web, line, number);
    event.time = Some(moment);
    put(event, names, "level", Some(level));
    let client = rest.split_once("client: ").and_then(|(_, r)| r.split(',').next());
    put(event, names, "c-ip", client);
    put(event, names, "message", rest.split_once(": ").map(|(_, message)| message));
    provider(event, b"nginx");
    true
}

/// `1795826596.123    180 10.0.0.7 TCP_MISS/200 411 GET http://a.example/ an DIRECT/1.2.3.4 text/html`
fn squid(line: &str, number: u64, names: &Names, event: &mut Event) -> bool {
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).take(10).collect();
    let [stamp, took, client, result, bytes, method, uri, user, ..] = words[..] else { return false };
    let known = result.starts_with("TCP_") || result.starts_with("UDP_") || result.starts_with("NONE");
    let Some(moment) = time::epoch(stamp).filter(|_| known && stamp.contains('.')) else { return false };
    begin(event, Source::Proxy, line, number);
    event.time = Some(moment);
    let client = put(event, names, "c-ip", Some(client));
    event.set_host(client);
    put(event, names, "time-taken", Some(took));
    put(event, names, "sc-status", result.split_once('/').map(|(_, status)| status));
    put(event, names, "sc-bytes", Some(bytes));
    put(event, names, "cs-method", Some(method));
    put(event, names, "c-uri", Some(uri));
    let host = uri.split_once("://").map_or(uri, |(_, rest)| rest).split(['/', ':', '?']).next();
    put(event, names, "cs-host", host);
    let user = put(event, names, "cs-username", Some(user));
    event.set_user(user);
    put(event, names, "content-type", words.get(9).copied());
    parts_of(uri, names, event);
    provider(event, b"squid");
    true
}

/// The parts of an address that rules ask for beside the whole. Rules written for Apache look for paths in
/// `cs-uri-query` as well, so the whole address stands there as a second value.
pub(crate) fn parts_of(uri: &str, names: &Names, event: &mut Event) {
    if uri.is_empty() || uri == "-" {
        return;
    }
    let (stem, query) = uri.split_once('?').map_or((uri, None), |(stem, query)| (stem, Some(query)));
    let path = match stem.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => stem,
    };
    let has = |event: &Event, name: &str| event.find_name(name).is_some();
    if !has(event, "cs-uri-stem") {
        let kept = event.keep(path.as_bytes());
        event.push_alias(names, "cs-uri-stem", kept, Kind::Text);
        event.push_alias(names, "c-uri-stem", kept, Kind::Text);
    }
    let kept = event.keep(query.unwrap_or_default().as_bytes());
    let kind = if query.is_some() { Kind::Text } else { Kind::Null };
    if !has(event, "cs-uri-query") {
        event.push_alias(names, "cs-uri-query", kept, kind);
    }
    event.push_alias(names, "c-uri-query", kept, kind);
    let whole = event.keep(uri.as_bytes());
    event.push_alias(names, "cs-uri-query", whole, Kind::Text);
    if let Some((_, extension)) = path.rsplit('/').next().and_then(|file| file.rsplit_once('.')) {
        let kept = event.keep(extension.as_bytes());
        event.push_alias(names, "c-uri-extension", kept, Kind::Text);
    }
}

/// Whether an object with W3C's names is from a proxy.
pub(crate) fn is_proxy(pairs: &Pairs) -> bool {
    let ours =
        ["c-uri", "c-useragent", "c-uri-extension", "r-dns", "r-host", "s-action", "cs-uri-scheme", "c-uri-query"];
    pairs.iter().any(|(name, _, _)| ours.contains(&name))
}

/// What a W3C log leaves for rules to put together.
pub(crate) fn complete(pairs: &Pairs, names: &Names, event: &mut Event) {
    for (written, known) in [
        ("cs(User-Agent)", ["cs-user-agent", "c-useragent"]),
        ("cs-user-agent", ["c-useragent", ""]),
        ("c-useragent", ["cs-user-agent", ""]),
        ("cs(Referer)", ["cs-referer", "cs-referrer"]),
        ("cs(Cookie)", ["cs-cookie", ""]),
        ("cs(Host)", ["cs-host", "r-dns"]),
    ] {
        if let Some(value) = pairs.find(&[written]) {
            let kept = event.keep(value.as_bytes());
            for name in known.iter().filter(|name| !name.is_empty() && pairs.find(&[name]).is_none()) {
                event.push_alias(names, name, kept, kind(value));
            }
        }
    }
    if let Some(uri) = pairs.find(&["cs-uri", "c-uri"]) {
        parts_of(uri, names, event);
        return;
    }
    if let Some(stem) = pairs.find(&["cs-uri-stem"]) {
        let query = pairs.find(&["cs-uri-query"]).filter(|query| *query != "-");
        let whole = query.map_or_else(|| stem.to_string(), |query| format!("{stem}?{query}"));
        let kept = event.keep(whole.as_bytes());
        event.push_alias(names, "cs-uri", kept, Kind::Text);
        event.push_alias(names, "c-uri", kept, Kind::Text);
        event.push_alias(names, "cs-uri-query", kept, Kind::Text);
    }
}

/// nginx in JSON, under the names of its own variables.
pub(crate) fn from_nginx(pairs: &Pairs, names: &Names, event: &mut Event) {
    let request = pairs.find(&["request"]).unwrap_or_default();
    let mut words = request.split(' ');
    let (method, uri) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known: [(&[&str], &str, &[&str]); 8] = [
        (&["remote_addr"], "", &["c-ip", "src_ip"]),
        (&["remote_user"], "", &["cs-username"]),
        (&["request_method"], method, &["cs-method"]),
        (&["request_uri", "uri"], uri, &["cs-uri", "c-uri"]),
        (&["status"], "", &["sc-status"]),
        (&["http_user_agent"], "", &["cs-user-agent", "c-useragent"]),
        (&["http_referer", "http_referrer"], "", &["cs-referer", "cs-referrer"]),
        (&["http_host", "host", "server_name"], "", &["cs-host"]),
    ];
    for (from, otherwise, to) in known {
        let value = pairs.find(from).unwrap_or(otherwise);
        if !value.is_empty() {
            let kept = event.keep(value.as_bytes());
            for name in to {
                event.push_alias(names, name, kept, kind(value));
            }
        }
    }
    parts_of(pairs.find(&["request_uri", "uri"]).unwrap_or(uri), names, event);
}

fn kind(value: &str) -> Kind {
    if value == "-" { Kind::Null } else { Kind::Text }
}

fn put(event: &mut Event, names: &Names, name: &str, value: Option<&str>) -> crate::event::Span {
    let value = value.unwrap_or_default();
    if value.is_empty() {
        return Default::default();
    }
    let kept = event.keep(value.as_bytes());
    event.push_kept(names, name, kept, kind(value));
    if value == "-" { Default::default() } else { kept }
}

fn provider(event: &mut Event, name: &[u8]) {
    let kept = event.keep(name);
    event.set_provider(kept);
}

#[cfg(test)]
mod tests {
    use super::super::Clock;
    use super::super::tests::{events_at, value};
    use crate::event::Source;

    #[test]
    fn requests_are_taken_apart() {
        let log = r#"1.2.3.4 - an [28/Nov/2026:07:43:16 +0700] "GET /a/b.php?x=\"1 HTTP/1.1" 404 - "-" "curl \"8"
www.example:443 ::1 - - [28/Nov/2026:07:43:16 +0700] "POST /c HTTP/1.1" 200 512
[Sat Nov 28 07:43:16.123456 2026] [core:error] [pid 7] [client 1.2.3.4:5] AH001: no file
2026/11/28 07:43:16 [error] 7#7: *9 open() failed, client: 5.6.7.8, server: _
1795826596.123    180 10.0.0.7 TCP_MISS/200 411 GET http://a.example/p?q an DIRECT/1.2.3.4 text/html
"#;
        let names = ["cs-uri-query", "cs-uri-stem", "c-useragent", "c-uri-extension"];
        let (events, notes) = events_at(log, &Clock { offset: 25_200, last: None }, &names);
        assert_eq!((events.len(), notes.skipped), (5, 0));
        assert!(events[..4].iter().all(|e| e.time == Some(1_795_826_596_000_000) && e.source == Source::Web));
        assert_eq!((value(&events[0], "cs-uri-query"), value(&events[0], "c-uri-extension")), (r#"x=\"1"#, "php"));
        assert_eq!((value(&events[0], "c-useragent"), events[0].user.as_str()), (r#"curl \"8"#, "an"));
        assert_eq!((value(&events[1], "cs-host"), value(&events[1], "c-ip")), ("www.example", "::1"));
        assert_eq!(value(&events[1], "cs-uri-stem"), "/c");
        assert_eq!((value(&events[2], "c-ip"), value(&events[3], "c-ip")), ("1.2.3.4", "5.6.7.8"));
        assert_eq!((events[0].host.as_str(), events[1].host.as_str()), ("", "www.example"));
        assert_eq!((events[4].source, value(&events[4], "cs-host")), (Source::Proxy, "a.example"));
    }
}
