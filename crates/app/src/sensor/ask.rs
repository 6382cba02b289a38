//! Has a task of [`super::probe`] done and hears what comes of it, line by line. By a child of the product's own binary, which
//! bounds its memory and time; where there is none (tests, chores), by a thread of this process.

use std::io::{self, Write};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use ungcuu_kit::error::{Error, Result};

use super::probe::{self, Said, Task};
use crate::app::App;

/// How many lines may wait to be heard; a slow listener slows the work.
const WAITING: usize = 256;
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
pub struct Talk {
    lines: mpsc::Receiver<Vec<u8>>,
    _child: Option<Child>,
}

impl Talk {
    /// Begins a task.
    pub async fn begin(app: &App, task: &Task) -> Result<Talk> {
        let task = serde_json::to_vec(task)?;
        let (give, lines) = mpsc::channel(WAITING);
        let Some((program, arguments)) = app.settings.examiner.split_first() else {
            std::thread::spawn(move || {
                let mut out = Lines { give, line: Vec::new() };
                if let Err(error) = probe::work(task.as_slice(), &mut out) {
                    tracing::debug!("an examination ended: {error}");
                }
            });
            return Ok(Talk { lines, _child: None });
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
        tokio::spawn(async move {
            // One that died before it had read its task says nothing either.
            let _ = input.write_all(&task).await;
            drop(input);
            let mut output = BufReader::with_capacity(1 << 16, output);
            while let Some(line) = next_line(&mut output).await {
                if give.send(line).await.is_err() {
                    return;
                }
            }
        });
        Ok(Talk { lines, _child: Some(child) })
    }

    /// The next line; none when nothing more will come.
    pub async fn hear(&mut self) -> Option<Heard> {
        loop {
            let line = self.lines.recv().await?;
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

async fn next_line(output: &mut BufReader<tokio::process::ChildStdout>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
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
            return Some(line);
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
