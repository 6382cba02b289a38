//! Windows events in JSON and tables: evtx_dump, winlogbeat, Wazuh, flat exports. Fields get the names that they have in
//! the event itself, as the reader of EVTX gives them.

use crate::event::{Event, Kind, Names, Source};

use super::pairs::Pairs;
use super::time::{self, Clock};

/// How the event is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `Event.System.Channel`, as in the event's XML.
    Event,
    /// `winlog.channel`, `winlog.event_data.…`.
    Winlogbeat,
    /// `data.win.system.channel`, with the first letter of names made small.
    Wazuh,
    /// Names side by side.
    Flat,
}

/// Fills an event of Windows.
pub(crate) fn fill(pairs: &Pairs, style: Style, line: u64, clock: &Clock, names: &Names, event: &mut Event) {
    event.clear(Source::Windows);
    event.record = line;
    let mut buffer = String::new();
    let (mut sysmon, mut user_rank) = (false, 0);
    for (path, text, kind) in pairs.iter() {
        let Some(name) = name(style, path, &mut buffer) else { continue };
        let value = event.keep(text.as_bytes());
        event.push_kept(names, name, value, kind);
        // The data of an event may have a field called Channel, too: the log that was cleared.
        match name {
            "Channel" if !is_data(style, path) && event.channel().is_empty() => event.set_channel(value),
            "Channel" | "EventID" | "EventRecordID" | "Provider_Name" | "Computer" if is_data(style, path) => {}
            "EventID" => event.event_id = text.trim().parse().unwrap_or(event.event_id),
            "EventRecordID" => event.record = text.trim().parse().unwrap_or(event.record),
            "Provider_Name" => event.set_provider(value),
            "Computer" => event.set_host(value),
            "TimeCreated_SystemTime" => event.time = time::any(text, clock).or(event.time),
            "ProcessGuid" | "UtcTime" | "SourceProcessGUID" => sysmon = true,
            "User" | "TargetUserName" | "SubjectUserName" if !matches!(text, "" | "-") => {
                let rank = match name {
                    "User" => 3,
                    "TargetUserName" => 2,
                    _ => 1,
                };
                if rank > user_rank {
                    user_rank = rank;
                    event.set_user(value);
                }
            }
            _ => {}
        }
    }
    event.dropped += pairs.dropped;
    if event.time.is_none() {
        let known = ["UtcTime", "@timestamp", "timestamp", "TimeCreated", "EventTime", "_time"];
        event.time = pairs.find(&known).and_then(|text| time::any(text, clock));
    }
    // Exports that lost the channel: the event number and the fields say which it was.
    if event.channel().is_empty() {
        let channel = match event.event_id {
            1..=29 | 255 if sysmon => "Microsoft-Windows-Sysmon/Operational",
            1102 | 4608..=6423 => "Security",
            4103 | 4104 => "Microsoft-Windows-PowerShell/Operational",
            7030..=7045 => "System",
            _ => "",
        };
        let channel = event.keep(channel.as_bytes());
        event.push_alias(names, "Channel", channel, Kind::Text);
        event.set_channel(channel);
    }
}

/// Whether a value is of the event's data and not of its head.
fn is_data(style: Style, path: &str) -> bool {
    let path = path.strip_prefix("_source.").unwrap_or(path);
    match style {
        Style::Event => !path.starts_with("Event.System."),
        Style::Winlogbeat => path.starts_with("winlog.event_data.") || path.starts_with("winlog.user_data."),
        Style::Wazuh => !path.starts_with("data.win.system."),
        Style::Flat => false,
    }
}

fn name<'a>(style: Style, path: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let path = path.strip_prefix("_source.").unwrap_or(path);
    match style {
        Style::Event => dumped(path, buffer),
        Style::Winlogbeat => Some(winlogbeat(path)),
        Style::Wazuh => Some(wazuh(path, buffer)),
        Style::Flat => Some(flat(path)),
    }
}

