//! What a sweep says to people, in their language, on standard error.

use std::collections::BTreeMap;
use std::path::Path;

use ungcuu_detect::hunt::output::moment;
use ungcuu_detect::sigma::Level;
use ungcuu_detect::sweep::baseline::{Baseline, Fault};
use ungcuu_detect::sweep::lists::List;
use ungcuu_detect::sweep::yara::{Refusal, Rules};
use ungcuu_detect::sweep::{Cause, Finding, LARGEST, Outcome, Progress};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use crate::tell::{LISTED, Say, shown, tell};

/// Findings counted by rule, with what to do about them.
#[derive(Default)]
pub struct Summary {
    rules: BTreeMap<String, Counted>,
}

struct Counted {
    level: Level,
    count: u64,
    /// In Vietnamese and in English.
    title: (Option<String>, Option<String>),
    response: Option<(String, String)>,
}

impl Summary {
    pub fn add(&mut self, finding: &Finding) {
        let cause = finding.cause;
        let counted = self.rules.entry(cause.name().to_owned()).or_insert_with(|| {
            let meta = |name: &str| match cause {
                Cause::Rule(rule, _) => rule.meta(name).map(str::to_owned),
                Cause::Denied(_) => None,
            };
            Counted {
                level: cause.level(),
                count: 0,
                title: (meta("title"), meta("description")),
                response: meta("response_vi").zip(meta("response_en")),
            }
        });
        counted.count += 1;
    }
}

/// Which rules there are, and which cannot be used.
pub fn rules(say: Say, rules: &Rules, unread: &[Refusal]) {
    let refused = unread.len() + rules.refused().len();
    for refusal in unread.iter().chain(rules.refused()).take(LISTED) {
        say.refused(&refusal.path, refusal.line, &refusal.reason);
    }
    say.more(refused);
    let (usable, includes) = (rules.all().len(), rules.passed_over().len());
    say.text(&text!(
        "Quy tắc: {usable} dùng được, {refused} chỗ không dùng được, {includes} dòng include bỏ qua.",
        "Rules: {usable} loaded, {refused} places refused, {includes} lines `include` passed over."
    ));
}

/// Lines of a list that are no hashes.
pub fn odd_lines(say: Say, path: &Path, list: &List) {
    let (path, odd) = (shown(&path.to_string_lossy()), list.odd.len());
    if let Some(line) = list.odd.first() {
        say.text(&text!(
            "{path}: {odd} dòng không phải mã băm, dòng đầu tiên là {line}.",
            "{path}: {odd} lines are no hash, the first is line {line}."
        ));
    }
}

/// Why a baseline is not believed.
pub fn baseline_fault(fault: &Fault) -> anyhow::Error {
    let what = shown(&fault.to_string());
    anyhow::anyhow!(match fault {
        Fault::Io(..) => what,
        Fault::Altered(_) => format!("mốc so sánh đã bị sửa, hoặc không ký bằng khoá này ({what})"),
        Fault::NoKey(_) => format!("không thấy khoá của mốc so sánh ({what})"),
        Fault::Gone(_) => format!(
            "mốc so sánh đã mất mà khoá vẫn còn; muốn làm lại từ đầu thì xoá khoá ({what}; remove the key to begin anew)"
        ),
        Fault::BadKey(_) => format!("tệp khoá không đúng ({what})"),
    })
}

/// What was found, by rule, and what to do about it.
pub fn summary(say: Say, summary: &Summary) {
    if summary.rules.is_empty() {
        return;
    }
    let mut rules: Vec<_> = summary.rules.iter().collect();
    rules.sort_by_key(|(name, counted)| (std::cmp::Reverse((counted.level, counted.count)), *name));
    tell!("\n{}", say.0.pick("Quy tắc đáng xem trước", "Rules to look at first"));
    for (name, counted) in rules.iter().take(LISTED) {
        tell!("  {:<13} {:>8}  {}", counted.level.word(), counted.count, shown(name));
    }
    say.more(rules.len());
    tell!();
    for (name, counted) in &rules {
        if let Some((vi, en)) = &counted.response {
            let (title_vi, title_en) = &counted.title;
            let title = say.0.pick(title_vi.as_ref().unwrap_or(name), title_en.as_ref().unwrap_or(name));
            tell!("* {}\n  {}\n", shown(title), shown(say.0.pick(vi, en)));
        }
    }
}

