//! What a hunt says to people: which rules, how far, what was found, what is missing.

use std::collections::HashMap;

use ungcuu_detect::hunt::output::{second, visible};
use ungcuu_detect::hunt::summary::{ByLevel, Line, Summary, TACTICS};
use ungcuu_detect::hunt::{Hunt, Outcome, Progress};
use ungcuu_detect::sigma::RuleSet;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use crate::tell::{LISTED, Say, shown, tell};

/// How many files that are no logs are named.
const NAMED: usize = 5;

/// Which rules there are, and which cannot be used.
pub fn rules(say: Say, set: &RuleSet) {
    for refusal in set.refused.iter().take(LISTED) {
        say.refused(&refusal.path, refusal.line, &refusal.reason);
    }
    say.more(set.refused.len());
    let counts = set.counts;
    let (rules, correlations, refused) = (counts.rules, counts.correlations, counts.refused);
    let (unsupported, unrouted) = (counts.unsupported, counts.unrouted);
    say.text(&text!(
        "Quy tắc: {rules} dùng được, {correlations} tương quan, {refused} không dùng được (trong đó {unsupported} chưa hỗ trợ), \
         {unrouted} không thuộc loại nhật ký nào đọc được ở đây.",
        "Rules: {rules} loaded, {correlations} correlations, {refused} refused ({unsupported} of them unsupported), \
         {unrouted} for logs that cannot be read here."
    ));
}

/// How far it has come after so many seconds.
pub fn progress(progress: &Progress, seconds: f64) -> Text {
    let (done, total) = (progress.bytes as f64, progress.total.max(progress.bytes) as f64);
    let rate = progress.events as f64 / seconds;
    let left = if done > 0.0 { (total - done) * seconds / done } else { 0.0 };
    let percent = if total > 0.0 { done / total * 100.0 } else { 0.0 };
    let (events, findings) = (progress.events, progress.findings);
    text!(
        "{percent:.0} %  {events} sự kiện, {findings} phát hiện, {rate:.0} sự kiện/giây, còn khoảng {left:.0} giây",
        "{percent:.0} %  {events} events, {findings} findings, {rate:.0} events/s, about {left:.0} s left"
    )
}

/// The story, a block for each host; the host on which it began comes first.
pub fn timeline(summary: &Summary) -> Vec<u8> {
    let lines = summary.timeline();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut blocks: Vec<(&str, Vec<&Line>)> = Vec::new();
    for line in lines {
        let place = *places.entry(&line.host).or_insert(blocks.len());
        if place == blocks.len() {
            blocks.push((&line.host, Vec::new()));
        }
        blocks[place].1.push(line);
    }
    let mut out = Vec::new();
    for (host, lines) in blocks {
        out.extend_from_slice(b"== ");
        visible(&mut out, if host.is_empty() { "?" } else { host });
        out.push(b'\n');
        lines.iter().for_each(|line| timeline_line(&mut out, line));
        out.push(b'\n');
    }
    out
}

fn timeline_line(out: &mut Vec<u8>, line: &Line) {
    second(out, line.first);
    if line.count > 1 {
        out.extend_from_slice(b" .. ");
        second(out, line.last);
    } else {
        out.extend_from_slice(&[b' '; 24]);
    }
    out.extend_from_slice(format!("  {:<13} {:>6}  ", line.level.word(), format!("×{}", line.count)).as_bytes());
    visible(out, &line.title);
    out.extend_from_slice(b"  [");
    visible(out, &line.file);
    out.extend_from_slice(format!(" #{}]\n", line.record).as_bytes());
}

/// What was found, by host, tactic and rule.
pub fn summary(say: Say, summary: &Summary) {
    if summary.levels.iter().sum::<u64>() == 0 {
        return;
    }
    table(say, say.0.pick("Theo máy", "By host"), summary.hosts.iter().map(|(host, levels)| (&**host, levels)));
    let tactics = summary.tactics.iter().map(|(at, levels)| (say.0.pick(TACTICS[*at].1, TACTICS[*at].2), levels));
    table(say, say.0.pick("Theo chiến thuật", "By tactic"), tactics);
    tell!("\n{}", say.0.pick("Quy tắc đáng xem trước", "Rules to look at first"));
    for (_, title, level, count) in summary.top_rules().into_iter().take(LISTED) {
        tell!("  {:<13} {count:>8}  {}", level.word(), shown(title));
    }
    say.more(summary.rules.len());
    tell!();
}

