//! `ungcuu sweep`: is any of these files malicious, and are they still what they were?
//!
//! Findings go to standard output or to a file, words for people to standard error. 0 nothing found, 1 something found or changed, 2 the
//! answer is not whole, a baseline was altered, or a file could not be put into the vault.

mod say;
mod vault;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ungcuu_detect::sweep::baseline::{self, Change};
use ungcuu_detect::sweep::lists::{self, List};
use ungcuu_detect::sweep::output::Writer;
use ungcuu_detect::sweep::vault::Vault;
use ungcuu_detect::sweep::yara::Rules;
use ungcuu_detect::sweep::{Finding, LARGEST, Marked, Progress, Report, Sweep as Sweeping, own, resolved, sources};

use crate::tell::{Common, Meter, NOT_WRITTEN, Out, Say, beside, shown};

#[derive(Args)]
pub struct Sweep {
    /// Tệp hoặc thư mục cần quét. Files or folders.
    #[arg(required_unless_present_any = ["list", "restore", "delete"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Thư mục hoặc tệp quy tắc YARA; không ghi thì dùng bộ có sẵn. YARA rules; those that are built in if not said.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Với --rules: dùng cả bộ quy tắc có sẵn. With --rules: the built-in rules are used, too.
    #[arg(long, requires = "rules")]
    own_rules: bool,
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
}

/// Microseconds since 1970.
fn now() -> i64 {
    ungcuu_kit::time::Clock::System.now().0
}

impl Sweep {
    pub fn run(&self) -> Result<ExitCode> {
        let say = self.common.say();
        let vault = match &self.quarantine {
            Some(folder) => Some(vault::open(folder, say)?),
            None => None,
        };
        if let Some(mut vault) = vault {
            if self.list {
                return vault::list(&vault, self.format == Format::Jsonl, say);
            }
            if let Some(id) = &self.restore {
                return vault::restore(&mut vault, id, self.to.as_deref(), say);
            }
            if let Some(id) = &self.delete {
                return vault::delete(&mut vault, id, say);
            }
            return self.sweep(say, Some(vault));
        }
        self.sweep(say, None)
    }

    fn sweep(&self, say: Say, vault: Option<Vault>) -> Result<ExitCode> {
        let kept = match &self.baseline {
            Some(path) => Some(baseline::open(path, self.key.as_deref()).map_err(|fault| say::baseline_fault(&fault))?),
            None => None,
        };
        let rules = self.read_rules(say)?;
        let (allow, deny) = (read_lists(&self.allow, say)?, read_lists(&self.deny, say)?);
        let mut skip: Vec<PathBuf> = Vec::new();
        skip.extend(self.quarantine.iter().map(|path| resolved(path)));
        skip.extend(self.common.out_files().map(|path| resolved(&path)));
        skip.extend(self.baseline.iter().flat_map(|path| [resolved(path), resolved(&beside(path))]));
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
        let mut telling = Telling {
            writer: Writer::default(),
            format: self.format,
            summary: say::Summary::default(),
            meter: Meter::begin(&say),
            vault,
            now,
            moved: 0,
            not_moved: Vec::new(),
            out: Out::open(self.common.out.as_deref())?,
        };
        let outcome = telling.head().and_then(|()| sweeping.run(&paths, self.common.threads(), &mut telling));
        telling.meter.wipe();
        let Telling { summary, moved, not_moved, out, .. } = telling;
        let mut outcome = outcome.context(NOT_WRITTEN)?;
        out.finish().context(NOT_WRITTEN)?;
        if let (Some(kept), Some(next), false) = (&kept, &outcome.next, self.keep) {
            kept.keeper.save(next).map_err(|fault| say::baseline_fault(&fault))?;
        }
        outcome.next = None;
        say::summary(say, &summary);
        if let Some(kept) = &kept {
            say::baseline(say, &kept.baseline, outcome.changes, &kept.key);
        }
        say::outcome(say, &outcome);
        say::moved(say, moved, &not_moved);
        let whole = outcome.unread.is_empty() && outcome.timed_out.is_empty() && not_moved.is_empty();
        if !whole {
            say.not_whole();
        }
        Ok(match (whole, outcome.progress.findings + outcome.changes) {
            (false, _) => ExitCode::from(2),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }

    fn read_rules(&self, say: Say) -> Result<Rules> {
        let (given, unread) = sources(&self.rules);
        let own = self.own_rules || self.rules.is_empty();
        let sources = [if own { own::sources() } else { Vec::new() }, given].concat();
        let rules = match self.common.kept_folder() {
            // A folder of its own, which nobody else can write to: the engine trusts what it kept.
            Some(folder) => Rules::compile_kept(&sources, &folder.join("yara")),
            None => Rules::compile(&sources),
        };
        say.sources(&self.rules, self.own_rules);
        say::rules(say, &rules, &unread);
        if rules.all().is_empty() {
            bail!("không có quy tắc nào dùng được (no rule can be used)");
        }
        Ok(rules)
    }
}

fn read_lists(paths: &[PathBuf], say: Say) -> Result<List> {
    let mut text = String::new();
    for path in paths {
        let about = std::fs::metadata(path).with_context(|| path.display().to_string())?;
        if about.len() > lists::LARGEST {
            bail!("{}: danh sách quá dài (the list is too long)", path.display());
        }
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let list = List::read(&String::from_utf8_lossy(&bytes));
        say::odd_lines(say, path, &list);
        text.push_str(&String::from_utf8_lossy(&bytes));
        text.push('\n');
    }
    Ok(List::read(&text))
}

struct Telling {
    writer: Writer,
    format: Format,
    summary: say::Summary,
    meter: Meter,
    vault: Option<Vault>,
    now: i64,
    moved: u64,
    not_moved: Vec<String>,
    out: Out,
}

impl Telling {
    fn head(&mut self) -> io::Result<()> {
        if self.format == Format::Csv { self.writer.csv_head(&mut self.out) } else { Ok(()) }
    }
}

impl Report for Telling {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.summary.add(finding);
        match self.format {
            Format::Table => self.writer.table(finding, &mut self.out),
            Format::Jsonl => self.writer.json(finding, &mut self.out),
            Format::Csv => self.writer.csv(finding, &mut self.out),
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
            Format::Table => self.writer.change_table(change, &mut self.out),
            Format::Jsonl => self.writer.change_json(change, &mut self.out),
            Format::Csv => self.writer.change_csv(change, &mut self.out),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        self.meter.show(|seconds| say::progress(progress, seconds));
    }
}
