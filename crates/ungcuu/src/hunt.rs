//! `ungcuu hunt`: what do these logs tell of an attack?
//!
//! Findings go to standard output or to a file, words for people to standard error. 0 nothing found, 1 something found,
//! 2 the answer is not whole: a file could not be read, or the findings could not be written or sent.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ungcuu_detect::hunt::output::{Writer, moment, visible};
use ungcuu_detect::hunt::summary::{ByLevel, Line, Summary, TACTICS};
use ungcuu_detect::hunt::{Choice, Finding, Hunt as Hunting, Outcome, Progress, Report};
use ungcuu_detect::sigma::{self, Level, RuleSet};
use ungcuu_kit::text::{Lang, Text};

use crate::send::Sender;

/// A line on standard error. Whoever reads there may have gone away (`| head`): no reason to fail, the exit code still tells.
macro_rules! tell {
    ($($words:tt)*) => {{ let _ = writeln!(io::stderr(), $($words)*); }};
}

/// How many refused rules, unread files and the like are listed before the rest is only counted.
const LISTED: usize = 20;

#[derive(Args)]
pub struct Hunt {
    /// Tệp hoặc thư mục nhật ký; - là đầu vào chuẩn. Logs or folders of them; - is standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Thư mục hoặc tệp quy tắc Sigma; không ghi thì dùng bộ có sẵn. Sigma rules; those that are built in if not said.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Dạng kết quả. How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Ghi kết quả vào tệp. Writes findings to a file, which appears under its name when it is whole.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Mức thấp nhất: informational, low, medium, high, critical. The mildest level that is reported.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    min_level: Option<Level>,
    /// Chỉ sự kiện từ lúc này (giờ Việt Nam nếu không ghi múi giờ). Only events from this moment on.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<i64>,
    /// Chỉ sự kiện trước lúc này. Only events before this moment.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<i64>,
    /// Chỉ quy tắc có mã, thẻ hoặc một phần tên này. Only rules with this id, tag or part of a title.
    #[arg(long, value_name = "RULE")]
    include: Vec<String>,
    /// Bỏ quy tắc có mã, thẻ hoặc một phần tên này. No rules with this id, tag or part of a title.
    #[arg(long, value_name = "RULE")]
    exclude: Vec<String>,
    /// Số luồng; mặc định bằng số bộ xử lý. How many threads; as many as processors if not said.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Không giữ lại quy tắc đã đọc cho lần sau. Does not keep the rules that were read for the next time.
    #[arg(long)]
    no_cache: bool,
    /// Gửi phát hiện về máy chủ thành tin cảnh báo. Sends findings into a server, as alerts of its queue.
    #[arg(long, value_name = "URL", requires = "token")]
    to: Option<String>,
    /// Tệp chứa khoá API của máy chủ. The file with the server's API token.
    #[arg(long, value_name = "FILE", requires = "to")]
    token: Option<PathBuf>,
    /// Nói bằng tiếng Anh. Speaks English.
    #[arg(long)]
    english: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Mỗi phát hiện một dòng để đọc. A line for reading.
    Table,
    /// Mỗi phát hiện một đối tượng JSON. A JSON object a line.
    Jsonl,
    /// CSV có tiêu đề. CSV with a header.
    Csv,
    /// Diễn biến theo thời gian, gộp theo máy và quy tắc. The story in order of time, grouped by host and rule.
    Timeline,
}

fn level(word: &str) -> Result<Level, String> {
    Level::of(word).ok_or_else(|| Level::ALL.map(Level::word).join(", "))
}

/// `2026-11-28`, `2026-11-28T08:00`, with or without a zone.
fn time(text: &str) -> Result<i64, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.as_microsecond());
    }
    let there = TimeZone::get("Asia/Ho_Chi_Minh").map_err(|error| error.to_string())?;
    let moment = text.parse::<DateTime>().and_then(|civil| civil.to_zoned(there));
    moment.map(|moment| moment.timestamp().as_microsecond()).map_err(|error| error.to_string())
}

