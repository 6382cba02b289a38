//! What all readers' tests share, and the tests of telling formats apart.

use super::*;

/// An event kept for looking at.
pub struct Seen {
    pub source: Source,
    pub channel: String,
    pub provider: String,
    pub host: String,
    pub user: String,
    pub event_id: u32,
    pub record: u64,
    pub time: Option<i64>,
    pub fields: Vec<(String, String)>,
}

struct Keep(Names, Vec<Seen>);

impl Sink for Keep {
    fn names(&self) -> &Names {
        &self.0
    }

    fn event(&mut self, event: &mut Event) {
        let named = |f: &crate::event::Field| {
            let name = event.name(f);
            if name.is_empty() { self.0.name(f.number).to_string() } else { name.to_string() }
        };
        self.1.push(Seen {
            source: event.source,
            channel: event.channel().into(),
            provider: event.provider().into(),
            host: event.host().into(),
            user: event.user().into(),
            event_id: event.event_id,
            record: event.record,
            time: event.time,
            fields: event.fields().iter().map(|f| (named(f), event.value(f).to_string())).collect(),
        });
    }
}

/// The events of a text; `names` are the fields that rules ask for.
pub fn events(text: &str, names: &[&str]) -> Vec<Seen> {
    events_at(text, &Clock::default(), names).0
}

pub fn events_at(text: &str, clock: &Clock, names: &[&str]) -> (Vec<Seen>, Notes) {
    let format = detect(text.as_bytes()).expect("a log");
    let whole = read(format, text.as_bytes(), usize::MAX, clock, names);
    // In whatever pieces it comes.
    let pieces = read(format, text.as_bytes(), 7, clock, names);
    assert_eq!((whole.0.len(), whole.1), (pieces.0.len(), pieces.1));
    whole
}

fn read(format: Format, bytes: &[u8], piece: usize, clock: &Clock, names: &[&str]) -> (Vec<Seen>, Notes) {
    let mut known = Names::default();
    names.iter().for_each(|name| {
        known.add(name);
    });
    let mut keep = Keep(known, Vec::new());
    let mut reader = Reader::new(format, *clock);
    bytes.chunks(piece.min(bytes.len().max(1))).for_each(|piece| reader.feed(piece, &mut keep));
    reader.finish(&mut keep);
    (keep.1, reader.notes())
}

/// The first value of a field.
pub fn value<'s>(event: &'s Seen, name: &str) -> &'s str {
    event.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

#[test]
fn one_windows_event_in_four_layouts_is_the_same_event() {
    let dump = r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P","Guid":"G"}},"EventID":{"#attributes":{"Qualifiers":0},"#text":4688},"Channel":"Security","Computer":"pc1","EventRecordID":7,"TimeCreated":{"#attributes":{"SystemTime":"2026-11-28T00:43:16Z"}}},"EventData":{"NewProcessName":"C:\\a.exe"}}}"##;
    let apart = r#"{"Event":{"System":{"Provider_attributes":{"Name":"P"},"EventID":4688,"EventID_attributes":{"Qualifiers":0},"Channel":"Security","Computer":"pc1","EventRecordID":7,"TimeCreated_attributes":{"SystemTime":"2026-11-28T00:43:16Z"}},"EventData":{"NewProcessName":"C:\\a.exe"}}}"#;
    let beat = r#"{"@timestamp":"2026-11-28T00:43:16.000Z","winlog":{"provider_name":"P","event_id":4688,"channel":"Security","computer_name":"pc1","record_id":7,"event_data":{"NewProcessName":"C:\\a.exe"}}}"#;
    let wazuh = r#"{"timestamp":"2026-11-28T07:43:16.000+0700","data":{"win":{"system":{"providerName":"P","eventID":"4688","channel":"Security","computer":"pc1","eventRecordID":"7"},"eventdata":{"newProcessName":"C:\\a.exe"}}}}"#;
    let flat = r#"{"Provider_Name":"P","EventID":4688,"Channel":"Security","Computer":"pc1","EventRecordID":7,"TimeCreated_SystemTime":"2026-11-28 00:43:16","NewProcessName":"C:\\a.exe"}"#;
    for text in [dump, apart, beat, wazuh, flat] {
        let events = events(text, &[]);
        let event = &events[0];
        assert_eq!((event.source, event.event_id, event.record), (Source::Windows, 4688, 7), "{text}");
        assert_eq!((event.channel.as_str(), event.provider.as_str(), event.host.as_str()), ("Security", "P", "pc1"));
        assert_eq!(value(event, "NewProcessName"), "C:\\a.exe", "{text}");
        assert_eq!(event.time, Some(1_795_826_596_000_000), "{text}");
    }
}

