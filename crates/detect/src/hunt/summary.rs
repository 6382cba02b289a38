//! What a hunt found, at a glance: counts by level, host, tactic and rule, and the story in order of time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::Finding;
use crate::sigma::Level;

/// The most hosts that are counted apart; the rest is counted together.
const MOST_HOSTS: usize = 10_000;

/// The most lines of a timeline. Beyond it the mildest are counted, not kept.
const MOST_LINES: usize = 50_000;

/// Findings of one rule on one host are one line of the timeline as long as they follow one another within this time, in
/// microseconds.
const TOGETHER: i64 = 3_600 * 1_000_000;

/// The tactics of ATT&CK as tags write them, in the order in which an attack goes.
pub const TACTICS: [(&str, &str, &str); 14] = [
    ("reconnaissance", "Trinh sát", "Reconnaissance"),
    ("resource-development", "Chuẩn bị nguồn lực", "Resource development"),
    ("initial-access", "Xâm nhập ban đầu", "Initial access"),
    ("execution", "Thực thi", "Execution"),
    ("persistence", "Duy trì hiện diện", "Persistence"),
    ("privilege-escalation", "Leo thang đặc quyền", "Privilege escalation"),
    ("defense-evasion", "Né tránh phòng thủ", "Defence evasion"),
    ("credential-access", "Đánh cắp thông tin đăng nhập", "Credential access"),
    ("discovery", "Dò tìm bên trong", "Discovery"),
    ("lateral-movement", "Di chuyển ngang", "Lateral movement"),
    ("collection", "Thu thập dữ liệu", "Collection"),
    ("command-and-control", "Điều khiển từ xa", "Command and control"),
    ("exfiltration", "Đưa dữ liệu ra ngoài", "Exfiltration"),
    ("impact", "Gây hại", "Impact"),
];

/// Counts by level, mildest first.
pub type ByLevel = [u64; 5];

/// Findings of one rule on one host that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the first of them happened, microseconds since 1970.
    pub first: Option<i64>,
    /// When the last did.
    pub last: Option<i64>,
    /// How many there are.
    pub count: u64,
    /// How grave.
    pub level: Level,
    /// The rule's title.
    pub title: Arc<str>,
    /// The machine.
    pub host: Arc<str>,
    /// The file of the first.
    pub file: Arc<str>,
    /// The record of the first.
    pub record: u64,
}

/// Gathers findings one by one.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// All findings.
    pub levels: ByLevel,
    /// By host; those beyond 10,000 stand under an empty name.
    pub hosts: BTreeMap<Arc<str>, ByLevel>,
    /// By the tactic's place in [`TACTICS`].
    pub tactics: BTreeMap<usize, ByLevel>,
    /// By rule: its title, level, and how many findings.
    pub rules: BTreeMap<Arc<str>, (Box<str>, Level, u64)>,
    /// Findings that the timeline left out because it was full.
    pub left_out: u64,
    lines: Vec<Line>,
    /// By rule and host: the line that still grows.
    open: BTreeMap<(Arc<str>, Arc<str>), usize>,
}

impl Summary {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        let (rule, event) = (finding.cause, finding.event);
        let level = rule.level() as usize;
        self.levels[level] += 1;
        let mut host: Arc<str> = event.host().into();
        if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(&host) {
            host = "".into();
        }
        self.hosts.entry(Arc::clone(&host)).or_default()[level] += 1;
        for tag in rule.tags() {
            let tag = tag.strip_prefix("attack.").unwrap_or_default().replace('_', "-");
            if let Some(at) = TACTICS.iter().position(|(name, _, _)| *name == tag) {
                self.tactics.entry(at).or_default()[level] += 1;
            }
        }
        let counted = self.rules.entry(rule.id().into());
        counted.or_insert_with(|| (rule.title().into(), rule.level(), 0)).2 += 1;
        self.line(finding, host);
    }

    fn line(&mut self, finding: &Finding, host: Arc<str>) {
        let (rule, event) = (finding.cause, finding.event);
        let place = self.open.entry((rule.id().into(), Arc::clone(&host)));
        if let Entry::Occupied(open) = &place {
            let line = &mut self.lines[*open.get()];
            let near = match (line.first, line.last, event.time) {
                (Some(first), Some(last), Some(time)) => time >= first - TOGETHER && time <= last + TOGETHER,
                (None, None, None) => true,
                _ => false,
            };
            if near {
                line.count += 1;
                line.last = line.last.max(event.time);
                if event.time < line.first {
                    (line.first, line.record) = (event.time, event.record);
                    line.file = finding.file.into();
                }
                return;
            }
        }
        if self.lines.len() >= MOST_LINES {
            self.left_out += 1;
            return;
        }
        match place {
            Entry::Occupied(mut open) => _ = open.insert(self.lines.len()),
            Entry::Vacant(place) => _ = place.insert(self.lines.len()),
        }
        self.lines.push(Line {
            first: event.time,
            last: event.time,
            count: 1,
            level: rule.level(),
            title: rule.title().into(),
            host,
            file: finding.file.into(),
            record: event.record,
        });
    }

    /// The story, in order of time; what has no time comes last.
    #[must_use]
    pub fn timeline(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by_key(|line| (line.first.is_none(), line.first, &line.host, &line.title));
        lines
    }

    /// The rules with most findings among the gravest first.
    #[must_use]
    pub fn top_rules(&self) -> Vec<(&str, &str, Level, u64)> {
        let mut list: Vec<_> =
            self.rules.iter().map(|(id, (title, level, count))| (&**id, &**title, *level, *count)).collect();
        list.sort_by_key(|(id, _, level, count)| (std::cmp::Reverse((*level, *count)), *id));
        list
    }
}