impl Hunt {
    pub fn run(&self) -> Result<ExitCode> {
        let lang = if self.english { Lang::En } else { Lang::Vi };
        let say = Say(lang);
        let set = self.read_rules();
        say.rules(&set);
        if set.rules.is_empty() && set.correlations.is_empty() {
            bail!("không có quy tắc nào dùng được (no rule can be used): {}", names(&self.rules));
        }
        let choice = Choice {
            min_level: self.min_level,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            since: self.since,
            before: self.until,
        };
        let hunting = Hunting::new(set, choice);
        if hunting.rules() == 0 {
            bail!("không quy tắc nào hợp với lựa chọn (no rule is left after the choice made)");
        }
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
        let sender = match (&self.to, &self.token) {
            (Some(url), Some(token)) => Some(Sender::open(url, token, lang)?),
            _ => None,
        };
        let mut out = Out::open(self.out.as_deref())?;
        let mut telling = Telling {
            writer: Writer::default(),
            format: self.format,
            summary: Summary::default(),
            progress: io::stderr().is_terminal().then(|| Meter { begun: Instant::now(), shown: None, lang }),
            sender,
            out: &mut out,
        };
        let outcome = telling.head().and_then(|()| hunting.run(&self.paths, threads, &mut telling));
        if let Some(meter) = &mut telling.progress {
            meter.wipe();
        }
        let summary = std::mem::take(&mut telling.summary);
        let sender = telling.sender.take();
        let outcome = outcome.context("kết quả chưa ghi được trọn vẹn (the findings could not be written whole)")?;
        if self.format == Format::Timeline {
            out.write_all(&timeline(&summary)).context("timeline")?;
        }
        out.finish().context("kết quả chưa ghi được trọn vẹn (the findings could not be written whole)")?;
        say.summary(&summary);
        say.advice(&hunting, &summary);
        say.outcome(&outcome);
        if let Some(mut sender) = sender {
            sender.send()?;
            say.text(&sender.said());
        }
        Ok(match (outcome.unread.is_empty(), outcome.progress.findings) {
            (false, _) => ExitCode::from(2),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }

    fn read_rules(&self) -> RuleSet {
        if self.rules.is_empty() {
            return sigma::own::rules();
        }
        match kept_folder().filter(|_| !self.no_cache) {
            Some(folder) => sigma::load_kept(&self.rules, &folder),
            None => sigma::load(&self.rules),
        }
    }
}

/// Where this account keeps what can be made again.
pub fn kept_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named("XDG_CACHE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .or_else(|| named("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("ungcuu"))
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Where findings go.
pub enum Out {
    Standard(BufWriter<io::Stdout>),
    /// Written beside its place and moved there when it is whole.
    File(BufWriter<File>, PathBuf, PathBuf),
}

impl Out {
    pub fn open(path: Option<&Path>) -> Result<Out> {
        /// Findings come by the thousand.
        const BUFFER: usize = 1 << 20;
        let Some(path) = path else { return Ok(Out::Standard(BufWriter::with_capacity(BUFFER, io::stdout()))) };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file =
            File::create(&beside).with_context(|| format!("không tạo được {} (cannot create)", beside.display()))?;
        Ok(Out::File(BufWriter::with_capacity(BUFFER, file), beside, path.to_owned()))
    }

    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Out::Standard(out) => out.flush(),
            Out::File(out, beside, path) => {
                out.flush()?;
                out.get_ref().sync_all()?;
                std::fs::rename(beside, path)
            }
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Standard(out) => out.write(bytes),
            Out::File(out, ..) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Standard(out) => out.flush(),
            Out::File(out, ..) => out.flush(),
        }
    }
}

struct Telling<'o> {
    writer: Writer,
    format: Format,
    summary: Summary,
    progress: Option<Meter>,
    sender: Option<Sender>,
    out: &'o mut Out,
}

impl Telling<'_> {
    fn head(&mut self) -> io::Result<()> {
        if self.format == Format::Csv { self.writer.csv_head(self.out) } else { Ok(()) }
    }
}

impl Report for Telling<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.summary.add(finding);
        if let Some(sender) = &mut self.sender {
            sender.add(finding)?;
        }
        match self.format {
            Format::Table => self.writer.table(finding, self.out),
            Format::Jsonl => self.writer.json(finding, self.out),
            Format::Csv => self.writer.csv(finding, self.out),
            Format::Timeline => Ok(()),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        if let Some(meter) = &mut self.progress {
            meter.show(progress);
        }
    }
}

