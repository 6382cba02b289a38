//! `ungcuu sweep`: is any of these files malicious, and are they still what they were?
//!
//! Findings go to standard output or to a file, words for people to standard error. 0 nothing found, 1 something found or changed, 2 the
//! answer is not whole, a baseline was altered, or a file could not be put into the vault.

mod say;
mod vault;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ungcuu_detect::sweep::baseline::{self, Change};
use ungcuu_detect::sweep::lists::{self, List};
use ungcuu_detect::sweep::output::Writer;
use ungcuu_detect::sweep::vault::Vault;
use ungcuu_detect::sweep::yara::Rules;
use ungcuu_detect::sweep::{Finding, LARGEST, Marked, Progress, Report, Sweep as Sweeping, own, resolved, sources};
use ungcuu_kit::text::Lang;

use crate::hunt::{Out, kept_folder, shown};
use say::Say;

#[derive(Args)]
pub struct Sweep {
    /// Tệp hoặc thư mục cần quét. Files or folders.
    #[arg(required_unless_present_any = ["list", "restore", "delete"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Thư mục hoặc tệp quy tắc YARA; không ghi thì dùng bộ có sẵn. YARA rules; those that are built in if not said.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Chuyển tệp bị phát hiện vào kho cách ly mã hoá ở thư mục này. Moves files with findings into the encrypted vault in this folder.
    #[arg(long, value_name = "DIR")]
    quarantine: Option<PathBuf>,
    /// Liệt kê kho cách ly. Lists the vault.
    #[arg(long, requires = "quarantine", conflicts_with_all = ["restore", "delete", "paths"])]
    list: bool,
    /// Đưa tệp có mã này về chỗ cũ. Puts the file with this number back.
    #[arg(long, value_name = "ID", requires = "quarantine", conflicts_with_all = ["delete", "paths"])]
    restore: Option<String>,
    /// Với --restore: đưa về chỗ này thay cho chỗ cũ. With --restore: to this place instead.
    #[arg(long, value_name = "FILE", requires = "restore")]
    to: Option<PathBuf>,
    /// Xoá hẳn tệp có mã này khỏi kho. Deletes the file with this number for good.
    #[arg(long, value_name = "ID", requires = "quarantine", conflicts_with = "paths")]
    delete: Option<String>,
    /// Dạng kết quả. How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// So với lần trước và ghi lại cho lần sau; tệp có chữ ký. Compares with the last time and keeps it for the next; signed.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Khoá ký của --baseline; không ghi thì nằm cạnh tệp đó. The key that signs it; beside it if not said.
    #[arg(long, value_name = "FILE", requires = "baseline")]
    key: Option<PathBuf>,
    /// Không ghi lại cho lần sau. Only compares.
    #[arg(long, requires = "baseline")]
    keep: bool,
    /// Danh sách mã băm (SHA-256, MD5) của tệp tin cậy. Hashes of files that are trusted.
    #[arg(long, value_name = "FILE")]
    allow: Vec<PathBuf>,
    /// Danh sách mã băm của tệp cần tìm. Hashes of files that are wanted.
    #[arg(long, value_name = "FILE")]
    deny: Vec<PathBuf>,
    /// Ghi kết quả vào tệp. Writes findings to a file, which appears under its name when it is whole.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Số luồng; mặc định bằng số bộ xử lý. How many threads; as many as processors if not said.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Không giữ lại quy tắc đã dịch cho lần sau. Does not keep the compiled rules for the next time.
    #[arg(long)]
    no_cache: bool,
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
}

/// Microseconds since 1970.
fn now() -> i64 {
    ungcuu_kit::time::Clock::System.now().0
}

impl Sweep {
    pub fn run(&self) -> Result<ExitCode> {
        let say = Say(if self.english { Lang::En } else { Lang::Vi });
        let vault = match &self.quarantine {
            Some(folder) => Some(vault::open(folder, &say)?),
            None => None,
        };
        if let Some(mut vault) = vault {
            if self.list {
                return vault::list(&vault, self.format == Format::Jsonl);
            }
            if let Some(id) = &self.restore {
                return vault::restore(&mut vault, id, self.to.as_deref(), &say);
            }
            if let Some(id) = &self.delete {
                return vault::delete(&mut vault, id, &say);
            }
            return self.sweep(&say, Some(vault));
        }
        self.sweep(&say, None)
    }