/// What the files are compared with.
pub fn baseline(say: Say, before: &Baseline, changes: u64, key: &Path) {
    let key = shown(&key.to_string_lossy());
    if before.is_first() {
        return say.text(&text!(
            "Đã lập mốc so sánh lần đầu, ký bằng khoá {key}. Nên cất khoá ở nơi khác và đưa vào bằng --key.",
            "A first baseline was made, signed with the key {key}. Better keep the key elsewhere and give it by --key."
        ));
    }
    let mut made = Vec::new();
    moment(&mut made, before.made());
    made.truncate(19);
    let (made, files) = (String::from_utf8_lossy(&made).replace('T', " "), before.len());
    say.text(&text!(
        "So với lần trước ({made} UTC, {files} tệp): {changes} thay đổi.",
        "Compared with the last time ({made} UTC, {files} files): {changes} changes."
    ));
}

/// What went into the vault, and what did not.
pub fn moved(say: Say, moved: u64, not_moved: &[String]) {
    if moved > 0 {
        say.text(&text!("Đã chuyển {moved} tệp vào kho cách ly.", "Moved {moved} files into the vault."));
    }
    for fault in not_moved.iter().take(LISTED) {
        say.text(&text!("CHƯA CÁCH LY ĐƯỢC: {fault}", "NOT PUT INTO THE VAULT: {fault}"));
    }
    say.more(not_moved.len());
}

/// How much was looked at, and what could not be.
pub fn outcome(say: Say, outcome: &Outcome) {
    let (files, contents) = (outcome.progress.files, outcome.contents);
    let (findings, unchanged, megabytes) =
        (outcome.progress.findings, outcome.unchanged, outcome.progress.bytes / 1_000_000);
    say.text(&text!(
        "Đã xem {files} tệp ({megabytes} MB, {unchanged} tệp không đổi nên bỏ qua) và {contents} tệp bên trong: {findings} phát hiện.",
        "Looked at {files} files ({megabytes} MB, {unchanged} of them unchanged and passed over) and {contents} contents: {findings} findings."
    ));
    let (allowed, links, special) = (outcome.allowed, outcome.links, outcome.special);
    if allowed + links + special > 0 {
        say.text(&text!(
            "Bỏ qua: {allowed} tệp tin cậy, {links} liên kết, {special} tệp đặc biệt.",
            "Passed over: {allowed} trusted files, {links} links, {special} special files."
        ));
    }
    if !outcome.partly.is_empty() {
        let (partly, head, tail) = (outcome.partly.len(), LARGEST >> 20, LARGEST >> 22);
        say.text(&text!(
            "{partly} tệp lớn chỉ dò {head} MiB đầu và {tail} MiB cuối:",
            "{partly} large files were searched in their first {head} and last {tail} MiB only:"
        ));
        for path in outcome.partly.iter().take(LISTED) {
            tell!("  {}", shown(&path.to_string_lossy()));
        }
        say.more(outcome.partly.len());
    }
    if outcome.cuts > 0 {
        let cuts = outcome.cuts;
        say.text(&text!(
            "{cuts} chỗ trong tệp nén hoặc thư không xem được trọn vẹn:",
            "{cuts} places in archives or mails could not be looked at whole:"
        ));
        for (name, reason) in outcome.cut.iter().take(LISTED) {
            tell!("  {}: {}", shown(name), shown(reason));
        }
        say.more(usize::try_from(cuts).unwrap_or(usize::MAX));
    }
    for path in outcome.timed_out.iter().take(LISTED) {
        let path = shown(&path.to_string_lossy());
        say.text(&text!(
            "{path}: dò quá lâu, có quy tắc chưa xét.",
            "{path}: took too long, some rules were left out."
        ));
    }
    for (path, reason) in outcome.unread.iter().take(LISTED) {
        let (path, reason) = (shown(&path.to_string_lossy()), shown(reason));
        say.text(&text!("Không đọc được {path}: {reason}", "Cannot read {path}: {reason}"));
    }
    say.more(outcome.unread.len());
}

/// How far it has come after so many seconds.
pub fn progress(progress: &Progress, seconds: f64) -> Text {
    let (files, findings) = (progress.files, progress.findings);
    let (megabytes, rate) = (progress.bytes / 1_000_000, progress.bytes as f64 / 1e6 / seconds);
    text!(
        "{files} tệp, {megabytes} MB, {findings} phát hiện, {rate:.0} MB/giây",
        "{files} files, {megabytes} MB, {findings} findings, {rate:.0} MB/s"
    )
}
