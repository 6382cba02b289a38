//! `ungcuu hunt`: what do these logs tell of an attack?
//!
//! Findings go to standard output or to a file, words for people to standard error. 0 nothing found, 1 something found,
//! 2 the answer is not whole: a file could not be read, or the findings could not be written or sent.

mod say;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use ungcuu_detect::hunt::output::Writer;
use ungcuu_detect::hunt::summary::Summary;
use ungcuu_detect::hunt::{Cause, Choice, Finding, Hunt as Hunting, Progress, Report, resolved};
use ungcuu_detect::sigma::{Level, Loading, Pipeline, RuleSet};

use crate::send::Sender;
use crate::tell::{Common, Meter, NOT_WRITTEN, Out, shown};

#[derive(Args)]
pub struct Hunt {
    /// Tệp hoặc thư mục nhật ký; - là đầu vào chuẩn. Logs or folders of them; - is standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Thư mục hoặc tệp quy tắc Sigma; không ghi thì dùng bộ có sẵn. Sigma rules; those that are built in if not said.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Với --rules: dùng cả bộ quy tắc có sẵn. With --rules: the built-in rules are used, too.
    #[arg(long, requires = "rules")]
    own_rules: bool,
    /// Tệp đổi tên trường (pipeline) của Sigma hoặc của ta. Field mappings: pipelines of Sigma's tools or our own.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pipeline: Vec<PathBuf>,
    /// Dạng kết quả. How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Mức thấp nhất: informational, low, medium, high, critical. The mildest level that is reported.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    min_level: Option<Level>,
    /// Chỉ sự kiện từ lúc này (giờ Việt Nam nếu không ghi múi giờ). Only events from this moment on.
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<i64>,
    /// Chỉ sự kiện trước lúc này; ngày không ghi giờ thì tính cả ngày đó. Only events before this moment; a day counts whole.
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<i64>,
    /// Chỉ quy tắc có mã, thẻ hoặc một phần tên này. Only rules with this id, tag or part of a title.
    #[arg(long, value_name = "RULE")]
    include: Vec<String>,
    /// Bỏ quy tắc có mã, thẻ hoặc một phần tên này. No rules with this id, tag or part of a title.
    #[arg(long, value_name = "RULE")]
    exclude: Vec<String>,
    /// Gửi phát hiện về máy chủ thành tin cảnh báo. Sends findings into a server, as alerts of its queue.
    #[arg(long, value_name = "URL", requires = "token")]
    to: Option<String>,
    /// Tệp chứa khoá API của máy chủ. The file with the server's API token.
    #[arg(long, value_name = "FILE", requires = "to")]
    token: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
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

/// `2026-11-28`, `2026-11-28T08:00`, with or without a zone; a day begins, or `ends`.
fn time(text: &str, ends: bool) -> Result<i64, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.as_microsecond());
    }
    let moment = || {
        let there = TimeZone::get("Asia/Ho_Chi_Minh")?;
        // A day is also a date and time of day to whoever parses it, so it is asked first.
        let civil = match (text.len(), text.parse::<Date>()) {
            (..=10, Ok(day)) if ends => day.tomorrow()?.to_datetime(jiff::civil::Time::midnight()),
            _ => text.parse::<DateTime>()?,
        };
        civil.to_zoned(there).map(|moment| moment.timestamp().as_microsecond())
    };
    moment().map_err(|error| format!("{error} (2026-11-28, 2026-11-28T08:00, 2026-11-28T01:00Z)"))
}

fn since(text: &str) -> Result<i64, String> {
    time(text, false)
}

fn until(text: &str) -> Result<i64, String> {
    time(text, true)
}