/// evtx_dump's names: an element's attributes stand under `#attributes` or beside it in `…_attributes`.
fn dumped<'a>(path: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let inner = path.strip_prefix("Event.").unwrap_or(path);
    if inner.starts_with("#attributes.") || path.starts_with("Event_attributes.") {
        return None;
    }
    let (section, rest) = inner.split_once('.').unwrap_or(("", inner));
    let rest = rest.strip_suffix(".#text").unwrap_or(rest);
    let marked = memchr::memchr(b'#', rest.as_bytes()).is_some();
    if section == "EventData" && !marked {
        return Some(rest.strip_prefix("Data.").filter(|r| !r.is_empty()).unwrap_or(rest));
    }
    let attribute = rest
        .rsplit_once(".#attributes.")
        .or_else(|| rest.rsplit_once("_attributes."))
        .filter(|(_, name)| !name.contains('.'));
    if let Some((element, name)) = attribute {
        if name.starts_with("xmlns") {
            return None;
        }
        let element = element.rsplit('.').next().unwrap_or(element);
        buffer.clear();
        buffer.push_str(element);
        buffer.push('_');
        buffer.push_str(name);
        return Some(buffer);
    }
    Some(match section {
        // A field's name may itself hold a dot.
        "System" => rest,
        "EventData" => rest.strip_prefix("Data.").filter(|r| !r.is_empty()).unwrap_or(rest),
        "UserData" | "ProcessingErrorData" | "BinaryEventData" => rest.rsplit('.').next().unwrap_or(rest),
        _ => inner,
    })
}

fn winlogbeat(path: &str) -> &str {
    let Some(inner) = path.strip_prefix("winlog.") else { return path };
    if let Some(name) = inner.strip_prefix("event_data.") {
        return name;
    }
    if let Some(name) = inner.strip_prefix("user_data.") {
        return name;
    }
    match inner {
        "channel" => "Channel",
        "event_id" => "EventID",
        "provider_name" => "Provider_Name",
        "provider_guid" => "Provider_Guid",
        "computer_name" => "Computer",
        "record_id" => "EventRecordID",
        "process.pid" => "Execution_ProcessID",
        "process.thread.id" => "Execution_ThreadID",
        "time_created" => "TimeCreated_SystemTime",
        "user.identifier" => "Security_UserID",
        "activity_id" => "Correlation_ActivityID",
        "version" => "Version",
        "opcode" => "Opcode",
        "task" => "Task",
        _ => path,
    }
}

fn wazuh<'a>(path: &'a str, buffer: &'a mut String) -> &'a str {
    if let Some(name) = path.strip_prefix("data.win.system.") {
        return match name {
            "providerName" => "Provider_Name",
            "providerGuid" => "Provider_Guid",
            "eventID" => "EventID",
            "channel" => "Channel",
            "computer" => "Computer",
            "eventRecordID" => "EventRecordID",
            "systemTime" => "TimeCreated_SystemTime",
            "processID" => "Execution_ProcessID",
            "threadID" => "Execution_ThreadID",
            "level" => "Level",
            "task" => "Task",
            "opcode" => "Opcode",
            "keywords" => "Keywords",
            "version" => "Version",
            _ => path,
        };
    }
    let Some(name) = path.strip_prefix("data.win.eventdata.").or_else(|| path.strip_prefix("data.win.logFileCleared."))
    else {
        return path;
    };
    buffer.clear();
    let mut letters = name.chars();
    buffer.extend(letters.next().into_iter().flat_map(char::to_uppercase));
    buffer.push_str(letters.as_str());
    buffer
}

fn flat(path: &str) -> &str {
    match path {
        "EventId" | "event_id" | "Id" | "EventCode" => "EventID",
        "LogName" => "Channel",
        "Hostname" | "MachineName" | "ComputerName" => "Computer",
        "SourceName" | "ProviderName" | "Provider" => "Provider_Name",
        "RecordNumber" | "RecordId" | "RecordID" => "EventRecordID",
        "SystemTime" => "TimeCreated_SystemTime",
        _ => path,
    }
}
