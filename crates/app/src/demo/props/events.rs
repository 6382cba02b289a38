//! The event log of a machine as a tool for evidence writes it out, an object a line: what a ransomware does once it has been
//! opened, among a morning's ordinary events.

use serde_json::{Value, json};
use ungcuu_kit::time::{MINUTE, Time};

use super::Dice;

const SECOND: i64 = MINUTE / 60;

/// From an hour before a mail's attachment was `opened` until the machine's log was cleared.
pub fn of_workstation(opened: Time) -> Vec<u8> {
    let mut dice = Dice::new(2_704);
    let mut events: Vec<(Time, &str, u32, &str, Value)> = Vec::new();
    let (sysmon, security) = ("Microsoft-Windows-Sysmon/Operational", "Security");
    for number in 0..600_i64 {
        let at = opened.plus(-60 * MINUTE + number * 11 * SECOND);
        let program = *dice.pick(&["chrome.exe", "WINWORD.EXE", "EXCEL.EXE", "explorer.exe", "UniKeyNT.exe"]);
        let data = json!({
            "Image": format!("C:\\Program Files\\{program}"), "CommandLine": program, "User": "MOTCUA-02\\motcua",
            "ParentImage": "C:\\Windows\\explorer.exe", "ProcessId": (1_000 + dice.below(9_000)).to_string(),
        });
        events.push((at, sysmon, 1, "Microsoft-Windows-Sysmon", data));
    }
    let runs = |at: i64, image: &str, line: &str, parent: &str| {
        let data = json!({
            "Image": image, "CommandLine": line, "ParentImage": parent, "User": "MOTCUA-02\\motcua", "ProcessId": "7744",
        });
        (opened.plus(at * SECOND), sysmon, 1, "Microsoft-Windows-Sysmon", data)
    };
    let lure = "C:\\Users\\motcua\\Downloads\\thong-bao-thue.exe";
    let system = "C:\\Windows\\System32\\";
    events.push(runs(21, lure, "thong-bao-thue.exe", "C:\\Windows\\explorer.exe"));
    let quiet = format!("{system}vssadmin.exe");
    events.push(runs(95, &quiet, "vssadmin delete shadows /all /quiet", lure));
    let boot = format!("{system}bcdedit.exe");
    events.push(runs(97, &boot, "bcdedit /set {default} recoveryenabled No", lure));
    let group = json!({
        "TargetSid": "S-1-5-32-544", "TargetUserName": "Administrators", "SubjectUserName": "motcua",
        "MemberSid": "S-1-5-21-1004336348-1177238915-682003330-1107",
    });
    let auditing = "Microsoft-Windows-Security-Auditing";
    events.push((opened.plus(130 * SECOND), security, 4732, auditing, group));
    let cleared = json!({ "SubjectUserName": "motcua", "SubjectDomainName": "MOTCUA-02" });
    events.push((opened.plus(32 * MINUTE), security, 1102, "Microsoft-Windows-Eventlog", cleared));
    events.sort_by_key(|(at, ..)| *at);
    let mut lines = String::new();
    for (record, (at, channel, id, provider, data)) in (48_211..).zip(events) {
        let event = json!({ "Event": { "System": {
            "Provider": { "#attributes": { "Name": provider } }, "EventID": id, "Channel": channel,
            "Computer": "motcua-02", "EventRecordID": record,
            "TimeCreated": { "#attributes": { "SystemTime": at.to_iso() } },
        }, "EventData": data } });
        lines.push_str(&event.to_string());
        lines.push('\n');
    }
    lines.into_bytes()
}