fn table<'t>(say: Say, title: &str, rows: impl Iterator<Item = (&'t str, &'t ByLevel)>) {
    let mut rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    tell!("\n{title:<32} {:>9} {:>9} {:>9} {:>9} {:>9}", "critical", "high", "medium", "low", "info");
    rows.sort_by_key(|(_, levels)| std::cmp::Reverse([levels[4], levels[3], levels[2], levels[1], levels[0]]));
    let all = rows.len();
    for (name, levels) in rows.into_iter().take(LISTED) {
        let name = if name.is_empty() { "?".into() } else { shown(name) };
        tell!("{name:<32} {:>9} {:>9} {:>9} {:>9} {:>9}", levels[4], levels[3], levels[2], levels[1], levels[0]);
    }
    say.more(all);
}

/// What to do about what was found, where the rules say it.
pub fn advice(say: Say, hunting: &Hunt, summary: &Summary) {
    let mut causes: Vec<_> = hunting.causes().filter(|cause| summary.rules.contains_key(cause.id())).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.level()));
    for cause in causes {
        if let Some(response) = cause.response() {
            tell!("* {}\n  {}\n", shown(cause.title()), shown(say.0.pick(&response.vi, &response.en)));
        }
    }
}

/// What the timeline lacks.
pub fn left_out(say: Say, summary: &Summary) {
    let left_out = summary.left_out;
    say.text(&text!(
        "Diễn biến không chép hết: còn {left_out} phát hiện, xem ở dạng jsonl hoặc csv.",
        "The timeline is not whole: {left_out} more findings; see them as jsonl or csv."
    ));
}

/// How much was read, and what could not be.
pub fn outcome(say: Say, outcome: &Outcome) {
    let (files, events, findings) = (outcome.files, outcome.progress.events, outcome.progress.findings);
    say.text(&text!(
        "Đã đọc {files} tệp, {events} sự kiện: {findings} phát hiện.",
        "Read {files} files, {events} events: {findings} findings."
    ));
    let skipped = outcome.evtx.skipped + outcome.lines.skipped;
    let (checksums, cut, not_utf8) = (outcome.evtx.bad_checksums, outcome.cut, outcome.lines.not_utf8);
    let damages = [
        (
            skipped,
            text!(
                "{skipped} bản ghi hoặc dòng hỏng, không đọc được.",
                "{skipped} records or lines are damaged and could not be read."
            ),
        ),
        (
            checksums,
            text!(
                "{checksums} khối sai mã kiểm, vẫn đọc được phần còn lành.",
                "{checksums} chunks have a wrong checksum; what is sound in them was read."
            ),
        ),
        (cut, text!("{cut} sự kiện dài quá, bị cắt bớt.", "{cut} events were too long and were cut.")),
        (
            not_utf8,
            text!(
                "{not_utf8} dòng có chữ không đúng mã UTF-8, chỗ hỏng được thay bằng �.",
                "{not_utf8} lines are not UTF-8; what is not was replaced by �."
            ),
        ),
    ];
    damages.iter().filter(|(count, _)| *count > 0).for_each(|(_, words)| say.text(words));
    correlations(say, outcome);
    let not_logs = outcome.not_logs.len();
    if not_logs > 0 {
        let mut names: Vec<String> = outcome.not_logs.iter().take(NAMED).map(|name| shown(name)).collect();
        if not_logs > NAMED {
            names.push("…".into());
        }
        let names = names.join(", ");
        say.text(&text!(
            "{not_logs} tệp không phải nhật ký, bỏ qua: {names}",
            "{not_logs} files are no logs and were passed over: {names}"
        ));
    }
    say.list(outcome.unread.iter(), |(path, reason)| {
        let (path, reason) = (shown(path), shown(reason));
        text!("Không đọc được {path}: {reason}", "Cannot read {path}: {reason}")
    });
}

/// What correlations had to leave out.
fn correlations(say: Say, outcome: &Outcome) {
    let (lost, untimed) = (outcome.correlations, outcome.untimed);
    let (evicted, ungrouped, late) = (lost.evicted, lost.ungrouped, lost.late);
    if evicted + ungrouped + late + untimed > 0 {
        say.text(&text!(
            "Tương quan bỏ ra ngoài: {untimed} sự kiện không có thời gian, {ungrouped} không có trường để gộp, {late} đến quá muộn, \
             {evicted} vì hết chỗ.",
            "Correlations left out: {untimed} events without a time, {ungrouped} without a field to group by, {late} too late, \
             {evicted} for lack of room."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ungcuu_kit::text::Lang;

    #[test]
    fn progress_tells_rate_and_remaining_time() {
        let so_far = Progress { bytes: 250, total: 1_000, events: 5_000, findings: 3 };
        let words = progress(&so_far, 2.0);
        assert_eq!(words.get(Lang::En), "25 %  5000 events, 3 findings, 2500 events/s, about 6 s left");
        assert!(words.get(Lang::Vi).ends_with("còn khoảng 6 giây"));
    }
}