    fn sweep(&self, say: &Say, vault: Option<Vault>) -> Result<ExitCode> {
        let kept = match &self.baseline {
            Some(path) => Some(baseline::open(path, self.key.as_deref()).map_err(|fault| say.baseline_fault(&fault))?),
            None => None,
        };
        let rules = self.read_rules(say)?;
        let (allow, deny) = (read_lists(&self.allow, say)?, read_lists(&self.deny, say)?);
        let mut skip: Vec<PathBuf> = Vec::new();
        skip.extend(self.quarantine.iter().map(|path| resolved(path)));
        for path in self.baseline.iter().chain(&self.out) {
            skip.extend(["", ".part"].map(|ending| resolved(&with(path, ending))));
        }
        skip.extend(kept.iter().map(|kept| resolved(&kept.key)));
        // Names of a baseline must mean the same the next time, wherever that is called from.
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let paths: Vec<PathBuf> = match &kept {
            Some(_) => self.paths.iter().map(absolute).collect(),
            None => self.paths.clone(),
        };
        let now = now();
        let sweeping = Sweeping {
            rules: &rules,
            allow: &allow,
            deny: &deny,
            base: kept.as_ref().map(|kept| &kept.baseline),
            skip,
            largest: LARGEST,
            now,
            mark: Sweeping::mark(&rules, &allow, &deny),
        };
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
        let mut out = Out::open(self.out.as_deref())?;
        let mut telling = Telling {
            writer: Writer::default(),
            format: self.format,
            summary: say::Summary::default(),
            meter: io::stderr().is_terminal().then(|| Meter { begun: Instant::now(), shown: None, say }),
            vault,
            now,
            moved: 0,
            not_moved: Vec::new(),
            out: &mut out,
        };
        let outcome = telling.head().and_then(|()| sweeping.run(&paths, threads, &mut telling));
        if let Some(meter) = &mut telling.meter {
            meter.wipe();
        }
        let (summary, moved, not_moved) =
            (std::mem::take(&mut telling.summary), telling.moved, std::mem::take(&mut telling.not_moved));
        let not_whole = "kết quả chưa ghi được trọn vẹn (the findings could not be written whole)";
        let mut outcome = outcome.context(not_whole)?;
        out.finish().context(not_whole)?;
        if let (Some(kept), Some(next), false) = (&kept, &outcome.next, self.keep) {
            kept.keeper.save(next).map_err(|fault| say.baseline_fault(&fault))?;
        }
        outcome.next = None;
        say.summary(&summary);
        if let Some(kept) = &kept {
            say.baseline(&kept.baseline, outcome.changes, &kept.key);
        }
        say.outcome(&outcome);
        say.moved(moved, &not_moved);
        let whole = outcome.unread.is_empty() && outcome.timed_out.is_empty() && not_moved.is_empty();
        Ok(match (whole, outcome.progress.findings + outcome.changes) {
            (false, _) => ExitCode::from(2),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }

    fn read_rules(&self, say: &Say) -> Result<Rules> {
        let (sources, unread) = if self.rules.is_empty() { (own::sources(), Vec::new()) } else { sources(&self.rules) };
        let rules = match kept_folder().filter(|_| !self.no_cache) {
            // A folder of its own, which nobody else can write to: the engine trusts what it kept.
            Some(folder) => Rules::compile_kept(&sources, &folder.join("yara")),
            None => Rules::compile(&sources),
        };
        say.rules(&rules, &unread);
        if rules.all().is_empty() {
            bail!("không có quy tắc nào dùng được (no rule can be used)");
        }
        Ok(rules)
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn read_lists(paths: &[PathBuf], say: &Say) -> Result<List> {
    let mut text = String::new();
    for path in paths {
        let about = std::fs::metadata(path).with_context(|| path.display().to_string())?;
        if about.len() > lists::LARGEST {
            bail!("{}: danh sách quá dài (the list is too long)", path.display());
        }
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let list = List::read(&String::from_utf8_lossy(&bytes));
        say.odd_lines(path, &list);
        text.push_str(&String::from_utf8_lossy(&bytes));
        text.push('\n');
    }
    Ok(List::read(&text))
}

struct Telling<'o> {
    writer: Writer,
    format: Format,
    summary: say::Summary,
    meter: Option<Meter<'o>>,
    vault: Option<Vault>,
    now: i64,
    moved: u64,
    not_moved: Vec<String>,
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
        match self.format {
            Format::Table => self.writer.table(finding, self.out),
            Format::Jsonl => self.writer.json(finding, self.out),
            Format::Csv => self.writer.csv(finding, self.out),
        }
    }

    fn marked(&mut self, file: &Marked) -> io::Result<()> {
        let Some(vault) = &mut self.vault else { return Ok(()) };
        // What is told of it must be safe before it is gone from its place.
        self.out.flush()?;
        match vault.take(file.path, &file.stat, file.sha256, file.causes, self.now) {
            Ok(_) => self.moved += 1,
            Err(fault) => self.not_moved.push(shown(&fault.to_string())),
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> io::Result<()> {
        match self.format {
            Format::Table => self.writer.change_table(change, self.out),
            Format::Jsonl => self.writer.change_json(change, self.out),
            Format::Csv => self.writer.change_csv(change, self.out),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        if let Some(meter) = &mut self.meter {
            meter.show(progress);
        }
    }
}

/// The line on a terminal that says how far the sweep has come.
struct Meter<'s> {
    begun: Instant,
    shown: Option<Instant>,
    say: &'s Say,
}

impl Meter<'_> {
    fn show(&mut self, progress: &Progress) {
        const EVERY: Duration = Duration::from_millis(200);
        if self.shown.is_some_and(|shown| shown.elapsed() < EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let (files, findings) = (progress.files, progress.findings);
        let (megabytes, rate) = (progress.bytes / 1_000_000, progress.bytes as f64 / 1e6 / seconds);
        let line = ungcuu_kit::text!(
            "{files} tệp, {megabytes} MB, {findings} phát hiện, {rate:.0} MB/giây",
            "{files} files, {megabytes} MB, {findings} findings, {rate:.0} MB/s"
        );
        let _ = write!(io::stderr(), "\r\x1b[K{}", line.get(self.say.0));
    }

    fn wipe(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