impl Hunt {
    pub fn run(&self) -> Result<ExitCode> {
        let say = self.common.say();
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            bail!("--until phải sau --since (must be later than --since)");
        }
        let set = self.read_rules()?;
        say.sources(&self.rules, self.own_rules);
        say::rules(say, &set);
        if set.rules.is_empty() && set.correlations.is_empty() {
            bail!("không có quy tắc nào dùng được (no rule can be used)");
        }
        let choice = self.choice();
        for word in choice.include.iter().chain(&choice.exclude).filter(|word| !is_known(word, &set)) {
            let word = shown(word);
            say.text(&ungcuu_kit::text!(
                "Không quy tắc nào có mã, thẻ hoặc tên {word}.",
                "No rule has the id, tag or title {word}."
            ));
        }
        let hunting = Hunting::new(set, choice);
        if hunting.rules() == 0 {
            bail!("không quy tắc nào hợp với lựa chọn (no rule is left after the choice made)");
        }
        let mut sender = match (&self.to, &self.token) {
            (Some(url), Some(token)) => Some(Sender::open(url, token, say.0)?),
            _ => None,
        };
        let mut telling = Telling {
            writer: Writer::default(),
            format: self.format,
            summary: Summary::default(),
            meter: Meter::begin(&say),
            sender: sender.as_mut(),
            out: Out::open(self.common.out.as_deref())?,
        };
        let outcome = telling.head().and_then(|()| hunting.run(&self.paths, self.common.threads(), &mut telling));
        telling.meter.wipe();
        let Telling { summary, mut out, .. } = telling;
        let outcome = outcome.context(NOT_WRITTEN)?;
        let mut cut_short = false;
        if self.format == Format::Timeline {
            io::Write::write_all(&mut out, &say::timeline(&summary)).context(NOT_WRITTEN)?;
            cut_short = summary.left_out > 0;
        }
        out.finish().context(NOT_WRITTEN)?;
        say::summary(say, &summary);
        say::advice(say, &hunting, &summary);
        say::outcome(say, &outcome);
        if cut_short {
            say::left_out(say, &summary);
        }
        let whole = outcome.unread.is_empty() && !cut_short;
        if !whole {
            say.not_whole();
        }
        if let Some(sender) = &mut sender {
            sender.send()?;
            say.text(&sender.said());
        }
        Ok(match (whole, outcome.progress.findings) {
            (false, _) => ExitCode::from(2),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }

    fn read_rules(&self) -> Result<RuleSet> {
        let mut pipeline = Pipeline::default();
        for path in &self.pipeline {
            pipeline.read(path).map_err(|reason| anyhow::anyhow!("pipeline: {}", shown(&reason)))?;
        }
        let kept = self.common.kept_folder();
        let own = self.own_rules || self.rules.is_empty();
        Ok(Loading { paths: &self.rules, own, pipeline, kept: kept.as_deref().filter(|_| !self.rules.is_empty()) }
            .read())
    }

    fn choice(&self) -> Choice {
        Choice {
            min_level: self.min_level,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            since: self.since,
            before: self.until,
            skip: self.common.out_files().map(|path| resolved(&path)).collect(),
        }
    }
}

/// Whether any rule answers to this id, tag or part of a title.
fn is_known(word: &str, set: &RuleSet) -> bool {
    set.rules.iter().any(|rule| Cause::Rule(rule).is_called(word))
        || set.correlations.iter().any(|one| Cause::Correlation(one).is_called(word))
}

struct Telling<'s> {
    writer: Writer,
    format: Format,
    summary: Summary,
    meter: Meter,
    sender: Option<&'s mut Sender>,
    out: Out,
}

impl Telling<'_> {
    fn head(&mut self) -> io::Result<()> {
        if self.format == Format::Csv { self.writer.csv_head(&mut self.out) } else { Ok(()) }
    }
}

impl Report for Telling<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.summary.add(finding);
        if let Some(sender) = &mut self.sender {
            sender.add(finding)?;
        }
        match self.format {
            Format::Table => self.writer.table(finding, &mut self.out),
            Format::Jsonl => self.writer.json(finding, &mut self.out),
            Format::Csv => self.writer.csv(finding, &mut self.out),
            Format::Timeline => Ok(()),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        self.meter.show(|seconds| say::progress(progress, seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::{since, until};

    #[test]
    fn times_are_vietnamese_unless_they_say_otherwise_and_a_day_counts_whole() {
        let micros = |text: &str| text.parse::<jiff::Timestamp>().expect("a moment").as_microsecond();
        assert_eq!(since("2026-11-28"), Ok(micros("2026-11-27T17:00:00Z")));
        assert_eq!(until("2026-11-28"), Ok(micros("2026-11-28T17:00:00Z")));
        assert_eq!(until("2026-11-28T08:00"), Ok(micros("2026-11-28T01:00:00Z")));
        assert_eq!(since("2026-11-28T08:00:00Z"), Ok(micros("2026-11-28T08:00:00Z")));
        assert!(since("hôm qua").is_err() && until("2026-13-01").is_err());
    }
}
