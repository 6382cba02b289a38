//! From names and values to an event: which product's layout an object or row has, and what its fields are called in
//! rules.

use crate::event::{Event, Kind, Names, Source};

use super::pairs::Pairs;
use super::time::{self, Clock};
use super::{syslog, web, windows};

/// What the names of an object say about where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Windows(windows::Style),
    Eve,
    Zeek,
    Journal,
    /// Lines of other programs in an envelope: Wazuh, filebeat.
    Envelope,
    Audit,
    W3c,
    Access,
    Plain,
}

/// Fills `event` from `pairs`. `line` is the object's number in its file.
pub(crate) fn fill(
    pairs: &Pairs,
    line: u64,
    clock: &Clock,
    names: &Names,
    event: &mut Event,
    known: &mut windows::Known,
) {
    let layout = known.layout(pairs, |name| name == "type" || name == "_source.type", || layout(pairs));
    match layout {
        Layout::Windows(style) => return windows::fill(pairs, style, line, clock, names, event, known),
        Layout::Envelope if envelope(pairs, line, clock, names, event) => return,
        _ => {}
    }
    let source = match layout {
        Layout::Eve => Source::Suricata,
        Layout::Zeek => Source::Zeek,
        Layout::Journal | Layout::Envelope => Source::Syslog,
        Layout::Audit => Source::Auditd,
        Layout::W3c if web::is_proxy(pairs) => Source::Proxy,
        Layout::W3c | Layout::Access => Source::Web,
        Layout::Windows(_) | Layout::Plain => Source::Other,
    };
    event.clear(source);
    event.record = line;
    for pair in pairs.list() {
        let (name, value, kind) = (pairs.name(pair), pairs.value(pair), pair.kind);
        let short = short(layout, name);
        // Logs of the web and of the audit daemon write absent values so.
        let kind = match (layout, value) {
            (Layout::W3c | Layout::Access, "-") | (Layout::Audit, "(null)") => Kind::Null,
            _ => kind,
        };
        let value = event.keep(value.as_bytes());
        let number = known.number(pair.path, layout == Layout::Audit, short, names);
        event.push_known(number, short, value, kind);
        if let Some(kind) = laurel(layout, name) {
            let kept = event.keep(kind.as_bytes());
            if !event.fields().iter().any(|f| event.bytes(f.span()) == kind.as_bytes() && event.name(f) == "type") {
                event.push_kept(names, "type", kept, Kind::Text);
            }
        }
    }
    event.dropped += pairs.dropped;
    let one = |names: &[&str]| pairs.find(names).unwrap_or_default();
    let (provider, host, user) = match layout {
        Layout::Eve => (one(&["event_type"]), one(&["host", "src_ip"]), one(&["ssh.client.software_version"])),
        Layout::Zeek => (zeek_log(pairs), one(&["id.orig_h"]), one(&["user", "username"])),
        Layout::Journal => (one(&["SYSLOG_IDENTIFIER", "_COMM"]), one(&["_HOSTNAME"]), one(&["_UID"])),
        Layout::Envelope => (one(PROGRAMS), one(&["host.name", "hostname", "agent.name", "host"]), one(&["user.name"])),
        Layout::Audit => ("", one(&["node", "host.name", "NODE"]), one(&["AUID", "auid", "UID", "uid"])),
        // A proxy's clients are ours; a web server's are anybody.
        Layout::W3c if source == Source::Proxy => ("access", one(&["c-ip"]), one(&["cs-username"])),
        Layout::W3c | Layout::Access => {
            ("access", one(&["s-computername", "cs-host", "server_name", "s-ip"]), one(&["cs-username", "remote_user"]))
        }
        _ => (
            one(&["product", "provider"]),
            one(&["Computer", "hostname", "host.name", "host"]),
            one(&["User", "user", "user.name"]),
        ),
    };
    let user = if layout == Layout::Eve { "" } else { user };
    let (provider, host, user) =
        (event.keep(provider.as_bytes()), event.keep(host.as_bytes()), event.keep(user.as_bytes()));
    event.set_provider(provider);
    if matches!(layout, Layout::Journal | Layout::Envelope) {
        event.push_alias(names, "program", provider, Kind::Text);
    }
    event.set_host(host);
    event.set_user(user);
    if layout == Layout::Plain {
        let channel = event.keep(one(&["service", "channel"]).as_bytes());
        event.set_channel(channel);
    }
    // The extended log format has its times in Greenwich's, whatever clock the server goes by.
    let clock = if layout == Layout::W3c { &Clock { offset: 0, ..*clock } } else { clock };
    event.time = pairs.find(TIMES).and_then(|text| time::any(text, clock)).or_else(|| {
        let apart = (pairs.find(&["date"])?, pairs.find(&["time"])?);
        time::iso(&format!("{} {}", apart.0, apart.1), clock)
    });
    match layout {
        Layout::Eve => web::parts_of(one(&["http.url"]), names, event),
        Layout::Zeek => web::parts_of(one(&["uri"]), names, event),
        Layout::W3c => web::complete(pairs, names, event),
        Layout::Access => web::from_nginx(pairs, names, event),
        Layout::Journal | Layout::Envelope => {
            let message = one(&["MESSAGE", "message", "msg"]).to_string();
            syslog::program_fields(one(PROGRAMS), &message, names, event);
        }
        Layout::Audit => super::auditd::complete(names, event),
        Layout::Windows(_) | Layout::Plain => {}
    }
}

