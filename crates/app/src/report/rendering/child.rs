//! The process that lays documents out: started when it is needed, kept for the next document, ended when it takes too
//! long. It bounds its own memory and leaves by itself when it has grown, has made many or had nothing to do.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use ungcuu_kit::error::Result;
use ungcuu_render::worker::{FAILED, FILE, GREETING, HEAD, JOB, Job, LARGEST, WITHOUT_PDF, head, read_head};
use ungcuu_render::{Document, Format};

use super::Limits;

/// How long a child that fell silent may take to end by itself.
const LAST_BREATH: Duration = Duration::from_secs(5);

/// What came of a job.
pub enum Outcome {
    File(Bytes),
    WithoutPdf,
    /// Not even tried: so many bytes.
    TooMuchText(usize),
    /// The child died of it.
    TooLarge,
    TooLong,
}

/// A child that has greeted and waits for a job.
pub struct Child {
    /// Ends with this value, however it is lost.
    process: tokio::process::Child,
    input: ChildStdin,
    output: ChildStdout,
    /// The font family of its PDF files.
    pub family: String,
}

impl Child {
    /// Starts a child and waits until it is ready.
    pub async fn start(program: &Path, limits: &Limits) -> Result<Child> {
        let mut command = Command::new(program);
        // Nothing of this process' surroundings is its business: neither a database's address nor a token.
        command.env_clear().envs(std::env::var_os("HOME").map(|home| ("HOME", home)));
        #[cfg(unix)]
        command.arg0("ungcuu");
        command.arg("render-worker").args(["--memory", &limits.memory.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("starting the child that makes documents")?;
        let input = process.stdin.take().context("a child has an input")?;
        let output = process.stdout.take().context("a child has an output")?;
        let mut child = Child { process, input, output, family: String::new() };
        let greeting = timeout(limits.time, child.hear()).await;
        let greeting = greeting.context("the child that makes documents does not greet")?;
        match greeting.context("the child that makes documents does not start")? {
            (GREETING, family) => child.family = String::from_utf8_lossy(&family).into_owned(),
            (kind, _) => return Err(anyhow!("the child that makes documents greets with {kind}").into()),
        }
        Ok(child)
    }

    async fn ask(&mut self, job: &[u8]) -> anyhow::Result<(u8, Bytes)> {
        self.input.write_all(&head(JOB, job.len())).await?;
        self.input.write_all(job).await?;
        self.hear().await
    }

    async fn hear(&mut self) -> anyhow::Result<(u8, Bytes)> {
        let mut first = [0; HEAD];
        self.output.read_exact(&mut first).await?;
        let (kind, length) = read_head(first);
        if length > LARGEST {
            bail!("an answer of {length} bytes");
        }
        let mut content = vec![0; length];
        self.output.read_exact(&mut content).await?;
        Ok((kind, content.into()))
    }
}

/// Has a document made. The child is away from the bench while it works: whoever is cut off in between loses it, and it ends.
pub async fn make(
    bench: &mut Option<Child>,
    program: &Path,
    limits: &Limits,
    document: &Document,
    format: Format,
) -> Result<Outcome> {
    let job = serde_json::to_vec(&Job { format, document })?;
    if job.len() > limits.job {
        return Ok(Outcome::TooMuchText(job.len()));
    }
    // One that waited may have left just now or been killed for something else, so a fresh one has the last word.
    for kept in [bench.take(), None] {
        let waited = kept.is_some();
        let mut child = match kept {
            Some(child) => child,
            None => Child::start(program, limits).await?,
        };
        let Ok(answer) = timeout(limits.time, child.ask(&job)).await else {
            tracing::warn!(seconds = limits.time.as_secs(), "a document took too long and its child was ended");
            return Ok(Outcome::TooLong);
        };
        match answer {
            Ok((FILE, file)) => {
                *bench = Some(child);
                return Ok(Outcome::File(file));
            }
            Ok((WITHOUT_PDF, _)) => {
                *bench = Some(child);
                return Ok(Outcome::WithoutPdf);
            }
            Ok((FAILED, why)) => {
                return Err(anyhow!("a document could not be made: {}", String::from_utf8_lossy(&why)).into());
            }
            Ok((kind, _)) => return Err(anyhow!("the child that makes documents answers with {kind}").into()),
            Err(_) if waited => {}
            Err(cause) => {
                let ended = timeout(LAST_BREATH, child.process.wait()).await;
                tracing::warn!(?ended, %cause, "a document was too much for its child");
                return Ok(Outcome::TooLarge);
            }
        }
    }
    Ok(Outcome::TooLarge)
}
