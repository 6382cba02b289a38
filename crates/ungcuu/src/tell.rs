//! How the commands that look for findings tell of them: findings to standard output or a file, words for people to
//! standard error, how far they are on a terminal.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use ungcuu_detect::hunt::output::visible;
use ungcuu_kit::text::{Lang, Text};

/// A line on standard error. Whoever reads there may have gone away (`| head`): no reason to fail, the exit code still tells.
macro_rules! tell {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}
pub(crate) use tell;

/// How many refused rules, unread files and the like are listed before the rest is only counted.
pub const LISTED: usize = 20;

/// What the commands that look for findings have in common.
#[derive(Args)]
pub struct Common {
    /// Ghi kết quả vào tệp. Writes findings to a file, which appears under its name when it is whole.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Số luồng; mặc định bằng số bộ xử lý. How many threads; as many as processors if not said.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Không giữ lại quy tắc đã đọc cho lần sau. Does not keep the rules that were read for the next time.
    #[arg(long)]
    no_cache: bool,
    /// Nói bằng tiếng Anh. Speaks English.
    #[arg(long)]
    english: bool,
}

impl Common {
    /// Who speaks to the reader.
    pub fn say(&self) -> Say {
        Say(if self.english { Lang::En } else { Lang::Vi })
    }

    /// How many threads work.
    pub fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1)
    }

    /// Where this account keeps what can be made again, if it may be kept.
    pub fn kept_folder(&self) -> Option<PathBuf> {
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = named("XDG_CACHE_HOME")
            .or_else(|| named("LOCALAPPDATA"))
            .or_else(|| named("HOME").map(|home| home.join(".cache")))?;
        (!self.no_cache).then(|| base.join("ungcuu"))
    }

    /// The file of the results, finished and not.
    pub fn out_files(&self) -> impl Iterator<Item = PathBuf> {
        self.out.iter().flat_map(|path| [path.clone(), beside(path)])
    }
}

/// Where a file is written until it is whole.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Where findings go.
pub enum Out {
    Standard(BufWriter<io::Stdout>),
    /// Written beside its place and moved there when it is whole.
    File(BufWriter<File>, PathBuf),
}

impl Out {
    pub fn open(path: Option<&Path>) -> Result<Out> {
        /// Findings come by the thousand.
        const BUFFER: usize = 1 << 20;
        let Some(path) = path else { return Ok(Out::Standard(BufWriter::with_capacity(BUFFER, io::stdout()))) };
        let part = beside(path);
        let file = File::create(&part).with_context(|| format!("không tạo được {} (cannot create)", part.display()))?;
        Ok(Out::File(BufWriter::with_capacity(BUFFER, file), path.to_owned()))
    }

    fn to(&mut self) -> &mut dyn Write {
        match self {
            Out::Standard(out) => out,
            Out::File(out, _) => out,
        }
    }

    /// All is written.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Out::File(out, path) = &self {
            out.get_ref().sync_all()?;
            std::fs::rename(beside(path), path)?;
        }
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // What is not whole is of no use, and may have filled the disk. What is whole is no longer there.
        if let Out::File(_, path) = self {
            _ = std::fs::remove_file(beside(path));
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to().flush()
    }
}

/// The line on a terminal that says how far it has come; nothing where nobody watches.
pub struct Meter {
    watched: bool,
    begun: Instant,
    shown: Option<Instant>,
    lang: Lang,
}

impl Meter {
    pub fn begin(say: &Say) -> Meter {
        Meter { watched: io::stderr().is_terminal(), begun: Instant::now(), shown: None, lang: say.0 }
    }

    /// Shows what `words` say, given the seconds since the beginning, unless it has just been shown.
    pub fn show(&mut self, words: impl FnOnce(f64) -> Text) {
        const EVERY: Duration = Duration::from_millis(200);
        if !self.watched || self.shown.is_some_and(|shown| shown.elapsed() < EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let words = words(self.begun.elapsed().as_secs_f64().max(0.001));
        let _ = write!(io::stderr(), "\r\x1b[K{}", words.get(self.lang));
    }

    pub fn wipe(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Speaks in the reader's language, on standard error.
#[derive(Clone, Copy)]
pub struct Say(pub Lang);

impl Say {
    pub fn text(self, text: &Text) {
        tell!("{}", text.get(self.0));
    }

    /// A line for each, as far as they are listed, and how many more there are.
    pub fn list<T>(self, items: impl ExactSizeIterator<Item = T>, line: impl Fn(T) -> Text) {
        let all = items.len();
        items.take(LISTED).for_each(|item| self.text(&line(item)));
        self.more(all);
    }

    /// How many of `all` are not listed.
    pub fn more(self, all: usize) {
        if all > LISTED {
            let more = all - LISTED;
            self.text(&ungcuu_kit::text!("… và {more} mục nữa.", "… and {more} more."));
        }
    }

    /// A rule, or a file of them, that is not used.
    pub fn refused(self, path: &str, line: impl std::fmt::Display, reason: &str) {
        let why = shown(&format!("{path}:{line}: {reason}"));
        self.text(&ungcuu_kit::text!("Không dùng được: {why}", "Refused: {why}"));
    }

    /// Whose rules are used.
    pub fn sources(self, rules: &[PathBuf], own: bool) {
        let names = rules.iter().map(|path| shown(&path.to_string_lossy())).collect::<Vec<_>>().join(", ");
        self.text(&match (rules.is_empty(), own) {
            (true, _) => Text::new("Dùng bộ quy tắc có sẵn.", "The built-in rules are used."),
            (false, true) => ungcuu_kit::text!(
                "Dùng bộ quy tắc có sẵn và quy tắc ở {names}.",
                "The built-in rules are used, and those of {names}."
            ),
            (false, false) => ungcuu_kit::text!(
                "Chỉ dùng quy tắc ở {names}, không dùng bộ có sẵn (thêm --own-rules để dùng cả hai).",
                "Only the rules of {names} are used, not the built-in ones (--own-rules adds them)."
            ),
        });
    }

    /// The last word where something is missing.
    pub fn not_whole(self) {
        self.text(&Text::new("KẾT QUẢ CHƯA ĐẦY ĐỦ.", "THE RESULT IS NOT WHOLE."));
    }
}

/// What it means when findings cannot be written.
pub const NOT_WRITTEN: &str = "kết quả chưa ghi được trọn vẹn (the findings could not be written whole)";

/// Text fit for a terminal.
pub fn shown(text: &str) -> String {
    let mut out = Vec::new();
    visible(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}