const PROGRAMS: &[&str] = &[
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "program",
    "appname",
    "app_name",
    "ident",
    "syslog.appname",
    "log.syslog.appname",
    "predecoder.program_name",
    "process.name",
    "system.auth.program",
];

const TIMES: &[&str] = &[
    "timestamp",
    "@timestamp",
    "ts",
    "__REALTIME_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP",
    "time_local",
    "time_iso8601",
    "datetime",
    "UtcTime",
    "eventTime",
    "time",
    "Time",
    "date-time",
    "_time",
    "date",
];

/// The kinds of records of the audit daemon that rules speak of, and their like.
const AUDIT_TYPES: &[&str] = &[
    "SYSCALL",
    "EXECVE",
    "PATH",
    "CWD",
    "PROCTITLE",
    "SOCKADDR",
    "USER_CMD",
    "USER_AUTH",
    "USER_LOGIN",
    "USER_ACCT",
    "USER_START",
    "USER_END",
    "USER_ERR",
    "USER_MGMT",
    "USER_CHAUTHTOK",
    "CRED_ACQ",
    "CRED_DISP",
    "CRED_REFR",
    "LOGIN",
    "ADD_USER",
    "DEL_USER",
    "ADD_GROUP",
    "DEL_GROUP",
    "USYS_CONFIG",
    "SERVICE_START",
    "SERVICE_STOP",
    "SYSTEM_BOOT",
    "SYSTEM_SHUTDOWN",
    "SYSTEM_RUNLEVEL",
    "CONFIG_CHANGE",
    "DAEMON_START",
    "DAEMON_END",
    "DAEMON_ABORT",
    "ANOM_ABEND",
    "ANOM_PROMISCUOUS",
    "ANOM_LOGIN_FAILURES",
    "AVC",
    "TTY",
    "USER_TTY",
    "BPRM_FCAPS",
    "KERN_MODULE",
    "MMAP",
    "OBJ_PID",
    "INTEGRITY_RULE",
    "NETFILTER_CFG",
    "SECCOMP",
    "SOFTWARE_UPDATE",
    "CRYPTO_KEY_USER",
    "CAPSET",
    "BPF",
    "TIME_ADJNTPVAL",
];

fn layout(pairs: &Pairs) -> Layout {
    let mut has = Marks::default();
    for (name, value, _) in pairs.iter() {
        has.see(name, value);
        // Nothing else is called so.
        if has.evtx_dump {
            break;
        }
    }
    if let Some(style) = has.windows() {
        return Layout::Windows(style);
    }
    if has.event_type && (has.eve >= 2 || has.flow) {
        return Layout::Eve;
    }
    if has.zeek_path || (has.zeek >= 1 && has.ts) {
        return Layout::Zeek;
    }
    if has.message_upper && has.journal {
        return Layout::Journal;
    }
    if has.audit {
        return Layout::Audit;
    }
    if has.w3c {
        return Layout::W3c;
    }
    if has.nginx >= 3 {
        return Layout::Access;
    }
    if has.full_log || (has.message && has.program) {
        return Layout::Envelope;
    }
    Layout::Plain
}

#[derive(Default)]
struct Marks {
    evtx_dump: bool,
    winlog: bool,
    wazuh: bool,
    channel: bool,
    event_id: bool,
    system: bool,
    sysmon: u8,
    event_type: bool,
    eve: u8,
    flow: bool,
    zeek_path: bool,
    zeek: u8,
    ts: bool,
    journal: bool,
    message_upper: bool,
    message: bool,
    program: bool,
    full_log: bool,
    audit: bool,
    w3c: bool,
    nginx: u8,
}

