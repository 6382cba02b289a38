//! Has a task of [`super::probe`] done and hears what comes of it, line by line. By a child of the product's own binary, which
//! bounds its memory and time; where there is none (tests, chores), by a thread of this process.

use std::io::{self, Write};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;
use ungcuu_kit::error::{Error, Result};

use super::probe::{self, Said, Task};
use crate::app::App;

/// How many lines may wait to be heard; a slow listener slows the work.
const WAITING: usize = 256;
/// How long a child may take until it has read its task.
const BEGINNING: Duration = Duration::from_secs(60);
/// The longest line, in bytes: a finding with the fields of a whole event.
const LONGEST: usize = 8 << 20;

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// A finding, as it stands in the result: a JSON object and the end of its line.
    Finding(Vec<u8>),
    Said(Said),
}

/// A task under way. Dropped, it ends.
pub enum Talk {
    Child(Box<Talking>),
    Thread(mpsc::Receiver<Vec<u8>>),
}

/// A child at work.
pub struct Talking {
    /// Killed when it is dropped.
    _child: Child,
    output: BufReader<ChildStdout>,
    /// What came of a line so far.
    line: Vec<u8>,
}

impl Talk {
    /// Begins a task.
    pub async fn begin(app: &App, task: &Task) -> Result<Talk> {
        let task = serde_json::to_vec(task)?;
        let Some((program, arguments)) = app.settings.examiner.split_first() else {
            let (give, lines) = mpsc::channel(WAITING);
            std::thread::spawn(move || {
                let mut out = Lines { give, line: Vec::new() };
                if let Err(error) = probe::work(task.as_slice(), &mut out) {
                    tracing::debug!("an examination ended: {error}");
                }
            });
            return Ok(Talk::Thread(lines));
        };
        let mut child = Command::new(program)
            .args(arguments)
            // Neither a database's address nor a token is its business.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let gone = || Error::internal(anyhow::anyhow!("a child has both ends"));
        let (mut input, output) = (child.stdin.take().ok_or_else(gone)?, child.stdout.take().ok_or_else(gone)?);
        // It reads the whole task before it says anything. One that died before says nothing either.
        let _ = timeout(BEGINNING, input.write_all(&task)).await;
        drop(input);
        let output = BufReader::with_capacity(1 << 16, output);
        Ok(Talk::Child(Box::new(Talking { _child: child, output, line: Vec::new() })))
    }

    /// The next line; none when nothing more will come. Nothing is lost by giving up waiting for it.
    pub async fn hear(&mut self) -> Option<Heard> {
        loop {
            let line = match self {
                Talk::Child(talking) => next_line(&mut talking.output, &mut talking.line).await?,
                Talk::Thread(lines) => lines.recv().await?,
            };
            if let Some(heard) = understood(line) {
                return Some(heard);
            }
        }
    }
}

/// A line without its two letters in front; one that cannot be understood is passed over.
fn understood(mut line: Vec<u8>) -> Option<Heard> {
    if line.len() < 2 {
        return None;
    }
    let rest = line.split_off(2);
    match line.as_slice() {
        b"F " => Some(Heard::Finding(rest)),
        b"S " => serde_json::from_slice(&rest).ok().map(Heard::Said),
        _ => None,
    }
}

/// The next whole line; what was read of it so far is kept in `line`, for whoever stopped waiting.
async fn next_line(output: &mut BufReader<ChildStdout>, line: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        let buffer = output.fill_buf().await.ok()?;
        if buffer.is_empty() {
            // What was cut off in the middle is nothing.
            return None;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        line.extend_from_slice(&buffer[..taken]);
        output.consume(taken);
        if line.len() > LONGEST {
            return None;
        }
        if end.is_some() {
            return Some(std::mem::take(line));
        }
    }
}

/// Cuts what is written into lines for somebody else to hear.
struct Lines {
    give: mpsc::Sender<Vec<u8>>,
    line: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.give.blocking_send(line).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