#[test]
fn times_that_are_greenwichs_by_nature_are_not_moved() {
    let clock = Clock { offset: 25_200, last: None };
    let time = |text: &str| events_at(text, &clock, &[]).0[0].time;
    let at = Some(1_795_826_596_000_000);
    let sysmon =
        r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2026-11-28 00:43:16.000"}"#;
    let system = r#"{"EventID":1,"Channel":"Security","SystemTime":"2026-11-28 00:43:16"}"#;
    let w3c = "#Fields: date time cs-method cs-uri-stem sc-status\n2026-11-28 00:43:16 GET / 200\n";
    assert_eq!((time(sysmon), time(system), time(w3c)), (at, at, at));
    let local = r#"{"EventID":1,"Channel":"Security","TimeCreated":"2026-11-28 07:43:16"}"#;
    assert_eq!((time(local), time(r#"{"time":"2026-11-28 07:43:16"}"#)), (at, at));
}

#[test]
fn other_json_is_told_by_its_names() {
    let check = |text: &str, source, provider: &str| {
        let events = events(text, &["cs-uri-query", "c-uri"]);
        assert_eq!((events[0].source, events[0].provider.as_str()), (source, provider), "{text}");
    };
    check(
        r#"{"timestamp":"2026-11-28T00:43:16.1+0700","event_type":"dns","src_ip":"1.1.1.1"}"#,
        Source::Suricata,
        "dns",
    );
    check(r#"{"ts":1795826596.1,"uid":"C","id.orig_h":"1.1.1.1","query":"a"}"#, Source::Zeek, "dns");
    check(r#"{"MESSAGE":"x","SYSLOG_IDENTIFIER":"sshd","_HOSTNAME":"h"}"#, Source::Syslog, "sshd");
    check(r#"{"type":"EXECVE","a0":"cat"}"#, Source::Auditd, "");
    check(r#"{"full_log":"Nov 28 00:43:16 h sshd[1]: x","agent":{"name":"a"}}"#, Source::Syslog, "sshd");
    check(r#"{"cs-method":"GET","cs-uri-query":"a"}"#, Source::Web, "access");
    check(r#"{"c-uri":"http://a/","cs-method":"GET"}"#, Source::Proxy, "access");
    let nginx = r#"{"remote_addr":"1.1.1.1","request":"GET / HTTP/1.1","status":200,"http_user_agent":"x"}"#;
    check(nginx, Source::Web, "access");
    check(r#"{"a":1}"#, Source::Other, "");
    check(r#"{"SYSCALL":{"exe":"/bin/cat"},"EXECVE":{"argc":1,"ARGV":["cat"]}}"#, Source::Auditd, "");
}

#[test]
fn objects_over_several_lines_and_lists_of_them_are_read() {
    let text = "[\n {\n  \"a\": 1\n },\n {\"a\": 2}, {\"a\":\n 3}\n]\n";
    let (events, notes) = events_at(text, &Clock::default(), &[]);
    assert_eq!(events.iter().map(|e| e.record).collect::<Vec<_>>(), [2, 5, 5]);
    assert_eq!((events.len(), notes.skipped), (3, 0));
}

#[test]
fn broken_lines_are_counted_and_the_others_read() {
    let (events, notes) = events_at("{\"a\":1}\n{\"a\":\n\n{\"a\":2}", &Clock::default(), &[]);
    assert_eq!((events.len(), notes.skipped, notes.lines), (2, 1, 4));
    let text = "{\"a\":\"đơn\"}\r\n".encode_utf16().flat_map(u16::to_le_bytes);
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text).collect();
    let (events, _) = read(detect(&wide).unwrap(), &wide, 3, &Clock::default(), &[]);
    assert_eq!(value(&events[0], "a"), "đơn");
}

#[test]
fn what_is_no_log_is_told() {
    for text in ["", "hello\nworld\n", "{broken", "\0\0", "a,b\n1,2,3\n", "#!/bin/sh\nls\n"] {
        assert_eq!(detect(text.as_bytes()), None, "{text}");
    }
}