impl Marks {
    fn see(&mut self, name: &str, value: &str) {
        let name = name.strip_prefix("_source.").unwrap_or(name);
        // The bulk of names in the common layouts, told by their beginning.
        if let Some(rest) = name.strip_prefix("Event.") {
            self.evtx_dump |= rest.starts_with("System.");
            return;
        }
        if name.starts_with("winlog.") || name.starts_with("data.win.") {
            self.winlog |= name.starts_with("winlog.");
            self.wazuh |= name.starts_with("data.win.system.");
            return;
        }
        match name {
            "Channel" | "LogName" => self.channel = true,
            "EventID" | "EventId" | "event_id" | "Id" | "EventCode" => self.event_id = true,
            "ProcessGuid" | "UtcTime" | "RuleName" | "SourceProcessGUID" => self.sysmon += 1,
            // What every event of Windows has, whatever its channel; ours and others' names for it.
            "Provider_Name" | "TimeCreated_SystemTime" | "SystemTime" => self.system = true,
            "event_type" => self.event_type = true,
            "src_ip" | "dest_ip" | "proto" | "in_iface" | "timestamp" => self.eve += 1,
            "flow_id" | "stats.uptime" => self.flow = true,
            "_path" => self.zeek_path = true,
            "id.orig_h" | "id.resp_h" | "uid" | "certificate.serial" | "fuid" => self.zeek += 1,
            "ts" => self.ts = true,
            "SYSLOG_IDENTIFIER" | "_COMM" | "__REALTIME_TIMESTAMP" | "_HOSTNAME" | "_TRANSPORT" => self.journal = true,
            "MESSAGE" => self.message_upper = true,
            "message" | "msg" => self.message = true,
            "full_log" => self.full_log = true,
            "type" => self.audit |= AUDIT_TYPES.contains(&value),
            "auditd.message_type" => self.audit = true,
            "remote_addr" | "request" | "request_uri" | "request_method" | "http_user_agent" | "body_bytes_sent" => {
                self.nginx += 1;
            }
            _ => {
                let capitals = name.len() > 2 && name.as_bytes()[..2].iter().all(u8::is_ascii_uppercase);
                self.audit |= capitals && name.split_once('.').is_some_and(|(head, _)| AUDIT_TYPES.contains(&head));
                self.w3c |= name.starts_with("cs-")
                    || name.starts_with("cs(")
                    || name.starts_with("c-uri")
                    || matches!(name, "sc-status" | "c-useragent" | "c-ip");
                self.program |= PROGRAMS.contains(&name);
            }
        }
    }

    fn windows(&self) -> Option<windows::Style> {
        if self.evtx_dump {
            Some(windows::Style::Event)
        } else if self.winlog {
            Some(windows::Style::Winlogbeat)
        } else if self.wazuh {
            Some(windows::Style::Wazuh)
        } else if self.event_id && (self.channel || self.system || self.sysmon > 0)
            || self.channel && self.sysmon > 0
            || self.sysmon > 1
        {
            Some(windows::Style::Flat)
        } else {
            None
        }
    }
}

/// The name under which rules know a field.
fn short(layout: Layout, name: &str) -> &str {
    let name = name.strip_prefix("_source.").unwrap_or(name);
    match layout {
        Layout::Audit => {
            let name = name.strip_prefix("auditd.data.").unwrap_or(name);
            match name {
                "auditd.message_type" => "type",
                "auditd.summary.how" | "process.executable" => "exe",
                // EXECVE.ARGV is told apart by `laurel`; a list repeats the name.
                _ => match name.split_once('.') {
                    Some((head, rest)) if AUDIT_TYPES.contains(&head) => rest,
                    _ => name,
                },
            }
        }
        _ => name,
    }
}

/// The kind of record that laurel writes in front of a field's name: `PATH.name`.
fn laurel(layout: Layout, name: &str) -> Option<&str> {
    if layout != Layout::Audit {
        return None;
    }
    let (head, _) = name.split_once('.')?;
    (AUDIT_TYPES.contains(&head)).then_some(head)
}

/// The log a Zeek object is from, where it does not say so itself.
fn zeek_log(pairs: &Pairs) -> &str {
    if let Some(path) = pairs.find(&["_path"]) {
        return path;
    }
    let has = |names: &[&str]| names.iter().all(|name| pairs.iter().any(|(n, _, _)| n == *name));
    let known: [(&str, &[&str]); 11] = [
        ("dns", &["query"]),
        ("dce_rpc", &["endpoint", "operation"]),
        ("kerberos", &["request_type"]),
        ("x509", &["certificate.serial"]),
        ("smb_files", &["path", "name"]),
        ("http", &["uri"]),
        ("http", &["method"]),
        ("rdp", &["cookie"]),
        ("ssl", &["server_name"]),
        ("notice", &["note"]),
        ("conn", &["conn_state"]),
    ];
    known.iter().find(|(_, names)| has(names)).map_or("", |(log, _)| log)
}

/// A line of another log in an object: read as what it is.
fn envelope(pairs: &Pairs, line: u64, clock: &Clock, names: &Names, event: &mut Event) -> bool {
    let Some(text) = pairs.find(&["full_log", "event.original"]) else { return false };
    if text.starts_with('{') || !super::plain_line(text, line, clock, names, event) {
        return false;
    }
    if event.host().is_empty()
        && let Some(host) = pairs.find(&["agent.name", "predecoder.hostname", "host.name"])
    {
        let host = event.keep(host.as_bytes());
        event.set_host(host);
    }
    event.time = event.time.or_else(|| pairs.find(TIMES).and_then(|text| time::any(text, clock)));
    true
}