/// The line on a terminal that says how far the hunt has come.
struct Meter {
    begun: Instant,
    shown: Option<Instant>,
    lang: Lang,
}

impl Meter {
    fn show(&mut self, progress: &Progress) {
        const EVERY: Duration = Duration::from_millis(200);
        if self.shown.is_some_and(|shown| shown.elapsed() < EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let (done, total) = (progress.bytes as f64, progress.total.max(progress.bytes) as f64);
        let rate = progress.events as f64 / seconds;
        let left = if done > 0.0 { (total - done) * seconds / done } else { 0.0 };
        let percent = if total > 0.0 { done / total * 100.0 } else { 0.0 };
        let (events, findings) = (progress.events, progress.findings);
        let line = ungcuu_kit::text!(
            "{percent:.0} %  {events} sự kiện, {findings} phát hiện, {rate:.0} sự kiện/giây, còn khoảng {left:.0} giây",
            "{percent:.0} %  {events} events, {findings} findings, {rate:.0} events/s, about {left:.0} s left"
        );
        let _ = write!(io::stderr(), "\r\x1b[K{}", line.get(self.lang));
    }

    fn wipe(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// The story, a block for each host.
fn timeline(summary: &Summary) -> Vec<u8> {
    let lines = summary.timeline();
    let mut hosts: Vec<&str> = lines.iter().map(|line| &*line.host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let mut out = Vec::new();
    for host in hosts {
        out.extend_from_slice(b"== ");
        visible(&mut out, if host.is_empty() { "?" } else { host });
        out.push(b'\n');
        for line in lines.iter().filter(|line| &*line.host == host) {
            timeline_line(&mut out, line);
        }
        out.push(b'\n');
    }
    out
}

fn timeline_line(out: &mut Vec<u8>, line: &Line) {
    let minute = |out: &mut Vec<u8>, time: Option<i64>| match time {
        Some(time) => {
            let start = out.len();
            moment(out, time);
            out.truncate(start + 19);
        }
        None => out.extend_from_slice(b"-                  "),
    };
    minute(out, line.first);
    if line.count > 1 {
        out.extend_from_slice(b" .. ");
        minute(out, line.last);
    } else {
        out.extend_from_slice(&[b' '; 23]);
    }
    out.extend_from_slice(format!("  {:<13} {:>6}  ", line.level.word(), format!("×{}", line.count)).as_bytes());
    visible(out, &line.title);
    out.extend_from_slice(b"  [");
    visible(out, &line.file);
    out.extend_from_slice(format!(" #{}]\n", line.record).as_bytes());
}

/// Speaks in the reader's language, on standard error.
struct Say(Lang);

impl Say {
    fn text(&self, text: &Text) {
        tell!("{}", text.get(self.0));
    }

    fn rules(&self, set: &RuleSet) {
        let counts = set.counts;
        for refusal in set.refused.iter().take(LISTED) {
            let mut line = Vec::new();
            visible(&mut line, &format!("{}:{}: {}", refusal.path, refusal.line, refusal.reason));
            let why = String::from_utf8_lossy(&line);
            self.text(&ungcuu_kit::text!("Không dùng được: {why}", "Refused: {why}"));
        }
        self.more(set.refused.len());
        let (rules, correlations, refused) = (counts.rules, counts.correlations, counts.refused);
        let (unsupported, unrouted) = (counts.unsupported, counts.unrouted);
        self.text(&ungcuu_kit::text!(
            "Quy tắc: {rules} dùng được, {correlations} tương quan, {refused} không dùng được (trong đó {unsupported} \
             chưa hỗ trợ), {unrouted} không thuộc loại nhật ký nào đọc được ở đây.",
            "Rules: {rules} loaded, {correlations} correlations, {refused} refused ({unsupported} of them unsupported), \
             {unrouted} for logs that cannot be read here."
        ));
    }

    fn more(&self, all: usize) {
        if all > LISTED {
            let more = all - LISTED;
            self.text(&ungcuu_kit::text!("… và {more} mục nữa.", "… and {more} more."));
        }
    }

    fn summary(&self, summary: &Summary) {
        if summary.levels.iter().sum::<u64>() == 0 {
            return;
        }
        self.table(self.0.pick("Theo máy", "By host"), summary.hosts.iter().map(|(host, levels)| (&**host, levels)));
        let tactics = summary.tactics.iter().map(|(at, levels)| (self.0.pick(TACTICS[*at].1, TACTICS[*at].2), levels));
        self.table(self.0.pick("Theo chiến thuật", "By tactic"), tactics);
        tell!("\n{}", self.0.pick("Quy tắc đáng xem trước", "Rules to look at first"));
        for (_, title, level, count) in summary.top_rules().into_iter().take(LISTED) {
            tell!("  {:<13} {count:>8}  {}", level.word(), shown(title));
        }
        self.more(summary.rules.len());
        if summary.left_out > 0 {
            let left_out = summary.left_out;
            self.text(&ungcuu_kit::text!(
                "Diễn biến không chép hết: còn {left_out} phát hiện, xem ở dạng jsonl hoặc csv.",
                "The timeline is not whole: {left_out} more findings; see them as jsonl or csv."
            ));
        }
        tell!();
    }

    /// What to do about what was found, where the rule says it.
    fn advice(&self, hunting: &Hunting, summary: &Summary) {
        for rule in hunting.engine().rules().iter().filter(|rule| summary.rules.contains_key(&rule.id)) {
            if let Some(response) = &rule.response {
                tell!("* {}\n  {}\n", shown(&rule.title), shown(self.0.pick(&response.vi, &response.en)));
            }
        }
    }

    fn table<'t>(&self, title: &str, rows: impl Iterator<Item = (&'t str, &'t ByLevel)>) {
        tell!("\n{title:<32} {:>9} {:>9} {:>9} {:>9} {:>9}", "critical", "high", "medium", "low", "info");
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(_, levels)| std::cmp::Reverse([levels[4], levels[3], levels[2], levels[1], levels[0]]));
        let all = rows.len();
        for (name, levels) in rows.into_iter().take(LISTED) {
            let name = if name.is_empty() { "?".into() } else { shown(name) };
            tell!("{name:<32} {:>9} {:>9} {:>9} {:>9} {:>9}", levels[4], levels[3], levels[2], levels[1], levels[0]);
        }
        self.more(all);
    }

    fn outcome(&self, outcome: &Outcome) {
        let (files, events, findings) = (outcome.files, outcome.progress.events, outcome.progress.findings);
        self.text(&ungcuu_kit::text!(
            "Đã đọc {files} tệp, {events} sự kiện: {findings} phát hiện.",
            "Read {files} files, {events} events: {findings} findings."
        ));
        let skipped = outcome.evtx.skipped + outcome.lines.skipped;
        let (checksums, cut, not_logs) = (outcome.evtx.bad_checksums, outcome.cut, outcome.not_logs.len());
        if skipped + checksums + cut > 0 {
            self.text(&ungcuu_kit::text!(
                "Hỏng một phần: bỏ qua {skipped} bản ghi hoặc dòng không đọc được, {checksums} khối sai mã kiểm (vẫn đọc), \
                 {cut} sự kiện dài quá bị cắt bớt.",
                "Damaged in part: {skipped} records or lines could not be read, {checksums} chunks have a wrong checksum \
                 (read all the same), {cut} events were too long and were cut."
            ));
        }
        if not_logs > 0 {
            self.text(&ungcuu_kit::text!(
                "{not_logs} tệp không phải nhật ký, bỏ qua.",
                "{not_logs} files are no logs and were passed over."
            ));
        }
        for (path, reason) in outcome.unread.iter().take(LISTED) {
            let (path, reason) = (shown(path), shown(reason));
            self.text(&ungcuu_kit::text!("Không đọc được {path}: {reason}", "Cannot read {path}: {reason}"));
        }
        self.more(outcome.unread.len());
        if !outcome.unread.is_empty() {
            self.text(&ungcuu_kit::text!("KẾT QUẢ CHƯA ĐẦY ĐỦ.", "THE RESULT IS NOT WHOLE."));
        }
    }
}

/// Text fit for a terminal.
pub fn shown(text: &str) -> String {
    let mut out = Vec::new();
    visible(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}
