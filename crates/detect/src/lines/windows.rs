//! Windows events in JSON and tables: evtx_dump, winlogbeat, Wazuh, flat exports. Fields get the names that they have in
//! the event itself, as the reader of EVTX gives them.

use std::collections::HashMap;

use crate::event::{Event, FieldNumber, Kind, Names, Source};

use super::layout::Layout;
use super::pairs::{Pair, Pairs};
use super::paths::PathId;
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

/// What a path of the layout means. Worked out once for each path and kept: the same paths come with every event.
struct Meaning {
    /// Empty: the value is left out.
    name: Box<str>,
    number: FieldNumber,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    None,
    Channel,
    Number,
    Record,
    Provider,
    Host,
    Time,
    Sysmon,
    /// And how well it says who it was.
    User(u8),
}

/// What is known so far of the paths of one [`super::paths::Paths`].
#[derive(Default)]
pub(crate) struct Known {
    age: u64,
    /// By style and by the path's number.
    meanings: [Vec<Option<Meaning>>; 4],
    /// The numbers of fields of other layouts: names as they are, and as the audit daemon's are shortened.
    numbers: [Vec<Option<FieldNumber>>; 2],
    /// The layouts of objects by their paths, under a hash of those.
    layouts: HashMap<u64, (Box<[PathId]>, Layout)>,
    paths: Vec<PathId>,
}

/// How many layouts are known at once, and with how many paths at most.
const LAYOUTS: usize = 1024;
const LONG: usize = 256;

impl Known {
    /// What has been known of other paths is forgotten.
    fn keep_up(&mut self, age: u64) {
        if self.age != age {
            *self = Known { age, ..Known::default() };
        }
    }

    /// The layout of an object with these paths, as `find` finds it if it has not been met before. `by_value`: whether a
    /// path is one of those whose values say something, too.
    pub fn layout(&mut self, pairs: &Pairs, by_value: fn(&str) -> bool, find: impl FnOnce() -> Layout) -> Layout {
        self.keep_up(pairs.paths.age);
        self.paths.clear();
        self.paths.extend(pairs.list().iter().map(|pair| pair.path));
        let step =
            |key: u64, path: &PathId| (key ^ u64::from(*path)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        let key = self.paths.iter().fold(0, step);
        if let Some((paths, layout)) = self.layouts.get(&key)
            && **paths == *self.paths
        {
            return *layout;
        }
        let layout = find();
        if self.paths.len() <= LONG && !pairs.iter().any(|(name, _, _)| by_value(name)) {
            if self.layouts.len() >= LAYOUTS {
                self.layouts.clear();
            }
            self.layouts.insert(key, (self.paths.as_slice().into(), layout));
        }
        layout
    }

    /// The number of the field with this path, which rules call `name`.
    pub fn number(&mut self, path: PathId, audit: bool, name: &str, names: &Names) -> FieldNumber {
        let numbers = &mut self.numbers[usize::from(audit)];
        let at = path as usize;
        if numbers.len() <= at {
            numbers.resize(at + 1, None);
        }
        *numbers[at].get_or_insert_with(|| names.number(name))
    }

    fn of(&mut self, style: Style, pair: &Pair, pairs: &Pairs, names: &Names) -> &Meaning {
        let meanings = &mut self.meanings[style as usize];
        let at = pair.path as usize;
        if meanings.len() <= at {
            meanings.resize_with(at + 1, || None);
        }
        meanings[at].get_or_insert_with(|| meaning(style, pairs.name(pair), names))
    }
}

fn meaning(style: Style, path: &str, names: &Names) -> Meaning {
    let mut buffer = String::new();
    let name: Box<str> = name(style, path, &mut buffer).unwrap_or_default().into();
    // The data of an event may have a field called Channel, too: the log that was cleared.
    let head = !is_data(style, path);
    let role = match &*name {
        "Channel" if head => Role::Channel,
        "EventID" if head => Role::Number,
        "EventRecordID" if head => Role::Record,
        "Provider_Name" if head => Role::Provider,
        "Computer" if head => Role::Host,
        "TimeCreated_SystemTime" => Role::Time,
        "ProcessGuid" | "UtcTime" | "SourceProcessGUID" => Role::Sysmon,
        "User" => Role::User(3),
        "TargetUserName" => Role::User(2),
        "SubjectUserName" => Role::User(1),
        _ => Role::None,
    };
    Meaning { number: names.number(&name), name, role }
}

/// Fills an event of Windows.
pub(crate) fn fill(
    pairs: &Pairs,
    style: Style,
    line: u64,
    clock: &Clock,
    names: &Names,
    event: &mut Event,
    known: &mut Known,
) {
    event.clear(Source::Windows);
    event.record = line;
    let (mut sysmon, mut user_rank) = (false, 0);
    known.keep_up(pairs.paths.age);
    // The system's times and Sysmon's are Greenwich's; exports do not always say so.
    let greenwich = Clock { offset: 0, ..*clock };
    let (source, beside) = pairs.texts();
    let (source, beside) = (event.keep(source.as_bytes()), event.keep(beside.as_bytes()));
    for pair in pairs.list() {
        let Meaning { name, number, role } = known.of(style, pair, pairs, names);
        if name.is_empty() {
            continue;
        }
        let (text, kind) = (pairs.value(pair), pair.kind);
        let value = if pair.in_source { source } else { beside }.part(pair.start, pair.end);
        event.push_known(*number, name, value, kind);
        match role {
            Role::None => {}
            Role::Channel if event.channel().is_empty() => event.set_channel(value),
            Role::Channel => {}
            Role::Number => event.event_id = text.trim().parse().unwrap_or(event.event_id),
            Role::Record => event.record = text.trim().parse().unwrap_or(event.record),
            Role::Provider => event.set_provider(value),
            Role::Host => event.set_host(value),
            Role::Time => event.time = time::any(text, &greenwich).or(event.time),
            Role::Sysmon => sysmon = true,
            Role::User(rank) if *rank > user_rank && !matches!(text, "" | "-") => {
                user_rank = *rank;
                event.set_user(value);
            }
            Role::User(_) => {}
        }
    }
    event.dropped += pairs.dropped;
    if event.time.is_none() {
        let utc = pairs.iter().find(|(path, ..)| path.rsplit('.').next() == Some("UtcTime"));
        event.time = utc.and_then(|(_, text, _)| time::any(text, &greenwich));
    }
    if event.time.is_none() {
        let known = ["@timestamp", "timestamp", "TimeCreated", "EventTime", "_time"];
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
